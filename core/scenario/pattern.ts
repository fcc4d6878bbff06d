/**
 * Text matches of expectations: a piece of text, ignoring case, or a regular expression between slashes.
 * The file is untrusted, so only expressions that cannot run away are let in.
 */

export const PATTERN_LIMITS = {
  characters: 120,
  /** `*`, `+`, `{n,}`: with two of them a line of L characters costs at most about L cubed steps. */
  openRepeats: 2,
  /** Longer texts are cut before they are matched. */
  subject: 400,
} as const

export type Matcher = { text: string; test: (subject: string) => boolean }

export type ReadPattern = { ok: true; matcher: Matcher } | { ok: false; message: string; fix: string }

export function isExpression(match: string): boolean {
  return match.length >= 2 && match.startsWith('/') && match.endsWith('/')
}

/** Never throws. */
export function readPattern(match: string): ReadPattern {
  if (!isExpression(match)) {
    const wanted = match.toLowerCase()
    return { ok: true, matcher: { text: `"${match}"`, test: (subject) => subject.toLowerCase().includes(wanted) } }
  }
  const body = match.slice(1, -1)
  const trouble = runaway(body)
  if (trouble !== null) return { ok: false, ...trouble }
  try {
    const expression = new RegExp(body, 'i')
    return { ok: true, matcher: { text: match, test: (subject) => expression.test(subject.slice(0, PATTERN_LIMITS.subject)) } }
  } catch {
    return {
      ok: false,
      message: `${match} is not a valid regular expression`,
      fix: 'check brackets and backslashes, or write plain text without the slashes',
    }
  }
}

/** For a match that was checked when its file was read; one that is bad all the same matches nothing. */
export function matcher(match: string): Matcher {
  const read = readPattern(match)
  return read.ok ? read.matcher : { text: match, test: () => false }
}

type Trouble = { message: string; fix: string }

/** Repeats inside repeats, back references and the like are what makes an expression explode. */
function runaway(body: string): Trouble | null {
  if (body.length > PATTERN_LIMITS.characters) {
    return {
      message: `the regular expression has ${body.length} characters; at most ${PATTERN_LIMITS.characters} are allowed`,
      fix: 'match a shorter, telling part',
    }
  }
  let open = 0
  const groups: { repeats: boolean }[] = []
  let closed: { repeats: boolean } | null = null
  for (let i = 0; i < body.length; i += 1) {
    const char = body[i] ?? ''
    const repeat = repeatAt(body, i)
    if (repeat !== null) {
      if (closed?.repeats === true && repeat.many) {
        return {
          message: 'the regular expression repeats a group that itself repeats or chooses, which can take forever',
          fix: 'repeat single characters or character classes only',
        }
      }
      if (repeat.open) open += 1
      const inside = groups.at(-1)
      if (inside) inside.repeats = true
      i += repeat.length - 1
      closed = null
      continue
    }
    closed = null
    if (char === '\\') {
      if (/[1-9k]/.test(body[i + 1] ?? '')) {
        return { message: 'back references are not allowed in a match', fix: 'write the repeated text out' }
      }
      i += 1
    } else if (char === '[') {
      i += 1
      while (i < body.length && body[i] !== ']') i += body[i] === '\\' ? 2 : 1
    } else if (char === '(') {
      if (body[i + 1] === '?' && body[i + 2] !== ':') {
        return { message: 'look-around and named groups are not allowed in a match', fix: 'use plain groups ( ) only' }
      }
      if (body[i + 1] === '?') i += 2
      groups.push({ repeats: false })
    } else if (char === ')') {
      closed = groups.pop() ?? null
      const inside = groups.at(-1)
      if (closed?.repeats === true && inside) inside.repeats = true
    } else if (char === '|') {
      const inside = groups.at(-1)
      if (inside) inside.repeats = true
    }
  }
  if (open > PATTERN_LIMITS.openRepeats) {
    return {
      message: `the regular expression has ${open} open repeats (*, +, {n,}); at most ${PATTERN_LIMITS.openRepeats} are allowed`,
      fix: 'match a shorter, telling part',
    }
  }
  return null
}

function repeatAt(body: string, at: number): { length: number; open: boolean; many: boolean } | null {
  const char = body[at]
  if (char === '*' || char === '+') return { length: 1, open: true, many: true }
  if (char === '?') return { length: 1, open: false, many: false }
  if (char !== '{') return null
  const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(body.slice(at))
  // {1,400} runs as far as {1,}: anything that may repeat more than a few times counts as open.
  return found ? { length: found[0].length, open: Number(found[3] || found[1]) > 8 || found[3] === '', many: true } : null
}
