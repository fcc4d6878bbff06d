/** One expectation at work: what it looks at, and what it finds. */
import type { HopEvent } from '../contract/event.ts'
import type { Row, RowKind } from '../contract/rows.ts'

/** What a verdict may look at: the rows as they are now, and the time. */
export type JudgeView = { rows: (kind: RowKind) => readonly Row[]; now: number }

export type Judged = { met: boolean; found: string }

/** `text` says the expectation in words. */
export type Watch = {
  text: string
  onEvent?: (event: HopEvent) => void
  judge: (view: JudgeView) => Judged
}
