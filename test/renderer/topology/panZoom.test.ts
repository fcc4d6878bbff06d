import { describe, expect, it } from 'vitest'
import { bringIntoSight, clampView, fitted, toStage, ZOOM_MAX, ZOOM_MIN, zoomAt } from '../../../renderer/views/topology/panZoom.ts'

const stage = { width: 700, height: 300 }

describe('pan and zoom', () => {
  it('keeps the point under the pointer where it is', () => {
    const v = zoomAt({ k: 1, x: 10, y: 20 }, 1.5, 200, 100)
    expect(v.k).toBe(1.5)
    // (200 - 10) / 1 of the drawing was under the pointer, and still is.
    expect(v.x + 190 * v.k).toBe(200)
    expect(v.y + 80 * v.k).toBe(100)
  })

  it('stops at its limits', () => {
    let v = { k: 1, x: 0, y: 0 }
    for (let i = 0; i < 50; i++) v = zoomAt(v, 1.2, 0, 0)
    expect(v.k).toBe(ZOOM_MAX)
    for (let i = 0; i < 50; i++) v = zoomAt(v, 1 / 1.2, 0, 0)
    expect(v.k).toBe(ZOOM_MIN)
  })

  it('never loses the drawing out of sight', () => {
    const drawing = { width: 700, height: 300 }
    expect(clampView({ k: 1, x: 5_000, y: -5_000 }, drawing, stage)).toEqual({ k: 1, x: 620, y: -220 })
  })

  it('fits the whole drawing in the middle', () => {
    expect(fitted({ width: 1_000, height: 400, scale: 0.5 }, stage)).toEqual({ k: 0.5, x: 100, y: 50 })
  })

  it('moves as little as needed to show a thing', () => {
    const v = { k: 1, x: 0, y: 0 }
    expect(bringIntoSight(v, { x: 100, y: 100, width: 50, height: 50 }, stage)).toBe(v)
    const moved = bringIntoSight(v, { x: 690, y: 290, width: 50, height: 50 }, stage)
    const at = toStage(moved, { x: 690, y: 290, width: 50, height: 50 })
    expect(at.x + at.width).toBe(692)
    expect(at.y + at.height).toBe(292)
  })
})
