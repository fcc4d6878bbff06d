/** The trace level of a service on a node (TRB-09). */
import type { TraceLevel, TraceService } from '../contract/admin.ts'
import { DEFAULT_TRACE_LEVEL, tracedOn } from '../serviceability/traceServices.ts'
import { note, type LabNode, type World } from '../world.ts'

/** Answers with why it is not possible, or null. */
export function setTraceLevel(world: World, node: LabNode, service: TraceService, level: TraceLevel): string | null {
  if (!tracedOn(node).includes(service)) return `${node.id} has no ${service}: traces are written by ${tracedOn(node).join(', ')}`
  if (world.traceLevels.now(node.id, service) === level) return `the trace level of ${service} on ${node.id} is ${level} already`
  world.traceLevels.set(node.id, service, level, world.log.total)
  const words = level === DEFAULT_TRACE_LEVEL ? `${level}, the default` : level
  note(world, { flow: 0, place: node.id, carrier: 'admin' }, `trace level of ${service}`, words, 'info', 'TRB-09')
  return null
}
