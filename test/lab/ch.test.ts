/** CH: which channel reaches a client, by its state and its system. */
import { describe, expect, it } from 'vitest'
import { ladderOf } from '../../core/queries.ts'
import type { CounterRow } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { bench, inOrder, MRA, MRA_WITH_IM, onRelease, twoPhones, type Bench } from './bench.ts'

type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>

const IOS12: Phone = { client: 'jabber', clientRelease: '12.8', os: 'ios', osRelease: '12.5' }
const IOS13: Phone = { client: 'jabber', clientRelease: '12.9', os: 'ios', osRelease: '13.5' }
const ANDROID: Phone = { client: 'jabber', clientRelease: '12.9.1', os: 'android', osRelease: '10' }
const SYSTEMS = [
  ['iOS 12', IOS12],
  ['iOS 13', IOS13],
  ['Android', ANDROID],
] as const

const SU3 = '12.5(1)SU3'
const FOREGROUND: Phone = { app: 'on screen', locked: false, screenOn: true }
const UNLOCKED: Phone = { app: 'off screen', locked: false, screenOn: true }

/** An IM and Presence lab on a release, with Ana's phone as given. */
const messaging = (phone: Phone, release = SU3): Bench => bench(twoPhones(phone, { im: true, ...onRelease(release) }))

const say = (b: Bench, text = 'Are you in?'): number =>
  (b.give('message.send', { from: 'okafor', to: 'ana', text }) as { flow: number }).flow

const counters = (b: Bench): Record<string, number> => Object.fromEntries(b.rows<CounterRow>('counter').map((row) => [row.id, row.value]))

const pushCounters = (b: Bench): Record<string, number> =>
  Object.fromEntries(Object.entries(counters(b)).filter(([id]) => /Push|Target|Custom/.test(id)))

describe('sign-in', () => {
  const OUT: Phone = { signedIn: false }
  const targets = (b: Bench): string[] => {
    const flow = b
      .rows<{ kind: 'flow'; id: string; type: string; flow: number } & ReturnType<Bench['flow']>>('flow')
      .find((row) => row.type === 'sign-in')
    return b.hops({ from: 'phone', flow: flow?.flow ?? -1 }).map((event) => `${event.to} ${event.carrier} ${event.message}`)
  }

  it('[CH-01] Jabber on iOS registers once with APNs, once with CM and once with IM&P', () => {
    const b = bench(twoPhones({ ...IOS13, ...OUT }, { im: true }))
    b.runUntil(1_000)
    expect(b.device('phone')).toMatchObject({ registeredTo: null, imNode: null, im: 'none', tokenShort: '' })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(targets(b)).toEqual([
      'apns APNs register for push',
      'ucm-pub/CallManager SIP REGISTER',
      'imp-pub/XCP Router XMPP log in to IM and Presence',
    ])
    expect(b.hops({ from: 'phone', status: 'fail' })).toEqual([])
    inOrder(b, [
      { from: 'phone', to: 'apns', message: 'register for push', outcome: 'service APNS', why: 'CH-01' },
      { from: 'apns', to: 'phone', message: 'push token' },
      { from: 'phone', to: 'ucm-pub/CallManager', message: 'REGISTER', outcome: 'registration taken', why: 'CH-01' },
      { from: 'phone', to: 'imp-pub/XCP Router', outcome: 'IM session', why: 'CH-01' },
    ])
    const row = b.device('phone')
    expect(row).toMatchObject({ registeredTo: 'ucm-pub', imNode: 'imp-pub', im: 'connected', sip: 'connected', presence: 'Available' })
    expect(row.tokenShort).toMatch(/^….{4}$/)
    expect(row.keyFingerprint).not.toBe('')
    expect(b.flow(1)).toMatchObject({ type: 'sign-in', state: 'done' })
  })

  it('[CH-01] Jabber on Android takes FCM in the place of APNs', () => {
    const b = bench(twoPhones({ ...ANDROID, ...OUT }, { im: true }))
    b.runUntil(1_000)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(targets(b).map((target) => target.split(' ')[0])).toEqual(['fcm', 'ucm-pub/CallManager', 'imp-pub/XCP'])
    expect(b.hops({ to: 'apns' })).toEqual([])
  })

  it('[CH-01][DEC-08] Webex App registers with CM for calls and the Webex App cloud for messages, never with IM&P', () => {
    const b = bench(twoPhones({ client: 'webex', ...OUT }, { im: true }))
    b.runUntil(1_000)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(targets(b)).toEqual([
      'apns APNs register for push',
      'ucm-pub/CallManager SIP REGISTER',
      'webex-cloud HTTPS register for messages',
    ])
    expect(b.hops({ to: 'webex-cloud' }).map((event) => event.status)).toEqual(['ok'])
    expect(b.device('phone')).toMatchObject({ registeredTo: 'ucm-pub', im: 'not used', imNode: null, presence: 'Available' })
  })

  it('[CH-01] over MRA the on-premises legs run through Expressway-E and -C, the platform cloud is reached directly', () => {
    const b = bench(twoPhones({ ...IOS13, ...OUT, mra: true, wifi: null }, { im: true, ...MRA_WITH_IM() }))
    b.runUntil(1_000)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    for (const [target, message] of [
      ['ucm-pub/CallManager', 'REGISTER'],
      ['imp-pub/XCP Router', 'log in'],
    ] as const) {
      inOrder(b, [
        { from: 'phone', to: 'expressway-e', message },
        { from: 'expressway-e', to: 'expressway-c', message },
        { from: 'expressway-c', to: target, message },
      ])
      expect(b.hops({ from: 'phone', to: target })).toEqual([])
    }
    inOrder(b, [
      { from: 'ucm-pub/CallManager', to: 'expressway-c', message: '200 OK' },
      { from: 'expressway-c', to: 'expressway-e', message: '200 OK' },
      { from: 'expressway-e', to: 'phone', message: '200 OK' },
    ])
    expect(b.hops({ from: 'phone', to: 'apns' })).toHaveLength(1)
    expect(b.device('phone')).toMatchObject({ registeredTo: 'ucm-pub', imNode: 'imp-pub' })
  })

  it('[CH-01] without the internet there is no push token, but calls in the enterprise go on; the token follows with the internet', () => {
    const b = bench(twoPhones({ ...IOS13, ...OUT, internet: false }, { im: true }))
    b.runUntil(1_000)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(b.hop({ message: 'no push token' })).toMatchObject({ status: 'fail', why: 'CH-01' })
    expect(b.device('phone')).toMatchObject({ registeredTo: 'ucm-pub', tokenShort: '' })
    b.give('device.lock', { device: 'phone' })
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'CH-01' })
    b.give('device.network', { device: 'phone', internet: true })
    b.runFor(2_000)
    expect(b.device('phone').tokenShort).not.toBe('')
    expect(b.device('phone').reach.verdict).toBe('yes')
  })
})

describe('suspended mode', () => {
  const CASES = [false, true].flatMap((off) => [false, true].flatMap((locked) => [false, true].map((dark) => ({ off, locked, dark }))))

  it.each(CASES)('[CH-02] app off screen $off, locked $locked, screen off $dark', ({ off, locked, dark }) => {
    const b = bench(twoPhones({ ...IOS13, app: off ? 'off screen' : 'on screen', locked, screenOn: !dark }, { im: true }))
    b.runUntil(1_000)
    const suspended = off || locked || dark
    const causes = [...(off ? ['app off screen'] : []), ...(locked ? ['locked'] : []), ...(dark ? ['screen off'] : [])]
    expect(b.device('phone')).toMatchObject({
      suspended,
      suspendedBecause: causes,
      state: suspended ? 'suspended' : 'idle',
      sip: suspended ? 'suspended' : 'connected',
      im: suspended ? 'suspended' : 'connected',
      presence: suspended ? 'Away' : 'Available',
    })
  })

  it('[CH-02] each condition alone flips the badge, and foreground comes back only when the last one is gone', () => {
    const b = bench(twoPhones({ ...IOS13, ...FOREGROUND }, { im: true }))
    b.runUntil(1_000)
    const badge = (): string => b.device('phone').state
    const back = (): void => {
      b.give('device.foreground', { device: 'phone' })
      b.runFor(1_000)
      expect(badge()).toBe('idle')
    }
    b.give('device.background', { device: 'phone' })
    expect(badge()).toBe('suspended')
    back()
    b.give('device.lock', { device: 'phone' })
    expect(badge()).toBe('suspended')
    b.give('device.unlock', { device: 'phone' })
    b.runFor(1_000)
    expect(badge()).toBe('idle')
    b.give('device.screen', { device: 'phone', lit: false })
    expect(badge()).toBe('suspended')
    b.give('device.lock', { device: 'phone' })
    b.give('device.screen', { device: 'phone', lit: true })
    expect(b.device('phone')).toMatchObject({ state: 'suspended', suspendedBecause: ['locked'] })
    b.give('device.unlock', { device: 'phone' })
    b.runFor(1_000)
    expect(badge()).toBe('idle')
  })
})

describe('background without and with push', () => {
  const PLACES = [
    ['inside the enterprise', {}, {}],
    ['over MRA', { mra: true, wifi: null }, MRA_WITH_IM()],
  ] as const

  it('[CH-03] entering background closes SIP and XMPP; both come back with the foreground', () => {
    const b = bench(twoPhones({ ...IOS13, ...FOREGROUND }, { im: true }))
    b.runUntil(1_000)
    expect(b.device('phone')).toMatchObject({ sip: 'connected', im: 'connected' })
    b.give('device.background', { device: 'phone' })
    expect(b.device('phone')).toMatchObject({ sip: 'suspended', im: 'suspended', presence: 'Away' })
    expect(b.hop({ message: 'SIP channel closed' })).toMatchObject({ carrier: 'SIP', why: 'CH-03' })
    expect(b.hop({ message: 'IM session suspended' }).carrier).toBe('XMPP')
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ sip: 'connected', im: 'connected', presence: 'Available' })
  })

  it.each(PLACES)('[CH-03] %s: push off, the call ends undelivered', (_place, where, rest) => {
    const b = bench(twoPhones({ ...IOS13, ...where }, { im: true, ...rest }))
    b.runUntil(1_000)
    b.give('cluster.offboard', {})
    const flow = b.call('5001')
    b.runFor(20_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', pushAt: null, offeredAt: null })
    expect(b.flow(flow).cause).toContain('suspended, no push')
    expect(b.hop({ flow, message: 'cannot be reached' }).outcome).toMatch(/^suspended, no push: the cluster is not onboarded/)
    expect(b.hops({ flow, to: 'phone' })).toEqual([])
    expect(b.pushes()).toEqual([])
    expect(b.device('phone')).toMatchObject({ missedCalls: 0, screen: { call: null, banners: [] } })
  })

  it.each(PLACES)('[CH-03] %s: push off, the message ends undelivered and is read when the app is opened', (_place, where, rest) => {
    const b = bench(twoPhones({ ...IOS13, ...where }, { im: true, ...rest }))
    b.runUntil(1_000)
    b.give('cluster.offboard', {})
    const flow = say(b)
    b.runFor(20_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', pushAt: null })
    expect(b.flow(flow).endedAt).not.toBeNull()
    expect(b.flow(flow).cause).toContain('suspended, no push')
    expect(b.device('phone').unread).toBe(1)
    expect(b.pushes()).toEqual([])
    b.give('device.foreground', { device: 'phone' })
    b.runFor(2_000)
    expect(b.flow(flow).state).toBe('delivered')
    expect(b.device('phone').unread).toBe(0)
  })

  it.each(PLACES)('[CH-03] %s: push on, call and message start a push flow and reach the client', (_place, where, rest) => {
    const b = bench(twoPhones({ ...IOS13, ...where, habits: { answersAfterMs: 2_000, tapsAfterMs: 1_000 } }, { im: true, ...rest }))
    b.runUntil(1_000)
    const message = say(b)
    b.runFor(10_000)
    expect(b.pushes({ flow: message })).toMatchObject([{ purpose: 'message', state: 'used' }])
    expect(b.flow(message).state).toBe('delivered')
    b.give('device.lock', { device: 'phone' })
    const call = b.call('5001')
    b.runFor(10_000)
    expect(b.pushes({ flow: call })).toMatchObject([{ purpose: 'incoming call', state: 'used' }])
    expect(b.flow(call).state).toBe('answered')
  })
})

describe('foreground', () => {
  it.each(SYSTEMS)('[CH-04][DEC-07] a call to %s is built on SIP; the push that goes out as well has no part in it', (_name, system) => {
    const b = bench(twoPhones({ ...system, ...FOREGROUND }, onRelease(SU3)))
    b.runUntil(1_000)
    const before = b.counter('ucm-pub', 'NumberOfPushReqSent')
    const flow = b.call('5001')
    b.runFor(5_000)
    const [invite, push] = inOrder(b, [
      { flow, from: 'ucm-pub/CallManager', to: 'phone', carrier: 'SIP', message: 'INVITE', why: 'CH-04' },
      { flow, to: 'phone', from: system === ANDROID ? 'fcm' : 'apns', message: 'deliver incoming call' },
    ])
    expect(invite?.at).toBeLessThan(push?.at ?? 0)
    expect(b.hop({ flow, message: 'push not used' }).why).toBe('CH-04')
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(before + 1)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'superseded' }])
    expect(b.hops({ flow, message: 'REGISTER' })).toEqual([])
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toHaveLength(1)
    expect(b.device('phone').screen.call).toMatchObject({ flow, state: 'ringing', name: 'Dr. Okafor', number: '5010' })
    expect(b.flow(flow)).toMatchObject({ state: 'ringing', timers: [] })
    b.give('device.answer', { device: 'phone' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('answered')
  })

  it.each(SYSTEMS)('[CH-04][DEC-07] %s shows one call as well when the push is faster than the INVITE', (_name, system) => {
    const b = bench(twoPhones({ ...system, ...FOREGROUND }, onRelease(SU3)))
    b.runUntil(1_000)
    b.give('link.set', { link: 'devices~ucm-pub', latencyMs: 2_000 })
    const flow = b.call('5001')
    b.runFor(10_000)
    inOrder(b, [
      { flow, message: 'deliver incoming call' },
      { flow, message: 'push not used' },
      { flow, to: 'phone', message: 'INVITE' },
    ])
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toHaveLength(1)
    expect(b.device('phone').screen.call).toMatchObject({ flow, state: 'ringing' })
    expect(b.pushes({ flow })).toMatchObject([{ state: 'superseded' }])
    expect(b.hops({ flow, message: 'REGISTER' })).toEqual([])
  })

  it.each(SYSTEMS)('[CH-05] a message to Jabber on %s goes over XMPP only, and no push counter moves', (_name, system) => {
    const b = messaging({ ...system, ...FOREGROUND })
    b.runUntil(1_000)
    const before = pushCounters(b)
    expect(Object.keys(before)).not.toEqual([])
    const flow = say(b)
    b.runFor(5_000)
    expect(b.hop({ flow, to: 'phone' })).toMatchObject({ carrier: 'XMPP', from: 'imp-pub/XCP Router', status: 'ok', why: 'CH-05' })
    expect(b.flow(flow)).toMatchObject({ state: 'delivered', pushAt: null, tracking: [] })
    expect(b.pushes()).toEqual([])
    expect(pushCounters(b)).toEqual(before)
    expect(b.hops({ flow }).every((event) => event.carrier === 'XMPP')).toBe(true)
    expect(b.device('phone')).toMatchObject({ unread: 0, screen: { banners: [] } })
  })

  it('[CH-05] the same message to the same phone in background does move them', () => {
    const b = messaging({ ...IOS13 })
    b.runUntil(1_000)
    const before = pushCounters(b)
    say(b)
    b.runFor(5_000)
    expect(pushCounters(b)).not.toEqual(before)
  })

  it('[CH-05][DEC-08] no SIP MESSAGE exists anywhere', () => {
    const b = messaging({ ...IOS13, habits: { tapsAfterMs: 500 } })
    b.runUntil(1_000)
    say(b)
    b.runFor(5_000)
    expect(b.hops({ carrier: 'SIP', message: 'MESSAGE' })).toEqual([])
  })
})

describe('background calls', () => {
  it.each([
    ['unlocked', UNLOCKED, true],
    ['locked', {}, false],
  ] as const)('[CH-06] iOS 12, %s: push, foreground, REGISTER, INVITE, 180, and no CallKit', (_name, state, foreground) => {
    const b = bench(twoPhones({ ...IOS12, ...state, wakeMs: 700 }, onRelease(SU3)))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(600)
    expect(b.device('phone')).toMatchObject({ app: 'on screen', screenOn: true, locked: !foreground, screen: { call: null } })
    expect(b.device('phone').suspended).toBe(!foreground)
    b.runFor(3_000)
    const [push, front] = inOrder(b, [
      { flow, from: 'apns', to: 'phone', message: 'shared channel' },
      { flow, from: 'phone', message: 'app returns to the foreground', why: 'CH-06' },
      { flow, from: 'phone', message: 'REGISTER' },
      { flow, to: 'phone', message: 'INVITE', why: 'CH-06' },
      { flow, from: 'phone', message: '180' },
    ])
    expect(front?.at).toBe(push?.at)
    expect(b.hops({ message: 'CallKit' })).toEqual([])
    expect(b.hops({ flow, message: 'user' })).toEqual([])
    expect(b.pushes({ flow })).toMatchObject([{ channel: 'shared', state: 'used' }])
    expect(b.device('phone').screen.call).toMatchObject({ style: 'in-app', state: 'ringing', video: false, overLockScreen: !foreground })
  })

  it.each(['jabber', 'webex'] as const)('[CH-07] iOS 13, %s: push, CallKit, REGISTER, INVITE, and only then the answer', (client) => {
    const phone: Phone = { client, ...(client === 'jabber' ? { clientRelease: '12.9' } : {}), osRelease: '13.5', wakeMs: 3_000 }
    const b = bench(twoPhones(phone, onRelease(SU3)))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(1_000)
    expect(b.device('phone').screen.call).toMatchObject({ style: 'CallKit', name: 'Dr. Okafor', number: '5010', state: 'ringing' })
    b.give('device.answer', { device: 'phone' })
    expect(b.device('phone').screen.call).toMatchObject({ state: 'waiting for SIP', canAnswer: false })
    b.runFor(1_000)
    expect(b.flow(flow)).toMatchObject({ state: 'in progress', answeredAt: null })
    b.runFor(5_000)
    const steps = inOrder(b, [
      { flow, from: 'apns', to: 'phone', message: 'VoIP channel' },
      { flow, from: 'phone', message: 'CallKit: Dr. Okafor 5010', why: 'CH-07' },
      { flow, message: 'user answers' },
      { flow, from: 'phone', to: 'ucm-pub/CallManager', message: 'REGISTER' },
      { flow, to: 'phone', message: 'INVITE', why: 'CH-07' },
      { flow, from: 'phone', to: 'ucm-pub/CallManager', message: '200 OK' },
    ])
    expect(steps[1]?.at).toBe(steps[0]?.at)
    expect(b.pushes({ flow })).toMatchObject([{ channel: 'VoIP', state: 'used' }])
    expect(b.device('phone').screen.call?.state).toBe('active')
    expect(b.flow(flow).state).toBe('answered')
  })

  it('[CH-07] CallKit is not the call: without a REGISTER the answer never completes', () => {
    const b = bench(twoPhones({ wakeMs: 60_000 }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(1_000)
    b.give('device.answer', { device: 'phone' })
    b.runFor(11_000)
    expect(b.flow(flow).answeredAt).toBeNull()
    b.runFor(5_000)
    expect(b.flow(flow)).toMatchObject({ state: 'dropped', answeredAt: null })
    expect(b.device('phone').screen.call).toBeNull()
  })
})

describe('background messages', () => {
  it.each([
    ['iOS 12', IOS12, 'shared'],
    ['iOS 13', IOS13, 'Message'],
    ['Android', ANDROID, 'Message'],
  ] as const)('[CH-08] %s: a notification, and nothing moves until the tap', (_name, system, channel) => {
    const b = messaging(system)
    b.runUntil(1_000)
    const flow = say(b)
    b.runFor(3_000)
    const shown = b.hop({ flow, message: 'message notification' })
    expect(b.pushes({ flow })).toMatchObject([{ channel, state: 'shown' }])
    expect(b.hop({ flow, to: 'phone', message: 'deliver message' }).message).toContain(`${channel} channel`)
    expect(b.device('phone')).toMatchObject({ unread: 1, suspended: true, im: 'suspended', presence: 'Away' })
    expect(b.device('phone').screen.banners).toMatchObject([{ kind: 'message', title: 'Dr. Okafor', text: 'Are you in?' }])
    const last = b.events.at(-1)?.seq
    expect(last).toBe(shown.seq)
    b.runFor(600_000)
    expect(b.events.at(-1)?.seq).toBe(last)
    expect(b.device('phone').unread).toBe(1)
    expect(b.flow(flow).state).toBe('waiting for tap')
    b.give('device.tap', { device: 'phone' })
    b.runFor(2_000)
    inOrder(b, [
      { flow, message: 'user taps the message' },
      { flow, from: 'phone', to: 'imp-pub/XCP Router', message: 'resume IM session', outcome: '1 unread to download', why: 'CH-08' },
      { flow, from: 'imp-pub/XCP Router', to: 'phone', carrier: 'XMPP', message: 'message', outcome: 'read', why: 'CH-08' },
    ])
    expect(b.device('phone')).toMatchObject({ unread: 0, suspended: false, im: 'connected', presence: 'Available' })
    expect(b.device('phone').screen.banners).toEqual([])
    expect(b.flow(flow).state).toBe('delivered')
    expect(b.pushes({ flow })).toMatchObject([{ state: 'used' }])
  })
})

describe('channels', () => {
  const TABLE = [
    ['12.5(1)SU3', IOS12, 'shared', 'shared'],
    ['12.5(1)SU3', IOS13, 'VoIP', 'Message'],
    ['12.5(1)SU3', ANDROID, 'VoIP', 'Message'],
    ['12.5(1)SU2', IOS13, 'shared', 'shared'],
    ['12.5(1)SU2', IOS12, 'shared', 'shared'],
    ['11.5(1)SU8', IOS13, 'VoIP', 'Message'],
    ['11.5(1)SU8', IOS12, 'shared', 'shared'],
    ['11.5(1)SU7', IOS13, 'shared', 'shared'],
    ['14SU3', { client: 'jabber', clientRelease: '14.2', osRelease: '16.5' }, 'VoIP', 'Message'],
  ] as const

  it.each(TABLE)('[CH-09] CM %s, %o: calls on %s, messages on %s', (release, system, calls, messages) => {
    const b = messaging({ ...system, wakeMs: 60_000 }, release)
    b.runUntil(1_000)
    const message = say(b)
    const call = b.call('5001')
    b.runFor(20_000)
    expect(b.pushes({ purpose: 'message' })).toMatchObject([{ channel: messages }])
    expect(b.pushes({ purpose: 'incoming call' })).toMatchObject([{ channel: calls }])
    expect(b.pushes({ purpose: 'missed call' })).toMatchObject([{ channel: calls }])
    // The label stands on both arrows of every push, and the way is the same for one channel and for two.
    const way = (flow: number): string[] =>
      b
        .hops({ flow })
        .filter((event) => event.tracking !== undefined)
        .map((event) => `${event.from}>${event.to}`)
    const cloud = b.device('phone').os === 'android' ? 'fcm' : 'apns'
    for (const [flow, sender, channel] of [
      [call, 'ucm-pub/CPNS', calls],
      [message, 'imp-pub/XCP Config Manager', messages],
    ] as const) {
      expect(b.hops({ flow, to: 'push-rest', message: `POST push, ${channel},` })).toHaveLength(1)
      expect(b.hops({ flow, from: cloud, to: 'phone', message: `${channel} channel` })).toHaveLength(1)
      expect(way(flow)).toEqual(expect.arrayContaining([`${sender}>push-rest`, `push-rest>${cloud}`, `${cloud}>phone`]))
    }
  })
})

describe('the cloud route', () => {
  const ROUTES = [
    ['iOS, direct', IOS13, {}, 'apns'],
    ['iOS over MRA', { ...IOS13, mra: true, wifi: null }, MRA(), 'apns'],
    ['Android, direct', ANDROID, {}, 'fcm'],
    ['Android over MRA', { ...ANDROID, mra: true, wifi: null }, MRA(), 'fcm'],
  ] as const

  it.each(
    ROUTES.flatMap(([name, phone, rest, cloud]) =>
      (['off screen', 'killed'] as const).map((app) => [name, app, phone, rest, cloud] as const),
    ),
  )('[CH-10] %s, app %s: server, Push REST, platform cloud, client, REGISTER on-premises', (_name, app, phone, rest, cloud) => {
    const b = bench(twoPhones({ ...phone, app }, rest))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    const mra = b.device('phone').mra
    const ladder = ladderOf(b.lab.world, flow)
    if (!ladder.ok) throw new Error(ladder.message)
    const hops = ladder.value.hops.filter(
      (hop) => hop.from !== hop.to && !hop.message.startsWith('connect') && !hop.message.startsWith('200'),
    )
    const start = hops.findIndex((hop) => hop.to === 'ucm-pub/CPNS')
    const there = mra
      ? ['phone>expressway-e', 'expressway-e>expressway-c', 'expressway-c>ucm-pub/CallManager']
      : ['phone>ucm-pub/CallManager']
    const back = mra
      ? ['ucm-pub/CallManager>expressway-c', 'expressway-c>expressway-e', 'expressway-e>phone']
      : ['ucm-pub/CallManager>phone']
    expect(hops.slice(start, start + 4 + there.length + back.length).map((hop) => `${hop.from}>${hop.to}`)).toEqual([
      'ucm-pub/CallManager>ucm-pub/CPNS',
      'ucm-pub/CPNS>push-rest',
      `push-rest>${cloud}`,
      `${cloud}>phone`,
      ...there,
      ...back,
    ])
    expect(hops[start + 4]?.message).toBe('REGISTER')
    expect(hops[start + 4 + there.length]?.message).toContain('INVITE')
    expect(ladder.value.places.map((place) => place.id)).toEqual(expect.arrayContaining(['push-rest', cloud, 'phone', 'ucm-pub/CPNS']))
    expect(b.flow(flow).state).toBe('ringing')
  })
})

describe('logging out', () => {
  it('[CH-11] ends pushes for calls and messages, and the session counter falls by one', () => {
    const b = messaging(IOS13)
    b.runUntil(1_000)
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(1)
    b.give('device.signOut', { device: 'phone' })
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(0)
    const call = b.call('5001')
    const message = say(b)
    b.runFor(30_000)
    expect(b.pushes()).toEqual([])
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(0)
    expect(b.flow(call)).toMatchObject({ state: 'failed', causeWhy: 'CH-11' })
    expect(b.flow(message)).toMatchObject({ state: 'failed', causeWhy: 'CH-11' })
    expect(b.hops({ to: 'phone' }).filter((event) => event.from !== 'phone')).toEqual([])
    expect(b.device('phone')).toMatchObject({
      state: 'signed out',
      tokenShort: '',
      registeredTo: null,
      im: 'none',
      reach: { verdict: 'no', why: 'CH-11' },
    })
  })

  it('[CH-11] Webex App likewise; signing in again brings pushes back', () => {
    const b = bench(twoPhones({ client: 'webex' }))
    b.runUntil(1_000)
    b.give('device.signOut', { device: 'phone' })
    b.call('5001')
    b.runFor(20_000)
    expect(b.pushes()).toEqual([])
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    b.give('device.lock', { device: 'phone' })
    const again = b.call('5001')
    b.runFor(3_000)
    expect(b.pushes({ flow: again })).toMatchObject([{ state: 'used' }])
  })

  it('[CH-11] the counter is a level: out and in again gives the same value, other sessions are not touched', () => {
    const more = {
      users: [{ id: 'bo', number: '5002' }],
      devices: [{ id: 'bos', owner: 'bo', ...IOS13, app: 'off screen' as const }],
    }
    const b = bench(twoPhones(IOS13, { im: true, ...more }))
    b.runUntil(1_000)
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(2)
    b.give('device.signOut', { device: 'phone' })
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(1)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(2)
    expect(b.counter('imp-pub', 'PushEnableReqRcvdApns')).toBe(1)
  })

  it('[CH-11] logging out during a call ends the call', () => {
    const b = bench(twoPhones({ habits: { answersAfterMs: 1_000 } }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(4_000)
    expect(b.flow(flow).state).toBe('answered')
    b.give('device.signOut', { device: 'phone' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('ended')
    expect(b.device('desk').screen.call).toBeNull()
  })
})

describe('permission to notify', () => {
  it.each(SYSTEMS)('[CH-12] %s: off, the message push is delivered, not shown, and every server reports success', (_name, system) => {
    const b = messaging({ ...system, notificationsAllowed: false })
    b.runUntil(1_000)
    const flow = say(b)
    b.runFor(5_000)
    const events = b.hops({ flow })
    const last = events.at(-1)
    expect(b.hop({ flow, outcome: 'delivered to the device' }).status).toBe('ok')
    expect(b.hop({ flow, from: 'phone', outcome: 'not shown: notifications disabled' })).toMatchObject({ status: 'fail', why: 'CH-12' })
    expect(last?.outcome).toBe('not shown: notifications disabled')
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'CH-12', causeSeq: last?.seq, endedAt: last?.at })
    expect(b.flow(flow).cause).toContain('not shown: notifications disabled')
    expect(b.hop({ flow, from: 'push-rest', to: 'imp-pub/XCP Config Manager', message: '200 OK' }).status).toBe('ok')
    expect(b.counter('imp-pub', 'NumberOfPushSuccess')).toBe(1)
    expect(b.counter('imp-pub', 'NumberOfPushFailure')).toBe(0)
    expect(b.alarms()).toEqual([])
    expect(b.device('phone')).toMatchObject({ unread: 1, screen: { banners: [] }, messageReach: { verdict: 'no', why: 'CH-12' } })
  })

  it('[CH-12] allowed again, the next message push is shown', () => {
    const b = messaging({ ...IOS13, notificationsAllowed: false })
    b.runUntil(1_000)
    say(b)
    b.runFor(5_000)
    b.give('device.permission', { device: 'phone', allowed: true })
    const flow = say(b)
    b.runFor(5_000)
    expect(b.pushes({ flow })).toMatchObject([{ state: 'shown' }])
    expect(b.device('phone').screen.banners).toHaveLength(1)
    expect(b.device('phone').unread).toBe(2)
  })
})

describe('forms of a background session', () => {
  it.each([
    ['APNS', IOS13, 'Apns'],
    ['FCM', ANDROID, 'Fcm'],
  ] as const)(
    '[CH-13] %s: with network its pushes are silent ones, with its network cut they are disconnected ones',
    (_service, system, suffix) => {
      const b = messaging(system)
      b.runUntil(1_000)
      const forms = (): [number, number] => [
        b.counter('imp-pub', `PushSentSilent${suffix}`),
        b.counter('imp-pub', `PushSentDisconn${suffix}`),
      ]
      say(b)
      b.runFor(2_000)
      expect(forms()).toEqual([1, 0])
      b.give('device.network', { device: 'phone', wifi: null, cellular: false })
      expect(b.device('phone').network).toMatchObject({ connected: false, internet: false })
      say(b)
      b.runFor(2_000)
      expect(forms()).toEqual([1, 1])
      b.give('device.network', { device: 'phone', wifi: 'Office' })
      say(b)
      b.runFor(2_000)
      expect(forms()).toEqual([2, 1])
      // Both start again with the minute; the sessions are a level and stay (ALM-22).
      b.runUntil(59_999)
      expect(forms()).toEqual([2, 1])
      b.runUntil(60_000)
      expect(forms()).toEqual([0, 0])
      expect(b.counter('imp-pub', `PushEnabledSessions${suffix}`)).toBe(1)
    },
  )

  it('[CH-13] a push that never left is in neither form', () => {
    const b = messaging(IOS13)
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'refuse', on: 'imp-pub~firewall' } })
    const flow = say(b)
    b.runFor(10_000)
    expect(b.flow(flow).state).toBe('failed')
    expect(b.counter('imp-pub', 'PushSentSilentApns') + b.counter('imp-pub', 'PushSentDisconnApns')).toBe(0)
    expect(b.counter('imp-pub', 'PushErrorsApns')).toBe(1)
  })
})
