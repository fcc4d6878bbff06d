import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { failure, ok } from '../../../core/contract/index.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useTerminal } from '../../../renderer/state/terminal.ts'
import AgentPage from '../../../renderer/views/agent/AgentPage.vue'
import { agentView, CLUSTER_ID, SUPPORT_TOKEN } from '../fixtures/admin.ts'
import type { FakePort } from '../fixtures/fakePort.ts'
import { events } from '../fixtures/rows.ts'
import { oneView } from '../fixtures/oneView.ts'

const shown = oneView(AgentPage)
const { button, press, asked } = shown
let port: FakePort
let view: VueWrapper
const open = async (over = {}): Promise<void> => {
  ;({ port, view } = await shown.open({
    'agent.show': ok(agentView(over)),
    'cli.run': (args) => ok({ ...(args as { node: string; line: string }), output: 'done', failed: false }),
  }))
}

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
    await view.find('input[inputmode=numeric]').setValue('5')
    await press('Set')
    await view.find('select').setValue('Warning')
    await flushPromises()
    await press('Push now')
    expect(asked('cli.run')).toEqual([
      { node: 'ucm-pub', line: 'utils managementAgent alarms pushfrequency 5' },
      { node: 'ucm-pub', line: 'utils managementAgent alarms minpushlevel Warning' },
      { node: 'ucm-pub', line: 'utils managementAgent alarms pushnow' },
    ])
    expect(view.find('.said').text()).toContain('done')
    port.answer('cli.run', failure('refused', 'Executed command unsuccessfully'))
    await press('Push now')
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
    await press('Told the ID')
    expect(asked('support.alarms')).toEqual([{ clusterId: CLUSTER_ID }])
    expect(view.text()).toContain('personal data is sealed')
    expect(view.find('.pii').text()).toContain('sealed')
    expect(view.find('.pii').text()).not.toContain('ucm-sub1')
    await press('Told both')
    expect(asked('support.alarms').at(-1)).toEqual({ clusterId: CLUSTER_ID, token: SUPPORT_TOKEN })
    expect(view.find('.pii').text()).toBe('NodeID=ucm-sub1')
  })

  it('[TRB-03] another ID finds nothing, and none asks for one', async () => {
    await open()
    expect(button('Look').attributes('aria-disabled')).toBe('true')
    await view.findAll('.ask input')[0]!.setValue('another')
    await press('Look')
    expect(view.text()).toContain('nothing is filed under this Customer Cluster ID')
  })

  it('[TRB-12] searches the logs of the cloud for a tracking ID, and leads to the hop', async () => {
    await open()
    port.answer('support.tracking', ok({ hops: [{ ...events[0]!, seq: 4 }], text: '' }))
    await view.find('.track input').setValue('CUCM_1')
    await press('Search')
    expect(asked('support.tracking')).toEqual([{ id: 'CUCM_1' }])
    await view.find('.hop').trigger('click')
    await flushPromises()
    expect(useSelection().current).toEqual({ kind: 'event', id: '4' })
    port.answer('support.tracking', failure('not-found', 'the cloud has nothing with this ID'))
    await press('Search')
    expect(view.text()).toContain('the cloud has nothing with this ID')
    expect(view.find('.hop').exists()).toBe(false)
  })
})
