/** Pushes of providers outside, and what the far end of a push does with them. */
import { describe, expect, it } from 'vitest'
import type { LabCommandInput } from '../../../core/contract/commands.ts'
import { OUTSIDE_BURST } from '../../../core/cloud/real.ts'
import type { RealAnswer } from '../../../core/cloud/real.ts'
import type { FlowRow } from '../../../core/contract/rows.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'
import { again, ALL, open, type Open } from './sockets.ts'

const DAY = 24 * 3_600_000
const IPHONE = { client: 'jabber', clientRelease: '14.2', os: 'ios', osRelease: '16.5' } as const
const ANDROID = { client: 'webex', os: 'android', osRelease: '13' } as const

type Push = LabCommandInput<'wire.push'>

let exchanges = 1_000
function provider(lab: Open, change: Partial<Push> = {}): void {
  const device = lab.b.lab.world.devices.get('phone')
  lab.b.give('wire.push', {
    exchange: ++exchanges,
    platform: device?.os === 'android' ? 'fcm' : 'apns',
    from: '192.0.2.7',
    id: `00000000-0000-4000-8000-00000000${exchanges}`,
    target: device?.token ?? '',
    kind: 'voip',
    topic: 'com.cisco.jabberIM.voip',
    collapse: null,
    keepMs: 0,
    bytes: 120,
    payload: null,
    answer: { status: 200, reason: null },
    ...change,
  })
}

const providerFlows = (b: Bench): FlowRow[] => b.rows<FlowRow>('flow').filter(({ type }) => type === 'push')

describe('a provider outside', () => {
  it('[APNS-11][ALM-12][DEC-33] its VoIP push wakes the app, which can make nothing of it: iOS ends it', () => {
    const scenario = twoPhones(IPHONE)
    const lab = open(scenario)
    const { b } = lab
    lab.sockets.run(1_000)
    provider(lab)
    const [push] = b.pushes({ purpose: 'push of a provider' })
    expect(push).toMatchObject({ state: 'accepted', device: 'phone', channel: 'VoIP', id: expect.stringMatching(/^APNS_[0-9a-f-]{36}$/) })
    b.runFor(600) // 200 ms to the phone, 400 ms to start
    expect(b.device('phone').state).not.toBe('waking')
    const [flow] = providerFlows(b)
    expect(flow).toMatchObject({ title: 'Push of a provider to phone', state: 'failed', causeWhy: 'SEC-01' })
    b.hop({ flow: flow?.flow ?? 0, from: 'provider', to: 'apns', outcome: 'accepted by APNs, not yet delivered; 120 bytes', why: 'DEC-33' })
    b.hop({ flow: flow?.flow ?? 0, from: 'phone', message: 'app starts in the background', why: 'APNS-11' })
    b.hop({ flow: flow?.flow ?? 0, from: 'phone', message: 'push cannot be opened', outcome: 'no key of this client fits', why: 'SEC-01' })
    b.hop({
      flow: flow?.flow ?? 0,
      from: 'phone',
      message: 'no call reported to CallKit',
      outcome: 'iOS ends the app: 1 of 3',
      why: 'APNS-11',
    })
    expect(b.device('phone').app).toBe('killed')
    expect(b.alarms('APNSAlarm')).toHaveLength(1)
    expect(again(scenario, lab)).toEqual(lab.journal)
  })

  it('[APNS-11] it is awake for as long as the app takes to start, and not a moment longer', () => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    provider(lab)
    lab.b.runFor(599)
    expect(lab.b.device('phone').state).toBe('waking')
    lab.b.runFor(1)
    expect(lab.b.device('phone').state).not.toBe('waking')
  })

  it('[FCM-02][AND-02] on Android nobody ends the app', () => {
    const lab = open(twoPhones(ANDROID))
    lab.sockets.run(1_000)
    provider(lab, { id: 'projects/p/messages/0:1%2' })
    lab.b.runFor(1_000)
    expect(lab.b.hops({ from: 'phone', message: 'app starts', why: 'AND-02' })).toHaveLength(1)
    expect(lab.b.device('phone').app).toBe('off screen')
    expect(lab.b.alarms('APNSAlarm')).toEqual([])
    expect(lab.b.pushes()[0]).toMatchObject({ state: 'failed', id: expect.stringMatching(/^FCM_[0-9a-f-]{36}$/) })
  })

  it('[APNS-10][CH-12] an alert is shown by the system, whatever the app does', () => {
    const lab = open(twoPhones(IPHONE))
    const { b } = lab
    lab.sockets.run(1_000)
    const alert = { kind: 'alert' as const, keepMs: null }
    provider(lab, alert)
    b.runFor(1_000)
    expect(b.device('phone').screen.banners).toMatchObject([{ kind: 'message', title: 'Notification of a provider' }])
    expect(providerFlows(b)[0]?.state).toBe('delivered')
    b.give('device.permission', { device: 'phone', allowed: false })
    provider(lab, alert)
    b.runFor(1_000)
    expect(providerFlows(b).at(-1)).toMatchObject({ state: 'failed', causeWhy: 'CH-12' })
    provider(lab, { kind: 'background' })
    b.runFor(1_000)
    expect(b.pushes({ state: 'used' })).toHaveLength(1)
  })

  it.each([
    [{ status: 400, reason: 'BadDeviceToken' }, 'refused: 400 BadDeviceToken', 'APNS-05'],
    [{ status: 403, reason: 'ExpiredProviderToken' }, 'refused: 403 ExpiredProviderToken', 'APNS-02'],
    [{ status: 429, reason: 'TooManyRequests' }, 'refused: 429 TooManyRequests', 'APNS-06'],
  ])('[APNS-05] refused with %j: one event with the reason, and no push', (answer, outcome, why) => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    provider(lab, { answer })
    lab.b.runFor(1_000)
    lab.b.hop({ from: 'provider', to: 'apns', outcome, status: 'fail', why })
    expect(lab.b.pushes()).toEqual([])
    expect(providerFlows(lab.b)).toEqual([])
  })

  it('the same apns-id twice is two pushes, and a token of no device here is accepted and ends', () => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    provider(lab, { kind: 'alert', id: '11111111-1111-4111-8111-111111111111' })
    provider(lab, { kind: 'alert', id: '11111111-1111-4111-8111-111111111111' })
    provider(lab, { target: 'ab'.repeat(32) })
    lab.b.runFor(1_000)
    expect(new Set(lab.b.pushes().map(({ id }) => id)).size).toBe(3)
    expect(lab.b.pushes({ device: '' })).toMatchObject([{ state: 'expired', reason: expect.stringContaining('no device of this lab') }])
  })

  it(`more than ${OUTSIDE_BURST} at once: the rest is counted in one event a second, and none of it reaches the phone`, () => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    for (let i = 0; i < OUTSIDE_BURST + 50; i++) provider(lab, { kind: 'alert', keepMs: null })
    for (let i = 0; i < 7; i++) provider(lab, { answer: { status: 400, reason: 'BadTopic' } })
    lab.b.runFor(2_000)
    expect(lab.b.pushes()).toHaveLength(OUTSIDE_BURST)
    expect(lab.b.device('phone').pushes).toBe(OUTSIDE_BURST)
    lab.b.hop({ to: 'apns', message: '50 requests more', outcome: 'accepted; more than 20 a second', status: 'warn' })
    lab.b.hop({ to: 'apns', message: '7 requests more', outcome: 'refused: 400 BadTopic; more than 20 a second' })
    lab.b.runFor(1_000)
    provider(lab, { kind: 'alert' })
    expect(lab.b.pushes()).toHaveLength(OUTSIDE_BURST + 1)
  })
})

describe('a device that is offline', () => {
  const offline = (phone: object): Open => {
    const lab = open(twoPhones(phone))
    lab.sockets.run(1_000)
    lab.b.give('device.network', { device: 'phone', internet: false })
    return lab
  }
  const back = ({ b }: Open): void => {
    b.give('device.network', { device: 'phone', internet: true })
    b.runFor(2_000)
  }
  const states = ({ b }: Open): string[] => b.pushes({ purpose: 'push of a provider' }).map(({ state }) => state)

  it('[APNS-09] now or never is dropped; of the others the newest arrives, until its own time is over', () => {
    const lab = offline(IPHONE)
    provider(lab, { keepMs: 0 })
    provider(lab, { kind: 'alert', keepMs: null })
    provider(lab, { kind: 'alert', keepMs: 60_000 })
    expect(states(lab)).toEqual(['expired', 'superseded', 'accepted'])
    lab.b.runFor(59_999)
    back(lab)
    expect(states(lab)).toEqual(['expired', 'superseded', 'shown'])
    const late = offline(IPHONE)
    provider(late, { kind: 'alert', keepMs: 60_000 })
    late.b.runFor(60_000)
    back(late)
    expect(states(late)).toEqual(['expired'])
  })

  it('[FCM-02] without a key all arrive in their order, of one key the newest', () => {
    const lab = offline(ANDROID)
    for (const collapse of [null, null, 'k', 'k', 'other']) provider(lab, { kind: 'alert', keepMs: null, collapse })
    expect(states(lab)).toEqual(['accepted', 'accepted', 'superseded', 'accepted', 'accepted'])
    back(lab)
    expect(states(lab)).toEqual(['shown', 'shown', 'superseded', 'shown', 'shown'])
  })

  it.each([
    [ANDROID, 28 * DAY - 1, 'shown'],
    [ANDROID, 28 * DAY, 'expired'],
    [IPHONE, 30 * DAY - 1, 'shown'],
    [IPHONE, 30 * DAY, 'expired'],
  ])('[FCM-02][APNS-09] FCM keeps a push four weeks, APNs 30 days: %j after %i ms: %s', (phone, ms, state) => {
    const lab = offline(phone)
    provider(lab, { kind: 'alert', keepMs: null })
    lab.b.runFor(ms)
    back(lab)
    expect(states(lab)).toEqual([state])
  })
})

describe('a stranger at Push REST', () => {
  const sealed = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA'

  function pushes(lab: Open, change: object = {}): RealAnswer[] {
    const answers: RealAnswer[] = []
    const { pkid: account, issued: refresh } = lab.b.lab.world.admin.machine
    let token: string | undefined
    lab.sockets.arrive('ci', { what: 'token', grant: 'refresh_token', account, refresh }, null, (answer) => void (token = answer.token))
    const target = lab.b.lab.world.devices.get('phone')?.token ?? ''
    const asked = {
      what: 'push' as const,
      token: token ?? null,
      service: 'APNS',
      type: 'voip' as const,
      target,
      payload: sealed,
      ...change,
    }
    lab.sockets.arrive('push-rest', asked, null, (answer) => void answers.push(answer))
    lab.sockets.run(2_000)
    return answers
  }

  it.each([[[]], [ALL]])('[SEC-05][SEC-07] sealed, with a token: on to APNs, and the phone wakes; real: %j', (real) => {
    const lab = open(twoPhones(IPHONE), real)
    lab.sockets.run(1_000)
    expect(pushes(lab)).toEqual([{ status: 200, text: 'OK' }])
    expect(lab.b.hops({ from: 'provider', to: 'push-rest', outcome: 'sealed; passed to APNs, nothing kept', why: 'SEC-07' })).toHaveLength(
      1,
    )
    expect(providerFlows(lab.b)[0]?.title).toBe('Push of a stranger at Push REST to phone')
    expect(lab.b.hops({ from: 'phone', message: 'push cannot be opened' })).toHaveLength(1)
  })

  it('[SEC-02][SEC-05] not sealed: 400; a stale target: 410; an unknown one: 400 of Apple; no token: 401', () => {
    const lab = open(twoPhones(IPHONE), [])
    lab.b.runUntil(1_000)
    expect(pushes(lab, { payload: null })).toEqual([expect.objectContaining({ status: 400, text: 'payload not encrypted' })])
    lab.b.hop({ from: 'provider', to: 'push-rest', status: 'fail', why: 'SEC-02' })
    expect(lab.b.hops({ to: 'apns' })).toEqual([])
    expect(pushes(lab, { token: null })).toEqual([expect.objectContaining({ status: 401 })])
    expect(pushes(lab, { target: 'cd'.repeat(32) })).toEqual([{ status: 400, text: 'BadDeviceToken' }])
    lab.b.give('device.expireToken', { device: 'phone' })
    expect(pushes(lab)).toEqual([{ status: 410, text: 'Unregistered' }])
    expect(lab.b.device('phone').tokenDead).toBe(false) // the cluster has heard nothing of it
  })

  it('[DEC-22][DEC-15] a request with the tracking ID of our own push is served by that very exchange, also late', () => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    const flow = lab.b.call('5001')
    lab.sockets.run(3_000)
    const { headers, body, bearer } = lab.sockets.request('push-rest')
    const tracking = headers.find(([name]) => name === 'TrackingID')?.[1] ?? ''
    const { service, target, payload } = JSON.parse(body) as Record<string, string>
    const asked = {
      what: 'push' as const,
      token: bearer,
      service: service ?? '',
      type: 'voip' as const,
      target: target ?? '',
      payload: payload ?? '',
    }
    lab.sockets.arrive('push-rest', asked, tracking)
    lab.sockets.run(2_000)
    expect(providerFlows(lab.b)).toEqual([])
    expect(lab.b.pushes({ flow })).toHaveLength(1)
    expect(lab.b.flow(flow).state).toBe('ringing')
  })
})

describe('what platforms refuse to Push REST', () => {
  it.each([
    [IPHONE, { status: 410, reason: 'Unregistered' }, 410, 'ALM-02'],
    [ANDROID, { status: 404, reason: 'UNREGISTERED' }, 410, 'ALM-02'],
    [IPHONE, { status: 429, reason: 'TooManyRequests' }, 429, 'ALM-17'],
    [ANDROID, { status: 429, reason: 'QUOTA_EXCEEDED' }, 429, 'ALM-17'],
    [IPHONE, { status: 503, reason: 'ServiceUnavailable' }, 503, 'ALM-17'],
    [ANDROID, { status: 503, reason: 'UNAVAILABLE' }, 503, 'ALM-17'],
    [IPHONE, { status: 400, reason: 'BadDeviceToken' }, 400, 'SEC-02'],
  ] as const)('[SEC-05][FCM-04][APNS-05][APNS-06] %j answers %j: the cluster gets %i', (phone, answer, status, why) => {
    const lab = open(twoPhones(phone))
    lab.sockets.run(1_000)
    lab.sockets.platform = () => answer
    const flow = lab.b.call('5001')
    lab.sockets.run(14_500)
    expect(lab.b.hops({ flow, from: 'push-rest', to: 'ucm-pub/CPNS', message: String(status) })).toHaveLength(1)
    expect(lab.b.flow(flow)).toMatchObject({ state: 'dropped', causeWhy: why })
    expect(lab.b.hops({ from: 'provider' })).toEqual([])
    expect(lab.b.alarms('PushNotificationInvalidDeviceTokenResponse')).toHaveLength(status === 410 ? 1 : 0)
    expect(lab.b.device('phone').tokenDead).toBe(status === 410)
  })

  it('[APNS-08] a stream that is cut ends its push as failed, with the reason', () => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    lab.sockets.plan = (what) =>
      what.do === 'forward' ? { after: 5, told: { is: 'failed', stage: 'send', text: 'GOAWAY Shutdown: the stream was cut' } } : null
    const flow = lab.b.call('5001')
    lab.sockets.run(3_000)
    lab.b.hop({ flow, from: 'push-rest', to: 'apns', outcome: 'GOAWAY Shutdown', status: 'fail', why: 'APNS-08' })
    expect(lab.b.pushes({ flow })[0]).toMatchObject({ state: 'failed', reason: expect.stringContaining('503') })
  })

  it('[CH-10] silence of the platform: 503 after 4 s, and a late answer is nothing', () => {
    const lab = open(twoPhones(IPHONE))
    lab.sockets.run(1_000)
    lab.sockets.plan = (what) => (what.do === 'forward' ? 'never' : null)
    const flow = lab.b.call('5001')
    lab.sockets.run(1_000)
    const { at = 0, number = 0 } = lab.sockets.asked.find(({ what }) => what.do === 'forward') ?? {}
    lab.sockets.run(at + 3_999 - lab.b.lab.now)
    expect(lab.b.hops({ flow, from: 'push-rest', message: '503' })).toEqual([])
    lab.sockets.run(100)
    expect(lab.b.hops({ flow, from: 'push-rest', message: '503' })).toHaveLength(1)
    expect(lab.sockets.dropped).toContain(number)
    lab.sockets.tell(number, { is: 'answer', status: 200, text: 'OK' })
    lab.sockets.run(1_000)
    expect(lab.b.pushes({ flow })[0]?.state).toBe('failed')
  })

  it('[FCM-04][ALM-08] UNREGISTERED stops message and call pushes to that device until its user signs in again', () => {
    const b = bench(twoPhones({ client: 'jabber', clientRelease: '14.2', os: 'android', osRelease: '13' }, { im: true }))
    b.runUntil(1_000)
    b.give('device.expireToken', { device: 'phone' })
    const say = (): void => {
      b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
      b.runFor(3_000)
    }
    say()
    const pushed = b.pushes().length
    expect(pushed).toBe(1)
    expect(b.hops({ from: 'fcm', message: '404 UNREGISTERED' })).toHaveLength(1)
    say()
    expect(b.pushes()).toHaveLength(1)
    expect(b.device('phone').messageReach).toMatchObject({ verdict: 'no', why: 'FCM-04' })
    b.give('device.signOut', { device: 'phone' })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    b.give('device.background', { device: 'phone' })
    b.give('device.lock', { device: 'phone' })
    b.runFor(1_000)
    say()
    expect(b.pushes().length).toBe(2)
    expect(b.pushes().at(-1)?.state).toBe('shown')
    expect(b.alarms('PushNotificationFailedInvalidDeviceToken').every(({ clearedAt }) => clearedAt !== null)).toBe(true)
  })
})

describe('the rule of CallKit', () => {
  const silent = (failuresAllowed?: number): Bench => {
    const b = bench(twoPhones(IPHONE))
    b.runUntil(1_000)
    b.give('device.callKit', { device: 'phone', reports: false, ...(failuresAllowed === undefined ? {} : { failuresAllowed }) })
    return b
  }
  const call = (b: Bench): ReturnType<Bench['flow']> => {
    const flow = b.call('5001')
    b.runFor(20_000)
    return b.flow(flow)
  }

  it.each([1, 3])('[APNS-11][ALM-12] an app that reports no call is ended; after %i failures iOS launches it no more', (allowed) => {
    const b = silent(allowed)
    const launches = () => b.hops({ from: 'phone', message: 'app starts in the background', why: 'APNS-11' }).length
    const held = () => b.hops({ from: 'phone', message: 'VoIP push not given to the app', why: 'APNS-11' }).length
    while (launches() < allowed) {
      const before = launches()
      expect(call(b)).toMatchObject({ state: 'dropped', causeWhy: 'APNS-11' })
      expect(b.device('phone').app).toBe('killed')
      expect(launches()).toBeGreaterThan(before)
    }
    expect(launches()).toBe(allowed)
    expect(b.alarms('APNSAlarm')).toHaveLength(1)
    const heldBefore = held()
    expect(call(b)).toMatchObject({ state: 'dropped', cause: expect.stringContaining('no longer launches') })
    expect(launches()).toBe(allowed)
    expect(held()).toBeGreaterThan(heldBefore)
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'APNS-11' })
    // Mended, and opened once by its user, it works as before.
    b.give('device.callKit', { device: 'phone', reports: true })
    expect(call(b).state).toBe('dropped')
    b.give('device.foreground', { device: 'phone' })
    b.runFor(2_000)
    b.give('device.background', { device: 'phone' })
    b.runFor(1_000)
    const rings = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(rings).state).toBe('ringing')
  })

  it('[APNS-11] Android, and an app in front, know no such rule', () => {
    const b = bench(twoPhones(ANDROID))
    expect(b.try('device.callKit', { device: 'phone', reports: false }).ok).toBe(false)
    const front = silent()
    front.give('device.foreground', { device: 'phone' })
    front.runFor(2_000)
    const flow = front.call('5001')
    front.runFor(3_000)
    expect(front.flow(flow).state).toBe('ringing')
  })
})
