import { expect, it } from 'vitest'
import { counted, grouped } from '../../core/figures.ts'
import { formatCount } from '../../renderer/ui/format.ts'

it.each([
  [0, '0'],
  [999, '999'],
  [1_000, '1,000'],
  [15_000, '15,000'],
  [999_999, '999,999'],
  [1_234_567, '1,234,567'],
  [-1_000, '-1,000'],
])('%d is written %s, as in the rest of the window', (value, written) => {
  expect(grouped(value)).toBe(written)
  expect(formatCount(value)).toBe(written)
})

it('puts no comma behind the point', () => {
  expect([grouped(1_250, 2), grouped(4.5, 2), grouped(1_234.5678, 4)]).toEqual(['1,250.00', '4.50', '1,234.5678'])
})

it('counts one thing as one', () => {
  expect([counted(0, 'client'), counted(1, 'client'), counted(1_000, 'client'), counted(2, 'entry', 'entries')]).toEqual([
    '0 clients',
    '1 client',
    '1,000 clients',
    '2 entries',
  ])
})
