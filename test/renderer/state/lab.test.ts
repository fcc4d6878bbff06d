import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, isReactive } from 'vue'
import { EVENTS_KEPT, HIDDEN_APPLY_MS, useLab } from '../../../renderer/state/lab.ts'
import { fakePort } from '../fixtures/fakePort.ts'
import { clock, deviceRow, events, nodeRow } from '../fixtures/rows.ts'

const setVisibility = (state: DocumentVisibilityState): void => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'requestAnimationFrame', 'cancelAnimationFrame'] })
  setActivePinia(createPinia())
  setVisibility('visible')
})
afterEach(() => {
  vi.useRealTimers()
  Reflect.deleteProperty(document, 'visibilityState')
})

const connected = async () => {
  const port = fakePort()
  const lab = useLab()
  await lab.connect(port)
  vi.advanceTimersByTime(50)
  return { port, lab }
}

describe('batches', () => {
  it('applies the snapshot in a frame and acknowledges it only then', async () => {
    const port = fakePort()
    const lab = useLab()
    await lab.connect(port)
    expect(lab.devices.size).toBe(0)
    expect(port.acked).toEqual([])
    vi.advanceTimersByTime(50)
    expect(lab.devices.size).toBe(4)
    expect(lab.lab?.seed).toBe(7)
    expect(lab.clock.now).toBe(197_412)
    expect(port.acked).toEqual([1])
  })

  it('changes only what a batch names, and announces each touched map once', async () => {
    const { port, lab } = await connected()
    let nodeRuns = 0
    let deviceRuns = 0
    const nodeCount = computed(() => {
      nodeRuns += 1
      return [...lab.nodes.values()].filter((node) => node.state === 'up').length
    })
    const deviceCount = computed(() => {
      deviceRuns += 1
      return lab.devices.size
    })
    expect([nodeCount.value, deviceCount.value]).toEqual([8, 4])
    port.push({
      upsert: [nodeRow({ id: 'ucm-pub', state: 'up' }), nodeRow({ id: 'ucm-sub2' })],
      remove: [{ kind: 'fault', id: 'fault-1' }],
      clock: clock({ now: 198_000 }),
    })
    vi.advanceTimersByTime(50)
    expect([nodeCount.value, deviceCount.value]).toEqual([10, 4])
    expect([nodeRuns, deviceRuns]).toEqual([2, 1])
    expect([...lab.faults.keys()]).toEqual(['fault-2'])
    expect(lab.clock.now).toBe(198_000)
  })

  it('a patch replaces the fields that it names, in a row that is new to whoever compares', async () => {
    const { port, lab } = await connected()
    const before = lab.devices.get('ana-iphone')!
    port.push({ patch: [{ kind: 'device', id: 'ana-iphone', fields: { unread: before.unread + 1 } }] })
    vi.advanceTimersByTime(50)
    const after = lab.devices.get('ana-iphone')!
    expect(after).toEqual({ ...before, unread: before.unread + 1 })
    expect(after).not.toBe(before)
    expect(lab.devices.size).toBe(4)
  })

  it('a reset forgets everything that it does not name', async () => {
    const { port, lab } = await connected()
    port.push({ reset: true, upsert: [deviceRow({ id: 'only' })], dropped: 3, clock: clock({ now: 5, jumps: 1 }) })
    vi.advanceTimersByTime(50)
    expect([...lab.devices.keys()]).toEqual(['only'])
    expect(lab.nodes.size).toBe(0)
    expect(lab.lab).toBeNull()
    expect(lab.events).toEqual([])
    expect(lab.marks).toEqual([])
    expect(lab.eventsDropped).toBe(3)
    expect(lab.clock.jumps).toBe(1)
  })

  it('keeps the newest 5,000 events', async () => {
    const { port, lab } = await connected()
    const [first] = events
    const many = Array.from({ length: EVENTS_KEPT }, (_, index) => ({ ...first!, seq: 100 + index }))
    port.push({ events: many.slice(0, -1) })
    vi.advanceTimersByTime(50)
    expect(lab.events).toHaveLength(EVENTS_KEPT)
    expect(lab.events[0]?.seq).toBe(12)
    port.push({ events: many.slice(-1) })
    vi.advanceTimersByTime(50)
    expect(lab.events[0]?.seq).toBe(100)
    expect(lab.events.at(-1)?.seq).toBe(100 + EVENTS_KEPT - 1)
  })

  it('a hidden window applies and acknowledges by a slow timer', async () => {
    const { port, lab } = await connected()
    setVisibility('hidden')
    port.push({ clock: clock({ now: 200_000 }) })
    vi.advanceTimersByTime(HIDDEN_APPLY_MS - 1)
    expect(port.acked).toEqual([1])
    vi.advanceTimersByTime(1)
    expect(port.acked).toEqual([1, 2])
    expect(lab.clock.now).toBe(200_000)
  })

  it('rows are never made reactive', async () => {
    const { lab } = await connected()
    expect(isReactive(lab.devices)).toBe(false)
    expect(isReactive(lab.devices.get('ana-iphone'))).toBe(false)
    expect(isReactive(lab.events[0])).toBe(false)
  })

  it('a batch that cannot be applied is still acknowledged, so the lab goes on', async () => {
    const { port, lab } = await connected()
    port.push({ upsert: [null as never] })
    expect(() => vi.advanceTimersByTime(50)).toThrow(TypeError)
    port.push({ clock: clock({ now: 300_000 }) })
    vi.advanceTimersByTime(50)
    expect(port.acked).toEqual([1, 2, 3])
    expect(lab.clock.now).toBe(300_000)
  })
})

describe('invoke', () => {
  it('a port that throws becomes a failed reply', async () => {
    const { port, lab } = await connected()
    port.invoke = () => Promise.reject(new Error('pipe broken'))
    const reply = await lab.invoke('time.run', {})
    expect(reply).toMatchObject({ ok: false, code: 'io', message: expect.stringContaining('pipe broken') })
  })

  it('without a port says that the window is not connected', async () => {
    const reply = await useLab().invoke('time.run', {})
    expect(reply).toMatchObject({ ok: false, code: 'io' })
  })

  it('loads rules and commands once, and knows the rule behind an ID', async () => {
    const { port, lab } = await connected()
    expect(lab.why('CALL-02')?.title).toBe('13 seconds to register')
    expect(lab.why('NOPE-1')).toBeNull()
    expect(lab.commands.some((command) => command.name === 'call.place')).toBe(true)
    port.become({ kind: 'open' })
    await Promise.resolve()
    expect(port.calls.filter((call) => call.name === 'rules.list')).toHaveLength(1)
  })
})

describe('connection and places', () => {
  it('says when the connection is lost and when it is back', async () => {
    const { port, lab } = await connected()
    expect(lab.connected).toBe(true)
    port.become({ kind: 'lost', reason: 'The connection to the lab broke.' })
    expect(lab.connected).toBe(false)
    port.become({ kind: 'open' })
    expect(lab.connected).toBe(true)
  })

  it('calls places by what people call them', async () => {
    const { lab } = await connected()
    expect(lab.placeLabel('ana-iphone')).toBe('Ana · iPhone 14')
    expect(lab.placeLabel('push-rest')).toBe('Push REST')
    expect(lab.placeLabel('ucm-sub1/CPNS')).toBe('ucm-sub1 CPNS')
    expect(lab.placeLabel('nobody')).toBe('nobody')
  })

  it('can fork only when paused before the end of the recorded run', async () => {
    const { port, lab } = await connected()
    expect(lab.canFork).toBe(false)
    port.push({ clock: clock({ now: 100, end: 200 }) })
    vi.advanceTimersByTime(50)
    expect(lab.canFork).toBe(true)
    port.push({ clock: clock({ now: 100, end: 200, mode: 'running' }) })
    vi.advanceTimersByTime(50)
    expect(lab.canFork).toBe(false)
  })

  it('closes its subscription when it disconnects', async () => {
    const { port, lab } = await connected()
    lab.disconnect()
    expect(port.closed).toBe(true)
  })
})
