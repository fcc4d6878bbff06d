/**
 * APNs and FCM: the platform clouds that hand out push tokens, accept pushes from Push REST and deliver
 * them to devices. Accepting says nothing about delivery (DEC-33).
 */
import type { Device } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import { platformOf, reachesInternet } from '../client/device.ts'
import { routeBetween, tell, transmit, type Hop, type PlatformToken, type World } from '../world.ts'
import { isReason, ruleOf } from './apns/reasons.ts'
import { askApns, tokenEnded } from './apns/virtual.ts'
import type { Answer, Respond } from './connection.ts'
import { HTTPS_PORT } from './connection.ts'
import { keepForLater, takeKept } from './offline.ts'
import { PLATFORM_NAME, type Platform } from './platformName.ts'

export type { Platform }

/** Gives the device a new token; the one before stops working (SEC-05). */
export function issueToken(world: World, device: Device): string {
  const platform = platformOf(device)
  const tokens = world.platformTokens[platform]
  const old = tokens.get(device.token)
  if (old?.alive) ended(world, platform, old)
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
  const platform = platformOf(device)
  const known = world.platformTokens[platform].get(device.token)
  if (known?.alive) ended(world, platform, known)
}

function ended(world: World, platform: Platform, token: PlatformToken): void {
  if (platform === 'apns') tokenEnded(world, token)
  else token.alive = false
}

/** The platform's side of a push: check the token, accept, then deliver on its own. */
export function servePlatform(world: World, platform: Platform, push: Push, hop: Hop, respond: Respond): void {
  const forced = world.faults.strike(platform, 'answer', { port: HTTPS_PORT, device: push.device })
  if (forced) {
    tell(world, hop, `answers ${forced.status} because of a fault`, 'warn', 'SCN-15')
    return respond(refusal(platform, forced.status, forced.reason))
  }
  const known = world.platformTokens[platform].get(push.target)
  const refused = platform === 'apns' ? refusedByApns(world, push) : refusedByFcm(known)
  if (refused || !known) {
    const { text, status, reason, why } = refused ?? NEVER_GIVEN_OUT
    tell(world, hop, text, 'fail', why)
    return respond(refusal(platform, status, reason))
  }
  const answer = acceptedBy(platform)
  tell(world, hop, 'token known', 'ok', 'CH-10')
  world.pushes.move(push, 'accepted', `accepted by ${PLATFORM_NAME[platform]}; not yet delivered`)
  respond(answer)
  deliver(world, platform, push, known.device)
}

export const acceptedBy = (platform: Platform): Answer => ({
  status: 200,
  text: 'OK',
  outcome: `accepted by ${PLATFORM_NAME[platform]}, not yet delivered`,
  why: 'DEC-33',
})

/** A platform on a real socket has taken it: from here on it goes as any other. */
export function takenOver(world: World, platform: Platform, push: Push): void {
  if (push.state !== 'created' && push.state !== 'sent') return
  world.pushes.move(push, 'accepted', `accepted by ${PLATFORM_NAME[platform]}; not yet delivered`)
  const known = world.platformTokens[platform].get(push.target)
  if (known) return deliver(world, platform, push, known.device)
  world.pushes.move(push, 'expired', `${PLATFORM_NAME[platform]} accepted it, but no device of this lab has its token`)
}

type Refused = { text: string; status: number; reason: string; why: string }

const NEVER_GIVEN_OUT: Refused = { text: 'this token was never given out', status: 400, reason: 'INVALID_ARGUMENT', why: 'FCM-04' }

function refusedByFcm(known: PlatformToken | undefined): Refused | null {
  if (!known) return NEVER_GIVEN_OUT
  return known.alive ? null : { text: refusalText('UNREGISTERED'), status: 404, reason: 'UNREGISTERED', why: 'FCM-04' }
}

const GONE_TEXT = 'the token is no longer registered'

const REASON_TEXT: Readonly<Record<string, string>> = {
  BadDeviceToken: NEVER_GIVEN_OUT.text,
  Unregistered: GONE_TEXT,
  UNREGISTERED: GONE_TEXT,
  PayloadTooLarge: 'the payload has more bytes than its push type may have',
}

/** What a reason of the platform means, for a reader of the ladder. */
export const refusalText = (reason: string): string => REASON_TEXT[reason] ?? `refused: ${reason}`

/** The machine that also serves real providers. */
function refusedByApns(world: World, push: Push): Refused | null {
  const { status, reason } = askApns(world, push)
  if (reason === null) return null
  return { text: refusalText(reason), status, reason, why: ruleOf(reason) }
}

/** Any answer but success. */
export function refusal(platform: Platform, status: number, reason: string | undefined): Answer {
  const text = reason ?? (status === 410 ? 'Unregistered' : status >= 500 ? 'InternalServerError' : 'BadRequest')
  return {
    status,
    text,
    outcome: `${PLATFORM_NAME[platform]} refused: ${text}`,
    why: status === 410 || text === 'UNREGISTERED' ? 'SEC-05' : platform === 'fcm' ? 'FCM-04' : isReason(text) ? ruleOf(text) : 'APNS-06',
  }
}

function deliver(world: World, platform: Platform, push: Push, device: Device): void {
  if (!reachesInternet(device)) return keepForLater(world, platform, push, device)
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
    () => world.pushes.move(push, 'expired', `${PLATFORM_NAME[platform]} accepted it, but the way to the device is blocked`),
  )
}

/** The device is connected again: what waits for it is delivered. */
export function deviceOnline(world: World, device: Device): void {
  if (!reachesInternet(device)) return
  const platform = platformOf(device)
  for (const push of takeKept(world, platform, device)) deliver(world, platform, push, device)
}
