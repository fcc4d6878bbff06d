/** The scenario files that ship with the lab, and reading one by name. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
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
    try {
      return listingOf(dir, name)
    } catch (error) {
      const message = error instanceof RangeError ? error.message : 'cannot be read'
      return broken(name, [{ path: '', message, fix: 'put a scenario file in its place, or take it away' }])
    }
  })
  return listings.toSorted((a, b) => Number(b.file === DEFAULT_SCENARIO) - Number(a.file === DEFAULT_SCENARIO))
}

/** Throws when the file cannot be read. */
function listingOf(dir: string, name: string): ScenarioListing {
  const path = join(dir, name)
  const changedAt = statSync(path).mtimeMs
  const before = known.get(path)
  if (before?.changedAt === changedAt) return before.listing
  const parsed = parseScenario(textOf(path), name, { generate: false })
  const listing: ScenarioListing = parsed.ok
    ? {
        file: name,
        title: parsed.scenario.title,
        about: parsed.scenario.about,
        lesson: parsed.scenario.lesson !== undefined,
        symptom: parsed.scenario.lesson?.symptom ?? '',
        proves: parsed.scenario.proves,
        bad: [],
      }
    : broken(name, parsed.issues)
  known.set(path, { changedAt, listing })
  return listing
}

const broken = (name: string, bad: ScenarioListing['bad']): ScenarioListing => ({
  file: name,
  title: name,
  about: '',
  lesson: false,
  symptom: '',
  proves: [],
  bad,
})

/**
 * A file of the scenario folder by its name, and nothing outside it: the name may come from a journal of somebody else's, or
 * from a page in a browser. A file of the user's own is opened by its text.
 */
export function readScenarioFile(dir: string, file: string): Reply<{ name: string; text: string }> {
  if (!isScenario(file) || /[\\/:\0]/.test(file))
    return failure('bad-request', `${file} is no scenario file`, [
      { path: 'file', message: 'not the name of a .yaml file', fix: 'choose one of the labs in the list, or open a file of your own' },
    ])
  try {
    return ok({ name: file, text: textOf(join(dir, file)) })
  } catch (error) {
    if (error instanceof RangeError) return failure('limit', `${file} ${error.message}`)
    return failure('not-found', `there is no scenario file ${file}`, [
      { path: 'file', message: 'not found', fix: `choose one of the labs in the list` },
    ])
  }
}

/** Throws a RangeError for a file that is too long; what is no plain file (a pipe would be waited for) cannot be read at all. */
function textOf(path: string): string {
  const about = statSync(path)
  if (!about.isFile()) throw new Error('no file')
  if (about.size > SCENARIO_LIMITS.fileBytes)
    throw new RangeError(`has ${about.size} bytes; a scenario file may have ${SCENARIO_LIMITS.fileBytes}`)
  return readFileSync(path, 'utf8')
}
