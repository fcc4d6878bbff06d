/** The time in which no local push could have reached a client, whether it knew or not (LPNS-22). */
import type { Device } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { touchSession } from './places.ts'

export function gapStarts(world: World, id: string): void {
  const device = world.devices.get(id)
  if (!device) return
  device.local.gapSince ??= world.clock.now()
  touchSession(world, id)
}

/** A session stands again; a change of sessions within one instant was no gap. */
export function gapEnds(world: World, device: Device, node: string): void {
  const { local } = device
  if (local.gapSince === null) return
  const gapMs = world.clock.now() - local.gapSince
  local.gapSince = null
  if (gapMs === 0) return
  local.lastGapMs = gapMs
  const after = `on ${node}, after ${(gapMs / 1_000).toFixed(1)} s in which none could have come`
  note(world, { flow: 0, place: device.id, carrier: 'LPNS' }, 'local push is back', after, 'info', 'LPNS-22')
}
