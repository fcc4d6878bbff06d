/** Words of the flow view: what a flow took, what is left of its budget, how a hop ended. */
import type { FlowRow, FlowTimer, HopEvent, Ladder } from '../../../core/contract/index.ts'
import { formatDuration } from '../../ui/format.ts'

/** The zero of a flow: the instant its first push was handed over (t0), else its start. */
export const zeroOf = (flow: FlowRow): number => flow.pushAt ?? flow.startedAt

export type Wake = { ms: number; path: 'local' | 'cloud'; text: string }

/** How the first push that reached the phone came, and how long it took from t0 (LPNS-14); null while none has. */
export function wakeOf(ladder: Ladder): Wake | null {
  const { flow, hops, pushes } = ladder
  if (flow.pushAt === null) return null
  const devices = new Set(pushes.map((push) => push.device))
  const hop = hops.find((one) => devices.has(one.to) && WAKES.has(one.carrier) && (one.status === 'ok' || one.status === 'warn'))
  if (!hop) return null
  const ms = Math.max(0, hop.at - flow.pushAt)
  const path = hop.carrier === 'LPNS' ? 'local' : 'cloud'
  return { ms, path, text: `woken in ${formatDuration(ms)} by ${path === 'local' ? 'local push' : hop.carrier}` }
}
const WAKES: ReadonlySet<HopEvent['carrier']> = new Set(['LPNS', 'APNs', 'FCM'])

export const isOver = (flow: FlowRow): boolean => flow.endedAt !== null

/** `2.82 s to offer, 5.36 s to answer`: only what has happened. */
export function timesOf(flow: FlowRow): string {
  const zero = zeroOf(flow)
  const parts: string[] = []
  if (flow.offeredAt !== null) parts.push(`${formatDuration(flow.offeredAt - zero)} to offer`)
  if (flow.answeredAt !== null) parts.push(`${formatDuration(flow.answeredAt - zero)} to answer`)
  if (parts.length === 0 && flow.endedAt !== null) parts.push(`over after ${formatDuration(flow.endedAt - flow.startedAt)}`)
  return parts.join(', ')
}

/** Ledger row of the 13 s drop; the timer that carries it is the budget of the call (CALL-14). */
const DROP_RULE = 'CALL-03'

export type Budget = { limitMs: number; usedMs: number; leftMs: number; state: 'running' | 'in time' | 'used up' | 'ended'; text: string }

/** How much of the time to the drop is used; null for a flow that has no such limit. */
export function budgetOf(flow: FlowRow, now: number): Budget | null {
  const timer: FlowTimer | undefined = flow.timers.find((candidate) => candidate.why === DROP_RULE)
  if (!timer) return null
  const limitMs = timer.dueAt - timer.startAt
  const until = timer.endedAt ?? Math.min(now, timer.dueAt)
  const usedMs = Math.min(limitMs, Math.max(0, until - timer.startAt))
  const leftMs = limitMs - usedMs
  const limit = formatDuration(limitMs)
  if (timer.fired) return { limitMs, usedMs, leftMs, state: 'used up', text: `all of ${limit} used up` }
  if (timer.endedAt === null) return { limitMs, usedMs, leftMs, state: 'running', text: `${formatDuration(leftMs)} of ${limit} left` }
  if (flow.offeredAt === null)
    return { limitMs, usedMs, leftMs, state: 'ended', text: `ended with ${formatDuration(leftMs)} of ${limit} left` }
  return { limitMs, usedMs, leftMs, state: 'in time', text: `offered with ${formatDuration(leftMs)} of ${limit} left` }
}

export const isBad = (hop: HopEvent): boolean => hop.status === 'fail' || hop.status === 'lost'

/** Outcome with shape and word of its state, so that colour is never alone. */
export function outcomeOf(hop: HopEvent): string {
  switch (hop.status) {
    case 'ok':
    case 'info':
    case 'wait':
      return hop.outcome
    case 'warn':
      return `▲ ${hop.outcome}`
    case 'fail':
      return `✖ failed: ${hop.outcome}`
    case 'lost':
      return `✖ lost: ${hop.outcome}`
  }
}

/** What a screen reader says of an arrow. */
export const spokenHop = (hop: HopEvent, label: (place: string) => string, time: string): string => {
  const where = hop.from === hop.to ? label(hop.from) : `${label(hop.from)} to ${label(hop.to)}`
  const took = hop.at > hop.sentAt ? `, took ${formatDuration(hop.at - hop.sentAt)}` : ''
  return `${time}, ${where}, ${hop.carrier}, ${hop.message}: ${outcomeOf(hop).replace(/^[▲✖] /, '')}${took}`
}

/** The notes that a timer leaves on its place. */
export function timerNote(
  timer: FlowTimer,
  kind: 'timer starts' | 'timer ends' | 'running',
  now: number,
  time: (at: number) => string,
): string {
  const limit = formatDuration(timer.dueAt - timer.startAt)
  switch (kind) {
    case 'timer starts':
      return `${timer.name}: ${limit}, due ${time(timer.dueAt)}`
    case 'timer ends':
      return timer.fired
        ? `${timer.name}: fired after ${limit}`
        : `${timer.name}: ended, ${formatDuration(timer.dueAt - (timer.endedAt ?? timer.dueAt))} left`
    case 'running':
      return `${timer.name}: ${formatDuration(Math.max(0, timer.dueAt - now))} of ${limit} left`
  }
}

/** What stands in the narrow columns of a comparison. */
const SHORT: Record<string, string> = { CallManager: 'CM' }

/** The head of a column in two lines where it has two parts: node and service, person and phone. */
export function headingOf(column: { id: string; label: string }, compact: boolean): [first: string, second: string] {
  const { id, label } = column
  const parts = label.split(' · ')
  if (parts.length > 1) return [parts[0] ?? '', parts.slice(1).join(' · ')]
  const blank = label.indexOf(' ')
  if (!id.includes('/') || blank < 0) return [label, '']
  const service = label.slice(blank + 1)
  return [label.slice(0, blank), compact ? (SHORT[service] ?? service) : service]
}
