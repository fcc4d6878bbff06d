/** Two runs side by side: given again in step with each other, then their flows, counters, alarms and devices. */
import { COMPARE_LIMITS, type ComparedFlow, type ComparedRuns, type Pair } from './contract/compare.ts'
import type { HopEvent } from './contract/event.ts'
import { PUSH_STATES, type AlarmRow, type CounterRow, type DeviceRow, type FlowRow, type LabRow, type RowKind } from './contract/rows.ts'
import { eventLine } from './engine/journal.ts'
import type { Run } from './run.ts'

/** What is compared: a lab, or a run with commands ahead. */
export type Compared = {
  readonly now: number
  goTo(atMs: number): void
  rows(kind: RowKind): readonly unknown[]
  events(reader: ((event: HopEvent) => void) | null): void
  readonly total: number
}

export type Comparison = {
  readonly now: number
  /** Brings both to this moment. */
  goTo(atMs: number): void
  result(): ComparedRuns
}

export function comparedRun(run: Run): Compared {
  return {
    get now() {
      return run.now
    },
    get total() {
      return run.lab.world.log.total
    },
    goTo(atMs) {
      while (run.stepOnce(atMs));
      run.advance(atMs)
    },
    rows: (kind) => run.lab.rows(kind),
    events(reader: ((event: HopEvent) => void) | null) {
      run.lab.onEvent = reader
    },
  }
}

export function compare(before: Compared, after: Compared): Comparison {
  let first: Pair<HopEvent> | null = null
  let left: HopEvent[] = []
  let right: HopEvent[] = []
  before.events((event) => void left.push(event))
  after.events((event) => void right.push(event))

  /** Events that both have are forgotten; from the first difference on none is kept. */
  function match(): void {
    const common = Math.min(left.length, right.length)
    let at = 0
    while (at < common && eventLine(left[at] as HopEvent) === eventLine(right[at] as HopEvent)) at++
    // Both stand at the end of the same instant: what only one of them has by now is a difference.
    if (at < common || left.length !== right.length) {
      first = { before: left[at] ?? null, after: right[at] ?? null }
      before.events(null)
      after.events(null)
    }
    left = []
    right = []
  }

  return {
    get now() {
      return Math.min(before.now, after.now)
    },
    goTo(atMs) {
      before.goTo(atMs)
      after.goTo(atMs)
      if (first === null) match()
    },
    result() {
      const flows = compareFlows(before.rows('flow') as FlowRow[], after.rows('flow') as FlowRow[])
      const counters = compareBy(counterValues(before), counterValues(after), (a, b) => a === b)
      const alarms = compareBy(
        alarmsOf(before),
        alarmsOf(after),
        (a, b) => a.count === b.count && a.raisedAt === b.raisedAt && a.clearedAt === b.clearedAt,
      )
      const devices = compareBy(
        devicesOf(before),
        devicesOf(after),
        (a, b) => a.state === b.state && a.registeredTo === b.registeredTo && a.missedCalls === b.missedCalls && a.unread === b.unread,
      )
      const listed = <T>(list: T[], limit: number): T[] => list.slice(0, limit)
      const over = (list: readonly unknown[], limit: number): number => Math.max(0, list.length - limit)
      return {
        version: 1,
        untilMs: Math.min(before.now, after.now),
        same: first === null,
        titles: { before: labOf(before).title, after: labOf(after).title },
        events: { before: before.total, after: after.total },
        firstDifference: first,
        flows: listed(flows, COMPARE_LIMITS.flows),
        outcomes: compareBy(outcomesOf(before), outcomesOf(after), (a, b) => a === b).map(({ key, ...pair }) => ({ state: key, ...pair })),
        pushes: compareBy(pushesOf(before), pushesOf(after), (a, b) => a === b).map(({ key, ...pair }) => ({
          state: key as ComparedRuns['pushes'][number]['state'],
          ...pair,
        })),
        counters: listed(counters, COMPARE_LIMITS.counters).map(({ key, ...pair }) => ({ ...split(key), ...pair })),
        alarms: listed(alarms, COMPARE_LIMITS.alarms).map(({ key, ...pair }) => ({ ...split(key), ...pair })),
        devices: listed(devices, COMPARE_LIMITS.devices).map(({ key, ...pair }) => ({ device: key, ...pair })),
        more: {
          flows: over(flows, COMPARE_LIMITS.flows),
          counters: over(counters, COMPARE_LIMITS.counters),
          alarms: over(alarms, COMPARE_LIMITS.alarms),
          devices: over(devices, COMPARE_LIMITS.devices),
        },
      }
    },
  }
}

/** Things by name; those that are the same on both sides are left out. */
function compareBy<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  same: (a: T, b: T) => boolean,
): ({ key: string } & Pair<T>)[] {
  const keys = new Set([...before.keys(), ...after.keys()])
  const differ: ({ key: string } & Pair<T>)[] = []
  for (const key of keys) {
    const a = before.get(key)
    const b = after.get(key)
    if (a === undefined || b === undefined || !same(a, b)) differ.push({ key, before: a ?? null, after: b ?? null })
  }
  return differ
}

const BETWEEN = '\n'
const split = (key: string): { node: string; name: string } => {
  const [node = '', name = ''] = key.split(BETWEEN)
  return { node, name }
}

const labOf = (run: Compared): LabRow => run.rows('lab')[0] as LabRow

const counterValues = (run: Compared): Map<string, number> =>
  new Map((run.rows('counter') as CounterRow[]).map(({ node, name, value }) => [`${node}${BETWEEN}${name}`, value]))

function outcomesOf(run: Compared): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { type, state } of run.rows('flow') as FlowRow[]) counts.set(`${type} ${state}`, (counts.get(`${type} ${state}`) ?? 0) + 1)
  return counts
}

function pushesOf(run: Compared): Map<string, number> {
  const { pushStates, pushesCreated } = labOf(run)
  return new Map([['total', pushesCreated], ...PUSH_STATES.map((state): [string, number] => [state, pushStates[state]])])
}

function alarmsOf(run: Compared): Map<string, { count: number; raisedAt: number; clearedAt: number | null }> {
  const alarms = new Map<string, { count: number; raisedAt: number; clearedAt: number | null }>()
  for (const { name, node, count, raisedAt, clearedAt } of run.rows('alarm') as AlarmRow[]) {
    const key = `${node}${BETWEEN}${name}`
    const known = alarms.get(key)
    // Several of one name: how often in all, since the first, and cleared when all are.
    if (known) {
      known.count += count
      known.raisedAt = Math.min(known.raisedAt, raisedAt)
      known.clearedAt = known.clearedAt === null || clearedAt === null ? null : Math.max(known.clearedAt, clearedAt)
    } else alarms.set(key, { count, raisedAt, clearedAt })
  }
  return alarms
}

const devicesOf = (run: Compared): Map<string, { state: string; registeredTo: string | null; missedCalls: number; unread: number }> =>
  new Map(
    (run.rows('device') as DeviceRow[]).map(({ id, state, registeredTo, missedCalls, unread }) => [
      id,
      { state, registeredTo, missedCalls, unread },
    ]),
  )

function compareFlows(before: readonly FlowRow[], after: readonly FlowRow[]): ComparedRuns['flows'] {
  const differ = compareBy(byTitle(before), byTitle(after), (a, b) => {
    const { flow: _a, ...one } = facts(a)
    const { flow: _b, ...other } = facts(b)
    return JSON.stringify(one) === JSON.stringify(other)
  })
  return differ.map(({ before: a, after: b }) => ({
    type: (a ?? b)?.type ?? '',
    title: (a ?? b)?.title ?? '',
    before: a && facts(a),
    after: b && facts(b),
  }))
}

/** A flow has another number when one more began before it: its title and its place among its like name it. */
function byTitle(rows: readonly FlowRow[]): Map<string, FlowRow> {
  const counts = new Map<string, number>()
  return new Map(
    rows.map((row) => {
      const name = [row.type, row.title, row.from, row.to].join(BETWEEN)
      const place = (counts.get(name) ?? 0) + 1
      counts.set(name, place)
      return [`${name}${BETWEEN}${place}`, row]
    }),
  )
}

function facts({ flow, state, startedAt, pushAt, offeredAt, answeredAt, endedAt, cause, causeWhy }: FlowRow): ComparedFlow {
  const since = (at: number | null): number | null => (at === null ? null : at - startedAt)
  return {
    flow,
    state,
    startedAt,
    pushAfterMs: since(pushAt),
    offeredAfterMs: since(offeredAt),
    answeredAfterMs: since(answeredAt),
    endedAfterMs: since(endedAt),
    cause,
    causeWhy,
  }
}
