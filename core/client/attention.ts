/** Foreground and background: what a change of screen, lock or app does to the client's channels (CH-02, CH-03). */
import { messagePushPlan } from '../cluster/pushPlan.ts'
import { fellAsleep } from '../presence/relogin.ts'
import { AWAY, presenceOf, showPresence } from '../presence/watchers.ts'
import { isSuspended, suspendedBecause, type Device } from './device.ts'
import { register } from './registration.ts'
import { note, type World } from '../world.ts'

/** What was suspended, counted instead of told: in a storm it is thousands. */
export type Suspended = { sip: number; im: number; sockets: number }

/** Brings SIP, IM and presence in line with whether the client is suspended now. */
export function settle(world: World, device: Device, flow: number, seen: Suspended | null = null): void {
  world.touch('device', device.id)
  if (!device.signedIn) return
  if (device.os === 'desktop') {
    if (device.im && !device.im.connected) world.receivers.imResume(device, flow)
    return
  }
  if (isSuspended(device)) suspend(world, device, flow, seen)
  else resume(world, device, flow)
}

/** An Android client whose keepalive survives keeps its socket in background, until API level 34 takes it away (AND-03, AND-04). */
export function keepsSocket(world: World, device: Device): boolean {
  if (device.os !== 'android' || !device.keepaliveSurvives) return false
  return device.client === 'webex' || world.gateFor(device).on.has('voipSocket')
}

/** The keepalive of a client in background died, or its new release has no socket any more: nothing tells the servers (AND-03). */
export function socketMayBeGone(world: World, device: Device): void {
  if (!device.signedIn || !isSuspended(device) || keepsSocket(world, device)) return
  if (device.im) device.im.connected = false
  if (device.registration && device.awakeFor === null && device.call === null) device.registration.connected = false
  world.touch('device', device.id)
}

function suspend(world: World, device: Device, flow: number, seen: Suspended | null): void {
  const socket = keepsSocket(world, device)
  showPresence(world, device, AWAY) // MSG-03
  fellAsleep(world, device)
  // Messages are held back only for a session that a push can wake (MSG-02).
  if (device.im?.connected && !(socket && !messagePushPlan(world, device).push)) {
    device.im.connected = false
    if (seen) seen.im++
    else
      note(
        world,
        { flow, place: device.id, carrier: 'XMPP' },
        'IM session suspended',
        'presence Away; stanzas wait on the server',
        'info',
        'MSG-03',
      )
  }
  // A call keeps the client running, whatever happens to its screen.
  if (device.awakeFor !== null || device.call !== null || !device.registration?.connected) return
  const cause = suspendedBecause(device).join(', ')
  if (socket) {
    if (seen) return void seen.sockets++
    note(
      world,
      { flow, place: device.id, carrier: 'SIP' },
      'VoIP socket stays open',
      `${cause}; its keepalive still runs`,
      'info',
      'AND-03',
    )
    return
  }
  device.registration.connected = false
  if (seen) seen.sip++
  else note(world, { flow, place: device.id, carrier: 'SIP' }, 'SIP channel closed', `suspended: ${cause}`, 'info', 'CH-03')
}

function resume(world: World, device: Device, flow: number): void {
  if (device.registration?.connected !== true) register(world, device, flow, null, () => undefined)
  const { im } = device
  // Without a session, as after a failover that nobody took over, an app in foreground logs in anew.
  if (device.client === 'jabber' && im?.connected !== true) world.receivers.imResume(device, flow)
  if (device.client === 'webex' || im?.connected) showPresence(world, device, presenceOf(device))
}

/** Its user opens the app, and unlocks the phone for it. */
export function openApp(device: Device): void {
  showApp(device)
  device.locked = false
  device.voipFailures = 0 // iOS gives the app another chance (APNS-11)
}

/** The app comes to the screen by itself; a locked phone stays locked, no push unlocks it. */
export function showApp(device: Device): void {
  device.app = 'on screen'
  device.screenOn = true
}
