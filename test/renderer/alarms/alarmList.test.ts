import { describe, expect, it } from 'vitest'
import type { AlarmRow, FindingRow } from '../../../core/contract/index.ts'
import { EVERY_ALARM, countLevels, countRaised, listAlarms, listFindings } from '../../../renderer/views/alarms/alarmList.ts'
import { alarms as fixtures } from '../fixtures/rows.ts'

const alarm = (id: string, over: Partial<AlarmRow>): AlarmRow => ({ ...fixtures[0]!, id, ...over })
const all = [
  alarm('a', { severity: 'Warning', raisedAt: 5 }),
  alarm('b', { severity: 'Alert', raisedAt: 1 }),
  alarm('c', { severity: 'Critical', raisedAt: 9 }),
  alarm('d', { severity: 'Alert', raisedAt: 3 }),
  alarm('e', { severity: 'Alert', raisedAt: 8, clearedAt: 9, name: 'TokenDead' }),
]
const ids = (part: Partial<typeof EVERY_ALARM>): string =>
  listAlarms(all, { ...EVERY_ALARM, ...part })
    .map((row) => row.id)
    .join('')

describe('alarm list', () => {
  it('puts raised before cleared, Alert above Critical (DEC-04), the newest first', () => {
    expect(ids({})).toBe('dbcae')
  })

  it('filters by state, severity and words', () => {
    expect(ids({ activeOnly: true })).toBe('dbca')
    expect(ids({ atLeast: 'Critical' })).toBe('dbce')
    expect(ids({ atLeast: 'Alert' })).toBe('dbe')
    expect(ids({ text: 'tokendead' })).toBe('e')
    expect(ids({ text: 'start cisco nothing' })).toBe('')
    expect(ids({ node: 'nowhere' })).toBe('')
    expect(ids({ node: all[0]!.node })).toBe('dbcae')
  })

  it('counts what is raised, the worst first (DEC-04)', () => {
    expect(countRaised(all)).toEqual([
      { severity: 'Alert', count: 2 },
      { severity: 'Critical', count: 1 },
      { severity: 'Warning', count: 1 },
    ])
  })
})

describe('findings', () => {
  const finding = (id: string, level: FindingRow['level'], subject: string): FindingRow => ({
    kind: 'finding',
    id,
    level,
    subject,
    text: '',
    fix: '',
    why: '',
  })

  it('begins with what fails and counts each level', () => {
    const rows = [finding('1', 'Pass', 'a'), finding('2', 'Fail', 'z'), finding('3', 'Warning', 'b'), finding('4', 'Fail', 'c')]
    expect(listFindings(rows).map((row) => row.id)).toEqual(['4', '2', '3', '1'])
    expect(countLevels(rows)).toEqual({ Fail: 2, Warning: 1, Pass: 1 })
  })
})
