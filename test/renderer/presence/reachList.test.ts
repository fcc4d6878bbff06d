import { describe, expect, it } from 'vitest'
import { ANYBODY, listReach, summariseReach, waitingOf } from '../../../renderer/views/presence/reachList.ts'
import { deviceRow } from '../fixtures/rows.ts'
import { client, silent } from '../fixtures/presence.ts'

const BY_NAME = { key: 'device', down: false } as const

describe('who is reached with a message', () => {
  const desk = deviceRow({ id: 'desk', client: 'deskphone', im: 'not used' })
  const all = [client(3), silent(1), silent(2, { unread: 4, unreadOutOfReach: 2 }), desk]

  it('[MSG-07] leaves out what has no messages here, and counts the reasons, most frequent first', () => {
    const summary = summariseReach(all)
    expect(summary.total).toBe(3)
    expect(summary.verdicts).toEqual({ yes: 1, no: 2, unknown: 0 })
    expect(summary.waiting).toBe(1)
    expect(summary.perNode.get('imp-sub')).toBe(3)
    expect(summary.reasons).toMatchObject([{ count: 2, why: 'HA-08' }])
  })

  it('filters by words, verdict, node, waiting and reason', () => {
    const list = (over: Partial<typeof ANYBODY>) => listReach(all, { ...ANYBODY, ...over }, BY_NAME)
    expect(list({})).toEqual(['c1', 'c2', 'c3'])
    expect(list({ text: 'nurse 00002' })).toEqual(['c2'])
    expect(list({ text: 'rebuilds imp-sub' })).toEqual(['c1', 'c2'])
    expect(list({ verdicts: new Set(['yes']) })).toEqual(['c3'])
    expect(list({ node: 'imp-pub' })).toEqual([])
    expect(list({ waitingOnly: true })).toEqual(['c2'])
    expect(list({ reason: summariseReach(all).reasons[0]!.key })).toEqual(['c1', 'c2'])
  })

  it('[HA-04] what is out of reach waits as well, and is put in order with it', () => {
    expect(waitingOf(all[2]!)).toBe(6)
    expect(listReach(all, ANYBODY, { key: 'queue', down: true })[0]).toBe('c2')
  })

  it('60,000 are put in order in a moment', () => {
    const many = Array.from({ length: 60_000 }, (_, i) => (i % 5 === 0 ? silent(i) : client(i)))
    const start = performance.now()
    expect(summariseReach(many).verdicts.no).toBe(12_000)
    expect(listReach(many, { ...ANYBODY, text: 'nurse 0000' }, BY_NAME)).toHaveLength(15)
    // Some 100 ms here; far more would be felt at every change of the filter.
    expect(performance.now() - start).toBeLessThan(2_000)
  })
})
