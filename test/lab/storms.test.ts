import { describe, expect, it } from 'vitest'
import type { DeviceRow, FlowRow } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { bench, type Bench } from './bench.ts'

/** 1,000 phones with the app on screen, and a desk phone to page from. */
const LARGE: ScenarioInput = {
  pushlab: 1,
  title: 'Storms',
  cluster: { nodes: [{ id: 'ucm-pub' }] },
  presence: { nodes: [{ id: 'imp-pub' }] },
  users: [{ id: 'rex', number: '1000' }],
  devices: [{ id: 'desk', owner: 'rex', client: 'deskphone' }],
  generate: [{ users: 1_000, numbersFrom: '5000', devices: { 'jabber-ios': '60%', 'jabber-android': '25%', 'webex-ios': '15%' } }],
}

const phones = (b: Bench): DeviceRow[] => b.rows<DeviceRow>('device').filter(({ id }) => id !== 'desk')
const flowOf = (b: Bench, reply: unknown): FlowRow => b.flow((reply as { flow: number }).flow)

describe('storms', () => {
  it('[CH-02][CH-03][MSG-03] everyone leaves the app: spread evenly, one line at the start and one with counts at the end', () => {
    const b = bench(LARGE)
    b.runUntil(1_000)
    const before = b.events.length
    const reply = b.give('storm.background', { overMs: 10_000 })
    expect(reply).toMatchObject({ devices: 1_000 })
    b.runUntil(6_000)
    expect(phones(b).filter(({ suspended }) => suspended)).toHaveLength(501)
    b.runUntil(10_990)
    expect(flowOf(b, reply)).toMatchObject({ state: 'done', endedAt: 10_990 })
    expect(phones(b).every(({ suspended, sip }) => suspended && sip === 'suspended')).toBe(true)
    const lines = b.events.slice(before)
    expect(lines.map(({ message }) => message)).toEqual(['storm begins: everyone leaves the app', 'storm is over: everyone leaves the app'])
    expect(lines[1]?.outcome).toBe('1000 apps went to the background; suspended: 850 IM sessions, 1000 SIP channels; 0 sockets stay open')
    expect(b.lab.inputs).toHaveLength(1)
  })

  it('even in no time at most 250 devices act in one millisecond', () => {
    const b = bench(LARGE)
    b.runUntil(1_000)
    b.give('storm.background', { overMs: 0 })
    expect(phones(b).filter(({ suspended }) => suspended).length).toBeLessThanOrEqual(334)
    b.runUntil(1_003)
    expect(phones(b).filter(({ suspended }) => suspended)).toHaveLength(1_000)
  })

  it('a second storm of the same kind has to wait, and one without anybody is refused', () => {
    const b = bench(LARGE)
    b.give('storm.background', { overMs: 1_000 })
    expect(b.try('storm.background', {})).toMatchObject({ ok: false, code: 'refused' })
    b.runUntil(2_000)
    expect(b.try('storm.background', {})).toMatchObject({ ok: false, code: 'refused' })
    expect(b.lab.inputs).toHaveLength(1)
    expect(b.try('storm.register', { overMs: '2h' })).toMatchObject({ ok: false, code: 'bad-request' })
  })

  it('[CH-01] everyone registers: apps come to the foreground, and the end says how many each node took', () => {
    const b = bench(LARGE)
    b.give('storm.background', { overMs: 0 })
    b.runUntil(1_000)
    const reply = b.give('storm.register', { overMs: 5_000 })
    b.runUntil(60_000)
    expect(flowOf(b, reply).state).toBe('done')
    expect(b.hop({ message: 'storm is over: everyone registers' }).outcome).toBe(
      '1001 at ucm-pub; no node took 0; 0 signed out or without network',
    )
    expect(phones(b).every(({ sip, im }) => sip === 'connected' && (im === 'connected' || im === 'not used'))).toBe(true)
  })

  it('[FO-03] in a registration storm against a dead cluster each client says that no node took it', () => {
    const b = bench(LARGE)
    b.give('node.crash', { node: 'ucm-pub' })
    b.give('storm.register', { overMs: 1_000 })
    b.runUntil(60_000)
    expect(b.hop({ message: 'storm is over: everyone registers' }).outcome).toContain('no node took 1001')
  })

  it('[CALL-01][CALL-05] a page reaches all phones in one call; the first answer takes it', () => {
    const b = bench({
      ...LARGE,
      users: [...(LARGE.users ?? []), { id: 'ana', number: '1001' }],
      devices: [
        ...(LARGE.devices ?? []),
        { id: 'ana-phone', owner: 'ana', app: 'off screen', locked: true, habits: { answersAfterMs: '3s' } },
      ],
    })
    b.runUntil(1_000)
    const reply = b.give('storm.page', { from: 'desk', overMs: 2_000 })
    b.runUntil(1_500)
    expect(b.hops({ message: 'INVITE', from: 'ucm-pub' }).length).toBeGreaterThan(100)
    expect(b.hops({ message: 'INVITE', from: 'ucm-pub' }).length).toBeLessThan(400)
    b.runUntil(4_000)
    expect(phones(b).filter(({ state }) => state === 'ringing').length).toBeGreaterThan(990)
    b.runUntil(30_000)
    expect(flowOf(b, reply)).toMatchObject({ state: 'answered', title: 'Page rex → all phones' })
    expect(b.device('ana-phone').state).toBe('in call')
    expect(phones(b).filter(({ state }) => state === 'ringing')).toEqual([])
    expect(b.lab.world.pushes.balanced()).toBe(true)
  })

  it.each([
    [50, 50, 0],
    [51, 50, 1],
    [400, 50, 350],
  ])('[CALL-01][CALL-03] of %i held INVITEs %i cross to the window and %i are counted', (users, listed, more) => {
    const b = bench({ ...LARGE, generate: [{ users, numbersFrom: '5000', devices: { 'jabber-ios': '100%' } }] })
    b.runUntil(1_000)
    b.give('storm.background', { overMs: 0 })
    b.runUntil(3_000)
    // Nobody's phone wakes: the pushes get lost on their way.
    b.give('fault.add', { fault: { kind: 'drop', on: 'push-rest~apns' } })
    b.give('storm.page', { from: 'desk', overMs: 0 })
    b.runUntil(4_000)
    const { held, heldMore } = b.node('ucm-pub')
    expect([held.length, heldMore]).toEqual([listed, more])
    expect(new Set(held.map(({ device }) => device)).size).toBe(listed)
    b.runUntil(60_000)
    expect(b.node('ucm-pub')).toMatchObject({ held: [], heldMore: 0 })
  })

  it('[DEC-35] the run of a storm is its one input', () => {
    const lines = (): string[] => {
      const journal: string[] = []
      const b = bench(LARGE, { journal: (line) => void journal.push(line) })
      b.give('storm.background', {})
      b.runUntil(20_000)
      b.give('storm.register', {})
      b.runUntil(90_000)
      b.give('storm.page', {})
      b.runUntil(120_000)
      return journal
    }
    const first = lines()
    expect(first.filter((line) => line.startsWith('{"input"'))).toHaveLength(3)
    expect(lines()).toEqual(first)
  })
})
