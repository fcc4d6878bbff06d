/** The re-login rate calculator (HA-10, DEC-19), as a function, as a query, and as a finding about a lab. */
import { describe, expect, it } from 'vitest'
import { labCommands } from '../../../core/contract/commands.ts'
import { hostCommands } from '../../../core/contract/commands.ts'
import type { FindingRow } from '../../../core/contract/rows.ts'
import { proposedUpperSeconds, reloginIssues, reloginPasses, reloginRate, releaseNote } from '../../../core/presence/reloginRate.ts'
import { reloginQuery } from '../../../core/presence/reloginQuery.ts'
import type { Bench } from '../bench.ts'
import { imNode, pair } from './pair.ts'

const REFERENCE = { users: 7_500, lowerSeconds: 200, upperSeconds: 2_075 }

const ask = (b: Bench, args: object) => reloginQuery(b.lab.world, hostCommands['presence.relogin'].args.parse(args))
const findings = (b: Bench): FindingRow[] => b.rows<FindingRow>('finding').filter((row) => row.why === 'HA-10')

describe('the calculator', () => {
  it('[HA-10] gives the reference case: 7500/(2075−200) = 4 users/sec, which passes', () => {
    expect(reloginRate(REFERENCE)).toBe(4)
    expect(reloginPasses(REFERENCE)).toBe(true)
  })

  it('[HA-10][DEC-19] with an upper limit of 2074 it is 4.002, shown as 4.00, and fails: compared unrounded', () => {
    const figures = { ...REFERENCE, upperSeconds: 2_074 }
    expect(reloginRate(figures)).toBeCloseTo(4.0021, 4)
    expect(reloginPasses(figures)).toBe(false)
    expect(ask(pair(), figures)).toMatchObject({ ok: true, value: { shown: '4.00', pass: false, proposedUpperSeconds: 2_075 } })
    expect(reloginPasses({ ...REFERENCE, upperSeconds: 2_076 })).toBe(true)
  })

  it('[DEC-19] refuses a lower limit that is not below the upper one, and figures that are none', () => {
    expect(reloginIssues({ users: 10, lowerSeconds: 199, upperSeconds: 200 })).toEqual([])
    for (const upperSeconds of [200, 199])
      expect(reloginIssues({ users: 10, lowerSeconds: 200, upperSeconds })).toMatchObject([
        { field: 'upperSeconds', fix: 'more than 200 s' },
      ])
    expect(reloginIssues({ users: -1, lowerSeconds: 0.5, upperSeconds: NaN }).map((issue) => issue.field)).toEqual([
      'users',
      'lowerSeconds',
      'upperSeconds',
    ])
    expect(ask(pair(), { users: 10, lowerSeconds: 200, upperSeconds: 200 })).toMatchObject({
      ok: false,
      code: 'bad-request',
      issues: [{ path: 'upperSeconds' }],
    })
  })

  it('[HA-10] the other way round it proposes the upper limit', () => {
    expect(proposedUpperSeconds(7_500, 200)).toBe(2_075)
    expect(proposedUpperSeconds(7_501, 200)).toBe(2_076)
    const answer = ask(pair(), { users: 7_501, lowerSeconds: 200, upperSeconds: null })
    expect(answer).toMatchObject({ ok: true, value: { figures: { upperSeconds: 2_076 }, pass: true } })
  })

  it('[HA-10] states its bounds, and of other releases that it is valid for 11.5', () => {
    expect(releaseNote('11.5(1)SU8')).toBeNull()
    expect(releaseNote('14SU3')).toContain('Valid for 11.5')
    const answer = ask(pair(), { ...REFERENCE, release: '11.5(1)SU4' })
    expect(answer).toMatchObject({
      ok: true,
      value: { perSecond: 4, limit: 4, pass: true, notes: [], reference: { ...REFERENCE, perSecond: 4 } },
    })
    if (!answer.ok) return
    const text = answer.value.bounds.join(' ')
    for (const part of [
      '15,000',
      '2,000 Push v3 enabled',
      '5,500 not push enabled',
      '7,500 not push enabled',
      'UCS-C220-M4S',
      'E5-2660 v4',
    ])
      expect(text).toContain(part)
    expect(ask(pair(), REFERENCE)).toMatchObject({
      value: { notes: ['Valid for 11.5: for IM and Presence 14SU3 the figures were not measured.'] },
    })
  })

  it('[HA-10] without figures it takes those of this lab', () => {
    const b = pair({ relogin: { lowerSeconds: 10, upperSeconds: 12 } })
    expect(ask(b, {})).toMatchObject({
      ok: true,
      value: {
        figures: { users: 2, lowerSeconds: 10, upperSeconds: 12 },
        perSecond: 1,
        nodes: [
          { node: 'imp-pub', users: 2, perSecond: 1, pass: true },
          { node: 'imp-sub', users: 2, perSecond: 1, pass: true },
        ],
      },
    })
  })
})

describe('a lab', () => {
  const crowd = (users: number, upperSeconds?: number) =>
    pair(
      { relogin: { lowerSeconds: 1, ...(upperSeconds === undefined ? {} : { upperSeconds }) } },
      {},
      {
        users: Array.from({ length: users }, (_, i) => ({ id: `u${i}`, number: `60${i}0`, presenceNode: 'imp-pub' })),
        devices: Array.from({ length: users }, (_, i) => ({ id: `p${i}`, owner: `u${i}`, client: 'jabber' as const })),
      },
    )

  it('[HA-10] with 4.00 users/s has no finding, with more it has one that proposes the limit', () => {
    expect(findings(crowd(6, 3))).toEqual([])
    const [found] = findings(crowd(7, 3))
    expect(found).toMatchObject({ level: 'Warning', subject: 'imp-pub', fix: 'Set the client re-login upper limit to 4 s or more.' })
    expect(found?.text).toContain('4.50 users per second')
  })

  it('[HA-10][DEC-19] counts users, not their clients: with a phone and a desktop each they are still as many', () => {
    const both = (users: number) =>
      pair(
        { relogin: { lowerSeconds: 1, upperSeconds: 3 } },
        {},
        {
          users: Array.from({ length: users }, (_, i) => ({ id: `u${i}`, number: `60${i}0`, presenceNode: 'imp-pub' })),
          devices: Array.from({ length: 2 * users }, (_, i) => ({
            id: `d${i}`,
            owner: `u${i >> 1}`,
            client: 'jabber' as const,
            os: i % 2 === 0 ? ('ios' as const) : ('desktop' as const),
          })),
        },
      )
    const b = both(6)
    expect(findings(b)).toEqual([])
    expect(imNode(b, 'imp-pub').assigned).toBe(14)
    expect(ask(b, {})).toMatchObject({ value: { figures: { users: 8 }, perSecond: 4, pass: true } })
    expect(findings(both(7))).toMatchObject([{ subject: 'imp-pub', text: expect.stringContaining('its 9 users') }])
    b.give('device.delete', { device: 'd0' })
    expect(ask(b, {})).toMatchObject({ value: { figures: { users: 8 } } })
    b.give('device.delete', { device: 'd1' })
    expect(ask(b, {})).toMatchObject({ value: { figures: { users: 7 } } })
  })

  it('[HA-10] writes large numbers with commas between thousands, and the limit as it is typed', () => {
    const [found] = findings(crowd(4_998, 3))
    expect(found).toMatchObject({
      text: expect.stringContaining('its 5,000 users log in again at 2,500.00 users per second'),
      fix: 'Set the client re-login upper limit to 1251 s or more.',
    })
  })

  it('[HA-10] left to the proposal it never has one', () => {
    const b = crowd(50)
    expect(findings(b)).toEqual([])
    expect(imNode(b, 'imp-pub').relogins).toMatchObject({ lowerSeconds: 1, upperSeconds: 14 })
  })

  it('[HA-10] says so when the wave comes', () => {
    const b = crowd(20, 3)
    b.runUntil(1_000)
    b.give('node.shutDown', { node: 'imp-pub' })
    b.hop({
      message: '21 clients in foreground will log in by themselves',
      outcome: '10.50 users/s, more than 4',
      status: 'warn',
      why: 'HA-10',
    })
    b.runFor(10_000)
    expect(b.hops({ message: 'log in to IM and Presence', to: 'imp-sub' })).toHaveLength(21)
  })

  it('[HA-10] the limits are settable: upper above lower, as one or the other', () => {
    const b = pair()
    expect(b.try('presence.parameters', { reloginLowerSeconds: 200, reloginUpperSeconds: 200 })).toMatchObject({
      ok: false,
      issues: [{ path: 'reloginUpperSeconds' }],
    })
    b.give('presence.parameters', { reloginLowerSeconds: 200, reloginUpperSeconds: 2_075 })
    expect(imNode(b, 'imp-pub').relogins).toMatchObject({ lowerSeconds: 200, upperSeconds: 2_075 })
    b.give('presence.parameters', { reloginUpperSeconds: null })
    expect(imNode(b, 'imp-pub').relogins).toMatchObject({ lowerSeconds: 200, upperSeconds: 205 })
    expect(Object.keys(labCommands)).toContain('presence.parameters')
  })
})
