/** Words, texts, numbers and signs of a statement, each with its place in the line. */

export type Token = {
  is: 'word' | 'text' | 'number' | 'sign'
  /** As written; a text without its quotes. */
  text: string
  /** From 0 on. */
  at: number
  end: number
}

export type SqlProblem = { message: string; at: number; form: string }

/** What a statement cannot be read for; thrown inside this room only. */
export class SqlError extends Error {
  readonly at: number
  readonly form: string
  constructor(message: string, at: number, form: string) {
    super(message)
    this.at = at
    this.form = form
  }
}

const SIGNS = ['<>', '!=', '<=', '>=', '=', '<', '>', ',', '(', ')', '*', '.', ';']
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /\d+(?:\.\d+)?/y

export function lex(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < source.length) {
    const char = source[at] as string
    if (/\s/.test(char)) at++
    else if (char === "'" || char === '"') at = text(source, at, char, tokens)
    else {
      const token = match(source, at, WORD, 'word') ?? match(source, at, NUMBER, 'number') ?? sign(source, at)
      tokens.push(token)
      at = token.end
    }
  }
  return tokens
}

/** A quote inside a text is written twice. */
function text(source: string, at: number, quote: string, tokens: Token[]): number {
  let value = ''
  for (let i = at + 1; i < source.length; i++) {
    if (source[i] !== quote) value += source[i]
    else if (source[i + 1] === quote) value += source[i++]
    else {
      tokens.push({ is: 'text', text: value, at, end: i + 1 })
      return i + 1
    }
  }
  throw new SqlError('A quoted text does not end.', at, '')
}

function match(source: string, at: number, pattern: RegExp, is: 'word' | 'number'): Token | null {
  pattern.lastIndex = at
  const found = pattern.exec(source)?.[0]
  return found === undefined ? null : { is, text: found, at, end: at + found.length }
}

/** What is no sign of the language is a token all the same: a value without quotes may hold it (DEC-16). */
function sign(source: string, at: number): Token {
  const found = SIGNS.find((each) => source.startsWith(each, at)) ?? String.fromCodePoint(source.codePointAt(at) ?? 0)
  return { is: 'sign', text: found, at, end: at + found.length }
}
