/** The mesh of the nodes, from what each of them says of its neighbours (LPNS-19). Pure. */
import type { NodeRow } from '../../../core/contract/index.ts'
import { LPNS } from '../../state/localPushActions.ts'

export type MeshNode = NodeRow & { mesh: NonNullable<NodeRow['mesh']> }

export const meshNodes = (nodes: Iterable<NodeRow>): MeshNode[] => [...nodes].filter((node): node is MeshNode => node.mesh !== null)

/** The node is up and its service runs: it takes part. */
export const takesPart = (node: Pick<NodeRow, 'state' | 'services'>): boolean =>
  (node.state === 'up' || node.state === 'off network') &&
  node.services.some((service) => service.name === LPNS && service.state === 'running')

const says = (node: MeshNode, other: string): 'joined' | 'lost' | null => node.mesh.peers.find((peer) => peer.node === other)?.state ?? null

/** Both say so; one that has not noticed yet does not make a whole. */
export const isJoined = (a: MeshNode, b: MeshNode): boolean => says(a, b.id) === 'joined' && says(b, a.id) === 'joined'

/** Since when the two have lost each other, by the one that noticed first; null while they are joined. */
export function lostSince(a: MeshNode, b: MeshNode): number | null {
  const seen = [a.mesh.peers.find((peer) => peer.node === b.id), b.mesh.peers.find((peer) => peer.node === a.id)]
  const times = seen.flatMap((peer) => (peer?.state === 'lost' ? [peer.since] : []))
  return times.length === 0 ? null : Math.min(...times)
}

/** Nodes that reach each other, part by part; those that do not take part stand in none. */
export function partsOf(nodes: readonly MeshNode[]): MeshNode[][] {
  const left = new Set(nodes.filter(takesPart))
  const parts: MeshNode[][] = []
  for (const first of left) {
    left.delete(first)
    const part = [first]
    for (const node of part) {
      for (const other of left) {
        if (!isJoined(node, other)) continue
        left.delete(other)
        part.push(other)
      }
    }
    parts.push(part)
  }
  return parts
}

export type MeshState = { parts: MeshNode[][]; out: MeshNode[]; split: boolean; since: number | null }

export function meshState(rows: Iterable<NodeRow>): MeshState {
  const nodes = meshNodes(rows)
  const parts = partsOf(nodes)
  const running = parts.flat()
  const times = running.flatMap((a) => running.flatMap((b) => (a === b ? [] : [lostSince(a, b)])).filter((at) => at !== null))
  return {
    parts,
    out: nodes.filter((node) => !takesPart(node)),
    split: parts.length > 1,
    since: times.length === 0 ? null : Math.max(...times),
  }
}
