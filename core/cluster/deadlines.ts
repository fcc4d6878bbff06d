/** The deadlines of a call and of its legs, and how they are stopped (CALL-02, CALL-03, DEC-25). */
import { nodeOf } from './nodes.ts'
import type { Call, Leg } from './call.ts'
import type { World } from '../world.ts'

/** Without ring-back from the device for this long after t0, Unified CM plays it itself (CALL-02). */
export const RINGBACK_MS = 5_000

/** A call that could not be offered within this long after t0 is dropped (CALL-03). */
export const DROP_MS = 13_000

/** Nothing answered an INVITE for this long: SIP gives up (RFC 3261, timer B). */
export const INVITE_TIMEOUT_MS = 32_000

/** How long one node waits for another to take a call; no source names a value. */
export const SDL_TIMEOUT_MS = 5_000

/** Nothing more will come of this leg. */
export function legGone(leg: Leg, reason: string, why: string): void {
  leg.state = 'gone'
  leg.reason = reason
  leg.reasonWhy = why
}

/** The INVITE is no longer held; `fired` says that its time ran out. */
export function unhold(world: World, leg: Leg, fired = false): void {
  leg.dropTimer?.cancel()
  leg.dropTimer = null
  if (leg.dropBar) world.flows.endTimer(leg.call.flow, leg.dropBar, fired)
  const { heldLegs } = leg.device
  const index = heldLegs.indexOf(leg)
  if (index < 0) return
  heldLegs.splice(index, 1)
  const node = nodeOf(world, leg.node)
  if (node.held.delete(leg)) world.touch('node', node.id)
}

export function endMobility(world: World, leg: Leg, fired: boolean): void {
  leg.mobilityTimer?.cancel()
  leg.mobilityTimer = null
  if (leg.mobilityBar) world.flows.endTimer(leg.call.flow, leg.mobilityBar, fired)
}

export function endRingback(world: World, call: Call, fired: boolean): void {
  call.ringbackTimer?.cancel()
  call.ringbackTimer = null
  if (call.ringbackBar) world.flows.endTimer(call.flow, call.ringbackBar, fired)
}

export function stopDiversions(world: World, call: Call): void {
  for (const timer of call.otherTimers) timer.cancel()
  for (const bar of call.otherBars) world.flows.endTimer(call.flow, bar, false)
  call.otherTimers = []
  call.otherBars = []
}
