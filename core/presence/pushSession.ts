/** IM sessions that a push can wake: a level that rises with the session and falls with its end (CH-11, ALM-22). */
import { isMobile, type Device } from '../client/device.ts'
import { messagePushPlan } from '../cluster/pushPlan.ts'
import type { World } from '../world.ts'

/**
 * Brings the session counters in line with what holds now; does nothing when nothing changed. `asked` is
 * false for sign-ins that lie before the start of the lab: their request is not seen in it.
 */
export function settlePushSession(world: World, device: Device, asked = true): void {
  const { im } = device
  // A session that waits to be rebuilt is no session yet (HA-08); a node that is down has none.
  const stands = im !== null && im.built && world.presence?.nodes.get(im.node)?.state === 'up'
  const node = stands && isMobile(device) && messagePushPlan(world, device).push ? im.node : null
  if (node === device.pushSession) return
  if (device.pushSession !== null) world.counters.xcpPush(device.pushSession, 'PushEnabledSessions', device.service, -1)
  device.pushSession = node
  if (node === null) return
  world.counters.xcpPush(node, 'PushEnabledSessions', device.service)
  if (asked) world.counters.xcpPush(node, 'PushEnableReqRcvd', device.service)
}
