/** Notifications on the screen of a phone, as far as its user permits them (CH-12). */
import type { Push } from '../pushBook.ts'
import { note, type World } from '../world.ts'
import { appName, type Device } from './device.ts'

const MAX_BANNERS = 8

/** Shows a notification, if its user permits the app to (CH-12). */
export function addBanner(world: World, device: Device, banner: Omit<Device['banners'][number], 'id' | 'at' | 'app'>): void {
  if (!device.notificationsAllowed) return
  device.banners.unshift({ ...banner, id: world.nextBanner(), at: world.clock.now(), app: appName(device) })
  if (device.banners.length > MAX_BANNERS) device.banners.length = MAX_BANNERS
  world.touch('device', device.id)
}

const NOT_SHOWN = 'not shown: notifications disabled'

/** The push is here, but its user forbids the app to notify; no server ever learns of it (CH-12). */
export function notShown(world: World, device: Device, push: Push): void {
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  const event = note(world, at, 'notification not shown', NOT_SHOWN, 'fail', 'CH-12')
  const flow = world.flows.get(push.flow)
  if (!flow) return
  world.flows.blame(flow, `${device.label}: ${NOT_SHOWN}`, 'CH-12', event.seq)
  // A call goes on without its toast until the 13 s are over; for a message this is the end.
  if (push.purpose === 'message' || push.provider) world.flows.end(flow, 'failed')
}
