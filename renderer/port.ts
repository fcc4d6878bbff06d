/** The window's side of the door: one interface, two carriers. */
import type { Batch } from '../core/contract/batch.ts'
import type { CommandInput, CommandName } from '../core/contract/commands.ts'
import type { Reply, Subscription } from '../core/contract/door.ts'
import type { CommandResult } from '../core/contract/results.ts'

export type PortState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** Lost and being tried again: nothing that is shown is fresher than the loss. */
  | { kind: 'lost'; reason: string }
  /** Given up: only a person can mend it, and `reason` says how. */
  | { kind: 'closed'; reason: string }

export interface Port {
  /** Never rejects: a lost connection is a reply with code `io`. */
  invoke<N extends CommandName>(name: N, args: CommandInput<N>): Promise<Reply<CommandResult<N>>>
  /** One at a time. After a loss the first batch is a whole snapshot again. */
  subscribe(listener: (batch: Batch) => void): Subscription
  readonly state: PortState
  /** Called on every change, not with the present state. Returns a function that ends it. */
  onState(listener: (state: PortState) => void): () => void
}
