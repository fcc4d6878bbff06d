/** An IM and Presence node in words: where it stands, how long the silence lasts, which restart is due. Pure; virtual milliseconds. */
import type { ImNodeRow, LabRow, MessageState } from '../../../core/contract/index.ts'
import { formatCount, formatDuration, formatTime, plural } from '../../ui/format.ts'
import type { Mark } from '../../ui/state.ts'

/** Users that may log in again per second in an HA event (HA-10). */
export const RELOGIN_PER_SECOND = 4

const MARKS: Record<ImNodeRow['state'], Mark['state']> = {
  normal: 'up',
  down: 'down',
  'failed over': 'degraded',
  'taking over': 'degraded',
  'falling back': 'degraded',
}
export const imMark = (row: Pick<ImNodeRow, 'state'>): Mark => ({ state: MARKS[row.state], word: row.state })

export type RebuildWords = { title: string; share: number; left: string }

/** `sessions rebuilt 1,234 of 5,994`, and how long it still takes (HA-08). */
export function rebuildWords(row: Pick<ImNodeRow, 'rebuild' | 'rebuildPerSecond'>, now: number): RebuildWords | null {
  const { rebuild, rebuildPerSecond } = row
  if (rebuild === null) return null
  const leftMs = Math.max(0, rebuild.endsAt - now)
  return {
    title: `${rebuild.why}: sessions rebuilt ${formatCount(rebuild.done)} of ${formatCount(rebuild.total)}`,
    share: rebuild.total === 0 ? 1 : rebuild.done / rebuild.total,
    left: `about ${formatDuration(leftMs)} left, until ${seconds(rebuild.endsAt)}, at ${rebuildPerSecond} a second`,
  }
}

/** Silences last minutes: thousandths of a second say nothing. */
export const seconds = (at: number): string => formatTime(at).replace(/\.\d{3}$/, '')

export const gapWords = (gap: ImNodeRow['gaps'][number], now: number): string =>
  `${gap.why}, ${plural(gap.sessions, 'session')}: ${formatDuration((gap.endedAt ?? now) - gap.startedAt)}${gap.endedAt === null ? ' so far' : ''} from ${seconds(gap.startedAt)}`

/** What is about to happen by itself. */
export function dueWords(
  row: Pick<ImNodeRow, 'takeoverAt' | 'fallbackAt' | 'backup'>,
  now: number,
  label: (node: string) => string,
): string {
  const inMs = (at: number): string => formatDuration(Math.max(0, at - now))
  if (row.takeoverAt !== null) return `${label(row.backup ?? '')} takes over in ${inMs(row.takeoverAt)}`
  if (row.fallbackAt !== null) return `its users return in ${inMs(row.fallbackAt)}`
  return ''
}

export type LoginWords = { text: string; tooFast: boolean }

/** Clients in foreground come back by themselves, between the re-login limits (HA-07, HA-10). */
export function loginWords({ relogins }: Pick<ImNodeRow, 'relogins'>): LoginWords | null {
  const { waiting, lowerSeconds, upperSeconds, perSecond } = relogins
  const tooFast = perSecond > RELOGIN_PER_SECOND
  if (waiting === 0 && !tooFast) return null
  const rate = `${perSecond.toFixed(2)} users a second`
  const limits = `between ${formatCount(lowerSeconds)} and ${formatCount(upperSeconds)} s`
  return {
    text:
      waiting === 0 ? `the last wave of logins came at ${rate}` : `${plural(waiting, 'client')} log in by themselves, ${limits}, ${rate}`,
    tooFast,
  }
}

const onOff = (on: boolean): string => (on ? 'Enabled' : 'Disabled')

/** Push Notifications High Availability: saved for all, read by each XCP Router when it starts (ONB-19). */
export function highAvailabilityWords({ highAvailability }: Pick<ImNodeRow, 'highAvailability'>): Mark & { pending: boolean } {
  const { saved, inForce, restartPending } = highAvailability
  if (restartPending)
    return { state: 'degraded', word: `${onOff(inForce)} in force, ${onOff(saved)} saved: restart its XCP Router`, pending: true }
  return { state: inForce ? 'up' : 'idle', word: `${onOff(inForce)}, in force`, pending: false }
}

/** Nodes that back each other up stand together, in the order of the file. */
export function subclusters(rows: Iterable<ImNodeRow>): { id: string; nodes: ImNodeRow[] }[] {
  const found = new Map<string, ImNodeRow[]>()
  for (const row of rows) {
    const members = found.get(row.subcluster)
    if (members) members.push(row)
    else found.set(row.subcluster, [row])
  }
  return [...found].map(([id, nodes]) => ({ id, nodes }))
}

/** `messages 41 = delivered 33 + queued 8`: every one is accounted for; states without any are left out. */
export function bookWords(lab: Pick<LabRow, 'messageStates' | 'messagesCreated'>): string {
  if (lab.messagesCreated === 0) return 'no messages yet'
  const parts = (Object.entries(lab.messageStates) as [MessageState, number][]).filter(([, count]) => count > 0)
  parts.sort((a, b) => b[1] - a[1])
  return `${plural(lab.messagesCreated, 'message')} = ${parts.map(([state, count]) => `${state} ${formatCount(count)}`).join(' + ')}`
}
