/** Turns new hops into dots that travel and things that light up. Time here is wall time: it is for eyes only. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { HopEvent } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'
import { carrierHue } from '../../ui/carrier.ts'
import type { Point } from './geometry.ts'
import { type Dot, dotDurationMs, dotsWanted, hostOf, LIT_MS, MAX_DOTS, startOffsets } from './travel.ts'

/** The way of a hop: pixels of the view, and the links it runs over. */
export type Way = { points: Point[]; links: string[] }

/** Of a burst only the newest hops are shown at all. */
const NEWEST = 120

export const litLink = (id: string): string => `link:${id}`
export const litPlace = (place: string): string => `place:${place}`
export const litDevice = (id: string): string => `device:${id}`

const motionIsUnwanted = (): boolean => typeof matchMedia === 'function' && matchMedia('(prefers-reduced-motion: reduce)').matches

export function useTravel(wayOf: (hop: HopEvent) => Way | null) {
  const lab = useLab()
  const dots = shallowRef<Dot[]>([])
  /** What is lit, by key, with its hue. */
  const lit = shallowRef<ReadonlyMap<string, string>>(new Map())
  const until = new Map<string, { hue: string; wallMs: number }>()
  const timers = new Set<ReturnType<typeof setTimeout>>()
  let lastSeq = lab.events.at(-1)?.seq ?? -1
  /** A whole snapshot brings new maps: what comes with it is history. */
  let generation = lab.nodes

  const publish = (): void => {
    const now = performance.now()
    for (const [key, { wallMs }] of until) if (wallMs <= now) until.delete(key)
    lit.value = new Map([...until].map(([key, { hue }]) => [key, hue]))
  }
  const later = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, ms)
    timers.add(timer)
  }
  const light = (keys: readonly string[], hue: string, forMs: number): void => {
    if (keys.length === 0) return
    const wallMs = performance.now() + forMs
    for (const key of keys) until.set(key, { hue, wallMs })
    publish()
    later(forMs + 20, publish)
  }

  const show = (hops: readonly HopEvent[]): void => {
    const { clock } = lab
    const moving = dotsWanted(clock, motionIsUnwanted())
    const offsets = moving ? startOffsets(hops, clock) : []
    const wallMs = performance.now()
    const fresh: Dot[] = []
    const atOnce = new Map<string, string>()
    hops.forEach((hop, i) => {
      const hue = carrierHue(hop.carrier)
      const from = hostOf(hop.from)
      const to = hostOf(hop.to)
      const ends = [...new Set([hop.from, hop.to])].map((p) => (lab.devices.has(p) ? litDevice(p) : litPlace(p)))
      const way = from === to ? null : wayOf(hop)
      const links = way?.links.map(litLink) ?? []
      if (!moving) {
        for (const key of [...links, ...ends]) atOnce.set(key, hue)
        return
      }
      const startMs = wallMs + (offsets[i] ?? 0)
      const spanMs = dotDurationMs(hop, clock)
      later(offsets[i] ?? 0, () => light(way ? links : ends, hue, spanMs + LIT_MS / 2))
      if (!way) return
      if (hop.status !== 'lost') later((offsets[i] ?? 0) + spanMs, () => light(ends.slice(-1), hue, LIT_MS))
      if (dots.value.length + fresh.length < MAX_DOTS) fresh.push({ seq: hop.seq, hop, path: way.points, startMs, endMs: startMs + spanMs })
    })
    if (atOnce.size > 0) {
      for (const [key, hue] of atOnce) until.set(key, { hue, wallMs: wallMs + LIT_MS })
      publish()
      later(LIT_MS + 20, publish)
    }
    if (fresh.length > 0) dots.value = [...dots.value, ...fresh]
  }

  watch(
    () => lab.events,
    (events) => {
      const last = events.at(-1)?.seq ?? -1
      // After a jump of time the events are the history of the new moment, not something that happens now.
      const jumped = lab.nodes !== generation || last < lastSeq
      generation = lab.nodes
      if (jumped) {
        dots.value = []
        until.clear()
        publish()
      } else {
        let from = events.length
        while (from > 0 && (events[from - 1]?.seq ?? -1) > lastSeq && events.length - from < NEWEST) from--
        if (from < events.length) show(events.slice(from))
      }
      lastSeq = last
    },
  )

  const finished = (seqs: ReadonlySet<number>): void => {
    dots.value = dots.value.filter((d) => !seqs.has(d.seq))
  }

  onScopeDispose(() => {
    for (const timer of timers) clearTimeout(timer)
  })

  return { dots, lit, finished }
}
