/**
 * Trace files of the nodes, made when somebody asks, from the hops that are kept: no second truth, and nothing to pay for in
 * a lab that nobody reads traces of. What fell out of the kept hops is said to be missing (TRB-09).
 */
import type { TraceFile, TraceHit, TraceService } from '../contract/admin.ts'
import type { HopEvent } from '../contract/event.ts'
import type { LabNode, World } from '../world.ts'
import { bracketed, ciscoLogLine } from './alarms.ts'
import { ciscoDate } from './calendar.ts'
import { utf8Bytes } from './tar.ts'
import { linesOf, type TraceLine } from './traceLines.ts'
import { ACTIVE_LOG, TRACE_SERVICES, tracedOn } from './traceServices.ts'

/** A service begins a new file after this many hops of the lab, so that a name always stands for the same lines; modelled. */
export const HOPS_PER_FILE = 10_000

/** CiscoLog of a node: its alarms as lines (ALM-24). */
export const SYSLOG_PATH = `${ACTIVE_LOG}/syslog/CiscoSyslog`

type Line = Pick<TraceLine, 'at' | 'text'> & { seq: number | null }

const nodesOf = (world: World): LabNode[] => [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])]

/** Whose lines a hop makes, by place. */
function placesOf(world: World, only: string | undefined): Map<string, { node: LabNode; service: TraceService }> {
  const places = new Map<string, { node: LabNode; service: TraceService }>()
  for (const node of nodesOf(world)) {
    if (only !== undefined && node.id !== only) continue
    for (const service of tracedOn(node)) places.set(`${node.id}/${TRACE_SERVICES[service].place}`, { node, service })
  }
  return places
}

export function pathOf(service: TraceService, chunk: number): string {
  const { folder, prefix, suffix } = TRACE_SERVICES[service]
  return `${ACTIVE_LOG}${folder}/${prefix}${String(chunk + 1).padStart(8, '0')}${suffix}`
}

function written(world: World, node: string, service: TraceService, place: string, event: HopEvent): TraceLine[] {
  return linesOf(service, place, event, world.traceLevels.at(node, service, event.seq))
}

type Found = { node: string; service: TraceService; chunk: number; lines: TraceLine[] }

/** All trace lines from a hop on, by file; `until` is the first hop that is not looked at. */
function gather(world: World, places: ReturnType<typeof placesOf>, from: number, until: number): Map<string, Found> {
  const files = new Map<string, Found>()
  const add = (place: string, event: HopEvent): void => {
    const at = places.get(place)
    if (!at) return
    const lines = written(world, at.node.id, at.service, place, event)
    if (lines.length === 0) return
    const chunk = Math.floor(event.seq / HOPS_PER_FILE)
    const key = `${place}#${chunk}`
    const file = files.get(key)
    if (file) file.lines.push(...lines)
    else files.set(key, { node: at.node.id, service: at.service, chunk, lines })
  }
  for (const event of world.log.since(from)) {
    if (event.seq >= until) break
    add(event.from, event)
    if (event.to !== event.from) add(event.to, event)
  }
  // A request stands where it left, although its hop was written when it arrived.
  for (const { lines } of files.values()) lines.sort((a, b) => a.at - b.at || a.seq - b.seq)
  return files
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

/** All files of all nodes, or of one, ordered by node and path. */
export function openTraces(world: World, only?: string): OpenTrace[] {
  const open: OpenTrace[] = []
  for (const { node, service, chunk, lines } of gather(world, placesOf(world, only), 0, Infinity).values())
    open.push(opened(world, node, service, chunk, lines))
  for (const node of nodesOf(world)) {
    if (only !== undefined && node.id !== only) continue
    const lines = [...syslogOf(world, node.id)]
    if (lines.length > 0) open.push(openedSyslog(world, node.id, lines))
  }
  return open.toSorted((a, b) => compare(a.file.node, b.file.node) || compare(a.file.path, b.file.path))
}

/** What is known of files that no hop can change any more: by their number, counted from 0. */
const finished = new WeakMap<World, Map<number, readonly TraceFile[]>>()

/** The files without their lines, in the same order. Those that are full are looked through once. */
export function traceFiles(world: World, only?: string): TraceFile[] {
  const known = finished.get(world) ?? new Map<number, readonly TraceFile[]>()
  finished.set(world, known)
  const { oldest, total } = world.log
  const files: TraceFile[] = []
  for (let chunk = Math.floor(oldest / HOPS_PER_FILE); chunk * HOPS_PER_FILE < total; chunk++) {
    const from = chunk * HOPS_PER_FILE
    const whole = from >= oldest && from + HOPS_PER_FILE <= total
    const found =
      (whole ? known.get(chunk) : undefined) ??
      [...gather(world, placesOf(world, undefined), from, from + HOPS_PER_FILE).values()].map(
        ({ node, service, lines }) => opened(world, node, service, chunk, lines).file,
      )
    if (whole) known.set(chunk, found)
    else known.delete(chunk)
    files.push(...found.filter(({ node }) => only === undefined || node === only))
  }
  for (const { id } of nodesOf(world)) {
    if (only !== undefined && id !== only) continue
    const lines = [...syslogOf(world, id)]
    if (lines.length > 0) files.push(openedSyslog(world, id, lines).file)
  }
  return files.toSorted((a, b) => compare(a.node, b.node) || compare(a.path, b.path))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** One file by its full path; null when there is none, or when nothing of it is kept. */
export function openTrace(world: World, node: LabNode, path: string): OpenTrace | null {
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
    const found = gather(world, new Map([[at, { node, service }]]), chunk * HOPS_PER_FILE, (chunk + 1) * HOPS_PER_FILE).get(
      `${at}#${chunk}`,
    )
    if (found) return opened(world, node.id, service, chunk, found.lines)
  }
  return null
}

function opened(world: World, node: string, service: TraceService, chunk: number, lines: readonly TraceLine[]): OpenTrace {
  const file = describe(node, service, pathOf(service, chunk), lines)
  return { file: { ...file, cut: chunk * HOPS_PER_FILE < world.log.oldest, modelled: TRACE_SERVICES[service].modelled }, lines }
}

const openedSyslog = (world: World, node: string, lines: readonly Line[]): OpenTrace => ({
  file: { ...describe(node, 'syslog', SYSLOG_PATH, lines), cut: world.alarms.oldestRaise > 1 },
  lines,
})

function describe(node: string, service: TraceFile['service'], path: string, lines: readonly Line[]): TraceFile {
  let bytes = 0
  for (const line of lines) bytes += utf8Bytes(line.text) + 1
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

/** Lines that hold a text, in any letter case, over all nodes or one, by time (SEC-06). */
export function searchTraces(world: World, text: string, only: string | undefined, limit: number): { hits: TraceHit[]; more: boolean } {
  const wanted = text.toLowerCase()
  const hits: TraceHit[] = []
  for (const { file, lines } of openTraces(world, only)) {
    for (const [index, line] of lines.entries()) {
      if (line.text.toLowerCase().includes(wanted))
        hits.push({ node: file.node, path: file.path, line: index + 1, at: line.at, text: line.text, seq: line.seq })
    }
  }
  hits.sort((a, b) => a.at - b.at || compare(a.node, b.node) || compare(a.path, b.path) || a.line - b.line)
  return { hits: hits.slice(0, limit), more: hits.length > limit }
}
