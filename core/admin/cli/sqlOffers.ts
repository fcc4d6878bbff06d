/** What may stand next in a statement: whole statements at its beginning, then tables, columns and words of SQL. */
import { UPDATE_FORM } from '../sql/statement.ts'
import { SQL_TABLES } from '../sql/tables.ts'
import { byWord, type CliWord, type Offer } from './offers.ts'

const STATEMENTS: readonly CliWord[] = [
  ...SQL_TABLES.map(({ name, about }) => ({ word: `select * from ${name}`, help: about })),
  { word: UPDATE_FORM.slice('run sql '.length), help: 'new refresh token' },
]

const TABLES: readonly CliWord[] = SQL_TABLES.map(({ name, about }) => ({ word: name, help: about })).toSorted(byWord)

const STARTS = ['select', 'update'] as const
/** Behind a table or a condition. */
const GOES_ON = ['and', 'inner join', 'on', 'or', 'order by', 'set', 'where'] as const
/** Behind a column of a condition. */
const COMPARES = ['in', 'is null', 'like', 'not'] as const

const words = (of: readonly string[]): CliWord[] => of.map((word) => ({ word, help: '' }))

/** Columns of the tables that the statement names; of all, while it names none. */
function columns(typed: string): CliWord[] {
  const lower = typed.toLowerCase()
  const named = SQL_TABLES.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(lower))
  const tables = new Map<string, string[]>()
  for (const { name, columns: own } of named.length > 0 ? named : SQL_TABLES)
    for (const column of own) tables.set(column, [...(tables.get(column) ?? []), name])
  return [...tables].map(([word, of]) => ({ word, help: of.join(', ') })).toSorted(byWord)
}

export const sqlOffers: Offer = (_context, typed) => {
  if (typed === '') return { from: 0, words: STATEMENTS }
  const begun = /[\w*]*$/.exec(typed)?.[0] ?? ''
  const from = typed.length - begun.length
  const before = typed.slice(0, from)
  // In the middle of a text: only who types knows.
  if ((before.split("'").length - 1) % 2 === 1) return { from, words: [] }
  if (before.trim() === '') return { from, words: words(STARTS) }
  if (/\b(from|join|update)\s+$/i.test(before)) return { from, words: TABLES }
  if (before.endsWith('.')) return { from, words: columns(before) }
  if (/^\s*select\b/i.test(before) && !/\bfrom\b/i.test(before)) {
    const wanted = /(\b(select|distinct)|,)\s*$/i.test(before) || /\bfirst\s+\d+\s+$/i.test(before)
    return { from, words: wanted ? [...words(['*', 'count(*)', 'distinct', 'first']), ...columns(before)] : words(['from']) }
  }
  if (/(\b(where|and|or|on|by|not|set)|[=<>,(])\s*$/i.test(before)) return { from, words: columns(before) }
  return { from, words: words([...GOES_ON, ...COMPARES]) }
}
