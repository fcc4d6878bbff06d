/** The last line of `lab run --json`. Its form is documented in docs/lab-cli.md and grows, but does not change. */
import type { Issue } from '../../core/contract/door.ts'
import type { Verdict } from '../../core/contract/results.ts'
import type { AlarmRow, FindingRow, FlowRow, LabRow, PushState, Row, RowKind } from '../../core/contract/rows.ts'
import type { Scenario } from '../../core/contract/scenario.ts'

export type Report = {
  type: 'report'
  /** Version of this form. */
  version: 1
  file: string
  title: string
  seed: number
  /** Virtual time that was run, in milliseconds. */
  untilMs: number
  events: number
  /** All expectations hold. */
  met: boolean
  results: Verdict['results']
  flows: Pick<
    FlowRow,
    'flow' | 'type' | 'title' | 'state' | 'startedAt' | 'pushAt' | 'offeredAt' | 'answeredAt' | 'endedAt' | 'cause' | 'causeWhy'
  >[]
  alarms: Pick<AlarmRow, 'name' | 'severity' | 'node' | 'raisedAt' | 'clearedAt' | 'count'>[]
  findings: Pick<FindingRow, 'level' | 'subject' | 'text' | 'why'>[]
  /** Every push is in exactly one state; their sum is `total`. */
  pushes: { total: number } & Record<PushState, number>
}

/** Whether a recorded run came out as it was recorded, and if not, where it first differs. */
export type Recorded = { events: number; same: boolean; issue: Issue | null }

type Run = {
  file: string
  scenario: Scenario
  seed: number
  untilMs: number
  events: number
  verdict: Verdict
  rows: (kind: RowKind) => readonly Row[]
}

const NO_PUSHES: Record<PushState, number> = {
  created: 0,
  sent: 0,
  accepted: 0,
  delivered: 0,
  shown: 0,
  used: 0,
  failed: 0,
  expired: 0,
  superseded: 0,
}

export function report({ file, scenario, seed, untilMs, events, verdict, rows }: Run): Report {
  const lab = rows('lab')[0] as LabRow | undefined
  return {
    type: 'report',
    version: 1,
    file,
    title: scenario.title,
    seed,
    untilMs,
    events,
    met: verdict.met,
    results: verdict.results,
    flows: (rows('flow') as readonly FlowRow[]).map(
      ({ flow, type, title, state, startedAt, pushAt, offeredAt, answeredAt, endedAt, cause, causeWhy }) => ({
        flow,
        type,
        title,
        state,
        startedAt,
        pushAt,
        offeredAt,
        answeredAt,
        endedAt,
        cause,
        causeWhy,
      }),
    ),
    alarms: (rows('alarm') as readonly AlarmRow[]).map(({ name, severity, node, raisedAt, clearedAt, count }) => ({
      name,
      severity,
      node,
      raisedAt,
      clearedAt,
      count,
    })),
    findings: (rows('finding') as readonly FindingRow[]).map(({ level, subject, text, why }) => ({ level, subject, text, why })),
    pushes: { total: lab?.pushesCreated ?? 0, ...(lab?.pushStates ?? NO_PUSHES) },
  }
}
