/** Turns what zod found into plain English: what is wrong, where, and how to mend it. */
import type { z } from 'zod'
import { KINDS } from '../plainWords.ts'
import type { Path, Report } from './complaint.ts'
import { shown } from './complaint.ts'
import { alternativesAt, fieldsAt, homeOf } from './shape.ts'
import { nearest } from './suggest.ts'

type ZodIssue = z.core.$ZodIssue

const step = (value: unknown, key: string | number): unknown => {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined
}

const valueAt = (root: unknown, path: Path): unknown => path.reduce<unknown>(step, root)

const EXPLAINED_KEYS = 100

/** Names that zod chose itself; every other text was written by us and is better. */
const isDefault = (message: string): boolean => /^(Invalid|Too |Unrecognized|Expected)/.test(message)

const last = (path: Path): string => {
  const name = path.findLast((part) => typeof part === 'string')
  const index = path.at(-1)
  return typeof index === 'number' ? `item ${index + 1} of ${name ?? 'this list'}` : `"${String(name ?? 'the file')}"`
}

const WORDS: Readonly<Record<string, string>> = {
  ...KINDS,
  object: 'a group of "key: value" fields',
  record: 'a group of "key: value" fields',
}

const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return `the text ${shown(value)}`
    case 'number':
      return Number.isFinite(value) ? `the number ${shown(value)}` : 'a number that is too large'
    case 'boolean':
      return String(value)
    default:
      return 'a group of fields'
  }
}

/** How values of fields are written when their name says it. */
function example(field: string): string | null {
  if (/(^(at|before|after|until)|Ms)$/.test(field)) return 'a duration such as 250, "13s", "20min" or "60d"'
  if (/release$/i.test(field)) return 'a release such as 14SU3, X12.6.2, 43.6 or 16.5'
  if (/^number$/.test(field)) return 'a directory number in quotes, such as "5001"'
  return null
}

export function explainIssue(issue: ZodIssue, root: unknown, report: Report): void {
  const path = issue.path as Path
  const value = valueAt(root, path)
  const field = path.at(-1)
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const [i, key] of issue.keys.entries()) {
        // Looking for what was meant costs time; past the first few nobody reads it.
        if (i < EXPLAINED_KEYS) explainUnknownKey(path, key, root, report)
        else report([...path, key], `there is no field ${shown(key)} here`, 'remove it', 'key')
      }
      return
    case 'invalid_type':
      explainType(path, value, [issue.expected], root, report, issue.message)
      return
    case 'invalid_value': {
      const choices = issue.values.map(String)
      const like = typeof value === 'string' ? nearest(value, choices) : null
      const list = choices.map((choice) => `"${choice}"`).join(', ')
      const own = isDefault(issue.message) ? null : issue.message
      if (isMissing(root, path)) report(path, own ?? `"${String(field)}" is missing`, `add it: one of ${list}`, 'key')
      else {
        report(
          path,
          own ?? `${last(path)} is ${kindOf(value)}, which is not one of ${list}`,
          like === null ? `write one of ${list}` : `did you mean "${like}"?`,
        )
      }
      return
    }
    case 'too_big':
    case 'too_small':
      explainSize(issue, path, value, report)
      return
    case 'invalid_format':
      report(
        path,
        `${last(path)} is ${kindOf(value)}: ${isDefault(issue.message) ? formOf(path) : issue.message}`,
        example(String(field)) === null ? 'write it in that form' : `write ${example(String(field)) ?? ''}`,
      )
      return
    case 'invalid_union':
      explainUnion(issue, path, value, root, report)
      return
    case 'invalid_key':
    case 'invalid_element':
      for (const inner of issue.issues) explainIssue({ ...inner, path: [...issue.path, ...inner.path] } as ZodIssue, root, report)
      return
    case 'not_multiple_of':
      report(path, `${last(path)} must be a multiple of ${issue.divisor}`, `write a multiple of ${issue.divisor}`)
      return
    case 'custom':
      report(
        path,
        `${last(path)}: ${issue.message}`,
        example(String(field)) === null ? 'correct the value' : `write ${example(String(field)) ?? ''}`,
      )
      return
    default:
      report(path, `${last(path)} cannot be used here`, 'see docs/scenario-format.md for what may stand here')
  }
}

function formOf(path: Path): string {
  if (path.includes('proves')) return 'it must be a ledger ID such as CALL-02 or REL-D4'
  return 'it does not have the form that is needed here'
}

function isMissing(root: unknown, path: Path): boolean {
  const parent = valueAt(root, path.slice(0, -1))
  const key = path.at(-1)
  return typeof key === 'string' && typeof parent === 'object' && parent !== null && !Object.hasOwn(parent, key)
}

function explainUnknownKey(path: Path, key: string, root: unknown, report: Report): void {
  const fields = fieldsAt(path, root)
  const place = path.length === 0 ? 'at the top of the file' : `in ${last(path)}`
  const like = nearest(key, fields)
  const home = like === null ? homeOf(key, path) : null
  let fix = fields.length === 0 ? 'remove it' : `use one of ${fields.slice(0, 30).join(', ')}, or remove it`
  if (key === '<<') fix = 'merge keys (<<) are not supported: repeat the fields, or use an alias for a whole value'
  else if (like !== null) fix = `did you mean "${like}"?`
  else if (home !== null) fix = `"${key}" belongs to ${home}`
  report([...path, key], `there is no field ${shown(key)} ${place}`, fix, 'key')
}

function explainType(path: Path, value: unknown, expected: string[], root: unknown, report: Report, said: string): void {
  const field = String(path.at(-1) ?? '')
  const hint = example(field)
  const span = hint?.startsWith('a duration') === true
  const wanted = span ? ['a duration'] : [...new Set(expected.map((kind) => WORDS[kind] ?? kind))]
  if (path.length === 0) {
    report(path, `the file holds ${kindOf(value)}, not a scenario`, 'a scenario is a group of fields that starts with "pushlab: 1"')
    return
  }
  if (isMissing(root, path)) {
    report(path, isDefault(said) ? `"${field}" is missing` : said, `add "${field}: ..." here: ${hint ?? wanted.join(' or ')}`, 'key')
    return
  }
  if (value === null) {
    report(path, `${last(path)} has no value`, `write ${hint ?? wanted.join(' or ')} after it, or remove the line`)
    return
  }
  report(
    path,
    `${last(path)} must be ${wanted.join(' or ')}, but is ${kindOf(value)}`,
    fixType(value, expected, hint, fieldsAt(path, root)),
  )
}

function fixType(value: unknown, expected: string[], hint: string | null, fields: readonly string[]): string {
  const is = (kind: string) => expected.includes(kind)
  if (hint !== null && is('number') && is('string')) return `write ${hint}`
  if (is('string') && (typeof value === 'number' || typeof value === 'boolean')) {
    // Without quotes 007 is the number 7.
    const reads = typeof value === 'number' && !Number.isFinite(value) ? '' : `, e.g. "${String(value)}"`
    return `put it in double quotes, exactly as it should read${reads}`
  }
  if (is('string') && typeof value === 'object' && !Array.isArray(value))
    return 'if the colon belongs to the text, put the text in double quotes'
  if (is('boolean')) return 'write true or false, without quotes'
  if (is('array')) return 'write a list: [first, second], or one line per item that starts with "- "'
  if ((is('object') || is('record')) && Array.isArray(value)) return 'remove the leading "- ": one group of fields belongs here, not a list'
  if (is('object') && typeof value === 'string' && fields.includes('id')) return `write { id: ${shown(value).slice(1, -1)} }`
  if (is('object') || is('record')) return 'write its fields below it, indented, as "key: value"'
  if (is('int') && typeof value === 'number') return 'write a whole number'
  if ((is('int') || is('number')) && typeof value === 'string') return 'write a number without quotes'
  return hint === null ? `write ${expected.map((kind) => WORDS[kind] ?? kind).join(' or ')}` : `write ${hint}`
}

function explainSize(issue: Extract<ZodIssue, { code: 'too_big' | 'too_small' }>, path: Path, value: unknown, report: Report): void {
  const big = issue.code === 'too_big'
  const limit = String(big ? issue.maximum : issue.minimum)
  const bound = issue.inclusive === false ? (big ? `less than ${limit}` : `more than ${limit}`) : `at ${big ? 'most' : 'least'} ${limit}`
  const own = isDefault(issue.message) ? null : issue.message
  switch (issue.origin) {
    case 'string': {
      const length = typeof value === 'string' ? value.length : 0
      const empty = length === 0 && !big
      const said = empty
        ? `${last(path)} must not be empty`
        : `${last(path)} has ${length} characters; it ${big ? 'may' : 'must'} have ${bound}`
      report(path, own === null ? said : `${last(path)} ${own}`, empty ? 'write a text' : big ? 'shorten it' : 'write more')
      return
    }
    case 'array': {
      const count = Array.isArray(value) ? value.length : 0
      report(
        path,
        own ?? `${last(path)} has ${count} ${count === 1 ? 'item' : 'items'}; it ${big ? 'may' : 'must'} have ${bound}`,
        big ? `keep ${limit} of them` : 'add one',
      )
      return
    }
    default:
      report(path, own ?? `${last(path)} is ${kindOf(value)}; it must be ${bound}`, `write a number of ${bound}`)
  }
}

function explainUnion(
  issue: Extract<ZodIssue, { code: 'invalid_union' }>,
  path: Path,
  value: unknown,
  root: unknown,
  report: Report,
): void {
  const tag = (issue as { discriminator?: string }).discriminator
  const options = (issue as { options?: unknown[] }).options
  if (tag !== undefined && options !== undefined) {
    explainIssue(
      { code: 'invalid_value', values: options as string[], path: issue.path, message: 'Invalid', input: value } as ZodIssue,
      root,
      report,
    )
    return
  }
  const branches = issue.errors
  const wrongKind = branches.map((branch) => branch[0]).filter((first) => first?.code === 'invalid_type' && first.path.length === 0)
  if (wrongKind.length === branches.length && branches.length > 0) {
    const expected = wrongKind.map((first) => (first?.code === 'invalid_type' ? first.expected : ''))
    explainType(path, value, expected, root, report, 'Invalid')
    return
  }
  // The alternative that was meant is the one whose own field is there.
  const cost = (branch: ZodIssue[]): number => {
    let sum = 0
    for (const inner of branch) {
      if (inner.path.length === 0 && inner.code === 'invalid_type') sum += 1_000
      else if (inner.path.length === 1 && valueAt(value, inner.path as Path) === undefined) sum += 100
      else if (inner.path.length === 0 && inner.code === 'unrecognized_keys') sum += 3
      else sum += 1
    }
    return sum
  }
  let best: ZodIssue[] = branches[0] ?? []
  for (const branch of branches) if (cost(branch) < cost(best)) best = branch
  if (cost(best) >= 100 && cost(best) < 1_000) {
    const tags = alternativesAt(path, root)
    const keys = Object.keys(value ?? {})
    const like = keys.map((key) => nearest(key, tags)).find((found) => found !== null)
    if (tags.length > 0 && !keys.some((key) => tags.includes(key))) {
      report(
        path,
        `${last(path)} must have one of the fields ${tags.join(', ')}`,
        like === undefined || like === null ? 'add the one that fits' : `did you mean "${like}"?`,
      )
      return
    }
  }
  for (const inner of best) explainIssue({ ...inner, path: [...issue.path, ...inner.path] } as ZodIssue, root, report)
}
