/** Whether the columns of a statement are there, and which table each is of. */
import { SqlError } from './lexer.ts'
import type { ColumnRef, Condition, Source } from './statement.ts'

/** A column stands in exactly one of the tables. */
export function checkRef(ref: ColumnRef, from: readonly Source[], form: string): void {
  const sources = ref.alias === null ? from : from.filter(({ alias, table }) => alias === ref.alias || table.name === ref.alias)
  const holders = sources.filter(({ table }) => table.columns.includes(ref.column))
  if (holders.length === 1) return
  if (holders.length > 1)
    throw new SqlError(`Column (${ref.column}) stands in more than one table: write the table before it.`, ref.at, form)
  const known = sources.length > 0 ? sources : from
  const columns = known.map(({ table }) => `${table.name}: ${table.columns.join(', ')}`).join('; ')
  throw new SqlError(`Column (${ref.column}) not found in any table in the query. ${columns}.`, ref.at, form)
}

/** Each join ties its table to one before it. */
export function checkJoin({ left, right }: NonNullable<Source['join']>, from: readonly Source[], index: number, form: string): void {
  const known = from.slice(0, index + 1)
  const own = known.slice(index)
  for (const ref of [left, right]) checkRef(ref, known, form)
  const holds = (ref: ColumnRef): boolean =>
    own.some(({ alias, table }) => (ref.alias ?? alias) === alias && table.columns.includes(ref.column))
  if (holds(left) === holds(right))
    throw new SqlError('A join compares a column of its table with one of a table before it.', left.at, form)
}

export function checkCondition(condition: Condition, from: readonly Source[], form: string): void {
  switch (condition.is) {
    case 'and':
    case 'or':
      for (const part of condition.parts) checkCondition(part, from, form)
      return
    case 'not':
      return checkCondition(condition.part, from, form)
    case 'compare':
      if ('ref' in condition.right) checkRef(condition.right.ref, from, form)
  }
  if ('ref' in condition.left) checkRef(condition.left.ref, from, form)
}
