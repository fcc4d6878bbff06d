/**
 * Trace level of each service on each node, and when it ran, with their past: a line that was not written because of the level
 * then, or because there was nobody to write it, is not there now (TRB-09).
 */
import type { TraceLevel, TraceService } from '../contract/admin.ts'
import { DEFAULT_TRACE_LEVEL, TRACE_LEVELS } from './traceServices.ts'

/** Changes that are remembered per service; the oldest go first, and their time counts as the one after them. */
const CHANGES_KEPT = 200

/** Holds for hops from this number on. */
type Change = { fromSeq: number; level: TraceLevel }
/** A service ended, or began again: between its hops of these numbers, and at this time. */
type Turn = { fromSeq: number; at: number; runs: boolean }

export class TraceLevels {
  private readonly changes = new Map<string, Change[]>()
  private readonly turns = new Map<string, Turn[]>()
  /** Changes that were forgotten: with each, lines that had been written read otherwise. */
  forgotten = 0

  /** `nextSeq` is the number that the next hop will have. */
  set(node: string, service: TraceService, level: TraceLevel, nextSeq: number): void {
    const key = `${node}/${service}`
    const known = this.changes.get(key) ?? [{ fromSeq: 0, level: DEFAULT_TRACE_LEVEL }]
    this.changes.set(key, known)
    const last = known.at(-1)
    if (last?.fromSeq === nextSeq) last.level = level
    else known.push({ fromSeq: nextSeq, level })
    if (known.length <= CHANGES_KEPT) return
    known.shift()
    this.forgotten++
  }

  /** Told whenever a service may have ended or begun; `nextSeq` is the number that the next hop will have. */
  ran(node: string, service: TraceService, runs: boolean, nextSeq: number, at: number): void {
    const key = `${node}/${service}`
    const known = this.turns.get(key)
    if ((known?.at(-1)?.runs ?? true) === runs) return
    const turn = { fromSeq: nextSeq, at, runs }
    if (!known) return void this.turns.set(key, [turn])
    known.push(turn)
    if (known.length <= CHANGES_KEPT) return
    // In pairs: what is left begins as it did, with a service that runs until it ends.
    known.splice(0, 2)
    this.forgotten++
  }

  /** Whether the service was there to write a line of a hop, at the end of the hop or, with a time of its own, at its beginning. */
  wasThere(node: string, service: TraceService, seq: number, at: number | null): boolean {
    const known = this.turns.get(`${node}/${service}`)
    const last = known?.findLast((turn) => (at === null ? turn.fromSeq <= seq : turn.runs ? turn.at <= at : turn.at < at))
    return last?.runs ?? true
  }

  now(node: string, service: TraceService): TraceLevel {
    return this.changes.get(`${node}/${service}`)?.at(-1)?.level ?? DEFAULT_TRACE_LEVEL
  }

  at(node: string, service: TraceService, seq: number): TraceLevel {
    const known = this.changes.get(`${node}/${service}`)
    if (!known) return DEFAULT_TRACE_LEVEL
    for (let i = known.length - 1; i > 0; i--) {
      const change = known[i]
      if (change && change.fromSeq <= seq) return change.level
    }
    return known[0]?.level ?? DEFAULT_TRACE_LEVEL
  }
}

/** Whether a line of this level is written at that setting. */
export const isWritten = (line: TraceLevel, setting: TraceLevel): boolean => TRACE_LEVELS.indexOf(line) <= TRACE_LEVELS.indexOf(setting)
