/** The book of the stanzas and the memory of queue depths, on their own. */
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../core/engine/virtualClock.ts'
import { DEPTH_SAMPLES, DepthLog } from '../../../core/presence/depthLog.ts'
import { MessageBook } from '../../../core/presence/messageBook.ts'

const TO = { id: 'phone', label: 'phone' }

describe('the book of the stanzas', () => {
  it('[MSG-02] keeps every stanza in one state; what has ended stays so', () => {
    const book = new MessageBook(new VirtualClock())
    const stanza = book.add('message', 'Rex', 'x', 1, TO)
    expect(book.counts.sent).toBe(1)
    for (const state of ['queued', 'held', 'queued', 'delivering', 'lost'] as const) expect(book.move(stanza, state)).toBe(true)
    expect(['queued', 'refused', 'delivered'].map((state) => book.move(stanza, state as 'queued'))).toEqual([false, false, false])
    expect(book.counts).toMatchObject({ lost: 1, queued: 0, delivered: 0 })
    expect(book.balanced()).toBe(true)
  })

  it('[MSG-02] a flow is open until the last of its stanzas has ended', () => {
    const book = new MessageBook(new VirtualClock())
    const copies = ['phone', 'tablet'].map((id) => book.add('message', 'Rex', 'x', 7, { id, label: id }))
    expect(book.isOpen(7)).toBe(true)
    for (const [i, copy] of copies.entries()) {
      book.move(copy, i === 0 ? 'lost' : 'delivered')
      expect(book.isOpen(7)).toBe(i === 0)
    }
  })

  it('[DEC-33] notices a book that does not balance', () => {
    const book = new MessageBook(new VirtualClock())
    book.add('message', 'Rex', 'x', 1, TO)
    book.counts.lost++
    expect(book.balanced()).toBe(false)
  })
})

describe('the depth of a queue over time', () => {
  it('[MSG-02] has one sample a second, the last of it', () => {
    const log = new DepthLog()
    for (const [at, n] of [
      [0, 1],
      [999, 2],
      [1_000, 3],
      [1_001, 4],
    ] as const)
      log.note(at, n)
    expect(log.all()).toEqual([
      { at: 0, n: 2 },
      { at: 1_000, n: 4 },
    ])
  })

  it('[MSG-02] stays small however long it goes on, and keeps its first and its newest value', () => {
    const log = new DepthLog()
    for (let second = 0; second <= 86_400; second++) log.note(second * 1_000, second)
    const all = log.all()
    expect(all.length).toBeLessThanOrEqual(DEPTH_SAMPLES)
    expect(all.length).toBeGreaterThan(DEPTH_SAMPLES / 4)
    expect(all.at(-1)?.n).toBe(86_400)
    expect(all.every((sample, i) => i === 0 || sample.at > (all[i - 1]?.at ?? 0))).toBe(true)
  })
})
