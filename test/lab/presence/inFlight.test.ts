/**
 * Stanzas that are on their way when something happens: put back into the queue, given back to the sender, or lost with a line that
 * says whose, how many and why (MSG-02, MSG-06, HA-03, HA-05, HA-07).
 */
import { describe, expect, it } from 'vitest'
import type { Bench } from '../bench.ts'
import { pair, say } from './pair.ts'

/** From Rex on imp-sub over imp-pub to Dee's tablet: at 1,010 on imp-sub, at 1,011 on imp-pub, at 1,021 on the tablet. */
function onTheWay(ms: number, ...args: Parameters<typeof pair>): { b: Bench; flow: number } {
  const b = pair(...args)
  b.runUntil(1_000)
  const { flow } = b.give('message.send', { from: 'rex', to: 'dee', text: 'Bed 4 is free' }) as { flow: number }
  b.runUntil(1_000 + ms)
  return { b, flow }
}

const counts = (b: Bench) => b.lab.world.messages.counts

describe('from the router to the client', () => {
  it('[MSG-02][CH-05] a client suspended 1 ms before reads nothing: back in the queue, pushed, read after the tap', () => {
    const { b, flow } = onTheWay(20)
    b.give('device.lock', { device: 'tablet' })
    b.runFor(1)
    b.hop({ flow, to: 'tablet', outcome: 'tablet is suspended by now, it reads nothing', status: 'warn', why: 'MSG-02' })
    b.hop({ flow, message: 'message for Dee Novak on tablet', outcome: 'back in the queue, 1 unread', status: 'wait', why: 'MSG-02' })
    b.runFor(2_000)
    expect(b.device('tablet')).toMatchObject({ im: 'suspended', unread: 1, history: 0 })
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown', sender: 'imp-pub/XCP Config Manager' }])
    b.give('device.unlock', { device: 'tablet' })
    b.runFor(100)
    expect(b.device('tablet')).toMatchObject({ unread: 0, history: 1 })
    expect(b.flow(flow)).toMatchObject({ state: 'delivered', cause: '' })
  })

  it('[CH-05] one that is suspended 1 ms after has read it, and is not pushed', () => {
    const { b, flow } = onTheWay(22)
    b.give('device.lock', { device: 'tablet' })
    b.runFor(2_000)
    expect(b.device('tablet')).toMatchObject({ unread: 0, history: 1 })
    expect(b.pushes({ flow })).toEqual([])
  })

  it('[MSG-02] what comes back stands before what was queued meanwhile', () => {
    const { b, flow } = onTheWay(12)
    b.give('device.lock', { device: 'tablet' })
    // From Ben's side it is 5 ms away when the first one comes back: his is queued at once.
    const second = (b.give('room.invite', { from: 'okafor', to: 'dee', room: 'Ward 3' }) as { flow: number }).flow
    b.runFor(2_000)
    const before = b.events.length
    b.give('device.unlock', { device: 'tablet' })
    b.runFor(100)
    expect(
      b.events
        .slice(before)
        .filter((event) => event.to === 'tablet' && event.from === 'imp-pub/XCP Router')
        .map((event) => event.flow),
    ).toEqual([flow, second])
  })

  it('[CH-11] logged out 1 ms before: nobody reads it, and a line says so', () => {
    const { b, flow } = onTheWay(20)
    b.give('device.signOut', { device: 'tablet' })
    b.runFor(1)
    b.hop({
      flow,
      message: 'message for Dee Novak on tablet',
      outcome: '1 lost: 1 message; tablet is logged out',
      status: 'lost',
      why: 'CH-11',
    })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'CH-11' })
    expect(b.device('tablet').history).toBe(0)
  })

  it('[MSG-02] lost on the way in silence: not acknowledged after 30 s, and not before, it is queued and read on a new stream', () => {
    const { b, flow } = onTheWay(5)
    b.give('fault.add', {
      fault: { id: 'radio', kind: 'drop', on: 'devices~imp-pub', direction: 'backward', device: 'tablet', forMs: 5_000 },
    })
    b.runUntil(31_010)
    expect(counts(b)).toMatchObject({ delivering: 1, queued: 0 })
    b.runFor(1)
    b.hop({ flow, message: 'message for Dee Novak on tablet', outcome: 'not acknowledged within 30 s: back in the queue, 1 unread' })
    expect(b.device('tablet')).toMatchObject({ im: 'returning', unread: 1 })
    // Its client is in foreground: no push meanwhile, for this one or the next (CH-05).
    say(b, 'rex', 'dee')
    b.runFor(2_000)
    b.hop({ from: 'tablet', message: 'resume IM session', outcome: 'session resumes, 2 unread to download', why: 'CH-08' })
    expect(b.device('tablet')).toMatchObject({ im: 'connected', unread: 0, history: 2 })
    expect(b.pushes()).toEqual([])
    expect(counts(b)).toMatchObject({ delivered: 2, lost: 0 })
  })

  it('[MSG-02] its stream is tried again every 30 s; one that falls asleep meanwhile is pushed at once, its session needs no rebuild', () => {
    const { b, flow } = onTheWay(5)
    b.give('fault.add', { fault: { id: 'radio', kind: 'reset', on: 'devices~imp-pub', device: 'tablet' } })
    b.runFor(40_000)
    expect(b.hops({ from: 'tablet', message: 'resume IM session', status: 'fail' })).toHaveLength(2)
    b.give('device.lock', { device: 'tablet' })
    b.runFor(2_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown' }])
    expect(b.hops({ why: 'HA-08' })).toEqual([])
    b.give('fault.clear', {})
    b.give('device.unlock', { device: 'tablet' })
    b.runFor(100)
    expect(b.flow(flow).state).toBe('delivered')
  })

  it('[MSG-06] without Stream Management nothing is kept of it: lost, with a line', () => {
    const { b, flow } = onTheWay(20, { streamManagement: false })
    b.give('device.lock', { device: 'tablet' })
    b.runFor(1)
    b.hop({
      flow,
      message: 'message for Dee Novak on tablet',
      outcome: 'without Stream Management nothing is kept of it',
      status: 'lost',
      why: 'MSG-06',
    })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'MSG-06' })
  })

  it('[HA-03][HA-07] its node crashes: a client in foreground has what was on the wire', () => {
    const { b, flow } = onTheWay(15)
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(10)
    expect(b.flow(flow).state).toBe('delivered')
  })

  it.each([
    ['HA-03', 'node.crash', { node: 'imp-pub' }, 'imp-pub crashed'],
    ['HA-03', 'node.isolate', { node: 'imp-pub' }, 'imp-pub is cut off'],
    ['HA-05', 'service.kill', { node: 'imp-pub', service: 'XCP Router' }, 'Cisco XCP Router crashed on imp-pub'],
  ] as const)(
    '[%s] %s while it is on its way to a client that does not read it: lost with the memory of the node',
    (why, command, args, text) => {
      const { b, flow } = onTheWay(15)
      b.give(command, args as never)
      b.give('device.lock', { device: 'tablet' })
      b.runFor(100)
      const line = b.hop({ flow, message: 'message for Dee Novak on tablet', status: 'lost', why })
      expect(line.outcome).toBe(`1 lost: 1 message; tablet is suspended by now, it reads nothing; ${text}`)
      expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: why })
      expect(counts(b)).toMatchObject({ lost: 1, queued: 0, held: 0 })
    },
  )

  it('[HA-04] its node is shut down: kept there, out of reach, delivered after the fallback', () => {
    const { b, flow } = onTheWay(15)
    b.give('node.shutDown', { node: 'imp-pub' })
    b.give('device.lock', { device: 'tablet' })
    b.runFor(1_000)
    b.hop({ flow, message: 'message for Dee Novak on tablet', outcome: 'kept until imp-pub is back', status: 'wait' })
    expect(b.device('tablet')).toMatchObject({ imNode: 'imp-sub', unread: 0, unreadOutOfReach: 1 })
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(70_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown', sender: 'imp-pub/XCP Config Manager' }])
    b.give('device.unlock', { device: 'tablet' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('delivered')
  })

  it('[HA-06] its router is restarted: kept in the queue, pushed when the router is up', () => {
    const { b, flow } = onTheWay(15)
    b.give('service.restart', { node: 'imp-pub', service: 'XCP Router' })
    b.give('device.lock', { device: 'tablet' })
    b.runFor(1_900)
    expect(b.device('tablet').unread).toBe(1)
    expect(b.pushes({ flow })).toEqual([])
    b.runFor(2_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown' }])
    expect(counts(b)).toMatchObject({ queued: 1, lost: 0 })
  })
})

describe('from a client to its router, and from router to router', () => {
  it.each([['ana'], ['ben']])('[HA-03] to %s: the sender’s node dies before it is there, nobody took it and the sender is told', (to) => {
    const b = pair()
    b.runUntil(1_000)
    const { flow } = b.give('message.send', { from: 'dee', to, text: 'x' }) as { flow: number }
    b.runUntil(1_009)
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(30_000)
    b.hop({ flow, from: 'tablet', outcome: 'imp-pub is crashed: not taken, its sender is told', status: 'fail', why: 'HA-03' })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'HA-03' })
    expect(counts(b)).toMatchObject({ refused: 1, lost: 0, waiting: 0 })
  })

  it('[HA-07] between the routers: the sender’s node has it still and keeps it until the backup takes over', () => {
    const { b, flow } = onTheWay(10)
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(1)
    b.hop({ flow, outcome: 'imp-pub is crashed: kept by imp-sub until imp-sub takes over', status: 'wait', why: 'HA-07' })
    b.runFor(20_000)
    expect(b.flow(flow).state).toBe('delivered')
  })

  it('[HA-03] between the routers, and both nodes die: lost, with a line', () => {
    const { b, flow } = onTheWay(10)
    b.give('node.crash', { node: 'imp-sub' })
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(1_000)
    b.hop({ flow, message: 'message for Dee Novak on tablet', outcome: '1 lost: 1 message;', status: 'lost', why: 'HA-03' })
    expect(counts(b)).toMatchObject({ lost: 1, waiting: 0, sent: 0 })
  })

  it('[MSG-01] between the routers in silence: given up after 30 s with a line, and too late afterwards', () => {
    const { b, flow } = onTheWay(5)
    b.give('fault.add', { fault: { id: 'wan', kind: 'delay', on: 'imp-pub~imp-sub', addMs: 40_000 } })
    b.runFor(60_000)
    b.hop({
      flow,
      message: 'message for Dee Novak on tablet',
      outcome: 'no word of it from imp-pub within 30 s',
      status: 'lost',
      why: 'MSG-01',
    })
    b.hop({ flow, outcome: 'too late: it was given up', status: 'warn' })
    expect(counts(b)).toMatchObject({ lost: 1, delivered: 0, queued: 0 })
    expect(b.device('tablet').history).toBe(0)
  })
})
