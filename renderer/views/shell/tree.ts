/**
 * The tree on the left as a flat list of lines: what is unfolded, in order. A line is made when it is asked for, since
 * of 15,000 devices forty are in sight.
 */
import type { DeviceRow, FaultRow, LabRow, NodeFamily, NodeRow } from '../../../core/contract/index.ts'
import { deviceMark, type Mark, nodeMark, notRunning } from '../../ui/state.ts'
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

/** As it should be: said in the inspector, not in a column that holds sixteen letters. */
const USUAL = /^access token until /

const nodeNote = (node: NodeRow, faultTitle: (id: string) => string): string => {
  if (node.state !== 'up') return node.state
  // Why it is not well, before how it is otherwise.
  if (node.health !== 'up') return [...node.faults.map(faultTitle), notRunning(node), node.note].find((text) => text !== '') ?? node.health
  const unusual = node.note.split(', ').filter((part) => part !== '' && !USUAL.test(part))
  if (unusual.length === 0 && node.mesh && node.mesh.sessions > 0) return `${formatCount(node.mesh.sessions)} sess.`
  // What a cloud is for stands on its card.
  return node.family === 'cloud' ? '' : unusual.join(', ')
}

const deviceNote = (device: DeviceRow): string =>
  device.state === 'idle' ? `${device.client === 'deskphone' ? 'desk phone' : ''}` : device.state

/** A fault is a triangle while it is there: it makes things worse; what is down says so itself. */
const FAULT_MARK: Mark = { state: 'degraded', word: 'fault' }

const deviceText = (device: DeviceRow): string =>
  `${device.label} ${device.id} ${device.ownerName} ${device.lines.join(' ')} ${device.state} ${device.client}`.toLowerCase()

type Member = { id: string }
type Group = {
  id: string
  label: string
  note: string
  members: readonly Member[]
  /** What its members are, and the first part of their lines' IDs. */
  kind: 'node' | 'device' | 'fault'
  draw: (member: Member) => Pick<TreeLine, 'label' | 'note' | 'mark'>
}

const group = <T extends Member>(
  head: Pick<Group, 'id' | 'label' | 'note' | 'kind'>,
  members: readonly T[],
  draw: (member: T) => ReturnType<Group['draw']>,
): Group => ({ ...head, members, draw: draw as Group['draw'] })

export class TreeLines implements Iterable<TreeLine> {
  readonly length: number
  private readonly groups: readonly Group[]
  private readonly folded: ReadonlySet<string>

  constructor(groups: readonly Group[], folded: ReadonlySet<string>) {
    this.groups = groups
    this.folded = folded
    this.length = groups.reduce((sum, one) => sum + this.height(one), 0)
  }

  at(index: number): TreeLine | undefined {
    let first = 0
    for (const [place, one] of this.groups.entries()) {
      if (index === first) return this.head(one, place)
      const height = this.height(one)
      if (index > first && index < first + height) return this.leaf(one, index - first - 1)
      first += height
    }
    return undefined
  }

  /** -1 when no line has this ID now. */
  indexOf(id: string): number {
    let first = 0
    for (const one of this.groups) {
      if (one.id === id) return first
      const member = this.folded.has(one.id) || !id.startsWith(`${one.kind}.`) ? null : id.slice(one.kind.length + 1)
      const at = member === null ? -1 : one.members.findIndex((each) => each.id === member)
      if (at >= 0) return first + 1 + at
      first += this.height(one)
    }
    return -1
  }

  *[Symbol.iterator](): Iterator<TreeLine> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as TreeLine
  }

  private height({ id, members }: Group): number {
    return this.folded.has(id) ? 1 : 1 + members.length
  }

  private head({ id, label, note }: Group, place: number): TreeLine {
    const expanded = !this.folded.has(id)
    return { id, level: 1, label, note, mark: null, expanded, target: null, position: place + 1, siblings: this.groups.length }
  }

  private leaf({ kind, members, draw }: Group, at: number): TreeLine | undefined {
    const member = members[at]
    if (!member) return undefined
    const target = { kind, id: member.id }
    return { id: `${kind}.${member.id}`, level: 2, ...draw(member), expanded: null, target, position: at + 1, siblings: members.length }
  }
}

export const treeLines = ({ lab, nodes, devices, faults, folded, filter }: TreeInput): TreeLines => {
  const groups: Group[] = []
  const allFaults = [...faults]
  const titleOf = (id: string): string => allFaults.find((fault) => fault.id === id && !fault.hidden)?.title ?? ''
  const allNodes = [...nodes].filter((node) => filter === '' || `${node.label} ${node.id} ${node.role}`.toLowerCase().includes(filter))
  for (const { family, label, release } of FAMILIES) {
    const members = allNodes.filter((node) => node.family === family)
    if (members.length === 0) continue
    groups.push(
      group({ id: `family.${family}`, label, note: release(lab), kind: 'node' }, members, (node) => ({
        label: node.label,
        note: nodeNote(node, titleOf),
        mark: nodeMark(node),
      })),
    )
  }

  const allDevices = [...devices]
  const shown = filter === '' ? allDevices : allDevices.filter((device) => deviceText(device).includes(filter))
  if (shown.length > 0) {
    const total = allDevices.length
    const note = shown.length === total ? formatCount(total) : `${formatCount(shown.length)} of ${formatCount(total)}`
    groups.push(
      group({ id: 'devices', label: 'Devices', note, kind: 'device' }, shown, (device) => ({
        label: device.label,
        note: deviceNote(device),
        mark: deviceMark(device.state),
      })),
    )
  }

  if (allFaults.length > 0 && filter === '') {
    groups.push(
      group({ id: 'faults', label: 'Faults', note: String(allFaults.length), kind: 'fault' }, allFaults, (fault) => ({
        label: fault.title,
        note: fault.left === null ? formatTime(fault.since).slice(0, -4) : `${fault.left} left`,
        mark: FAULT_MARK,
      })),
    )
  }
  return new TreeLines(groups, folded)
}

export type TreeMove = { focus: string } | { fold: string } | { unfold: string } | null

/** What an arrow key means on the line `id` (WAI-ARIA tree). */
export const treeMove = (lines: TreeLines, id: string, key: string): TreeMove => {
  const at = lines.indexOf(id)
  const line = lines.at(at)
  const to = (index: number): TreeMove => {
    const target = lines.at(index)
    return target ? { focus: target.id } : null
  }
  if (!line) return to(0)
  switch (key) {
    case 'ArrowDown':
      return to(at + 1)
    case 'ArrowUp':
      return to(at - 1)
    case 'Home':
      return to(0)
    case 'End':
      return to(lines.length - 1)
    case 'ArrowRight':
      if (line.expanded === false) return { unfold: line.id }
      return line.expanded ? to(at + 1) : null
    case 'ArrowLeft':
      if (line.expanded) return { fold: line.id }
      return line.level === 2 ? to(at - line.position) : null
    default:
      return null
  }
}
