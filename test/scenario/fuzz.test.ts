import { readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseScenario } from '../../core/scenario/parse.ts'

const folder = new URL('../../scenarios/', import.meta.url)
const SHIPPED = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  // Of thousands of generated users a few hundred are as good here.
  .map((name) => readFileSync(new URL(name, folder), 'utf8').replace(/users: 15000/, 'users: 150'))

/** What a bad file may be made of: what breaks parsers, and what breaks programs that trust them. */
const POISON = [
  '__proto__: { polluted: true }\n',
  'constructor: { prototype: { polluted: true } }\n',
  'toString: 1\n',
  'hasOwnProperty: x\n',
  '\u0000',
  '\uFEFF',
  '\uD800',
  '\u2028',
  '\u202E',
  '🤯',
  'e\u0301'.repeat(50),
  '1e999999',
  '-1',
  '99999999999999999999999999999999999',
  '0x7fffffffffffffff',
  '.inf',
  '.nan',
  '~',
  'null',
  '""',
  "''",
  '- ',
  '? ',
  ': ',
  '|',
  '>-',
  '&a ',
  '*a ',
  '!!js/function "x"',
  '!<tag:yaml.org,2002:binary> aGk=',
  '%YAML 1.1\n---\n',
  '---\n',
  '...\n',
  '\t',
  '\r',
  '\r\n',
  '#',
  '[',
  ']',
  '{',
  '}',
  ',',
  '"',
  "'",
  '\\',
  '<<: *a\n',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  '{a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: {a: ',
  'pushlab: 1\n',
  'expect:\n  - event: { message: "/(a+)+$/" }\n',
  'expect:\n  - {}\n',
  'commands:\n  - { at: 1s, do: __proto__, with: {} }\n',
  'commands:\n  - { at: 1s, do: toString }\n',
  'faults:\n  - { fault: { kind: constructor, on: __proto__ } }\n',
  'x'.repeat(2_000),
]

const poison = fc.constantFrom(...POISON)
/** Anywhere in the text alike; doubles would come close to its start nearly always. */
const place = fc.nat(999_999).map((millionth) => millionth / 1_000_000)
const at = (text: string, where: number): number => Math.floor(where * (text.length + 1))

type Mutation = (text: string) => string

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  // Deleted and doubled stretches, cut-off ends.
  fc.tuple(place, fc.nat(60)).map(
    ([where, length]) =>
      (text: string) =>
        text.slice(0, at(text, where)) + text.slice(at(text, where) + length),
  ),
  fc.tuple(place, fc.nat(200)).map(([where, length]) => (text: string) => {
    const from = at(text, where)
    return text.slice(0, from) + text.slice(from, from + length) + text.slice(from)
  }),
  place.map((where) => (text: string) => text.slice(0, at(text, where))),
  // Something foreign in the middle, or at the start of a line.
  fc.tuple(place, poison).map(
    ([where, bad]) =>
      (text: string) =>
        text.slice(0, at(text, where)) + bad + text.slice(at(text, where)),
  ),
  fc.tuple(place, poison).map(([where, bad]) => (text: string) => {
    const start = text.indexOf('\n', at(text, where)) + 1
    return text.slice(0, start) + bad + text.slice(start)
  }),
  // A value of another type, a field of another name, another indentation.
  fc.tuple(place, poison).map(([where, bad]) => (text: string) => {
    const colon = text.indexOf(': ', at(text, where))
    if (colon < 0) return text
    const end = text.slice(colon).search(/[,}\n]/)
    return text.slice(0, colon + 2) + bad + (end < 0 ? '' : text.slice(colon + end))
  }),
  fc.tuple(place, fc.string({ maxLength: 12 })).map(([where, name]) => (text: string) => {
    const colon = text.indexOf(':', at(text, where))
    const start = Math.max(text.lastIndexOf(' ', colon), text.lastIndexOf('\n', colon)) + 1
    return colon < 0 ? text : text.slice(0, start) + name + text.slice(colon)
  }),
  fc.tuple(place, fc.nat(8)).map(([where, blanks]) => (text: string) => {
    const start = text.indexOf('\n', at(text, where)) + 1
    return text.slice(0, start) + ' '.repeat(blanks) + text.slice(start).trimStart()
  }),
  // Numbers out of any range, names that name nothing.
  fc.tuple(place, fc.oneof(fc.double().map(String), fc.bigInt().map(String))).map(([where, number]) => (text: string) => {
    const from = at(text, where)
    const found = /\d+/.exec(text.slice(from))
    return found === null ? text : text.slice(0, from + found.index) + number + text.slice(from + found.index + found[0].length)
  }),
  // Random text and random bytes, read as UTF-8.
  fc.tuple(place, fc.string({ unit: 'binary', maxLength: 40 })).map(
    ([where, noise]) =>
      (text: string) =>
        text.slice(0, at(text, where)) + noise + text.slice(at(text, where)),
  ),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => () => new TextDecoder().decode(bytes)),
)

const brokenFile = fc
  .tuple(fc.constantFrom(...SHIPPED), fc.array(mutation, { minLength: 1, maxLength: 6 }))
  .map(([text, mutations]) => mutations.reduce((broken, mutate) => mutate(broken).slice(0, 60_000), text))

describe('[SCN-15] broken scenario files', () => {
  it('10,000 of them yield a scenario or clear errors with a place inside the file, and never throw', { timeout: 300_000 }, () => {
    let bad = 0
    fc.assert(
      fc.property(brokenFile, (text) => {
        const parsed = parseScenario(text, 'fuzz.yaml')
        if (parsed.ok) return
        bad += 1
        const lines = text.split('\n')
        const unclear = parsed.issues.filter(
          ({ message, fix = '', line = 0, column = 0 }) =>
            message.trim() === '' ||
            fix.trim() === '' ||
            // Words of the libraries below would tell an author nothing.
            /Invalid input|expected .* received|undefined|\[object|zod/i.test(message) ||
            !(line >= 1 && line <= lines.length) ||
            !(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1),
        )
        if (parsed.issues.length === 0 || unclear.length > 0) throw new Error(`not clear: ${JSON.stringify(unclear)}`)
      }),
      { numRuns: 10_000, seed: 20_261_122 },
    )
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    // The mutations do break things: a fuzz that only makes good files proves nothing.
    expect(bad).toBeGreaterThan(8_000)
  })

  it('what the schema takes as JSON values comes back as values of the same kind, or as an error', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const parsed = parseScenario(JSON.stringify(value), 'fuzz.json')
        expect(parsed.ok).toBe(false)
      }),
      { numRuns: 1_000, seed: 1 },
    )
  })
})
