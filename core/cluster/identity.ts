/** Who the called user is told is calling. */
import type { Device } from '../client/device.ts'
import type { World } from '../world.ts'
import type { Call, Presentation } from './call.ts'

/** External Presentation Name and Number where release and device support it, else the caller's own (CALL-08). */
export function shownTo(world: World, call: Call, device: Device): Presentation {
  if (call.external === null) return call.identity
  return world.gateFor(device).on.has('externalPresentation') ? call.external : call.identity
}
