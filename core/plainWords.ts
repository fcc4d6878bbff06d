/** What zod says of arguments, in words of people; messages that stand in the contract itself go before these. */
import type { z } from 'zod'

/** Kinds of values by zod's names for them. */
export const KINDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of fields',
  record: 'a group of fields',
  null: 'null',
}

const quoted = (values: readonly unknown[]): string => values.slice(0, 12).map(String).join(', ')

/** For `safeParse(value, { error: plainWords })`; undefined leaves zod its own. */
export function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : `must be ${KINDS[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return issue.input === undefined ? `is missing: one of ${quoted(issue.values)}` : `must be one of ${quoted(issue.values)}`
    case 'unrecognized_keys':
      return `there is no argument ${quoted(issue.keys)}`
    case 'too_big':
      return `must be at most ${issue.maximum}${unitOf(issue.origin)}`
    case 'too_small':
      return `must be at least ${issue.minimum}${unitOf(issue.origin)}`
    case 'invalid_union':
      return issue.input === undefined ? 'is missing' : 'has none of the forms that it may have'
    default:
      return undefined
  }
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '')
