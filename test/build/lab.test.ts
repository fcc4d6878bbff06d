import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { labBundle } from '../../build/build.mjs'
import { main } from '../../build/lab/commands.ts'
import { endLine } from '../../core/engine/journal.ts'
import { createLab } from '../../core/lab.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const FIRST_CALL = join(root, 'scenarios/first-call.yaml')
const dir = mkdtempSync(join(tmpdir(), 'push lab ü試 '))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

type Ended = { code: number | null; out: string; err: string }

/** A command of `npm run lab` in this process. */
async function lab(args: readonly string[]): Promise<Ended> {
  const said = { out: '', err: '' }
  const spies = (['out', 'err'] as const).map((name) =>
    vi.spyOn(process[`std${name}`], 'write').mockImplementation((text) => {
      said[name] += String(text)
      return true
    }),
  )
  try {
    return { code: await main(root, args[0] ?? '', args.slice(1)), ...said }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.stdout.removeAllListeners('error')
    process.stderr.removeAllListeners('error')
  }
}

/** The same as a process of its own. */
async function spawned(args: readonly string[], o: { cwd?: string; env?: NodeJS.ProcessEnv; stdout?: number } = {}): Promise<Ended> {
  const bundle = pathToFileURL(join(root, 'dist/lab/commands.js')).href
  const program = `const { main } = await import(${JSON.stringify(bundle)})
process.exitCode = await main(${JSON.stringify(root)}, process.argv[1], process.argv.slice(2))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, '--', ...args], {
    cwd: o.cwd ?? root,
    env: { ...process.env, ...o.env },
    stdio: ['ignore', o.stdout ?? 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(dir, name), content)
  return join(dir, name)
}

/** A run with one command of a person in it. */
const JOURNAL = ((): string => {
  const parsed = parseScenario(readFileSync(FIRST_CALL, 'utf8'), 'first-call.yaml')
  if (!parsed.ok) throw new Error('first-call.yaml is not fine')
  const lines: string[] = []
  const options = { sealer: nodeSealer, file: 'first-call.yaml', rehearse: true, journal: (line: string) => void lines.push(line) }
  const recorded = createLab(parsed.scenario, options)
  recorded.runUntil(5_500)
  recorded.command('device.network', { device: 'ana-iphone', cellular: false })
  recorded.runUntil(30_000)
  lines.push(endLine(recorded.now, recorded.tasks, recorded.world.log.total))
  return `${lines.join('\n')}\n`
})()
const EVENTS = JOURNAL.match(/^\{"seq"/gm)?.length ?? 0

beforeAll(() => labBundle(), 60_000)

describe('[SCN-15] a command line that is wrong', { timeout: 30_000 }, () => {
  it.each([
    [['rnu'], 'There is no command "rnu": did you mean "run"?'],
    [['compare', '-', '-'], 'Only one of the two can be read from standard input.'],
    [['compare', 'a', 'b', '--until', '5x'], '--until needs a time such as 250, 13s, 20min or 60d (at most 400 days), not "5x".'],
    [['serve', '--port', '65536'], '--port takes a number from 0 to 65535, not "65536".'],
    // An empty address would be every address of the machine.
    [['serve', '--host', ''], '--host takes an address of this machine, not "".'],
    [['serve', '--data'], '--data takes a folder.'],
    [['serve', 'extra'], 'serve takes no "extra"'],
  ])('%j says what is wrong and where more stands, and exits 2', async (args, message) => {
    const { code, out, err } = await lab(args)
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.split('\n')[0]).toContain(message)
    expect(err).not.toMatch(/\n {4}at /)
  })

  it.each([[['-h']], [['help']], [['serve', '-h']], [['compare', '--help']]])('%j is answered on standard output, with 0', async (args) => {
    const { code, out, err } = await lab(args)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('npm run lab -- ')
  })
})

describe('[SCN-15] a file that is none', { timeout: 30_000 }, () => {
  it('each is told in one sentence with its place', async () => {
    const text = readFileSync(FIRST_CALL, 'utf8')
    const bad: [string, RegExp][] = [
      [
        file(
          'binary.yaml',
          Uint8Array.from({ length: 3_000 }, (_, i) => (i * 7) % 256),
        ),
        /this is no text in UTF-8: it is a binary file/,
      ],
      [file('utf16.yaml', Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])), /was saved as UTF-16/],
      [file('latin1.yaml', Buffer.from(`pushlab: 1\ntitle: M\u00fcller\n`, 'latin1')), /:2:9: here stands a character that is not UTF-8/],
      [join(FIRST_CALL, 'inside'), /: there is no such file/],
      [dir, /: is a folder, not a file/],
      ['', /the file name "": there is no such file/],
    ]
    const { code, out } = await lab(['check', ...bad.map(([name]) => name)])
    expect(code).toBe(2)
    for (const [, message] of bad) expect(out).toMatch(message)
    expect(out.split('\n').filter((line) => line !== '' && !line.startsWith('    fix:'))).toHaveLength(bad.length)
  })

  it('of 100 MB it says how many it has, without reading them', async () => {
    const path = join(dir, 'huge.yaml')
    closeSync(openSync(path, 'w'))
    truncateSync(path, 100_000_000)
    const { code, err } = await lab(['run', path])
    expect(code).toBe(2)
    expect(err).toContain('the file has 100000000 bytes; a scenario has at most 8388608 (8 MiB), a recorded run 67108864 (64 MiB)')
  })

  it.skipIf(!existsSync('/dev/full'))('a full disk is told, and is no success', async () => {
    const full = openSync('/dev/full', 'w')
    const commands = [
      ['run', FIRST_CALL],
      ['check', FIRST_CALL],
    ]
    const ended = await Promise.all(commands.map((args) => spawned(args, { stdout: full })))
    for (const { code, err } of ended) expect({ code, err }).toEqual({ code: 2, err: 'The output is not complete: the disk is full.\n' })
    closeSync(full)
  })
})

describe('[DEC-35] the output', { timeout: 30_000 }, () => {
  it('is the same bytes from another folder, in another language, time zone and folder name', async () => {
    const odd = file('erste Übung 試.yaml', readFileSync(FIRST_CALL))
    const plain = await lab(['run', FIRST_CALL, '--json'])
    const others = await Promise.all([
      spawned(['run', odd, '--json'], { cwd: '/', env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Auckland' } }),
      spawned(['run', odd, '--json'], { cwd: dir, env: { LANG: 'C', LC_ALL: 'C', TZ: 'America/St_Johns' } }),
    ])
    for (const other of others) expect(other.out.replace(JSON.stringify(odd), JSON.stringify(FIRST_CALL))).toBe(plain.out)
  })

  it('has exactly the fields that docs/lab-cli.md names', async () => {
    const docs = readFileSync(join(root, 'docs/lab-cli.md'), 'utf8')
    const fields = (part: string): string[] => {
      const table = docs.slice(docs.indexOf(`**${part}`)).split('\n\n')[1] ?? ''
      const names = table.split('\n').flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map((found) => found[1] ?? ''))
      return names.toSorted()
    }
    const journal = file('fields.jsonl', JOURNAL)
    const ran = await lab(['run', FIRST_CALL, '--json'])
    const recorded = await lab(['run', journal, '--json', '--quiet'])
    const compared = await lab(['compare', FIRST_CALL, journal, '--json'])
    const lines = ran.out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const report = lines.pop() ?? {}
    expect(fields('Events')).toEqual([...new Set(lines.flatMap((line) => Object.keys(line)))].toSorted())
    const missing = ['interruptedAtMs', 'recorded'] // only of runs that were stopped or recorded
    expect(fields('The report')).toEqual([...Object.keys(report), ...missing].toSorted())
    expect(Object.keys(JSON.parse(recorded.out) as object)).toContain('recorded')
    const words = docs.slice(docs.indexOf('## compare'), docs.indexOf('## serve'))
    for (const name of Object.keys(JSON.parse(compared.out) as object)) expect(words).toContain(`\`${name}\``)
  })
})

describe('[DEC-35] an exported run on the command line', { timeout: 30_000 }, () => {
  it('is given again, with its commands, and comes out as recorded', async () => {
    const path = file('run.jsonl', JOURNAL)
    const run = await lab(['run', path])
    const json = await lab(['run', path, '--json', '--quiet'])
    const check = await lab(['check', path])
    const part = await lab(['run', path, '--quiet', '--until', '6s'])
    expect(run).toMatchObject({ code: 0, err: '' })
    expect(run.out).toContain('network changes')
    expect(run.out).toContain('It came out as recorded, event by event.')
    expect(JSON.parse(json.out)).toMatchObject({ met: true, events: EVENTS, recorded: { events: EVENTS, same: true, issue: null } })
    expect(check.out).toBe(`${path}: fine, a run of "First call" with 1 command and ${EVENTS} events\n`)
    expect(part).toMatchObject({ code: 0 })
  })

  const line = (of: RegExp): number => JOURNAL.split('\n').findIndex((text) => of.test(text)) + 1
  it.each([
    ['cut off', JOURNAL.slice(0, JOURNAL.indexOf('{"seq":12')), 1, ':13:1: the file is cut off after this line'],
    ['cut in its first line', JOURNAL.slice(0, 3_000), 2, ':1:1: the first line is cut off or damaged'],
    [
      'of another version',
      JOURNAL.replace('"journal":1', '"journal":2'),
      2,
      ':1:1: this journal has version 2; this program reads version 1',
    ],
    ['with an edited event', JOURNAL.replace('"seq":4,"at":', '"seq":4,"at":1'), 1, ':6:1: event 4 came out differently than recorded'],
    ['without its last event', JOURNAL.replace(new RegExp(`\\{"seq":${EVENTS - 1}.*\\n`), ''), 1, `${EVENTS - 1} were recorded`],
    ['damaged in a line', JOURNAL.replace(/\{"seq":5.*/, 'rubbish'), 2, ':7:1: this line is damaged: it is no JSON'],
    [
      'with an unknown command',
      JOURNAL.replace('device.network', 'device.beam'),
      1,
      `:${line(/"input"/)}:1: its command device.beam at 5500 ms was refused`,
    ],
    [
      'with a moment that never comes',
      JOURNAL.replace('"at":5500,"task"', '"at":99999999999,"task"'),
      2,
      'this line was changed: "input.at"',
    ],
    [
      'with another scenario',
      JOURNAL.replace('"owner":"ana"', '"owner":"nobody"'),
      2,
      ':1:1: in the scenario of this journal, there is no user "nobody"',
    ],
  ])('%s: says what, in which line, and how to mend it', async (which, text, exit, message) => {
    expect(text).not.toBe(JOURNAL)
    const { code, out, err } = await lab(['run', file(`${which}.jsonl`, text), '--quiet'])
    expect(code).toBe(exit)
    expect(out + err).toContain(message)
    expect(out + err).toMatch(/\n {4}fix: \S/)
  })

  it('compare reads one of more than 8 MiB to its end', async () => {
    // Blanks say nothing; the end of the run stands behind them.
    const long = JOURNAL.replace('\n{"end"', `\n${' '.repeat(9_000_000)}\n{"end"`)
    const { code, out } = await lab(['compare', file('long.jsonl', long), file('short.jsonl', JOURNAL)])
    expect(out).toContain('The two runs are the same, event by event.')
    expect(code).toBe(0)
  })
})
