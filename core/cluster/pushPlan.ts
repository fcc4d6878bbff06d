/** Whether and how the cluster pushes to a device: the one answer behind calls, messages and forecasts. */
import type { PushRow } from '../contract/rows.ts'
import { isMobile, type Device } from '../client/device.ts'
import type { Gate } from '../client/gate.ts'
import { featureOf, type Feature } from '../release/index.ts'
import { mraObstacle } from '../edge/pushKnowledge.ts'
import type { World } from '../world.ts'

export type PushPlan =
  | { push: true; channel: PushRow['channel']; pushType: 'voip' | 'alert'; china: boolean }
  | { push: false; reason: string; why: string }

const no = (reason: string, why: string): PushPlan => ({ push: false, reason, why })

function notSupported(gate: Gate, feature: Feature, device: Device): PushPlan {
  const { reason, cell } = featureOf(gate.decision, feature)
  return no(`No support: ${reason} (${cell})`, device.os === 'ios' ? 'REL-01' : 'AND-01')
}

/** How a call to this device is pushed, or the one reason why it is not. */
export function callPushPlan(world: World, device: Device): PushPlan {
  if (!device.signedIn) return no('logged out: pushes to this device have ended', 'CH-11')
  if (!isMobile(device)) return no('not a mobile client: it needs no push', 'CH-10')
  if (!world.cluster.onboarded) {
    return device.os === 'ios'
      ? no('the cluster is not onboarded, and nothing else reaches an iOS client in background', 'REL-02')
      : no('the cluster is not onboarded for FCM', 'AND-03')
  }
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
  if (!world.cluster.onboarded) return no('the cluster is not onboarded', device.os === 'ios' ? 'CH-03' : 'AND-03')
  const gate = world.gateFor(device)
  const needed = device.os === 'ios' ? 'messaging' : 'fcm'
  if (!gate.on.has(needed)) return notSupported(gate, needed, device)
  if (!device.subscription) return no('this client has not signed in for push', 'CH-01')
  if (device.subscription.imStopped)
    return no('message pushes to this device are stopped since the cloud answered 410', device.os === 'android' ? 'FCM-04' : 'ALM-08')
  const mra = device.mra && world.expresswayRelease !== null ? mraObstacle(world.knowsPush) : null
  if (mra) return no(mra.reason, mra.why)
  return { push: true, channel: gate.on.has('separateChannels') ? 'Message' : 'shared', pushType: 'alert', china: false }
}
