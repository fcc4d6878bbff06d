/** Size and place of the window, kept between runs, and brought back only to where a screen still is. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'

export type Box = { x: number; y: number; width: number; height: number }
export type WindowState = { box: Box; maximized: boolean }

const WANTED = { width: 1600, height: 1000 }
export const SMALLEST = { width: 960, height: 600 }
/** So much of the window must lie on a screen, or nobody finds it again. */
const GRIP = { width: 160, height: 80 }

/** `screens` are work areas in device-independent pixels, the primary one first. */
export function placeWindow(remembered: WindowState | null, screens: readonly Box[]): WindowState {
  const main = screens[0] ?? { x: 0, y: 0, ...WANTED }
  if (remembered !== null) {
    const box = {
      ...remembered.box,
      width: Math.max(remembered.box.width, SMALLEST.width),
      height: Math.max(remembered.box.height, SMALLEST.height),
    }
    if (screens.some((screen) => shows(screen, box))) return { box, maximized: remembered.maximized }
  }
  const width = Math.min(WANTED.width, main.width)
  const height = Math.min(WANTED.height, main.height)
  const box = { x: main.x + Math.round((main.width - width) / 2), y: main.y + Math.round((main.height - height) / 2), width, height }
  return { box, maximized: remembered?.maximized ?? false }
}

/** Null when there is no file or it is not ours: a window state is never worth an error. */
export function readWindowState(path: string): WindowState | null {
  try {
    const { box, maximized } = JSON.parse(readFileSync(path, 'utf8'))
    const numbers: unknown[] = [box.x, box.y, box.width, box.height]
    if (!numbers.every((n) => Number.isSafeInteger(n) && Math.abs(Number(n)) < 100_000)) return null
    return { box: { x: box.x, y: box.y, width: box.width, height: box.height }, maximized: maximized === true }
  } catch {
    return null
  }
}

/** Written aside and renamed, so that a crash leaves the old file. A full disk costs only the memory of the place. */
export function writeWindowState(path: string, state: WindowState): void {
  try {
    writeFileSync(`${path}.new`, JSON.stringify(state))
    renameSync(`${path}.new`, path)
  } catch {
    return
  }
}

function shows(screen: Box, box: Box): boolean {
  const width = Math.min(screen.x + screen.width, box.x + box.width) - Math.max(screen.x, box.x)
  const height = Math.min(screen.y + screen.height, box.y + box.height) - Math.max(screen.y, box.y)
  // The title bar is at the top: it must not lie above the screen.
  return width >= GRIP.width && height >= GRIP.height && box.y >= screen.y - 8
}
