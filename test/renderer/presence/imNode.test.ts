import { describe, expect, it } from 'vitest'
import { plotData } from '../../../renderer/views/presence/depth.ts'
import {
  bookWords,
  dueWords,
  gapWords,
  highAvailabilityWords,
  loginWords,
  rebuildWords,
  subclusters,
} from '../../../renderer/views/presence/imNode.ts'
import { lossOf } from '../../../renderer/views/presence/losses.ts'
import { questionOf, unreadable } from '../../../renderer/views/presence/relogin.ts'
import { events, imNodeRow, labRow } from '../fixtures/rows.ts'

describe('an IM and Presence node in words', () => {
  it('[HA-08] says how many sessions are rebuilt of how many, and how long it takes', () => {
    const rebuild = { why: 'failover' as const, done: 2_997, total: 5_994, startedAt: 0, endsAt: 719_000 }
    const words = rebuildWords(imNodeRow({ id: 'x', rebuild }), 359_000)!
    expect(words.title).toBe('failover: sessions rebuilt 2,997 of 5,994')
    expect(words.share).toBe(0.5)
    expect(words.left).toBe('about 6 min left, until 11:59, at 8.33 a second')
    // Late: nothing is left, and not less than that.
    expect(rebuildWords(imNodeRow({ id: 'x', rebuild }), 800_000)!.left).toContain('0 ms left')
    expect(rebuildWords(imNodeRow({ id: 'x' }), 0)).toBeNull()
  })

  it('[HA-09] a silence runs, or has lasted', () => {
    const gap = { why: 'fallback' as const, sessions: 5_994, startedAt: 60_000, endedAt: null }
    expect(gapWords(gap, 180_000)).toBe('fallback, 5,994 sessions: 2 min so far from 01:00')
    expect(gapWords({ ...gap, endedAt: 780_000 }, 900_000)).toBe('fallback, 5,994 sessions: 12 min from 01:00')
  })

  it('[HA-01] [HA-07] what is due by itself counts down', () => {
    expect(dueWords(imNodeRow({ id: 'a', takeoverAt: 20_000 }), 13_000, String)).toBe('imp-sub takes over in 7 s')
    expect(dueWords(imNodeRow({ id: 'a', fallbackAt: 60_000 }), 0, String)).toBe('its users return in 1 min')
    expect(dueWords(imNodeRow({ id: 'a' }), 0, String)).toBe('')
  })

  it('[HA-10] warns above 4 logins a second, not at 4', () => {
    const at = (perSecond: number, waiting = 10) =>
      loginWords(imNodeRow({ id: 'a', relogins: { waiting, lowerSeconds: 200, upperSeconds: 2_075, perSecond } }))
    expect(at(4)!.tooFast).toBe(false)
    expect(at(4.002)!.tooFast).toBe(true)
    expect(at(4)!.text).toBe('10 clients log in by themselves, between 200 and 2,075 s, 4.00 users a second')
    // What was too fast stays said when all have logged in.
    expect(at(4, 0)).toBeNull()
    expect(at(5, 0)!.text).toBe('the last wave of logins came at 5.00 users a second')
  })

  it('[ONB-19] a saved value that is not in force yet names the restart', () => {
    const high = (saved: boolean, inForce: boolean) =>
      highAvailabilityWords(imNodeRow({ id: 'a', highAvailability: { saved, inForce, restartPending: saved !== inForce } }))
    expect(high(true, true)).toEqual({ state: 'up', word: 'Enabled, in force', pending: false })
    expect(high(false, true)).toMatchObject({ pending: true, word: 'Enabled in force, Disabled saved: restart its XCP Router' })
  })

  it('nodes stand with their partners; the books of the messages add up', () => {
    const rows = [
      imNodeRow({ id: 'a', subcluster: 's1' }),
      imNodeRow({ id: 'c', subcluster: 's2' }),
      imNodeRow({ id: 'b', subcluster: 's1' }),
    ]
    expect(subclusters(rows).map(({ id, nodes }) => [id, nodes.map((node) => node.id)])).toEqual([
      ['s1', ['a', 'b']],
      ['s2', ['c']],
    ])
    expect(bookWords(labRow())).toBe('4 messages = delivered 4')
    expect(bookWords(labRow({ messagesCreated: 0 }))).toBe('no messages yet')
  })
})

describe('depths on one axis', () => {
  it('every line reaches from zero to now, and is empty where only the other has a sample', () => {
    const [at, a, b] = plotData(
      [
        { name: 'a', n: 3, samples: [{ at: 1_000, n: 3 }] },
        { name: 'b', n: 0, samples: [{ at: 2_000, n: 5 }] },
      ],
      4_000,
    )
    expect(at).toEqual([0, 1_000, 2_000, 4_000])
    expect(a).toEqual([0, 3, null, 3])
    expect(b).toEqual([0, null, 5, 0])
  })
})

describe('a loss', () => {
  it('[HA-03] whose, how many, what and why', () => {
    const event = {
      ...events[0]!,
      from: 'imp-pub/XCP Router',
      message: 'queue of Ana Ruiz on ana-iphone',
      outcome: '3 lost: 2 messages, 1 chat room invitation; imp-pub crashed',
      why: 'HA-03',
    }
    expect(lossOf(event, String)).toMatchObject({
      whose: 'Ana Ruiz on ana-iphone',
      count: '3',
      text: '2 messages, 1 chat room invitation; imp-pub crashed',
      why: 'HA-03',
    })
    // A single one that was lost on its way.
    expect(lossOf({ ...event, message: 'message', to: 'imp-sub', outcome: 'no answer' }, String)).toMatchObject({
      whose: 'message to imp-sub',
      count: '1',
      text: 'no answer',
    })
  })
})

describe('figures of the calculator', () => {
  it('[HA-10] an empty upper limit asks for a proposal; nothing else may be empty', () => {
    const draft = { users: '7500', lowerSeconds: '200', upperSeconds: '', release: '' }
    expect(unreadable(draft)).toEqual([])
    expect(questionOf(draft)).toEqual({ users: 7_500, lowerSeconds: 200, upperSeconds: null })
    expect(unreadable({ ...draft, users: '', upperSeconds: 'x' })).toEqual(['users', 'upperSeconds'])
  })
})
