/** The clouds of the lab in view on real sockets: opens and closes them, and answers what the window asks of them. */
import type { CloudCommand, CloudsState } from '../contract/clouds.ts'
import { failure, type Failure, type Reply } from '../contract/door.ts'
import type { WireHost } from './wireCommands.ts'

export type Clouds = {
  readonly open: boolean
  state(): CloudsState | null
  /** Why this host command cannot be carried out now, or null. */
  refusal(name: string): Failure | null
  command(name: CloudCommand, args: unknown): Reply | Promise<Reply>
  /** After each turn of the lab. */
  afterTurn(): void
  /** The run in view is another one. */
  jumped(): void
  close(reason: string): Promise<void>
}

export function createClouds(_host: WireHost, _dataDir: string | null): Clouds {
  return {
    open: false,
    state: () => null,
    refusal: () => null,
    command: () => failure('refused', 'the clouds are not wired to this lab yet'),
    afterTurn: () => undefined,
    jumped: () => undefined,
    close: () => Promise.resolve(),
  }
}
