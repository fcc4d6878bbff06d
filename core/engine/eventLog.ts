/**
 * The one stream of hops. Every event is handed to its readers (journal, batches, expectations) the
 * moment it happens; the newest are kept for questions, the oldest fall out and can be had again by
 * seeking back.
 */
import type { Carrier, HopEvent, HopStatus } from '../contract/event.ts'
import type { Clock } from './clock.ts'

export const EVENTS_KEPT = 100_000

const EFFECTS_PER_EVENT = 20

/** A hop whose outcome is not yet known: an event but for its number, its end and its meaning. */
export type Hop = {
  flow: number
  from: string
  to: string
  carrier: Carrier
  message: string
  sentAt: number
  tracking?: string | undefined
}

export class EventLog {
  // Two rings side by side: most events have no effects, and none needs a box around it.
  private readonly events: HopEvent[] = []
  private readonly effects: (string[] | undefined)[] = []
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

  add(hop: Hop, outcome: string, status: HopStatus, why: string): HopEvent {
    const seq = this.count
    const at = this.clock.now()
    const { flow, from, to, carrier, message, sentAt, tracking } = hop
    // Two literals, so that neither kind of event grows a field after it was made.
    const event: HopEvent =
      tracking === undefined
        ? { seq, at, sentAt, flow, from, to, carrier, message, outcome, status, why }
        : { seq, at, sentAt, flow, from, to, carrier, message, outcome, status, why, tracking }
    const place = this.count % this.keep
    this.events[place] = event
    this.effects[place] = undefined
    this.count++
    for (const reader of this.readers) reader(event)
    return event
  }

  /** Notes a counter or alarm that moved with the newest event. */
  effect(text: string): void {
    if (this.count === 0) return
    const place = (this.count - 1) % this.keep
    const before = this.effects[place]
    if (before === undefined) this.effects[place] = [text]
    else if (before.length < EFFECTS_PER_EVENT) before.push(text)
  }

  get(seq: number): { event: HopEvent; effects: string[] } | undefined {
    if (seq < this.oldest || seq >= this.count) return undefined
    const place = seq % this.keep
    return { event: this.events[place] as HopEvent, effects: this.effects[place] ?? [] }
  }

  /** Kept events from `from` on, oldest first. */
  *since(from: number): Iterable<HopEvent> {
    for (let seq = Math.max(from, this.oldest); seq < this.count; seq++) yield this.events[seq % this.keep] as HopEvent
  }

  /** Kept events below `before`, newest first. */
  *backFrom(before: number): Iterable<HopEvent> {
    for (let seq = Math.min(before, this.count) - 1; seq >= this.oldest; seq--) yield this.events[seq % this.keep] as HopEvent
  }
}
