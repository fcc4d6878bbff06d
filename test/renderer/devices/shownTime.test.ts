import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { glideTo, shownAt } from '../../../renderer/views/devices/shownTime.ts'
import { clock } from '../fixtures/rows.ts'

describe('shown time', () => {
  it('glides from the last time to the newest while the lab runs at 1x', () => {
    const g = glideTo(1_000, clock({ now: 1_000, mode: 'running' }), clock({ now: 1_100, mode: 'running' }), 50)
    expect(shownAt(g, 50)).toBe(1_000)
    expect(shownAt(g, 90)).toBe(1_040)
    expect(shownAt(g, 150)).toBe(1_100)
    expect(shownAt(g, 9_000)).toBe(1_100)
  })

  it('shows the clock at once when paused, after a jump, and at high speed', () => {
    const before = clock({ now: 1_000, mode: 'running' })
    expect(shownAt(glideTo(1_000, before, clock({ now: 1_100, mode: 'paused' }), 0), 0)).toBe(1_100)
    expect(shownAt(glideTo(1_000, before, clock({ now: 1_100, mode: 'running', jumps: 1 }), 0), 0)).toBe(1_100)
    expect(shownAt(glideTo(1_000, before, clock({ now: 1_100, mode: 'running', speed: 60 }), 0), 0)).toBe(1_100)
    expect(shownAt(glideTo(1_000, before, clock({ now: 400, mode: 'running' }), 0), 0)).toBe(400)
    expect(shownAt(glideTo(0, null, clock({ now: 1_100, mode: 'running' }), 0), 0)).toBe(1_100)
  })

  it('never shows a time beyond the clock, nor one far behind it', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(100_000),
        fc.double({ min: 0.1, max: 4, noNaN: true }),
        fc.nat(10_000),
        (shown, now, speed, wall) => {
          const g = glideTo(shown, clock({ now: shown, mode: 'running', speed }), clock({ now, mode: 'running', speed }), 0)
          const seen = shownAt(g, wall)
          expect(seen).toBeLessThanOrEqual(now)
          expect(seen).toBeGreaterThanOrEqual(now - 250 * speed - 0.001)
        },
      ),
    )
  })
})
