import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contains, overlaps } from '../../../renderer/views/topology/geometry.ts'
import { type LayoutNode, layoutTopology } from '../../../renderer/views/topology/layout.ts'
import { routeLinks } from '../../../renderer/views/topology/routes.ts'

export type Size = { ucm: number; imp: number; proxy: boolean; expressway: boolean }

export const labOf = ({ ucm, imp, proxy, expressway }: Size): { nodes: LayoutNode[]; links: { id: string; a: string; b: string }[] } => {
  const nodes: LayoutNode[] = []
  const links: { id: string; a: string; b: string }[] = []
  const link = (a: string, b: string) => links.push({ id: `${a}~${b}`, a, b })
  const exit = proxy ? 'proxy' : 'firewall'
  for (let i = 0; i < ucm; i++) {
    const id = i === 0 ? 'ucm-pub' : `ucm-sub${i}`
    nodes.push({ id, family: 'ucm', role: i === 0 ? 'publisher' : 'subscriber' })
    link(id, exit)
    for (let j = 0; j < i; j++) link(j === 0 ? 'ucm-pub' : `ucm-sub${j}`, id)
    if (expressway) link(id, 'expressway-c')
  }
  for (let i = 0; i < imp; i++) {
    const id = i === 0 ? 'imp-pub' : `imp-sub${i}`
    nodes.push({ id, family: 'imp', role: 'subscriber' })
    link(id, exit)
    if (i > 0) link('imp-pub', id)
  }
  nodes.push({ id: 'firewall', family: 'edge', role: 'firewall' })
  if (proxy) {
    nodes.push({ id: 'proxy', family: 'edge', role: 'proxy' })
    link('proxy', 'firewall')
  }
  if (expressway) {
    nodes.push({ id: 'expressway-c', family: 'edge', role: 'Expressway-C' }, { id: 'expressway-e', family: 'edge', role: 'Expressway-E' })
    link('expressway-c', 'expressway-e')
  }
  for (const id of ['push-rest', 'apns', 'fcm', 'ci', 'fos']) nodes.push({ id, family: 'cloud', role: id })
  for (const id of ['push-rest', 'ci', 'fos']) link('firewall', id)
  for (const id of ['apns', 'fcm', ...nodes.filter((n) => n.family === 'ucm' || n.family === 'imp').map((n) => n.id)]) link('devices', id)
  if (expressway) link('devices', 'expressway-e')
  link('push-rest', 'apns')
  link('push-rest', 'fcm')
  return { nodes, links }
}

/** What the window leaves for the drawing at 1280x720 and at 1600x1000, bottom panel open. */
const SMALL = { width: 724, height: 224 }
const LARGE = { width: 1044, height: 430 }

describe('layout of the topology', () => {
  it('keeps every box inside its zone, apart from every other, for 1 to 20 nodes with or without proxy, Expressway and presence', () => {
    fc.assert(
      fc.property(
        fc.record({
          ucm: fc.integer({ min: 1, max: 20 }),
          imp: fc.integer({ min: 0, max: 6 }),
          proxy: fc.boolean(),
          expressway: fc.boolean(),
        }),
        fc.record({ width: fc.integer({ min: 480, max: 1900 }), height: fc.integer({ min: 160, max: 900 }) }),
        (size, area) => {
          const { nodes } = labOf(size)
          const l = layoutTopology(nodes, area)
          expect(l.boxes.size).toBe(nodes.length)
          const boxes = [...l.boxes.values()]
          // One assertion for all pairs: of three hundred labs they are two hundred thousand.
          const wrong: string[] = []
          for (const [i, a] of boxes.entries()) {
            const zone = l.zones.find((z) => z.name === a.zone)!
            if (!contains(zone, a)) wrong.push(`${a.id} outside ${zone.name}`)
            for (const b of boxes.slice(i + 1)) if (overlaps(a, b)) wrong.push(`${a.id} over ${b.id}`)
          }
          expect(wrong).toEqual([])
          for (const [i, z] of l.zones.entries()) for (const o of l.zones.slice(i + 1)) expect(overlaps(z, o)).toBe(false)
          expect(l.width * l.scale).toBeLessThanOrEqual(Math.max(320, area.width) + 0.5)
          expect(l.height * l.scale).toBeLessThanOrEqual(Math.max(120, area.height) + 0.5)
        },
      ),
      { numRuns: 300, seed: 7 },
    )
  })

  it('draws three nodes with everything at full size in both window sizes', () => {
    for (const area of [SMALL, LARGE]) {
      const l = layoutTopology(labOf({ ucm: 3, imp: 2, proxy: true, expressway: true }).nodes, area)
      expect(l.scale).toBe(1)
    }
    expect(layoutTopology(labOf({ ucm: 3, imp: 2, proxy: true, expressway: true }).nodes, SMALL).density).toBe('compact')
    expect(layoutTopology(labOf({ ucm: 3, imp: 2, proxy: true, expressway: true }).nodes, LARGE).density).toBe('roomy')
  })

  it('keeps the largest cluster of 20 nodes legible at 1600x1000 and whole at 1280x720', () => {
    const { nodes } = labOf({ ucm: 20, imp: 6, proxy: true, expressway: true })
    expect(layoutTopology(nodes, LARGE).scale).toBeGreaterThan(0.85)
    expect(layoutTopology(nodes, SMALL).scale).toBeGreaterThan(0.5)
  })

  it('is the same for the same lab, and stands the clouds above the edge above the cluster', () => {
    const { nodes } = labOf({ ucm: 2, imp: 1, proxy: true, expressway: false })
    const l = layoutTopology(nodes, LARGE)
    expect(layoutTopology(nodes, LARGE)).toEqual(l)
    expect(l.zones.map((z) => z.name)).toEqual(['Clouds', 'Edge', 'Cluster'])
    expect(l.zones.map((z) => z.y)).toEqual(l.zones.map((z) => z.y).toSorted((a, b) => a - b))
  })

  it('leaves out zones that have nothing in them', () => {
    const l = layoutTopology([{ id: 'ucm-pub', family: 'ucm', role: 'publisher' }], LARGE)
    expect(l.zones.map((z) => z.name)).toEqual(['Cluster'])
    expect(layoutTopology([], LARGE).zones).toEqual([])
  })
})

describe('routes of the links', () => {
  it('lets no link cross a box, whatever the size of the lab', () => {
    fc.assert(
      fc.property(
        fc.record({
          ucm: fc.integer({ min: 1, max: 20 }),
          imp: fc.integer({ min: 0, max: 6 }),
          proxy: fc.boolean(),
          expressway: fc.boolean(),
        }),
        fc.constantFrom(SMALL, LARGE),
        (size, area) => {
          const { nodes, links } = labOf(size)
          const l = layoutTopology(nodes, area)
          const routes = routeLinks(l, links)
          expect(routes.size).toBe(links.length)
          const crossings: string[] = []
          for (const [id, route] of routes) {
            for (let i = 1; i < route.points.length; i++) {
              const a = route.points[i - 1]!
              const b = route.points[i]!
              const segment = {
                x: Math.min(a.x, b.x),
                y: Math.min(a.y, b.y),
                width: Math.abs(a.x - b.x) + 0.1,
                height: Math.abs(a.y - b.y) + 0.1,
              }
              for (const box of l.boxes.values()) {
                const inner = { x: box.x + 1, y: box.y + 1, width: box.width - 2, height: box.height - 2 }
                if (overlaps(segment, inner)) crossings.push(`${id} over ${box.id}`)
              }
            }
          }
          expect(crossings).toEqual([])
        },
      ),
      { numRuns: 60, seed: 11 },
    )
  })

  it('starts at the rim of the first end and stops at the rim of the second', () => {
    const { nodes, links } = labOf({ ucm: 5, imp: 2, proxy: true, expressway: true })
    const l = layoutTopology(nodes, SMALL)
    const rail = { x: 0, y: l.height, width: l.width, height: 0 }
    for (const link of links) {
      const { points } = routeLinks(l, links).get(link.id)!
      for (const [end, place] of [
        [points[0]!, l.boxes.get(link.a) ?? rail],
        [points.at(-1)!, l.boxes.get(link.b) ?? rail],
      ] as const) {
        expect(end.x).toBeGreaterThanOrEqual(place.x - 0.01)
        expect(end.x).toBeLessThanOrEqual(place.x + place.width + 0.01)
        expect(end.y).toBeGreaterThanOrEqual(place.y - 0.01)
        expect(end.y).toBeLessThanOrEqual(place.y + place.height + 0.01)
      }
    }
  })

  it('says nothing of links whose ends are not drawn', () => {
    const l = layoutTopology([{ id: 'ucm-pub', family: 'ucm', role: 'publisher' }], LARGE)
    expect(routeLinks(l, [{ id: 'ana~wifi', a: 'ana', b: 'wifi' }]).size).toBe(0)
  })
})
