import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { useAlarms } from '../../../renderer/state/alarms.ts'
import { useOnboardingPart } from '../../../renderer/state/onboarding.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useTraces } from '../../../renderer/state/traces.ts'
import AlarmsView from '../../../renderer/views/alarms/AlarmsView.vue'
import { droppedLadder } from '../../ladder/exampleLadder.ts'
import { fakePort } from '../fixtures/fakePort.ts'
import { alarms, findings, labRow, snapshot } from '../fixtures/rows.ts'

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
    await view.find('.item .filter-chip').trigger('click')
    await flushPromises()
    expect(selection.view).toBe('flow')
    expect(selection.flowNumber).toBe(21)
    expect(selection.current).toEqual({ kind: 'event', id: '503' })
  })

  it('asks the lab when the event is not kept in the window any more', async () => {
    const { view, port, selection } = await open({ events: [] })
    port.answer('event.detail', { ok: true, value: { event: bad.hops[3] } })
    await view.find('.item .filter-chip').trigger('click')
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

  it('[ALM-25] leads from a cleared alarm to the event that tells what cleared it, and from one that stands to none', async () => {
    const clearing = { ...bad.hops.at(-1)!, flow: 0, message: `alarm ${alarm.name} cleared`, why: 'ALM-25' }
    const { view, selection } = await open({
      upsert: [alarm, { ...alarm, id: 'a2', clearedAt: clearing.at, clearedSeq: clearing.seq }, bad.flow],
      events: [...bad.hops.slice(0, -1), clearing],
    })
    const offered = () => view.findAll('.detail button').filter((button) => button.text() === 'Show what cleared it')
    await view.findAll('.item [role=row]')[0]!.trigger('click')
    expect(view.find('.detail').exists()).toBe(true)
    expect(offered()).toEqual([])
    await view.findAll('.item')[1]!.find('[role=row]').trigger('click')
    await offered()[0]!.trigger('click')
    await flushPromises()
    expect(selection.current).toEqual({ kind: 'event', id: String(clearing.seq) })
  })

  it('writes how often an alarm was raised with commas between thousands', async () => {
    const { view } = await open({ upsert: [{ ...alarm, count: 4_928 }] })
    expect(view.find('.item .num').text()).toBe('4,928')
  })

  it('offers no jump where no hop raised the alarm, and can hide what is cleared', async () => {
    const { view } = await open()
    expect(view.findAll('.item')).toHaveLength(2)
    expect(view.findAll('.item')[1]!.find('button').exists()).toBe(false)
    expect(view.find('header').text()).toContain(`1 ${alarm.severity}`)
    await view
      .findAll('button')
      .find((button) => button.text() === 'Raised only')!
      .trigger('click')
    expect(view.findAll('.item')).toHaveLength(1)
  })

  it('shows one node, and offers all again where nothing is left', async () => {
    const { view } = await open()
    expect(
      view
        .find('.node-filter')
        .findAll('option')
        .map((one) => one.element.value),
    ).toEqual(['', alarm.node])
    useAlarms().node = 'imp-pub'
    await flushPromises()
    expect(view.findAll('.item')).toHaveLength(0)
    await view
      .findAll('button')
      .find((button) => button.text().startsWith('Show all'))!
      .trigger('click')
    expect(view.findAll('.item')).toHaveLength(2)
  })

  it('[ALM-24] leads to its line in CiscoSyslog of its node, and to the traces of its push', async () => {
    const events = bad.hops.map((hop) => (hop.seq === 503 ? { ...hop, tracking: 'CUCM_503' } : hop))
    const { view, selection } = await open({ events })
    await view.find('.item [role=row]').trigger('click')
    const press = (words: string) =>
      view
        .findAll('.detail button')
        .find((button) => button.text() === words)!
        .trigger('click')
    await press('Open CiscoSyslog')
    expect(selection.view).toBe('traces')
    expect(useTraces().open).toEqual({ node: alarm.node, path: '/var/log/active/syslog/CiscoSyslog', line: null })
    await press('Show in traces')
    expect(useTraces().text).toBe('CUCM_503')
    expect(useTraces().results).toBe(true)
  })

  it('[ONB-02] findings: the worst first, each with its repair and rule, and the way to the prerequisites', async () => {
    const fail = { ...findings[0]!, id: 'f2', level: 'Fail' as const, subject: 'ucm-pub', text: 'CPNS is not running.', fix: 'Start it.' }
    const { view, selection } = await open({ upsert: [labRow(), ...findings, fail] })
    useAlarms().section = 'findings'
    await flushPromises()
    expect(view.findAll('tbody tr').map((row) => row.find('th').text())).toEqual(['ucm-pub', 'Proxy'])
    expect(view.find('tbody tr').text()).toMatch(/Fail.*CPNS is not running\. *Start it\..*NET-03/)
    await view.find('.findings .text-link').trigger('click')
    expect(selection.view).toBe('onboarding')
    expect(useOnboardingPart().part).toBe('checks')
  })

  it('says what to do next when there is nothing', async () => {
    const { view } = await open({ upsert: [] })
    expect(view.text()).toContain('No alarm so far')
    expect(view.text()).toContain('Break something')
    useAlarms().section = 'findings'
    await flushPromises()
    expect(view.text()).toContain('Open a lab with devices')
  })
})
