import { describe, expect, it } from 'vitest'
import { formatClock, formatCount, formatDuration, formatTime, plural, shortId } from '../../../renderer/ui/format.ts'

describe('times and spans', () => {
  it.each([
    [0, '00:00.000', '00:00:00.000'],
    [194_301, '03:14.301', '00:03:14.301'],
    [3_599_999, '59:59.999', '00:59:59.999'],
    [3_600_000, '1:00:00.000', '01:00:00.000'],
    [86_399_999, '23:59:59.999', '23:59:59.999'],
    [86_400_000, '1d 00:00:00.000', '1d 00:00:00.000'],
    [-5, '00:00.000', '00:00:00.000'],
  ])('%d ms', (at, time, clock) => {
    expect(formatTime(at)).toBe(time)
    expect(formatClock(at)).toBe(clock)
  })

  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1_000, '1 s'],
    [9_890, '9.89 s'],
    [13_000, '13 s'],
    [59_900, '59.9 s'],
    [60_000, '1 min'],
    [65_000, '1 min 5 s'],
    [1_200_000, '20 min'],
    [3_900_000, '1 h 5 min'],
    [172_800_000, '2 d'],
    [5_184_000_000, '60 d'],
    [-250, '-250 ms'],
  ])('a span of %d ms is %s', (span, text) => {
    expect(formatDuration(span)).toBe(text)
  })

  it('groups thousands and shortens long IDs', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567')
    expect(formatCount(999)).toBe('999')
    expect(plural(1, 'device')).toBe('1 device')
    expect(plural(0, 'device')).toBe('0 devices')
    expect(shortId('CPNS_4c1e77a0-55aa')).toBe('CPNS_4c1…55aa')
    expect(shortId('short')).toBe('short')
  })
})
