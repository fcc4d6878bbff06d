/** One hop as it is drawn: its arrow, what is written at it and what is said of it. Pure. */
import type { HopEvent } from '../../../core/contract/index.ts'
import { carrierHue } from '../../ui/carrier.ts'
import { formatDuration } from '../../ui/format.ts'
import { type Arrow, arrowOf, besideText, centredText, isSelf, type Layout } from './geometry.ts'
import { isBad, outcomeOf, spokenHop } from './words.ts'

/** As the lab itself ends the outcome of such a hop, where it does. */
const REAL = 'over a real socket'

/** Small text of an outcome is narrower than that of a message. */
const OUTCOME_PX_PER_CHAR = 6.1

export type HopWords = {
  label: (place: string) => string
  time: (at: number) => string
  /** The rule behind it, by its ID. */
  rule: (why: string) => string
}

type Text = { x: number; text: string; anchor: 'start' | 'middle' | 'end' }
export type DrawnHop = {
  bad: boolean
  /** A message to itself: a loop instead of an arrow. */
  self: boolean
  colour: string
  arrow: Arrow
  message: Text
  outcome: Text
  /** When it came in. */
  time: string
  title: string
  spoken: string
}

/** `real`: it went over a real socket. `tellTime`: how long it took is written at its outcome. */
export function drawHop(
  hop: HopEvent,
  layout: Layout,
  words: HopWords,
  { real, tellTime }: { real: boolean; tellTime: boolean },
): DrawnHop {
  const bad = isBad(hop)
  const self = isSelf(hop)
  const arrow = arrowOf(hop, layout)
  const took = hop.at > hop.sentAt ? formatDuration(hop.at - hop.sentAt) : ''
  const outcome = `${outcomeOf(hop)}${tellTime && took !== '' ? ` · ${took}` : ''}`
  const longest = hop.message.length > outcome.length ? hop.message : outcome
  const middle = (arrow.x1 + (layout.columns.find((column) => column.id === hop.to)?.x ?? arrow.x2)) / 2
  const place = (text: string, pxPerChar?: number): Text =>
    self ? besideText(text, arrow.x1, layout, longest) : { ...centredText(text, middle, layout, pxPerChar), anchor: 'middle' }
  const lines = [
    `${hop.carrier} · ${hop.message}`,
    real ? REAL : '',
    outcomeOf(hop),
    took === '' ? '' : `took ${took}`,
    hop.why === '' ? '' : words.rule(hop.why),
  ]
  return {
    bad,
    self,
    colour: bad ? 'var(--bad)' : hop.status === 'warn' ? 'var(--warn)' : carrierHue(hop.carrier),
    arrow,
    message: place(hop.message),
    outcome: place(outcome, OUTCOME_PX_PER_CHAR),
    time: words.time(hop.at),
    title: lines.filter((line) => line !== '').join('\n'),
    spoken: `${spokenHop(hop, words.label, words.time(hop.at))}${real && !hop.outcome.endsWith(REAL) ? `, ${REAL}` : ''}`,
  }
}
