/** What a command is, besides its name. */
import type { z } from 'zod'

export type CommandSpec = {
  args: z.ZodType
  /** Shown in menus and palette. */
  title: string
  group:
    | 'Call'
    | 'Message'
    | 'Device'
    | 'Node'
    | 'Service'
    | 'Fault'
    | 'Cluster'
    | 'Storm'
    | 'Check'
    | 'Time'
    | 'Lab'
    | 'View'
    | 'Real clients'
    | 'Real clouds'
  /** The kind of thing it is offered on; its argument of that name is filled from the selection. */
  on?: 'device' | 'node' | 'link' | 'fault' | 'flow'
  /** Shown in the danger colour; undone by seeking back. */
  destructive?: true
}

export const spec = <T extends CommandSpec>(s: T): T => s
