/** The tree on the left as a flat list of lines: what is unfolded, in order, ready to draw or to virtualise. */
import type { DeviceRow, FaultRow, LabRow, NodeFamily, NodeRow } from '../../../core/contract/index.ts'
import { deviceMark, type Mark, nodeMark } from '../../ui/state.ts'
import { formatCount, formatTime } from '../../ui/format.ts'

export type TreeLine = {
  id: string
  level: 1 | 2
  label: string
  /** Small text at the right end. */
  note: string
  mark: Mark | null
  /** Null for a leaf. */
  expanded: boolean | null
  /** What is selected by it; null for a group. */
  target: { kind: 'node' | 'device' | 'fault'; id: string } | null
  /** 1-based place among its siblings, and how many there are. */
  position: number
  siblings: number
}

export type TreeInput = {
  lab: LabRow | null
  nodes: Iterable<NodeRow>
  devices: Iterable<DeviceRow>
  faults: Iterable<FaultRow>
  folded: ReadonlySet<string>
  /** Lower-case text; only devices (and nodes) that contain it are shown. */
  filter: string
}

const FAMILIES: { family: NodeFamily; label: string; release: (lab: LabRow | null) => string }[] = [
  { family: 'ucm', label: 'Unified CM cluster', release: (lab) => lab?.releases.unifiedCm ?? '' },
  { family: 'imp', label: 'IM and Presence', release: (lab) => lab?.releases.presence ?? '' },
  { family: 'edge', label: 'Edge', release: () => '' },
  { family: 'cloud', label: 'Clouds', release: () => '' },
]

const nodeNote = (node: NodeRow): string => {
  if (node.state !== 'up') return node.state
  if (node.health !== 'up') return node.note === '' ? node.health : node.note
  if (node.mesh && node.mesh.sessions > 0) return `${formatCount(node.mesh.sessions)} sess.`
  return node.note
}

const deviceNote = (device: DeviceRow): string =>
  device.state === 'idle' ? `${device.client === 'deskphone' ? 'desk phone' : ''}` : device.state

/** A fault is a triangle while it is there: it makes things worse; what is down says so itself. */
const FAULT_MARK: Mark = { state: 'degraded', word: 'fault' }

const deviceText = (device: DeviceRow): string =>
  `${device.label} ${device.id} ${device.ownerName} ${device.lines.join(' ')} ${device.state} ${device.client}`.toLowerCase()

export const treeLines = ({ lab, nodes, devices, faults, folded, filter }: TreeInput): TreeLine[] => {
  const lines: TreeLine[] = []
  const groups: { id: string; label: string; note: string; children: Omit<TreeLine, 'position' | 'siblings' | 'level'>[] }[] = []
  const allNodes = [...nodes].filter((node) => filter === '' || `${node.label} ${node.id} ${node.role}`.toLowerCase().includes(filter))

  for (const { family, label, release } of FAMILIES) {
    const members = allNodes.filter((node) => node.family === family)
    if (members.length === 0) continue
    groups.push({
      id: `family.${family}`,
      label,
      note: release(lab),
      children: members.map((node) => ({
        id: `node.${node.id}`,
        label: node.label,
        note: nodeNote(node),
        mark: nodeMark(node),
        expanded: null,
        target: { kind: 'node', id: node.id },
      })),
    })
  }

  let total = 0
  const shown: DeviceRow[] = []
  for (const device of devices) {
    total += 1
    if (filter === '' || deviceText(device).includes(filter)) shown.push(device)
  }
  if (shown.length > 0) {
    groups.push({
      id: 'devices',
      label: 'Devices',
      note: shown.length === total ? String(total) : `${shown.length} of ${total}`,
      children: shown.map((device) => ({
        id: `device.${device.id}`,
        label: device.label,
        note: deviceNote(device),
        mark: deviceMark(device.state),
        expanded: null,
        target: { kind: 'device', id: device.id },
      })),
    })
  }

  const allFaults = [...faults]
  if (allFaults.length > 0 && filter === '') {
    groups.push({
      id: 'faults',
      label: 'Faults',
      note: String(allFaults.length),
      children: allFaults.map((fault) => ({
        id: `fault.${fault.id}`,
        label: fault.title,
        note: fault.left === null ? formatTime(fault.since).slice(0, -4) : `${fault.left} left`,
        mark: FAULT_MARK,
        expanded: null,
        target: { kind: 'fault', id: fault.id },
      })),
    })
  }

  groups.forEach((group, index) => {
    const expanded = !folded.has(group.id)
    lines.push({
      id: group.id,
      level: 1,
      label: group.label,
      note: group.note,
      mark: null,
      expanded,
      target: null,
      position: index + 1,
      siblings: groups.length,
    })
    if (!expanded) return
    group.children.forEach((child, at) => {
      lines.push({ ...child, level: 2, position: at + 1, siblings: group.children.length })
    })
  })
  return lines
}

export type TreeMove = { focus: string } | { fold: string } | { unfold: string } | null

/** What an arrow key means on the line `id` (WAI-ARIA tree). */
export const treeMove = (lines: readonly TreeLine[], id: string, key: string): TreeMove => {
  const at = lines.findIndex((line) => line.id === id)
  const line = lines[at]
  if (!line) return lines[0] ? { focus: lines[0].id } : null
  const to = (target: TreeLine | undefined): TreeMove => (target ? { focus: target.id } : null)
  switch (key) {
    case 'ArrowDown':
      return to(lines[at + 1])
    case 'ArrowUp':
      return to(lines[at - 1])
    case 'Home':
      return to(lines[0])
    case 'End':
      return to(lines.at(-1))
    case 'ArrowRight':
      if (line.expanded === false) return { unfold: line.id }
      return line.expanded ? to(lines[at + 1]) : null
    case 'ArrowLeft':
      if (line.expanded) return { fold: line.id }
      return to(lines.slice(0, at).findLast((above) => above.level < line.level))
    default:
      return null
  }
}
