/** HA: four ways in which an IM and Presence node goes away, and exactly what is kept and what is lost. */
import { describe, expect, it } from 'vitest'
import type { LabCommandName } from '../../../core/contract/commands.ts'
import { finding, inOrder, type Bench } from '../bench.ts'
import { imNode, pair, say } from './pair.ts'

const started = (...args: Parameters<typeof pair>): Bench => {
  const b = pair(...args)
  b.runUntil(1_000)
  return b
}

/** Two messages and an invitation wait for Ana, whose session is on imp-pub; one was read before. */
function waiting(b: Bench): { read: number; flows: number[] } {
  b.give('device.foreground', { device: 'phone' })
  b.runFor(500)
  const read = say(b, 'rex', 'ana')
  b.give('device.lock', { device: 'phone' })
  b.runFor(100)
  const flows = [say(b, 'rex', 'ana'), say(b, 'rex', 'ana')]
  flows.push((b.give('room.invite', { from: 'rex', to: 'ana', room: 'Ward 3' }) as { flow: number }).flow)
  b.runFor(2_000)
  expect(b.device('phone')).toMatchObject({ unread: 3, history: 1, imNode: 'imp-pub' })
  return { read, flows }
}

const LOSS = '3 lost: 2 messages, 1 chat room invitation'

describe('a session and its backup', () => {
  it('[HA-01] is on both nodes; the owner switches on failover without anything done by its user', () => {
    const b = started()
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', imHome: 'imp-pub', imBackup: 'imp-sub' })
    expect(imNode(b, 'imp-sub')).toMatchObject({ backup: 'imp-pub', copies: imNode(b, 'imp-pub').sessions })
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(9_999)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', messageReach: { verdict: 'no', why: 'HA-01' } })
    b.runFor(1)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-sub', imHome: 'imp-pub', imBackup: null })
    expect(b.hops({ from: 'phone' })).toEqual([])
  })

  it('[HA-01] with the feature Disabled nothing is taken over; a client in foreground still logs in anew', () => {
    const b = started({ pushHighAvailability: false })
    expect(b.device('phone').imBackup).toBeNull()
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(30_000)
    b.hop({ message: 'nothing is taken over', outcome: 'Disabled', status: 'fail', why: 'HA-01' })
    expect(b.device('phone')).toMatchObject({ im: 'none', imNode: null })
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-sub' })
    const flow = say(b, 'rex', 'ana')
    expect(b.flow(flow)).toMatchObject({ state: 'failed' })
    b.give('device.unlock', { device: 'phone' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ im: 'connected', imNode: 'imp-sub' })
  })

  it('[HA-01] a node without a backup, a release before 11.5(1)SU3, and a backup that is down itself take nothing over', () => {
    const alone = started({
      subclusters: [
        { id: 'A', nodes: ['imp-pub'] },
        { id: 'B', nodes: ['imp-sub'] },
      ],
    })
    alone.give('node.crash', { node: 'imp-pub' })
    alone.hop({ message: 'nothing is taken over', outcome: 'no backup in its subcluster' })
    const old = started({ release: '11.5(1)SU2' })
    old.give('node.crash', { node: 'imp-pub' })
    old.hop({ message: 'nothing is taken over', outcome: 'begins with 11.5(1)SU3' })
    const young = started({ release: '11.5(1)SU3' })
    young.give('node.crash', { node: 'imp-pub' })
    young.hop({ message: 'no sign of life', outcome: 'takes over in 10 s' })
    const both = started()
    both.give('node.crash', { node: 'imp-sub' })
    both.give('node.crash', { node: 'imp-pub' })
    expect(both.hops({ message: 'nothing is taken over' }).map((event) => event.from)).toEqual(['imp-sub/XCP Router', 'imp-pub/XCP Router'])
  })

  it('[ONB-19] an unchanged save asks for no restart; a changed one takes effect per node with the restart of its router', () => {
    const b = started()
    const state = () => ['imp-pub', 'imp-sub'].map((id) => imNode(b, id).highAvailability)
    b.give('presence.parameters', { pushHighAvailability: true })
    expect(state()).toEqual([true, true].map(() => ({ saved: true, inForce: true, restartPending: false })))
    b.hop({ message: 'IM and Presence parameters', outcome: 'saved unchanged' })
    b.give('presence.parameters', { pushHighAvailability: false })
    expect(state()).toMatchObject([
      { inForce: true, restartPending: true },
      { inForce: true, restartPending: true },
    ])
    b.give('service.restart', { node: 'imp-pub', service: 'Cisco XCP Router' })
    b.runFor(3_000)
    expect(state()).toMatchObject([
      { inForce: false, restartPending: false },
      { inForce: true, restartPending: true },
    ])
    expect(['push-ha', 'push-ha-restart:imp-pub', 'push-ha-restart:imp-sub'].map((id) => finding(b, id)?.why)).toEqual([
      'ONB-19',
      undefined,
      'ONB-19',
    ])
    // Disabled on one of the two is enough: nothing is copied any more.
    b.give('node.crash', { node: 'imp-pub' })
    b.hop({ message: 'nothing is taken over', outcome: 'Disabled on imp-pub' })
  })
})

describe('node failure', () => {
  it('[HA-03][HA-02] the backup takes over and pushes; what waited is lost for good, line by line; history is kept', () => {
    const b = started()
    const { read, flows } = waiting(b)
    b.give('node.crash', { node: 'imp-pub' })
    b.hop({
      from: 'imp-pub/XCP Router',
      message: 'queue of Ana Ruiz on phone',
      outcome: `${LOSS}; imp-pub crashed`,
      status: 'lost',
      why: 'HA-03',
    })
    for (const flow of flows) expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'HA-03' })
    expect(b.flow(read).state).toBe('delivered')
    b.runFor(15_000)
    const next = say(b, 'rex', 'ana')
    b.runFor(2_000)
    expect(b.pushes({ flow: next })).toMatchObject([{ sender: 'imp-sub/XCP Config Manager', state: 'shown' }])
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(120_000)
    b.give('device.unlock', { device: 'phone' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', unread: 0, history: 2 })
    expect(b.lab.world.messages.counts).toMatchObject({ lost: 3, delivered: 2, queued: 0, held: 0 })
    expect(imNode(b, 'imp-pub').lost).toBe(3)
  })

  it('[HA-03] cut off the network is a failure as well', () => {
    const b = started()
    waiting(b)
    b.give('node.isolate', { node: 'imp-pub' })
    b.hop({ message: 'queue of Ana Ruiz', outcome: LOSS, why: 'HA-03' })
    b.runFor(10_000)
    expect(b.device('phone').imNode).toBe('imp-sub')
  })

  it('[HA-03] back before the backup has taken over: no owner changes, sessions are rebuilt there', () => {
    const b = started()
    waiting(b)
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(9_000)
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(20_000)
    expect(b.hops({ message: 'failover' })).toEqual([])
    expect(b.device('phone').imNode).toBe('imp-pub')
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-pub' })
    expect(b.lab.world.messages.counts.lost).toBe(3)
  })
})

describe('node shutdown', () => {
  it('[HA-04][HA-02] the backup takes over at once; the queue is out of reach until the user has fallen back, then delivered', () => {
    const b = started()
    const { flows } = waiting(b)
    b.give('node.shutDown', { node: 'imp-pub' })
    b.hop({
      message: 'queue of Ana Ruiz on phone',
      outcome: '3 out of reach until imp-pub is back: 2 messages, 1 chat room invitation',
      why: 'HA-04',
    })
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-sub', unread: 0, unreadOutOfReach: 3 })
    expect(imNode(b, 'imp-pub')).toMatchObject({ heldOut: 3, state: 'failed over' })
    expect(b.lab.world.messages.counts).toMatchObject({ held: 3, lost: 0 })
    b.runFor(2_000)
    // Its user taps the old notification: nothing to read yet.
    b.give('device.tap', { device: 'phone' })
    b.runFor(500)
    expect(b.device('phone')).toMatchObject({ im: 'connected', imNode: 'imp-sub', history: 1, unreadOutOfReach: 3 })
    b.give('device.lock', { device: 'phone' })
    const later = say(b, 'rex', 'ana')
    b.runFor(2_000)
    expect(b.device('phone').unread).toBe(1)
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(59_999)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-sub', unreadOutOfReach: 3 })
    b.runFor(2_001)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', unread: 4, unreadOutOfReach: 0 })
    b.hop({ message: 'queue of Ana Ruiz', outcome: '3 retrieved', why: 'HA-04' })
    b.runFor(2_000)
    const before = b.events.length
    b.give('device.unlock', { device: 'phone' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    const download = b.events.slice(before).filter((event) => event.to === 'phone' && event.from === 'imp-pub/XCP Router')
    expect(download.map((event) => event.flow)).toEqual([...flows, later])
    expect(b.device('phone')).toMatchObject({ unread: 0, history: 4 })
    expect(b.lab.world.messages.counts).toMatchObject({ lost: 0, held: 0, queued: 0 })
  })

  it('[HA-04] what comes back and has no notification on the phone any more is pushed again, after the rebuild', () => {
    const b = started()
    waiting(b)
    b.give('node.shutDown', { node: 'imp-pub' })
    b.runFor(2_000)
    b.give('device.tap', { device: 'phone' })
    b.runFor(500)
    b.give('device.lock', { device: 'phone' })
    const pushes = b.pushes().length
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(70_000)
    // One of the three was tapped, so its push has been used up; the other two still show.
    expect(b.pushes().length - pushes).toBe(1)
    expect(b.pushes().at(-1)).toMatchObject({ sender: 'imp-pub/XCP Config Manager' })
  })

  it('[HA-04] with nobody to take over, the queue comes back with the node', () => {
    const b = started({ pushHighAvailability: false })
    waiting(b)
    b.give('node.shutDown', { node: 'imp-pub' })
    expect(b.device('phone')).toMatchObject({
      imNode: 'imp-pub',
      unread: 0,
      unreadOutOfReach: 3,
      messageReach: { verdict: 'no', why: 'HA-01' },
    })
    b.runFor(10_000)
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(5_000)
    expect(b.device('phone')).toMatchObject({ unread: 3, unreadOutOfReach: 0 })
    b.give('device.tap', { device: 'phone' })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ unread: 0, history: 3 })
  })
})

describe('Cisco XCP Router', () => {
  const ROUTER = { node: 'imp-pub', service: 'Cisco XCP Router' }

  it('[HA-05][HA-02] crashes: no owner changes, it comes back by itself and pushes; what waited is lost', () => {
    const b = started()
    const { flows } = waiting(b)
    b.give('service.kill', ROUTER)
    b.hop({ message: 'queue of Ana Ruiz on phone', outcome: `${LOSS}; Cisco XCP Router crashed on imp-pub`, status: 'lost', why: 'HA-05' })
    for (const flow of flows) expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'HA-05' })
    const meanwhile = say(b, 'rex', 'ana')
    expect(b.flow(meanwhile)).toMatchObject({ state: 'failed', causeWhy: 'HA-05' })
    b.runFor(20_000)
    expect(b.node('imp-pub').services.find((service) => service.name === 'Cisco XCP Router')?.state).toBe('running')
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', im: 'suspended', history: 1 })
    expect(b.hops({ message: 'failover' })).toEqual([])
    const next = say(b, 'rex', 'ana')
    b.runFor(2_000)
    expect(b.pushes({ flow: next })).toMatchObject([{ sender: 'imp-pub/XCP Config Manager', state: 'shown' }])
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-pub' })
    expect(b.lab.world.messages.counts).toMatchObject({ lost: 3, queued: 1 })
  })

  it('[HA-06][DEC-20][HA-02] is restarted: the queue is unchanged, pushes go on, and the tap leads to a login that drains it', () => {
    const b = started()
    const { flows } = waiting(b)
    b.give('service.restart', ROUTER)
    expect(b.device('phone').unread).toBe(3)
    b.runFor(5_000)
    expect(b.device('phone')).toMatchObject({ unread: 3, imNode: 'imp-pub', im: 'suspended', history: 1 })
    const next = say(b, 'rex', 'ana')
    b.runFor(2_000)
    expect(b.pushes({ flow: next })).toMatchObject([{ state: 'shown' }])
    const before = b.events.length
    b.give('device.tap', { device: 'phone' })
    b.runFor(1_000)
    b.hop({ from: 'phone', message: 'log in to IM and Presence', outcome: 'IM session on imp-pub, 4 unread to download', why: 'HA-06' })
    const download = b.events.slice(before).filter((event) => event.to === 'phone' && event.from === 'imp-pub/XCP Router')
    expect(download.map((event) => event.flow)).toEqual([...flows, next])
    expect(b.lab.world.messages.counts).toMatchObject({ lost: 0, refused: 0, queued: 0 })
    expect(b.hops({ status: 'lost' })).toEqual([])
  })

  it('[HA-06] stopped and started in two steps keeps the queue as well', () => {
    const b = started()
    waiting(b)
    b.give('service.stop', ROUTER)
    b.runFor(60_000)
    expect(b.device('phone')).toMatchObject({ unread: 3, messageReach: { verdict: 'no', why: 'HA-05' } })
    b.give('service.start', ROUTER)
    b.runFor(10_000)
    expect(b.device('phone').unread).toBe(3)
    expect(b.device('tablet').im).toBe('connected')
  })
})

describe('clients in foreground', () => {
  it('[HA-07] log in to the backup by themselves and back to their node later, with nothing lost either way', () => {
    const b = started()
    b.give('node.crash', { node: 'imp-pub' })
    const flows: number[] = []
    const chat = (ms: number): void => {
      for (let i = 0; i < ms / 1_000; i++) {
        flows.push(say(b, 'rex', 'dee'))
        b.runFor(900)
      }
    }
    chat(20_000)
    b.give('node.start', { node: 'imp-pub' })
    chat(80_000)
    b.runFor(1_000)
    inOrder(b, [
      { from: 'tablet', to: 'imp-sub/XCP Router', message: 'log in', why: 'HA-07' },
      { from: 'tablet', to: 'imp-pub/XCP Router', message: 'log in', why: 'HA-07' },
    ])
    expect(b.hops({ from: 'tablet', message: 'log in' })).toHaveLength(2)
    expect(flows.map((flow) => b.flow(flow).state)).toEqual(flows.map(() => 'delivered'))
    expect(b.device('tablet')).toMatchObject({ imNode: 'imp-pub', history: flows.length })
    expect(b.lab.world.messages.counts).toMatchObject({ delivered: flows.length, lost: 0, refused: 0 })
    expect(b.pushes()).toEqual([])
  })

  it('[HA-07] has no way to send until it has logged in to the backup: not sent, its user sees it; then it is', () => {
    const b = started()
    b.give('node.crash', { node: 'imp-pub' })
    const early = say(b, 'dee', 'rex')
    b.hop({ flow: early, from: 'tablet', outcome: 'not sent: tablet has no connection to IM and Presence', status: 'fail', why: 'HA-07' })
    expect(b.flow(early)).toMatchObject({ state: 'failed', causeWhy: 'HA-07' })
    b.runFor(16_000)
    expect(b.flow(say(b, 'dee', 'rex')).state).toBe('delivered')
    expect(b.lab.world.messages.counts).toMatchObject({ refused: 1, delivered: 1 })
  })

  it('[HA-07][HA-01] signs in while its node is away: not before the backup has taken over', () => {
    const b = started()
    b.give('device.signOut', { device: 'tablet' })
    b.give('node.crash', { node: 'imp-pub' })
    b.give('device.signIn', { device: 'tablet' })
    b.runFor(9_999)
    expect(b.device('tablet')).toMatchObject({ signedIn: true, im: 'none', imNode: null })
    b.runFor(6_000)
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-sub' })
    b.hop({ message: 'automatic failover: imp-sub takes over 1 session of imp-pub' })
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(70_000)
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-pub' })
  })

  it('[HA-07] both nodes go away and the backup is back first: clients in foreground log in there, and return later', () => {
    const b = started()
    b.give('node.crash', { node: 'imp-sub' })
    b.give('node.shutDown', { node: 'imp-pub' })
    b.runFor(1_000)
    b.give('node.start', { node: 'imp-sub' })
    b.runFor(10_000)
    expect([b.device('tablet'), b.device('phone')]).toMatchObject([
      { im: 'connected', imNode: 'imp-sub' },
      { im: 'suspended', imNode: 'imp-pub' },
    ])
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(70_000)
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-pub' })
  })

  it('[HA-07][HA-10] keep within the re-login limits, both of them', () => {
    const b = started({ relogin: { lowerSeconds: 20, upperSeconds: 30 } })
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(60_000)
    const login = b.hop({ from: 'tablet', message: 'log in' })
    expect(login.sentAt).toBeGreaterThanOrEqual(1_000 + 10_000 + 20_000)
    expect(login.sentAt).toBeLessThanOrEqual(1_000 + 10_000 + 30_000)
    b.hop({ message: '1 client in foreground will log in', outcome: '20 to 30 s from now: 0.10 users/s' })
  })

  it('[HA-07] one that goes to the background before its turn has its session rebuilt and is pushed', () => {
    const b = started({ relogin: { lowerSeconds: 20, upperSeconds: 30 } })
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(15_000)
    b.give('device.lock', { device: 'tablet' })
    const flow = say(b, 'rex', 'dee')
    b.runFor(30_000)
    expect(b.device('tablet')).toMatchObject({ im: 'suspended', imNode: 'imp-sub', unread: 1 })
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown' }])
  })

  it('[HA-07] fallback by an administrator: nobody returns before, and not without a reason', () => {
    const b = started({ fallback: 'manual' })
    expect(b.try('presence.fallback', { node: 'imp-pub' })).toMatchObject({ ok: false, code: 'refused' })
    b.give('node.shutDown', { node: 'imp-pub' })
    expect(b.try('presence.fallback', { node: 'imp-pub' })).toMatchObject({ ok: false, message: expect.stringContaining('shut down') })
    b.runFor(10_000)
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(3_600_000)
    expect(b.device('phone').imNode).toBe('imp-sub')
    expect(imNode(b, 'imp-pub')).toMatchObject({ state: 'failed over', text: 'It is back; its users are still on imp-sub.' })
    b.give('presence.fallback', { node: 'imp-pub' })
    b.runFor(10_000)
    expect([b.device('phone').imNode, b.device('tablet').imNode]).toEqual(['imp-pub', 'imp-pub'])
  })
})

describe('calls and messages', () => {
  it.each([
    ['node.crash', { node: 'imp-pub' }],
    ['node.shutDown', { node: 'imp-pub' }],
    ['service.kill', { node: 'imp-pub', service: 'XCP Router' }],
  ] as [LabCommandName, never][])('[HA-11] %s on IM and Presence leaves call pushes untouched', (command, args) => {
    const run = (fails: boolean): string[] => {
      const b = started()
      if (fails) b.give(command, args)
      b.runFor(2_000)
      const flow = b.call('5001')
      b.runFor(5_000)
      return b
        .hops({ flow })
        .map((event) => `${event.at} ${event.from} ${event.to} ${event.message} ${event.outcome}`.replace(/device\/\w+/, ''))
    }
    expect(run(true)).toEqual(run(false))
  })

  it('[HA-11] a Unified CM failover leaves message pushes untouched', () => {
    const b = started()
    b.give('node.crash', { node: 'ucm-pub' })
    b.runFor(2_000)
    const flow = say(b, 'rex', 'ana')
    b.runFor(2_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown', sender: 'imp-pub/XCP Config Manager' }])
    expect(imNode(b, 'imp-pub')).toMatchObject({ state: 'normal', gaps: [] })
  })
})

describe('trouble on top of trouble', () => {
  it('[HA-07] a login that is lost on the way is tried again', () => {
    const b = started()
    b.give('node.crash', { node: 'imp-pub' })
    b.give('fault.add', { fault: { id: 'wifi', kind: 'drop', on: 'devices~imp-sub', direction: 'forward', device: 'tablet' } })
    b.runFor(16_000)
    expect(b.device('tablet').im).toBe('returning')
    const flow = say(b, 'rex', 'dee')
    b.give('fault.remove', { fault: 'wifi' })
    b.runFor(60_000)
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-sub', history: 1 })
    expect(b.flow(flow).state).toBe('delivered')
    expect(imNode(b, 'imp-sub').relogins.waiting).toBe(0)
  })

  it('[HA-04][HA-07] shut down with the feature Disabled: who logged in to the backup returns, and gets the old queue', () => {
    const b = started({ pushHighAvailability: false })
    waiting(b)
    b.give('node.shutDown', { node: 'imp-pub' })
    b.give('device.unlock', { device: 'phone' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(10_000)
    expect([b.device('phone'), b.device('tablet')]).toMatchObject([
      { imNode: 'imp-sub', im: 'connected', unreadOutOfReach: 3 },
      { imNode: 'imp-sub', im: 'connected' },
    ])
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(70_000)
    expect([b.device('phone'), b.device('tablet')]).toMatchObject([
      { imNode: 'imp-pub', im: 'connected', unreadOutOfReach: 0, history: 3 },
      { imNode: 'imp-pub', im: 'connected' },
    ])
    expect(b.lab.world.messages.counts).toMatchObject({ held: 0, queued: 0, lost: 0 })
  })

  it('[HA-07] its router goes away in the middle of a fallback: those still on the backup are served there, and return later', () => {
    const b = started({ relogin: { lowerSeconds: 20, upperSeconds: 30 } })
    b.give('node.shutDown', { node: 'imp-pub' })
    b.runFor(60_000)
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(61_000)
    b.give('service.restart', { node: 'imp-pub', service: 'XCP Router' })
    b.runFor(30_000)
    expect(b.device('tablet')).toMatchObject({ imNode: 'imp-sub', im: 'connected' })
    b.runFor(120_000)
    expect(b.device('tablet')).toMatchObject({ imNode: 'imp-pub', im: 'connected' })
  })

  it('[HA-03][HA-07] the backup fails while it rebuilds: its home takes the sessions when it is back, and nothing is unaccounted for', () => {
    const b = started()
    waiting(b)
    b.give('node.crash', { node: 'imp-pub' })
    b.runFor(10_010)
    const flow = say(b, 'ben', 'ana')
    b.give('node.crash', { node: 'imp-sub' })
    b.runFor(5_000)
    expect(b.flow(flow).state).toBe('failed')
    expect(b.lab.world.messages.counts).toMatchObject({ queued: 0, waiting: 0, held: 0 })
    b.give('node.start', { node: 'imp-pub' })
    b.runFor(60_000)
    expect(b.device('tablet')).toMatchObject({ im: 'connected', imNode: 'imp-pub' })
    expect(b.lab.world.messages.balanced()).toBe(true)
  })

  it('[HA-01] messages kept for a node that nobody takes over go back to their senders', () => {
    const b = started()
    b.give('node.crash', { node: 'imp-pub' })
    const flow = say(b, 'rex', 'ana')
    expect(b.flow(flow).endedAt).toBeNull()
    expect(b.lab.world.messages.counts.waiting).toBe(1)
    b.give('service.stop', { node: 'imp-sub', service: 'XCP Router' })
    b.runFor(10_000)
    b.hop({ flow, outcome: 'imp-pub is crashed and nobody has taken over: its sender is told', status: 'fail', why: 'HA-01' })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'HA-01' })
    expect(b.lab.world.messages.counts).toMatchObject({ waiting: 0, refused: 1, lost: 0 })
  })

  it('[HA-03] a node that crashes takes with it what it kept for others: lost, with a line; shut down it gives it back', () => {
    const keeper = (command: 'node.crash' | 'node.shutDown'): Bench => {
      const b = started()
      b.give('node.crash', { node: 'imp-pub' })
      const flow = say(b, 'rex', 'ana')
      b.hop({ flow, outcome: 'kept by imp-sub until imp-sub takes over', status: 'wait', why: 'HA-07' })
      b.give(command, { node: 'imp-sub' })
      expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: command === 'node.crash' ? 'HA-03' : 'HA-04' })
      return b
    }
    const crashed = keeper('node.crash')
    crashed.hop({
      from: 'imp-sub/XCP Router',
      message: 'message for Ana Ruiz on phone',
      outcome: '1 lost: 1 message; imp-sub crashed, which kept it for imp-pub',
      status: 'lost',
    })
    expect(crashed.lab.world.messages.counts).toMatchObject({ waiting: 0, lost: 1, refused: 0 })
    const stopped = keeper('node.shutDown')
    stopped.hop({ from: 'imp-sub/XCP Router', outcome: 'imp-sub was shut down: its sender is told', status: 'fail' })
    expect(stopped.lab.world.messages.counts).toMatchObject({ waiting: 0, lost: 0, refused: 1 })
  })
})
