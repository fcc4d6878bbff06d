/**
 * A router that stays stopped: the Server Recovery Manager hands its sessions over after the Critical Service Down Delay. The two
 * documents speak of nodes that fail and of routers that come back; this lies between them (HA-01, HA-04 to HA-07).
 */
import { describe, expect, it } from 'vitest'
import { inOrder, type Bench } from '../bench.ts'
import { imNode, pair, say } from './pair.ts'

const ROUTER = { node: 'imp-pub', service: 'Cisco XCP Router' }
const DELAY_MS = 90_000
/** When `stopped` has stopped it. */
const STOPPED_AT = 3_200

const started = (...args: Parameters<typeof pair>): Bench => {
  const b = pair(...args)
  b.runUntil(1_000)
  return b
}

/** Two messages wait for Ana when her router stops. */
function stopped(...args: Parameters<typeof pair>): { b: Bench; flows: number[] } {
  const b = started(...args)
  const flows = [say(b, 'rex', 'ana'), say(b, 'rex', 'ana')]
  b.runFor(2_000)
  expect(b.device('phone').unread).toBe(2)
  b.give('service.stop', ROUTER)
  expect(b.lab.now).toBe(STOPPED_AT)
  return { b, flows }
}

describe('Cisco XCP Router stays stopped', () => {
  it('[HA-01][HA-08] for 89,999 ms nothing moves, at 90,000 ms the backup takes over and pushes', () => {
    const { b } = stopped()
    b.hop({
      message: 'critical service down: Cisco XCP Router',
      outcome: 'imp-sub takes over in 90 s, unless it runs again before',
      status: 'wait',
      why: 'HA-01',
    })
    expect(imNode(b, 'imp-pub')).toMatchObject({
      state: 'down',
      takeoverAt: STOPPED_AT + DELAY_MS,
      text: 'Cisco XCP Router is not running: imp-sub takes over if it stays so.',
    })
    expect(b.device('phone').messageReach).toMatchObject({ verdict: 'no', why: 'HA-05', text: expect.stringContaining('00:01:33.200') })
    expect(b.device('tablet')).toMatchObject({ im: 'returning', imNode: 'imp-pub' })
    b.runFor(DELAY_MS - 1)
    expect(b.device('phone').imNode).toBe('imp-pub')
    expect(b.hops({ message: 'failover' })).toEqual([])
    b.runFor(1)
    b.hop({ message: 'automatic failover: imp-sub takes over 2 sessions of imp-pub', status: 'ok', why: 'HA-01' })
    expect(imNode(b, 'imp-pub')).toMatchObject({
      state: 'failed over',
      takeoverAt: null,
      text: 'Cisco XCP Router is not running: imp-sub has its sessions.',
    })
    b.runFor(5_000)
    expect([b.device('phone'), b.device('tablet')]).toMatchObject([
      { im: 'suspended', imNode: 'imp-sub' },
      { im: 'connected', imNode: 'imp-sub' },
    ])
    const flow = say(b, 'ben', 'ana')
    b.runFor(2_000)
    expect(b.pushes({ flow })).toMatchObject([{ sender: 'imp-sub/XCP Config Manager', state: 'shown' }])
  })

  it('[HA-04][HA-06][HA-02] its queue was kept when it stopped: out of reach after the failover, delivered after the fallback', () => {
    const { b, flows } = stopped()
    b.runFor(DELAY_MS)
    b.hop({
      message: 'queue of Ana Ruiz on phone',
      outcome: '2 out of reach until Cisco XCP Router runs on imp-pub: 2 messages',
      status: 'wait',
      why: 'HA-04',
    })
    expect(b.device('phone')).toMatchObject({ unread: 0, unreadOutOfReach: 2 })
    expect(imNode(b, 'imp-pub')).toMatchObject({ heldOut: 2, queued: 0, lost: 0 })
    b.runFor(10_000)
    b.give('service.start', ROUTER)
    b.runFor(2_000)
    b.hop({ message: 'imp-pub is back', outcome: 'its users return in 60 s', why: 'HA-07' })
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-sub', unreadOutOfReach: 2 })
    b.runFor(60_000)
    b.hop({ message: 'queue of Ana Ruiz on phone', outcome: '2 retrieved', why: 'HA-04' })
    b.runFor(5_000)
    b.give('device.tap', { device: 'phone' })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', unread: 0, unreadOutOfReach: 0, history: 2 })
    for (const flow of flows) expect(b.flow(flow).state).toBe('delivered')
    expect(b.lab.world.messages.counts).toMatchObject({ delivered: 2, lost: 0, held: 0, refused: 0 })
    expect(imNode(b, 'imp-pub')).toMatchObject({ state: 'normal', gaps: [{ why: 'fallback' }] })
  })

  it.each([
    [DELAY_MS - 2_000 - 1, false],
    [DELAY_MS - 2_000, true],
  ])('[HA-06] started again %d ms later (it takes 2 s): taken over: %s', (ms, takenOver) => {
    const { b } = stopped()
    b.runFor(ms)
    b.give('service.start', ROUTER)
    b.runFor(DELAY_MS)
    expect(b.hops({ message: 'automatic failover' })).toHaveLength(takenOver ? 1 : 0)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', unread: 2 })
    expect(b.lab.world.messages.counts).toMatchObject({ queued: 2, lost: 0 })
  })

  it('[HA-06][HA-05] a restart, and a crash after which it comes back, are over long before', () => {
    for (const command of ['service.restart', 'service.kill'] as const) {
      const b = started()
      b.give(command, ROUTER)
      expect(imNode(b, 'imp-pub').takeoverAt).toBe(1_000 + DELAY_MS)
      b.runFor(20_000)
      expect(imNode(b, 'imp-pub')).toMatchObject({ state: 'normal', takeoverAt: null })
      b.runFor(DELAY_MS)
      expect(b.hops({ message: 'failover' })).toEqual([])
    }
  })

  it('[HA-05] one that crashed and cannot start: what waited is lost at once, the sessions move 90 s after the crash', () => {
    const b = started()
    const flow = say(b, 'rex', 'ana')
    b.runFor(2_000)
    b.give('fault.add', { fault: { id: 'broken', kind: 'start-fails', on: 'imp-pub/XCP Router' } })
    b.give('service.kill', ROUTER)
    b.hop({ message: 'queue of Ana Ruiz on phone', outcome: '1 lost: 1 message; Cisco XCP Router crashed on imp-pub', why: 'HA-05' })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'HA-05' })
    b.runFor(DELAY_MS - 1)
    expect(b.device('phone').imNode).toBe('imp-pub')
    b.runFor(1)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-sub', unreadOutOfReach: 0 })
  })

  it('[HA-01] the delay is a parameter of the lab and of the scenario', () => {
    const { b } = stopped({ criticalServiceDownMs: 5_000 })
    b.runFor(4_999)
    expect(b.device('phone').imNode).toBe('imp-pub')
    b.runFor(1)
    expect(b.device('phone').imNode).toBe('imp-sub')
    const other = started()
    other.give('presence.parameters', { criticalServiceDownMs: 7_000 })
    other.give('service.stop', ROUTER)
    expect(imNode(other, 'imp-pub').takeoverAt).toBe(8_000)
  })

  it('[HA-07] who opens the app before the takeover is let in nowhere, and gets everything where the session is afterwards', () => {
    const { b } = stopped()
    b.runFor(10_000)
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    b.hop({ from: 'phone', to: 'imp-pub/XCP Router', outcome: 'Cisco XCP Router is not running on imp-pub', status: 'fail' })
    expect(b.device('phone')).toMatchObject({ im: 'returning', imNode: 'imp-pub', unread: 2, history: 0 })
    b.give('service.start', ROUTER)
    b.runFor(10_000)
    b.hop({ from: 'phone', to: 'imp-pub/XCP Router', outcome: 'IM session on imp-pub, 2 unread to download' })
    expect(b.device('phone')).toMatchObject({ im: 'connected', imNode: 'imp-pub', history: 2 })
  })

  it('[HA-01][HA-04] with push high availability Disabled who is asleep waits for the router; who is awake goes to the backup and returns', () => {
    const { b } = stopped({ pushHighAvailability: false })
    b.runFor(DELAY_MS)
    b.hop({
      message: 'nothing is taken over',
      outcome: 'Disabled on imp-pub; 2 clients out of reach until Cisco XCP Router runs again',
      status: 'fail',
      why: 'HA-01',
    })
    b.runFor(10_000)
    expect([b.device('phone'), b.device('tablet')]).toMatchObject([
      { im: 'suspended', imNode: 'imp-pub', unread: 2 },
      { im: 'connected', imNode: 'imp-sub' },
    ])
    // Ana opens her app: the backup takes her in, her old queue lies where it lay.
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ im: 'connected', imNode: 'imp-sub', history: 0, unreadOutOfReach: 2 })
    b.give('service.start', ROUTER)
    b.runFor(70_000)
    expect([b.device('phone'), b.device('tablet')]).toMatchObject([
      { im: 'connected', imNode: 'imp-pub', history: 2, unreadOutOfReach: 0 },
      { im: 'connected', imNode: 'imp-pub' },
    ])
    expect(b.lab.world.messages.counts).toMatchObject({ delivered: 2, lost: 0, held: 0, queued: 0 })
  })

  it('[HA-01] a backup whose router is down as well takes nothing over; once it is up again it watches anew', () => {
    const { b } = stopped()
    b.give('service.stop', { ...ROUTER, node: 'imp-sub' })
    b.runFor(DELAY_MS)
    expect(b.hops({ message: 'nothing is taken over', outcome: 'does not run on its backup' })).toHaveLength(2)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-pub', unread: 2 })
    b.give('service.start', { ...ROUTER, node: 'imp-sub' })
    b.runFor(2_000)
    expect(imNode(b, 'imp-pub').takeoverAt).toBe(b.lab.now + DELAY_MS)
    b.runFor(DELAY_MS)
    expect(b.device('phone')).toMatchObject({ imNode: 'imp-sub', unreadOutOfReach: 2 })
  })

  it('[HA-01] a node that comes up with its router still stopped is watched as well, and what was kept for it goes to the backup', () => {
    const { b } = stopped({ failoverAfterMs: 20_000 })
    b.give('node.crash', { node: 'imp-pub' })
    const flow = say(b, 'rex', 'ana')
    b.runFor(5_000)
    b.give('node.start', { node: 'imp-pub' })
    const { takeoverAt } = imNode(b, 'imp-pub')
    expect(takeoverAt).toBe(b.lab.now + DELAY_MS)
    b.runFor(DELAY_MS)
    inOrder(b, [
      { message: 'imp-pub is back before anybody took over' },
      { message: 'critical service down: Cisco XCP Router' },
      { message: 'automatic failover: imp-sub takes over' },
      { flow, outcome: 'no push before all sessions are rebuilt', why: 'HA-08' },
    ])
    expect(b.lab.world.messages.counts).toMatchObject({ waiting: 0, lost: 2, refused: 0, queued: 1 })
  })
})
