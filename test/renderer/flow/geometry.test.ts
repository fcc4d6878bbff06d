import { describe, expect, it } from 'vitest'
import { arrowOf, besideText, centredText, fitText, layoutLadder, rowsInView, stepsOf } from '../../../renderer/views/flow/geometry.ts'
import { droppedLadder, exampleLadder, flowRow, hopsOf } from '../../ladder/exampleLadder.ts'

const OPTIONS = { width: 900, gutter: 80, minPitch: 100 }

describe('ladder geometry', () => {
  it('[CALL-01] gives each place a column in the order of the lab, left of each other and inside the width', () => {
    const { columns, width } = layoutLadder(exampleLadder(), OPTIONS)
    expect(columns.map((column) => column.id)).toEqual(exampleLadder().places.map((place) => place.id))
    const xs = columns.map((column) => column.x)
    expect(xs).toEqual(xs.toSorted((a, b) => a - b))
    expect(xs[0]! - columns[0]!.width / 2).toBeGreaterThanOrEqual(80)
    expect(xs.at(-1)! + columns.at(-1)!.width / 2).toBeLessThanOrEqual(width)
    expect(width).toBe(900)
  })

  it('grows beyond the room rather than make columns narrower than the least pitch', () => {
    const { columns, width } = layoutLadder(exampleLadder(), { width: 300, gutter: 80, minPitch: 100 })
    expect(columns[1]!.x - columns[0]!.x).toBe(100)
    expect(width).toBe(80 + 6 * 100 + 12)
  })

  it('keeps rows in time order and none over the other', () => {
    const { rows } = layoutLadder(exampleLadder(), OPTIONS)
    expect(rows).toHaveLength(exampleLadder().hops.length + 4)
    for (let i = 1; i < rows.length; i++) {
      expect(rows[i]!.top).toBe(rows[i - 1]!.bottom)
      expect(rows[i]!.y).toBeGreaterThan(rows[i - 1]!.y)
    }
  })

  it('tells how long after the row above a row happened', () => {
    const { rows } = layoutLadder(exampleLadder(), OPTIONS)
    const lost = rows.find((row) => row.step.kind === 'hop' && row.step.hop.status === 'lost')!
    expect(lost.sinceMs).toBe(2_000)
    expect(rows[0]!.sinceMs).toBe(0)
  })

  it('stops a lost arrow short of its target and leads every other one to it, in its direction', () => {
    const ladder = exampleLadder()
    const layout = layoutLadder(ladder, OPTIONS)
    const x = (id: string) => layout.columns.find((column) => column.id === id)!.x
    const lost = arrowOf(ladder.hops[2]!, layout)
    expect(lost.x2).toBeLessThan(x('ana-iphone') - 20)
    expect(lost.x2).toBeGreaterThan(x('apns') - 40)
    const back = arrowOf(ladder.hops[7]!, layout)
    expect(back).toEqual({ x1: x('ana-iphone'), x2: x('ucm-sub1/CallManager'), way: -1, lost: false })
  })

  it('[CALL-02, CALL-03] draws a timer from the row of its start to the row of its end, beside its place, each in a lane', () => {
    const layout = layoutLadder(exampleLadder(), OPTIONS)
    const place = layout.columns.find((column) => column.id === 'ucm-sub1/CallManager')!
    const y = (kind: string, name: string) =>
      layout.rows.find((row) => row.step.kind === kind && 'bar' in row.step && row.step.bar.name === name)!.y
    for (const { bar, top, bottom, x } of layout.bars) {
      expect(Math.abs(top - y('timer starts', bar.name))).toBeLessThan(8)
      expect(Math.abs(bottom - y('timer ends', bar.name))).toBeLessThan(8)
      expect(x).toBeLessThan(place.x)
    }
    expect(new Set(layout.bars.map((bar) => bar.x)).size).toBe(2)
  })

  it('lets a running timer reach the bottom, on a row of its own', () => {
    const flow = flowRow({ timers: flowRow().timers.map((timer) => ({ ...timer, endedAt: null })), endedAt: null })
    const layout = layoutLadder(exampleLadder({ flow, bars: flow.timers.map((timer) => ({ ...timer, text: '' })) }), OPTIONS)
    const running = layout.rows.filter((row) => row.step.kind === 'running')
    expect(running).toHaveLength(2)
    expect(layout.rows.at(-1)!.step.kind).toBe('running')
    expect(layout.bars.every((bar) => bar.bottom > layout.rows.at(-3)!.bottom)).toBe(true)
  })

  it('at equal instants puts arrivals before the timers that they end (DEC-25)', () => {
    const kinds = stepsOf(exampleLadder())
      .filter((step) => step.kind !== 'blank' && step.at === 197_124)
      .map((step) => step.kind)
    expect(kinds).toEqual(['hop', 'timer ends'])
  })

  it('draws places that the columns forgot, so that no arrow is left out', () => {
    const ladder = exampleLadder({ hops: hopsOf(1, 1, [[0, 1, 'okafor-desk', 'nowhere', 'SIP', 'm', 'o', 'ok', 'CALL-01']]), bars: [] })
    expect(layoutLadder(ladder, OPTIONS).columns.map((column) => column.id)).toContain('nowhere')
  })

  it('cuts text only where it would run out of the picture, and keeps it off the clock', () => {
    const layout = layoutLadder(droppedLadder(), OPTIONS)
    expect(fitText('short', 200)).toBe('short')
    expect(fitText('x'.repeat(100), 69)).toMatch(/^x+…$/)
    const left = centredText('x'.repeat(40), 90, layout)
    expect(left.text).toHaveLength(40)
    expect(left.x - (40 * 6.9) / 2).toBeGreaterThanOrEqual(layout.gutter)
    const last = layout.columns.at(-1)!
    expect(besideText('shown on the lock screen', last.x, layout).anchor).toBe('end')
    expect(besideText('held', layout.columns[0]!.x, layout).anchor).toBe('start')
  })

  it('draws of a thousand hops only those in sight, and the one in use', () => {
    const ladder = exampleLadder({
      hops: hopsOf(
        1,
        0,
        Array.from({ length: 1_000 }, (_, i) => [i, i, 'okafor-desk', 'apns', 'SIP', `m${i}`, 'o', 'ok', 'CALL-01']),
      ),
      bars: [],
    })
    const { rows } = layoutLadder(ladder, OPTIONS)
    const seen = rowsInView(rows, 10_000, 600, 3)
    expect(seen.length).toBeLessThan(40)
    expect(seen.some((row) => row.step.kind === 'hop' && row.step.hop.seq === 3)).toBe(true)
    expect(seen.some((row) => row.top <= 10_300 && row.bottom >= 10_300)).toBe(true)
  })
})
