/** What the person holding a phone can do. Each act answers with a text that says why it is not possible, or null. */
import type { Call } from '../cluster/call.ts'
import { nodeOf } from '../cluster/nodes.ts'
import { deviceOnline, issueToken, retireToken } from '../cloud/platform.ts'
import { used } from '../presence/mdm.ts'
import { networkChanged } from '../oauth/login.ts'
import { note, type World } from '../world.ts'
import { appKilled, BOOT_MS, rebooted, settleLocalPush } from '../lpns/client.ts'
import { openApp, settle } from './attention.ts'
import { isMobile, isSuspended, reachesCluster, reachesInternet, type Device } from './device.ts'
import { endCallOnDevice, wake } from './phone.ts'
import { accept, refuse } from './phoneSip.ts'
import { newKey } from './keys.ts'
import { register } from './registration.ts'
import { askForToken } from './pushToken.ts'
import { toCallManager, trackingFor } from './sip.ts'

export type Refusal = string | null

/** What hanging up does at once. The other end hears of it by a BYE or CANCEL, which may be lost, so no more is said (CALL-01). */
const OVER_HERE = 'over on this device'

const act = (world: World, device: Device, flow: number, message: string, outcome: string, why: string): void =>
  void note(world, { flow, place: device.id, carrier: 'device', tracking: trackingFor(world, flow, device) }, message, outcome, 'info', why)

export function answer(world: World, device: Device): Refusal {
  const { call } = device
  if (!call || call.direction !== 'incoming' || !call.canAnswer) return `${device.label} has no incoming call to answer`
  used(world, device)
  act(world, device, call.flow, 'user answers', device.locked ? 'over the lock screen' : 'unlocked', 'CALL-10')
  // Unlocked, answering brings the app to the screen; over the lock screen it stays behind CallKit (CALL-10).
  if (!device.locked && isMobile(device)) device.app = 'on screen'
  if (device.leg) {
    accept(world, device, device.leg)
    return null
  }
  device.choice = 'answer'
  device.call = { ...call, state: 'waiting for SIP', canAnswer: false }
  world.touch('device', device.id)
  return null
}

export function decline(world: World, device: Device): Refusal {
  const { call } = device
  if (!call || call.direction !== 'incoming' || !call.canDecline) return `${device.label} has no incoming call to decline`
  act(world, device, call.flow, 'user declines', device.locked ? 'without unlocking' : 'unlocked', 'CALL-10')
  if (device.leg) refuse(world, device, device.leg, '603 Decline')
  else {
    device.choice = 'decline'
    device.call = { ...call, state: 'waiting for SIP', canAnswer: false, canDecline: false }
    world.touch('device', device.id)
  }
  return null
}

export function hangUp(world: World, device: Device): Refusal {
  const { call } = device
  if (!call) return `${device.label} has no call`
  if (device.placed) return giveUp(world, device.placed)
  if (call.state !== 'active' || !device.leg) return decline(world, device)
  const { leg } = device
  used(world, device)
  act(world, device, call.flow, 'user hangs up', OVER_HERE, 'CALL-01')
  sendBye(world, device, leg.call, leg.node)
  endCallOnDevice(world, device, call.flow)
  return null
}

/** The caller ends the call: before the answer a CANCEL, afterwards a BYE. */
export function giveUp(world: World, call: Call): Refusal {
  const { caller } = call
  const flow = call.flow.number
  if (call.phase === 'over') {
    if (caller.call?.flow !== flow) return 'this call is already over'
    // Voicemail or another number took it: Unified CM has no part in it any more, the caller just hangs up (CALL-15).
    act(world, caller, flow, 'caller hangs up', OVER_HERE, 'CALL-15')
    endCallOnDevice(world, caller, flow)
    return null
  }
  const connected = call.phase === 'connected'
  act(world, caller, flow, 'caller hangs up', connected ? OVER_HERE : 'not connected yet', connected ? 'CALL-01' : 'CALL-04')
  if (connected) sendBye(world, caller, call, call.callerNode)
  else {
    toCallManager(world, caller, nodeOf(world, call.callerNode), { flow, message: 'CANCEL' }, { type: 'CANCEL', call })
  }
  endCallOnDevice(world, caller, flow)
  return null
}

function sendBye(world: World, device: Device, call: Call, node: string): void {
  const flow = call.flow.number
  toCallManager(world, device, nodeOf(world, node), { flow, message: 'BYE' }, { type: 'BYE', call, by: device })
}

/** Taps a notification: the newest one, or the one with this number. */
export function tap(world: World, device: Device, banner?: number): Refusal {
  const found = banner === undefined ? device.banners[0] : device.banners.find((each) => each.id === banner)
  if (!found) return banner === undefined ? `${device.label} shows no notification` : `${device.label} shows no notification ${banner}`
  device.banners = device.banners.filter((each) => each !== found)
  used(world, device)
  world.touch('device', device.id)
  switch (found.kind) {
    case 'call toast': {
      act(world, device, found.flow, 'user taps the call notification', 'the app starts', 'CN-01')
      openApp(device)
      device.callPush = found.push
      wake(world, device, found.flow, found.push?.fields['node'] ?? null)
      if (device.client === 'jabber' && !device.im?.connected) world.receivers.imResume(device, found.flow)
      return null
    }
    case 'message':
      act(world, device, found.flow, 'user taps the message', 'the app comes to the foreground', 'CH-08')
      if (found.push) world.pushes.move(found.push, 'used', 'the user tapped the notification')
      openApp(device)
      settle(world, device, found.flow)
      return null
    case 'missed call':
    case 'answered elsewhere':
    case 'call ended':
      openApp(device)
      settle(world, device, 0)
      return null
  }
}

export function foreground(world: World, device: Device): Refusal {
  if (!device.signedIn) return `${device.label} is signed out: sign in first`
  if (!isMobile(device)) return `${device.label} has no app that goes to the background`
  openApp(device)
  used(world, device)
  act(world, device, device.call?.flow ?? 0, 'user opens the app', 'foreground', 'CH-02')
  settle(world, device, device.call?.flow ?? 0)
  return null
}

export function setAttention(
  world: World,
  device: Device,
  change: Partial<Pick<Device, 'app' | 'locked' | 'screenOn'>>,
  message: string,
): Refusal {
  if (!isMobile(device)) return `${device.label} is not a phone with an app: it never goes to the background`
  // Leaving the app is the last thing that its user did in it; a phone that is locked in the pocket was not used (MSG-04).
  const wasUsed = !isSuspended(device)
  Object.assign(device, change)
  if (wasUsed || !isSuspended(device)) used(world, device)
  const outcome = isSuspended(device) ? 'suspended' : 'foreground'
  act(world, device, 0, message, outcome, 'CH-02')
  if (change.app === 'killed') {
    if (device.placed) giveUp(world, device.placed)
    device.call = null
    device.leg = null
    device.choice = null
    device.callPush = null
    device.awakeFor = null
    if (device.registration) device.registration.connected = false
    appKilled(world, device)
  }
  settle(world, device, 0)
  return null
}

/** For half a minute the phone is simply gone; then iOS brings its local push back, and the app stays closed (LPNS-15). */
export function reboot(world: World, device: Device): Refusal {
  if (!isMobile(device)) return `${device.label} is not a phone`
  if (device.booting) return `${device.label} is already booting`
  act(world, device, 0, 'phone reboots', `gone for ${BOOT_MS / 1_000} s`, 'LPNS-15')
  if (device.placed) giveUp(world, device.placed)
  if (device.call) endCallOnDevice(world, device, device.call.flow)
  device.call = null
  device.leg = null
  device.choice = null
  device.callPush = null
  device.awakeFor = null
  device.banners = []
  Object.assign(device, { app: 'killed', locked: true, screenOn: false })
  if (device.registration) device.registration.connected = false
  if (device.im) device.im.connected = false
  rebooted(world, device)
  device.booting = true
  settle(world, device, 0)
  world.clock.schedule(
    BOOT_MS,
    () => {
      if (!device.booting || !world.devices.has(device.id)) return
      device.booting = false
      act(world, device, 0, 'phone is up again', 'locked, app closed', 'LPNS-15')
      settleLocalPush(world, device)
      deviceOnline(world, device)
      // Its user was quick: the app is on the screen, and now there is a network for it.
      if (!isSuspended(device)) settle(world, device, 0)
      world.touch('device', device.id)
    },
    `${device.label} boots`,
  )
  return null
}

export function setNetwork(
  world: World,
  device: Device,
  change: Partial<Pick<Device, 'wifi' | 'wifiIsMainRoute' | 'cellular' | 'internet'>>,
): Refusal {
  const before = device.wifi ?? (device.cellular ? 'cellular' : null)
  Object.assign(device, change)
  const after = device.wifi ?? (device.cellular ? 'cellular' : null)
  const parts = [
    device.wifi === null ? 'no Wi-Fi' : `Wi-Fi ${device.wifi}`,
    device.cellular ? 'cellular' : 'no cellular',
    device.internet ? 'internet' : 'no internet',
  ]
  act(world, device, 0, 'network changes', parts.join(', '), 'CH-13')
  if (before !== after && after !== null) networkChanged(world, device)
  if (!reachesCluster(device)) {
    if (device.registration) device.registration.connected = false
    if (device.im) device.im.connected = false
  } else if (!isSuspended(device)) settle(world, device, 0)
  settleLocalPush(world, device)
  backOnline(world, device)
  deviceOnline(world, device)
  world.touch('device', device.id)
  return null
}

/** With a network again, a woken client tries its REGISTER anew, and one without a token asks for it. */
function backOnline(world: World, device: Device): void {
  const tellServers = (): void => {
    if (reachesCluster(device) && device.signedIn) register(world, device, device.awakeFor ?? 0, null, () => undefined)
  }
  if (device.signedIn && isMobile(device) && device.token === '' && reachesInternet(device)) askForToken(world, device, 0, tellServers)
  else if (device.awakeFor !== null && device.registration?.connected !== true) tellServers()
}

export function rotateKey(world: World, device: Device): Refusal {
  if (!device.signedIn || !isMobile(device)) return `${device.label} has no push session to renew a key for`
  newKey(world, device)
  const connected = device.registration?.connected === true
  act(
    world,
    device,
    0,
    'client renews its payload key',
    connected ? 'told to the servers at once' : 'told to the servers at its next registration',
    'SEC-01',
  )
  if (connected) register(world, device, 0, null, () => undefined)
  return null
}

export function rotateToken(world: World, device: Device): Refusal {
  if (!device.signedIn || !isMobile(device)) return `${device.label} has no push session`
  issueToken(world, device)
  const connected = device.registration?.connected === true
  act(
    world,
    device,
    0,
    'push token rotates',
    connected ? `now …${device.token.slice(-4)}, told to the servers at once` : 'the servers keep the old one until its next registration',
    'SEC-05',
  )
  if (connected) register(world, device, 0, null, () => undefined)
  return null
}

export function expireToken(world: World, device: Device): Refusal {
  if (!isMobile(device) || device.token === '') return `${device.label} has no push token`
  retireToken(world, device)
  act(world, device, 0, 'push token becomes stale', 'the platform cloud no longer knows it; nobody tells the servers', 'SEC-05')
  world.touch('device', device.id)
  return null
}
