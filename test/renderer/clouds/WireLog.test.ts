import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, ok, type Batch } from '../../../core/contract/index.ts'
import { useClouds } from '../../../renderer/state/clouds.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { REFETCH_MS } from '../../../renderer/views/clouds/useWireLog.ts'
import WireLog from '../../../renderer/views/clouds/WireLog.vue'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { cloudsState, exchange, exchanges, logOf, TRACKING } from '../fixtures/clouds.ts'
import { snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper | null = null
const begin = async (over: Partial<Batch> = { clouds: cloudsState() }): Promise<VueWrapper> => {
  port = fakePort(null)
  await useLab().connect(port)
  useLab().apply(snapshot(over))
  view = mount(WireLog, { attachTo: document.body })
  await flushPromises()
  return view
}
beforeEach(() => {
  setActivePinia(createPinia())
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(1_000)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(300)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  view?.unmount()
  view = null
  useLab().disconnect()
})
const shown = () => view!.findAll('[data-exchange]').map((one) => Number(one.attributes('data-exchange')))
const chip = (name: string) => view!.findAll('button').find((one) => one.text() === name)!
const asked = () => port.calls.filter(({ name }) => name === 'clouds.log').map(({ args }) => args)
const detail = () => view!.find('article')

describe('wire log', () => {
  it('without any traffic it says what to do, and leads there', async () => {
    await begin({})
    expect(view!.text()).toContain('Nothing has gone over real sockets')
    expect(asked()).toEqual([])
    useClouds().section = 'log'
    await chip('Go to the real sockets').trigger('click')
    expect(useClouds().section).toBe('sockets')
  })

  it('lists the newest first and shows both messages of the first, without a click', async () => {
    await begin()
    expect(shown()).toEqual([5, 4, 3, 2, 1])
    expect(detail().attributes('aria-label')).toBe('Exchange 5')
    expect(detail().text()).toContain('a fault was at work')
    expect(detail().text()).toContain('Service Unavailable')
  })

  it('is worked by keys, and what is chosen stays although newer ones come in', async () => {
    await begin()
    const grid = view!.find('[role=grid]')
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'ArrowDown' })
    expect(detail().attributes('aria-label')).toBe('Exchange 3')
    expect(grid.attributes('aria-activedescendant')).toMatch(/-3$/)
    expect(detail().text()).toContain('"target": "9f3a…"')
    expect(detail().text()).toContain('{\n  "status": "accepted"\n}')
    port.answer('clouds.log', ok({ exchanges: [exchange(6), ...exchanges], more: false }))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const state = cloudsState()
    useLab().apply({
      ...snapshot({ upsert: [], events: [], marks: [] }),
      reset: false,
      clouds: { ...state, servers: state.servers.map((one) => ({ ...one, requests: one.requests + 1 })) },
    })
    await vi.advanceTimersByTimeAsync(REFETCH_MS + 10)
    expect(shown()[0]).toBe(6)
    expect(detail().attributes('aria-label')).toBe('Exchange 3')
    await grid.trigger('keydown', { key: 'End' })
    expect(detail().attributes('aria-label')).toBe('Exchange 1')
  })

  it('filters by cloud, connection, tracking ID and failure', async () => {
    await begin()
    await chip('APNs').trigger('click')
    await flushPromises()
    expect(asked().at(-1)).toEqual({ limit: 100, cloud: 'apns' })
    expect(shown()).toEqual([4])
    await chip('APNs').trigger('click')
    await flushPromises()
    await view!.find('select').setValue('push-rest 2')
    await flushPromises()
    expect(asked().at(-1)).toEqual({ limit: 100, connection: 2 })
    expect(shown()).toEqual([2])
    await chip('Clear').trigger('click')
    await flushPromises()
    await view!.find('input').setValue(TRACKING)
    await view!.find('input').trigger('change')
    await flushPromises()
    expect(shown()).toEqual([4, 3])
    await chip('Clear').trigger('click')
    await flushPromises()
    await chip('Failures').trigger('click')
    expect(shown()).toEqual([5, 2])
    expect(view!.text()).toContain('2 of 5 exchanges read')
    expect(detail().text()).toContain('503')
  })

  it('leads from an exchange to the ladder of its call, and from a call to its exchanges', async () => {
    await begin()
    await view!.find('[data-exchange="3"]').trigger('click')
    await detail().find('.link').trigger('click')
    expect(useSelection().view).toBe('flow')
    expect(useSelection().flowNumber).toBe(18)
    await flushPromises()
    await chip('Only #18').trigger('click')
    await flushPromises()
    expect(shown()).toEqual([4, 3])
  })

  it('reads older ones below, page by page', async () => {
    await begin()
    port.answer('clouds.log', (args) => ok(logOf({ ...(args as object), limit: 2 })))
    await chip('Failures').trigger('click')
    await chip('Failures').trigger('click')
    await chip('Push REST').trigger('click')
    await flushPromises()
    expect(shown()).toEqual([5, 3])
    await chip('Older').trigger('click')
    await flushPromises()
    expect(asked().at(-1)).toMatchObject({ before: 3 })
    expect(shown()).toEqual([5, 3, 2])
    expect(view!.findAll('button').some((one) => one.text() === 'Older')).toBe(false)
  })

  it('copies an exchange as text, and says so when it may not', async () => {
    await begin()
    const writeText = vi.fn<(text: string) => Promise<void>>().mockResolvedValue(undefined)
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
    await view!.find('[data-exchange="3"]').trigger('click')
    await detail().find('[aria-label="Copy exchange 3"]').trigger('click')
    expect(writeText.mock.calls[0]?.[0]).toContain('POST /v1/push HTTP/1.1')
    vi.unstubAllGlobals()
  })

  it('a log that cannot be read says why, and is asked for again', async () => {
    port = fakePort(null)
    await useLab().connect(port)
    port.answer('clouds.log', failure('internal', 'the log is gone'))
    useLab().apply(snapshot({ clouds: cloudsState() }))
    view = mount(WireLog, { attachTo: document.body })
    await flushPromises()
    expect(view.find('[role=alert]').text()).toContain('the log is gone')
    port.answer('clouds.log', ok({ exchanges, more: false }))
    await chip('Try again').trigger('click')
    await flushPromises()
    expect(shown()).toHaveLength(5)
    expect(view.find('[role=alert]').exists()).toBe(false)
  })
})
