/**
 * Trace files of the nodes, made when somebody asks, from the hops that are kept: no second truth, and nothing to pay for in
 * a lab that nobody reads traces of. What fell out of the kept hops is said to be missing (TRB-09).
 */
import type { TraceFile, TraceHit, TraceService } from '../contract/admin.ts'
import type { HopEvent } from '../contract/event.ts'
import type { Steps } from '../steps.ts'
import type { LabNode, World } from '../world.ts'
import { bracketed, ciscoLogLine } from './alarms.ts'
import { ciscoDate } from './calendar.ts'
import { utf8Bytes } from './tar.ts'
import { linesOf, type TraceLine } from './traceLines.ts'
import { ACTIVE_LOG, TRACE_SERVICES, tracedOn } from './traceServices.ts'

/** A service begins a new file after this many hops of the lab, so that a name always stands for the same lines; modelled. */
export const HOPS_PER_FILE = 10_000

/** Hops that are looked through in one step; a file is a whole number of these. */
export const HOPS_PER_STEP = 1_000

/** CiscoLog of a node: its alarms as lines (ALM-24). */
export const SYSLOG_PATH = `${ACTIVE_LOG}/syslog/CiscoSyslog`

type Line = Pick<TraceLine, 'at' | 'text'> & { seq: number | null }

export const nodesOf = (world: World, only?: string): LabNode[] =>
  [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])].filter(({ id }) => only === undefined || id === only)

type Places = ReadonlyMap<string, { node: LabNode; service: TraceService }>

/** Whose lines a hop makes, by place. */
export function placesOf(world: World, only?: string): Places {
  const places = new Map<string, { node: LabNode; service: TraceService }>()
  for (const node of nodesOf(world, only))
    for (const service of tracedOn(node)) places.set(`${node.id}/${TRACE_SERVICES[service].place}`, { node, service })
  return places
}

export function pathOf(service: TraceService, chunk: number): string {
  const { folder, prefix, suffix } = TRACE_SERVICES[service]
  return `${ACTIVE_LOG}${folder}/${prefix}${String(chunk + 1).padStart(8, '0')}${suffix}`
}

/** What the service at a place wrote of a hop, while it ran: the end of a hop is known by its number, its beginning by its time. */
export function writtenBy(world: World, node: string, service: TraceService, place: string, event: HopEvent): TraceLine[] {
  const { traceLevels } = world
  const lines = linesOf(service, place, event, traceLevels.at(node, service, event.seq))
  return lines.filter((line) => traceLevels.wasThere(node, service, event.seq, line.at === event.at ? null : line.at))
}

/** Tells of the lines of the hops from `from` on that are kept still; `until` is the first hop that is not looked at. */
export function eachLine(
  world: World,
  places: Places,
  from: number,
  until: number,
  tell: (place: string, lines: TraceLine[]) => void,
): void {
  const end = Math.min(until, world.log.total)
  const written = (place: string, event: HopEvent): void => {
    const at = places.get(place)
    if (!at) return
    const lines = writtenBy(world, at.node.id, at.service, place, event)
    if (lines.length > 0) tell(place, lines)
  }
  for (const event of world.log.since(from)) {
    if (event.seq >= end) break
    written(event.from, event)
    if (event.to !== event.from) written(event.to, event)
  }
}

/** All lines of one chunk of hops, by place, in the order in which they stand in the file. */
function* linesIn(world: World, places: Places, chunk: number): Steps<Map<string, TraceLine[]>> {
  const found = new Map<string, TraceLine[]>()
  const end = (chunk + 1) * HOPS_PER_FILE
  for (let from = chunk * HOPS_PER_FILE; from < Math.min(end, world.log.total); from += HOPS_PER_STEP) {
    if (from + HOPS_PER_STEP <= world.log.oldest) continue
    eachLine(world, places, from, from + HOPS_PER_STEP, (place, lines) => {
      const before = found.get(place)
      if (before) before.push(...lines)
      else found.set(place, lines)
    })
    yield
  }
  // A request stands where it left, although its hop was written when it arrived.
  for (const lines of found.values()) lines.sort((a, b) => a.at - b.at || a.seq - b.seq)
  return found
}

export function* syslogOf(world: World, node: string): Iterable<Line> {
  for (const raise of world.alarms.raisesFrom(1)) {
    if (raise.node !== node) continue
    const line = ciscoLogLine(raise.name, node, bracketed(raise.parameters), world.cluster.id)
    yield { at: raise.at, seq: raise.seq, text: `${raise.number}: ${node}: ${ciscoDate(raise.at)} :  ${line}` }
  }
}

/** A file with its lines. */
export type OpenTrace = { file: TraceFile; lines: readonly Line[] }

export const chunksKept = ({ log: { oldest, total } }: World): number[] => {
  const first = Math.floor(oldest / HOPS_PER_FILE)
  return Array.from({ length: Math.max(0, Math.ceil(total / HOPS_PER_FILE) - first) }, (_, i) => first + i)
}

/** Every file of these nodes, chunk by chunk, then the alarms: one is in memory as long as `tell` holds it. */
function* eachTrace(world: World, only: string | undefined, tell: (open: OpenTrace) => void): Steps<void> {
  const places = placesOf(world, only)
  for (const chunk of chunksKept(world)) {
    const found = yield* linesIn(world, places, chunk)
    for (const [place, lines] of found) {
      const { node, service } = places.get(place) as { node: LabNode; service: TraceService }
      tell(opened(world, node.id, service, chunk, lines))
    }
  }
  for (const { id } of nodesOf(world, only)) {
    const lines = [...syslogOf(world, id)]
    if (lines.length > 0) tell(openedSyslog(world, id, lines))
    yield
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const byNodeAndPath = (a: TraceFile, b: TraceFile): number => compare(a.node, b.node) || compare(a.path, b.path)

/** All files of all nodes, or of one, ordered by node and path. */
export function* openTraces(world: World, only?: string): Steps<OpenTrace[]> {
  const open: OpenTrace[] = []
  yield* eachTrace(world, only, (trace) => open.push(trace))
  return open.toSorted((a, b) => byNodeAndPath(a.file, b.file))
}

/** One file by its full path; null when there is none, or when nothing of it is kept. */
export function* openTrace(world: World, node: LabNode, path: string): Steps<OpenTrace | null> {
  if (path === SYSLOG_PATH) {
    const lines = [...syslogOf(world, node.id)]
    return lines.length > 0 ? openedSyslog(world, node.id, lines) : null
  }
  for (const service of tracedOn(node)) {
    const { folder, prefix, suffix, place } = TRACE_SERVICES[service]
    const start = `${ACTIVE_LOG}${folder}/${prefix}`
    if (!path.startsWith(start) || !path.endsWith(suffix)) continue
    const number = path.slice(start.length, path.length - suffix.length)
    if (!/^\d{8}$/.test(number)) continue
    const chunk = Number(number) - 1
    const at = `${node.id}/${place}`
    const lines = (yield* linesIn(world, new Map([[at, { node, service }]]), chunk)).get(at)
    if (lines) return opened(world, node.id, service, chunk, lines)
  }
  return null
}

function opened(world: World, node: string, service: TraceService, chunk: number, lines: readonly TraceLine[]): OpenTrace {
  const file = describe(node, service, pathOf(service, chunk), lines)
  return { file: { ...file, cut: chunk * HOPS_PER_FILE < world.log.oldest, modelled: TRACE_SERVICES[service].modelled }, lines }
}

export const openedSyslog = (world: World, node: string, lines: readonly Line[]): OpenTrace => ({
  file: { ...describe(node, 'syslog', SYSLOG_PATH, lines), cut: world.alarms.oldestRaise > 1 },
  lines,
})

function describe(node: string, service: TraceFile['service'], path: string, lines: readonly Line[]): TraceFile {
  let bytes = 0
  for (const line of lines) bytes += bytesOf(line)
  return {
    node,
    service,
    path,
    lines: lines.length,
    bytes,
    firstAt: lines[0]?.at ?? 0,
    lastAt: lines.at(-1)?.at ?? 0,
    cut: false,
    modelled: false,
  }
}

/** With the end of the line. */
export const bytesOf = (line: Pick<Line, 'text'>): number => utf8Bytes(line.text) + 1

/** Lines that hold a text, in any letter case, over all nodes or one, by time (SEC-06). */
export function* searchTraces(
  world: World,
  text: string,
  only: string | undefined,
  limit: number,
): Steps<{ hits: TraceHit[]; more: boolean }> {
  const wanted = text.toLowerCase()
  const hits: TraceHit[] = []
  yield* eachTrace(world, only, ({ file, lines }) => {
    for (const [index, line] of lines.entries()) {
      if (line.text.toLowerCase().includes(wanted))
        hits.push({ node: file.node, path: file.path, line: index + 1, at: line.at, text: line.text, seq: line.seq })
    }
  })
  hits.sort((a, b) => a.at - b.at || compare(a.node, b.node) || compare(a.path, b.path) || a.line - b.line)
  return { hits: hits.slice(0, limit), more: hits.length > limit }
}
