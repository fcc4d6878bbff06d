/**
 * Hops as they travel: which way over the drawn links, for how long, in which hue. Pure; the view asks
 * for the dots of one instant. Times here are wall milliseconds, positions pixels of the drawing.
 */
import type { ClockState, HopEvent } from '../../../core/contract/index.ts'
import { type Point, pointAlong } from './geometry.ts'

/** More dots than this tell nothing; the rest of a burst lights up its links only. */
export const MAX_DOTS = 40
const SHORTEST_MS = 420
const LONGEST_MS = 1_400
/** How long a link or lamp stays lit after something crossed it. */
export const LIT_MS = 900
/** A hop that is lost gets this far along its last link. */
const LOST_AT = 0.55

export type Dot = {
  seq: number
  hop: HopEvent
  path: Point[]
  startMs: number
  endMs: number
}

/** Node or device of a place ID: `ucm-pub/CPNS` stands on `ucm-pub`. */
export const hostOf = (place: string): string => {
  const slash = place.indexOf('/')
  return slash < 0 ? place : place.slice(0, slash)
}

type Ends = { id: string; a: string; b: string }
export type Leg = { link: string; forward: boolean }

/** Who is linked with whom, for `routeBetween`. */
export function neighbours(links: Iterable<Ends>): Map<string, { to: string; leg: Leg }[]> {
  const map = new Map<string, { to: string; leg: Leg }[]>()
  const add = (from: string, to: string, leg: Leg) => {
    const list = map.get(from)
    if (list) list.push({ to, leg })
    else map.set(from, [{ to, leg }])
  }
  for (const { id, a, b } of links) {
    add(a, b, { link: id, forward: true })
    add(b, a, { link: id, forward: false })
  }
  return map
}

/** What stands between others but never passes on their traffic: a phone, a cluster node, a cloud service. */
export type Passes = (host: string) => boolean

/**
 * The fewest links from one host to another through hosts that pass traffic on; null when there is no
 * such way. Both ends may be anything.
 */
export function routeBetween(map: ReadonlyMap<string, { to: string; leg: Leg }[]>, from: string, to: string, passes: Passes): Leg[] | null {
  if (from === to) return []
  const cameBy = new Map<string, { host: string; leg: Leg } | null>([[from, null]])
  const queue = [from]
  for (let i = 0; i < queue.length; i++) {
    const host = queue[i] as string
    if (host !== from && !passes(host)) continue
    for (const next of map.get(host) ?? []) {
      if (cameBy.has(next.to)) continue
      cameBy.set(next.to, { host, leg: next.leg })
      if (next.to === to) {
        const legs: Leg[] = []
        for (let step = cameBy.get(to); step; step = cameBy.get(step.host)) legs.unshift(step.leg)
        return legs
      }
      queue.push(next.to)
    }
  }
  return null
}

/** Wall time of a dot: as long as the hop took on the running clock, within what an eye can follow. */
export function dotDurationMs(hop: Pick<HopEvent, 'at' | 'sentAt'>, clock: Pick<ClockState, 'mode' | 'speed'>): number {
  const virtualMs = Math.max(0, hop.at - hop.sentAt)
  const wallMs = clock.mode === 'paused' ? virtualMs : virtualMs / Math.max(0.01, clock.speed)
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, wallMs))
}

/** Dots only where there is time to see them (express and seeking have none) and movement is wanted. */
export const dotsWanted = (clock: Pick<ClockState, 'mode'>, reducedMotion: boolean): boolean =>
  !reducedMotion && clock.mode !== 'express' && clock.mode !== 'seeking'

export type DotView = { seq: number; x: number; y: number; done: boolean; lost: boolean; fraction: number }

/** Where a dot is at this instant; a lost one stops on its way and says so. */
export function dotAt(dot: Dot, nowMs: number): DotView | null {
  const fraction = Math.min(1, Math.max(0, (nowMs - dot.startMs) / (dot.endMs - dot.startMs)))
  const lost = dot.hop.status === 'lost'
  const reach = lost ? Math.min(fraction, LOST_AT) : fraction
  const point = pointAlong(dot.path, reach)
  if (!point) return null
  return { seq: dot.seq, ...point, done: nowMs >= dot.endMs + LIT_MS / 3, lost: lost && fraction >= LOST_AT, fraction }
}

/**
 * Starts of the hops of one batch, so that hops of one chain follow each other instead of leaving at
 * once: as far apart as on the virtual clock, squeezed into `SPREAD_MS`.
 */
const SPREAD_MS = 1_600
export function startOffsets(hops: readonly Pick<HopEvent, 'sentAt'>[], clock: Pick<ClockState, 'mode' | 'speed'>): number[] {
  const first = Math.min(...hops.map((h) => h.sentAt))
  const speed = clock.mode === 'paused' ? 1 : Math.max(0.01, clock.speed)
  const raw = hops.map((h) => (h.sentAt - first) / speed)
  const longest = Math.max(0, ...raw)
  const squeeze = longest > SPREAD_MS ? SPREAD_MS / longest : 1
  return raw.map((r) => r * squeeze)
}
