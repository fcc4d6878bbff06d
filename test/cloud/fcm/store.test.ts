/** What waits for a device that is offline. */
import { describe, expect, it } from 'vitest'
import { MAX_COLLAPSE_KEYS, MAX_STORED, MAX_TTL_MS } from '../../../core/cloud/fcm/limits.ts'
import { OfflineStore } from '../../../core/cloud/fcm/store.ts'

type Note = { id: string; ttlMs: number; collapseKey: string | null }
const note = (id: string, ttlMs = 60_000, collapseKey: string | null = null): Note => ({ id, ttlMs, collapseKey })
const ids = (notes: readonly Note[]): string[] => notes.map(({ id }) => id)

describe('offline', () => {
  it('[FCM-02] a ttl of 0 is now or never; one millisecond is not 0', () => {
    const store = new OfflineStore<Note>()
    expect(store.keep('t', note('now', 0), 5)).toMatchObject({ kept: false, gone: [] })
    expect(store.keep('t', note('soon', 1), 5).kept).toBe(true)
    expect(ids(store.take('t', 5).delivered)).toEqual(['soon'])
  })

  it.each([60_000, MAX_TTL_MS])('[FCM-02] a ttl of %d ms is kept that long and no longer', (ttl) => {
    for (const [wait, alive] of [
      [ttl - 1, true],
      [ttl, false],
    ] as const) {
      const store = new OfflineStore<Note>()
      store.keep('t', note('a', ttl), 1_000)
      const { delivered, expired } = store.take('t', 1_000 + wait)
      expect([ids(delivered), ids(expired)]).toEqual(alive ? [['a'], []] : [[], ['a']])
    }
  })

  it('[FCM-02] delivers in order, once, and to its own device only', () => {
    const store = new OfflineStore<Note>()
    for (const id of ['a', 'b', 'c']) store.keep('t', note(id), 0)
    expect(store.take('u', 1).delivered).toEqual([])
    expect(ids(store.take('t', 1).delivered)).toEqual(['a', 'b', 'c'])
    expect(store.take('t', 1).delivered).toEqual([])
  })

  it('[FCM-02] of one collapse key the newest is kept', () => {
    const store = new OfflineStore<Note>()
    store.keep('t', note('old', 60_000, 'k'), 0)
    store.keep('t', note('other'), 0)
    expect(ids(store.keep('t', note('new', 60_000, 'k'), 1).gone)).toEqual(['old'])
    expect(ids(store.take('t', 2).delivered)).toEqual(['other', 'new'])
  })

  it('[FCM-02] four collapse keys are kept; with a fifth one of them is gone', () => {
    const store = new OfflineStore<Note>()
    for (let k = 0; k < MAX_COLLAPSE_KEYS; k++) expect(store.keep('t', note(`${k}`, 60_000, `${k}`), 0).gone).toEqual([])
    expect(ids(store.keep('t', note('5', 60_000, '5'), 0).gone)).toEqual(['0'])
    expect(ids(store.take('t', 1).delivered)).toEqual(['1', '2', '3', '5'])
  })

  it('[FCM-02] 100 others are kept; with one more all before it are gone, and each is accounted for', () => {
    const store = new OfflineStore<Note>()
    store.keep('t', note('key', 60_000, 'k'), 0)
    for (let n = 0; n < MAX_STORED; n++) expect(store.keep('t', note(`${n}`), 0).gone).toEqual([])
    expect(store.keep('t', note('last'), 0).gone).toHaveLength(100)
    expect(ids(store.take('t', 1).delivered)).toEqual(['key', 'last'])
  })

  it('[FCM-02] what has expired is told when another comes, and makes no message give way', () => {
    const store = new OfflineStore<Note>()
    for (let n = 0; n < MAX_STORED; n++) store.keep('t', note(`${n}`, 10), 0)
    expect(store.keep('t', note('later'), 10).gone).toHaveLength(100)
    expect(ids(store.take('t', 11).delivered)).toEqual(['later'])
  })
})
