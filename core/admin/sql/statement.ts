/** What a statement says, once it is read. */
import type { SqlTable } from './tables.ts'

export type ColumnRef = { alias: string | null; column: string; at: number }
export type Operand = { ref: ColumnRef } | { value: string | null }
export type Comparison = '=' | '<>' | '<' | '>' | '<=' | '>='
export type Condition =
  | { is: 'and' | 'or'; parts: Condition[] }
  | { is: 'not'; part: Condition }
  | { is: 'compare'; how: Comparison; left: Operand; right: Operand }
  | { is: 'like'; left: Operand; pattern: string; not: boolean }
  | { is: 'in'; left: Operand; values: (string | null)[]; not: boolean }
  | { is: 'null'; left: Operand; not: boolean }

export type Source = { table: SqlTable; alias: string; at: number; join: { outer: boolean; left: ColumnRef; right: ColumnRef } | null }

export type Select = {
  do: 'select'
  first: number | null
  distinct: boolean
  /** `*`, `count(*)`, or columns with the names they are shown by. */
  what: '*' | 'count' | { ref: ColumnRef; title: string }[]
  from: Source[]
  where: Condition | null
  order: { ref: ColumnRef; descending: boolean }[]
}
export type Update = { do: 'update'; table: SqlTable; set: { column: string; value: string | null; at: number }[]; where: Condition | null }
export type Statement = Select | Update

export const SELECT_FORM = 'run sql select <columns or *> from <table> [where <column>=<value>]'
export const UPDATE_FORM = "run sql update machineaccountdetails set refreshtoken='<token>' where pkid='<pkid>'"
