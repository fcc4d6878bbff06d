/** Carries actions out: asks for what they lack, sends their commands, shows what came of them. */
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { CommandInput, CommandName, CommandResult, Failure, Issue, Reply } from '../../core/contract/index.ts'
import { formatTime } from '../ui/format.ts'
import type { Action, AskField } from './action.ts'
import { actionsFor } from './actionsFor.ts'
import { saveText } from './download.ts'
import { fieldsOf, missingIn } from './fields.ts'
import { useLab } from './lab.ts'
import { useSelection } from './selection.ts'
import { useToasts } from './toasts.ts'

export type { Action, AskField } from './action.ts'
export { actionsFor } from './actionsFor.ts'

export type Answer = {
  title: string
  text: string
  /** Said above the text. */
  about?: string
  /** What is wrong with it, and how to mend it. */
  issues?: Issue[]
}

const configAnswer = (config: CommandResult<'device.config'>): Answer => ({
  title: config.name,
  text: config.text ?? '',
  about:
    config.downloadedAt === null
      ? 'This device has not downloaded the file.'
      : `Downloaded at ${formatTime(config.downloadedAt)}. LocalPushSSIDList: ${config.ssids.length === 0 ? 'not in the file' : config.ssids.join('; ')}.`,
  issues: config.chain,
})

/** The form that stands open, if any. `Ask.vue` draws it. */
export type OpenForm = { action: Action; fields: AskField[]; returnTo: HTMLElement | null }

export const useActions = defineStore('actions', () => {
  const lab = useLab()
  const selection = useSelection()
  const toasts = useToasts()
  const form = shallowRef<OpenForm | null>(null)
  /** IDs of actions on their way, so that a button can show it and is not pressed twice. */
  const busy = shallowRef<ReadonlySet<string>>(new Set())

  /** What a command answered, when nothing else in the window shows it. */
  const answer = shallowRef<Answer | null>(null)

  const setBusy = (id: string, on: boolean): void => {
    const next = new Set(busy.value)
    if (on) next.add(id)
    else next.delete(id)
    busy.value = next
  }

  /** Sends the action's commands and does what belongs to a success. Returns the failure, or null. */
  const send = async (action: Action, args: Record<string, unknown>): Promise<Failure | null> => {
    if (action.command === 'flow.ladder' && typeof args['flow'] === 'number') {
      selection.openFlow(args['flow'])
      return null
    }
    setBusy(action.id, true)
    try {
      for (const step of action.first ?? []) {
        const reply = await lab.invoke(step.command, step.args as CommandInput<CommandName>)
        if (!reply.ok) return reply
      }
      const reply = (await lab.invoke(action.command, args as CommandInput<CommandName>)) as Reply<unknown>
      if (!reply.ok) return reply
      afterwards(action, reply.value)
      return null
    } finally {
      setBusy(action.id, false)
    }
  }

  const afterwards = (action: Action, value: unknown): void => {
    switch (action.command) {
      case 'flow.export':
      case 'journal.export':
      case 'clouds.keylog':
      case 'wire.ca': {
        const file = value as CommandResult<'flow.export'>
        saveText(file.name, file.mediaType, file.text)
        toasts.add('info', `Export ready: ${file.name}`)
        return
      }
      case 'event.detail': {
        selection.select('event', (value as CommandResult<'event.detail'>).event.seq)
        return
      }
      case 'search.tracking': {
        const [push] = (value as CommandResult<'search.tracking'>).pushes
        if (push) selection.select('push', push.id)
        else toasts.add('warn', 'No push of this run has this tracking ID.')
        return
      }
      case 'lab.source': {
        const file = value as CommandResult<'lab.source'>
        answer.value = { title: file.name, text: file.text }
        return
      }
      case 'device.config': {
        answer.value = configAnswer(value as CommandResult<'device.config'>)
        return
      }
      case 'wire.interfaces': {
        const { interfaces } = value as CommandResult<'wire.interfaces'>
        answer.value = { title: 'Network interfaces', text: interfaces.map(({ name, address }) => `${name}\t${address}`).join('\n') }
        return
      }
      case 'call.place':
      case 'message.send': {
        selection.select('flow', (value as CommandResult<'call.place'>).flow)
        // Time stands still in a paused lab: a call that nobody sees move would look broken.
        if (lab.clock.mode === 'paused') void lab.invoke('time.run', {})
        return
      }
      case 'fault.add': {
        const { fault } = value as { fault?: string }
        // A hidden fault is not shown to anybody, so it cannot be selected either.
        if (fault !== undefined && lab.faults.has(fault)) selection.select('fault', fault)
        else toasts.add('info', `${action.label.replace(/…$/, '')}: done`)
        return
      }
      default: {
        const flow = typeof value === 'object' && value !== null ? (value as { flow?: unknown }).flow : undefined
        if (typeof flow === 'number') selection.select('flow', flow)
      }
    }
  }

  /** Opens the form of an action, whether or not something is missing. */
  const ask = (action: Action): void => {
    const info = lab.commands.find((command) => command.name === action.command)
    const returnTo = document.activeElement instanceof HTMLElement ? document.activeElement : null
    form.value = { action, fields: action.ask ?? fieldsOf(action.command, action.args, info), returnTo }
  }

  /** Runs the action, or opens its form when it needs to know more. Failures become toasts. */
  const run = async (action: Action): Promise<void> => {
    if (action.disabled !== false) {
      toasts.add('warn', action.label, [action.disabled])
      return
    }
    const info = lab.commands.find((command) => command.name === action.command)
    if (action.ask !== undefined || missingIn(action.args, info).length > 0) {
      ask(action)
      return
    }
    if (busy.value.has(action.id)) return
    const failed = await send(action, action.args)
    if (failed) toasts.fail(action.label, failed)
  }

  /** Sends what the form holds; the form stays open and shows what was wrong. */
  const submit = async (action: Action, args: Record<string, unknown>): Promise<Failure | null> => {
    const failed = await send(action, args)
    if (!failed) form.value = null
    return failed
  }

  const closeForm = (): void => {
    form.value = null
  }

  return { form, answer, busy, run, ask, submit, closeForm, actionsFor }
})

/** For callers outside of components. */
export const run = (action: Action): Promise<void> => useActions().run(action)
export const ask = (action: Action): void => useActions().ask(action)
