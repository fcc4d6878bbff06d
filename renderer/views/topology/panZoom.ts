/** The part of the drawing that is in sight: pure arithmetic, pixels of the stage. */
import type { Rect } from './geometry.ts'

export type ViewBox = { k: number; x: number; y: number }
type Size = { width: number; height: number }

export const ZOOM_MIN = 0.3
export const ZOOM_MAX = 3
export const ZOOM_STEP = 1.2
/** So much of the drawing always stays in sight. */
const KEEP_PX = 80

/** The whole drawing, in the middle. */
export const fitted = (drawing: Size & { scale: number }, stage: Size): ViewBox => ({
  k: drawing.scale,
  x: Math.max(0, (stage.width - drawing.width * drawing.scale) / 2),
  y: Math.max(0, (stage.height - drawing.height * drawing.scale) / 2),
})

export const clampView = (v: ViewBox, drawing: Size, stage: Size): ViewBox => ({
  k: v.k,
  x: Math.min(stage.width - KEEP_PX, Math.max(KEEP_PX - drawing.width * v.k, v.x)),
  y: Math.min(stage.height - KEEP_PX, Math.max(KEEP_PX - drawing.height * v.k, v.y)),
})

/** Zooms by `factor` so that the point (px, py) of the stage stays where it is. */
export function zoomAt(v: ViewBox, factor: number, px: number, py: number): ViewBox {
  const k = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, v.k * factor))
  const f = k / v.k
  return { k, x: px - (px - v.x) * f, y: py - (py - v.y) * f }
}

export const toStage = (v: ViewBox, r: Rect): Rect => ({
  x: v.x + r.x * v.k,
  y: v.y + r.y * v.k,
  width: r.width * v.k,
  height: r.height * v.k,
})

/** Moves the view as little as possible so that `r` (of the drawing) is in sight. */
export function bringIntoSight(v: ViewBox, r: Rect, stage: Size): ViewBox {
  const at = toStage(v, r)
  const edge = 8
  const dx =
    at.x < edge ? edge - at.x : at.x + at.width > stage.width - edge ? Math.max(edge - at.x, stage.width - edge - at.x - at.width) : 0
  const dy =
    at.y < edge ? edge - at.y : at.y + at.height > stage.height - edge ? Math.max(edge - at.y, stage.height - edge - at.y - at.height) : 0
  return dx === 0 && dy === 0 ? v : { k: v.k, x: v.x + dx, y: v.y + dy }
}
