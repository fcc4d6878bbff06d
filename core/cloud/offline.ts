/**
 * What a platform keeps for a device that is not connected, and for how long: APNs the newest of each app, FCM what its keys
 * and limits leave (APNS-09, FCM-02).
 */
import type { Device } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import { note, type World } from '../world.ts'
import { keepNewest, keptUntil } from './apns/store.ts'
import { MAX_TTL_MS } from './fcm/limits.ts'
import { PLATFORM_NAME, type Platform } from './platformName.ts'

export type StoredPush = { push: Push; untilMs: number; ttlMs: number; collapseKey: string | null }

/** Our own messages replace each other, as those of APNs do; no source says whether Push REST sets a key. */
const OWN_COLLAPSE_KEY = 'message'

/** How long a push may wait; 0 is now or never, as all calls are (NET-10). Null: as long as its platform keeps one. */
const waitsFor = (push: Push): number | null => (push.provider ? push.provider.keepMs : push.purpose === 'message' ? null : 0)

/** Keeps a push for a device that cannot be reached, or ends it, and whatever has to give way to it. */
export function keepForLater(world: World, platform: Platform, push: Push, device: Device): void {
  const name = PLATFORM_NAME[platform]
  const at = { flow: push.flow, place: platform, carrier: name, tracking: push.id }
  const keepMs = waitsFor(push)
  const why = platform === 'apns' ? 'APNS-09' : 'FCM-02'
  if (keepMs === 0) {
    const [text, rule] = push.provider
      ? ['dropped: its provider wants it now or never', why]
      : ['dropped: a call push is now or never', 'NET-10']
    note(world, at, `no connection to ${device.label}`, text, 'lost', rule)
    world.pushes.move(push, 'expired', `${name} accepted it, but the device has no connection to ${name}`)
    return
  }
  const now = world.clock.now()
  const gone = platform === 'apns' ? keepAtApns(world, device, push, keepMs, now) : keepAtFcm(world, device, push, keepMs, now)
  for (const older of gone) world.pushes.move(older, 'superseded', `${name} keeps only the newest push for a device that is offline`)
  note(world, at, `no connection to ${device.label}`, 'kept until the device is back', 'wait', why)
}

function keepAtApns(world: World, device: Device, push: Push, keepMs: number | null, now: number): Push[] {
  const longest = keptUntil(null, now) ?? now
  const untilMs = keepMs === null ? longest : Math.min(longest, now + keepMs)
  const older = keepNewest(world.storedPushes, device.id, { push, untilMs, ttlMs: untilMs - now, collapseKey: null })
  return older ? [older.push] : []
}

function keepAtFcm(world: World, device: Device, push: Push, keepMs: number | null, now: number): Push[] {
  const ttlMs = Math.min(keepMs ?? MAX_TTL_MS, MAX_TTL_MS)
  const collapseKey = push.provider ? push.provider.collapse : OWN_COLLAPSE_KEY
  const { gone } = world.fcmStored.keep(device.id, { push, untilMs: now + ttlMs, ttlMs, collapseKey }, now)
  return gone.map((each) => each.push)
}

/** What waits for this device and may still be delivered, oldest first; the rest expires here. */
export function takeKept(world: World, platform: Platform, device: Device): Push[] {
  const now = world.clock.now()
  const kept: StoredPush[] = []
  if (platform === 'apns') {
    const stored = world.storedPushes.get(device.id)
    world.storedPushes.delete(device.id)
    if (stored) kept.push(stored)
  } else {
    const { delivered, expired } = world.fcmStored.take(device.id, now)
    kept.push(...expired, ...delivered)
  }
  const text = `${PLATFORM_NAME[platform]} kept it as long as a push is kept, but the device was not connected`
  return kept.flatMap(({ push, untilMs }) => {
    if (untilMs > now) return [push]
    world.pushes.move(push, 'expired', text)
    return []
  })
}
