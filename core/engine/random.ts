/**
 * Seeded randomness: xoshiro128** in whole 32-bit numbers only, so that every machine draws the same.
 * Each use has a stream of its own, named by a key: a call more on one route does not shift the jitter
 * of another, and two runs that differ in one thing stay comparable.
 */
export class Random {
  private a: number
  private b: number
  private c: number
  private d: number

  constructor(seed: number, key: string) {
    // FNV-1a over the key, then splitmix32 to spread seed and key over the state.
    let hash = 0x811c9dc5 ^ seed
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
    const mix = (): number => {
      hash = (hash + 0x9e3779b9) | 0
      let t = hash ^ (hash >>> 16)
      t = Math.imul(t, 0x21f0aaad)
      t = t ^ (t >>> 15)
      t = Math.imul(t, 0x735a2d97)
      return t ^ (t >>> 15)
    }
    this.a = mix()
    this.b = mix()
    this.c = mix()
    this.d = mix() | 1 // never all zero
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const x = Math.imul(this.b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0
    const t = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= t
    this.d = (this.d << 11) | (this.d >>> 21)
    return result
  }

  /** A whole number from 0 to `limit`, both included. */
  upTo(limit: number): number {
    return limit <= 0 ? 0 : this.next() % (limit + 1)
  }

  /** True with this probability (0 to 1). */
  chance(probability: number): boolean {
    return this.next() < probability * 4_294_967_296
  }

  bytes(count: number): Uint8Array {
    const out = new Uint8Array(count)
    for (let i = 0; i < count; i += 4) {
      const word = this.next()
      out[i] = word & 255
      out[i + 1] = (word >>> 8) & 255
      out[i + 2] = (word >>> 16) & 255
      out[i + 3] = word >>> 24
    }
    return out
  }

  /** In one piece: 15,000 phones keep theirs, and text that was only added up keeps its parts, too. */
  hex(count: number): string {
    LETTERS.length = count
    for (let start = 0; start < count; start += 8) {
      const some = Math.min(8, count - start)
      digits(start, this.next() >>> (32 - 4 * some), some)
    }
    return String.fromCharCode.apply(null, LETTERS)
  }

  /** A version-4 UUID in its usual form, behind what is to stand before it. */
  uuid(prefix = ''): string {
    const [p, q, r, s, t] = [this.next(), this.next(), this.next(), this.next(), this.next()]
    LETTERS.length = prefix.length + UUID_LENGTH
    for (let i = 0; i < prefix.length; i++) LETTERS[i] = prefix.charCodeAt(i)
    let end = digits(prefix.length, p, 8)
    LETTERS[end++] = DASH
    end = digits(end, q >>> 16, 4)
    LETTERS[end++] = DASH
    end = digits(end, 0x4000 | (q & 0x0fff), 4)
    LETTERS[end++] = DASH
    end = digits(end, 0x8000 | ((t & 3) << 12) | ((r >>> 16) & 0x0fff), 4)
    LETTERS[end++] = DASH
    digits(digits(end, r & 0xffff, 4), s, 8)
    return String.fromCharCode.apply(null, LETTERS)
  }
}

/** Identifiers are made for every push; their letters are gathered here, so that one leaves no parts behind. */
const LETTERS: number[] = []
const UUID_LENGTH = 36
const DASH = 0x2d
const HEX_DIGITS = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/** Writes the last digits of a number in hex; returns where they end. */
function digits(start: number, word: number, count: number): number {
  for (let i = 0; i < count; i++) LETTERS[start + i] = HEX_DIGITS[(word >>> ((count - 1 - i) * 4)) & 15] as number
  return start + count
}
