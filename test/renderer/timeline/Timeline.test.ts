import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Batch } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import Timeline from '../../../renderer/views/timeline/Timeline.vue'
import { fakePort } from '../fixtures/fakePort.ts'
import { NOW, clock, snapshot } from '../fixtures/rows.ts'

const open = async (over: Partial<Batch> = {}) => {
  const port = fakePort(snapshot(over))
  await useLab().connect(port)
  const view = mount(Timeline, { attachTo: document.body })
  await settle()
  return { port, view, handle: view.find('[role=slider]') }
}
const settle = async (): Promise<void> => {
  await vi.advanceTimersByTimeAsync(400)
  await flushPromises()
}
const seeks = (port: ReturnType<typeof fakePort>): number[] =>
  port.calls.filter((call) => call.name === 'time.seek').map((call) => (call.args as { at: number }).at)

beforeEach(() => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
})
afterEach(() => {
  useLab().disconnect()
  document.body.innerHTML = ''
  vi.useRealTimers()
})

describe('timeline', () => {
  it('is a slider that says the moment in words', async () => {
    const { handle } = await open()
    expect(handle.attributes()).toMatchObject({ 'aria-valuemin': '0', 'aria-valuemax': String(NOW), 'aria-valuenow': String(NOW) })
    expect(handle.attributes('aria-valuetext')).toContain('03:17.412')
  })

  it('shows where arrow keys would go and seeks when the key is let go, once', async () => {
    const { port, view, handle } = await open()
    for (let i = 0; i < 3; i++) await handle.trigger('keydown', { key: 'ArrowLeft' })
    expect(seeks(port)).toEqual([])
    expect(view.find('.tip').text()).toBe('Go to 03:14.412')
    await handle.trigger('keyup', { key: 'ArrowLeft' })
    await settle()
    expect(seeks(port)).toEqual([NOW - 3_000])
    expect(view.find('.tip').exists()).toBe(false)
  })

  it('stays between zero and the far end, and Escape takes the move back', async () => {
    const { port, handle } = await open({ clock: clock({ end: NOW + 5_000 }) })
    await handle.trigger('keydown', { key: 'End' })
    expect(handle.attributes('aria-valuenow')).toBe(String(NOW + 5_000))
    await handle.trigger('keydown', { key: 'ArrowRight' })
    expect(handle.attributes('aria-valuenow')).toBe(String(NOW + 5_000))
    await handle.trigger('keydown', { key: 'Home' })
    await handle.trigger('keydown', { key: 'ArrowLeft' })
    expect(handle.attributes('aria-valuenow')).toBe('0')
    await handle.trigger('keydown', { key: 'Escape' })
    await handle.trigger('keyup', { key: 'Home' })
    expect(seeks(port)).toEqual([])
    expect(handle.attributes('aria-valuenow')).toBe(String(NOW))
  })

  it('jumps from mark to mark with [ and ]', async () => {
    const { handle } = await open()
    await handle.trigger('keydown', { key: '[' })
    expect(handle.attributes('aria-valuetext')).toContain('call Call Okafor → Ana')
    await handle.trigger('keydown', { key: '[' })
    expect(handle.attributes('aria-valuetext')).toContain('03:03.000, alarm PushNotificationServiceUnavailable')
    await handle.trigger('keydown', { key: ']' })
    expect(handle.attributes('aria-valuenow')).toBe('194301')
  })

  it('forks only when there is a recorded future, and says why not', async () => {
    const { port, view, handle } = await open()
    const button = view.find('.fork')
    expect(button.attributes('aria-disabled')).toBe('true')
    expect(button.attributes('title')).toContain('Seek back first')
    await handle.trigger('keydown', { key: 'F' })
    await settle()
    expect(port.calls.some((call) => call.name === 'time.fork')).toBe(false)
    port.push({ clock: clock({ now: 100_000, end: NOW }) })
    await settle()
    expect(button.attributes('aria-disabled')).toBe('false')
    await handle.trigger('keydown', { key: 'F' })
    await settle()
    expect(port.calls.filter((call) => call.name === 'time.fork')).toHaveLength(1)
  })

  it('says what will stand here while nothing has happened', async () => {
    const { view } = await open({ upsert: [], events: [], marks: [] })
    expect(view.text()).toContain('Press Call')
  })
})
