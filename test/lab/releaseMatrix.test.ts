import { describe, expect, it } from 'vitest'
import { hostCommands, type ReleaseMatrix, type Reply } from '../../core/contract/index.ts'
import { releaseMatrix } from '../../core/release/matrixQuery.ts'
import { COLUMN_NAME, COLUMNS, OS_COLUMN_NAME, REL_A, REL_D } from '../../core/release/matrix.ts'
import { printOf } from '../../core/release/tables.ts'
import { bench, twoPhones, type Bench } from './bench.ts'

const ask = (b: Bench, args: object = {}): Reply<ReleaseMatrix> =>
  releaseMatrix(b.lab.world, hostCommands['release.matrix'].args.parse(args))
const matrix = (b: Bench, args: object = {}): ReleaseMatrix => {
  const reply = ask(b, args)
  if (!reply.ok) throw new Error(reply.message)
  return reply.value
}
const lab = (): Bench => bench(twoPhones({ client: 'jabber' }, { im: true }))
const feature = (found: ReleaseMatrix, name: string) => found.features.find((each) => each.feature === name)!

describe('support matrix explorer', () => {
  it('[REL-01] is prefilled with the releases of the lab and of its first phone with an app', () => {
    const b = lab()
    const found = matrix(b)
    expect(found.chosen).toEqual(found.fromLab)
    expect(found.chosen).toMatchObject({ unifiedCm: b.lab.world.cluster.release, client: 'jabber', os: 'ios' })
    expect(b.lab.world.devices.get(found.device!)!.client).not.toBe('deskphone')
    expect(found.problems).toEqual([])
  })

  it('[REL-01][REL-A3] says which cell decides, what it prints, and which upgrade mends it, at both sides of a minimum', () => {
    const b = lab()
    const before = matrix(b, { unifiedCm: '12.5(1)SU2', clientRelease: '12.9', osRelease: '13' })
    expect(feature(before, 'callkit')).toMatchObject({
      on: false,
      cell: 'REL-A3 Unified CM',
      print: '11.5(1)SU8 and 12.5(1)SU3 and 14',
    })
    expect(before.upgrades.find(({ product }) => product === 'unifiedCm')).toMatchObject({
      from: '12.5(1)SU2',
      to: '12.5(1)SU3',
      gains: expect.arrayContaining(['CallKit', 'support by REL-C3']),
    })
    const after = matrix(b, { unifiedCm: '12.5(1)SU3', clientRelease: '12.9', osRelease: '13' })
    expect(feature(after, 'callkit').on).toBe(true)
    // Nothing in the lab has changed by asking.
    expect(matrix(b).chosen).toEqual(matrix(b).fromLab)
  })

  it('follows cluster.release, and takes over what was applied', () => {
    const b = lab()
    b.give('cluster.release', { component: 'Unified CM', release: '11.5(1)SU8' })
    expect(matrix(b).fromLab.unifiedCm).toBe('11.5(1)SU8')
    expect(feature(matrix(b), 'localPush').on).toBe(false)
  })

  it('an unreadable name is a problem and turns off what needs it, and nothing throws', () => {
    const found = matrix(lab(), { unifiedCm: 'fourteen' })
    expect(found.problems).toHaveLength(1)
    expect(feature(found, 'calling').on).toBe(false)
    expect(hostCommands['release.matrix'].args.safeParse({ unifiedCm: 'x'.repeat(41) }).success).toBe(false)
    expect(hostCommands['release.matrix'].args.safeParse({ unifiedCm: 'x'.repeat(40) }).success).toBe(true)
  })

  it('without an Expressway nobody comes in over it; an unknown device is refused', () => {
    expect(matrix(lab(), { expressway: null, mra: true }).chosen.mra).toBe(false)
    expect(matrix(lab(), { expressway: 'X14.2', mra: true }).chosen.mra).toBe(true)
    expect(ask(lab(), { device: 'ghost' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[REL-A1][REL-D1] prints every cell of the tables as it stands there', () => {
    for (const row of Object.values(REL_A))
      for (const column of COLUMNS) expect(printOf(`${row.id} ${COLUMN_NAME[column]}`)).toBe(row.cells[column])
    for (const row of REL_D) for (const name of Object.values(OS_COLUMN_NAME)) expect(printOf(`${row.id} ${name}`)).not.toBe('')
    expect(printOf('REL-D5 iOS12')).toBe('No support')
    expect(printOf('REL-C3 Unified CM')).toBe('11.5(1)SU8 and 12.5(1)SU3')
    expect(printOf('AND-04')).toBe('')
  })

  it('offers the releases that the tables name, oldest first', () => {
    const { known } = matrix(lab())
    expect(known.unifiedCm[0]).toBe('11.5(1)SU2')
    expect(known.unifiedCm.at(-1)).toBe('14SU3')
    expect(known.expressway).toContain('X12.6.2')
    expect(known.ios).toEqual(['12', '13', '16.5'])
    expect(known.android).toEqual(['8.0'])
  })
})
