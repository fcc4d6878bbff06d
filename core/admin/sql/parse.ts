/**
 * A small real parser: select with joins, where, order by and first; update of one table. Whatever it cannot read is told with
 * its place and the right form, also the broken spellings of the guide (DEC-16).
 */
import { lex, SqlError, type SqlProblem, type Token } from './lexer.ts'
import { SQL_TABLES, tableNamed, type SqlTable } from './tables.ts'

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

export type Parsed = { ok: true; statement: Statement } | { ok: false; problem: SqlProblem }

export const SELECT_FORM = 'run sql select <columns or *> from <table> [where <column>=<value>]'
export const UPDATE_FORM = "run sql update machineaccountdetails set refreshtoken='<token>' where pkid='<pkid>'"

const RESERVED = new Set([
  'where',
  'order',
  'inner',
  'left',
  'outer',
  'join',
  'on',
  'set',
  'and',
  'or',
  'group',
  'as',
  'from',
  'first',
  'limit',
  'union',
])
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
  private readonly source: string
  private readonly tokens: Token[]
  private next = 0
  private form = SELECT_FORM

  constructor(source: string) {
    this.source = source
    this.tokens = lex(source)
  }

  statement(): Statement {
    const first = this.peek()
    if (!first) throw this.wrong('A statement is missing.')
    const verb = first.text.toLowerCase()
    if (verb === 'select') return this.select()
    if (verb === 'update') return this.update()
    if (['delete', 'insert', 'create', 'drop', 'alter', 'execute'].includes(verb))
      throw this.wrong(`${verb} is not possible here: this lab has select and update.`)
    // The guide leaves the first word out (DEC-16).
    if (first.text === '*' || this.tokens.some((token) => token.text.toLowerCase() === 'from')) {
      this.form = `run sql select ${this.source.trim()}`
      throw this.wrong('A syntax error has occurred: the statement does not begin with select.')
    }
    throw this.wrong('A syntax error has occurred: a statement begins with select or update.')
  }

  // --- select

  private select(): Select {
    this.take('select')
    const first = this.takes('first') || this.takes('limit') ? this.count() : null
    const distinct = this.takes('distinct')
    const what = this.columns()
    this.take('from')
    const from = [this.table(null)]
    for (let join = this.join(); join !== null; join = this.join()) from.push(join)
    const where = this.takes('where') ? this.either(0) : null
    const order: Select['order'] = []
    if (this.takes('order')) {
      this.take('by')
      do {
        const ref = this.ref()
        const descending = this.takes('desc')
        if (!descending) this.takes('asc')
        order.push({ ref, descending })
      } while (this.takesSign(','))
    }
    this.end()
    for (const [index, source] of from.entries()) if (source.join) this.checkJoin(source.join, from, index)
    const select: Select = { do: 'select', first, distinct, what, from, where, order }
    if (typeof what === 'object') for (const { ref } of what) this.check(ref, from)
    for (const { ref } of order) this.check(ref, from)
    if (where) this.checkCondition(where, from)
    return select
  }

  private columns(): Select['what'] {
    if (this.takesSign('*')) return '*'
    if (this.word()?.toLowerCase() === 'count' && this.peek(1)?.text === '(') {
      this.next += 2
      if (!this.takesSign('*')) throw this.wrong('Only count(*) is known.')
      this.takeSign(')')
      return 'count'
    }
    const columns: { ref: ColumnRef; title: string }[] = []
    do {
      const ref = this.ref()
      const title = this.takes('as') ? this.name('a name for the column') : ref.column
      columns.push({ ref, title })
    } while (this.takesSign(','))
    return columns
  }

  private table(join: Source['join']): Source {
    const token = this.peek()
    const name = this.name('a table')
    const found = tableNamed(name)
    if (!found) throw this.noTable(token ?? null, name)
    const as = this.takes('as')
    const next = this.word()
    const named = next !== null && (as || !RESERVED.has(next.toLowerCase()))
    return { table: found, alias: named ? this.name('another name for the table').toLowerCase() : found.name, at: token?.at ?? 0, join }
  }

  /** `machine account details` is three words of one table (DEC-16). */
  private noTable(token: Token | null, name: string): SqlError {
    let joined = name
    for (let i = this.next; i < this.tokens.length; i++) {
      const word = this.tokens[i]
      if (word?.is !== 'word') break
      joined += word.text
      const found = tableNamed(joined)
      if (!found || !token) continue
      this.form = `run sql ${this.source.slice(0, token.at).trim()} ${found.name}${this.source.slice(word.end)}`
      return new SqlError('A syntax error has occurred: the name of a table has no blanks.', token.at, this.form)
    }
    const names = SQL_TABLES.map((table) => table.name).join(', ')
    return new SqlError(`The specified table (${name}) is not in the database. Tables of this lab: ${names}.`, token?.at ?? 0, this.form)
  }

  private join(): Source | null {
    const outer = this.takes('left')
    if (outer) this.takes('outer')
    const inner = !outer && this.takes('inner')
    if (!outer && !inner && this.word()?.toLowerCase() !== 'join') {
      if (this.peek()?.text === ',') throw this.wrong('Join tables with inner join ... on ..., not with a comma.')
      return null
    }
    this.take('join')
    const source = this.table(null)
    this.take('on')
    const bracket = this.takesSign('(')
    const left = this.ref()
    this.takeSign('=')
    const right = this.ref()
    if (bracket) this.takeSign(')')
    return { ...source, join: { outer, left, right } }
  }

  // --- update

  private update(): Update {
    this.form = UPDATE_FORM
    this.take('update')
    const token = this.peek()
    const name = this.name('a table')
    const table = tableNamed(name)
    if (!table) throw this.noTable(token ?? null, name)
    this.take('set')
    const set: Update['set'] = []
    do {
      const ref = this.ref()
      this.takeSign('=')
      set.push({ column: ref.column, at: ref.at, value: this.assigned() })
      this.check(ref, [{ table, alias: table.name, at: 0, join: null }])
    } while (this.takesSign(','))
    const where = this.takes('where') ? this.either(0) : null
    this.end()
    if (where) this.checkCondition(where, [{ table, alias: table.name, at: 0, join: null }])
    return { do: 'update', table, set, where }
  }

  /** A value with or without quotes; without, it reaches to the next blank or comma (DEC-16). */
  private assigned(): string | null {
    const token = this.peek()
    if (!token) throw this.wrong('A value is missing.')
    if (token.is === 'text') {
      this.next++
      return token.text
    }
    let end = token.at
    while (end < this.source.length && !/[\s,;]/.test(this.source[end] as string)) end++
    while ((this.peek()?.at ?? Infinity) < end) this.next++
    const text = this.source.slice(token.at, end)
    if (text.toLowerCase() === 'where' || text === '') throw new SqlError('A value is missing.', token.at, this.form)
    return text.toLowerCase() === 'null' ? null : text
  }

  // --- conditions

  private either(depth: number): Condition {
    const parts = [this.both(depth)]
    while (this.takes('or')) parts.push(this.both(depth))
    return parts.length === 1 ? (parts[0] as Condition) : { is: 'or', parts }
  }

  private both(depth: number): Condition {
    const parts = [this.single(depth)]
    while (this.takes('and')) parts.push(this.single(depth))
    return parts.length === 1 ? (parts[0] as Condition) : { is: 'and', parts }
  }

  private single(depth: number): Condition {
    if (depth > DEPTH_MAX) throw this.wrong(`The condition is nested deeper than ${DEPTH_MAX} levels.`)
    if (this.takes('not')) return { is: 'not', part: this.single(depth + 1) }
    if (this.takesSign('(')) {
      const inside = this.either(depth + 1)
      this.takeSign(')')
      return inside
    }
    const left = this.operand()
    if (this.takes('is')) {
      const not = this.takes('not')
      this.take('null')
      return { is: 'null', left, not }
    }
    const not = this.takes('not')
    if (this.takes('like')) return { is: 'like', left, pattern: this.literal() ?? '', not }
    if (this.takes('in')) {
      this.takeSign('(')
      const values: (string | null)[] = []
      do values.push(this.literal())
      while (this.takesSign(','))
      this.takeSign(')')
      return { is: 'in', left, values, not }
    }
    const sign = this.peek()
    const how = sign?.text === '!=' ? '<>' : sign?.text
    if (not || sign?.is !== 'sign' || !isComparison(how)) throw this.wrong('A syntax error has occurred: a comparison is missing.')
    this.next++
    return { is: 'compare', how, left, right: this.operand() }
  }

  private operand(): Operand {
    const token = this.peek()
    if (token?.is === 'word' && token.text.toLowerCase() !== 'null') return { ref: this.ref() }
    return { value: this.literal() }
  }

  private literal(): string | null {
    const token = this.peek()
    if (!token || token.is === 'sign') throw this.wrong('A value is missing.')
    if (token.is === 'word' && token.text.toLowerCase() !== 'null') throw this.wrong(`Text stands in quotes: '${token.text}'.`)
    this.next++
    return token.is === 'word' ? null : token.text
  }

  // --- names

  private ref(): ColumnRef {
    const at = this.peek()?.at ?? this.source.length
    const first = this.name('a column').toLowerCase()
    if (!this.takesSign('.')) return { alias: null, column: first, at }
    return { alias: first, column: this.name('a column').toLowerCase(), at }
  }

  private check(ref: ColumnRef, from: readonly Source[]): void {
    const sources = ref.alias === null ? from : from.filter(({ alias, table }) => alias === ref.alias || table.name === ref.alias)
    const holders = sources.filter(({ table }) => table.columns.includes(ref.column))
    if (holders.length === 1) return
    if (holders.length > 1)
      throw new SqlError(`Column (${ref.column}) stands in more than one table: write the table before it.`, ref.at, this.form)
    const known = sources.length > 0 ? sources : from
    const columns = known.map(({ table }) => `${table.name}: ${table.columns.join(', ')}`).join('; ')
    throw new SqlError(`Column (${ref.column}) not found in any table in the query. ${columns}.`, ref.at, this.form)
  }

  /** Each join ties its table to one before it. */
  private checkJoin({ left, right }: NonNullable<Source['join']>, from: readonly Source[], index: number): void {
    const known = from.slice(0, index + 1)
    const own = known.slice(index)
    for (const ref of [left, right]) this.check(ref, known)
    const holds = (ref: ColumnRef): boolean =>
      own.some(({ alias, table }) => (ref.alias ?? alias) === alias && table.columns.includes(ref.column))
    if (holds(left) === holds(right))
      throw new SqlError('A join compares a column of its table with one of a table before it.', left.at, this.form)
  }

  private checkCondition(condition: Condition, from: readonly Source[]): void {
    switch (condition.is) {
      case 'and':
      case 'or':
        for (const part of condition.parts) this.checkCondition(part, from)
        return
      case 'not':
        return this.checkCondition(condition.part, from)
      case 'compare':
        if ('ref' in condition.right) this.check(condition.right.ref, from)
    }
    if ('ref' in condition.left) this.check(condition.left.ref, from)
  }

  // --- tokens

  private peek(ahead = 0): Token | undefined {
    return this.tokens[this.next + ahead]
  }

  private word(): string | null {
    const token = this.peek()
    return token?.is === 'word' ? token.text : null
  }

  private takes(word: string): boolean {
    if (this.word()?.toLowerCase() !== word) return false
    this.next++
    return true
  }

  private take(word: string): void {
    if (!this.takes(word)) throw this.wrong(`A syntax error has occurred: ${word} is expected here.`)
  }

  private takesSign(sign: string): boolean {
    const token = this.peek()
    if (token?.is !== 'sign' || token.text !== sign) return false
    this.next++
    return true
  }

  private takeSign(sign: string): void {
    if (!this.takesSign(sign)) throw this.wrong(`A syntax error has occurred: ${sign} is expected here.`)
  }

  private name(what: string): string {
    const word = this.word()
    if (word === null || (RESERVED.has(word.toLowerCase()) && word.toLowerCase() !== 'first'))
      throw this.wrong(`A syntax error has occurred: ${what} is expected here.`)
    this.next++
    return word
  }

  private count(): number {
    const token = this.peek()
    if (token?.is !== 'number' || !/^\d{1,6}$/.test(token.text)) throw this.wrong('A number of rows is expected here.')
    this.next++
    return Number(token.text)
  }

  private end(): void {
    this.takesSign(';')
    if (this.peek()) throw this.wrong('A syntax error has occurred.')
  }

  private wrong(message: string): SqlError {
    return new SqlError(message, this.peek()?.at ?? this.source.length, this.form)
  }
}

const isComparison = (text: string | undefined): text is Comparison => ['=', '<>', '<', '>', '<=', '>='].includes(text ?? '')
