/**
 * The one stream of hops. Every event is handed to its readers (journal, batches, expectations) the
 * moment it happens; the newest are kept for questions, the oldest fall out and can be had again by
 * seeking back.
 */
import type { HopDetail, HopEvent } from '../contract/event.ts'
import type { Clock } from './clock.ts'

export const EVENTS_KEPT = 200_000

/** The message behind an arrow, made only when somebody looks. Captures nothing that changes later. */
export type DetailSource = () => Omit<HopDetail, 'event' | 'effects' | 'rule'>

type Kept = { event: HopEvent; detail: DetailSource | undefined; effects: string[] | undefined }

export class EventLog {
  private readonly ring: Kept[] = []
  private readonly clock: Clock
  private readonly keep: number
  private count = 0
  readonly readers: ((event: HopEvent) => void)[] = []

  constructor(clock: Clock, keep: number = EVENTS_KEPT) {
    this.clock = clock
    this.keep = keep
  }

  /** Events so far; the next one gets this number. */
  get total(): number {
    return this.count
  }

  /** Number of the oldest event that is still kept. */
  get oldest(): number {
    return Math.max(0, this.count - this.keep)
  }

  add(event: Omit<HopEvent, 'seq' | 'at'>, detail?: DetailSource): HopEvent {
    const full: HopEvent = {
      seq: this.count,
      at: this.clock.now(),
      sentAt: event.sentAt,
      flow: event.flow,
      from: event.from,
      to: event.to,
      carrier: event.carrier,
      message: event.message,
      outcome: event.outcome,
      status: event.status,
      why: event.why,
      ...(event.tracking === undefined ? null : { tracking: event.tracking }),
    }
    this.ring[this.count % this.keep] = { event: full, detail, effects: undefined }
    this.count++
    for (const reader of this.readers) reader(full)
    return full
  }

  /** Notes a counter or alarm that moved with the newest event. */
  effect(text: string): void {
    if (this.count === 0) return
    const kept = this.ring[(this.count - 1) % this.keep] as Kept
    if (kept.effects === undefined) kept.effects = [text]
    else if (kept.effects.length < 20) kept.effects.push(text)
  }

  get(seq: number): Kept | undefined {
    return seq >= this.oldest && seq < this.count ? this.ring[seq % this.keep] : undefined
  }

  /** Kept events from `from` on, oldest first. */
  *since(from: number): Iterable<HopEvent> {
    for (let seq = Math.max(from, this.oldest); seq < this.count; seq++) yield (this.ring[seq % this.keep] as Kept).event
  }

  /** Kept events below `before`, newest first. */
  *backFrom(before: number): Iterable<HopEvent> {
    for (let seq = Math.min(before, this.count) - 1; seq >= this.oldest; seq--) yield (this.ring[seq % this.keep] as Kept).event
  }
}
