import { describe, expect, it } from 'vitest'
import type { NodeRow } from '../../core/contract/rows.ts'
import { scenarioSchema, type ScenarioInput } from '../../core/contract/scenario.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { capacityOf, type CapacityFigures } from '../../core/edge/capacity.ts'
import { labFigures } from '../../core/edge/labFigures.ts'
import { bench, finding, inOrder, twoPhones, type Bench } from './bench.ts'

const MIN = 60_000
const HOUR = 3_600_000
const ONE = '10.0.0.1'
const TWO = '10.0.0.2'

type ProxyInput = NonNullable<NonNullable<ScenarioInput['edge']>['proxy']>

const PROXY_LINKS: NonNullable<ScenarioInput['links']> = [
  { link: 'ucm-pub~proxy', latencyMs: 1, jitterMs: 0 },
  { link: 'proxy~firewall', latencyMs: 1, jitterMs: 0 },
]

/** Ana's suspended phone, and a proxy with two addresses between the only node and the cloud. */
const behind = (proxy: ProxyInput = {}, rest: Parameters<typeof twoPhones>[1] = {}): ScenarioInput =>
  twoPhones(
    {},
    {
      ...rest,
      cluster: { accessTokenMinutes: 1_440, nodes: [{ id: 'ucm-pub' }], ...rest.cluster },
      edge: { proxy: { fqdn: 'proxy.clinic.example', addresses: [ONE, TWO], ...proxy } },
      links: [...PROXY_LINKS, ...(rest.links ?? [])],
    },
  )

const at = (b: Bench, ms: number): Bench => {
  b.runUntil(ms)
  return b
}

/** Calls Ana, lets it ring or fail, hangs up, puts the phone away again, and gives how the call stood before that. */
function tryCall(b: Bench): { flow: number; state: string; cause: string; causeWhy: string } {
  const flow = b.call('5001', 'desk')
  b.runFor(14_500)
  const { state, cause, causeWhy } = b.flow(flow)
  b.try('call.hangUp', { flow })
  b.runFor(12_000)
  b.try('device.background', { device: 'phone' })
  b.try('device.lock', { device: 'phone' })
  b.runFor(1_000)
  return { flow, state, cause, causeWhy }
}

const dead = (b: Bench, on: string, rest: object = {}): void =>
  void b.give('fault.add', { fault: { kind: 'black-hole', on, id: `dead-${on.replace('~', '-')}`, ...rest } })
const restart = (b: Bench): void => {
  b.give('service.restart', { node: 'ucm-pub', service: 'CPNS' })
  b.runFor(3_000)
}
/** What reached the proxy, in short. */
const atProxy = (b: Bench, flow: number): string[] => b.hops({ flow, to: 'proxy' }).map((hop) => `${hop.at} ${hop.message}`)

describe('two call flows', () => {
  it('[PROXY-01][DEC-26] HTTP: TCP, CONNECT, a tunnel with TLS end to end; the proxy passes on tokens, pushes and onboarding', () => {
    const b = at(bench(behind()), 1_000)
    b.give('cluster.onboard', {})
    b.runFor(1_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(flow).state).toBe('ringing')
    inOrder(b, [
      { flow, from: 'ucm-pub/CPNS', to: 'proxy', message: `connect ${ONE}:3128`, outcome: 'connected', why: 'PROXY-01' },
      { flow, to: 'proxy', message: 'CONNECT push.webexconnect.com:443', outcome: 'no login needed' },
      { flow, from: 'proxy', to: 'push-rest', message: 'connect push.webexconnect.com:443', status: 'ok' },
      { flow, from: 'proxy', to: 'ucm-pub/CPNS', message: '200 Connection established' },
      { flow, from: 'ucm-pub/CPNS', to: 'push-rest', message: 'TLS inside the tunnel', outcome: 'certificate trusted', why: 'SEC-03' },
      { flow, to: 'proxy', message: 'POST push', outcome: 'passed on' },
      { flow, from: 'proxy', to: 'push-rest', message: 'POST push', outcome: 'sealed' },
      { flow, from: 'proxy', to: 'ucm-pub/CPNS', message: '200 OK' },
    ])
    for (const name of ['push.webexconnect.com', 'idbroker.webex.com', 'fos-a.wbx2.com'])
      expect(b.hops({ to: 'proxy', message: `CONNECT ${name}:443` }).length, name).toBe(1)
    // Nothing leaves the node for the cloud but through the proxy.
    expect(b.hops({ from: 'ucm-pub/CPNS', to: 'push-rest' }).every((hop) => hop.message.includes('inside the tunnel'))).toBe(true)
  })

  it('[PROXY-01][DEC-26] HTTPS: the hop to the proxy is TLS as well, and takes a round trip more', () => {
    const http = at(bench(behind()), 1_000)
    const https = at(bench(behind({ kind: 'HTTPS', product: 'Cisco WSA', virtualAddress: ONE, addresses: [ONE] })), 1_000)
    expect(http.hop({ message: `connect ${ONE}:3128` })).toMatchObject({ at: 2, outcome: 'connected' })
    expect(https.hop({ message: `connect ${ONE}:3128, TLS` })).toMatchObject({ at: 4, outcome: 'connected, TLS with the proxy' })
    expect(tryCall(https).state).toBe('ringing')
  })

  it.each([
    [{ kind: 'HTTPS', settings: { kind: 'HTTP' } }, 'this is an HTTPS proxy', /400 Bad Request.*neither of the two call flows/],
    [{ kind: 'HTTP', settings: { kind: 'HTTPS' } }, 'this is an HTTP proxy', /this is an HTTP proxy, and HTTPS is set/],
    [{ asks: 'Negotiate' }, 'asks for Negotiate', /asks for Negotiate; authentication is set to none/],
  ] as const)('[PROXY-01][ALM-06] an unsupported flow fails with its reason (%#)', (proxy, outcome, reason) => {
    const b = at(bench(behind(proxy)), 1_000)
    expect(b.hops({ outcome, why: 'PROXY' }).length).toBeGreaterThan(0)
    const [alarm] = b.alarms('HttpClientPoolCreationError')
    expect(alarm?.ciscoLog).toMatch(reason)
    expect(b.device('phone').reach.verdict).toBe('no')
    expect(tryCall(b).state).not.toBe('ringing')
  })

  it.each([
    [407, 'PROXY-02', 'dropped'],
    [405, 'PROXY-01', 'dropped'],
    [503, 'PROXY-05', 'dropped'],
  ])('[PROXY-01][PROXY-02][SCN-15] a fault may have the proxy answer %i to CONNECT', (status, why, state) => {
    const b = at(bench(behind({ asks: 'Digest' })), 1_000)
    b.give('fault.add', { fault: { kind: 'answer', on: 'proxy', status, id: 'says' } })
    expect(b.device('phone').reach.verdict).toBe('no')
    expect(tryCall(b)).toMatchObject({ state, causeWhy: why, cause: expect.stringContaining(String(status)) })
    b.give('fault.remove', { fault: 'says' })
    expect(tryCall(b).state).toBe('ringing')
  })

  it('[PROXY-02] not enabled: direct connections only, and the proxy sees nothing', () => {
    const b = at(bench(behind({ settings: { enabled: false } })), 1_000)
    expect(tryCall(b).state).toBe('ringing')
    expect(b.hops({ to: 'proxy' })).toEqual([])
    expect(b.hops({ from: 'ucm-pub/CPNS', to: 'push-rest', message: 'POST push' }).length).toBeGreaterThan(0)
    expect(b.node('proxy').note).toContain('not used')
  })

  it('[NET-03][SCN-06] SSL inspection at the proxy: handshake failure, no push leaves; on the exclusion list it works', () => {
    const b = at(bench(behind()), 1_000)
    b.give('fault.add', { fault: { kind: 'tls-inspect', on: 'proxy', id: 'inspect' } })
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'NET-03' })
    const failed = tryCall(b)
    expect(failed).toMatchObject({ state: 'dropped', causeWhy: 'NET-03' })
    expect(b.hops({ flow: failed.flow, message: 'POST push' })).toEqual([])
    b.give('fault.remove', { fault: 'inspect' })
    expect(tryCall(b).state).toBe('ringing')
  })

  it('[NET-01] 443 closed behind the proxy: silence, and after 5 s the second address, which fares no better', () => {
    const b = at(bench(behind()), 1_000)
    dead(b, 'proxy~firewall', { port: 443 })
    const failed = tryCall(b)
    expect(failed).toMatchObject({ state: 'dropped', causeWhy: 'PROXY-05' })
    expect(atProxy(b, failed.flow).filter((line) => line.includes('CONNECT'))).toHaveLength(2)
  })

  it('[NET-06] the firewall forgets idle tunnels as well: the push is lost, and goes over the second address after 5 s', () => {
    const b = at(bench(behind()), 1_000)
    b.give('fault.add', { fault: { kind: 'idle-cut', on: 'proxy~firewall', idleMinutes: 20 } })
    expect(tryCall(b).state).toBe('ringing')
    b.runFor(21 * MIN)
    const second = tryCall(b)
    expect(second.state).toBe('ringing')
    expect(b.hop({ flow: second.flow, status: 'lost' })).toMatchObject({ why: 'NET-06', from: 'proxy' })
    expect(b.hops({ flow: second.flow, why: 'PROXY-04' })).toHaveLength(1)
  })
})

describe('login at the proxy', () => {
  it.each([
    ['Basic', 'MD5'],
    ['Digest', 'MD5'],
    ['Digest', 'SHA-256'],
  ] as const)('[PROXY-02] %s (%s) logs in after the challenge, and from then on without one', (asks, algorithm) => {
    const b = at(bench(behind({ asks, algorithm })), 1_000)
    expect(b.hops({ from: 'proxy', message: '407 Proxy Authentication Required' })).toHaveLength(1)
    expect(b.hop({ message: 'CONNECT idbroker.webex.com:443, ' })).toMatchObject({ outcome: `login accepted: ${asks}`, status: 'ok' })
    const call = tryCall(b)
    expect(call.state).toBe('ringing')
    expect(b.hops({ flow: call.flow, message: '407' })).toEqual([])
    expect(b.alarms('HttpClientPoolCreationError')).toEqual([])
  })

  it.each(['Basic', 'Digest'] as const)(
    '[PROXY-02][ALM-06] %s with the wrong password: 407 twice, the alarm, no token; mended by the settings and a restart',
    (asks) => {
      const b = at(bench(behind({ asks, secret: 'new', settings: { secret: 'old' } })), 1_000)
      expect(b.hops({ from: 'proxy', to: 'ucm-pub/CPNS', message: '407' }).map((hop) => hop.status)).toEqual(['info', 'fail'])
      expect(b.alarms('HttpClientPoolCreationError')).toMatchObject([
        { severity: 'Alert', service: 'Cisco Push Notification Service', node: 'ucm-pub', clearedAt: null, why: 'ALM-06' },
      ])
      expect(b.alarms('AccessTokenInvalid')).toHaveLength(1)
      expect(b.device('phone').reach.verdict).toBe('no')
      expect(tryCall(b).state).toBe('dropped')
      b.give('proxy.set', { secret: 'new' })
      b.runFor(15 * MIN)
      // The old settings are in use until CPNS starts again (ONB-15).
      expect(tryCall(b).state).toBe('dropped')
      expect(finding(b, 'proxy:restart')).toMatchObject({ level: 'Warning', why: 'ONB-15', text: expect.stringContaining('ucm-pub') })
      restart(b)
      expect(finding(b, 'proxy:restart')).toBeUndefined()
      expect(b.alarms('HttpClientPoolCreationError')[0]?.clearedAt).not.toBeNull()
      expect(tryCall(b).state).toBe('ringing')
    },
  )

  it('[ONB-15] IM and Presence takes new settings with XCP Config Manager; a check while the service is stopped does not fix the old ones', () => {
    const b = at(
      bench(
        behind(
          { asks: 'Digest', settings: { secret: 'old' } },
          { im: true, links: [{ link: 'imp-pub~proxy', latencyMs: 1, jitterMs: 0 }] },
        ),
      ),
      1_000,
    )
    expect(b.alarms('AccessTokenFetchFailed')).toMatchObject([{ node: 'imp-pub', ciscoLog: expect.stringContaining('407') }])
    expect(b.alarms('HttpClientPoolCreationError').map((alarm) => alarm.node)).toEqual(['ucm-pub'])
    b.give('service.stop', { node: 'imp-pub', service: 'XCP Config Manager' })
    b.give('check.reachability', {})
    b.runFor(12_000)
    expect(finding(b, 'reach:imp-pub:push-rest')).toMatchObject({
      level: 'Fail',
      why: 'PROXY-02',
      text: expect.stringMatching(/^PROXY: .*407/),
      fix: expect.stringContaining('proxy settings'),
    })
    b.give('proxy.set', { secret: 'proxy-secret' })
    b.give('service.start', { node: 'imp-pub', service: 'XCP Config Manager' })
    b.runFor(3_000)
    expect(b.alarms('AccessTokenFetchFailed')[0]?.clearedAt).not.toBeNull()
    expect(finding(b, 'proxy:restart')?.text).toMatch(/; ucm-pub still/)
  })

  it('[PROXY-02] no secret stands in any event, alarm or message', () => {
    const b = at(bench(behind({ asks: 'Basic', user: 'svc-push', secret: 'Tr0ub4dor' })), 1_000)
    tryCall(b)
    const seen = JSON.stringify([b.events, b.events.map((event) => b.detail(event)), b.rows('alarm'), b.rows('finding'), b.rows('node')])
    expect(seen).not.toContain('Tr0ub4dor')
    expect(seen).not.toContain(Buffer.from('svc-push:Tr0ub4dor').toString('base64'))
  })

  it('[DEC-26] the inspector shows CONNECT and its answers, and no access token in them', () => {
    const b = at(bench(behind({ asks: 'Digest' })), 1_000)
    const shown = (where: Parameters<Bench['hop']>[0]) => b.detail(b.hop(where))
    expect(shown({ to: 'proxy', message: 'Digest login' })).toMatchObject({
      startLine: 'CONNECT idbroker.webex.com:443 HTTP/1.1',
      headers: [
        { name: 'Host', value: 'idbroker.webex.com:443' },
        { name: 'Proxy-Authorization', value: 'Digest (not shown)' },
      ],
    })
    expect(shown({ from: 'proxy', message: '407' })).toMatchObject({
      startLine: 'HTTP/1.1 407 Proxy Authentication Required',
      headers: [{ name: 'Proxy-Authenticate', value: expect.stringContaining('Digest realm="proxy", algorithm=MD5') }],
    })
    expect(shown({ from: 'proxy', message: '200 Connection established' })).toMatchObject({ body: '', headers: [] })
  })

  it('[PROXY-02] Basic gives the advice, Digest and none do not', () => {
    const advice = (proxy: ProxyInput) => finding(at(bench(behind(proxy)), 1_000), 'proxy:basic')
    expect(advice({ asks: 'Basic' })).toMatchObject({ level: 'Warning', why: 'PROXY-02', fix: expect.stringContaining('Digest') })
    expect(advice({ asks: 'Digest' })).toBeUndefined()
    expect(advice({})).toBeUndefined()
    expect(advice({ asks: 'Basic', settings: { enabled: false } })).toBeUndefined()
  })

  it.each([
    [30 * MIN - 1, false],
    [30 * MIN, true],
  ])('[PROXY-02] a nonce is good for 30 minutes: %i ms after it was made it is asked for anew: %s', (age, stale) => {
    const b = at(bench(behind({ asks: 'Digest' })), 1_000)
    const madeAt = b.hop({ message: 'CONNECT idbroker.webex.com:443', outcome: 'asks for Digest' }).at
    // CONNECT reaches the proxy 1 + 1 + 2 + 1 ms after the call: to CallManager's CPNS, TCP with the proxy, and on.
    const before = b.call('5001')
    b.runFor(3_000)
    const start = b.flow(before).startedAt
    const reached = b.hop({ flow: before, to: 'proxy', message: 'CONNECT' }).at - start
    b.give('call.hangUp', { flow: before })
    b.runFor(1_000)
    const fresh = at(bench(behind({ asks: 'Digest' })), madeAt + age - reached)
    const flow = fresh.call('5001')
    fresh.runFor(3_000)
    expect(fresh.hops({ flow, outcome: 'the nonce is too old', to: 'proxy' })).toHaveLength(stale ? 1 : 0)
    expect(fresh.flow(flow).state).toBe('ringing')
  })

  it('[PROXY-02] a password changed at the proxy: open tunnels go on, the next CONNECT is refused', () => {
    const b = at(bench(behind({ asks: 'Digest' })), 1_000)
    expect(tryCall(b).state).toBe('ringing')
    b.give('proxy.login', { secret: 'changed' })
    expect(tryCall(b).state).toBe('ringing')
    b.runFor(31 * MIN)
    expect(tryCall(b)).toMatchObject({ state: 'dropped', causeWhy: 'PROXY-02' })
    expect(b.alarms('HttpClientPoolCreationError')).toHaveLength(1)
  })
})

describe('several addresses', () => {
  it('[PROXY-03][SCN-06] dead first address: the second is tried at +2.000, and the wait is charged to the 13 s', () => {
    const b = at(bench(behind()), 1_000)
    dead(b, ONE)
    const flow = b.call('5001')
    b.runFor(5_000)
    const first = b.hop({ flow, message: `connect ${ONE}:3128`, status: 'lost' })
    expect(b.hop({ flow, message: `connect ${ONE}:3128`, status: 'warn' })).toMatchObject({ at: first.at + 2_000, why: 'PROXY-03' })
    expect(b.hop({ flow, message: `connect ${TWO}:3128` })).toMatchObject({ sentAt: first.at + 2_000, outcome: 'connected' })
    const bars = b.flow(flow).timers.filter((timer) => timer.why === 'PROXY-03')
    expect(bars).toMatchObject([
      { name: `connect to the proxy at ${ONE}`, startAt: first.at, endedAt: first.at + 2_000, fired: true },
      { name: `connect to the proxy at ${TWO}`, startAt: first.at + 2_000, fired: false },
    ])
    const { offeredAt, pushAt } = b.flow(flow)
    expect((offeredAt ?? 0) - (pushAt ?? 0)).toBeGreaterThan(2_500)
    expect(b.flow(flow).state).toBe('ringing')
  })

  it.each([
    [1_000, ONE],
    [1_001, TWO],
  ])('[PROXY-03] an address that is %i ms away connects after twice that: %s carries the push', (oneWay, used) => {
    const b = at(bench(behind()), 1_000)
    b.give('fault.add', { fault: { kind: 'delay', on: ONE, addMs: oneWay - 1, count: 1 } })
    const flow = b.call('5001')
    b.runFor(6_000)
    const connected = b.hops({ flow, to: 'proxy', message: 'connect', outcome: 'connected', status: 'ok' })
    expect(connected.map((hop) => hop.message)).toEqual([`connect ${used}:3128`])
    expect(b.hops({ flow, outcome: 'connected too late' }).map((hop) => hop.at - hop.sentAt)).toEqual(used === ONE ? [] : [2_002])
    expect(b.hops({ flow, message: `connect ${TWO}:3128` })).toHaveLength(used === ONE ? 0 : 1)
    expect(b.flow(flow).state).toBe('ringing')
  })

  it('[PROXY-03] all addresses dead: the call is dropped; the proxy by its IP address is not looked up', () => {
    const b = at(bench(behind({ settings: { server: TWO } })), 1_000)
    expect(b.hops({ message: 'look up' })).toEqual([])
    dead(b, TWO)
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'PROXY-03' })
    expect(tryCall(b)).toMatchObject({ state: 'dropped', causeWhy: 'PROXY-03', cause: expect.stringContaining(TWO) })
  })

  it('[NET-09][PROXY-03] without DNS the name of the proxy is not found; an IP address needs none', () => {
    const name = bench(behind({}, { cluster: { nodes: [{ id: 'ucm-pub', dns: false }] } }))
    at(name, 1_000)
    expect(name.hops({ message: 'look up proxy.clinic.example', status: 'fail', why: 'NET-09' })).toHaveLength(1)
    const address = at(bench(behind({ settings: { server: ONE } }, { cluster: { nodes: [{ id: 'ucm-pub', dns: false }] } })), 1_000)
    expect(tryCall(address).state).toBe('ringing')
  })

  it('[PROXY-03][ALM-06] a server name that DNS does not know is a wrong setting', () => {
    const b = at(bench(behind({ settings: { server: 'proxi.clinic.example' } })), 1_000)
    expect(b.hop({ message: 'look up proxi.clinic.example' })).toMatchObject({ status: 'fail', why: 'PROXY-03' })
    expect(b.alarms('HttpClientPoolCreationError')).toHaveLength(1)
  })

  it('[PROXY-04][DEC-15] no confirmation for 5 s: one more send at +5.000 over the second address, same tracking ID; the device drops the second', () => {
    const b = at(bench(behind()), 1_000)
    b.give('fault.add', { fault: { kind: 'drop', on: 'ucm-pub~proxy', direction: 'backward', port: 443, count: 1 } })
    const flow = b.call('5001')
    b.runFor(7_000)
    const told = b.hop({ flow, why: 'PROXY-04' })
    expect(told.at - told.sentAt).toBe(5_000)
    expect(b.hop({ flow, message: `connect ${TWO}:3128` }).sentAt).toBe(told.at)
    const posts = b.hops({ flow, from: 'proxy', to: 'push-rest', message: 'POST push' })
    expect(posts).toHaveLength(2)
    expect(new Set(posts.map((hop) => hop.tracking)).size).toBe(1)
    expect(b.hops({ flow, from: 'apns', to: 'phone' })).toHaveLength(2)
    expect(b.hop({ flow, message: 'push received twice' })).toMatchObject({ outcome: expect.stringContaining('dropped'), why: 'DEC-15' })
    expect(b.pushes({ flow })).toHaveLength(1)
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(1)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing', cause: '' })
    expect(b.flow(flow).timers.filter(({ why }) => why === 'PROXY-04')).toMatchObject([{ fired: true }, { fired: false }])
  })

  it('[PROXY-03][PROXY-04] a first address that goes silent under an open tunnel, then the second one slow: 5 s and 2 s eat the 13 s', () => {
    const b = at(bench(behind({ addresses: [ONE, TWO, '10.0.0.3'] })), 1_000)
    expect(tryCall(b).state).toBe('ringing')
    dead(b, ONE)
    dead(b, TWO)
    const flow = b.call('5001')
    b.runFor(9_000)
    expect(b.flow(flow).state).toBe('ringing')
    const { pushAt, offeredAt } = b.flow(flow)
    expect((offeredAt ?? 0) - (pushAt ?? 0)).toBeGreaterThan(7_400)
    // With 6 s more on the way of Apple the 13 s are over before the phone is there.
    const late = at(bench(behind({ addresses: [ONE, TWO, '10.0.0.3'] })), 1_000)
    tryCall(late)
    dead(late, ONE)
    dead(late, TWO)
    late.give('fault.add', { fault: { kind: 'delay', on: 'apns~devices', addMs: 6_000 } })
    expect(tryCall(late)).toMatchObject({ state: 'dropped', causeWhy: 'PROXY-04', cause: expect.stringContaining('next address') })
  })

  it('[NET-07][DEC-15] an error on the open tunnel: exactly one attempt, and the next push opens a new connection', () => {
    const b = at(bench(behind()), 1_000)
    expect(tryCall(b).state).toBe('ringing')
    b.give('fault.add', { fault: { kind: 'reset', on: ONE, count: 1 } })
    const failed = tryCall(b)
    expect(failed).toMatchObject({ state: 'dropped', causeWhy: 'NET-07' })
    expect(b.hops({ flow: failed.flow, message: 'POST push' })).toHaveLength(1)
    expect(tryCall(b).state).toBe('ringing')
  })
})

describe('a changed address', () => {
  /** The token is fetched at 0, which looks the proxy up; its tunnel carries nothing else for a day. */
  const moved = (): Bench => {
    const b = at(bench(behind({ addresses: [ONE] })), 1_000)
    b.give('proxy.address', { addresses: ['10.0.0.9'] })
    return b
  }

  it.each([
    [3_599_000, 'dropped'],
    [3_599_999, 'dropped'],
    [3_600_000, 'ringing'],
  ])('[PROXY-07] a push that leaves %i ms after the lookup: %s', (leaves, state) => {
    const b = moved()
    b.runUntil(leaves - 11) // desk to CallManager 10 ms, CallManager to CPNS 1 ms
    const flow = b.call('5001')
    b.runFor(14_500)
    expect(b.hops({ flow, message: 'look up' }).map((hop) => hop.at)).toEqual(state === 'ringing' ? [leaves] : [])
    expect(b.flow(flow).state).toBe(state)
    if (state === 'dropped') {
      expect(b.flow(flow)).toMatchObject({
        causeWhy: 'PROXY-03',
        cause: expect.stringMatching(/looked up 360[12] s ago and are kept for another 0 s/),
      })
      expect(b.hops({ flow, outcome: 'the proxy has moved', why: 'PROXY-07' }).length).toBeGreaterThan(0)
    }
  })

  it('[PROXY-07][SCN-06] flushed, or with a restarted CPNS, it is used at once', () => {
    const flushed = moved()
    expect(tryCall(flushed).state).toBe('dropped')
    flushed.give('proxy.flush', {})
    expect(tryCall(flushed).state).toBe('ringing')
    const restarted = moved()
    restart(restarted)
    expect(tryCall(restarted).state).toBe('ringing')
    expect(flushed.try('proxy.flush', { node: 'ghost' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[PROXY-07] each node has a cache of its own', () => {
    const b = at(bench(behind({ addresses: [ONE] }, { nodes: 2, cluster: { nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }] } })), 1_000)
    expect(b.hops({ message: 'look up' }).map((hop) => hop.from)).toEqual(['ucm-pub/CPNS', 'ucm-sub1/CPNS'])
    b.give('proxy.address', { addresses: ['10.0.0.9'] })
    b.give('proxy.flush', { node: 'ucm-sub1' })
    expect(b.device('phone').reach.verdict).toBe('no') // ucm-pub serves it
    b.give('proxy.flush', { node: 'ucm-pub' })
    expect(b.device('phone').reach.verdict).toBe('yes')
  })
})

describe('the proxy itself', () => {
  /** How long calls fail after its connection to the cloud has failed: tried every 15 s. */
  const outageMs = (failoverMs: number): number => {
    const b = at(bench(behind({ failoverMs, addresses: [ONE] })), 1_000)
    expect(tryCall(b).state).toBe('ringing')
    b.give('proxy.upstream', { works: false })
    const failedAt = b.lab.now
    while (b.lab.now < failedAt + 10 * MIN) {
      const flow = b.call('5001')
      b.runFor(14_000)
      const { state } = b.flow(flow)
      if (state === 'ringing') return (b.flow(flow).startedAt ?? 0) - failedAt
      b.runFor(1_000)
    }
    return Number.POSITIVE_INFINITY
  }

  it('[PROXY-05] a longer failover setting is a longer outage', () => {
    const [none, short, long] = [outageMs(1_000), outageMs(20_000), outageMs(120_000)]
    // The call of the moment itself is lost with its tunnel; the others fail until the proxy lets go.
    expect([none, short, long]).toEqual([15_000, 30_000, 120_000])
  })

  it.each([
    [12_999, undefined],
    [13_000, 'Warning'],
  ])('[PROXY-05] failover after %i ms: %s', (failoverMs, level) => {
    expect(finding(at(bench(behind({ failoverMs })), 1_000), 'proxy:failover')?.level).toBe(level)
  })

  it('[PROXY-05] what was on its way when it failed over is not sent again; the next push opens a new tunnel', () => {
    const b = at(bench(behind({ failoverMs: 3_000, addresses: [ONE] })), 1_000)
    tryCall(b)
    b.give('proxy.upstream', { works: false })
    const failed = tryCall(b)
    expect(failed).toMatchObject({ state: 'dropped', causeWhy: 'NET-07' })
    expect(b.hops({ flow: failed.flow, from: 'proxy', to: 'push-rest', status: 'lost', why: 'PROXY-05' })).toHaveLength(1)
    const next = tryCall(b)
    expect(next.state).toBe('ringing')
    b.give('proxy.upstream', { works: true })
    expect(tryCall(b).state).toBe('ringing')
    expect(b.try('proxy.upstream', { works: true })).toMatchObject({ ok: false, code: 'refused' })
  })

  it.each([
    [[ONE], 'Pass'],
    [[TWO], 'Fail'],
    [[ONE, TWO], 'Fail'],
  ])('[PROXY-06] a WSA whose name maps to %j, with the virtual address 10.0.0.1: %s', (addresses, level) => {
    const b = at(bench(behind({ product: 'Cisco WSA', kind: 'HTTPS', addresses, virtualAddress: ONE })), 1_000)
    expect(finding(b, 'proxy:virtual')).toMatchObject({ level, why: 'PROXY-06' })
    const other = at(bench(behind({ addresses, virtualAddress: ONE })), 1_000)
    expect(finding(other, 'proxy:virtual')).toBeUndefined()
  })

  it('a lab without a proxy refuses its commands with the way to one', () => {
    const b = bench(twoPhones())
    for (const [name, args] of [
      ['proxy.set', {}],
      ['proxy.login', {}],
      ['proxy.address', { addresses: [ONE] }],
      ['proxy.flush', {}],
      ['proxy.upstream', { works: false }],
    ] as const)
      expect(b.try(name, args), name).toMatchObject({
        ok: false,
        code: 'refused',
        issues: [{ fix: expect.stringContaining('edge: { proxy') }],
      })
  })

  it('[PROXY-03] addresses and names are told apart', () => {
    const server = (value: string) => scenarioSchema.safeParse(behind({ settings: { server: value } })).success
    expect(['10.0.0.255', 'proxy.clinic.example', 'a.b', 'p-1.x.org'].map(server)).toEqual([true, true, true, true])
    expect(['10.0.0.256', '10.0.0', '1.2.3.4.5', 'proxy', 'proxy.', '-a.b', '10.0.0.1.', ''].map(server)).toEqual(Array(8).fill(false))
  })

  it('[SCN-15] a file may put faults on its addresses, now and later, and nobody else may have them', () => {
    const file = (address: string, id = 'ana-phone') => `pushlab: 1
title: x
cluster: { nodes: [{ id: ucm-pub }] }
edge: { proxy: { addresses: [10.0.0.1] } }
users: [{ id: ana, number: "5001" }]
devices: [{ id: ${id}, owner: ana }]
faults: [{ at: 1s, fault: { kind: black-hole, on: ${address} } }]
commands: [{ at: 1s, do: proxy.address, with: { addresses: [10.0.0.7] } }]
`
    const paths = (text: string) => {
      const parsed = parseScenario(text, 'x.yaml')
      return parsed.ok ? [] : parsed.issues.map((issue) => issue.path)
    }
    expect(['10.0.0.1', '10.0.0.7', '10.0.0.8'].map((address) => paths(file(address)))).toEqual([[], [], ['faults[0].fault.on']])
    expect(paths(file('10.0.0.1', '10.0.0.1'))).toEqual(['devices[0].id'])
  })

  it('its row says where it is and what faults sit on its addresses', () => {
    const b = at(bench(behind()), 1_000)
    expect(b.node('proxy')).toMatchObject({ note: `HTTP, ${ONE}, ${TWO}`, health: 'up' } satisfies Partial<NodeRow>)
    dead(b, ONE)
    expect(b.node('proxy')).toMatchObject({ health: 'down', faults: [`dead-${ONE}`] })
  })
})

describe('capacity', () => {
  it('[PROXY-08][DEC-27] the calculator agrees with the transactions counted in a simulated busy hour', () => {
    const figures: CapacityFigures = {
      callUsers: 8,
      callsPerUser: 5,
      secondPushShare: 0.4,
      messageUsers: 6,
      messagesPerUser: 10,
      suspendedShare: 0.5,
      nodes: 2,
      tokenMinutes: 10, // of 15, renewed 5 before the end
      alarmMinutes: 30, // the management agent sends by itself
      peakFactor: 1,
    }
    const ids = Array.from({ length: figures.callUsers }, (_, i) => `u${i}`)
    const b = bench(
      behind(
        {},
        {
          im: true,
          cluster: { nodes: [{ id: 'ucm-pub' }], accessTokenMinutes: 15 },
          users: ids.map((id, i) => ({ id, number: `6${i}00` })),
          devices: ids.map((id) => ({ id: `${id}-phone`, owner: id, client: 'jabber' as const, app: 'off screen' as const, locked: true })),
          links: [{ link: 'imp-pub~proxy', latencyMs: 1, jitterMs: 0 }],
        },
      ),
    )
    // What the lab knows by itself are Ana's phone, which nobody calls in this hour, and the eight.
    expect(labFigures(b.lab.world)).toMatchObject({ callUsers: 9, messageUsers: 8, nodes: 2, tokenMinutes: 10 })
    // The hour begins off the beat of the token timers, so that none falls on its edge.
    const start = 20 * MIN + 30_000
    b.runUntil(start)
    const seen = b.events.length
    const away = (id: string): void => {
      b.try('device.background', { device: `${id}-phone` })
      b.try('device.lock', { device: `${id}-phone` })
    }
    let calls = 0
    for (let round = 0; round < figures.callsPerUser; round++) {
      for (const [i, id] of ids.entries()) {
        const flow = b.call(`6${i}00`, 'desk')
        b.runFor(5_000)
        // Two of five calls are missed, which the phone is told by a second push.
        if (calls++ % 5 < 2) b.give('call.hangUp', { flow })
        else {
          b.give('device.answer', { device: `${id}-phone` })
          b.runFor(2_000)
          b.give('device.hangUp', { device: `${id}-phone` })
        }
        b.runFor(1_000)
        away(id)
        b.runFor(12_000)
      }
    }
    for (let round = 0; round < figures.messagesPerUser; round++) {
      for (const id of ids.slice(0, figures.messageUsers)) {
        if (round % 2 === 0) b.give('device.foreground', { device: `${id}-phone` })
        b.runFor(1_000)
        b.give('message.send', { from: 'okafor', to: id, text: 'hello' })
        b.runFor(1_000)
        away(id)
        b.runFor(3_000)
      }
    }
    expect(b.lab.now).toBeLessThan(start + HOUR)
    b.runUntil(start + HOUR)
    const carried = b.events
      .slice(seen)
      .filter((hop) => hop.to === 'proxy' && hop.message.startsWith('POST') && hop.outcome === 'passed on')
    const counted = (carrier: string, message: string): number =>
      carried.filter((hop) => hop.carrier === carrier && hop.message.includes(message)).length
    const sum = capacityOf(figures)
    expect({
      calls: counted('HTTPS', 'call') + counted('HTTPS', 'elsewhere'),
      messages: counted('HTTPS', ', message'),
      tokens: counted('OAuth', 'access_token'),
      perHour: carried.length,
    }).toEqual({ calls: sum.calls, messages: sum.messages, tokens: sum.tokens, perHour: sum.perHour })
  })
})
