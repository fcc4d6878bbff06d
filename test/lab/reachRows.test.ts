import { describe, expect, it } from 'vitest'
import type { DeviceRow } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { bench, type Bench } from './bench.ts'

const scenario = (phones: number): ScenarioInput => ({
  pushlab: 1,
  title: 'Whom a call would reach',
  cluster: { nodes: [{ id: 'ucm-pub' }] },
  users: Array.from({ length: phones }, (_, n) => ({ id: `u${n}`, number: String(10_000 + n) })),
  devices: Array.from({ length: phones }, (_, n) => ({ id: `d${n}`, owner: `u${n}`, app: 'off screen' as const })),
})

/** What a window shows: the rows that it was sent, the newest of each. */
function shown(lab: Bench['lab']): { take: () => void; devices: Map<string, DeviceRow> } {
  const devices = new Map<string, DeviceRow>()
  const keep = (rows: readonly { kind: string; id: string }[]): void => {
    for (const row of rows) if (row.kind === 'device') devices.set(row.id, row as DeviceRow)
  }
  lab.track(true)
  keep(lab.rows('device'))
  return {
    devices,
    take: () => {
      do keep(lab.collect()?.upsert ?? lab.rows('device'))
      while (lab.unsettled)
    },
  }
}

describe('what the window says about reaching a device follows what it hangs on', () => {
  it('[NET-02] [CH-07] a window that was open while the nodes had no access token, and when they got one', () => {
    // The first fetch is refused and tried again ten minutes later (TRB-11).
    const { lab, runUntil } = bench({ ...scenario(3), faults: [{ fault: { kind: 'answer', on: 'ci', status: 503, count: 1 } }] })
    const window = shown(lab)
    const verdicts = (): string[] => {
      window.take()
      return [...window.devices.values()].map(({ reach }) => reach.verdict)
    }
    expect(verdicts()).toEqual(['yes', 'yes', 'yes']) // about to be fetched
    runUntil(1_000)
    expect(verdicts()).toEqual(['no', 'no', 'no'])
    runUntil(602_000)
    expect(verdicts()).toEqual(['yes', 'yes', 'yes'])
  })

  it('[FO-01] a node that dies, a service that stops, a fault that comes and goes; also for more devices than are looked at in one go', () => {
    const { lab, give, runUntil } = bench(scenario(1_200))
    runUntil(1_000)
    const window = shown(lab)
    const verdicts = (): string[] => {
      window.take()
      expect(window.devices).toEqual(new Map((lab.rows('device') as DeviceRow[]).map((row) => [row.id, row])))
      return [...new Set([...window.devices.values()].map(({ reach }) => reach.verdict))]
    }
    expect(verdicts()).toEqual(['yes'])
    give('service.stop', { node: 'ucm-pub', service: 'CPNS' })
    runUntil(2_000)
    expect(verdicts()).toEqual(['no'])
    give('service.start', { node: 'ucm-pub', service: 'CPNS' })
    runUntil(10_000)
    expect(verdicts()).toEqual(['yes'])
    give('fault.add', { fault: { id: 'gone', kind: 'answer', on: 'apns', status: 410 } })
    expect(verdicts()).toEqual(['no'])
    give('fault.remove', { fault: 'gone' })
    expect(verdicts()).toEqual(['yes'])
    give('node.crash', { node: 'ucm-pub' })
    expect(verdicts()).toEqual(['no'])
  })
})
