/** Goes over the tokens of a statement, one after the other; what does not fit is told with its place and the right form. */
import { lex, SqlError, type Token } from './lexer.ts'
import { SELECT_FORM } from './statement.ts'

export const RESERVED = new Set([
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
export class Cursor {
  readonly source: string
  readonly tokens: readonly Token[]
  next = 0
  /** Shown with the next problem. */
  form = SELECT_FORM

  constructor(source: string) {
    this.source = source
    this.tokens = lex(source)
  }

  peek(ahead = 0): Token | undefined {
    return this.tokens[this.next + ahead]
  }

  word(): string | null {
    const token = this.peek()
    return token?.is === 'word' ? token.text : null
  }

  takes(word: string): boolean {
    if (this.word()?.toLowerCase() !== word) return false
    this.next++
    return true
  }

  take(word: string): void {
    if (!this.takes(word)) throw this.wrong(`A syntax error has occurred: ${word} is expected here.`)
  }

  takesSign(sign: string): boolean {
    const token = this.peek()
    if (token?.is !== 'sign' || token.text !== sign) return false
    this.next++
    return true
  }

  takeSign(sign: string): void {
    if (!this.takesSign(sign)) throw this.wrong(`A syntax error has occurred: ${sign} is expected here.`)
  }

  name(what: string): string {
    const word = this.word()
    if (word === null || (RESERVED.has(word.toLowerCase()) && word.toLowerCase() !== 'first'))
      throw this.wrong(`A syntax error has occurred: ${what} is expected here.`)
    this.next++
    return word
  }

  count(): number {
    const token = this.peek()
    if (token?.is !== 'number' || !/^\d{1,6}$/.test(token.text)) throw this.wrong('A number of rows is expected here.')
    this.next++
    return Number(token.text)
  }

  end(): void {
    this.takesSign(';')
    if (this.peek()) throw this.wrong('A syntax error has occurred.')
  }

  wrong(message: string): SqlError {
    return new SqlError(message, this.peek()?.at ?? this.source.length, this.form)
  }
}
