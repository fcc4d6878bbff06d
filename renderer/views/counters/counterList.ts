/** Counters in groups of node and object, and what they were before. */
import type { CounterRow } from '../../../core/contract/index.ts'

export type CounterGroup = { key: string; node: string; object: string; counters: CounterRow[] }

/** `node`: empty for all of them. */
export type CounterFilter = { text: string; changedOnly: boolean; node: string }

/** Every word of the text must be found in node, object or name. `before` gives the value at the opening. */
export function groupCounters(
  counters: Iterable<CounterRow>,
  filter: CounterFilter,
  before: (counter: CounterRow) => number,
): CounterGroup[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const groups = new Map<string, CounterGroup>()
  for (const counter of counters) {
    if (filter.node !== '' && counter.node !== filter.node) continue
    if (filter.changedOnly && counter.value === before(counter)) continue
    const hay = `${counter.node} ${counter.object} ${counter.name} ${counter.why}`.toLowerCase()
    if (!words.every((word) => hay.includes(word))) continue
    const key = `${counter.node}/${counter.object}`
    const group = groups.get(key) ?? { key, node: counter.node, object: counter.object, counters: [] }
    group.counters.push(counter)
    groups.set(key, group)
  }
  const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  return [...groups.values()].toSorted((a, b) => byText(a.node, b.node) || byText(a.object, b.object))
}

export type Sample = { at: number; value: number }

/** Samples kept of one counter: the newest. */
export const SAMPLES_KEPT = 2_000

/**
 * Remembers every value that a counter had while the window was open. A jump back in time cuts what has
 * not happened yet.
 */
export class CounterHistory {
  private readonly samples = new Map<string, Sample[]>()
  private readonly opened = new Map<string, number>()
  /** When the first values were taken; null before. */
  private startedAt: number | null = null

  /** Takes all counters of one moment. What comes later than the first of them began at zero. */
  recordAll(counters: Iterable<CounterRow>, at: number): void {
    for (const counter of counters) this.record(counter, at)
    this.startedAt ??= at
  }

  private record(counter: CounterRow, at: number): void {
    if (!this.opened.has(counter.id)) this.opened.set(counter.id, this.startedAt === null ? counter.value : 0)
    const kept = this.samples.get(counter.id) ?? (this.startedAt === null || this.startedAt >= at ? [] : [{ at: this.startedAt, value: 0 }])
    while (kept.length > 0 && (kept.at(-1)?.at ?? 0) > at) kept.pop()
    const last = kept.at(-1)
    if (last?.value === counter.value) return
    if (last?.at === at) last.value = counter.value
    else kept.push({ at, value: counter.value })
    if (kept.length > SAMPLES_KEPT) kept.shift()
    this.samples.set(counter.id, kept)
  }

  /** Value when it was first seen, or since `restart`. */
  before(counter: CounterRow): number {
    return this.opened.get(counter.id) ?? counter.value
  }

  /** As steps up to `now`: a counter keeps its value until it moves. */
  seriesOf(id: string, now: number): { at: number[]; value: number[] } {
    const at: number[] = []
    const value: number[] = []
    for (const sample of this.samples.get(id) ?? []) {
      if (sample.at > now) break
      at.push(sample.at)
      value.push(sample.value)
    }
    const last = value.at(-1)
    if (last !== undefined && (at.at(-1) ?? 0) < now) {
      at.push(now)
      value.push(last)
    }
    return { at, value }
  }

  /** Everything counts as unchanged from here on. */
  restart(counters: Iterable<CounterRow>): void {
    this.opened.clear()
    for (const counter of counters) this.opened.set(counter.id, counter.value)
  }

  clear(): void {
    this.samples.clear()
    this.opened.clear()
    this.startedAt = null
  }
}
