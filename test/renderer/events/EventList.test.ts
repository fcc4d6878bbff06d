import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { HopEvent, Row } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import EventList from '../../../renderer/views/events/EventList.vue'
import { droppedLadder, exampleLadder } from '../../ladder/exampleLadder.ts'
import { fakePort } from '../fixtures/fakePort.ts'
import { deviceRow, labRow, snapshot } from '../fixtures/rows.ts'

const events = [...exampleLadder().hops, ...droppedLadder().hops]
const flood = (count: number): HopEvent[] =>
  Array.from({ length: count }, (_, i) => ({ ...events[i % events.length]!, seq: 1_000 + i, at: 400_000 + i, flow: 40 }))

const open = async (kept: HopEvent[] = events, rows: Row[] = []) => {
  const port = fakePort(snapshot({ upsert: [labRow({ eventsSoFar: kept.length }), ...rows], events: kept }))
  await useLab().connect(port)
  const view = mount(EventList, { attachTo: document.body })
  await settle()
  return { port, view, selection: useSelection() }
}
const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(400)
  await flushPromises()
  await nextTick()
}
const seqs = (view: ReturnType<typeof mount>): number[] => view.findAll('.body .row').map((row) => Number(row.attributes('data-seq')))

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  // happy-dom lays nothing out: the scroller gets a height here.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(220)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1_200)
})
afterEach(() => {
  useLab().disconnect()
  document.body.innerHTML = ''
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('event list', () => {
  it('is a grid with a line per hop that says time, flow, places, carrier, message, outcome and why', async () => {
    const { view } = await open()
    expect(view.find('[role=grid]').attributes('aria-rowcount')).toBe(String(events.length + 1))
    expect(view.findAll('[role=columnheader]').map((head) => head.text())).toEqual([
      'Time',
      'Flow',
      'From → to',
      'Carrier',
      'Message',
      'Outcome',
      'Why',
    ])
    const cells = view
      .find('[data-seq="313"]')
      .findAll('[role=gridcell]')
      .map((cell) => cell.text())
    expect(cells).toEqual([
      '03:16.304',
      '#18',
      expect.stringContaining('→'),
      'LPNS',
      'push voip, sealed 312 B',
      expect.stringContaining('lost: no answer, half-open socket'),
      'LPNS-12',
    ])
  })

  it('draws of thousands only those in sight', async () => {
    const { view } = await open(flood(5_000))
    expect(view.find('[role=grid]').attributes('aria-rowcount')).toBe('5001')
    const drawn = seqs(view).length
    expect(drawn).toBeGreaterThan(5)
    expect(drawn).toBeLessThan(60)
  })

  it('narrows to failures and to words, says how many are left, and clears', async () => {
    const { view } = await open()
    await view
      .findAll('button')
      .find((button) => button.text() === 'Failures')!
      .trigger('click')
    await settle()
    expect(seqs(view)).toEqual([313, 503, 505])
    expect(view.find('[role=status]').text()).toBe(`3 of the newest ${events.length}`)
    await view.find('input').setValue('410')
    await settle()
    expect(seqs(view)).toEqual([503])
    await view
      .findAll('button')
      .find((button) => button.text() === 'Clear')!
      .trigger('click')
    await settle()
    expect(view.find('[role=grid]').attributes('aria-rowcount')).toBe(String(events.length + 1))
  })

  it('cuts the name of the selected thing where it is long, and tells all of it on pointing', async () => {
    const name = "Cem's iPhone, in the canteen of the west wing"
    const { view, selection } = await open(events, [deviceRow({ id: 'cem-iphone', label: name })])
    selection.select('device', 'cem-iphone')
    await settle()
    const chip = view.find('.filter-chip.wide')
    // The chip lays out its parts in a row: only a part of its own ends in an ellipsis, not the chip.
    expect(chip.find('.ellipsis').text()).toBe(`Only ${name}`)
    expect(chip.attributes('title')).toBe(`Only what ${name} sent or got`)
    await chip.trigger('click')
    expect(chip.attributes('aria-pressed')).toBe('true')
  })

  it('is walked by keyboard: Enter inspects, o opens the ladder', async () => {
    const { view, selection } = await open()
    const grid = view.find('[role=grid]')
    await grid.trigger('keydown', { key: 'Home' })
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'Enter' })
    expect(selection.current).toEqual({ kind: 'event', id: '312' })
    expect(selection.view).not.toBe('flow')
    await grid.trigger('keydown', { key: 'o' })
    expect(selection.view).toBe('flow')
    expect(selection.flowNumber).toBe(18)
    expect(selection.current).toEqual({ kind: 'event', id: '312' })
  })

  it('searches the whole run and goes on to older events', async () => {
    const { view, port } = await open()
    const old = (from: number): HopEvent[] => Array.from({ length: 3 }, (_, i) => ({ ...events[0]!, seq: from + i }))
    port.answer('events.query', (args) => {
      const { before } = args as { before?: number }
      return { ok: true, value: { events: before === undefined ? old(20) : old(10), more: before === undefined, oldestKept: 10 } }
    })
    await view.find('input').setValue('invite')
    await view
      .findAll('button')
      .find((button) => button.text() === 'Search all')!
      .trigger('click')
    await settle()
    expect(seqs(view)).toEqual([20, 21, 22])
    expect(port.calls.at(-1)).toEqual({ name: 'events.query', args: { filter: { text: 'invite' }, limit: 500 } })
    await view
      .findAll('button')
      .find((button) => button.text() === 'Older')!
      .trigger('click')
    await settle()
    expect(port.calls.at(-1)!.args).toMatchObject({ before: 20 })
    expect(seqs(view)).toEqual([10, 11, 12, 20, 21, 22])
    await view
      .findAll('button')
      .find((button) => button.text() === 'Back to the newest')!
      .trigger('click')
    await settle()
    expect(seqs(view)).toEqual(
      events.filter((event) => `${event.message} ${event.outcome}`.toLowerCase().includes('invite')).map((event) => event.seq),
    )
  })

  it('says in words that events were left out', async () => {
    const { view, port } = await open()
    expect(view.text()).not.toContain('faster than could be shown')
    port.push({ dropped: 1_200 })
    await settle()
    expect(view.text()).toContain('1,200 events came faster than could be shown')
  })

  it('says what to do when nothing has happened or nothing matches', async () => {
    const { view } = await open([])
    expect(view.text()).toContain('Press Call')
    await view.find('input').setValue('zzz')
    expect(view.text()).toContain('Clear the filter')
  })
})
