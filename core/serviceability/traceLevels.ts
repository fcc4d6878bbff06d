/**
 * Trace level of each service on each node, with its past: a line that was not written because of the level then is not
 * there now, however the level stands (TRB-09).
 */
import type { TraceLevel, TraceService } from '../contract/admin.ts'
import { DEFAULT_TRACE_LEVEL, TRACE_LEVELS } from './traceServices.ts'

/** Changes that are remembered per service; the oldest go first, and their time counts as the one after them. */
const CHANGES_KEPT = 200

/** Holds for hops from this number on. */
type Change = { fromSeq: number; level: TraceLevel }

export class TraceLevels {
  private readonly changes = new Map<string, Change[]>()
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
