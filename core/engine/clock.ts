/**
 * Time is a parameter. In virtual time the clock is a heap; on real sockets it is the wall clock. All
 * instants and delays are whole milliseconds.
 */

/** What happens at one instant. Runs to its end; nothing in the simulation waits. */
export type Task = () => void

export interface Timer {
  readonly at: number
  readonly label: string
  /** Harmless when it has already run or was cancelled before. */
  cancel(): void
}

/**
 * At equal instants arrivals come before timers (DEC-25), then creation order decides (DEC-35):
 * an answer that arrives in the very millisecond of its deadline is in time.
 */
export type Rank = 'arrival' | 'timer'

export interface Clock {
  now(): number
  /** @throws RangeError when `delayMs` is negative, not whole, or beyond the clock's end. */
  schedule(delayMs: number, task: Task, label: string, rank?: Rank): Timer
  /** The same with an argument for the task, which saves a closure where every message passes. */
  deliver<T>(delayMs: number, task: (value: T) => void, value: T, label: string): Timer
}
