/** AND: Android clients, which FCM reaches and a surviving keepalive may. */
import { describe, expect, it } from 'vitest'
import { ladderOf } from '../../core/queries.ts'
import type { CounterRow } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { bench, finding, inOrder, MRA_WITH_IM, onRelease, twoPhones, type Bench } from './bench.ts'

type Phone = Partial<NonNullable<ScenarioInput['devices']>[number]>

const SU2 = '12.5(1)SU2'
const SU3 = '12.5(1)SU3'
const JABBER: Phone = { client: 'jabber', clientRelease: '12.9.1', os: 'android', osRelease: '10' }
const WEBEX: Phone = { client: 'webex', clientRelease: '40.8', os: 'android', osRelease: '10' }

function lab(phone: Phone, rest: Parameters<typeof twoPhones>[1] = { im: true, ...onRelease(SU3) }): Bench {
  const b = bench(twoPhones(phone, rest))
  b.runUntil(1_000)
  return b
}

const say = (b: Bench): number => (b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' }) as { flow: number }).flow

describe('from which releases on', () => {
  const servers = (unifiedCm: string, presence: string): Parameters<typeof twoPhones>[1] => ({
    ...onRelease(unifiedCm),
    presence: { release: presence, nodes: [{ id: 'imp-pub' }] },
    links: [
      { link: 'imp-pub~firewall', latencyMs: 1, jitterMs: 0 },
      { link: 'devices~imp-pub', latencyMs: 10, jitterMs: 0 },
    ],
  })
  const GATES = [
    ['CM and IM&P', JABBER, servers(SU2, SU2), JABBER, servers(SU3, SU3)],
    ['CM alone', JABBER, servers(SU2, SU3), JABBER, servers(SU3, SU3)],
    ['IM&P alone', JABBER, servers(SU3, SU2), JABBER, servers(SU3, SU3)],
    ['CM with Webex App', WEBEX, onRelease(SU2), WEBEX, onRelease(SU3)],
    ['Android', { ...JABBER, osRelease: '7.1' }, servers(SU3, SU3), { ...JABBER, osRelease: '8.0' }, servers(SU3, SU3)],
    ['Jabber', { ...JABBER, clientRelease: '12.9' }, servers(SU3, SU3), JABBER, servers(SU3, SU3)],
    ['Webex App', { ...WEBEX, clientRelease: '40.7' }, onRelease(SU3), WEBEX, onRelease(SU3)],
  ] as const

  it.each(GATES)(
    '[AND-01] %s below the minimum: no push, reason "No support"; at the minimum calls arrive',
    (_part, oldPhone, oldRest, newPhone, newRest) => {
      const low = lab(oldPhone, oldRest)
      const call = low.call('5001')
      low.runFor(20_000)
      expect(low.pushes()).toEqual([])
      expect(low.flow(call)).toMatchObject({ state: 'failed', causeWhy: 'AND-01', pushAt: null })
      expect(low.flow(call).cause).toContain('No support')
      expect(low.device('phone')).toMatchObject({ reach: { verdict: 'no', why: 'AND-01' }, screen: { call: null } })
      expect(low.device('phone').reach.text).toContain('No support')
      if (oldPhone.client === 'jabber') {
        const message = say(low)
        low.runFor(5_000)
        expect(low.pushes()).toEqual([])
        expect(low.flow(message)).toMatchObject({ state: 'failed', causeWhy: 'AND-01' })
        expect(low.hop({ flow: message, message: 'no message push' }).outcome).toContain('No support')
      }
      const high = lab(newPhone, newRest)
      const again = high.call('5001')
      high.runFor(5_000)
      expect(high.pushes({ flow: again })).toMatchObject([{ purpose: 'incoming call', state: 'used' }])
      expect(high.flow(again).state).toBe('ringing')
      if (newPhone.client === 'jabber') {
        high.give('call.hangUp', { flow: again })
        high.runFor(3_000)
        const message = say(high)
        high.runFor(3_000)
        expect(high.pushes({ flow: message })).toMatchObject([{ purpose: 'message', state: 'shown' }])
      }
    },
  )

  it('[AND-01] a message to Webex App on Android never passes IM&P: no session, no push, no counter', () => {
    const b = lab(WEBEX)
    const flow = say(b)
    b.runFor(5_000)
    expect(b.pushes()).toEqual([])
    expect(b.hops({ flow }).filter((event) => event.from.startsWith('imp-pub') || event.to.startsWith('imp-pub'))).toEqual([])
    expect(b.hop({ flow, from: 'webex-cloud' })).toMatchObject({ why: 'MSG-07' })
    expect(b.device('phone')).toMatchObject({ im: 'not used', imNode: null, unread: 0 })
    expect(b.rows<CounterRow>('counter').filter((row) => row.node === 'imp-pub')).toEqual([])
  })
})

describe('call to an Android client in background', () => {
  it.each([
    ['Jabber', JABBER],
    ['Webex App', WEBEX],
  ] as const)('[AND-02][DEC-13] %s: CPNS, Push REST, FCM, client, REGISTER, INVITE; its own call screen, no CallKit', (_client, phone) => {
    const b = lab({ ...phone, habits: { answersAfterMs: 2_000 } })
    const flow = b.call('5001')
    b.runFor(1_500)
    expect(b.device('phone').screen.call).toMatchObject({
      style: 'call screen',
      state: 'ringing',
      name: 'Dr. Okafor',
      number: '5010',
      video: false,
    })
    b.runFor(5_000)
    const ladder = ladderOf(b.lab.world, flow)
    if (!ladder.ok) throw new Error(ladder.message)
    expect(
      ladder.value.hops.filter((hop) => !hop.message.startsWith('connect')).map((hop) => `${hop.from} > ${hop.to}: ${hop.message}`),
    ).toEqual([
      'desk > ucm-pub/CallManager: INVITE 5001',
      'ucm-pub/CallManager > ucm-pub/CPNS: push request: incoming call',
      'ucm-pub/CPNS > push-rest: POST push, VoIP, incoming call',
      'push-rest > fcm: POST messages:send, priority high',
      'fcm > push-rest: 200 OK',
      'push-rest > ucm-pub/CPNS: 200 OK',
      'fcm > phone: deliver incoming call, VoIP channel',
      'phone > phone: app starts in the background',
      'phone > ucm-pub/CallManager: REGISTER',
      'ucm-pub/CallManager > phone: 200 OK',
      'ucm-pub/CallManager > phone: INVITE 5001',
      'phone > ucm-pub/CallManager: 180 Ringing',
      'ucm-pub/CallManager > desk: 180 Ringing',
      'phone > phone: user answers',
      'phone > ucm-pub/CallManager: 200 OK',
      'ucm-pub/CallManager > desk: 200 OK',
    ])
    expect(b.hop({ flow, message: 'app starts in the background' }).why).toBe('AND-02')
    expect(b.hops({ message: 'CallKit' })).toEqual([])
    expect(b.hops({ to: 'apns' })).toEqual([])
    expect(b.flow(flow).state).toBe('answered')
  })

  it('[AND-02] before the INVITE nothing rings on Android: the call screen comes with SIP', () => {
    const b = lab({ ...JABBER, wakeMs: 5_000 })
    const flow = b.call('5001')
    b.runFor(4_000)
    expect(b.device('phone')).toMatchObject({ state: 'waking', screen: { call: null } })
    b.runFor(3_000)
    expect(b.device('phone').screen.call?.since).toBe(b.hop({ flow, to: 'phone', message: 'INVITE' }).at)
  })
})

describe('the keepalive in background', () => {
  const CASES = [
    ['survives', 'without onboarding', true, false, 'SIP'],
    ['survives', 'with onboarding', true, true, 'SIP'],
    ['dies', 'without onboarding', false, false, 'missed'],
    ['dies', 'with onboarding', false, true, 'push'],
  ] as const

  it.each(CASES.flatMap((each) => (['Jabber', 'Webex App'] as const).map((client) => [client, ...each] as const)))(
    '[AND-03] %s, keepalive %s, %s onboarding: a call',
    (client, _what, _how, survives, onboarded, way) => {
      const b = lab(client === 'Jabber' ? JABBER : WEBEX)
      if (!onboarded) b.give('cluster.offboard', {})
      b.give('device.foreground', { device: 'phone' })
      b.runFor(1_000)
      b.give('device.keepalive', { device: 'phone', survives })
      b.give('device.background', { device: 'phone' })
      expect(b.device('phone').sip).toBe(survives ? 'connected' : 'suspended')
      const flow = b.call('5001')
      b.runFor(20_000)
      switch (way) {
        case 'SIP':
          expect(b.flow(flow)).toMatchObject({ state: 'ringing', timers: [] })
          expect(b.hops({ flow, message: 'REGISTER' })).toEqual([])
          expect(b.hop({ flow, to: 'phone', message: 'INVITE' }).why).toBe('AND-03')
          break
        case 'push':
          expect(b.flow(flow).state).toBe('ringing')
          expect(b.pushes({ flow })).toMatchObject([{ state: 'used' }])
          break
        case 'missed':
          expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'AND-03' })
          expect(b.flow(flow).cause).toContain('not onboarded for FCM')
          expect(b.device('phone').screen.call).toBeNull()
          expect(b.pushes()).toEqual([])
      }
    },
  )

  it.each(CASES)('[AND-03] keepalive %s, %s: a Jabber chat', (_what, _how, survives, onboarded, way) => {
    const b = lab(JABBER)
    if (!onboarded) b.give('cluster.offboard', {})
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    b.give('device.keepalive', { device: 'phone', survives })
    b.give('device.background', { device: 'phone' })
    const flow = say(b)
    b.runFor(5_000)
    if (onboarded) {
      // A session that push can wake is held back in any case (MSG-02); FCM tells the user.
      expect(b.pushes({ flow })).toMatchObject([{ purpose: 'message', state: 'shown' }])
      expect(b.device('phone').screen.banners).toHaveLength(1)
    } else if (way === 'SIP') {
      expect(b.flow(flow).state).toBe('delivered')
      expect(b.hop({ flow, to: 'phone' })).toMatchObject({ carrier: 'XMPP', status: 'ok' })
      expect(b.device('phone').unread).toBe(0)
    } else {
      expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'AND-03' })
      expect(b.device('phone')).toMatchObject({ unread: 1, screen: { banners: [] } })
    }
  })

  it('[AND-03] the switch works in background: what arrived a moment ago is missed, and onboarding brings it back', () => {
    const b = lab({ ...JABBER, keepaliveSurvives: true })
    b.give('cluster.offboard', {})
    expect(b.device('phone').reach).toMatchObject({ verdict: 'yes', path: 'VoIP socket' })
    b.give('device.keepalive', { device: 'phone', survives: false })
    expect(b.device('phone')).toMatchObject({ sip: 'suspended', im: 'suspended', reach: { verdict: 'no', why: 'AND-03' } })
    const missed = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(missed).state).toBe('failed')
    b.give('cluster.onboard', {})
    b.runFor(3_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.pushes({ flow })).toMatchObject([{ state: 'used', channel: 'VoIP' }])
  })
})

describe('API level 34', () => {
  it.each([
    [33, 'connected', 'VoIP socket'],
    [34, 'suspended', ''],
  ] as const)('[AND-04] a Jabber built for API level %d: socket %s without push', (targetApiLevel, sip, path) => {
    const b = lab({ ...JABBER, keepaliveSurvives: true, targetApiLevel })
    b.give('cluster.offboard', {})
    expect(b.device('phone')).toMatchObject({ sip, reach: { verdict: path === '' ? 'no' : 'yes', path } })
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(flow).state).toBe(path === '' ? 'failed' : 'ringing')
  })

  it('[AND-04] the upgrade takes the socket away at once; FCM is then the one way', () => {
    const b = lab({ ...JABBER, keepaliveSurvives: true, targetApiLevel: 33 })
    expect(b.device('phone').reach.path).toBe('VoIP socket')
    b.give('device.upgrade', { device: 'phone', targetApiLevel: 34 })
    expect(b.device('phone')).toMatchObject({ sip: 'suspended', reach: { verdict: 'yes', path: 'cloud push' } })
    const flow = b.call('5001')
    b.runFor(3_000)
    inOrder(b, [
      { flow, from: 'fcm', to: 'phone' },
      { flow, from: 'phone', message: 'REGISTER' },
      { flow, to: 'phone', message: 'INVITE' },
    ])
    b.give('cluster.offboard', {})
    b.give('call.hangUp', { flow })
    b.runFor(3_000)
    expect(b.device('phone').reach.verdict).toBe('no')
  })

  const PARTS = [
    ['Unified CM', SU2, SU3, 'X12.6.2', SU3, `Unified CM ${SU2} to ${SU3}`],
    ['IM and Presence', SU3, SU2, 'X12.6.2', SU3, `${SU2} to ${SU3}`],
    ['Expressway', SU3, SU3, 'X12.6.1', SU3, 'X12.6.1 to X12.6.2'],
  ] as const
  const overMra = (cm: string, imp: string, expressway: string): Bench =>
    lab(
      { ...JABBER, mra: true, wifi: null },
      { ...onRelease(cm), presence: { release: imp, nodes: [{ id: 'imp-pub' }] }, ...MRA_WITH_IM(expressway) },
    )

  it.each(PARTS)('[AND-04] the advisor shows the deadline and asks for %s at once', (_part, cm, imp, expressway, _at, words) => {
    const found = finding(overMra(cm, imp, expressway), 'advice:phone:AND-04')
    expect(found).toMatchObject({ level: 'Warning', why: 'AND-04' })
    expect(found?.text).toContain('August 31st, 2024')
    expect(found?.text).toContain('API level 34 (Android 14)')
    expect(found?.text).toContain('Upgrade at once')
    expect(found?.text).toContain(words)
    expect(found?.fix.split('; ')).toHaveLength(1)
  })

  it('[AND-04] it lists every component that is too old, and none that is new enough', () => {
    const all = finding(overMra(SU2, SU2, 'X12.6.1'), 'advice:phone:AND-04')
    expect(all?.fix.split('; ')).toEqual([
      `Unified CM: ${SU2} → ${SU3}`,
      expect.stringMatching(/^IM and Presence.*: 12\.5\(1\)SU2 → 12\.5\(1\)SU3$/),
      expect.stringMatching(/Expressway: X12\.6\.1 → X12\.6\.2$/),
    ])
    const none = finding(overMra(SU3, SU3, 'X12.6.2'), 'advice:phone:AND-04')
    expect(none).toMatchObject({ level: 'Pass', fix: '' })
    expect(none?.text).toContain('new enough')
    expect(none?.text).toContain('August 31st, 2024')
  })

  it('[AND-04] without MRA an old Expressway is nobody’s concern', () => {
    const b = lab(JABBER, { ...onRelease(SU3), edge: { expressway: { release: 'X12.6.1' } } })
    expect(finding(b, 'advice:phone:AND-04')).toMatchObject({ level: 'Pass', fix: '' })
  })
})

describe('defect CSCvv12541', () => {
  const advice = (presence: string, expressway: string, jabber: string): ReturnType<typeof finding> =>
    finding(
      lab(
        { ...JABBER, clientRelease: jabber, mra: true, wifi: null },
        { ...onRelease(SU3), presence: { release: presence, nodes: [{ id: 'imp-pub' }] }, ...MRA_WITH_IM(expressway) },
      ),
      'advice:phone:AND-05',
    )

  it('[AND-05] the advisor is silent about it for IM&P 12.5 SU3, Expressway X12.6 and Jabber 12.9', () => {
    expect(advice(SU3, 'X12.6', '12.9')).toBeUndefined()
  })

  it.each([
    [SU2, 'X12.6', '12.9'],
    ['12.5(1)SU4', 'X12.6', '12.9'],
    [SU3, 'X12.5', '12.9'],
    [SU3, 'X12.6.2', '12.9'],
    [SU3, 'X12.6', '12.8'],
    [SU3, 'X12.6', '12.9.1'],
  ])('[AND-05] with IM&P %s, Expressway %s, Jabber %s it names the defect to look up', (presence, expressway, jabber) => {
    const found = advice(presence, expressway, jabber)
    expect(found?.text).toContain('CSCvv12541')
    expect(found?.level).toBe('Pass')
  })
})

describe('subscriber services', () => {
  const families = (b: Bench): Record<string, number> =>
    Object.fromEntries(
      b
        .rows<CounterRow>('counter')
        .filter((row) => row.object === 'Cisco XCP Push' && row.value !== 0)
        .map((row) => [row.name, row.value]),
    )

  it.each([
    ['FCM', 'Fcm', 'PushErrorsFcm'],
    ['FCM:dev', 'FcmDev', 'PushErrorFcmDev'],
  ] as const)('[AND-06] %s: only the counters …%s move', (service, suffix, errors) => {
    const b = lab({ ...JABBER, subscriberService: service })
    expect(b.device('phone').subscriberService).toBe(service)
    expect(families(b)).toEqual({ [`PushEnabledSessions${suffix}`]: 1 })
    b.give('device.signOut', { device: 'phone' })
    expect(families(b)).toEqual({})
    b.give('device.signIn', { device: 'phone' })
    b.runFor(2_000)
    expect(b.hop({ message: 'register for push' }).outcome).toContain(`service ${service}`)
    expect(families(b)).toEqual({ [`PushEnabledSessions${suffix}`]: 1, [`PushEnableReqRcvd${suffix}`]: 1 })
    b.give('device.lock', { device: 'phone' })
    say(b)
    b.runFor(2_000)
    b.give('device.network', { device: 'phone', wifi: null, cellular: false })
    say(b)
    b.runFor(2_000)
    b.give('fault.add', { fault: { kind: 'answer', on: 'push-rest', status: 503, count: 1 } })
    say(b)
    b.runFor(2_000)
    expect(families(b)).toEqual({
      [`PushEnabledSessions${suffix}`]: 1,
      [`PushEnableReqRcvd${suffix}`]: 1,
      [`PushSentSilent${suffix}`]: 1,
      [`PushSentDisconn${suffix}`]: 2,
      [errors]: 1,
    })
    b.runUntil(60_000)
    expect(families(b)).toEqual({ [`PushEnabledSessions${suffix}`]: 1 })
  })
})
