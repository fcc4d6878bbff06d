// Release names as each product writes them: read, order, and hold against a minimum. [REL-01]
//
// Every name becomes a rank, a list of whole numbers compared from the left, so one comparison
// serves all products. Unified CM and IM and Presence additionally have release trains (11.5, 12.0,
// 12.5, 14, 15): a service update of one train says nothing about another, so a minimum that lists
// several releases is one minimum per train.

export const PRODUCTS = ['unifiedCm', 'presence', 'expressway', 'jabber', 'webex', 'os'] as const
export type Product = (typeof PRODUCTS)[number]

/** What people call the product; used in every message. */
export const PRODUCT_NAME: Readonly<Record<Product, string>> = {
  unifiedCm: 'Unified CM',
  presence: 'IM and Presence Service',
  expressway: 'Expressway',
  jabber: 'Jabber',
  webex: 'Webex App',
  os: 'Mobile OS',
}

export interface Release {
  readonly product: Product
  /** Canonical spelling, e.g. '14.0(1)SU3' is kept as '14SU3'. */
  readonly name: string
  /** '11.5', '12.5', '14'... for Unified CM and IM and Presence; '' for products without trains. */
  readonly train: string
  /** Compared number by number; a missing number counts as 0. */
  readonly rank: readonly number[]
}

export type ReadRelease = { readonly ok: true; readonly value: Release } | { readonly ok: false; readonly message: string }

/** Ascending; at most one release per train. */
export interface Minimum {
  readonly text: string
  readonly releases: readonly Release[]
}

export type ReadMinimum = { readonly ok: true; readonly value: Minimum } | { readonly ok: false; readonly message: string }

/** No release name is longer; anything above is refused before it is looked at. */
const NAME_MAX_LENGTH = 40

/** From 14 on a release is named by its number alone: '14', not '14.0(1)'. */
const FIRST_SHORT_MAJOR = 14

/** Builds published for three releases [MRA-06]: the name and this build are the same release. */
const PUBLISHED_BUILD: Readonly<Record<string, readonly [build: number, patch: number]>> = {
  '11.5(1)SU8': [18900, 97],
  '12.5(1)SU3': [13900, 152],
  '14': [10000, 20],
}

const EXPECTED: Readonly<Record<Product, string>> = {
  unifiedCm: "a name like '11.5(1)SU8', '12.5(1)', '14', '14SU3' or a build like '11.5.1.18900-97'",
  presence: "a name like '11.5(1)SU8', '12.5(1)', '14', '14SU3' or a build like '11.5.1.18900-97'",
  expressway: "the letter X and two or three numbers, like 'X12.6' or 'X8.10.1'",
  jabber: "two or three numbers, like '12.9' or '12.9.1', or a maintenance release like '12.9 MR'",
  webex: "year and month, like '41.4' or '43.6.1', with a month from 1 to 12",
  os: "one to three numbers, like '12', '16.5' or '17.5.1'",
}

function refuse(product: Product, text: string, fault: string): ReadRelease {
  const shown = text.length > NAME_MAX_LENGTH ? `${text.slice(0, NAME_MAX_LENGTH)}...` : text
  return {
    ok: false,
    message: `${PRODUCT_NAME[product]} release '${shown}' ${fault}; expected ${EXPECTED[product]}.`,
  }
}

/**
 * Reads one release name. Never throws: a name that cannot be read gives a message with the fault
 * and the expected form. Letters may be of either case, outer blanks are ignored. [REL-01]
 */
export function readRelease(product: Product, text: string): ReadRelease {
  const name = text.trim()
  if (name === '') return refuse(product, text, 'is empty')
  if (name.length > NAME_MAX_LENGTH) {
    return refuse(product, name, `is longer than ${NAME_MAX_LENGTH} characters`)
  }
  switch (product) {
    case 'unifiedCm':
    case 'presence':
      return readServer(product, name)
    case 'expressway':
      return readExpressway(name)
    case 'jabber':
      return readJabber(name)
    case 'webex':
      return readWebex(name)
    case 'os':
      return readOs(name)
  }
}

const SERVER_NAME = /^(\d{1,2})(?:\.(\d{1,2}))?(?:\((\d{1,2})\))? ?(?:SU ?(\d{1,2})([a-z])?)?$/i
const SERVER_BUILD = /^(\d{1,2})\.(\d{1,2})\.(\d{1,2})\.(\d{5})(?:-(\d{1,4}))?$/

function serverTrain(major: number, minor: number): string {
  return major >= FIRST_SHORT_MAJOR && minor === 0 ? `${major}` : `${major}.${minor}`
}

function serverName(major: number, minor: number, maintenance: number, su: string): string {
  const short = major >= FIRST_SHORT_MAJOR && minor === 0 && maintenance === 1
  return `${short ? major : `${major}.${minor}(${maintenance})`}${su}`
}

/** First build of a service update as the published ones are numbered: SU3 is 13900, no SU is 10000. */
function nominalBuild(su: number): number {
  return su === 0 ? 10000 : 10900 + su * 1000
}

/**
 * Service update a build belongs to. Builds between two service updates are engineering specials of
 * the lower one. The numbering is known up to SU8; whatever lies beyond counts as SU9, which no
 * minimum names, so the guess cannot change a decision.
 */
function serviceUpdateOf(build: number): number {
  return Math.min(9, Math.max(0, Math.floor((build - 10900) / 1000)))
}

// rank: major, minor, maintenance, service update, its letter, build, patch
function readServer(product: 'unifiedCm' | 'presence', text: string): ReadRelease {
  const built = SERVER_BUILD.exec(text)
  if (built) {
    const [major = 0, minor = 0, maintenance = 0, build = 0, patch = 0] = numbers(built.slice(1))
    if (build < 10000) return refuse(product, text, 'has a build number below 10000')
    return {
      ok: true,
      value: {
        product,
        name: text,
        train: serverTrain(major, minor),
        rank: [major, minor, maintenance, serviceUpdateOf(build), 0, build, patch],
      },
    }
  }
  const named = SERVER_NAME.exec(text)
  if (!named) return refuse(product, text, 'cannot be read')
  const major = Number(named[1])
  if (named[2] === undefined && major < FIRST_SHORT_MAJOR) {
    return refuse(product, text, `lacks the minor release, e.g. '${major}.5(1)'`)
  }
  const minor = Number(named[2] ?? 0)
  const maintenance = Number(named[3] ?? 1)
  const su = Number(named[4] ?? 0)
  if (named[4] !== undefined && su === 0) {
    return refuse(product, text, 'has service update 0; the first one is SU1')
  }
  const letter = named[5]?.toLowerCase() ?? ''
  const name = serverName(major, minor, maintenance, su === 0 ? '' : `SU${su}${letter}`)
  const [build, patch] = PUBLISHED_BUILD[name] ?? [nominalBuild(su), 0]
  const letterRank = letter === '' ? 0 : letter.charCodeAt(0) - 96
  return {
    ok: true,
    value: {
      product,
      name,
      train: serverTrain(major, minor),
      rank: [major, minor, maintenance, su, letterRank, build, patch],
    },
  }
}

function readExpressway(text: string): ReadRelease {
  const match = /^X(\d{1,2})(?:\.(\d{1,2}))?(?:\.(\d{1,3}))?$/i.exec(text)
  if (!match) {
    const fault = /^\d/.test(text) ? 'lacks the leading X' : 'cannot be read'
    return refuse('expressway', text, fault)
  }
  const rank = numbers(match.slice(1))
  return { ok: true, value: { product: 'expressway', name: `X${rank.join('.')}`, train: '', rank } }
}

// rank: major, minor, patch, maintenance release. '12.9 MR' stands after 12.9.0 and before 12.9.1.
function readJabber(text: string): ReadRelease {
  const match = /^(\d{1,2})\.(\d{1,2})(?:\.(\d{1,3})|\((\d{1,3})\)| ?(MR))?$/i.exec(text)
  if (!match) return refuse('jabber', text, 'cannot be read')
  const rank = numbers([match[1], match[2], match[3] ?? match[4]])
  if (match[5] !== undefined) {
    const [major = 0, minor = 0] = rank
    return {
      ok: true,
      value: { product: 'jabber', name: `${major}.${minor} MR`, train: '', rank: [major, minor, 0, 1] },
    }
  }
  return { ok: true, value: { product: 'jabber', name: rank.join('.'), train: '', rank } }
}

function readWebex(text: string): ReadRelease {
  const match = /^(\d{2})\.(\d{1,2})(?:\.(\d{1,3}))?(?:\.(\d{1,6}))?$/.exec(text)
  if (!match) return refuse('webex', text, 'cannot be read')
  const rank = numbers(match.slice(1))
  const month = rank[1] ?? 0
  if (month < 1 || month > 12) return refuse('webex', text, `has month ${month}`)
  return { ok: true, value: { product: 'webex', name: rank.join('.'), train: '', rank } }
}

function readOs(text: string): ReadRelease {
  const match = /^(\d{1,3})(?:\.(\d{1,3}))?(?:\.(\d{1,3}))?$/.exec(text)
  if (!match) return refuse('os', text, 'cannot be read')
  const rank = numbers(match.slice(1))
  return { ok: true, value: { product: 'os', name: rank.join('.'), train: '', rank } }
}

function numbers(parts: readonly (string | undefined)[]): number[] {
  return parts.filter((part) => part !== undefined).map(Number)
}

/**
 * Below 0, 0 or above 0 as `left` is older than, the same as or newer than `right`.
 * Defined inside one product only: comparing two products is a fault of the caller and throws.
 */
export function compareReleases(left: Release, right: Release): number {
  if (left.product !== right.product) {
    throw new Error(`cannot compare a release of ${left.product} with one of ${right.product}`)
  }
  return compareRanks(left.rank, right.rank)
}

function compareRanks(left: readonly number[], right: readonly number[]): number {
  const length = Math.max(left.length, right.length)
  for (let index = 0; index < length; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

function compareTrains(left: Release, right: Release): number {
  return left.train === '' ? 0 : compareRanks(left.rank.slice(0, 2), right.rank.slice(0, 2))
}

/** Reads '14SU3' or '11.5(1)SU8 and 12.5(1)SU3 and 14'; two releases of one train are refused. */
export function readMinimum(product: Product, text: string): ReadMinimum {
  const releases: Release[] = []
  for (const part of text.split(' and ')) {
    const read = readRelease(product, part)
    if (!read.ok) return read
    const twin = releases.find((release) => release.train === read.value.train)
    if (twin) {
      return {
        ok: false,
        message: `Minimum '${text}' names '${twin.name}' and '${read.value.name}' for one release train; keep one of them.`,
      }
    }
    releases.push(read.value)
  }
  return { ok: true, value: { text, releases: releases.toSorted(compareReleases) } }
}

/**
 * Whether a release satisfies a minimum. A train that the minimum names is held against its own
 * entry; a train above the highest named one satisfies; any other train does not, so 12.0(1) fails
 * '11.5(1)SU8 and 12.5(1)SU3 and 14'. [REL-01]
 */
export function meetsMinimum(release: Release, minimum: Minimum): boolean {
  const own = minimum.releases.find((candidate) => candidate.train === release.train)
  if (own) return compareReleases(release, own) >= 0
  return minimum.releases.every((candidate) => compareTrains(release, candidate) > 0)
}

/** The nearest release to upgrade to so that the minimum is met; null when it is met already. */
export function nearestUpgrade(release: Release, minimum: Minimum): Release | null {
  if (meetsMinimum(release, minimum)) return null
  return minimum.releases.find((candidate) => compareReleases(candidate, release) > 0) ?? null
}
