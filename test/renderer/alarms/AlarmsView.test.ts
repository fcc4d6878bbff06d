import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import AlarmsView from '../../../renderer/views/alarms/AlarmsView.vue'
import { droppedLadder } from '../../ladder/exampleLadder.ts'
import { fakePort } from '../fixtures/fakePort.ts'
import { alarms, snapshot } from '../fixtures/rows.ts'

const bad = droppedLadder()
const alarm = {
  ...alarms[0]!,
  id: 'a1',
  name: 'PushNotificationInvalidDeviceTokenResponse',
  causeSeq: 503,
  ciscoLog: '%UC_CPNS-3-X: %[Reason=410]: text',
  action: 'Sign the client out and in again.',
}

const open = async (over = {}) => {
  const port = fakePort(
    snapshot({ upsert: [alarm, { ...alarm, id: 'a2', causeSeq: null, clearedAt: 190_000 }, bad.flow], events: bad.hops, ...over }),
  )
  const lab = useLab()
  await lab.connect(port)
  lab.apply(snapshot({ upsert: [alarm, { ...alarm, id: 'a2', causeSeq: null, clearedAt: 190_000 }, bad.flow], events: bad.hops, ...over }))
  const view = mount(AlarmsView, { attachTo: document.body })
  await flushPromises()
  return { port, view, selection: useSelection() }
}

beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  useLab().disconnect()
  document.body.innerHTML = ''
})

describe('alarms view', () => {
  it('leads with one click from an alarm to the arrow that raised it, on its ladder', async () => {
    const { view, selection } = await open()
    await view.find('.item .pill').trigger('click')
    await flushPromises()
    expect(selection.view).toBe('flow')
    expect(selection.flowNumber).toBe(21)
    expect(selection.current).toEqual({ kind: 'event', id: '503' })
  })

  it('asks the lab when the event is not kept in the window any more', async () => {
    const { view, port, selection } = await open({ events: [] })
    port.answer('event.detail', { ok: true, value: { event: bad.hops[3] } })
    await view.find('.item .pill').trigger('click')
    await flushPromises()
    expect(port.calls.at(-1)).toEqual({ name: 'event.detail', args: { seq: 503 } })
    expect(selection.flowNumber).toBe(21)
  })

  it('[ALM-24] opens to text, remedy and CiscoLog line, by click and by Enter', async () => {
    const { view } = await open()
    expect(view.text()).not.toContain('%UC_CPNS-3-X')
    const row = view.find('.item [role=row]')
    await row.trigger('keydown', { key: 'Enter' })
    expect(row.attributes('aria-expanded')).toBe('true')
    expect(view.find('.detail').text()).toContain('%UC_CPNS-3-X: %[Reason=410]: text')
    expect(view.find('.detail').text()).toContain('Sign the client out and in again.')
    await row.trigger('click')
    expect(view.find('.detail').exists()).toBe(false)
  })

  it('offers no jump where no hop raised the alarm, and can hide what is cleared', async () => {
    const { view } = await open()
    expect(view.findAll('.item')).toHaveLength(2)
    expect(view.findAll('.item')[1]!.find('button').exists()).toBe(false)
    await view
      .findAll('button')
      .find((button) => button.text() === 'Raised only')!
      .trigger('click')
    expect(view.findAll('.item')).toHaveLength(1)
  })

  it('says what to do next when there is nothing', async () => {
    const { view } = await open({ upsert: [] })
    expect(view.text()).toContain('No alarm so far. Break something')
    expect(view.text()).toContain('Open a lab with devices')
  })
})
