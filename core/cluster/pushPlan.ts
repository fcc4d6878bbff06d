/** Whether and how the cluster pushes to a device: the one answer behind calls, messages and forecasts. */
import type { PushRow } from '../contract/rows.ts'
import { isMobile, type Device } from '../client/device.ts'
import type { Gate } from '../client/gate.ts'
import { featureOf, type Feature } from '../release/index.ts'
import { mraMessagesRed } from '../edge/mraCertificates.ts'
import { mraObstacle } from '../edge/pushKnowledge.ts'
import { ownerOf } from '../presence/subcluster.ts'
import type { World } from '../world.ts'
import { activeNodeOf } from './nodes.ts'

export type PushPlan =
  | { push: true; channel: PushRow['channel']; pushType: 'voip' | 'alert'; china: boolean }
  | { push: false; reason: string; why: string }

const no = (reason: string, why: string): PushPlan => ({ push: false, reason, why })

function notSupported(gate: Gate, feature: Feature, device: Device): PushPlan {
  const { reason, cell } = featureOf(gate.decision, feature)
  return no(`No support: ${reason} (${cell})`, device.os === 'ios' ? 'REL-01' : 'AND-01')
}

const NO_PROVISIONING = no('Smart Licensing has disabled provisioning: register the cluster', 'UPG-04')

/** A service runs with what was saved when it started: so a node may push when push is off already, and not yet when it is on. */
function callsNotPushed(world: World, device: Device): PushPlan | null {
  if (world.onboarding.licensing.provisioningDisabled) return NO_PROVISIONING
  const node = activeNodeOf(world, device)
  if (node ? node.agent.enabled : world.cluster.onboarded) return null
  if (world.cluster.onboarded && node)
    return no(`Cisco Push Notification Service on ${node.id} was not restarted since onboarding: it does not know of push yet`, 'ONB-15')
  return device.os === 'ios'
    ? no('the cluster is not onboarded, and nothing else reaches an iOS client in background', 'REL-02')
    : no('the cluster is not onboarded for FCM', 'AND-03')
}

function messagesNotPushed(world: World, device: Device): PushPlan | null {
  if (world.onboarding.licensing.provisioningDisabled) return NO_PROVISIONING
  const node = ownerOf(world, device)?.node
  if (node ? node.agent.enabled && node.agent.routerKnows : world.cluster.onboarded) return null
  if (world.cluster.onboarded && node) {
    const service = node.agent.enabled ? 'Cisco XCP Router' : 'Cisco XCP Config Manager, and after it Cisco XCP Router,'
    return no(`${service} on ${node.id} was not restarted since onboarding`, 'ONB-16')
  }
  return no('the cluster is not onboarded', device.os === 'ios' ? 'CH-03' : 'AND-03')
}

/** How a call to this device is pushed, or the one reason why it is not. */
export function callPushPlan(world: World, device: Device): PushPlan {
  if (!device.signedIn) return no('logged out: pushes to this device have ended', 'CH-11')
  if (!isMobile(device)) return no('not a mobile client: it needs no push', 'CH-10')
  const off = callsNotPushed(world, device)
  if (off) return off
  const gate = world.gateFor(device)
  const needed = device.os === 'ios' ? 'calling' : 'fcm'
  if (!gate.on.has(needed)) return notSupported(gate, needed, device)
  if (device.os === 'ios' && device.client === 'jabber' && device.voipSocket) {
    return no('EnableVoipSocket is true: voice push needs it false', 'CALL-13')
  }
  if (!device.subscription) return no('this client has not signed in for push', 'CH-01')
  if (device.subscription.stopped) return no('pushes to this device are stopped since the cloud answered 410', 'ALM-02')
  if (device.reportedRegion === 'mainland-china' && gate.on.has('chinaRegion')) {
    return { push: true, channel: 'Message', pushType: 'alert', china: true } // DEC-24
  }
  const channel = gate.on.has('separateChannels') ? 'VoIP' : 'shared'
  return { push: true, channel, pushType: 'voip', china: false }
}

/** How a message to this device is pushed, or the one reason why it is not (MSG-06, MSG-07). */
export function messagePushPlan(world: World, device: Device): PushPlan {
  if (!device.signedIn) return no('logged out: pushes to this device have ended', 'CH-11')
  if (!isMobile(device)) return no('not a mobile client: it needs no push', 'CH-10')
  if (device.client !== 'jabber') return no('Webex App messages never pass an on-premises IM and Presence Service', 'MSG-07')
  if (!world.presence) return no('there is no IM and Presence Service', 'MSG-06')
  if (!world.presence.instantMessaging) return no('Instant Messaging is off', 'MSG-06')
  if (!world.presence.multipleDeviceMessaging) return no('Multiple Device Messaging is not configured', 'MSG-06')
  if (!world.presence.streamManagement) return no('Stream Management is not configured', 'MSG-06')
  const off = messagesNotPushed(world, device)
  if (off) return off
  const gate = world.gateFor(device)
  const needed = device.os === 'ios' ? 'messaging' : 'fcm'
  if (!gate.on.has(needed)) return notSupported(gate, needed, device)
  if (!device.subscription) return no('this client has not signed in for push', 'CH-01')
  if (device.subscription.imStopped)
    return no('message pushes to this device are stopped since the cloud answered 410', device.os === 'android' ? 'FCM-04' : 'ALM-08')
  const mra = device.mra && world.expresswayRelease !== null ? mraObstacle(world.knowsPush) : null
  const red = device.mra ? mraMessagesRed(world) : null
  if (red) return no(red.text, red.why)
  if (mra) return no(mra.reason, mra.why)
  return { push: true, channel: gate.on.has('separateChannels') ? 'Message' : 'shared', pushType: 'alert', china: false }
}
