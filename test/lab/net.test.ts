import { describe, expect, it } from 'vitest'
import type { HopEvent } from '../../core/contract/event.ts'
import type { FindingRow } from '../../core/contract/rows.ts'
import { bench, twoPhones, type Bench } from './bench.ts'

const MIN = 60_000

/** Two Unified CM nodes; Ana's phone is served by ucm-pub, Ben's by ucm-sub1, the desk phone calls from ucm-pub. */
const perNode = (rest: Parameters<typeof twoPhones>[1] = {}) =>
  twoPhones(
    { pool: 'DP-pub' },
    {
      nodes: 2,
      ...rest,
      cluster: {
        accessTokenMinutes: 1_440,
        groups: [
          { id: 'CMG-pub', nodes: ['ucm-pub'] },
          { id: 'CMG-sub', nodes: ['ucm-sub1'] },
        ],
        pools: [
          { id: 'DP-pub', group: 'CMG-pub' },
          { id: 'DP-sub', group: 'CMG-sub' },
        ],
        ...rest.cluster,
        nodes: rest.cluster?.nodes ?? [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }],
      },
      users: [{ id: 'ben', name: 'Ben', number: '5002' }],
      devices: [{ id: 'ben', owner: 'ben', pool: 'DP-sub', app: 'off screen', locked: true, wakeMs: 400 }],
    },
  )

/** Calls a number, lets it ring or fail, hangs up, and gives how it stood before that. */
function tryCall(b: Bench, to: string): { flow: number; state: string; cause: string; causeWhy: string } {
  const flow = b.call(to, 'desk')
  b.runFor(12_000)
  const { state, cause, causeWhy } = b.flow(flow)
  b.try('call.hangUp', { flow })
  b.runFor(15_000)
  for (const device of ['phone', 'ben']) {
    b.try('device.background', { device })
    b.try('device.lock', { device })
  }
  b.runFor(3_000)
  return { flow, state, cause, causeWhy }
}

const finding = (b: Bench, id: string): FindingRow | undefined => b.rows<FindingRow>('finding').find((row) => row.id === id)
const block = (b: Bench, on: string, rest: object = {}): void =>
  void b.give('fault.add', { fault: { kind: 'black-hole', on, id: 'block', ...rest } })
const unblock = (b: Bench): void => void b.give('fault.remove', { fault: 'block' })
const posts = (b: Bench, flow: number): number => b.hops({ flow, to: 'push-rest', message: 'POST push' }).length

/** The reachability check, run to its end: level by node and host. */
function matrix(b: Bench): Record<string, string> {
  b.give('check.reachability', {})
  b.runFor(12_000)
  return Object.fromEntries(
    b
      .rows<FindingRow>('finding')
      .filter((row) => row.id.startsWith('reach:'))
      .map((row) => [row.id.slice(6), row.level]),
  )
}

const ALL_PASS = {
  'ucm-pub:push-rest': 'Pass',
  'ucm-pub:ci': 'Pass',
  'ucm-pub:fos': 'Pass',
  'ucm-sub1:push-rest': 'Pass',
  'ucm-sub1:ci': 'Pass',
}

describe('443 towards the cloud', () => {
  it.each([['ucm-sub1~firewall'], ['ucm-sub1']])('[NET-01] blocked at %s fails the pushes of that node only', (on) => {
    const b = bench(perNode())
    b.runUntil(1_000)
    block(b, on, { port: 443 })
    expect(tryCall(b, '5001')).toMatchObject({ state: 'ringing', cause: '' })
    const failed = tryCall(b, '5002')
    expect(failed.state).not.toBe('ringing')
    expect(failed.causeWhy).toBe('NET-01')
    expect(b.pushes({ device: 'ben', purpose: 'incoming call' })[0]?.state).toBe('failed')
    unblock(b)
    expect(tryCall(b, '5002').state).toBe('ringing')
  })

  it('[NET-01][NET-08] the matrix turns red at that node only', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    expect(matrix(b)).toEqual(ALL_PASS)
    block(b, 'ucm-sub1~firewall', { port: 443 })
    expect(matrix(b)).toEqual({ ...ALL_PASS, 'ucm-sub1:push-rest': 'Fail', 'ucm-sub1:ci': 'Fail' })
    expect(finding(b, 'reach:ucm-sub1:push-rest')).toMatchObject({
      why: 'NET-01',
      text: expect.stringMatching(/^CONNECT: /),
      fix: expect.stringContaining('443/TLS'),
    })
    expect(b.device('ben').reach).toMatchObject({ verdict: 'no' })
    expect(b.device('phone').reach).toMatchObject({ verdict: 'yes' })
    const link = b.rows('link').find((row) => row.id === 'ucm-sub1~firewall')
    expect(link).toMatchObject({ health: 'down' })
  })
})

describe('three cloud services with callers of their own', () => {
  it('[NET-02] Fusion Onboarding blocked: onboarding cannot complete, pushes of an onboarded cluster go on', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    block(b, 'firewall~fos')
    const { flow } = b.give('cluster.onboard', {}) as { flow: number }
    b.runFor(20_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', type: 'onboarding' })
    expect(b.flow(flow).cause).not.toBe('')
    expect(tryCall(b, '5001').state).toBe('ringing')

    const fresh = bench(perNode({ cluster: { nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }], onboarded: false } }))
    fresh.runUntil(1_000)
    block(fresh, 'firewall~fos')
    fresh.give('cluster.onboard', {})
    fresh.runFor(20_000)
    expect(tryCall(fresh, '5001').causeWhy).toBe('REL-02')
    unblock(fresh)
    const again = fresh.give('cluster.onboard', {}) as { flow: number }
    fresh.runFor(5_000)
    expect(fresh.flow(again.flow).state).toBe('done')
    expect(tryCall(fresh, '5001').state).toBe('ringing')
  })

  it('[NET-02] only the publisher asks Fusion Onboarding', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('cluster.onboard', {})
    b.runFor(5_000)
    expect(new Set(b.hops({ to: 'fos' }).map((hop) => hop.from))).toEqual(new Set(['ucm-pub/Cloud Onboarding']))
    b.give('node.crash', { node: 'ucm-pub' })
    expect(b.try('cluster.onboard', {})).toMatchObject({ ok: false, code: 'refused' })
  })

  it('[NET-02] Common Identity blocked from the start: no push leaves, and the token alarms stand on Unified CM and on IM and Presence', () => {
    const b = bench({
      ...perNode({ im: true }),
      faults: [{ fault: { kind: 'black-hole', on: 'firewall~ci', id: 'block' } }],
    })
    b.runUntil(20_000)
    expect(
      b
        .alarms('AccessTokenInvalid')
        .map((alarm) => alarm.node)
        .toSorted(),
    ).toEqual(['ucm-pub', 'ucm-sub1'])
    expect(b.alarms('AccessTokenFetchFailed').map((alarm) => alarm.node)).toEqual(['imp-pub'])
    expect(b.alarms('XCPConfigMgrAccessTokenIsNull').map((alarm) => alarm.node)).toEqual(['imp-pub'])
    const failed = tryCall(b, '5001')
    expect(failed.causeWhy).toBe('ALM-03')
    expect(b.hops({ to: 'push-rest' })).toEqual([])
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(0)
    expect(b.alarms('PushNotificationServiceAccessTokenUnavailable').map((alarm) => alarm.node)).toEqual(['ucm-pub'])
    unblock(b)
    b.runFor(10 * MIN)
    expect(tryCall(b, '5001').state).toBe('ringing')
    expect(b.alarms().filter((alarm) => alarm.clearedAt === null)).toEqual([])
  })

  it('[NET-02] a token outlives a blocked Common Identity to its last millisecond, then nothing leaves', () => {
    const run = (waitMs: number) => {
      const b = bench(perNode({ cluster: { nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }], accessTokenMinutes: 60 } }))
      b.runUntil(1_000)
      const endsAt = b.lab.world.cluster.publisher.agent.tokenEndsAt ?? Number.NaN
      block(b, 'firewall~ci')
      b.runUntil(endsAt - 12 + waitMs)
      const flow = b.call('5001', 'desk') // 11 ms later CallManager hands its push to CPNS
      b.runFor(500)
      return posts(b, flow)
    }
    expect(run(0)).toBe(1)
    expect(run(1)).toBe(0)
  })

  it('[NET-02] Push REST blocked: tokens are fetched, pushes fail', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    block(b, 'firewall~push-rest')
    const failed = tryCall(b, '5001')
    expect(failed.state).not.toBe('ringing')
    expect(failed.causeWhy).toBe('NET-01')
    expect(b.hops({ from: 'ci', message: '200' }).length).toBe(2)
    expect(b.alarms()).toEqual([])
    unblock(b)
    expect(tryCall(b, '5001').state).toBe('ringing')
  })

  it('[NET-02] Unified CM and IM and Presence each authenticate at Common Identity before they push', () => {
    const b = bench({ ...perNode({ im: true }) })
    b.runUntil(1_000)
    expect(
      b
        .hops({ to: 'ci', message: 'POST /idb/oauth2/v1/access_token' })
        .map((hop) => hop.from)
        .toSorted(),
    ).toEqual(['imp-pub/XCP Config Manager', 'ucm-pub/CPNS', 'ucm-sub1/CPNS'])
    const detail = b.detail(b.hops({ from: 'ucm-pub', to: 'ci', message: 'POST' })[0] as HopEvent)
    expect(detail?.body).toContain('grant_type=refresh_token')
    expect(detail?.headers).toContainEqual({ name: 'Host', value: 'idbroker.webex.com' })
    const hosts = b.hops({ message: 'connect ' }).map((hop) => /connect (\S+):443, TLS/.exec(hop.message)?.[1])
    expect(new Set(hosts)).toEqual(new Set(['idbroker.webex.com']))
    tryCall(b, '5001')
    b.give('cluster.onboard', {})
    b.runFor(3_000)
    expect(b.hops({ message: 'connect push.webexconnect.com:443, TLS' }).length).toBe(1)
    expect(b.hops({ message: 'connect fos-a.wbx2.com:443, TLS' }).length).toBe(1)
  })
})

describe('TLS inspection', () => {
  it.each([
    ['push-rest', { 'ucm-pub:push-rest': 'Fail', 'ucm-sub1:push-rest': 'Fail' }],
    ['ci', { 'ucm-pub:ci': 'Fail', 'ucm-sub1:ci': 'Fail' }],
    ['fos', { 'ucm-pub:fos': 'Fail' }],
  ] as const)('[NET-03] of %s breaks the handshake with that host only', (host, red) => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'tls-inspect', on: host } })
    expect(matrix(b)).toEqual({ ...ALL_PASS, ...red })
    for (const id of Object.keys(red)) {
      expect(finding(b, `reach:${id}`)).toMatchObject({
        why: 'NET-03',
        text: expect.stringContaining('TLS: TLS handshake failed'),
        fix: expect.stringContaining('SSL Decryption Exclusion'),
      })
    }
  })

  it('[NET-03] the push fails before it is sent: an error is counted, a request is not (ALM-17)', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'tls-inspect', on: 'firewall~push-rest', id: 'inspect' } })
    const failed = tryCall(b, '5001')
    expect(failed.causeWhy).toBe('NET-03')
    expect(posts(b, failed.flow)).toBe(0)
    const errors = b.counter('ucm-pub', 'NumberOfPushErrorResReceived')
    expect(errors).toBeGreaterThan(0)
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(0)
    expect(b.counter('ucm-pub', 'NumberOfPushResReceived')).toBe(0)
    b.give('fault.remove', { fault: 'inspect' })
    expect(tryCall(b, '5001').state).toBe('ringing')
    expect(b.counter('ucm-pub', 'NumberOfPushErrorResReceived')).toBe(errors)
  })
})

describe('port 9966', () => {
  it.each(['black-hole', 'refuse', 'reset', 'drop'] as const)(
    '[NET-04][DEC-14] %s between the nodes is a red finding there, and no push fails',
    (kind) => {
      const b = bench(perNode())
      b.runUntil(1_000)
      expect(finding(b, '9966:ucm-pub~ucm-sub1')).toBeUndefined()
      b.give('fault.add', { fault: { kind, on: 'ucm-pub~ucm-sub1', port: 9_966, id: 'block' } })
      expect(finding(b, '9966:ucm-pub~ucm-sub1')).toMatchObject({ level: 'Fail', why: 'NET-04', fix: expect.stringContaining('9966') })
      expect(tryCall(b, '5001').state).toBe('ringing')
      expect(tryCall(b, '5002').state).toBe('ringing')
      expect(b.alarms()).toEqual([])
      unblock(b)
      expect(finding(b, '9966:ucm-pub~ucm-sub1')).toBeUndefined()
    },
  )

  it('[NET-04] a block of another port between the nodes is no finding', () => {
    const b = bench(perNode())
    b.give('fault.add', { fault: { kind: 'black-hole', on: 'ucm-pub~ucm-sub1', port: 8_443 } })
    expect(finding(b, '9966:ucm-pub~ucm-sub1')).toBeUndefined()
  })

  it.each([
    ['refuse', 'ucm-pub~ucm-pub'],
    ['black-hole', 'ucm-pub~ucm-pub'],
    ['black-hole', 'ucm-pub'],
    ['drop', 'ucm-pub'],
  ] as const)('[NET-04][DEC-14] %s on %s itself is ALM-01 on that node, and its pushes fail', (kind, on) => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind, on, port: 9_966, id: 'block' } })
    const failed = tryCall(b, '5001')
    expect(failed.causeWhy).toBe('ALM-01')
    expect(b.alarms('PushNotificationServiceUnavailable').map((alarm) => [alarm.node, alarm.severity, alarm.clearedAt])).toEqual([
      ['ucm-pub', 'Alert', null],
    ])
    expect(b.pushes({ device: 'phone', purpose: 'incoming call' })[0]).toMatchObject({ state: 'failed' })
    expect(posts(b, failed.flow)).toBe(0)
    // The server runs, and a part of it cannot be reached.
    expect(b.node('ucm-pub')).toMatchObject({ state: 'up', health: 'degraded', faults: ['block'] })
    expect(tryCall(b, '5002').state).toBe('ringing')
    unblock(b)
    expect(b.node('ucm-pub')).toMatchObject({ state: 'up', health: 'up', faults: [] })
    expect(tryCall(b, '5001').state).toBe('ringing')
    expect(b.alarms('PushNotificationServiceUnavailable')[0]?.clearedAt).not.toBeNull()
  })

  it('[NET-04] a node around which everything is cut off is down, and up again afterwards', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'black-hole', on: 'ucm-sub1', id: 'block' } })
    expect(b.node('ucm-sub1')).toMatchObject({ state: 'up', health: 'down', faults: ['block'] })
    unblock(b)
    expect(b.node('ucm-sub1')).toMatchObject({ health: 'up', faults: [] })
  })

  it.each(['drop', 'black-hole'] as const)('[NET-04] one single %s on the node leaves no push without an end', (kind) => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind, on: 'ucm-pub~ucm-pub', port: 9_966, count: 1 } })
    const failed = tryCall(b, '5001')
    expect(failed.causeWhy).toBe('ALM-01')
    expect(b.pushes({ device: 'phone', purpose: 'incoming call' })[0]?.state).toBe('failed')
  })
})

describe('the local CPNS', () => {
  it('[NET-05] stopped on one node takes the pushes of the calls processed there, and no others', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-sub1', service: 'CPNS' })
    expect(finding(b, 'cpns:ucm-sub1')).toMatchObject({ level: 'Fail', why: 'NET-05' })
    expect(tryCall(b, '5001').state).toBe('ringing')
    const failed = tryCall(b, '5002')
    expect(failed.causeWhy).toBe('ALM-01')
    expect(b.alarms('PushNotificationServiceUnavailable').map((alarm) => alarm.node)).toEqual(['ucm-sub1'])
    expect(b.events.filter((event) => event.from === 'ucm-sub1/CallManager' && event.to === 'ucm-pub/CPNS')).toEqual([])
    b.give('service.start', { node: 'ucm-sub1', service: 'Cisco Push Notification Service' })
    b.runFor(5_000)
    expect(tryCall(b, '5002').state).toBe('ringing')
    expect(finding(b, 'cpns:ucm-sub1')).toBeUndefined()
    expect(b.alarms('PushNotificationServiceUnavailable')[0]?.clearedAt).not.toBeNull()
  })

  it('[NET-05] a call from another node to a client of the stopped one fails there all the same', () => {
    const b = bench(perNode({ cluster: { nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1', stopped: ['CPNS'] }] } }))
    b.runUntil(1_000)
    const failed = tryCall(b, '5002')
    b.hop({ flow: failed.flow, from: 'ucm-sub1/CallManager', to: 'ucm-sub1/CPNS', status: 'fail' })
    expect(failed.causeWhy).toBe('ALM-01')
  })
})

describe('idle connections', () => {
  /** One good call, `gapMs` without anything on the connection to Push REST, then two more calls. */
  function afterQuiet(idleMinutes: number, gapMs: number, rest: Parameters<typeof twoPhones>[1] = {}) {
    const b = bench(perNode({ edge: { firewall: { idleMinutes } }, ...rest }))
    b.runUntil(1_000)
    tryCall(b, '5001')
    const last = b.events.filter((event) => event.from === 'ucm-pub/CPNS' || event.to === 'ucm-pub/CPNS').at(-1)
    if (!last || last.from !== 'push-rest') throw new Error('the last thing on the connection is the answer of Push REST')
    // The desk phone's INVITE takes 10 ms, the way to the local CPNS 1 ms.
    b.runUntil(last.at + gapMs - 11)
    const first = b.call('5001', 'desk')
    b.runFor(12_000)
    return { b, first, state: b.flow(first).state }
  }

  it('[NET-06] a limit of 20 min: the first push after more than that is lost unseen, the next one works', () => {
    const { b, first, state } = afterQuiet(20, 25 * MIN)
    expect(state).not.toBe('ringing')
    b.hop({ flow: first, to: 'push-rest', status: 'lost', why: 'NET-06' })
    expect(b.hops({ flow: first, message: 'connect' })).toEqual([])
    b.runFor(20_000)
    expect(b.flow(first)).toMatchObject({ state: 'dropped', causeWhy: 'NET-07' })
    expect(b.pushes({ flow: first })[0]?.state).toBe('failed')
    expect(tryCall(b, '5001').state).toBe('ringing')
    expect(tryCall(b, '5001').state).toBe('ringing')
  })

  it('[NET-06] the limit is exact: 20 min of silence are fine, a millisecond more is not', () => {
    expect(afterQuiet(20, 20 * MIN).state).toBe('ringing')
    expect(afterQuiet(20, 20 * MIN + 1).state).not.toBe('ringing')
  })

  it.each([15, 25, 29, 31, 45, 180])('[NET-06] a limit of 30 min: nothing is lost after %d min of silence', (minutes) => {
    const { b, state } = afterQuiet(30, minutes * MIN)
    expect(state).toBe('ringing')
    expect(b.hops({ why: 'NET-06' })).toEqual([])
  })

  it('[NET-06] after 30 min the pool has let its connection go by itself: the push opens a new one', () => {
    const connects = (gapMs: number) => {
      const { b, first, state } = afterQuiet(20, gapMs)
      return { state, connects: b.hops({ flow: first, message: 'connect', status: 'ok' }).length }
    }
    expect(connects(20 * MIN)).toEqual({ state: 'ringing', connects: 0 })
    expect(connects(30 * MIN - 1)).toEqual({ state: 'in progress', connects: 0 })
    expect(connects(30 * MIN)).toEqual({ state: 'ringing', connects: 1 })
  })

  it('[NET-06] a limit under 30 min is a warning before anything is lost, 30 is not', () => {
    const warned = (idleMinutes: number) => finding(bench(perNode({ edge: { firewall: { idleMinutes } } })), 'idle')
    expect(warned(29.5)).toMatchObject({ level: 'Warning', why: 'NET-06' })
    expect(warned(30)).toBeUndefined()
  })

  it('[NET-06] the same limit as a fault on one link does the same and warns as well', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'idle-cut', on: 'ucm-pub~firewall', idleMinutes: 20, id: 'cut' } })
    expect(finding(b, 'idle:cut')).toMatchObject({ level: 'Warning', why: 'NET-06' })
    tryCall(b, '5001')
    b.runFor(25 * MIN)
    expect(tryCall(b, '5001').causeWhy).not.toBe('')
    expect(tryCall(b, '5001').state).toBe('ringing')
  })
})

describe('an error on an existing connection', () => {
  it('[NET-07][DEC-15] is not repaired on a new one: one attempt, the flow fails, the next push opens a new connection', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    tryCall(b, '5001')
    b.give('fault.add', { fault: { kind: 'reset', on: 'firewall~push-rest', count: 1 } })
    const sent = b.counter('ucm-pub', 'NumberOfPushReqSent')
    const flow = b.call('5001', 'desk')
    b.runFor(10_000)
    expect(posts(b, flow)).toBe(1)
    expect(b.hops({ flow, message: 'connect' })).toEqual([])
    b.hop({ flow, message: 'POST push', status: 'fail', why: 'NET-07' })
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(sent + 1)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'failed' }])
    b.runFor(10_000)
    expect(b.flow(flow)).toMatchObject({ state: 'dropped', causeWhy: 'NET-07' })
    const next = tryCall(b, '5001')
    expect(next.state).toBe('ringing')
    // The missed-call push of the failed flow came first and opened it.
    expect(b.hops({ message: 'connect push.webexconnect.com', status: 'ok' }).filter((hop) => hop.sentAt > 30_000).length).toBe(1)
  })

  it('[NET-07] an answer that is lost is not asked for again', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    tryCall(b, '5001')
    b.give('fault.add', { fault: { kind: 'drop', on: 'firewall~push-rest', direction: 'backward', count: 1 } })
    const flow = b.call('5001', 'desk')
    b.runFor(12_000)
    expect(posts(b, flow)).toBe(1)
    // The cloud had it: the phone rings, though the server never learned so.
    expect(b.device('phone').pushes).toBeGreaterThanOrEqual(2)
    expect(b.hops({ flow, why: 'NET-07', status: 'fail' }).length).toBe(1)
  })
})

describe('the reachability check', () => {
  it('[NET-08][DEC-17] has a row per node and host, Fusion Onboarding for the publisher only, IM and Presence included', () => {
    const b = bench(perNode({ im: true }))
    b.runUntil(1_000)
    expect(matrix(b)).toEqual({ ...ALL_PASS, 'imp-pub:push-rest': 'Pass', 'imp-pub:ci': 'Pass' })
    const row = finding(b, 'reach:ucm-pub:fos')
    expect(row).toMatchObject({ subject: 'ucm-pub → fos-a.wbx2.com', text: 'DNS, TCP, TLS and HTTP work', why: 'NET-08' })
    const flow = b.hops({ message: 'GET https://push.webexconnect.com/' })[0]?.flow ?? 0
    expect(b.flow(flow)).toMatchObject({ type: 'check', state: 'done' })
  })

  it.each([
    [{ kind: 'dns-fail', on: 'push-rest' }, 'DNS: ', 'DNS server', 'NET-09'],
    [{ kind: 'refuse', on: 'push-rest', port: 443 }, 'CONNECT: ', '443/TLS', 'NET-01'],
    [{ kind: 'black-hole', on: 'push-rest' }, 'CONNECT: ', '443/TLS', 'NET-01'],
    [{ kind: 'tls-inspect', on: 'push-rest' }, 'TLS: ', 'SSL Decryption Exclusion', 'NET-03'],
    [{ kind: 'blocked-address', on: 'push-rest' }, 'blocked: ', 'WBX1831', 'NET-08'],
  ] as const)('[NET-08] %j: the failure is told apart, with its repair, and the other hosts stay green', (fault, text, fix, why) => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault })
    expect(matrix(b)).toEqual({ ...ALL_PASS, 'ucm-pub:push-rest': 'Fail', 'ucm-sub1:push-rest': 'Fail' })
    const row = finding(b, 'reach:ucm-pub:push-rest')
    expect(row?.text.startsWith(text), row?.text).toBe(true)
    expect(row?.fix).toContain(fix)
    expect(row?.why).toBe(why)
  })

  it('[NET-08] an answer of 503 is a warning: the way is open, the service is not well', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'answer', on: 'ci', status: 503 } })
    expect(matrix(b)).toEqual({ ...ALL_PASS, 'ucm-pub:ci': 'Warning', 'ucm-sub1:ci': 'Warning' })
    expect(finding(b, 'reach:ucm-pub:ci')?.text).toBe('HTTP: answered 503 Service Unavailable')
  })

  it('[NET-08] a node that is down has its rows as well, and the check has an end', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('node.crash', { node: 'ucm-sub1' })
    expect(matrix(b)).toEqual({ ...ALL_PASS, 'ucm-sub1:push-rest': 'Fail', 'ucm-sub1:ci': 'Fail' })
    expect(finding(b, 'reach:ucm-sub1:ci')).toMatchObject({ text: 'ucm-sub1 is crashed', fix: 'Start the node.' })
    b.give('node.crash', { node: 'ucm-pub' })
    const { flow } = b.give('check.reachability', {}) as { flow: number }
    expect(b.flow(flow).state).toBe('failed')
  })
})

describe('name resolution', () => {
  it('[NET-09] removed on one node: what it opens from then on fails at the name, the other node goes on', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    tryCall(b, '5002')
    b.give('node.dns', { node: 'ucm-sub1', configured: false })
    const failed = tryCall(b, '5002')
    expect(failed.causeWhy).toBe('NET-09')
    b.hop({ flow: failed.flow, message: 'look up push.webexconnect.com', why: 'NET-09', status: 'fail' })
    expect(posts(b, failed.flow)).toBe(0)
    expect(tryCall(b, '5001').state).toBe('ringing')
    b.give('node.dns', { node: 'ucm-sub1', configured: true })
    expect(tryCall(b, '5002').state).toBe('ringing')
  })

  it('[NET-09] removed on the publisher: onboarding fails at the name', () => {
    const b = bench(perNode())
    b.runUntil(1_000)
    b.give('node.dns', { node: 'ucm-pub', configured: false })
    const { flow } = b.give('cluster.onboard', {}) as { flow: number }
    b.runFor(10_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'NET-09' })
    expect(b.flow(flow).cause).toContain('fos-a.wbx2.com cannot be resolved on ucm-pub')
  })

  it('[NET-09] missing on IM and Presence from the start: its token cannot be had, calls go on', () => {
    const b = bench({ ...perNode({ im: true }), presence: { nodes: [{ id: 'imp-pub', dns: false }] } })
    b.runUntil(1_000)
    expect(b.alarms('AccessTokenFetchFailed').map((alarm) => alarm.node)).toEqual(['imp-pub'])
    expect(b.hop({ from: 'imp-pub/XCP Config Manager', message: 'look up idbroker.webex.com', status: 'fail' }).seq).toBeLessThan(3)
    expect(tryCall(b, '5001').state).toBe('ringing')
  })
})

describe('the path of the device', () => {
  it.each([
    ['apns~devices', {}],
    ['fcm~devices', { os: 'android', osRelease: '13' } as const],
  ] as const)('[NET-10][DEC-33] %s blocked: the cloud accepts the push, the phone never gets it', (on, phone) => {
    const b = bench(twoPhones(phone))
    b.runUntil(1_000)
    block(b, on)
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'accepted' }])
    expect(b.counter('ucm-pub', 'NumberOfPushResReceived')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfPushErrorResReceived')).toBe(0)
    expect(b.device('phone').pushes).toBe(0)
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'NET-10' })
    b.runFor(15_000)
    expect(b.flow(flow).state).toBe('dropped')
    const push = b.pushes({ flow })[0]
    expect(['accepted', 'expired', 'superseded']).toContain(push?.state)
    unblock(b)
    const again = b.call('5001')
    b.runFor(5_000)
    expect(b.flow(again).state).toBe('ringing')
  })

  it('[NET-10] the path of the device is its own: a block towards the nodes does not stop the push, and the push does not make the call', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    block(b, 'devices~ucm-pub', { device: 'phone' })
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.device('phone').pushes).toBe(1)
    expect(b.flow(flow).state).not.toBe('ringing')
    b.runFor(15_000)
    expect(b.flow(flow).state).toBe('dropped')
  })

  it('[NET-10] a phone without internet: accepted, never delivered', () => {
    const b = bench(twoPhones({ internet: false }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    b.hop({ flow, from: 'apns', to: 'push-rest', message: '200' })
    b.hop({ flow, from: 'apns', status: 'lost', why: 'NET-10' })
    expect(b.device('phone').pushes).toBe(0)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'expired' }])
  })
})
