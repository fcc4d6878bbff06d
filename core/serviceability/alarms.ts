/**
 * The alarms of a lab. One with a repair that the system can see clears by itself; the others stay latched until their
 * condition is gone (ALM-25).
 */
import type { AlarmRow, Severity } from '../contract/rows.ts'
import type { Clock } from '../engine/clock.ts'
import type { EventLog } from '../engine/eventLog.ts'
import { ALARMS, type AlarmName } from './catalogue.ts'

export { ALARMS, type AlarmName } from './catalogue.ts'

/** CiscoLog digits (DEC-04). */
export const SEVERITY_DIGIT: Record<Severity, number> = {
  Alert: 1,
  Critical: 2,
  Error: 3,
  Warning: 4,
  Notice: 5,
  Information: 6,
}

/** From the most to the least severe (DEC-04). */
export const SEVERITIES: readonly Severity[] = ['Alert', 'Critical', 'Error', 'Warning', 'Notice', 'Information']

/** Cleared alarms beyond this many are forgotten, oldest first. */
export const ALARMS_KEPT = 5_000

/** Raises that are kept for logs and for the next upload; the oldest fall out. */
export const RAISES_KEPT = 10_000

/** One raise of an alarm, as it goes into a log: `number` counts all raises of the lab from 1 on. */
export type Raise = {
  number: number
  at: number
  /** The hop behind it. */
  seq: number | null
  name: AlarmName
  node: string
  parameters: readonly (readonly [name: string, value: string])[]
}

export type Alarm = {
  id: string
  name: AlarmName
  node: string
  subject: string
  raisedAt: number
  clearedAt: number | null
  /** The event that tells what cleared it. */
  clearedSeq: number | null
  count: number
  causeSeq: number | null
  parameters: string
}

export class Alarms {
  private readonly alarms = new Map<string, Alarm>()
  private readonly standingByKey = new Map<string, Alarm>()
  private readonly standingByName = new Map<AlarmName, number>()
  private readonly clock: Clock
  private readonly clusterId: string
  private readonly touch: (id: string) => void
  private readonly forget: (id: string) => void
  private readonly log: EventLog
  private raised = 0
  private readonly recent: Raise[] = []
  /** How often any alarm was raised, and which was the last: run-until looks here after every step. */
  raises = 0
  latest: Alarm | null = null
  /** Told of every raise: run-until and timeline listen here. */
  onRaise: ((alarm: Alarm) => void) | null = null

  constructor(clock: Clock, clusterId: string, touch: (id: string) => void, forget: (id: string) => void, log: EventLog) {
    this.clock = clock
    this.clusterId = clusterId
    this.touch = touch
    this.forget = forget
    this.log = log
  }

  /** Raises an alarm, or counts it up while it stands. `subject` tells two devices apart. */
  raise(name: AlarmName, node: string, causeSeq: number | null, parameters: Record<string, string> = {}, subject = ''): Alarm {
    const standing = this.standing(name, node, subject)
    const alarm: Alarm = standing ?? {
      id: `${name}@${node}${subject === '' ? '' : `:${subject}`}#${++this.raised}`,
      name,
      node,
      subject,
      raisedAt: this.clock.now(),
      clearedAt: null,
      clearedSeq: null,
      count: 0,
      causeSeq,
      parameters: bracketed(Object.entries(parameters)),
    }
    alarm.count++
    this.raises++
    const given = Object.entries(parameters)
    this.recent[(this.raises - 1) % RAISES_KEPT] = {
      number: this.raises,
      at: this.clock.now(),
      seq: causeSeq,
      name,
      node,
      parameters: given.length > 0 ? given : NO_PARAMETERS,
    }
    this.latest = alarm
    this.alarms.set(alarm.id, alarm)
    this.standingByKey.set(keyOf(name, node, subject), alarm)
    this.touch(alarm.id)
    this.log.effect(`alarm ${name} on ${node}`)
    if (standing) return alarm
    this.standingByName.set(name, (this.standingByName.get(name) ?? 0) + 1)
    this.onRaise?.(alarm)
    return alarm
  }

  /**
   * Clears an alarm whose condition is gone; without one this does nothing. It is an event of the node and of none of its
   * services: their traces know nothing of it. `because` says what was repaired, or who did something about it (ALM-25).
   */
  clear(name: AlarmName, node: string, because: string, subject = ''): void {
    const alarm = this.standing(name, node, subject)
    if (!alarm) return
    const now = this.clock.now()
    const told = { flow: 0, from: node, to: node, carrier: 'admin', message: `alarm ${name} cleared`, sentAt: now } as const
    alarm.clearedAt = now
    alarm.clearedSeq = this.log.add(told, because, 'ok', 'ALM-25').seq
    this.standingByKey.delete(keyOf(name, node, subject))
    this.standingByName.set(name, (this.standingByName.get(name) ?? 1) - 1)
    this.touch(alarm.id)
    if (this.alarms.size > ALARMS_KEPT) this.dropOldestCleared()
  }

  /** Whether it stands anywhere: asked before a search over all nodes. */
  anyStands(name: AlarmName): boolean {
    return (this.standingByName.get(name) ?? 0) > 0
  }

  stands(name: AlarmName, node: string, subject = ''): boolean {
    return this.standing(name, node, subject) !== undefined
  }

  get(id: string): Alarm | undefined {
    return this.alarms.get(id)
  }

  /** Number of the oldest raise that is still kept; 1 while none fell out. */
  get oldestRaise(): number {
    return Math.max(1, this.raises - RAISES_KEPT + 1)
  }

  /** Kept raises from this number on, oldest first. */
  *raisesFrom(number: number): Iterable<Raise> {
    for (let each = Math.max(number, this.oldestRaise); each <= this.raises; each++) yield this.recent[(each - 1) % RAISES_KEPT] as Raise
  }

  all(): Iterable<Alarm> {
    return this.alarms.values()
  }

  row(alarm: Alarm): AlarmRow {
    const spec = ALARMS[alarm.name]
    return {
      kind: 'alarm',
      id: alarm.id,
      name: alarm.name,
      severity: spec.severity,
      service: spec.service,
      node: alarm.node,
      raisedAt: alarm.raisedAt,
      clearedAt: alarm.clearedAt,
      clearedSeq: alarm.clearedSeq,
      count: alarm.count,
      text: spec.text,
      action: spec.action,
      causeSeq: alarm.causeSeq,
      ciscoLog: ciscoLogLine(alarm.name, alarm.node, alarm.parameters, this.clusterId),
      why: spec.why,
    }
  }

  private standing(name: AlarmName, node: string, subject: string): Alarm | undefined {
    // Asked at every message, when nearly always nothing stands: no key is made for that.
    return this.anyStands(name) ? this.standingByKey.get(keyOf(name, node, subject)) : undefined
  }

  private dropOldestCleared(): void {
    for (const [id, alarm] of this.alarms) {
      if (alarm.clearedAt === null) continue
      this.alarms.delete(id)
      this.forget(id)
      return
    }
  }
}

const NO_PARAMETERS: Raise['parameters'] = []

export const bracketed = (parameters: Raise['parameters']): string =>
  parameters.map(([key, value]) => `[${key}=${value.replace(/[[\]]/g, '')}]`).join('')

/** Facility, severity digit, name, bracketed parameters, text (ALM-24). */
export function ciscoLogLine(name: AlarmName, node: string, parameters: string, clusterId: string): string {
  const { facility, severity, service, text } = ALARMS[name]
  return `%${facility}-${SEVERITY_DIGIT[severity]}-${name}: %${parameters}[AppID=${service}][ClusterID=${clusterId}][NodeID=${node}]: ${text}`
}

const keyOf = (name: string, node: string, subject: string): string => `${name}@${node}:${subject}`
