import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { DeviceRow } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useContextMenu } from '../../../renderer/ui/contextMenu.ts'
import DevicesView from '../../../renderer/views/devices/DevicesView.vue'
import { fakePort } from '../fixtures/fakePort.ts'
import { deviceRow, imNodeRow, labRow, snapshot } from '../fixtures/rows.ts'
import { client, silent } from '../fixtures/presence.ts'

let wrapper: ReturnType<typeof mount>

const start = async (devices: DeviceRow[]) => {
  setActivePinia(createPinia())
  const lab = useLab()
  await lab.connect(fakePort(null))
  lab.apply(snapshot({ upsert: [labRow(), ...devices], events: [], marks: [] }))
  wrapper = mount(DevicesView, { attachTo: document.body })
  await flushPromises()
}
const some = (count: number, over: (i: number) => Partial<DeviceRow> = () => ({})) =>
  Array.from({ length: count }, (_, i) => deviceRow({ id: `d${i}`, label: `User ${i}`, ...over(i) }))

afterEach(() => {
  wrapper.unmount()
  useLab().disconnect()
  useContextMenu().close()
  vi.restoreAllMocks()
})

describe('devices', () => {
  it('draws up to 60 devices as phones and more as cells', async () => {
    await start(some(60))
    expect(wrapper.findAll('.phone-card')).toHaveLength(60)
    wrapper.unmount()
    await start(some(61))
    expect(wrapper.findAll('.phone-card')).toHaveLength(0)
    expect(wrapper.find('[role="grid"]').exists()).toBe(true)
  })

  it('filters by text and by state, counts what is left, and says how to get out', async () => {
    await start(some(10, (i) => ({ state: i < 3 ? 'unreachable' : 'idle' })))
    expect(wrapper.find('.summary').text()).toBe('10 devices')
    await wrapper.find('input').setValue('user 7')
    expect(wrapper.findAll('.name').map((n) => n.text())).toEqual(['User 7'])
    expect(wrapper.find('.summary').text()).toBe('1 of 10 devices')
    const unreachable = wrapper.findAll('.state').find((b) => b.text().includes('unreachable'))!
    expect(unreachable.text()).toContain('3')
    await unreachable.trigger('click')
    expect(unreachable.attributes('aria-pressed')).toBe('true')
    expect(wrapper.text()).toContain('No device matches')
    await wrapper.find('.clear').trigger('click')
    expect(wrapper.findAll('.phone-card')).toHaveLength(10)
  })

  it('moves among the phones with arrow keys and selects', async () => {
    await start(some(5))
    await wrapper.find('[data-key="device:d0"]').trigger('keydown', { key: 'ArrowRight' })
    await flushPromises()
    expect(document.activeElement?.getAttribute('data-key')).toBe('device:d1')
    expect(wrapper.findAll('.caption[tabindex="0"]')).toHaveLength(1)
    await wrapper.find('[data-key="device:d1"]').trigger('click')
    expect(useSelection().current).toEqual({ kind: 'device', id: 'd1' })
    await wrapper.find('[data-key="device:d1"]').trigger('keydown', { key: 'ContextMenu' })
    expect(useContextMenu().shown.value?.actions.length).toBeGreaterThan(0)
  })

  it('is a grid of which one cell at a time is described, moved by keys', async () => {
    await start(some(200, (i) => ({ state: i === 1 ? 'ringing' : 'idle' })))
    const grid = wrapper.find('[role="grid"]')
    const cell = () => wrapper.find('[role="gridcell"]')
    expect(grid.attributes('aria-activedescendant')).toBe(cell().attributes('id'))
    expect(cell().text()).toContain('User 0,')
    await grid.trigger('keydown', { key: 'ArrowRight' })
    expect(cell().text()).toContain('User 1,')
    expect(cell().attributes('aria-selected')).toBe('true')
    expect(cell().attributes('aria-colindex')).toBe('2')
    expect(useSelection().current).toEqual({ kind: 'device', id: 'd1' })
    const columns = Number(grid.attributes('aria-colcount'))
    await grid.trigger('keydown', { key: 'ArrowDown' })
    expect(useSelection().current?.id).toBe(`d${1 + columns}`)
    await grid.trigger('keydown', { key: 'End' })
    expect(useSelection().current?.id).toBe('d199')
    await grid.trigger('keydown', { key: 'F10', shiftKey: true })
    expect(useContextMenu().shown.value?.actions.length).toBeGreaterThan(0)
  })

  it('Enter shows the phone of a cell beside the grid, Escape goes back to the grid', async () => {
    await start(some(200))
    const grid = wrapper.find('[role="grid"]')
    await grid.trigger('keydown', { key: 'End' })
    await grid.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    const phone = wrapper.find('aside.phone')
    expect(phone.find('.phone-card').text()).toContain('User 199')
    expect(phone.element.contains(document.activeElement)).toBe(true)
    await phone.trigger('keydown', { key: 'Escape' })
    await flushPromises()
    expect(wrapper.find('aside.phone').exists()).toBe(false)
    expect(document.activeElement).toBe(grid.element)
  })

  it('[HA-08] is coloured by messages where there is IM and Presence, and says it in words', async () => {
    await start(some(200))
    expect(wrapper.find('[aria-label="Colour by"]').exists()).toBe(false)
    wrapper.unmount()
    await start(Array.from({ length: 200 }, (_, i) => (i < 150 ? silent(i) : client(i))))
    useLab().apply({ ...snapshot({ reset: false, upsert: [imNodeRow({ id: 'imp-sub' })], events: [], marks: [] }), seq: 2 })
    await flushPromises()
    await wrapper
      .find('[aria-label="Colour by"]')
      .findAll('button')
      .find((one) => one.text() === 'Messages')!
      .trigger('click')
    expect(wrapper.find('#device-canvas-summary').text()).toBe('200 devices: 50 by push, 150 not yet')
    await wrapper
      .findAll('.state')
      .find((one) => one.text().includes('not yet'))!
      .trigger('click')
    expect(wrapper.find('.summary').text()).toBe('150 of 200 devices')
  })

  it('[CH-02] offers what everybody does at once, and asks over how long', async () => {
    await start(some(3))
    await wrapper.find('.storm').trigger('click')
    const offered = useContextMenu().shown.value!.actions
    expect(offered.map((action) => action.command)).toEqual(['storm.background', 'storm.register', 'storm.page'])
    expect(offered.map((action) => action.ask?.[0]?.name)).toEqual(['overMs', 'overMs', 'overMs'])
  })

  it('zooms in and out and back to all at once', async () => {
    await start(some(2_000))
    const columns = () => Number(wrapper.find('[role="grid"]').attributes('aria-colcount'))
    const before = columns()
    await wrapper.find('[aria-label="Zoom in"]').trigger('click')
    expect(columns()).toBeLessThan(before)
    await wrapper.find('[role="grid"]').trigger('keydown', { key: '0' })
    expect(columns()).toBe(before)
  })

  it('paints at most once per frame, whatever comes in', async () => {
    await start(some(300))
    await flushPromises()
    const asked = vi.spyOn(window, 'requestAnimationFrame').mockImplementation(() => 7)
    for (let i = 0; i < 5; i++) {
      useLab().apply({
        ...snapshot({ reset: false, upsert: [deviceRow({ id: 'd1', state: i % 2 ? 'idle' : 'ringing' })], events: [], marks: [] }),
        seq: 2 + i,
      })
      await nextTick()
    }
    expect(asked.mock.calls.length).toBeLessThanOrEqual(1)
  })

  it('says what to do when there is no device', async () => {
    await start([])
    expect(wrapper.text()).toContain('This lab has no devices')
    expect(wrapper.text()).toContain('scenario file')
  })
})
