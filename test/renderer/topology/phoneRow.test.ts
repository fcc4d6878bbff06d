import { describe, expect, it } from 'vitest'
import type { DeviceRow } from '../../../core/contract/index.ts'
import { phoneRect, PHONES_SHOWN, phonesShown, rowSize } from '../../../renderer/views/topology/phoneRow.ts'
import { deviceRow } from '../fixtures/rows.ts'

const ward = (n: number, over: (i: number) => Partial<DeviceRow> = () => ({})): Map<string, DeviceRow> =>
  new Map(
    Array.from({ length: n }, (_, i) => {
      const id = `p${i}`
      const device = deviceRow({ id, state: 'idle', ...over(i) })
      return [id, { ...device, screen: { ...device.screen, call: null }, localPush: null }]
    }),
  )
const idsOf = (phones: readonly DeviceRow[]): string[] => phones.map(({ id }) => id)

describe('the row of phones', () => {
  it('shows all as long as there is room for them, and the first twelve of more', () => {
    expect(phonesShown(ward(PHONES_SHOWN), '')).toHaveLength(12)
    expect(idsOf(phonesShown(ward(13), ''))).toEqual(Array.from({ length: 12 }, (_, i) => `p${i}`))
  })

  it('brings the selected one forward, and up to four in all that are busy; the first ones stay where they are', () => {
    const busy = ward(40, (i) => (i >= 20 ? { state: 'waking' } : {}))
    expect(idsOf(phonesShown(busy, '')).slice(7)).toEqual(['p7', 'p20', 'p21', 'p22', 'p23'])
    expect(idsOf(phonesShown(busy, 'p39')).slice(7)).toEqual(['p7', 'p39', 'p20', 'p21', 'p22'])
    expect(idsOf(phonesShown(busy, 'p3')).slice(0, 8)).toEqual(['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'])
  })

  it('is small below 600 pixels, and a strip without phones', () => {
    const phones = [...ward(3).values()]
    expect(rowSize(599, phones)).toEqual({ compact: true, phonePx: 150, rowPx: 194 })
    expect(rowSize(600, phones)).toEqual({ compact: false, phonePx: 196, rowPx: 262 })
    expect(rowSize(300, phones).phonePx).toBe(110)
    expect(rowSize(900, []).rowPx).toBe(48)
  })

  it('places one phone beside the other, less what is scrolled away', () => {
    expect(phoneRect(0, 400, 0, 196)).toEqual({ x: 14, y: 400, width: 150, height: 196 })
    expect(phoneRect(2, 400, 100, 196).x).toBe(14 + 2 * 162 - 100)
  })
})
