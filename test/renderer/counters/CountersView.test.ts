import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { CounterRow } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import CountersView from '../../../renderer/views/counters/CountersView.vue'
import { fakePort } from '../fixtures/fakePort.ts'
import { clock, labRow, snapshot } from '../fixtures/rows.ts'

const sent = (value: number): CounterRow => ({
  kind: 'counter',
  id: 'pub/Cisco CallManager/NumberOfPushReqSent',
  node: 'pub',
  object: 'Cisco CallManager',
  name: 'NumberOfPushReqSent',
  value,
  why: 'ALM-17',
})
const failed = (value: number): CounterRow => ({
  ...sent(value),
  id: 'pub/Cisco CallManager/NumberOfPushErrorResReceived',
  name: 'NumberOfPushErrorResReceived',
})

const open = async (counters: CounterRow[]) => {
  const lab = useLab()
  await lab.connect(fakePort(null))
  lab.apply(snapshot({ upsert: [labRow(), ...counters], clock: clock({ now: 1_000 }) }))
  const view = mount(CountersView, { attachTo: document.body, global: { stubs: { TimePlot: true } } })
  await flushPromises()
  const at = async (now: number, rows: CounterRow[], jumps = 0): Promise<void> => {
    lab.apply(snapshot({ reset: jumps > 0, upsert: [labRow(), ...rows], events: [], marks: [], clock: clock({ now, jumps }) }))
    await nextTick()
    await nextTick()
  }
  return { view, at }
}
const deltas = (view: ReturnType<typeof mount>): Record<string, string> =>
  Object.fromEntries(view.findAll('.counter').map((row) => [row.find('.name').text(), row.find('.delta').text()]))

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  useLab().disconnect()
  document.body.innerHTML = ''
})

describe('counters view', () => {
  it('[ALM-17] shows which counters moved since the opening, and by how much', async () => {
    const { view, at } = await open([sent(41)])
    expect(deltas(view)).toEqual({ NumberOfPushReqSent: '' })
    await at(2_000, [sent(43), failed(1)])
    expect(deltas(view)).toEqual({ NumberOfPushReqSent: '▲ +2', NumberOfPushErrorResReceived: '▲ +1' })
  })

  it('counts from a new zero on demand, and can show only what moved since', async () => {
    const { view, at } = await open([sent(41), failed(1)])
    await at(2_000, [sent(43), failed(1)])
    const press = (words: string) =>
      view
        .findAll('button')
        .find((button) => button.text() === words)!
        .trigger('click')
    await press('Changed only')
    expect(Object.keys(deltas(view))).toEqual(['NumberOfPushReqSent'])
    await press('Mark now')
    expect(view.text()).toContain('No counter has moved')
    await at(3_000, [failed(2)])
    expect(deltas(view)).toEqual({ NumberOfPushErrorResReceived: '▲ +1' })
  })

  it('starts again when the same lab starts again', async () => {
    const { view, at } = await open([sent(41)])
    await at(0, [], 1)
    await at(500, [sent(3)], 0)
    expect(deltas(view)).toEqual({ NumberOfPushReqSent: '▲ +3' })
  })

  it('draws the chosen counter once it has moved, and says so before', async () => {
    const { view, at } = await open([sent(41)])
    await view.find('.counter').trigger('click')
    expect(view.find('footer').text()).toContain('NumberOfPushReqSent')
    await at(2_000, [sent(43)])
    expect(view.findComponent({ name: 'TimePlot' }).props('data')).toEqual([
      [1_000, 2_000],
      [41, 43],
    ])
  })

  it('says what to do next when there is none', async () => {
    const { view } = await open([])
    expect(view.text()).toContain('press Call')
  })
})
