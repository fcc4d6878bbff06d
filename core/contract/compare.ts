/** What differs between two runs: before and after a change, or before and after a fork. */
import type { HopEvent } from './event.ts'
import type { FlowState, PushState } from './rows.ts'

export const COMPARE_LIMITS = { flows: 500, counters: 500, alarms: 200, devices: 500 } as const

/** Of a flow what people ask for first; times count from its start. Null where it did not get there. */
export type ComparedFlow = {
  flow: number
  state: FlowState
  startedAt: number
  pushAfterMs: number | null
  offeredAfterMs: number | null
  answeredAfterMs: number | null
  endedAfterMs: number | null
  cause: string
  causeWhy: string
}

/** Null on a side on which there is no such thing. */
export type Pair<T> = { before: T | null; after: T | null }

export type ComparedRuns = {
  version: 1
  /** Virtual time that both were run. */
  untilMs: number
  same: boolean
  titles: Pair<string>
  events: Pair<number>
  /** The first event that differs; null when none does. */
  firstDifference: Pair<HopEvent> | null
  /** Flows that differ, by type, title and their order among those of the same title. */
  flows: ({ type: string; title: string } & Pair<ComparedFlow>)[]
  /** Counts of all flows by state, where they differ. */
  outcomes: ({ state: string } & Pair<number>)[]
  pushes: ({ state: PushState | 'total' } & Pair<number>)[]
  counters: ({ node: string; name: string } & Pair<number>)[]
  alarms: ({ name: string; node: string } & Pair<{ count: number; raisedAt: number; clearedAt: number | null }>)[]
  devices: ({ device: string } & Pair<{ state: string; registeredTo: string | null; missedCalls: number; unread: number }>)[]
  /** How many more differ than are listed, by list. */
  more: { flows: number; counters: number; alarms: number; devices: number }
}
