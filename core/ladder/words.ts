/** What text, SVG and JSON exports say alike: times, the budget, the names of things. */
import type { HopEvent, HopStatus } from '../contract/event.ts'
import type { Ladder, Place } from '../contract/results.ts'
import type { FlowRow, FlowTimer } from '../contract/rows.ts'

/** Names the run that a ladder was taken from, so that somebody else can run it again. */
export type RunName = { title: string; seed: number | null }

/** DEC-34: these formats are not published; every export says whose they are. */
export const MODELLED_NOTE = 'The wire formats of Push REST and LPNS are modelled: Cisco does not publish them. Times are virtual.'

/** Ledger row of the 13 s drop; its timer carries it, and the rest of its time is the budget (CALL-14). */
const DROP_RULE = 'CALL-03'

/** `00:03:14.301`, or `2d 00:03:14.301` from the second day on. */
export function clockText(atMs: number): string {
  const ms = Math.max(0, Math.trunc(atMs))
  const two = (n: number): string => String(n).padStart(2, '0')
  const days = Math.floor(ms / 86_400_000)
  const hours = Math.floor(ms / 3_600_000) % 24
  const minutes = Math.floor(ms / 60_000) % 60
  const seconds = Math.floor(ms / 1_000) % 60
  const clock = `${two(hours)}:${two(minutes)}:${two(seconds)}.${String(ms % 1_000).padStart(3, '0')}`
  return days > 0 ? `${days}d ${clock}` : clock
}

/** `87 ms`, `2.820 s`, `13 s`: never rounded, because a support case may hang on one millisecond. */
export function spanText(spanMs: number): string {
  const ms = Math.trunc(spanMs)
  if (Math.abs(ms) < 1_000) return `${ms} ms`
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${(ms / 1_000).toFixed(3)} s`
}

/** Characters that would move a terminal's cursor, break a line or turn the reading direction. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]|\p{Cs}/gu

/** One printable line: names and messages come from scenario files, which anybody may write. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, '\u00b7')

/** Outcome with the word of its state in front, where the outcome does not say it already. */
export function outcomeText(hop: HopEvent): string {
  const word = STATUS_WORD[hop.status]
  const outcome = printable(hop.outcome)
  if (word === '') return outcome
  return outcome === '' ? word : `${word}: ${outcome}`
}

const STATUS_WORD: Record<HopStatus, string> = {
  ok: '',
  info: '',
  wait: '',
  warn: 'warning',
  fail: 'failed',
  lost: 'lost',
}

export const hopMs = (hop: HopEvent): number => hop.at - hop.sentAt

/** Timer of the 13 s drop, when the flow has one. */
export const dropTimer = (flow: FlowRow): FlowTimer | null => flow.timers.find((timer) => timer.why === DROP_RULE) ?? null

/** What is left of the 13 s when the call was offered (CALL-14); empty while it is not offered. */
export function budgetText(flow: FlowRow): string {
  const timer = dropTimer(flow)
  if (timer === null) return ''
  const limit = spanText(timer.dueAt - timer.startAt)
  if (timer.fired) return `all of the ${limit} used up: not offered in time`
  if (flow.offeredAt === null) return ''
  return `offered with ${spanText(timer.dueAt - flow.offeredAt)} of the ${limit} left`
}

/** `started ..., offered 2.820 s after the push, ...`: only what has happened. */
export function timesText(flow: FlowRow): string {
  const zero = flow.pushAt ?? flow.startedAt
  const from = flow.pushAt === null ? 'the start' : 'the push'
  const parts = [`started ${clockText(flow.startedAt)}`]
  if (flow.pushAt !== null) parts.push(`push ${clockText(flow.pushAt)}`)
  if (flow.offeredAt !== null) parts.push(`offered ${spanText(flow.offeredAt - zero)} after ${from}`)
  if (flow.answeredAt !== null) parts.push(`answered ${spanText(flow.answeredAt - zero)} after ${from}`)
  parts.push(flow.endedAt === null ? 'still running' : `ended ${clockText(flow.endedAt)}`)
  return parts.join(', ')
}

/** `armed`, `fired` or how it was stopped, for the end of a timer. */
export function timerEndText(timer: FlowTimer): string {
  if (timer.endedAt === null) return `running, due ${clockText(timer.dueAt)}`
  const ran = spanText(timer.endedAt - timer.startAt)
  return timer.fired ? `fired after ${ran}` : `stopped after ${ran}, ${spanText(timer.dueAt - timer.endedAt)} left`
}

/** The columns, and any place that an arrow names but the columns forgot: no arrow is left out. */
export function allPlaces(ladder: Ladder): Place[] {
  const known = new Set(ladder.places.map((place) => place.id))
  const places = [...ladder.places]
  const add = (id: string): void => {
    if (known.has(id)) return
    known.add(id)
    places.push({ id, label: id, node: '' })
  }
  for (const hop of ladder.hops) {
    add(hop.from)
    add(hop.to)
  }
  for (const bar of ladder.bars) add(bar.place)
  return places
}

/** One line of a ladder from top to bottom: an arrow, or the start or end of a timer. */
export type Step =
  | { kind: 'hop'; at: number; hop: HopEvent }
  | { kind: 'timer starts'; at: number; bar: Ladder['bars'][number] }
  | { kind: 'timer ends'; at: number; bar: Ladder['bars'][number] }

const STEP_ORDER: Record<Step['kind'], number> = { hop: 0, 'timer starts': 1, 'timer ends': 2 }

/** Hops in the order of the journal, timers between them; at equal instants arrivals come before timers (DEC-25). */
export function steps(ladder: Ladder): Step[] {
  const all: Step[] = ladder.hops.map((hop) => ({ kind: 'hop', at: hop.at, hop }))
  for (const bar of ladder.bars) {
    all.push({ kind: 'timer starts', at: bar.startAt, bar })
    if (bar.endedAt !== null) all.push({ kind: 'timer ends', at: bar.endedAt, bar })
  }
  return all
    .map((step, given) => ({ step, given }))
    .toSorted((a, b) => a.step.at - b.step.at || STEP_ORDER[a.step.kind] - STEP_ORDER[b.step.kind] || a.given - b.given)
    .map(({ step }) => step)
}
