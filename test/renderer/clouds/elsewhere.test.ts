import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Component, nextTick } from 'vue'
import { useLab } from '../../../renderer/state/lab.ts'
import { actionsFor } from '../../../renderer/state/actions.ts'
import { linkActions } from '../../../renderer/state/placeActions.ts'
import { suggestionsFor } from '../../../renderer/state/suggest.ts'
import { rowKey } from '../../../renderer/ui/rowKeys.ts'
import FlowView from '../../../renderer/views/flow/FlowView.vue'
import InspectEvent from '../../../renderer/views/shell/InspectEvent.vue'
import InspectLink from '../../../renderer/views/shell/InspectLink.vue'
import TopologyView from '../../../renderer/views/topology/TopologyView.vue'
import { cloudsState, realLinks } from '../fixtures/clouds.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { allRows, linkRow, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper | null = null
beforeEach(async () => {
  setActivePinia(createPinia())
  port = fakePort(null)
  await useLab().connect(port)
})
afterEach(() => {
  view?.unmount()
  view = null
  useLab().disconnect()
  document.body.innerHTML = ''
})
const show = async (component: unknown, props: Record<string, unknown> = {}): Promise<VueWrapper> => {
  view = mount(component as Component, { attachTo: document.body, props })
  await flushPromises()
  return view
}

describe('real ways in the topology', () => {
  const link = (id: string) => view!.find(`[data-key="link:${id}"]`)

  it('a real link says so in words, is drawn as a pipe and labelled; a broken one keeps its fault', async () => {
    useLab().apply(snapshot({ clouds: cloudsState(), upsert: [...allRows(), ...realLinks()] }))
    await show(TopologyView)
    expect(link('push-rest~apns').attributes('aria-label')).toContain('over real sockets: APNs on 127.0.0.1 port 7443')
    const drawn = view!.findAll('g.link.real')
    expect(drawn).toHaveLength(2)
    expect(view!.findAll('.mark').map((one) => one.text())).toEqual(expect.arrayContaining([expect.stringMatching(/Delay 500 ms/), 'real']))
    expect(drawn.every((one) => one.find('.bore').exists())).toBe(true)
    expect(link('push-rest~fcm').attributes('aria-label')).not.toContain('real sockets')
  })

  it('a run that is given again has its real ways, too, and says that they are recorded', async () => {
    useLab().apply(snapshot({ upsert: [...allRows(), ...realLinks()] }))
    await show(TopologyView)
    expect(link('push-rest~apns').attributes('aria-label')).toContain('over real sockets: in the run that is given again here')
    useLab().apply({ ...snapshot({ upsert: [linkRow('push-rest', 'apns')], events: [], marks: [] }), reset: false })
    await nextTick()
    expect(link('push-rest~apns').attributes('aria-label')).not.toContain('real sockets')
  })

  it('the inspector of a link tells what carries it', async () => {
    useLab().apply(snapshot({ clouds: cloudsState() }))
    await show(InspectLink, { link: linkRow('push-rest', 'apns', { carrier: 'real' }) })
    expect(view!.text()).toContain('real sockets')
    view!.unmount()
    await show(InspectLink, { link: linkRow('push-rest', 'fcm') })
    expect(view!.text()).not.toContain('real sockets')
  })
})

describe('real hops on the ladder', () => {
  it('are pipes, say so to a screen reader, and the legend explains them', async () => {
    useLab().apply(snapshot({ clouds: cloudsState() }))
    await show(FlowView)
    await flushPromises()
    const real = view!.findAll('.hop.real')
    expect(real.map((one) => one.attributes('data-seq'))).toEqual(['6', '7'])
    expect(real[0]!.attributes('aria-label')).toMatch(/over a real socket$/)
    expect(real[0]!.find('.bore').exists()).toBe(true)
    expect(view!.find('.legend').text()).toContain('over a real socket')
  })

  it('in a run that never had sockets nothing is asked for and nothing is explained', async () => {
    useLab().apply(snapshot())
    await show(FlowView)
    await flushPromises()
    expect(port.calls.some(({ name }) => name === 'clouds.log')).toBe(false)
    expect(view!.find('.legend').exists()).toBe(false)
    expect(view!.findAll('.hop.real')).toHaveLength(0)
  })

  it('the inspector shows the exchange beside its hop, also after the sockets were closed', async () => {
    useLab().apply(snapshot({ clouds: cloudsState() }))
    useLab().apply({ ...snapshot({ upsert: [], events: [], marks: [] }), reset: false, clouds: null })
    await show(InspectEvent, { seq: 6 })
    await flushPromises()
    expect(view!.text()).toContain('On the wire')
    expect(view!.find('article').attributes('aria-label')).toBe('Exchange 3')
    view!.unmount()
    await show(InspectEvent, { seq: 8 })
    await flushPromises()
    expect(view!.text()).not.toContain('On the wire')
  })
})

describe('forms that know more', () => {
  it('[NET-01] a link to the proxy is blocked on the port of the proxy, any other on 443', () => {
    const block = (port: number) =>
      linkActions(linkRow('ucm-pub', 'x', { cloudPort: port }), [], String).find(({ id }) => id === 'fault.block.cloud')!
    expect(block(443)).toMatchObject({ label: 'Block port 443…' })
    expect(block(443).ask?.[0]?.default).toBe(443)
    expect(block(3_128)).toMatchObject({ label: 'Block port 3128…', about: expect.stringContaining('port of the proxy') })
    expect(block(3_128).ask?.[0]?.default).toBe(3_128)
    useLab().apply(snapshot())
    const labels = actionsFor({ kind: 'node', id: 'proxy' }).map(({ label }) => label)
    expect(labels).toContain('ucm-sub1: block port 3128…')
    expect(labels).toContain('Firewall / NAT: block port 443…')
    expect(labels).toContain('ucm-sub1: TLS inspection in between…')
  })

  it('[LPNS-07][LPNS-08] UC services and service profiles of the lab are offered', () => {
    useLab().apply(snapshot())
    const values = (command: string, name: string) => suggestionsFor(command, name)?.map(({ value }) => value)
    expect(values('ucService.set', 'service')).toEqual(['jabber-office'])
    expect(values('serviceProfile.set', 'profile')).toEqual(['mobile-users'])
    expect(values('serviceProfile.set', 'mobile')).toEqual(['jabber-office'])
    expect(values('user.set', 'serviceProfile')).toEqual(['mobile-users'])
    expect(values('service.stop', 'service')).toContain('Cisco CallManager')
  })
})

describe('keys of a list', () => {
  const press = (key: string, over: Partial<Parameters<typeof rowKey>[1]> & { mods?: KeyboardEventInit } = {}) => {
    let went: number | null = null
    let chose = 0
    const event = new KeyboardEvent('keydown', { key, cancelable: true, ...over.mods })
    const known = rowKey(event, {
      count: () => 10,
      at: () => 4,
      page: () => 3,
      moveTo: (to) => (went = to),
      choose: () => chose++,
      ...over,
    })
    return { known, went, chose, prevented: event.defaultPrevented }
  }

  it('move by one, by a page and to the rim, never beyond it', () => {
    expect(['ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'Home', 'End'].map((key) => press(key).went)).toEqual([5, 3, 7, 1, 0, 9])
    expect(press('ArrowDown', { at: () => 9 }).went).toBe(9)
    expect(press('ArrowUp', { at: () => 0 }).went).toBe(0)
    expect(press('ArrowDown', { count: () => 0, at: () => -1 }).went).toBeNull()
  })

  it('Enter and Space choose; what means nothing here is left to others', () => {
    expect(press('Enter')).toMatchObject({ chose: 1, prevented: true })
    expect(press(' ')).toMatchObject({ chose: 1, prevented: true })
    expect(press('x')).toMatchObject({ known: false, prevented: false })
    expect(press('ArrowDown', { mods: { altKey: true } })).toMatchObject({ known: false, went: null, prevented: false })
  })
})
