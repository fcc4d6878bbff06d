import { describe, expect, it } from 'vitest'
import type { HopEvent } from '../../core/contract/event.ts'
import { endLine, eventLine, headerLine, inputLine, JOURNAL_VERSION } from '../../core/engine/journal.ts'
import { scenarioSchema, type ScenarioInput } from '../../core/contract/scenario.ts'
import { createLab } from '../../core/lab.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { readJournal } from '../../core/wire/runFile.ts'
import { twoPhones } from '../lab/bench.ts'

const EVENT: HopEvent = {
  seq: 7,
  at: 1_500,
  sentAt: 1_300,
  flow: 2,
  from: 'apns',
  to: 'phone',
  carrier: 'APNs',
  message: 'deliver "incoming call"',
  outcome: 'Zoë’s phone\n\u0000 has it',
  status: 'ok',
  why: 'CALL-06',
  tracking: 'CPNS_1',
}

describe('a line of the journal', () => {
  it('is JSON with its keys in one order, whatever the order in memory', () => {
    const line = eventLine(EVENT)
    expect(JSON.parse(line)).toEqual(EVENT)
    const shuffled = Object.fromEntries(Object.entries(EVENT).toReversed()) as HopEvent
    expect(eventLine(shuffled)).toBe(line)
    expect(Object.keys(JSON.parse(line) as object)).toEqual([
      'seq',
      'at',
      'sentAt',
      'flow',
      'from',
      'to',
      'carrier',
      'message',
      'outcome',
      'status',
      'why',
      'tracking',
    ])
    expect(line).not.toContain('\n')
  })

  it('without a tracking ID has no such key', () => {
    const { tracking: _tracking, ...rest } = EVENT
    expect(JSON.parse(eventLine(rest))).toEqual(rest)
  })

  it.each(['"', '\\', '\u2028', '\ud800', '\t', 'ä', '</script>', '{"seq":1}'])('keeps %j as it is', (text) => {
    const event = { ...EVENT, message: text, outcome: text, from: text, to: text }
    expect(JSON.parse(eventLine(event))).toEqual(event)
  })
})

/** A run with jitter, faults by chance, keys, tokens, calls and messages. */
const BUSY: ScenarioInput = (() => {
  const scenario = twoPhones(
    { client: 'jabber', clientRelease: '12.9', osRelease: '13.5', habits: { answersAfterMs: '1s', hangsUpAfterMs: '3s' } },
    { im: true, nodes: 2, until: '10min' },
  )
  return {
    ...scenario,
    links: (scenario.links ?? []).map((link) => ({ ...link, jitterMs: 40 })),
    faults: [{ at: '10s', fault: { kind: 'drop', on: 'push-rest~apns', probability: 0.3 } }],
    commands: Array.from({ length: 12 }, (_, i) => [
      { at: 5_000 + i * 40_000, do: 'call.place', with: { from: 'desk', to: '5001' } },
      { at: 20_000 + i * 40_000, do: 'device.foreground', with: { device: 'phone' } },
      { at: 25_000 + i * 40_000, do: 'device.background', with: { device: 'phone' } },
      { at: 26_000 + i * 40_000, do: 'message.send', with: { from: 'okafor', to: 'ana', text: `pomegranate ${i}` } },
      { at: 30_000 + i * 40_000, do: i % 2 === 0 ? 'device.rotateKey' : 'device.rotateToken', with: { device: 'phone' } },
    ]).flat(),
  }
})()

function record(seed?: number) {
  const lines: string[] = []
  const lab = createLab(scenarioSchema.parse(BUSY), {
    sealer: nodeSealer,
    rehearse: true,
    file: 'busy.yaml',
    journal: (line) => void lines.push(line),
    ...(seed === undefined ? null : { seed }),
  })
  lab.runUntil(5_500)
  lab.command('device.network', { device: 'phone', cellular: false })
  lab.runUntil(600_000)
  lines.push(endLine(lab.now, lab.tasks, lab.world.log.total))
  return { lab, lines }
}

describe('a recorded run', () => {
  it('[DEC-35] of one seed is the same byte for byte, twice', () => {
    const first = record()
    const second = record()
    expect(first.lines.length).toBeGreaterThan(300)
    expect(second.lines.join('\n')).toBe(first.lines.join('\n'))
  })

  it('[DEC-35] of another seed is another run', () => {
    const times = (lines: string[]): string => lines.filter((line) => line.startsWith('{"seq":')).join('\n')
    expect(times(record(8).lines)).not.toBe(times(record(7).lines))
  })

  it('[DEC-35] numbers its events without a gap, in the order of time, and begins with what it takes to run again', () => {
    const { lab, lines } = record()
    const events = lines.filter((line) => line.startsWith('{"seq":')).map((line) => JSON.parse(line) as HopEvent)
    expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index))
    expect(events.length).toBe(lab.world.log.total)
    for (let i = 1; i < events.length; i++) expect(events[i]?.at).toBeGreaterThanOrEqual(events[i - 1]?.at ?? 0)
    for (const event of events) expect(event.sentAt).toBeLessThanOrEqual(event.at)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      journal: JOURNAL_VERSION,
      seed: 7,
      file: 'busy.yaml',
      rehearsed: true,
      scenario: { title: 'Two phones' },
    })
  })

  it('[DEC-35] is read back as it was written', () => {
    const { lab, lines } = record()
    const read = readJournal(`${lines.join('\n')}\n`)
    if (!read.ok) throw new Error(read.issues[0]?.message)
    expect(read.run).toMatchObject({ seed: 7, file: 'busy.yaml', rehearsed: true, inputs: lab.inputs })
    expect(read.run.events).toEqual(lines.filter((line) => line.startsWith('{"seq":')))
    expect(read.run.end).toEqual({ at: 600_000, task: lab.tasks, events: lab.world.log.total })
    expect(headerLine({ journal: 1, seed: 7, file: 'busy.yaml', rehearsed: true, scenario: read.run.scenario })).toBe(lines[0])
  })

  it('an input stands before the first event that it causes', () => {
    const { lab, lines } = record()
    const [input] = lab.inputs
    expect(input).toMatchObject({ at: 5_500, do: 'device.network', with: { device: 'phone', cellular: false } })
    const index = lines.indexOf(inputLine(input as NonNullable<typeof input>))
    expect(index).toBeGreaterThan(0)
    expect(JSON.parse(lines[index + 1] ?? '')).toMatchObject({ at: 5_500, message: 'network changes' })
    expect((JSON.parse(lines[index - 1] ?? '') as HopEvent).at).toBeLessThanOrEqual(5_500)
  })

  it('[SEC-01][SEC-05] holds no key, no token, no payload and no message text in its events', () => {
    const { lab, lines } = record()
    const secrets = new Set<string>()
    for (const device of lab.world.devices.values()) {
      for (const { key } of device.keys)
        for (const form of ['hex', 'base64', 'base64url'] as const) secrets.add(Buffer.from(key).toString(form))
    }
    for (const clouds of Object.values(lab.world.platformTokens)) for (const token of clouds.keys()) secrets.add(token)
    for (const push of lab.world.pushes.all()) secrets.add(push.payload)
    secrets.add('pomegranate')
    expect(secrets.size).toBeGreaterThan(25)
    const events = lines.filter((line) => line.startsWith('{"seq":')).join('\n')
    for (const secret of secrets) expect(events).not.toContain(secret)
  })
})
