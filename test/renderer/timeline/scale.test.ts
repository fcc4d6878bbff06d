import { describe, expect, it } from 'vitest'
import type { TimelineMark } from '../../../core/contract/index.ts'
import {
  FOLLOW_SPAN_MS,
  MIN_SPAN_MS,
  barsOf,
  binMarks,
  duesOf,
  fitSpan,
  followSpan,
  labelsOf,
  neighbour,
  panBy,
  ticksOf,
  timeAt,
  xOf,
  zoomAt,
} from '../../../renderer/views/timeline/scale.ts'
import { flowRow } from '../../ladder/exampleLadder.ts'

const SPAN = { from: 10_000, to: 20_000 }
const mark = (at: number, kind: TimelineMark['kind'] = 'command', text = `m${at}`): TimelineMark => ({ at, kind, text, flow: 0 })

describe('time against pixels', () => {
  it('maps there and back', () => {
    expect(xOf(15_000, SPAN, 1_000)).toBe(500)
    for (const x of [0, 1, 333, 999, 1_000]) expect(xOf(timeAt(x, SPAN, 1_000), SPAN, 1_000)).toBeCloseTo(x, 1)
  })

  it('zooms around the pointer: the instant under it stays there', () => {
    const before = timeAt(250, SPAN, 1_000)
    const closer = zoomAt(SPAN, 250, 1_000, 0.5, 100_000)
    expect(closer.to - closer.from).toBe(5_000)
    expect(timeAt(250, closer, 1_000)).toBe(before)
  })

  it('never shows time before zero, nor less than half a second, nor more than the run', () => {
    const closest = zoomAt({ from: 0, to: 1_000 }, 500, 1_000, 0.0001, 1_000)
    expect(closest.to - closest.from).toBe(MIN_SPAN_MS)
    const widest = zoomAt(SPAN, 1_000, 1_000, 1e9, 100_000)
    expect(widest.from).toBe(0)
    expect(widest.to).toBe(150_000)
    expect(panBy(SPAN, -99_999)).toEqual({ from: 0, to: 10_000 })
  })

  it('fits the whole run and follows the clock with room for what comes', () => {
    const all = fitSpan(100_000)
    expect(all.from).toBe(0)
    expect(xOf(100_000, all, 1_000)).toBeLessThan(1_000)
    const follow = followSpan(300_000, FOLLOW_SPAN_MS)
    const x = xOf(300_000, follow, 1_000)
    expect(x).toBeGreaterThan(500)
    expect(x).toBeLessThan(900)
    expect(followSpan(5_000, FOLLOW_SPAN_MS).from).toBe(0)
  })

  it('puts ticks on round instants with room for their words', () => {
    const ticks = ticksOf({ from: 0, to: 60_000 }, 1_000)
    expect(ticks.map((tick) => tick.at)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000])
    expect(ticks[1]!.text).toBe('00:10')
    expect(ticksOf({ from: 0, to: 1_000 }, 1_000)[1]!.text).toBe('00:00.100')
    for (const days of [1, 400, 3_000, 300_000]) {
      const ticks = ticksOf({ from: 0, to: days * 86_400_000 }, 1_000)
      expect(ticks.length).toBeGreaterThan(1)
      expect(ticks.length).toBeLessThan(14)
    }
    expect(ticksOf({ from: 0, to: 400 * 86_400_000 }, 1_000)[1]!.text).toMatch(/^\d+ d$/)
  })
})

describe('marks', () => {
  it('draws ten thousand of them as no more heaps than there is room for, and loses none', () => {
    const marks = Array.from({ length: 10_000 }, (_, i) => mark(10_000 + i))
    const bins = binMarks(marks, SPAN, 1_000, 10)
    expect(bins.length).toBeLessThanOrEqual(101)
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(10_000)
  })

  it('lets the worst of a heap stand for it', () => {
    const [bin] = binMarks([mark(10_000), mark(10_001, 'alarm', 'CPNS down'), mark(10_002, 'fault')], SPAN, 1_000)
    expect(bin).toMatchObject({ kind: 'alarm', text: 'CPNS down', at: 10_001, count: 3 })
    expect(bin!.texts).toEqual(['m10000', 'CPNS down', 'm10002'])
  })

  it('leaves out what is out of sight, and calls, which are bars', () => {
    expect(
      binMarks(
        [mark(9_999), mark(10_000), mark(20_000), mark(20_001), mark(15_000, 'call')].toSorted((a, b) => a.at - b.at),
        SPAN,
        1_000,
      ).map((bin) => bin.at),
    ).toEqual([10_000, 20_000])
  })

  it('writes words only where they end before the next mark', () => {
    const bins = binMarks([mark(10_000, 'fault', 'ucm-pub crash'), mark(10_300), mark(15_000, 'fault', 'ucm-pub crash')], SPAN, 1_000)
    const labels = labelsOf(bins, 1_000)
    expect(labels[0]).toBeNull()
    expect(labels[2]!.text).toBe('ucm-pub crash')
  })

  it('finds the previous and the next one', () => {
    const marks = [mark(1), mark(5), mark(9)]
    expect(neighbour(marks, 5, 1)!.at).toBe(9)
    expect(neighbour(marks, 5, -1)!.at).toBe(1)
    expect(neighbour(marks, 9, 1)).toBeNull()
    expect(neighbour(marks, 1, -1)).toBeNull()
  })
})

describe('flows and timers', () => {
  const flow = (n: number, startedAt: number, endedAt: number | null, over = {}) =>
    flowRow({ id: String(n), flow: n, startedAt, endedAt, ...over })

  it('draws a call from start to end, an open one up to now, each in a free lane', () => {
    const { bars } = barsOf([flow(1, 11_000, 14_000), flow(2, 12_000, null), flow(3, 15_000, 16_000)], SPAN, 1_000, 18_000)
    expect(bars.map(({ x, width, lane, crowded }) => ({ x, width, lane, crowded }))).toEqual([
      { x: 100, width: 300, lane: 0, crowded: false },
      { x: 200, width: 600, lane: 1, crowded: false },
      { x: 500, width: 100, lane: 0, crowded: false },
    ])
  })

  it('says how many bars it left out, and which have no lane', () => {
    const many = Array.from({ length: 500 }, (_, i) => flow(i + 1, 10_000 + i, 19_000))
    const { bars, left } = barsOf(many, SPAN, 1_000, 20_000)
    expect(bars.length + left).toBe(500)
    expect(left).toBeGreaterThan(0)
    expect(bars[2]!.crowded).toBe(true)
  })

  it('leaves out checks, and flows before or after the part in sight', () => {
    expect(
      barsOf([flow(1, 0, 9_999), flow(2, 20_001, null), flow(3, 12_000, 13_000, { type: 'check' })], SPAN, 1_000, 20_000).bars,
    ).toEqual([])
  })

  it('[CALL-02, CALL-03] announces the timers that still run, the next first, and no others', () => {
    const timers = flowRow().timers.map((timer) => ({ ...timer, endedAt: null }))
    const open = flow(24, 194_301, null, { timers: timers.toReversed() })
    expect(duesOf([open], 194_304).map((due) => [due.at, due.why])).toEqual([
      [199_304, 'CALL-02'],
      [207_304, 'CALL-03'],
    ])
    expect(duesOf([open], 199_305).map((due) => due.why)).toEqual(['CALL-03'])
    expect(duesOf([flowRow(), flow(25, 0, 5, { timers })], 0)).toEqual([])
  })
})
