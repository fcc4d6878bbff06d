/** The trace level of a service on a node, and whether it runs at all (TRB-09). */
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

/** A service that does not run writes no traces; one that is starting does, if only why it cannot (ALM-04, ALM-16). */
export function traceWhileRunning(world: World, node: LabNode): void {
  const on = node.state === 'up' || node.state === 'off network'
  for (const name of tracedOn(node)) {
    const state = node.services.get(name)?.state
    world.traceLevels.ran(node.id, name, on && (state === 'running' || state === 'starting'), world.log.total, world.clock.now())
  }
}
