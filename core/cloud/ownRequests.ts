/** The lab's own requests on real sockets: known by their tracking ID when they come in at the other end (DEC-22). */
import type { World } from '../world.ts'
import { hopOf, serve, type Brought, type Carried } from './carried.ts'
import type { RealAnswer } from './real.ts'

/** Requests that are remembered; one that comes in later is a stranger's. */
const OWN_KEPT = 2_000

export function noteOwn(world: World, asked: Carried, sentAt: number): void {
  const { own } = world.real
  if (asked.tracking === undefined) return
  own.delete(asked.tracking) // the newest is also the last in order
  own.set(asked.tracking, { asked, sentAt, answer: null })
  if (own.size > OWN_KEPT) own.delete(own.keys().next().value as string)
}

/** Serves a request that the lab itself sent, by that very exchange; false when it is nobody's here. */
export function serveOwn(
  world: World,
  tracking: string | null,
  cloud: string,
  brought: Brought,
  answer: (said: RealAnswer) => void,
): boolean {
  const own = tracking === null ? undefined : world.real.own.get(tracking)
  if (!own || own.asked.host !== cloud) return false
  const { asked, sentAt } = own
  serve(
    world,
    asked,
    hopOf(asked, asked.message, sentAt),
    (said) => {
      own.answer = said
      answer({ status: said.status, text: said.text, ...said.given })
    },
    brought,
  )
  return true
}
