import type { Clock, Rank, Task, Timer } from './clock.ts'

/** Ten years: past it a timer is a mistake, not a plan. */
export const CLOCK_END_MS = 10 * 365 * 24 * 3_600_000

/** More pending tasks than any lab needs; a run-away lab stops here instead of eating the machine. */
export const MAX_PENDING_TASKS = 5_000_000

/** Cancelled entries are swept once there are more than this, and more than live ones. */
const SWEEP_FROM = 256

/** Timers sort behind every arrival of their instant: their order starts past any creation number. */
const TIMER_ORDER = 2 ** 52

class Entry implements Timer {
  readonly at: number
  readonly order: number
  readonly label: string
  task: ((value: unknown) => void) | null
  value: unknown
  private readonly clock: VirtualClock

  constructor(clock: VirtualClock, at: number, order: number, task: (value: unknown) => void, value: unknown, label: string) {
    this.clock = clock
    this.at = at
    this.order = order
    this.task = task
    this.value = value
    this.label = label
  }

  cancel(): void {
    if (this.task === null) return
    this.task = null
    this.value = undefined
    this.clock.noteCancelled()
  }
}

/**
 * The virtual clock: a binary heap ordered by (instant, rank, creation number).
 *
 * Invariants: `now` never goes back; a task runs exactly once or was cancelled; tasks of one instant run
 * in their order, and one that is scheduled with delay 0 meanwhile runs in the same instant, after them.
 */
export class VirtualClock implements Clock {
  private time = 0
  private created = 0
  private executed = 0
  private cancelled = 0
  private heap: Entry[] = []

  now(): number {
    return this.time
  }

  /** Tasks run so far; with the instant it names a moment of a run exactly. */
  get tasks(): number {
    return this.executed
  }

  get pending(): number {
    return this.heap.length - this.cancelled
  }

  schedule(delayMs: number, task: Task, label: string, rank: Rank = 'timer'): Timer {
    return this.enter(delayMs, task, undefined, label, rank)
  }

  deliver<T>(delayMs: number, task: (value: T) => void, value: T, label: string): Timer {
    return this.enter(delayMs, task as (value: unknown) => void, value, label, 'arrival')
  }

  private enter(delayMs: number, task: (value: unknown) => void, value: unknown, label: string, rank: Rank): Timer {
    const at = this.time + delayMs
    if (!(delayMs >= 0) || !Number.isInteger(delayMs) || at > CLOCK_END_MS) {
      throw new RangeError(`cannot schedule "${label}" in ${delayMs} ms: a delay is a whole number from 0 on, up to the clock's end`)
    }
    if (this.heap.length >= MAX_PENDING_TASKS) {
      throw new RangeError(`more than ${MAX_PENDING_TASKS} tasks are pending: the lab schedules faster than it runs`)
    }
    const number = this.created++
    const entry = new Entry(this, at, rank === 'arrival' ? number : TIMER_ORDER + number, task, value, label)
    this.siftUp(entry)
    return entry
  }

  /** Instant and label of the next task; null when nothing is scheduled. */
  next(): { at: number; label: string } | null {
    const entry = this.peek()
    return entry && { at: entry.at, label: entry.label }
  }

  /** Runs the next task when it is due at or before `limitMs`; false when there is none. */
  step(limitMs: number = CLOCK_END_MS): boolean {
    const entry = this.peek()
    if (entry === null || entry.at > limitMs) return false
    this.removeTop()
    this.time = entry.at
    this.executed++
    const task = entry.task as (value: unknown) => void
    entry.task = null
    task(entry.value)
    return true
  }

  /** Runs everything due up to `atMs`, then stands at `atMs`. Returns the tasks run. */
  runUntil(atMs: number): number {
    const before = this.executed
    while (this.step(atMs));
    this.advance(atMs)
    return this.executed - before
  }

  /** Moves on to `atMs` without running anything; only possible when nothing is due before it. */
  advance(atMs: number): void {
    if (atMs <= this.time) return
    const entry = this.peek()
    if (entry !== null && entry.at < atMs) throw new RangeError(`"${entry.label}" is due at ${entry.at} ms, before ${atMs} ms`)
    this.time = Math.min(atMs, CLOCK_END_MS)
  }

  /** @internal A cancelled entry stays in the heap until it surfaces; too many are swept at once. */
  noteCancelled(): void {
    this.cancelled++
    if (this.cancelled > SWEEP_FROM && this.cancelled > this.heap.length / 2) this.sweep()
  }

  private peek(): Entry | null {
    const heap = this.heap
    while (heap.length > 0) {
      const top = heap[0] as Entry
      if (top.task !== null) return top
      this.cancelled--
      this.removeTop()
    }
    return null
  }

  private sweep(): void {
    const heap = this.heap.filter((entry) => entry.task !== null)
    this.heap = heap
    this.cancelled = 0
    for (let i = (heap.length >> 1) - 1; i >= 0; i--) this.siftDown(i, heap[i] as Entry)
  }

  private siftUp(entry: Entry): void {
    const heap = this.heap
    let i = heap.length
    heap.push(entry)
    while (i > 0) {
      const parentIndex = (i - 1) >> 1
      const parent = heap[parentIndex] as Entry
      if (parent.at < entry.at || (parent.at === entry.at && parent.order < entry.order)) break
      heap[i] = parent
      i = parentIndex
    }
    heap[i] = entry
  }

  private removeTop(): void {
    const last = this.heap.pop() as Entry
    if (this.heap.length > 0) this.siftDown(0, last)
  }

  /** Lets `entry` sink from place `i` to where nothing below it comes earlier. */
  private siftDown(i: number, entry: Entry): void {
    const heap = this.heap
    const length = heap.length
    for (;;) {
      let child = 2 * i + 1
      if (child >= length) break
      let least = heap[child] as Entry
      const right = child + 1
      if (right < length) {
        const other = heap[right] as Entry
        if (other.at < least.at || (other.at === least.at && other.order < least.order)) {
          child = right
          least = other
        }
      }
      if (entry.at < least.at || (entry.at === least.at && entry.order < least.order)) break
      heap[i] = least
      i = child
    }
    heap[i] = entry
  }
}
