import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LastFew } from '../../core/engine/lastFew.ts'

describe('the last few', () => {
  it('knows the newest 3 of 3, and forgets the oldest for a fourth', () => {
    const few = new LastFew<string>(3)
    expect(few.has('a')).toBe(false)
    for (const each of ['a', 'b', 'c']) few.add(each)
    expect(['a', 'b', 'c'].map((each) => few.has(each))).toEqual([true, true, true])
    few.add('d')
    expect(['a', 'b', 'c', 'd'].map((each) => few.has(each))).toEqual([false, true, true, true])
  })

  it('whatever comes, and however often: the newest different ones, in the order in which they came first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (things, limit) => {
        const few = new LastFew<number>(limit)
        let plain: number[] = []
        for (const each of things) {
          few.add(each)
          if (!plain.includes(each)) plain = [...plain, each].slice(-limit)
          for (let n = 0; n <= 9; n++) expect(few.has(n)).toBe(plain.includes(n))
        }
      }),
    )
  })
})
