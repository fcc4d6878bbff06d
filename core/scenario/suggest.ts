/** The known word that a mistyped one most likely means, or null. Case, dashes and blanks do not count. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = plain(word)
  if (wanted === '' || wanted.length > MAX_LENGTH) return null
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1
  let looked = 0
  for (const candidate of known) {
    looked += 1
    if (looked > MAX_CANDIDATES) break
    const other = plain(candidate)
    if (other.length > MAX_LENGTH || Math.abs(other.length - wanted.length) >= bestDistance) continue
    const found = distance(wanted, other, bestDistance)
    if (found < bestDistance) {
      best = candidate
      bestDistance = found
    }
  }
  return best
}

const MAX_LENGTH = 64
/** A lab may hold 100,000 names; looking at the first few thousand is enough for a hint. */
const MAX_CANDIDATES = 5_000

function plain(word: string): string {
  return word.toLowerCase().replace(/[-_ .]/g, '')
}

/** Edit distance with neighbouring letters swapped as one edit; anything from `limit` on is `limit`. */
function distance(a: string, b: string, limit: number): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    let smallest = i
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1]
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
      smallest = Math.min(smallest, cost)
    }
    if (smallest >= limit) return limit
    before = last
    last = row
  }
  return Math.min(limit, last[b.length] ?? limit)
}
