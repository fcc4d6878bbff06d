/** The mesh in words: how it stands, what two nodes know of each other, what a node does not know. Pure. */
import type { NodeRow } from '../../../core/contract/index.ts'
import { LPNS } from '../../state/localPushActions.ts'
import { formatDuration, formatTime, plural } from '../../ui/format.ts'
import { type Mark, serviceMark } from '../../ui/state.ts'
import { lostSince, type MeshNode, type MeshState, takesPart } from './mesh.ts'

export const lpnsOf = (node: Pick<NodeRow, 'services'>) => node.services.find((one) => one.name === LPNS)

const isThere = (node: MeshNode): boolean => node.state === 'up' || node.state === 'off network'

/** The service where the node runs, else the node. */
export const lampOf = (node: MeshNode): Mark =>
  isThere(node) ? serviceMark(lpnsOf(node)?.state ?? 'stopped') : { state: 'down', word: node.state }

/** Why a node takes no part. */
export const whyOut = (node: MeshNode): string => (isThere(node) ? `LPNS ${lpnsOf(node)?.state ?? 'missing'}` : node.state)

/** `count` is that of all nodes that could take part. */
export function headlineOf({ parts, out, split, since }: MeshState, count: number, now: number): Mark {
  const members = parts.flat().length
  if (count === 0) return { state: 'idle', word: 'no mesh' }
  if (split) {
    // Whole seconds: it is written anew with every batch.
    const long = since === null ? '' : ` for ${formatDuration(Math.max(0, Math.floor((now - since) / 1_000) * 1_000))}`
    return { state: 'down', word: `split in ${parts.length} parts${long}` }
  }
  if (members === 0) return { state: 'down', word: 'no node takes part' }
  if (out.length > 0) return { state: 'degraded', word: `${plural(members, 'node')} of ${count}` }
  return { state: 'up', word: members === 1 ? 'one node, nobody to join' : `whole, ${plural(members, 'node')}` }
}

/** The same in a word or two. */
export function shortlyOf({ parts, out }: MeshState): Mark {
  const members = parts.flat().length
  if (members + out.length === 0) return { state: 'idle', word: 'none' }
  if (parts.length > 1) return { state: 'down', word: `split in ${parts.length}` }
  if (members === 0) return { state: 'down', word: 'nobody' }
  return out.length > 0 ? { state: 'degraded', word: `${members} of ${members + out.length}` } : { state: 'up', word: 'whole' }
}

export type Cell = { mark: 'joined' | 'lost' | 'out' | 'self'; text: string; title: string }

/** What node `a` knows of node `b`. */
export function cellOf(a: MeshNode, b: MeshNode): Cell {
  if (a === b) return { mark: 'self', text: '–', title: a.label }
  if (!takesPart(a) || !takesPart(b)) {
    const who = takesPart(a) ? b : a
    return { mark: 'out', text: 'not there', title: `${who.label}: ${whyOut(who)}` }
  }
  const peer = a.mesh.peers.find((one) => one.node === b.id)
  if (!peer) return { mark: 'lost', text: 'unknown', title: `${a.label} does not know ${b.label}` }
  if (peer.state === 'joined')
    return { mark: 'joined', text: 'joined', title: `${a.label} reaches ${b.label} since ${formatTime(peer.since)}` }
  return {
    mark: 'lost',
    text: `lost ${formatTime(lostSince(a, b) ?? peer.since).slice(0, -4)}`,
    title: `${a.label} has lost ${b.label} at ${formatTime(peer.since)}`,
  }
}

/** Sessions of the cluster that a node does not know of; none for one that takes no part. */
export const unknownTo = (node: MeshNode, nodes: readonly MeshNode[]): number =>
  takesPart(node) ? Math.max(0, nodes.reduce((sum, one) => sum + one.mesh.sessions, 0) - node.mesh.known) : 0

export const certificateText = ({ certificate }: Pick<NodeRow, 'certificate'>): string =>
  certificate === null ? 'none' : `${certificate.issuer}, ${plural(certificate.validDays, 'day')}, ${certificate.ageDays} of them gone`
