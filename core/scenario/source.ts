/**
 * From the text of a scenario file to plain data, with the way back from any place in the data to line
 * and column. The text is untrusted: size, depth, aliases and keys are bounded before anything is built.
 */
import { Composer, Lexer, Parser, isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { CST, Document, Pair, YAMLMap } from 'yaml'
import { SCENARIO_LIMITS } from '../contract/scenario.ts'
import type { Complaint, Path } from './complaint.ts'
import { shown } from './complaint.ts'
import { plainSyntax, type SyntaxFault } from './yamlFaults.ts'

export const SOURCE_LIMITS = {
  /** Lists and groups inside each other; the schema needs 8. */
  depth: 32,
  /** `*name` references in one file. */
  aliases: 1_000,
  /** Values that may come into being through them. */
  aliasedValues: 100_000,
  /** Words, signs, blanks and line ends; a lab of 60,000 phones has 2.7 million. */
  words: 4_000_000,
  /** Of these beside `users` and `devices`: 10,000 commands of eight fields have half as many. */
  otherWords: 1_500_000,
  /** Fields of one group; the schema knows 30 at most. */
  fields: 1_000,
  /** Syntax faults after which reading stops. */
  errors: 200,
} as const

/** A list or group takes up to two places on the parser's stack, the document one. */
const PARSER_STACK = 2 * SOURCE_LIMITS.depth + 1

export type Position = { line: number; column: number }

export type Source = {
  value: unknown
  syntax: SyntaxFault[]
  complaints: Complaint[]
  positionAt: (offset: number) => Position
  positionOf: (path: Path, at: Complaint['at']) => Position
}

/** Never throws. `value` is only to be used when there are neither syntax faults nor complaints. */
export function readSource(text: string, limits: Limits = SOURCE_LIMITS): Source {
  const lines = lineStarts(text)
  const positionAt = (offset: number): Position => locateOffset(lines, Math.min(Math.max(0, offset), text.length))
  const source: Source = {
    value: null,
    syntax: [],
    complaints: [],
    positionAt,
    positionOf: () => ({ line: 1, column: 1 }),
  }
  const bytes = utf8Length(text)
  if (bytes > SCENARIO_LIMITS.fileBytes) {
    source.syntax.push({
      offset: 0,
      message: `the file has ${bytes} bytes; a scenario has at most ${SCENARIO_LIMITS.fileBytes} (8 MiB)`,
      fix: 'split it into several labs, or leave out what the defaults already say',
    })
    return source
  }
  const foreign = notAScenario(text)
  if (foreign !== null) {
    source.syntax.push(foreign)
    return source
  }
  const document = compose(text, limits, source.syntax)
  if (document === null || source.syntax.length > 0) return source
  const anchors = new Map<string, unknown>()
  source.value = toPlain(document, anchors, source.complaints)
  source.positionOf = (path, at) => positionAt(offsetOf(document, anchors, path, at))
  return source
}

/** What a reader of UTF-8 puts where there is none. */
const NOT_UTF8 = '\uFFFD'

/** Files that are something else: one sentence says more than what a YAML parser makes of them. */
function notAScenario(text: string): SyntaxFault | null {
  const [, run] = /^\uFEFF?\s*\{"(journal|seq|input)":/.exec(text.slice(0, 200)) ?? []
  if (run === 'journal') {
    const fix = 'open it with the command "Open a run (journal)", or with `npm run lab -- run`'
    return { offset: 0, message: 'this is an exported run, not a scenario', fix }
  }
  if (run !== undefined)
    return { offset: 0, message: 'these are lines of an exported run without its first line', fix: 'take another copy of the file' }
  // A file that is read as UTF-8 shows so where it is not.
  const nul = text.indexOf('\0')
  const at = nul < 0 ? text.indexOf(NOT_UTF8) : nul
  if (at < 0) return null
  if (nul >= 0 || text.startsWith(NOT_UTF8 + NOT_UTF8))
    return { offset: at, message: 'this is no text in UTF-8: it is a binary file, or was saved as UTF-16', fix: 'save it as UTF-8 text' }
  return {
    offset: at,
    message: 'here stands a character that is not UTF-8',
    fix: 'save the file as UTF-8: another encoding, such as Latin-1 or Windows-1252, loses letters with accents',
  }
}

// --- text to nodes

function compose(text: string, limits: Limits, faults: SyntaxFault[]): Document.Parsed | null {
  try {
    const tokens = tokensOf(text, limits, faults)
    if (tokens === null) return null
    const composer = new Composer({
      version: '1.2',
      schema: 'core',
      merge: false,
      resolveKnownTags: false,
      stringKeys: true,
      // The built-in check compares every key with every other; ours below takes one look at each.
      uniqueKeys: false,
      logLevel: 'silent',
    })
    let first: Document.Parsed | null = null
    for (const document of composer.compose(tokens, true, text.length)) {
      if (first !== null) {
        faults.push({
          offset: document.range[0],
          message: 'a second document starts here',
          fix: 'a scenario file holds one document: remove the line "---" and what follows, or save it as a file of its own',
        })
        break
      }
      first = document
      faults.push(...plainSyntax([...document.errors, ...document.warnings].slice(0, SOURCE_LIMITS.errors)))
    }
    if (first === null || first.contents === null) {
      if (faults.length === 0) faults.push({ offset: 0, message: 'the file is empty', fix: EMPTY_FIX })
      return null
    }
    return first
  } catch (error) {
    // The parser is not ours; whatever it trips over is a fault of the text, not the end of the program.
    faults.push({
      offset: 0,
      message: `the text cannot be read as YAML (${shown(error instanceof Error ? error.message : error)})`,
      fix: 'start from one of the shipped scenario files',
    })
    return null
  }
}

const EMPTY_FIX = 'start with "pushlab: 1" and a title, or copy one of the shipped scenario files'

type Limits = { words: number; otherWords: number }

const LARGE_LISTS: ReadonlySet<string> = new Set(['users', 'devices'])

/** Whether the field of the file that is being read is one of the large lists. */
function inLargeList(parser: Parser): boolean {
  const file = parser.stack[1]
  if (file?.type !== 'block-map' && file?.type !== 'flow-collection') return false
  const key = file.items.at(-1)?.key
  return key !== null && key !== undefined && 'source' in key && LARGE_LISTS.has(key.source.replace(/^(["'])(.*)\1$/, '$2'))
}

function fieldsOf(open: CST.Token | undefined): number {
  if (open?.type !== 'block-map' && !(open?.type === 'flow-collection' && open.start.type === 'flow-map-start')) return 0
  // A comma or a comment at the end is the beginning of a field that may never come.
  const last = open.items.at(-1)
  return open.items.length - (last?.key || last?.sep ? 0 : 1)
}

/** The parser's own tokens, watched while they come: a hostile file is left before it has eaten the memory. */
function tokensOf(text: string, limits: Limits, faults: SyntaxFault[]): CST.Token[] | null {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let words = 0
  let otherWords = 0
  let errors = 0
  const tooLarge = (message: string, fix: string): null => {
    faults.push({ offset: parser.offset, message, fix })
    return null
  }
  for (const word of new Lexer().lex(text)) {
    words += 1
    if (words > limits.words)
      return tooLarge(
        `the file has more than ${limits.words} words and signs`,
        'split it into several labs, or leave out what the defaults already say',
      )
    if (!inLargeList(parser)) otherWords += 1
    if (otherWords > limits.otherWords)
      return tooLarge(
        `the file has more than ${limits.otherWords} words and signs beside its users and devices`,
        'leave out commands and expectations, or split it into several labs',
      )
    for (const token of parser.next(word)) {
      if (token.type === 'error') errors += 1
      tokens.push(token)
    }
    if (parser.stack.length > PARSER_STACK) {
      return tooLarge(
        `lists and groups are nested more than ${SOURCE_LIMITS.depth} deep here`,
        'a scenario never needs that; check for a missing closing bracket or runaway indentation',
      )
    }
    if (fieldsOf(parser.stack.at(-1)) > SOURCE_LIMITS.fields)
      return tooLarge(
        `this group has more than ${SOURCE_LIMITS.fields} fields`,
        'a scenario never needs that; check for runaway indentation',
      )
    if (errors > SOURCE_LIMITS.errors) return tokens
  }
  for (const token of parser.end()) tokens.push(token)
  return tokens
}

// --- nodes to plain data

type Budget = { aliases: number; values: number; told: boolean }

function toPlain(document: Document.Parsed, anchors: Map<string, unknown>, complaints: Complaint[]): unknown {
  const budget: Budget = { aliases: 0, values: 0, told: false }
  const path: (string | number)[] = []
  const complain = (message: string, fix: string, at: Complaint['at']) => {
    if (complaints.length < 2_000) complaints.push({ path: [...path], message, fix, at })
  }

  const convert = (node: unknown, depth: number, aliased: boolean): unknown => {
    if (aliased) {
      budget.values += 1
      if (budget.values > SOURCE_LIMITS.aliasedValues || depth > SOURCE_LIMITS.depth) {
        if (!budget.told) {
          budget.told = true
          complain(
            `aliases (*name) blow this file up to more than ${SOURCE_LIMITS.aliasedValues} values, or contain themselves`,
            'write the values out',
            'value',
          )
        }
        return null
      }
    }
    if (isAlias(node)) {
      budget.aliases += 1
      if (budget.aliases > SOURCE_LIMITS.aliases) {
        if (!budget.told) {
          budget.told = true
          complain(`the file uses more than ${SOURCE_LIMITS.aliases} aliases (*name)`, 'write the values out', 'value')
        }
        return null
      }
      if (!anchors.has(node.source)) {
        complain(`nothing above is marked with &${shown(node.source).slice(1, -1)}`, 'define the anchor before using it', 'value')
        return null
      }
      return convert(anchors.get(node.source), depth + 1, true)
    }
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined && !aliased) anchors.set(node.anchor, node)
    if (isScalar(node)) return scalar(node.value, node.source, path.at(-1))
    if (isSeq(node)) {
      const list: unknown[] = []
      for (const [index, item] of node.items.entries()) {
        path.push(index)
        list.push(convert(item, depth + 1, aliased))
        path.pop()
      }
      return list
    }
    if (isMap(node)) {
      const group: Record<string, unknown> = {}
      for (const pair of node.items) {
        const key = isScalar(pair.key) ? String(pair.key.value) : ''
        path.push(key)
        if (key === '__proto__') complain('a field cannot be called "__proto__"', 'remove it', 'key')
        else if (Object.hasOwn(group, key)) {
          complain(`"${shown(key).slice(1, -1)}" stands twice in this group`, 'keep one of the two', 'key')
        } else group[key] = convert(pair.value, depth + 1, aliased)
        path.pop()
      }
      return group
    }
    return null
  }
  return convert(document.contents, 0, false)
}

function scalar(value: unknown, source: string | undefined, key: string | number | undefined): unknown {
  // 43.10 is a release and not the number 43.1: releases are kept as they were typed.
  if (typeof value === 'number' && typeof key === 'string' && /release$/i.test(key) && source !== undefined) return source
  if (typeof value === 'bigint') return Number(value)
  return value ?? null
}

// --- back from data to text

type Ranged = { range?: readonly number[] | null }

const startOf = (node: unknown, otherwise: number): number => (node as Ranged | null)?.range?.[0] ?? otherwise

/** The nearest place that exists: for a missing field its group, for a field its key or value. */
function offsetOf(document: Document.Parsed, anchors: Map<string, unknown>, path: Path, at: Complaint['at']): number {
  let node: unknown = document.contents
  let offset = startOf(node, 0)
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = anchors.get(node.source)
    let next: unknown
    if (isSeq(node) && typeof step === 'number') {
      next = node.items[step]
    } else if (isMap(node)) {
      const pair = indexOf(node).get(String(step))
      if (pair === undefined) return offset
      if (depth === path.length - 1 && at === 'key') return startOf(pair.key, offset)
      offset = startOf(pair.key, offset)
      next = pair.value
      // An empty value is best shown at its key.
      if (isScalar(next) && next.value === null && (next.source ?? '') === '') return offset
    } else return offset
    if (next === undefined || next === null) return offset
    node = next
    // An aliased value stands elsewhere; point at the alias in front of the reader.
    offset = startOf(node, offset)
  }
  return offset
}

/** Pairs by key, made once for each group that is asked for: a group may have very many. */
const indexes = new WeakMap<YAMLMap, Map<string, Pair>>()

function indexOf(map: YAMLMap): Map<string, Pair> {
  let index = indexes.get(map)
  if (index === undefined) {
    // The last of two equal keys stays: the first is fine, the repeated one is the mistake.
    index = new Map(map.items.map((item) => [isScalar(item.key) ? String(item.key.value) : '', item]))
    indexes.set(map, index)
  }
  return index
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function locateOffset(starts: readonly number[], offset: number): Position {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
}

function utf8Length(text: string): number {
  if (text.length * 3 <= SCENARIO_LIMITS.fileBytes) return text.length
  let bytes = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code < 0x80) bytes += 1
    else if (code < 0x800) bytes += 2
    else if (code >= 0xd800 && code < 0xdc00 && i + 1 < text.length) {
      bytes += 4
      i += 1
    } else bytes += 3
  }
  return bytes
}
