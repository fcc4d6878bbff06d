/** What the schema knows about a place: the names of its fields, to say what a mistyped one should be. */
import { z } from 'zod'
import { scenarioSchema } from '../contract/scenario.ts'
import { pathText, type Path } from './complaint.ts'

export type JsonSchema = {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  const?: unknown
  enum?: unknown[]
  [other: string]: unknown
}

let made: JsonSchema | null = null

/** JSON Schema of what a person writes (before defaults), straight from the zod schema. */
export function inputShape(): JsonSchema {
  made ??= z.toJSONSchema(scenarioSchema, { io: 'input' }) as JsonSchema
  return made
}

const ways = (shape: JsonSchema): JsonSchema[] => [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])].flatMap(ways).concat(shape)

/** Every shape that may stand at a path; of tagged alternatives (kinds of faults) only the one that was written. */
function shapesAt(path: Path, root: unknown): JsonSchema[] {
  let shapes = ways(inputShape())
  let value = root
  for (const step of path) {
    shapes = shapes.flatMap((shape): JsonSchema[] => {
      const next = typeof step === 'number' ? shape.items : shape.properties?.[step]
      return next === undefined ? [] : ways(next)
    })
    value = (value as Record<string | number, unknown> | null | undefined)?.[step]
    const kind = (value as { kind?: unknown } | null | undefined)?.kind
    const tagged = shapes.filter((shape) => kind !== undefined && shape.properties?.['kind']?.const === kind)
    if (tagged.length > 0) shapes = tagged
  }
  return shapes
}

/** Names of the fields a group may have. */
export function fieldsAt(path: Path, root: unknown): string[] {
  return [...new Set(shapesAt(path, root).flatMap((shape) => Object.keys(shape.properties ?? {})))]
}

/** For each alternative of a union, the field that makes it that alternative. */
export function alternativesAt(path: Path, root: unknown): string[] {
  return [...new Set(shapesAt(path, root).flatMap((shape) => shape.required?.slice(0, 1) ?? []))]
}

let homes: Map<string, string[]> | null = null

/** Where else in the file a field of this name lives, e.g. `firewall` -> `edge`, the nearest below `path` first; null when nowhere. */
export function homeOf(field: string, path: Path = []): string | null {
  if (homes === null) {
    homes = new Map()
    const walk = (shape: JsonSchema, path: string) => {
      for (const way of ways(shape)) {
        for (const [name, inner] of Object.entries(way.properties ?? {})) {
          const known = homes?.get(name)
          if (known) known.push(path)
          else homes?.set(name, [path])
          walk(inner, path === '' ? name : `${path}.${name}`)
        }
        if (way.items) walk(way.items, `${path}[]`)
      }
    }
    walk(inputShape(), '')
  }
  const here = pathText(path).replace(/\[\d+\]/g, '[]')
  const all = homes.get(field) ?? []
  const home = all.find((each) => each.startsWith(`${here}.`)) ?? all[0]
  if (home === undefined) return null
  return home === '' ? 'the top of the file' : home
}
