import { describe, expect, it } from 'vitest'
import {
  CELL_MIN,
  cellAt,
  codeOf,
  countStates,
  dirtyCells,
  fittingCell,
  gridOf,
  indexAt,
  LOOKS,
  LOOKS_BY,
  matcher,
  moveBy,
  stateBy,
} from '../../../renderer/views/devices/deviceGrid.ts'
import { deviceRow } from '../fixtures/rows.ts'

describe('grid of many devices', () => {
  it('gives every state its own letter, colour, shape and word', () => {
    for (const part of ['letter', 'token', 'shape', 'word'] as const) expect(new Set(LOOKS.map((l) => l[part])).size).toBe(LOOKS.length)
    expect(LOOKS.map((l) => codeOf(l.state))).toEqual(LOOKS.map((_, i) => i))
  })

  it('[HA-08] coloured by messages: over XMPP, by push, not yet, not reached, or no messages here', () => {
    const by = (over: Partial<Parameters<typeof stateBy>[0]>) =>
      stateBy(deviceRow({ id: 'x', client: 'jabber', im: 'suspended', ...over }), 'messages')
    const reach = (verdict: 'yes' | 'no' | 'unknown', path: string, text: string) => ({
      messageReach: { verdict, path, text, why: 'HA-08' },
    })
    expect(by(reach('yes', 'XMPP', 'Yes, over XMPP.'))).toBe('over XMPP')
    expect(by(reach('yes', 'cloud push', 'A notification reaches it.'))).toBe('by push')
    expect(by(reach('no', '', 'Not before 00:13:17 or so: imp-sub rebuilds 5994 sessions.'))).toBe('not yet')
    expect(by(reach('no', '', 'No: it is logged out.'))).toBe('not reached')
    expect(by({ client: 'deskphone', im: 'not used' })).toBe('no messages')
    for (const looks of Object.values(LOOKS_BY)) {
      expect(looks.map((l) => codeOf(l.state))).toEqual(looks.map((_, i) => i))
      for (const part of ['letter', 'token', 'shape', 'word'] as const) expect(new Set(looks.map((l) => l[part])).size).toBe(looks.length)
    }
  })

  it('takes the largest cell that keeps all in sight: 15,000 on a laptop too', () => {
    expect(fittingCell(100, 1_000, 500)).toBe(36)
    const cell = fittingCell(15_000, 1_020, 560)
    expect(gridOf(15_000, cell, 1_020).height).toBeLessThanOrEqual(560)
    expect(cell).toBeGreaterThanOrEqual(CELL_MIN)
    expect(fittingCell(1_000_000, 100, 100)).toBe(CELL_MIN)
  })

  it('finds the device under a point, and none beside the grid', () => {
    const g = gridOf(25, 10, 100)
    expect(indexAt(g, 0, 0)).toBe(0)
    expect(indexAt(g, 99, 9)).toBe(9)
    expect(indexAt(g, 5, 25)).toBe(20)
    expect(indexAt(g, 55, 25)).toBe(-1)
    expect(indexAt(g, 100, 5)).toBe(-1)
    expect(indexAt(g, -1, 5)).toBe(-1)
    for (let i = 0; i < g.count; i++) {
      const at = cellAt(g, i)
      expect(indexAt(g, at.x + 5, at.y + 5)).toBe(i)
    }
  })

  it('moves by keys and stops at the rims', () => {
    const g = gridOf(25, 10, 100)
    expect(moveBy(g, 0, 'ArrowLeft', 2)).toBe(0)
    expect(moveBy(g, 0, 'ArrowRight', 2)).toBe(1)
    expect(moveBy(g, 3, 'ArrowDown', 2)).toBe(13)
    expect(moveBy(g, 18, 'ArrowDown', 2)).toBe(18)
    expect(moveBy(g, 3, 'ArrowUp', 2)).toBe(3)
    expect(moveBy(g, 3, 'PageDown', 2)).toBe(23)
    expect(moveBy(g, 7, 'End', 2)).toBe(24)
    expect(moveBy(g, 7, 'Home', 2)).toBe(0)
    expect(moveBy(g, 7, 'x', 2)).toBeNull()
    expect(moveBy(gridOf(0, 10, 100), 0, 'End', 2)).toBeNull()
  })

  it('draws again only what changed', () => {
    const drawn = new Uint8Array([0, 1, 2, 3])
    expect(dirtyCells(new Uint8Array([0, 5, 2, 6]), drawn, 0, 4)).toEqual([1, 3])
    expect(dirtyCells(new Uint8Array([0, 5, 2, 6]), drawn, 0, 4)).toEqual([])
    expect(dirtyCells(new Uint8Array([9, 5, 2, 9]), drawn, 1, 4)).toEqual([3])
  })

  it('filters by words in any order and by state', () => {
    const ana = deviceRow({ id: 'ana', label: 'Ana · iPhone', lines: ['5012'], registeredTo: 'ucm-sub1', state: 'ringing' })
    const bo = deviceRow({ id: 'bo', label: 'Bo · Pixel', ownerName: 'Bo Lindqvist', lines: ['5013'], registeredTo: null, state: 'idle' })
    const match = (text: string, ...states: (typeof ana.state)[]) =>
      [ana, bo].filter(matcher({ text, states: new Set(states) })).map((d) => d.id)
    expect(match('')).toEqual(['ana', 'bo'])
    expect(match('sub1 IPHONE')).toEqual(['ana'])
    expect(match('5013')).toEqual(['bo'])
    expect(match('', 'idle')).toEqual(['bo'])
    expect(match('ana', 'idle')).toEqual([])
    expect(countStates([ana, bo, bo])[codeOf('idle')]).toBe(2)
  })
})
