/** A ladder as one self-contained picture: no scripts, no links, no fonts to fetch; every text is escaped. */
import type { Carrier, HopEvent } from '../contract/event.ts'
import type { Ladder, LadderBar } from '../contract/results.ts'
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
import type { RunName } from './words.ts'

export type SvgOptions = { theme: 'light' | 'dark'; run?: RunName }

type Palette = {
  paper: string
  box: string
  line: string
  text: string
  quiet: string
  ok: string
  warn: string
  bad: string
  sip: string
  cloud: string
  local: string
  token: string
  im: string
  admin: string
}

/** The window's tokens on paper: one hue per carrier, the same everywhere. */
const PALETTES: Record<SvgOptions['theme'], Palette> = {
  light: {
    paper: '#ffffff',
    box: '#f4f7fa',
    line: '#c3cdd8',
    text: '#17202b',
    quiet: '#475466',
    ok: '#18794e',
    warn: '#945c00',
    bad: '#c62a2f',
    sip: '#1463c0',
    cloud: '#6a3fd0',
    local: '#067a68',
    token: '#8a6400',
    im: '#b52366',
    admin: '#51606f',
  },
  dark: {
    paper: '#0d1116',
    box: '#181f28',
    line: '#3a4756',
    text: '#e7ecf2',
    quiet: '#a7b3c2',
    ok: '#53c98f',
    warn: '#f3b24a',
    bad: '#ff7272',
    sip: '#6ab0ff',
    cloud: '#b79bff',
    local: '#3fd3b8',
    token: '#e8c552',
    im: '#ff94bd',
    admin: '#9aa8b8',
  },
}

function hue(carrier: Carrier, palette: Palette): string {
  switch (carrier) {
    case 'SIP':
      return palette.sip
    case 'HTTPS':
    case 'APNs':
    case 'FCM':
      return palette.cloud
    case 'LPNS':
      return palette.local
    case 'OAuth':
      return palette.token
    case 'XMPP':
      return palette.im
    case 'CPNS':
    case 'SDL':
    case 'device':
    case 'admin':
      return palette.admin
  }
}

/** Room above and below the line of an arrow, of something at one place, and of a timer's start or end. */
const ROOM = { arrow: [28, 26], note: [22, 24], timer: [12, 10] } as const
const TOP = 138
const MARGIN = 20
const GUTTER = 104
const MIN_PITCH = 148
/** Wider than any browser's system font at that size, so that nothing is cut. */
const PX_PER_CHAR = 6.9
const BOLD_PX_PER_CHAR = 7.6

const MONO = `font-family="ui-monospace,'DejaVu Sans Mono',monospace"`

const escaped = (text: string): string =>
  printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

const textPx = (text: string): number => [...text].length * PX_PER_CHAR

const cut = (text: string, widthPx: number): string => {
  const chars = [...text]
  const fit = Math.max(1, Math.floor(widthPx / PX_PER_CHAR))
  return chars.length <= fit ? text : `${chars.slice(0, fit - 1).join('')}\u2026`
}

const boldCut = (text: string, widthPx: number): string => cut(text, (widthPx * PX_PER_CHAR) / BOLD_PX_PER_CHAR)

type Anchor = 'start' | 'middle' | 'end'

/** The whole picture, sized by its content. `theme: 'light'` is meant for paper and tickets. */
export function ladderSvg(ladder: Ladder, options: SvgOptions): string {
  const palette = PALETTES[options.theme]
  const places = allPlaces(ladder)
  const longest = Math.max(0, ...places.map((place) => [...place.label].length))
  const pitch = Math.min(230, Math.max(MIN_PITCH, longest * BOLD_PX_PER_CHAR + 34))
  const xOf = new Map(places.map((place, index) => [place.id, MARGIN + GUTTER + pitch / 2 + index * pitch]))
  const width = Math.max(720, MARGIN * 2 + GUTTER + places.length * pitch)
  const parts: string[] = []

  const text = (x: number, y: number, content: string, style: string, anchor: Anchor = 'start'): void => {
    if (content === '') return
    parts.push(`<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" ${style}>${escaped(content)}</text>`)
  }
  const fill = (colour: string, size = 12, weight = 400): string => `fill="${colour}" font-size="${size}" font-weight="${weight}"`
  const halo = `stroke="${palette.paper}" stroke-width="4" stroke-linejoin="round" paint-order="stroke"`
  /** Keeps a centred text inside the picture and off the clock. */
  const centred = (x: number, content: string): { x: number; content: string } => {
    const room = width - MARGIN - GUTTER - MARGIN
    const fitted = cut(content, room)
    const half = textPx(fitted) / 2
    return { x: Math.min(width - MARGIN - half, Math.max(MARGIN + GUTTER + half, x)), content: fitted }
  }

  // Every step gets its row first: the bars need to know where their ends lie.
  const rows = steps(ladder)
  const yOfRow: number[] = []
  let y = TOP + 12
  for (const row of rows) {
    const [above, below] = ROOM[row.kind !== 'hop' ? 'timer' : row.hop.from === row.hop.to ? 'note' : 'arrow']
    yOfRow.push(y + above)
    y += above + below
  }
  const bottom = y + 10

  const { flow } = ladder
  const stateHue = { good: palette.ok, bad: palette.bad, plain: palette.quiet }[stateMood(flow.state)]
  text(MARGIN, 32, cut(`#${flow.flow} ${flow.title}`, width - 2 * MARGIN), fill(palette.text, 18, 700))
  parts.push(
    `<text x="${MARGIN}" y="54" ${fill(palette.quiet)}><tspan ${fill(stateHue, 13, 700)}>${stateMark(flow.state)} ${escaped(flow.state)}</tspan><tspan dx="12">${escaped(timesText(flow))}</tspan></text>`,
  )
  const facts = [
    budgetText(flow),
    flow.tracking.length > 0 ? `tracking ${flow.tracking.join(', ')}` : '',
    flow.linkedTo === null ? '' : `belongs to #${flow.linkedTo}`,
    ladder.cut ? 'the first hops are no longer kept' : '',
  ].filter((fact) => fact !== '')
  text(MARGIN, 74, cut(facts.join(' \u00b7 '), width - 2 * MARGIN), fill(palette.quiet))
  if (flow.cause !== '') {
    const why = flow.causeWhy === '' ? '' : ` [${flow.causeWhy}]`
    text(MARGIN, 94, cut(`\u2716 First cause: ${flow.cause}${why}`, width - 2 * MARGIN), fill(palette.bad, 12, 600))
  }

  for (const place of places) {
    const x = xOf.get(place.id) ?? 0
    parts.push(`<path d="M${x.toFixed(1)} ${TOP}V${bottom}" stroke="${palette.line}" stroke-dasharray="3 4" fill="none"/>`)
    parts.push(
      `<rect x="${(x - pitch / 2 + 8).toFixed(1)}" y="${TOP - 30}" width="${(pitch - 16).toFixed(1)}" height="30" rx="7" fill="${palette.box}" stroke="${palette.line}"/>`,
    )
    text(x, TOP - 11, boldCut(place.label, pitch - 24), fill(palette.text, 12, 600), 'middle')
  }

  // Timers: a bar left of their place from the row of their start to the row of their end.
  const lanes = new Map<string, number>()
  const laneX = (bar: LadderBar, lane: number): number => (xOf.get(bar.place) ?? MARGIN + GUTTER) - 9 - lane * 11
  const drawBar = (bar: LadderBar): void => {
    const lane = lanes.get(bar.place) ?? 0
    lanes.set(bar.place, lane + 1)
    const rowOf = (kind: 'timer starts' | 'timer ends'): number => rows.findIndex((row) => row.kind === kind && row.bar === bar)
    const from = yOfRow[rowOf('timer starts')] ?? TOP
    const to = yOfRow[rowOf('timer ends')] ?? bottom - 8
    const colour = bar.fired ? palette.warn : palette.sip
    const open = bar.endedAt === null ? ' stroke-dasharray="3 3"' : ''
    parts.push(
      `<rect x="${(laneX(bar, lane) - 3.5).toFixed(1)}" y="${(from - 4).toFixed(1)}" width="7" height="${Math.max(8, to - from).toFixed(1)}" rx="3" fill="${colour}" fill-opacity="0.35" stroke="${colour}"${open}/>`,
    )
  }
  ladder.bars.forEach(drawBar)

  const drawTimerNote = (row: Exclude<(typeof rows)[number], { kind: 'hop' }>, rowY: number): void => {
    const { bar } = row
    const x = (xOf.get(bar.place) ?? MARGIN + GUTTER) + 10
    const what =
      row.kind === 'timer starts' ? `timer starts: ${bar.name}, due ${clockText(bar.dueAt)}` : `timer ${timerEndText(bar)}: ${bar.name}`
    const colour = row.kind === 'timer ends' && bar.fired ? palette.warn : palette.quiet
    text(MARGIN, rowY, clockText(row.at), `${fill(palette.quiet, 11)} ${MONO}`)
    text(x, rowY, cut(`${what}${bar.why === '' ? '' : ` [${bar.why}]`}`, width - MARGIN - x), `${fill(colour, 11, 500)} ${halo}`)
  }

  const drawHop = (hop: HopEvent, rowY: number): void => {
    const from = xOf.get(hop.from) ?? MARGIN + GUTTER
    const to = xOf.get(hop.to) ?? MARGIN + GUTTER
    const bad = hop.status === 'fail' || hop.status === 'lost'
    const colour = bad ? palette.bad : hop.status === 'warn' ? palette.warn : hue(hop.carrier, palette)
    const why = [hop.why, hopMs(hop) > 0 ? spanText(hopMs(hop)) : ''].filter((part) => part !== '').join(', ')
    const outcome = `${outcomeText(hop)}${why === '' ? '' : ` [${why}]`}`.trim()
    text(MARGIN, rowY + 4, clockText(hop.at), `${fill(palette.quiet, 11)} ${MONO}`)
    if (from === to) {
      parts.push(`<circle cx="${from.toFixed(1)}" cy="${rowY - 6}" r="4.5" fill="${colour}"/>`)
      const beside = textPx(`${hop.message}${outcome}`) / 1.6
      const flip = from + 14 + beside > width - MARGIN
      const x = flip ? from - 12 : from + 12
      const room = flip ? x - MARGIN - GUTTER : width - MARGIN - x
      const anchor = flip ? 'end' : 'start'
      text(x, rowY - 2, cut(hop.message, room), `${fill(colour, 12, 600)} ${halo}`, anchor)
      text(x, rowY + 12, cut(outcome, room), `${fill(palette.quiet, 11)} ${halo}`, anchor)
      return
    }
    const way = to > from ? 1 : -1
    const end = hop.status === 'lost' ? from + (to - from) * 0.8 : to
    const dash = hop.status === 'lost' ? ' stroke-dasharray="6 4"' : ''
    parts.push(
      `<path d="M${from.toFixed(1)} ${rowY}H${(end - way * 3).toFixed(1)}" stroke="${colour}" stroke-width="2" fill="none"${dash}/>`,
    )
    if (bad) {
      const x = hop.status === 'lost' ? end : end - way * 8
      parts.push(`<path d="M${(x - 5).toFixed(1)} ${rowY - 5}l10 10m0 -10l-10 10" stroke="${colour}" stroke-width="2.5" fill="none"/>`)
    } else {
      parts.push(`<path d="M${end.toFixed(1)} ${rowY}l${-way * 9} -5v10z" fill="${colour}"/>`)
    }
    const middle = (from + to) / 2
    const above = centred(middle, `${hop.message} \u00b7 ${hop.carrier}`)
    text(above.x, rowY - 8, above.content, `${fill(colour, 12, 600)} ${halo}`, 'middle')
    const below = centred(middle, outcome)
    text(below.x, rowY + 16, below.content, `${fill(palette.quiet, 11)} ${halo}`, 'middle')
  }
  rows.forEach((row, index) => {
    const rowY = yOfRow[index] ?? bottom
    if (row.kind === 'hop') drawHop(row.hop, rowY)
    else drawTimerNote(row, rowY)
  })

  const run = options.run === undefined ? '' : `Run: ${options.run.title}${options.run.seed === null ? '' : `, seed ${options.run.seed}`}. `
  text(MARGIN, bottom + 26, cut(`${run}${MODELLED_NOTE}`, width - 2 * MARGIN), fill(palette.quiet, 11))
  const height = bottom + 44
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}" role="img" font-family="Inter,'Segoe UI',Helvetica,Arial,sans-serif">`,
    `<title>${escaped(`#${flow.flow} ${flow.title}, ${flow.state}`)}</title>`,
    `<rect width="100%" height="100%" fill="${palette.paper}"/>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

type Mood = 'good' | 'bad' | 'plain'

function stateMood(state: Ladder['flow']['state']): Mood {
  switch (state) {
    case 'answered':
    case 'delivered':
    case 'done':
      return 'good'
    case 'missed':
    case 'dropped':
    case 'failed':
      return 'bad'
    case 'in progress':
    case 'ringing':
    case 'ended':
    case 'declined':
    case 'diverted':
    case 'waiting for tap':
      return 'plain'
  }
}

const stateMark = (state: Ladder['flow']['state']): string => ({ good: '\u25cf', bad: '\u2716', plain: '\u25cb' })[stateMood(state)]
