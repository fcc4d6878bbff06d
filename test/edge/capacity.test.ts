import { describe, expect, it } from 'vitest'
import { capacityIssues, capacityOf, DEFAULT_FIGURES, type CapacityFigures } from '../../core/edge/capacity.ts'

const FIGURES: CapacityFigures = {
  callUsers: 5_000,
  callsPerUser: 6,
  secondPushShare: 0.25,
  messageUsers: 2_000,
  messagesPerUser: 30,
  suspendedShare: 0.4,
  nodes: 5,
  tokenMinutes: 50,
  alarmMinutes: 30,
  peakFactor: 2,
}

describe('capacity of the proxy', () => {
  it('[PROXY-08][DEC-27] is the sum of calls, messages, tokens and alarms of the busy hour', () => {
    expect(capacityOf(FIGURES)).toEqual({
      calls: 37_500,
      messages: 24_000,
      tokens: 6,
      alarms: 2,
      perHour: 61_508,
      perSecond: (61_508 / 3_600) * 2,
    })
  })

  it('[PROXY-08] each figure moves its own part only', () => {
    const none: CapacityFigures = { ...FIGURES, callUsers: 0, messageUsers: 0, nodes: 0, alarmMinutes: null, peakFactor: 1 }
    expect(capacityOf(none)).toEqual({ calls: 0, messages: 0, tokens: 0, alarms: 0, perHour: 0, perSecond: 0 })
    expect(capacityOf({ ...none, callUsers: 1, callsPerUser: 3_600, secondPushShare: 0 }).perSecond).toBe(1)
    expect(capacityOf({ ...none, callUsers: 1, callsPerUser: 1, secondPushShare: 1 }).calls).toBe(2)
    expect(capacityOf({ ...none, alarmMinutes: 90 }).alarms).toBeCloseTo(0.667, 3)
  })

  it('[PROXY-08][TRB-06] refuses what cannot be, at both sides of each limit', () => {
    const bad = (change: Partial<CapacityFigures>): string[] => capacityIssues({ ...FIGURES, ...change }).map(({ field }) => field)
    expect(bad({})).toEqual([])
    expect(capacityIssues(DEFAULT_FIGURES)).toEqual([])
    expect(bad({ alarmMinutes: 5 })).toEqual([])
    expect(bad({ alarmMinutes: 4 })).toEqual(['alarmMinutes'])
    expect(bad({ alarmMinutes: 90 })).toEqual([])
    expect(bad({ alarmMinutes: 91 })).toEqual(['alarmMinutes'])
    expect(bad({ secondPushShare: 1 })).toEqual([])
    expect(bad({ secondPushShare: 1.01 })).toEqual(['secondPushShare'])
    expect(bad({ suspendedShare: -0.01 })).toEqual(['suspendedShare'])
    expect(bad({ tokenMinutes: 0 })).toEqual(['tokenMinutes'])
    expect(bad({ peakFactor: 0.9 })).toEqual(['peakFactor'])
    expect(bad({ callUsers: Number.NaN, nodes: -1 })).toEqual(['callUsers', 'nodes'])
  })
})
