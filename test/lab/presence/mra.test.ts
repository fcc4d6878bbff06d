/** Messages to MRA clients: what Expressway has to be told before they are pushed (MRA-02, MRA-03, MRA-05, MRA-06). */
import { describe, expect, it } from 'vitest'
import { bench, finding, MRA_WITH_IM, twoPhones, type Bench } from '../bench.ts'

type Expressway = {
  release?: string
  refreshed?: boolean
  restartedC?: boolean
  restartedE?: boolean
  otherPresence?: { id: string; release: string }[]
}

function mra(expressway: Expressway = {}, presence: string | null = '14SU3', mobile = true): Bench {
  const { links = [] } = MRA_WITH_IM()
  const b = bench(
    twoPhones(
      { client: 'jabber', clientRelease: '12.9', osRelease: '13.5', mra: mobile, wifi: mobile ? null : 'Office' },
      {
        ...(presence === null ? {} : { presence: { release: presence, nodes: [{ id: 'imp-pub' }] } }),
        edge: { expressway },
        links: presence === null ? [] : [...links, { link: 'imp-pub~firewall', latencyMs: 1, jitterMs: 0 }],
      },
    ),
  )
  b.runUntil(1_000)
  return b
}

function pushed(b: Bench): boolean {
  const { flow } = b.give('message.send', { from: 'okafor', to: 'ana', text: 'x' }) as { flow: number }
  b.runFor(2_000)
  const pushes = b.pushes({ flow })
  if (pushes.length === 0) expect(b.flow(flow).causeWhy).toMatch(/^MRA-0/)
  return pushes.length === 1
}

const order = (b: Bench) => finding(b, 'mra-push')

describe('after push was enabled', () => {
  it('[MRA-02] Expressway-C is restarted after the refresh: no push before, a push after', () => {
    const b = mra({ refreshed: false })
    expect(pushed(b)).toBe(false)
    expect(order(b)).toMatchObject({ level: 'Fail', why: 'MRA-02' })
    b.give('expressway.refresh', {})
    expect(pushed(b)).toBe(false)
    b.give('expressway.restart', { server: 'C' })
    expect(b.node('expressway-c').note).toBe('restarting')
    b.runFor(25_000)
    expect(pushed(b)).toBe(false)
    b.runFor(5_000)
    expect(b.node('expressway-c').note).toBe('')
    b.hop({ message: 'Expressway-C is up', outcome: 'knows of push', status: 'ok' })
    expect(pushed(b)).toBe(true)
    expect(order(b)).toBeUndefined()
  })

  it('[MRA-02] a restart before the refresh does not help, and says so', () => {
    const b = mra({ refreshed: false })
    b.give('expressway.restart', { server: 'C' })
    b.runFor(31_000)
    b.hop({ message: 'Expressway-C is up', outcome: 'not refreshed', status: 'warn' })
    expect(pushed(b)).toBe(false)
  })

  it('[MRA-03] the same for Expressway-E, and then it pushes', () => {
    const b = mra({ restartedE: false })
    expect(pushed(b)).toBe(false)
    expect(order(b)).toMatchObject({ why: 'MRA-03' })
    expect(b.device('phone').messageReach).toMatchObject({ verdict: 'no', why: 'MRA-03' })
    b.give('expressway.restart', { server: 'E' })
    expect(b.try('expressway.restart', { server: 'E' })).toMatchObject({ ok: false, code: 'refused' })
    b.runFor(31_000)
    expect(pushed(b)).toBe(true)
  })

  it('[MRA-03] without IM and Presence there is nothing to restart', () => {
    const b = mra({ restartedE: false }, null)
    expect(order(b)).toBeUndefined()
  })

  it('[MRA-02] clients in the enterprise and calls do not care', () => {
    const inside = mra({ refreshed: false }, '14SU3', false)
    expect(pushed(inside)).toBe(true)
    const outside = mra({ refreshed: false })
    const flow = outside.call('5001')
    outside.runFor(2_000)
    expect(outside.pushes({ flow, purpose: 'incoming call' })).toHaveLength(1)
  })

  it('[MRA-02][MRA-03] onboarding makes all of it due', () => {
    const b = mra()
    expect(pushed(b)).toBe(true)
    b.give('cluster.offboard', {})
    b.give('cluster.onboard', {})
    b.runFor(5_000)
    expect(order(b)).toMatchObject({ why: 'MRA-02' })
    b.give('expressway.refresh', {})
    for (const server of ['C', 'E'] as const) b.give('expressway.restart', { server })
    b.runFor(31_000)
    expect(order(b)).toBeUndefined()
  })
})

describe('upgrades with push on', () => {
  const upgrade = (b: Bench, component: 'IM and Presence' | 'Expressway', release: string) =>
    b.give('cluster.release', { component, release })

  it.each([
    ['MRA-05', 'X12.6'],
    ['MRA-06', 'X12.7'],
  ])('[%s] Expressway to %s before IM and Presence: a finding, and no push over MRA until both are done', (why, release) => {
    const b = mra({ release: 'X8.11' }, '11.5(1)SU7')
    upgrade(b, 'Expressway', release)
    expect(order(b)).toMatchObject({ level: 'Fail', why })
    expect(b.device('phone').messageReach.verdict).toBe('no')
    upgrade(b, 'IM and Presence', '11.5(1)SU8')
    b.give('expressway.refresh', {})
    for (const server of ['C', 'E'] as const) b.give('expressway.restart', { server })
    b.runFor(31_000)
    expect(order(b)).toBeUndefined()
  })

  it.each([['X12.6'], ['X12.7']])('[MRA-05][MRA-06] IM and Presence first, then Expressway to %s: fine', (release) => {
    const b = mra({ release: 'X8.11' }, '11.5(1)SU7')
    upgrade(b, 'IM and Presence', '11.5(1)SU8')
    upgrade(b, 'Expressway', release)
    expect(order(b)).toBeUndefined()
  })

  it.each([
    ['10.5(2)', 'MRA-06'],
    ['11.5(1)SU7', 'MRA-06'],
    ['11.5(1)SU8', undefined],
    ['12.5(1)SU2', 'MRA-06'],
    ['12.5(1)SU3', undefined],
    ['14', undefined],
  ])('[MRA-06] with IM and Presence %s Expressway goes to X12.7: broken is %s', (release, why) => {
    const b = mra({ release: 'X8.11' }, release)
    upgrade(b, 'Expressway', 'X12.7')
    expect(order(b)?.why).toBe(why)
  })

  const two = (lab: string, east: string) => mra({ release: 'X8.11', otherPresence: [{ id: 'east', release: east }] }, lab)

  it.each([
    ['11.5(1)SU7', '11.5(1)SU7', 'X12.6', 'MRA-05'],
    ['11.5(1)SU8', '11.5(1)SU7', 'X12.6', 'MRA-05'],
    ['11.5(1)SU7', '12.5(1)SU3', 'X12.6', 'MRA-05'],
    ['11.5(1)SU8', '12.5(1)SU3', 'X12.6', undefined],
    ['11.5(1)SU7', '11.5(1)SU7', 'X12.7', 'MRA-06'],
    ['11.5(1)SU8', '11.5(1)SU7', 'X12.7', undefined],
    ['11.5(1)SU7', '12.5(1)SU3', 'X12.7', undefined],
    ['11.5(1)SU7', '11.5(1)SU7', 'X12.5', undefined],
  ])('[MRA-05][MRA-06] two clusters, %s and %s, then Expressway to %s: broken is %s', (lab, east, expressway, why) => {
    const b = two(lab, east)
    upgrade(b, 'Expressway', expressway)
    expect(order(b)?.why).toBe(why)
  })

  it('[MRA-05] the finding names the clusters that are too old; the last of them upgraded, and both restarts, mend it', () => {
    const b = two('11.5(1)SU8', '11.5(1)SU7')
    upgrade(b, 'Expressway', 'X12.6')
    expect(order(b)).toMatchObject({ level: 'Fail', text: expect.stringContaining('Too old: east on 11.5(1)SU7.') })
    expect(pushed(b)).toBe(false)
    const mend = (): void => {
      b.give('expressway.refresh', {})
      for (const server of ['C', 'E'] as const) b.give('expressway.restart', { server })
      b.runFor(31_000)
    }
    mend()
    expect(order(b)?.why).toBe('MRA-05')
    b.give('expressway.presenceRelease', { cluster: 'east', release: '11.5(1)SU8' })
    b.hop({ message: 'IM and Presence of east is now 11.5(1)SU8', why: 'MRA-05' })
    expect(order(b)?.text).not.toContain('Too old')
    mend()
    expect(order(b)).toBeUndefined()
    expect(pushed(b)).toBe(true)
  })

  it('[MRA-05] a cluster that is not there, and a release that is none, are refused with what there is', () => {
    const b = two('14SU3', '14SU3')
    expect(b.try('expressway.presenceRelease', { cluster: 'west', release: '14SU3' })).toMatchObject({
      ok: false,
      issues: [{ fix: expect.stringContaining('east') }],
    })
    expect(b.try('expressway.presenceRelease', { cluster: 'east', release: 'soon' })).toMatchObject({ ok: false, code: 'bad-request' })
  })
})
