/**
 * How links run between the boxes: straight to a neighbour, else along lanes in the gutters, so that no
 * link crosses a box. Pure; pixels of the drawing.
 */
import type { Box, Layout, Zone } from './layout.ts'
import { type Point, withoutRepeats } from './geometry.ts'

export type LinkEnds = { id: string; a: string; b: string }

export type Route = {
  /** From `a` to `b`. */
  points: Point[]
  /** Where the mark of a fault stands: a piece that no other link shares, when there is one. */
  mark: Point
  /** Between two neighbours, or between zones; the others run around and stay quiet until something happens. */
  plain: boolean
}

const LANE_STEP = 5
/** Half the height of a mark, so that the one at the rail is whole. */
const MARK_ROOM = 10
/** All devices of a lab share one end: the rail at the lower rim of the drawing. */
export const DEVICES = 'devices'

const boxesOfZone = (layout: Layout, zone: Zone): Box[] => [...layout.boxes.values()].filter((b) => b.zone === zone.name)

/** The free x nearest to `x` at which a vertical line passes between the boxes of a zone. */
function freeX(layout: Layout, zone: Zone, x: number): number {
  const clear = layout.gap / 2
  const blocked = boxesOfZone(layout, zone).map((b) => [b.x - clear + 1, b.x + b.width + clear - 1] as const)
  const free = (v: number) => blocked.every(([from, to]) => v <= from || v >= to)
  if (free(x)) return x
  let best = zone.x + 4
  for (const [from, to] of blocked)
    for (const v of [from, to]) if (free(v) && v > zone.x && v < zone.x + zone.width && Math.abs(v - x) < Math.abs(best - x)) best = v
  return best
}

/** True when a box of the same zone stands between this one and the rim of the zone, on that side. */
const covered = (layout: Layout, box: Box, side: 'above' | 'below'): boolean =>
  [...layout.boxes.values()].some(
    (o) =>
      o.id !== box.id &&
      o.zone === box.zone &&
      o.x < box.x + box.width &&
      box.x < o.x + o.width &&
      (side === 'above' ? o.y < box.y : o.y > box.y),
  )

export function routeLinks(layout: Layout, links: readonly LinkEnds[]): Map<string, Route> {
  const routes = new Map<string, Route>()
  const zoneIndex = new Map(layout.zones.map((z, i) => [z.name, i]))
  const degree = new Map<string, number>()
  const lanes = new Map<string, number>()
  for (const link of links) {
    if (!layout.boxes.has(link.a) || !layout.boxes.has(link.b)) continue
    degree.set(link.a, (degree.get(link.a) ?? 0) + 1)
    degree.set(link.b, (degree.get(link.b) ?? 0) + 1)
  }
  /** Links to different targets run in different lanes; links to one target share theirs like a bus. */
  const laneOf = (target: string): number => {
    const known = lanes.get(target)
    if (known !== undefined) return known
    const order = [0, 1, -1]
    const lane = order[lanes.size % order.length] ?? 0
    lanes.set(target, lane)
    return lane
  }

  for (const link of links) {
    if (link.a === DEVICES || link.b === DEVICES) {
      const way = toDevices(layout, link.a === DEVICES ? link.b : link.a)
      if (way) routes.set(link.id, link.a === DEVICES ? { ...way, points: way.points.toReversed() } : way)
      continue
    }
    const a = layout.boxes.get(link.a)
    const b = layout.boxes.get(link.b)
    if (!a || !b || a.id === b.id) continue
    const za = zoneIndex.get(a.zone) ?? 0
    const zb = zoneIndex.get(b.zone) ?? 0
    let found: Route
    if (za === zb) found = inZone(layout, a, b)
    else {
      const [upper, lower] = za < zb ? [a, b] : [b, a]
      const hub = (degree.get(upper.id) ?? 0) >= (degree.get(lower.id) ?? 0) ? upper : lower
      found = betweenZones(layout, upper, lower, laneOf(hub.id), hub === upper ? 'lower' : 'upper')
      if (upper === b) found = { ...found, points: found.points.toReversed() }
    }
    routes.set(link.id, found)
  }
  return routes
}

function inZone(layout: Layout, a: Box, b: Box): Route {
  const [l, r] = a.x <= b.x ? [a, b] : [b, a]
  const sameRow = l.y < r.y + r.height && r.y < l.y + l.height
  const between = [...layout.boxes.values()].some(
    (o) =>
      o !== l &&
      o !== r &&
      o.zone === l.zone &&
      o.x > l.x &&
      o.x < r.x &&
      o.y < Math.min(l.y + l.height, r.y + r.height) &&
      o.y + o.height > Math.max(l.y, r.y),
  )
  if (sameRow && !between && r.x >= l.x + l.width) {
    const y = (Math.max(l.y, r.y) + Math.min(l.y + l.height, r.y + r.height)) / 2
    const points = [
      { x: l.x + l.width, y },
      { x: r.x, y },
    ]
    return {
      points: l === a ? points : points.toReversed(),
      // Above the boxes: the gap between them is narrower than a mark.
      mark: { x: (l.x + l.width + r.x) / 2, y: Math.max(l.y, r.y) - MARK_ROOM },
      plain: true,
    }
  }
  const [up, low] = a.y <= b.y ? [a, b] : [b, a]
  const overX = up.x < low.x + low.width && low.x < up.x + up.width
  if (!sameRow && overX && low.y - (up.y + up.height) <= layout.gap + 1) {
    const x = (Math.max(up.x, low.x) + Math.min(up.x + up.width, low.x + low.width)) / 2
    const points = [
      { x, y: up.y + up.height },
      { x, y: low.y },
    ]
    return { points: up === a ? points : points.toReversed(), mark: { x, y: (up.y + up.height + low.y) / 2 }, plain: true }
  }
  // Around the boxes between them: down, along the floor of the zone, and up again.
  const zone = layout.zones.find((z) => z.name === a.zone)
  const floor = zone ? zone.y + zone.height - layout.pad / 2 : Math.max(a.y + a.height, b.y + b.height)
  const drop = downTo(layout, a, floor)
  const rise = downTo(layout, b, floor)
  const from = drop.at(-1) as Point
  const to = rise.at(-1) as Point
  return {
    points: withoutRepeats([...drop, ...rise.toReversed()]),
    mark: { x: (from.x + to.x) / 2, y: floor + MARK_ROOM - layout.pad / 2 },
    plain: false,
  }
}

/** Off the middle, where the links between the zones leave. */
const DOWN_PORT = 0.25

/** From a box to a lane below it: straight down, or beside the boxes that stand in the way. */
function downTo(layout: Layout, box: Box, floor: number): Point[] {
  if (!covered(layout, box, 'below'))
    return [
      { x: box.x + box.width * DOWN_PORT, y: box.y + box.height },
      { x: box.x + box.width * DOWN_PORT, y: floor },
    ]
  const beside = box.x - layout.gap / 2
  return [
    { x: box.x, y: box.y + box.height / 2 },
    { x: beside, y: box.y + box.height / 2 },
    { x: beside, y: floor },
  ]
}

function betweenZones(layout: Layout, upper: Box, lower: Box, lane: number, unshared: 'upper' | 'lower'): Route {
  const zones = layout.zones
  const lowerZone = zones.findIndex((z) => z.name === lower.zone)
  const upperZone = zones.findIndex((z) => z.name === upper.zone)
  const laneY = (below: number): number => (zones[below]?.y ?? 0) - layout.gutter / 2 + lane * LANE_STEP
  const port = (box: Box): number => box.x + box.width / 2 + lane * 8

  const path: Point[] = []
  let x = port(upper)
  // Leaves the upper box downwards, or sideways when another box stands below it.
  if (covered(layout, upper, 'below')) {
    path.push({ x: upper.x, y: upper.y + upper.height / 2 })
    x = upper.x - layout.gap / 2
    path.push({ x, y: upper.y + upper.height / 2 })
  } else path.push({ x, y: upper.y + upper.height })
  const firstX = x
  for (let below = upperZone + 1; below <= lowerZone; below++) {
    path.push({ x, y: laneY(below) })
    const passed = zones[below]
    if (below < lowerZone && passed) {
      const through = freeX(layout, passed, x)
      path.push({ x: through, y: laneY(below) })
      x = through
    }
  }
  let lastX = port(lower)
  if (covered(layout, lower, 'above')) {
    lastX = lower.x - layout.gap / 2
    path.push({ x: lastX, y: laneY(lowerZone) }, { x: lastX, y: lower.y + lower.height / 2 }, { x: lower.x, y: lower.y + lower.height / 2 })
  } else path.push({ x: lastX, y: laneY(lowerZone) }, { x: lastX, y: lower.y })
  const mark = unshared === 'lower' ? { x: lastX, y: laneY(lowerZone) } : { x: firstX, y: laneY(upperZone + 1) }
  return { points: withoutRepeats(path), mark, plain: true }
}

/**
 * The way from a box to the rail of the devices: cluster nodes straight down, clouds and edge around the
 * cluster, as the traffic of a phone does not pass through Unified CM nodes.
 */
export const wayToPhones = (layout: Layout, id: string): Point[] | null => toDevices(layout, id)?.points ?? null

function toDevices(layout: Layout, id: string): Route | null {
  const box = layout.boxes.get(id)
  const zone = layout.zones.find((z) => z.name === box?.zone)
  if (!box || !zone) return null
  const floor = zone.y + zone.height
  if (layout.zones.at(-1) === zone) {
    const out = downTo(layout, box, floor)
    const end = out.at(-1) as Point
    return { points: [...out, { x: end.x, y: layout.height }], mark: { x: end.x, y: layout.height - MARK_ROOM }, plain: true }
  }
  // A lane of its own, above those of the other links.
  const lane = floor + layout.gutter / 2 - 2 * LANE_STEP
  const out = downTo(layout, box, lane)
  const end = out.at(-1) as Point
  const rim = end.x < layout.width / 2 ? 2 : layout.width - 2
  return { points: withoutRepeats([...out, { x: rim, y: lane }, { x: rim, y: layout.height }]), mark: { x: end.x, y: lane }, plain: true }
}
