import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareReleases, meetsMinimum, nearestUpgrade, PRODUCTS, readMinimum, readRelease } from '../../core/release/release.ts'
import type { Minimum, Product, Release } from '../../core/release/release.ts'

function release(product: Product, text: string): Release {
  const read = readRelease(product, text)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

function minimum(product: Product, text: string): Minimum {
  const read = readMinimum(product, text)
  if (!read.ok) throw new Error(read.message)
  return read.value
}

const ASCENDING: Readonly<Record<Product, readonly string[]>> = {
  unifiedCm: [
    '10.5(2)',
    '11.5(1)',
    '11.5(1)SU2',
    '11.5(1)SU3',
    '11.5(1)SU3a',
    '11.5(1)SU4',
    '11.5.1.18119-1',
    '11.5(1)SU8',
    '11.5(1)SU10',
    '12.0(1)',
    '12.5(1)',
    '12.5(1)SU2',
    '12.5(1)SU3',
    '12.5(1)SU8a',
    '14',
    '14SU1',
    '14SU2',
    '14SU3',
    '14SU4',
    '15',
    '15SU2',
  ],
  presence: ['11.5(1)SU2', '11.5.1.18900-96', '11.5.1.18900-97', '12.5.1.13900-152', '12.5(1)SU4', '14', '15'],
  expressway: ['X8.9', 'X8.9.1', 'X8.10.1', 'X12.5.9', 'X12.6', 'X12.6.2', 'X12.7', 'X14.0.1', 'X15.0'],
  jabber: ['11.8.1', '11.9.0', '12.8', '12.8.5', '12.9', '12.9 MR', '12.9.1', '14.0', '14.2', '15.0'],
  webex: ['40.6', '40.8', '40.12', '41.4', '41.4.1', '43.6', '44.1'],
  os: ['8.0', '12', '12.5.7', '13', '16.4.1', '16.5', '17'],
}

describe('release names', () => {
  it.each(PRODUCTS)('[REL-01] orders the names of %s as they came out', (product) => {
    const releases = ASCENDING[product].map((text) => release(product, text))
    for (const [left, lower] of releases.entries()) {
      const found = releases.map((upper) => Math.sign(compareReleases(lower, upper)))
      expect(found).toEqual(releases.map((_, right) => Math.sign(left - right)))
    }
  })

  it.each([
    ['unifiedCm', '14.0(1)SU3', '14SU3'],
    ['unifiedCm', '12.5 SU3', '12.5(1)SU3'],
    ['unifiedCm', ' 11.5(1)su8 ', '11.5(1)SU8'],
    ['unifiedCm', '11.5.1.18900-97', '11.5(1)SU8'],
    ['presence', '12.5.1.13900-152', '12.5(1)SU3'],
    ['unifiedCm', '14.0.1.10000-20', '14'],
    ['expressway', 'x12.6', 'X12.6.0'],
    ['jabber', '12.9', '12.9.0'],
    ['jabber', '12.9(1)', '12.9.1'],
    ['jabber', '12.9mr', '12.9 MR'],
    ['os', '13', '13.0'],
  ] as const)('[REL-01] reads %s %s as the same release as %s', (product, left, right) => {
    expect(compareReleases(release(product, left), release(product, right))).toBe(0)
  })

  it.each([
    ['unifiedCm', '', /empty/],
    ['unifiedCm', 'fourteen', /cannot be read.*11\.5\(1\)SU8/],
    ['unifiedCm', '12', /lacks the minor release/],
    ['unifiedCm', '12.5(x)', /cannot be read/],
    ['unifiedCm', '14SU0', /service update 0/],
    ['unifiedCm', '11.5.1.09999-1', /below 10000/],
    ['unifiedCm', '1'.repeat(41), /longer than 40/],
    ['expressway', '12.6', /lacks the leading X.*X12\.6/],
    ['expressway', 'X', /cannot be read/],
    ['jabber', '12', /cannot be read.*12\.9/],
    ['jabber', '12.9.1 MR', /cannot be read/],
    ['webex', '41.13', /month 13/],
    ['webex', '41.0', /month 0/],
    ['os', 'iOS', /cannot be read.*16\.5/],
  ] as const)('[REL-01] refuses %s %j with the fault and the form expected', (product, text, expected) => {
    const read = readRelease(product, text)
    expect(read).toMatchObject({ ok: false, message: expect.stringMatching(expected) })
  })

  it('[REL-01] never throws, and cuts what it repeats of an overlong name', () => {
    const run = fc.check(
      fc.property(fc.constantFrom(...PRODUCTS), fc.string({ maxLength: 400 }), (product, text) => {
        const read = readRelease(product, text)
        return read.ok || read.message.length < 260
      }),
    )
    expect(run.failed).toBe(false)
  })

  it('[REL-01] does not compare two products', () => {
    expect(() => compareReleases(release('jabber', '12.9'), release('webex', '41.4'))).toThrow(/jabber/)
  })
})

const digits = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max })
const serverName = fc.oneof(
  fc
    .tuple(fc.constantFrom('11.5', '12.0', '12.5'), fc.constantFrom('', 'SU1', 'SU2', 'SU3', 'SU3a', 'SU8', 'SU11'))
    .map(([train, su]) => `${train}(1)${su}`),
  fc.tuple(fc.constantFrom('14', '15'), fc.constantFrom('', 'SU1', 'SU3', 'SU3b', 'SU4')).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('11.5.1', '12.5.1', '14.0.1'), fc.integer({ min: 10000, max: 24000 }), digits(200))
    .map(([base, build, patch]) => `${base}.${build}-${patch}`),
)
const dotted = fc.tuple(digits(20), digits(12), digits(3))
const NAMES: Readonly<Record<Product, fc.Arbitrary<string>>> = {
  unifiedCm: serverName,
  presence: serverName,
  expressway: dotted.map((parts) => `X${parts.join('.')}`),
  jabber: fc.oneof(
    dotted.map((parts) => parts.join('.')),
    fc.tuple(digits(15), digits(9)).map((parts) => `${parts.join('.')} MR`),
  ),
  webex: fc.tuple(fc.integer({ min: 40, max: 46 }), fc.integer({ min: 1, max: 12 }), digits(3)).map((parts) => parts.join('.')),
  os: dotted.map((parts) => parts.join('.')),
}

describe('order of releases', () => {
  it.each(PRODUCTS)('[REL-01] is total for %s: antisymmetric, transitive, stable when printed', (product) => {
    fc.assert(
      fc.property(NAMES[product], NAMES[product], NAMES[product], (a, b, c) => {
        const [x, y, z] = [release(product, a), release(product, b), release(product, c)]
        const sign = (left: Release, right: Release): number => Math.sign(compareReleases(left, right))
        expect(sign(x, y)).toBe(-sign(y, x) + 0)
        const chained = sign(x, y) <= 0 && sign(y, z) <= 0
        expect(chained && sign(x, z) > 0).toBe(false)
        expect(sign(x, y) === 0 && sign(x, z) !== sign(y, z)).toBe(false)
        expect(sign(x, release(product, x.name))).toBe(0)
      }),
      { numRuns: 500 },
    )
  })
})

describe('a minimum per train', () => {
  const callkit = minimum('unifiedCm', '11.5(1)SU8 and 12.5(1)SU3 and 14')

  it.each([
    ['11.5(1)SU7', false],
    ['11.5.1.18900-96', false],
    ['11.5.1.18900-97', true],
    ['11.5(1)SU8', true],
    ['11.5(1)SU9', true],
    ['12.0(1)', false],
    ['12.5(1)', false],
    ['12.5(1)SU2', false],
    ['12.5(1)SU3', true],
    ['12.5(1)SU8', true],
    ['14', true],
    ['14SU3', true],
    ['15', true],
  ])('[REL-A3] %s satisfies 11.5(1)SU8 and 12.5(1)SU3 and 14: %s', (name, expected) => {
    expect(meetsMinimum(release('unifiedCm', name), callkit)).toBe(expected)
  })

  it.each([
    ['10.5(2)', '11.5(1)SU8'],
    ['11.5(1)SU7', '11.5(1)SU8'],
    ['12.0(1)', '12.5(1)SU3'],
    ['12.5(1)SU2', '12.5(1)SU3'],
  ])('[REL-01] the nearest upgrade from %s is %s', (from, to) => {
    expect(nearestUpgrade(release('unifiedCm', from), callkit)?.name).toBe(to)
  })

  it('[REL-01] needs no upgrade where the minimum is met', () => {
    expect(nearestUpgrade(release('unifiedCm', '14'), callkit)).toBeNull()
  })

  it('[REL-01] refuses two releases of one train and an unreadable part', () => {
    expect(readMinimum('unifiedCm', '12.5(1)SU3 and 12.5(1)SU4')).toMatchObject({
      ok: false,
      message: expect.stringMatching(/one release train/),
    })
    expect(readMinimum('unifiedCm', '12.5(1)SU3 and soon').ok).toBe(false)
  })
})
