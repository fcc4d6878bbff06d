/**
 * A small real parser: select with joins, where, order by and first; update of one table. Whatever it cannot read is told with
 * its place and the right form, also the broken spellings of the guide (DEC-16).
 */
import { checkCondition, checkJoin, checkRef } from './columns.ts'
import { Cursor, RESERVED } from './cursor.ts'
import { SqlError, type SqlProblem, type Token } from './lexer.ts'
import {
  SELECT_FORM,
  UPDATE_FORM,
  type ColumnRef,
  type Comparison,
  type Condition,
  type Operand,
  type Select,
  type Source,
  type Statement,
  type Update,
} from './statement.ts'
import { SQL_TABLES, tableNamed } from './tables.ts'

export type Parsed = { ok: true; statement: Statement } | { ok: false; problem: SqlProblem }

/** Brackets and nots inside each other. */
const DEPTH_MAX = 40

export function parseSql(source: string): Parsed {
  try {
    return { ok: true, statement: new Parser(source).statement() }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error
    return { ok: false, problem: { message: error.message, at: error.at, form: error.form === '' ? SELECT_FORM : error.form } }
  }
}

class Parser {
  private readonly at: Cursor

  constructor(source: string) {
    this.at = new Cursor(source)
  }

  statement(): Statement {
    const first = this.at.peek()
    if (!first) throw this.at.wrong('A statement is missing.')
    const verb = first.text.toLowerCase()
    if (verb === 'select') return this.select()
    if (verb === 'update') return this.update()
    if (['delete', 'insert', 'create', 'drop', 'alter', 'execute'].includes(verb))
      throw this.at.wrong(`${verb} is not possible here: this lab has select and update.`)
    // The guide leaves the first word out (DEC-16).
    if (first.text === '*' || this.at.tokens.some((token) => token.text.toLowerCase() === 'from')) {
      this.at.form = `run sql select ${this.at.source.trim()}`
      throw this.at.wrong('A syntax error has occurred: the statement does not begin with select.')
    }
    throw this.at.wrong('A syntax error has occurred: a statement begins with select or update.')
  }

  // --- select

  private select(): Select {
    this.at.take('select')
    const first = this.at.takes('first') || this.at.takes('limit') ? this.at.count() : null
    const distinct = this.at.takes('distinct')
    const what = this.columns()
    this.at.take('from')
    const from = [this.table(null)]
    for (let join = this.join(); join !== null; join = this.join()) from.push(join)
    const where = this.at.takes('where') ? this.either(0) : null
    const order: Select['order'] = []
    if (this.at.takes('order')) {
      this.at.take('by')
      do {
        const ref = this.ref()
        const descending = this.at.takes('desc')
        if (!descending) this.at.takes('asc')
        order.push({ ref, descending })
      } while (this.at.takesSign(','))
    }
    this.at.end()
    for (const [index, source] of from.entries()) if (source.join) checkJoin(source.join, from, index, this.at.form)
    const select: Select = { do: 'select', first, distinct, what, from, where, order }
    if (typeof what === 'object') for (const { ref } of what) checkRef(ref, from, this.at.form)
    for (const { ref } of order) checkRef(ref, from, this.at.form)
    if (where) checkCondition(where, from, this.at.form)
    return select
  }

  private columns(): Select['what'] {
    if (this.at.takesSign('*')) return '*'
    if (this.at.word()?.toLowerCase() === 'count' && this.at.peek(1)?.text === '(') {
      this.at.next += 2
      if (!this.at.takesSign('*')) throw this.at.wrong('Only count(*) is known.')
      this.at.takeSign(')')
      return 'count'
    }
    const columns: { ref: ColumnRef; title: string }[] = []
    do {
      const ref = this.ref()
      const title = this.at.takes('as') ? this.at.name('a name for the column') : ref.column
      columns.push({ ref, title })
    } while (this.at.takesSign(','))
    return columns
  }

  private table(join: Source['join']): Source {
    const token = this.at.peek()
    const name = this.at.name('a table')
    const found = tableNamed(name)
    if (!found) throw this.noTable(token ?? null, name)
    const as = this.at.takes('as')
    const next = this.at.word()
    const named = next !== null && (as || !RESERVED.has(next.toLowerCase()))
    return { table: found, alias: named ? this.at.name('another name for the table').toLowerCase() : found.name, at: token?.at ?? 0, join }
  }

  /** `machine account details` is three words of one table (DEC-16). */
  private noTable(token: Token | null, name: string): SqlError {
    let joined = name
    for (let i = this.at.next; i < this.at.tokens.length; i++) {
      const word = this.at.tokens[i]
      if (word?.is !== 'word') break
      joined += word.text
      const found = tableNamed(joined)
      if (!found || !token) continue
      this.at.form = `run sql ${this.at.source.slice(0, token.at).trim()} ${found.name}${this.at.source.slice(word.end)}`
      return new SqlError('A syntax error has occurred: the name of a table has no blanks.', token.at, this.at.form)
    }
    const names = SQL_TABLES.map((table) => table.name).join(', ')
    return new SqlError(`The specified table (${name}) is not in the database. Tables of this lab: ${names}.`, token?.at ?? 0, this.at.form)
  }

  private join(): Source | null {
    const outer = this.at.takes('left')
    if (outer) this.at.takes('outer')
    const inner = !outer && this.at.takes('inner')
    if (!outer && !inner && this.at.word()?.toLowerCase() !== 'join') {
      if (this.at.peek()?.text === ',') throw this.at.wrong('Join tables with inner join ... on ..., not with a comma.')
      return null
    }
    this.at.take('join')
    const source = this.table(null)
    this.at.take('on')
    const bracket = this.at.takesSign('(')
    const left = this.ref()
    this.at.takeSign('=')
    const right = this.ref()
    if (bracket) this.at.takeSign(')')
    return { ...source, join: { outer, left, right } }
  }

  // --- update

  private update(): Update {
    this.at.form = UPDATE_FORM
    this.at.take('update')
    const token = this.at.peek()
    const name = this.at.name('a table')
    const table = tableNamed(name)
    if (!table) throw this.noTable(token ?? null, name)
    this.at.take('set')
    const set: Update['set'] = []
    do {
      const ref = this.ref()
      this.at.takeSign('=')
      set.push({ column: ref.column, at: ref.at, value: this.assigned() })
      checkRef(ref, [{ table, alias: table.name, at: 0, join: null }], this.at.form)
    } while (this.at.takesSign(','))
    const where = this.at.takes('where') ? this.either(0) : null
    this.at.end()
    if (where) checkCondition(where, [{ table, alias: table.name, at: 0, join: null }], this.at.form)
    return { do: 'update', table, set, where }
  }

  /** A value with or without quotes; without, it reaches to the next blank or comma (DEC-16). */
  private assigned(): string | null {
    const token = this.at.peek()
    if (!token) throw this.at.wrong('A value is missing.')
    if (token.is === 'text') {
      this.at.next++
      return token.text
    }
    let end = token.at
    while (end < this.at.source.length && !/[\s,;]/.test(this.at.source[end] as string)) end++
    while ((this.at.peek()?.at ?? Infinity) < end) this.at.next++
    const text = this.at.source.slice(token.at, end)
    if (text.toLowerCase() === 'where' || text === '') throw new SqlError('A value is missing.', token.at, this.at.form)
    return text.toLowerCase() === 'null' ? null : text
  }

  // --- conditions

  private either(depth: number): Condition {
    const parts = [this.both(depth)]
    while (this.at.takes('or')) parts.push(this.both(depth))
    return parts.length === 1 ? (parts[0] as Condition) : { is: 'or', parts }
  }

  private both(depth: number): Condition {
    const parts = [this.single(depth)]
    while (this.at.takes('and')) parts.push(this.single(depth))
    return parts.length === 1 ? (parts[0] as Condition) : { is: 'and', parts }
  }

  private single(depth: number): Condition {
    if (depth > DEPTH_MAX) throw this.at.wrong(`The condition is nested deeper than ${DEPTH_MAX} levels.`)
    if (this.at.takes('not')) return { is: 'not', part: this.single(depth + 1) }
    if (this.at.takesSign('(')) {
      const inside = this.either(depth + 1)
      this.at.takeSign(')')
      return inside
    }
    const left = this.operand()
    if (this.at.takes('is')) {
      const not = this.at.takes('not')
      this.at.take('null')
      return { is: 'null', left, not }
    }
    const not = this.at.takes('not')
    if (this.at.takes('like')) return { is: 'like', left, pattern: this.literal() ?? '', not }
    if (this.at.takes('in')) {
      this.at.takeSign('(')
      const values: (string | null)[] = []
      do values.push(this.literal())
      while (this.at.takesSign(','))
      this.at.takeSign(')')
      return { is: 'in', left, values, not }
    }
    const sign = this.at.peek()
    const how = sign?.text === '!=' ? '<>' : sign?.text
    if (not || sign?.is !== 'sign' || !isComparison(how)) throw this.at.wrong('A syntax error has occurred: a comparison is missing.')
    this.at.next++
    return { is: 'compare', how, left, right: this.operand() }
  }

  private operand(): Operand {
    const token = this.at.peek()
    if (token?.is === 'word' && token.text.toLowerCase() !== 'null') return { ref: this.ref() }
    return { value: this.literal() }
  }

  private literal(): string | null {
    const token = this.at.peek()
    if (!token || token.is === 'sign') throw this.at.wrong('A value is missing.')
    if (token.is === 'word' && token.text.toLowerCase() !== 'null') throw this.at.wrong(`Text stands in quotes: '${token.text}'.`)
    this.at.next++
    return token.is === 'word' ? null : token.text
  }

  // --- names

  private ref(): ColumnRef {
    const at = this.at.peek()?.at ?? this.at.source.length
    const first = this.at.name('a column').toLowerCase()
    if (!this.at.takesSign('.')) return { alias: null, column: first, at }
    return { alias: first, column: this.at.name('a column').toLowerCase(), at }
  }
}

const isComparison = (text: string | undefined): text is Comparison => ['=', '<>', '<', '>', '<=', '>='].includes(text ?? '')
