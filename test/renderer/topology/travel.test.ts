import { describe, expect, it } from 'vitest'
import {
  dotAt,
  dotDurationMs,
  dotsWanted,
  hostOf,
  MAX_DOTS,
  neighbours,
  routeBetween,
  startOffsets,
} from '../../../renderer/views/topology/travel.ts'
import { clock, events } from '../fixtures/rows.ts'

const links = [
  { id: 'ucm-pub~ucm-sub1', a: 'ucm-pub', b: 'ucm-sub1' },
  { id: 'ucm-pub~proxy', a: 'ucm-pub', b: 'proxy' },
  { id: 'ucm-sub1~proxy', a: 'ucm-sub1', b: 'proxy' },
  { id: 'proxy~firewall', a: 'proxy', b: 'firewall' },
  { id: 'firewall~push-rest', a: 'firewall', b: 'push-rest' },
  { id: 'push-rest~apns', a: 'push-rest', b: 'apns' },
]
const edge = (host: string) => host === 'proxy' || host === 'firewall'

describe('hops as they travel', () => {
  it('go through the edge, never through another cluster node', () => {
    const map = neighbours(links)
    expect(routeBetween(map, 'ucm-sub1', 'push-rest', edge)?.map((l) => [l.link, l.forward])).toEqual([
      ['ucm-sub1~proxy', true],
      ['proxy~firewall', true],
      ['firewall~push-rest', true],
    ])
    expect(routeBetween(map, 'push-rest', 'ucm-sub1', edge)?.map((l) => l.forward)).toEqual([false, false, false])
    expect(routeBetween(neighbours(links.slice(0, 2)), 'ucm-sub1', 'proxy', edge)).toBeNull()
    expect(routeBetween(map, 'apns', 'apns', edge)).toEqual([])
    expect(routeBetween(map, 'apns', 'fcm', edge)).toBeNull()
  })

  it('start at a service of a node', () => {
    expect(hostOf('ucm-pub/CPNS')).toBe('ucm-pub')
    expect(hostOf('push-rest')).toBe('push-rest')
  })

  it('take as long as an eye can follow, however fast the lab runs', () => {
    const hop = { sentAt: 0, at: 800 }
    expect(dotDurationMs(hop, clock({ mode: 'running', speed: 1 }))).toBe(800)
    expect(dotDurationMs(hop, clock({ mode: 'running', speed: 60 }))).toBe(420)
    expect(dotDurationMs({ sentAt: 0, at: 60_000 }, clock({ mode: 'running', speed: 1 }))).toBe(1_400)
    expect(dotDurationMs({ sentAt: 5, at: 5 }, clock())).toBe(420)
  })

  it('leave one after the other, as on the clock', () => {
    const hops = [{ sentAt: 100 }, { sentAt: 140 }, { sentAt: 500 }]
    expect(startOffsets(hops, clock({ mode: 'running', speed: 1 }))).toEqual([0, 40, 400])
    expect(startOffsets([{ sentAt: 0 }, { sentAt: 16_000 }], clock({ mode: 'running', speed: 1 }))).toEqual([0, 1_600])
  })

  it('do not move in express, while seeking, or against the wish for less motion', () => {
    expect(dotsWanted(clock({ mode: 'running' }), false)).toBe(true)
    expect(dotsWanted(clock({ mode: 'paused' }), false)).toBe(true)
    expect(dotsWanted(clock({ mode: 'express' }), false)).toBe(false)
    expect(dotsWanted(clock({ mode: 'seeking' }), false)).toBe(false)
    expect(dotsWanted(clock({ mode: 'running' }), true)).toBe(false)
  })

  it('stop on the way when they are lost, and arrive when they are not', () => {
    const path = [
      { x: 0, y: 0 },
      { x: 100, y: 0 },
    ]
    const dot = { seq: 1, hop: { ...events[6]!, status: 'lost' as const }, path, startMs: 0, endMs: 1_000 }
    expect(dotAt(dot, 300)).toMatchObject({ x: 30, lost: false, done: false })
    expect(dotAt(dot, 900)?.x).toBeCloseTo(55)
    expect(dotAt(dot, 900)?.lost).toBe(true)
    expect(dotAt({ ...dot, hop: events[6]! }, 900)).toMatchObject({ x: 90, lost: false })
    expect(dotAt(dot, 5_000)?.done).toBe(true)
    expect(MAX_DOTS).toBe(40)
  })
})
