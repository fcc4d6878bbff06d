/**
 * APNSAlarm: a Jabber on iOS could not process a push that it received. It is over once that app has processed one again, or
 * its user has logged out, so that none goes to it (ALM-12, ALM-25); no source says what ends it: modelled.
 */
import type { Device } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import type { World } from '../world.ts'

/** @param seq the event that tells of it. */
export function pushNotProcessed(world: World, device: Device, push: Push, seq: number): void {
  // The Webex App reports no such alarm.
  if (device.os !== 'ios' || device.client !== 'jabber') return
  const standing = nodesOf(world).find((node) => world.alarms.stands('APNSAlarm', node, device.id))
  world.alarms.raise(
    'APNSAlarm',
    standing ?? reporter(world, device, push),
    seq,
    { DeviceName: device.id, UserID: device.owner },
    device.id,
  )
}

export function noMoreUnprocessed(world: World, device: Device, because: string): void {
  if (!world.alarms.anyStands('APNSAlarm')) return
  for (const node of nodesOf(world)) world.alarms.clear('APNSAlarm', node, because, device.id)
}

const nodesOf = (world: World): string[] => [...world.cluster.nodes.keys()]

/** The node that the client is registered with, or whose push it was; a stranger's push is reported at the publisher. */
function reporter(world: World, device: Device, push: Push): string {
  const [sender = ''] = push.sender.split('/')
  return device.registration?.node ?? (world.cluster.nodes.has(sender) ? sender : world.cluster.publisher.id)
}
