/** Multiple Device Messaging: whether a desktop client keeps the message from the phone (MSG-04, MSG-05, DEC-09). */
import type { Device } from '../client/device.ts'
import type { World } from '../world.ts'
import { DESKTOP_ATTENDED_MS } from './parameters.ts'

/** Its user does something in this client. */
export function used(world: World, device: Device): void {
  device.lastUsedAt = world.clock.now()
  world.touch('device', device.id)
}

/**
 * The desktop client that keeps a message from being pushed to this phone; null when the phone is pushed. The phone is
 * pushed when it was used last, when every desktop client is signed out or was left alone for more than 300 s (MSG-04), or
 * when its user is in a call and does not attend the chat (MSG-05, DEC-09).
 */
export function attendedDesktop(world: World, device: Device): Device | null {
  const others = world.directory.devicesOf.get(device.owner) ?? []
  let attended: Device | null = null
  for (const other of others) {
    if (other.call?.state === 'active') return null
    if (other.os !== 'desktop' || other.client !== 'jabber') continue
    if (!other.signedIn || other.im?.connected !== true) continue
    const inactive = world.clock.now() - other.lastUsedAt > DESKTOP_ATTENDED_MS
    if (!inactive && device.lastUsedAt <= other.lastUsedAt) attended ??= other
  }
  return attended
}
