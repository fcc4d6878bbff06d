/** What may be done to a thing, as data: menus, the inspector and the palette all draw it. */
import type { CommandField, CommandName } from '../../core/contract/index.ts'

/** One input of an action's form. `name` is the path of the argument, e.g. `fault.count`. */
export type AskField = CommandField & {
  label: string
  /** How to write it, with an example. */
  hint?: string
  /** Offered while typing, but anything may be written. */
  suggestions?: { value: string; label: string }[]
  /** Left empty it means "none", not "as it is". */
  emptyIsNull?: boolean
}

export type Action = {
  id: string
  label: string
  command: CommandName
  args: Record<string, unknown>
  /** Shown in the danger colour; undone by seeking back. */
  destructive: boolean
  /** False, or the reason why it makes no sense now. */
  disabled: false | string
  /** The key that does the same, for menus and tooltips. */
  key?: string
  /** Actions of one group stand together; a menu draws a line between groups. */
  group: string
  /** Asked before it runs; without it only what the command requires and `args` lacks is asked. */
  ask?: AskField[]
  /** Commands to send before `command`, e.g. a seek before a fork. */
  first?: { command: CommandName; args: Record<string, unknown> }[]
  /** Said above the form. */
  about?: string
}
