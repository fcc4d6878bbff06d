/** A ladder in fixed width, to be pasted into a ticket: ASCII lines, so that no font or mailer breaks them. */
import type { HopEvent } from '../contract/event.ts'
import type { Ladder } from '../contract/results.ts'
import {
  MODELLED_NOTE,
  allPlaces,
  budgetText,
  clockText,
  hopMs,
  outcomeText,
  printable,
  spanText,
  steps,
  timerEndText,
  timesText,
} from './words.ts'
import type { RunName, Step } from './words.ts'

const MIN_PITCH = 16
const MAX_PITCH = 26
const HEADER_LINES = 3

/** Cells that a character takes in a fixed-width font: 0 for combining marks, 2 for wide scripts and emoji. */
function cellsOf(char: string): number {
  if (/^\p{M}$/u.test(char)) return 0
  const code = char.codePointAt(0) ?? 0
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  return wide ? 2 : 1
}

const widthOf = (text: string): number => [...text].reduce((sum, char) => sum + cellsOf(char), 0)

/** One line of cells; a wide character fills its cell and leaves the next one empty. */
type Line = string[]

function put(line: Line, x: number, text: string): void {
  let at = x
  for (const char of text) {
    const cells = cellsOf(char)
    if (cells === 0) {
      if (at > 0) line[at - 1] = (line[at - 1] ?? '') + char
      continue
    }
    while (line.length < at) line.push(' ')
    line[at] = char
    if (cells === 2) line[at + 1] = ''
    at += cells
  }
}

const joined = (line: Line): string =>
  Array.from(line, (cell) => cell ?? ' ')
    .join('')
    .trimEnd()

/** Breaks a label into at most three lines of `width` cells; what is left over is cut with `~`. */
function wrapped(label: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(label).split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (widthOf(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = clipped(word, width)
  }
  lines.push(line)
  if (lines.length <= HEADER_LINES) return lines
  const kept = lines.slice(0, HEADER_LINES)
  kept[HEADER_LINES - 1] = clipped(`${kept[HEADER_LINES - 1] ?? ''}~~`, width)
  return kept
}

function clipped(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let out = ''
  for (const char of text) {
    if (widthOf(out) + cellsOf(char) > width - 1) break
    out += char
  }
  return `${out}~`
}

/** The whole ladder as lines that end in `\n`. Pure: the same ladder gives the same text. */
export function ladderText(ladder: Ladder, run?: RunName): string {
  const places = allPlaces(ladder)
  const longestWord = Math.max(0, ...places.flatMap((place) => printable(place.label).split(/\s+/).map(widthOf)))
  const pitch = Math.min(MAX_PITCH, Math.max(MIN_PITCH, longestWord + 3))
  const labels = places.map((place) => wrapped(place.label, pitch - 2))
  const rows = steps(ladder)
  const gutter = Math.max(12, ...rows.map((row) => clockText(row.at).length)) + 2 + Math.ceil(pitch / 3)
  const xOf = new Map(places.map((place, index) => [place.id, gutter + index * pitch]))
  const right = gutter + Math.max(0, places.length - 1) * pitch

  const lifelines = (): Line => {
    const line: Line = []
    for (const x of xOf.values()) put(line, x, '|')
    return line
  }

  /** Text around the middle of an arrow, kept off the clock and inside the ladder as far as it fits. */
  const centred = (line: Line, middle: number, text: string): void => {
    const width = widthOf(text)
    const first = gutter - Math.ceil(pitch / 3) + 1
    const last = Math.max(first, right + 1 + Math.floor(pitch / 3) - width)
    const x = Math.min(last, Math.max(first, Math.round(middle - width / 2)))
    put(line, x - 1, ` ${text} `)
  }

  const body: string[] = []
  const drawHop = (hop: HopEvent): void => {
    const from = xOf.get(hop.from) ?? gutter
    const to = xOf.get(hop.to) ?? gutter
    const above = lifelines()
    const arrow = lifelines()
    const below = lifelines()
    const message = printable(hop.message)
    const tail = [hop.why === '' ? '' : printable(hop.why), hopMs(hop) > 0 ? spanText(hopMs(hop)) : ''].filter((part) => part !== '')
    const outcome = `${outcomeText(hop)}${tail.length > 0 ? ` [${tail.join(', ')}]` : ''}`.trim()
    put(above, 0, clockText(hop.at))
    if (from === to) {
      put(above, from, '*')
      noteBeside(above, from, `${message} (${hop.carrier})`)
      body.push(joined(above))
      if (outcome !== '') {
        noteBeside(below, from, outcome)
        body.push(joined(below))
      }
      return
    }
    centred(above, (from + to) / 2, message)
    drawArrow(arrow, from, to, hop)
    centred(below, (from + to) / 2, outcome)
    body.push(joined(above), joined(arrow), joined(below))
  }

  /** Right of the lifeline; left of it when the text would run out of the ladder and has room there. */
  const noteBeside = (line: Line, x: number, text: string): void => {
    const width = widthOf(text)
    const room = right + Math.floor(pitch / 3)
    if (x + 2 + width > room && x - 2 - width > gutter) put(line, x - 2 - width, `${text} `)
    else put(line, x + 2, text)
  }

  const drawTimer = (row: Exclude<Step, { kind: 'hop' }>): void => {
    const line = lifelines()
    const { bar } = row
    const x = xOf.get(bar.place) ?? gutter
    put(line, 0, clockText(row.at))
    const starts = row.kind === 'timer starts'
    put(line, x, starts ? '[' : ']')
    const what = starts
      ? `timer starts: ${printable(bar.name)}, due ${clockText(bar.dueAt)}`
      : `timer ${timerEndText(bar)}: ${printable(bar.name)}`
    noteBeside(line, x, `${what}${bar.why === '' ? '' : ` [${printable(bar.why)}]`}`)
    body.push(joined(line))
  }

  for (const row of rows) {
    body.push(joined(lifelines()))
    if (row.kind === 'hop') drawHop(row.hop)
    else drawTimer(row)
  }

  const head: string[] = []
  const headerHeight = Math.max(0, ...labels.map((label) => label.length))
  for (let row = 0; row < headerHeight; row++) {
    const line: Line = []
    labels.forEach((label, index) => {
      // Names stand on the lifelines: the short ones start lower.
      const text = label[row - (headerHeight - label.length)] ?? ''
      const x = Math.max(0, Math.round(gutter + index * pitch - widthOf(text) / 2))
      if (text !== '') put(line, x, text)
    })
    head.push(joined(line))
  }

  return [...header(ladder), '', ...head, ...body, '', ...footer(ladder, run), ''].join('\n')
}

function drawArrow(line: Line, from: number, to: number, hop: HopEvent): void {
  const forward = to > from
  const left = Math.min(from, to) + 1
  const end = Math.max(from, to) - 1
  const length = end - left + 1
  const stroke = hop.status === 'lost' ? (i: number) => (i % 2 === 0 ? '-' : ' ') : () => '-'
  for (let i = 0; i < length; i++) put(line, left + i, stroke(i))
  const tag = `${hop.carrier}`
  if (length >= tag.length + 8) put(line, left + Math.floor((length - tag.length) / 2) - 1, ` ${tag} `)
  // A lost message stops short of its target; a refused one reaches it and is crossed out.
  if (hop.status === 'lost') {
    const stop = Math.max(2, Math.round(length * 0.8))
    for (let i = stop; i < length; i++) put(line, forward ? left + i : end - i, ' ')
    put(line, forward ? left + stop - 1 : end - stop + 1, 'x')
    return
  }
  const mark = hop.status === 'fail' ? 'X' : forward ? '>' : '<'
  put(line, forward ? end : left, mark)
}

function header(ladder: Ladder): string[] {
  const { flow } = ladder
  const rows: [string, string][] = [
    ['State', flow.state],
    ['From, to', `${printable(flow.from)} -> ${printable(flow.to)}`],
    ['Times', timesText(flow)],
    ['Budget', budgetText(flow)],
    ['Tracking', flow.tracking.map(printable).join(', ')],
    ['First cause', flow.cause === '' ? '' : `${printable(flow.cause)}${flow.causeWhy === '' ? '' : ` [${printable(flow.causeWhy)}]`}`],
    ['Belongs to', flow.linkedTo === null ? '' : `#${flow.linkedTo}`],
    ['Incomplete', ladder.cut ? 'the first hops are no longer kept; seek back to see them' : ''],
  ]
  const title = `#${flow.flow} ${printable(flow.title)}`
  return [
    title,
    '='.repeat(Math.min(100, widthOf(title))),
    ...rows.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(13)}${value}`),
  ]
}

function footer(ladder: Ladder, run: RunName | undefined): string[] {
  const lines: string[] = []
  if (ladder.pushes.length > 0) {
    lines.push('Pushes')
    for (const push of ladder.pushes) {
      const reason = push.reason === '' ? '' : `: ${printable(push.reason)}`
      lines.push(`  ${printable(push.id)}  ${push.purpose}, ${push.channel}, ${push.path} path, ${push.state}${reason}`)
    }
    lines.push('')
  }
  lines.push('---> reached and accepted   ---X reached and refused   - - x never arrived   * happened there   [ ] timer')
  if (run !== undefined) lines.push(`Run: ${printable(run.title)}${run.seed === null ? '' : `, seed ${run.seed}`} (Push Lab)`)
  lines.push(MODELLED_NOTE)
  return lines
}
