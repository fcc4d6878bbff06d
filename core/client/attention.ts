/** Foreground and background: what a change of screen, lock or app does to the client's channels (CH-02, CH-03). */
import { isSuspended, suspendedBecause, type Device } from './device.ts'
import { register } from './registration.ts'
import { note, type World } from '../world.ts'

/** Brings SIP, IM and presence in line with whether the client is suspended now. */
export function settle(world: World, device: Device, flow: number): void {
  world.touch('device', device.id)
  if (!device.signedIn || device.os === 'desktop') return
  if (isSuspended(device)) suspend(world, device, flow)
  else resume(world, device, flow)
}

function suspend(world: World, device: Device, flow: number): void {
  if (device.im?.connected) {
    device.im.connected = false
    device.presence = 'Away' // MSG-03
    note(
      world,
      { flow, place: device.id, carrier: 'XMPP' },
      'IM session suspended',
      'presence Away; stanzas wait on the server',
      'info',
      'MSG-03',
    )
  }
  if (device.awakeFor !== null || !device.registration?.connected) return
  const cause = suspendedBecause(device).join(', ')
  if (device.os === 'android' && device.keepaliveSurvives && world.gateFor(device).on.has('voipSocket')) {
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
  note(world, { flow, place: device.id, carrier: 'SIP' }, 'SIP channel closed', `suspended: ${cause}`, 'info', 'CH-03')
}

function resume(world: World, device: Device, flow: number): void {
  if (device.registration?.connected !== true) register(world, device, flow, null, () => undefined)
  if (device.im && !device.im.connected) world.receivers.imResume(device, flow)
  if (device.client === 'webex') device.presence = 'Available'
}

/** The app comes to the screen, by its user or by an iOS 12 push. */
export function openApp(device: Device): void {
  device.app = 'on screen'
  device.locked = false
  device.screenOn = true
}
