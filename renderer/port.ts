/** The window's side of the door: one interface, two carriers. */
import type { Batch } from '../core/contract/batch.ts'
import type { PreloadBridge } from '../core/contract/carrier.ts'
import type { CommandInput, CommandName } from '../core/contract/commands.ts'
import type { Reply, Subscription } from '../core/contract/door.ts'
import type { CommandResult } from '../core/contract/results.ts'
import { socketPort } from './socketPort.ts'

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

/** Electron when the preload is there, else the browser mode's WebSocket. */
export function openPort(window: Window & { pushLab?: PreloadBridge }): Port {
  return window.pushLab === undefined ? socketPort(window) : preloadPort(window.pushLab)
}

/** Electron's IPC lives and dies with the window: it is always open. */
export function preloadPort(bridge: PreloadBridge): Port {
  return {
    state: { kind: 'open' },
    onState: () => () => {},
    subscribe: (listener) => bridge.subscribe(listener),
    async invoke<N extends CommandName>(name: N, args: CommandInput<N>) {
      try {
        return (await bridge.invoke({ name, args })) as Reply<CommandResult<N>>
      } catch (error) {
        // Electron rejects when an argument cannot be copied to the other process.
        const text = error instanceof Error ? error.message : String(error)
        return { ok: false, code: 'io', message: `The request did not reach the lab: ${text}`, issues: [] }
      }
    },
  }
}
