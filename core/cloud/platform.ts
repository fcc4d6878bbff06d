/**
 * APNs and FCM: the platform clouds that hand out push tokens, accept pushes from Push REST and deliver
 * them to devices. Accepting says nothing about delivery (DEC-33).
 */
import type { Device } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import { platformOf, reachesInternet } from '../client/device.ts'
import { note, routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import type { Answer, Respond } from './connection.ts'
import { HTTPS_PORT } from './connection.ts'

export type Platform = 'apns' | 'fcm'

const NAME: Record<Platform, string> = { apns: 'APNs', fcm: 'FCM' }

/** Gives the device a new token; the one before stops working (SEC-05). */
export function issueToken(world: World, device: Device): string {
  const platform = platformOf(device)
  const tokens = world.platformTokens[platform]
  const old = tokens.get(device.token)
  if (old) old.alive = false
  // APNs tokens are 64 hex digits, FCM registration tokens are longer text.
  const random = world.random(`token ${device.id}`)
  const token = platform === 'apns' ? random.hex(64) : `${random.hex(22)}:APA91b${random.hex(112)}`
  tokens.set(token, { token, device, alive: true })
  device.token = token
  device.tokenSetAt = world.clock.now()
  return token
}

/** The device's side of the platform says that this token is no longer its own. */
export function retireToken(world: World, device: Device): void {
  const known = world.platformTokens[platformOf(device)].get(device.token)
  if (known) known.alive = false
}

/** The platform's side of a push: check the token, accept, then deliver on its own. */
export function servePlatform(world: World, platform: Platform, push: Push, hop: Hop, respond: Respond): void {
  const forced = world.faults.strike(platform, 'answer', { port: HTTPS_PORT, device: push.device })
  if (forced) {
    tell(world, hop, `answers ${forced.status} because of a fault`, 'warn', 'SCN-15')
    return respond(refusal(platform, forced.status, forced.reason))
  }
  const known = world.platformTokens[platform].get(push.target)
  if (!known) {
    tell(world, hop, 'this token was never given out', 'fail', platform === 'apns' ? 'APNS-05' : 'FCM-04')
    return respond(refusal(platform, 400, platform === 'apns' ? 'BadDeviceToken' : 'INVALID_ARGUMENT'))
  }
  if (!known.alive) {
    tell(world, hop, 'the token is no longer registered', 'fail', platform === 'apns' ? 'APNS-05' : 'FCM-04')
    return respond(refusal(platform, platform === 'apns' ? 410 : 404, platform === 'apns' ? 'Unregistered' : 'UNREGISTERED'))
  }
  tell(world, hop, 'token known', 'ok', 'CH-10')
  world.pushes.move(push, 'accepted', `accepted by ${NAME[platform]}; not yet delivered`)
  respond({ status: 200, text: 'OK', outcome: `accepted by ${NAME[platform]}, not yet delivered`, why: 'DEC-33' })
  deliver(world, platform, push, known.device)
}

function refusal(platform: Platform, status: number, reason: string | undefined): Answer {
  const text = reason ?? (status === 410 ? 'Unregistered' : status >= 500 ? 'InternalServerError' : 'BadRequest')
  return {
    status,
    text,
    outcome: `${NAME[platform]} refused: ${text}`,
    why: status === 410 || text === 'UNREGISTERED' ? 'SEC-05' : platform === 'apns' ? 'APNS-06' : 'FCM-04',
  }
}

function deliver(world: World, platform: Platform, push: Push, device: Device): void {
  if (!reachesInternet(device)) return undeliverable(world, platform, push, device)
  const route = routeBetween(world, platform, device.id)
  const hop: Hop = {
    flow: push.flow,
    from: platform,
    to: device.id,
    carrier: platform === 'apns' ? 'APNs' : 'FCM',
    message: `deliver ${push.purpose}, ${push.channel} channel`,
    sentAt: world.clock.now(),
    tracking: push.id,
  }
  transmit(
    world,
    route,
    hop,
    { port: 5223, device: device.id },
    (arrived) => {
      if (world.deleted.has(device.id)) {
        tell(world, arrived, `${device.label} was deleted`, 'lost', 'LPNS-18')
        return
      }
      tell(world, arrived, 'delivered to the device', 'ok', push.channel === 'VoIP' ? 'CALL-06' : 'CH-10')
      world.pushes.move(push, 'delivered')
      world.receivers.pushAtDevice(device, push)
    },
    () => world.pushes.move(push, 'expired', `${NAME[platform]} accepted it, but the way to the device is blocked`),
  )
}

/**
 * A device that is not connected: a call push is now or never, of messages the newest one waits
 * (APNS-09, FCM-02).
 */
function undeliverable(world: World, platform: Platform, push: Push, device: Device): void {
  const at = { flow: push.flow, place: platform, carrier: platform === 'apns' ? ('APNs' as const) : ('FCM' as const), tracking: push.id }
  if (push.purpose !== 'message') {
    note(world, at, `no connection to ${device.label}`, 'dropped: a call push is now or never', 'lost', 'NET-10')
    world.pushes.move(push, 'expired', `${NAME[platform]} accepted it, but the device has no connection to ${NAME[platform]}`)
    return
  }
  const stored = world.storedPushes.get(device.id)
  if (stored) world.pushes.move(stored, 'superseded', `${NAME[platform]} keeps only the newest push for a device that is offline`)
  world.storedPushes.set(device.id, push)
  note(world, at, `no connection to ${device.label}`, 'kept until the device is back', 'wait', 'APNS-09')
}

/** The device is connected again: what waits for it is delivered. */
export function deviceOnline(world: World, device: Device): void {
  const stored = world.storedPushes.get(device.id)
  if (!stored || !reachesInternet(device)) return
  world.storedPushes.delete(device.id)
  deliver(world, platformOf(device), stored, device)
}
