import { describe, expect, it } from 'vitest'
import { finding, inOrder, type Bench } from '../bench.ts'
import { sessionOf, toNextKeepalive, ward } from './ward.ts'

const local = (b: Bench) => b.device('phone').localPush

describe('who holds a session', () => {
  it('[LPNS-09] a registered client on a listed Wi-Fi holds one to its first node', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
    b.runUntil(1_000)
    expect(local(b)).toMatchObject({ state: 'open', node: 'ucm-sub1', ssids: ['Ward3', 'Ward4'] })
    expect(sessionOf(b)).toMatchObject({ client: 'open', clientNode: 'ucm-sub1', holders: ['ucm-sub1'], real: false })
    expect(b.node('ucm-pub').mesh).toMatchObject({ sessions: 0, known: 1 })
  })

  const lacking: [string, Parameters<typeof ward>[0], RegExp, string][] = [
    ['Unified CM 14SU2', { cluster: { release: '14SU2' } }, /14SU3/, 'LPNS-01'],
    ['iOS 16.4', { phone: { osRelease: '16.4' } }, /16\.5/, 'LPNS-01'],
    ['Webex App 43.5', { phone: { client: 'webex', clientRelease: '43.5' } }, /43\.6/, 'LPNS-01'],
    ['Jabber 14.1', { phone: { client: 'jabber', clientRelease: '14.1' } }, /14\.2/, 'LPNS-01'],
    ['Android', { phone: { os: 'android', client: 'jabber' } }, /iPhone/, 'LPNS-01'],
    ['MRA', { phone: { mra: true }, rest: { edge: { expressway: {} } } }, /MRA/, 'MRA-07'],
  ]
  for (const [what, options, text, why] of lacking) {
    it(`[LPNS-01][REL-04] ${what}: no session, and the reason names it`, () => {
      const b = ward(options)
      b.runUntil(1_000)
      expect(local(b)).toMatchObject({ state: 'off', why })
      expect(local(b)?.text).toMatch(text)
      expect(b.hops({ carrier: 'LPNS' })).toEqual([])
    })
  }

  const enough: [string, Parameters<typeof ward>[0]][] = [
    ['Unified CM 14SU3, iOS 16.5, Webex App 43.6', { cluster: { release: '14SU3' }, phone: { osRelease: '16.5', clientRelease: '43.6' } }],
    ['Jabber 14.2', { phone: { client: 'jabber', clientRelease: '14.2' } }],
  ]
  for (const [what, options] of enough) {
    it(`[LPNS-01][DEC-31] ${what}: a session`, () => {
      const b = ward(options)
      b.runUntil(1_000)
      expect(local(b)).toMatchObject({ state: 'open' })
    })
  }

  it('[MRA-07][LPNS-01] an MRA client on a Wi-Fi with a listed name is called through APNs', () => {
    const b = ward({ phone: { mra: true }, rest: { edge: { expressway: {} } } })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.hops({ flow, carrier: 'LPNS' })).toEqual([])
    expect(b.hops({ flow, carrier: 'APNs', message: 'deliver' })).toHaveLength(1)
  })

  it('[LPNS-03] not onboarded it is inactive; onboarded without any restart of XCP services it works', () => {
    const b = ward({ cluster: { onboarded: false } })
    b.runUntil(1_000)
    expect(local(b)).toMatchObject({ state: 'off', why: 'LPNS-03' })
    expect(finding(b, 'lpns:onboarded')).toMatchObject({ level: 'Fail', why: 'LPNS-03' })
    b.give('cluster.onboard', {})
    b.runFor(2_000)
    expect(local(b)).toMatchObject({ state: 'open' })
    expect(finding(b, 'lpns:onboarded')).toBeUndefined()
  })

  it('[LPNS-04] the service is listed, runs by default, and its stop closes its sessions', () => {
    const b = ward()
    b.runUntil(1_000)
    const service = () => b.node('ucm-pub').services.find((each) => each.name === 'Cisco Local Push Notification Service')
    expect(service()).toMatchObject({ state: 'running', short: 'LPNS' })
    b.give('service.stop', { node: 'ucm-pub', service: 'Cisco Local Push Notification Service' })
    expect(sessionOf(b).holders).toEqual([])
    b.runFor(100)
    expect(b.hop({ to: 'phone', message: 'close 1001' })).toMatchObject({ status: 'info' })
    expect(local(b)?.state).not.toBe('open')
    expect(finding(b, 'lpns:ucm-pub')).toMatchObject({ level: 'Fail', why: 'LPNS-04' })
    b.give('service.start', { node: 'ucm-pub', service: 'LPNS' })
    b.runFor(10_000)
    expect(local(b)).toMatchObject({ state: 'open' })
    b.give('service.restart', { node: 'ucm-pub', service: 'LPNS' })
    b.runFor(20_000)
    expect(local(b)).toMatchObject({ state: 'open' })
  })

  it('[LPNS-05] port 9560 blocked from the client: no session, and the next node is tried', () => {
    const b = ward({ rest: { faults: [{ fault: { on: 'devices~ucm-pub', kind: 'refuse', port: 9_560 } }] }, phone: { wifi: 'Hall' } })
    b.runUntil(1_000)
    b.give('device.network', { device: 'phone', wifi: 'Ward3' })
    b.runFor(1_000)
    expect(b.hop({ from: 'phone', to: 'ucm-pub/LPNS', message: 'connect wss://ucm-pub:9560' })).toMatchObject({
      status: 'fail',
      why: 'LPNS-05',
    })
    expect(local(b)).toMatchObject({ state: 'waiting' })
    b.give('fault.clear', {})
    b.runFor(7_000)
    expect(local(b)).toMatchObject({ state: 'open' })
  })

  it('[LPNS-06] without refresh logins there is a finding and no session', () => {
    const b = ward({ cluster: { oauthRefreshLogins: false } })
    b.runUntil(1_000)
    expect(local(b)).toMatchObject({ state: 'off', why: 'LPNS-06' })
    expect(finding(b, 'lpns:oauth')).toMatchObject({ level: 'Fail', why: 'LPNS-06' })
    b.give('cluster.oauth', { refreshLogins: true })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(3_000)
    b.give('device.signOut', { device: 'phone' })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(local(b)).toMatchObject({ state: 'open' })
    b.give('cluster.oauth', { refreshLogins: false })
    b.runFor(100)
    expect(local(b)).toMatchObject({ state: 'off', why: 'LPNS-06' })
    expect(sessionOf(b).holders).toEqual([])
  })

  it('[LPNS-09] never on another Wi-Fi, never when Wi-Fi is not the main route; names match exactly', () => {
    const b = ward()
    b.runUntil(1_000)
    for (const wifi of ['ward3', 'Ward3 ', 'Ward33', 'Canteen']) {
      b.give('device.network', { device: 'phone', wifi })
      b.runFor(5_000)
      expect(local(b), wifi).toMatchObject({ state: 'off', why: 'LPNS-09' })
      expect(sessionOf(b).holders, wifi).toEqual([])
    }
    b.give('device.network', { device: 'phone', wifi: 'Ward3' })
    b.runFor(5_000)
    expect(local(b)).toMatchObject({ state: 'open' })
    b.give('device.network', { device: 'phone', wifiIsMainRoute: false })
    b.runFor(1_000)
    expect(local(b)).toMatchObject({ state: 'off', text: 'Wi-Fi is not its main route' })
    expect(sessionOf(b).holders).toEqual([])
  })

  it('[LPNS-09][LPNS-18] from one listed Wi-Fi to another the session is opened anew', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.network', { device: 'phone', wifi: 'Ward4' })
    b.runFor(1_000)
    expect(b.hops({ from: 'phone', message: 'close: now on Wi-Fi Ward4' })).toHaveLength(1)
    expect(sessionOf(b)).toMatchObject({ client: 'open', holders: ['ucm-pub'] })
    expect(sessionOf(b).openedAt).toBeGreaterThan(1_000)
  })
})

describe('keepalives', () => {
  it('[LPNS-16] every 120 s the client sends one and the server acknowledges it', () => {
    const b = ward()
    b.runUntil(600_000)
    const sent = b.hops({ from: 'phone', to: 'ucm-pub/LPNS', message: 'keepalive' }).map(({ sentAt }) => sentAt)
    expect(sent).toHaveLength(5)
    for (const [i, at] of sent.slice(1).entries()) expect(at - (sent[i] as number)).toBe(120_000)
    const acknowledged = b.hops({ to: 'phone', message: 'keepalive acknowledged' })
    expect(acknowledged.map(({ at }) => at)).toEqual(sent.map((at) => at + 20))
    expect(acknowledged.every(({ why }) => why === 'LPNS-16')).toBe(true)
  })

  it('[DEC-12] the first keepalives of phones that were there before are spread over the 120 s', () => {
    const many = Array.from({ length: 40 }, (_, i) => i)
    const b = ward({
      rest: {
        users: many.map((i) => ({ id: `u${i}`, number: `6${100 + i}`, serviceProfile: 'nurses' })),
        devices: many.map((i) => ({ id: `p${i}`, owner: `u${i}`, wifi: 'Ward3', app: 'off screen' as const })),
      },
    })
    b.runUntil(120_000)
    const quarters = [0, 0, 0, 0]
    for (const { sentAt } of b.hops({ message: 'keepalive', to: 'ucm-pub/LPNS' })) quarters[Math.min(3, Math.floor(sentAt / 30_000))]!++
    expect(quarters.reduce((a, n) => a + n)).toBe(41)
    for (const n of quarters) expect(n).toBeGreaterThanOrEqual(4)
  })

  const silence = (graceMs: number) => {
    const b = ward({ cluster: { localPush: { graceMs } } })
    const sent = toNextKeepalive(b)
    b.runFor(1_000) // acknowledged: the server counts from its arrival
    b.give('device.network', { device: 'phone', wifi: null })
    return { b, deadline: sent + 10 + 120_000 + graceMs }
  }

  for (const graceMs of [0, 30_000, 60_000]) {
    it(`[LPNS-17][DEC-02] with ${graceMs / 1_000} s of grace the server closes 120 s + grace after the last keepalive`, () => {
      const { b, deadline } = silence(graceMs)
      b.runUntil(deadline - 1)
      expect(sessionOf(b)).toMatchObject({ holders: ['ucm-pub'], deadlineAt: deadline })
      b.runUntil(deadline)
      expect(sessionOf(b).holders).toEqual([])
      expect(b.hop({ message: 'no keepalive from' })).toMatchObject({ at: deadline, why: 'LPNS-17' })
    })
  }

  it('[DEC-02] the default grace is 30 s; 60 s are taken, 60,001 ms refused', () => {
    const b = ward()
    b.runUntil(1_000)
    expect(sessionOf(b).deadlineAt).toBe(150_000)
    b.give('cluster.localPush', { graceMs: 60_000 })
    expect(b.try('cluster.localPush', { graceMs: 60_001 })).toMatchObject({ ok: false, code: 'bad-request' })
    expect(b.try('cluster.localPush', { graceMs: 0 })).toMatchObject({ ok: true })
  })

  it('[DEC-02] with no grace a keepalive that comes a little later than the one before finds its session closed', () => {
    const b = ward({ cluster: { localPush: { graceMs: 0 } }, rest: { links: [{ link: 'devices~ucm-pub', latencyMs: 10, jitterMs: 40 }] } })
    b.runUntil(3_600_000)
    const closed = b.hops({ to: 'phone', message: 'close 4401: no keepalive in time' })
    expect(closed.length).toBeGreaterThan(2)
    expect(b.alarms('LocalPushNotificationInvalidOAuthToken')).toEqual([]) // silence is not the token's fault
    const same = ward({ rest: { links: [{ link: 'devices~ucm-pub', latencyMs: 10, jitterMs: 40 }] } })
    same.runUntil(3_600_000)
    expect(same.hops({ message: 'close 4401' })).toEqual([])
  })

  it('[LPNS-17][DEC-01][ALM-14] an expired token: 401 message, close in the range of applications, an alarm; the client renews and is back', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.expireAccessToken', { device: 'phone' })
    const at = toNextKeepalive(b)
    b.runFor(200)
    inOrder(b, [
      { from: 'phone', to: 'ucm-pub/LPNS', message: 'keepalive', outcome: '401', why: 'LPNS-17' },
      { to: 'phone', message: '401 the access token has expired' },
      { to: 'phone', message: 'close 4401' },
      { from: 'phone', carrier: 'OAuth', message: 'grant_type=refresh_token' },
      { from: 'phone', to: 'ucm-pub/LPNS', message: 'GET /lpns', outcome: 'session opened' },
    ])
    const [alarm] = b.alarms('LocalPushNotificationInvalidOAuthToken')
    expect(alarm).toMatchObject({ severity: 'Alert', node: 'ucm-pub', raisedAt: at + 10, count: 1 })
    expect(alarm?.clearedAt).not.toBeNull()
    const error = b.hop({ to: 'phone', message: '401 the access token' })
    expect(JSON.parse(b.detail(error).body)).toMatchObject({ type: 'error', code: 401 })
    expect(b.detail(error).modelled).toBe(true)
    expect(sessionOf(b)).toMatchObject({ client: 'open' })
  })

  it('[LPNS-17] a token is good until the instant at which it ends, and the client renews it in time by itself', () => {
    const b = ward({ cluster: { clientTokenMinutes: 20 } })
    b.runUntil(3 * 3_600_000)
    expect(b.hops({ message: 'keepalive', outcome: '401' })).toEqual([])
    const renewed = b.hops({ to: 'phone', carrier: 'OAuth', message: '200 OK' })
    expect(renewed.length).toBeGreaterThanOrEqual(9)
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
    expect(b.alarms()).toEqual([])
  })

  it('[LPNS-17] when nothing renews it, the first keepalive at or after its end is refused', () => {
    for (const [early, refused] of [
      [1, false],
      [0, true],
    ] as const) {
      const b = ward({ cluster: { nodes: [{ id: 'ucm-pub', stopped: ['Cisco Tomcat'] }], clientTokenMinutes: 60 } })
      b.runUntil(1_000)
      const { nextKeepaliveAt } = sessionOf(b)
      // The token ends so that the keepalive arrives just before, or at that instant.
      const arrivesAt = (nextKeepaliveAt as number) + 10
      const token = [...b.lab.world.accessTokens.values()][0]
      if (!token) throw new Error('no token')
      token.endsAt = arrivesAt + early
      b.runUntil(arrivesAt)
      expect(sessionOf(b).holders.length === 0).toBe(refused)
    }
  })

  it('[LPNS-17] with its refresh token gone as well only a new sign-in helps', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.expireAccessToken', { device: 'phone', refresh: true })
    toNextKeepalive(b)
    b.runFor(60_000)
    expect(local(b)).toMatchObject({ state: 'waiting' })
    expect(local(b)?.text).toContain('sign in again')
    b.give('device.signOut', { device: 'phone' })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(local(b)).toMatchObject({ state: 'open' })
  })
})

describe('ends of a session', () => {
  it('[LPNS-18] the user logs off: closed at once, with the cause; the next call goes nowhere', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.signOut', { device: 'phone' })
    b.runFor(100)
    expect(b.hop({ from: 'phone', to: 'ucm-pub/LPNS', message: 'close: logged off' })).toMatchObject({ why: 'LPNS-18' })
    expect([...b.lab.world.lpns.values()].every(({ sessions }) => sessions.size === 0)).toBe(true)
    const flow = b.call('5001')
    b.runFor(1_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'CH-11' })
  })

  it('[LPNS-18] from a provisioned Wi-Fi to another one: closed with the cause, the next call goes to APNs', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.network', { device: 'phone', wifi: 'Canteen' })
    b.runFor(100)
    expect(b.hop({ from: 'phone', to: 'ucm-pub/LPNS', message: 'close: Wi-Fi "Canteen" is not in LocalPushSSIDList' })).toMatchObject({
      why: 'LPNS-18',
    })
    expect(sessionOf(b).holders).toEqual([])
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.hop({ flow, message: 'no local push' })).toMatchObject({ why: 'LPNS-12' })
    expect(b.hops({ flow, carrier: 'APNs', message: 'deliver' })).toHaveLength(1)
  })

  it('[LPNS-15] a killed app gets its session back without its user', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.kill', { device: 'phone' })
    b.runFor(500)
    expect(sessionOf(b)).toMatchObject({ client: 'waiting', holders: [], gapSince: 1_000 })
    b.runFor(2_000)
    expect(sessionOf(b)).toMatchObject({ client: 'open', holders: ['ucm-pub'], gapSince: null })
    expect(sessionOf(b).lastGapMs).toBeGreaterThanOrEqual(1_000)
    expect(b.device('phone').app).toBe('killed')
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
    expect(b.pushes({ flow })[0]).toMatchObject({ path: 'local' })
  })

  it('[LPNS-15] so does a rebooted phone; meanwhile the server still holds the old one', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.reboot', { device: 'phone' })
    b.runFor(29_999)
    expect(sessionOf(b)).toMatchObject({ client: 'off', holders: ['ucm-pub'] })
    expect(b.device('phone')).toMatchObject({ locked: true, app: 'killed' })
    b.runFor(2_000)
    expect(sessionOf(b)).toMatchObject({ client: 'open', holders: ['ucm-pub'] })
    expect(sessionOf(b).openedAt).toBeGreaterThan(31_000)
    expect(b.hops({ outcome: 'session opened, the older one is closed' })).toHaveLength(1)
    expect(b.try('device.reboot', { device: 'desk' })).toMatchObject({ ok: false, code: 'refused' })
  })

  it('[LPNS-15] not when it comes up on another Wi-Fi', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.reboot', { device: 'phone' })
    b.give('device.network', { device: 'phone', wifi: 'Canteen' })
    b.runFor(60_000)
    expect(local(b)).toMatchObject({ state: 'off', why: 'LPNS-09' })
  })
})
