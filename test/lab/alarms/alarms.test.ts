import { describe, expect, it } from 'vitest'
import { ALARMS, RAISES_KEPT, SEVERITY_DIGIT, type AlarmName } from '../../../core/serviceability/alarms.ts'
import type { AlarmRow } from '../../../core/contract/rows.ts'
import { ask, says } from '../admin/desk.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'
import { sessionOf, ward } from '../localPush/ward.ts'

type Scenario = Parameters<typeof twoPhones>[1]
type Phone = Parameters<typeof twoPhones>[0]

/** How an alarm comes about, and what ends it; without a `mend` it stays latched. */
type Case = {
  ids: string
  alarm: AlarmName
  severity: AlarmRow['severity']
  node: string
  phone?: Phone
  lab?: Scenario
  raise: (b: Bench) => void
  mend?: (b: Bench) => void
  /** What the event of its end says, in part. */
  ended: string
}

const LOCAL: Scenario = {
  cluster: {
    nodes: [{ id: 'ucm-pub' }],
    ucServices: [{ id: 'wifi', localPushSsidList: 'Office' }],
    serviceProfiles: [{ id: 'staff', mobile: 'wifi' }],
  },
}
const JABBER: Phone = { client: 'jabber' }
/** As phones were beside the releases before 12.5(1). */
const OLD: Phone = { ...JABBER, clientRelease: '12.5', osRelease: '12.4' }
const imOf = (release: string): Scenario => ({ im: true, cluster: { release, nodes: [{ id: 'ucm-pub' }] } })
/** Message pushes leave from IM and Presence, and these alarms with them. */
const IM = { node: 'imp-pub', phone: JABBER, lab: { im: true } } satisfies Partial<Case>

const begun = (phone?: Phone, lab?: Scenario): Bench => {
  const b = bench(twoPhones(phone, lab))
  b.runUntil(1_000)
  return b
}
/** With such a fault from the beginning, until the first access tokens were asked for. */
const begunBroken = (how: object): Bench => {
  const b = bench(twoPhones(JABBER, { im: true, faults: [{ fault: how as never }] }))
  b.runUntil(20_000)
  return b
}
const standing = (b: Bench, name: AlarmName) => b.alarms(name).filter(({ clearedAt }) => clearedAt === null)

const message = (b: Bench): void => {
  b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
  b.runFor(10_000)
}
const call = (b: Bench): void => {
  const flow = b.call('5001', 'desk')
  b.runFor(20_000)
  b.try('call.hangUp', { flow })
  b.runFor(2_000)
}
const fault = (b: Bench, fault: object): void => void b.give('fault.add', { fault: { id: 'f', ...fault } as never })
const mended = (b: Bench): void => void b.give('fault.clear', {})
const restart = (b: Bench, node: string, service: string): void => {
  b.give('service.restart', { node, service })
  b.runFor(5_000)
}
const answer = (on: string, status: number): object => ({ kind: 'answer', on, status })
const signInAgain = (b: Bench): void => {
  b.give('device.signOut', { device: 'phone' })
  b.runFor(1_000)
  b.give('device.signIn', { device: 'phone' })
  b.runFor(5_000)
}

const CASES: Case[] = [
  {
    ids: '[ALM-01]',
    alarm: 'PushNotificationServiceUnavailable',
    ended: 'CallManager reaches its CPNS again',
    severity: 'Alert',
    node: 'ucm-pub',
    raise(b) {
      b.give('service.stop', { node: 'ucm-pub', service: 'CPNS' })
      call(b)
    },
    mend: (b) => restart(b, 'ucm-pub', 'CPNS'),
  },
  {
    ids: '[ALM-02]',
    alarm: 'PushNotificationInvalidDeviceTokenResponse',
    ended: 'has set a new push token',
    severity: 'Error',
    node: 'ucm-pub',
    raise(b) {
      b.give('device.expireToken', { device: 'phone' })
      call(b)
    },
    mend: signInAgain,
  },
  {
    ids: '[ALM-03]',
    alarm: 'PushNotificationServiceAccessTokenUnavailable',
    ended: 'an access token was fetched',
    severity: 'Alert',
    node: 'ucm-pub',
    raise(b) {
      fault(b, answer('ci', 400))
      restart(b, 'ucm-pub', 'CPNS')
      call(b)
    },
    mend(b) {
      mended(b)
      b.runFor(600_000)
    },
  },
  {
    ids: '[ALM-04]',
    alarm: 'StartFailed',
    ended: 'CPNS has started',
    severity: 'Critical',
    node: 'ucm-pub',
    raise(b) {
      fault(b, { kind: 'start-fails', on: 'ucm-pub/CPNS' })
      restart(b, 'ucm-pub', 'CPNS')
    },
    mend(b) {
      mended(b)
      says(b, 'ucm-pub', 'utils service restart Cisco Push Notification Service')
      b.runFor(5_000)
    },
  },
  {
    ids: '[ALM-05]',
    alarm: 'AccessTokenInvalid',
    ended: 'an access token was fetched',
    severity: 'Alert',
    node: 'ucm-pub',
    raise(b) {
      fault(b, answer('ci', 503))
      b.runFor(61 * 60_000)
    },
    mend(b) {
      mended(b)
      b.runFor(600_000)
    },
  },
  {
    ids: '[ALM-06][PROXY-02]',
    alarm: 'HttpClientPoolCreationError',
    ended: 'a request of CPNS was answered',
    severity: 'Alert',
    node: 'ucm-pub',
    lab: { edge: { proxy: { fqdn: 'proxy.lab.example', addresses: ['10.0.0.80'], asks: 'Basic' } } },
    raise(b) {
      b.give('proxy.login', { secret: 'another' })
      restart(b, 'ucm-pub', 'CPNS')
    },
    mend(b) {
      b.give('proxy.set', { secret: 'another' })
      restart(b, 'ucm-pub', 'CPNS')
    },
  },
  {
    ids: '[ALM-07]',
    alarm: 'PushNotificationFailed',
    ended: 'a message push was accepted by the cloud again',
    severity: 'Critical',
    ...IM,
    raise(b) {
      fault(b, answer('push-rest', 503))
      message(b)
    },
    mend(b) {
      mended(b)
      message(b)
    },
  },
  {
    ids: '[ALM-08]',
    alarm: 'PushNotificationFailedInvalidDeviceToken',
    ended: 'has set a new push token',
    severity: 'Critical',
    ...IM,
    raise(b) {
      b.give('device.expireToken', { device: 'phone' })
      message(b)
    },
    mend: signInAgain,
  },
  {
    ids: '[ALM-09]',
    alarm: 'PushNotificationFailedInvalidAccessToken',
    ended: 'a message push was accepted by the cloud again',
    severity: 'Critical',
    ...IM,
    raise(b) {
      fault(b, answer('push-rest', 401))
      message(b)
    },
    mend(b) {
      mended(b)
      message(b)
    },
  },
  {
    ids: '[ALM-10]',
    alarm: 'AccessTokenFetchFailed',
    ended: 'an access token was fetched',
    severity: 'Critical',
    ...IM,
    raise(b) {
      fault(b, answer('ci', 400))
      b.runFor(56 * 60_000) // a fetch fails while the token before is still good
    },
    mend(b) {
      mended(b)
      b.runFor(600_000)
    },
  },
  {
    ids: '[ALM-11][DEC-21]',
    alarm: 'XCPConfigMgrAccessTokenIsNull',
    ended: 'an access token was fetched',
    severity: 'Critical',
    ...IM,
    raise(b) {
      fault(b, answer('ci', 400))
      restart(b, 'imp-pub', 'XCP Config Manager')
    },
    mend(b) {
      mended(b)
      restart(b, 'imp-pub', 'XCP Config Manager')
    },
  },
  {
    ids: '[ALM-12]',
    alarm: 'APNSAlarm',
    ended: 'processed a push again',
    severity: 'Alert',
    node: 'ucm-pub',
    phone: JABBER,
    raise(b) {
      b.give('device.callKit', { device: 'phone', reports: false })
      call(b)
    },
    mend(b) {
      b.give('device.callKit', { device: 'phone', reports: true })
      call(b)
    },
  },
  {
    ids: '[ALM-13]',
    alarm: 'UnreadMessages',
    ended: 'nothing waits for',
    severity: 'Alert',
    node: 'imp-pub',
    phone: OLD,
    lab: imOf('12.0(1)'),
    raise: message,
    mend(b) {
      b.give('device.unlock', { device: 'phone' })
      b.give('device.foreground', { device: 'phone' })
      b.runFor(5_000)
    },
  },
  {
    ids: '[ALM-15]',
    alarm: 'LocalPushNotificationServiceUnavailable',
    ended: 'CallManager reaches LPNS again',
    severity: 'Critical',
    node: 'ucm-pub',
    phone: { wifi: 'Office' },
    lab: { ...LOCAL, users: [] },
    raise(b) {
      b.give('user.set', { user: 'ana', serviceProfile: 'staff' })
      b.runFor(5_000)
      b.give('device.unlock', { device: 'phone' })
      b.give('device.foreground', { device: 'phone' })
      b.runFor(5_000)
      b.give('device.background', { device: 'phone' })
      b.give('service.stop', { node: 'ucm-pub', service: 'LPNS' })
      call(b)
    },
    mend: (b) => restart(b, 'ucm-pub', 'LPNS'),
  },
  {
    ids: '[ALM-16]',
    alarm: 'LocalPushStartFailed',
    ended: 'LPNS has started',
    severity: 'Alert',
    node: 'ucm-pub',
    raise(b) {
      fault(b, { kind: 'start-fails', on: 'ucm-pub/LPNS' })
      restart(b, 'ucm-pub', 'LPNS')
    },
    mend(b) {
      mended(b)
      restart(b, 'ucm-pub', 'LPNS')
    },
  },
]

const labOf = ({ phone, lab }: Case): Bench => begun(phone, lab)
const NAMED = CASES.map((each) => [each.ids, each.alarm, each] as const)

describe('alarms', () => {
  it.each(NAMED)('%s[ALM-25] %s is raised by its condition, and ends with its repair', (_ids, name, each) => {
    const b = labOf(each)
    expect(b.alarms(name)).toEqual([])
    each.raise(b)
    const [row] = standing(b, name)
    expect(
      row,
      `${name} among ${b
        .alarms()
        .map((alarm) => alarm.name)
        .join(', ')}`,
    ).toMatchObject({
      severity: each.severity,
      node: each.node,
      service: ALARMS[name].service,
      action: expect.stringMatching(/\w.*\./),
    })
    expect(row!.clearedSeq).toBeNull()
    // First cause: a hop that did not go well, of this node or of its device.
    const cause = b.events[row!.causeSeq!]!
    expect(cause.at).toBeLessThanOrEqual(row!.raisedAt)
    expect(`${cause.from} ${cause.to}`).toMatch(new RegExp(`${each.node}|phone`))
    if (!each.mend) return
    each.mend(b)
    expect(
      b.alarms(name).every(({ clearedAt }) => clearedAt !== null),
      `${name} is cleared`,
    ).toBe(true)
    // Each end is an event of its own, that says what was repaired.
    const ended = b.alarms(name).map(({ clearedSeq }) => b.events[clearedSeq!])
    expect(b.hops({ message: `alarm ${name} cleared` })).toEqual(ended)
    for (const [at, event] of ended.entries()) {
      expect(event).toMatchObject({ from: each.node, to: each.node, carrier: 'admin', status: 'ok', flow: 0, why: 'ALM-25' })
      expect(event!.at).toBe(b.alarms(name)[at]!.clearedAt)
    }
    expect(ended.at(-1)!.outcome).toContain(each.ended)
  })

  it('[ALM-25] a repair where nothing stands writes no event, and a second one none for what is over', () => {
    const b = labOf(CASES[0]!)
    restart(b, 'ucm-pub', 'CPNS')
    expect(b.hops({ message: 'cleared' })).toEqual([])
    CASES[0]!.raise(b)
    restart(b, 'ucm-pub', 'CPNS')
    restart(b, 'ucm-pub', 'CPNS')
    expect(b.hops({ message: 'cleared' })).toHaveLength(1)
    expect(b.alarms('PushNotificationServiceUnavailable')).toHaveLength(1)
  })

  it.each([
    ['CPNS is still stopped', (b: Bench) => void b.give('service.stop', { node: 'ucm-pub', service: 'CPNS' })],
    ['port 9966 is still blocked there', (b: Bench) => fault(b, { kind: 'refuse', on: 'ucm-pub', port: 9966 })],
  ])('[ALM-01][ALM-25][DEC-14] stands on after a restart of the node while %s, and ends when that is mended', (_, breaks) => {
    const b = labOf(CASES[0]!)
    breaks(b)
    call(b)
    const ends = () => b.alarms('PushNotificationServiceUnavailable').map(({ clearedAt }) => clearedAt !== null)
    expect(ends()).toEqual([false])
    b.give('node.crash', { node: 'ucm-pub' })
    b.give('node.start', { node: 'ucm-pub' })
    b.runFor(5_000)
    expect(ends()).toEqual([false])
    b.try('fault.clear', {})
    restart(b, 'ucm-pub', 'CPNS')
    expect(ends()).toEqual([true])
    expect(b.hops({ message: 'cleared' })).toHaveLength(1)
  })

  it('[ALM-25][TRB-09] no service writes into its traces that an alarm was cleared', () => {
    const b = labOf(CASES[3]!)
    CASES[3]!.raise(b)
    CASES[3]!.mend!(b)
    expect(b.hops({ message: 'alarm StartFailed cleared' })).toHaveLength(1)
    expect(ask(b, 'traces.search', { text: 'CPNS' }).hits).not.toEqual([])
    expect(ask(b, 'traces.search', { text: 'cleared' }).hits).toEqual([])
  })

  it.each(NAMED)('[ALM-24][DEC-04] %s %s as a CiscoLog line, in the row and in the syslog of its node', (_ids, name, each) => {
    const b = labOf(each)
    each.raise(b)
    const [row] = b.alarms(name)
    const { facility, severity } = ALARMS[name]
    const form = new RegExp(
      `^%${facility}-${SEVERITY_DIGIT[severity]}-${name}: %(\\[\\w+=[^\\]]*\\])*\\[AppID=${ALARMS[name].service}\\]\\[ClusterID=StandAloneCluster\\]\\[NodeID=${each.node}\\]: .+$`,
    )
    expect(row!.ciscoLog).toMatch(form)
    const lines = says(b, each.node, 'file view activelog syslog/CiscoSyslog')
      .split('\n')
      .filter((line) => line.includes(`-${name}:`))
    expect(lines).toHaveLength(b.alarms(name).reduce((sum, { count }) => sum + count, 0))
    for (const line of lines) {
      expect(line).toMatch(new RegExp(`^\\d+: ${each.node}: Jan  1 2026 \\d\\d:\\d\\d:\\d\\d\\.\\d{3} UTC :  %`))
      expect(line.slice(line.indexOf('%'))).toMatch(form)
    }
  })

  it('[ALM-25] each of the catalogue is among the cases, but for one that has tests of its own', () => {
    const elsewhere = ['LocalPushNotificationInvalidOAuthToken']
    expect([...new Set(CASES.map(({ alarm }) => alarm)), ...elsewhere].toSorted()).toEqual(Object.keys(ALARMS).toSorted())
  })

  it('[ALM-03][ALM-04][ALM-05][ALM-12][ALM-15][ALM-16] those whose last way is support say so, the others do not', () => {
    const toTac = (Object.keys(ALARMS) as AlarmName[]).filter((name) => ALARMS[name].action.includes('Cisco TAC'))
    expect(toTac.map((name) => ALARMS[name].why).toSorted()).toEqual(['ALM-03', 'ALM-04', 'ALM-05', 'ALM-12', 'ALM-15', 'ALM-16'])
  })

  it.each([
    [{ kind: 'answer', on: 'ci', status: 400 }, '[ErrorCode=400][Reason=400 Bad Request'],
    [{ kind: 'answer', on: 'ci', status: 503 }, '[ErrorCode=503][Reason=503 '],
    [{ kind: 'refuse', on: 'firewall~ci' }, '[ErrorCode=connect][Reason='],
  ])('[ALM-10] carries the error code of the token request: %j', (how, words) => {
    const b = begunBroken(how)
    expect(b.alarms('AccessTokenFetchFailed')[0]!.ciscoLog).toContain(words)
  })

  it('[ALM-13] is never raised from 12.5(1) on', () => {
    const b = begun(OLD, imOf('12.5(1)'))
    message(b)
    expect(b.device('phone').unread).toBe(1)
    expect(b.alarms('UnreadMessages')).toEqual([])
  })

  it('[ALM-13] counts once per device, however many messages wait', () => {
    const b = begun(OLD, imOf('12.0(1)'))
    message(b)
    message(b)
    expect(b.alarms('UnreadMessages')).toMatchObject([{ count: 1, node: 'imp-pub' }])
  })

  it('[ALM-14][LPNS-20] of a client that found its way to another node ends there', () => {
    const b = ward({ nodes: 2 })
    b.runUntil(1_000)
    b.give('device.expireAccessToken', { device: 'phone' })
    const invalid = () => standing(b, 'LocalPushNotificationInvalidOAuthToken')
    while (invalid().length === 0) b.lab.step()
    expect(invalid()).toMatchObject([{ node: 'ucm-pub' }])
    b.give('service.stop', { node: 'ucm-pub', service: 'LPNS' })
    b.runFor(60_000)
    expect(sessionOf(b).holders).toEqual(['ucm-sub1'])
    expect(invalid()).toEqual([])
  })

  it('[ALM-05][ALM-10][ALM-11][ONB-18][ALM-25] a service that needs no token any more lacks none: with its restart, not with Save', () => {
    const b = begunBroken(answer('ci', 400))
    const standingOn = (node: string): string[] =>
      b
        .alarms()
        .filter((alarm) => alarm.node === node && alarm.clearedAt === null)
        .map(({ name }) => name)
        .toSorted()
    const before = { 'ucm-pub': standingOn('ucm-pub'), 'imp-pub': standingOn('imp-pub') }
    expect(before).toEqual({ 'ucm-pub': ['AccessTokenInvalid'], 'imp-pub': ['AccessTokenFetchFailed', 'XCPConfigMgrAccessTokenIsNull'] })
    b.give('onboarding.open', {})
    b.runFor(60_000)
    b.give('onboarding.tick', { push: false })
    b.give('onboarding.save', {})
    b.runFor(1_000)
    expect({ 'ucm-pub': standingOn('ucm-pub'), 'imp-pub': standingOn('imp-pub') }).toEqual(before)
    restart(b, 'ucm-pub', 'CPNS')
    expect([standingOn('ucm-pub'), standingOn('imp-pub')]).toEqual([[], before['imp-pub']])
    restart(b, 'imp-pub', 'XCP Router')
    expect(standingOn('imp-pub')).toEqual([])
  })

  describe('APNSAlarm', () => {
    const unheard = (phone: Phone = JABBER, rest: Scenario = {}): Bench => {
      const b = begun(phone, rest)
      b.give('device.callKit', { device: 'phone', reports: false, failuresAllowed: 9 })
      call(b)
      return b
    }
    const still = (b: Bench) => standing(b, 'APNSAlarm')

    it('[ALM-12][ALM-25] stands until a push has been processed: neither the mended app nor a push on its way ends it', () => {
      const b = unheard()
      call(b)
      // Each pushes twice: for the call, and for its end.
      expect(b.alarms('APNSAlarm')).toMatchObject([{ clearedAt: null, node: 'ucm-pub' }])
      const { count } = b.alarms('APNSAlarm')[0]!
      expect(count).toBeGreaterThan(1)
      b.give('device.callKit', { device: 'phone', reports: true })
      expect(still(b)).toHaveLength(1)
      const flow = b.call('5001', 'desk')
      while (b.hops({ flow, to: 'phone', carrier: 'APNs' }).length === 0) {
        expect(still(b)).toHaveLength(1)
        b.lab.step()
      }
      const { at } = b.hop({ flow, from: 'phone', message: 'CallKit: Dr. Okafor 5010' })
      expect(b.alarms('APNSAlarm')).toMatchObject([{ clearedAt: at, count }])
      // The next failure is an alarm of its own.
      b.give('call.hangUp', { flow })
      b.runFor(30_000)
      b.give('device.background', { device: 'phone' })
      b.give('device.lock', { device: 'phone' })
      b.give('device.callKit', { device: 'phone', reports: false })
      call(b)
      expect(b.alarms('APNSAlarm')).toHaveLength(2)
      expect(still(b)).toHaveLength(1)
    })

    it('[ALM-12] a message that is shown does not tell whether the app reports calls', () => {
      const b = unheard(JABBER, { im: true })
      message(b)
      expect(b.pushes({ purpose: 'message' })[0]).toMatchObject({ state: 'shown' })
      expect(still(b)).toHaveLength(1)
      b.give('device.callKit', { device: 'phone', reports: true })
      message(b)
      expect(still(b)).toEqual([])
    })

    it('[ALM-12][CH-11] is over when its user logs out, as no push goes to the app any more', () => {
      const b = unheard()
      b.give('device.signOut', { device: 'phone' })
      expect(b.alarms('APNSAlarm')).toMatchObject([{ clearedAt: b.lab.now }])
    })

    it('[ALM-12] another phone that works ends the alarm of this one not', () => {
      const b = unheard(JABBER, {
        users: [{ id: 'lin', name: 'Lin Wei', number: '5020' }],
        devices: [{ id: 'other', owner: 'lin', client: 'jabber', app: 'off screen', locked: true, screenOn: false }],
      })
      const flow = b.call('5020', 'desk')
      b.runFor(3_000)
      b.hop({ flow, from: 'other', message: 'CallKit: Dr. Okafor 5010' })
      expect(still(b)).toHaveLength(1)
    })

    it('[ALM-12] is raised by Jabber on iOS, and by no Webex App', () => {
      const b = unheard({ client: 'webex' })
      expect(b.hops({ from: 'phone', message: 'no call reported to CallKit', why: 'APNS-11' }).length).toBeGreaterThan(0)
      expect(b.alarms('APNSAlarm')).toEqual([])
    })
  })

  it('[ALM-02] brackets in a value do not break the form of the line', () => {
    const b = bench(twoPhones())
    b.lab.world.alarms.raise('PushNotificationFailed', 'ucm-pub', null, { Reason: 'a]b[c' })
    expect(b.alarms('PushNotificationFailed')[0]!.ciscoLog).toContain('%[Reason=abc][AppID=')
  })

  it(`[ALM-25] the newest ${RAISES_KEPT} raises are kept for the logs, and what was lost before an upload is counted`, () => {
    const b = bench(twoPhones())
    const { alarms } = b.lab.world
    for (let i = 0; i < RAISES_KEPT + 5; i++) alarms.raise('StartFailed', 'ucm-pub', null)
    expect(alarms.oldestRaise).toBe(6)
    expect([...alarms.raisesFrom(1)]).toHaveLength(RAISES_KEPT)
    expect([...alarms.raisesFrom(RAISES_KEPT + 5)].map(({ number }) => number)).toEqual([RAISES_KEPT + 5])
    says(b, 'ucm-pub', 'utils managementAgent alarms pushnow')
    b.runFor(1_000)
    expect(b.lab.world.admin.agent).toMatchObject({ lost: 5, handled: 1_005 })
  })
})
