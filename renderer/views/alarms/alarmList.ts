/** Order and filter of alarms and findings. */
import type { AlarmRow, FindingRow, Severity } from '../../../core/contract/index.ts'

/** DEC-04: Alert is above Critical. */
export const SEVERITIES: readonly Severity[] = ['Alert', 'Critical', 'Error', 'Warning', 'Notice', 'Information']

/** `node`: empty for all of them. */
export type AlarmFilter = { text: string; activeOnly: boolean; atLeast: Severity; node: string }

export const EVERY_ALARM: AlarmFilter = { text: '', activeOnly: false, atLeast: 'Information', node: '' }

/** Raised alarms first, the worst first, then the newest. Every word of the text must be found. */
export function listAlarms(alarms: Iterable<AlarmRow>, filter: AlarmFilter): AlarmRow[] {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  const limit = SEVERITIES.indexOf(filter.atLeast)
  return [...alarms]
    .filter((alarm) => {
      if (filter.activeOnly && alarm.clearedAt !== null) return false
      if (filter.node !== '' && alarm.node !== filter.node) return false
      if (SEVERITIES.indexOf(alarm.severity) > limit) return false
      const hay = `${alarm.name} ${alarm.severity} ${alarm.node} ${alarm.service} ${alarm.text} ${alarm.action} ${alarm.why}`.toLowerCase()
      return words.every((word) => hay.includes(word))
    })
    .toSorted(
      (a, b) =>
        Number(a.clearedAt !== null) - Number(b.clearedAt !== null) ||
        SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
        b.raisedAt - a.raisedAt ||
        (a.id < b.id ? -1 : 1),
    )
}

/** How many are raised, by severity, the worst first; severities without one are left out. */
export function countRaised(alarms: Iterable<AlarmRow>): { severity: Severity; count: number }[] {
  const counts = new Map<Severity, number>()
  for (const alarm of alarms) if (alarm.clearedAt === null) counts.set(alarm.severity, (counts.get(alarm.severity) ?? 0) + 1)
  return SEVERITIES.flatMap((severity) => {
    const count = counts.get(severity)
    return count === undefined ? [] : [{ severity, count }]
  })
}

const LEVELS: readonly FindingRow['level'][] = ['Fail', 'Warning', 'Pass']

/** What must be mended first; what passes comes last. */
export const listFindings = <T extends Pick<FindingRow, 'level' | 'subject'>>(findings: Iterable<T>): T[] =>
  [...findings].toSorted(
    (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.subject < b.subject ? -1 : a.subject > b.subject ? 1 : 0),
  )

export const countLevels = (findings: Iterable<FindingRow>): Record<FindingRow['level'], number> => {
  const counts = { Fail: 0, Warning: 0, Pass: 0 }
  for (const finding of findings) counts[finding.level] += 1
  return counts
}
