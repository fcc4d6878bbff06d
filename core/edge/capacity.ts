/**
 * The capacity calculator of the proxy: how many transactions it must sustain for push notifications (PROXY-08). Cisco
 * publishes no formula in text; this one is DEC-27. Calls count whether their client is in foreground or not (CH-04).
 */
export type CapacityFigures = {
  /** Users whose calls are pushed, and what each is called in the busy hour. */
  callUsers: number
  callsPerUser: number
  /** Share of calls with a second push (missed, answered elsewhere), 0 to 1. */
  secondPushShare: number
  /** Users of Jabber messaging, what each is sent in the busy hour, and the share that comes while suspended, 0 to 1. */
  messageUsers: number
  messagesPerUser: number
  suspendedShare: number
  /** Nodes that fetch access tokens, Unified CM and IM and Presence, and the minutes between two fetches of one. */
  nodes: number
  tokenMinutes: number
  /** Minutes between two uploads of alarms: 5 to 90, 30 unless set (TRB-06); null when none are sent (TRB-02). */
  alarmMinutes: number | null
  /** How much busier the busiest second is than the average of the busy hour. */
  peakFactor: number
}

export type Capacity = {
  /** Transactions of the busy hour, by what causes them. */
  calls: number
  messages: number
  tokens: number
  alarms: number
  perHour: number
  /** Transactions that the proxy must sustain per second, with the peak factor. */
  perSecond: number
}

export const DEFAULT_FIGURES: CapacityFigures = {
  callUsers: 1_000,
  callsPerUser: 4,
  secondPushShare: 0.3,
  messageUsers: 1_000,
  messagesPerUser: 20,
  suspendedShare: 0.5,
  nodes: 3,
  tokenMinutes: 55,
  alarmMinutes: 30,
  peakFactor: 3,
}

/** The formula, as it stands beside the result. */
export const CAPACITY_FORMULA = 'Uc·C·(1+m) + Um·M·s + N·60/T + 60/F per hour; ÷ 3,600 × peak factor per second'

const MINUTES = 60
const SECONDS = 3_600

/** Nothing is rounded here; what is shown is. */
export function capacityOf(figures: CapacityFigures): Capacity {
  const calls = figures.callUsers * figures.callsPerUser * (1 + figures.secondPushShare)
  const messages = figures.messageUsers * figures.messagesPerUser * figures.suspendedShare
  const tokens = (figures.nodes * MINUTES) / figures.tokenMinutes
  const alarms = figures.alarmMinutes === null ? 0 : MINUTES / figures.alarmMinutes
  const perHour = calls + messages + tokens + alarms
  return { calls, messages, tokens, alarms, perHour, perSecond: (perHour / SECONDS) * figures.peakFactor }
}

/** Figures that are not possible, each with the field and what it may be; empty when all are. */
export function capacityIssues(figures: CapacityFigures): { field: keyof CapacityFigures; fix: string }[] {
  const issues: { field: keyof CapacityFigures; fix: string }[] = []
  const need = (field: keyof CapacityFigures, holds: boolean, fix: string): void => {
    if (!holds) issues.push({ field, fix })
  }
  for (const field of ['callUsers', 'callsPerUser', 'messageUsers', 'messagesPerUser', 'nodes'] as const)
    need(field, Number.isFinite(figures[field]) && figures[field] >= 0, 'a number from 0 on')
  for (const field of ['secondPushShare', 'suspendedShare'] as const)
    need(field, figures[field] >= 0 && figures[field] <= 1, 'a share from 0 to 1')
  need('tokenMinutes', Number.isFinite(figures.tokenMinutes) && figures.tokenMinutes > 0, 'minutes, more than 0')
  const { alarmMinutes } = figures
  need('alarmMinutes', alarmMinutes === null || (alarmMinutes >= 5 && alarmMinutes <= 90), '5 to 90 minutes (TRB-06), or none')
  need('peakFactor', Number.isFinite(figures.peakFactor) && figures.peakFactor >= 1, 'a factor from 1 on')
  return issues
}
