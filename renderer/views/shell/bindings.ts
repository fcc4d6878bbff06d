/** What each key does. */
import type { KeyBinding } from '../../state/keys.ts'
import { useLab } from '../../state/lab.ts'
import { useSelection } from '../../state/selection.ts'
import { useShell } from '../../state/shell.ts'
import { useToasts } from '../../state/toasts.ts'
import { useSettings } from '../../state/settings.ts'
import { focusEventFilter } from './focus.ts'
import { digitOf, SHOWN_VIEWS } from './views.ts'

export const windowBindings = (): KeyBinding[] => {
  const lab = useLab()
  const selection = useSelection()
  const shell = useShell()
  const toasts = useToasts()
  const settings = useSettings()

  const fork = (): void => {
    if (lab.canFork) void shell.time('time.fork')
    else toasts.add('info', 'Nothing to fork from', ['Seek back on the timeline first: a fork drops the commands that came later.'])
  }

  return [
    { key: ' ', shown: 'Space', text: 'Run or pause', group: 'Time', run: () => void shell.toggleRun() },
    { key: '.', shown: '.', text: 'Step to the next event', group: 'Time', run: () => void shell.time('time.step') },
    {
      key: 'e',
      shown: 'Shift E',
      text: 'Express: as fast as it goes',
      group: 'Time',
      shift: true,
      run: () => void shell.time('time.express'),
    },
    { key: 'u', shown: 'U', text: 'Run until…', group: 'Time', run: () => (shell.until = true) },
    { key: 'f', shown: 'F', text: 'Fork from here (after seeking back)', group: 'Time', run: fork },
    { key: 'c', shown: 'C', text: 'Call the selected phone', group: 'Phones', run: () => shell.press('call.place') },
    { key: 'a', shown: 'A', text: 'Answer', group: 'Phones', run: () => shell.press('device.answer') },
    { key: 'd', shown: 'D', text: 'Decline', group: 'Phones', run: () => shell.press('device.decline') },
    { key: 't', shown: 'T', text: 'Tap the notification', group: 'Phones', run: () => shell.press('device.tap') },
    { key: 'k', shown: 'Ctrl K', text: 'Search and run commands', group: 'Window', ctrl: true, run: () => (shell.palette = true) },
    { key: '?', shown: '?', text: 'These keys', group: 'Window', run: () => (shell.keys = true) },
    {
      key: 'Escape',
      shown: 'Esc',
      text: 'Close what stands open, then the newest message',
      group: 'Window',
      run: () => toasts.dismissNewest(),
    },
    {
      key: '/',
      shown: '/',
      text: 'Filter the events',
      group: 'Look',
      run: () => {
        if (!settings.layout.bottomOpen) settings.setOpen('bottom', true)
        // The list is drawn only when its pane is unfolded.
        setTimeout(focusEventFilter)
      },
    },
    { key: 'ArrowLeft', shown: 'Alt ←', text: 'Back to the last selection', group: 'Look', alt: true, run: () => selection.back() },
    { key: 'ArrowRight', shown: 'Alt →', text: 'Forward', group: 'Look', alt: true, run: () => selection.forward() },
    { key: 'g', shown: 'G', text: 'Go to any tab: type its first letters', group: 'Tabs', run: () => (shell.views = true) },
    ...SHOWN_VIEWS.flatMap((view, index): KeyBinding[] => {
      const digit = digitOf(index)
      return digit === undefined
        ? []
        : [{ key: digit, shown: digit, text: view.label, group: 'Tabs', run: () => void (selection.view = view.value) }]
    }),
  ]
}
