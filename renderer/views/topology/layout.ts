/**
 * Where every node of the lab stands: zones from the clouds down to the cluster, boxes in rows. A pure
 * function of the nodes and the area, so that the same lab always looks the same. Pixels throughout.
 */
import type { NodeFamily } from '../../../core/contract/rows.ts'
import type { Rect } from './geometry.ts'

export type Density = 'roomy' | 'compact' | 'mini'
export type ZoneName = 'Clouds' | 'Edge' | 'Cluster'

export type LayoutNode = { id: string; family: NodeFamily; role: string }
export type Box = Rect & { id: string; family: NodeFamily; zone: ZoneName; row: number }
export type Zone = Rect & { name: ZoneName; rows: number }

export type Layout = {
  density: Density
  /** Size of the drawing before scaling. */
  width: number
  height: number
  /** Factor that fits the drawing into the area; 1 or less. */
  scale: number
  zones: Zone[]
  boxes: Map<string, Box>
  /** Free height between two zones, where links run. */
  gutter: number
  pad: number
  gap: number
}

type Metrics = {
  margin: number
  pad: number
  gap: number
  gutter: number
  /** Below the last zone, where the links to the devices end. */
  bottom: number
  /** Column at the left of each zone that holds its name. */
  label: number
  cloud: { min: number; max: number; height: number }
  edge: { min: number; max: number; height: number }
  ucm: { min: number; max: number; height: number }
  imp: { min: number; max: number; height: number }
}

const METRICS: Record<Density, Metrics> = {
  roomy: {
    margin: 12,
    pad: 12,
    gap: 18,
    gutter: 24,
    bottom: 26,
    label: 62,
    cloud: { min: 118, max: 150, height: 48 },
    edge: { min: 126, max: 150, height: 44 },
    ucm: { min: 190, max: 252, height: 132 },
    imp: { min: 132, max: 150, height: 54 },
  },
  compact: {
    margin: 5,
    pad: 5,
    gap: 14,
    gutter: 14,
    bottom: 14,
    label: 57,
    cloud: { min: 90, max: 130, height: 32 },
    edge: { min: 104, max: 130, height: 28 },
    ucm: { min: 156, max: 236, height: 84 },
    imp: { min: 128, max: 140, height: 35 },
  },
  mini: {
    margin: 6,
    pad: 6,
    gap: 12,
    gutter: 16,
    bottom: 14,
    label: 55,
    cloud: { min: 84, max: 130, height: 30 },
    edge: { min: 96, max: 130, height: 30 },
    ucm: { min: 124, max: 190, height: 56 },
    imp: { min: 92, max: 130, height: 22 },
  },
}

const DENSITIES: readonly Density[] = ['roomy', 'compact', 'mini']

/** A large cluster is drawn wider than the area and scaled down; these are the widths tried. */
const STRETCH = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.75, 2, 2.4, 2.8] as const

/** Push REST stands between the two platform clouds because it talks to both. */
const CLOUD_ORDER = ['apns', 'push-rest', 'fcm', 'ci', 'fos', 'webex-cloud']

const cloudRank = (n: LayoutNode): number => {
  const at = CLOUD_ORDER.indexOf(n.id.toLowerCase())
  return at === -1 ? CLOUD_ORDER.length : at
}

/** What belongs to mobile and remote access stands at the right, the way out to the clouds at the left. */
const edgeRank = (n: LayoutNode): number => {
  const word = `${n.id} ${n.role}`.toLowerCase()
  if (word.includes('expressway-c')) return 8
  if (word.includes('expressway-e')) return 9
  if (word.includes('proxy')) return 0
  if (word.includes('firewall')) return 1
  return 2
}

const inOrder = <T>(items: readonly T[], rank: (t: T) => number): T[] =>
  items
    .map((item, i) => ({ item, i, r: rank(item) }))
    .toSorted((a, b) => a.r - b.r || a.i - b.i)
    .map((e) => e.item)

/** Most columns that fit, then as many rows as needed with the columns evened out. */
function grid(count: number, width: number, min: number, gap: number): { cols: number; rows: number } {
  if (count === 0) return { cols: 0, rows: 0 }
  const most = Math.max(1, Math.floor((width + gap) / (min + gap)))
  const rows = Math.ceil(count / most)
  return { cols: Math.ceil(count / rows), rows }
}

function layoutAt(nodes: readonly LayoutNode[], width: number, density: Density): Layout {
  const m = METRICS[density]
  const boxes = new Map<string, Box>()
  const zones: Zone[] = []
  const left = m.margin + m.label
  const contentWidth = width - left - m.margin - m.pad
  let y = m.margin

  const openZone = (name: ZoneName, rows: number, height: number): Zone => {
    const zone = { name, rows, x: m.margin, y, width: width - 2 * m.margin, height: height + 2 * m.pad }
    zones.push(zone)
    y += zone.height + m.gutter
    return zone
  }
  const put = (n: LayoutNode, zone: Zone, row: number, x: number, top: number, w: number, h: number) =>
    boxes.set(n.id, { id: n.id, family: n.family, zone: zone.name, row, x, y: top, width: w, height: h })

  const clouds = inOrder(
    nodes.filter((n) => n.family === 'cloud'),
    cloudRank,
  )
  if (clouds.length > 0) {
    const { cols, rows } = grid(clouds.length, contentWidth, m.cloud.min, m.gap)
    const zone = openZone('Clouds', rows, rows * m.cloud.height + (rows - 1) * m.gap)
    const w = Math.min(m.cloud.max, (contentWidth - m.gap * (cols - 1)) / cols)
    const stride = cols > 1 ? (contentWidth - w) / (cols - 1) : 0
    clouds.forEach((n, i) => {
      const row = Math.floor(i / cols)
      put(n, zone, row, left + (i % cols) * stride, zone.y + m.pad + row * (m.cloud.height + m.gap), w, m.cloud.height)
    })
  }

  const edge = inOrder(
    nodes.filter((n) => n.family === 'edge'),
    edgeRank,
  )
  if (edge.length > 0) {
    const { cols, rows } = grid(edge.length, contentWidth, m.edge.min, m.gap)
    const zone = openZone('Edge', rows, rows * m.edge.height + (rows - 1) * m.gap)
    const w = Math.min(m.edge.max, (contentWidth - m.gap * (cols - 1)) / cols)
    const stride = cols > 1 ? Math.min(w + 4 * m.gap, (contentWidth - w) / (cols - 1)) : 0
    const outward = edge.filter((n) => edgeRank(n) < 8)
    const remote = edge.filter((n) => edgeRank(n) >= 8)
    if (rows === 1) {
      // Under Push REST, so that the way out is short and straight.
      const pushRest = boxes.get('push-rest')
      const wanted = pushRest ? pushRest.x + pushRest.width / 2 - w / 2 - Math.max(0, outward.length - 1) * stride : left
      const rightmost = left + contentWidth - edge.length * w - (edge.length - 1) * m.gap
      const start = Math.max(left, Math.min(wanted, rightmost))
      outward.forEach((n, i) => put(n, zone, 0, start + i * Math.min(stride, w + 4 * m.gap), zone.y + m.pad, w, m.edge.height))
      remote.forEach((n, i) =>
        put(n, zone, 0, left + contentWidth - (remote.length - i) * w - (remote.length - 1 - i) * m.gap, zone.y + m.pad, w, m.edge.height),
      )
      // A crowded row gives up its alignment before it lets two boxes overlap.
      const lastOut = outward.at(-1)
      const firstRemote = remote[0]
      if (lastOut && firstRemote) {
        const end = boxes.get(lastOut.id)
        const begin = boxes.get(firstRemote.id)
        if (end && begin && end.x + end.width + m.gap > begin.x)
          edge.forEach((n, i) =>
            put(n, zone, 0, left + (cols > 1 ? (i * (contentWidth - w)) / (cols - 1) : 0), zone.y + m.pad, w, m.edge.height),
          )
      }
    } else {
      edge.forEach((n, i) => {
        const row = Math.floor(i / cols)
        put(n, zone, row, left + (i % cols) * (w + m.gap), zone.y + m.pad + row * (m.edge.height + m.gap), w, m.edge.height)
      })
    }
  }

  const ucm = nodes.filter((n) => n.family === 'ucm')
  const imp = nodes.filter((n) => n.family === 'imp')
  if (ucm.length + imp.length > 0) {
    // IM and Presence nodes stand at the right, in as few columns as the height of the others allows.
    const ucmWidthFor = (columns: number): number =>
      ucm.length === 0 ? 0 : Math.max(m.ucm.min, contentWidth - (columns > 0 ? columns * (m.imp.min + m.gap) + m.gap / 2 : 0))
    const heightOf = (rows: number, height: number): number => rows * height + Math.max(0, rows - 1) * m.gap
    let impColumns = ucm.length === 0 ? grid(imp.length, contentWidth, m.imp.min, m.gap).cols : Math.min(1, imp.length)
    while (ucm.length > 0 && impColumns < imp.length) {
      const beside = grid(ucm.length, ucmWidthFor(impColumns), m.ucm.min, m.gap).rows
      if (heightOf(Math.ceil(imp.length / impColumns), m.imp.height) <= heightOf(beside, m.ucm.height)) break
      impColumns++
    }
    const impWidth = impColumns * m.imp.min + Math.max(0, impColumns - 1) * m.gap
    const ucmRegion = ucmWidthFor(impColumns)
    const { cols, rows } = grid(ucm.length, ucmRegion, m.ucm.min, m.gap)
    const impRows = impColumns === 0 ? 0 : Math.ceil(imp.length / impColumns)
    const ucmHeight = heightOf(rows, m.ucm.height)
    const impStep = m.imp.height + m.gap
    const impHeight = heightOf(impRows, m.imp.height)
    const height = Math.max(ucmHeight, impHeight)
    const zone = openZone('Cluster', Math.max(rows, impRows), height)
    if (ucm.length > 0) {
      const w = Math.min(m.ucm.max, (ucmRegion - m.gap * (cols - 1)) / cols)
      const used = cols * w + (cols - 1) * m.gap
      const spread = cols > 1 ? Math.min(m.gap * 3, (ucmRegion - cols * w) / (cols - 1)) : 0
      const step = w + Math.max(m.gap, spread)
      const offset = imp.length > 0 ? 0 : Math.max(0, (ucmRegion - Math.max(used, (cols - 1) * step + w)) / 2)
      ucm.forEach((n, i) => {
        const row = Math.floor(i / cols)
        put(n, zone, row, left + offset + (i % cols) * step, zone.y + m.pad + row * (m.ucm.height + m.gap), w, m.ucm.height)
      })
    }
    imp.forEach((n, i) => {
      const column = Math.floor(i / impRows)
      const row = i % impRows
      const x = left + contentWidth - impWidth + column * (m.imp.min + m.gap)
      put(n, zone, row, x, zone.y + m.pad + row * impStep, m.imp.min, m.imp.height)
    })
  }

  const height = zones.length > 0 ? y - m.gutter + m.bottom : 2 * m.margin
  return { density, width, height, scale: 1, zones, boxes, gutter: m.gutter, pad: m.pad, gap: m.gap }
}

/** Wide enough for its widest row: nothing sticks out of its zone. */
function fitsAcross(l: Layout): boolean {
  const m = METRICS[l.density]
  const boxes = [...l.boxes.values()]
  const inside = boxes.every((b) => b.x >= 0 && b.x + b.width <= l.width - l.pad && b.width >= m[b.family].min - 0.01)
  const ucmEnd = Math.max(...boxes.filter((b) => b.family === 'ucm').map((b) => b.x + b.width))
  const impStart = Math.min(...boxes.filter((b) => b.family === 'imp').map((b) => b.x))
  return inside && ucmEnd + l.gap <= impStart
}

/** Gives spare height to the gutters between the zones, where the links run. */
function spreadDown(l: Layout, height: number): Layout {
  const gaps = l.zones.length - 1
  const spare = height - l.height
  if (spare <= 0) return l
  const extra = gaps > 0 ? Math.min(36, (spare * 0.7) / gaps) : 0
  const shift = new Map<ZoneName, number>()
  l.zones.forEach((z, i) => {
    shift.set(z.name, i * extra)
    z.y += i * extra
  })
  for (const b of l.boxes.values()) b.y += shift.get(b.zone) ?? 0
  return { ...l, height: l.height + gaps * extra, gutter: l.gutter + extra }
}

/** The most legible arrangement that fits the area; a very large lab is scaled down as little as possible. */
export function layoutTopology(nodes: readonly LayoutNode[], area: { width: number; height: number }): Layout {
  const width = Math.max(320, area.width)
  const height = Math.max(120, area.height)
  let best: Layout | null = null
  for (const density of DENSITIES) {
    const plain = layoutAt(nodes, width, density)
    if (plain.height <= height && fitsAcross(plain)) return spreadDown(plain, height)
    for (const stretch of STRETCH) {
      const tried = stretch === 1 ? plain : layoutAt(nodes, width * stretch, density)
      if (!fitsAcross(tried)) continue
      const scale = Math.min(1, width / tried.width, height / tried.height)
      // A smaller density must earn its loss of detail.
      if (!best || scale * LEGIBILITY[density] > best.scale * LEGIBILITY[best.density]) best = { ...tried, scale }
    }
  }
  return best ?? { ...layoutAt(nodes, width * 3, 'mini'), scale: 1 / 3 }
}

/** A mini card at full size reads as well as a roomy one at this fraction. */
const LEGIBILITY: Record<Density, number> = { roomy: 1, compact: 1.12, mini: 1.2 }
