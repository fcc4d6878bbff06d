/**
 * Holds a run against the expectations of its scenario. Events are looked at as they pass and never kept,
 * so a run of any length is judged in the same memory; rows are looked at when the verdict is asked for.
 */
import type { HopEvent } from '../contract/event.ts'
import type { ExpectationResult, Verdict } from '../contract/results.ts'
import type { Expectation, Scenario } from '../contract/scenario.ts'
import { watchEvent, watchOrder } from './judgeEvents.ts'
import type { FlowZero } from './judgeEvents.ts'
import { judgeAlarm, judgeCounter, judgeFinding, judgeMessages, judgePushes, judgeState } from './judgeRows.ts'
import type { JudgeView, Watch } from './watch.ts'

export type Judge = {
  onEvent: (event: HopEvent) => void
  /** May be asked at any time; an expectation whose time has not come yet is simply not met. */
  verdict: (view: JudgeView) => Verdict
}

/** Flows whose start is remembered for `since: flow` and `since: push`; the oldest are forgotten first. */
const FLOWS_KEPT = 200_000

export function createJudge(scenario: Pick<Scenario, 'expect'>): Judge {
  const zeros = flowZeros()
  const watches = scenario.expect.map((expectation) => watchFor(expectation, zeros.of))
  const readers = watches.flatMap((watch) => watch.onEvent ?? [])
  if (scenario.expect.some((expectation) => 'since' in expectation && expectation.since !== 'run')) readers.unshift(zeros.note)
  return {
    onEvent: (event) => {
      for (const read of readers) read(event)
    },
    verdict: (view) => {
      const results = watches.map((watch, index): ExpectationResult => ({ index, text: watch.text, ...watch.judge(view) }))
      return { met: results.every((result) => result.met), results }
    },
  }
}

function watchFor(expectation: Expectation, zeroOf: FlowZero): Watch {
  if ('event' in expectation) return watchEvent(expectation, zeroOf)
  if ('order' in expectation) return watchOrder(expectation)
  if ('alarm' in expectation) return judgeAlarm(expectation)
  if ('counter' in expectation) return judgeCounter(expectation)
  if ('state' in expectation) return judgeState(expectation)
  if ('pushes' in expectation) return judgePushes(expectation)
  if ('messages' in expectation) return judgeMessages(expectation)
  return judgeFinding(expectation)
}

/** Start and t0 of each flow, read off its hops: t0 is the instant its first push left for CPNS or LPNS (DEC-25). */
function flowZeros(): { note: (event: HopEvent) => void; of: FlowZero } {
  const starts = new Map<number, number>()
  const pushes = new Map<number, number>()
  const keep = (map: Map<number, number>, flow: number, at: number) => {
    if (map.has(flow)) return
    map.set(flow, at)
    if (map.size > FLOWS_KEPT) for (const oldest of map.keys()) return void map.delete(oldest)
  }
  return {
    note: (event) => {
      if (event.flow === 0) return
      keep(starts, event.flow, event.sentAt)
      if (event.carrier === 'CPNS' || event.carrier === 'LPNS') keep(pushes, event.flow, event.sentAt)
    },
    of: (flow, since) => (since === 'run' ? 0 : ((since === 'flow' ? starts : pushes).get(flow) ?? null)),
  }
}
