/** CALL: calls to push clients, their two deadlines, and what the called user sees. */
import { describe, expect, it } from 'vitest'
import { eventDetail, exportFlow } from '../../core/queries.ts'
import type { CallScreen } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { bench, finding, onRelease, twoPhones, type Bench } from './bench.ts'

type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>

const SU2 = '12.5(1)SU2'
const SU3 = '12.5(1)SU3'
const NEW: Phone = { client: 'jabber', clientRelease: '12.9', os: 'ios', osRelease: '13.5' }
const OLD: Phone = { ...NEW, clientRelease: '12.8' }
const FOREGROUND: Phone = { app: 'on screen', locked: false, screenOn: true }
const UNLOCKED: Phone = { app: 'off screen', locked: false, screenOn: true }

/** On the bench a REGISTER arrives this long after t0 plus the app's start; its 180 arrives 20 ms later. */
const REGISTER_AFTER_MS = 386
const RING_AFTER_MS = 406

const registersAt = (ms: number): Phone => ({ wakeMs: ms - REGISTER_AFTER_MS })
const ringsAt = (ms: number): Phone => ({ wakeMs: ms - RING_AFTER_MS })

/** A second device on Ana's line. */
const SHARED: Partial<ScenarioInput> = {
  users: [{ id: 'nurse', name: 'Nurse Lee', number: '5099' }],
  devices: [{ id: 'ward', owner: 'nurse', client: 'deskphone', lines: ['5001'] }],
}

function placed(phone: Phone = {}, rest: Parameters<typeof twoPhones>[1] = {}): { b: Bench; flow: number } {
  const b = bench(twoPhones(phone, rest))
  b.runUntil(1_000)
  return { b, flow: b.call('5001') }
}

const t0Of = (b: Bench, flow: number): number => {
  const { pushAt } = b.flow(flow)
  if (pushAt === null) throw new Error('no push yet')
  return pushAt
}

const screen = (b: Bench): CallScreen | null => b.device('phone').screen.call

describe('the complete call', () => {
  it('[CALL-01] every hop of a VoIP push call is one arrow, in order, with its time and the tracking ID of the push', () => {
    const { b, flow } = placed({ habits: { answersAfterMs: 3_000 } })
    b.runFor(10_000)
    const push = b.pushes({ flow })[0]
    const hops = b.hops({ flow })
    expect(hops.map((hop) => [hop.at, `${hop.from} > ${hop.to}`, hop.carrier, hop.message, hop.tracking === push?.id])).toEqual([
      [1_010, 'desk > ucm-pub/CallManager', 'SIP', 'INVITE 5001', false],
      [1_011, 'ucm-pub/CallManager > ucm-pub/CPNS', 'CPNS', 'push request: incoming call', true],
      [1_135, 'ucm-pub/CPNS > push-rest', 'HTTPS', 'connect push.webexconnect.com:443, TLS', true],
      [1_166, 'ucm-pub/CPNS > push-rest', 'HTTPS', 'POST push, VoIP, incoming call', true],
      [1_186, 'push-rest > apns', 'APNs', expect.stringMatching(/^POST \/3\/device\/.+, voip, priority 10$/), true],
      [1_206, 'apns > push-rest', 'APNs', '200 OK', true],
      [1_237, 'push-rest > ucm-pub/CPNS', 'HTTPS', '200 OK', true],
      [1_386, 'apns > phone', 'APNs', 'deliver incoming call, VoIP channel', true],
      [1_386, 'phone > phone', 'device', 'CallKit: Dr. Okafor 5010', true],
      [1_796, 'phone > ucm-pub/CallManager', 'SIP', 'REGISTER', true],
      [1_806, 'ucm-pub/CallManager > phone', 'SIP', '200 OK', true],
      [1_806, 'ucm-pub/CallManager > phone', 'SIP', 'INVITE 5001', true],
      [1_816, 'phone > ucm-pub/CallManager', 'SIP', '180 Ringing', true],
      [1_826, 'ucm-pub/CallManager > desk', 'SIP', '180 Ringing', false],
      [4_386, 'phone > phone', 'device', 'user answers', true],
      [4_396, 'phone > ucm-pub/CallManager', 'SIP', '200 OK', true],
      [4_406, 'ucm-pub/CallManager > desk', 'SIP', '200 OK', false],
    ])
    // Sent and received are told apart on every arrow; the legs to the caller belong to no push.
    expect(hops.filter((hop) => hop.from !== hop.to).every((hop) => hop.sentAt < hop.at)).toBe(true)
    expect(b.flow(flow).tracking).toEqual([push?.id])
    expect(b.hop({ flow, from: 'desk' })).toMatchObject({ outcome: 'held: device suspended', status: 'wait' })
  })

  it('[CALL-01] the state of the call is visible at every step', () => {
    const { b, flow } = placed()
    const seen = (): unknown => ({
      flow: b.flow(flow).state,
      held: b.node('ucm-pub').held.map((held) => held.device),
      caller: b.device('desk').screen.call?.state,
      called: screen(b)?.state,
      push: b.pushes({ flow })[0]?.state,
    })
    const at = (ms: number): unknown => {
      b.runUntil(ms)
      return seen()
    }
    expect(at(1_009)).toEqual({ flow: 'in progress', held: [], caller: 'dialing', called: undefined, push: undefined })
    expect(at(1_010)).toEqual({ flow: 'in progress', held: ['phone'], caller: 'dialing', called: undefined, push: 'created' })
    expect(at(1_150)).toMatchObject({ push: 'sent' })
    expect(at(1_186)).toMatchObject({ push: 'accepted', called: undefined })
    expect(at(1_386)).toEqual({ flow: 'in progress', held: ['phone'], caller: 'dialing', called: 'ringing', push: 'shown' })
    expect(at(1_796)).toMatchObject({ held: [], push: 'shown' })
    expect(at(1_816)).toEqual({ flow: 'ringing', held: [], caller: 'dialing', called: 'ringing', push: 'used' })
    expect(at(1_826)).toMatchObject({ caller: 'ring-back' })
    b.give('device.answer', { device: 'phone' })
    expect(seen()).toMatchObject({ flow: 'ringing', called: 'connecting' })
    expect(at(1_850)).toEqual({ flow: 'answered', held: [], caller: 'active', called: 'active', push: 'used' })
    b.give('device.hangUp', { device: 'phone' })
    expect(at(2_000)).toEqual({ flow: 'ended', held: [], caller: undefined, called: undefined, push: 'used' })
    expect(b.hop({ message: 'user hangs up' })).toMatchObject({ outcome: 'over on this device', why: 'CALL-01' })
  })

  it('[CALL-01] the push leaves from the CPNS of the node that holds the call', () => {
    const b = bench(
      twoPhones(
        { pool: 'Two' },
        {
          nodes: 2,
          cluster: {
            nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }],
            groups: [
              { id: 'A', nodes: ['ucm-pub'] },
              { id: 'B', nodes: ['ucm-sub1'] },
            ],
            pools: [
              { id: 'One', group: 'A' },
              { id: 'Two', group: 'B' },
            ],
          },
        },
      ),
    )
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.hops({ flow, carrier: 'CPNS' }).map((hop) => `${hop.from} ${hop.to}`)).toEqual(['ucm-sub1/CallManager ucm-sub1/CPNS'])
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.counter('ucm-sub1', 'NumberOfPushReqSent')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(0)
  })

  it('[CALL-01] a phone in a call is busy: a second call neither replaces its screen nor wakes it', () => {
    const { b, flow } = placed(
      { habits: { answersAfterMs: 500 } },
      { devices: [{ id: 'other', owner: 'okafor', client: 'deskphone', lines: ['5011'] }] },
    )
    b.runFor(5_000)
    expect(screen(b)).toMatchObject({ flow, state: 'active' })
    const second = b.call('5001', 'other')
    b.runFor(5_000)
    expect(screen(b)).toMatchObject({ flow, state: 'active' })
    expect(b.flow(second).state).toBe('declined')
    expect(b.hop({ flow: second, from: 'phone', message: '486' }).outcome).toContain('busy')
    expect(b.flow(flow).state).toBe('answered')
  })
})

describe('the 5 s of ring-back', () => {
  it.each([4_999, 5_000])('[CALL-02][DEC-25] ring-back from the device %d ms after t0 suppresses that of CM', (ms) => {
    const { b, flow } = placed(ringsAt(ms))
    b.runFor(12_000)
    const ring = b.hop({ flow, from: 'phone', message: '180' })
    expect(ring.at).toBe(t0Of(b, flow) + ms)
    const heard = b.hop({ flow, to: 'desk', message: '180 Ringing' })
    expect(heard).toMatchObject({ sentAt: ring.at, outcome: 'caller hears ring-back' })
    expect(b.hops({ outcome: 'ring-back from Unified CM' })).toEqual([])
    expect(b.flow(flow).timers.find((timer) => timer.why === 'CALL-02')).toMatchObject({ fired: false, endedAt: ring.at })
  })

  it('[CALL-02][DEC-25] 5.001 s after t0 is too late: CM has played it at t0 + 5.000, and only once', () => {
    const { b, flow } = placed(ringsAt(5_001))
    b.runFor(12_000)
    const t0 = t0Of(b, flow)
    expect(b.hop({ flow, from: 'phone', message: '180' }).at).toBe(t0 + 5_001)
    const heard = b.hop({ flow, to: 'desk', message: '180 Ringing' })
    expect(heard).toMatchObject({
      from: 'ucm-pub/CallManager',
      sentAt: t0 + 5_000,
      outcome: 'caller hears ring-back from Unified CM',
      why: 'CALL-02',
    })
    expect(b.flow(flow).timers.find((timer) => timer.why === 'CALL-02')).toMatchObject({
      startAt: t0,
      dueAt: t0 + 5_000,
      endedAt: t0 + 5_000,
      fired: true,
    })
    expect(b.device('desk').screen.call?.state).toBe('ring-back')
    expect(b.flow(flow).state).toBe('ringing')
  })

  it('[CALL-02] an answer before 5 s needs no ring-back either', () => {
    const { b, flow } = placed({ wakeMs: 2_000, habits: { answersAfterMs: 200 } })
    b.runFor(12_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.hops({ to: 'desk', message: '180 Ringing' })).toEqual([])
  })

  it('[CALL-02] a call over SIP has neither deadline', () => {
    const { b, flow } = placed(FOREGROUND)
    b.runFor(60_000)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing', timers: [] })
    expect(b.hops({ outcome: 'Unified CM' })).toEqual([])
  })
})

describe('the 13 s of the held call', () => {
  it.each([12_900, 12_999, 13_000])(
    '[CALL-03][DEC-25] a client that registers %d ms after t0 still rings, and is not dropped later',
    (ms) => {
      const { b, flow } = placed(registersAt(ms))
      b.runFor(13_900)
      expect(b.hop({ flow, message: 'REGISTER' }).at).toBe(t0Of(b, flow) + ms)
      expect(screen(b)).toMatchObject({ flow, state: 'ringing' })
      expect(b.flow(flow)).toMatchObject({ state: 'ringing', offeredAt: t0Of(b, flow) + ms })
      b.runFor(120_000)
      expect(b.flow(flow).state).toBe('ringing')
      expect(b.hops({ message: 'dropped' })).toEqual([])
      expect(b.flow(flow).timers.find((timer) => timer.why === 'CALL-03')?.fired).toBe(false)
      b.give('device.answer', { device: 'phone' })
      b.runFor(1_000)
      expect(b.flow(flow).state).toBe('answered')
    },
  )

  it('[CALL-03][DEC-25] 13.001 s after t0 is too late: the call ended at t0 + 13.000 with its cause', () => {
    const { b, flow } = placed(registersAt(13_001))
    b.runUntil(14_009)
    const t0 = t0Of(b, flow)
    expect(b.flow(flow)).toMatchObject({ state: 'in progress', endedAt: null })
    expect(b.node('ucm-pub').held).toEqual([{ flow, device: 'phone', since: t0, limitMs: 13_000 }])
    b.runFor(20_000)
    const drop = b.hop({ flow, message: 'dropped' })
    expect(drop).toMatchObject({ at: t0 + 13_000, from: 'ucm-pub/CallManager', status: 'fail', why: 'CALL-03' })
    expect(b.flow(flow)).toMatchObject({ state: 'dropped', endedAt: t0 + 13_000, offeredAt: null, causeWhy: 'CALL-03', causeSeq: drop.seq })
    expect(b.flow(flow).cause).toContain('not registered within 13 s')
    expect(b.hop({ flow, to: 'desk', message: '480' }).sentAt).toBe(t0 + 13_000)
    expect(b.device('desk').screen.call).toBeNull()
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toEqual([])
    expect(b.hop({ flow, message: 'REGISTER' }).at).toBe(t0 + 13_001)
    expect(b.node('ucm-pub').held).toEqual([])
  })

  it('[CALL-03] t0 is the hand-over to the push path, not the moment of dialling', () => {
    const b = bench(twoPhones({ wakeMs: 60_000 }))
    b.give('link.set', { link: 'devices~ucm-pub', latencyMs: 700 })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(30_000)
    expect(t0Of(b, flow)).toBe(1_700)
    expect(b.flow(flow).endedAt).toBe(14_700)
  })
})

describe('missed call', () => {
  it.each([
    ['before the push is there', 200, false],
    ['while CallKit waits for SIP', 500, true],
    ['while the phone rings', 2_000, true],
  ] as const)('[CALL-04] the caller hangs up %s: a second push reports the missed call', (_when, afterMs, callKit) => {
    const { b, flow } = placed()
    b.runFor(afterMs)
    expect(screen(b) !== null).toBe(callKit)
    b.give('call.hangUp', { flow })
    b.runFor(5_000)
    expect(b.hop({ flow, message: 'caller hangs up' })).toMatchObject({ outcome: 'not connected yet', why: 'CALL-04' })
    const hungUp = b.hop({ flow, from: 'desk', message: 'CANCEL' })
    expect(hungUp.at).toBe(1_000 + afterMs + 10)
    const second = b.flow(flow + 1)
    expect(second).toMatchObject({ linkedTo: flow, startedAt: hungUp.at, pushAt: hungUp.at, state: 'done' })
    expect(b.pushes({ flow: second.flow })).toMatchObject([
      { purpose: 'missed call', channel: 'VoIP', state: 'shown', createdAt: hungUp.at },
    ])
    expect(b.hops({ flow: second.flow, to: 'push-rest', message: 'POST push, VoIP, missed call' })).toHaveLength(1)
    expect(b.flow(flow).state).toBe('missed')
    expect(screen(b)).toBeNull()
    expect(b.device('phone')).toMatchObject({ missedCalls: 1, suspended: true, sip: 'suspended' })
    expect(b.device('phone').screen.banners.map((banner) => [banner.kind, banner.text])).toEqual([['missed call', 'Dr. Okafor 5010']])
  })

  it('[CALL-04] no REGISTER within 13 s: the second push goes out together with the drop', () => {
    const { b, flow } = placed({ wakeMs: 60_000 })
    b.runUntil(14_009)
    expect(screen(b)).toMatchObject({ style: 'CallKit', state: 'ringing' })
    expect(b.device('phone').missedCalls).toBe(0)
    b.runFor(2_000)
    const t0 = t0Of(b, flow)
    expect(b.flow(flow + 1)).toMatchObject({ linkedTo: flow, startedAt: t0 + 13_000, state: 'done' })
    expect(b.pushes({ purpose: 'missed call' })).toMatchObject([{ createdAt: t0 + 13_000, state: 'shown' }])
    expect(b.hop({ message: 'dropped' }).at).toBe(t0 + 13_000)
    expect(screen(b)).toBeNull()
    expect(b.device('phone').missedCalls).toBe(1)
    expect(b.hop({ flow: flow + 1, from: 'phone', message: 'missed call' }).outcome).toContain('call screen closes, missed call listed')
  })

  it('[CALL-04] a call that was set up over SIP alone gets no second push', () => {
    const { b, flow } = placed(FOREGROUND)
    b.runFor(2_000)
    b.give('call.hangUp', { flow })
    b.runFor(5_000)
    expect(b.pushes({ purpose: 'missed call' })).toEqual([])
    expect(b.device('phone').missedCalls).toBe(1)
  })

  it('[CALL-04][DEC-25] the second push uses the channel of the first, whatever the release gives meanwhile', () => {
    const { b, flow } = placed({ ...NEW, wakeMs: 60_000 }, onRelease(SU2))
    b.runFor(500)
    expect(b.pushes({ flow })).toMatchObject([{ channel: 'shared' }])
    b.give('cluster.release', { component: 'Unified CM', release: SU3 })
    b.runFor(20_000)
    expect(b.pushes({ purpose: 'missed call' })).toMatchObject([{ channel: 'shared' }])
  })

  it('[CALL-04] the second push fails: its own flow says so, and CallKit does not stay open', () => {
    const { b, flow } = placed({ wakeMs: 60_000 })
    b.runFor(3_000)
    b.give('fault.add', { fault: { kind: 'answer', on: 'push-rest', status: 503 } })
    b.runFor(11_500)
    expect(b.flow(flow + 1)).toMatchObject({ state: 'failed' })
    expect(b.flow(flow + 1).cause).toContain('503')
    expect(screen(b)).not.toBeNull()
    b.runFor(5_000)
    expect(screen(b)).toBeNull()
    expect(b.hop({ message: 'no INVITE came' }).why).toBe('CALL-04')
    expect(b.device('phone').missedCalls).toBe(1)
  })
})

describe('a call of which nothing more is heard', () => {
  it('[CALL-04] rings for 180 s at most, and is listed as missed', () => {
    const b = bench(twoPhones({ app: 'on screen', locked: false, screenOn: true }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(25) // the INVITE is there; nothing after it gets through
    const rangAt = b.hop({ flow, to: 'phone', message: 'INVITE 5001' }).at
    b.give('fault.add', { fault: { on: 'devices~ucm-pub', kind: 'black-hole' } })
    b.runUntil(rangAt + 179_999)
    expect(b.device('phone').screen.call).toMatchObject({ flow, state: 'ringing' })
    b.runUntil(rangAt + 180_000)
    expect(b.device('phone')).toMatchObject({ missedCalls: 1, screen: { call: null } })
  })
})

describe('shared line', () => {
  it.each([
    ['while the INVITE is held', { wakeMs: 60_000 }],
    ['while it rings as well', {}],
  ] as const)('[CALL-05] another device answers %s: a second push, CallKit closes, nothing is missed', (_when, phone) => {
    const { b, flow } = placed(phone, SHARED)
    b.runFor(3_000)
    expect(screen(b)).toMatchObject({ style: 'CallKit', state: 'ringing' })
    expect(b.device('ward').screen.call).toMatchObject({ state: 'ringing' })
    b.give('device.answer', { device: 'ward' })
    b.runFor(4_000)
    const answered = b.hop({ flow, from: 'ward', message: '200 OK' })
    expect(b.flow(flow)).toMatchObject({ state: 'answered', answeredAt: answered.at })
    expect(b.flow(flow + 1)).toMatchObject({ linkedTo: flow, startedAt: answered.at, state: 'done' })
    expect(b.pushes({ flow: flow + 1 })).toMatchObject([
      { purpose: 'answered elsewhere', channel: 'VoIP', device: 'phone', state: 'shown' },
    ])
    expect(screen(b)).toBeNull()
    expect(b.device('phone').missedCalls).toBe(0)
    expect(b.device('phone').screen.banners.map((banner) => banner.kind)).toEqual(['answered elsewhere'])
    expect(b.pushes({ purpose: 'missed call' })).toEqual([])
    b.runFor(60_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.device('phone')).toMatchObject({ missedCalls: 0, suspended: true })
  })

  it('[CALL-05] the push device answers: the other one stops ringing and no second push goes out', () => {
    const { b, flow } = placed({ habits: { answersAfterMs: 2_000 } }, SHARED)
    b.runFor(6_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.device('ward')).toMatchObject({ missedCalls: 0, screen: { call: null } })
    expect(b.pushes().map((push) => push.purpose)).toEqual(['incoming call'])
  })

  it('[CALL-05] nobody answers and the caller gives up: that is a missed call', () => {
    const { b, flow } = placed({}, SHARED)
    b.runFor(3_000)
    b.give('call.hangUp', { flow })
    b.runFor(3_000)
    expect(b.pushes({ purpose: 'missed call' })).toHaveLength(1)
    expect(b.pushes({ purpose: 'answered elsewhere' })).toEqual([])
    expect(b.device('phone').missedCalls).toBe(1)
  })
})

describe('priority', () => {
  it.each([
    ['iOS', NEW, 'apns'],
    ['Android', { client: 'jabber', clientRelease: '12.9.1', os: 'android', osRelease: '10' }, 'fcm'],
  ] as const)('[CALL-06] %s: a VoIP push overtakes message pushes that wait in a queue, and waits in none itself', (_os, system, cloud) => {
    const b = bench(twoPhones(system, { im: true }))
    b.runUntil(1_000)
    for (let i = 1; i <= 60; i++) b.give('message.send', { from: 'okafor', to: 'ana', text: `message ${i}` })
    const flow = b.call('5001')
    b.runFor(5_000)
    const messages = b.pushes({ purpose: 'message' })
    const [call] = b.pushes({ flow })
    const waited = messages.filter((push) => push.queuedMs > 0)
    expect(messages.filter((push) => push.queuedMs === 0)).toHaveLength(20)
    expect(waited).toHaveLength(40)
    expect(call).toMatchObject({ channel: 'VoIP', queuedMs: 0 })
    const deliveredAt = (id: string): number =>
      b.events.find((event) => event.tracking === id && event.outcome === 'delivered to the device')?.at ?? Infinity
    for (const push of waited) {
      expect(push.createdAt).toBeLessThan(call?.createdAt ?? 0)
      expect(deliveredAt(push.id)).toBeGreaterThan(deliveredAt(call?.id ?? ''))
    }
    // It leaves CPNS in the millisecond in which its connection is there.
    const connected = b.hop({ flow, message: 'connect push.webexconnect.com' })
    expect(b.hop({ flow, message: 'POST push, VoIP' }).sentAt).toBe(connected.at)
    const sent = b.hop({ flow, from: 'push-rest', to: cloud, message: cloud === 'apns' ? 'POST /3/device' : 'POST messages:send' })
    const detail = eventDetail(b.lab.world, sent.seq)
    if (!detail.ok) throw new Error(detail.message)
    if (cloud === 'apns') {
      expect(detail.value.headers).toContainEqual({ name: 'apns-priority', value: '10' })
      expect(detail.value.headers).toContainEqual({ name: 'apns-push-type', value: 'voip' })
    } else {
      expect(JSON.parse(detail.value.body)).toMatchObject({ message: { android: { priority: 'high' } } })
    }
  })

  it.each(['missed call', 'answered elsewhere'] as const)('[CALL-06] the second push (%s) waits in no queue either', (purpose) => {
    const { b, flow } = placed({ ...NEW, wakeMs: 60_000 }, { ...SHARED, im: true })
    b.runFor(2_000)
    if (purpose === 'missed call') b.give('call.hangUp', { flow })
    else b.give('device.answer', { device: 'ward' })
    b.runFor(2_000)
    expect(b.pushes({ purpose })).toMatchObject([{ channel: 'VoIP', queuedMs: 0, state: 'shown' }])
  })
})

describe('identity', () => {
  it('[CALL-07] CallKit opens in the millisecond in which the push is there, with name and number from the push', () => {
    const { b, flow } = placed({ ...NEW, wakeMs: 60_000 }, onRelease(SU3))
    b.runFor(1_000)
    const delivered = b.hop({ flow, outcome: 'delivered to the device' })
    expect(screen(b)).toMatchObject({ style: 'CallKit', since: delivered.at, name: 'Dr. Okafor', number: '5010' })
    expect(b.hop({ flow, message: 'CallKit' }).at).toBe(delivered.at)
  })

  it.each([SU2, '11.5(1)SU7'])('[CALL-07] CM %s has no Caller ID: CallKit opens as fast, with empty fields', (release) => {
    const { b, flow } = placed({ ...NEW, wakeMs: 60_000 }, onRelease(release))
    b.runFor(1_000)
    expect(screen(b)).toMatchObject({
      style: 'CallKit',
      since: b.hop({ flow, outcome: 'delivered to the device' }).at,
      name: '',
      number: '',
    })
    expect(b.hop({ flow, message: 'CallKit' })).toMatchObject({ message: 'CallKit: no caller ID in this release', why: 'CALL-07' })
  })

  const HOTLINE: Partial<ScenarioInput> = {
    users: [{ id: 'rex', name: 'Rex Moreau', number: '5020', externalPresentation: { name: 'Hotline', number: '5000' } }],
    devices: [{ id: 'rex-desk', owner: 'rex', client: 'deskphone' }],
  }
  const calledBy = (release: string, phone: Phone, external: boolean): Bench => {
    const b = bench(twoPhones({ ...NEW, ...phone }, { ...HOTLINE, ...onRelease(release) }))
    b.runUntil(1_000)
    if (!external) b.give('user.set', { user: 'rex', externalPresentation: null })
    b.call('5001', 'rex-desk')
    b.runFor(5_000)
    return b
  }

  it.each([
    [SU3, true, 'Hotline', '5000'],
    [SU3, false, 'Rex Moreau', '5020'],
    ['11.5(1)SU8', true, 'Rex Moreau', '5020'],
    ['11.5(1)SU8', false, 'Rex Moreau', '5020'],
  ] as const)('[CALL-08] CM %s, External Presentation %s: %s %s', (release, external, name, number) => {
    const b = calledBy(release, {}, external)
    expect(b.hop({ message: 'CallKit' }).message).toBe(`CallKit: ${name} ${number}`)
    expect(screen(b)).toMatchObject({ style: 'CallKit', name, number, state: 'ringing' })
    b.give('call.hangUp', { flow: b.flow(1).flow })
    b.runFor(3_000)
    expect(b.device('phone').screen.banners).toMatchObject([{ kind: 'missed call', text: `${name} ${number}` }])
  })

  it.each([
    [SU3, 'Hotline'],
    ['11.5(1)SU8', 'Rex Moreau'],
  ] as const)('[CALL-08] CM %s, app in foreground: SIP shows %s', (release, name) => {
    const b = calledBy(release, FOREGROUND, true)
    expect(screen(b)).toMatchObject({ state: 'ringing', name })
  })

  it.each([
    ['locked', {}],
    ['unlocked', UNLOCKED],
    ['in foreground', FOREGROUND],
  ] as const)('[CALL-09] %s: an audio-only INVITE shows as a video call on CallKit', (_state, phone) => {
    for (const client of [NEW, { client: 'webex' }] as const) {
      const { b, flow } = placed({ ...client, ...phone })
      b.runFor(3_000)
      const invite = eventDetail(b.lab.world, b.hop({ flow, to: 'phone', message: 'INVITE' }).seq)
      expect(invite.ok && invite.value.headers).toContainEqual({ name: 'Content', value: 'audio' })
      expect(screen(b)).toMatchObject({ style: 'CallKit', video: true, state: 'ringing' })
      b.give('device.answer', { device: 'phone' })
      b.runFor(1_000)
      expect(screen(b)).toMatchObject({ video: true, state: 'active' })
    }
  })

  it('[CALL-09] the limitation is that of CallKit: a desk phone and an Android client show audio', () => {
    const { b } = placed({ os: 'android', osRelease: '13' }, SHARED)
    b.runFor(3_000)
    expect(screen(b)).toMatchObject({ style: 'call screen', video: false })
    expect(b.device('ward').screen.call).toMatchObject({ style: 'desk phone', video: false })
  })
})

describe('calling experience', () => {
  it('[CALL-10] Jabber 12.9, locked: CallKit fills the screen, the answer needs no unlocking', () => {
    const { b, flow } = placed(NEW, onRelease(SU3))
    b.runFor(3_000)
    expect(b.device('phone')).toMatchObject({ locked: true, app: 'off screen', screenOn: true })
    expect(screen(b)).toMatchObject({
      style: 'CallKit',
      overLockScreen: true,
      name: 'Dr. Okafor',
      number: '5010',
      canAnswer: true,
      canDecline: true,
    })
    b.give('device.answer', { device: 'phone' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.device('phone')).toMatchObject({ locked: true, app: 'off screen', state: 'in call' })
    expect(b.hop({ flow, message: 'user answers' }).outcome).toBe('over the lock screen')
  })

  it.each([
    ['locked', {}, 3_000, true],
    ['locked, before the INVITE', { wakeMs: 3_000 }, 1_000, true],
    ['unlocked', UNLOCKED, 3_000, false],
  ] as const)('[CALL-10] Jabber 12.9, %s: the call is rejected from CallKit', (_state, phone, afterMs, locked) => {
    const { b, flow } = placed({ ...NEW, ...phone }, onRelease(SU3))
    b.runFor(afterMs)
    b.give('device.decline', { device: 'phone' })
    b.runFor(6_000)
    expect(b.flow(flow).state).toBe('declined')
    expect(b.hop({ flow, from: 'phone', message: '603 Decline' })).toBeDefined()
    expect(b.device('phone')).toMatchObject({ locked, app: 'off screen', missedCalls: 0, screen: { call: null } })
    expect(b.device('desk').screen.call).toBeNull()
  })

  it('[CALL-10] Jabber 12.9, unlocked: CallKit inside the notification, and only the answer launches the app', () => {
    const { b, flow } = placed({ ...NEW, ...UNLOCKED }, onRelease(SU3))
    b.runFor(3_000)
    expect(screen(b)).toMatchObject({ style: 'CallKit', overLockScreen: false, name: 'Dr. Okafor', number: '5010' })
    expect(b.hop({ flow, message: 'CallKit' }).outcome).toContain('incoming-call notification')
    expect(b.device('phone')).toMatchObject({ app: 'off screen', screen: { appOnScreen: false } })
    b.give('device.answer', { device: 'phone' })
    expect(b.device('phone')).toMatchObject({ app: 'on screen', screen: { appOnScreen: true } })
    b.runFor(1_000)
    expect(screen(b)).toMatchObject({ state: 'active', name: 'Dr. Okafor', number: '5010' })
    expect(b.flow(flow).state).toBe('answered')
  })

  it.each([
    ['locked', {}, true],
    ['unlocked', UNLOCKED, false],
  ] as const)('[CALL-11] Jabber 12.8, %s: it registers first, then shows the call in itself, without CallKit', (_state, phone, locked) => {
    const { b, flow } = placed({ ...OLD, ...phone, wakeMs: 2_000 }, onRelease(SU3))
    const register = (): number => b.hops({ flow, message: 'REGISTER' }).length
    while (screen(b) === null) b.lab.step()
    expect(register()).toBe(1)
    const shownAt = b.lab.now
    expect(b.hop({ flow, message: 'REGISTER' }).at).toBeLessThan(shownAt)
    expect(b.hop({ flow, to: 'phone', message: 'INVITE' }).at).toBe(shownAt)
    expect(screen(b)).toMatchObject({ style: 'in-app', name: 'Dr. Okafor', number: '5010', overLockScreen: locked, state: 'ringing' })
    expect(b.device('phone')).toMatchObject({ locked, app: 'on screen' })
    expect(b.hop({ flow, message: 'Jabber comes up and registers' }).why).toBe('CALL-11')
    b.give('device.answer', { device: 'phone' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.device('phone').locked).toBe(locked)
    expect(b.hops({ message: 'CallKit' })).toEqual([])
  })

  const PAIRS = [
    ['new client, new server', NEW, SU3, 'CallKit', 'Dr. Okafor'],
    ['new client, old server', NEW, SU2, 'CallKit', ''],
    ['old client, new server', OLD, SU3, null, ''],
    ['old client, old server', OLD, SU2, null, ''],
  ] as const

  it.each(PAIRS)('[CALL-12] %s: the client selects the experience, the server gives the identity', (_pair, phone, release, style, name) => {
    const { b, flow } = placed({ ...phone, wakeMs: 3_000 }, onRelease(release))
    b.runFor(1_000)
    // Before SIP: CallKit or nothing at all, with the name that the push brought.
    expect(screen(b)?.style ?? null).toBe(style)
    expect(screen(b)?.name ?? '').toBe(name)
    const push = b.pushes({ flow })[0]
    const sent = eventDetail(b.lab.world, b.hop({ flow, to: 'push-rest', message: 'POST push' }).seq)
    expect(sent.ok && sent.value.sealed?.fields.some((field) => field.name === 'displayName')).toBe(release === SU3)
    expect(push?.state).toBe('shown')
    b.runFor(4_000)
    expect(screen(b)).toMatchObject({ style: style ?? 'in-app', state: 'ringing' })
    b.give('device.answer', { device: 'phone' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('answered')
  })

  it('[CALL-12] the message view is identical in all four pairs', () => {
    const views = PAIRS.map(([, phone, release]) => {
      const b = bench(twoPhones(phone, { im: true, ...onRelease(release) }))
      b.runUntil(1_000)
      const { flow } = b.give('message.send', { from: 'okafor', to: 'ana', text: 'Room 12' }) as { flow: number }
      b.runFor(3_000)
      const before = b.device('phone')
      b.give('device.tap', { device: 'phone' })
      b.runFor(2_000)
      const after = b.device('phone')
      return {
        before: [before.screen, before.unread, before.state],
        after: [after.screen, after.unread, after.state],
        flow: b.flow(flow).state,
      }
    })
    expect(views[0]?.before[0]).toMatchObject({ banners: [{ kind: 'message', title: 'Dr. Okafor', text: 'Room 12' }], call: null })
    expect(views[0]?.flow).toBe('delivered')
    for (const view of views) expect(view).toEqual(views[0])
  })
})

describe('EnableVoipSocket', () => {
  it('[CALL-13] true: the call does not wake a suspended Jabber on iOS, and the reason names the parameter', () => {
    const { b, flow } = placed({ ...NEW, enableVoipSocket: true })
    b.runFor(20_000)
    expect(b.pushes()).toEqual([])
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'CALL-13', pushAt: null })
    expect(b.flow(flow).cause).toContain('EnableVoipSocket')
    expect(b.hops({ flow, to: 'phone' })).toEqual([])
    expect(screen(b)).toBeNull()
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'CALL-13' })
    const found = finding(b, 'voipSocket:phone')
    expect(found).toMatchObject({ level: 'Fail', why: 'CALL-13' })
    for (const words of ['UC Service Configuration', 'Jabber Client Configuration', 'section Options', 'XML'])
      expect(found?.fix).toContain(words)
  })

  it('[CALL-13] set to false the same phone is woken, and the finding is gone; message pushes never depended on it', () => {
    const b = bench(twoPhones({ ...NEW, enableVoipSocket: true }, { im: true }))
    b.runUntil(1_000)
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(3_000)
    expect(b.pushes({ purpose: 'message' })).toMatchObject([{ state: 'shown' }])
    b.give('device.voipSocket', { device: 'phone', enabled: false })
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(finding(b, 'voipSocket:phone')).toBeUndefined()
  })

  it.each([
    ['Webex App', { client: 'webex' }],
    ['Jabber on Android', { client: 'jabber', os: 'android', osRelease: '13' }],
  ] as const)('[CALL-13] %s knows no such parameter', (_client, phone) => {
    const { b, flow } = placed({ ...phone, enableVoipSocket: true })
    b.runFor(3_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(finding(b, 'voipSocket:phone')).toBeUndefined()
  })
})

describe('time that the push takes', () => {
  const HOPS = [
    ['firewall~push-rest', 'ucm-pub/CPNS', 'push-rest', 'POST push', 1],
    ['push-rest~apns', 'push-rest', 'apns', 'POST /3', 0],
    ['apns~devices', 'apns', 'phone', 'deliver', 0],
    ['devices~ucm-pub', 'phone', 'ucm-pub/CallManager', 'REGISTER', 0],
  ] as const

  it.each(HOPS)('[CALL-14] the latency of %s is set and read off its arrow', (link, from, to, message, restMs) => {
    const took = (latencyMs: number): { hop: number; total: number; left: string } => {
      const b = bench(twoPhones())
      b.runUntil(1_000)
      b.give('link.set', { link, latencyMs })
      const flow = b.call('5001')
      b.runFor(13_000)
      const hop = b.hop({ flow, from, to, message })
      const text = exportFlow(b.lab.world, { flow, format: 'text' })
      return {
        hop: hop.at - hop.sentAt,
        total: (b.flow(flow).offeredAt ?? 0) - t0Of(b, flow),
        left: text.ok ? (/offered with .* left/.exec(text.value.text)?.[0] ?? '') : '',
      }
    }
    const slow = took(900)
    const fast = took(100)
    expect(fast.hop).toBe(100 + restMs)
    expect(slow.hop).toBe(900 + restMs)
    expect(slow.total - fast.total).toBeGreaterThanOrEqual(800)
    for (const { total, left } of [slow, fast])
      expect(left).toBe(`offered with ${((13_000 - total) / 1_000).toFixed(3)} s of the 13 s left`)
  })

  it('[CALL-14] the ringing arrow reports how much of the 13 s was used and left, before ring-back by CM and after it', () => {
    for (const [ms, text] of [
      [786, 'offered 0.786 s after the push, 12.214 s of the 13 s left'],
      [9_000, 'offered 9.000 s after the push, 4.000 s of the 13 s left'],
    ] as const) {
      const { b, flow } = placed(registersAt(ms))
      b.runFor(13_000)
      expect(b.hop({ flow, from: 'phone', message: '180' }).outcome).toContain(text)
    }
  })

  it('[CALL-14] jitter spreads a hop within its bounds, differs by seed, and is the same for the same seed', () => {
    const times = (seed: number, jitterMs: number): number[] => {
      const b = bench(twoPhones({ habits: { declinesAfterMs: 1_000 } }), { seed })
      b.runUntil(1_000)
      b.give('link.set', { link: 'apns~devices', latencyMs: 200, jitterMs })
      for (let i = 0; i < 20; i++) {
        b.call('5001')
        b.runFor(5_000)
      }
      return b.hops({ from: 'apns', to: 'phone' }).map((hop) => hop.at - hop.sentAt)
    }
    const one = times(1, 300)
    expect(one).toHaveLength(20)
    expect(Math.min(...one)).toBeGreaterThanOrEqual(200)
    expect(Math.max(...one)).toBeLessThanOrEqual(500)
    expect(new Set(one).size).toBeGreaterThan(5)
    expect(times(1, 300)).toEqual(one)
    expect(times(2, 300)).not.toEqual(one)
    expect(new Set(times(1, 0))).toEqual(new Set([200]))
  })

  it('[CALL-14] slow enough, the push path eats the whole budget and the cause is told', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    b.give('link.set', { link: 'apns~devices', latencyMs: 12_900 })
    const flow = b.call('5001')
    b.runFor(20_000)
    expect(b.flow(flow).state).toBe('dropped')
    const text = exportFlow(b.lab.world, { flow, format: 'text' })
    expect(text.ok && text.value.text).toContain('all of the 13 s used up: not offered in time')
  })
})

describe('voicemail and single number reach', () => {
  const ana = (b: Bench, change: Record<string, number | null>): void => void b.give('user.set', { user: 'ana', ...change })

  it.each([
    ['voicemailNoAnswerRingMs', 'voicemail:ana', 24_999, 25_000, '25 s'],
    ['singleNumberReachWaitMs', 'snr:ana', 12_999, 13_000, '13 s'],
  ] as const)('[CALL-15] %s below its minimum is a warning, at the minimum it is none', (setting, id, below, minimum, fix) => {
    const b = bench(twoPhones())
    expect(finding(b, id)).toBeUndefined()
    ana(b, { [setting]: below })
    expect(finding(b, id)).toMatchObject({ level: 'Warning', subject: 'Ana Ruiz', why: 'CALL-15' })
    expect(finding(b, id)?.fix).toContain(fix)
    ana(b, { [setting]: minimum })
    expect(finding(b, id)).toBeUndefined()
    ana(b, { [setting]: null })
    expect(finding(b, id)).toBeUndefined()
  })

  it.each([
    ['voicemail', 'voicemailNoAnswerRingMs', 6_000, 'missed call'],
    ['single number reach', 'singleNumberReachWaitMs', 6_000, 'answered elsewhere'],
  ] as const)('[CALL-15] %s below the minimum takes the call before REGISTER', (target, setting, waitMs, second) => {
    const b = bench(twoPhones(registersAt(8_000)))
    b.runUntil(1_000)
    ana(b, { [setting]: waitMs })
    const flow = b.call('5001')
    b.runFor(20_000)
    const left = b.hop({ flow, message: `call goes to ${target}`, status: 'warn', why: 'CALL-15' })
    expect(left.at).toBe(1_010 + waitMs)
    expect(b.hops({ flow, message: 'REGISTER' })).toEqual([])
    expect(b.flow(flow)).toMatchObject({ state: 'diverted', endedAt: left.at, offeredAt: null, causeWhy: 'CALL-15' })
    expect(b.flow(flow).cause).toContain('before the phone could wake')
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toEqual([])
    expect(b.pushes({ flow: flow + 1 })).toMatchObject([{ purpose: second, state: 'shown' }])
    expect(screen(b)).toBeNull()
    // The caller talks to it until hanging up.
    expect(b.device('desk').screen.call?.state).toBe('active')
    b.give('call.hangUp', { flow })
    expect(b.device('desk').screen.call).toBeNull()
    expect(b.hop({ flow, message: 'caller hangs up' })).toMatchObject({ outcome: 'over on this device', why: 'CALL-15' })
    // Without the short timer the same phone gets the same call.
    ana(b, { [setting]: null })
    const again = b.call('5001')
    b.runFor(10_000)
    expect(b.flow(again)).toMatchObject({ state: 'ringing' })
    expect(b.hops({ flow: again, message: 'REGISTER' })).toHaveLength(1)
  })

  it.each([
    ['voicemail', 'voicemailNoAnswerRingMs', 25_000],
    ['single number reach', 'singleNumberReachWaitMs', 13_000],
  ] as const)('[CALL-15] %s at its minimum leaves a phone that wakes at the last moment time to ring', (_target, setting, waitMs) => {
    const b = bench(twoPhones({ ...ringsAt(12_990) }))
    b.runUntil(1_000)
    ana(b, { [setting]: waitMs })
    const flow = b.call('5001')
    b.runUntil(14_100)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing', cause: '' })
    expect(screen(b)).toMatchObject({ state: 'ringing' })
    b.give('device.answer', { device: 'phone' })
    b.runFor(30_000)
    expect(b.flow(flow).state).toBe('answered')
    expect(b.hops({ message: 'call goes to' })).toEqual([])
  })

  it('[CALL-15] after a full ring voicemail takes the call, and nobody is blamed', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    ana(b, { voicemailNoAnswerRingMs: 25_000 })
    const flow = b.call('5001')
    b.runFor(30_000)
    expect(b.hop({ flow, message: 'call goes to voicemail' })).toMatchObject({ at: 26_010, status: 'info' })
    expect(b.flow(flow)).toMatchObject({ state: 'diverted', cause: '' })
    expect(b.device('phone').missedCalls).toBe(1)
  })
})

describe('Mobility Identity', () => {
  const TO_MI = 'MobilityPushNotificationCallsExtendedToMIDueToTimeout'
  const TO_JABBER = 'MobilityPushNotificationCallsExtendedToJabber'
  const WAIT = 'Incoming Call Push Notification Wait Timer'
  const mobile = (phone: Phone, waitMs = 10_000): { b: Bench; flow: number } => {
    const b = bench(twoPhones(phone, { cluster: { nodes: [{ id: 'ucm-pub' }], mobilityPushWaitMs: waitMs } }))
    b.runUntil(1_000)
    b.give('user.set', { user: 'ana', mobilityIdentity: '+15551234' })
    return { b, flow: b.call('5001') }
  }

  it.each([9_999, 10_000])('[CALL-16] registered %d ms after t0, with a wait of 10 s: the call goes to the client', (ms) => {
    const { b, flow } = mobile(registersAt(ms))
    b.runFor(20_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(screen(b)).toMatchObject({ state: 'ringing' })
    expect([b.counter('ucm-pub', TO_JABBER), b.counter('ucm-pub', TO_MI)]).toEqual([1, 0])
    expect(b.hops({ message: 'Mobility Identity' })).toEqual([])
    expect(b.flow(flow).timers.find((timer) => timer.name.includes(WAIT))).toMatchObject({ fired: false, endedAt: t0Of(b, flow) + ms })
  })

  it('[CALL-16] registered 10.001 s after t0: the Mobility Identity was called at 10.000', () => {
    const { b, flow } = mobile(registersAt(10_001))
    b.runFor(30_000)
    const t0 = t0Of(b, flow)
    expect(b.hop({ flow, message: 'call goes to Mobility Identity +15551234' }).at).toBe(t0 + 10_000)
    expect(b.flow(flow)).toMatchObject({ state: 'diverted', endedAt: t0 + 10_000 })
    expect([b.counter('ucm-pub', TO_JABBER), b.counter('ucm-pub', TO_MI)]).toEqual([0, 1])
    expect(b.hops({ flow, to: 'phone', message: 'INVITE' })).toEqual([])
    expect(b.flow(flow).timers.find((timer) => timer.name.includes(WAIT))).toMatchObject({ fired: true, dueAt: t0 + 10_000 })
    expect(screen(b)).toBeNull()
    expect(b.device('phone').missedCalls).toBe(0)
  })

  it('[CALL-16] the wait timer is settable, and each call moves exactly one of the two counters', () => {
    const { b } = mobile(registersAt(3_000), 2_000)
    b.runFor(20_000)
    expect([b.counter('ucm-pub', TO_JABBER), b.counter('ucm-pub', TO_MI)]).toEqual([0, 1])
    b.give('call.hangUp', { flow: 1 })
    b.give('device.habits', { device: 'phone', wakeMs: 200, declinesAfterMs: 1_000 })
    for (let calls = 1; calls <= 3; calls++) {
      b.call('5001')
      b.runFor(20_000)
      expect([b.counter('ucm-pub', TO_JABBER), b.counter('ucm-pub', TO_MI)]).toEqual([calls, 1])
    }
  })

  it('[CALL-16][CALL-05] on a shared line only the sleeping phone gives its part up; the desk phone goes on ringing', () => {
    const second = { id: 'second', owner: 'ana', client: 'deskphone' as const, lines: ['5001'] }
    const b = bench(twoPhones(registersAt(20_000), { devices: [second] }))
    b.runUntil(1_000)
    b.give('user.set', { user: 'ana', mobilityIdentity: '+15551234' })
    const flow = b.call('5001')
    b.runFor(12_000)
    expect(b.hop({ flow, message: 'call goes to Mobility Identity +15551234' }).at).toBe(t0Of(b, flow) + 10_000)
    expect(b.counter('ucm-pub', TO_MI)).toBe(1)
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.device('second').screen.call?.state).toBe('ringing')
    b.give('device.answer', { device: 'second' })
    b.runFor(1_000)
    expect(b.flow(flow).state).toBe('answered')
  })

  it('[CALL-16] without a Mobility Identity nothing of this happens', () => {
    const { b, flow } = placed(registersAt(11_000))
    b.runFor(20_000)
    expect(b.flow(flow).timers.some((timer) => timer.why === 'CALL-16')).toBe(false)
    expect(b.counter('ucm-pub', TO_JABBER) + b.counter('ucm-pub', TO_MI)).toBe(0)
  })
})
