import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failure, ok } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useToasts } from '../../../renderer/state/toasts.ts'
import { useTraces } from '../../../renderer/state/traces.ts'
import InspectEvent from '../../../renderer/views/shell/InspectEvent.vue'
import InspectPush from '../../../renderer/views/shell/InspectPush.vue'
import TracesView from '../../../renderer/views/traces/TracesView.vue'
import { REFETCH_MS } from '../../../renderer/views/traces/useTraceList.ts'
import { CPNS_FILE, CPNS_LINES, PUSH_ID, traceView } from '../fixtures/admin.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { events, labRow, pushes, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper
const open = async (prepare?: () => void): Promise<void> => {
  port = fakePort(null)
  prepare?.()
  await useLab().connect(port)
  useLab().apply(snapshot())
  view = mount(TracesView, { attachTo: document.body })
  await flushPromises()
  await flushPromises()
}
beforeEach(() => {
  setActivePinia(createPinia())
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
})
afterEach(() => {
  vi.restoreAllMocks()
  view.unmount()
  useLab().disconnect()
  document.body.innerHTML = ''
})

const lines = () => view.findAll('.lines [role=option]').map((row) => row.text())
const hits = () => view.findAll('.hits .line')
const button = (words: string) => view.findAll('button').find((one) => one.text() === words)!
const asked = (name: string) => port.calls.filter((call) => call.name === name).map(({ args }) => args)
const openCpns = async (): Promise<void> => {
  await view.findAll('.files [role=option]')[1]!.trigger('click')
  await flushPromises()
}

describe('traces', () => {
  it('[TRB-09] shows the files at their folders and reads one with its levels in colour and letters', async () => {
    await open()
    expect(view.find('.files').text()).toContain('activelog/cm/trace/ccmpns/log4j')
    expect(view.find('.files').text()).toContain('nothing written yet')
    await openCpns()
    expect(view.find('.path').text()).toBe(CPNS_FILE)
    expect(lines()).toHaveLength(CPNS_LINES.length)
    expect(view.find('.lines .ERROR').text()).toBe('ERROR')
    await view.findAll<HTMLSelectElement>('.tools select')[1]!.setValue('WARN')
    expect(lines()).toHaveLength(2)
  })

  it('says that it reads, and not that there is nothing, until it knows; then opens the first file on the left', async () => {
    port = fakePort(null)
    // The lab tells of the files by path, the list goes by nodes in their order.
    const { files, ...rest } = traceView()
    port.answer('traces.list', ok({ ...rest, files: files.toReversed() }))
    await useLab().connect(port)
    useLab().apply(snapshot())
    view = mount(TracesView, { attachTo: document.body })
    expect(view.text()).toContain('Reading the traces…')
    expect(view.text()).not.toContain('Nothing was written yet')
    await flushPromises()
    await flushPromises()
    expect(view.text()).not.toContain('Reading the traces…')
    expect(view.findAll('.files [role=option]')[0]!.attributes('aria-selected')).toBe('true')
  })

  it('sets the level of a service on its node, and says from when', async () => {
    await open()
    await openCpns()
    const level = view.find<HTMLSelectElement>('.tools select')
    expect(level.element.value).toBe('Debug')
    await level.setValue('Warn')
    await flushPromises()
    expect(asked('trace.level')).toEqual([{ node: 'ucm-sub1', service: 'Cisco Push Notification Service', level: 'Warn' }])
    expect(useToasts().log.at(-1)?.title).toContain('is Warn from now on')
    port.answer('trace.level', failure('refused', 'the node is gone'))
    await level.setValue('Error')
    await flushPromises()
    expect(useToasts().log.at(-1)?.title).toContain('the node is gone')
    expect(level.element.value).toBe('Warn')
  })

  it('leads from a line to its event, and from the event back to the lines of its push', async () => {
    await open()
    await openCpns()
    await view.findAll('.lines [role=option]')[2]!.trigger('click')
    expect(view.find('.detail').text()).toContain(CPNS_LINES[2])
    await button('Show the event').trigger('click')
    await flushPromises()
    expect(useSelection().current).toEqual({ kind: 'event', id: '3' })

    const tracked = events.find((event) => event.tracking !== undefined)!
    const inspector = mount(InspectEvent, { props: { seq: tracked.seq } })
    await flushPromises()
    await inspector
      .findAll('button')
      .find((one) => one.text() === 'Show in traces')!
      .trigger('click')
    expect(useSelection().view).toBe('traces')
    expect(useTraces().text).toBe(tracked.tracking)
    inspector.unmount()
    const push = mount(InspectPush, { props: { push: pushes[0]! } })
    await push
      .findAll('button')
      .find((one) => one.text() === 'Show in traces')!
      .trigger('click')
    expect(useTraces().text).toBe(pushes[0]!.id)
    push.unmount()
  })

  it('[SEC-06] finds a tracking ID on all nodes, and opens the file at the line', async () => {
    await open()
    useTraces().goTo(PUSH_ID)
    await flushPromises()
    expect(asked('traces.search').at(-1)).toEqual({ text: PUSH_ID, limit: 500 })
    expect(hits()).toHaveLength(3)
    expect(view.find('[role=status]').text()).toBe('3 hits')
    expect(view.find('.hits mark').text()).toBe(PUSH_ID)
    const grid = view.find('.hits [role=grid]')
    await grid.trigger('keydown', { key: 'ArrowDown' })
    await grid.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(view.find('.path').text()).toBe(CPNS_FILE)
    expect(view.find('.lines [aria-selected=true]').text()).toContain('POST push to push-rest')
    await button('Back to the hits').trigger('click')
    await flushPromises()
    expect(hits()).toHaveLength(3)
    await button('Close search').trigger('click')
    await flushPromises()
    expect(view.find('.hits').exists()).toBe(false)
  })

  it.each([
    ['x', false],
    ['xy', true],
  ])('searches for at least two characters: %s', async (text, searches) => {
    await open()
    await view.find('input').setValue(text)
    await view.find('input').trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(asked('traces.search').length > 0).toBe(searches)
    expect(view.text()).toContain(searches ? 'No trace holds this text' : 'at least 2 characters')
  })

  it('[TRB-09] says that events fell out, and that the beginning of a file is missing', async () => {
    const cut = traceView({ oldestEvent: 12_000 })
    await open(() => port.answer('traces.list', ok({ ...cut, files: cut.files.map((file) => ({ ...file, cut: true })) })))
    expect(view.text()).toContain('Events before number 12,000 fell out')
    expect(view.text()).toContain('beginning of this file fell out')
  })

  it('reads long files page by page', async () => {
    await open(() =>
      port.answer('traces.read', (args) => {
        const from = (args as { from?: number }).from ?? 7_001
        return ok({
          path: CPNS_FILE,
          from,
          lines: Array.from({ length: 5_000 }, (_, i) => `line ${from + i}`),
          seqs: [],
          total: 12_000,
          cut: false,
        })
      }),
    )
    expect(view.text()).toContain('lines 7,001 to 12,000 of 12,000')
    await button('Earlier').trigger('click')
    await flushPromises()
    expect(view.text()).toContain('lines 2,001 to 7,000 of 12,000')
    await button('Later').trigger('click')
    await flushPromises()
    expect(view.text()).toContain('lines 7,001 to 12,000 of 12,000')
    expect(button('Later')).toBeUndefined()
  })

  it('exports all or one node, and names what was left out', async () => {
    const link = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    await open()
    await button('Export').trigger('click')
    await flushPromises()
    expect(asked('traces.export')).toEqual([{}])
    expect(link).toHaveBeenCalled()
    useTraces().node = 'ucm-sub1'
    port.answer('traces.export', ok({ name: 't.tar', mediaType: 'application/x-tar', text: '', leftOut: ['ucm-sub1/old.log'] }))
    await button('Export').trigger('click')
    await flushPromises()
    expect(asked('traces.export').at(-1)).toEqual({ node: 'ucm-sub1' })
    expect(useToasts().log.at(-1)?.lines.join()).toContain('ucm-sub1/old.log')
  })

  it('reads again when something has happened', async () => {
    vi.useFakeTimers()
    await open()
    const before = asked('traces.list').length
    useLab().apply(snapshot({ upsert: [labRow({ eventsSoFar: 99 })] }))
    await flushPromises()
    await vi.advanceTimersByTimeAsync(REFETCH_MS)
    expect(asked('traces.list').length).toBeGreaterThan(before)
    vi.useRealTimers()
  })

  it('says what to do where there is nothing, and what went wrong', async () => {
    await open(() => port.answer('traces.list', ok({ files: [], levels: [], oldestEvent: 0 })))
    expect(view.text()).toContain('No node here writes traces')
    port.answer('traces.list', failure('internal', 'the lab is away'))
    useLab().apply(snapshot({ reset: true, upsert: [labRow({ file: 'b.yaml' })] }))
    await flushPromises()
    expect(view.find('[role=alert]').text()).toContain('the lab is away')
    port.answer('traces.list', ok(traceView()))
    await button('Try again').trigger('click')
    await flushPromises()
    expect(view.find('[role=alert]').exists()).toBe(false)
  })
})
