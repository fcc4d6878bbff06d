import { describe, expect, it } from 'vitest'
import { bench, twoPhones } from './bench.ts'

describe('deadlines of a push call', () => {
  it('[CALL-03][DEC-25] drops the call 13.000 s after t0 and pushes a missed call', () => {
    const b = bench(twoPhones({ wakeMs: 60_000 }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runUntil(30_000)
    const t0 = b.flow(flow).pushAt as number
    const drop = b.hop({ flow, message: 'dropped' })
    expect(drop.at).toBe(t0 + 13_000)
    expect(b.flow(flow).state).toBe('dropped')
  })
})
