import { describe, expect, it } from 'vitest'
import type { AlarmRow } from '../../../core/contract/rows.ts'
import { COUNTER_NAMES } from '../../../core/scenario/counterNames.ts'
import { ALARMS } from '../../../core/serviceability/alarms.ts'
import { runHeadless, shipped } from '../../scenario/runShipped.ts'

/** Large labs show load, not other conditions. */
const DEVICES_MAX = 200

describe('shipped scenarios together', () => {
  it('[ALM-25] reach every alarm and move every counter of the catalogue', { timeout: 60_000 }, () => {
    const alarms = new Set<string>()
    const counters = new Set<string>()
    for (const { scenario } of shipped()) {
      if (scenario.devices.length > DEVICES_MAX) continue
      const { lab } = runHeadless(scenario)
      for (const row of lab.rows('alarm') as AlarmRow[]) alarms.add(row.name)
      for (const counter of lab.world.counters.all()) if (counter.value > 0) counters.add(counter.name)
      // A counter of the minute is 0 again by now: the hop that moved it tells.
      const { log } = lab.world
      for (let seq = log.oldest; seq < log.total; seq++)
        for (const effect of log.get(seq)?.effects ?? []) counters.add(/^(\w+) \+\d+ on /.exec(effect)?.[1] ?? '')
    }
    expect(Object.keys(ALARMS).filter((name) => !alarms.has(name))).toEqual([])
    expect([...COUNTER_NAMES].filter((name) => !counters.has(name))).toEqual([])
  })
})
