/** Which of the window's dialogs stands open, and the two or three things that keys and buttons share. */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import type { CommandInput, CommandName, Reply } from '../../core/contract/index.ts'
import { useActions } from './actions.ts'
import { useLab } from './lab.ts'
import { shortcutAction, type Shortcut } from './shortcuts.ts'
import { useToasts } from './toasts.ts'

/** Files larger than this are refused before they are read: the lab would refuse them, too. */
export const SCENARIO_FILE_LIMIT_BYTES = 8 * 1024 * 1024
export const JOURNAL_FILE_LIMIT_BYTES = 64 * 1024 * 1024

type TimeCommand = 'time.run' | 'time.pause' | 'time.step' | 'time.express' | 'time.fork' | 'time.cancel'

export const useShell = defineStore('shell', () => {
  const lab = useLab()
  const toasts = useToasts()
  const actions = useActions()

  const palette = ref(false)
  /** The menu of all tabs. */
  const views = ref(false)
  const keys = ref(false)
  const until = ref(false)
  const messages = ref(false)

  const TITLES: Record<TimeCommand, string> = {
    'time.run': 'Run',
    'time.pause': 'Pause',
    'time.step': 'Step',
    'time.express': 'Express',
    'time.fork': 'Fork',
    'time.cancel': 'Cancel',
  }

  /** Real clients are attached: said at once, whichever key or button it was. */
  const isPinned = (title: string, command: CommandName): boolean => {
    const why = lab.pinned(command)
    if (why !== false) toasts.add('info', title, [why])
    return why !== false
  }

  const time = async (command: TimeCommand): Promise<void> => {
    if (isPinned(TITLES[command], command)) return
    const reply = await lab.invoke(command, {})
    if (!reply.ok) toasts.fail(TITLES[command], reply)
    else if (command === 'time.fork') toasts.add('info', 'Forked: the later commands are gone, the run goes on from here.')
  }

  const toggleRun = (): Promise<void> => time(lab.running ? 'time.pause' : 'time.run')

  const speed = async (value: number): Promise<void> => {
    if (isPinned('Speed', 'time.speed')) return
    const reply = await lab.invoke('time.speed', { speed: value })
    if (!reply.ok) toasts.fail('Speed', reply)
  }

  const seek = async (atMs: number): Promise<boolean> => {
    if (isPinned('Go to a moment', 'time.seek')) return false
    const reply = await lab.invoke('time.seek', { at: atMs })
    if (!reply.ok) toasts.fail('Go to a moment', reply)
    return reply.ok
  }

  const press = (shortcut: Shortcut): void => {
    const action = shortcutAction(shortcut)
    if (typeof action === 'string') toasts.add('info', action)
    else void actions.run(action)
  }

  /** Title or file of the lab that is on its way; empty when none is. Thousands of devices take seconds. */
  const opening = ref('')
  const opens = async (what: string, open: () => Promise<Reply>): Promise<Reply> => {
    const { jumps } = lab.clock
    opening.value = what
    const reply = await open()
    // After a yes its rows are still to come; they may have come first.
    if (!reply.ok || lab.clock.jumps !== jumps) opening.value = ''
    return reply
  }
  watch([() => lab.clock.jumps, () => lab.connected], () => (opening.value = ''))

  const openLab = async (
    args: CommandInput<'lab.open'>,
    title = ('file' in args ? args.file : args.name) ?? 'the lab',
  ): Promise<boolean> => {
    if (isPinned('Open a lab', 'lab.open')) return false
    const reply = await opens(title, () => lab.invoke('lab.open', args))
    if (!reply.ok) toasts.fail('Open a lab', reply)
    return reply.ok
  }

  /** Reads a file that the person chose; errors are told, never thrown. */
  const readFile = async (file: File, limitBytes: number): Promise<string | null> => {
    if (file.size > limitBytes) {
      toasts.add('bad', `${file.name} was not opened`, [`It has ${file.size} bytes; at most ${limitBytes} are read.`])
      return null
    }
    try {
      return await file.text()
    } catch (error) {
      toasts.add('bad', `${file.name} could not be read`, [error instanceof Error ? error.message : String(error)])
      return null
    }
  }

  const openScenarioFile = async (file: File): Promise<boolean> => {
    const text = await readFile(file, SCENARIO_FILE_LIMIT_BYTES)
    return text === null ? false : openLab({ text, name: file.name })
  }

  const openJournalFile = async (file: File): Promise<boolean> => {
    const text = await readFile(file, JOURNAL_FILE_LIMIT_BYTES)
    if (text === null) return false
    const reply = await opens(file.name, () => lab.invoke('journal.import', { text }))
    if (!reply.ok) toasts.fail(`${file.name} was not opened`, reply)
    return reply.ok
  }

  return {
    palette,
    views,
    keys,
    until,
    messages,
    time,
    toggleRun,
    speed,
    seek,
    press,
    opening,
    openLab,
    openScenarioFile,
    openJournalFile,
  }
})
