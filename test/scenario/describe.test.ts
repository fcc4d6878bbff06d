import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { labCommands, WIRE_INPUTS } from '../../core/contract/commands.ts'
import { scenarioJsonSchema, scenarioJsonSchemaText } from '../../core/scenario/describe.ts'
import { scenarioFields, withFieldTable } from '../../core/scenario/fieldTable.ts'
import { FIELD_NOTES } from '../../core/scenario/fieldNotes.ts'
import type { JsonSchema } from '../../core/scenario/shape.ts'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('[SCN-15] the published schema', () => {
  it('is the one that the lab uses (else run: npx tsx build/lab/writeSchema.ts)', () => {
    expect(read('scenarios/schema.json')).toBe(scenarioJsonSchemaText())
  })

  it('is the one that the documentation lists', () => {
    const page = read('docs/scenario-format.md')
    expect(withFieldTable(page)).toBe(page)
  })

  it('has a sentence for every field, and none for fields that are gone', () => {
    const fields = scenarioFields().map(({ path }) => path)
    expect(fields.length).toBeGreaterThan(100)
    expect(fields.toSorted()).toEqual(Object.keys(FIELD_NOTES).toSorted())
  })

  it('knows every command and its arguments', () => {
    const item = scenarioJsonSchema().properties?.['commands']?.items
    // What arrives from real clients is in journals, never in a scenario.
    const timed = Object.entries(labCommands).filter(([name]) => !WIRE_INPUTS.has(name))
    expect(timed.length).toBe(Object.keys(labCommands).length - WIRE_INPUTS.size)
    expect(item?.properties?.['do']?.enum).toEqual(timed.map(([name]) => name))
    const cases = (item?.['allOf'] ?? []) as { if: { properties: { do: { const: string } } }; then: { properties: { with: JsonSchema } } }[]
    const described = cases.map((each) => [each.if.properties.do.const, each.then.properties.with['description']])
    expect(described).toEqual(timed.map(([name, { title }]) => [name, title]))
    const argumentOf = (command: string, name: string) =>
      cases.find((each) => each.if.properties.do.const === command)?.then.properties.with.properties?.[name]
    expect(argumentOf('fault.add', 'fault')).toEqual({ $ref: '#/$defs/fault' })
    expect(argumentOf('fault.remove', 'fault')).toMatchObject({ type: 'string' })
  })
})
