/**
 * Sessions as the table shows them: what the client believes against what the servers hold, in order and
 * filtered. Pure; all times are virtual milliseconds.
 */
import type { DeviceRow, LocalPush, SessionRow } from '../../../core/contract/index.ts'
import { formatDuration } from '../../ui/format.ts'
import type { Mark } from '../../ui/state.ts'

export const STATES: readonly LocalPush['state'][] = ['open', 'hunting', 'waiting', 'off']

const MARKS: Record<LocalPush['state'], Mark['state']> = { open: 'up', hunting: 'degraded', waiting: 'degraded', off: 'idle' }
export const clientMark = (state: LocalPush['state']): Mark => ({ state: MARKS[state], word: state })

/** Holders that the client knows nothing of: what they push goes nowhere (LPNS-19). */
export const staleHolders = (row: Pick<SessionRow, 'client' | 'clientNode' | 'holders'>): string[] =>
  row.holders.filter((node) => !(row.client === 'open' && node === row.clientNode))

/** Both ends agree on one open session: a local push gets through now. */
export const isPushable = (row: Pick<SessionRow, 'client' | 'clientNode' | 'holders'>): boolean =>
  row.client === 'open' && row.clientNode !== null && row.holders.includes(row.clientNode)

/** How the two ends differ, in one sentence; null when they agree. */
export function disagreement(row: Pick<SessionRow, 'client' | 'clientNode' | 'holders'>, label: (node: string) => string): string | null {
  const stale = staleHolders(row)
  const names = stale.map(label).join(' and ')
  const holds = stale.length === 1 ? 'holds' : 'hold'
  if (row.client === 'open' && !isPushable(row)) {
    const gone = `The client believes in a session on ${label(row.clientNode ?? '')} that ${label(row.clientNode ?? '')} does not hold`
    return stale.length > 0 ? `${gone}, while ${names} ${holds} an old one.` : `${gone}: it learns so at its next keepalive.`
  }
  if (stale.length === 0) return null
  return `${names} still ${holds} a session that the client has left: a push over it is lost, and found out by its missing answer.`
}

/** What is left of a keepalive period: `nothing` before the first, `late` once the client has missed its turn. */
export type Countdown = { leftMs: number; share: number; nextShare: number | null; phase: 'calm' | 'late' | 'last'; text: string }

/** A client sends one this often (LPNS-16). */
const KEEPALIVE_MS = 120_000
/** So little before the server gives up is worth another colour. */
export const LAST_MS = 10_000

export function countdownOf(row: SessionRow, now: number): Countdown | null {
  const { deadlineAt, lastKeepaliveAt, nextKeepaliveAt } = row
  if (deadlineAt === null || row.holders.length === 0) return null
  const startAt = lastKeepaliveAt ?? row.openedAt ?? now
  const spanMs = Math.max(1, deadlineAt - startAt)
  const leftMs = Math.max(0, deadlineAt - now)
  const share = Math.min(1, leftMs / spanMs)
  const untilNextMs = nextKeepaliveAt === null ? null : nextKeepaliveAt - now
  const nextShare = nextKeepaliveAt === null || nextKeepaliveAt > deadlineAt ? null : Math.max(0, (deadlineAt - nextKeepaliveAt) / spanMs)
  // In the unit of the rule: keepalives come every 120 s (LPNS-16).
  const whole = (ms: number): string => `${Math.ceil(ms / 1_000)} s`
  // When a real client sends its next one is known to itself alone.
  const silentMs = now - startAt
  if (row.real && nextKeepaliveAt === null && silentMs <= KEEPALIVE_MS)
    return { leftMs, share, nextShare, phase: 'calm', text: `seen ${whole(silentMs)} ago` }
  if (untilNextMs !== null && untilNextMs >= 0) return { leftMs, share, nextShare, phase: 'calm', text: `next in ${whole(untilNextMs)}` }
  return {
    leftMs,
    share,
    nextShare,
    phase: leftMs <= LAST_MS ? 'last' : 'late',
    text: leftMs === 0 ? 'ending' : `ends in ${whole(leftMs)}`,
  }
}

export type TokenLife = { share: number; expired: boolean; text: string; title: string }

export function tokenOf(row: Pick<SessionRow, 'tokenIssuedAt' | 'tokenEndsAt'>, now: number): TokenLife | null {
  const { tokenIssuedAt, tokenEndsAt } = row
  if (tokenEndsAt === null) return null
  const lifeMs = Math.max(1, tokenEndsAt - (tokenIssuedAt ?? tokenEndsAt))
  const leftMs = tokenEndsAt - now
  const age = tokenIssuedAt === null ? '' : `issued ${formatDuration(Math.max(0, now - tokenIssuedAt))} ago, `
  if (leftMs <= 0) return { share: 0, expired: true, text: 'expired', title: `${age}expired ${formatDuration(-leftMs)} ago` }
  const text = leftMs >= 60_000 ? `${Math.floor(leftMs / 60_000)} min` : `${Math.ceil(leftMs / 1_000)} s`
  return { share: Math.min(1, leftMs / lifeMs), expired: false, text, title: `${age}valid for ${formatDuration(leftMs)} more` }
}

/** The gap that runs, in whole seconds, else the last one; null when there was none (LPNS-22). */
export const gapMs = (row: Pick<SessionRow, 'gapSince' | 'lastGapMs'>, now: number): number | null =>
  row.gapSince === null ? row.lastGapMs : Math.max(0, Math.floor((now - row.gapSince) / 1_000) * 1_000)

export type SortKey = 'device' | 'user' | 'wifi' | 'client' | 'holders' | 'deadline' | 'token' | 'pushes' | 'gap'
export type Sort = { key: SortKey; down: boolean }
/** `node`: '' for all, a node, or `NOWHERE` for what no node holds. */
export type SessionFilter = { text: string; states: ReadonlySet<LocalPush['state']>; node: string; disagreeOnly: boolean }

export const NOWHERE = '-'
export const EVERY_SESSION: SessionFilter = { text: '', states: new Set(), node: '', disagreeOnly: false }
export const isFiltering = (filter: SessionFilter): boolean =>
  filter.text.trim() !== '' || filter.states.size > 0 || filter.node !== '' || filter.disagreeOnly

const LAST = Number.MAX_SAFE_INTEGER
const keyOf = (row: SessionRow, key: SortKey): string | number => {
  switch (key) {
    case 'device':
      return row.label.toLowerCase()
    case 'user':
      return row.user.toLowerCase()
    case 'wifi':
      return row.wifi?.toLowerCase() ?? '\uffff'
    case 'client':
      return STATES.indexOf(row.client)
    case 'holders':
      return row.holders.length === 0 ? '\uffff' : row.holders.join(' ')
    case 'deadline':
      return row.deadlineAt ?? LAST
    case 'token':
      return row.tokenEndsAt ?? LAST
    case 'pushes':
      return row.pushes
    // A gap that runs has no length yet to go by: it stands above all that are over.
    case 'gap':
      return row.gapSince === null ? (row.lastGapMs ?? -1) : LAST - row.gapSince
  }
}

const matches = (row: SessionRow, filter: SessionFilter, text: string): boolean => {
  if (filter.states.size > 0 && !filter.states.has(row.client)) return false
  if (filter.node === NOWHERE ? row.holders.length > 0 : filter.node !== '' && !row.holders.includes(filter.node)) return false
  if (filter.disagreeOnly && disagreement(row, String) === null) return false
  return (
    text === '' ||
    `${row.label} ${row.id} ${row.user} ${row.wifi ?? ''} ${row.holders.join(' ')} ${row.address}`.toLowerCase().includes(text)
  )
}

/** IDs of the sessions to show, in order. Made for many thousands: one key each, then one sort. */
export function listSessions(rows: Iterable<SessionRow>, filter: SessionFilter, sort: Sort): string[] {
  const text = filter.text.trim().toLowerCase()
  const found: { id: string; key: string | number; name: string }[] = []
  for (const row of rows) if (matches(row, filter, text)) found.push({ id: row.id, key: keyOf(row, sort.key), name: row.label })
  const way = sort.down ? -1 : 1
  found.sort((a, b) => (a.key < b.key ? -way : a.key > b.key ? way : a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return found.map(({ id }) => id)
}

export type Summary = {
  states: Record<LocalPush['state'], number>
  total: number
  pushable: number
  disagree: number
  real: number
  perNode: Map<string, number>
  nowhere: number
  longest: { id: string; label: string; ms: number; running: boolean } | null
}

/** `blocked` tells of phones that no call reaches locally although both ends hold their session: the way to that node is broken. */
export function summarise(rows: Iterable<SessionRow>, now: number, blocked: (id: string) => boolean = () => false): Summary {
  const summary: Summary = {
    states: { open: 0, hunting: 0, waiting: 0, off: 0 },
    total: 0,
    pushable: 0,
    disagree: 0,
    real: 0,
    perNode: new Map(),
    nowhere: 0,
    longest: null,
  }
  for (const row of rows) {
    summary.total += 1
    summary.states[row.client] += 1
    if (isPushable(row) && !blocked(row.id)) summary.pushable += 1
    if (disagreement(row, String) !== null) summary.disagree += 1
    if (row.real) summary.real += 1
    if (row.holders.length === 0) summary.nowhere += 1
    for (const node of row.holders) summary.perNode.set(node, (summary.perNode.get(node) ?? 0) + 1)
    const ms = gapMs(row, now)
    if (ms !== null && (summary.longest === null || ms > summary.longest.ms))
      summary.longest = { id: row.id, label: row.label, ms, running: row.gapSince !== null }
  }
  return summary
}

/** Why phones have no session. */
export type Reason = { text: string; why: string; count: number; device: string }

/** Reasons worth a line; a lab of thousands has few of them, as all of its phones share one configuration. */
const REASONS_KEPT = 4

/** What is missing, the most frequent first; the end user's name aside, the same text is the same reason. */
export function reasonsOf(devices: Iterable<Pick<DeviceRow, 'id' | 'localPush'>>): Reason[] {
  const reasons = new Map<string, Reason>()
  for (const { id, localPush } of devices) {
    if (!localPush || localPush.state === 'open') continue
    const key = localPush.text.replace(/End User \S+/, 'End User')
    const known = reasons.get(key)
    if (known) known.count += 1
    else reasons.set(key, { text: localPush.text, why: localPush.why, count: 1, device: id })
  }
  return [...reasons.values()].toSorted((a, b) => b.count - a.count).slice(0, REASONS_KEPT)
}
