import { describe, expect, it } from 'vitest'
import type { CounterRow } from '../../../core/contract/index.ts'
import { CounterHistory, SAMPLES_KEPT, groupCounters } from '../../../renderer/views/counters/counterList.ts'

const counter = (node: string, object: string, name: string, value: number): CounterRow => ({
  kind: 'counter',
  id: `${node}/${object}/${name}`,
  node,
  object,
  name,
  value,
  why: 'ALM-17',
})

describe('counter groups', () => {
  const rows = [
    counter('sub', 'CallManager', 'NumberOfPushReqSent', 4),
    counter('pub', 'XCP Push', 'PushErrors', 0),
    counter('pub', 'CallManager', 'NumberOfPushReqSent', 1),
  ]

  it('[ALM-17] stand by node and object, names as published', () => {
    const groups = groupCounters(rows, { text: '', changedOnly: false, node: '' }, () => 0)
    expect(groups.map((group) => group.key)).toEqual(['pub/CallManager', 'pub/XCP Push', 'sub/CallManager'])
    expect(groups[0]!.counters[0]!.name).toBe('NumberOfPushReqSent')
  })

  it('can be narrowed by words and by what changed', () => {
    expect(groupCounters(rows, { text: 'pub reqsent', changedOnly: false, node: '' }, () => 0).map((group) => group.key)).toEqual([
      'pub/CallManager',
    ])
    expect(
      groupCounters(rows, { text: '', changedOnly: true, node: '' }, (row) => (row.node === 'sub' ? 3 : row.value)).map(
        (group) => group.key,
      ),
    ).toEqual(['sub/CallManager'])
    expect(groupCounters(rows, { text: '', changedOnly: false, node: 'pub' }, () => 0).map((group) => group.key)).toEqual([
      'pub/CallManager',
      'pub/XCP Push',
    ])
  })
})

describe('history of a counter', () => {
  const at = (value: number): CounterRow => counter('pub', 'CM', 'Sent', value)

  it('keeps a step per change and holds the last value up to now', () => {
    const history = new CounterHistory()
    history.recordAll([at(1)], 0)
    history.recordAll([at(1)], 500)
    history.recordAll([at(3)], 1_000)
    expect(history.seriesOf('pub/CM/Sent', 2_000)).toEqual({ at: [0, 1_000, 2_000], value: [1, 3, 3] })
    expect(history.before(at(3))).toBe(1)
  })

  it('takes a counter that comes later for one that began at zero', () => {
    const history = new CounterHistory()
    history.recordAll([counter('pub', 'CM', 'Old', 7)], 0)
    history.recordAll([counter('pub', 'CM', 'Old', 7), at(2)], 100)
    expect(history.before(counter('pub', 'CM', 'Old', 7))).toBe(7)
    expect(history.before(at(2))).toBe(0)
    expect(history.seriesOf('pub/CM/Sent', 200)).toEqual({ at: [0, 100, 200], value: [0, 2, 2] })
  })

  it('forgets the future after a jump back in time', () => {
    const history = new CounterHistory()
    for (const [value, now] of [
      [0, 0],
      [5, 1_000],
      [9, 2_000],
    ] as const)
      history.recordAll([at(value)], now)
    history.recordAll([at(5)], 1_500)
    expect(history.seriesOf('pub/CM/Sent', 1_500)).toEqual({ at: [0, 1_000, 1_500], value: [0, 5, 5] })
  })

  it('counts changes from a new zero on demand, and keeps a limit', () => {
    const history = new CounterHistory()
    for (let i = 0; i <= SAMPLES_KEPT + 10; i++) history.recordAll([at(i)], i)
    expect(history.seriesOf('pub/CM/Sent', 1e9).at.length).toBeLessThanOrEqual(SAMPLES_KEPT + 1)
    history.restart([at(70)])
    expect(history.before(at(75))).toBe(70)
  })
})
