/**
 * From the fields of a command to the inputs of a form, and back from inputs to arguments. The lab checks
 * every value again and names the path of what is wrong; here only empty and unreadable inputs are caught.
 */
import type { CommandField, CommandInfo, CommandName, Issue } from '../../core/contract/index.ts'
import type { AskField } from './action.ts'

/** Words for the arguments that people meet; everything else is spelled out from its name. */
const LABELS: Record<string, string> = {
  from: 'From',
  to: 'To',
  wifi: 'Wi-Fi',
  at: 'Moment',
  lit: 'Screen on',
  allowed: 'Notifications allowed',
  addMs: 'Added latency',
  jitterMs: 'Jitter',
  latencyMs: 'Latency',
  idleMinutes: 'Idle limit (minutes)',
  osRelease: 'OS release',
  targetApiLevel: 'Target API level',
  wakeMs: 'App start takes',
  tracking: 'Tracking ID',
  id: 'ID',
}

const HINTS: Record<string, string> = {
  duration: 'a number of milliseconds or with a unit: 250ms, 13s, 20min, 1h, 60d',
  list: 'several values, separated by commas',
  object: 'written as JSON',
}

/** `answersAfterMs` -> `Answers after`. */
export const labelOf = (name: string): string => {
  const last = name.split('.').at(-1) ?? name
  const known = LABELS[last]
  if (known) return known
  const words = last
    .replace(/Ms$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** One input of a form, with everything that is usual left out. */
export const askField = (name: string, label: string, type: AskField['type'], rest: Partial<AskField> = {}): AskField => ({
  name,
  label,
  type,
  required: false,
  choices: [],
  default: undefined,
  ...rest,
})

export const asAskField = (field: CommandField): AskField => {
  const hint = HINTS[field.type]
  return { ...field, label: labelOf(field.name), ...(hint === undefined ? {} : { hint }) }
}

/** Required fields that `args` does not answer yet. */
export const missingIn = (args: Record<string, unknown>, info: CommandInfo | undefined): CommandField[] =>
  (info?.fields ?? []).filter((field) => field.required && args[field.name] === undefined)

/** The inputs to show for a command of which `args` are known already. */
export const fieldsOf = (_command: CommandName, args: Record<string, unknown>, info: CommandInfo | undefined): AskField[] =>
  (info?.fields ?? []).filter((field) => args[field.name] === undefined).map(asAskField)

/** What an input holds: text for most, a boolean for yes-no; '' means "left out". */
export type FieldValue = string | boolean

/** A yes-no that may also be left as it is: a check box could not say that. */
export const isThreeWay = (field: AskField): boolean => field.type === 'yes-no' && !field.required && typeof field.default !== 'boolean'

/** What an input holds when the form opens. */
export const initialValue = (field: AskField): FieldValue => {
  const value = field.default
  if (field.type === 'yes-no' && !isThreeWay(field)) return value === true
  if (value === undefined || value === null) return ''
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number | boolean)
}

type Read = { ok: true; value: unknown } | { ok: false; message: string }

const readNumber = (text: string, whole: boolean): Read => {
  const value = Number(text)
  if (!Number.isFinite(value)) return { ok: false, message: `"${text}" is not a number` }
  if (whole && !Number.isInteger(value)) return { ok: false, message: `"${text}" is not a whole number` }
  return { ok: true, value }
}

const readObject = (text: string): Read => {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch (error) {
    return { ok: false, message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** One input as the argument that the lab expects. */
const readField = (field: AskField, raw: FieldValue): Read => {
  if (typeof raw === 'boolean') return { ok: true, value: raw }
  const text = raw.trim()
  switch (field.type) {
    case 'number':
      return readNumber(text, false)
    case 'integer':
      return readNumber(text, true)
    case 'duration':
      return { ok: true, value: /^\d+$/.test(text) ? Number(text) : text }
    case 'list':
      return {
        ok: true,
        value: text.split(/[\s,]+/).filter((part) => part !== ''),
      }
    case 'object':
      return readObject(text)
    case 'yes-no':
      return { ok: true, value: text === 'true' }
    case 'text':
    case 'choice':
      return { ok: true, value: raw }
  }
}

/** Writes `value` at `path` (`fault.count`) into a copy of `target`. */
const put = (target: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> => {
  const dot = path.indexOf('.')
  if (dot < 0) return { ...target, [path]: value }
  const head = path.slice(0, dot)
  const inner = target[head]
  const base = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {}
  return { ...target, [head]: put(base, path.slice(dot + 1), value) }
}

export type Filled = { args: Record<string, unknown>; issues: Issue[] }

/** Merges what was typed into the known arguments; `issues` names every input that cannot be used. */
export const fill = (known: Record<string, unknown>, fields: AskField[], values: Record<string, FieldValue>): Filled => {
  let args = known
  const issues: Issue[] = []
  for (const field of fields) {
    const raw = values[field.name] ?? ''
    if (typeof raw === 'string' && raw.trim() === '') {
      if (field.emptyIsNull) args = put(args, field.name, null)
      else if (field.required) issues.push({ path: field.name, message: 'must not be empty' })
      continue
    }
    const read = readField(field, raw)
    if (read.ok) args = put(args, field.name, read.value)
    else issues.push({ path: field.name, message: read.message })
  }
  return { args, issues }
}

/** The issue that belongs to an input: the lab's paths may name the argument, a part of it, or start with `args.`. */
export const issueFor = (name: string, issues: readonly Issue[]): Issue | undefined =>
  issues.find((issue) => {
    const path = issue.path.replace(/^args\.?/, '')
    return path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)
  })

/** Issues that no input can show. */
export const otherIssues = (fields: readonly AskField[], issues: readonly Issue[]): Issue[] =>
  issues.filter((issue) => !fields.some((field) => issueFor(field.name, [issue]) !== undefined))
