/** The end of a local push session from outside of it (LPNS-18). */
import type { Device } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { endSession } from './client.ts'
import { lpnsOf } from './places.ts'
import { CLOSE } from './protocol.ts'
import { closeSession } from './server.ts'
import { dropTokens } from './tokens.ts'

export type EndCause = 'device deleted' | 'user deleted' | 'logged off'

/** Closes the session of this device, if it has one, and says why: by its client when its user logs off, else by the server. */
export function endLocalPush(world: World, device: Device, cause: EndCause): void {
  if (device.os !== 'ios') return
  for (const lpns of world.lpns.values()) {
    const session = lpns.sessions.get(device.id)
    if (!session || (cause === 'logged off' && !session.link.real)) continue
    note(world, { flow: 0, place: lpnsOf(lpns.node), carrier: 'LPNS' }, `session of ${device.label} ends`, cause, 'info', 'LPNS-18')
    closeSession(world, session, CLOSE.forbidden, cause, 'LPNS-18')
  }
  endSession(world, device, cause)
  dropTokens(world, device)
}
