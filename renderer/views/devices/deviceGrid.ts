/** Geometry, filter and look of the grid of many devices. Pure; pixels of the page, not of the screen. */
import type { DeviceRow } from '../../../core/contract/index.ts'

export type DeviceState = DeviceRow['state']

/** What the colour of a cell tells: how the device is, or whether a message reaches it. */
export type GridBy = 'state' | 'messages'

export type StateLook = {
  state: string
  word: string
  /** Stands in the cell when it is large enough. */
  letter: string
  /** Token of its colour. */
  token: string
  shape: 'dot' | 'ring' | 'triangle' | 'hollow triangle' | 'square' | 'cross' | 'dash'
}

/** In the order of the legend; the position is the code of a cell. A state is colour and shape and word. */
export const LOOKS: readonly StateLook[] = [
  { state: 'idle', word: 'ready', letter: 'R', token: '--ok', shape: 'dot' },
  { state: 'suspended', word: 'suspended', letter: 'S', token: '--idle', shape: 'ring' },
  { state: 'waking', word: 'waking', letter: 'W', token: '--local', shape: 'hollow triangle' },
  { state: 'ringing', word: 'ringing', letter: '!', token: '--accent', shape: 'triangle' },
  { state: 'in call', word: 'in call', letter: 'C', token: '--cloud', shape: 'square' },
  { state: 'unreachable', word: 'unreachable', letter: 'U', token: '--bad', shape: 'cross' },
  { state: 'signed out', word: 'signed out', letter: 'O', token: '--admin', shape: 'dash' },
]

/** Whether a message reaches it now; `not yet` waits for a takeover, a rebuild or its own login (HA-07 to HA-09). */
export const MESSAGE_LOOKS: readonly StateLook[] = [
  { state: 'over XMPP', word: 'over XMPP', letter: 'X', token: '--ok', shape: 'dot' },
  { state: 'by push', word: 'by push', letter: 'P', token: '--cloud', shape: 'ring' },
  { state: 'not yet', word: 'not yet', letter: 'N', token: '--warn', shape: 'triangle' },
  { state: 'not reached', word: 'not reached', letter: 'U', token: '--bad', shape: 'cross' },
  { state: 'no messages', word: 'no messages here', letter: 'O', token: '--admin', shape: 'dash' },
]

export const LOOKS_BY: Record<GridBy, readonly StateLook[]> = { state: LOOKS, messages: MESSAGE_LOOKS }

function messageStateOf({ client, im, messageReach }: Pick<DeviceRow, 'client' | 'im' | 'messageReach'>): string {
  if (client !== 'jabber' || im === 'not used' || messageReach.verdict === 'unknown') return 'no messages'
  if (messageReach.verdict === 'yes') return messageReach.path === 'XMPP' ? 'over XMPP' : 'by push'
  return messageReach.text.startsWith('Not before') ? 'not yet' : 'not reached'
}
export const stateBy = (d: DeviceRow, by: GridBy): string => (by === 'state' ? d.state : messageStateOf(d))

const CODES = new Map(Object.values(LOOKS_BY).flatMap((looks) => looks.map((l, i) => [l.state, i] as const)))
/** Position in the legend that the state belongs to. */
export const codeOf = (state: string): number => CODES.get(state) ?? 0

export type Grid = { count: number; cell: number; cols: number; rows: number; width: number; height: number }

export const CELL_MIN = 5
export const CELL_MAX = 36
/** From this size on a cell holds its letter. */
export const LETTER_CELL = 14
/** Cell sizes of the zoom. */
export const CELLS: readonly number[] = [5, 6, 8, 10, 12, 14, 18, 24, 30, 36]

export function gridOf(count: number, cell: number, width: number): Grid {
  const cols = Math.max(1, Math.floor(width / cell))
  const rows = Math.ceil(count / cols)
  return { count, cell, cols, rows, width: cols * cell, height: rows * cell }
}

/** The largest cell with which all devices are in sight at once; the smallest when none does. */
export function fittingCell(count: number, width: number, height: number): number {
  for (const cell of CELLS.toReversed()) if (gridOf(count, cell, width).height <= height) return cell
  return CELL_MIN
}

export const nextCell = (cell: number, direction: 1 | -1): number =>
  direction === 1 ? (CELLS.find((c) => c > cell) ?? CELL_MAX) : (CELLS.findLast((c) => c < cell) ?? CELL_MIN)

/** Index of the device at a point of the whole grid; -1 beside it. */
export function indexAt(g: Grid, x: number, y: number): number {
  if (x < 0 || y < 0 || x >= g.cols * g.cell) return -1
  const i = Math.floor(y / g.cell) * g.cols + Math.floor(x / g.cell)
  return i < g.count ? i : -1
}

export const cellAt = (g: Grid, index: number): { x: number; y: number; row: number; col: number } => {
  const row = Math.floor(index / g.cols)
  const col = index % g.cols
  return { x: col * g.cell, y: row * g.cell, row, col }
}

/** Where a key moves the cursor; null for keys that do not move it. */
export function moveBy(g: Grid, index: number, key: string, page: number): number | null {
  const last = g.count - 1
  if (last < 0) return null
  const step = (by: number): number => (index + by >= 0 && index + by <= last ? index + by : index)
  switch (key) {
    case 'ArrowRight':
      return step(1)
    case 'ArrowLeft':
      return step(-1)
    case 'ArrowDown':
      return step(g.cols)
    case 'ArrowUp':
      return step(-g.cols)
    case 'PageDown':
      return Math.min(last, index + g.cols * Math.max(1, page))
    case 'PageUp':
      return Math.max(0, index - g.cols * Math.max(1, page))
    case 'Home':
      return 0
    case 'End':
      return last
    default:
      return null
  }
}

export type DeviceFilter = { text: string; states: ReadonlySet<string>; by?: GridBy }

/** All words must occur somewhere in what is known of the device; no state chosen means every state. */
export function matcher(filter: DeviceFilter): (d: DeviceRow) => boolean {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((w) => w !== '')
  const { states, by = 'state' } = filter
  if (words.length === 0) return states.size === 0 ? () => true : (d) => states.has(stateBy(d, by))
  return (d) => (states.size === 0 || states.has(stateBy(d, by))) && words.every((w) => textOf(d).includes(w))
}

// Rows are replaced whole when they change: what was put together for one holds as long as it does.
const texts = new WeakMap<DeviceRow, string>()
function textOf(d: DeviceRow): string {
  const known = texts.get(d)
  if (known !== undefined) return known
  const text =
    `${d.label} ${d.id} ${d.ownerName} ${d.lines.join(' ')} ${d.client} ${d.clientRelease} ${d.os} ${d.osRelease} ${d.pool} ${d.registeredTo ?? ''} ${d.imNode ?? ''} ${d.network.wifi ?? ''} ${d.reach.path}`.toLowerCase()
  texts.set(d, text)
  return text
}

export function countStates(devices: Iterable<DeviceRow>, by: GridBy = 'state'): number[] {
  const counts = LOOKS_BY[by].map(() => 0)
  for (const d of devices) {
    const code = codeOf(stateBy(d, by))
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}

/** Indices in [from, to) whose code differs from what is drawn; `drawn` is brought up to date. */
export function dirtyCells(codes: Uint8Array, drawn: Uint8Array, from: number, to: number): number[] {
  const dirty: number[] = []
  for (let i = from; i < to; i++) {
    if (codes[i] === drawn[i]) continue
    drawn[i] = codes[i] as number
    dirty.push(i)
  }
  return dirty
}
