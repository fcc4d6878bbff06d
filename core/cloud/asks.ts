/** Questions to real sockets that are still open, and who waits for each: a bounded list, told by number (DEC-35). */
import type { CloudName, Told } from '../contract/clouds.ts'
import type { World } from '../world.ts'
import type { CloudAsk } from './real.ts'

/** Questions that may be open at once; more fail at once. Connections that stand count too. */
export const MAX_ASKS = 5_000

/** Puts a question; `told` runs once, in a later task unless there are too many. The answer is its number. */
export function ask(world: World, cloud: CloudName, what: CloudAsk, told: (told: Told) => void): number {
  const { real } = world
  if (real.asks.size >= MAX_ASKS) {
    told({ is: 'failed', stage: 'send', text: `more than ${MAX_ASKS} requests wait for real sockets` })
    return 0
  }
  const number = real.next++
  real.asks.set(number, { cloud, told })
  real.port?.ask(number, what)
  return number
}

/** Nobody waits any more: what still comes is late, and harmless. */
export function dropAsk(world: World, number: number): void {
  if (world.real.asks.delete(number)) world.real.port?.drop(number)
}

/** What a socket told. Late and unknown outcomes are nothing. */
export function askTold(world: World, number: number, told: Told): void {
  const pending = world.real.asks.get(number)
  if (!pending) return
  world.real.asks.delete(number)
  pending.told(told)
}

/** These legs are real no more: whatever is open on them fails, in the order in which it was asked. */
export function failAsks(world: World, over: (cloud: CloudName) => boolean, text: string): void {
  const { real } = world
  const ended = [...real.asks].filter(([, { cloud }]) => over(cloud))
  for (const [number] of ended) {
    real.asks.delete(number)
    real.port?.drop(number)
  }
  for (const [, { told }] of ended) told({ is: 'failed', stage: 'send', text })
}

/** An outcome of another kind than the question: told by nobody but a broken journal. */
export const unexpected = (told: Told): { stage: 'send'; text: string } => ({
  stage: 'send',
  text: `the socket told "${told.is}", which is no answer here`,
})
