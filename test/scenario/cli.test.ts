import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

function start(args: readonly string[], input = '') {
  const child = spawn(process.execPath, ['build/lab.mjs', ...args], { cwd: root })
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return child
}

async function lab(args: readonly string[], input = ''): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(args, input)
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}

const FIRST_CALL = readFileSync(`${root}scenarios/first-call.yaml`, 'utf8')

describe('[SCN-15] lab run', { timeout: 60_000 }, () => {
  it('prints one JSON object per event and a report, and exits 0 when every expectation holds', async () => {
    const { code, out, err } = await lab(['run', 'scenarios/first-call.yaml', '--json'])
    expect(err).toBe('')
    expect(code).toBe(0)
    const lines = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const report = lines.pop()!
    expect(report).toMatchObject({ type: 'report', version: 1, met: true, seed: 7, untilMs: 30_000, events: lines.length })
    expect(report['results']).toHaveLength(10)
    expect(lines.every((line, i) => line['type'] === 'event' && line['seq'] === i)).toBe(true)
    expect(lines.some((line) => line['message'] === 'INVITE 5001')).toBe(true)
  })

  it('[DEC-35] prints the same bytes again, from standard input as well', async () => {
    const [first, second] = await Promise.all([
      lab(['run', 'scenarios/first-call.yaml', '--json']),
      lab(['run', '-', '--json'], FIRST_CALL),
    ])
    expect(second.out.replace('"file":"-"', '"file":"scenarios/first-call.yaml"')).toBe(first.out)
  })

  it('exits 1 when an expectation fails, and says what was found instead', async () => {
    const { code, out } = await lab(['run', '-'], FIRST_CALL.replace('missedCalls: 0', 'missedCalls: 3'))
    expect(code).toBe(1)
    expect(out).toContain('9 of 10 expectations hold')
    expect(out).toMatch(/NOT MET {2}8\. device ana-iphone .*\n +missedCalls is 0/)
  })

  it('exits 2 on a bad file, with file, line, column and fix', async () => {
    const { code, out, err } = await lab(['run', '-', '--json'], FIRST_CALL.replace('clientRelease: 43.6', 'clientRelese: 43.6'))
    expect(code).toBe(2)
    expect(err).toMatch(/^standard input:\d+:5: there is no field "clientRelese".*\n {4}fix: did you mean "clientRelease"\?\n$/)
    expect(JSON.parse(out)).toMatchObject({ type: 'bad-scenario', issues: [{ path: 'devices[1].clientRelese', column: 5 }] })
  })

  it.each([
    [['run'], 'No file was named.'],
    [['run', 'nowhere.yaml'], 'nowhere.yaml: there is no such file'],
    [['run', 'scenarios'], 'is a folder'],
    [['run', 'a.yaml', '--sed', '3'], 'There is no option --sed.'],
    [['run', 'a.yaml', '--seed', '4294967296'], '--seed needs a whole number from 0 to 4294967295, not "4294967296".'],
    [['run', 'a.yaml', '--until', '1y'], '--until needs a time'],
    [['run', 'a.yaml', 'b.yaml'], 'One file at a time'],
    [['check', '--all'], 'There is no option --all.'],
  ])('%j exits 2 and says why', async (args, message) => {
    const { code, out, err } = await lab(args)
    expect(code).toBe(2)
    expect(err).toContain(message)
    expect(out).toBe('')
  })

  it('takes another seed and another end', async () => {
    const { code, out } = await lab(['run', 'scenarios/first-call.yaml', '--json', '--seed=8', '--until', '4s'])
    expect(code).toBe(1) // nobody has answered yet
    expect(JSON.parse(out.trimEnd().split('\n').at(-1)!)).toMatchObject({ seed: 8, untilMs: 4_000 })
  })

  it('stops without a word when the reader goes away', async () => {
    const calls = Array.from(
      { length: 400 },
      (_, i) => `  - { at: ${60 + i * 60}s, do: call.place, with: { from: okafor-desk, to: "5001" } }\n`,
    ).join('')
    const long = FIRST_CALL.replace('until: 30s', 'until: 10h')
      .replace(/commands:\n[\s\S]*?\n\n/, `commands:\n${calls}\n`)
      .replace(/expect:[\s\S]*/, '')
    const child = start(['run', '-', '--json'], long)
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code] = (await once(child, 'close')) as [number | null]
    expect(err).toBe('')
    expect(code).toBe(141)
  })
})

/** Hours of calls, one a second: long enough to be stopped on the way. */
const endless = (): string => {
  const calls = Array.from(
    { length: 5_000 },
    (_, i) => `  - { at: ${60 + i * 30}s, do: call.place, with: { from: okafor-desk, to: "5001" } }\n`,
  ).join('')
  return FIRST_CALL.replace('until: 30s', 'until: 300d')
    .replace(/commands:\n[\s\S]*?\n\n/, `commands:\n${calls}\n`)
    .replace(/expect:[\s\S]*/, '')
}

describe('[SCN-15] a long lab run', { timeout: 120_000 }, () => {
  it('--quiet says what came of it without the events', async () => {
    const { code, out } = await lab(['run', 'scenarios/first-call.yaml', '--quiet'])
    expect(code).toBe(0)
    expect(out).not.toContain('INVITE 5001  ')
    expect(out).toMatch(/\n34 events\n10 of 10 expectations hold/)
    const json = await lab(['run', 'scenarios/first-call.yaml', '--quiet', '--json'])
    expect(JSON.parse(json.out)).toMatchObject({ type: 'report', met: true, events: 34 })
  })

  it('Ctrl-C ends it with 130, and tells what came of the part that ran', async () => {
    const child = start(['run', '-', '--json'], endless())
    let out = ''
    let stopped = false
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (!stopped && out.length > 200_000) {
        stopped = true
        child.kill('SIGINT')
      }
    })
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(130)
    const report = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as { interruptedAtMs: number; events: number; untilMs: number }
    expect(report.interruptedAtMs).toBeGreaterThan(60_000)
    expect(report.interruptedAtMs).toBeLessThan(report.untilMs)
    expect(report.events).toBe(out.trimEnd().split('\n').length - 1)
  })

  it('--progress says on standard error how far it is, and standard output stays as it is', async () => {
    const child = start(['run', '-', '--quiet', '--progress'], endless())
    const [text] = (await once(child.stderr, 'data')) as [Buffer]
    expect(String(text)).toMatch(/^\d+ %, .*\d\d:\d\d:\d\d\.\d{3} of virtual time, \d+ events\n/)
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number | null]
    expect(code).toBe(130)
  })
})

describe('lab compare', { timeout: 60_000 }, () => {
  const AB = ['scenarios/failover-before-su3.yaml', 'scenarios/failover-with-node.yaml']

  it('[SCN-10] says in what two runs differ, side by side, and exits 1', async () => {
    const { code, out } = await lab(['compare', ...AB])
    expect(code).toBe(1)
    expect(out).toContain('before  #1 at 00:00:10.000 dropped')
    expect(out).toContain('after   #1 at 00:00:10.000 answered')
    expect(out).toContain('superseded: 1 → 0')
    expect(out).toContain('ana-iphone: suspended, at ucm-pub, 1 missed, 0 unread → in call, at ucm-pub, 0 missed, 0 unread')
  })

  it('--json is one object', async () => {
    const { code, out } = await lab(['compare', ...AB, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject({
      type: 'comparison',
      version: 1,
      same: false,
      untilMs: 60_000,
      firstDifference: { before: { from: 'ucm-pub/CPNS' }, after: { from: 'ucm-pub/CPNS' } },
    })
  })

  it('exits 0 when nothing differs, and 2 when a file is missing or bad', async () => {
    const same = await lab(['compare', AB[0] ?? '', AB[0] ?? ''])
    expect(same).toMatchObject({ code: 0 })
    expect(same.out).toContain('the same, event by event')
    expect(await lab(['compare', AB[0] ?? ''])).toMatchObject({ code: 2 })
    expect(await lab(['compare', AB[0] ?? '', 'nowhere.yaml'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('nowhere.yaml: there is no such file') as string,
    })
  })
})

describe('lab check', { timeout: 60_000 }, () => {
  it('says which files are fine and what is wrong in the others', async () => {
    const good = await lab(['check', 'scenarios/first-call.yaml', 'scenarios/shared-line.yaml'])
    expect(good).toEqual({
      code: 0,
      err: '',
      out: 'scenarios/first-call.yaml: fine, "First call"\nscenarios/shared-line.yaml: fine, "Answered elsewhere"\n',
    })
    const bad = await lab(['check', 'scenarios/first-call.yaml', '-'], FIRST_CALL.replace('os: android', 'os: andorid'))
    expect(bad.code).toBe(2)
    expect(bad.out).toMatch(/standard input:\d+:9: "os" is the text "andorid".*\[devices\[2\]\.os\]\n {4}fix: did you mean "android"\?\n$/)
  })
})
