/** From the node that serves the called device back to the caller: over its own node, which may be another. */
import { callManagerOf, toDevice } from '../client/sip.ts'
import { routeBetween, tell, transmit, type World } from '../world.ts'
import type { Call, SipToDevice } from './call.ts'

export const SDL_PORT = 8_002

/** Passes something on between two CallManagers; at once when they are one. */
export function betweenNodes(world: World, flow: number, from: string, to: string, message: string, then: () => void): void {
  if (from === to) return then()
  transmit(
    world,
    routeBetween(world, from, to),
    { flow, from: callManagerOf(from), to: callManagerOf(to), carrier: 'SDL', message, sentAt: world.clock.now() },
    { port: SDL_PORT },
    (hop) => {
      tell(world, hop, 'passed on inside the cluster', 'ok', 'CALL-01')
      then()
    },
  )
}

type ToCaller = Extract<SipToDevice, { type: '180' | '200' | 'refusal' | 'BYE' }>

/** Tells the caller something, from the node where it is known. */
export function toCaller(world: World, call: Call, from: string, message: string, sip: ToCaller): void {
  const flow = call.flow.number
  betweenNodes(world, flow, from, call.callerNode, `${message} for the caller`, () =>
    toDevice(world, call.callerNode, call.caller, { flow, message }, sip),
  )
}

export function ringToCaller(world: World, call: Call, from: string, byServer: boolean): void {
  toCaller(world, call, from, '180 Ringing', { type: '180', flow: call.flow.number, byServer })
}
