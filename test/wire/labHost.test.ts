import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hostCommands, labCommands, WIRE_INPUTS, type CommandName } from '../../core/contract/commands.ts'
import type { Batch, ClockState } from '../../core/contract/batch.ts'
import type { Reply } from '../../core/contract/door.ts'
import type { HopEvent } from '../../core/contract/event.ts'
import type { DeviceRow, FlowRow, LabRow, Row, RowKind } from '../../core/contract/rows.ts'
import type { Results } from '../../core/contract/results.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { createLabHost, type LabHost } from '../../core/wire/labHost.ts'
import { twoPhones } from '../lab/bench.ts'

const DAY = 24 * 3_600_000
const SCENARIOS = new URL('../../scenarios', import.meta.url).pathname

const made: string[] = []
const hosts: LabHost[] = []
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.close()))
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-host-'))
  made.push(dir)
  return dir
}

type Window = {
  host: LabHost
  batches: Batch[]
  /** What the window shows now, put together from the batches as the real one does. */
  rows: Map<string, Row>
  events: HopEvent[]
  logged: string[]
  /** Acknowledge by itself; off for tests that hold a batch back. */
  acking: boolean
  ack(): void
  clock(): ClockState
  try(name: string, args?: unknown): Promise<Reply>
  do<T = Record<string, never>>(name: string, args?: unknown): Promise<T>
  row<R extends Row>(kind: RowKind, id: string): R
  /** Waits for a batch after which this holds. */
  until(holds: () => boolean, withinMs?: number): Promise<void>
  close(): void
}

function lookAt(host: LabHost, logged: string[] = []): Window {
  const batches: Batch[] = []
  const rows = new Map<string, Row>()
  const waiting = new Set<() => void>()
  const self: Window = {
    host,
    batches,
    rows,
    events: [],
    logged,
    acking: true,
    ack: () => subscription.ack(batches.at(-1)?.seq ?? -1),
    clock: () => {
      const last = batches.at(-1)
      if (!last) throw new Error('no batch yet')
      return last.clock
    },
    try: (name, args = {}) => host.dispatch({ name, args }),
    async do<T>(name: string, args: unknown = {}) {
      const reply = await host.dispatch({ name, args })
      if (!reply.ok) throw new Error(`${name}: ${reply.message}`)
      return reply.value as T
    },
    row<R extends Row>(kind: RowKind, id: string) {
      const found = rows.get(`${kind}/${id}`)
      if (!found) throw new Error(`no ${kind} ${id}`)
      return found as R
    },
    until: (holds, withinMs = 20_000) =>
      new Promise((resolve, reject) => {
        if (batches.length > 0 && holds()) return resolve()
        const timeout = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`never came; the clock says ${JSON.stringify(batches.at(-1)?.clock)}`))
        }, withinMs)
        const look = (): void => {
          if (!holds()) return
          clearTimeout(timeout)
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
      }),
    close: () => subscription.close(),
  }
  const subscription = host.subscribe((batch) => {
    batches.push(batch)
    if (batch.reset) {
      rows.clear()
      self.events = []
    }
    for (const row of batch.upsert) rows.set(`${row.kind}/${row.id}`, row)
    for (const { kind, id, fields } of batch.patch) rows.set(`${kind}/${id}`, { ...rows.get(`${kind}/${id}`)!, ...fields } as Row)
    for (const key of batch.remove) rows.delete(`${key.kind}/${key.id}`)
    self.events.push(...batch.events)
    if (self.acking) queueMicrotask(() => subscription.ack(batch.seq))
    for (const look of waiting) look()
  })
  return self
}

/** A host over the two phones of the bench, with a window that looks at it. */
async function open(options: { dataDir?: string | null; scenario?: ScenarioInput } = {}): Promise<Window> {
  const logged: string[] = []
  const host = createLabHost({ dataDir: options.dataDir ?? null, scenariosDir: SCENARIOS, log: (line) => void logged.push(line) })
  hosts.push(host)
  const window = lookAt(host, logged)
  const scenario = options.scenario ?? twoPhones({ habits: { answersAfterMs: 1_000, hangsUpAfterMs: 2_000 } })
  await window.do('lab.open', { text: JSON.stringify(scenario), name: 'two-phones.yaml' })
  await window.until(() => window.row<LabRow>('lab', 'lab').title === scenario.title && window.clock().mode === 'paused')
  return window
}

const at = (window: Window) => window.clock().now
/** Runs to a moment and waits until it stands there. */
async function runTo(window: Window, time: number): Promise<void> {
  await window.do('time.until', { time })
  await window.until(() => at(window) === time && window.clock().mode === 'paused')
}

describe('opening a lab', () => {
  it('opens the first lab by itself, paused at zero', async () => {
    const host = createLabHost({ dataDir: null, scenariosDir: SCENARIOS })
    hosts.push(host)
    const window = lookAt(host)
    await window.until(() => true)
    expect(window.batches[0]).toMatchObject({ reset: true, simTime: 0 })
    expect(window.clock()).toMatchObject({ now: 0, mode: 'paused', speed: 1 })
    expect(window.row<LabRow>('lab', 'lab').file).toBe('first-call.yaml')
  })

  it('without any lab on disk shows an empty one rather than nothing', async () => {
    const host = createLabHost({ dataDir: null, scenariosDir: join(folder(), 'missing') })
    hosts.push(host)
    const window = lookAt(host)
    await window.until(() => true)
    expect(window.row<LabRow>('lab', 'lab').title).toBe('Empty lab')
    expect(await window.do('lab.scenarios')).toEqual({ labs: [] })
  })

  it('opens a shipped lab by its name, at its start and at 1x, and gives back its source', async () => {
    const window = await open()
    await window.do('time.speed', { speed: 60 })
    await window.do('lab.open', { file: 'ci-blocked.yaml' })
    await window.until(() => window.row<LabRow>('lab', 'lab').file === 'ci-blocked.yaml')
    const source = await window.do<Results['lab.source']>('lab.source')
    expect(source).toEqual({ name: 'ci-blocked.yaml', text: readFileSync(join(SCENARIOS, 'ci-blocked.yaml'), 'utf8') })
    expect(window.batches.at(-1)?.reset).toBe(true)
    expect(window.batches.at(-1)?.clock.speed).toBe(1)
    expect(at(window)).toBe(0)
  })

  it('a bad file is told with its faults, and the lab in view stays', async () => {
    const window = await open()
    await runTo(window, 500)
    for (const args of [
      { text: 'pushlab: 1\ntitle: x\n', name: 'x.yaml' },
      { text: '{{{{' },
      { file: 'missing.yaml' },
      { file: '../../etc/passwd' },
      { file: '/etc/passwd' },
    ]) {
      const reply = await window.try('lab.open', args)
      expect(reply.ok, JSON.stringify(args)).toBe(false)
      expect(!reply.ok && ['bad-scenario', 'not-found', 'bad-request'].includes(reply.code), JSON.stringify(reply)).toBe(true)
    }
    await window.do('time.step')
    expect(window.row<LabRow>('lab', 'lab').title).toBe('Two phones')
    expect(at(window)).toBeGreaterThanOrEqual(500)
  })

  it('starts again from zero with nothing of the run left', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    await runTo(window, 3_000)
    expect(window.row<FlowRow>('flow', '1').flow).toBe(1)
    await window.do('lab.restart')
    await window.until(() => at(window) === 0)
    expect(window.rows.has('flow/1')).toBe(false)
    await runTo(window, 3_000)
    expect(window.rows.has('flow/1')).toBe(false)
  })
})

describe('time', () => {
  it('runs with the wall and pauses', async () => {
    const window = await open()
    await window.do('time.speed', { speed: 100 })
    await window.do('time.run')
    await window.until(() => at(window) > 1_000)
    expect(window.clock()).toMatchObject({ mode: 'running', speed: 100 })
    await window.do('time.pause')
    await window.until(() => window.clock().mode === 'paused')
    const stood = at(window)
    await new Promise((resolve) => setTimeout(resolve, 60))
    await window.do('time.pause')
    expect(at(window)).toBe(stood)
  })

  it('steps from hop to hop: one step, one more event', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    const seen: number[] = []
    for (let i = 0; i < 8; i++) {
      await window.do('time.step')
      await window.until(() => window.events.length === i + 1)
      seen.push(at(window))
    }
    expect(seen).toEqual([...seen].toSorted((a, b) => a - b))
    expect(window.events.map((event) => event.seq)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(window.events.map((event) => event.at)).toEqual(seen)
  })

  it('runs until a moment, exactly, and refuses one that has passed', async () => {
    const window = await open()
    await runTo(window, 1_234)
    expect(at(window)).toBe(1_234)
    expect(await window.try('time.until', { time: 1_233 })).toMatchObject({ ok: false, code: 'refused' })
    await runTo(window, 1_234)
  })

  it('runs until an event, and stands at it with nothing after it done', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    await window.do('time.until', { event: { text: 'callkit' } })
    await window.until(() => window.clock().stoppedBecause === 'Stopped at a matching event.')
    expect(window.events.at(-1)?.message).toContain('CallKit')
    expect(window.events.at(-1)?.at).toBe(at(window))
  })

  it('runs until an alarm', async () => {
    const window = await open()
    await window.do('device.expireToken', { device: 'phone' })
    await window.do('call.place', { to: '5001' })
    await window.do('time.until', { alarm: 'InvalidDeviceToken' })
    await window.until(() => window.clock().stoppedBecause === 'Stopped at an alarm.')
    const alarm = [...window.rows.values()].find((row) => row.kind === 'alarm')
    expect(alarm).toMatchObject({ name: 'PushNotificationInvalidDeviceTokenResponse', raisedAt: at(window) })
  })

  it('runs until a flow ends, and refuses flows that are over or never were', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    await window.do('time.until', { flowEnds: 1 })
    await window.until(() => window.clock().stoppedBecause === 'Stopped at the end of flow 1.')
    expect(window.row<FlowRow>('flow', '1')).toMatchObject({ state: 'ended', endedAt: at(window) })
    expect(await window.try('time.until', { flowEnds: 1 })).toMatchObject({
      ok: false,
      code: 'refused',
      message: 'flow 1 has already ended',
    })
    expect(await window.try('time.until', { flowEnds: 99 })).toMatchObject({ ok: false, code: 'refused', message: 'there is no flow 99' })
  })

  it('what never comes is stopped by hand', async () => {
    const window = await open()
    await window.do('time.until', { event: { text: 'no such text' } })
    await window.do('time.cancel')
    await window.until(() => window.clock().stoppedBecause !== '')
    expect(window.clock().mode).toBe('paused')
    expect(['Stopped.', 'A run ends after 400 days: go back in time, or start the lab again.']).toContain(window.clock().stoppedBecause)
  })

  it('express goes on to the end of the run, and no further, whatever repeats for ever', { timeout: 60_000 }, async () => {
    const window = await open()
    await window.do('time.express')
    // 400 days of signs of life, uploads and retries.
    await window.until(() => window.clock().mode === 'paused' && at(window) > 399 * DAY, 30_000)
    expect(window.clock().stoppedBecause).toBe('A run ends after 400 days: go back in time, or start the lab again.')
    expect(at(window)).toBeLessThanOrEqual(400 * DAY)
    await window.do('time.speed', { speed: 10_000 })
    await runTo(window, 400 * DAY)
    await window.do('time.run')
    await window.until(() => window.clock().stoppedBecause.startsWith('A run ends'))
    expect(at(window)).toBe(400 * DAY)
    expect(window.logged).toEqual([])
  })
})

describe('going back and forth', () => {
  /** A call at 1 s and one at 60 s, standing at 90 s. */
  async function travelled(dataDir: string | null = null): Promise<Window> {
    const window = await open({ dataDir })
    await runTo(window, 1_000)
    await window.do('call.place', { to: '5001' })
    await runTo(window, 60_000)
    await window.do('device.background', { device: 'phone' })
    await window.do('call.place', { to: '5001' })
    await runTo(window, 90_000)
    return window
  }
  const seek = async (window: Window, to: number): Promise<void> => {
    const jumps = window.clock().jumps
    await window.do('time.seek', { at: to })
    await window.until(() => window.clock().jumps > jumps && window.clock().mode === 'paused')
  }

  it('shows every moment as it was, and the end of the run as it is', async () => {
    const window = await travelled()
    const then = JSON.stringify([...window.rows.values()].filter((row) => row.kind === 'flow' || row.kind === 'device'))
    await seek(window, 30_000)
    expect(at(window)).toBe(30_000)
    expect(window.clock().end).toBe(90_000)
    expect(window.row<LabRow>('lab', 'lab').pushesCreated).toBe(1)
    await seek(window, 0)
    expect(window.events).toEqual([])
    await seek(window, 90_000)
    expect(JSON.stringify([...window.rows.values()].filter((row) => row.kind === 'flow' || row.kind === 'device'))).toBe(then)
  })

  it('running on after a seek gives the recorded commands again at their moments', async () => {
    const window = await travelled()
    await seek(window, 59_999)
    expect(window.rows.has('flow/2')).toBe(false)
    await runTo(window, 90_000)
    expect(window.row<FlowRow>('flow', '2')).toMatchObject({ startedAt: 60_000, state: 'ended' })
  })

  it('a fork drops the later commands', async () => {
    const window = await travelled()
    await seek(window, 30_000)
    expect(await window.do('time.fork')).toEqual({ dropped: 2 })
    await runTo(window, 90_000)
    expect(window.rows.has('flow/2')).toBe(false)
    expect(await window.do('time.fork')).toEqual({ dropped: 0 })
  })

  it('a command after a seek forks by itself and says so; a refused one changes nothing', async () => {
    const window = await travelled()
    await seek(window, 30_000)
    expect(await window.try('call.place', { to: '5001', from: 'nobody' })).toMatchObject({ ok: false, code: 'not-found' })
    await window.do('device.lock', { device: 'phone' })
    await window.until(() => window.clock().stoppedBecause === 'Forked here: 2 later commands of the old run dropped.')
    expect(window.clock().end).toBe(30_000)
    await runTo(window, 90_000)
    expect(window.rows.has('flow/2')).toBe(false)
    expect(window.row<DeviceRow>('device', 'phone').locked).toBe(true)
  })

  it('a long seek can be cancelled and leaves the lab as it was; meanwhile it is busy', async () => {
    const window = await open()
    await runTo(window, 5_000)
    const before = window.row<LabRow>('lab', 'lab').eventsSoFar
    const seeking = window.try('time.seek', { at: 400 * DAY })
    for (const [name, args] of [
      ['call.place', { to: '5001' }],
      ['time.run', {}],
      ['time.step', {}],
      ['time.seek', { at: 0 }],
      ['time.fork', {}],
      ['time.until', { time: 10_000 }],
      ['lab.verdict', {}],
      ['runs.compare', {}],
      ['journal.export', {}],
    ] as const) {
      expect(await window.try(name, args), name).toMatchObject({ ok: false, code: 'busy' })
    }
    await window.do('time.cancel')
    expect(await seeking).toMatchObject({ ok: false, code: 'cancelled' })
    await window.do('time.step')
    expect(at(window)).toBeLessThan(DAY)
    await window.until(() => window.row<LabRow>('lab', 'lab').eventsSoFar === before + 1)
    expect(await window.try('call.place', { to: '5001' })).toMatchObject({ ok: true })
  })

  it('a seek shows where it is going and how far it is', async () => {
    const window = await open()
    const seeking = window.try('time.seek', { at: 400 * DAY })
    await window.until(() => window.clock().mode === 'seeking')
    expect(window.clock().goal).toMatchObject({ text: 'going to a moment', at: 400 * DAY })
    expect(window.clock().goal?.progress).toBeLessThanOrEqual(1)
    await window.do('time.cancel')
    await seeking
  })
})

describe('batches', () => {
  it('the first is a whole snapshot, with every kind of row the lab has', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    await runTo(window, 3_000)
    const late = lookAt(window.host)
    await late.until(() => true)
    expect(late.batches[0]).toMatchObject({ seq: 1, reset: true, remove: [], dropped: 0 })
    expect([...late.rows.keys()].toSorted()).toEqual([...window.rows.keys()].toSorted())
    for (const [key, row] of window.rows) expect(late.rows.get(key), key).toEqual(row)
    expect(late.events.map((event) => event.seq)).toEqual(window.events.map((event) => event.seq))
  })

  it('none follows before the last one is acknowledged; then what happened comes in one, rows at their newest', async () => {
    const window = await open()
    window.acking = false
    await window.do('time.step')
    await window.until(() => window.events.length === 1)
    const held = window.batches.length
    const other = lookAt(window.host)
    await other.until(() => true)
    await window.do('call.place', { to: '5001' })
    await runTo(other, 10_000)
    expect(window.batches.length).toBe(held)
    window.ack()
    await window.until(() => window.batches.length === held + 1)
    const batch = window.batches.at(-1) as Batch
    expect(batch.reset).toBe(false)
    expect(batch.seq).toBe(held + 1)
    expect(batch.events.map((event) => event.seq)).toEqual(batch.events.map((_, index) => index + 1))
    expect([...batch.upsert, ...batch.patch].filter((row) => row.kind === 'device' && row.id === 'phone').length).toBe(1)
    for (const [key, row] of other.rows) expect(window.rows.get(key), key).toEqual(row)
    window.ack()
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(window.batches.length, 'nothing new, nothing sent').toBe(held + 1)
  })

  it('an acknowledgement of another number releases nothing', async () => {
    const window = await open()
    const silent: Batch[] = []
    const subscription = window.host.subscribe((batch) => void silent.push(batch))
    await window.do('time.step')
    await window.until(() => window.events.length === 1)
    subscription.ack(0)
    subscription.ack(99)
    subscription.ack(Number.NaN)
    await runTo(window, 5_000)
    expect(silent.length).toBe(1)
    subscription.ack(1)
    await runTo(window, 6_000)
    expect(silent.length).toBe(2)
    subscription.close()
    subscription.close()
  })

  it('events beyond what one batch holds are left out, newest kept, with their number told', async () => {
    const window = await open({
      scenario: twoPhones(
        { habits: { answersAfterMs: 100, hangsUpAfterMs: 100 } },
        {
          until: '2h',
          commands: Array.from({ length: 200 }, (_, i) => ({ at: 1_000 + i * 20_000, do: 'call.place', with: { to: '5001' } })),
        },
      ),
    })
    window.acking = false
    await window.do('time.step')
    await window.until(() => window.events.length === 1)
    const other = lookAt(window.host)
    await other.until(() => true)
    await runTo(other, 4_100_000)
    const total = other.row<LabRow>('lab', 'lab').eventsSoFar
    expect(total).toBeGreaterThan(2_500)
    window.ack()
    await window.until(() => at(window) === 4_100_000)
    const batch = window.batches.at(-1) as Batch
    expect(batch.dropped).toBeGreaterThan(0)
    expect(batch.events.length).toBeLessThanOrEqual(2_000)
    expect(1 + batch.dropped + batch.events.length).toBe(total)
    expect(batch.events.at(-1)?.seq).toBe(total - 1)
  })

  it('two windows see the same, each at its own pace; one that closes does not disturb the other', async () => {
    const one = await open()
    const two = lookAt(one.host)
    await two.until(() => true)
    await one.do('call.place', { to: '5001' })
    await runTo(one, 2_000)
    await two.until(() => at(two) === 2_000)
    expect(two.rows.get('flow/1')).toEqual(one.rows.get('flow/1'))
    two.close()
    const seen = two.batches.length
    await runTo(one, 4_000)
    expect(two.batches.length).toBe(seen)
  })

  it('takes sixteen windows, and refuses one more', async () => {
    const window = await open()
    for (let i = 0; i < 15; i++) lookAt(window.host)
    expect(() => lookAt(window.host)).toThrow('at most 16 windows')
    window.close()
    expect(() => lookAt(window.host)).not.toThrow()
  })

  it('a window that throws is dropped, and the others go on', async () => {
    const window = await open()
    let thrown = 0
    window.host.subscribe(() => {
      thrown++
      throw new Error('this window is gone')
    })
    await runTo(window, 2_000)
    await runTo(window, 3_000)
    expect(thrown).toBe(1)
    expect(at(window)).toBe(3_000)
  })

  it('marks of the timeline come once each, commands, faults and alarms alike', async () => {
    const window = await open()
    await window.do('fault.add', { fault: { kind: 'refuse', on: 'ucm-pub~ucm-pub', port: 9_966, id: 'f' } })
    await window.do('call.place', { to: '5001' })
    await runTo(window, 3_000)
    const marks = window.batches.slice(window.batches.findLastIndex((batch) => batch.reset)).flatMap((batch) => batch.marks)
    expect(marks.map((mark) => `${mark.kind} ${mark.text}`)).toEqual([
      'fault ucm-pub~ucm-pub port 9966 refused',
      'command Add a fault',
      'command Place a call',
      'alarm PushNotificationServiceUnavailable on ucm-pub',
    ])
  })
})

describe('bad requests', () => {
  const OBJECTS: [string, unknown][] = [
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a text', 'time.run'],
    ['a list', ['time.run', {}]],
    ['no name', { args: {} }],
    ['a name that is no text', { name: { toString: () => 'time.run' }, args: {} }],
    ['a name too long', { name: 'x'.repeat(100_000), args: {} }],
    ['a prototype as name', { name: '__proto__', args: {} }],
    ['a method of objects as name', { name: 'hasOwnProperty', args: {} }],
    ['the constructor', { name: 'constructor', args: {} }],
    ['an unknown command', { name: 'time.warp', args: {} }],
    [
      'a getter that throws',
      Object.defineProperty({}, 'name', {
        get: () => {
          throw new Error('no')
        },
      }),
    ],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('no')
          },
        },
      ),
    ],
  ]
  it.each(OBJECTS)('%s gets a clear reply', async (_which, request) => {
    const window = await open()
    const reply = await window.host.dispatch(request)
    expect(reply.ok).toBe(false)
    expect(!reply.ok && reply.message.length).toBeGreaterThan(5)
  })

  const NAMES = [...Object.keys(labCommands), ...Object.keys(hostCommands)]
  const ARGS: [string, unknown][] = [
    ['a text', 'x'],
    ['a list', []],
    ['a number', 5],
    ['a field too many', { extra: 1 }],
    ['a prototype key', JSON.parse('{"__proto__":{"device":"phone","at":5},"constructor":{}}')],
    ['huge numbers', { at: 1e308, flow: 1e308, speed: 1e308, seq: -1, time: Number.NaN }],
    ['a huge text', { device: 'x'.repeat(1_000_000), to: 'y'.repeat(1_000_000), text: '', file: 'z'.repeat(1_000_000) }],
    ['other types', { device: {}, node: [], flow: '1', at: {}, to: 5, fault: 'drop', nodes: 'ucm-pub', settings: 5, text: 5, id: 5 }],
    [
      'depth',
      {
        settings: JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`) as unknown,
        fault: JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown,
      },
    ],
  ]
  it.each(ARGS)('%s as arguments of every command gets a clear reply, and the lab goes on', async (_which, args) => {
    const window = await open()
    const none = new Set<string>(['lab.scenarios', 'lab.source'])
    for (const name of NAMES) {
      const reply = await window.try(name, args)
      expect(reply.ok, `${name} ${JSON.stringify(reply).slice(0, 200)}`).toBe(false)
      if (reply.ok || none.has(name)) continue
      expect(reply.code, `${name}: ${reply.message.slice(0, 200)}`).toMatch(/^(bad-request|not-found|refused)$/)
      expect(reply.message.length).toBeLessThan(5_000)
    }
    expect(({} as { device?: unknown }).device).toBeUndefined()
    await window.do('call.place', { to: '5001' })
    await runTo(window, 2_000)
    expect(window.row<LabRow>('lab', 'lab').pushesCreated).toBe(1)
  })

  it('names the field, what is wrong and how to mend it', async () => {
    const window = await open()
    expect(await window.try('time.seek', { at: '13 parsecs' })).toMatchObject({ ok: false, code: 'bad-request', issues: [{ path: 'at' }] })
    expect(await window.try('time.seek', { at: 401 * DAY })).toMatchObject({ ok: false, code: 'bad-request' })
    expect(await window.try('device.lock', { device: 'nobody' })).toMatchObject({
      ok: false,
      code: 'not-found',
      issues: [{ fix: expect.stringContaining('phone') }],
    })
    expect(await window.try('event.detail', { seq: 1_000 })).toMatchObject({ ok: false, code: 'not-found' })
    expect(await window.try('flow.ladder', { flow: 9 })).toMatchObject({ ok: false, code: 'not-found' })
    expect(await window.try('search.tracking', { id: 'CPNS_none' })).toMatchObject({ ok: false, code: 'not-found' })
  })
})

describe('questions', () => {
  it('[SEC-06] finds a push by its tracking ID, with its path', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    await runTo(window, 4_000)
    const tracking = window.row<FlowRow>('flow', '1').tracking[0] ?? ''
    const found = await window.do<Results['search.tracking']>('search.tracking', { id: tracking })
    const places = new Set(found.events.flatMap((event) => [event.from, event.to]))
    for (const place of ['ucm-pub/CallManager', 'ucm-pub/CPNS', 'push-rest', 'apns', 'phone']) expect(places).toContain(place)
    expect(found.pushes.map((push) => push.id)).toEqual([tracking])
  })

  it('lists every command once, and none that only the window needs', async () => {
    const window = await open()
    const { commands } = await window.do<Results['commands.list']>('commands.list')
    const names = commands.map((command) => command.name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of Object.keys(labCommands) as CommandName[]) expect(names.includes(name)).toBe(!WIRE_INPUTS.has(name))
    expect(names).not.toContain('settings.set')
    expect((await window.do<Results['rules.list']>('rules.list')).rules.length).toBeGreaterThan(60)
  })

  it('pages through the events', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    await runTo(window, 6_000)
    const all = (await window.do<Results['events.query']>('events.query', { limit: 2_000 })).events
    const last = await window.do<Results['events.query']>('events.query', { limit: 4 })
    expect(last.events).toEqual(all.slice(-4))
    expect(last.more).toBe(true)
    const before = await window.do<Results['events.query']>('events.query', { limit: 4, before: last.events[0]?.seq })
    expect(before.events).toEqual(all.slice(-8, -4))
    const sip = await window.do<Results['events.query']>('events.query', { filter: { carrier: 'SIP', flow: 1 } })
    expect(sip.events).toEqual(all.filter((event) => event.carrier === 'SIP' && event.flow === 1))
  })

  it('checks the expectations of a lab against the run so far', async () => {
    const window = await open({
      scenario: twoPhones(
        { habits: { answersAfterMs: 1_000 } },
        {
          expect: [
            { event: { message: 'CallKit' }, times: 1 },
            { state: { flow: 1 }, has: { state: 'answered' } },
          ],
        },
      ),
    })
    const early = await window.do<Results['lab.verdict']>('lab.verdict')
    expect(early.results.map((result) => result.met)).toEqual([false, false])
    await window.do('call.place', { to: '5001' })
    await runTo(window, 8_000)
    expect(await window.do<Results['lab.verdict']>('lab.verdict')).toMatchObject({ met: true })
    expect(at(window)).toBe(8_000)
  })
})

describe('before and after a fork', () => {
  it('[DEC-35] says what the fork changed, and leaves the run in view as it is', async () => {
    const window = await open({ scenario: twoPhones({ habits: { answersAfterMs: 1_000 } }) })
    expect(await window.try('runs.compare')).toMatchObject({
      ok: false,
      code: 'refused',
      message: expect.stringContaining('before a fork') as string,
    })
    await runTo(window, 1_000)
    await window.do('call.place', { to: '5001' })
    await runTo(window, 8_000)
    expect(await window.try('runs.compare')).toMatchObject({ ok: false, code: 'refused' })
    await window.do('time.seek', { at: 500 })
    await window.do('device.signOut', { device: 'phone' })
    await runTo(window, 8_000)
    const compared = await window.do<Results['runs.compare']>('runs.compare')
    expect(compared).toMatchObject({ same: false, forkedAt: 500, untilMs: 8_000, events: { after: expect.any(Number) as number } })
    expect(compared.flows).toMatchObject([
      { title: expect.stringContaining('Ana Ruiz') as string, before: { state: 'answered' }, after: null },
    ])
    expect(compared.firstDifference?.after).toMatchObject({ message: 'user logs out', at: 500 })
    expect(compared.devices.map(({ device }) => device)).toContain('phone')
    expect(at(window)).toBe(8_000)
  })
})

describe('the run on disk', () => {
  const files = (dir: string): string[] => readdirSync(dir).toSorted()

  it('is taken up where it stood after a kill, with its commands', async () => {
    const dataDir = folder()
    const first = await open({ dataDir })
    await runTo(first, 1_000)
    await first.do('call.place', { to: '5001' })
    await runTo(first, 2_500)
    await first.do('device.rotateKey', { device: 'phone' })
    const before = first.row<DeviceRow>('device', 'phone').keyFingerprint
    await first.until(() => first.row<DeviceRow>('device', 'phone').keyFingerprint !== before)
    const then = first.row<DeviceRow>('device', 'phone')
    // Killed here: no close. What is on disk is all there is.
    const again = createLabHost({ dataDir, scenariosDir: SCENARIOS })
    hosts.push(again)
    const second = lookAt(again)
    await second.until(() => at(second) === 2_500 && second.clock().mode === 'paused')
    expect(second.row<DeviceRow>('device', 'phone')).toMatchObject({
      keyFingerprint: then.keyFingerprint,
      state: then.state,
      pushes: then.pushes,
    })
    expect(second.row<FlowRow>('flow', '1').startedAt).toBe(1_000)
    expect(second.row<LabRow>('lab', 'lab').title).toBe('Two phones')
  })

  it('killed again while it is being taken up, it still comes back to the same moment', async () => {
    const dataDir = folder()
    const first = await open({ dataDir })
    await runTo(first, 7_777)
    await first.host.close()
    hosts.push(createLabHost({ dataDir, scenariosDir: SCENARIOS }))
    // Not a turn has run: this is what a kill at once would leave.
    expect(JSON.parse(readFileSync(join(dataDir, 'position.json'), 'utf8'))).toEqual({ at: 7_777 })
  })

  it('closed while a seek is under way, it keeps the moment it was going to', async () => {
    const dataDir = folder()
    const first = await open({ dataDir })
    await runTo(first, 5_000)
    const seeking = first.try('time.seek', { at: 2_000 })
    await first.host.close()
    expect(await seeking).toMatchObject({ ok: false, code: 'cancelled' })
    const again = createLabHost({ dataDir, scenariosDir: SCENARIOS })
    hosts.push(again)
    const second = lookAt(again)
    await second.until(() => at(second) === 2_000)
    expect(second.clock().mode).toBe('paused')
  })

  it.each([
    ['text', 'this is no journal'],
    ['nothing', ''],
    ['a header of another version', '{"journal":99,"seed":1,"file":"","rehearsed":false,"scenario":{}}\n'],
    ['a scenario that is none', '{"journal":1,"seed":1,"file":"","rehearsed":false,"scenario":{"pushlab":1}}\n'],
    ['bytes', '\u0000\ufffd\u0007'],
  ])('a file of %s is put aside, not deleted, and the lab starts', async (_which, content) => {
    const dataDir = folder()
    writeFileSync(join(dataDir, 'run.jsonl'), content)
    const logged: string[] = []
    const host = createLabHost({ dataDir, scenariosDir: SCENARIOS, log: (line) => void logged.push(line) })
    hosts.push(host)
    const window = lookAt(host)
    await window.until(() => true)
    expect(window.row<LabRow>('lab', 'lab').file).toBe('first-call.yaml')
    expect(readFileSync(join(dataDir, 'run.jsonl.unreadable'), 'utf8')).toBe(content)
    expect(logged.join()).toContain('could not be resumed')
    expect(readFileSync(join(dataDir, 'run.jsonl'), 'utf8')).toContain('"journal":1')
  })

  it('a second unreadable file does not take the place of the first', async () => {
    const dataDir = folder()
    for (const content of ['first', 'second']) {
      writeFileSync(join(dataDir, 'run.jsonl'), content)
      await createLabHost({ dataDir, scenariosDir: SCENARIOS }).close()
    }
    const kept = files(dataDir)
      .filter((name) => name.startsWith('run.jsonl.unreadable'))
      .map((name) => readFileSync(join(dataDir, name), 'utf8'))
    expect(kept.toSorted()).toEqual(['first', 'second'])
  })

  it('a last line that was cut while it was written costs that line only', async () => {
    const dataDir = folder()
    const first = await open({ dataDir })
    await runTo(first, 1_000)
    await first.do('call.place', { to: '5001' })
    await runTo(first, 3_000)
    await first.host.close()
    const path = join(dataDir, 'run.jsonl')
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"input":{"at":3000,"ta`)
    const again = createLabHost({ dataDir, scenariosDir: SCENARIOS })
    hosts.push(again)
    const second = lookAt(again)
    await second.until(() => at(second) === 3_000)
    expect(second.row<FlowRow>('flow', '1').startedAt).toBe(1_000)
    expect(existsSync(`${path}.unreadable`)).toBe(false)
  })

  it('a folder that cannot be written is told once and does not stop the lab', async () => {
    const dataDir = folder()
    const window = await open({ dataDir })
    rmSync(dataDir, { recursive: true })
    await window.do('call.place', { to: '5001' })
    await runTo(window, 2_000)
    await window.do('device.lock', { device: 'phone' })
    expect(window.logged.filter((line) => line.includes('cannot be kept')).length).toBe(1)
    await window.until(() => window.batches.at(-1)?.notKept !== '')
    expect(at(window)).toBe(2_000)
  })
})

describe('the journal as a file', () => {
  type Journal = Results['journal.export']

  async function exported(): Promise<{ window: Window; journal: Journal }> {
    const window = await open()
    await runTo(window, 1_000)
    await window.do('call.place', { to: '5001' })
    await runTo(window, 2_000)
    await window.do('fault.add', { fault: { kind: 'drop', on: 'firewall~push-rest', count: 1, id: 'f' } })
    await runTo(window, 20_000)
    return { window, journal: await window.do<Journal>('journal.export') }
  }

  it('[DEC-35] comes back byte for byte after an import elsewhere', async () => {
    const { window, journal } = await exported()
    expect(journal).toMatchObject({ name: 'two-phones-run.jsonl', mediaType: 'application/x-ndjson' })
    expect(await window.do<Journal>('journal.export')).toEqual(journal)
    const other = await open({ scenario: twoPhones({}, { title: 'Another lab' }) })
    const events = journal.text.split('\n').filter((line) => line.startsWith('{"seq":')).length
    expect(await other.do('journal.import', { text: journal.text })).toEqual({ events, compared: events })
    await other.until(() => other.row<LabRow>('lab', 'lab').title === 'Two phones' && at(other) === 20_000)
    expect((await other.do<Journal>('journal.export')).text).toBe(journal.text)
    expect(other.row<FlowRow>('flow', '1')).toEqual(window.row<FlowRow>('flow', '1'))
  })

  it('[DEC-35] of a run that stands between two hops of one instant ends exactly there', async () => {
    const window = await open()
    await window.do('call.place', { to: '5001' })
    for (let i = 1; i <= 12; i++) {
      await window.do('time.step')
      const { text } = await window.do<Journal>('journal.export')
      const lines = text.split('\n').filter((line) => line.startsWith('{"seq":'))
      const { events } = await window.do<Results['events.query']>('events.query', { limit: 2_000 })
      expect(events.length).toBeGreaterThanOrEqual(i)
      expect(lines.length, `after ${i} steps`).toBe(events.length)
    }
  })

  it('[DEC-35] a changed event is found, and told by its number', async () => {
    const { window, journal } = await exported()
    const changed = journal.text.replace('"seq":4,"at":', '"seq":4,"at":1')
    expect(changed).not.toBe(journal.text)
    const reply = await window.try('journal.import', { text: changed })
    expect(reply).toMatchObject({ ok: false, code: 'bad-journal' })
    expect(!reply.ok && reply.message).toContain('event 4 came out differently')
  })

  it('[DEC-35] a command left out, an event too many, another seed: each is found', async () => {
    const { window, journal } = await exported()
    const lines = journal.text.split('\n')
    const without = lines.filter((line) => !line.includes('"do":"call.place"')).join('\n')
    const doubled = journal.text.replace(/(\{"seq":\d+[^\n]*\n)(\{"end")/, '$1$1$2')
    const reseeded = journal.text.replace('"seed":7', '"seed":8')
    for (const text of [without, doubled, reseeded]) {
      expect(text).not.toBe(journal.text)
      expect(await window.try('journal.import', { text })).toMatchObject({ ok: false, code: 'bad-journal' })
    }
  })

  it('a command that this lab does not know is told, not passed over', async () => {
    const { window, journal } = await exported()
    const reply = await window.try('journal.import', { text: journal.text.replace('"do":"call.place"', '"do":"call.beam"') })
    expect(!reply.ok && reply.message).toContain('call.beam at 1000 ms was refused')
  })

  it.each([
    ['moments that never come', (text: string) => text.replace(/"task":\d+,"do":"call/, '"task":99999999,"do":"call')],
    ['moments that are long past', (text: string) => text.replace(/"task":\d+,"do":"call/, '"task":0,"do":"call')],
    ['an end far away', (text: string) => text.replace(/"end":\{"at":\d+/, '"end":{"at":9000000000000000')],
    ['an end before its commands', (text: string) => text.replace(/"end":\{"at":\d+/, '"end":{"at":1')],
  ])('a journal with %s is opened or refused, and the host lives on', async (_which, change) => {
    const { window, journal } = await exported()
    const text = change(journal.text)
    expect(text).not.toBe(journal.text)
    const reply = await window.try('journal.import', { text })
    if (!reply.ok) expect(reply.code).toBe('bad-journal')
    await window.do('lab.restart')
    await runTo(window, 2_000)
    expect(window.logged).toEqual([])
  })

  it.each([
    ['text', 'hello', 1],
    ['another program’s lines', '{"level":30,"msg":"x"}\n', 1],
    ['a line of another kind inside', null, 2],
    ['commands out of order', null, 3],
  ])('%s is refused with its line, and the lab in view stays', async (which, given, line) => {
    const { window, journal } = await exported()
    const lines = journal.text.split('\n')
    const header = lines[0] ?? ''
    const input = (atMs: number): string => JSON.stringify({ input: { at: atMs, task: 0, do: 'time.run', with: {} } })
    const text = given ?? (which.startsWith('a line') ? `${header}\n{"what":1}\n` : `${header}\n${input(5)}\n${input(4)}\n`)
    const reply = await window.try('journal.import', { text })
    expect(reply).toMatchObject({ ok: false, code: 'bad-journal', issues: [{ line }] })
    await window.do('time.pause')
    expect(at(window)).toBe(20_000)
  })

  it('an import can be cancelled and leaves the lab as it was', async () => {
    const { window, journal } = await exported()
    const far = journal.text.replace(/\{"end":.*/, `{"end":{"at":${399 * DAY},"task":99999999,"events":0}}`)
    const importing = window.try('journal.import', { text: far })
    await window.do('time.cancel')
    expect(await importing).toMatchObject({ ok: false, code: 'cancelled' })
    await runTo(window, 21_000)
    expect(window.events.length).toBeGreaterThan(10)
    expect(window.row<FlowRow>('flow', '1').startedAt).toBe(1_000)
  })
})

describe('settings of the window', () => {
  it('are kept over a restart, one by one, and unreadable ones count as none', async () => {
    const dataDir = folder()
    const first = await open({ dataDir })
    await first.do('settings.set', { settings: { theme: 'dark', split: 0.4 } })
    await first.do('settings.set', { settings: { split: 0.5 } })
    await first.host.close()
    const reopen = (): Window => {
      const host = createLabHost({ dataDir, scenariosDir: SCENARIOS })
      hosts.push(host)
      return lookAt(host)
    }
    expect(await reopen().do('settings.get')).toEqual({ settings: { theme: 'dark', split: 0.5 } })
    writeFileSync(join(dataDir, 'settings.json'), '{"theme":')
    expect(await reopen().do('settings.get')).toEqual({ settings: {} })
  })

  it('take 256 KB and no more, and what was refused is not kept', async () => {
    const window = await open()
    const text = (bytes: number): string => 'x'.repeat(bytes - '{"a":""}'.length)
    expect(await window.try('settings.set', { settings: { a: text(256 * 1_024) } })).toMatchObject({ ok: true })
    expect(await window.try('settings.set', { settings: { a: text(256 * 1_024 + 1) } })).toMatchObject({ ok: false, code: 'limit' })
    expect((await window.do<{ settings: { a: string } }>('settings.get')).settings.a.length).toBe(256 * 1_024 - 8)
  })

  it('know no prototypes: a key of that name changes no object', async () => {
    const window = await open()
    await window.try('settings.set', JSON.parse('{"settings":{"__proto__":{"polluted":true},"theme":"dark"}}'))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    const { settings } = await window.do<{ settings: Record<string, unknown> }>('settings.get')
    expect(settings['theme']).toBe('dark')
    expect(settings['polluted']).toBeUndefined()
  })
})
