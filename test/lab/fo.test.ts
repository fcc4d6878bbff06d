import { describe, expect, it } from 'vitest'
import type { FlowRow } from '../../core/contract/rows.ts'
import { scenarioSchema, type ScenarioInput } from '../../core/contract/scenario.ts'
import { REGISTER_TIMEOUT_MS } from '../../core/client/registration.ts'
import { bench, EXACT_LINKS, type Bench } from './bench.ts'

/**
 * Three nodes: ucm-sub1 is primary, ucm-sub2 backup, ucm-pub tertiary. The caller's desk phone stays on
 * ucm-pub, so that its own registration has no part in what is measured.
 */
function threeNodes(
  release = '14SU3',
  phone: Partial<NonNullable<ScenarioInput['devices']>[number]> = {},
  rest: Partial<ScenarioInput> = {},
): ScenarioInput {
  return {
    pushlab: 1,
    title: 'Three nodes',
    seed: 21,
    cluster: {
      release,
      nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }, { id: 'ucm-sub2' }],
      groups: [
        { id: 'CMG-1', nodes: ['ucm-sub1', 'ucm-sub2', 'ucm-pub'] },
        { id: 'CMG-2', nodes: ['ucm-sub2', 'ucm-sub1'] },
        { id: 'CMG-pub', nodes: ['ucm-pub'] },
      ],
      pools: [
        { id: 'DP-1', group: 'CMG-1' },
        { id: 'DP-2', group: 'CMG-2' },
        { id: 'DP-pub', group: 'CMG-pub' },
      ],
    },
    users: [
      { id: 'ana', name: 'Ana Ruiz', number: '5001' },
      { id: 'rex', name: 'Rex Moreau', number: '5010' },
    ],
    devices: [
      { id: 'desk', owner: 'rex', client: 'deskphone', pool: 'DP-pub' },
      { id: 'phone', owner: 'ana', pool: 'DP-1', app: 'off screen', locked: true, wakeMs: 400, ...phone },
    ],
    links: [
      ...EXACT_LINKS,
      { link: 'ucm-sub1~firewall', latencyMs: 1, jitterMs: 0 },
      { link: 'ucm-sub2~firewall', latencyMs: 1, jitterMs: 0 },
      { link: 'devices~ucm-sub1', latencyMs: 10, jitterMs: 0 },
      { link: 'devices~ucm-sub2', latencyMs: 10, jitterMs: 0 },
      { link: 'ucm-pub~ucm-sub1', latencyMs: 2, jitterMs: 0 },
      { link: 'ucm-pub~ucm-sub2', latencyMs: 2, jitterMs: 0 },
      { link: 'ucm-sub1~ucm-sub2', latencyMs: 2, jitterMs: 0 },
    ],
    ...rest,
  }
}

/** Old clients on the release before the registration node came into the push, and on the one that brought it. */
const JABBER = { client: 'jabber', clientRelease: '12.8', osRelease: '13.5' } as const
const BEFORE = '12.5(1)SU2'
const SINCE = '12.5(1)SU3'

/** The limit of CALL-03 that the lost time counts against. */
const DROP_MS = 13_000

/** A bench whose access tokens are there and whose nodes are down as named; stands at 10 s. */
function down(release: string, nodes: string[], phone: Parameters<typeof threeNodes>[1] = {}): Bench {
  const b = bench(threeNodes(release, { ...JABBER, ...phone }))
  b.runUntil(1_000)
  for (const node of nodes) b.give('node.crash', { node })
  b.runUntil(10_000)
  return b
}

/** Nodes that the phone sent a REGISTER to, in order, for this call. */
const tried = (b: Bench, flow: number): string[] =>
  b.hops({ flow, from: 'phone', message: 'REGISTER' }).map((hop) => hop.to.replace('/CallManager', ''))

/** From t0 to the INVITE at the phone: what waking and registering took of the 13 s. */
const offeredAfterMs = (row: FlowRow): number | null => (row.offeredAt === null || row.pushAt === null ? null : row.offeredAt - row.pushAt)

describe('CM groups', () => {
  it('[FO-01] takes one to three nodes and refuses none and a fourth, in the file and by command', () => {
    const file = threeNodes()
    const withNodes = (nodes: string[]) => ({ ...file, cluster: { ...file.cluster, groups: [{ id: 'CMG-1', nodes }], pools: [] } })
    expect(scenarioSchema.safeParse(withNodes(['ucm-pub'])).success).toBe(true)
    expect(scenarioSchema.safeParse(withNodes(['ucm-pub', 'ucm-sub1', 'ucm-sub2'])).success).toBe(true)
    for (const nodes of [[], ['ucm-pub', 'ucm-sub1', 'ucm-sub2', 'ucm-sub3']]) {
      const parsed = scenarioSchema.safeParse(withNodes(nodes))
      expect(parsed.success, `${nodes.length} nodes`).toBe(false)
      expect(parsed.error?.issues[0]?.message).toContain('FO-01')
    }
    const b = bench(file)
    expect(b.try('group.set', { group: 'CMG-1', nodes: ['ucm-pub', 'ucm-sub1', 'ucm-sub2'] }).ok).toBe(true)
    const fourth = b.try('group.set', { group: 'CMG-1', nodes: ['ucm-pub', 'ucm-sub1', 'ucm-sub2', 'ucm-pub2'] })
    expect(fourth).toMatchObject({ ok: false, code: 'bad-request' })
    expect(!fourth.ok && fourth.message).toContain('at most three nodes')
    expect(b.try('group.set', { group: 'CMG-1', nodes: [] })).toMatchObject({ ok: false, code: 'bad-request' })
    expect(b.try('group.set', { group: 'CMG-1', nodes: ['ucm-pub', 'ucm-pub'] })).toMatchObject({ ok: false, code: 'bad-request' })
    expect(b.try('group.set', { group: 'CMG-1', nodes: ['nowhere'] })).toMatchObject({ ok: false, code: 'not-found' })
    expect(b.try('group.set', { group: 'CMG-9', nodes: ['ucm-pub'] })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[FO-01] a device takes its group from its device pool: the first node of the group is where it registers', () => {
    const registered = (pool: string): string | null => bench(threeNodes('14SU3', { pool })).device('phone').registeredTo
    expect(registered('DP-1')).toBe('ucm-sub1')
    expect(registered('DP-2')).toBe('ucm-sub2')
    expect(registered('DP-pub')).toBe('ucm-pub')
  })

  it('[FO-01] a new order of the group moves the registration to its new first node', () => {
    const b = bench(threeNodes('14SU3', { app: 'on screen', locked: false }))
    b.runUntil(1_000)
    expect(b.device('phone')).toMatchObject({ registeredTo: 'ucm-sub1', homeNode: 'ucm-sub1', sip: 'connected' })
    b.give('group.set', { group: 'CMG-1', nodes: ['ucm-sub2', 'ucm-pub', 'ucm-sub1'] })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ registeredTo: 'ucm-sub2', homeNode: 'ucm-sub2', sip: 'connected' })
    const flow = b.call('5001', 'desk')
    b.runFor(1_000)
    b.hop({ flow, from: 'ucm-sub2/CallManager', to: 'phone', message: 'INVITE' })
  })

  it('[FO-01] another device pool moves the registration, of an open app at once, of a suspended one with its next push', () => {
    const open = bench(threeNodes('14SU3', { app: 'on screen', locked: false }))
    open.runUntil(1_000)
    open.give('device.pool', { device: 'phone', pool: 'DP-2' })
    open.runFor(1_000)
    expect(open.device('phone')).toMatchObject({ registeredTo: 'ucm-sub2', pool: 'DP-2' })

    const suspended = bench(threeNodes('14SU3'))
    suspended.runUntil(1_000)
    suspended.give('device.pool', { device: 'phone', pool: 'DP-2' })
    const flow = suspended.call('5001', 'desk')
    suspended.runFor(5_000)
    expect(tried(suspended, flow)).toEqual(['ucm-sub2'])
    suspended.hop({ flow, from: 'ucm-sub2/CPNS', to: 'push-rest', message: 'POST push' })
    expect(suspended.try('device.pool', { device: 'phone', pool: 'DP-9' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[FO-01] the order is the priority: the first node that runs is the one', () => {
    const b = bench(threeNodes('14SU3', { app: 'on screen', locked: false }))
    b.runUntil(1_000)
    b.give('node.crash', { node: 'ucm-sub1' })
    b.runFor(20_000)
    expect(b.device('phone').registeredTo).toBe('ucm-sub2')
    b.give('node.crash', { node: 'ucm-sub2' })
    b.runFor(20_000)
    expect(b.device('phone').registeredTo).toBe('ucm-pub')
  })
})

describe('a call while the primary is gone', () => {
  it.each([
    ['node.crash', 'crashed'],
    ['node.isolate', 'off network'],
    ['node.shutDown', 'shut down'],
  ] as const)('[FO-02] after %s the backup sends the push and the client is told to register', (command, state) => {
    const b = bench(threeNodes())
    b.runUntil(1_000)
    b.give(command, { node: 'ucm-sub1' })
    expect(b.node('ucm-sub1').state).toBe(state)
    b.runUntil(10_000)
    const flow = b.call('5001', 'desk')
    b.runFor(5_000)
    const post = b.hop({ flow, to: 'push-rest', message: 'POST push' })
    expect(post.from).toBe('ucm-sub2/CPNS')
    expect(b.counter('ucm-sub2', 'NumberOfPushReqSent')).toBe(1)
    expect(b.counter('ucm-sub1', 'NumberOfPushReqSent')).toBe(0)
    b.hop({ flow, from: 'phone', to: 'ucm-sub2/CallManager', message: 'REGISTER', status: 'ok' })
    b.hop({ flow, from: 'ucm-sub2/CallManager', to: 'phone', message: 'INVITE' })
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.device('phone').registeredTo).toBe('ucm-sub2')
  })

  it('[FO-02] with the CallManager service alone stopped the backup takes the call as well', () => {
    const b = bench(threeNodes())
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-sub1', service: 'CallManager' })
    const flow = b.call('5001', 'desk')
    b.runFor(5_000)
    b.hop({ flow, from: 'ucm-sub2/CPNS', to: 'push-rest', message: 'POST push' })
    expect(b.flow(flow).state).toBe('ringing')
  })

  it('[FO-02] what is on its way to a node when it crashes is lost: a dead node takes no registration and no call', () => {
    const slow = [
      { link: 'devices~ucm-sub1', latencyMs: 1_000, jitterMs: 0 },
      { link: 'devices~ucm-pub', latencyMs: 1_000, jitterMs: 0 },
    ]
    const b = bench(threeNodes('14SU3', {}, { links: [...(threeNodes().links ?? []), ...slow] }))
    b.runUntil(1_000)
    const flow = b.call('5001', 'desk')
    while (b.hops({ flow, from: 'phone', message: 'CallKit' }).length === 0) b.lab.step()
    b.runFor(900) // 400 ms to wake, then the REGISTER is under way for a second
    b.give('node.crash', { node: 'ucm-sub1' })
    b.runFor(20_000)
    b.hop({ flow, from: 'phone', to: 'ucm-sub1/CallManager', message: 'REGISTER', status: 'lost', why: 'FO-02' })
    expect(b.device('phone').registeredTo).not.toBe('ucm-sub1')

    const next = b.call('5001', 'desk')
    b.runFor(500)
    b.give('node.crash', { node: 'ucm-pub' })
    b.runFor(5_000)
    b.hop({ flow: next, from: 'desk', to: 'ucm-pub/CallManager', message: 'INVITE', status: 'lost' })
    expect(b.pushes({ flow: next })).toEqual([])
    expect(b.flow(next)).toMatchObject({ state: 'failed', causeWhy: 'FO-02' })
  })

  it('[FO-02] with no node of the group up there is no push, and the flow says why', () => {
    const b = bench(threeNodes('14SU3', { pool: 'DP-2' }))
    b.runUntil(1_000)
    b.give('node.crash', { node: 'ucm-sub1' })
    b.give('node.crash', { node: 'ucm-sub2' })
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'FO-01' })
    const flow = b.call('5001', 'desk')
    b.runFor(20_000)
    expect(b.pushes()).toEqual([])
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'FO-01' })
    expect(b.flow(flow).cause).toContain('no node of its CM group is up')
  })
})

describe('where a woken client registers', () => {
  it('[FO-03] before 12.5(1)SU3 it goes to the node of its last registration first, fails there, and loses that time', () => {
    const b = down(BEFORE, ['ucm-sub1'])
    const flow = b.call('5001', 'desk')
    b.runFor(20_000)
    expect(tried(b, flow)).toEqual(['ucm-sub1', 'ucm-sub2'])
    const [failed, taken] = b.hops({ flow, from: 'phone', message: 'REGISTER' })
    expect(failed).toMatchObject({ status: 'lost' })
    expect(taken).toMatchObject({ status: 'ok' })
    expect((taken?.sentAt ?? 0) - (failed?.sentAt ?? 0)).toBe(REGISTER_TIMEOUT_MS)
    b.hop({ flow, message: 'no answer to REGISTER', why: 'FO-03' })
  })

  it('[FO-03] with its own node up it loses nothing, although the push names no node', () => {
    const b = down(BEFORE, [])
    const flow = b.call('5001', 'desk')
    b.runFor(20_000)
    expect(tried(b, flow)).toEqual(['ucm-sub1'])
  })

  it.each([
    { dead: [] as string[], node: 'ucm-sub1' },
    { dead: ['ucm-sub1'], node: 'ucm-sub2' },
    { dead: ['ucm-sub1', 'ucm-sub2'], node: 'ucm-pub' },
  ])('[FO-04] from 12.5(1)SU3, with $dead.length nodes down, it registers at $node directly', ({ dead, node }) => {
    const b = down(SINCE, dead)
    const flow = b.call('5001', 'desk')
    b.runFor(20_000)
    expect(tried(b, flow)).toEqual([node])
    b.hop({ flow, from: `${node}/CPNS`, to: 'push-rest', message: 'POST push' })
    expect(b.device('phone').registeredTo).toBe(node)
  })

  it('[FO-04][DEC-23] the node travels inside the seal: seen by the client, absent from everything that is clear', () => {
    const inPush = (release: string): { fields: string[]; clear: string } => {
      const b = down(release, ['ucm-sub1'])
      const flow = b.call('5001', 'desk')
      b.runFor(3_000)
      const post = b.hop({ flow, to: 'push-rest', message: 'POST push' })
      const kept = b.detail(post)
      return {
        fields: (kept?.sealed?.fields ?? []).map((field) => `${field.name}=${field.value}`),
        clear: JSON.stringify([kept?.startLine, kept?.headers, kept?.body, kept?.clear]),
      }
    }
    expect(inPush(SINCE).fields).toContain('node=ucm-sub2')
    expect(inPush(SINCE).clear).not.toContain('ucm-sub2')
    expect(inPush(BEFORE).fields.some((field) => field.startsWith('node='))).toBe(false)
  })

  it('[FO-03][FO-04] two runs of one seed that differ in the release alone: the node in the push saves one wait per dead node', () => {
    const took = (release: string, dead: string[]): number => {
      const b = down(release, dead)
      const flow = b.call('5001', 'desk')
      b.runFor(30_000)
      return offeredAfterMs(b.flow(flow)) ?? Number.NaN
    }
    expect(took(BEFORE, []) - took(SINCE, [])).toBe(0)
    expect(took(BEFORE, ['ucm-sub1']) - took(SINCE, ['ucm-sub1'])).toBe(REGISTER_TIMEOUT_MS)
    expect(took(BEFORE, ['ucm-sub1', 'ucm-sub2']) - took(SINCE, ['ucm-sub1', 'ucm-sub2'])).toBe(2 * REGISTER_TIMEOUT_MS)
  })

  it('[FO-03] the lost time counts against the 13 s: a phone that wakes a little later no longer gets the call', () => {
    const ended = (release: string, wakeMs: number) => {
      const b = down(release, ['ucm-sub1', 'ucm-sub2'], { wakeMs })
      const flow = b.call('5001', 'desk')
      b.runFor(30_000)
      return {
        state: b.flow(flow).state,
        offeredAfterMs: offeredAfterMs(b.flow(flow)),
        pushAt: b.flow(flow).pushAt ?? 0,
        drops: b.hops({ flow, message: 'dropped' }).map((hop) => hop.at),
      }
    }
    const early = ended(BEFORE, 400)
    const wayMs = (early.offeredAfterMs ?? Number.NaN) - 400
    // The last wake time that still arrives in the very millisecond of the limit, and the one after it.
    const lastMs = DROP_MS - wayMs
    const inTime = ended(BEFORE, lastMs)
    expect(inTime.offeredAfterMs).toBe(DROP_MS)
    expect(inTime.state).toBe('ringing')
    const late = ended(BEFORE, lastMs + 1)
    expect(late.state).toBe('dropped')
    expect(late.drops).toEqual([late.pushAt + DROP_MS])
    expect(ended(SINCE, lastMs + 1).state).toBe('ringing')
  })

  it('[FO-04] its own node is the one it registered with last: that stays the backup when the primary comes back', () => {
    const b = down(SINCE, ['ucm-sub1'])
    const first = b.call('5001', 'desk')
    b.runFor(20_000)
    expect(tried(b, first)).toEqual(['ucm-sub2'])
    b.give('call.hangUp', { flow: first })
    b.give('node.start', { node: 'ucm-sub1' })
    b.runFor(60_000)
    const second = b.call('5001', 'desk')
    b.runFor(20_000)
    expect(tried(b, second)).toEqual(['ucm-sub2'])
  })
})
