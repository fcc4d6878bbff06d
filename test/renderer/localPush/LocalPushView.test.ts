import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { failure, type Batch, type Row } from '../../../core/contract/index.ts'
import { actionsFor, useActions } from '../../../renderer/state/actions.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useRealClients } from '../../../renderer/state/realClients.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useContextMenu } from '../../../renderer/ui/contextMenu.ts'
import LocalPushView from '../../../renderer/views/localPush/LocalPushView.vue'
import InspectDevice from '../../../renderer/views/shell/InspectDevice.vue'
import StatusBar from '../../../renderer/views/shell/StatusBar.vue'
import Transport from '../../../renderer/views/shell/Transport.vue'
import WireBadge from '../../../renderer/views/shell/WireBadge.vue'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { localDevices, localPush, localRows, PINNED, sessions, splitMesh, wholeMesh, wireState } from '../fixtures/localPush.ts'
import { clock, deviceRow, NOW, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let opened: VueWrapper | null = null
const begin = async (rows: Row[] = localRows(), over: Partial<Batch> = {}): Promise<void> => {
  const plain = snapshot()
  port = fakePort(null)
  await useLab().connect(port)
  useLab().apply(snapshot({ upsert: [...plain.upsert, ...rows], ...over }))
}
beforeEach(() => {
  setActivePinia(createPinia())
  // happy-dom lays nothing out: the view and its table get a size here.
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1_044)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(660)
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(1_044)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(300)
})
afterEach(() => {
  vi.restoreAllMocks()
  opened?.unmount()
  opened = null
  useContextMenu().close()
  useLab().disconnect()
  document.body.innerHTML = ''
})
const show = async (component: Parameters<typeof h>[0] = LocalPushView, props: Record<string, unknown> = {}): Promise<VueWrapper> => {
  const Host = defineComponent({ render: () => h(TooltipProvider, () => h(component as never, props)) })
  opened = mount(Host, { attachTo: document.body })
  await flushPromises()
  return opened
}
const sent = (name: string) => port.calls.filter((call) => call.name === name).map((call) => call.args)
const button = (name: string | RegExp) => {
  const found = opened!.findAll('button').find((one) => {
    const text = one.attributes('aria-label') ?? one.text()
    return typeof name === 'string' ? text === name : name.test(text)
  })
  if (!found) throw new Error(`no button ${String(name)}`)
  return found
}
const line = (id: string) => opened!.find(`[data-session="${id}"]`)
const tick = (ms: number): void =>
  useLab().apply({ ...snapshot({ upsert: [], events: [], marks: [] }), reset: false, clock: clock({ now: NOW + ms }) })

describe('sessions', () => {
  it('[LPNS-16] shows the countdown of each session, on the virtual clock', async () => {
    await begin()
    await show()
    expect(line('ana-iphone').text()).toContain('next in 61 s')
    expect(line('chen-iphone').text()).toContain('ends in 19 s')
    tick(60_000)
    await nextTick()
    expect(line('ana-iphone').text()).toContain('next in 1 s')
    tick(61_001)
    await nextTick()
    expect(line('ana-iphone').text()).toContain('ends in 30 s')
  })

  it('[LPNS-19] names the stale holder and what only the client believes', async () => {
    await begin()
    await show()
    expect(line('dee-iphone').classes()).toContain('differs')
    expect(line('dee-iphone').find('.stale').text()).toBe('stale ucm-sub1')
    expect(line('ida-iphone').text()).toContain('nobody')
    expect(line('ana-iphone').classes()).not.toContain('differs')
  })

  it('[LPNS-05] marks a real client with its address', async () => {
    await begin()
    await show()
    expect(line('lab-client').find('.real').text()).toBe('real')
    expect(line('lab-client').text()).toContain('127.0.0.1:51022')
  })

  it('filters by the tiles, by node and by disagreement', async () => {
    await begin()
    const view = await show()
    const shown = () => view.findAll('[data-session]').map((one) => one.attributes('data-session'))
    await button(/^1\s*off/).trigger('click')
    expect(shown()).toEqual(['gus-iphone'])
    await button(/^1\s*off/).trigger('click')
    await button(/^ucm-sub2\s*2$/).trigger('click')
    expect(shown()).toEqual(['dee-iphone', 'eli-iphone'])
    await button('Clear').trigger('click')
    await button(/^disagree/).trigger('click')
    expect(shown()).toEqual(['dee-iphone', 'ida-iphone'])
  })

  it('is worked by keys: arrows move, Enter selects the phone, the menu key offers what can be done to it', async () => {
    await begin()
    const view = await show()
    const grid = view.find('[role=grid]')
    await grid.trigger('keydown', { key: 'End' })
    await grid.trigger('keydown', { key: 'ArrowUp' })
    await grid.trigger('keydown', { key: 'Enter' })
    expect(useSelection().current).toEqual({ kind: 'device', id: 'ida-iphone' })
    expect(grid.attributes('aria-activedescendant')).toMatch(/ida-iphone$/)
    await grid.trigger('keydown', { key: 'F10', shiftKey: true })
    expect(useContextMenu().shown.value?.actions.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'device.network.roam',
        'device.network.leave',
        'device.expireAccessToken',
        'device.reboot',
        'device.config',
        'device.delete',
      ]),
    )
  })

  it('sorts by a column and turns the order round', async () => {
    await begin()
    const view = await show()
    const first = () => view.find('[data-session]').attributes('data-session')
    await button('Gap').trigger('click')
    expect(first()).toBe('ida-iphone')
    expect(view.findAll('[role=columnheader]').map((head) => head.attributes('aria-sort'))).toContain('descending')
    await button('Gap').trigger('click')
    expect(view.findAll('[data-session]').at(-1)?.attributes('data-session')).toBe('ida-iphone')
  })

  it('draws only what is in sight of 15,000', async () => {
    const many = Array.from({ length: 15_000 }, (_, n) => ({ ...sessions[0]!, id: `d${n}`, label: `Phone ${String(n).padStart(5, '0')}` }))
    await begin([...wholeMesh(), ...many])
    const view = await show()
    expect(view.find('[role=grid]').attributes('aria-rowcount')).toBe('15001')
    expect(view.findAll('[data-session]').length).toBeLessThan(60)
    expect(view.findAll('[data-session]').length).toBeGreaterThan(5)
  })

  it('shows one part at a time where there is no room for all', async () => {
    vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(380)
    await begin()
    const view = await show()
    expect([view.find('.sessions').exists(), view.find('.mesh').exists(), view.find('.clients').exists()]).toEqual([true, false, false])
    useRealClients().goTo()
    await nextTick()
    expect([view.find('[role=grid]').exists(), view.find('.mesh').exists(), view.find('.clients').exists()]).toEqual([false, false, true])
  })

  it('[LPNS-08] with no session says which link of the chain is missing, and offers what mends it', async () => {
    const lacks = { state: 'off' as const, node: null, ssids: [], why: 'LPNS-08' }
    await begin([
      deviceRow({ id: 'ana-iphone', localPush: localPush({ ...lacks, text: 'UC Service Ward-WiFi has no LocalPushSSIDList' }) }),
      deviceRow({ id: 'bo-iphone', owner: 'bo', localPush: localPush({ ...lacks, text: 'End User bo has no UC Service Profile' }) }),
      deviceRow({
        id: 'cy-pixel',
        os: 'android',
        localPush: localPush({ ...lacks, text: 'local push is for iPhone and iPad only', why: 'LPNS-01' }),
      }),
    ])
    const view = await show()
    expect(view.find('.stuck').text()).toContain('Ward-WiFi has no LocalPushSSIDList')
    expect(view.find('.stuck').text()).not.toContain('iPhone and iPad only')
    await button('Set LocalPushSSIDList…').trigger('click')
    const form = useActions().form!
    expect(form.action.command).toBe('ucService.set')
    expect(form.fields.map(({ name, default: value }) => [name, value])).toContainEqual(['service', 'Ward-WiFi'])
    await button('Set its UC Service Profile…').trigger('click')
    expect(useActions().form!.action).toMatchObject({ command: 'user.set', args: { user: 'bo' } })
  })
})

describe('the mesh', () => {
  it('[LPNS-19] shows the parts of a split mesh, and heals it', async () => {
    await begin()
    const view = await show()
    expect(view.find('.mesh header').text()).toContain('split in 2 parts for 15 s')
    expect(view.findAll('.island').map((island) => island.findAll('button').map((one) => one.text()))).toEqual([
      ['ucm-pub 0', 'ucm-sub1 4'],
      ['ucm-sub2 2'],
    ])
    await button('Heal').trigger('click')
    await flushPromises()
    expect(sent('mesh.heal')).toEqual([{}])
  })

  it('[DEC-12] shows how many clients wait for their handshake after a failover', async () => {
    const nodes = wholeMesh()
    nodes[0]!.mesh!.handshakesWaiting = 1_234
    await begin(localRows(nodes))
    const view = await show()
    expect(view.findAll('.wave').map((one) => one.text())).toEqual(['▲ +1,234 waiting'])
    expect(view.find('.wave').attributes('title')).toContain('1,234 clients')
  })

  it('[LPNS-19] cannot heal what is whole, and asks which nodes to split off', async () => {
    await begin(localRows(wholeMesh()))
    await show()
    await button(/^Heal/).trigger('click')
    expect(sent('mesh.heal')).toEqual([])
    await button('Split…').trigger('click')
    expect(useActions().form?.action.command).toBe('mesh.split')
    expect(useActions().form?.fields[0]?.default).toEqual(['ucm-sub2'])
  })

  it('[LPNS-20] offers to kill the service of a node from its menu', async () => {
    await begin()
    await show()
    await button('Actions on ucm-sub1').trigger('click')
    const kill = useContextMenu().shown.value!.actions.find((one) => one.command === 'service.kill')!
    expect(kill.args).toEqual({ node: 'ucm-sub1', service: 'Cisco Local Push Notification Service' })
    expect(kill.destructive).toBe(true)
  })

  it('[LPNS-25] says what iOS thinks of the certificate of each node', async () => {
    await begin()
    const view = await show()
    const rows = view.findAll('tr.certificate').map((row) => row.text())
    expect(rows[0]).toContain('good with the private root')
    expect(rows[2]).toContain('refused by iOS')
    expect(rows[2]).toContain('self-signed')
  })
})

describe('real clients', () => {
  it('[LPNS-05] is off, offers this machine first, and opens there', async () => {
    await begin()
    const view = await show()
    expect(view.find('.clients header').text()).toContain('off: nothing leaves this machine')
    expect((view.find('.clients select').element as HTMLSelectElement).value).toBe('127.0.0.1')
    await button('Open').trigger('click')
    await flushPromises()
    expect(sent('wire.open')).toEqual([{ address: '127.0.0.1', port: 9_560 }])
  })

  it('[LPNS-05] warns before others can reach it, and wants to be told', async () => {
    await begin()
    const view = await show()
    await view.find('.clients select').setValue('192.168.40.17')
    expect(view.find('.warning').text()).toContain('Everybody on that network')
    await button(/^Open/).trigger('click')
    expect(sent('wire.open')).toEqual([])
    await view.find('.warning input').setValue(true)
    await view.find('.port').setValue('0')
    await button('Open').trigger('click')
    expect(sent('wire.open')).toEqual([{ address: '192.168.40.17', port: 0 }])
  })

  it('says in the panel why it was not opened', async () => {
    await begin()
    await show()
    port.answer('wire.open', failure('io', 'port 9560 of 127.0.0.1 is taken', [{ path: 'port', message: 'is taken', fix: 'give 0' }]))
    await button('Open').trigger('click')
    await flushPromises()
    expect(opened!.find('.clients [role=alert]').text()).toMatch(/port 9560 of 127\.0\.0\.1 is taken.*give 0/s)
  })

  it('[LPNS-25] open, it shows where it listens, its certificate, and a token once', async () => {
    await begin(localRows(), { wire: wireState() })
    const view = await show()
    const text = () => view.find('.clients').text()
    expect(text()).toContain('wss://127.0.0.1:9561/lpns')
    expect(text()).toContain('2 refused')
    expect(text()).toContain('CN=Push Lab CA')
    expect(text()).toContain('2026-11-22 to 2027-11-21, 364 days')
    await view.find('.minutes').setValue('0')
    await button(/^Make a token/).trigger('click')
    expect(sent('wire.token')).toEqual([])
    await view.find('.minutes').setValue('1440')
    await button('Make a token').trigger('click')
    await flushPromises()
    expect(sent('wire.token')).toEqual([{ device: 'ana-iphone', minutes: 1_440 }])
    expect(text()).toContain('Shown once')
    expect(text()).toContain('eyJhbGciOiJFUzI1NiJ9.test.token')
    expect(text()).toContain('wscat')
    view.unmount()
    opened = null
    await show()
    expect(opened!.find('.clients').text()).not.toContain('test.token')
  })

  it('[LPNS-25] takes a certificate of one’s own and shows what was wrong with it', async () => {
    await begin(localRows(), { wire: wireState() })
    await show()
    await button('Use a certificate of your own…').trigger('click')
    await flushPromises()
    const field = (id: string) => document.querySelector<HTMLTextAreaElement>(`#pem-${id}`)!
    for (const id of ['certificate', 'privateKey']) {
      field(id).value = `-----BEGIN ${id}-----`
      field(id).dispatchEvent(new Event('input'))
    }
    await nextTick()
    port.answer(
      'wire.importCertificate',
      failure('refused', 'the key does not belong to the certificate', [{ path: 'privateKey', message: 'is of another pair' }]),
    )
    ;[...document.querySelectorAll('button')].find((one) => one.textContent?.trim() === 'Use it')!.click()
    await flushPromises()
    expect(sent('wire.importCertificate')).toEqual([
      { certificate: '-----BEGIN certificate-----', privateKey: '-----BEGIN privateKey-----' },
    ])
    expect(document.querySelector('[role=dialog]')?.textContent).toMatch(/is of another pair.*the key does not belong/s)
    expect(field('privateKey').getAttribute('aria-invalid')).toBe('true')
  })

  it('[LPNS-25] says why a certificate of one’s own is not shown any more, and lets it be forgotten', async () => {
    const { certificate } = wireState()
    await begin(localRows(), { wire: wireState() })
    await show()
    expect(opened!.find('.set-aside').exists()).toBe(false)
    expect(button(/^Back to the lab's own/).attributes('aria-disabled')).toBe('true')
    opened!.unmount()
    await begin(localRows(), { wire: wireState({ certificate: { ...certificate, setAside: 'the certificate expired on 2026-11-01' } }) })
    await show()
    expect(opened!.find('.set-aside').text()).toBe('Your own is not shown: the certificate expired on 2026-11-01')
    await button(/^Back to the lab's own/).trigger('click')
    expect(sent('wire.labCertificate')).toEqual([{}])
  })

  it('closes', async () => {
    await begin(localRows(), { wire: wireState() })
    await show()
    await button('Close').trigger('click')
    expect(sent('wire.close')).toEqual([{}])
  })
})

describe('while real clients are attached', () => {
  it('[LPNS-05] the top bar says where, in the colour of a warning when others can reach it, and leads to the panel', async () => {
    await begin(localRows(), {
      wire: wireState({
        address: '192.168.40.17',
        exposed: true,
        nodes: [{ node: 'ucm-pub', url: 'wss://192.168.40.17:9560', listening: true, sessions: 0 }],
      }),
    })
    const badge = await show(WireBadge)
    expect(badge.find('.wire').text()).toContain('Wire: 192.168.40.17:9560')
    expect(badge.find('.wire').classes()).toContain('exposed')
    await badge.find('button').trigger('click')
    expect(useSelection().view).toBe('localPush')
    expect(useRealClients().section).toBe('clients')
  })

  it('[LPNS-05] the status bar tells it at all times; loopback is no warning', async () => {
    await begin(localRows(), { wire: wireState() })
    const bar = await show(StatusBar)
    expect(bar.find('.wire').text()).toContain('127.0.0.1 port 9560, 9561, 1 session')
    expect(bar.find('.wire').classes()).not.toContain('exposed')
  })

  it('time cannot be moved, and each control says why', async () => {
    await begin(localRows(), { wire: wireState(), pinned: PINNED })
    await show(Transport)
    for (const name of ['Pause', 'Step', '10×', 'Express', 'Until…', 'Start over']) {
      expect(button(name).attributes('aria-disabled'), name).toBe('true')
      await button(name).trigger('click')
    }
    expect(port.calls.filter((call) => call.name.startsWith('time.'))).toEqual([])
    expect(button('Run').attributes('aria-disabled')).toBeUndefined()
    const fork = actionsFor({ kind: 'flow', id: '18' }).find((one) => one.command === 'time.fork')
    expect(fork?.disabled).toBe('Real clients are attached: the lab follows the wall clock; close the real sockets first.')
    useLab().apply({ ...snapshot({ upsert: [], events: [], marks: [] }), reset: false, wire: null })
    await nextTick()
    expect(button('Step').attributes('aria-disabled')).toBeUndefined()
    expect(actionsFor({ kind: 'flow', id: '18' }).find((one) => one.command === 'time.fork')?.disabled).toBe(false)
  })
})

describe('a phone and its local push', () => {
  it('[LPNS-09] the inspector tells state, file, route and root, and where the two ends differ', async () => {
    await begin(localRows(splitMesh()))
    const dee = localDevices.find(({ id }) => id === 'dee-iphone')!
    const view = await show(InspectDevice, {
      device: { ...dee, trustsPrivateCa: false, network: { ...dee.network, wifiIsMainRoute: false } },
    })
    expect(view.text()).toContain('Ward; Theatre')
    expect(view.text()).toContain('not the main route')
    expect(view.text()).toContain('not in its trust store')
    expect(view.text()).toContain('ucm-sub1 still holds a session that the client has left')
    await button('Show jabber-config.xml').trigger('click')
    await flushPromises()
    expect(useActions().answer).toMatchObject({ title: 'jabber-config.xml', about: expect.stringContaining('Ward; Theatre') })
  })
})
