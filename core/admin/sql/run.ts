/** Carries out a statement on the database of a node. */
import type { LabNode, World } from '../../world.ts'
import type { ColumnRef, Condition, Operand, Select, Source } from './statement.ts'
import type { SqlRow, SqlValue } from './tables.ts'

/** Rows that a statement may hold at once, and that it shows. */
const JOINED_MAX = 200_000
export const ROWS_SHOWN = 1_000

export type SqlResult = { ok: true; titles: string[]; rows: SqlValue[][]; total: number } | { ok: false; message: string }

/** One row of each source, in their order; null behind an outer join that found nothing. */
type Env = (SqlRow | null)[]
type Get = (env: Env) => SqlValue

export function runSelect(world: World, node: LabNode, select: Select): SqlResult {
  const { from } = select
  let envs: Env[] = []
  for (const [index, source] of from.entries()) {
    const rows = [...source.table.rows(world, node)]
    const joined = index === 0 ? rows.map((row): Env => [row]) : join(envs, from.slice(0, index + 1), source, rows)
    if (joined === null || joined.length > JOINED_MAX)
      return { ok: false, message: `The statement makes more than ${JOINED_MAX} rows: narrow it.` }
    envs = joined
  }
  if (select.where) {
    const fits = test(select.where, from)
    envs = envs.filter(fits)
  }
  if (select.what === 'count') return { ok: true, titles: ['(count(*))'], rows: [[String(envs.length)]], total: 1 }
  for (const { ref, descending } of select.order.toReversed()) {
    const get = getter(ref, from)
    envs = envs.toSorted((a, b) => (descending ? -1 : 1) * compare(get(a), get(b)))
  }
  const columns = select.what === '*' ? everything(from) : select.what.map(({ ref, title }) => ({ title, get: getter(ref, from) }))
  let rows = envs.map((env) => columns.map(({ get }) => get(env)))
  if (select.distinct) rows = distinct(rows)
  if (select.first !== null) rows = rows.slice(0, select.first)
  return { ok: true, titles: columns.map(({ title }) => title), rows: rows.slice(0, ROWS_SHOWN), total: rows.length }
}

/** Rows of one table that fit a condition. */
export function rowsThatFit(world: World, node: LabNode, table: Source['table'], where: Condition | null): SqlRow[] {
  const from: Source[] = [{ table, alias: table.name, at: 0, join: null }]
  const fits = where ? test(where, from) : () => true
  return [...table.rows(world, node)].filter((row) => fits([row]))
}

/** Equality through a map of the new table; null when the result would be too large. */
function join(envs: Env[], from: readonly Source[], source: Source, rows: readonly SqlRow[]): Env[] | null {
  const on = source.join
  if (!on) return null
  const before = from.slice(0, -1)
  const newIsRight = holder(on.right, [source]) !== -1 && holder(on.left, before) !== -1
  const [old, fresh] = newIsRight ? [on.left, on.right] : [on.right, on.left]
  const byValue = new Map<SqlValue, SqlRow[]>()
  for (const row of rows) {
    const value = row[fresh.column] ?? null
    const known = byValue.get(value)
    if (known) known.push(row)
    else byValue.set(value, [row])
  }
  const get = getter(old, before)
  const out: Env[] = []
  for (const env of envs) {
    const value = get(env)
    const found = value === null ? [] : (byValue.get(value) ?? [])
    if (found.length === 0 && on.outer) out.push([...env, null])
    for (const row of found) out.push([...env, row])
    if (out.length > JOINED_MAX) return null
  }
  return out
}

function holder(ref: ColumnRef, from: readonly Source[]): number {
  return from.findIndex(
    ({ alias, table }) => (ref.alias === null || ref.alias === alias || ref.alias === table.name) && table.columns.includes(ref.column),
  )
}

function getter(ref: ColumnRef, from: readonly Source[]): Get {
  const index = holder(ref, from)
  return (env) => env[index]?.[ref.column] ?? null
}

const everything = (from: readonly Source[]): { title: string; get: Get }[] =>
  from.flatMap(({ table }, index) => table.columns.map((title) => ({ title, get: (env: Env): SqlValue => env[index]?.[title] ?? null })))

function test(condition: Condition, from: readonly Source[]): (env: Env) => boolean {
  switch (condition.is) {
    case 'and': {
      const parts = condition.parts.map((part) => test(part, from))
      return (env) => parts.every((part) => part(env))
    }
    case 'or': {
      const parts = condition.parts.map((part) => test(part, from))
      return (env) => parts.some((part) => part(env))
    }
    case 'not': {
      const part = test(condition.part, from)
      return (env) => !part(env)
    }
    case 'null': {
      const left = value(condition.left, from)
      return (env) => (left(env) === null) !== condition.not
    }
    case 'in': {
      const left = value(condition.left, from)
      const wanted = new Set(condition.values)
      return (env) => {
        const found = left(env)
        return found !== null && wanted.has(found) !== condition.not
      }
    }
    case 'like': {
      const left = value(condition.left, from)
      return (env) => {
        const found = left(env)
        return found !== null && likes(found, condition.pattern) !== condition.not
      }
    }
    case 'compare': {
      const left = value(condition.left, from)
      const right = value(condition.right, from)
      return (env) => {
        const [a, b] = [left(env), right(env)]
        return a !== null && b !== null && holds(compare(a, b), condition.how)
      }
    }
  }
}

const value = (operand: Operand, from: readonly Source[]): Get => ('ref' in operand ? getter(operand.ref, from) : () => operand.value)

function holds(order: number, how: Extract<Condition, { is: 'compare' }>['how']): boolean {
  switch (how) {
    case '=':
      return order === 0
    case '<>':
      return order !== 0
    case '<':
      return order < 0
    case '>':
      return order > 0
    case '<=':
      return order <= 0
    case '>=':
      return order >= 0
  }
}

/** A directory number with a zero in front is a text. */
const isNumber = (text: string): boolean => /^-?(0|[1-9]\d{0,14})(\.\d{1,6})?$/.test(text)

/** Numbers by size, texts by their characters; nothing comes before everything. */
function compare(a: SqlValue, b: SqlValue): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b)
  return a < b ? -1 : a > b ? 1 : 0
}

/** `%` stands for any characters, `_` for one. */
export function likes(text: string, pattern: string): boolean {
  let at = 0
  let percent = -1
  let mark = 0
  for (let i = 0; i < text.length;) {
    if (pattern[at] === '%') {
      percent = at++
      mark = i
    } else if (at < pattern.length && (pattern[at] === '_' || pattern[at] === text[i])) {
      at++
      i++
    } else if (percent >= 0) {
      at = percent + 1
      i = ++mark
    } else return false
  }
  while (pattern[at] === '%') at++
  return at === pattern.length
}

function distinct(rows: SqlValue[][]): SqlValue[][] {
  const seen = new Set<string>()
  return rows.filter((row) => {
    const key = JSON.stringify(row)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}
