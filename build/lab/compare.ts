/**
 * `lab compare A B`: runs two scenarios or recorded runs and says in what they differ. Exit 0 when they are the
 * same, 1 when they differ, 2 when one cannot be read, 130 when it was interrupted.
 */
import { comparedRun, compare as compareRuns, type Compared } from '../../core/compare.ts'
import type { Issue } from '../../core/contract/door.ts'
import type { ComparedFlow, ComparedRuns } from '../../core/contract/compare.ts'
import { parseDurationMs, MAX_DURATION_MS } from '../../core/contract/values.ts'
import { printable, clockText, spanText } from '../../core/ladder/words.ts'
import { Run } from '../../core/run.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { againstRecord, endOfRecord } from '../../core/wire/recorded.ts'
import { complain } from './complain.ts'
import { INTERRUPTED_EXIT, NO_PROGRESS, progressOn, watchInterrupt } from './drive.ts'
import { issueLines } from './issueText.ts'
import { openLab } from './openLab.ts'
import { createOutput, type Output } from './output.ts'
import { got } from './runOptions.ts'
import { hopText } from './runText.ts'

const USAGE = `Usage: npm run lab -- compare A B [--until T] [--json] [--progress]

Runs two labs in step and says in what they differ: flows, outcomes, pushes, counters, alarms, devices.

  A, B        scenario files, or runs that were exported (.jsonl), in either order
  --until T   how far to run both; the longer of the two otherwise
  --json      one object (docs/lab-cli.md)

Exit code 0: they are the same, event by event; 1: they differ; 2: one cannot be read; 130: stopped by Ctrl-C.`

/** Virtual time between two looks at the other side. */
const SLICE_MS = 1_000
const LISTED = 20

type Opened = {
  run: Run
  compared: Compared
  untilMs: number
  /** Of a recorded run: where it came out differently than recorded. */
  complaint: () => Issue | null
}

export async function compare(args: string[]): Promise<number> {
  const output = createOutput(process.stdout)
  const files: string[] = []
  let json = false
  let progress = false
  let until: number | null = null
  const bad = (message: string): number => complain(message, USAGE, 'compare')
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--help' || arg === '-h') {
      output.line(USAGE)
      await output.settle()
      return 0
    } else if (arg === '--json') json = true
    else if (arg === '--progress') progress = true
    else if (arg === '--until' || arg.startsWith('--until=')) {
      const text = arg === '--until' ? rest.shift() : arg.slice('--until='.length)
      until = text === undefined ? null : parseDurationMs(text)
      if (until === null || until > MAX_DURATION_MS)
        return bad(`--until needs a time such as 250, 13s, 20min or 60d (at most 400 days)${got(text)}.`)
    } else if (/^--(json|progress)=/.test(arg)) return bad(`${arg.slice(0, arg.indexOf('='))} takes no value.`)
    else if (arg.startsWith('-') && arg !== '-') return bad(`There is no option ${printable(arg)}.`)
    else files.push(arg)
  }
  const [a, b] = files
  if (a === undefined || b === undefined || files.length > 2) return bad(`Two files are compared, and ${files.length} were named.`)
  if (a === '-' && b === '-') return bad('Only one of the two can be read from standard input.')
  const before = await open(a)
  const after = before && (await open(b))
  if (before === null || after === null) return 2

  const untilMs = until ?? Math.max(before.untilMs, after.untilMs)
  const comparison = compareRuns(before.compared, after.compared)
  const shown = progress || process.stderr.isTTY ? progressOn(process.stderr) : NO_PROGRESS
  const interrupt = watchInterrupt()
  let at = 0
  do {
    at = Math.min(untilMs, at + SLICE_MS)
    comparison.goTo(at)
    shown.show(untilMs === 0 ? 1 : at / untilMs, at, before.run.lab.world.log.total + after.run.lab.world.log.total)
    await output.settle()
  } while (at < untilMs && !interrupt.seen && !output.closed)
  shown.clear()
  interrupt.stop()
  const result = comparison.result()
  if (json) output.line(JSON.stringify({ type: 'comparison', before: a, after: b, ...result }))
  else print(output, a, b, result)
  for (const [file, opened] of [
    [a, before],
    [b, after],
  ] as const) {
    const issue = opened.complaint()
    if (issue) process.stderr.write(`${issueLines(file, [issue]).join('\n')}\n`)
  }
  await output.settle()
  if (output.closed) return output.closedExit
  if (interrupt.seen && at < untilMs) return INTERRUPTED_EXIT
  return result.same ? 0 : 1
}

async function open(file: string): Promise<Opened | null> {
  const opened = await openLab(file, process.stdin)
  if (opened.kind === 'bad') {
    process.stderr.write(`${opened.lines.join('\n')}\n`)
    return null
  }
  if (opened.kind === 'scenario') {
    const { scenario } = opened
    const run = new Run(scenario, { sealer: nodeSealer, file, rehearse: true })
    return { run, compared: comparedRun(run), untilMs: scenario.until, complaint: () => null }
  }
  const { stored } = opened
  const { scenario, seed, inputs, rehearsed } = stored
  const run = new Run(scenario, { sealer: nodeSealer, file, seed, rehearse: rehearsed }, inputs)
  const record = againstRecord(stored)
  const compared = comparedRun(run)
  compared.events = (reader) => {
    run.lab.onEvent = (event) => {
      record.onEvent(event)
      reader?.(event)
    }
  }
  return { run, compared, untilMs: endOfRecord(stored).at, complaint: () => record.issue(run, false) }
}

function print(output: Output, a: string, b: string, runs: ComparedRuns): void {
  output.line(`before: ${printable(runs.titles.before ?? '')} (${printable(a)}), ${runs.events.before ?? 0} events`)
  output.line(`after:  ${printable(runs.titles.after ?? '')} (${printable(b)}), ${runs.events.after ?? 0} events`)
  output.line(`both until ${clockText(runs.untilMs)}`)
  if (runs.same) return output.line('\nThe two runs are the same, event by event.')
  const first = runs.firstDifference
  if (first) {
    output.line('\nFirst difference:')
    output.line(`  before  ${first.before ? hopText(first.before) : 'nothing more happens'}`)
    output.line(`  after   ${first.after ? hopText(first.after) : 'nothing more happens'}`)
  }
  const numbers = ({ before, after }: { before: number | null; after: number | null }): string => `${before ?? 'none'} → ${after ?? 'none'}`
  list(
    output,
    'Flows',
    runs.flows.flatMap(({ title, before, after }) => [
      `  ${printable(title)}`,
      `    before  ${flowText(before)}`,
      `    after   ${flowText(after)}`,
    ]),
    runs.more.flows,
    3,
  )
  list(
    output,
    'Outcomes',
    runs.outcomes.map((each) => `  ${each.state}: ${numbers(each)}`),
  )
  list(
    output,
    'Pushes',
    runs.pushes.map((each) => `  ${each.state}: ${numbers(each)}`),
  )
  list(
    output,
    'Counters',
    runs.counters.map((each) => `  ${each.node} ${each.name}: ${numbers(each)}`),
    runs.more.counters,
  )
  const alarm = (one: ComparedRuns['alarms'][number]['before']): string =>
    one === null
      ? 'not raised'
      : `${one.count} times from ${clockText(one.raisedAt)}${one.clearedAt === null ? '' : `, cleared at ${clockText(one.clearedAt)}`}`
  list(
    output,
    'Alarms',
    runs.alarms.map(({ node, name, before, after }) => `  ${name} on ${node}: ${alarm(before)} → ${alarm(after)}`),
    runs.more.alarms,
  )
  const device = (one: ComparedRuns['devices'][number]['before']): string =>
    one === null ? 'not there' : `${one.state}, at ${one.registeredTo ?? 'no node'}, ${one.missedCalls} missed, ${one.unread} unread`
  list(
    output,
    'Devices',
    runs.devices.map((each) => `  ${each.device}: ${device(each.before)} → ${device(each.after)}`),
    runs.more.devices,
  )
}

function flowText(flow: ComparedFlow | null): string {
  if (flow === null) return 'there is none'
  const span = (word: string, ms: number | null): string => (ms === null ? '' : `, ${word} after ${spanText(ms)}`)
  const cause = flow.cause === '' ? '' : `: ${printable(flow.cause)} [${flow.causeWhy}]`
  return `#${flow.flow} at ${clockText(flow.startedAt)} ${flow.state}${span('pushed', flow.pushAfterMs)}${span('offered', flow.offeredAfterMs)}${span('answered', flow.answeredAfterMs)}${span('ended', flow.endedAfterMs)}${cause}`
}

function list(output: Output, title: string, lines: readonly string[], more = 0, perItem = 1): void {
  if (lines.length === 0) return
  output.line(`\n${title}:`)
  for (const line of lines.slice(0, LISTED * perItem)) output.line(line)
  const left = Math.max(0, lines.length / perItem - LISTED) + more
  if (left > 0) output.line(`  and ${left} more (--json has ${more > 0 ? 'more of them' : 'them all'})`)
}
