import { describe, expect, it } from 'vitest'
import type { CounterRow } from '../../../core/contract/rows.ts'
import { COUNTER_NAMES } from '../../../core/scenario/counterNames.ts'
import { WINDOW_MS } from '../../../core/serviceability/counters.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'

const AWAY = { app: 'off screen', locked: true, screenOn: false } as const
const SERVICES = [
  ['APNS', 'Apns'],
  ['APNS:beta', 'ApnsBeta'],
  ['APNS:dev', 'ApnsDev'],
  ['APNS:test', 'ApnsTest'],
  ['APNS:load', 'ApnsLoad'],
  ['FCM', 'Fcm'],
  ['FCM:dev', 'FcmDev'],
] as const

/** All counters of a node that are not 0. */
const moved = (b: Bench, node: string): Record<string, number> =>
  Object.fromEntries(
    b
      .rows<CounterRow>('counter')
      .filter((row) => row.node === node && row.value !== 0)
      .map(({ name, value }) => [name, value]),
  )
const call = (b: Bench): void => {
  const flow = b.call('5001', 'desk')
  b.runFor(4_000)
  b.give('call.hangUp', { flow })
  b.runFor(10_000)
}

describe('CallManager', () => {
  it.each(['APNS', 'APNS:dev'] as const)(
    '[ALM-17] sent and answered move for a push, whatever the subscriber service: %s',
    (subscriberService) => {
      const b = bench(twoPhones({ ...AWAY, subscriberService }))
      b.runUntil(1_000)
      b.call('5001', 'desk')
      b.runFor(3_000)
      expect(moved(b, 'ucm-pub')).toEqual({ NumberOfPushReqSent: 1, NumberOfPushResReceived: 1 })
    },
  )

  it('[ALM-17] an answer that is not 200 OK moves the third as well', () => {
    const b = bench(twoPhones(AWAY, { faults: [{ fault: { kind: 'answer', on: 'push-rest', status: 503 } }] }))
    b.runUntil(1_000)
    b.call('5001', 'desk')
    b.runFor(3_000)
    expect(moved(b, 'ucm-pub')).toEqual({ NumberOfPushReqSent: 1, NumberOfPushResReceived: 1, NumberOfPushErrorResReceived: 1 })
  })

  it('[ALM-17][SCN-02] a failed TLS handshake moves the third alone', () => {
    const b = bench(twoPhones(AWAY, { faults: [{ fault: { kind: 'tls-inspect', on: 'push-rest' } }] }))
    b.runUntil(1_000)
    b.call('5001', 'desk')
    b.runFor(3_000)
    expect(moved(b, 'ucm-pub')).toEqual({ NumberOfPushErrorResReceived: 1 })
  })

  it('[ALM-18][CN-05] call and missed call to a phone in Mainland China have counters of their own, one +1 each', () => {
    const b = bench(twoPhones({ ...AWAY, region: 'mainland-china' }))
    b.runUntil(1_000)
    call(b)
    expect(moved(b, 'ucm-pub')).toMatchObject({
      CustomRegionNumofMsgPushReqSent: 1,
      CustomRegionNumofMissedCallMsgPushReqSent: 1,
      NumberOfPushReqSent: 2,
    })
  })

  it('[ALM-20][CALL-16] exactly one of the two moves per Mobility call', () => {
    for (const [wakeMs, name] of [
      [400, 'MobilityPushNotificationCallsExtendedToJabber'],
      [12_000, 'MobilityPushNotificationCallsExtendedToMIDueToTimeout'],
    ] as const) {
      const b = bench(
        twoPhones({ ...AWAY, client: 'jabber', wakeMs }, { users: [], cluster: { nodes: [{ id: 'ucm-pub' }], mobilityPushWaitMs: 5_000 } }),
      )
      b.give('user.set', { user: 'ana', mobilityIdentity: '900' })
      b.runUntil(1_000)
      b.call('5001', 'desk')
      b.runFor(20_000)
      const mobility = Object.entries(moved(b, 'ucm-pub')).filter(([each]) => each.startsWith('Mobility'))
      expect(mobility).toEqual([[name, 1]])
    }
  })
})

describe('IM and Presence', () => {
  const lab = (phone: Parameters<typeof twoPhones>[0] = {}): Bench => {
    const b = bench(twoPhones({ ...AWAY, client: 'jabber', ...phone }, { im: true }))
    b.runUntil(1_000)
    return b
  }
  const send = (b: Bench): void => {
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(5_000)
  }
  const refuse = (b: Bench, status: number): void =>
    void b.give('fault.add', { fault: { kind: 'answer', on: 'push-rest', status, count: 1 } })

  it('[ALM-21] success and failure add up to the attempts; 400 is an invalid target, 410 an expired one', () => {
    const b = lab()
    send(b)
    for (const status of [400, 503, 410]) {
      refuse(b, status)
      send(b)
    }
    expect(b.pushes({ purpose: 'message' })).toHaveLength(4)
    expect(moved(b, 'imp-pub')).toMatchObject({ NumberOfPushSuccess: 1, NumberOfPushFailure: 3, TargetInvalid: 1, TargetExpired: 1 })
  })

  it.each(SERVICES)(
    '[ALM-22][AND-06] %s: five counters with the suffix %s move, and those of no other service',
    (subscriberService, suffix) => {
      const b = lab({ subscriberService, ...(suffix.startsWith('Fcm') ? { os: 'android', osRelease: '13' } : {}) })
      const family = (): Record<string, number> =>
        Object.fromEntries(Object.entries(moved(b, 'imp-pub')).filter(([name]) => name.startsWith('Push')))
      expect(family()).toEqual({ [`PushEnabledSessions${suffix}`]: 1 })
      b.runUntil(60_000)
      b.give('device.signOut', { device: 'phone' })
      b.runFor(1_000)
      expect(family()).toEqual({})
      b.give('device.unlock', { device: 'phone' })
      b.give('device.signIn', { device: 'phone' })
      b.runFor(5_000)
      b.give('device.background', { device: 'phone' })
      b.runFor(5_000)
      expect(family()).toEqual({ [`PushEnabledSessions${suffix}`]: 1, [`PushEnableReqRcvd${suffix}`]: 1 })
      send(b)
      b.give('device.network', { device: 'phone', wifi: null, cellular: false })
      b.runFor(1_000)
      send(b)
      refuse(b, 503)
      send(b)
      const errors = suffix === 'FcmDev' ? 'PushErrorFcmDev' : `PushErrors${suffix}` // DEC-21
      expect(family()).toEqual({
        [`PushEnabledSessions${suffix}`]: 1,
        [`PushEnableReqRcvd${suffix}`]: 1,
        [`PushSentSilent${suffix}`]: 1,
        [`PushSentDisconn${suffix}`]: 2,
        [errors]: 1,
      })
      // The level stays, the rest starts again with the minute: at 120,000 ms and not before.
      const minute = Math.ceil(b.lab.now / WINDOW_MS) * WINDOW_MS
      b.runUntil(minute - 1)
      expect(Object.keys(family())).toHaveLength(5)
      b.runUntil(minute)
      expect(family()).toEqual({ [`PushEnabledSessions${suffix}`]: 1 })
    },
  )

  it('[DEC-21] the names of the catalogue are the published ones, odd spellings included', () => {
    expect(COUNTER_NAMES.has('PushErrorFcmDev')).toBe(true)
    expect(COUNTER_NAMES.has('PushErrorsFcmDev')).toBe(false)
    expect(COUNTER_NAMES.has('NumberOfLocalPushTimout')).toBe(true)
    expect([...COUNTER_NAMES].every((name) => /^[A-Za-z]+$/.test(name))).toBe(true)
    expect(COUNTER_NAMES.size).toBe(3 + 3 + 6 + 2 + 4 + 35)
  })

  it('[ALM-23] before 12.5(1)SU3 no FCM family moves', () => {
    const b = bench(
      twoPhones(
        { ...AWAY, client: 'jabber', os: 'android', osRelease: '13' },
        { im: true, cluster: { release: '12.5(1)SU2', nodes: [{ id: 'ucm-pub' }] } },
      ),
    )
    b.runUntil(1_000)
    send(b)
    expect(Object.keys(moved(b, 'imp-pub')).filter((name) => name.includes('Fcm'))).toEqual([])
  })
})
