import { describe, expect, it } from 'vitest'
import type { AskField } from '../../../renderer/state/actions.ts'
import { fill, initialValue, issueFor, labelOf, otherIssues } from '../../../renderer/state/fields.ts'
import { readLayout } from '../../../renderer/state/settings.ts'

const field = (name: string, type: AskField['type'], rest: Partial<AskField> = {}): AskField => ({
  name,
  type,
  label: name,
  required: false,
  choices: [],
  default: undefined,
  ...rest,
})

describe('forms', () => {
  it('turns inputs into arguments of their types, at their paths', () => {
    const fields = [
      field('fault.count', 'integer'),
      field('fault.addMs', 'duration'),
      field('nodes', 'list'),
      field('lit', 'yes-no'),
      field('to', 'text'),
    ]
    const filled = fill({ fault: { kind: 'delay', on: 'a~b' } }, fields, {
      'fault.count': ' 3 ',
      'fault.addMs': '500ms',
      nodes: 'ucm-pub, ucm-sub1',
      lit: false,
      to: '5012',
    })
    expect(filled).toEqual({
      issues: [],
      args: { fault: { kind: 'delay', on: 'a~b', count: 3, addMs: '500ms' }, nodes: ['ucm-pub', 'ucm-sub1'], lit: false, to: '5012' },
    })
  })

  it('leaves out what is empty, and names what is needed or unreadable', () => {
    const fields = [field('text', 'text', { required: true }), field('count', 'integer'), field('share', 'number'), field('note', 'text')]
    const filled = fill({}, fields, { text: ' ', count: '2.5', share: 'x', note: '' })
    expect(filled.args).toEqual({})
    expect(filled.issues.map((issue) => issue.path)).toEqual(['text', 'count', 'share'])
  })

  it('does not change the arguments that it was given', () => {
    const known = { fault: { kind: 'drop' } }
    fill(known, [field('fault.count', 'integer')], { 'fault.count': '1' })
    expect(known).toEqual({ fault: { kind: 'drop' } })
  })

  it('finds the issue of an input by its path, with or without "args.", and those of no input', () => {
    const issues = [
      { path: 'args.to', message: 'a' },
      { path: 'nodes[1]', message: 'b' },
      { path: 'elsewhere', message: 'c' },
    ]
    expect(issueFor('to', issues)?.message).toBe('a')
    expect(issueFor('nodes', issues)?.message).toBe('b')
    expect(issueFor('t', issues)).toBeUndefined()
    expect(otherIssues([field('to', 'text'), field('nodes', 'list')], issues).map((issue) => issue.message)).toEqual(['c'])
  })

  it('shows defaults as text', () => {
    expect(initialValue(field('x', 'integer', { default: 3 }))).toBe('3')
    expect(initialValue(field('x', 'list', { default: ['a', 'b'] }))).toBe('a, b')
    expect(initialValue(field('x', 'yes-no', { default: true }))).toBe(true)
    expect(initialValue(field('x', 'text'))).toBe('')
  })

  it('writes names as words', () => {
    expect(labelOf('answersAfterMs')).toBe('Answers after')
    expect(labelOf('fault.probability')).toBe('Probability')
  })
})

describe('kept layout', () => {
  it('takes sizes within their limits and ignores everything else', () => {
    expect(readLayout({ tree: 10, inspector: 9_999, bottom: 'tall', treeOpen: false, bottomOpen: 1 })).toEqual({
      tree: 160,
      inspector: 560,
      bottom: 232,
      treeOpen: false,
      inspectorOpen: true,
      bottomOpen: true,
    })
    expect(readLayout(null).tree).toBe(226)
  })
})

describe('yes or no', () => {
  it('an optional one without a default may be left as it is', () => {
    const cellular = field('cellular', 'yes-no', { default: null })
    expect(initialValue(cellular)).toBe('')
    expect(fill({}, [cellular], { cellular: '' }).args).toEqual({})
    expect(fill({}, [cellular], { cellular: 'true' }).args).toEqual({ cellular: true })
    expect(fill({}, [cellular], { cellular: 'false' }).args).toEqual({ cellular: false })
  })
})

describe('nothing as a value', () => {
  it('[LPNS-07] an input left empty takes the parameter out where empty means none', () => {
    const list = field('localPushSsidList', 'text', { emptyIsNull: true })
    expect(fill({ service: 'Ward' }, [list], { localPushSsidList: ' ' })).toEqual({
      args: { service: 'Ward', localPushSsidList: null },
      issues: [],
    })
    expect(fill({}, [list], { localPushSsidList: 'A;B' }).args).toEqual({ localPushSsidList: 'A;B' })
  })
})
