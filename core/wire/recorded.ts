/** A recorded run that is given again, held against its record: the first thing that does not fit, with its line. */
import type { Issue } from '../contract/door.ts'
import type { HopEvent } from '../contract/event.ts'
import { eventLine } from '../engine/journal.ts'
import type { Run } from '../run.ts'
import type { StoredRun } from './runFile.ts'

/** Where the record ends. Of a file that was cut off: as far as it goes. */
export function endOfRecord({ end, events, inputs }: StoredRun): { at: number; task: number | null } {
  if (end) return { at: end.at, task: end.task }
  const last = events.at(-1)
  return { at: Math.max(inputs.at(-1)?.at ?? 0, last === undefined ? 0 : (JSON.parse(last) as HopEvent).at), task: null }
}

export type AgainstRecord = {
  onEvent(event: HopEvent): void
  readonly events: number
  /** Null when all came out as recorded. `whole` is false for a run that stands elsewhere than at the end of its record. */
  issue(run: Run, whole?: boolean): Issue | null
}

const OTHER_VERSION = 'the journal was made by another version of Push Lab, or was changed'
const OPEN_THERE = 'give it again with the version that made it, or take an unchanged copy of the file'

export function againstRecord(stored: StoredRun): AgainstRecord {
  const { events, inputs, lines, end } = stored
  let index = 0
  let differs = -1
  const at = (line: number, message: string, fix: string): Issue => ({ path: '', message, fix, line, column: 1 })
  return {
    onEvent(event) {
      if (differs < 0 && index < events.length && eventLine(event) !== events[index]) differs = index
      index++
    },
    get events() {
      return index
    },
    issue({ refused }, whole = true) {
      if (refused) {
        const { input, message } = refused
        const text = `its command ${input.do} at ${input.at} ms was refused: ${message}`
        return at(lines.inputs[inputs.indexOf(input)] ?? 1, text, `${OTHER_VERSION}: ${OPEN_THERE}`)
      }
      if (whole && differs < 0 && index < events.length) differs = index
      if (differs >= 0)
        return at(lines.events[differs] ?? 1, `event ${differs} came out differently than recorded: ${OTHER_VERSION}`, OPEN_THERE)
      if (whole && events.length > 0 && end === null)
        return at(
          lines.last,
          'the file is cut off after this line: where the run ended is not in it',
          'export the run again, or go on from here',
        )
      if (whole && events.length > 0 && index !== events.length)
        return at(lines.last, `${index} events came out, and ${events.length} were recorded: ${OTHER_VERSION}`, OPEN_THERE)
      return null
    },
  }
}
