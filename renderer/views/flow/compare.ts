/**
 * Two flows side by side: steps that are the same stand on one line, and the time that one of them took
 * longer is told by the steps in which it was lost.
 */
import type { FlowRow, HopEvent, Ladder } from '../../../core/contract/index.ts'
import { formatDuration } from '../../ui/format.ts'
import { type Step, roomOf, stepsOf } from './geometry.ts'
import { wakeOf, zeroOf } from './words.ts'

/** Beyond this many steps the two are laid side by side without search for what is alike. */
const ALIGN_LIMIT = 400

/** A place by its part in the flow, so that two flows over different nodes and phones can be held together. */
function roleOf(place: string, { flow, pushes }: Ladder): string {
  if (place === flow.from) return 'caller'
  if (place === flow.to || pushes.some((push) => push.device === place)) return 'called'
  const slash = place.indexOf('/')
  return slash < 0 ? place : place.slice(slash + 1)
}

const keyOf = (step: Step, ladder: Ladder): string => {
  if (step.kind === 'blank') return 'blank'
  if (step.kind !== 'hop') return `${step.kind} ${step.bar.name}`
  const { hop } = step
  // Names, numbers and IDs differ between two calls that do the same.
  const nameless = ladder.places.reduce((text, { label }) => text.replace(label, '#'), hop.message)
  const message = nameless.replace(/[0-9a-f]{4,}|\d+/gi, '#')
  return `${roleOf(hop.from, ladder)}>${roleOf(hop.to, ladder)} ${hop.carrier} ${message} ${hop.status === 'lost' ? 'lost' : ''}`
}

export type Pair = { a: Step | null; b: Step | null }

/** Longest common run of steps, in order; what only one of the two has stands alone. */
export function alignSteps(a: Ladder, b: Ladder): Pair[] {
  const left = stepsOf(a)
  const right = stepsOf(b)
  if (left.length > ALIGN_LIMIT || right.length > ALIGN_LIMIT) {
    return Array.from({ length: Math.max(left.length, right.length) }, (_, i) => ({ a: left[i] ?? null, b: right[i] ?? null }))
  }
  const leftKeys = left.map((step) => keyOf(step, a))
  const rightKeys = right.map((step) => keyOf(step, b))
  const width = right.length + 1
  const best = new Uint16Array((left.length + 1) * width)
  const cell = (i: number, j: number): number => best[i * width + j] ?? 0
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      best[i * width + j] = leftKeys[i] === rightKeys[j] ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1))
    }
  }
  const pairs: Pair[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    const stepA = left[i] ?? null
    const stepB = right[j] ?? null
    if (stepA !== null && stepB !== null && leftKeys[i] === rightKeys[j]) {
      pairs.push({ a: stepA, b: stepB })
      i += 1
      j += 1
    } else if (stepB === null || (stepA !== null && cell(i + 1, j) >= cell(i, j + 1))) {
      pairs.push({ a: stepA, b: null })
      i += 1
    } else {
      pairs.push({ a: null, b: stepB })
      j += 1
    }
  }
  return pairs
}

/** The steps of both sides with blanks, so that each line has the same height on both. */
export function sideBySide(pairs: readonly Pair[]): { a: Step[]; b: Step[] } {
  const blank = (step: Step): Step => ({ kind: 'blank', like: roomOf(step) })
  const a: Step[] = []
  const b: Step[] = []
  for (const pair of pairs) {
    const some = pair.a ?? pair.b
    if (some === null) continue
    a.push(pair.a ?? blank(some))
    b.push(pair.b ?? blank(some))
  }
  return { a, b }
}

export type Difference = {
  /** Positive: the second flow took this much longer. */
  byMs: number
  text: string
  /** Events to select for the difference, in the flow that has it. */
  side: 'a' | 'b'
  seq: number | null
}

/** Differences that are worth a line: at least this much. */
const WORTH_MS = 50
const MOST_LINES = 3

/**
 * Where the time went: between two steps that both have, how much longer the second flow took, named
 * after the steps that only the slower one has, else after the step that came later.
 */
export function differences(a: Ladder, b: Ladder, pairs: readonly Pair[] = alignSteps(a, b)): Difference[] {
  const zeroA = zeroOf(a.flow)
  const zeroB = zeroOf(b.flow)
  const found: Difference[] = []
  let offset = 0
  let onlyA: HopEvent[] = []
  let onlyB: HopEvent[] = []
  for (const pair of pairs) {
    const hopA = pair.a?.kind === 'hop' ? pair.a.hop : null
    const hopB = pair.b?.kind === 'hop' ? pair.b.hop : null
    if (hopA && !hopB) onlyA.push(hopA)
    if (hopB && !hopA) onlyB.push(hopB)
    if (!hopA || !hopB) continue
    const late = hopB.at - zeroB - (hopA.at - zeroA)
    const byMs = late - offset
    if (Math.abs(byMs) >= WORTH_MS) {
      const side = byMs > 0 ? 'b' : 'a'
      const extra = side === 'b' ? onlyB : onlyA
      const ladder = side === 'b' ? b : a
      const slowest = extra.toSorted((x, y) => y.at - y.sentAt - (x.at - x.sentAt))[0]
      const hop = slowest ?? (side === 'b' ? hopB : hopA)
      found.push({
        byMs,
        side,
        seq: hop.seq,
        text: `${nameOf(hop, ladder)} costs #${ladder.flow.flow} ${formatDuration(Math.abs(byMs))} more`,
      })
    }
    offset = late
    onlyA = []
    onlyB = []
  }
  return found.toSorted((x, y) => Math.abs(y.byMs) - Math.abs(x.byMs)).slice(0, MOST_LINES)
}

function nameOf(hop: HopEvent, ladder: Ladder): string {
  const label = (place: string): string => ladder.places.find((candidate) => candidate.id === place)?.label ?? place
  const bad = hop.status === 'lost' ? ' (lost)' : hop.status === 'fail' ? ' (failed)' : ''
  return hop.from === hop.to ? `${hop.message} at ${label(hop.from)}${bad}` : `${hop.message} to ${label(hop.to)}${bad}`
}

/** What woke each phone and how fast (LPNS-14); empty when neither was pushed to. */
export const wakesOf = (...ladders: Ladder[]): string =>
  ladders
    .flatMap((ladder) => {
      const wake = wakeOf(ladder)
      return wake ? [`#${ladder.flow.flow} ${wake.text}`] : []
    })
    .join(', ')

/** One sentence over both: which one was offered, answered or over earlier, and by how much. */
export function summaryOf(a: FlowRow, b: FlowRow): string {
  const zeroA = zeroOf(a)
  const zeroB = zeroOf(b)
  const told = (name: string, atA: number | null, atB: number | null): string | null => {
    if (atA === null && atB === null) return null
    if (atA === null || atB === null) return `only #${atA === null ? b.flow : a.flow} was ${name}`
    const late = atB - zeroB - (atA - zeroA)
    if (late === 0) return `both were ${name} after the same time`
    return `#${late > 0 ? b.flow : a.flow} was ${name} ${formatDuration(Math.abs(late))} later`
  }
  const parts = [told('offered', a.offeredAt, b.offeredAt), told('answered', a.answeredAt, b.answeredAt)].filter((part) => part !== null)
  return parts.length > 0 ? parts.join(', ') : `#${a.flow} is ${a.state}, #${b.flow} is ${b.state}`
}
