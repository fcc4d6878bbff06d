/** An answer that comes byte after byte, for faults: whoever waits for all of it waits long. */

/** How often at most something is written. */
const TICK_MS = 10

/** Resolves when the time is over and all is written, or when nobody listens any more. */
export async function dribble(to: { write(part: Buffer): unknown; readonly destroyed: boolean }, body: Buffer, ms: number): Promise<void> {
  const started = performance.now()
  const tick = Math.max(TICK_MS, ms / Math.max(1, body.length))
  for (let sent = 0, passed = 0; passed < ms && !to.destroyed;) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(tick, ms - passed)).unref())
    passed = performance.now() - started
    const due = Math.min(body.length, Math.floor((body.length * passed) / ms))
    if (due > sent && !to.destroyed) to.write(body.subarray(sent, due))
    sent = Math.max(sent, due)
  }
}
