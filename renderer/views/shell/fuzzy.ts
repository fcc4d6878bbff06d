/** Fuzzy search over a few hundred short texts: all letters in order, better when they start words or stand together. */

/** Higher is better; null when `query` is not in `text`. Spaces in the query only separate words. */
export const fuzzyScore = (query: string, text: string): number | null => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const target = text.toLowerCase()
  let total = 0
  for (const word of words) {
    const score = scoreWord(word, target)
    if (score === null) return null
    total += score
  }
  // Of two equal finds the shorter text is the better one.
  return total - target.length / 1_000
}

const isWordStart = (text: string, at: number): boolean => at === 0 || !/[a-z0-9]/.test(text[at - 1] ?? '')

const scoreWord = (word: string, text: string): number | null => {
  const whole = text.indexOf(word)
  if (whole >= 0) {
    // Look for an occurrence that starts a word; any occurrence otherwise.
    for (let at = whole; at >= 0; at = text.indexOf(word, at + 1)) if (isWordStart(text, at)) return word.length * 4 + 10
    return word.length * 3
  }
  let score = 0
  let from = 0
  let previous = -2
  for (const letter of word) {
    const at = text.indexOf(letter, from)
    if (at < 0) return null
    if (at === previous + 1) score += 2
    else if (isWordStart(text, at)) score += 1.5
    else score -= 0.5
    previous = at
    from = at + 1
  }
  // Letters strewn over a long text are not a find.
  return score >= word.length * 0.8 ? score : null
}

export type Found<T> = { item: T; score: number }

export const fuzzyFind = <T>(query: string, items: readonly T[], textOf: (item: T) => string): T[] => {
  if (query.trim() === '') return [...items]
  const found: Found<T>[] = []
  for (const item of items) {
    const score = fuzzyScore(query, textOf(item))
    if (score !== null) found.push({ item, score })
  }
  return found.toSorted((a, b) => b.score - a.score).map((one) => one.item)
}
