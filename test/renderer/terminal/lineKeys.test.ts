import { describe, expect, it } from 'vitest'
import { type Entry, mayBeKept, readHistory, withinLimit } from '../../../renderer/state/terminal.ts'
import { asksForHelp, AT_REST, isTable, pasted, recall } from '../../../renderer/views/terminal/lineKeys.ts'

describe('history of a command line', () => {
  it('goes back to the oldest line and forward to what was being typed', () => {
    const past = ['one', 'two']
    const first = recall(past, AT_REST, 1, 'thr')!
    expect(first.line).toBe('two')
    const second = recall(past, first.recall, 1, first.line)!
    expect(second.line).toBe('one')
    expect(recall(past, second.recall, 1, second.line)).toBeNull()
    const down = recall(past, second.recall, -1, second.line)!
    expect(down.line).toBe('two')
    expect(recall(past, down.recall, -1, down.line)!.line).toBe('thr')
    expect(recall(past, AT_REST, -1, 'thr')).toBeNull()
  })

  it('takes from the settings only what makes sense', () => {
    expect(readHistory({ 'ucm-pub': ['a', 7, 'b'], bad: 'x' })).toEqual({ 'ucm-pub': ['a', 'b'] })
    expect(readHistory(['a'])).toEqual({})
    expect(readHistory(undefined)).toEqual({})
  })

  it('keeps no line that writes a token', () => {
    expect(mayBeKept("run sql update machineaccountdetails set refreshtoken='lab-rt-1'")).toBe(false)
    expect(mayBeKept('run sql select refreshtoken from machineaccountdetails')).toBe(true)
  })
})

describe('what is typed', () => {
  it('a question mark asks for help, but is a character within quotes and in SQL', () => {
    expect(asksForHelp('utils ')).toBe(true)
    expect(asksForHelp('file search activelog x "a')).toBe(false)
    expect(asksForHelp('file search activelog x "a" ')).toBe(true)
    expect(asksForHelp('run sql select name')).toBe(false)
  })

  it('of several pasted lines the last one stays to be edited, unless it was ended as well', () => {
    expect(pasted('show ', 'status', '!')).toEqual({ run: [], left: 'show status!', caret: 11 })
    expect(pasted('', 'one\r\ntwo', '')).toEqual({ run: ['one'], left: 'two', caret: 3 })
    expect(pasted('sh', 'ow a\n\nb\n', '')).toEqual({ run: ['show a', 'b'], left: '', caret: 0 })
  })
})

describe('what a terminal keeps', () => {
  const entry = (id: number, lines: number): Entry => ({
    id,
    kind: 'command',
    line: 'x',
    output: Array.from({ length: lines }, () => 'y').join('\n'),
    failed: false,
  })

  it('drops the oldest answers beyond its lines, and never the newest', () => {
    // A prompt and nine lines each.
    const three = [entry(1, 9), entry(2, 9), entry(3, 9)]
    expect(withinLimit(three, 30)).toEqual({ entries: three, dropped: false })
    expect(withinLimit(three, 29).entries.map(({ id }) => id)).toEqual([2, 3])
    expect(withinLimit(three, 29).dropped).toBe(true)
    expect(withinLimit([entry(1, 100)], 10).entries).toHaveLength(1)
  })
})

describe('a table', () => {
  it.each([
    ['name  pkid\n===== ====\nphone 1', true],
    ['name\n====\nphone', true],
    ['==>query class :\n\n - Perf class', false],
    ['a\n= is not one', false],
    ['one line', false],
    ['', false],
  ])('%j: %s', (output, table) => {
    expect(isTable(output)).toBe(table)
  })
})
