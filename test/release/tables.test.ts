import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advise } from '../../core/release/advise.ts'
import type { Chosen } from '../../core/release/chosen.ts'
import { decide, featureOf, isOn } from '../../core/release/gate.ts'
import type { Feature } from '../../core/release/features.ts'
import { compareReleases, readRelease } from '../../core/release/release.ts'
import { jabberOnAndroid, jabberOnIos, webexOn, withPart } from './choices.ts'
import type { Place } from './choices.ts'

const ios = jabberOnIos()
const onSite = { ...ios, mra: false }
const ios12 = withPart(withPart(ios, 'os', '12.4'), 'client', '12.8')

function supportIn(chosen: Chosen, row: string): ReturnType<typeof decide>['support'][number] {
  const found = decide(chosen).support.find((each) => each.row === row)
  if (!found) throw new Error(`no ${row} for this choice`)
  return found
}

const SUPPORT_CELLS: readonly (readonly [row: string, column: string, Chosen, Place, below: string, at: string, above: string])[] = [
  ['REL-C1', 'Unified CM', onSite, 'unifiedCm', '14SU2', '14SU3', '14SU4'],
  ['REL-C1', 'Cisco Jabber', onSite, 'client', '14.1.9', '14.2', '14.2.1'],
  ['REL-C1', 'Webex App', { ...webexOn('ios'), mra: false }, 'client', '43.5', '43.6', '43.7'],
  ['REL-C2', 'Unified CM', ios12, 'unifiedCm', '11.5(1)SU3', '11.5(1)SU4', '11.5(1)SU5'],
  ['REL-C2', 'IM and Presence Service', ios12, 'presence', '11.5(1)SU3', '11.5(1)SU4', '11.5(1)SU5'],
  ['REL-C2', 'Cisco Jabber', ios12, 'client', '11.8.9', '11.9', '11.9.1'],
  ['REL-C2', 'Cisco Expressway (MRA)', ios12, 'expressway', 'X8.10', 'X8.10.1', 'X8.10.2'],
  ['REL-C3', 'Unified CM', ios, 'unifiedCm', '11.5(1)SU7', '11.5(1)SU8', '11.5(1)SU9'],
  ['REL-C3', 'Unified CM', ios, 'unifiedCm', '12.5(1)SU2', '12.5(1)SU3', '14'],
  ['REL-C3', 'Unified CM', ios, 'unifiedCm', '12.0(1)', '12.5(1)SU3', '15'],
  ['REL-C3', 'IM and Presence Service', ios, 'presence', '11.5(1)SU7', '11.5(1)SU8', '11.5(1)SU9'],
  ['REL-C3', 'IM and Presence Service', ios, 'presence', '12.5(1)SU2', '12.5(1)SU3', '14'],
  ['REL-C3', 'Cisco Jabber', ios, 'client', '12.8.9', '12.9', '12.9 MR'],
  ['REL-C3', 'Cisco Expressway (MRA)', ios, 'expressway', 'X12.5.9', 'X12.6', 'X12.6.1'],
  ['REL-C4', 'Unified CM', jabberOnAndroid(), 'unifiedCm', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
  ['REL-C4', 'IM and Presence Service', jabberOnAndroid(), 'presence', '12.5(1)SU2', '12.5(1)SU3', '12.5(1)SU4'],
  ['REL-C4', 'Cisco Jabber', jabberOnAndroid(), 'client', '12.9 MR', '12.9.1', '12.9.2'],
  ['REL-C4', 'Cisco Expressway (MRA)', jabberOnAndroid(), 'expressway', 'X12.6.1', 'X12.6.2', 'X12.6.3'],
]

describe('supported releases [REL-C1][REL-C2][REL-C3][REL-C4]', () => {
  it.each(SUPPORT_CELLS)('[%s][REL-01] %s', (row, column, base, place, below, at, above) => {
    const meets = (release: string): boolean => supportIn(withPart(base, place, release), row).meetsMinimum
    expect([meets(below), meets(at), meets(above)]).toEqual([false, true, true])
    const refused = supportIn(withPart(base, place, below), row)
    expect(refused).toMatchObject({ supported: false, cell: `${row} ${column}` })
    expect(refused.upgrades.map((each) => each.to)).toContain(at)
    expect(supportIn(withPart(base, place, at), row).supported).toBe(row !== 'REL-C2')
  })

  it('[REL-C1] applies to devices on site from iOS 16.5 on, not over MRA and not on Android', () => {
    const rows = (chosen: Chosen): string[] => decide(chosen).support.map((each) => each.row)
    expect(rows(onSite)).toEqual(['REL-C1', 'REL-C3'])
    expect(rows(ios)).toEqual(['REL-C3'])
    expect(rows(withPart(onSite, 'os', '16.4'))).toEqual(['REL-C3'])
    expect(rows(jabberOnAndroid())).toEqual(['REL-C4'])
  })

  it('[REL-C2][REL-05] iOS 12 stays unsupported even at its minimum, and names the recommended releases', () => {
    const chosen = { ...ios12, unifiedCm: '11.5(1)SU4', presence: '12.0(1)', expressway: 'X8.10.1' }
    const support = supportIn(withPart(chosen, 'client', '11.9'), 'REL-C2')
    expect(support).toMatchObject({ meetsMinimum: true, supported: false, cell: 'REL-C2 Remarks' })
    expect(support.upgrades.map((each) => [each.product, each.to])).toEqual([
      ['unifiedCm', '11.5(1)SU7'],
      ['presence', '12.5(1)SU2'],
      ['jabber', '12.8'],
      ['expressway', 'X12.6'],
    ])
  })

  it('[REL-05] every iOS 12 device is warned with FN70555 and still gets push', () => {
    for (const os of ['12', '12.5.7']) {
      const decision = decide(withPart(ios12, 'os', os))
      expect(decision.warnings.find((each) => each.id === 'REL-05')?.text).toMatch(/Not supported.*FN70555/)
      expect(isOn(decision, 'calling')).toBe(true)
    }
    expect(decide(withPart(ios, 'os', '13')).warnings.map((each) => each.id)).not.toContain('REL-05')
  })

  it('[DEC-10] between REL-A and REL-C a feature works with a warning', () => {
    const at = (release: string): ReturnType<typeof featureOf> =>
      featureOf(decide({ ...ios12, unifiedCm: release, presence: release }), 'messaging')
    expect(at('11.5(1)SU1').on).toBe(false)
    expect(at('11.5(1)SU2').on).toBe(true)
    expect(at('11.5(1)SU2').warnings.map((each) => each.id)).toEqual(['DEC-10'])
    expect(at('11.5(1)SU3').warnings.map((each) => each.id)).toEqual(['DEC-10'])
    expect(at('11.5(1)SU4')).toMatchObject({ on: true, warnings: [] })
  })
})

/** What a device of one column is given: basic, caller ID, external presentation, node, two channels. */
const KEYS: readonly Feature[] = ['basicPush', 'callerId', 'externalPresentation', 'registrationNode', 'separateChannels']

function granted(unifiedCm: string, chosen: Chosen): string {
  const decision = decide({ ...chosen, unifiedCm })
  return KEYS.map((feature) => (isOn(decision, feature) ? '1' : '0')).join('')
}

const DEVICES = {
  iOS12: withPart(ios, 'os', '12.4'),
  iOS13: withPart(ios, 'os', '16.4'),
  Android: jabberOnAndroid(),
  'iOS16.5': onSite,
} as const

const FEATURE_CELLS: readonly (readonly [row: string, releases: readonly string[], string, string, string, string])[] = [
  ['REL-D1', ['11.5(1)SU3', '11.5(1)SU2'], '10000', '10000', '00000', '10000'],
  ['REL-D1', ['11.5(1)SU4', '11.5(1)SU5', '11.5(1)SU7'], '10000', '10000', '00000', '10000'],
  ['REL-D2', ['11.5(1)SU8', '11.5.1.18900-97', '11.5(1)SU9'], '10000', '11001', '00000', '11001'],
  ['REL-D3', ['12.0(1)', '12.5(1)', '12.5(1)SU2'], '10000', '10000', '00000', '10000'],
  ['REL-D4', ['12.5(1)SU3', '12.5(1)SU4', '14', '14SU2'], '10000', '11111', '10011', '11111'],
  ['REL-D5', ['14SU3', '14SU4', '15'], '10000', '11111', '10011', '11111'],
]

describe('feature table [REL-D1][REL-D2][REL-D3][REL-D4][REL-D5]', () => {
  it.each(FEATURE_CELLS.flatMap(([row, releases, ...cells]) => releases.map((release) => ({ row, release, cells: cells.join(' ') }))))(
    '[$row][DEC-11] $release gives iOS12, iOS13, Android, iOS16.5: $cells',
    ({ release, cells }) => {
      const found = Object.values(DEVICES).map((device) => granted(release, device))
      expect(found.join(' ')).toBe(cells)
    },
  )

  it('[REL-D5][LPNS-01] local push for calls is in the iOS16.5 column from 14SU3 on, never on Android', () => {
    const local = (unifiedCm: string, chosen: Chosen): boolean => isOn(decide({ ...chosen, unifiedCm, mra: false }), 'localPush')
    expect(['14SU2', '14SU3', '14SU4'].map((release) => local(release, DEVICES['iOS16.5']))).toEqual([false, true, true])
    expect(['14SU2', '14SU3', '14SU4'].map((release) => local(release, DEVICES.Android))).toEqual([false, false, false])
  })

  it('[REL-D2] the deciding cell names row and column', () => {
    const decision = decide({ ...DEVICES.iOS13, unifiedCm: '11.5(1)SU8' })
    expect(featureOf(decision, 'callerId').cell).toBe('REL-D2 iOS13 and above')
    expect(featureOf(decision, 'externalPresentation')).toMatchObject({ on: false, cell: 'REL-D2 iOS13 and above' })
    const later = decide({ ...DEVICES['iOS16.5'], unifiedCm: '14SU3' })
    expect(featureOf(later, 'callerId').cell).toBe('REL-D5 iOS16.5')
    const basic = decide({ ...DEVICES['iOS16.5'], unifiedCm: '12.0(1)' })
    expect(featureOf(basic, 'basicPush').cell).toBe('REL-D3 iOS16.5')
    expect(featureOf(basic, 'callkit').reason).toContain('11.5(1)SU8 or 12.5(1)SU3 or 14')
  })

  it.each([
    ['11.5(1)SU2', true],
    ['11.5(1)SU3', true],
    ['11.5(1)SU4', false],
    ['11.5(1)SU7', false],
    ['11.5(1)SU8', false],
    ['11.5(1)SU9', true],
    ['12.0(1)', true],
    ['12.5(1)', false],
    ['12.5(1)SU2', false],
    ['12.5(1)SU3', false],
    ['12.5(1)SU4', true],
    ['14', true],
    ['14SU2', true],
    ['14SU3', false],
    ['14SU4', true],
    ['15', true],
  ])('[DEC-11] %s is a gap of the feature table and says so: %s', (unifiedCm, gap) => {
    const { warnings } = decide({ ...onSite, unifiedCm })
    expect(warnings.some((each) => each.id === 'DEC-11' && each.text.includes(unifiedCm))).toBe(gap)
  })

  it('[DEC-11] iOS 12 and iOS 13 to 16.4 on 14SU3 run with the warning "not supported", iOS 16.5 without', () => {
    const unsupported = (unifiedCm: string, chosen: Chosen): boolean =>
      featureOf(decide({ ...chosen, unifiedCm }), 'basicPush').warnings.some((each) => /Not supported/.test(each.text))
    expect(unsupported('14SU3', DEVICES.iOS12)).toBe(true)
    expect(unsupported('14SU3', withPart(ios, 'os', '13'))).toBe(true)
    expect(unsupported('14SU3', withPart(ios, 'os', '16.4.1'))).toBe(true)
    expect(unsupported('14SU3', withPart(ios, 'os', '16.5'))).toBe(false)
    expect(unsupported('14SU2', DEVICES.iOS13)).toBe(false)
    expect(granted('14SU3', DEVICES.iOS13)).toBe(granted('14SU2', DEVICES.iOS13))
    expect(granted('14SU3', DEVICES.iOS12)).toBe(granted('14SU2', DEVICES.iOS12))
  })

  it('[DEC-11] two channels come wherever Caller ID is given', () => {
    const channels = LADDER.map((unifiedCm) => {
      const decision = decide({ ...onSite, unifiedCm })
      return [unifiedCm, isOn(decision, 'callerId'), isOn(decision, 'separateChannels')]
    })
    expect(channels.filter(([, callerId, two]) => callerId !== two)).toEqual([])
    expect(channels.filter(([, callerId]) => callerId).length).toBeGreaterThan(0)
  })

  it.each([
    ['iOS 11', withPart(ios, 'os', '11.4'), 'REL-A1 Mobile OS'],
    ['Android 7', withPart(jabberOnAndroid(), 'os', '7.1'), 'REL-A5 Mobile OS'],
  ] as const)('[REL-01] no column covers %s', (_, chosen, cell) => {
    expect(featureOf(decide(chosen), 'basicPush')).toMatchObject({ on: false, cell })
  })
})

/** Unified CM releases on and around every row of the documents, oldest first. */
const LADDER = [
  '10.5(2)',
  '11.5(1)SU1',
  '11.5(1)SU2',
  '11.5(1)SU3',
  '11.5(1)SU4',
  '11.5(1)SU7',
  '11.5(1)SU8',
  '11.5(1)SU10',
  '12.0(1)',
  '12.5(1)',
  '12.5(1)SU2',
  '12.5(1)SU3',
  '12.5(1)SU8',
  '14',
  '14SU2',
  '14SU3',
  '14SU4',
  '15',
] as const

/**
 * The only upgrades of Unified CM that lose a feature, each by a row of the documents. The columns
 * of 14SU3 for iOS 12 and 13 print 'No support' too, but there the lab warns and runs on. [DEC-11]
 */
const LOSSES: readonly { feature: Feature; from: readonly string[]; to: readonly string[]; why: string }[] = [
  ...(['callkit', 'callerId', 'separateChannels'] as const).map((feature) => ({
    feature,
    from: ['11.5(1)SU8', '11.5(1)SU10'],
    to: ['12.0(1)', '12.5(1)', '12.5(1)SU2'],
    why: 'REL-A3 and REL-D3: 12.x has these only from 12.5(1)SU3',
  })),
  {
    feature: 'unreadMessagesAlert',
    from: LADDER.slice(0, LADDER.indexOf('12.5(1)')),
    to: LADDER.slice(LADDER.indexOf('12.5(1)')),
    why: 'ALM-13: never raised from 12.5(1)',
  },
]

function lostBetween(from: string, to: string, chosen: Chosen): Feature[] {
  const before = decide({ ...chosen, unifiedCm: from })
  const after = decide({ ...chosen, unifiedCm: to })
  return before.features.filter((each) => each.on && !isOn(after, each.feature)).map((each) => each.feature)
}

describe('upgrades of Unified CM', () => {
  const index = fc.nat({ max: LADDER.length - 1 })
  const others = fc.record({
    presence: fc.constantFrom(null, '11.5(1)SU2', '11.5(1)SU8', '12.5(1)SU3', '14SU3'),
    expressway: fc.constantFrom(null, 'X8.9.1', 'X8.10.1', 'X12.6', 'X12.6.2', 'X14.0'),
    client: fc.oneof(
      fc.record({
        kind: fc.constant('jabber' as const),
        release: fc.constantFrom('11.8.1', '11.9', '12.8', '12.9', '12.9 MR', '12.9.1', '14.2', '15.0'),
      }),
      fc.record({ kind: fc.constant('webex' as const), release: fc.constantFrom('40.6', '40.8', '41.4', '43.6') }),
    ),
    os: fc.oneof(
      fc.record({ kind: fc.constant('ios' as const), release: fc.constantFrom('11', '12', '13', '16.4', '16.5', '17') }),
      fc.record({ kind: fc.constant('android' as const), release: fc.constantFrom('7.1', '8.0', '14') }),
      fc.record({ kind: fc.constant('desktop' as const), release: fc.constant('') }),
    ),
    mra: fc.boolean(),
  })

  it('[REL-01][DEC-11] never turn a feature off, except where a row of the documents says so', () => {
    fc.assert(
      fc.property(index, index, others, (one, two, rest) => {
        const from = LADDER[Math.min(one, two)] ?? ''
        const to = LADDER[Math.max(one, two)] ?? ''
        const unexplained = lostBetween(from, to, { unifiedCm: from, ...rest }).filter(
          (feature) => !LOSSES.some((loss) => loss.feature === feature && loss.from.includes(from) && loss.to.includes(to)),
        )
        expect({ from, to, unexplained }).toEqual({ from, to, unexplained: [] })
      }),
      { numRuns: 3000 },
    )
  })

  it.each(LOSSES)('[REL-A3][REL-D3][ALM-13] $feature is really lost: $why', ({ feature, from, to }) => {
    for (const older of from) {
      for (const newer of to) {
        expect(lostBetween(older, newer, onSite)).toContain(feature)
      }
    }
  })

  it('[REL-01] the ladder of releases is ascending', () => {
    const releases = LADDER.map((name) => readRelease('unifiedCm', name)).flatMap((read) => (read.ok ? [read.value] : []))
    expect(releases).toHaveLength(LADDER.length)
    const steps = releases.slice(1).map((each, place) => compareReleases(each, releases[place] ?? each))
    expect(steps.filter((step) => step <= 0)).toEqual([])
  })
})

describe('advisor', () => {
  const android = jabberOnAndroid()
  const find = (chosen: Chosen, id: string): ReturnType<typeof advise>[number] | undefined => advise(chosen).find((each) => each.id === id)

  it('[AND-04] shows the deadline and lists each component that is too old', () => {
    const advisory = find({ ...android, unifiedCm: '12.5(1)SU2', presence: '12.0(1)', expressway: 'X12.6.1' }, 'AND-04')
    expect(advisory?.severity).toBe('warning')
    expect(advisory?.title).toContain('August 31st, 2024')
    expect(advisory?.tooOld).toEqual([
      { product: 'unifiedCm', chosen: '12.5(1)SU2', minimum: '12.5(1)SU3' },
      { product: 'presence', chosen: '12.0(1)', minimum: '12.5(1)SU3' },
      { product: 'expressway', chosen: 'X12.6.1', minimum: 'X12.6.2' },
    ])
  })

  it('[AND-04] asks for nothing at the minimum releases, and for no Expressway without MRA', () => {
    const minimal = { ...android, unifiedCm: '12.5(1)SU3', presence: '12.5(1)SU3', expressway: 'X12.6.2' }
    expect(find(minimal, 'AND-04')).toMatchObject({ severity: 'information', tooOld: [] })
    expect(find({ ...minimal, expressway: 'X12.6.1' }, 'AND-04')?.tooOld).toHaveLength(1)
    expect(find({ ...minimal, expressway: 'X12.6.1', mra: false }, 'AND-04')?.tooOld).toEqual([])
    expect(find(ios, 'AND-04')).toBeUndefined()
    expect(find(webexOn('android'), 'AND-04')).toBeUndefined()
  })

  it('[AND-05] is silent about CSCvv12541 for exactly one set', () => {
    const cleared = withPart({ ...android, presence: '12.5(1)SU3', expressway: 'X12.6' }, 'client', '12.9')
    expect(find(cleared, 'AND-05')).toBeUndefined()
    const others: readonly [Place, string][] = [
      ['presence', '12.5(1)SU2'],
      ['presence', '12.5(1)SU4'],
      ['expressway', 'X12.5.9'],
      ['expressway', 'X12.6.1'],
      ['client', '12.8'],
      ['client', '12.9 MR'],
      ['client', '12.9.1'],
    ]
    const titles = others.map(([place, release]) => find(withPart(cleared, place, release), 'AND-05')?.title)
    expect(titles).toEqual(others.map(() => 'Look up defect CSCvv12541'))
    expect(find({ ...cleared, expressway: null }, 'AND-05')?.title).toContain('CSCvv12541')
    expect(find(ios, 'AND-05')).toBeUndefined()
  })

  it('[REL-05] points iOS 12 devices to the field notice', () => {
    expect(find(withPart(ios, 'os', '11.9'), 'REL-05')).toBeUndefined()
    expect(find(withPart(ios, 'os', '12'), 'REL-05')?.text).toContain('FN70555')
    expect(find(withPart(ios, 'os', '13'), 'REL-05')).toBeUndefined()
  })
})
