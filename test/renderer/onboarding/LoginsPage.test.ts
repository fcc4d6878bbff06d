import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { type OAuthView, ok } from '../../../core/contract/index.ts'
import { useOnboardingPart } from '../../../renderer/state/onboarding.ts'
import OnboardingView from '../../../renderer/views/onboarding/OnboardingView.vue'
import { logins, onboardingView } from '../fixtures/onboarding.ts'
import { oneView } from '../fixtures/oneView.ts'

const shown = oneView(OnboardingView)
const { press, asked } = shown
let view: VueWrapper
const open = async (over: Partial<OAuthView> = {}): Promise<void> => {
  useOnboardingPart().part = 'logins'
  ;({ view } = await shown.open({ 'onboarding.show': ok(onboardingView()), 'oauth.show': ok(logins(over)) }))
}
const text = (): string => view.find('.logins').text().replace(/\s+/g, ' ')

describe('refresh logins', () => {
  it('[OAUTH-01] shows the parameter as it stands, Disabled by default, and turns it over', async () => {
    await open()
    expect(text()).toContain('OAuth with Refresh Login Flow')
    expect(text()).toContain('Disabled (default)')
    await press('Enable')
    expect(asked('cluster.oauth')).toEqual([{ refreshLogins: true }])
    view.unmount()
    await open({ refreshLogins: true })
    expect(text()).toContain('Enabled')
    await press('Disable')
    expect(asked('cluster.oauth')).toEqual([{ refreshLogins: false }])
  })

  it.each([
    ['0', '60', false],
    ['1', '60', true],
    ['1440', '60', true],
    ['1441', '60', false],
    ['7.5', '60', false],
    ['60', '0', false],
    ['60', '1', true],
    ['60', '365', true],
    ['60', '366', false],
    ['', '60', false],
  ])('[OAUTH-03] takes %s minutes and %s days: %s', async (minutes, days, taken) => {
    await open()
    const [first, second] = view.findAll<HTMLInputElement>('.timers input')
    await first!.setValue(minutes)
    await second!.setValue(days)
    const save = view.findAll('.timers button')[0]!
    expect(save.attributes('aria-disabled') === 'true').toBe(!taken)
    await view.find('form').trigger('submit')
    await flushPromises()
    expect(asked('cluster.oauth')).toEqual(taken ? [{ accessTokenMinutes: Number(minutes), refreshTokenDays: Number(days) }] : [])
  })

  it('[OAUTH-04] names the clients that keep the old mode, counts the others, and resets all', async () => {
    const oldMode = Array.from({ length: 9 }, (_, i) => ({ device: `p${i}`, label: `Phone ${i}`, mode: 'old login' as const }))
    await open({ refreshLogins: true, oldMode, more: 3 })
    expect(text()).toContain('12 clients to reset')
    expect(text()).toContain('Phone 7 and 4 more')
    expect(view.text()).toContain('Logins (to do)')
    await press('Reset all')
    expect(asked('client.reset')).toEqual([{}])
  })

  it('[OAUTH-06] says whether Expressway matches, and turns its setting over', async () => {
    await open({ expressway: { refresh: true, matches: false } })
    expect(text()).toContain('On (default)')
    expect(text()).toContain('configuration mismatch: MRA logins fail')
    await press('Set Off')
    expect(asked('expressway.oauth')).toEqual([{ refresh: false }])
    view.unmount()
    await open({ expressway: { refresh: false, matches: true } })
    expect(text()).toContain('matches Unified CM')
    expect(view.text()).not.toContain('(to do)')
  })

  it('[OAUTH-07] Unity Connection has its own parameter, and the publisher as Authz server', async () => {
    await open({ unity: { release: '14', refreshLogin: false, authzServer: true } })
    const [parameter, server] = view.findAll<HTMLInputElement>('.check input')
    expect([parameter!.element.checked, server!.element.checked]).toEqual([false, true])
    await parameter!.trigger('change')
    await flushPromises()
    await server!.trigger('change')
    await flushPromises()
    expect(asked('unity.set')).toEqual([{ refreshLogin: true }, { authzServer: false }])
  })

  it('[OAUTH-02][OAUTH-05] shows who has to log in, and which component is too old', async () => {
    await open({
      refreshLogins: true,
      prompts: [{ device: 'p1', label: 'Ana', since: 0, text: 'the network has changed', why: 'OAUTH-02' }],
      components: [{ component: 'Jabber', release: '11.8.1', minimum: '11.9', supported: false }],
    })
    expect(text()).toContain('Ana the network has changed OAUTH-02')
    expect(view.find('tbody').text()).toMatch(/Jabber.*11\.8\.1.*too old/)
    await press('Log in')
    expect(asked('device.login')).toEqual([{ device: 'p1' }])
  })
})
