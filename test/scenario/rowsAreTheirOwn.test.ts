import { describe, expect, it } from 'vitest'
import type { Lab } from '../../core/lab.ts'
import { runHeadless, shipped, small } from './runShipped.ts'

function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) freeze(part)
}

// What is sent of a row is what differs from the one before: a part that the lab writes on in place would never differ.
describe('rows hold nothing that the lab goes on writing on', () => {
  it.each(small(shipped()))('$file', ({ scenario }) => {
    let frozen = 0
    let tracked: Lab | null = null
    runHeadless(scenario, (_event, lab) => {
      if (tracked !== lab) {
        tracked = lab
        lab.track(true)
        for (const kind of ['device', 'session'] as const) for (const row of lab.rows(kind)) freeze(row)
      }
      for (const row of lab.collect()?.upsert ?? []) {
        freeze(row)
        frozen++
      }
    })
    expect(frozen).toBeGreaterThan(3)
  })
})
