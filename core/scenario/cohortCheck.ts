/** Whether what `generate` asks for can be made: names that name something, releases that exist, numbers that are free. */
import { DEVICE_KINDS, shareOf, type Cohort, type DeviceKind } from '../contract/generate.ts'
import { SCENARIO_LIMITS, type Scenario } from '../contract/scenario.ts'
import { readRelease } from '../release/release.ts'
import type { Path, Report } from './complaint.ts'
import { shown } from './complaint.ts'
import { countsOf, numberAt, userIdAt } from './generate.ts'
import { nearest } from './suggest.ts'

const KINDS: ReadonlySet<string> = new Set(Object.keys(DEVICE_KINDS))
const APPS: ReadonlySet<string> = new Set(['on screen', 'off screen', 'killed'])
const REGIONS: ReadonlySet<string> = new Set(['mainland-china', 'elsewhere'])

/** Reports what is wrong; without a report `expanded` gives users and devices that fit the lab. */
export function checkCohorts(scenario: Scenario, report: Report): void {
  const pools = new Set(scenario.cluster.pools.map(({ id }) => id))
  const profiles = new Set(scenario.cluster.serviceProfiles.map(({ id }) => id))
  const presenceNodes = new Set(scenario.presence?.nodes.map(({ id }) => id))
  const ranges: Range[] = []
  const devices = scenario.generate.reduce((sum, cohort) => sum + devicesOf(cohort), scenario.devices.length)
  if (devices > SCENARIO_LIMITS.devices)
    report(
      ['generate'],
      `this makes ${devices} devices; a lab has at most ${SCENARIO_LIMITS.devices}`,
      'generate fewer users, or fewer devices for each',
    )
  scenario.generate.forEach((cohort, index) => {
    const at = (...field: Path): Path => ['generate', index, ...field]
    checkKinds(cohort, at, report)
    checkNames(at('pool'), 'device pool', cohort.pool, pools, report)
    checkNames(at('serviceProfile'), 'service profile', cohort.serviceProfile, profiles, report)
    checkNames(at('presenceNode'), 'IM and Presence node', cohort.presenceNode, presenceNodes, report)
    checkNames(at('app'), 'state of the app', cohort.app, APPS, report)
    checkNames(at('region'), 'region', cohort.region, REGIONS, report)
    for (const ssid of namesOf(cohort.wifi))
      if (ssid.length > 32) report(at('wifi'), `the Wi-Fi name ${shown(ssid)} has ${ssid.length} characters; it may have 32`, 'shorten it')
    checkReleases(cohort, at, report)
    if (shareOf(cohort.mra) > 0 && scenario.edge.expressway === null)
      report(at('mra'), 'these devices are on MRA, but the lab has no Expressway', 'add "edge: { expressway: {} }", or remove mra')
    if (userIdAt(cohort, 0).length + LONGEST_KIND + 1 > ID_LENGTH)
      report(
        at('prefix'),
        `with the prefix ${shown(cohort.prefix)} the names of devices are longer than ${ID_LENGTH} characters`,
        'shorten it',
      )
    const others = scenario.generate.slice(0, index).filter(({ prefix }) => prefix === cohort.prefix)
    if (others.length > 0)
      report(at('prefix'), `the prefix ${shown(cohort.prefix)} is used twice`, 'give each part of "generate" a prefix of its own')
    checkNumbers(cohort, at('numbersFrom'), scenario, ranges, report)
  })
}

const ID_LENGTH = 64
const LONGEST_KIND = Math.max(...[...KINDS].map((kind) => kind.length))

function devicesOf(cohort: Cohort): number {
  return cohort.users + Object.values(cohort.also).reduce((sum, share) => sum + (countsOf(cohort.users, [shareOf(share)])[0] ?? 0), 0)
}

type At = (...field: Path) => Path

const namesOf = (spread: string | Readonly<Record<string, unknown>> | undefined): string[] =>
  spread === undefined ? [] : typeof spread === 'string' ? [spread] : Object.keys(spread)

function checkNames(
  path: Path,
  what: string,
  spread: string | Readonly<Record<string, unknown>> | undefined,
  known: ReadonlySet<string>,
  report: Report,
): void {
  for (const name of namesOf(spread)) {
    if (known.has(name)) continue
    const like = nearest(name, known)
    const choice = known.size === 0 ? `define a ${what} first` : `use one of ${[...known].slice(0, 12).join(', ')}`
    const own = typeof spread !== 'string'
    report(
      own ? [...path, name] : path,
      `there is no ${what} ${shown(name)}`,
      like === null ? choice : `did you mean "${like}"?`,
      own ? 'key' : 'value',
    )
  }
}

function checkKinds(cohort: Cohort, at: At, report: Report): void {
  checkNames(at('devices'), 'kind of device', cohort.devices, KINDS, report)
  checkNames(at('also'), 'kind of device', cohort.also, KINDS, report)
  for (const kind of Object.keys(cohort.also)) {
    if (Object.hasOwn(cohort.devices, kind))
      report(at('also', kind), `some users would have two devices of the kind ${shown(kind)}`, 'keep it in "devices" or in "also"', 'key')
  }
}

function checkReleases(cohort: Cohort, at: At, report: Report): void {
  checkNames(at('releases'), 'kind of device', cohort.releases, KINDS, report)
  for (const [kind, { clientRelease, osRelease }] of Object.entries(cohort.releases)) {
    if (!KINDS.has(kind)) continue
    const { client: product, os: system } = DEVICE_KINDS[kind as DeviceKind]
    if (!Object.hasOwn(cohort.devices, kind) && !Object.hasOwn(cohort.also, kind))
      report(
        at('releases', kind),
        `no user has a device of the kind ${shown(kind)}`,
        'add it to "devices" or "also", or remove it here',
        'key',
      )
    if (product === 'deskphone') {
      report(at('releases', kind), 'a desk phone has no release', 'remove it', 'key')
      continue
    }
    for (const name of namesOf(clientRelease)) read(at('releases', kind, 'clientRelease'), readRelease(product, name), report)
    if (system === 'desktop' && osRelease !== undefined)
      report(at('releases', kind, 'osRelease'), 'the system of a desktop has no release here', 'remove it', 'key')
    else for (const name of namesOf(osRelease)) read(at('releases', kind, 'osRelease'), readRelease('os', name), report)
  }
}

function read(path: Path, found: ReturnType<typeof readRelease>, report: Report): void {
  if (found.ok) return
  const [message = '', expected = 'a published release name'] = found.message.replace(/\.$/, '').split('; expected ')
  report(path, message, `write ${expected}`)
}

type Range = { plus: boolean; digits: number; from: bigint; to: bigint; first: string }

const rangeOf = (first: string, last: string): Range => {
  const plus = first.startsWith('+')
  const bare = (text: string): string => (plus ? text.slice(1) : text)
  return { plus, digits: bare(first).length, from: BigInt(bare(first)), to: BigInt(bare(last)), first }
}

/** Numbers follow each other, and nobody else may have one of them. */
function checkNumbers(cohort: Cohort, path: Path, scenario: Scenario, ranges: Range[], report: Report): void {
  const last = numberAt(cohort.numbersFrom, cohort.users - 1)
  if (last === null) {
    report(
      path,
      `${cohort.users} numbers from ${shown(cohort.numbersFrom)} on do not fit into ${cohort.numbersFrom.replace('+', '').length} digits`,
      'start lower, or with more digits',
    )
    return
  }
  const range = rangeOf(cohort.numbersFrom, last)
  const clash = ranges.find(
    ({ plus, digits, from, to }) => plus === range.plus && digits === range.digits && from <= range.to && range.from <= to,
  )
  if (clash) report(path, `these numbers overlap with those from ${shown(clash.first)} on`, 'choose another start')
  ranges.push(range)
  const taken = (number: string): boolean => {
    if (!/^\+?[0-9]+$/.test(number) || number.startsWith('+') !== range.plus || number.replace('+', '').length !== range.digits)
      return false
    const value = BigInt(number.replace('+', ''))
    return value >= range.from && value <= range.to
  }
  const numbers = [
    ...scenario.users.map(({ number }) => number),
    ...scenario.devices.flatMap(({ lines }) => lines ?? []),
    ...scenario.cluster.huntPilots.map(({ number }) => number),
  ]
  const other = numbers.find(taken)
  if (other !== undefined)
    report(path, `the number ${shown(other)} lies among those from ${shown(cohort.numbersFrom)} to ${shown(last)}`, 'choose another start')
}
