/**
 * Plain users and devices from the few lines of `generate`. Counts are exact (largest remainder), who gets
 * what is drawn from the seed of the file, each difference by itself. What stands in the file stays with the
 * scenario: journals carry the few lines, not the thousands.
 */
import { DEVICE_KINDS, shareOf, WHOLE, type Cohort, type DeviceKind, type Span } from '../contract/generate.ts'
import { deviceSchema, type Scenario, type ScenarioDevice, type ScenarioUser } from '../contract/scenario.ts'
import { Random } from '../engine/random.ts'

/** The scenario with all its users and devices; itself when there is nothing to generate. */
export function expanded(scenario: Scenario): Scenario {
  const { generate } = scenario
  if (generate.length === 0) return scenario
  const users: ScenarioUser[] = [...scenario.users]
  const devices: ScenarioDevice[] = [...scenario.devices]
  const places = generate.map((cohort, index) => {
    addCohort(cohort, (use) => new Random(scenario.seed, `generate ${index} ${use}`), users, devices)
    return { users: users.length, devices: devices.length }
  })
  const written = { generate, users: scenario.users.length, devices: scenario.devices.length, places }
  return { ...scenario, generate: [], users, devices, written }
}

/** The scenario as it stands in its file, for journals and for people; `expanded` gives the rest again. */
export function asWritten(scenario: Scenario): Scenario {
  const { written, ...rest } = scenario
  if (written === undefined) return scenario
  const { generate, users, devices } = written
  return { ...rest, generate, users: rest.users.slice(0, users), devices: rest.devices.slice(0, devices) }
}

/** Which cohort made this user or device; -1 for one that stands in the file. */
export function cohortOf(scenario: Scenario, list: 'users' | 'devices', index: number): number {
  const { written } = scenario
  if (written === undefined || index < written[list]) return -1
  return written.places.findIndex((place) => index < place[list])
}

/** The number of the n-th user, as many digits long as the first; null when it does not fit. */
export function numberAt(first: string, n: number): string | null {
  const plus = first.startsWith('+') ? '+' : ''
  const digits = first.slice(plus.length)
  const text = String(BigInt(digits) + BigInt(n)).padStart(digits.length, '0')
  return text.length > digits.length ? null : plus + text
}

export const userIdAt = ({ prefix, users }: Cohort, n: number): string =>
  `${prefix}-${String(n + 1).padStart(Math.max(5, String(users).length), '0')}`

/** How many of `count` get each option: largest remainder, so that they add up; at equal remainders the first listed. */
export function countsOf(count: number, millionths: readonly number[]): number[] {
  const counts = millionths.map((part) => Math.floor((count * part) / WHOLE))
  const order = millionths
    .map((part, index) => ({ index, rest: (count * part) % WHOLE }))
    .toSorted((a, b) => b.rest - a.rest || a.index - b.index)
  const total = Math.round((count * millionths.reduce((sum, part) => sum + part, 0)) / WHOLE)
  let left = total - counts.reduce((sum, each) => sum + each, 0)
  for (const { index } of order) {
    if (left-- <= 0) break
    counts[index] = (counts[index] ?? 0) + 1
  }
  return counts
}

type Draw = (use: string) => Random

/** One option for each of `count`, in the shares given, in an order drawn from the seed. */
function dealt(count: number, millionths: readonly number[], random: Random): Uint8Array {
  const hands = new Uint8Array(count)
  let at = 0
  countsOf(count, millionths).forEach((many, option) => {
    hands.fill(option, at, at + many)
    at += many
  })
  for (let i = count - 1; i > 0; i--) {
    const j = random.upTo(i)
    const kept = hands[i] as number
    hands[i] = hands[j] as number
    hands[j] = kept
  }
  return hands
}

/** What each of `count` gets: one value for all, values by share, or nothing. */
function options<T extends string>(
  count: number,
  spread: string | Record<string, string> | undefined,
  draw: () => Random,
): (n: number) => T | undefined {
  if (spread === undefined) return () => undefined
  if (typeof spread === 'string') return () => spread as T
  const names = Object.keys(spread)
  const hands = dealt(count, Object.values(spread).map(shareOf), draw())
  return (n) => names[hands[n] as number] as T
}

/** Whether each of `count` belongs to the share. */
function chosen(count: number, share: string, draw: () => Random): (n: number) => boolean {
  const part = shareOf(share)
  if (part === 0 || part === WHOLE) return () => part === WHOLE
  const hands = dealt(count, [part, WHOLE - part], draw())
  return (n) => hands[n] === 0
}

function durations(span: Span | undefined, draw: () => Random): () => number | undefined {
  if (span === undefined || typeof span === 'number') return () => span
  const random = draw()
  return () => span.from + random.upTo(span.to - span.from)
}

function addCohort(cohort: Cohort, draw: Draw, users: ScenarioUser[], devices: ScenarioDevice[]): void {
  const { prefix, name, numbersFrom } = cohort
  const count = cohort.users
  const kinds = options<DeviceKind>(count, cohort.devices, () => draw('devices'))
  const profile = options(count, cohort.serviceProfile, () => draw('serviceProfile'))
  const home = options(count, cohort.presenceNode, () => draw('presenceNode'))
  const pool = options(count, cohort.pool, () => draw('pool'))
  const also = Object.entries(cohort.also).map(([kind, share]) => ({
    make: deviceMaker(cohort, kind as DeviceKind, (use) => draw(`${kind} ${use}`), countsOf(count, [shareOf(share)])[0] ?? 0),
    has: chosen(count, share, () => draw(`also ${kind}`)),
  }))
  const counts = new Map<DeviceKind, number>()
  for (let n = 0; n < count; n++) counts.set(kinds(n) as DeviceKind, (counts.get(kinds(n) as DeviceKind) ?? 0) + 1)
  const makers = new Map([...counts].map(([kind, many]) => [kind, deviceMaker(cohort, kind, (use) => draw(`${kind} ${use}`), many)]))
  for (let n = 0; n < count; n++) {
    const id = userIdAt(cohort, n)
    const user: ScenarioUser = { id, number: numberAt(numbersFrom, n) ?? numbersFrom }
    const shownName = name === undefined ? undefined : `${name} ${id.slice(prefix.length + 1)}`
    if (shownName !== undefined) user.name = shownName
    const serviceProfile = profile(n)
    if (serviceProfile !== undefined) user.serviceProfile = serviceProfile
    const presenceNode = home(n)
    if (presenceNode !== undefined) user.presenceNode = presenceNode
    users.push(user)
    const place = pool(n)
    const give = (make: ReturnType<typeof deviceMaker> | undefined): void => {
      if (make) devices.push(make(id, shownName, place))
    }
    give(makers.get(kinds(n) as DeviceKind))
    for (const { make, has } of also) if (has(n)) give(make)
  }
}

/** Makes the devices of one kind, one after the other. */
function deviceMaker(
  cohort: Cohort,
  kind: DeviceKind,
  draw: Draw,
  count: number,
): (owner: string, name: string | undefined, pool: string | undefined) => ScenarioDevice {
  const { client, os, label } = DEVICE_KINDS[kind]
  // The defaults of a device that is written out, filled in once for all of its kind.
  const standard = deviceSchema.parse({ id: 'x', owner: 'x', client, os })
  const mobile = os !== 'desktop'
  const { releases, habits } = cohort
  const app = options<ScenarioDevice['app']>(count, mobile ? cohort.app : undefined, () => draw('app'))
  const locked = chosen(count, cohort.locked, () => draw('locked'))
  const signedIn = chosen(count, client === 'deskphone' ? '100%' : cohort.signedIn, () => draw('signedIn'))
  const mra = chosen(count, client === 'deskphone' ? '0%' : cohort.mra, () => draw('mra'))
  const allowed = chosen(count, cohort.notificationsAllowed, () => draw('notificationsAllowed'))
  const keepalive = chosen(count, os === 'android' ? cohort.keepaliveSurvives : '0%', () => draw('keepaliveSurvives'))
  const region = options<ScenarioDevice['region']>(count, mobile ? cohort.region : undefined, () => draw('region'))
  const wifi = options(count, cohort.wifi, () => draw('wifi'))
  const clientRelease = options(count, releases[kind]?.clientRelease, () => draw('client release'))
  const osRelease = options(count, releases[kind]?.osRelease, () => draw('os release'))
  const wakeMs = durations(cohort.wakeMs, () => draw('wakeMs'))
  const acts = chosen(count, habits?.share ?? '0%', () => draw('habits'))
  const answersAfterMs = durations(habits?.answersAfterMs, () => draw('answers'))
  const declinesAfterMs = durations(habits?.declinesAfterMs, () => draw('declines'))
  const tapsAfterMs = durations(habits?.tapsAfterMs, () => draw('taps'))
  const hangsUpAfterMs = durations(habits?.hangsUpAfterMs, () => draw('hangs up'))
  let n = -1
  return (owner, name, pool) => {
    n++
    const device: ScenarioDevice = { ...standard, id: `${owner}-${kind}`, owner, signedIn: signedIn(n), mra: mra(n) }
    if (name !== undefined) device.label = `${name} · ${label}`
    if (pool !== undefined) device.pool = pool
    device.app = app(n) ?? device.app
    device.locked = device.app !== 'on screen' && locked(n)
    device.notificationsAllowed = allowed(n)
    device.keepaliveSurvives = keepalive(n)
    device.region = region(n) ?? device.region
    device.wifi = wifi(n) ?? device.wifi
    const release = clientRelease(n)
    if (release !== undefined) device.clientRelease = release
    const system = osRelease(n)
    if (system !== undefined) device.osRelease = system
    device.wakeMs = wakeMs() ?? device.wakeMs
    if (habits !== undefined && acts(n)) {
      const own: ScenarioDevice['habits'] = {}
      const answers = answersAfterMs()
      if (answers !== undefined) own.answersAfterMs = answers
      const declines = declinesAfterMs()
      if (declines !== undefined) own.declinesAfterMs = declines
      const taps = tapsAfterMs()
      if (taps !== undefined) own.tapsAfterMs = taps
      const hangsUp = hangsUpAfterMs()
      if (hangsUp !== undefined) own.hangsUpAfterMs = hangsUp
      device.habits = own
    }
    return device
  }
}
