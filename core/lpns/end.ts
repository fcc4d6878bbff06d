/** The end of a local push session from outside of it (LPNS-18). */
import type { Device } from '../client/device.ts'
import type { World } from '../world.ts'

export type EndCause = 'device deleted' | 'user deleted' | 'logged off'

/** Closes the session of this device, if it has one, and says why. */
export function endLocalPush(_world: World, _device: Device, _cause: EndCause): void {}
