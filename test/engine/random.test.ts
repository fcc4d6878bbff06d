import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { Random } from '../../core/engine/random.ts'

/** The same generator written a second time, in whole numbers of any size: nothing a machine could round. */
function reference(seed: number, key: string): () => number {
  const M = 0xffff_ffffn
  const imul = (a: bigint, b: bigint): bigint => (a * b) & M
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & M
  let hash = (0x811c9dc5n ^ BigInt(seed)) & M
  for (let i = 0; i < key.length; i++) hash = imul(hash ^ BigInt(key.charCodeAt(i)), 0x01000193n)
  const mix = (): bigint => {
    hash = (hash + 0x9e3779b9n) & M
    let t = imul(hash ^ (hash >> 16n), 0x21f0aaadn)
    t = imul(t ^ (t >> 15n), 0x735a2d97n)
    return t ^ (t >> 15n)
  }
  const s: [bigint, bigint, bigint, bigint] = [mix(), mix(), mix(), mix() | 1n]
  return () => {
    const result = imul(rotl(imul(s[1], 5n), 7n), 9n)
    const t = (s[1] << 9n) & M
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotl(s[3], 11n)
    return Number(result)
  }
}

describe('[DEC-35] seeded randomness is the same on every machine', () => {
  it('draws the known numbers', () => {
    const r = new Random(7, 'tracking')
    expect(Array.from({ length: 8 }, () => r.next())).toEqual([
      3776566291, 3118055276, 3762654629, 1946180493, 722312391, 205801237, 41404073, 2780859897,
    ])
    const s = new Random(4_294_967_295, 'route devices>ucm-pub')
    expect(Array.from({ length: 4 }, () => s.next())).toEqual([3736010621, 4035121445, 2275839245, 1516636365])
  })

  it('gives the known texts, bytes, ranges and chances', () => {
    expect(new Random(1, 'key phone').hex(32)).toBe('f06d0ab818e46b5fff4eed3c052dfcf0')
    expect(new Random(1, 'tracking').uuid()).toBe('469696d7-33d2-4e7c-9b4e-14b04de9ce1b')
    expect(Buffer.from(new Random(0, '').bytes(10)).toString('hex')).toBe('666824b28be05a635a46')
    const t = new Random(42, 'jitter')
    expect(Array.from({ length: 12 }, () => t.upTo(120))).toEqual([36, 73, 77, 73, 6, 23, 117, 112, 69, 67, 68, 52])
    expect(Array.from({ length: 12 }, () => (t.chance(0.25) ? 1 : 0)).join('')).toBe('001000100110')
  })

  it('equals the generator written a second time, for any seed and key', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), fc.string({ maxLength: 60 }), (seed, key) => {
        const r = new Random(seed, key)
        const again = reference(seed, key)
        for (let i = 0; i < 20; i++) expect(r.next()).toBe(again())
      }),
    )
  })
})

describe('streams of randomness', () => {
  it('differ by key and by seed, so that one more draw here shifts nothing there', () => {
    const first = (seed: number, key: string): number => new Random(seed, key).next()
    expect(first(1, 'route a>b')).not.toBe(first(1, 'route b>a'))
    expect(first(1, 'route a>b')).not.toBe(first(2, 'route a>b'))
    const seen = new Set(Array.from({ length: 1_000 }, (_, seed) => first(seed, 'key phone')))
    expect(seen.size).toBeGreaterThan(990)
  })

  it('stay in their range, both ends included, and fill it evenly', () => {
    const r = new Random(3, 'range')
    const hits = Array.from({ length: 6 }, () => 0)
    for (let i = 0; i < 60_000; i++) hits[r.upTo(5)] = (hits[r.upTo(5)] ?? Number.NaN) + 1
    for (const count of hits) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    expect(r.upTo(0)).toBe(0)
    expect(r.upTo(-3)).toBe(0)
  })

  it('a chance of 1 always strikes, and half of them about half the time', () => {
    const r = new Random(9, 'faults')
    let half = 0
    for (let i = 0; i < 10_000; i++) {
      expect(r.chance(1)).toBe(true)
      if (r.chance(0.5)) half++
    }
    expect(half).toBeGreaterThan(4_800)
    expect(half).toBeLessThan(5_200)
  })

  it('make version-4 UUIDs, none twice', () => {
    const r = new Random(5, 'tracking')
    const made = new Set(Array.from({ length: 10_000 }, () => r.uuid()))
    expect(made.size).toBe(10_000)
    for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
