/** REGISTER at a node: who is where, which key and token are in force, and which held calls go out now. */
import type { Device } from '../client/device.ts'
import { toDevice } from '../client/sip.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import { tell, type Hop, type LabNode, type World } from '../world.ts'
import { offer } from './legs.ts'

/** Any node of the cluster takes the registration of a known device; held calls are offered at once. */
export function registered(world: World, node: LabNode, device: Device, flow: number, hop: Hop): void {
  if (!device.signedIn) {
    tell(world, hop, 'refused: this client is logged out', 'fail', 'CH-11')
    return
  }
  device.registration = { node: node.id, connected: true }
  const key = device.keys[0]
  const before = device.subscription
  const same = before !== null && before.token === device.token
  if (key && device.token !== '') {
    device.subscription = {
      token: device.token,
      key: key.key,
      keyFingerprint: key.fingerprint,
      stopped: same && before.stopped,
      imStopped: same && before.imStopped,
    }
    if (!same) tokenRenewed(world, device)
  }
  world.touch('device', device.id)
  tell(world, hop, 'registration taken', 'ok', 'CH-01')
  toDevice(world, node.id, device, { flow, message: '200 OK' }, { type: 'registered', node: node.id, flow })
  // Each leaves the list while it is offered.
  for (const leg of device.heldLegs.slice()) offer(world, leg, node)
}

/** What was stopped because of the token before goes on, and its alarms are over (ALM-02, ALM-08). */
function tokenRenewed(world: World, device: Device): void {
  const because = `${device.label} has set a new push token`
  for (const id of world.cluster.nodes.keys()) world.alarms.clear('PushNotificationInvalidDeviceTokenResponse', id, because, device.id)
  for (const id of world.presence?.nodes.keys() ?? [])
    world.alarms.clear('PushNotificationFailedInvalidDeviceToken', id, because, device.id)
  settlePushSession(world, device)
}
