/** All traces of the nodes as one archive, as one would collect them for a case (TRB-09, ALM-24). */
import { printable } from '../ladder/words.ts'
import type { Steps } from '../steps.ts'
import type { World } from '../world.ts'
import { log4jDate, START_EPOCH_S } from './calendar.ts'
import { tar, type TarEntry } from './tar.ts'
import { ACTIVE_LOG, TRACE_SERVICES } from './traceServices.ts'
import { openTraces } from './traceLog.ts'

/** More is left out, oldest files first, and named in the bundle. */
export const BUNDLE_BYTES = 32 * 1024 * 1024

export type Bundle = { name: string; mediaType: string; text: string; leftOut: string[] }

export function* traceBundle(world: World, only?: string): Steps<Bundle> {
  const traces = (yield* openTraces(world, only)).toSorted((a, b) => b.file.lastAt - a.file.lastAt)
  const entries: TarEntry[] = []
  const leftOut: string[] = []
  let bytes = 0
  for (const { file, lines } of traces) {
    // Unpacked, so it is not called .gz here.
    const path = `${file.node}${file.path.slice(ACTIVE_LOG.length).replace(/\.gz$/, '')}`
    if (bytes + file.bytes > BUNDLE_BYTES) {
      leftOut.push(path)
      continue
    }
    bytes += file.bytes
    const text = lines.map((line) => `${line.text}\n`).join('')
    entries.push({ path, text: file.cut ? `${cutNote(world)}\n${text}` : text })
    yield
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1))
  entries.unshift({ path: 'README.txt', text: readme(world, leftOut) })
  const mtimeS = START_EPOCH_S + Math.floor(world.clock.now() / 1_000)
  return { name: `${only ?? world.cluster.id}-traces.tar`, mediaType: 'application/x-tar', text: tar(entries, mtimeS), leftOut }
}

/** First line of a file whose beginning is gone. */
export const cutNote = (world: World): string =>
  `# lines of hops before ${world.log.oldest} are missing: only the newest hops are kept; go back in time to have them again`

function readme(world: World, leftOut: readonly string[]): string {
  const modelled = Object.values(TRACE_SERVICES)
    .filter((service) => service.modelled)
    .map((service) => service.folder)
  return [
    `Traces of ${printable(world.scenario.title)}, seed ${world.seed}, up to ${log4jDate(world.clock.now())} (virtual time)`,
    'Form and known lines follow what is published (TAC 222556); all other texts, classes and line numbers are modelled.',
    `Modelled as a whole, path included: ${modelled.join(', ')}`,
    world.log.oldest > 0 ? cutNote(world) : 'Complete: no hop of this run has been forgotten.',
    leftOut.length > 0 ? `Left out, as the bundle would be too large: ${leftOut.join(', ')}` : 'Nothing is left out.',
    '',
  ].join('\n')
}
