import { describe, expect, it } from 'vitest'
import { downToPhone, type Drawing, wayOfHop } from '../../../renderer/views/topology/hopWay.ts'
import { layoutTopology, type LayoutNode } from '../../../renderer/views/topology/layout.ts'
import { routeLinks } from '../../../renderer/views/topology/routes.ts'
import { neighbours } from '../../../renderer/views/topology/travel.ts'

const NODES: LayoutNode[] = [
  { id: 'push-rest', family: 'cloud', role: 'Push REST' },
  { id: 'firewall', family: 'edge', role: 'firewall' },
  { id: 'ucm-pub', family: 'ucm', role: 'publisher' },
]
const LINKS = [
  { id: 'out', a: 'ucm-pub', b: 'firewall' },
  { id: 'up', a: 'firewall', b: 'push-rest' },
]
const layout = layoutTopology(NODES, { width: 900, height: 500 })
const drawing: Drawing = {
  layout,
  routes: routeLinks(layout, LINKS),
  around: neighbours(LINKS),
  passesOn: (host) => host === 'firewall',
  isPhone: (host) => host.startsWith('phone'),
  toView: (point) => point,
  phoneTop: (id) => ({ x: id === 'phone-a' ? 100 : 300, y: 504 }),
  bottom: 500,
}
const way = (from: string, to: string) => wayOfHop({ from, to }, drawing)

describe('the way of a hop', () => {
  it('runs along the links between nodes, through what passes traffic on, and the same way back', () => {
    const out = way('ucm-pub/CPNS', 'push-rest')!
    expect(out.links).toEqual(['out', 'up'])
    expect(way('push-rest', 'ucm-pub')!.points).toEqual(out.points.toReversed())
  })

  it('is none where no link leads, nor from a node to itself', () => {
    expect(way('ucm-pub', 'elsewhere')).toBeNull()
    expect(way('ucm-pub/CPNS', 'ucm-pub/CallManager')).toBeNull()
  })

  it('goes down to a phone and ends at its card, above the others', () => {
    const points = downToPhone('ucm-pub', 'phone-a', drawing)
    expect(points.at(-1)).toEqual({ x: 100, y: 504 })
    expect(points.at(-2)!.x).toBe(100)
    expect(points.at(-2)!.y).toBeLessThanOrEqual(500)
    expect(way('phone-a', 'ucm-pub')!.points).toEqual(points.toReversed())
    expect(downToPhone('elsewhere', 'phone-a', drawing)).toEqual([])
  })

  it('between two phones stays below the map', () => {
    expect(way('phone-a', 'phone-b')).toEqual({
      points: [
        { x: 100, y: 504 },
        { x: 100, y: 495 },
        { x: 300, y: 495 },
        { x: 300, y: 504 },
      ],
      links: [],
    })
  })
})
