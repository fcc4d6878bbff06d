/** Runs as they come into view: from a scenario file, from the text of one, or from what the disk has kept. */
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { Scenario } from '../contract/scenario.ts'
import type { TimedInput } from '../engine/journal.ts'
import { Run } from '../run.ts'
import { asWritten } from '../scenario/generate.ts'
import { parseScenario } from '../scenario/parse.ts'
import type { Current } from './host.ts'
import { nodeSealer } from './nodeSealer.ts'
import type { StoredRun } from './runFile.ts'
import { DEFAULT_SCENARIO, readScenarioFile } from './scenarioFiles.ts'

const EMPTY_SCENARIO = `pushlab: 1
title: Empty lab
cluster: { nodes: [{ id: ucm-pub }] }
users: [{ id: user, number: "1000" }]
devices: [{ id: phone, owner: user }]
`

export function startRun(
  scenario: Scenario,
  source: Current['source'],
  recorded: readonly TimedInput[] = [],
  seed = scenario.seed,
  rehearsed = false,
): Current {
  const run = new Run(scenario, { sealer: nodeSealer, file: source.name, seed, rehearse: rehearsed }, recorded)
  // What happens at the first instant has happened when a lab opens: before it no node has even asked for a
  // token, and every phone would look unreachable. A recorded run is brought to its own moment instead.
  if (recorded.length === 0) while (run.stepOnce(0));
  return { scenario, source, seed, file: source.name, rehearsed, run }
}

/** The first lab of all; an empty one when its file is missing or broken. */
export function firstRun(scenariosDir: string, log: (line: string) => void): Current {
  const found = readScenarioFile(scenariosDir, DEFAULT_SCENARIO)
  if (found.ok) {
    const parsed = parseScenario(found.value.text, found.value.name)
    if (parsed.ok) return startRun(parsed.scenario, found.value)
    log(`${DEFAULT_SCENARIO}: ${parsed.issues[0]?.message ?? 'cannot be read'}`)
  }
  const parsed = parseScenario(EMPTY_SCENARIO, 'empty.yaml')
  if (!parsed.ok) throw new Error('the built-in lab does not parse')
  return startRun(parsed.scenario, { name: 'empty.yaml', text: EMPTY_SCENARIO })
}

/** A run from its journal. Of its scenario the file is shown while there is one; the run itself needs none. */
export function storedRun(scenariosDir: string, stored: StoredRun): Current {
  const named = readScenarioFile(scenariosDir, stored.file === '' ? DEFAULT_SCENARIO : stored.file)
  const source = named.ok ? named.value : { name: stored.file, text: JSON.stringify(asWritten(stored.scenario), null, 2) }
  return startRun(stored.scenario, source, stored.inputs, stored.seed, stored.rehearsed)
}

export function openedRun(scenariosDir: string, args: HostCommandArgs<'lab.open'>): Reply<Current> {
  const found = 'file' in args ? readScenarioFile(scenariosDir, args.file) : ok({ name: args.name, text: args.text })
  if (!found.ok) return found
  const parsed = parseScenario(found.value.text, found.value.name)
  if (!parsed.ok) return failure('bad-scenario', `${found.value.name} cannot be opened: ${parsed.issues[0]?.message ?? ''}`, parsed.issues)
  return ok(startRun(parsed.scenario, found.value))
}
