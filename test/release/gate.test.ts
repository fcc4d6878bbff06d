import { describe, expect, it } from 'vitest'
import { isRuleId } from '../../core/explain/rules.ts'
import { FEATURES } from '../../core/release/features.ts'
import { decide, featureOf, isOn } from '../../core/release/gate.ts'
import type { Feature } from '../../core/release/features.ts'
import type { Chosen } from '../../core/release/chosen.ts'
import { jabberOnAndroid, jabberOnIos, webexOn, withPart } from './choices.ts'
import type { Place } from './choices.ts'

function entry(chosen: Chosen, feature: Feature): ReturnType<typeof featureOf> {
  return featureOf(decide(chosen), feature)
}

/** One data cell: what is off below it, on at it, and on above it. */
interface CellCase {
  readonly cell: string
  readonly feature: Feature
  readonly base: Chosen
  readonly place: Place
  readonly below: string
  readonly at: string
  readonly above: string
}

function rowCases(
  row: string,
  feature: Feature,
  jabber: Chosen,
  webex: Chosen | null,
  cells: readonly (readonly [Place, string, below: string, at: string, above: string])[],
): CellCase[] {
  return cells.map(([place, column, below, at, above]) => {
    const base = column === 'Webex App' ? (webex ?? jabber) : jabber
    return { cell: `${row} ${column}`, feature, base, place, below, at, above }
  })
}

const ios = jabberOnIos()
const CELLS: readonly CellCase[] = [
  ...rowCases('REL-A1', 'messaging', ios, null, [
    ['unifiedCm', 'Unified CM', '11.5(1)SU1', '11.5(1)SU2', '11.5(1)SU3'],
    ['presence', 'IM and Presence Service', '11.5(1)SU1', '11.5(1)SU2', '11.5(1)SU3'],
    ['expressway', 'Cisco Expressway (MRA)', 'X8.9', 'X8.9.1', 'X8.9.2'],
    ['client', 'Cisco Jabber', '11.8.0', '11.8.1', '11.8.2'],
    ['os', 'Mobile OS', '11.4.1', '12', '12.1'],
  ]),
  ...rowCases('REL-A2', 'calling', ios, webexOn('ios'), [
    ['unifiedCm', 'Unified CM', '11.5(1)SU2', '11.5(1)SU3', '11.5(1)SU4'],
    ['presence', 'IM and Presence Service', '11.5(1)SU2', '11.5(1)SU3', '11.5(1)SU4'],
    ['expressway', 'Cisco Expressway (MRA)', 'X8.10', 'X8.10.1', 'X8.10.2'],
    ['client', 'Cisco Jabber', '11.8.9', '11.9.0', '11.9.1'],
    ['client', 'Webex App', '40.5', '40.6', '40.7'],
    ['os', 'Mobile OS', '11.4.1', '12', '12.1'],
  ]),
  ...rowCases('REL-A3', 'callkit', ios, webexOn('ios'), [
    ['unifiedCm', 'Unified CM', '11.5(1)SU7', '11.5(1)SU8', '11.5(1)SU9'],
    ['unifiedCm', 'Unified CM', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
    ['unifiedCm', 'Unified CM', '12.0(1)', '14', '14SU1'],
    ['expressway', 'Cisco Expressway (MRA)', 'X12.5.9', 'X12.6', 'X12.6.1'],
    ['client', 'Cisco Jabber', '12.8.5', '12.9', '12.9.1'],
    ['client', 'Webex App', '40.5', '40.6', '40.7'],
    ['os', 'Mobile OS', '12.5.7', '13', '13.1'],
  ]),
  ...rowCases('REL-A4', 'chinaRegion', ios, webexOn('ios'), [
    ['unifiedCm', 'Unified CM', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
    ['unifiedCm', 'Unified CM', '11.5(1)SU8', '14', '14SU1'],
    ['presence', 'IM and Presence Service', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
    ['expressway', 'Cisco Expressway (MRA)', 'X12.5.9', 'X12.6', 'X12.6.1'],
    ['client', 'Cisco Jabber', '12.9.0', '12.9 MR', '12.9.1'],
    ['client', 'Webex App', '41.3', '41.4', '41.5'],
    ['os', 'Mobile OS', '12.5.7', '13', '13.1'],
  ]),
  ...rowCases('REL-A5', 'fcm', jabberOnAndroid(), webexOn('android'), [
    ['unifiedCm', 'Unified CM', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
    ['unifiedCm', 'Unified CM', '11.5(1)SU8', '14', '14SU1'],
    ['presence', 'IM and Presence Service', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
    ['expressway', 'Cisco Expressway (MRA)', 'X12.6.1', 'X12.6.2', 'X12.6.3'],
    ['client', 'Cisco Jabber', '12.9 MR', '12.9.1', '12.9.2'],
    ['client', 'Webex App', '40.7', '40.8', '40.9'],
    ['os', 'Mobile OS', '7.1.2', '8.0', '8.1'],
  ]),
  ...rowCases('REL-A6', 'localPush', { ...ios, mra: false }, { ...webexOn('ios'), mra: false }, [
    ['unifiedCm', 'Unified CM', '14SU2', '14SU3', '14SU4'],
    ['client', 'Cisco Jabber', '14.1.9', '14.2', '14.2.1'],
    ['client', 'Webex App', '43.5', '43.6', '43.7'],
    ['os', 'Mobile OS', '16.4.1', '16.5', '16.6'],
  ]),
]

describe('support matrix [REL-A1][REL-A2][REL-A3][REL-A4][REL-A5][REL-A6]', () => {
  it.each(CELLS.map((cell) => ({ ...cell, row: cell.cell.slice(0, 6) })))(
    '[$row][REL-01] $cell: $feature is off at $below, on at $at and $above',
    ({ cell, feature, base, place, below, at, above }) => {
      const refused = entry(withPart(base, place, below), feature)
      expect(refused).toMatchObject({ on: false, cell })
      expect(refused.reason).toContain(below.replace('.0.0', ''))
      expect(entry(withPart(base, place, at), feature)).toMatchObject({ on: true, cell: `${cell.slice(0, 6)} Unified CM` })
      expect(entry(withPart(base, place, above), feature).on).toBe(true)
    },
  )

  it('[REL-A1][MSG-07] messages of a Webex App are not pushed on any release', () => {
    expect(entry(webexOn('ios'), 'messaging')).toMatchObject({ on: false, cell: 'REL-A1 Webex App' })
    expect(entry(webexOn('android'), 'messaging')).toMatchObject({ on: false, cell: 'REL-B4 Clients' })
  })

  it.each(['callkit', 'localPush'] as const)('[REL-A3][REL-A6][DEC-10] NA for IM and Presence: %s asks nothing of it', (feature) => {
    const base = { ...ios, mra: false }
    expect(entry({ ...base, presence: null }, feature).on).toBe(true)
    expect(entry({ ...base, presence: '10.5(2)' }, feature).on).toBe(true)
  })

  it('[REL-A6][MRA-07][LPNS-01] local push is refused over MRA whatever the Expressway', () => {
    for (const expressway of ['X8.9', 'X12.6.2', 'X15.0', null]) {
      expect(entry({ ...ios, expressway }, 'localPush')).toMatchObject({
        on: false,
        cell: 'REL-A6 Cisco Expressway (MRA)',
      })
    }
  })

  it('[REL-01] Expressway counts only with MRA; MRA without Expressway turns push off', () => {
    const old = { ...ios, expressway: 'X8.1' }
    expect(entry({ ...old, mra: false }, 'calling').on).toBe(true)
    expect(entry(old, 'calling').on).toBe(false)
    expect(entry({ ...ios, expressway: null }, 'calling')).toMatchObject({
      on: false,
      cell: 'REL-A2 Cisco Expressway (MRA)',
      reason: expect.stringContaining('no Expressway is chosen'),
    })
  })

  it('[CN-03] the China region rules are for iOS only, and the reason says so', () => {
    expect(entry(jabberOnAndroid(), 'chinaRegion')).toMatchObject({
      on: false,
      cell: 'REL-A4 Mobile OS',
      reason: expect.stringContaining('iOS only'),
    })
    expect(isOn(decide(ios), 'chinaRegion')).toBe(true)
  })

  it('[AND-01] Android: calls for both clients, messages for Jabber only, "No support" before 12.5(1)SU3', () => {
    const jabber = decide(jabberOnAndroid())
    const webex = decide(webexOn('android'))
    expect([isOn(jabber, 'calling'), isOn(jabber, 'messaging')]).toEqual([true, true])
    expect([isOn(webex, 'calling'), isOn(webex, 'messaging')]).toEqual([true, false])
    const older = decide({ ...jabberOnAndroid(), unifiedCm: '12.5(1)SU2' })
    expect([isOn(older, 'calling'), isOn(older, 'messaging')]).toEqual([false, false])
    expect(featureOf(older, 'basicPush')).toMatchObject({
      on: false,
      cell: 'REL-D3 Android',
      reason: expect.stringContaining('No support'),
    })
  })

  it('[LPNS-01] each single failing condition refuses local push and is named', () => {
    const good = { ...ios, mra: false }
    expect(isOn(decide(good), 'localPush')).toBe(true)
    expect(isOn(decide({ ...webexOn('ios'), mra: false }), 'localPush')).toBe(true)
    const cells = [
      { ...good, unifiedCm: '14SU2' },
      { ...good, os: { kind: 'ios', release: '16.4' } as const },
      { ...good, client: { kind: 'jabber', release: '14.1' } as const },
      { ...good, mra: true },
      jabberOnAndroid(),
    ].map((chosen) => entry(chosen, 'localPush'))
    expect(cells.map((each) => each.on)).toEqual([false, false, false, false, false])
    expect(cells.map((each) => each.cell)).toEqual([
      'REL-A6 Unified CM',
      'REL-A6 Mobile OS',
      'REL-A6 Cisco Jabber',
      'REL-A6 Cisco Expressway (MRA)',
      'REL-B2 Local push',
    ])
  })
})

describe('clients that use push', () => {
  it('[REL-B1] calls on iOS: Jabber and Webex through APNS, local push from 14SU3 with 14.2 or 43.6', () => {
    for (const chosen of [ios, webexOn('ios')]) {
      expect(isOn(decide(chosen), 'calling')).toBe(true)
      expect(isOn(decide(chosen), 'fcm')).toBe(false)
      expect(isOn(decide({ ...chosen, mra: false }), 'localPush')).toBe(true)
    }
  })

  it('[REL-B2] calls on Android: Jabber and Webex through FCM, local push never', () => {
    for (const chosen of [jabberOnAndroid(), webexOn('android')]) {
      const decision = decide({ ...chosen, mra: false })
      expect([isOn(decision, 'calling'), isOn(decision, 'fcm')]).toEqual([true, true])
      expect(featureOf(decision, 'localPush')).toMatchObject({ on: false, cell: 'REL-B2 Local push' })
    }
  })

  it('[REL-B3] messages on iOS: Jabber only, local push never', () => {
    expect(isOn(decide(ios), 'messaging')).toBe(true)
    expect(isOn(decide(webexOn('ios')), 'messaging')).toBe(false)
    expect(entry({ ...ios, mra: false }, 'localPushMessages')).toMatchObject({ on: false, cell: 'REL-B3 Local push' })
  })

  it('[REL-B4] messages on Android: Jabber only, local push never', () => {
    expect(isOn(decide(jabberOnAndroid()), 'messaging')).toBe(true)
    expect(isOn(decide(webexOn('android')), 'messaging')).toBe(false)
    expect(entry(jabberOnAndroid(), 'localPushMessages')).toMatchObject({ on: false, cell: 'REL-B4 Local push' })
  })

  it('[REL-B1] a desktop client gets no push at all, and is not advised to upgrade', () => {
    const decision = decide({ ...ios, os: { kind: 'desktop', release: 'Windows 11' } })
    const clientFeatures = FEATURES.slice(0, FEATURES.indexOf('lpnsService'))
    expect(clientFeatures.filter((feature) => isOn(decision, feature))).toEqual([])
    expect(decision.support).toEqual([])
    expect(decision.problems).toEqual([])
  })

  it('[MSG-07] a message push needs an IM and Presence Service; calls do not', () => {
    const decision = decide({ ...ios, presence: null })
    expect(featureOf(decision, 'messaging')).toMatchObject({ on: false, cell: 'REL-A1 IM and Presence Service' })
    expect(isOn(decision, 'calling')).toBe(true)
  })
})

describe('decision', () => {
  it('[REL-01] has one entry per feature, in order, each with a cell and a sentence', () => {
    const { features } = decide(ios)
    expect(features.map((each) => each.feature)).toEqual([...FEATURES])
    expect(features.filter((each) => !/^[A-Z]+-[A-D]?\d+( \S.*)?$/.test(each.cell))).toEqual([])
    expect(features.filter((each) => !/\.( \[[A-Z]+-\d+\])?$/.test(each.reason))).toEqual([])
  })

  it('[REL-01] cites rules that can be explained', () => {
    const low: Chosen = { ...ios, unifiedCm: '11.5(1)SU2', presence: '11.5(1)SU2', os: { kind: 'ios', release: '12' } }
    const decisions = [ios, low, jabberOnAndroid(), webexOn('ios'), webexOn('android')].map(decide)
    const cited = decisions.flatMap(({ features, support, warnings }) => [
      ...features.map((each) => each.cell.split(' ')[0] ?? ''),
      ...support.map((each) => each.row),
      ...warnings.map((each) => each.id),
    ])
    expect(cited.length).toBeGreaterThan(100)
    expect(cited.filter((id) => !isRuleId(id))).toEqual([])
  })

  it('[REL-01] is pure: equal choices give equal decisions', () => {
    expect(decide(jabberOnIos())).toEqual(decide(jabberOnIos()))
  })

  it('[REL-01] turns off what an unreadable name decides, says why, and does not throw', () => {
    const decision = decide({ ...ios, unifiedCm: 'fourteen' })
    expect(decision.problems).toHaveLength(1)
    expect(decision.problems[0]).toContain("'fourteen' cannot be read")
    expect(decision.features.filter((each) => each.on).map((each) => each.feature)).toEqual([
      'twoChannelRules',
      'fcmCounters',
      'pushHighAvailability',
    ])
    expect(featureOf(decision, 'calling').reason).toContain('fourteen')
  })

  it('[REL-01] advises each component the upgrade that mends it', () => {
    const { advice } = decide({ ...ios, unifiedCm: '12.0(1)', client: { kind: 'jabber', release: '12.8' } })
    const cm = advice.find((each) => each.product === 'unifiedCm' && each.to === '12.5(1)SU3')
    expect(cm?.features).toEqual(
      expect.arrayContaining(['callkit', 'callerId', 'externalPresentation', 'registrationNode', 'separateChannels']),
    )
    expect(cm?.supportRows).toEqual(['REL-C3'])
    expect(cm?.text).toContain('12.0(1) to 12.5(1)SU3')
    expect(advice.find((each) => each.product === 'jabber' && each.to === '12.9')?.features).toContain('callkit')
    expect(advice.filter((each) => each.product === 'expressway')).toEqual([])
  })

  it('[REL-01] following all advice turns on every feature that it names', () => {
    const old: Chosen = { ...ios, unifiedCm: '11.5(1)SU5', client: { kind: 'jabber', release: '11.9' }, mra: false }
    const { advice } = decide(old)
    const named = new Set(advice.flatMap((each) => each.features))
    expect(named.has('callkit')).toBe(true)
    for (const feature of named) {
      let chosen = old
      for (let round = 0; round < 5 && !isOn(decide(chosen), feature); round += 1) {
        for (const each of decide(chosen).advice) {
          if (!each.features.includes(feature)) continue
          const place = each.product === 'jabber' ? 'client' : (each.product as Place)
          chosen = withPart(chosen, place, each.to)
        }
      }
      expect(featureOf(decide(chosen), feature)).toMatchObject({ feature, on: true })
    }
  })
})

describe('client and service gates', () => {
  it('[REL-03] Jabber 12.9 on iOS 13 follows the two-channel rules, 12.8 or iOS 12 does not', () => {
    expect(entry(withPart(ios, 'client', '12.9'), 'twoChannelRules')).toMatchObject({ on: true, cell: 'REL-03 Cisco Jabber' })
    expect(entry(withPart(ios, 'client', '12.8.9'), 'twoChannelRules')).toMatchObject({ on: false, cell: 'REL-03 Cisco Jabber' })
    expect(entry(withPart(ios, 'os', '12.5'), 'twoChannelRules')).toMatchObject({ on: false, cell: 'REL-A3 Mobile OS' })
  })

  it('[CH-09][REL-03] two channels take a server that offers them and a client built for them', () => {
    expect(entry(ios, 'separateChannels').on).toBe(true)
    expect(entry({ ...ios, unifiedCm: '12.5(1)SU2' }, 'separateChannels')).toMatchObject({ on: false, cell: 'REL-D3 iOS16.5' })
    expect(entry(withPart(ios, 'client', '12.8'), 'separateChannels')).toMatchObject({ on: false, cell: 'REL-03 Cisco Jabber' })
  })

  it('[CALL-07][CALL-12] a new client on an old server still opens CallKit, without the caller’s identity', () => {
    const decision = decide({ ...ios, unifiedCm: '12.5(1)SU2' })
    expect(isOn(decision, 'twoChannelRules')).toBe(true)
    expect(isOn(decision, 'callerId')).toBe(false)
    expect(featureOf(decision, 'callkit').warnings.map((each) => each.id)).toContain('CALL-12')
    const olderClient = decide(withPart(ios, 'client', '12.8'))
    expect(isOn(olderClient, 'callerId')).toBe(true)
    expect(featureOf(olderClient, 'callkit').warnings).toEqual([])
  })

  it('[CALL-08] External Presentation comes with 12.5(1)SU3; 11.5(1)SU8 has the caller’s own identity', () => {
    const at = (unifiedCm: string): boolean[] => {
      const decision = decide({ ...ios, unifiedCm })
      return [isOn(decision, 'callerId'), isOn(decision, 'externalPresentation')]
    }
    expect(at('11.5(1)SU7')).toEqual([false, false])
    expect(at('11.5(1)SU8')).toEqual([true, false])
    expect(at('12.5(1)SU2')).toEqual([false, false])
    expect(at('12.5(1)SU3')).toEqual([true, true])
    expect(at('12.5(1)SU4')).toEqual([true, true])
  })

  it.each([
    ['12.5(1)SU2', false],
    ['12.5(1)SU3', true],
    ['12.5(1)SU4', true],
  ])('[FO-04] at %s the push carries the active node: %s', (unifiedCm, expected) => {
    expect(entry({ ...ios, unifiedCm }, 'registrationNode').on).toBe(expected)
    expect(entry({ ...jabberOnAndroid(), unifiedCm }, 'registrationNode').on).toBe(expected)
  })

  it.each([
    ['14SU2', false],
    ['14SU3', true],
    ['14SU4', true],
  ])('[REL-04][ALM-23] at %s LPNS is listed and has alarms: %s', (unifiedCm, expected) => {
    const decision = decide({ ...ios, unifiedCm })
    expect([isOn(decision, 'lpnsService'), isOn(decision, 'lpnsAlarms')]).toEqual([expected, expected])
  })

  it.each([
    ['12.5(1)SU2', false],
    ['12.5(1)SU3', true],
    ['12.5(1)SU4', true],
  ])('[ALM-23] at IM and Presence %s the FCM counters exist: %s', (presence, expected) => {
    expect(entry({ ...ios, presence }, 'fcmCounters').on).toBe(expected)
    expect(entry({ ...ios, presence: null }, 'fcmCounters').on).toBe(false)
  })

  it('[HA-01][ALM-13] push HA begins at 11.5(1)SU3, the unread alert ends at 12.5(1)', () => {
    expect(entry({ ...ios, presence: '11.5(1)SU2' }, 'pushHighAvailability').on).toBe(false)
    expect(entry({ ...ios, presence: '11.5(1)SU3' }, 'pushHighAvailability').on).toBe(true)
    expect(entry({ ...ios, unifiedCm: '12.0(1)' }, 'unreadMessagesAlert').on).toBe(true)
    expect(entry({ ...ios, unifiedCm: '12.5(1)' }, 'unreadMessagesAlert').on).toBe(false)
    expect(entry({ ...webexOn('ios'), unifiedCm: '12.0(1)' }, 'unreadMessagesAlert').on).toBe(false)
  })

  it('[AND-04] the VoIP socket ends with API level 34, by default with Jabber 15.0', () => {
    const at = (release: string, targetApiLevel?: number): boolean => {
      const chosen = withPart(jabberOnAndroid(), 'client', release)
      return entry(targetApiLevel === undefined ? chosen : { ...chosen, targetApiLevel }, 'voipSocket').on
    }
    expect([at('14.3.9'), at('15.0'), at('15.0.1')]).toEqual([true, false, false])
    expect([at('14.3', 34), at('15.0', 33)]).toEqual([false, true])
    expect(entry(ios, 'voipSocket')).toMatchObject({ on: false, cell: 'REL-02' })
    expect(entry(webexOn('android'), 'voipSocket').on).toBe(false)
  })
})
