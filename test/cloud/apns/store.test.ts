import { describe, expect, it } from 'vitest'
import { KEPT_MS, keepNewest, keptUntil, storeKey } from '../../../core/cloud/apns/store.ts'

const NOW_MS = 1_750_000_000_000

describe('what is kept for a device that is not connected', () => {
  it('[APNS-09] of each app the newest only', () => {
    const store = new Map<string, string>()
    const dialer = storeKey('phone', 'com.example.dialer')
    expect(keepNewest(store, dialer, 'first')).toBeNull()
    expect(keepNewest(store, storeKey('phone', 'com.example.other'), 'other')).toBeNull()
    expect(keepNewest(store, storeKey('tablet', 'com.example.dialer'), 'tablet')).toBeNull()
    expect(keepNewest(store, dialer, 'second')).toBe('first')
    expect([...store.values()]).toEqual(['other', 'tablet', 'second'])
  })

  it('[APNS-09] expiration 0 and a date that has passed are now or never', () => {
    expect(keptUntil(0, NOW_MS)).toBeNull()
    expect(keptUntil(NOW_MS / 1_000, NOW_MS)).toBeNull()
    expect(keptUntil(NOW_MS / 1_000 + 1, NOW_MS)).toBe(NOW_MS + 1_000)
  })

  it('[APNS-09] without a date, and with one that is far, for 30 days', () => {
    expect(KEPT_MS).toBe(30 * 24 * 3_600_000)
    expect(keptUntil(null, NOW_MS)).toBe(NOW_MS + KEPT_MS)
    expect(keptUntil(999_999_999_999, NOW_MS)).toBe(NOW_MS + KEPT_MS)
  })
})
