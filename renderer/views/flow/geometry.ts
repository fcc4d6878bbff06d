/**
 * Where everything on a ladder stands. Pure: a ladder and a width give columns, rows and bars in pixels;
 * drawing, scrolling and selection are LadderView's.
 */
import type { HopEvent, Ladder, LadderBar } from '../../../core/contract/index.ts'

/** One line of a ladder, from top to bottom. `blank` keeps two ladders side by side in step. */
export type Step =
  | { kind: 'hop'; at: number; hop: HopEvent }
  | { kind: 'timer starts'; at: number; bar: LadderBar }
  | { kind: 'timer ends'; at: number; bar: LadderBar }
  | { kind: 'running'; at: number; bar: LadderBar }
  | { kind: 'blank'; like: RoomKind }

export type RoomKind = 'arrow' | 'note' | 'timer'

/** Pixels above and below the line itself. */
export const ROOM: Record<RoomKind, readonly [above: number, below: number]> = {
  arrow: [27, 25],
  note: [20, 22],
  timer: [12, 10],
}

const ORDER = { hop: 0, 'timer starts': 1, 'timer ends': 2, running: 3 } as const

/** Hops in the order of the journal, the starts and ends of timers between them: at equal instants arrivals come first (DEC-25). */
export function stepsOf(ladder: Ladder): Step[] {
  const timed: Exclude<Step, { kind: 'blank' }>[] = ladder.hops.map((hop) => ({ kind: 'hop', at: hop.at, hop }))
  for (const bar of ladder.bars) {
    timed.push({ kind: 'timer starts', at: bar.startAt, bar })
    if (bar.endedAt === null) timed.push({ kind: 'running', at: Number.MAX_SAFE_INTEGER, bar })
    else timed.push({ kind: 'timer ends', at: bar.endedAt, bar })
  }
  return timed
    .map((step, given) => ({ step, given }))
    .toSorted((a, b) => a.step.at - b.step.at || ORDER[a.step.kind] - ORDER[b.step.kind] || a.given - b.given)
    .map(({ step }) => step)
}

export const isSelf = (hop: HopEvent): boolean => hop.from === hop.to

export const roomOf = (step: Step): RoomKind => {
  if (step.kind === 'blank') return step.like
  return step.kind === 'hop' ? (isSelf(step.hop) ? 'note' : 'arrow') : 'timer'
}

export type Column = { id: string; label: string; node: string; x: number; width: number }

export type Row = {
  step: Exclude<Step, { kind: 'blank' }>
  y: number
  top: number
  bottom: number
  /** Milliseconds since the row above; 0 for the first. */
  sinceMs: number
}

export type Bar = { bar: LadderBar; x: number; top: number; bottom: number; lane: number }

export type Layout = {
  width: number
  height: number
  gutter: number
  columns: Column[]
  rows: Row[]
  bars: Bar[]
}

export type LayoutOptions = {
  /** Room that there is; the ladder grows beyond it when its columns would get too narrow. */
  width: number
  gutter: number
  minPitch: number
  /** The steps to draw, when another ladder beside it needs blanks between them. */
  steps?: Step[]
}

const RIGHT_PAD = 12
const TOP_PAD = 4
const BAR_WIDTH = 7
const LANE = 11

export function layoutLadder(ladder: Ladder, options: LayoutOptions): Layout {
  const places = columnsOf(ladder)
  const room = options.width - options.gutter - RIGHT_PAD
  const pitch = Math.max(options.minPitch, places.length === 0 ? room : room / places.length)
  const columns = places.map((place, index) => ({ ...place, x: options.gutter + (index + 0.5) * pitch, width: pitch - 10 }))
  const xOf = new Map(columns.map((column) => [column.id, column.x]))

  const rows: Row[] = []
  let top = TOP_PAD
  let before: number | null = null
  for (const step of options.steps ?? stepsOf(ladder)) {
    const [above, below] = ROOM[roomOf(step)]
    if (step.kind !== 'blank') {
      const at: number | null = step.kind === 'running' ? before : step.at
      rows.push({
        step,
        y: top + above,
        top,
        bottom: top + above + below,
        sinceMs: before === null || at === null ? 0 : Math.max(0, at - before),
      })
      before = at
    }
    top += above + below
  }
  const height = top + 14

  const lanes = new Map<string, number>()
  const bars = ladder.bars.map((bar): Bar => {
    const lane = lanes.get(bar.place) ?? 0
    lanes.set(bar.place, lane + 1)
    const rowOf = (...kinds: Step['kind'][]): number | undefined =>
      rows.find((row) => row.step.kind !== 'hop' && row.step.bar === bar && kinds.includes(row.step.kind))?.y
    const from = rowOf('timer starts') ?? TOP_PAD
    const to = rowOf('timer ends', 'running') ?? height - 8
    return {
      bar,
      x: (xOf.get(bar.place) ?? options.gutter) - 6 - BAR_WIDTH - lane * LANE,
      top: from - 5,
      bottom: Math.max(from + 4, to + 3),
      lane,
    }
  })

  return {
    width: Math.max(options.width, options.gutter + places.length * pitch + RIGHT_PAD),
    height,
    gutter: options.gutter,
    columns,
    rows,
    bars,
  }
}

/** The columns, and any place that a hop names but the columns forgot: no arrow is left out. */
function columnsOf(ladder: Ladder): { id: string; label: string; node: string }[] {
  const places = new Map(ladder.places.map(({ id, label, node }) => [id, { id, label, node }]))
  const add = (id: string): void => {
    if (!places.has(id)) places.set(id, { id, label: id, node: '' })
  }
  for (const hop of ladder.hops) {
    add(hop.from)
    add(hop.to)
  }
  for (const bar of ladder.bars) add(bar.place)
  return [...places.values()]
}

/** Ends of the stroke and the point of the head. A lost message stops short of its target. */
export type Arrow = { x1: number; x2: number; way: 1 | -1; lost: boolean }

const LOST_REACH = 0.82

export function arrowOf(hop: HopEvent, layout: Layout): Arrow {
  const x = (place: string): number => layout.columns.find((column) => column.id === place)?.x ?? layout.gutter
  const from = x(hop.from)
  const to = x(hop.to)
  const lost = hop.status === 'lost'
  return { x1: from, x2: lost ? from + (to - from) * LOST_REACH : to, way: to >= from ? 1 : -1, lost }
}

/** Mean width of a character, generous, so that fitted text never runs out of the picture. */
const PX_PER_CHAR = 6.9

/** Cuts `text` to `widthPx` with an ellipsis. */
export function fitText(text: string, widthPx: number, pxPerChar = PX_PER_CHAR): string {
  const most = Math.max(1, Math.floor(widthPx / pxPerChar))
  const chars = Array.from(text)
  return chars.length <= most ? text : `${chars.slice(0, most - 1).join('')}…`
}

/** Text over an arrow: in its middle, but never over the clock nor out of the picture. */
export function centredText(text: string, middle: number, layout: Layout, pxPerChar = PX_PER_CHAR): { x: number; text: string } {
  const left = layout.gutter + 2
  const right = layout.width - 4
  const fitted = fitText(text, right - left, pxPerChar)
  const half = (Array.from(fitted).length * pxPerChar) / 2
  return { x: Math.min(right - half, Math.max(left + half, middle)), text: fitted }
}

/** Text beside a lifeline: at its right, or at its left where the right has no room. */
export function besideText(text: string, x: number, layout: Layout, longest = text): { x: number; anchor: 'start' | 'end'; text: string } {
  const rightRoom = layout.width - 4 - (x + 12)
  const leftRoom = x - 12 - layout.gutter
  const need = Array.from(longest).length * PX_PER_CHAR
  if (need <= rightRoom || rightRoom >= leftRoom) return { x: x + 12, anchor: 'start', text: fitText(text, rightRoom) }
  return { x: x - 12, anchor: 'end', text: fitText(text, leftRoom) }
}

/** Rows that a window of the scroller shows, with a margin, and always the one in use. */
export function rowsInView(rows: readonly Row[], scrollTop: number, heightPx: number, keep: number | null, marginPx = 400): Row[] {
  const from = scrollTop - marginPx
  const to = scrollTop + heightPx + marginPx
  return rows.filter((row) => (row.bottom >= from && row.top <= to) || (row.step.kind === 'hop' && row.step.hop.seq === keep))
}
