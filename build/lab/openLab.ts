/** What a file on the command line holds: a scenario, or a run that was exported. */
import type { Readable } from 'node:stream'
import type { Issue } from '../../core/contract/door.ts'
import type { Scenario } from '../../core/contract/scenario.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { isJournal, readJournal, type StoredRun } from '../../core/wire/runFile.ts'
import { issueLines } from './issueText.ts'
import { readText } from './readText.ts'

export type OpenedFile =
  | { kind: 'scenario'; scenario: Scenario }
  | { kind: 'run'; stored: StoredRun }
  /** `lines` for people; `issues` is null when the file could not even be read. */
  | { kind: 'bad'; lines: string[]; issues: readonly Issue[] | null }

export async function openLab(file: string, stdin: Readable): Promise<OpenedFile> {
  const source = await readText(file, stdin)
  if (!source.ok) return { kind: 'bad', lines: [source.message], issues: null }
  if (isJournal(source.text)) {
    const read = readJournal(source.text)
    return read.ok ? { kind: 'run', stored: read.run } : { kind: 'bad', lines: issueLines(file, read.issues), issues: read.issues }
  }
  const parsed = parseScenario(source.text, file)
  return parsed.ok
    ? { kind: 'scenario', scenario: parsed.scenario }
    : { kind: 'bad', lines: issueLines(file, parsed.issues), issues: parsed.issues }
}
