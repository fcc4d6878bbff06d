/** run sql: reads tables of the node's database, and replaces the refresh token of the machine account (UPG-10, DEC-16). */
import { isLabToken, writeRefreshToken } from '../machineAccount.ts'
import { parseSql } from '../sql/parse.ts'
import { SELECT_FORM, UPDATE_FORM, type Update } from '../sql/statement.ts'
import { sqlOffers } from './sqlOffers.ts'
import { ROWS_SHOWN, rowsThatFit, runSelect } from '../sql/run.ts'
import { type SqlValue } from '../sql/tables.ts'
import { ANYWHERE, refused, said, type CliAnswer, type CliCommand, type CliContext } from './command.ts'

function sql(context: CliContext, rest: string): CliAnswer {
  const { world, node } = context
  if (rest.trim() === '') return refused('A statement is missing', `Right form: ${SELECT_FORM}`)
  const source = rest.trim().replace(/\s/g, ' ')
  const parsed = parseSql(source)
  if (!parsed.ok) {
    const { message, at, form } = parsed.problem
    return {
      ...refused(message, [`  ${source}`, `  ${' '.repeat(at)}^ position ${at + 1}`, `Right form: ${form}`].join('\n')),
      summary: `unsuccessful: ${message.slice(0, 120)}`,
    }
  }
  const { statement } = parsed
  if (statement.do === 'update') return update(context, statement)
  const result = runSelect(world, node, statement)
  if (!result.ok) return refused(result.message)
  if (result.total === 0) return said('No records found')
  const lines = tableLines(result.titles, result.rows)
  if (result.total > result.rows.length)
    lines.push(`... ${result.total - ROWS_SHOWN} more rows are not shown: narrow the statement, or ask for count(*)`)
  return said(lines, `${result.total} row${result.total === 1 ? '' : 's'}`)
}

function tableLines(titles: readonly string[], rows: readonly SqlValue[][]): string[] {
  const shown = rows.map((row) => row.map((value) => (value ?? 'NULL').replace(/\s/g, ' ')))
  const widths = titles.map((title, i) => shown.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join(' ')
      .trimEnd()
  return [line(titles), widths.map((width) => '='.repeat(width)).join(' '), ...shown.map(line)]
}

function update({ world, node }: CliContext, { table, set, where }: Update): CliAnswer {
  const { publisher } = world.cluster
  const [only] = set
  if (table.name !== 'machineaccountdetails' || set.length !== 1 || only?.column !== 'refreshtoken')
    return refused('only refreshtoken of machineaccountdetails can be written here', `Right form: ${UPDATE_FORM}`)
  if (node !== publisher)
    return refused(
      `the database of ${node.id} is a copy: write on the publisher ${publisher.id}`,
      'It reaches the other nodes by itself; select refreshtoken there to see it.',
    )
  const rows = rowsThatFit(world, node, table, where)
  if (rows.length === 0) return said('Rows: 0')
  if (only.value === null || !isLabToken(only.value))
    return refused(
      'not a refresh token of this lab: its tokens begin with lab-rt-',
      'Never type a real token here: it would stand in the journal of the run.',
    )
  writeRefreshToken(world, only.value)
  return said(`Rows: ${rows.length}`)
}

export const SQL_COMMANDS: readonly CliCommand[] = [
  {
    words: ['run', 'sql'],
    takes: '<statement>',
    help: "select or update on the node's database",
    on: ANYWHERE,
    changes: (rest) => /^\s*update\b/i.test(rest),
    offers: sqlOffers,
    run: sql,
  },
]
