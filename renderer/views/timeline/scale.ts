/** Time against pixels on the one axis. Pure; all times are whole milliseconds of virtual time. */
import type { FlowRow, TimelineMark } from '../../../core/contract/index.ts'
import { formatTime } from '../../ui/format.ts'

export type Span = { from: number; to: number }

/** Closest zoom: half a second over the whole width. */
export const MIN_SPAN_MS = 500
/** What the axis shows at first, and keeps while it follows the clock. */
export const FOLLOW_SPAN_MS = 60_000
/** Where the clock stands while the axis follows it. */
const NOW_AT = 0.78

export const xOf = (at: number, span: Span, width: number): number => ((at - span.from) / (span.to - span.from)) * width
export const timeAt = (x: number, span: Span, width: number): number =>
  Math.round(span.from + (x / Math.max(1, width)) * (span.to - span.from))

/** Never before zero, never closer than MIN_SPAN_MS. */
export function clampSpan(span: Span): Span {
  const length = Math.max(MIN_SPAN_MS, span.to - span.from)
  const from = Math.max(0, span.from)
  return { from, to: from + length }
}

/** `factor` above 1 shows more time. The instant under `x` stays where it is. */
export function zoomAt(span: Span, x: number, width: number, factor: number, endMs: number): Span {
  const most = Math.max(FOLLOW_SPAN_MS, endMs * 1.5)
  const length = Math.min(most, Math.max(MIN_SPAN_MS, (span.to - span.from) * factor))
  const at = span.from + (x / Math.max(1, width)) * (span.to - span.from)
  const from = at - (x / Math.max(1, width)) * length
  return clampSpan({ from, to: from + length })
}

export const panBy = (span: Span, byMs: number): Span => {
  const from = Math.max(0, span.from + byMs)
  return { from, to: from + (span.to - span.from) }
}

/** From zero to a little beyond the end. */
export const fitSpan = (endMs: number): Span => ({ from: 0, to: Math.max(MIN_SPAN_MS, endMs * 1.04) })

/** Keeps `now` in sight, most of the width behind it and some of the future before it. */
export const followSpan = (now: number, lengthMs: number): Span => {
  const from = Math.max(0, now - lengthMs * NOW_AT)
  return { from, to: from + lengthMs }
}

const STEPS_MS = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000,
  7_200_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000, 2_592_000_000,
]

export type Tick = { at: number; text: string }

const DAY_MS = 86_400_000
const MONTH_MS = 30 * DAY_MS

/** As much as the step calls for: days, seconds, or milliseconds. */
function tickText(at: number, stepMs: number): string {
  if (stepMs >= DAY_MS) return `${at / DAY_MS} d`
  const text = formatTime(at)
  return stepMs >= 1_000 ? text.slice(0, -4) : text
}

/** Round instants, at least `apartPx` from each other. */
export function ticksOf(span: Span, width: number, apartPx = 90): Tick[] {
  const wanted = ((span.to - span.from) / Math.max(1, width)) * apartPx
  // Beyond the list: whole months of 30 days, as many as it takes.
  const step = STEPS_MS.find((candidate) => candidate >= wanted) ?? Math.ceil(wanted / MONTH_MS) * MONTH_MS
  const ticks: Tick[] = []
  for (let at = Math.ceil(span.from / step) * step; at <= span.to; at += step) ticks.push({ at, text: tickText(at, step) })
  return ticks
}

/** Worst first: what stands for a heap of marks. */
const WEIGHT: Record<TimelineMark['kind'], number> = { alarm: 3, fault: 2, command: 1, call: 0 }

export type Bin = { x: number; kind: TimelineMark['kind']; count: number; text: string; at: number; flow: number; texts: string[] }

const TEXTS_KEPT = 8

/**
 * Marks in sight, those that fall into the same `binPx` pixels as one: thousands of marks cost as much to
 * draw as the width has room for. `marks` are in time order.
 */
export function binMarks(marks: readonly TimelineMark[], span: Span, width: number, binPx = 12): Bin[] {
  const bins: Bin[] = []
  let current: Bin | undefined
  let slot = Number.NaN
  for (let i = firstAt(marks, span.from); i < marks.length; i++) {
    const mark = marks[i]
    if (mark === undefined || mark.at > span.to) break
    // A call is a bar of its own.
    if (mark.kind === 'call') continue
    const x = xOf(mark.at, span, width)
    const its = Math.floor(x / binPx)
    if (current === undefined || its !== slot) {
      slot = its
      current = { x, kind: mark.kind, count: 1, text: mark.text, at: mark.at, flow: mark.flow, texts: [mark.text] }
      bins.push(current)
      continue
    }
    current.count += 1
    if (current.texts.length < TEXTS_KEPT) current.texts.push(mark.text)
    if (WEIGHT[mark.kind] > WEIGHT[current.kind]) {
      current.kind = mark.kind
      current.text = mark.text
      current.at = mark.at
      current.flow = mark.flow
    }
  }
  return bins
}

/** First mark at or after `at`. */
export function firstAt(marks: readonly TimelineMark[], at: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((marks[middle]?.at ?? Number.POSITIVE_INFINITY) < at) low = middle + 1
    else high = middle
  }
  return low
}

export type Label = { x: number; text: string }

/** Room for the words of each bin, up to its right neighbour; without enough room the words stay away. */
export function labelsOf(bins: readonly Bin[], width: number, pxPerChar = 6.2, padPx = 9): (Label | null)[] {
  return bins.map((bin, index) => {
    const right = bins[index + 1]?.x ?? width
    const text = bin.count > 1 ? `${bin.count}× ${bin.text}` : bin.text
    const room = Math.floor((right - bin.x - padPx - 8) / pxPerChar)
    if (room >= text.length) return { x: bin.x + padPx, text }
    if (room >= 9) return { x: bin.x + padPx, text: `${text.slice(0, room - 1)}…` }
    if (bin.count > 1 && room >= String(bin.count).length) return { x: bin.x + padPx - 1, text: String(bin.count) }
    return null
  })
}

/** `crowded`: no lane was free, it lies over others and gets no words. */
export type FlowBar = { flow: FlowRow; x: number; width: number; lane: number; crowded: boolean }
export const LANES = 2
/** More bars than this in sight are drawn as one band per pixel column, without words. */
export const MOST_BARS = 400

/** Bars of the flows in sight, each in the first lane that is free; tasks without an end run to `now`. */
export function barsOf(flows: Iterable<FlowRow>, span: Span, width: number, now: number): { bars: FlowBar[]; left: number } {
  const inSight: FlowRow[] = []
  for (const flow of flows) {
    if (flow.type === 'admin' || flow.type === 'check') continue
    if (flow.startedAt > span.to || (flow.endedAt ?? now) < span.from) continue
    inSight.push(flow)
  }
  inSight.sort((a, b) => a.startedAt - b.startedAt || a.flow - b.flow)
  const ends = Array.from({ length: LANES }, () => Number.NEGATIVE_INFINITY)
  const bars: FlowBar[] = []
  for (const flow of inSight.slice(0, MOST_BARS)) {
    const x = xOf(flow.startedAt, span, width)
    const to = xOf(Math.max(flow.endedAt ?? now, flow.startedAt), span, width)
    const free = ends.findIndex((end) => end <= x)
    const lane = free < 0 ? flow.flow % LANES : free
    const wide = Math.max(3, to - x)
    ends[lane] = Math.max(ends[lane] ?? 0, x + wide + 2)
    bars.push({ flow, x, width: wide, lane, crowded: free < 0 })
  }
  return { bars, left: Math.max(0, inSight.length - MOST_BARS) }
}

export type Due = { at: number; text: string; flow: number; why: string }

/** Timers that still run: what will happen, and when. */
export function duesOf(flows: Iterable<FlowRow>, now: number): Due[] {
  const dues: Due[] = []
  for (const flow of flows) {
    if (flow.endedAt !== null) continue
    for (const timer of flow.timers) {
      if (timer.endedAt === null && timer.dueAt >= now) dues.push({ at: timer.dueAt, text: timer.name, flow: flow.flow, why: timer.why })
    }
  }
  return dues.toSorted((a, b) => a.at - b.at)
}

/** The instant of the next (or previous) command, fault, alarm or start of a flow; null when there is none. */
export function neighbour(marks: readonly TimelineMark[], at: number, way: 1 | -1): TimelineMark | null {
  const index = firstAt(marks, way > 0 ? at + 1 : at)
  return marks[way > 0 ? index : index - 1] ?? null
}
