/** Which events the list shows. Works on the events that the window keeps; older ones are asked for. */
import type { Carrier, CommandInput, HopEvent } from '../../../core/contract/index.ts'

export type EventFilter = {
  text: string
  /** Empty: all carriers. */
  carriers: ReadonlySet<Carrier>
  failuresOnly: boolean
  /** Only this flow; null for all. */
  flow: number | null
  /** Only what this node, service or device sent or got; null for all. */
  place: string | null
}

export const NO_FILTER: EventFilter = { text: '', carriers: new Set(), failuresOnly: false, flow: null, place: null }

export const isFiltering = (filter: EventFilter): boolean =>
  filter.text.trim() !== '' || filter.carriers.size > 0 || filter.failuresOnly || filter.flow !== null || filter.place !== null

export const isFailure = (event: HopEvent): boolean => event.status === 'fail' || event.status === 'lost'

/** A node stands for all its services: `ucm-pub` matches `ucm-pub/CallManager`. */
export const touches = (event: HopEvent, place: string): boolean =>
  event.from === place || event.to === place || event.from.startsWith(`${place}/`) || event.to.startsWith(`${place}/`)

/** All that the text of an event is looked for in, lower case; made once per event. */
const hay = new WeakMap<HopEvent, string>()

function hayOf(event: HopEvent, label: (place: string) => string): string {
  const known = hay.get(event)
  if (known !== undefined) return known
  const text =
    `#${event.flow} ${event.from} ${event.to} ${label(event.from)} ${label(event.to)} ${event.carrier} ${event.message} ${event.outcome} ${event.status} ${event.why} ${event.tracking ?? ''}`.toLowerCase()
  hay.set(event, text)
  return text
}

/** Keeps the order. Every word of the text must be found. */
export function filterEvents(events: readonly HopEvent[], filter: EventFilter, label: (place: string) => string): readonly HopEvent[] {
  if (!isFiltering(filter)) return events
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return events.filter((event) => {
    if (filter.flow !== null && event.flow !== filter.flow) return false
    if (filter.failuresOnly && !isFailure(event)) return false
    if (filter.carriers.size > 0 && !filter.carriers.has(event.carrier)) return false
    if (filter.place !== null && !touches(event, filter.place)) return false
    if (words.length === 0) return true
    const text = hayOf(event, label)
    return words.every((word) => text.includes(word))
  })
}

/**
 * The same filter as a question to the lab. It can ask for one carrier and one status at most; what is
 * left over, `filterEvents` does with the answer (see `afterQuery`).
 */
export function queryOf(filter: EventFilter, before: number | undefined, limit: number): CommandInput<'events.query'> {
  const [carrier] = filter.carriers
  const text = filter.text.trim().slice(0, 200)
  return {
    filter: {
      ...(filter.flow === null ? {} : { flow: filter.flow }),
      ...(filter.carriers.size === 1 && carrier !== undefined ? { carrier } : {}),
      ...(filter.place === null ? {} : { place: filter.place }),
      ...(text === '' ? {} : { text }),
    },
    ...(before === undefined ? {} : { before }),
    limit,
  }
}

/** The part of the filter that the lab could not do itself. */
export const afterQuery = (filter: EventFilter): EventFilter => ({
  ...NO_FILTER,
  carriers: filter.carriers,
  failuresOnly: filter.failuresOnly,
})

/** First index in `events` (ascending `seq`) whose number is at least `seq`. */
export function indexOfSeq(events: readonly HopEvent[], seq: number): number {
  let low = 0
  let high = events.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((events[middle]?.seq ?? Number.POSITIVE_INFINITY) < seq) low = middle + 1
    else high = middle
  }
  return low
}
