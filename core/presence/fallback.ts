/**
 * A node, or its router, is back: the sessions that it still has go on here, and its users return from the backup, by themselves
 * or because an administrator says so (HA-01, HA-07).
 */
import { isSuspended, type Device } from '../client/device.ts'
import type { World } from '../world.ts'
import { settlePushSession } from './pushSession.ts'
import { moveSession, retrieveHeld } from './queue.ts'
import { pushWaiting, rebuildSessions } from './rebuild.ts'
import { logInLater } from './relogin.ts'
import { releaseStranded } from './routing.ts'
import { stopReturning } from './sessions.ts'
import { imNodeOf, replicates, serves, touchIm } from './subcluster.ts'
import { awayFrom, byThemselves, clients, criticalServiceDown, say, sessions, watchPartner } from './takeover.ts'
import type { ImNode, Stanza } from './types.ts'

/** The node is up again. */
export function nodeUp(world: World, id: string): void {
  const im = imNodeOf(world, id)
  if (!im) return
  im.highAvailability = world.presence?.parameters.highAvailability ?? false
  if (im.takeover) {
    im.takeover.timer.cancel()
    im.takeover = null
    say(world, im, `${im.id} is back before anybody took over`, `${clients(im.sessions.size)} resume here`, 'ok', 'HA-01')
  }
  // It is up, its router is still not.
  if (!serves(im)) criticalServiceDown(world, im)
  watchPartner(world, im)
  ownSessionsResume(world, im)
  planFallback(world, im)
  if (im.partner) planFallback(world, im.partner)
  touchIm(world, im)
}

/** Sessions that nobody took over go on where they were; clients in foreground come back by themselves. */
export function ownSessionsResume(world: World, im: ImNode): void {
  if (!serves(im)) return
  const asleep: Device[] = []
  const awake: Device[] = []
  for (const device of im.sessions) {
    sendAgain(world, device, retrieveHeld(world, im, device))
    if (!device.im || device.im.connected) continue
    if (!isSuspended(device)) awake.push(device)
    else if (!device.im.built) asleep.push(device)
    else settlePushSession(world, device, false)
  }
  // Those whose session is gone for good, or lies with a node that nobody takes over from, had nowhere to go and come here.
  for (const home of [im, im.partner])
    for (const device of home?.homed ?? [])
      if (device.signedIn && !isSuspended(device) && (device.im === null || stuckAt(im.partner, device))) awake.push(device)
  if (asleep.length > 0) rebuildSessions(world, im, asleep, 'restart')
  logInLater(world, im, awake, 'restart')
  // What was kept here for users whose session is at home elsewhere has no reason to wait for a fallback.
  for (const device of im.held.keys()) {
    if (device.im && device.im.home !== im.id && device.im.node !== im.id) sendAgain(world, device, retrieveHeld(world, im, device))
  }
  if (!im.rebuild) pushWaiting(world, im)
  releaseStranded(world, im)
}

const stuckAt = (partner: ImNode | null, { im }: Device): boolean =>
  partner !== null && im !== null && im.node === partner.id && !im.connected && !serves(partner) && partner.takeover === null

/** Pushed again once the node pushes at all. */
function sendAgain(world: World, device: Device, stanzas: readonly Stanza[]): void {
  const owner = device.im && imNodeOf(world, device.im.node)
  if (!owner || stanzas.length === 0 || !isSuspended(device)) return
  owner.unpushed.push(...stanzas.map((stanza) => ({ device, stanza })))
  if (!owner.rebuild) pushWaiting(world, owner)
}

/** Users return by themselves after a while, or when an administrator says so. */
export function planFallback(world: World, im: ImNode): void {
  const parameters = world.presence?.parameters
  if (!parameters || im.fallback || !im.failedOver || !serves(im) || !im.partner || !serves(im.partner)) return
  if (!parameters.automaticFallback) {
    say(world, im, `${im.id} is back`, 'its users stay on the backup until an administrator starts the fallback', 'info', 'HA-07')
    return
  }
  const { fallbackAfterMs } = parameters
  im.fallback = {
    at: world.clock.now() + fallbackAfterMs,
    timer: world.clock.schedule(
      fallbackAfterMs,
      () => {
        im.fallback = null
        if (serves(im)) fallBack(world, im)
      },
      `users of ${im.id} fall back`,
    ),
  }
  say(world, im, `${im.id} is back`, `its users return in ${fallbackAfterMs / 1_000} s`, 'wait', 'HA-07')
  touchIm(world, im)
}

/** Users return to their node: asks why not, or null when they do. */
export function fallBackNow(world: World, id: string): string | null {
  const im = imNodeOf(world, id)
  if (!im) return `${id} is no IM and Presence node`
  if (!im.partner) return `${id} has no backup that its users could return from`
  if (!serves(im)) return im.node.state === 'up' ? `Cisco XCP Router does not run on ${id}` : `${id} is ${im.node.state}`
  if (!im.failedOver) return `${id} has its own sessions: nobody is to return`
  im.fallback?.timer.cancel()
  im.fallback = null
  fallBack(world, im)
  return null
}

function fallBack(world: World, im: ImNode): void {
  const { partner } = im
  if (!partner) return
  const asleep: Device[] = []
  const awake: Device[] = []
  const again: { device: Device; stanza: Stanza }[] = []
  for (const device of awayFrom(im)) {
    const session = device.im
    if (!session) continue
    if (!isSuspended(device)) {
      // Served by the backup until its own login: no gap (HA-07).
      if (!session.connected) {
        stopReturning(world, device)
        moveSession(world, device, im)
        retrieveHeld(world, im, device)
      }
      awake.push(device)
      continue
    }
    if (!replicates(im)) {
      // Nobody can hand over the session; what was kept here need not wait for the client's next login.
      sendAgain(world, device, retrieveHeld(world, im, device))
      continue
    }
    moveSession(world, device, im)
    session.connected = false
    session.loginBecause = 'HA-01'
    asleep.push(device)
    for (const stanza of retrieveHeld(world, im, device)) again.push({ device, stanza })
  }
  Object.assign(im, { failedOver: false, takenOver: false })
  // What the backup was still to push goes along.
  const moved = new Set(asleep)
  im.unpushed.push(...again, ...partner.unpushed.filter(({ device }) => moved.has(device)))
  partner.unpushed = partner.unpushed.filter(({ device }) => !moved.has(device))
  say(
    world,
    im,
    `fallback: ${sessions(asleep.length + awake.length)} back to ${im.id}`,
    `${asleep.length} in background to rebuild, ${byThemselves(awake.length)}`,
    'ok',
    'HA-01',
  )
  rebuildSessions(world, im, asleep, 'fallback')
  logInLater(world, im, awake, 'fallback')
  touchIm(world, partner)
  touchIm(world, im)
  world.touch('node', im.id)
  world.touch('node', partner.id)
}
