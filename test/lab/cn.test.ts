/** CN: iPhones in Mainland China, where no call may open CallKit. */
import { describe, expect, it } from 'vitest'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { bench, finding, inOrder, line, MRA, onRelease, twoPhones, type Bench } from './bench.ts'

type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>

const SU2 = '12.5(1)SU2'
const SU3 = '12.5(1)SU3'
const JABBER: Phone = { client: 'jabber', clientRelease: '12.9 MR', os: 'ios', osRelease: '13.5' }
const WEBEX: Phone = { client: 'webex', clientRelease: '41.4', os: 'ios', osRelease: '13.5' }
const CHINA: Phone = { region: 'mainland-china' }

/** On the bench a REGISTER arrives this long after t0 plus the time until the tap: push, app start, SIP. */
const TAP_TO_REGISTER_MS = 786

function placed(phone: Phone, rest: Parameters<typeof twoPhones>[1] = onRelease(SU3)): { b: Bench; flow: number } {
  const b = bench(twoPhones({ ...JABBER, ...CHINA, ...phone }, rest))
  b.runUntil(1_000)
  return { b, flow: b.call('5001') }
}

const t0Of = (b: Bench, flow: number): number => b.flow(flow).pushAt ?? NaN
const banners = (b: Bench): string[] => b.device('phone').screen.banners.map((banner) => banner.kind)

describe('the call comes as a message', () => {
  it.each([
    ['Jabber', JABBER],
    ['Webex App', WEBEX],
  ] as const)('[CN-01][DEC-24] %s: a toast with the identity; tap, REGISTER, INVITE in this order, and no CallKit', (_client, phone) => {
    const { b, flow } = placed(phone)
    b.runFor(4_000)
    expect(b.pushes({ flow })).toMatchObject([{ channel: 'Message', purpose: 'incoming call', state: 'shown' }])
    const sent = b.hop({ flow, from: 'push-rest', to: 'apns', message: 'POST /3' })
    expect(sent.message).toContain(', alert,')
    const shown = b.hop({ flow, message: 'message toast: Dr. Okafor 5010' })
    expect(shown).toMatchObject({ why: 'CN-01', at: b.hop({ flow, outcome: 'delivered to the device' }).at })
    expect(b.device('phone').screen).toMatchObject({
      call: null,
      banners: [{ kind: 'call toast', title: 'Call from Dr. Okafor', text: '5010' }],
    })
    // Nothing goes to the client, and nothing comes from it, before the tap.
    expect(b.hops({ flow, carrier: 'SIP' }).filter((event) => event.from === 'phone' || event.to === 'phone')).toEqual([])
    expect(b.node('ucm-pub').held).toMatchObject([{ flow, device: 'phone' }])
    b.give('device.tap', { device: 'phone' })
    b.runFor(2_000)
    const [tap, register, invite] = inOrder(b, [
      { flow, message: 'user taps the call notification' },
      { flow, from: 'phone', message: 'REGISTER' },
      { flow, to: 'phone', message: 'INVITE', why: 'CN-01' },
      { flow, from: 'phone', message: '180' },
    ])
    expect(tap?.at).toBeLessThan(register?.sentAt ?? 0)
    expect(register?.at).toBe(invite?.sentAt)
    expect(b.device('phone').screen).toMatchObject({
      call: { style: 'in-app', state: 'ringing', name: 'Dr. Okafor', number: '5010' },
      banners: [],
    })
    b.give('device.answer', { device: 'phone' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.hops({ message: 'CallKit' })).toEqual([])
  })

  it('[CN-01] the name falls back to the number when there is no name', () => {
    const { b } = placed(
      {},
      {
        ...onRelease(SU3),
        users: [{ id: 'door', name: '', number: '5030' }],
        devices: [{ id: 'door', owner: 'door', client: 'deskphone' }],
      },
    )
    b.runFor(20_000)
    b.call('5001', 'door')
    b.runFor(1_000)
    expect(b.device('phone').screen.banners[0]).toMatchObject({ kind: 'call toast', title: 'Call from 5030' })
  })

  it('[CN-01] no INVITE without a tap, however long the phone waits', () => {
    const { b, flow } = placed({})
    b.runFor(60_000)
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toEqual([])
    expect(b.hops({ flow, message: 'REGISTER' })).toEqual([])
    expect(b.hops({ message: 'CallKit' })).toEqual([])
  })

  it('[CN-01] in foreground the call comes over SIP, and still without CallKit', () => {
    const { b, flow } = placed({ app: 'on screen', locked: false, screenOn: true })
    b.runFor(3_000)
    expect(b.device('phone').screen.call).toMatchObject({ style: 'in-app', state: 'ringing', flow })
    expect(banners(b)).toEqual([])
    expect(b.pushes({ flow })).toMatchObject([{ state: 'superseded', channel: 'Message' }])
  })

  it('[CN-01][DEC-24] the region counts once the client has reported it, at its next sign-in, and the console says so', () => {
    const b = bench(twoPhones(JABBER, onRelease(SU3)))
    b.runUntil(1_000)
    b.give('device.region', { device: 'phone', region: 'mainland-china' })
    expect(finding(b, 'region:phone')).toMatchObject({ level: 'Warning', why: 'DEC-24' })
    const before = b.call('5001')
    b.runFor(2_000)
    expect(b.pushes({ flow: before })).toMatchObject([{ channel: 'VoIP' }])
    expect(b.device('phone').screen.call?.style).toBe('CallKit')
    b.give('device.decline', { device: 'phone' })
    b.give('device.signOut', { device: 'phone' })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(finding(b, 'region:phone')).toBeUndefined()
    b.give('device.lock', { device: 'phone' })
    const after = b.call('5001')
    b.runFor(2_000)
    expect(b.pushes({ flow: after })).toMatchObject([{ channel: 'Message' }])
    expect(banners(b)).toContain('call toast')
  })

  it('[CN-01] with notifications forbidden there is no toast either: the call is missed and the cause told', () => {
    const { b, flow } = placed({ notificationsAllowed: false })
    b.runFor(20_000)
    expect(b.flow(flow)).toMatchObject({ state: 'dropped', causeWhy: 'CH-12' })
    expect(banners(b)).toEqual([])
  })
})

describe('13 seconds for the tap', () => {
  it('[CN-02] the countdown runs to t0 + 13.000', () => {
    const { b, flow } = placed({})
    b.runFor(500)
    const t0 = t0Of(b, flow)
    const [toast] = b.device('phone').screen.banners
    expect(toast).toMatchObject({ kind: 'call toast', deadlineAt: t0 + 13_000, at: t0 + 376 })
    expect(b.hop({ flow, message: 'message toast' }).outcome).toContain('tap within 12.6 s')
    b.runUntil(t0 + 13_000)
    expect(b.device('phone').screen.banners[0]?.deadlineAt).toBe(b.lab.now)
  })

  it('[CN-02] no tap: the call never alerts, and at 13 s a missed-call message follows', () => {
    const { b, flow } = placed({})
    b.runFor(30_000)
    const t0 = t0Of(b, flow)
    expect(b.hop({ flow, message: 'dropped' }).at).toBe(t0 + 13_000)
    expect(b.flow(flow)).toMatchObject({ state: 'dropped', endedAt: t0 + 13_000, causeWhy: 'CALL-03' })
    expect(b.flow(flow + 1)).toMatchObject({ linkedTo: flow, startedAt: t0 + 13_000, state: 'done' })
    expect(b.pushes({ flow: flow + 1 })).toMatchObject([
      { purpose: 'missed call', channel: 'Message', createdAt: t0 + 13_000, state: 'shown' },
    ])
    expect(b.hop({ flow: flow + 1, from: 'push-rest', to: 'apns', message: 'POST /3' }).message).toContain(', alert,')
    expect(banners(b)).toEqual(['missed call'])
    expect(b.device('phone').screen.banners[0]).toMatchObject({ text: 'Dr. Okafor 5010', deadlineAt: null })
    expect(b.device('phone')).toMatchObject({ missedCalls: 1, screen: { call: null } })
    expect(b.hop({ flow: flow + 1, from: 'phone', message: 'missed call' }).why).toBe('CN-02')
  })

  it.each([12_999, 13_000])('[CN-02][DEC-25] tapped so that REGISTER arrives %d ms after t0: the call rings', (ms) => {
    const { b, flow } = placed({ habits: { tapsAfterMs: ms - TAP_TO_REGISTER_MS } })
    b.runFor(20_000)
    expect(b.hop({ flow, message: 'REGISTER' }).at).toBe(t0Of(b, flow) + ms)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
    expect(b.device('phone').screen.call).toMatchObject({ state: 'ringing' })
    expect(b.pushes({ purpose: 'missed call' })).toEqual([])
  })

  it('[CN-02][DEC-25] one millisecond later it is dropped and missed, although the user has tapped', () => {
    const { b, flow } = placed({ habits: { tapsAfterMs: 13_001 - TAP_TO_REGISTER_MS } })
    b.runFor(20_000)
    expect(b.hop({ flow, message: 'REGISTER' }).at).toBe(t0Of(b, flow) + 13_001)
    expect(b.flow(flow).state).toBe('dropped')
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toEqual([])
    expect(b.device('phone')).toMatchObject({ missedCalls: 1, screen: { call: null } })
    expect(banners(b)).toEqual(['missed call'])
  })
})

describe('the gate', () => {
  const servers = (unifiedCm: string, presence: string): Partial<ScenarioInput> => ({
    ...onRelease(unifiedCm),
    presence: { release: presence, nodes: [{ id: 'imp-pub' }] },
  })
  const OVER_MRA: Phone = { mra: true, wifi: null }
  const GATES = [
    ['Unified CM', {}, onRelease(SU2), {}, onRelease(SU3), 'CallKit', `Unified CM ${SU2}`],
    ['Unified CM 14', {}, onRelease('12.0(1)'), {}, onRelease('14'), 'CallKit', 'Unified CM 12.0(1)'],
    ['IM and Presence', {}, servers(SU3, SU2), {}, servers(SU3, SU3), 'CallKit', SU2],
    ['Expressway', OVER_MRA, { ...onRelease(SU3), ...MRA('X12.5') }, OVER_MRA, { ...onRelease(SU3), ...MRA('X12.6') }, 'CallKit', 'X12.5'],
    ['Jabber', { clientRelease: '12.9' }, onRelease(SU3), { clientRelease: '12.9 MR' }, onRelease(SU3), 'CallKit', 'Jabber 12.9'],
    ['Webex App', { ...WEBEX, clientRelease: '41.3' }, onRelease(SU3), WEBEX, onRelease(SU3), 'CallKit', '41.3'],
    ['iOS', { osRelease: '12.5' }, onRelease(SU3), { osRelease: '13' }, onRelease(SU3), 'in-app', 'iOS 12.5'],
  ] as const

  it.each(GATES)(
    '[CN-03] %s below the gate: the region has no effect and the console says why; at the gate it has',
    (_part, below, oldRest, at, newRest, style, named) => {
      const low = placed(below, oldRest)
      low.b.runFor(5_000)
      expect(low.b.hops({ message: 'message toast' })).toEqual([])
      expect(low.b.device('phone').screen.call).toMatchObject({ style, state: 'ringing' })
      const why = finding(low.b, 'china:phone')
      expect(why).toMatchObject({ level: 'Warning', why: 'CN-03' })
      expect(why?.text).toContain('The region setting has no effect')
      expect(why?.text).toContain(named)
      // Exactly as the same phone elsewhere.
      const elsewhere = placed({ ...below, region: 'elsewhere' }, oldRest)
      elsewhere.b.runFor(5_000)
      expect(low.b.events.map(line)).toEqual(elsewhere.b.events.map(line))

      const high = placed(at, newRest)
      high.b.runFor(5_000)
      expect(high.b.hops({ message: 'message toast' })).toHaveLength(1)
      expect(banners(high.b)).toEqual(['call toast'])
      expect(high.b.device('phone').screen.call).toBeNull()
      expect(finding(high.b, 'china:phone')).toBeUndefined()
    },
  )

  it('[CN-03] never on Android, and the console says why', () => {
    const android: Phone = { clientRelease: '14.2', os: 'android', osRelease: '13' }
    const { b, flow } = placed(android, onRelease('14SU3'))
    b.runFor(5_000)
    expect(b.pushes({ flow })).toMatchObject([{ channel: 'VoIP', state: 'used' }])
    expect(b.device('phone').screen).toMatchObject({ call: { style: 'call screen', state: 'ringing' }, banners: [] })
    expect(finding(b, 'china:phone')).toMatchObject({ level: 'Warning', why: 'CN-03' })
    expect(finding(b, 'china:phone')?.text).toMatch(/iOS only.*Android/)
    expect(b.counter('ucm-pub', 'CustomRegionNumofMsgPushReqSent')).toBe(0)
  })
})

describe('message pushes', () => {
  it('[CN-04] the whole message flow, its screens and its counters are the same with the region on and off', () => {
    const run = (region: 'mainland-china' | 'elsewhere'): unknown => {
      const b = bench(twoPhones({ ...JABBER, region }, { im: true, ...onRelease(SU3) }))
      b.runUntil(1_000)
      b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
      b.runFor(3_000)
      const shown = b.device('phone').screen
      b.give('device.tap', { device: 'phone' })
      b.runFor(3_000)
      const counters = b.rows<{ kind: 'counter'; id: string; value: number } & ReturnType<Bench['rows']>[number]>('counter')
      return { events: b.events, shown, pushes: b.pushes(), counters, flow: b.flow(1), unread: b.device('phone').unread }
    }
    const on = run('mainland-china')
    expect(on).toMatchObject({ shown: { banners: [{ kind: 'message' }] }, flow: { state: 'delivered' }, unread: 0 })
    expect(on).toEqual(run('elsewhere'))
  })
})

describe('counters of their own', () => {
  const NAMES = [
    'CustomRegionNumofMsgPushReqSent',
    'CustomRegionNumofMissedCallMsgPushReqSent',
    'CustomRegionNumofSharedCancelMsgPushReqSent',
  ]
  const values = (b: Bench): number[] => NAMES.map((name) => b.counter('ucm-pub', name))

  it('[CN-05] call, missed call and shared-line cancel move one counter each, by one, and all are message pushes', () => {
    const b = bench(
      twoPhones(
        { ...JABBER, ...CHINA },
        {
          ...onRelease(SU3),
          users: [{ id: 'nurse', number: '5099' }],
          devices: [{ id: 'ward', owner: 'nurse', client: 'deskphone', lines: ['5001'] }],
        },
      ),
    )
    b.runUntil(1_000)
    expect(values(b)).toEqual([0, 0, 0])
    const first = b.call('5001')
    b.runFor(2_000)
    expect(values(b)).toEqual([1, 0, 0])
    b.give('call.hangUp', { flow: first })
    b.runFor(2_000)
    expect(values(b)).toEqual([1, 1, 0])
    b.call('5001')
    b.runFor(2_000)
    b.give('device.answer', { device: 'ward' })
    b.runFor(2_000)
    expect(values(b)).toEqual([2, 1, 1])
    expect(b.pushes().map((push) => push.channel)).toEqual(['Message', 'Message', 'Message', 'Message'])
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(4)
    expect(banners(b)).toEqual(['answered elsewhere', 'missed call'])
    expect(b.device('phone').missedCalls).toBe(1)
  })

  it('[CN-05] a push that never left its node is not counted as sent', () => {
    const b = bench(twoPhones({ ...JABBER, ...CHINA }, onRelease(SU3)))
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-pub', service: 'CPNS' })
    b.call('5001')
    b.runFor(5_000)
    expect(values(b)).toEqual([0, 0, 0])
  })

  it('[CN-05] outside the region they stay at 0', () => {
    const { b, flow } = placed({ region: 'elsewhere' })
    b.runFor(2_000)
    b.give('call.hangUp', { flow })
    b.runFor(2_000)
    expect(b.pushes()).toHaveLength(2)
    expect(values(b)).toEqual([0, 0, 0])
  })
})
