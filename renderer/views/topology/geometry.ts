/** Plane geometry of the topology: rectangles, paths and "what lies to the right of this". All lengths in pixels. */

export type Point = { x: number; y: number }
export type Rect = { x: number; y: number; width: number; height: number }
export type Direction = 'left' | 'right' | 'up' | 'down'

export const centreOf = (r: Rect): Point => ({ x: r.x + r.width / 2, y: r.y + r.height / 2 })

/** True when the two share area; touching edges do not count. */
export const overlaps = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

export const contains = (outer: Rect, inner: Rect): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height

const distance = (a: Point, b: Point): number => Math.hypot(b.x - a.x, b.y - a.y)

export function lengthOf(path: readonly Point[]): number {
  let sum = 0
  for (let i = 1; i < path.length; i++) sum += distance(path[i - 1] as Point, path[i] as Point)
  return sum
}

/** The point at `fraction` (0..1) of the length of `path`; null for an empty path. */
export function pointAlong(path: readonly Point[], fraction: number): Point | null {
  const first = path[0]
  if (!first) return null
  let left = lengthOf(path) * Math.min(1, Math.max(0, fraction))
  for (let i = 1; i < path.length; i++) {
    const a = path[i - 1] as Point
    const b = path[i] as Point
    const step = distance(a, b)
    if (left <= step && step > 0) return { x: a.x + ((b.x - a.x) * left) / step, y: a.y + ((b.y - a.y) * left) / step }
    left -= step
  }
  return path[path.length - 1] ?? first
}

/** SVG path data with rounded corners of at most `radius`. */
export function roundedPath(path: readonly Point[], radius: number): string {
  const first = path[0]
  if (!first) return ''
  const n = (v: number) => String(Math.round(v * 10) / 10)
  let d = `M${n(first.x)} ${n(first.y)}`
  for (let i = 1; i < path.length; i++) {
    const corner = path[i] as Point
    const before = path[i - 1] as Point
    const after = path[i + 1]
    if (!after) {
      d += `L${n(corner.x)} ${n(corner.y)}`
      break
    }
    const inLength = distance(before, corner)
    const outLength = distance(corner, after)
    const r = Math.min(radius, inLength / 2, outLength / 2)
    if (r < 0.5) {
      d += `L${n(corner.x)} ${n(corner.y)}`
      continue
    }
    const a = { x: corner.x + ((before.x - corner.x) * r) / inLength, y: corner.y + ((before.y - corner.y) * r) / inLength }
    const b = { x: corner.x + ((after.x - corner.x) * r) / outLength, y: corner.y + ((after.y - corner.y) * r) / outLength }
    d += `L${n(a.x)} ${n(a.y)}Q${n(corner.x)} ${n(corner.y)} ${n(b.x)} ${n(b.y)}`
  }
  return d
}

/** Drops points that repeat their neighbour. */
export const withoutRepeats = (path: readonly Point[]): Point[] =>
  path.filter((p, i) => {
    const before = path[i - 1]
    return !before || Math.abs(before.x - p.x) > 0.01 || Math.abs(before.y - p.y) > 0.01
  })

/** Gap between two ranges on one axis; 0 when they overlap. */
const gap = (a0: number, a1: number, b0: number, b1: number): number => Math.max(0, b0 - a1, a0 - b1)

/** How much worse it is to lie off the axis than to lie far along it. */
const SIDEWAYS_WEIGHT = 3

/** Arrow keys: the key of the item that lies nearest to `from` in this direction, or null at the rim. */
export function nearestInDirection<K>(from: Rect, items: Iterable<readonly [K, Rect]>, direction: Direction): K | null {
  const c = centreOf(from)
  let best: K | null = null
  let bestScore = Infinity
  for (const [key, rect] of items) {
    const p = centreOf(rect)
    const horizontal = direction === 'left' || direction === 'right'
    const along = horizontal ? p.x - c.x : p.y - c.y
    const ahead = direction === 'left' || direction === 'up' ? -along : along
    if (ahead <= 1) continue
    const sideways = horizontal
      ? gap(from.y, from.y + from.height, rect.y, rect.y + rect.height)
      : gap(from.x, from.x + from.width, rect.x, rect.x + rect.width)
    const off = horizontal ? Math.abs(p.y - c.y) : Math.abs(p.x - c.x)
    const score = ahead + SIDEWAYS_WEIGHT * sideways + off * 0.1
    if (score < bestScore) {
      bestScore = score
      best = key
    }
  }
  return best
}
