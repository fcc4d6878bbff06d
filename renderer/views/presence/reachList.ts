/** Who can be reached with a message now, and why not: filtered, in order, and counted. Pure; made for many thousands. */
import type { DeviceRow, Reach } from '../../../core/contract/index.ts'
import type { Mark } from '../../ui/state.ts'

export type Verdict = Reach['verdict']
export const VERDICTS: readonly Verdict[] = ['yes', 'no', 'unknown']

const MARKS: Record<Verdict, Mark> = {
  yes: { state: 'up', word: 'yes' },
  no: { state: 'down', word: 'no' },
  unknown: { state: 'idle', word: 'unknown' },
}
export const verdictMark = (verdict: Verdict): Mark => MARKS[verdict]

const SESSIONS: Record<DeviceRow['im'], Mark['state']> = {
  connected: 'up',
  suspended: 'idle',
  returning: 'degraded',
  none: 'down',
  'not used': 'idle',
}
export const sessionMark = (im: DeviceRow['im']): Mark => ({ state: SESSIONS[im], word: im === 'none' ? 'no session' : im })

export type ReachFilter = { text: string; verdicts: ReadonlySet<Verdict>; node: string; waitingOnly: boolean; reason: string }
export const ANYBODY: ReachFilter = { text: '', verdicts: new Set(), node: '', waitingOnly: false, reason: '' }
export const isFiltering = (filter: ReachFilter): boolean =>
  filter.text.trim() !== '' || filter.verdicts.size > 0 || filter.node !== '' || filter.waitingOnly || filter.reason !== ''

export type ReachSort = { key: 'device' | 'reach' | 'queue' | 'node'; down: boolean }

/** Desk phones and Webex have no messages here (MSG-07). */
export const hasMessages = (device: Pick<DeviceRow, 'im' | 'client'>): boolean => device.client === 'jabber' && device.im !== 'not used'

/** All that waits for it, wherever it is. */
export const waitingOf = (device: Pick<DeviceRow, 'unread' | 'unreadOutOfReach'>): number => device.unread + device.unreadOutOfReach

/** The same reason for many. */
export const reasonKey = ({ why, text }: Reach): string => `${why}\n${text}`

// Rows are replaced whole when they change: what was put together for one holds as long as it does.
const texts = new WeakMap<DeviceRow, string>()
const textOf = (device: DeviceRow): string => {
  const known = texts.get(device)
  if (known !== undefined) return known
  const text =
    `${device.label} ${device.id} ${device.ownerName} ${device.owner} ${device.lines.join(' ')} ${device.imNode ?? ''} ${device.im} ${device.messageReach.text}`.toLowerCase()
  texts.set(device, text)
  return text
}

function matches(device: DeviceRow, filter: ReachFilter, words: readonly string[]): boolean {
  const { verdicts, node, waitingOnly, reason } = filter
  if (verdicts.size > 0 && !verdicts.has(device.messageReach.verdict)) return false
  if (node !== '' && device.imNode !== node) return false
  if (waitingOnly && waitingOf(device) === 0) return false
  if (reason !== '' && reasonKey(device.messageReach) !== reason) return false
  return words.every((word) => textOf(device).includes(word))
}

const keyOf = (device: DeviceRow, key: ReachSort['key']): string | number => {
  switch (key) {
    case 'device':
      return device.label
    case 'reach':
      return `${VERDICTS.indexOf(device.messageReach.verdict)} ${device.messageReach.text}`
    case 'queue':
      return waitingOf(device)
    case 'node':
      return device.imNode ?? '\uffff'
  }
}

/** IDs of the clients to show, in order. */
export function listReach(devices: Iterable<DeviceRow>, filter: ReachFilter, sort: ReachSort): string[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const found: { id: string; key: string | number; name: string }[] = []
  for (const device of devices) {
    if (hasMessages(device) && matches(device, filter, words))
      found.push({ id: device.id, key: keyOf(device, sort.key), name: device.label })
  }
  const way = sort.down ? -1 : 1
  found.sort((a, b) => (a.key < b.key ? -way : a.key > b.key ? way : a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return found.map(({ id }) => id)
}

export type Reason = { key: string; text: string; why: string; count: number }
export type ReachSummary = {
  total: number
  verdicts: Record<Verdict, number>
  waiting: number
  perNode: Map<string, number>
  /** Why not, the most frequent first. */
  reasons: Reason[]
}

/** Reasons worth a line. */
const REASONS_KEPT = 5

export function summariseReach(devices: Iterable<DeviceRow>): ReachSummary {
  const summary: ReachSummary = { total: 0, verdicts: { yes: 0, no: 0, unknown: 0 }, waiting: 0, perNode: new Map(), reasons: [] }
  const reasons = new Map<string, Reason>()
  for (const device of devices) {
    if (!hasMessages(device)) continue
    const { messageReach } = device
    summary.total += 1
    summary.verdicts[messageReach.verdict] += 1
    if (waitingOf(device) > 0) summary.waiting += 1
    if (device.imNode !== null) summary.perNode.set(device.imNode, (summary.perNode.get(device.imNode) ?? 0) + 1)
    if (messageReach.verdict === 'yes') continue
    const key = reasonKey(messageReach)
    const known = reasons.get(key)
    if (known) known.count += 1
    else reasons.set(key, { key, text: messageReach.text, why: messageReach.why, count: 1 })
  }
  summary.reasons = [...reasons.values()].toSorted((a, b) => b.count - a.count).slice(0, REASONS_KEPT)
  return summary
}
