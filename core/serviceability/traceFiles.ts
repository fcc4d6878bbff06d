/**
 * The trace files without their lines. Lines are counted by blocks of hops; a block that no hop can change any more is looked
 * through once, so what the first question costs comes in steps, and each later one costs two blocks at most (TRB-09).
 */
import type { TraceFile } from '../contract/admin.ts'
import type { Steps } from '../steps.ts'
import type { World } from '../world.ts'
import {
  byNodeAndPath,
  bytesOf,
  eachLine,
  HOPS_PER_FILE,
  HOPS_PER_STEP,
  nodesOf,
  openedSyslog,
  pathOf,
  placesOf,
  syslogOf,
} from './traceLog.ts'
import { TRACE_SERVICES } from './traceServices.ts'

type Tally = Pick<TraceFile, 'lines' | 'bytes' | 'firstAt' | 'lastAt'>
type Block = ReadonlyMap<string, Tally>

/** `of`: what the counts depend on besides the hops; when it is another, they are made anew. */
type Known = { of: string; blocks: Map<number, Block> }
const knownOf = new WeakMap<World, Known>()

function known(world: World): Known {
  const of = [world.traceLevels.forgotten, ...placesOf(world).keys()].join('\n')
  const before = knownOf.get(world)
  if (before?.of === of) return before
  const fresh = { of, blocks: new Map<number, Block>() }
  knownOf.set(world, fresh)
  return fresh
}

function countBlock(world: World, block: number): Block {
  const counts = new Map<string, Tally>()
  eachLine(world, placesOf(world), block * HOPS_PER_STEP, (block + 1) * HOPS_PER_STEP, (place, lines) => {
    let tally = counts.get(place)
    if (!tally) counts.set(place, (tally = { lines: 0, bytes: 0, firstAt: Infinity, lastAt: -Infinity }))
    for (const line of lines) {
      tally.lines++
      tally.bytes += bytesOf(line)
      if (line.at < tally.firstAt) tally.firstAt = line.at
      if (line.at > tally.lastAt) tally.lastAt = line.at
    }
  })
  return counts
}

/** Blocks that no hop can change, and that are there from their first hop on. */
const whole = ({ log: { oldest, total } }: World, block: number): boolean =>
  block * HOPS_PER_STEP >= oldest && (block + 1) * HOPS_PER_STEP <= total

/** The next block that is whole and not counted yet. */
function uncounted(world: World, blocks: ReadonlyMap<number, Block>): number | null {
  for (let block = Math.floor(world.log.oldest / HOPS_PER_STEP); (block + 1) * HOPS_PER_STEP <= world.log.total; block++)
    if (whole(world, block) && !blocks.has(block)) return block
  return null
}

/** All files of all nodes, or of one, ordered by node and path. */
export function* traceFiles(world: World, only?: string): Steps<TraceFile[]> {
  for (;;) {
    const { blocks } = known(world)
    const next = uncounted(world, blocks)
    if (next === null) break
    blocks.set(next, countBlock(world, next))
    yield
  }
  return sum(world, only)
}

function sum(world: World, only: string | undefined): TraceFile[] {
  const { blocks } = known(world)
  const { oldest, total } = world.log
  const first = Math.floor(oldest / HOPS_PER_STEP)
  for (const block of blocks.keys()) if (block < first || !whole(world, block)) blocks.delete(block)
  const places = placesOf(world, only)
  const files = new Map<string, TraceFile>()
  for (let block = first; block * HOPS_PER_STEP < total; block++) {
    const chunk = Math.floor((block * HOPS_PER_STEP) / HOPS_PER_FILE)
    for (const [place, tally] of blocks.get(block) ?? countBlock(world, block)) {
      const writer = places.get(place)
      if (!writer) continue
      const { service, node } = writer
      const key = `${place}#${chunk}`
      const file = files.get(key)
      if (file) {
        file.lines += tally.lines
        file.bytes += tally.bytes
        file.firstAt = Math.min(file.firstAt, tally.firstAt)
        file.lastAt = Math.max(file.lastAt, tally.lastAt)
      } else {
        const { modelled } = TRACE_SERVICES[service]
        files.set(key, { node: node.id, service, path: pathOf(service, chunk), ...tally, cut: chunk * HOPS_PER_FILE < oldest, modelled })
      }
    }
  }
  const alarms = nodesOf(world, only).flatMap(({ id }) => {
    const lines = [...syslogOf(world, id)]
    return lines.length > 0 ? [openedSyslog(world, id, lines).file] : []
  })
  return [...files.values(), ...alarms].toSorted(byNodeAndPath)
}
