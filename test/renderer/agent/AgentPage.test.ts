import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failure, ok } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useTerminal } from '../../../renderer/state/terminal.ts'
import AgentPage from '../../../renderer/views/agent/AgentPage.vue'
import { agentView, CLUSTER_ID, SUPPORT_TOKEN } from '../fixtures/admin.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { events, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper
const open = async (over = {}): Promise<void> => {
  port = fakePort(null)
  port.answer('agent.show', ok(agentView(over)))
  port.answer('cli.run', (args) => ok({ ...(args as { node: string; line: string }), output: 'done', failed: false }))
  await useLab().connect(port)
  useLab().apply(snapshot())
  view = mount(AgentPage, { attachTo: document.body })
  await flushPromises()
}
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  view.unmount()
  useLab().disconnect()
  document.body.innerHTML = ''
})
const button = (words: string) => view.findAll('button').find((one) => one.text().startsWith(words))!
const asked = (name: string) => port.calls.filter((call) => call.name === name).map(({ args }) => args)

describe('management agent', () => {
  it('[TRB-03][TRB-06] shows when it sends, what waits, what was sent, and the ID of the cluster', async () => {
    await open()
    expect(view.text()).toContain('sends to the Cisco cloud')
    expect(view.text()).toContain('30:00.000, in 26 min')
    expect(view.text()).toContain('2 alarms')
    expect(view.text()).toContain('1 alarm below the level')
    expect(view.text()).toContain(CLUSTER_ID)
    const uploads = view.findAll('tbody tr').map((row) => row.text())
    expect(uploads[0]).toContain('failed')
    expect(uploads[0]).toContain('503 Service Unavailable')
    expect(uploads[1]).toContain('sent')
  })

  it('[TRB-06][TRB-07][TRB-08] is set as on the CLI of the publisher, and shows what that says', async () => {
    await open()
    await view.find('input.short').setValue('5')
    await button('Set').trigger('click')
    await flushPromises()
    await view.find('select').setValue('Warning')
    await flushPromises()
    await button('Push now').trigger('click')
    await flushPromises()
    expect(asked('cli.run')).toEqual([
      { node: 'ucm-pub', line: 'utils managementAgent alarms pushfrequency 5' },
      { node: 'ucm-pub', line: 'utils managementAgent alarms minpushlevel Warning' },
      { node: 'ucm-pub', line: 'utils managementAgent alarms pushnow' },
    ])
    expect(view.find('.said').text()).toContain('done')
    port.answer('cli.run', failure('refused', 'Executed command unsuccessfully'))
    await button('Push now').trigger('click')
    await flushPromises()
    expect(view.find('.said.failed').text()).toContain('Executed command unsuccessfully')
  })

  it('[ONB-13] sets the two boxes, and keeps a refusal in sight', async () => {
    await open()
    await view.findAll('input[type=checkbox]')[1]!.trigger('change')
    await flushPromises()
    expect(asked('agent.options')).toEqual([{ encryptPii: false }])
    port.answer('agent.options', failure('refused', 'not now'))
    await view.findAll('input[type=checkbox]')[0]!.trigger('change')
    await flushPromises()
    expect(view.find('[role=alert]').text()).toContain('not now')
  })

  it.each([
    [{ send: false, nextAt: null }, 'nothing is sent'],
    [{ running: false }, 'its service does not run'],
    [{ nextAt: null }, 'not onboarded'],
  ])('says why nothing leaves: %j', async (over, words) => {
    await open(over)
    expect(view.text()).toContain(words)
  })

  it('has no ID before sending was ever on, and leads to its terminal', async () => {
    await open({ clusterId: null, supportToken: null, uploads: [] })
    expect(view.text()).toContain('TRB-03')
    expect(view.text()).toContain('Nothing was sent yet')
    expect(view.findAll('button').some((one) => one.text().startsWith('Told'))).toBe(false)
    await button('Open its terminal').trigger('click')
    expect(useSelection().view).toBe('terminal')
    expect(useTerminal().chosen).toBe('ucm-pub')
  })
})

describe('as support sees it', () => {
  it('[TRB-05] personal data is sealed without the support token, and readable with it', async () => {
    await open()
    await button('Told the ID').trigger('click')
    await flushPromises()
    expect(asked('support.alarms')).toEqual([{ clusterId: CLUSTER_ID }])
    expect(view.text()).toContain('personal data is sealed')
    expect(view.find('.pii').text()).toContain('sealed')
    expect(view.find('.pii').text()).not.toContain('ucm-sub1')
    await button('Told both').trigger('click')
    await flushPromises()
    expect(asked('support.alarms').at(-1)).toEqual({ clusterId: CLUSTER_ID, token: SUPPORT_TOKEN })
    expect(view.find('.pii').text()).toBe('NodeID=ucm-sub1')
  })

  it('[TRB-03] another ID finds nothing, and none asks for one', async () => {
    await open()
    expect(button('Look').attributes('aria-disabled')).toBe('true')
    await view.findAll('.ask input')[0]!.setValue('another')
    await button('Look').trigger('click')
    await flushPromises()
    expect(view.text()).toContain('nothing is filed under this Customer Cluster ID')
  })

  it('[TRB-12] searches the logs of the cloud for a tracking ID, and leads to the hop', async () => {
    await open()
    port.answer('support.tracking', ok({ hops: [{ ...events[0]!, seq: 4 }], text: '' }))
    await view.find('.track input').setValue('CUCM_1')
    await button('Search').trigger('click')
    await flushPromises()
    expect(asked('support.tracking')).toEqual([{ id: 'CUCM_1' }])
    await view.find('.hop').trigger('click')
    await flushPromises()
    expect(useSelection().current).toEqual({ kind: 'event', id: '4' })
    port.answer('support.tracking', failure('not-found', 'the cloud has nothing with this ID'))
    await button('Search').trigger('click')
    await flushPromises()
    expect(view.text()).toContain('the cloud has nothing with this ID')
    expect(view.find('.hop').exists()).toBe(false)
  })
})
