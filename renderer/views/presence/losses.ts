/** Lines of the events that say whose stanzas are gone, how many and why. Pure. */
import type { HopEvent } from '../../../core/contract/index.ts'

export type Loss = {
  seq: number
  at: number
  flow: number
  node: string
  whose: string
  count: string
  text: string
  why: string
}

/** `queue of Ana Ruiz on Ana's iPhone`: a whole queue went (HA-03, HA-05). */
const QUEUE = /^queue of (.+)$/
/** `3 lost: 2 messages, 1 chat room invitation; imp-pub crashed`. */
const COUNTED = /^(\d+) lost: (.*)$/

export function lossOf(event: HopEvent, label: (place: string) => string): Loss {
  const whose = QUEUE.exec(event.message)?.[1] ?? `${event.message} to ${label(event.to)}`
  const counted = COUNTED.exec(event.outcome)
  return {
    seq: event.seq,
    at: event.at,
    flow: event.flow,
    node: event.from,
    whose,
    count: counted?.[1] ?? '1',
    text: counted?.[2] ?? event.outcome,
    why: event.why,
  }
}
