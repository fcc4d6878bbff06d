/** The scenario files that ship with the lab, and reading one by name. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, isAbsolute, join, resolve } from 'node:path'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { ScenarioListing } from '../contract/results.ts'
import { SCENARIO_LIMITS } from '../contract/scenario.ts'
import { parseScenario } from '../scenario/parse.ts'

export const DEFAULT_SCENARIO = 'first-call.yaml'

const isScenario = (name: string): boolean => name.endsWith('.yaml') || name.endsWith('.yml')

/** Listings are read again only when a file changed. */
const known = new Map<string, { changedAt: number; listing: ScenarioListing }>()

export function listScenarios(dir: string): ScenarioListing[] {
  let names: string[]
  try {
    names = readdirSync(dir).filter(isScenario).toSorted()
  } catch {
    return []
  }
  const listings = names.map((name) => {
    const path = join(dir, name)
    const changedAt = statSync(path).mtimeMs
    const before = known.get(path)
    if (before?.changedAt === changedAt) return before.listing
    const parsed = parseScenario(readFileSync(path, 'utf8'), name, { generate: false })
    const listing: ScenarioListing = parsed.ok
      ? {
          file: name,
          title: parsed.scenario.title,
          about: parsed.scenario.about,
          lesson: parsed.scenario.lesson !== undefined,
          proves: parsed.scenario.proves,
          bad: [],
        }
      : { file: name, title: name, about: '', lesson: false, proves: [], bad: parsed.issues }
    known.set(path, { changedAt, listing })
    return listing
  })
  return listings.toSorted((a, b) => Number(b.file === DEFAULT_SCENARIO) - Number(a.file === DEFAULT_SCENARIO))
}

/** A shipped file by its name, or any file by its absolute path. */
export function readScenarioFile(dir: string, file: string): Reply<{ name: string; text: string }> {
  const path = isAbsolute(file) ? file : join(dir, basename(file))
  if (!isScenario(path))
    return failure('bad-request', `${file} is no scenario file`, [
      { path: 'file', message: 'not a .yaml file', fix: 'choose a .yaml file' },
    ])
  try {
    const { size } = statSync(path)
    if (size > SCENARIO_LIMITS.fileBytes)
      return failure('limit', `${file} has ${size} bytes; a scenario file may have ${SCENARIO_LIMITS.fileBytes}`)
    return ok({ name: isAbsolute(file) ? resolve(file) : basename(file), text: readFileSync(path, 'utf8') })
  } catch {
    return failure('not-found', `there is no scenario file ${file}`, [
      { path: 'file', message: 'not found', fix: `choose one of the labs in the list` },
    ])
  }
}
