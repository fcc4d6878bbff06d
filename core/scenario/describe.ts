/**
 * The scenario schema for editors: JSON Schema straight from the zod schema, with what zod cannot say
 * about commands and durations, and a sentence for each field. scenarios/schema.json is its output.
 */
import { z } from 'zod'
import { labCommands, WIRE_INPUTS } from '../contract/commands.ts'
import { scenarioSchema } from '../contract/scenario.ts'
import type { JsonSchema } from './shape.ts'
import { FIELD_NOTES } from './fieldNotes.ts'

const DURATION = 'Whole milliseconds, or text with a unit: 250, "250ms", "13s", "20min", "1h", "60d".'
const DURATION_PATTERN = '^\\s*\\d+(\\.\\d+)?(ms|s|min|m|h|d)?\\s*$'

export function scenarioJsonSchema(): JsonSchema {
  const schema = clone(z.toJSONSchema(scenarioSchema, { io: 'input' }) as JsonSchema)
  schema['title'] = 'Push Lab scenario'
  schema['description'] = 'A lab, what happens in it, and what must be seen. See docs/scenario-format.md.'
  const item = schema.properties?.['commands']?.items
  if (item?.properties) {
    const timed = Object.entries(labCommands).filter(([name]) => !WIRE_INPUTS.has(name))
    item.properties['do'] = { type: 'string', enum: timed.map(([name]) => name) }
    item['allOf'] = timed.map(([name, { title, args }]) => ({
      if: { properties: { do: { const: name } }, required: ['do'] },
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      then: { properties: { with: { description: title, ...commandArguments(args) } } },
    }))
  }
  annotate(schema, '')
  shareFault(schema)
  return schema
}

/** The committed file, byte for byte. */
export function scenarioJsonSchemaText(): string {
  return `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`
}

function commandArguments(args: z.ZodType): JsonSchema {
  const { $schema: _, ...schema } = clone(z.toJSONSchema(args, { io: 'input' }) as JsonSchema)
  return schema
}

/** The kinds of faults are long and stand in two places: in `faults`, and as the argument of `fault.add`. */
function shareFault(schema: JsonSchema): void {
  const cases = (schema.properties?.['commands']?.items?.['allOf'] ?? []) as { if: JsonSchema; then: JsonSchema }[]
  const adding = cases.find((each) => each.if.properties?.['do']?.const === 'fault.add')?.then.properties?.['with']?.properties
  const listed = schema.properties?.['faults']?.items?.properties
  if (listed?.['fault'] === undefined || adding?.['fault'] === undefined) return
  schema['$defs'] = { fault: listed['fault'] }
  listed['fault'] = { $ref: '#/$defs/fault' }
  adding['fault'] = { $ref: '#/$defs/fault' }
}

function annotate(shape: JsonSchema, path: string): void {
  const note = FIELD_NOTES[path]
  // A command says itself what it does.
  if (note !== undefined) shape['description'] ??= note
  if (Array.isArray(shape.type) && shape.type.includes('number') && shape.type.includes('string')) {
    shape['description'] = note === undefined ? DURATION : `${note} ${DURATION}`
    shape['minimum'] = 0
    shape['pattern'] = DURATION_PATTERN
  }
  for (const [name, inner] of Object.entries(shape.properties ?? {})) annotate(inner, path === '' ? name : `${path}.${name}`)
  for (const way of [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])]) annotate(way, path)
  if (shape.items) annotate(shape.items, `${path}[]`)
  const cases = shape['allOf']
  if (Array.isArray(cases)) for (const { then } of cases as { then: JsonSchema }[]) annotate(then, path)
}

/** zod shares parts between places; each place gets a copy of its own to write on. */
function clone(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema)) as JsonSchema
}
