import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Ladder } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import FlowView from '../../../renderer/views/flow/FlowView.vue'
import { REFETCH_MS } from '../../../renderer/views/flow/useLadder.ts'
import { droppedLadder, exampleLadder, flowRow } from '../../ladder/exampleLadder.ts'
import { fakePort } from '../fixtures/fakePort.ts'
import { clock, labRow, snapshot } from '../fixtures/rows.ts'

const good = exampleLadder()
const bad = droppedLadder()
const missed = flowRow({
  id: '22',
  flow: 22,
  title: 'Missed-call push to Bo',
  linkedTo: 21,
  state: 'done',
  startedAt: 313_004,
  endedAt: 313_400,
})
const ladders = new Map<number, Ladder>([
  [18, good],
  [21, bad],
  [22, { ...bad, flow: missed, hops: [], bars: [] }],
])

const open = async (flows = [good.flow, bad.flow, missed]) => {
  const port = fakePort(snapshot({ upsert: [labRow(), ...flows], events: [...good.hops, ...bad.hops] }))
  port.answer('flow.ladder', (args) => {
    const ladder = ladders.get((args as { flow: number }).flow)
    return ladder ? { ok: true, value: ladder } : { ok: false, code: 'not-found', message: 'There is no such flow.', issues: [] }
  })
  const lab = useLab()
  await lab.connect(port)
  const view = mount(FlowView, { attachTo: document.body })
  await settle()
  return { port, lab, view, selection: useSelection() }
}
const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(400)
  await flushPromises()
  await nextTick()
}
const asked = (port: ReturnType<typeof fakePort>): number[] =>
  port.calls.filter((call) => call.name === 'flow.ladder').map((call) => (call.args as { flow: number }).flow)

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  useLab().disconnect()
  document.body.innerHTML = ''
  vi.useRealTimers()
})

describe('flow view', () => {
  it('says what to do while there is no flow', async () => {
    const { view } = await open([])
    expect(view.text()).toContain('Press Call')
    expect(view.find('[role=listbox]').exists()).toBe(false)
  })

  it('[CALL-01] follows the newest call and draws each of its hops as an option with a spoken name', async () => {
    const { view, port } = await open([good.flow])
    expect(asked(port)).toEqual([18])
    const options = view.findAll('.hop[role=option]')
    expect(options).toHaveLength(good.hops.length)
    expect(options[2]!.attributes('aria-label')).toBe(
      '03:16.304, ucm-sub1 CallManager to Ana · iPhone, LPNS, push voip, sealed 312 B: lost: no answer, half-open socket, took 2 s',
    )
    expect(view.find('.badge').text()).toContain('answered')
  })

  it('[CALL-14] shows the rest of the 13 s and, on demand, the time of every hop', async () => {
    const { view } = await open([good.flow])
    expect(view.find('.budget').text()).toBe('offered with 10.2 s of 13 s left')
    const outcomes = (): string[] => view.findAll('.outcome').map((text) => text.text())
    expect(outcomes()).toContain('200 OK, node named in the push')
    await view
      .findAll('button')
      .find((button) => button.text() === 'Hop times')!
      .trigger('click')
    expect(outcomes()).toContain('200 OK, node named in the push · 18 ms')
  })

  it('[CALL-03] shows the first cause of a dropped call at once and jumps to its arrow', async () => {
    const { view, selection } = await open()
    expect(view.find('.cause').text()).toContain('APNs refused the push token: 410 Unregistered')
    await view.find('.cause button').trigger('click')
    expect(selection.current).toEqual({ kind: 'event', id: '503' })
    await nextTick()
    expect(view.find('.hop.selected').attributes('data-seq')).toBe('503')
  })

  it('[CALL-04] leads from a dropped call to its missed-call push', async () => {
    const { view, selection, port } = await open()
    await view.find('.links .chip').trigger('click')
    await settle()
    expect(selection.flowNumber).toBe(22)
    expect(asked(port)).toEqual([21, 22])
    expect(view.text()).toContain('#21 Call Okafor → Bo')
  })

  it('is walked by keyboard: Down, Home, End; Enter inspects', async () => {
    const { view, selection } = await open([good.flow])
    const ladder = view.find('svg[role=listbox]')
    await ladder.trigger('focus')
    const active = () => ladder.attributes('aria-activedescendant')
    const idOf = (seq: number) => view.find(`[data-seq="${seq}"]`).attributes('id')
    expect(active()).toBe(idOf(311))
    await ladder.trigger('keydown', { key: 'ArrowDown' })
    expect(active()).toBe(idOf(312))
    await ladder.trigger('keydown', { key: 'End' })
    expect(active()).toBe(idOf(321))
    await ladder.trigger('keydown', { key: 'ArrowDown' })
    expect(active()).toBe(idOf(321))
    await ladder.trigger('keydown', { key: 'Home' })
    await ladder.trigger('keydown', { key: 'Enter' })
    expect(selection.current).toEqual({ kind: 'event', id: '311' })
  })

  it('asks for the ladder again when the flow moved, once for many changes', async () => {
    const { port } = await open([good.flow])
    for (let hops = 12; hops < 20; hops++) port.push({ upsert: [{ ...good.flow, hops }] })
    await settle()
    for (let i = 0; i < 5; i++) {
      port.push({ upsert: [{ ...good.flow, hops: 30 + i }] })
      await vi.advanceTimersByTimeAsync(20)
    }
    await settle()
    expect(asked(port).length).toBeGreaterThanOrEqual(3)
    expect(asked(port).length).toBeLessThanOrEqual(3 + Math.ceil(100 / REFETCH_MS))
  })

  it('goes to a newer call while it follows, and stays once a person chose', async () => {
    const { port, selection, view } = await open([good.flow])
    port.push({ upsert: [bad.flow] })
    await settle()
    expect(asked(port).at(-1)).toBe(21)
    selection.openFlow(18)
    await settle()
    expect(asked(port).at(-1)).toBe(18)
    port.push({ upsert: [flowRow({ id: '30', flow: 30 })] })
    await settle()
    expect(asked(port).at(-1)).toBe(18)
    await view
      .findAll('button')
      .find((button) => button.text() === 'Follow')!
      .trigger('click')
    await settle()
    expect(asked(port).at(-1)).toBe(30)
  })

  it('says what is wrong when the lab has no such flow', async () => {
    const { view } = await open([flowRow({ id: '99', flow: 99 })])
    expect(view.find('[role=alert]').text()).toBe('There is no such flow.')
  })

  it('lets a running timer fill with the clock', async () => {
    const flow = flowRow({
      endedAt: null,
      offeredAt: null,
      answeredAt: null,
      state: 'in progress',
      timers: flowRow().timers.map((timer) => ({ ...timer, endedAt: null })),
    })
    ladders.set(18, { ...good, flow, bars: flow.timers.map((timer) => ({ ...timer, text: '' })) })
    const { view, port } = await open([flow])
    port.push({ clock: clock({ now: 194_304 + 6_500 }) })
    await settle()
    const [shell, fill] = ['.shell', '.fill'].map((part) => Number(view.findAll(`.bar.running ${part}`)[1]!.attributes('height')))
    expect(fill! / shell!).toBeCloseTo(0.5, 2)
    expect(view.find('.budget').text()).toBe('6.5 s of 13 s left')
    expect(view.text()).toContain('INVITE held, drop: 6.5 s of 13 s left')
    ladders.set(18, good)
  })
})
