import { describe, expect, it } from 'vitest'
import type { SessionRow } from '../../../core/contract/index.ts'
import {
  countdownOf,
  disagreement,
  EVERY_SESSION,
  gapMs,
  isPushable,
  LAST_MS,
  listSessions,
  NOWHERE,
  reasonsOf,
  staleHolders,
  summarise,
  tokenOf,
} from '../../../renderer/views/localPush/sessionList.ts'
import { localPush, sessionRow, sessions } from '../fixtures/localPush.ts'
import { NOW } from '../fixtures/rows.ts'

const row = (over: Partial<SessionRow> = {}): SessionRow => sessionRow({ id: 'x', ...over })

describe('the two ends of a session', () => {
  it('[LPNS-19] one open session on the node that holds it is no disagreement', () => {
    expect(isPushable(row())).toBe(true)
    expect(disagreement(row(), String)).toBeNull()
    expect(staleHolders(row())).toEqual([])
  })

  it('[LPNS-19] a second holder is stale, whichever stands first', () => {
    expect(staleHolders(row({ holders: ['ucm-sub1', 'ucm-sub2'] }))).toEqual(['ucm-sub2'])
    expect(staleHolders(row({ holders: ['ucm-sub2', 'ucm-sub1'] }))).toEqual(['ucm-sub2'])
    expect(disagreement(row({ holders: ['ucm-sub2', 'ucm-sub1'] }), String)).toMatch(/^ucm-sub2 still holds/)
  })

  it('[LPNS-24] a client that believes in what no server holds cannot be reached', () => {
    const halfOpen = row({ holders: [] })
    expect(isPushable(halfOpen)).toBe(false)
    expect(disagreement(halfOpen, String)).toMatch(/ucm-sub1 does not hold: it learns so at its next keepalive/)
    expect(disagreement(row({ holders: ['ucm-sub2'] }), String)).toMatch(/while ucm-sub2 holds an old one/)
  })

  it('[LPNS-18] what a node keeps of a client that has left is stale', () => {
    const left = row({ client: 'off', clientNode: null })
    expect(staleHolders(left)).toEqual(['ucm-sub1'])
    expect(isPushable(left)).toBe(false)
    expect(disagreement(row({ client: 'off', clientNode: null, holders: [] }), String)).toBeNull()
  })
})

describe('the countdown', () => {
  it('[LPNS-16] runs to the next keepalive, and beyond it to the deadline (DEC-02)', () => {
    const at = (now: number) => countdownOf(row({ lastKeepaliveAt: 0, nextKeepaliveAt: 120_000, deadlineAt: 150_000 }), now)
    expect(at(0)).toMatchObject({ share: 1, nextShare: 0.2, phase: 'calm', text: 'next in 120 s' })
    expect(at(119_999)).toMatchObject({ phase: 'calm', text: 'next in 1 s' })
    expect(at(120_000)).toMatchObject({ phase: 'calm', text: 'next in 0 s' })
    expect(at(120_001)).toMatchObject({ phase: 'late', text: 'ends in 30 s' })
    expect(at(150_000 - LAST_MS - 1)?.phase).toBe('late')
    expect(at(150_000 - LAST_MS)).toMatchObject({ phase: 'last', text: 'ends in 10 s' })
    expect(at(150_001)).toMatchObject({ leftMs: 0, share: 0, text: 'ending' })
  })

  it('[LPNS-16] of a real client only the last sign of life is known, until it is overdue', () => {
    const real = row({ real: true, lastKeepaliveAt: 0, nextKeepaliveAt: null, deadlineAt: 150_000 })
    expect(countdownOf(real, 120_000)).toMatchObject({ phase: 'calm', text: 'seen 120 s ago' })
    expect(countdownOf(real, 120_001)).toMatchObject({ phase: 'late', text: 'ends in 30 s' })
  })

  it('there is none where no server holds a session', () => {
    expect(countdownOf(row({ holders: [] }), NOW)).toBeNull()
    expect(countdownOf(row({ deadlineAt: null }), NOW)).toBeNull()
  })
})

describe('token and gap', () => {
  it('[LPNS-17] a token is told in whole minutes, then seconds, and expired from its end on', () => {
    const token = (leftMs: number) => tokenOf({ tokenIssuedAt: NOW - 1_000, tokenEndsAt: NOW + leftMs }, NOW)
    expect(token(60_000)?.text).toBe('1 min')
    expect(token(59_999)?.text).toBe('60 s')
    expect(token(1)).toMatchObject({ expired: false, text: '1 s' })
    expect(token(0)).toMatchObject({ expired: true, text: 'expired', share: 0 })
    expect(tokenOf({ tokenIssuedAt: null, tokenEndsAt: null }, NOW)).toBeNull()
  })

  it('[LPNS-22] a gap that runs counts in whole seconds; one that is over keeps its milliseconds', () => {
    expect(gapMs({ gapSince: NOW - 1_999, lastGapMs: 87 }, NOW)).toBe(1_000)
    expect(gapMs({ gapSince: null, lastGapMs: 87 }, NOW)).toBe(87)
    expect(gapMs({ gapSince: null, lastGapMs: null }, NOW)).toBeNull()
  })
})

describe('the list', () => {
  const ids = (filter: Partial<typeof EVERY_SESSION>, key: Parameters<typeof listSessions>[2]['key'] = 'device', down = false) =>
    listSessions(sessions, { ...EVERY_SESSION, ...filter }, { key, down })

  it('filters by node, by no node, by state, by text and by disagreement', () => {
    expect(ids({ node: 'ucm-sub2' })).toEqual(['dee-iphone', 'eli-iphone'])
    expect(ids({ node: NOWHERE })).toEqual(['fay-iphone', 'gus-iphone', 'ida-iphone'])
    expect(ids({ states: new Set(['hunting', 'off']) })).toEqual(['fay-iphone', 'gus-iphone'])
    expect(ids({ text: ' cafeteria ' })).toEqual(['gus-iphone'])
    expect(ids({ disagreeOnly: true })).toEqual(['dee-iphone', 'ida-iphone'])
  })

  it('sorts both ways, by name where the key is the same; gaps that run stand above those that are over', () => {
    expect(ids({}, 'device', true)[0]).toBe('lab-client')
    expect(ids({}, 'deadline')[0]).toBe('chen-iphone')
    expect(ids({}, 'gap', true).slice(0, 4)).toEqual(['ida-iphone', 'chen-iphone', 'fay-iphone', 'dee-iphone'])
  })

  it('sums up states, nodes and the longest gap, without those that no call gets to', () => {
    const sum = summarise(sessions, NOW, (id) => id === 'eli-iphone')
    expect(sum.states).toEqual({ open: 6, hunting: 1, waiting: 0, off: 1 })
    expect(sum).toMatchObject({ total: 8, pushable: 4, disagree: 2, real: 1, nowhere: 3 })
    expect(Object.fromEntries(sum.perNode)).toEqual({ 'ucm-sub1': 4, 'ucm-sub2': 2 })
    expect(sum.longest).toMatchObject({ id: 'dee-iphone', ms: 31_400, running: false })
  })

  it('[LPNS-08] tells what is missing, the most frequent first, one line for all users who lack the same', () => {
    const lacks = (id: string, text: string, why = 'LPNS-08') => ({ id, localPush: localPush({ state: 'off', node: null, text, why }) })
    const found = reasonsOf([
      lacks('a', 'no Wi-Fi', 'LPNS-09'),
      lacks('b', 'End User bo has no UC Service Profile'),
      lacks('c', 'End User cy has no UC Service Profile'),
      { id: 'd', localPush: localPush() },
      { id: 'e', localPush: null },
    ])
    expect(found).toEqual([
      { text: 'End User bo has no UC Service Profile', why: 'LPNS-08', count: 2, device: 'b' },
      { text: 'no Wi-Fi', why: 'LPNS-09', count: 1, device: 'a' },
    ])
  })

  it('puts 15,000 sessions in order in a fraction of a second', () => {
    const many = Array.from({ length: 15_000 }, (_, n) =>
      sessionRow({ id: `d${n}`, label: `Phone ${(n * 7_919) % 15_000}`, deadlineAt: NOW + ((n * 31) % 997) }),
    )
    const startedMs = performance.now()
    const found = listSessions(many, EVERY_SESSION, { key: 'deadline', down: false })
    summarise(many, NOW)
    expect(found).toHaveLength(15_000)
    expect(performance.now() - startedMs).toBeLessThan(500)
  })
})
