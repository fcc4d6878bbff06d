import { describe, expect, it } from 'vitest'
import { explain, isRuleId, RULE_IDS, RULES } from '../../core/explain/rules.ts'
import { LEDGER_IDS } from './ledgerIds.ts'

const entries = Object.entries(RULES)

/** IDs of the entries that break a rule of style, so that a failure names them. */
function offenders(breaks: (text: { title: string; text: string; source: string }) => boolean): string[] {
  return entries.filter(([, rule]) => breaks(rule)).map(([id]) => id)
}

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

describe('explanations', () => {
  it('cover the whole ledger and nothing else', () => {
    expect(LEDGER_IDS).toHaveLength(284)
    expect(repeated(LEDGER_IDS)).toEqual([])
    expect(RULE_IDS.toSorted()).toEqual(LEDGER_IDS.toSorted())
  })

  it('have a title of at most 60 characters without a full stop, each its own', () => {
    expect(offenders(({ title }) => title.length < 8 || title.length > 60 || title.endsWith('.'))).toEqual([])
    expect(repeated(entries.map(([, rule]) => rule.title))).toEqual([])
  })

  it('are one or two whole sentences of readable length', () => {
    const sentences = (text: string): number => text.split(/(?<=[.?!])\s+(?=iOS|[A-Z0-9])/).length
    expect(offenders(({ text }) => text.length < 50 || text.length > 320)).toEqual([])
    expect(offenders(({ text }) => !/^(iOS|[A-Z0-9])/.test(text) || !text.endsWith('.'))).toEqual([])
    expect(offenders(({ text }) => sentences(text) > 2)).toEqual([])
  })

  it('do not send the reader to another ID', () => {
    const id = /\b(CH|CALL|CN|AND|MSG|FO|HA|SEC|PROXY|NET|REL|ONB|OAUTH|MRA|TRB|UPG|LPNS|ALM|APNS|FCM|SCN|DEC)-[A-D]?\d+\b/
    expect(offenders(({ title, text }) => id.test(title) || id.test(text))).toEqual([])
  })

  it('name their source, and a decision of the lab as such', () => {
    const known = /^(Configuration guide, |public: |our decision$)/
    expect(offenders(({ source }) => !known.test(source))).toEqual([])
    const decisions = entries.filter(([id]) => id.startsWith('DEC-'))
    expect(decisions).toHaveLength(35)
    expect(decisions.filter(([, rule]) => rule.source !== 'our decision')).toEqual([])
  })

  it('are found by ID, and only by an ID', () => {
    expect(explain('CALL-03').text).toContain('13 seconds')
    expect(isRuleId('LPNS-21')).toBe(true)
    expect(['LPNS-26', 'lpns-21', '', 'constructor', '__proto__'].filter(isRuleId)).toEqual([])
  })
})
