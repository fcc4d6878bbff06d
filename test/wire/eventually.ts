/** Waiting for what real sockets and processes bring, in the time of the wall. */
import { setTimeout as delay } from 'node:timers/promises'

export const after = (ms: number): Promise<void> => delay(ms)

/** Waits until it holds, and fails with what was waited for. A machine at work is slow: what has to be quick says so itself. */
export async function eventually(holds: () => boolean, what = 'it', withinMs = 20_000): Promise<void> {
  const until = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > until) throw new Error(`${what} did not come within ${withinMs} ms`)
    await after(10)
  }
}
