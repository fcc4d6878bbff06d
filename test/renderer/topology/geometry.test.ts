import { describe, expect, it } from 'vitest'
import { lengthOf, nearestInDirection, overlaps, pointAlong, roundedPath } from '../../../renderer/views/topology/geometry.ts'

const box = (x: number, y: number) => ({ x, y, width: 10, height: 10 })

describe('geometry', () => {
  it('tells touching from overlapping', () => {
    expect(overlaps(box(0, 0), box(10, 0))).toBe(false)
    expect(overlaps(box(0, 0), box(9.9, 0))).toBe(true)
  })

  it('walks along a path by its length, not by its corners', () => {
    const path = [
      { x: 0, y: 0 },
      { x: 30, y: 0 },
      { x: 30, y: 10 },
    ]
    expect(lengthOf(path)).toBe(40)
    expect(pointAlong(path, 0.5)).toEqual({ x: 20, y: 0 })
    expect(pointAlong(path, 1)).toEqual({ x: 30, y: 10 })
    expect(pointAlong(path, 2)).toEqual({ x: 30, y: 10 })
    expect(pointAlong([], 0.5)).toBeNull()
  })

  it('rounds corners no further than half a side', () => {
    expect(
      roundedPath(
        [
          { x: 0, y: 0 },
          { x: 4, y: 0 },
          { x: 4, y: 100 },
        ],
        8,
      ),
    ).toBe('M0 0L2 0Q4 0 4 2L4 100')
  })

  it('finds the neighbour in the direction of an arrow key, and none at the rim', () => {
    const items = [
      ['right', box(40, 2)],
      ['far right', box(90, 0)],
      ['below', box(3, 40)],
      ['diagonal', box(30, 60)],
    ] as const
    expect(nearestInDirection(box(0, 0), items, 'right')).toBe('right')
    expect(nearestInDirection(box(40, 2), items, 'right')).toBe('far right')
    expect(nearestInDirection(box(0, 0), items, 'down')).toBe('below')
    expect(nearestInDirection(box(0, 0), items, 'up')).toBeNull()
    expect(nearestInDirection(box(0, 0), items, 'left')).toBeNull()
  })
})
