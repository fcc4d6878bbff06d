/**
 * Unread Messages alert, before 12.5(1): a Jabber for iPhone in the background was not signed out, and what waits for it may
 * time out on the server. It ends when nothing waits any more (ALM-13).
 */
import { isSuspended, type Device } from '../client/device.ts'
import type { World } from '../world.ts'

/** Told after every change of its queue. */
export function settleUnreadAlert(world: World, device: Device): void {
  if (!world.presence) return
  const { im } = device
  const waits = im !== null && im.queue.length > 0 && device.signedIn && isSuspended(device)
  const nodes = [...world.presence.nodes.keys()]
  // The session may have moved to another node since.
  const standing = nodes.filter((node) => world.alarms.stands('UnreadMessages', node, device.id))
  if (!waits) {
    const waiting = im !== null && im.queue.length > 0
    const because = waiting
      ? `${device.label} is ${device.signedIn ? 'in use again' : 'signed out'}`
      : `nothing waits for ${device.label} any more`
    for (const node of standing) world.alarms.clear('UnreadMessages', node, because, device.id)
    return
  }
  if (standing.length > 0 || !world.gateFor(device).on.has('unreadMessagesAlert')) return
  const seq = world.log.total - 1
  world.alarms.raise('UnreadMessages', im.node, seq < 0 ? null : seq, { DeviceName: device.id, UserID: device.owner }, device.id)
}
