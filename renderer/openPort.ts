/** Which carrier this window has. */
import type { PreloadBridge } from '../core/contract/carrier.ts'
import type { CommandInput, CommandName } from '../core/contract/commands.ts'
import type { Reply } from '../core/contract/door.ts'
import type { CommandResult } from '../core/contract/results.ts'
import type { Port } from './port.ts'
import { socketPort } from './socketPort.ts'

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
