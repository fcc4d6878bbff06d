import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Batch, ok } from '../../../core/contract/index.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { PASTE_MAX, useTerminal } from '../../../renderer/state/terminal.ts'
import TerminalView from '../../../renderer/views/terminal/TerminalView.vue'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { clock, labRow, nodeRow, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let view: VueWrapper
const rows = () => [
  labRow(),
  nodeRow({ id: 'pub', label: 'pub', role: 'publisher' }),
  nodeRow({ id: 'down', label: 'down', state: 'crashed', health: 'down' }),
  nodeRow({ id: 'apns', label: 'APNs', family: 'cloud' }),
]
const open = async (over: Partial<Batch> = { upsert: rows() }): Promise<void> => {
  port = fakePort(null)
  await useLab().connect(port)
  useLab().apply(snapshot(over))
  view = mount(TerminalView, { attachTo: document.body })
  await flushPromises()
}
beforeEach(() => setActivePinia(createPinia()))
afterEach(() => {
  view.unmount()
  useLab().disconnect()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

const input = () => view.find<HTMLInputElement>('input')
const log = () => view.find('[role=log]')
const lines = () =>
  log()
    .findAll('.entry')
    .map((entry) => entry.text())
const press = async (key: string, more: object = {}): Promise<void> => {
  await input().trigger('keydown', { key, ...more })
  await flushPromises()
}
const type = async (line: string): Promise<void> => {
  await input().setValue(line)
  await press('Enter')
}
const ran = () => port.calls.filter(({ name }) => name === 'cli.run').map(({ args }) => args)
const paste = async (text: string): Promise<void> => {
  const event = new Event('paste', { bubbles: true, cancelable: true })
  Object.assign(event, { clipboardData: { getData: () => text } })
  input().element.dispatchEvent(event)
  await flushPromises()
}

describe('terminal', () => {
  it('[TRB-06] runs a line on the chosen node and shows prompt, line and output in a log', async () => {
    await open()
    expect(document.activeElement).toBe(input().element)
    await type('utils service list')
    expect(ran()).toEqual([{ node: 'pub', line: 'utils service list' }])
    expect(lines()).toEqual(['admin:utils service listCisco CallManager[STARTED]\nCisco Push Notification Service[STARTED]'])
    expect(input().element.value).toBe('')
    expect(log().attributes('aria-label')).toBe('Output of pub')
  })

  it('marks what failed, and shows what the node says', async () => {
    await open()
    await type('nonsense')
    expect(log().find('.failed').text()).toContain('"nonsense" is not known here')
  })

  it('an empty line gives an empty prompt and is no command', async () => {
    await open()
    await type('  ')
    expect(ran()).toEqual([])
    expect(lines()).toEqual(['admin:'])
  })

  it('has a tab per node with a CLI, each with its own text, and says why one does not answer', async () => {
    await open()
    expect(view.findAll('[role=tab]').map((tab) => tab.attributes('data-node'))).toEqual(['pub', 'down'])
    await type('utils service list')
    await view.find('[data-node=down]').trigger('click')
    await flushPromises()
    expect(lines()).toEqual([])
    await type('show status')
    expect(log().find('.failed').text()).toContain('down does not answer: it is crashed')
    await press('PageUp', { altKey: true })
    expect(useTerminal().node).toBe('pub')
    expect(lines()).toHaveLength(1)
  })

  it('completes with Tab, lists what may stand next, and lets the focus go after Escape', async () => {
    await open()
    await input().setValue('utils serv')
    await press('Tab')
    expect(input().element.value).toBe('utils service ')
    await input().setValue('')
    await press('Tab')
    expect(view.findAll('.words dt').map((word) => word.text())).toEqual(['file', 'run', 'set', 'show', 'utils'])
    await press('Escape')
    expect(view.find('.words').exists()).toBe(false)
    await press('Escape')
    const tab = new KeyboardEvent('keydown', { key: 'Tab', bubbles: true, cancelable: true })
    input().element.dispatchEvent(tab)
    expect(tab.defaultPrevented).toBe(false)
    await input().setValue('zzz')
    await press('Tab')
    expect(view.find('[role=status]').text()).toContain('Nothing fits')
  })

  it('a question mark asks for help at once and leaves the line as it is', async () => {
    await open()
    await input().setValue('utils ')
    input().element.setSelectionRange(6, 6)
    await press('?')
    expect(ran()).toEqual([{ node: 'pub', line: 'utils ?' }])
    expect(input().element.value).toBe('utils ')
    expect(lines()[0]).toContain('utils service  list, restart, start, stop')
    await press('ArrowUp')
    expect(input().element.value).toBe('utils ')
  })

  it('brings back earlier lines of this node, also after a restart of the window', async () => {
    await open()
    await type('show status')
    await type('utils service list')
    await press('ArrowUp')
    await press('ArrowUp')
    expect(input().element.value).toBe('show status')
    await press('ArrowDown')
    expect(input().element.value).toBe('utils service list')
    expect(port.calls.findLast(({ name }) => name === 'settings.set')?.args).toEqual({
      settings: { terminalHistory: { pub: ['show status', 'utils service list'] } },
    })
    view.unmount()
    const kept = port.calls.findLast(({ name }) => name === 'settings.set')?.args as { settings: object }
    setActivePinia(createPinia())
    port = fakePort(null)
    port.answer('settings.get', ok(kept))
    await useLab().connect(port)
    useLab().apply(snapshot({ upsert: rows() }))
    view = mount(TerminalView, { attachTo: document.body })
    await flushPromises()
    await press('ArrowUp')
    expect(input().element.value).toBe('utils service list')
  })

  it('[UPG-10] a line with a token is not kept beyond the window', async () => {
    await open()
    await type("run sql update machineaccountdetails set refreshtoken='lab-rt-secret'")
    expect(port.calls.some(({ name }) => name === 'settings.set')).toBe(false)
    await press('ArrowUp')
    expect(input().element.value).toContain('lab-rt-secret')
    await type('show status')
    expect(JSON.stringify(port.calls.findLast(({ name }) => name === 'settings.set'))).not.toContain('lab-rt-secret')
  })

  it('runs pasted lines one after the other, each after the answer to the one before', async () => {
    await open()
    let answer: (() => void) | null = null
    const invoke = port.invoke.bind(port)
    port.invoke = (name, args) =>
      name === 'cli.run' ? new Promise((resolve) => (answer = () => void invoke(name, args).then(resolve))) : invoke(name, args)
    await paste('show status\nutils service list\nshow ')
    expect(input().element.value).toBe('show ')
    expect(view.find('[role=status]').text()).toContain('1 line waiting')
    expect(lines()).toHaveLength(1)
    answer!()
    await flushPromises()
    expect(lines()).toHaveLength(2)
    answer!()
    await flushPromises()
    expect(ran().map((args) => (args as { line: string }).line)).toEqual(['show status', 'utils service list'])
  })

  it('stops what waits with Ctrl+C, and says how much that was', async () => {
    await open()
    const invoke = port.invoke.bind(port)
    port.invoke = (name, args) => (name === 'cli.run' ? new Promise(() => undefined) : invoke(name, args))
    await paste('a\nb\nc\n')
    await press('c', { ctrlKey: true })
    expect(lines().at(-1)).toContain('2 lines that waited were not run')
  })

  it.each([
    [PASTE_MAX, false],
    [PASTE_MAX + 1, true],
  ])('takes a paste of %i lines: some are left: %s', async (count, refused) => {
    await open()
    await paste('utils service list\n'.repeat(count))
    expect(ran()).toHaveLength(PASTE_MAX)
    expect(log().text().includes(`the first ${PASTE_MAX} are run`)).toBe(refused)
  })

  it('abandons a line with Ctrl+C, clears with Ctrl+L', async () => {
    await open()
    await input().setValue('half a li')
    await press('c', { ctrlKey: true })
    expect(lines()).toEqual(['admin:half a li^C'])
    expect(input().element.value).toBe('')
    await press('l', { ctrlKey: true })
    expect(lines()).toEqual([])
  })

  it('says when time has moved, and forgets everything with another lab', async () => {
    await open()
    await type('show status')
    useLab().apply(snapshot({ upsert: rows(), clock: clock({ now: 61_000, jumps: 1 }) }))
    await flushPromises()
    expect(lines().at(-1)).toContain('Time has moved to 01:01.000')
    useLab().apply(snapshot({ upsert: [...rows().slice(1), labRow({ title: 'Another', file: 'other.yaml' })] }))
    await flushPromises()
    expect(lines()).toEqual([])
  })

  it('copies the last output', async () => {
    const writeText = vi.fn<(text: string) => Promise<void>>().mockResolvedValue(undefined)
    vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText } })
    await open()
    await type('utils service list')
    await view
      .findAll('button')
      .find((button) => button.text() === 'Copy')!
      .trigger('click')
    expect(writeText).toHaveBeenCalledWith('Cisco CallManager[STARTED]\nCisco Push Notification Service[STARTED]')
  })

  it('after a click into the text the keys still go to the prompt, and not to the window', async () => {
    await open()
    const seen: string[] = []
    const listen = (event: KeyboardEvent): void => void seen.push(event.key)
    document.body.addEventListener('keydown', listen)
    const screen = view.find<HTMLElement>('.screen')
    const keyOn = async (key: string, more: object = {}): Promise<boolean> => {
      screen.element.focus()
      await screen.trigger('keydown', { key, ...more })
      return document.activeElement === input().element
    }
    expect(await keyOn('c')).toBe(true)
    expect(await keyOn('Backspace')).toBe(true)
    expect(await keyOn('v', { ctrlKey: true })).toBe(true)
    expect(seen).toEqual([])
    // To copy, to scroll and to leave stay what they are.
    expect(await keyOn('c', { ctrlKey: true })).toBe(false)
    expect(await keyOn('PageUp')).toBe(false)
    expect(await keyOn('Tab')).toBe(false)
    expect(seen).toEqual(['c', 'PageUp', 'Tab'])
    document.body.removeEventListener('keydown', listen)
  })

  it('says what to do in a lab without such nodes', async () => {
    await open({ upsert: [labRow()] })
    expect(view.text()).toContain('no node with a CLI')
  })
})
