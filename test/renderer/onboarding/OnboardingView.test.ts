import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { failure, ok } from '../../../core/contract/index.ts'
import { useAlarms } from '../../../renderer/state/alarms.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import OnboardingView from '../../../renderer/views/onboarding/OnboardingView.vue'
import type { FakePort } from '../fixtures/fakePort.ts'
import { logins, onboardingView } from '../fixtures/onboarding.ts'
import { oneView } from '../fixtures/oneView.ts'

const shown = oneView(OnboardingView)
const { button, press, asked } = shown
let port: FakePort
let view: VueWrapper
const open = async (over = {}): Promise<void> => {
  ;({ port, view } = await shown.open({ 'onboarding.show': ok(onboardingView(over)), 'oauth.show': ok(logins()) }))
}

describe('onboarding', () => {
  it('[ONB-01] lists the tasks with what is open and what follows from it, and leads to what does them', async () => {
    await open()
    const tasks = view.findAll('.task').map((task) => task.text())
    expect(tasks[0]).toContain('does not apply')
    expect(tasks[1]).toContain('open')
    expect(tasks[1]).toContain('Pushes do not leave.')
    await press('Check cloud services reachability')
    expect(asked('check.reachability')).toEqual([{}])
    await button('Management agent').trigger('click')
    expect(useSelection().view).toBe('alarms')
    expect(useAlarms().section).toBe('agent')
    // A task that does not apply offers nothing.
    expect(view.findAll('.task')[0]!.find('button').exists()).toBe(false)
  })

  it('[ONB-11][ONB-14] ticks boxes, saves, and shows the status word for word', async () => {
    await open()
    expect(view.find('.sheet').text()).toContain('Status: Cisco Cloud Onboarding Pending')
    const [push, manage] = view.findAll<HTMLInputElement>('.sheet input')
    expect(push!.element.checked).toBe(true)
    expect(view.find('.sheet').text()).toContain('not saved yet')
    await manage!.trigger('change')
    await flushPromises()
    await press('Save')
    await press('Generate Voucher')
    expect(asked('onboarding.tick')).toEqual([{ manageCertificates: true }])
    expect(asked('onboarding.save')).toEqual([{}])
    expect(asked('onboarding.voucher')).toEqual([{}])
  })

  it('[ONB-06] offers nothing before the page is open, and says that it loads', async () => {
    await open({ page: 'closed' })
    expect(button('Save').attributes('aria-disabled')).toBe('true')
    expect(view.find<HTMLInputElement>('.sheet input').element.disabled).toBe(true)
    await press('Open the page')
    expect(asked('onboarding.open')).toEqual([{}])
    view.unmount()
    await open({ page: 'checking' })
    expect(view.text()).toContain('the page loads')
  })

  it('[ONB-15] names the restarts that are due with what holds until then, and does them', async () => {
    await open()
    expect(view.text()).toContain('no push leaves this node')
    await press('Restart')
    expect(asked('service.restart')).toEqual([{ node: 'ucm-sub1', service: 'Cisco Push Notification Service' }])
    port.answer('onboarding.show', ok(onboardingView({ restarts: [] })))
    port.answer('service.restart', failure('refused', 'the node is down'))
    await press('Restart')
    expect(view.find('[role=alert]').text()).toContain('the node is down')
    expect(view.text()).toContain('None. What was saved is in force everywhere.')
  })

  it('[ONB-03][ONB-04] offers the licence step of its release, and none when it is done', async () => {
    await open()
    await press('Register with Smart Licensing')
    expect(asked('license.register')).toEqual([{}])
    view.unmount()
    const licensing = { ...onboardingView().licensing, kind: 'Prime License Manager' as const }
    await open({ licensing })
    await press('Synchronize Licenses')
    expect(asked('license.synchronize')).toEqual([{}])
    view.unmount()
    await open({ licensing: { ...licensing, synchronised: true } })
    expect(view.findAll('button').some((one) => /^(Register|Synchronize)/.test(one.text()))).toBe(false)
  })

  it('[ONB-17] explains a text that misleads', async () => {
    await open()
    expect(view.find('.message').text()).toContain('The Cisco XCP router needs to be restarted.')
    expect(view.find('.message').text()).toContain('stays although all nodes are done')
  })

  it('[ONB-02] shows the prerequisites, what fails first, with its repair', async () => {
    await open()
    await press('Prerequisites (1 fail)')
    const rows = view.findAll('tbody tr').map((row) => row.text())
    expect(rows[0]).toContain('Port 443')
    expect(rows[0]).toContain('Open it.')
    expect(rows[1]).toContain('Pass')
    // They are one part of what can be wrong: the way to all of it.
    await button('Findings').trigger('click')
    expect(useSelection().view).toBe('alarms')
    expect(useAlarms().section).toBe('findings')
  })

  it('[ONB-10] shows the roots of each node and uploads what is missing, on one or on all', async () => {
    await open()
    await press('Trust stores (1 node)')
    expect(view.find('tbody tr').text()).toContain('a root is missing')
    await view.find('[aria-label="Upload IdenTrust Commercial Root CA 1 to ucm-pub"]').trigger('click')
    await flushPromises()
    await press('Upload IdenTrust Commercial Root CA 1 everywhere')
    expect(asked('trust.upload')).toEqual([
      { root: 'IdenTrust Commercial Root CA 1', nodes: ['ucm-pub'] },
      { root: 'IdenTrust Commercial Root CA 1' },
    ])
  })

  it('[TRB-03][TRB-05] shows the Customer Cluster ID and the Cisco Support Token once there are such', async () => {
    await open()
    expect(view.find('.sheet').text()).not.toMatch(/Cluster ID|Support Token/)
    view.unmount()
    await open({ customerClusterId: 'CCI-1', supportToken: 'token-1' })
    expect(view.find('.sheet').text()).toMatch(/Customer Cluster ID\s*CCI-1/)
    expect(view.find('.sheet').text()).toMatch(/Cisco Support Token\s*token-1/)
  })

  it('[PROXY-01] says whether the page has a proxy, and leads to its settings', async () => {
    await open({ proxy: { enabled: true, address: 'proxy.lab.example:3128' } })
    expect(view.find('.sheet').text()).toContain('Enable HTTP(S) Proxy: proxy.lab.example:3128')
    await button('Proxy settings').trigger('click')
    expect(useSelection().view).toBe('clouds')
    view.unmount()
    await open({ proxy: { enabled: false, address: ':3128' } })
    expect(view.find('.sheet').text()).toContain('Enable HTTP(S) Proxy: clear')
  })

  it('says what went wrong, and tries again', async () => {
    ;({ port, view } = await shown.open({ 'onboarding.show': failure('internal', 'the lab is away') }))
    expect(view.find('[role=alert]').text()).toContain('the lab is away')
    port.answer('onboarding.show', ok(onboardingView()))
    await press('Try again')
    expect(view.find('[role=alert]').exists()).toBe(false)
  })
})
