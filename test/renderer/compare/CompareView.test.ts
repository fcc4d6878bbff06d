import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, ok } from '../../../core/contract/index.ts'
import { useCompare } from '../../../renderer/state/compare.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import CompareView from '../../../renderer/views/compare/CompareView.vue'
import { asText, moreText, partsOf } from '../../../renderer/views/compare/words.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { compared } from '../fixtures/presence.ts'
import { labRow, snapshot } from '../fixtures/rows.ts'

const saved = vi.hoisted(() => vi.fn<(name: string, mediaType: string, text: string) => void>())
vi.mock('../../../renderer/state/download.ts', () => ({ saveText: saved }))

let port: FakePort
let view: VueWrapper
beforeEach(async () => {
  setActivePinia(createPinia())
  port = fakePort(null)
  await useLab().connect(port)
  useLab().apply(snapshot())
  view = mount(CompareView, { attachTo: document.body })
})
afterEach(() => {
  view.unmount()
  useLab().disconnect()
})
const button = (name: string) => view.findAll('button').find((one) => one.text().startsWith(name))!
const compare = async () => {
  await button('Compare').trigger('click')
  await flushPromises()
}

describe('two runs side by side', () => {
  it('says what to do before there is anything to compare, and why the lab refuses', async () => {
    expect(view.text()).toContain('That is before')
    port.answer('runs.compare', failure('refused', 'there is no run from before a fork'))
    await compare()
    expect(view.find('[role=alert]').text()).toBe('There is no run from before a fork.')
    expect(view.text()).toContain('Drag the timeline back')
  })

  it('a comparison that was cancelled is no error', async () => {
    port.answer('runs.compare', failure('cancelled', 'stopped'))
    await compare()
    expect(view.find('[role=alert]').exists()).toBe(false)
  })

  it('[HA-03] flows, outcomes, pushes, counters, alarms and devices, before and after; the ladder of a flow is a click away', async () => {
    port.answer('runs.compare', ok(compared()))
    await compare()
    expect(view.findAll('.part-title').map((one) => one.text())).toEqual([
      'First difference',
      'Outcomes of calls and messages (2)',
      'Pushes by state (1)',
      'Calls and messages that differ (1)',
      'Alarms (1)',
      'Counters (72)',
      'Devices at the end (1)',
    ])
    expect(view.text()).toContain('imp-pub crashes')
    expect(view.text()).toContain('nothing more happens')
    const row = view.findAll('tr').find((one) => one.text().includes('Message Rex'))!
    expect(row.text()).toContain('failed')
    expect(row.text()).toContain('imp-pub crashed [HA-03]')
    expect(row.text()).toContain('delivered')
    expect(row.text()).toContain('+2 min 21 s')
    await row.find('.link').trigger('click')
    expect(useSelection().flowNumber).toBe(1)
    expect(useSelection().view).toBe('flow')
  })

  it('shows the first fifty of a long part, then all, and how many were not listed', async () => {
    port.answer('runs.compare', ok(compared()))
    await compare()
    const counters = () => view.findAll('tr').filter((one) => one.text().includes('Counter')).length
    expect(counters()).toBe(50)
    await button('Show all 60').trigger('click')
    expect(counters()).toBe(60)
    expect(view.text()).toContain('And 12 more, which are not listed.')
  })

  it('says when the lab has gone on since, and forgets with another lab', async () => {
    port.answer('runs.compare', ok(compared()))
    await compare()
    expect(view.text()).not.toContain('gone on since')
    useLab().apply({ ...snapshot({ reset: false, upsert: [labRow({ eventsSoFar: 99 })], events: [], marks: [] }), seq: 2 })
    await flushPromises()
    expect(view.text()).toContain('gone on since')
    useLab().apply({ ...snapshot({ reset: false, upsert: [labRow({ title: 'Other' })], events: [], marks: [] }), seq: 3 })
    await flushPromises()
    expect(useCompare().result).toBeNull()
  })

  it('two runs that are the same say so', async () => {
    port.answer('runs.compare', ok(compared({ same: true, firstDifference: null })))
    await compare()
    expect(view.text()).toContain('the same, event by event')
    expect(view.find('table').exists()).toBe(false)
  })

  it('exports text and JSON', async () => {
    port.answer('runs.compare', ok(compared()))
    await compare()
    await button('Export text').trigger('click')
    await button('Export JSON').trigger('click')
    const [text, json] = saved.mock.calls
    expect(text?.[0]).toBe('comparison.md')
    expect(text?.[2]).toContain('| Message Rex → Ana | failed, pushed after 5 ms, ended after 9 s, imp-pub crashed [HA-03] | delivered')
    expect(JSON.parse(json?.[2] ?? '')).toMatchObject({ type: 'comparison', untilMs: 180_000, flows: [{ title: 'Message Rex → Ana' }] })
  })
})

describe('words of a comparison', () => {
  it('a side without a thing counts as none of it', () => {
    const [outcomes] = partsOf(compared())
    expect(outcomes!.lines.map(({ before, after, more }) => [before.text, after.text, more])).toEqual([
      ['3', 'none', -3],
      ['2', '5', 3],
    ])
    expect(moreText('outcomes', -3)).toBe('−3')
    expect(moreText('flows', 1_500)).toBe('+1.5 s')
    expect(moreText('devices', null)).toBe('')
  })

  it('a bar in a name does not break the table', () => {
    const runs = compared({ outcomes: [{ state: 'a|b', before: 1, after: 2 }] })
    expect(asText(runs, 'x')).toContain('| a\\|b | 1 | 2 | +1 |')
  })
})
