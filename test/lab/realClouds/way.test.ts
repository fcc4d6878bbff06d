import { describe, expect, it } from 'vitest'
import type { CloudName, Told } from '../../../core/contract/clouds.ts'
import type { LinkRow } from '../../../core/contract/rows.ts'
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import { MAX_ASKS } from '../../../core/cloud/asks.ts'
import type { CloudAsk } from '../../../core/cloud/real.ts'
import { inOrder, twoPhones } from '../bench.ts'
import { again, ALL, open, type Open } from './sockets.ts'

const call = ({ b }: Open): number => b.call('5001')
const failing = (stage: 'dns' | 'connect' | 'tls' | 'send' | 'timeout', text: string): Told => ({ is: 'failed', stage, text })

/** Breaks one kind of question about Push REST; tokens are fetched all the same. */
const breaks = (lab: Open, kind: CloudAsk['do'], told: Told | 'never'): void => {
  lab.sockets.plan = (what) => {
    if (what.do !== kind) return null
    const about =
      what.do === 'resolve' ? what.name : what.do === 'dial' ? (what.target.tls ?? '') : what.do === 'exchange' ? what.request.cloud : ''
    if (!about.includes('push')) return null
    return told === 'never' ? 'never' : { after: 3, told }
  }
}

describe('the cluster on real sockets', () => {
  it('[NET-02][SEC-07][APNS-10][DEC-35] a call wakes the phone over real ways, and the run replays byte for byte without them', () => {
    const scenario = twoPhones()
    const lab = open(scenario)
    const { b, sockets } = lab
    sockets.run(1_000)
    const flow = call(lab)
    sockets.run(3_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(sockets.said('dial')).toEqual(['5 ucm-pub 127.0.0.1:443 idbroker.webex.com', '1016 ucm-pub 127.0.0.1:443 push.webexconnect.com'])
    inOrder(b, [
      { to: 'ci', message: 'connect idbroker.webex.com:443, TLS', outcome: 'over a real socket', why: 'SEC-03' },
      { to: 'ci', message: 'POST /idb', outcome: 'machine account known', why: 'NET-02' },
      { from: 'ci', message: '200 OK', outcome: 'access token for 60 min, over a real socket', why: 'NET-02' },
      { flow, to: 'push-rest', message: 'connect push.webexconnect.com:443, TLS', outcome: 'over a real socket', why: 'SEC-03' },
      { flow, to: 'push-rest', message: 'POST push', outcome: 'sealed', why: 'SEC-07' },
      { flow, from: 'push-rest', to: 'apns', message: 'POST /3/device/', outcome: 'token known', why: 'CH-10' },
      {
        flow,
        from: 'apns',
        to: 'push-rest',
        message: '200',
        outcome: 'accepted by APNs, not yet delivered, over a real socket',
        why: 'DEC-33',
      },
      { flow, from: 'push-rest', to: 'ucm-pub/CPNS', message: '200 OK', outcome: 'over a real socket' },
      { flow, to: 'phone', message: 'deliver incoming call' },
      { flow, from: 'phone', message: 'CallKit' },
    ])
    expect(b.pushes({ flow })).toMatchObject([{ state: 'used' }])
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfPushResReceived')).toBe(1)
    const apns = sockets.request('apns')
    expect(Object.fromEntries(apns.headers)).toMatchObject({
      'apns-topic': 'com.cisco.squared.voip',
      'apns-push-type': 'voip',
      'apns-priority': '10',
      'apns-expiration': '0',
    })
    expect(b.pushes({ flow })[0]?.id).toBe(`CPNS_${Object.fromEntries(apns.headers)['apns-id']}`)
    // The journal knows tokens by ID only, and the texts of none.
    expect(lab.journal.some((line) => line.includes('"do":"wire.told"'))).toBe(true)
    expect(again(scenario, lab)).toEqual(lab.journal)
  })

  it('[FCM-02][FCM-04][SEC-04] to Android: v1 message of high priority, nothing in the clear but target and tracking ID', () => {
    const lab = open(twoPhones({ client: 'webex', os: 'android', osRelease: '13' }))
    const { b, sockets } = lab
    sockets.run(1_000)
    const flow = call(lab)
    sockets.run(3_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'used' }])
    const { path, body, bearer } = sockets.request('fcm')
    expect(path).toBe('/v1/projects/push-lab/messages:send')
    expect(bearer).toBeNull()
    const { message } = JSON.parse(body) as { message: { android: object; data: Record<string, string>; token: string } }
    expect(message.android).toEqual({ priority: 'HIGH', ttl: '0s' })
    expect(Object.keys(message.data)).toEqual(['payload', 'tracking'])
    expect(message.token).toBe(b.lab.world.devices.get('phone')?.token)
  })

  it.each([
    ['resolve', failing('dns', 'push.webexconnect.com is not known'), 'NET-09', /is not known/],
    ['dial', failing('connect', 'port 443 refused at 127.0.0.1'), 'NET-01', /refused/],
    [
      'dial',
      failing('tls', "TLS handshake failed: the certificate of push.webexconnect.com is not the cloud's own"),
      'NET-03',
      /certificate/,
    ],
    ['exchange', failing('send', 'connection reset by push.webexconnect.com'), 'NET-07', /reset/],
    ['exchange', { is: 'answer', status: 503, text: 'Service Unavailable' } as Told, 'ALM-17', /503 Service Unavailable/],
    ['exchange', { is: 'line' } as Told, 'NET-07', /no answer here/],
    ['resolve', { is: 'addresses', addresses: [] } as Told, 'NET-09', /has no address/],
  ] as const)('[NET-02][NET-03][NET-07][NET-09] a failure at %s (%#) shows as in virtual time', (kind, told, why, text) => {
    const scenario = twoPhones()
    const lab = open(scenario)
    lab.sockets.run(1_000)
    breaks(lab, kind, told)
    const flow = call(lab)
    lab.sockets.run(14_500)
    expect(lab.b.flow(flow)).toMatchObject({ state: 'dropped', causeWhy: why, cause: expect.stringMatching(text) })
    expect(lab.b.pushes({ flow })[0]).toMatchObject({ state: 'failed', reason: expect.stringMatching(text) })
    expect(lab.b.counter('ucm-pub', 'NumberOfPushErrorResReceived')).toBe(
      // The call and its missed-call push.
      told.is === 'answer' || why === 'NET-03' ? 2 : 0,
    )
    expect(again(scenario, lab)).toEqual(lab.journal)
  })

  it.each(['resolve', 'dial', 'exchange'] as const)('[NET-07] silence at %s: nothing at 4,999 ms, the end at 5,000 ms, once', (kind) => {
    const lab = open(twoPhones())
    lab.sockets.run(1_000)
    breaks(lab, kind, 'never')
    const flow = call(lab)
    lab.sockets.run(11)
    const asked = () => lab.sockets.asked.find(({ at, what }) => at > 1_000 && what.do === kind)
    while (!asked()) lab.sockets.run(1)
    const leftAt = asked()?.at ?? 0
    lab.sockets.run(leftAt + 4_999 - lab.b.lab.now)
    expect(lab.b.pushes({ flow })[0]?.state).not.toBe('failed')
    lab.sockets.run(1)
    expect(lab.b.pushes({ flow })[0]?.state).toBe('failed')
    expect(lab.sockets.dropped).toContain(asked()?.number)
    // Late, twice and unknown: harmless.
    const events = lab.b.events.length
    lab.sockets.tell(asked()?.number ?? 0, { is: 'answer', status: 200, text: 'OK' })
    lab.sockets.tell(asked()?.number ?? 0, { is: 'line' })
    lab.sockets.tell(99_999, { is: 'secured' })
    expect(lab.b.events.length).toBe(events)
    lab.sockets.run(14_000)
    expect(lab.b.pushes({ flow })[0]?.state).toBe('failed')
  })

  it('[CALL-01][DEC-33] an answer just before the 13 s of the call; all waits are charged to them', () => {
    const lab = open(twoPhones())
    lab.sockets.run(1_000)
    lab.sockets.plan = (what) => (what.do === 'resolve' ? { after: 4_000, told: { is: 'addresses', addresses: ['127.0.0.1'] } } : null)
    const flow = call(lab)
    lab.sockets.run(4_000)
    expect(lab.b.flow(flow).state).not.toBe('ringing')
    lab.sockets.run(2_000)
    expect(lab.b.flow(flow).state).toBe('ringing')
  })

  it('[PROXY-03] an IPv6 address of the proxy stands in brackets beside its port, whether it answers or not', () => {
    const lab = open(twoPhones({}, { edge: { proxy: { fqdn: 'proxy.clinic.example' } } }), ['ci', 'push-rest'])
    const [dead, alive] = ['fd00::80', '::1']
    lab.sockets.plan = (what) => {
      if (what.do === 'resolve') return { after: 1, told: { is: 'addresses', addresses: [dead, alive] } }
      return what.do === 'dial' && what.target.address === dead ? 'never' : null
    }
    lab.sockets.run(5_000)
    const connects = lab.b.hops({ message: 'connect [' }).map(({ message, status }) => `${message} ${status}`)
    expect(connects).toEqual(['connect [fd00::80]:3128 warn', 'connect [::1]:3128 ok'])
    lab.b.hop({ message: 'connect [fd00::80]:3128', outcome: 'no connection to the proxy at fd00::80 within 2 s: next address, ::1' })
  })

  it('[NET-06] a connection that the other side ends is no error of the next push: it dials anew, and one event tells of it', () => {
    const lab = open(twoPhones({}, { im: true }))
    const { b, sockets } = lab
    sockets.run(1_000)
    const first = call(lab)
    sockets.run(2_000)
    const dialled = sockets.asked.find(({ what }) => what.do === 'dial' && what.target.tls === 'push.webexconnect.com')
    sockets.tell(dialled?.number ?? 0, { is: 'failed', stage: 'send', text: 'push.webexconnect.com hung up' })
    b.hop({ message: 'connection ends', outcome: 'hung up', why: 'NET-06' })
    b.give('call.hangUp', { flow: first })
    sockets.run(2_000)
    expect(b.pushes({ purpose: 'missed call' }).every(({ state }) => state !== 'failed')).toBe(true)
    expect(sockets.said('dial').filter((line) => line.includes('push.webexconnect.com') && line.includes('ucm-pub'))).toHaveLength(
      b.pushes({ purpose: 'missed call' }).length > 0 ? 2 : 1,
    )
  })

  it('[NET-02][TRB-11] faults of the lab hold on real ways too', () => {
    const lab = open(twoPhones())
    const { b, sockets } = lab
    sockets.run(1_000)
    b.give('fault.add', { fault: { kind: 'black-hole', on: 'firewall~push-rest', port: 443, id: 'hole' } })
    const swallowed = call(lab)
    sockets.run(25_000) // its missed-call push is swallowed as well
    expect(b.flow(swallowed)).toMatchObject({ state: 'dropped', causeWhy: 'NET-01' })
    expect(sockets.said('dial')).toHaveLength(1)
    b.give('fault.remove', { fault: 'hole' })
    b.give('fault.add', { fault: { kind: 'tls-inspect', on: 'push-rest', id: 'inspect' } })
    const inspected = call(lab)
    sockets.run(25_000)
    expect(b.flow(inspected)).toMatchObject({ state: 'dropped', causeWhy: 'NET-03' })
    expect(sockets.hungUp.length).toBe(2)
    b.give('fault.remove', { fault: 'inspect' })
    b.give('fault.add', { fault: { kind: 'dns-fail', on: 'ucm-pub', id: 'dns' } })
    const nameless = call(lab)
    sockets.run(25_000)
    expect(b.flow(nameless)).toMatchObject({ state: 'dropped', causeWhy: 'NET-09' })
    b.give('fault.clear', {})
    b.give('fault.add', { fault: { kind: 'answer', on: 'push-rest', status: 410 } })
    const gone = call(lab)
    sockets.run(3_000)
    expect(b.pushes({ flow: gone })[0]).toMatchObject({ state: 'failed' })
    expect(b.alarms('PushNotificationInvalidDeviceTokenResponse')).toHaveLength(1)
  })

  it('there is a limit to what waits: beyond it a push fails at once and says so', () => {
    const lab = open(twoPhones())
    lab.sockets.run(1_000)
    for (let i = 0; i < MAX_ASKS; i++) lab.b.lab.world.real.asks.set(-i - 1, { cloud: 'fos', told: () => undefined })
    const flow = call(lab)
    lab.sockets.run(1_000)
    expect(lab.b.pushes({ flow })[0]).toMatchObject({ state: 'failed', reason: expect.stringContaining(`more than ${MAX_ASKS} requests`) })
  })
})

describe('legs', () => {
  const carriers = ({ b }: Open): string[] =>
    b
      .rows<LinkRow>('link')
      .filter(({ carrier }) => carrier === 'real')
      .map(({ id }) => id)

  it.each<[CloudName[], string[]]>([
    [[], []],
    [['ci'], ['firewall~ci']],
    [
      ['push-rest', 'apns'],
      ['firewall~push-rest', 'push-rest~apns'],
    ],
    [ALL, ['firewall~push-rest', 'firewall~ci', 'firewall~fos', 'push-rest~apns', 'push-rest~fcm']],
  ])('[NET-02] each leg is real by itself: %j, and the topology can tell', (real, links) => {
    const lab = open(twoPhones(), real)
    lab.sockets.run(1_000)
    const flow = call(lab)
    lab.sockets.run(3_000)
    expect(lab.b.flow(flow).state).toBe('ringing')
    expect(carriers(lab)).toEqual(links)
    const asked = lab.sockets.asked.map(({ what }) => (what.do === 'exchange' || what.do === 'forward' ? what.request.cloud : null))
    const clouds = ['ci', 'push-rest', 'apns'].filter((cloud) => asked.includes(cloud as CloudName))
    expect(clouds).toEqual(['ci', 'push-rest', 'apns'].filter((cloud) => real.includes(cloud as CloudName)))
  })

  it('[NET-07] closed in the midst: what is under way fails at once and says why, and the next call goes virtually', () => {
    const scenario = twoPhones()
    const lab = open(scenario)
    const { b, sockets } = lab
    sockets.run(1_000)
    breaks(lab, 'exchange', 'never')
    const cut = call(lab)
    sockets.run(500)
    expect(b.pushes({ flow: cut })[0]?.state).toBe('sent')
    b.give('wire.clouds', { open: false, address: '', real: [] })
    expect(b.pushes({ flow: cut })[0]).toMatchObject({ state: 'failed', reason: 'the real sockets were closed' })
    expect(b.lab.world.real.asks.size).toBe(0)
    expect(carriers(lab)).toEqual([])
    b.runFor(14_500)
    const next = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(next).state).toBe('ringing')
    expect(b.hops({ flow: next, outcome: 'real socket' })).toEqual([])
    expect(again(scenario, lab)).toEqual(lab.journal)
  })

  it('[NET-06] a leg that becomes virtual gets a new connection, and the others stay real', () => {
    const lab = open(twoPhones())
    const { b, sockets } = lab
    sockets.run(1_000)
    b.give('wire.clouds', { open: true, address: '127.0.0.1', real: ['ci', 'apns'] })
    const flow = call(lab)
    sockets.run(3_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.hops({ flow, to: 'push-rest', message: 'connect', outcome: 'real' })).toEqual([])
    expect(b.hops({ flow, from: 'apns', outcome: 'over a real socket' })).toHaveLength(1)
    expect(
      b.try('wire.request', {
        exchange: 1,
        cloud: 'fos',
        from: 'x',
        tracking: null,
        asked: { what: 'subscribe', cluster: 'c', voucher: null },
      }).ok,
    ).toBe(true)
    b.give('wire.clouds', { open: false, address: '', real: [] })
    expect(
      b.try('wire.push', {
        exchange: 1,
        platform: 'apns',
        from: 'x',
        id: 'a',
        target: 't',
        kind: 'voip',
        topic: '',
        collapse: null,
        keepMs: null,
        bytes: 1,
        payload: null,
        answer: { status: 200, reason: null },
      }).ok,
    ).toBe(false)
  })

  it('[NET-08][DEC-17] the reachability check asks over real sockets; that a server has nothing at its root is no fault', () => {
    const lab = open(twoPhones())
    lab.sockets.run(1_000)
    const { flow } = lab.b.give('check.reachability', {}) as { flow: number }
    lab.sockets.run(3_000)
    expect(lab.b.flow(flow).state).toBe('done')
    expect([...lab.b.lab.world.checks.values()].map(({ level }) => level)).toEqual(['Pass', 'Pass', 'Pass'])
  })
})

describe('a real proxy', () => {
  const ONE = '192.0.2.1'
  const TWO = '192.0.2.2'
  const behind = (proxy: object = {}): ScenarioInput =>
    twoPhones(
      {},
      {
        cluster: { nodes: [{ id: 'ucm-pub' }], accessTokenMinutes: 1_440 },
        edge: { proxy: { fqdn: 'proxy.clinic.example', addresses: ['10.0.0.80'], ...proxy } },
      },
    )
  const named = (what: CloudAsk) =>
    what.do === 'resolve' && what.name === 'proxy.clinic.example'
      ? { after: 5, told: { is: 'addresses' as const, addresses: [ONE, TWO] } }
      : null

  it('[PROXY-01][DEC-26][PROXY-07] its name, a plain hop, CONNECT, TLS end to end; the cloud itself is never looked up', () => {
    const scenario = behind()
    const lab = open(scenario)
    lab.sockets.plan = named
    lab.sockets.run(1_000)
    const flow = call(lab)
    lab.sockets.run(3_000)
    expect(lab.b.flow(flow).state).toBe('ringing')
    expect(lab.sockets.said('resolve')).toEqual(['0 ucm-pub proxy.clinic.example'])
    expect(lab.sockets.said('dial').map((line) => line.replace(/^\d+ /, ''))).toEqual([`ucm-pub ${ONE}:3128`, `ucm-pub ${ONE}:3128`])
    expect(lab.sockets.said('tunnel').map((line) => line.replace(/^\d+ /, ''))).toEqual(['idbroker.webex.com', 'push.webexconnect.com'])
    expect(lab.sockets.said('secure')).toHaveLength(2)
    inOrder(lab.b, [
      { flow, to: 'proxy', message: `connect ${ONE}:3128`, outcome: 'connected, over a real socket', why: 'PROXY-01' },
      { flow, to: 'proxy', message: 'CONNECT push.webexconnect.com:443' },
      { flow, from: 'proxy', message: '200 Connection established', outcome: 'over a real socket' },
      { flow, to: 'push-rest', message: 'TLS inside the tunnel', outcome: 'certificate trusted, over a real socket', why: 'SEC-03' },
    ])
    expect(again(scenario, lab)).toEqual(lab.journal)
  })

  it.each(['Basic', 'Digest'] as const)(
    '[PROXY-02] %s: the password leaves by its name only; wrong, it is HttpClientPoolCreationError',
    (asks) => {
      const challenge = asks === 'Basic' ? 'Basic realm="r"' : 'Digest realm="r", nonce="n1", algorithm=SHA-256, qop="auth"'
      const lab = open(behind({ asks, settings: { authentication: asks, user: 'cucm', secret: 'its-name' } }))
      let right = true
      lab.sockets.plan = (what) => {
        if (what.do === 'tunnel' && (what.login === null || !right))
          return {
            after: 3,
            told: { is: 'tunnel', status: 407, text: 'Proxy Authentication Required', challenges: [challenge], closes: false },
          }
        return named(what)
      }
      lab.sockets.run(1_000)
      const flow = call(lab)
      lab.sockets.run(3_000)
      expect(lab.b.flow(flow).state).toBe('ringing')
      expect(lab.sockets.said('tunnel').map((line) => line.replace(/^\d+ /, ''))).toEqual([
        'idbroker.webex.com',
        `idbroker.webex.com ${asks} cucm its-name`,
        `push.webexconnect.com ${asks} cucm its-name`,
      ])
      const logins = lab.sockets.asked.flatMap(({ what }) => (what.do === 'tunnel' && what.login ? [what.login] : []))
      if (asks === 'Digest')
        expect(logins).toMatchObject([
          { uses: 1, challenge: expect.stringContaining('nonce="n1"') },
          { uses: 2, cnonce: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        ])
      expect(JSON.stringify(lab.b.events)).not.toContain('its-name')
      right = false
      lab.b.give('service.restart', { node: 'ucm-pub', service: 'CPNS' })
      lab.sockets.run(5_000)
      expect(lab.b.alarms('HttpClientPoolCreationError')[0]?.ciscoLog).toMatch(/407 to the user "cucm"/)
    },
  )

  it.each([
    [1_999, ONE],
    [2_000, TWO],
  ])('[PROXY-03] the first address connects after %i ms: %s is used', (after, used) => {
    const lab = open(behind())
    lab.sockets.plan = (what) => (what.do === 'dial' && what.target.address === ONE ? { after, told: { is: 'line' } } : named(what))
    lab.sockets.run(1_900)
    expect(lab.sockets.said('dial')).toEqual([`5 ucm-pub ${ONE}:3128`])
    lab.sockets.run(3_000)
    expect(lab.sockets.said('dial').map((line) => line.split(' ')[2])).toEqual(
      used === ONE ? [`${ONE}:3128`] : [`${ONE}:3128`, `${TWO}:3128`],
    )
    if (used === TWO) expect(lab.sockets.said('dial')[1]).toBe(`2005 ucm-pub ${TWO}:3128`)
    expect(lab.b.hops({ message: '200 OK', to: 'ucm-pub/CPNS' })).toHaveLength(1)
  })

  it.each([
    [4_999, 1],
    [5_000, 2],
  ])('[PROXY-04][DEC-15] confirmed after %i ms: %i sends, with the same tracking ID', (after, sends) => {
    const lab = open(behind())
    lab.sockets.plan = named
    lab.sockets.run(1_000)
    let first = true
    lab.sockets.plan = (what) => {
      if (what.do !== 'exchange' || what.request.cloud !== 'push-rest' || !first) return named(what)
      first = false
      return { after, told: { is: 'answer', status: 200, text: 'OK' } }
    }
    call(lab)
    lab.sockets.run(8_000)
    const sent = lab.sockets.asked.flatMap(({ at, what }) =>
      what.do === 'exchange' && what.request.cloud === 'push-rest' ? [{ at, request: what.request }] : [],
    )
    expect(sent).toHaveLength(sends)
    expect(new Set(sent.map(({ request }) => JSON.stringify(request.headers))).size).toBe(1)
    expect(lab.b.hops({ outcome: 'sent again, with the same tracking ID', why: 'PROXY-04' })).toHaveLength(sends - 1)
    if (sends === 2) expect(lab.sockets.said('dial').at(-1)).toContain(TWO)
  })

  it.each([
    [3_599_000, 1],
    [3_600_000, 2],
  ])('[PROXY-07] %i ms after the lookup of the proxy there were %i lookups', (leaves, lookups) => {
    const lab = open(behind())
    lab.sockets.plan = named
    lab.sockets.run(leaves - 11 + 5)
    call(lab)
    lab.sockets.run(3_000)
    const line = lab.sockets.said('resolve').filter((each) => each.includes('proxy'))
    expect(line).toHaveLength(lookups)
  })
})
