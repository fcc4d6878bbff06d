/** Nodes and links in one sentence each, for screen readers and tooltips. Times are virtual milliseconds. */
import type { FaultRow, HeldInvite, LinkRow, NodeRow } from '../../../core/contract/index.ts'
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format.ts'
import { type MarkState, nodeMark } from '../../ui/state.ts'

const FAMILY: Record<NodeRow['family'], string> = { ucm: 'Unified CM', imp: 'IM and Presence', cloud: '', edge: '' }

/** `Unified CM subscriber`, `proxy`; empty when the name says it already. */
export function roleOf(node: Pick<NodeRow, 'family' | 'role' | 'label'>): string {
  const family = FAMILY[node.family]
  const role = node.role.toLowerCase().startsWith(family.toLowerCase()) ? node.role : `${family} ${node.role}`.trim()
  return role.toLowerCase() === node.label.toLowerCase() ? '' : role
}

/** `3 services running, LPNS stopped`. */
function servicesOf(node: Pick<NodeRow, 'services'>): string {
  if (node.services.length === 0) return ''
  const running = node.services.filter((s) => s.state === 'running').length
  const others = node.services.filter((s) => s.state !== 'running').map((s) => `${s.short} ${s.state}`)
  const lead = running === 0 ? 'no service running' : `${plural(running, 'service')} running`
  return running === 0 ? lead : [lead, ...others].join(', ')
}

/** What runs out first of the INVITEs a node holds (CALL-03); null when it holds none. */
export function heldFirst(held: readonly HeldInvite[]): HeldInvite | null {
  let first: HeldInvite | null = null
  for (const h of held) if (!first || h.since + h.limitMs < first.since + first.limitMs) first = h
  return first
}

/** Time left of a held INVITE, never negative and never more than its limit. */
export const heldLeftMs = (h: HeldInvite, nowMs: number): number => Math.min(h.limitMs, Math.max(0, h.since + h.limitMs - nowMs))

export const seconds = (ms: number): string => (Math.ceil(ms / 100) / 10).toFixed(1)

/** `INVITE held · 9.9 s left of 13`. */
export function heldText(
  { held, heldMore }: Pick<NodeRow, 'held' | 'heldMore'>,
  nowMs: number,
  words: 'full' | 'short' | 'shortest' = 'full',
): string {
  const first = heldFirst(held)
  if (!first) return ''
  const count = held.length + heldMore
  const left = seconds(heldLeftMs(first, nowMs))
  const limit = first.limitMs / 1_000
  if (words === 'shortest') return count > 1 ? `${formatCount(count)} held · ${left} s` : `held · ${left} s left`
  if (words === 'short') return count > 1 ? `${formatCount(count)} INVITEs held · ${left} s left` : `INVITE held · ${left} s left`
  return count > 1 ? `${formatCount(count)} INVITEs held · first drops in ${left} s` : `INVITE held · ${left} s left of ${limit}`
}

export const faultTitles = (ids: readonly string[], faults: ReadonlyMap<string, FaultRow>): string[] =>
  ids.flatMap((id) => {
    const fault = faults.get(id)
    return fault && !fault.hidden ? [fault.title] : []
  })

export function describeNode(node: NodeRow, faults: ReadonlyMap<string, FaultRow>): string {
  const parts = [node.label, roleOf(node), nodeMark(node).word, servicesOf(node)]
  if (node.held.length > 0) parts.push(`holds ${plural(node.held.length + node.heldMore, 'INVITE')}`)
  if (node.note !== '' && node.held.length === 0) parts.push(node.note)
  const titles = faultTitles(node.faults, faults)
  if (titles.length > 0) parts.push(`${titles.length === 1 ? 'fault' : 'faults'}: ${titles.join('; ')}`)
  return parts.filter((p) => p !== '').join(', ')
}

/** `1 ms`, `60 ms ± 15 ms`. */
export const latencyOf = (link: Pick<LinkRow, 'latencyMs' | 'jitterMs'>): string =>
  link.jitterMs > 0 ? `${formatDuration(link.latencyMs)} ± ${formatDuration(link.jitterMs)}` : formatDuration(link.latencyMs)

export function describeLink(link: LinkRow, faults: ReadonlyMap<string, FaultRow>, label: (place: string) => string): string {
  const parts = [`Link ${label(link.a)} to ${label(link.b)}`, link.health, `latency ${latencyOf(link)}`]
  const titles = faultTitles(link.faults, faults)
  if (titles.length > 0) parts.push(`${titles.length === 1 ? 'fault' : 'faults'}: ${titles.join('; ')}`)
  return parts.join(', ')
}

/** The words on a link's mark: its fault, without saying again where it sits; else its health. */
export function linkWord(link: LinkRow, faults: ReadonlyMap<string, FaultRow>): string {
  const [title] = faultTitles(link.faults, faults)
  if (title === undefined) return link.health
  return title.replace(` on ${link.id}`, '').trim()
}

/** What a link is told as besides its row: lost in the local push mesh since (LPNS-19), and where it leads over real sockets, or ''. */
export type LinkExtra = { meshLost: number | null; real: string }

export const linkState = (link: LinkRow): MarkState => (link.health === 'up' && link.faults.length > 0 ? 'degraded' : link.health)

export function wordsOfLink(
  link: LinkRow,
  faults: ReadonlyMap<string, FaultRow>,
  label: (place: string) => string,
  { meshLost, real }: LinkExtra,
): string {
  const parts = [describeLink(link, faults, label)]
  if (real !== '') parts.push(`over real sockets: ${real}`)
  if (meshLost !== null) parts.push(`local push mesh lost since ${formatTime(meshLost)}`)
  return parts.join(', ')
}
