/** The way of a hop over the drawing: along the links between nodes, or down to the phones. Pure; pixels of the view. */
import type { HopEvent } from '../../../core/contract/index.ts'
import { type Point, withoutRepeats } from './geometry.ts'
import type { Layout } from './layout.ts'
import { DEVICES, type Route, wayToPhones } from './routes.ts'
import { hostOf, type neighbours, type Passes, routeBetween } from './travel.ts'
import type { Way } from './useTravel.ts'

/** The drawing as it stands now. */
export type Drawing = {
  layout: Layout
  routes: ReadonlyMap<string, Route>
  around: ReturnType<typeof neighbours>
  passesOn: Passes
  isPhone: (host: string) => boolean
  /** From the map to the view. */
  toView: (point: Point) => Point
  /** Where a hop to this phone ends. */
  phoneTop: (id: string) => Point
  /** Lower end of the map: here ways run sideways to the phones. */
  bottom: number
}

/** Room between the map's lower end and the ways above the phones. */
const LANE_PX = 5

const alongLinks = (from: string, to: string, drawing: Drawing): Way | null => {
  const legs = routeBetween(drawing.around, from, to, drawing.passesOn)
  if (!legs) return null
  const points: Point[] = []
  for (const leg of legs) {
    const route = drawing.routes.get(leg.link)
    if (!route) continue
    points.push(...(leg.forward ? route.points : route.points.toReversed()).map(drawing.toView))
  }
  return { points, links: legs.map((leg) => leg.link) }
}

/** From a node to a phone; empty where the drawing has no such way. */
export function downToPhone(node: string, device: string, drawing: Drawing): Point[] {
  const path = wayToPhones(drawing.layout, node)?.map(drawing.toView)
  const last = path?.at(-1)
  if (!path || !last) return []
  const end = drawing.phoneTop(device)
  const lane = Math.min(end.y - 4, Math.max(last.y, drawing.bottom - LANE_PX))
  return withoutRepeats([...path, { x: last.x, y: lane }, { x: end.x, y: lane }, end])
}

export function wayOfHop(hop: Pick<HopEvent, 'from' | 'to'>, drawing: Drawing): Way | null {
  const from = hostOf(hop.from)
  const to = hostOf(hop.to)
  const fromPhone = drawing.isPhone(from)
  const toPhone = drawing.isPhone(to)
  if (fromPhone && toPhone) {
    const [start, end] = [drawing.phoneTop(from), drawing.phoneTop(to)]
    const lane = drawing.bottom - LANE_PX
    return { points: [start, { x: start.x, y: lane }, { x: end.x, y: lane }, end], links: [] }
  }
  if (!fromPhone && !toPhone) {
    const known = alongLinks(from, to, drawing)
    return known && known.points.length > 1 ? known : null
  }
  const [node, phone] = fromPhone ? [to, from] : [from, to]
  const path = downToPhone(node, phone, drawing)
  if (path.length < 2) return null
  const link = drawing.around.get(node)?.find((next) => next.to === DEVICES || next.to === phone)
  return { points: fromPhone ? path.toReversed() : path, links: link ? [link.leg.link] : [] }
}
