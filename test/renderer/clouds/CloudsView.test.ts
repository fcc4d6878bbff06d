import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { failure, type Batch } from '../../../core/contract/index.ts'
import { actionsFor } from '../../../renderer/state/actions.ts'
import { useClouds } from '../../../renderer/state/clouds.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import CloudsView from '../../../renderer/views/clouds/CloudsView.vue'
import { paletteItems } from '../../../renderer/views/shell/paletteItems.ts'
import StatusBar from '../../../renderer/views/shell/StatusBar.vue'
import WireBadge from '../../../renderer/views/shell/WireBadge.vue'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { CLOUDS_PINNED, cloudsState } from '../fixtures/clouds.ts'
import { wireState } from '../fixtures/localPush.ts'
import { snapshot } from '../fixtures/rows.ts'

let port: FakePort
let opened: VueWrapper | null = null
const begin = async (over: Partial<Batch> = {}): Promise<void> => {
  port = fakePort(null)
  await useLab().connect(port)
  useLab().apply(snapshot(over))
}
const show = async (component: Parameters<typeof h>[0] = CloudsView): Promise<VueWrapper> => {
  const Host = defineComponent({ render: () => h(TooltipProvider, () => h(component as never)) })
  opened = mount(Host, { attachTo: document.body })
  await flushPromises()
  return opened
}
beforeEach(() => {
  setActivePinia(createPinia())
})
afterEach(() => {
  vi.restoreAllMocks()
  opened?.unmount()
  opened = null
  useLab().disconnect()
  document.body.innerHTML = ''
})
const sent = (name: string) => port.calls.filter((call) => call.name === name).map((call) => call.args)
const button = (name: string | RegExp) => {
  const found = opened!.findAll('button').find((one) => {
    const text = one.attributes('aria-label') ?? one.text()
    return typeof name === 'string' ? text === name : name.test(text)
  })
  if (!found)
    throw new Error(
      `no button ${String(name)} in ${opened!
        .findAll('button')
        .map((one) => one.text())
        .join(' | ')}`,
    )
  return found
}
const field = (label: string, within = '') => {
  const found = opened!.findAll(`${within} label`).find((one) => one.text().startsWith(label))
  if (!found) throw new Error(`no field ${label}`)
  return found.find('input, select')
}

describe('real sockets that are closed', () => {
  it('says that nothing leaves the machine, what would open, and opens on loopback with free ports', async () => {
    await begin()
    const view = await show()
    expect(view.text()).toContain('off: nothing leaves this machine')
    expect(view.find('.what').text()).toContain('Push REST → APNs')
    await button('Open').trigger('click')
    expect(sent('clouds.open')).toEqual([{ address: '127.0.0.1', port: 0 }])
  })

  it('another address is opened only after its warning was read', async () => {
    await begin()
    const view = await show()
    await field('Address').setValue('192.168.40.17')
    expect(view.text()).toContain('Everybody on that network can then connect to 192.168.40.17.')
    await button(/^Open/).trigger('click')
    expect(sent('clouds.open')).toEqual([])
    await view.find('.sure input').setValue(true)
    await field('First port').setValue('7440')
    await button('Open').trigger('click')
    expect(sent('clouds.open')).toEqual([{ address: '192.168.40.17', port: 7_440 }])
  })

  it('a refusal stands in the panel with its remedy, and goes with the next try', async () => {
    await begin()
    const view = await show()
    port.answer('clouds.open', failure('io', 'port 7440 is taken', [{ path: 'port', message: 'in use', fix: 'choose 0' }]))
    await button('Open').trigger('click')
    await flushPromises()
    expect(view.find('[role=alert]').text()).toContain('The clouds were not opened: port 7440 is taken')
    expect(view.find('[role=alert]').text()).toContain('choose 0')
    port.answer('clouds.open', { ok: true, value: {} })
    await button('Open').trigger('click')
    await flushPromises()
    expect(view.find('[role=alert]').exists()).toBe(false)
  })

  it('a port that is none is refused by the lab, not by silence', async () => {
    await begin()
    await show()
    await field('First port').setValue('many')
    await button('Open').trigger('click')
    expect(sent('clouds.open')).toEqual([{ address: '127.0.0.1', port: -1 }])
    await flushPromises()
    expect(opened!.find('[role=alert]').text()).toContain('port')
  })
})

describe('real sockets that are open', () => {
  beforeEach(() => begin({ clouds: cloudsState(), pinned: CLOUDS_PINNED }))

  it('shows each server with its names, port, traffic and faults', async () => {
    const view = await show()
    expect(view.text()).toContain('listening on 127.0.0.1 only')
    const rest = view.find('[data-cloud=push-rest]')
    expect(rest.text()).toContain('push.webexconnect.com')
    expect(rest.findAll('td.num').map((one) => one.text())).toEqual(['7442', '2', '41', '▲ 3'])
    expect(rest.text()).toContain('answers 503, next 2')
    expect(view.find('[data-cloud=apns]').text()).toContain('api.push.apple.com api.sandbox.push.apple.com')
    expect(view.text()).toContain('DNS on UDP port 7445, 12 queries')
  })

  it('each way is a switch between virtual and real', async () => {
    const view = await show()
    const of = (cloud: string) => view.find(`[data-cloud=${cloud}] [role=switch]`)
    expect(of('apns').attributes('aria-checked')).toBe('true')
    expect(of('apns').attributes('aria-label')).toBe('Push REST → APNs: real')
    expect(of('apns').text()).toBe('real')
    expect(of('ci').attributes('aria-checked')).toBe('false')
    await of('ci').trigger('click')
    await of('apns').trigger('click')
    expect(sent('clouds.legs')).toEqual([{ real: ['ci', 'push-rest', 'apns'] }, { real: ['push-rest'] }])
  })

  it('breaks a socket with what the fault takes, so many times, and mends it', async () => {
    const view = await show()
    await field('Fault').setValue('answer')
    await field('Status').setValue('410')
    await field('Next … times').setValue('3')
    await button('Break it').trigger('click')
    await field('Fault').setValue('slow-body')
    await field('Over, s').setValue('2.5')
    await button('Break it').trigger('click')
    await field('Fault').setValue('certificate')
    await field('Certificate').setValue('expired')
    await button('Break it').trigger('click')
    expect(sent('clouds.fault')).toEqual([
      { cloud: 'push-rest', fault: { kind: 'answer', status: 410 }, times: 3 },
      { cloud: 'push-rest', fault: { kind: 'slow-body', ms: 2_500 }, times: 3 },
      { cloud: 'push-rest', fault: { kind: 'certificate', wrong: 'expired' }, times: 3 },
    ])
    expect(view.find('.broken').text()).toContain('Push REST: answers 503, 2 requests more')
    await button('Mend Push REST').trigger('click')
    expect(sent('clouds.mend')).toEqual([{ cloud: 'push-rest' }])
  })

  it('GOAWAY is offered for APNs only, and a count from 1 to 1,000', async () => {
    const view = await show()
    const kinds = () =>
      field('Fault')
        .findAll('option')
        .map((one) => one.attributes('value'))
    expect(kinds()).not.toContain('goaway')
    await field('Cloud').setValue('apns')
    expect(kinds()).toContain('goaway')
    await field('Fault').setValue('goaway')
    for (const times of ['0', '1001', 'x']) {
      await field('Next … times').setValue(times)
      expect(button(/^Break it/).attributes('aria-disabled'), times).toBe('true')
    }
    await field('Next … times').setValue('1000')
    await button('Break it').trigger('click')
    expect(sent('clouds.fault')).toEqual([{ cloud: 'apns', fault: { kind: 'goaway', reason: 'Shutdown' }, times: 1_000 }])
    // A fault that another cloud cannot have is not sent to it.
    await field('Cloud').setValue('fcm')
    await button(/^Break it/).trigger('click')
    expect(sent('clouds.fault')).toHaveLength(1)
    expect(view.find('[role=alert]').exists()).toBe(false)
  })

  it('gives a provider its files, its values quoted for a shell, and an example', async () => {
    const view = await show()
    const saved = vi.fn<(name: string) => void>()
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
      saved(this.download)
    })
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:kit')
    await button('Make the kit').trigger('click')
    await flushPromises()
    expect(sent('clouds.provider')).toEqual([{ cloud: 'apns', device: 'ana-iphone' }])
    const kit = view.find('.kit')
    expect(kit.text()).toContain("export PORT=7443\nexport KEY_ID=ABC123DEFG\nexport DEVICE=ana-iphone\nexport NAME='it'\\''s mine'")
    expect(kit.text()).toContain('apns https://api.push.apple.com')
    await button('AuthKey.p8').trigger('click')
    expect(saved).toHaveBeenCalledWith('AuthKey.p8')
  })

  it('offers phones of the platform, and refuses one that is not there', async () => {
    await show()
    const cloud = opened!.findAll('[aria-labelledby=provider-kit] select')[0]!
    const offered = () => opened!.findAll('[aria-labelledby=provider-kit] option').map((one) => one.attributes('value'))
    expect(offered()).toContain('ana-iphone')
    expect(offered()).not.toContain('bo-pixel')
    await cloud.setValue('fcm')
    expect(offered()).toContain('bo-pixel')
    await field('Pushes to').setValue('nobody')
    await button(/^Make the kit/).trigger('click')
    expect(sent('clouds.provider')).toEqual([])
    expect(button(/^Make the kit/).attributes('title')).toBe('There is no device nobody in this lab.')
  })

  it('a proxy password is written and never shown again, not even when it was refused', async () => {
    const view = await show()
    await field('Name', '[aria-labelledby=proxy-secrets]').setValue('proxy-login')
    const password = field('Password', '[aria-labelledby=proxy-secrets]')
    expect(password.attributes('type')).toBe('password')
    await password.setValue('hunter2')
    port.answer('clouds.secret', failure('refused', 'too many names'))
    await button('Keep').trigger('click')
    await flushPromises()
    expect(sent('clouds.secret')).toEqual([{ name: 'proxy-login', value: 'hunter2' }])
    expect((password.element as HTMLInputElement).value).toBe('')
    expect(view.html()).not.toContain('hunter2')
    expect(view.text()).toContain('kept: proxy-login')
  })

  it('exports the TLS keys, and says how to capture and read', async () => {
    const view = await show()
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:keys')
    expect(view.text()).toContain("tcpdump -i lo -w push-lab.pcap 'tcp port 7440 or tcp port 7441")
    await button('Export the TLS keys…').trigger('click')
    await flushPromises()
    expect(sent('clouds.keylog')).toEqual([{}])
  })

  it('closes', async () => {
    await show()
    await button('Close').trigger('click')
    expect(sent('clouds.close')).toEqual([{}])
  })
})

describe('what is open is in sight', () => {
  it('the status bar tells address, ports, DNS and what is real; loopback is no warning', async () => {
    await begin({ clouds: cloudsState() })
    const bar = await show(StatusBar)
    expect(bar.find('.clouds').text()).toContain('clouds: 127.0.0.1 ports 7440–7444, DNS 7445, real: Push REST, APNs')
    expect(bar.find('.clouds').classes()).not.toContain('exposed')
    expect(bar.text()).not.toContain('deterministic run')
  })

  it('local push and the clouds stand side by side, each with its address, and a warning when others reach it', async () => {
    await begin({ wire: wireState(), clouds: cloudsState({ address: '192.168.40.17', exposed: true }) })
    const bar = await show(StatusBar)
    expect(bar.findAll('.wire').map((one) => one.text())).toEqual([
      expect.stringContaining('real clients: 127.0.0.1'),
      expect.stringContaining('clouds: 192.168.40.17'),
    ])
    expect(bar.find('.clouds').classes()).toContain('exposed')
  })

  it('the badge of the top bar leads to the clouds when only they are open', async () => {
    await begin({ clouds: cloudsState() })
    const badge = await show(WireBadge)
    expect(badge.text()).toContain('Wire: clouds on 127.0.0.1')
    await badge.find('button').trigger('click')
    expect(useSelection().view).toBe('clouds')
    expect(useClouds().section).toBe('sockets')
  })

  it('what the lab would refuse meanwhile is refused here at once, in its words', async () => {
    await begin({ clouds: cloudsState(), pinned: CLOUDS_PINNED })
    const lab = useLab()
    expect(lab.pinned('time.step')).toBe('The clouds are open on real sockets: the lab follows the wall clock; close them first.')
    expect(lab.pinned('call.place')).toBe(false)
    const item = paletteItems().find(({ id }) => id === 'command.lab.open')
    expect(item?.disabled).toMatch(/^The clouds are open/)
    lab.apply({ ...snapshot({ upsert: [], events: [], marks: [] }), reset: false })
    expect(lab.pinned('time.step')).toBe(false)
  })
})

describe('commands of the clouds elsewhere', () => {
  it('the palette leads to their sections, and says what needs open clouds', async () => {
    await begin()
    const item = (name: string) => paletteItems().find(({ id }) => id === `command.${name}`)!
    expect(item('clouds.legs').disabled).toBe('The real clouds are closed: open them first.')
    expect(item('clouds.open').disabled).toBe(false)
    for (const [name, section] of [
      ['clouds.open', 'sockets'],
      ['clouds.log', 'log'],
      ['proxy.capacity', 'proxy'],
    ] as const) {
      useSelection().view = 'topology'
      item(name).run()
      expect([useSelection().view, useClouds().section]).toEqual(['clouds', section])
    }
  })

  it('a cloud in the topology offers its way and its repair; closed sockets are the reason why not', async () => {
    await begin()
    const of = (id: string) => actionsFor({ kind: 'node', id }).filter(({ group }) => group === 'Real sockets')
    expect(of('apns')).toMatchObject([{ id: 'clouds.legs', disabled: expect.stringMatching(/closed/) }])
    expect(of('ucm-sub1')).toEqual([])
    useLab().apply(snapshot({ clouds: cloudsState() }))
    expect(of('apns')).toMatchObject([{ label: 'Push REST → APNs: back to virtual', args: { real: ['push-rest'] }, disabled: false }])
    expect(of('push-rest').map(({ id }) => id)).toEqual(['clouds.legs', 'clouds.mend'])
  })
})
