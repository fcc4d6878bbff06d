import type { World } from '../world.ts'
import type { Device } from './device.ts'

/** Keys that a client remembers, so that pushes sealed before a renewal still open (SEC-01). */
const KEYS_KEPT = 3

/** The client defines a new 256-bit key (SEC-01); in virtual time it comes from the seed. */
export function newKey(world: World, device: Device): void {
  const key = world.random(`key ${device.id}`).bytes(32)
  device.keys.unshift({ key, fingerprint: world.sealer.fingerprint(key), setAt: world.clock.now() })
  if (device.keys.length > KEYS_KEPT) device.keys.length = KEYS_KEPT
  world.touch('device', device.id)
}
