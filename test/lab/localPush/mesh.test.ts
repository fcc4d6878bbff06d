import { describe, expect, it } from 'vitest'
import { finding } from '../bench.ts'
import { sessionOf, toNextKeepalive, ward } from './ward.ts'

const LPNS = 'Cisco Local Push Notification Service'
const peers = (b: ReturnType<typeof ward>, node: string) =>
  Object.fromEntries((b.node(node).mesh?.peers ?? []).map((peer) => [peer.node, peer.state]))

describe('the mesh', () => {
  it('[LPNS-19][ALM-19] a call processed on one node is relayed to the one that holds the session, which counts it', () => {
    const b = ward({ nodes: 3, group: ['ucm-sub1', 'ucm-sub2', 'ucm-pub'] })
    b.runUntil(1_000)
    expect(sessionOf(b).holders).toEqual(['ucm-sub1'])
    // SIP moves to the backup; the session stays where it is.
    b.give('service.stop', { node: 'ucm-sub1', service: 'Cisco CallManager' })
    b.runFor(5_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.hop({ flow, message: 'local push request' })).toMatchObject({
      from: 'ucm-sub2/CallManager',
      outcome: 'its session is on ucm-sub1',
      why: 'LPNS-19',
    })
    expect(b.hop({ flow, message: 'relay local push' })).toMatchObject({ from: 'ucm-sub2/LPNS', to: 'ucm-sub1/LPNS', status: 'ok' })
    expect(b.hop({ flow, message: 'client has it' })).toMatchObject({ from: 'ucm-sub1/LPNS', to: 'ucm-sub2/LPNS' })
    expect(b.counter('ucm-sub1', 'NumberOfLocalPushReqSent')).toBe(1)
    expect(b.counter('ucm-sub1', 'NumberOfLocalPushResReceived')).toBe(1)
    expect(b.counter('ucm-sub2', 'NumberOfLocalPushReqSent')).toBe(0)
    expect(b.pushes({ flow })).toMatchObject([{ path: 'local', state: 'used' }])
  })

  it('[LPNS-05][LPNS-19] port 9560 blocked between the nodes: no relay, a finding, and the call goes through APNs', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-sub1', service: 'Cisco CallManager' })
    b.give('mesh.split', { nodes: ['ucm-pub'] })
    expect(finding(b, '9560:ucm-pub~ucm-sub1')).toMatchObject({ level: 'Fail', why: 'LPNS-05' })
    // Known still, so it is tried: 2 s later Apple.
    const first = b.call('5001')
    b.runFor(4_000)
    expect(b.hop({ flow: first, message: 'relay local push' })).toMatchObject({ status: 'lost' })
    expect(b.pushes({ flow: first }).map(({ path }) => path)).toEqual(['local', 'cloud'])
    expect(b.flow(first)).toMatchObject({ state: 'ringing' })
    b.give('device.decline', { device: 'phone' })
    b.runFor(60_000)
    // Lost by now: Apple at once.
    expect(peers(b, 'ucm-pub')).toEqual({ 'ucm-sub1': 'lost' })
    const second = b.call('5001')
    b.runFor(3_000)
    expect(b.pushes({ flow: second })).toMatchObject([{ path: 'cloud' }])
    expect(b.flow(second)).toMatchObject({ state: 'ringing' })
    b.give('mesh.heal', {})
    b.runFor(20_000)
    expect(finding(b, '9560:ucm-pub~ucm-sub1')).toBeUndefined()
    expect(b.node('ucm-pub').mesh).toMatchObject({ known: 1 })
  })

  it('[LPNS-19] a neighbour is lost after 25 s of silence, not before', () => {
    const b = ward({ nodes: 2 })
    b.runUntil(20_500) // signs of life at 10 s and 20 s
    b.give('mesh.split', { nodes: ['ucm-sub1'] })
    b.runUntil(49_999)
    expect(peers(b, 'ucm-pub')).toEqual({ 'ucm-sub1': 'joined' })
    b.runUntil(50_000)
    expect(peers(b, 'ucm-pub')).toEqual({ 'ucm-sub1': 'lost' })
    expect(peers(b, 'ucm-sub1')).toEqual({ 'ucm-pub': 'lost' })
  })

  it('[LPNS-19] stop and kill are known at once; it joins again with all it holds', () => {
    for (const command of ['service.stop', 'service.kill'] as const) {
      const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
      b.runUntil(1_000)
      b.give(command, { node: 'ucm-sub1', service: LPNS })
      b.runFor(10)
      expect(peers(b, 'ucm-pub')).toEqual({ 'ucm-sub1': 'lost' })
      b.runFor(1_000)
      expect(sessionOf(b).holders).toEqual(['ucm-pub'])
      b.give('service.start', { node: 'ucm-sub1', service: LPNS })
      b.runFor(30_000)
      expect(peers(b, 'ucm-pub')).toEqual({ 'ucm-sub1': 'joined' })
      expect(b.node('ucm-sub1').mesh).toMatchObject({ sessions: 0, known: 1 })
    }
  })

  it('[LPNS-19] a client that moved while the mesh was split: two nodes claim it, and the newer one is right', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
    b.runUntil(1_000)
    b.give('mesh.split', { nodes: ['ucm-pub'] })
    b.give('fault.add', { fault: { id: 'cut', on: 'devices~ucm-sub1', kind: 'black-hole', port: 9_560 } })
    const at = toNextKeepalive(b)
    b.runUntil(at + 20_000)
    expect(sessionOf(b)).toMatchObject({ client: 'open', clientNode: 'ucm-pub', holders: ['ucm-pub', 'ucm-sub1'] })
    b.give('mesh.heal', {})
    b.runFor(15_000)
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
    expect(b.hop({ message: 'stale session of' })).toMatchObject({ from: 'ucm-sub1/LPNS', why: 'LPNS-19' })
    expect(b.node('ucm-sub1').mesh).toMatchObject({ sessions: 0, known: 1 })
    expect(b.try('mesh.heal', {})).toMatchObject({ ok: false, code: 'refused' })
  })

  it('[LPNS-19] a change that was missed is asked for with the next sign of life', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'], phone: { wifi: 'Canteen' } })
    b.runUntil(11_000)
    b.give('fault.add', { fault: { id: 'gap', on: 'ucm-pub~ucm-sub1', kind: 'black-hole', port: 9_560 } })
    b.give('device.network', { device: 'phone', wifi: 'Ward3' })
    b.runFor(1_000)
    expect(sessionOf(b).holders).toEqual(['ucm-sub1'])
    expect(b.node('ucm-pub').mesh).toMatchObject({ known: 0 })
    b.give('fault.clear', {})
    b.runUntil(20_100)
    expect(b.node('ucm-pub').mesh).toMatchObject({ known: 1 })
  })

  it('[LPNS-19] a stale entry is answered as such, and the call goes through APNs at once', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-sub1', service: 'Cisco CallManager' })
    b.runFor(5_000)
    // The news of the end is lost; the entry stays.
    b.give('fault.add', { fault: { on: 'ucm-pub~ucm-sub1', kind: 'drop', port: 9_560, count: 1 } })
    b.give('device.signOut', { device: 'phone' })
    b.runFor(50)
    b.give('fault.clear', {})
    expect(b.node('ucm-pub').mesh).toMatchObject({ known: 1 })
    b.give('device.signIn', { device: 'phone' })
    b.give('device.network', { device: 'phone', wifi: 'Canteen' })
    b.runFor(1_000)
    b.give('device.lock', { device: 'phone' })
    b.runUntil(b.lab.now + 10)
    if (b.node('ucm-pub').mesh?.known !== 1) return expect.unreachable('the entry was mended before the call')
    const flow = b.call('5001')
    b.runFor(3_000)
    const [local, cloud] = b.pushes({ flow })
    expect(b.hop({ flow, message: 'relay local push' })).toMatchObject({ outcome: expect.stringContaining('stale') })
    expect(local).toMatchObject({ path: 'local', state: 'failed' })
    expect((cloud?.createdAt ?? 0) - (local?.createdAt ?? 0)).toBeLessThan(20)
  })

  it('[LPNS-19] a split and its healing are known at once to whoever looks, and to the nodes when signs of life fail to come', () => {
    const b = ward({ nodes: 2 })
    b.runUntil(1_000)
    const mesh = (): [boolean, string | undefined] => [b.node('ucm-pub').mesh?.split === true, b.node('ucm-pub').mesh?.peers[0]?.state]
    b.give('mesh.split', { nodes: ['ucm-sub1'] })
    expect(mesh()).toEqual([true, 'joined'])
    b.runFor(40_000)
    expect(mesh()).toEqual([true, 'lost'])
    b.give('mesh.heal', {})
    expect(mesh()).toEqual([false, 'lost'])
    b.runFor(11_000)
    expect(mesh()).toEqual([false, 'joined'])
  })

  it('mesh.split names a node that there is, and not all of them', () => {
    const b = ward({ nodes: 2 })
    expect(b.try('mesh.split', { nodes: ['ghost'] })).toMatchObject({ ok: false, code: 'not-found' })
    expect(b.try('mesh.split', { nodes: ['ucm-pub', 'ucm-sub1'] })).toMatchObject({ ok: false, code: 'refused' })
  })
})

describe('failover', () => {
  const three = () => ward({ nodes: 3, group: ['ucm-sub1', 'ucm-sub2', 'ucm-pub'] })

  it('[LPNS-20] the service on the connected node goes down: to the backup, then to the tertiary', () => {
    const b = three()
    b.runUntil(1_000)
    b.give('service.kill', { node: 'ucm-sub1', service: LPNS })
    b.runFor(500)
    expect(sessionOf(b)).toMatchObject({ clientNode: 'ucm-sub2', holders: ['ucm-sub2'] })
    b.give('service.kill', { node: 'ucm-sub2', service: LPNS })
    b.runFor(500)
    expect(sessionOf(b)).toMatchObject({ clientNode: 'ucm-pub', holders: ['ucm-pub'] })
  })

  it('[LPNS-21] the return of the primary changes nothing; after a break it is the primary again', () => {
    const b = three()
    b.runUntil(1_000)
    b.give('service.kill', { node: 'ucm-sub1', service: LPNS })
    b.runFor(500)
    const { openedAt } = sessionOf(b)
    b.give('service.start', { node: 'ucm-sub1', service: LPNS })
    b.runFor(3_600_000)
    expect(sessionOf(b)).toMatchObject({ holders: ['ucm-sub2'], openedAt })
    b.give('device.kill', { device: 'phone' })
    b.runFor(3_000)
    expect(sessionOf(b)).toMatchObject({ holders: ['ucm-sub1'] })
  })

  it('[LPNS-22] the search goes from the top and takes 5 s for each node that is silent; calls in the gap use APNs', () => {
    const b = three()
    b.runUntil(1_000)
    b.give('node.crash', { node: 'ucm-sub1' })
    b.give('node.crash', { node: 'ucm-sub2' })
    const at = toNextKeepalive(b)
    expect(sessionOf(b)).toMatchObject({ client: 'open', clientNode: 'ucm-sub1', holders: [], gapSince: 1_000 })
    b.runUntil(at + 10_000) // the keepalive is not acknowledged
    expect(sessionOf(b)).toMatchObject({ client: 'hunting' })
    const flow = b.call('5001')
    b.runFor(4_000)
    expect(b.pushes({ flow })).toMatchObject([{ path: 'cloud' }])
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
    b.runUntil(at + 20_000 + 59) // 2 × 5 s; then connect, TLS and upgrade: four times there and once back
    expect(sessionOf(b)).toMatchObject({ client: 'hunting' })
    b.runUntil(at + 20_000 + 60)
    expect(sessionOf(b)).toMatchObject({ client: 'open', clientNode: 'ucm-pub' })
    const tried = b.hops({ from: 'phone', message: 'no answer from' }).map(({ message }) => message)
    expect(tried).toEqual(['no answer from ucm-sub1:9560', 'no answer from ucm-sub2:9560'])
    expect(b.hop({ message: 'local push is back' })).toMatchObject({ why: 'LPNS-22' })
    expect(sessionOf(b).lastGapMs).toBe(at + 20_060 - 1_000)
  })

  it('[LPNS-23] after it the push comes over the new session, and the phone registers when the app comes up', () => {
    const b = three()
    b.runUntil(1_000)
    b.give('node.crash', { node: 'ucm-sub1' })
    const at = toNextKeepalive(b)
    b.runUntil(at + 20_000)
    expect(sessionOf(b)).toMatchObject({ holders: ['ucm-sub2'] })
    expect(b.device('phone').registeredTo).toBe('ucm-sub1') // still the dead one: nothing woke the app
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.pushes({ flow })).toMatchObject([{ path: 'local', state: 'used' }])
    expect(b.device('phone').registeredTo).toBe('ucm-sub2')
  })

  it('[LPNS-23] without a node left in its group there is no local push', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1'] })
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-sub1', service: LPNS })
    b.runFor(30_000)
    expect(sessionOf(b)).toMatchObject({ client: 'waiting', holders: [] })
  })

  it('[LPNS-22] rounds that fail come further and further apart, at most 5 minutes', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-pub', service: LPNS })
    b.runFor(4 * 3_600_000)
    const tries = b.hops({ from: 'phone', message: 'connect wss://' }).map(({ sentAt }) => sentAt)
    const gaps = tries.slice(1).map((at, i) => at - (tries[i] as number))
    expect(gaps[0]).toBeGreaterThanOrEqual(5_000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(301_100)
    expect(gaps.at(-1)).toBeGreaterThanOrEqual(300_000)
    b.give('service.start', { node: 'ucm-pub', service: LPNS })
    b.runFor(310_000)
    expect(sessionOf(b)).toMatchObject({ client: 'open' })
  })
})

describe('the wave after a failover', () => {
  const crowd = (count: number) =>
    ward({
      nodes: 2,
      group: ['ucm-sub1', 'ucm-pub'],
      rest: {
        users: Array.from({ length: count }, (_, i) => ({ id: `u${i}`, number: String(20_000 + i), serviceProfile: 'nurses' })),
        devices: Array.from({ length: count }, (_, i) => ({
          id: `p${i}`,
          owner: `u${i}`,
          pool: 'phones',
          wifi: 'Ward3',
          app: 'off screen' as const,
        })),
      },
    })
  const sessionsOn = (b: ReturnType<typeof ward>, node: string) => b.node(node).mesh?.sessions ?? 0

  it('[DEC-12] a node takes about 400 handshakes a second, and shows how many wait', () => {
    const b = crowd(999)
    b.runUntil(1_000)
    expect(sessionsOn(b, 'ucm-sub1')).toBe(1_000)
    b.give('service.kill', { node: 'ucm-sub1', service: LPNS })
    b.runFor(1_100) // the reset, the refused primary, connect, TLS and upgrade take about 100 ms themselves
    expect(sessionsOn(b, 'ucm-pub')).toBeGreaterThanOrEqual(380)
    expect(sessionsOn(b, 'ucm-pub')).toBeLessThanOrEqual(420)
    expect(b.node('ucm-pub').mesh?.handshakesWaiting).toBeGreaterThan(500)
    b.runFor(1_600)
    expect(sessionsOn(b, 'ucm-pub')).toBe(1_000)
    expect(b.node('ucm-pub').mesh?.handshakesWaiting).toBe(0)
  })

  it('[DEC-12][LPNS-22] who waits for more than 5 s gives up and comes again; in the end everybody has a session', () => {
    const b = crowd(2_999)
    b.runUntil(1_000)
    b.give('service.kill', { node: 'ucm-sub1', service: LPNS })
    b.runFor(6_000)
    expect(sessionsOn(b, 'ucm-pub')).toBeLessThan(2_200)
    expect(b.hops({ message: 'no answer from ucm-pub:9560' }).length).toBeGreaterThan(500)
    b.runFor(60_000)
    expect(sessionsOn(b, 'ucm-pub')).toBe(3_000)
  })
})

describe('what lies between', () => {
  it('[LPNS-24] a connection idle for longer than the limit is half open: found at the next keepalive, then opened anew', () => {
    const b = ward({ rest: { faults: [{ fault: { on: 'devices~ucm-pub', kind: 'idle-cut', idleMinutes: 1 } }] } })
    b.runUntil(1_000)
    const first = toNextKeepalive(b) // less than 120 s after the start, but perhaps more than 60
    b.runUntil(first + 11_000)
    const at = toNextKeepalive(b)
    b.runUntil(at + 9_999)
    expect(sessionOf(b)).toMatchObject({ client: 'open' })
    expect(b.hops({ from: 'phone', message: 'keepalive', status: 'lost' }).at(-1)).toMatchObject({ at, why: 'LPNS-24' })
    b.runUntil(at + 10_000)
    expect(sessionOf(b)).toMatchObject({ client: 'hunting' })
    b.runUntil(at + 11_000)
    expect(sessionOf(b)).toMatchObject({ client: 'open', holders: ['ucm-pub'] })
    expect(finding(b, 'lpns:idle:fault-1')).toMatchObject({ level: 'Warning', why: 'LPNS-24' })
  })

  it('[LPNS-24] a limit that outlasts the keepalives cuts nothing', () => {
    const b = ward({ rest: { faults: [{ fault: { on: 'devices~ucm-pub', kind: 'idle-cut', idleMinutes: 2.1 } }] } })
    b.runUntil(3_600_000)
    expect(b.hops({ why: 'LPNS-24' })).toEqual([])
    expect(sessionOf(b)).toMatchObject({ client: 'open', gapSince: null, lastGapMs: null })
  })

  it('[LPNS-24] while it is half open a call waits 2 s for it and then goes through APNs', () => {
    const b = ward({ rest: { faults: [{ fault: { on: 'devices~ucm-pub', kind: 'idle-cut', idleMinutes: 0.5 } }] } })
    toNextKeepalive(b)
    b.runFor(15_000)
    b.runFor(40_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    const { pushAt } = b.flow(flow)
    expect(b.hop({ flow, message: 'local push: incoming call' })).toMatchObject({ status: 'lost', why: 'LPNS-24' })
    expect(b.pushes({ flow, path: 'cloud' })).toMatchObject([{ createdAt: (pushAt as number) + 2_000 }])
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
  })

  it('says before a call how it would come: local push, or 2 s later through Apple', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
    b.runUntil(1_000)
    expect(b.device('phone').reach).toMatchObject({ verdict: 'yes', path: 'local push', text: 'Yes, by local push over ucm-sub1.' })
    b.give('fault.add', { fault: { id: 'x', on: 'devices~ucm-sub1', kind: 'black-hole', port: 9_560 } })
    expect(b.device('phone').reach).toMatchObject({ verdict: 'yes', path: 'cloud push', text: expect.stringContaining('Only after 2 s') })
    b.give('fault.remove', { fault: 'x' })
    b.give('service.stop', { node: 'ucm-sub1', service: 'Cisco CallManager' })
    b.runFor(5_000)
    expect(b.device('phone').reach.text).toContain('over ucm-sub1, relayed by ucm-pub')
  })
})
