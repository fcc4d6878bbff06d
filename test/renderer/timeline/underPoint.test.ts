import { describe, expect, it } from 'vitest'
import { AXIS_FROM_BOTTOM, barBox, MARK_Y, type Scene } from '../../../renderer/views/timeline/draw.ts'
import { barsOf, binMarks, duesOf } from '../../../renderer/views/timeline/scale.ts'
import { flowAt, onRuler, textAt } from '../../../renderer/views/timeline/underPoint.ts'
import { flowRow } from '../../ladder/exampleLadder.ts'

const span = { from: 180_000, to: 240_000 }
const [width, height, now] = [1_000, 62, 198_000]
const flows = [flowRow()]
const bins = binMarks([{ at: 230_000, kind: 'fault', text: 'firewall down', flow: 7 }], span, width)
const { bars } = barsOf(flows, span, width, now)
const scene: Scene = {
  span,
  width,
  height,
  now,
  end: 240_000,
  ticks: [],
  bins,
  labels: [],
  bars,
  dues: duesOf(flows, now),
  selectedFlow: 0,
}
const box = barBox(bars[0]!)

describe('what lies under a point of the axis', () => {
  it('a bar, from two pixels before its start on, is its flow', () => {
    expect(flowAt(box.x - 2, box.y, scene)).toBe(18)
    expect(flowAt(box.x - 3, box.y, scene)).toBe(0)
    expect(textAt(box.x + 1, box.y, scene)).toMatch(/^#18 Call Okafor → Ana: answered, /)
  })

  it('a mark is its word and its flow, above the bars only', () => {
    const { x } = bins[0]!
    expect(textAt(x, MARK_Y, scene)).toBe('03:50.000 fault: firewall down')
    expect(flowAt(x + 5, MARK_Y, scene)).toBe(7)
    expect(flowAt(x + 6, MARK_Y, scene)).toBe(0)
    expect(flowAt(x, MARK_Y + 11, scene)).toBe(0)
  })

  it('the ruler is its time, and empty room is nothing', () => {
    const ruler = height - AXIS_FROM_BOTTOM
    expect([onRuler(ruler - 1, scene), onRuler(ruler, scene)]).toEqual([false, true])
    expect(textAt(0, ruler, scene)).toBe('03:00.000')
    expect(textAt(20, 15, scene)).toBeNull()
  })
})
