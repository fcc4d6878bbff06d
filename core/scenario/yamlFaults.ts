/** What the YAML parser finds wrong, in the words of people who write labs. */
import type { YAMLError } from 'yaml'
import { shown } from './complaint.ts'

/** A syntax fault has no place in the data, only one in the text. */
export type SyntaxFault = { offset: number; message: string; fix: string }

type Said = { message: string; fix: string }

const ALIGN = 'line up the fields of one group in the same column, with blanks only'
const QUOTE = 'put the text in double quotes'

const SYNTAX: Partial<Record<YAMLError['code'], Said>> = {
  ALIAS_PROPS: { message: 'an alias (*name) cannot have an anchor or tag of its own', fix: 'remove the & or ! part' },
  BAD_ALIAS: { message: 'this alias (*name) has no usable name', fix: 'name an anchor (&name) that stands above it' },
  BAD_DIRECTIVE: { message: 'this % line is not a directive that a scenario uses', fix: 'remove the line, or quote the text' },
  BAD_DQ_ESCAPE: {
    message: 'the backslash in double quotes starts an escape that does not exist',
    fix: "write \\\\ for one backslash, or put the text in single quotes ('...')",
  },
  BAD_INDENT: { message: 'the indentation does not fit the lines around it', fix: ALIGN },
  BAD_SCALAR_START: { message: 'plain text cannot start with this character', fix: QUOTE },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second "key:" stands on this line, where a single value belongs',
    fix: 'start the inner group on the next line, indented, or quote the text if the colon belongs to it',
  },
  BLOCK_IN_FLOW: { message: 'inside [ ] or { } nothing can be written by indentation', fix: 'use commas and brackets here' },
  KEY_OVER_1024_CHARS: { message: 'this key is longer than 1024 characters', fix: 'check for a missing quote or colon' },
  MULTILINE_IMPLICIT_KEY: {
    message: 'text runs over a line end where a "key: value" was expected',
    fix: 'check for a missing colon or closing quote on this line or the one before',
  },
  MULTIPLE_DOCS: { message: 'the file holds more than one document', fix: 'remove the line "---"' },
  NON_STRING_KEY: { message: 'a key must be plain text', fix: 'write the key as one word before the colon' },
  RESOURCE_EXHAUSTION: { message: 'the text is nested too deeply', fix: 'check for runaway brackets' },
  TAB_AS_INDENT: { message: 'a tab is used for indentation', fix: 'indent with blanks; YAML does not allow tabs here' },
  TAG_RESOLVE_FAILED: { message: 'tags (!...) are not used in scenario files', fix: 'remove the tag' },
}

/** Codes that stand for several faults: these are told apart by the parser's own words. */
const BY_WORDS: readonly [RegExp, Said][] = [
  [
    /need to be followed by map values/,
    {
      message: 'this line has no colon where a "key: value" was expected',
      fix: 'write "key: value", or indent the line if it belongs to the text above',
    },
  ],
  [/^Missing closing "quote/, { message: 'the closing double quote is missing', fix: 'end the text with "' }],
  [/^Missing closing 'quote/, { message: 'the closing single quote is missing', fix: "end the text with '" }],
  [/^Missing , or : between/, { message: 'a comma or a colon is missing inside { }', fix: 'write { key: value, key: value }' }],
  [/^Missing , between/, { message: 'a comma is missing in front of this', fix: 'separate what stands inside brackets with commas' }],
  [/^Missing space after :/, { message: 'a blank is missing after the colon', fix: 'write "key: value"' }],
  [/^Unexpected empty item/, { message: 'a comma with nothing before it', fix: 'remove the comma, or write what is missing' }],
  [
    /must end with a \]|sufficiently indented and end with a \]/,
    { message: 'the list that starts with [ is not closed', fix: 'end it with ]' },
  ],
  [
    /must end with a \}|sufficiently indented and end with a \}/,
    { message: 'the group that starts with { is not closed', fix: 'end it with }' },
  ],
  [/must start at the same column/, { message: 'this line does not start in the same column as the others of its group', fix: ALIGN }],
  [/^Sequence item without -/, { message: 'an item of this list has no "- " in front', fix: 'write "- " in front of each item' }],
  [
    /^Block scalar values in collections must be indented|less indented than their/,
    { message: 'the text after | or > is not indented', fix: 'indent its lines by two blanks more than the line above' },
  ],
  [
    /^Comments must be separated/,
    { message: 'a blank is missing in front of the comment sign #', fix: 'write a blank before #, or quote the text if # belongs to it' },
  ],
  [
    /^Unexpected .*(token|at node end| in )/,
    { message: 'this does not belong here', fix: 'check brackets, quotes, colons and indentation here and just before' },
  ],
]

/** One fault makes the parser stumble over many words after it. */
export function plainSyntax(errors: readonly YAMLError[]): SyntaxFault[] {
  const faults: SyntaxFault[] = []
  let stumbled = false
  for (const error of errors) {
    if (error.code === 'UNEXPECTED_TOKEN' && stumbled) continue
    stumbled ||= error.code === 'UNEXPECTED_TOKEN'
    faults.push({ offset: error.pos[0], ...sayFault(error) })
  }
  return faults
}

function sayFault(error: YAMLError): Said {
  const known = BY_WORDS.find(([pattern]) => pattern.test(error.message))?.[1] ?? SYNTAX[error.code]
  if (known) return known
  const said = shown(error.message.split('\n')[0] ?? '').slice(1, -1)
  return {
    message: `YAML: ${said === '' ? 'this cannot be read' : said}`,
    fix: 'check brackets, quotes, colons and indentation here and just before',
  }
}
