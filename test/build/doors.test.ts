import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROOT } from '../../build/build.mjs'

// A small house in which every wall is broken once: a rule that finds nothing here would find nothing there.
let house: string

const FILES: Record<string, string> = {
  'core/contract/door.ts': 'export const door = 1\nexport type Door = 1\n',
  'core/contract/bad.ts': "import '../lab.ts'\nimport 'vue'\n",
  'core/lab.ts': "import { readFileSync } from 'node:fs'\nimport 'ws'\nexport const lab = readFileSync\n",
  'core/scenario/load.ts': "import 'yaml'\nimport 'node:path'\n",
  'core/wire/wire.ts': "import 'vue'\nimport 'node:net'\nimport 'ws'\nimport '../lab.ts'\nimport '../../electron/ipc.ts'\n",
  'core/cycle/a.ts': "import { b } from './b.ts'\nexport const a = (): unknown => b\n",
  'core/cycle/b.ts': "import { a } from './a.ts'\nexport const b = (): unknown => a\n",
  'electron/preload.ts':
    "import { door } from '../core/contract/door.ts'\nimport type { Door } from '../core/contract/door.ts'\nimport 'node:fs'\nexport const x: Door | typeof door = door\n",
  'electron/ipc.ts':
    "import { ipcMain } from 'electron'\nimport type { App } from 'electron'\nimport 'vue'\nexport const x = (app: App): unknown => [app, ipcMain]\n",
  'renderer/app.ts':
    "import { door } from '../core/contract/door.ts'\nimport type { Door } from '../core/contract/door.ts'\nimport 'vue'\nimport 'ws'\nimport 'node:fs'\nexport const x: Door = door\n",
  'renderer/deep.ts': "import type { lab } from '../core/lab.ts'\nexport type X = typeof lab\n",
  'build/tool.ts': "import '../test/double.ts'\nimport './missing.ts'\n",
  'test/double.ts': 'export {}\n',
}

beforeAll(() => {
  house = mkdtempSync(join(tmpdir(), 'push-lab-doors-'))
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(house, path)), { recursive: true })
    writeFileSync(join(house, path), text)
  }
  for (const file of ['package.json', 'tsconfig.json', 'tsconfig.base.json', '.dependency-cruiser.cjs', '.oxlintrc.json']) {
    copyFileSync(join(ROOT, file), join(house, file))
  }
  symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'), 'junction')
})
afterAll(() => rmSync(house, { recursive: true, force: true }))

describe('the doors between the rooms', () => {
  type Violation = { from: string; to: string; rule: { name: string } }
  let found: string[]
  beforeAll(() => {
    const cli = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
    const { stdout } = spawnSync(process.execPath, [cli, '--output-type', 'json', 'core', 'electron', 'renderer', 'build', 'test'], {
      cwd: house,
      maxBuffer: 2 ** 26,
    })
    const { summary } = JSON.parse(String(stdout)) as { summary: { violations: Violation[] } }
    found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to.replace(/^.*node_modules\/([^/]+).*$/, '$1')}`)
  })

  it.each([
    'no-cycles: core/cycle/a.ts -> core/cycle/b.ts',
    'resolvable: build/tool.ts -> ./missing.ts',
    'product-not-from-tests: build/tool.ts -> test/double.ts',
    'contract-alone: core/contract/bad.ts -> core/lab.ts',
    'contract-alone: core/contract/bad.ts -> vue',
    'core-pure: core/lab.ts -> fs',
    'core-pure: core/lab.ts -> ws',
    'scenario-pure: core/scenario/load.ts -> path',
    'wire-own-libraries: core/wire/wire.ts -> vue',
    'core-does-not-know-its-shells: core/wire/wire.ts -> electron/ipc.ts',
    'preload-alone: electron/preload.ts -> fs',
    'preload-types-only: electron/preload.ts -> core/contract/door.ts',
    'electron-imported-once: electron/ipc.ts -> electron',
    'electron-room: electron/ipc.ts -> vue',
    'renderer-room: renderer/app.ts -> ws',
    'renderer-room: renderer/app.ts -> fs',
    'renderer-room: renderer/deep.ts -> core/lab.ts',
    'renderer-contract-types-only: renderer/app.ts -> core/contract/door.ts',
  ])('%s', (violation) => {
    expect(found).toContain(violation)
  })

  it('let through what is allowed', () => {
    expect(
      found.filter((violation) => /scenario.* -> yaml|wire\.ts -> (net|ws|core\/lab\.ts)|renderer\/app\.ts -> vue/.test(violation)),
    ).toEqual([])
  })
})

describe('the language of the simulation', () => {
  const CODE: Record<string, string> = {
    Date: 'export const x = Date.now()',
    performance: 'export const x = performance.now()',
    setTimeout: 'setTimeout(() => {}, 1)',
    queueMicrotask: 'queueMicrotask(() => {})',
    crypto: 'export const x = crypto.randomUUID()',
    'Math.random': 'export const x = Math.random()',
    'Math.log': 'export const x = Math.log(2)',
    async: 'export async function x(): Promise<void> {}',
    localeCompare: "export const x = 'a'.localeCompare('b')",
    console: "console.log('x')",
  }
  let found: string
  beforeAll(() => {
    for (const [name, code] of Object.entries(CODE)) {
      for (const room of ['core/engine', 'core/wire']) {
        mkdirSync(join(house, room), { recursive: true })
        writeFileSync(join(house, room, `${name}.ts`), `${code}\n`)
      }
    }
    const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/oxlint'), ['--format=unix', 'core/engine', 'core/wire'], {
      cwd: house,
      shell: process.platform === 'win32',
    })
    found = String(stdout).replaceAll('\\', '/')
  })

  it.each(Object.keys(CODE))('has no %s; the wire may', (name) => {
    expect(found).toContain(`core/engine/${name}.ts:`)
    expect(found).not.toContain(`core/wire/${name}.ts:`)
  })
})
