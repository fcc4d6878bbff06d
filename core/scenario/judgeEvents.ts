/** Expectations about hops: this one, so often, then; or these, in this order. */
import type { HopEvent } from '../contract/event.ts'
import type { Expectation } from '../contract/scenario.ts'
import { clockText, printable, spanText } from '../ladder/words.ts'
import { matcher } from './pattern.ts'
import type { Judged, Watch } from './watch.ts'

type EventExpectation = Extract<Expectation, { event: unknown }>
type OrderExpectation = Extract<Expectation, { order: unknown }>
type Since = EventExpectation['since']

/** Where the times of a flow count from; null when the flow has had no push. */
export type FlowZero = (flow: number, since: Since) => number | null

type Test = { field: string; text: string; test: (event: HopEvent) => boolean }

/** The line that `order` looks at. */
export const hopLine = (event: HopEvent): string => `${event.from} -> ${event.to} ${event.carrier}: ${event.message} | ${event.outcome}`

const TEXT_FIELDS = ['from', 'to', 'carrier', 'message', 'outcome', 'why'] as const

function testsOf(event: EventExpectation['event']): Test[] {
  const tests: Test[] = []
  const { flow, status } = event
  if (flow !== undefined) tests.push({ field: 'flow', text: `flow ${flow}`, test: (hop) => hop.flow === flow })
  for (const field of TEXT_FIELDS) {
    const wanted = event[field]
    if (wanted === undefined) continue
    const match = matcher(wanted)
    tests.push({ field, text: `${field} ${match.text}`, test: (hop) => match.test(hop[field]) })
  }
  if (status !== undefined) tests.push({ field: 'status', text: `status ${status}`, test: (hop) => hop.status === status })
  return tests
}

const SINCE: Record<Since, string> = { run: '', flow: ' after the flow began', push: ' after t0' }

function windowText({ at, before, after, since }: EventExpectation): string {
  const time = (ms: number) => (since === 'run' ? clockText(ms) : `${spanText(ms)}${SINCE[since]}`)
  if (at !== undefined) return `, at ${time(at)}`
  const parts: string[] = []
  if (after !== undefined) parts.push(`later than ${time(after)}`)
  if (before !== undefined) parts.push(`earlier than ${time(before)}`)
  return parts.length === 0 ? '' : `, ${parts.join(' and ')}`
}

/** Something seen several times: how often, and when first and last. */
type Sighting = { count: number; first: number; last: number }

const see = (sighting: Sighting, at: number): void => {
  if (sighting.count === 0) sighting.first = at
  sighting.count += 1
  sighting.last = at
}

function when({ count, first, last }: Sighting, time: (ms: number) => string): string {
  if (count === 1) return `once, at ${time(first)}`
  return `${count} times, first at ${time(first)}, last at ${time(last)}`
}

export function watchEvent(expectation: EventExpectation, zeroOf: FlowZero): Watch {
  const tests = testsOf(expectation.event)
  const { times, at, before, after, since } = expectation
  const timed = at !== undefined || before !== undefined || after !== undefined
  const time = (ms: number) => (since === 'run' ? clockText(ms) : `${spanText(ms)}${SINCE[since]}`)
  const inTime: Sighting = { count: 0, first: 0, last: 0 }
  const outOfTime: Sighting = { count: 0, first: 0, last: 0 }
  let closest: { event: HopEvent; score: number; missed: string[] } | null = null

  const onEvent = (event: HopEvent) => {
    let score = 0
    for (const { test } of tests) if (test(event)) score += 1
    if (score < tests.length) {
      // Kept as the best guess at what the author meant; the first such event tells most.
      if (score > 0 && inTime.count === 0 && (closest === null || score > closest.score)) {
        closest = { event, score, missed: tests.filter(({ test }) => !test(event)).map(({ field }) => field) }
      }
      return
    }
    const zero = timed ? zeroOf(event.flow, since) : 0
    const elapsed = event.at - (zero ?? 0)
    const fits =
      zero !== null &&
      (at === undefined || elapsed === at) &&
      (before === undefined || elapsed < before) &&
      (after === undefined || elapsed > after)
    see(fits ? inTime : outOfTime, timed ? elapsed : event.at)
  }

  const judge = (): Judged => {
    const met = times === undefined ? inTime.count > 0 : inTime.count === times
    if (inTime.count > 0) return { met, found: `found ${when(inTime, time)}` }
    if (outOfTime.count > 0) return { met, found: `found at another time: ${when(outOfTime, time)}` }
    if (met) return { met, found: 'none, as expected' }
    if (closest === null) return { met, found: 'nothing like it' }
    const { event, missed } = closest
    const seen = missed.map((field) => `${field} is "${printable(String(event[field as keyof HopEvent] ?? ''))}"`).join(', ')
    return { met, found: `not found; closest is ${clockText(event.at)} ${printable(hopLine(event))}, whose ${seen}` }
  }

  const count = times === undefined ? 'an event' : times === 0 ? 'no event' : times === 1 ? 'exactly 1 event' : `exactly ${times} events`
  return { text: `${count} with ${tests.map(({ text }) => text).join(', ')}${windowText(expectation)}`, onEvent, judge }
}

export function watchOrder(expectation: OrderExpectation): Watch {
  const steps = expectation.order.map((text) => ({ match: matcher(text), lastAt: -1 }))
  const { flow } = expectation
  const reached: number[] = []

  const onEvent = (event: HopEvent) => {
    if (flow !== undefined && event.flow !== flow) return
    const line = hopLine(event)
    const next = reached.length
    for (const [i, step] of steps.entries()) {
      // What was reached needs no second look, except as "was seen earlier" for the step that is awaited.
      if (i < next) continue
      if (!step.match.test(line)) continue
      step.lastAt = event.at
      if (i === next) reached.push(event.at)
      if (i === next) break
    }
  }

  const judge = (): Judged => {
    const seen = reached.map((at, i) => `${steps[i]?.match.text ?? ''} at ${clockText(at)}`).join(', ')
    if (reached.length === steps.length) return { met: true, found: seen }
    const missing = steps[reached.length]
    const earlier =
      missing !== undefined && missing.lastAt >= 0 ? ` (it was seen only before that, last at ${clockText(missing.lastAt)})` : ''
    const prefix = seen === '' ? 'no' : `${seen}, then no`
    return { met: false, found: `${prefix} ${missing?.match.text ?? ''}${earlier}` }
  }

  const where = flow === undefined ? '' : ` in flow ${flow}`
  return { text: `in this order${where}: ${steps.map((step) => step.match.text).join(', ')}`, onEvent, judge }
}
