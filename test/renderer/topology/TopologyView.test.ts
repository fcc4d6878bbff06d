import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Batch, HopEvent } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useContextMenu } from '../../../renderer/ui/contextMenu.ts'
import TopologyView from '../../../renderer/views/topology/TopologyView.vue'
import { fakePort } from '../fixtures/fakePort.ts'
import { localRows, wholeMesh } from '../fixtures/localPush.ts'
import { allRows, clock, deviceRow, events, linkRow, nodeRow, NOW, snapshot } from '../fixtures/rows.ts'

let wrapper: ReturnType<typeof mount>

const start = async (over: Partial<Batch> = {}) => {
  setActivePinia(createPinia())
  const lab = useLab()
  await lab.connect(fakePort(null))
  lab.apply(snapshot(over))
  wrapper = mount(TopologyView, { attachTo: document.body })
  await nextTick()
  return lab
}
const more = (over: Partial<Batch>) => useLab().apply({ ...snapshot(), reset: false, upsert: [], events: [], marks: [], seq: 2, ...over })
const at = (key: string) => wrapper.find(`[data-key="${key}"]`)
const hop = (seq: number, over: Partial<HopEvent> = {}): HopEvent => ({ ...events[3]!, seq, at: NOW + seq, sentAt: NOW + seq - 1, ...over })

afterEach(() => {
  wrapper.unmount()
  useLab().disconnect()
  useContextMenu().close()
  vi.restoreAllMocks()
})

describe('topology', () => {
  beforeEach(async () => {
    await start()
  })

  it('shows every node with its state as a word and its services as lamps', () => {
    const sub = at('node:ucm-sub1')
    expect(sub.attributes('aria-label')).toBe('ucm-sub1, Unified CM subscriber, up, 4 services running, holds 1 INVITE')
    expect(sub.findAll('.service').map((s) => s.text())).toEqual(['runningCallManager', 'runningCPNS', 'runningLPNS', 'runningCMAS'])
    const pub = at('node:ucm-pub')
    expect(pub.attributes('aria-label')).toBe('ucm-pub, Unified CM publisher, crashed, no service running')
    expect(pub.classes()).toContain('gone')
    expect(pub.text()).toContain('crashed')
  })

  it('[LPNS-19] shows in the lamp of LPNS the sessions it holds, and between nodes that have lost each other', async () => {
    more({ upsert: localRows() })
    await nextTick()
    expect(
      at('node:ucm-sub1')
        .findAll('.service')
        .map((s) => s.text()),
    ).toContain('runningLPNS4')
    expect(
      at('node:ucm-pub')
        .findAll('.service')
        .map((s) => s.text()),
    ).toContain('runningLPNS')
    expect(at('link:ucm-pub~ucm-sub2').attributes('aria-label')).toMatch(/local push mesh lost since 03:02/)
    expect(at('link:ucm-pub~ucm-sub1').attributes('aria-label')).not.toContain('mesh')
    expect(wrapper.findAll('.mark').map((mark) => mark.text())).toContain('mesh lost')
    more({ upsert: wholeMesh(), seq: 3 })
    await nextTick()
    expect(wrapper.findAll('.mark').map((mark) => mark.text())).not.toContain('mesh lost')
  })

  it('shows a stopped and a failed service with shape and word', async () => {
    const services = nodeRow({ id: 'x' }).services.map((s, i) => ({
      ...s,
      state: (['running', 'stopped', 'failed', 'starting'] as const)[i]!,
    }))
    more({ upsert: [nodeRow({ id: 'ucm-sub1', services, health: 'degraded' })] })
    await nextTick()
    const lamps = at('node:ucm-sub1').findAll('.service .state-mark')
    expect(lamps.map((l) => [l.classes().find((c) => c !== 'state-mark'), l.text()])).toEqual([
      ['up', 'running'],
      ['idle', 'stopped'],
      ['down', 'failed'],
      ['degraded', 'starting'],
    ])
    expect(at('node:ucm-sub1').attributes('aria-label')).toContain('1 service running, CPNS stopped, LPNS failed, CMAS starting')
  })

  it('[CALL-03] shows what is left of the 13 s of a held INVITE, moving with the clock and ending at zero', async () => {
    const words = () => at('node:ucm-sub1').find('.words.held').text()
    const bar = () => at('node:ucm-sub1').find('.bar i').attributes('style')
    const go = async (now: number) => {
      more({ clock: clock({ now }) })
      await nextTick()
    }
    await go(194_301)
    expect(words()).toBe('INVITE held · 13.0 s left of 13')
    expect(bar()).toContain('scaleX(1)')
    await go(194_301 + 6_500)
    expect(words()).toBe('INVITE held · 6.5 s left of 13')
    expect(bar()).toContain('scaleX(0.5)')
    await go(194_301 + 20_000)
    expect(words()).toBe('INVITE held · 0.0 s left of 13')
  })

  it('marks a faulty link with a shape and the fault, and tells its latency', () => {
    const link = at('link:firewall~push-rest')
    expect(link.attributes('aria-label')).toBe(
      'Link Firewall / NAT to Push REST, degraded, latency 20 ms, fault: Delay 500 ms on firewall~push-rest',
    )
    const mark = wrapper.find('.mark')
    expect(mark.text()).toBe('Delay 500 ms')
    expect(mark.find('.state-mark').classes()).toContain('degraded')
    expect(at('link:push-rest~fcm').attributes('aria-label')).toBe('Link Push REST to FCM, up, latency 20 ms')
  })

  it('shows the link to the devices, and its fault', async () => {
    more({ upsert: [linkRow('devices', 'ucm-sub1', { health: 'down', latencyMs: 3 })] })
    await nextTick()
    expect(at('link:devices~ucm-sub1').attributes('aria-label')).toBe('Link devices to ucm-sub1, down, latency 3 ms')
    expect(wrapper.findAll('.mark').map((m) => m.text())).toContain('down')
  })

  it('has one stop in the tab order, moved by arrow keys to the neighbour in that direction', async () => {
    const stops = () => wrapper.findAll('[data-key][tabindex="0"]').map((e) => e.attributes('data-key'))
    expect(stops()).toHaveLength(1)
    const press = async (key: string) => {
      await wrapper.find(`[data-key="${stops()[0]}"]`).trigger('keydown', { key })
      await flushPromises()
      expect(stops()).toHaveLength(1)
      expect(document.activeElement?.getAttribute('data-key')).toBe(stops()[0])
      return stops()[0]
    }
    ;(at('node:apns').element as HTMLElement).focus()
    await nextTick()
    expect(stops()).toEqual(['node:apns'])
    expect(await press('ArrowRight')).toBe('link:push-rest~apns')
    expect(await press('ArrowRight')).toBe('node:push-rest')
    await press('ArrowDown')
    expect(await press('ArrowDown')).toBe('node:firewall')
    ;(at('node:ucm-pub').element as HTMLElement).focus()
    await nextTick()
    expect(await press('ArrowDown')).toBe('device:bo-pixel')
    expect(await press('ArrowLeft')).toBe('device:ana-iphone')
    expect(await press('ArrowRight')).toBe('device:bo-pixel')
    expect(await press('End')).toBe('device:okafor-desk')
    expect(await press('Home')).toBe('node:ucm-pub')
  })

  it('selects nodes, links and phones', async () => {
    const selection = useSelection()
    await at('node:ucm-sub1').trigger('click')
    expect(selection.current).toEqual({ kind: 'node', id: 'ucm-sub1' })
    expect(at('node:ucm-sub1').attributes('aria-pressed')).toBe('true')
    await at('link:firewall~push-rest').trigger('keydown', { key: 'Enter' })
    expect(selection.current).toEqual({ kind: 'link', id: 'firewall~push-rest' })
    await at('device:bo-pixel').trigger('click')
    expect(selection.current).toEqual({ kind: 'device', id: 'bo-pixel' })
  })

  it('offers actions by right click, Menu key and Shift F10', async () => {
    const { shown, close } = useContextMenu()
    for (const [key, act] of [
      ['node:ucm-sub1', { event: 'contextmenu' }],
      ['link:firewall~push-rest', { event: 'keydown', key: 'ContextMenu' }],
      ['device:ana-iphone', { event: 'keydown', key: 'F10', shiftKey: true }],
    ] as const) {
      close()
      const { event, ...init } = act
      await at(key).trigger(event, init)
      expect(shown.value?.actions.length, key).toBeGreaterThan(0)
    }
    expect(shown.value?.title).toBe('Ana · iPhone 14')
  })

  it('opens the ladder of a held call by double click and by L', async () => {
    const selection = useSelection()
    await at('node:ucm-sub1').trigger('dblclick')
    expect([selection.view, selection.flowNumber]).toEqual(['flow', 18])
    selection.view = 'topology'
    await at('device:chen-iphone').trigger('keydown', { key: 'l' })
    expect([selection.view, selection.flowNumber]).toEqual(['flow', 17])
    selection.view = 'topology'
    await at('node:fcm').trigger('dblclick')
    expect(selection.view).toBe('topology')
  })

  it('zooms with plus and minus and fits again with 0', async () => {
    const scale = () => Number(/scale\(([\d.]+)\)/.exec(wrapper.find('.stage g').attributes('transform') ?? '')?.[1])
    const before = scale()
    await at('node:apns').trigger('keydown', { key: '+' })
    expect(scale()).toBeCloseTo(before * 1.2)
    await at('node:apns').trigger('keydown', { key: '-' })
    await at('node:apns').trigger('keydown', { key: '-' })
    expect(scale()).toBeCloseTo(before / 1.2)
    await at('node:apns').trigger('keydown', { key: '0' })
    expect(scale()).toBe(before)
  })
})

describe('hops on the topology', () => {
  beforeEach(async () => {
    vi.useFakeTimers()
    await start()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const frames = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms)
    await nextTick()
  }

  it('shows nothing of what happened before the window came', async () => {
    await frames(100)
    expect(wrapper.findAll('.dot')).toHaveLength(0)
  })

  it('sends a dot along the link and lights it, and both go away', async () => {
    more({ events: [hop(100, { from: 'push-rest', to: 'apns', carrier: 'APNs', message: 'POST' })] })
    await frames(120)
    expect(wrapper.findAll('.dot')).toHaveLength(1)
    expect(wrapper.find('.overlay text').text()).toBe('POST')
    expect(wrapper.find('.link.lit [data-key]').attributes('data-key')).toBe('link:push-rest~apns')
    await frames(5_000)
    expect(wrapper.findAll('.dot')).toHaveLength(0)
    expect(wrapper.findAll('.link.lit')).toHaveLength(0)
  })

  it('lights the service when a hop stays inside a node', async () => {
    more({ events: [hop(100, { from: 'ucm-sub1/CallManager', to: 'ucm-sub1/CPNS', carrier: 'CPNS' })] })
    await frames(60)
    expect(
      at('node:ucm-sub1')
        .findAll('.service.lit')
        .map((s) => s.find('.short').text()),
    ).toEqual(['CallManager', 'CPNS'])
  })

  it('never has more than 40 dots at once', async () => {
    more({ events: Array.from({ length: 100 }, (_, i) => hop(100 + i, { from: 'push-rest', to: 'apns', at: NOW, sentAt: NOW })) })
    await frames(200)
    expect(wrapper.findAll('.dot')).toHaveLength(40)
  })

  it('only lights links in express', async () => {
    more({ clock: clock({ mode: 'express' }), events: [hop(100, { from: 'push-rest', to: 'apns' })] })
    await frames(60)
    expect(wrapper.findAll('.dot')).toHaveLength(0)
    expect(wrapper.findAll('.link.lit')).toHaveLength(1)
  })

  it('only lights links for people who asked for less motion', async () => {
    vi.spyOn(window, 'matchMedia').mockReturnValue({ matches: true } as MediaQueryList)
    more({ clock: clock({ mode: 'running' }), events: [hop(100, { from: 'push-rest', to: 'apns' })] })
    await frames(60)
    expect(wrapper.findAll('.dot')).toHaveLength(0)
    expect(wrapper.findAll('.link.lit')).toHaveLength(1)
  })

  it('does not replay history after a seek', async () => {
    useLab().apply(snapshot({ seq: 3, clock: clock({ jumps: 1 }), events: [...events, hop(500, { from: 'push-rest', to: 'apns' })] }))
    await frames(120)
    expect(wrapper.findAll('.dot')).toHaveLength(0)
  })

  it('says lost where a hop is lost', async () => {
    more({ events: [hop(100, { from: 'push-rest', to: 'apns', status: 'lost' })] })
    await frames(400)
    expect(wrapper.find('.overlay .cross').exists()).toBe(true)
    expect(wrapper.find('.overlay text').text()).toBe('lost')
  })
})

describe('topology of other labs', () => {
  it('shows the first phones and leads to the rest', async () => {
    const many = Array.from({ length: 40 }, (_, i) => deviceRow({ id: `d${i}` }))
    await start({ upsert: [...allRows().filter((r) => r.kind !== 'device'), ...many] })
    expect(wrapper.findAll('.phone-card')).toHaveLength(12)
    expect(wrapper.find('.more').text()).toContain('28 more devices')
    await wrapper.find('.more').trigger('click')
    expect(useSelection().view).toBe('devices')
  })

  it('brings the selected phone and one that rings into the row', async () => {
    const many = Array.from({ length: 40 }, (_, i) => deviceRow({ id: `d${i}`, state: i === 30 ? 'waking' : 'idle' }))
    await start({ upsert: [...allRows().filter((r) => r.kind !== 'device'), ...many] })
    useSelection().select('device', 'd20')
    await nextTick()
    const shown = wrapper.findAll('.caption').map((c) => c.attributes('data-key'))
    expect(shown).toHaveLength(12)
    expect(shown).toEqual(expect.arrayContaining(['device:d0', 'device:d20', 'device:d30']))
  })

  it('says what to do when there is no lab and when there is no device', async () => {
    await start({ upsert: [] })
    expect(wrapper.text()).toContain('No lab is open')
    wrapper.unmount()
    await start({ upsert: allRows().filter((r) => r.kind !== 'device') })
    expect(wrapper.text()).toContain('This lab has no devices. Add some')
  })
})
