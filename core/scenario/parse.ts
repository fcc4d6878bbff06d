/** The way in for scenario files: text to a checked scenario, or what is wrong with line, column and fix. */
import type { Issue } from '../contract/door.ts'
import { scenarioSchema } from '../contract/scenario.ts'
import type { Scenario } from '../contract/scenario.ts'
import type { Complaint, Report } from './complaint.ts'
import { pathText } from './complaint.ts'
import { checkCohorts } from './cohortCheck.ts'
import { explainIssue } from './explain.ts'
import { cohortOf, expanded } from './generate.ts'
import { checkReferences } from './references.ts'
import type { Source } from './source.ts'
import { readSource } from './source.ts'

/** A file with more faults than this has one cause; nobody reads the rest. */
export const MAX_ISSUES = 50

/** Faults that are looked at before sorting; the first in the file may not be the first that was found. */
const MAX_COMPLAINTS = 2_000

export type ParsedScenario = { ok: true; scenario: Scenario } | { ok: false; issues: Issue[] }

/**
 * Reads a scenario file (YAML, of which JSON is a part). `text` is untrusted: this never throws, and every
 * issue has line and column (1-based, columns in UTF-16 units as editors count them). `name` is the file's
 * name, for messages. With `generate` false, for lists of labs, generated users are not made; names that only they
 * could have are then not looked for. [SCN-15]
 */
export function parseScenario(text: string, name: string, { generate = true } = {}): ParsedScenario {
  const source = readSource(text)
  if (source.syntax.length > 0) {
    const issues = source.syntax.map(({ offset, message, fix }): Issue => {
      const said = message === 'the file is empty' ? `${name === '' ? 'the file' : name} is empty` : message
      return { path: '', message: said, fix, ...source.positionAt(offset) }
    })
    return { ok: false, issues: firstOf(issues, issues.length) }
  }
  // Keys that stand twice or cannot be used: what the file means is not certain, so nothing else is judged.
  if (source.complaints.length > 0) return refuse(source, source.complaints, source.complaints.length)

  const checked = checkValue(source.value, generate)
  return checked.ok ? checked : refuse(source, checked.complaints, checked.found)
}

/** Like `parseScenario`, of a scenario that stands in a journal: as data, whose places are paths and no lines. */
export function checkScenario(value: unknown): ParsedScenario {
  const checked = checkValue(value, true)
  if (checked.ok) return checked
  const issues = checked.complaints.map(({ path, message, fix }): Issue => ({ path: pathText(path), message, fix }))
  return { ok: false, issues: firstOf(issues, checked.found) }
}

type Checked = { ok: true; scenario: Scenario } | { ok: false; complaints: readonly Complaint[]; found: number }

function checkValue(value: unknown, generate: boolean): Checked {
  const complaints: Complaint[] = []
  let found = 0
  const report: Report = (path, message, fix, at = 'value') => {
    found += 1
    if (complaints.length < MAX_COMPLAINTS) complaints.push({ path, message, fix, at })
  }
  const read = scenarioSchema.safeParse(value)
  if (!read.success) {
    for (const issue of read.error.issues) {
      if (complaints.length >= MAX_COMPLAINTS) found += 1
      else explainIssue(issue, value, report)
    }
  } else {
    const file = read.data
    for (const list of ['users', 'devices'] as const)
      if (file[list].length + file.generate.length === 0)
        report([list], `"${list}" is missing`, `add "${list}: ..." here: a list; or "generate: ..." for very many`, 'key')
    checkCohorts(file, report)
    if (found === 0) {
      if (!generate && file.generate.length > 0) return { ok: true, scenario: file }
      const scenario = expanded(file)
      checkReferences(scenario, atCohort(scenario, report))
      if (found === 0) return { ok: true, scenario }
    }
  }
  return { ok: false, complaints, found }
}

/** What is wrong with a generated user or device is said once, where it is generated. */
function atCohort(scenario: Scenario, report: Report): Report {
  if (scenario.written === undefined) return report
  const told = new Set<number>()
  return (path, message, fix, at) => {
    const [list, index] = path
    const cohort = (list === 'users' || list === 'devices') && typeof index === 'number' ? cohortOf(scenario, list, index) : -1
    if (cohort < 0) report(path, message, fix, at)
    else if (!told.has(cohort)) {
      told.add(cohort)
      report(['generate', cohort], message, fix, at)
    }
  }
}

function refuse(source: Source, complaints: readonly Complaint[], found: number): ParsedScenario {
  const issues = complaints.map(({ path, message, fix, at }): Issue => ({
    path: pathText(path),
    message,
    fix,
    ...source.positionOf(path, at),
  }))
  return { ok: false, issues: firstOf(issues, found) }
}

function firstOf(issues: Issue[], found: number): Issue[] {
  const inOrder = issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
  const kept = inOrder.slice(0, MAX_ISSUES)
  const next = inOrder[MAX_ISSUES] ?? kept.at(-1)
  if (found > kept.length && next !== undefined) {
    kept.push({
      ...next,
      path: '',
      message: `and ${found - kept.length} more problems from here on`,
      fix: 'mend the ones above first; many of these may go with them',
    })
  }
  return kept
}
