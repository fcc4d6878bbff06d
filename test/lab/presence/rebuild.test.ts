/** How long clients in background are silent after a takeover, and how many users that takes (HA-08, HA-09, DEC-18). */
import { describe, expect, it } from 'vitest'
import type { HopEvent } from '../../../core/contract/event.ts'
import type { ImNodeRow } from '../../../core/contract/rows.ts'
import { createLab, type Lab } from '../../../core/lab.ts'
import { parseScenario } from '../../../core/scenario/parse.ts'
import { nodeSealer } from '../../../core/wire/nodeSealer.ts'
import { imNode, pair, say } from './pair.ts'

type Large = { lab: Lab; events: HopEvent[]; node(id: string): ImNodeRow; gaps(id: string): number[] }

/** So many users, half on each node of the pair, all of them in background. */
function large(users: number, presence = ''): Large {
  const text = `
pushlab: 1
title: Large
cluster: { nodes: [{ id: ucm-pub }] }
presence: { nodes: [{ id: imp-pub }, { id: imp-sub }]${presence} }
generate:
  - { users: ${users}, numbersFrom: "500000", devices: { jabber-ios: 100% }, app: off screen }
`
  const parsed = parseScenario(text, 'large.yaml')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  const lab = createLab(parsed.scenario, { sealer: nodeSealer })
  const events: HopEvent[] = []
  lab.onEvent = (event) => {
    events.push(event)
    if (!lab.world.messages.balanced()) throw new Error(`messages out of balance at ${event.seq}`)
  }
  const node = (id: string): ImNodeRow => lab.rows('imNode').find((row) => row.id === id) as ImNodeRow
  return { lab, events, node, gaps: (id) => node(id).gaps.map((gap) => (gap.endedAt ?? Infinity) - gap.startedAt) }
}

const MINUTE = 60_000

describe('rebuilding JSM sessions', () => {
  it('[HA-08] shows its progress; no push leaves the backup before the last session, also not to its own users', () => {
    const b = pair(
      { rebuildPerSecond: 6.25 },
      {},
      {
        users: Array.from({ length: 10 }, (_, i) => ({ id: `u${i}`, number: `60${i}0`, presenceNode: 'imp-pub' })),
        devices: Array.from({ length: 10 }, (_, i) => ({
          id: `p${i}`,
          owner: `u${i}`,
          client: 'jabber' as const,
          app: 'off screen' as const,
        })),
      },
    )
    b.runUntil(1_000)
    b.give('node.shutDown', { node: 'imp-pub' })
    // Eleven sessions at 6.25 a second take 1,760 ms.
    const flows = ['ana', 'ben', 'u3'].map((user) => say(b, 'rex', user))
    expect(imNode(b, 'imp-sub')).toMatchObject({
      state: 'taking over',
      rebuild: { total: 11, startedAt: 1_000, endsAt: 2_760 },
      waitingForPush: 3,
    })
    expect(b.device('phone').messageReach).toMatchObject({ verdict: 'no', why: 'HA-08', text: expect.stringContaining('00:00:02.760') })
    b.runUntil(2_759)
    expect(b.pushes()).toEqual([])
    b.hop({ message: 'sessions rebuilt 6 of 11', status: 'wait', why: 'HA-08' })
    for (const flow of flows) b.hop({ flow, outcome: 'no push before all sessions are rebuilt' })
    b.runUntil(2_760)
    b.hop({ message: 'sessions rebuilt 11 of 11', status: 'ok' })
    expect(b.pushes().map((push) => push.flow)).toEqual(flows)
    expect(b.pushes().every((push) => push.sender === 'imp-sub/XCP Config Manager')).toBe(true)
    expect(imNode(b, 'imp-sub')).toMatchObject({ state: 'normal', rebuild: null, waitingForPush: 0 })
    b.runUntil(5_000)
    expect(b.device('phone').messageReach.verdict).toBe('yes')
  })

  it('[HA-08] a client that opens its app meanwhile gets its messages by login, and costs the rebuild no time', () => {
    const b = pair(
      { rebuildPerSecond: 6.25 },
      {},
      {
        users: Array.from({ length: 20 }, (_, i) => ({ id: `u${i}`, number: `60${i}0`, presenceNode: 'imp-pub' })),
        devices: Array.from({ length: 20 }, (_, i) => ({
          id: `p${i}`,
          owner: `u${i}`,
          client: 'jabber' as const,
          app: 'off screen' as const,
        })),
      },
    )
    b.runUntil(1_000)
    b.give('node.shutDown', { node: 'imp-pub' })
    const flow = say(b, 'rex', 'u19')
    for (const i of [18, 19]) b.give('device.foreground', { device: `p${i}` })
    b.runFor(500)
    expect(b.device('p19')).toMatchObject({ im: 'connected', imNode: 'imp-sub', history: 1 })
    expect(b.flow(flow).state).toBe('delivered')
    b.runUntil(10_000)
    expect(imNode(b, 'imp-sub').gaps).toMatchObject([{ why: 'failover', startedAt: 1_000, endedAt: 1_000 + (19 * 1_000) / 6.25 }])
    expect(b.pushes()).toEqual([])
  })

  it.each([
    [12.5, 10 * MINUTE, 10 * MINUTE],
    [8.33, 15 * MINUTE, 15 * MINUTE + 1_000],
    [6.25, 20 * MINUTE, 20 * MINUTE],
  ])('[HA-09][DEC-18] 15,000 users, half on each node, at %d sessions/s: two silences of 10 to 20 minutes', (rate, least, most) => {
    const { lab, events, gaps, node } = large(15_000, `, rebuildPerSecond: ${rate}`)
    lab.runUntil(MINUTE)
    lab.command('node.crash', { node: 'imp-pub' })
    lab.runUntil(25 * MINUTE)
    lab.command('node.start', { node: 'imp-pub' })
    lab.runUntil(50 * MINUTE)
    const [failover = 0] = gaps('imp-sub')
    const [fallback = 0] = gaps('imp-pub')
    for (const gap of [failover, fallback]) {
      expect(gap).toBeGreaterThanOrEqual(least)
      expect(gap).toBeLessThanOrEqual(most)
    }
    expect(node('imp-sub').gaps[0]).toMatchObject({ why: 'failover', sessions: 7_500 })
    expect(node('imp-pub').gaps[0]).toMatchObject({ why: 'fallback', sessions: 7_500 })
    expect([node('imp-pub').sessions, node('imp-sub').sessions]).toEqual([7_500, 7_500])
    // Lines by the tenth, not by the user.
    expect(events.filter((event) => event.why === 'HA-08')).toHaveLength(20)
  })

  it('[HA-09] a lighter load gives shorter gaps', () => {
    const gapOf = (users: number): number => {
      const { lab, gaps } = large(users)
      lab.runUntil(MINUTE)
      lab.command('node.shutDown', { node: 'imp-pub' })
      lab.runUntil(30 * MINUTE)
      return gaps('imp-sub')[0] ?? 0
    }
    const [few = 0, some = 0, many = 0] = [100, 1_000, 4_000].map(gapOf)
    expect(few).toBeLessThan(some)
    expect(some).toBeLessThan(many)
    expect(many / some).toBeCloseTo(4, 1)
  })

  it.each([
    [6.24, false],
    [6.25, true],
    [12.5, true],
    [12.51, false],
  ])('[DEC-18] a rate of %d sessions/s is possible: %s', (rate, possible) => {
    const b = pair()
    expect(b.try('presence.parameters', { rebuildPerSecond: rate }).ok).toBe(possible)
    if (possible) expect(imNode(b, 'imp-pub').rebuildPerSecond).toBe(rate)
  })

  it('[HA-03] 15,000 users with full queues: each user whose queue is lost has a line of its own, and the books balance', () => {
    const { lab, events, node } = large(15_000)
    lab.runUntil(MINUTE)
    const users = [...lab.world.directory.users.keys()]
    for (let i = 0; i < 3_000; i++) lab.command('message.send', { from: users[0], to: users[i], text: 'x' })
    lab.runUntil(2 * MINUTE)
    const { queued } = node('imp-pub')
    expect(queued).toBe(1_500)
    lab.command('node.crash', { node: 'imp-pub' })
    expect(events.filter((event) => event.status === 'lost' && event.message.startsWith('queue of '))).toHaveLength(1_500)
    expect(lab.world.messages.counts).toMatchObject({ lost: 1_500, queued: 1_500 })
    expect(node('imp-pub')).toMatchObject({ lost: 1_500, queued: 0 })
  })
})
