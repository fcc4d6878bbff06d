import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick } from 'vue'
import { TooltipProvider } from 'reka-ui'
import { failure, type Reply } from '../../../core/contract/index.ts'
import { useActions } from '../../../renderer/state/actions.ts'
import { useAlarms } from '../../../renderer/state/alarms.ts'
import { useLab } from '../../../renderer/state/lab.ts'
import { useSelection } from '../../../renderer/state/selection.ts'
import { useShell } from '../../../renderer/state/shell.ts'
import { useToasts } from '../../../renderer/state/toasts.ts'
import Ask from '../../../renderer/views/shell/Ask.vue'
import ConnectionBanner from '../../../renderer/views/shell/ConnectionBanner.vue'
import Inspector from '../../../renderer/views/shell/Inspector.vue'
import InspectEvent from '../../../renderer/views/shell/InspectEvent.vue'
import InspectNode from '../../../renderer/views/shell/InspectNode.vue'
import LabCards from '../../../renderer/views/lessons/LabCards.vue'
import LessonsView from '../../../renderer/views/lessons/LessonsView.vue'
import MessageLog from '../../../renderer/views/shell/MessageLog.vue'
import Palette from '../../../renderer/views/shell/Palette.vue'
import StatusBar from '../../../renderer/views/shell/StatusBar.vue'
import TimeNotice from '../../../renderer/views/shell/TimeNotice.vue'
import Toasts from '../../../renderer/views/shell/Toasts.vue'
import TopBar from '../../../renderer/views/shell/TopBar.vue'
import UntilDialog from '../../../renderer/views/shell/UntilDialog.vue'
import Tabs from '../../../renderer/ui/Tabs.vue'
import { digitOf, SHOWN_VIEWS } from '../../../renderer/views/shell/views.ts'
import { windowBindings } from '../../../renderer/views/shell/bindings.ts'
import { type FakePort, fakePort } from '../fixtures/fakePort.ts'
import { clock, findings, flow18, labRow, nodes, snapshot } from '../fixtures/rows.ts'

let port: FakePort
let opened: VueWrapper | null = null
beforeEach(async () => {
  setActivePinia(createPinia())
  port = fakePort(null)
  await useLab().connect(port)
  useLab().apply(snapshot())
})
afterEach(() => {
  opened?.unmount()
  opened = null
  document.body.innerHTML = ''
})

const show = (component: Parameters<typeof h>[0], props: Record<string, unknown> = {}): VueWrapper => {
  const Host = defineComponent({ render: () => h(TooltipProvider, () => h(component as never, props)) })
  opened = mount(Host, { attachTo: document.body })
  return opened
}
const page = (): string => document.body.textContent ?? ''
const sent = (name: string) => port.calls.filter((call) => call.name === name).map((call) => call.args)
const type = async (selector: string, value: string): Promise<void> => {
  const input = document.querySelector<HTMLInputElement>(selector)!
  input.value = value
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await nextTick()
}
const key = async (selector: string, name: string): Promise<void> => {
  document.querySelector(selector)!.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }))
  await flushPromises()
}
const labelled = (text: string): HTMLInputElement => {
  const label = [...document.querySelectorAll('label')].find((one) => one.textContent?.startsWith(text))
  if (!label) throw new Error(`no input "${text}" in ${page()}`)
  return document.getElementById(label.htmlFor) as HTMLInputElement
}
const button = (text: string): HTMLElement => {
  const found = [...document.querySelectorAll<HTMLElement>('button')].find((one) => one.textContent?.trim().startsWith(text))
  if (!found) throw new Error(`no button "${text}" in ${page()}`)
  return found
}

describe('palette', () => {
  it('finds a command by a few letters and opens its form', async () => {
    show(defineComponent({ render: () => [h(Palette), h(Ask)] }))
    useShell().palette = true
    await flushPromises()
    await type('[role="combobox"]', 'shut down')
    const options = [...document.querySelectorAll('[role="option"]')]
    expect(options[0]?.textContent).toContain('Shut down')
    await key('[role="combobox"]', 'Enter')
    await flushPromises()
    expect(useShell().palette).toBe(false)
    expect(useActions().form?.action.command).toBe('node.shutDown')
    expect(labelled('Node')).toBeTruthy()
  })

  it('offers every command of the lab', async () => {
    show(Palette)
    useShell().palette = true
    await flushPromises()
    for (const command of useLab().commands) {
      await type('[role="combobox"]', command.name)
      expect([...document.querySelectorAll('[role="option"] code')].map((code) => code.textContent)).toContain(command.name)
    }
  })

  it('fills in the selected device', async () => {
    useSelection().select('device', 'bo-pixel')
    show(defineComponent({ render: () => [h(Palette), h(Ask)] }))
    useShell().palette = true
    await flushPromises()
    await type('[role="combobox"]', 'device.permission')
    await key('[role="combobox"]', 'Enter')
    await flushPromises()
    expect(labelled('Device').value).toBe('bo-pixel')
  })

  it('says when nothing is found', async () => {
    show(Palette)
    useShell().palette = true
    await flushPromises()
    await type('[role="combobox"]', 'qqqq')
    expect(page()).toContain('Nothing is called “qqqq”')
  })
})

describe('the form of an action', () => {
  const place = {
    id: 'x',
    label: 'Place a call',
    command: 'call.place' as const,
    args: {},
    destructive: false,
    disabled: false as const,
    group: '',
  }

  it('shows beside the input what the lab found wrong, and stays open', async () => {
    show(Ask)
    useActions().ask(place)
    await flushPromises()
    const to = labelled('To')
    to.value = 'not a number'
    to.dispatchEvent(new Event('input', { bubbles: true }))
    button('Place a call').click()
    await flushPromises()
    expect(labelled('To').getAttribute('aria-invalid')).toBe('true')
    const issue = document.getElementById(labelled('To').getAttribute('aria-describedby')!.split(' ').at(-1)!)
    expect(issue?.textContent).toContain('must be a directory number')
    expect(document.activeElement).toBe(labelled('To'))
    expect(useActions().form).not.toBeNull()
  })

  it('names what is missing without asking the lab', async () => {
    show(Ask)
    useActions().ask(place)
    await flushPromises()
    button('Place a call').click()
    await flushPromises()
    expect(page()).toContain('must not be empty')
    expect(sent('call.place')).toEqual([])
  })

  it('shows an issue that no input can show, with its path', async () => {
    port.answer(
      'call.place',
      failure('refused', 'The caller cannot call.', [{ path: 'somewhere.else', message: 'is odd', fix: 'mend it' }]),
    )
    show(Ask)
    useActions().ask({ ...place, args: { to: '5012' } })
    await flushPromises()
    button('Place a call').click()
    await flushPromises()
    const alert = document.querySelector('[role="alert"]')?.textContent
    expect(alert).toContain('The caller cannot call.')
    expect(alert).toContain('somewhere.else is odd — mend it')
  })

  it('sends what was typed and closes', async () => {
    show(Ask)
    useActions().ask(place)
    await flushPromises()
    const to = labelled('To')
    to.value = '5012'
    to.dispatchEvent(new Event('input', { bubbles: true }))
    button('Place a call').click()
    await flushPromises()
    expect(sent('call.place')).toEqual([{ to: '5012', video: false }])
    expect(useActions().form).toBeNull()
  })
})

describe('run until', () => {
  it('sends a time, and shows what is wrong with one', async () => {
    show(UntilDialog)
    useShell().until = true
    await flushPromises()
    const time = labelled('Virtual time')
    time.value = 'soon'
    time.dispatchEvent(new Event('input', { bubbles: true }))
    button('Run').click()
    await flushPromises()
    expect(useShell().until).toBe(true)
    expect(document.querySelector('[role="alert"]')?.textContent).not.toBe('')
    const again = labelled('Virtual time')
    again.value = '20min'
    again.dispatchEvent(new Event('input', { bubbles: true }))
    button('Run').click()
    await flushPromises()
    expect(sent('time.until').at(-1)).toEqual({ time: '20min' })
    expect(useShell().until).toBe(false)
  })
})

describe('top bar and status bar', () => {
  it('shows what is the case, not what was clicked', async () => {
    show(TopBar)
    expect(page()).toContain('00:03:17.412')
    expect(button('Pause').getAttribute('aria-pressed')).toBe('true')
    useLab().apply({ ...snapshot({ reset: false, upsert: [], events: [], marks: [] }), clock: clock({ mode: 'running', speed: 10 }) })
    await nextTick()
    expect(button('Run').getAttribute('aria-pressed')).toBe('true')
    expect(button('Pause').getAttribute('aria-pressed')).toBe('false')
    expect(button('10×').getAttribute('aria-pressed')).toBe('true')
  })

  it('Call rings the selected device', async () => {
    useSelection().select('device', 'bo-pixel')
    show(TopBar)
    button('Call').click()
    await flushPromises()
    expect(sent('call.place')).toEqual([{ to: '5013' }])
  })

  it('without a lab the buttons say so and do nothing', async () => {
    useLab().apply(snapshot({ upsert: [] }))
    show(TopBar)
    const before = port.calls.length
    button('Call').click()
    button('Run').click()
    await flushPromises()
    expect(port.calls).toHaveLength(before)
    expect(button('Call').textContent).toContain('Open a lab first.')
  })

  it('a large lab arrives in parts: C says that its phones are still being read, not that there are none', async () => {
    useLab().apply(snapshot({ upsert: [labRow({ devices: 2 })] }))
    useShell().press('call.place')
    expect(useToasts().shown.at(-1)?.title).toBe('The phones of this lab are still being read.')
    useLab().apply(snapshot({ upsert: [labRow({ devices: 0 })] }))
    useShell().press('call.place')
    expect(useToasts().shown.at(-1)?.title).toBe('No device of this lab has a line to call.')
  })

  it('a run that cannot be kept on disk is said for as long as that lasts', async () => {
    show(StatusBar)
    expect(page()).not.toContain('run not saved')
    useLab().apply(snapshot({ notKept: 'the disk is full' }))
    await nextTick()
    expect(page()).toContain('run not saved: the disk is full')
    useLab().apply(snapshot())
    await nextTick()
    expect(page()).not.toContain('run not saved')
  })

  it('[DEC-33] the push counts sum to the pushes created', () => {
    show(StatusBar)
    const [, created, parts] = /pushes (\d+) = (.+?)(?:next|$)/.exec(page())!
    const sum = [...parts!.matchAll(/\d+/g)].reduce((total, [count]) => total + Number(count), 0)
    expect(sum).toBe(Number(created))
    expect(page()).toContain('accepted 1')
  })
})

describe('inspector', () => {
  it('shows message, seal and rule of an event, and that the format is modelled', async () => {
    show(InspectEvent, { seq: 6 })
    await flushPromises()
    for (const text of [
      'POST /v1/push',
      'Only sender and client can read it',
      'Sealed inside',
      'Dr. Okafor',
      'Outside the seal',
      'PushesSent +1',
      'modelled',
    ]) {
      expect(page()).toContain(text)
    }
  })

  it('says when the message is no longer kept, and offers to seek there', async () => {
    port.answer('event.detail', failure('not-found', 'The message behind this event is not kept any more.'))
    show(InspectEvent, { seq: 6 })
    await flushPromises()
    expect(page()).toContain('not kept any more')
    button('Go back to 03:14.344').click()
    await flushPromises()
    expect(sent('time.seek')).toEqual([{ at: 194_344 }])
  })

  it('[CALL-02] counts down a held INVITE with the clock', async () => {
    const node = nodes.find((one) => one.id === 'ucm-sub1')!
    show(InspectNode, { node })
    expect(page()).toContain('9.89 s left of 13 s')
    useLab().apply({ ...snapshot({ reset: false, upsert: [], events: [], marks: [] }), clock: clock({ now: 207_300 }) })
    await nextTick()
    expect(page()).toContain('1 ms left of 13 s')
  })
})

describe('lessons', () => {
  const lesson = {
    symptom: 'The iPhone stays silent.',
    hints: ['Look at the firewall.', 'How long is it idle?'],
    cause: 'Idle limit of 20 minutes.',
    fixes: ['Raise it to 30 minutes.'],
  }

  it('gives hints one by one and reveals the cause only when asked', async () => {
    const row = labRow({ title: 'The firewall forgets', lesson, about: 'A firewall with an idle limit of 20 minutes.' })
    useLab().apply(snapshot({ upsert: [row] }))
    show(defineComponent({ render: () => [h(TopBar), h(Inspector), h(LessonsView)] }))
    await flushPromises()
    const picker = (): string | undefined => document.querySelector('[aria-label$="Open another lab"]')?.textContent?.trim()
    expect(picker()).toBe('Lesson: The iPhone stays silent.')
    // The title tells the cause: nothing in the window names it yet.
    expect(page()).not.toContain('The firewall forgets')
    expect(page()).not.toContain('A firewall with an idle limit')
    expect(page()).toContain('The iPhone stays silent.')
    expect(page()).not.toContain('Look at the firewall.')
    expect(page()).not.toContain('Idle limit of 20 minutes.')
    button('Show a hint').click()
    await nextTick()
    expect(page()).toContain('Look at the firewall.')
    expect(page()).not.toContain('How long is it idle?')
    button('Reveal').click()
    await flushPromises()
    expect(sent('fault.reveal')).toEqual([{}])
    expect(page()).toContain('Idle limit of 20 minutes.')
    expect(picker()).toBe('The firewall forgets')
    // Who comes back from another tab finds it as it was; another lesson starts with its symptom again.
    opened?.unmount()
    show(LessonsView)
    await flushPromises()
    expect(page()).toContain('Look at the firewall.')
    useLab().apply(snapshot({ upsert: [labRow({ ...row, file: 'other.yaml', title: 'Another cause' })] }))
    await flushPromises()
    expect(page()).not.toContain('Look at the firewall.')
    expect(page()).not.toContain('Another cause')
  })

  it('the inspector leads from the symptom to hints and check, as long as they are not in sight', async () => {
    useLab().apply(snapshot({ upsert: [labRow({ lesson })] }))
    show(Inspector)
    button('Hints, cause and check').click()
    await nextTick()
    expect(useSelection().view).toBe('lessons')
    expect(page()).not.toContain('Hints, cause and check')
    useLab().apply(snapshot({ upsert: [labRow({ lesson: null })] }))
    useSelection().view = 'topology'
    await nextTick()
    expect(page()).not.toContain('Hints, cause and check')
  })

  it('shows each expectation with what was found', async () => {
    show(LessonsView)
    await flushPromises()
    button('Check').click()
    await flushPromises()
    expect(page()).toContain('Not all expectations are met')
    expect(page()).toContain('the call is answered')
    expect(page()).toContain('still ringing')
  })

  it('opens a lab', async () => {
    show(LessonsView)
    await flushPromises()
    document.querySelector<HTMLElement>(`[aria-label='Open "After lunch my iPhone stays silent."']`)!.click()
    await flushPromises()
    expect(sent('lab.open')).toEqual([{ file: 'silent-after-lunch.yaml' }])
  })
})

describe('what can be opened', () => {
  const names = (): (string | undefined)[] => [...document.querySelectorAll('.grid h3')].map((name) => name.textContent?.trim())
  it('is found by words of the symptom, of the text or by a rule, all of them together', async () => {
    show(LabCards)
    await flushPromises()
    const lesson = '"After lunch my iPhone stays silent."'
    const all = [lesson, 'First call']
    expect(names()).toEqual(all)
    for (const [words, shown] of [
      ['after LUNCH', [lesson]],
      ['call-02', ['First call']],
      ['desk silent', [lesson]],
      ['iphone', all],
      ['desk call-02', []],
    ] as const) {
      await type('[aria-label="Find a lab or lesson"]', words)
      expect(names(), words).toEqual(shown)
    }
    expect(page()).toContain('No lab speaks of that.')
    await key('[aria-label="Find a lab or lesson"]', 'Escape')
    expect(names()).toEqual(all)
  })
})

describe('a lab that takes its time to open', () => {
  const notice = (): string | undefined => document.querySelector('[role="status"].notice')?.textContent
  const opening = () => {
    let answer = (_reply: Reply): void => undefined
    port.invoke = () => new Promise((resolve) => (answer = resolve as typeof answer))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    show(TimeNotice)
    const opened = useShell().openLab({ file: 'large.yaml' }, '15,000 users')
    return { opened, answer: (reply: Reply) => answer(reply) }
  }
  afterEach(() => void vi.useRealTimers())

  it('says so after 150 ms, until its rows are here', async () => {
    const { opened, answer } = opening()
    await nextTick()
    vi.advanceTimersByTime(149)
    await nextTick()
    expect(notice()).toBeUndefined()
    vi.advanceTimersByTime(1)
    await nextTick()
    expect(notice()).toBe('Opening 15,000 users…')
    answer({ ok: true, value: {} })
    expect(await opened).toBe(true)
    await nextTick()
    expect(notice()).toBe('Opening 15,000 users…')
    useLab().apply(snapshot({ clock: clock({ jumps: 9 }) }))
    await nextTick()
    expect(notice()).toBeUndefined()
  })

  it.each([
    ['the file is refused', (answer: (reply: Reply) => void) => answer(failure('bad-scenario', 'it is wrong', []))],
    ['the connection breaks', () => port.become({ kind: 'lost', reason: 'gone' })],
  ])('not any more when %s', async (_what, end) => {
    const { answer } = opening()
    await nextTick()
    vi.advanceTimersByTime(150)
    await nextTick()
    expect(notice()).toBe('Opening 15,000 users…')
    end(answer)
    await flushPromises()
    expect(notice()).toBeUndefined()
  })
})

describe('errors and connection', () => {
  it('a lost connection is announced with its reason', async () => {
    show(ConnectionBanner)
    expect(document.querySelector('[role="alert"]')).toBeNull()
    port.become({ kind: 'lost', reason: 'The lab does not answer.' })
    await nextTick()
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('The lab does not answer.')
    port.become({ kind: 'open' })
    await nextTick()
    expect(document.querySelector('[role="alert"]')).toBeNull()
  })

  it('an error toast is spoken and stays until it is closed', async () => {
    show(Toasts)
    port.answer('time.run', failure('busy', 'A seek is under way.'))
    await useShell().time('time.run')
    await nextTick()
    expect(document.querySelector('[role="alert"]')?.textContent).toContain('Run: A seek is under way.')
    document.querySelector<HTMLElement>('[aria-label="Close this message"]')!.click()
    await nextTick()
    expect(document.querySelector('[role="alert"]')).toBeNull()
  })
})

describe('the inspector on a call or message', () => {
  it('without a push says only that there is none yet, or that none was sent', async () => {
    const at = (endedAt: number | null) => snapshot({ upsert: [labRow(), { ...flow18, id: '9', flow: 9, pushAt: null, endedAt }] })
    useLab().apply(at(null))
    useSelection().select('flow', 9)
    show(Inspector)
    expect(page()).toContain('no push so far')
    useLab().apply(at(5_000))
    await nextTick()
    expect(page()).toContain('no push was sent')
  })

  it('[CALL-01] [CALL-03] lists each timer with how it ended on a line of its own', () => {
    useSelection().select('flow', 18)
    show(Inspector)
    expect([...document.querySelectorAll('.timer')].map((line) => [...line.childNodes].map((part) => part.textContent?.trim()))).toEqual([
      ['INVITE held', 'stopped after 822 ms of 13 s'],
      ['Ring-back', 'stopped after 828 ms of 5 s'],
    ])
  })
})

describe('the inspector without a selection', () => {
  it('names the three worst findings, and leads to all of them', async () => {
    const finding = (index: number, level: 'Fail' | 'Warning' | 'Pass') => ({
      ...findings[0]!,
      id: `f${index}`,
      subject: `node ${index}`,
      level,
    })
    const rows = [finding(1, 'Warning'), finding(2, 'Pass'), finding(3, 'Warning'), finding(4, 'Warning'), finding(5, 'Fail')]
    useLab().apply(snapshot({ upsert: [labRow({ lesson: null }), ...rows] }))
    show(Inspector)
    expect([...document.querySelectorAll('.finding b')].map((line) => line.textContent)).toEqual([
      'Fail: node 5',
      'Warning: node 1',
      'Warning: node 3',
    ])
    button('All 4 findings').click()
    await flushPromises()
    expect([useSelection().view, useAlarms().section]).toEqual(['alarms', 'findings'])
  })
})

describe('a file that was refused', () => {
  const issue = (index: number) => ({ path: `devices[${index}]`, message: `is wrong ${index}`, fix: 'mend it', line: index + 10 })
  const open = async (count: number): Promise<void> => {
    show(defineComponent({ render: () => [h(Toasts), h(MessageLog)] }))
    const issues = Array.from({ length: count }, (_, index) => issue(index))
    port.answer('lab.open', failure('bad-scenario', 'x.yaml cannot be opened: is wrong 0', issues))
    await useShell().openLab({ text: '', name: 'x.yaml' })
    await nextTick()
  }
  const toast = (): string => document.querySelector('[role="alert"]')?.textContent ?? ''

  it('says once what is wrong, in which line, and how to mend it', async () => {
    await open(1)
    expect(useToasts().log[0]).toMatchObject({
      title: 'Open a lab: x.yaml cannot be opened',
      lines: ['line 10, devices[0]: is wrong 0 — mend it'],
    })
    expect(toast()).not.toContain('more in the messages')
  })

  it('with many faults four are on the screen, and all of them in the messages', async () => {
    await open(7)
    expect(toast()).toContain('is wrong 3')
    expect(toast()).not.toContain('is wrong 4')
    button('3 more in the messages').click()
    await flushPromises()
    expect(document.querySelector('[role="dialog"]')?.textContent).toContain('line 16, devices[6]: is wrong 6')
  })

  it('Esc closes the newest message, then the one before', async () => {
    await open(1)
    useToasts().add('warn', 'Newer')
    const esc = windowBindings().find((one) => one.shown === 'Esc')!
    esc.run()
    expect(useToasts().shown.map(({ title }) => title)).toEqual(['Open a lab: x.yaml cannot be opened'])
    esc.run()
    expect(useToasts().shown).toEqual([])
    esc.run()
    expect(useToasts().log).toHaveLength(2)
  })
})

describe('tabs', () => {
  const labels = (): string[] => [...document.querySelectorAll('[role="menuitem"]')].map((item) => item.textContent?.trim() ?? '')
  const show14 = (): void => {
    show(
      defineComponent({
        render: () =>
          h(
            Tabs as never,
            {
              modelValue: useSelection().view,
              'onUpdate:modelValue': (view: 'topology') => (useSelection().view = view),
              menu: useShell().views,
              'onUpdate:menu': (open: boolean) => (useShell().views = open),
              tabs: SHOWN_VIEWS.map(({ value, label, group }, index) => ({ value, label, group, hotkey: digitOf(index) })),
              label: 'Views',
              menuKey: 'G',
            },
            () => h('p', `panel of ${useSelection().view}`),
          ),
      }),
    )
  }

  it('G opens the menu of all tabs, each with its key; a letter and Enter go there, and the panel has the focus', async () => {
    show14()
    windowBindings()
      .find((one) => one.shown === 'G')!
      .run()
    await flushPromises()
    expect(labels().map((text) => text.replace(/\s*\d$/, ''))).toEqual(SHOWN_VIEWS.map((view) => view.label))
    expect(labels()[9]).toMatch(/^Onboarding\s*0$/)
    expect(labels()[10]).toBe('Terminal')
    await key('[role="menu"]', 'r')
    expect(document.activeElement?.textContent?.trim()).toBe('Releases')
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }))
    await flushPromises()
    await nextTick()
    expect(useSelection().view).toBe('releases')
    expect(useShell().views).toBe(false)
    expect(document.activeElement?.getAttribute('role')).toBe('tabpanel')
    expect(page()).toContain('panel of releases')
  })
})

describe('keys of the window', () => {
  const press = async (shown: string): Promise<void> => {
    const binding = windowBindings().find((one) => one.shown === shown)
    if (!binding) throw new Error(`no key ${shown}`)
    binding.run()
    await flushPromises()
  }

  it('Space runs a paused lab and pauses a running one', async () => {
    await press('Space')
    useLab().apply({ ...snapshot(), clock: clock({ mode: 'running' }) })
    await press('Space')
    expect(port.calls.slice(-2).map((call) => call.name)).toEqual(['time.run', 'time.pause'])
  })

  it('F forks only after a seek back', async () => {
    await press('F')
    expect(sent('time.fork')).toEqual([])
    useLab().apply({ ...snapshot(), clock: clock({ now: 1, end: 2 }) })
    await press('F')
    expect(sent('time.fork')).toEqual([{}])
  })

  it('C, A, D, T act on phones', async () => {
    await press('C')
    await press('A')
    await press('D')
    await press('T')
    expect(sent('call.place')).toEqual([{ to: '5012' }])
    expect(sent('device.answer')).toEqual([{ device: 'ana-iphone' }])
    expect(sent('device.decline')).toEqual([{ device: 'ana-iphone' }])
    expect(sent('device.tap')).toEqual([{ device: 'chen-iphone' }])
  })

  it('digits choose the tabs in their order', async () => {
    await press('2')
    expect(useSelection().view).toBe('flow')
    await press('1')
    expect(useSelection().view).toBe('topology')
    await press('0')
    expect(useSelection().view).toBe('onboarding')
  })

  it('every tab has a key: a digit, or G and its first letters', () => {
    const shown = windowBindings().map((one) => one.shown)
    expect(new Set(shown).size).toBe(shown.length)
    expect(shown).toEqual(expect.arrayContaining(['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', 'G']))
  })
})
