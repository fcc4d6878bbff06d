/** The phones under the map: which of them, how large, and where each stands. Pure; pixels of the view. */
import type { DeviceRow } from '../../../core/contract/index.ts'
import { localLine } from '../devices/face.ts'
import type { Rect } from './geometry.ts'

/** The Devices tab has them all. */
export const PHONES_SHOWN = 12
/** Of those further back, so many that are selected or busy come forward. */
const FORWARD = 4
const WIDTH = 150
const GAP = 12
const PAD = 14
/** Below this height of the view the phones are small. */
const ROOMY_HEIGHT = 600

const isActive = (device: DeviceRow): boolean => device.screen.call !== null || device.state === 'waking'

/** The first ones, and whoever is selected or busy instead of the last idle ones: nobody moves needlessly. */
export function phonesShown(devices: ReadonlyMap<string, DeviceRow>, selectedId: string): DeviceRow[] {
  if (devices.size <= PHONES_SHOWN) return [...devices.values()]
  const first: DeviceRow[] = []
  const wanted: DeviceRow[] = []
  for (const device of devices.values()) {
    if (first.length < PHONES_SHOWN) first.push(device)
    else if (device.id === selectedId) wanted.unshift(device)
    else if (wanted.length < FORWARD && isActive(device)) wanted.push(device)
  }
  const extra = wanted.slice(0, FORWARD)
  return [...first.slice(0, PHONES_SHOWN - extra.length), ...extra]
}

export type RowSize = { compact: boolean; phonePx: number; rowPx: number }

export function rowSize(viewPx: number, phones: readonly DeviceRow[]): RowSize {
  const compact = viewPx < ROOMY_HEIGHT
  // One line more under the phones where they may have local push; the glass gives it, not the map.
  const localPx = phones.some((device) => localLine(device) !== null) ? 18 : 0
  const phonePx = compact ? Math.round(Math.min(150, Math.max(110, viewPx * 0.28))) : 196 - localPx
  return { compact, phonePx, rowPx: phones.length === 0 ? 48 : phonePx + (compact ? 44 : 66 + localPx) }
}

/** The glass of the phone at this index of a row that begins at `top` and is scrolled by `scrolled`. */
export const phoneRect = (index: number, top: number, scrolled: number, height: number): Rect => ({
  x: PAD + index * (WIDTH + GAP) - scrolled,
  y: top,
  width: WIDTH,
  height,
})
