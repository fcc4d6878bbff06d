/** The order of a ladder's columns: along the natural chain of a push, the phone always at the right. */
import type { HopEvent } from '../contract/event.ts'

export type PlaceKind = 'caller' | 'cm' | 'cpns' | 'lpns' | 'edge' | 'cloud' | 'partner' | 'im' | 'device' | 'other'

/** Rank along the chain; places of one kind keep the order in which the flow reached them. */
const CHAIN: Record<PlaceKind, number> = {
  caller: 0,
  im: 1,
  cm: 2,
  cpns: 3,
  lpns: 4,
  edge: 5,
  cloud: 6,
  partner: 7,
  other: 8,
  device: 9,
}

/**
 * Place IDs of `hops`, each once, from left to right. A place whose `label` is empty gets no column:
 * the lab itself, for one, is not part of a call. The order does not change when later hops join,
 * except that a new place may slip in between two others.
 */
export function orderPlaces(
  hops: readonly HopEvent[],
  label: (placeId: string) => string,
  kindOf: (placeId: string) => PlaceKind,
): string[] {
  const seen = new Set<string>()
  for (const hop of hops) {
    seen.add(hop.from)
    seen.add(hop.to)
  }
  return [...seen]
    .filter((place) => label(place) !== '')
    .map((place, appeared) => ({ place, appeared, rank: CHAIN[kindOf(place)] }))
    .toSorted((a, b) => a.rank - b.rank || a.appeared - b.appeared)
    .map(({ place }) => place)
}
