/**
 * `npm test`: everything that must hold, in the order in which it is cheapest to fail. A lane that this
 * machine cannot run is left out with a sentence; under CI=true that is a failure.
 *
 *   npm test -- --only unit,e2e:browser     some of the lanes
 */
import './needsNode.mjs'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ROOT } from './build.mjs'
import { installedChromium } from './chromium.ts'
import { installedElectron } from './electronRuntime.mjs'

type Counts = { passed: number; failed: number }
type Lane = {
  name: string
  command: string[]
  /** Reads what a test runner counted; a plain check counts as one. */
  counts?: (report: string) => Counts
  /** Why this machine cannot run it, or null. */
  missing?: () => string | null
}

const CI = process.env['CI'] === 'true'
const CACHE = join(ROOT, '.cache')
const bin = (name: string): string => join(ROOT, 'node_modules/.bin', process.platform === 'win32' ? `${name}.cmd` : name)
const reportOf = (lane: string): string => join(CACHE, `${lane.replace(':', '-')}.json`)

const LANES: Lane[] = [
  { name: 'format', command: [bin('oxfmt'), '--check', '.'] },
  { name: 'lint', command: [bin('oxlint'), '--deny-warnings'] },
  { name: 'types', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'doors', command: ['npm', 'run', '--silent', 'doors'] },
  {
    name: 'unit',
    command: [bin('vitest'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportOf('unit')}`],
    counts: fromVitest,
  },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  playwright('browser', () => (installedChromium() === null ? 'no Chromium is installed (set PUSHLAB_CHROMIUM to one)' : null)),
  playwright('electron', () =>
    installedElectron() === null ? "Electron's runtime is not here (`npx install-electron` fetches it)" : whyNoDisplay(),
  ),
]

function playwright(project: string, missing: () => string | null): Lane {
  const command = [bin('playwright'), 'test', '-c', 'test/e2e/playwright.config.ts', '--project', project]
  return { name: `e2e:${project}`, command, missing, counts: fromPlaywright }
}

/** Linux without a screen gets a virtual one where xvfb-run is installed. */
const needsXvfb = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']
function whyNoDisplay(): string | null {
  return needsXvfb && spawnSync('xvfb-run', ['--help'], { stdio: 'ignore' }).error !== undefined
    ? 'there is no display and no xvfb-run'
    : null
}

function fromVitest(report: string): Counts {
  const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(report)
  // A file that does not load has no tests to count.
  return { passed: numPassedTests, failed: Math.max(numFailedTests, numFailedTestSuites) }
}

function fromPlaywright(report: string): Counts {
  const { stats } = JSON.parse(report)
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky }
}

function runLane(lane: Lane): Counts {
  const report = reportOf(lane.name)
  rmSync(report, { force: true })
  const [command = '', ...args] = lane.name === 'e2e:electron' && needsXvfb ? ['xvfb-run', '-a', ...lane.command] : lane.command
  const { status } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, PUSHLAB_REPORT: report },
  })
  const counted =
    lane.counts === undefined || !existsSync(report)
      ? { passed: status === 0 ? 1 : 0, failed: 0 }
      : lane.counts(readFileSync(report, 'utf8'))
  return status === 0 ? counted : { ...counted, failed: Math.max(counted.failed, 1) }
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const only = values.only?.split(',')
const unknown = only?.filter((name) => !LANES.some((lane) => lane.name === name)) ?? []
if (unknown.length > 0) {
  console.error(`There is no lane ${unknown.join(', ')}. There are: ${LANES.map(({ name }) => name).join(', ')}.`)
  process.exit(2)
}

mkdirSync(CACHE, { recursive: true })
const total: Counts = { passed: 0, failed: 0 }
const summary: string[] = []
for (const lane of LANES.filter(({ name }) => only === undefined || only.includes(name))) {
  const missing = lane.missing?.() ?? null
  if (missing !== null) {
    if (CI) total.failed += 1
    summary.push(`${lane.name.padEnd(14)} ${CI ? 'FAILED' : 'left out'}: ${missing}`)
    continue
  }
  console.log(`\n--- ${lane.name}`)
  const startedMs = performance.now()
  const { passed, failed } = runLane(lane)
  total.passed += passed
  total.failed += failed
  summary.push(
    `${lane.name.padEnd(14)} ${failed === 0 ? 'ok' : 'FAILED'}: ${passed} passed, ${failed} failed, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`,
  )
}
console.log(`\n${summary.join('\n')}\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed === 0 ? 0 : 1
