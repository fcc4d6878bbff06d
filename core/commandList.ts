/** All commands with their arguments, drawn from the schemas themselves, for palettes and forms. */
import { z } from 'zod'
import { hostCommands, labCommands, WIRE_INPUTS, type CommandName } from './contract/commands.ts'
import type { CommandField, CommandInfo } from './contract/results.ts'

type JsonSchema = {
  type?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  default?: unknown
}

/** Commands that only the window itself needs; nobody would look for them. */
const PLUMBING: ReadonlySet<string> = new Set([
  'settings.get',
  'settings.set',
  'commands.list',
  'rules.list',
  'lab.scenarios',
  'flow.ladder',
  'event.detail',
  'events.query',
])

export function commandList(): CommandInfo[] {
  const lab = Object.entries(labCommands)
    .filter(([name]) => !WIRE_INPUTS.has(name))
    .map(([name, spec]) => info(name as CommandName, spec, true))
  const host = Object.entries(hostCommands)
    .filter(([name]) => !PLUMBING.has(name))
    .map(([name, spec]) => info(name as CommandName, spec, false))
  return [...lab, ...host]
}

type Spec = { args: z.ZodType; title: string; group: string; on?: CommandInfo['on']; destructive?: true }

function info(name: CommandName, spec: Spec, journalled: boolean): CommandInfo {
  const schema = z.toJSONSchema(spec.args, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const shape = schema.properties ? schema : (schema.anyOf?.[0] ?? schema)
  const required = new Set(shape.required ?? [])
  return {
    name,
    title: spec.title,
    group: spec.group,
    on: spec.on ?? null,
    destructive: spec.destructive === true,
    journalled,
    fields: Object.entries(shape.properties ?? {}).map(([field, each]) => fieldOf(field, each, required.has(field))),
  }
}

function fieldOf(name: string, schema: JsonSchema, required: boolean): CommandField {
  return { name, type: typeOf(name, schema), required, choices: (schema.enum ?? []).map(String), default: schema.default ?? null }
}

function typeOf(name: string, schema: JsonSchema): CommandField['type'] {
  if (schema.enum) return 'choice'
  if (/Ms$|^at$|^time$/.test(name)) return 'duration'
  const types = [schema, ...(schema.anyOf ?? [])].map((each) => each.type)
  if (types.includes('boolean')) return 'yes-no'
  if (types.includes('integer')) return 'integer'
  if (types.includes('number')) return 'number'
  if (types.includes('array')) return 'list'
  if (types.includes('object') || schema.oneOf) return 'object'
  return 'text'
}
