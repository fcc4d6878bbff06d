/**
 * What becomes of sessions and queues when a node fails, is shut down, or has no router any more, and when its backup takes
 * over: exactly what is kept and what is lost (HA-01, HA-03, HA-04). Its return is in fallback.ts.
 */
import { isSuspended, type Device } from '../client/device.ts'
import type { NodeState } from '../contract/rows.ts'
import { note, type World } from '../world.ts'
import { settlePushSession } from './pushSession.ts'
import { holdQueue, loseQueue, moveSession, retrieveHeld } from './queue.ts'
import { rebuildSessions, stopRebuild } from './rebuild.ts'
import { logInLater } from './relogin.ts'
import { keeperGone, releaseStranded } from './routing.ts'
import { endSession, stopReturning } from './sessions.ts'
import { routerOf } from './stanzas.ts'
import { imNodeOf, noTakeover, serves, touchIm } from './subcluster.ts'
import type { ImNode } from './types.ts'

export const say = (
  world: World,
  im: ImNode,
  message: string,
  outcome: string,
  status: 'ok' | 'info' | 'wait' | 'warn' | 'fail',
  why: string,
): void => void note(world, { flow: 0, place: routerOf(im.id), carrier: 'XMPP' }, message, outcome, status, why)

export const clients = (n: number): string => `${n} ${n === 1 ? 'client' : 'clients'}`
export const sessions = (n: number): string => `${n} ${n === 1 ? 'session' : 'sessions'}`
export const byThemselves = (n: number): string => `${n} ${n === 1 ? 'logs in by itself' : 'log in by themselves'}`

/** A node goes down: with notice when it is shut down, without when it crashes or is cut off. */
export function nodeDown(world: World, id: string, state: NodeState): void {
  const im = imNodeOf(world, id)
  if (!im) return
  const graceful = state === 'shut down'
  cancelTimers(world, im)
  goesAway(im)
  stopRebuild(world, im)
  im.unpushed = []
  const why = graceful ? 'HA-04' : 'HA-03'
  const fate = `${im.id} ${state === 'crashed' ? 'crashed' : state === 'shut down' ? 'was shut down' : 'is cut off'}`
  if (!graceful) forget(im, fate, why)
  keeperGone(world, im, fate, why, graceful)
  for (const device of im.sessions) {
    if (graceful) holdQueue(world, im, device)
    else loseQueue(world, device, im.id, fate, why)
    breakStream(world, device)
    settlePushSession(world, device, false)
  }
  // Whoever waited here for another node has nobody left to wait for.
  const { partner } = im
  if (partner?.takeover) {
    partner.takeover.timer.cancel()
    partner.takeover = null
    nobodyTakesOver(world, partner, `its backup ${im.id} is ${state} as well`)
  }
  const obstacle = noTakeover(im)
  if (obstacle !== null || !partner) nobodyTakesOver(world, im, obstacle ?? 'it has no backup')
  else if (graceful) takeOver(world, im, partner, 'manual failover')
  else {
    const { failoverAfterMs } = world.presence?.parameters ?? { failoverAfterMs: 0 }
    say(world, partner, `no sign of life from ${im.id}`, `takes over in ${failoverAfterMs / 1_000} s`, 'wait', why)
    im.takeover = {
      at: world.clock.now() + failoverAfterMs,
      timer: world.clock.schedule(failoverAfterMs, () => silenceOver(world, im, partner), `${partner.id} takes over from ${im.id}`),
    }
  }
  touchIm(world, im)
  if (partner) touchIm(world, partner)
}

/**
 * Cisco XCP Router, a critical service, is down on a node that is up: the Server Recovery Manager hands over when it stays so.
 * A restart is done long before (HA-06).
 */
export function criticalServiceDown(world: World, im: ImNode): void {
  const { partner } = im
  const { criticalServiceDownMs } = world.presence?.parameters ?? { criticalServiceDownMs: 0 }
  if (!partner) return
  say(
    world,
    im,
    'critical service down: Cisco XCP Router',
    `${partner.id} takes over in ${criticalServiceDownMs / 1_000} s, unless it runs again before`,
    'wait',
    'HA-01',
  )
  im.takeover = {
    at: world.clock.now() + criticalServiceDownMs,
    timer: world.clock.schedule(criticalServiceDownMs, () => silenceOver(world, im, partner), `${partner.id} takes over from ${im.id}`),
  }
}

/** The backup is back: it watches again over a node whose router is still down. */
export function watchPartner(world: World, { partner }: ImNode): void {
  if (partner?.node.state !== 'up' || serves(partner) || partner.takeover || partner.takenOver || partner.sessions.size === 0) return
  criticalServiceDown(world, partner)
}

/** Its router runs again in time. */
export function criticalServiceBack(im: ImNode): void {
  im.takeover?.timer.cancel()
  im.takeover = null
}

function silenceOver(world: World, im: ImNode, partner: ImNode): void {
  im.takeover = null
  const obstacle = noTakeover(im)
  if (obstacle === null) takeOver(world, im, partner, 'automatic failover')
  else nobodyTakesOver(world, im, obstacle)
}

function breakStream(world: World, device: Device): void {
  const { im } = device
  if (!im) return
  stopReturning(world, device)
  // Only what was a live stream comes back by itself; a suspended client does not notice anything.
  im.loginBecause = isSuspended(device) ? 'HA-01' : 'HA-07'
  im.connected = false
}

function takeOver(world: World, from: ImNode, to: ImNode, how: string): void {
  const asleep: Device[] = []
  const awake: Device[] = []
  for (const device of from.sessions) {
    if (from.node.state === 'up') breakStream(world, device)
    moveSession(world, device, to)
    ;(isSuspended(device) ? asleep : awake).push(device)
    // Back at its own node, where something may have waited for it.
    if (device.im?.home === to.id) for (const stanza of retrieveHeld(world, to, device)) to.unpushed.push({ device, stanza })
  }
  const moved = asleep.length + awake.length
  awake.push(...withoutSession(from))
  Object.assign(from, { failedOver: true, takenOver: true })
  Object.assign(to, { failedOver: false, takenOver: false })
  say(
    world,
    to,
    `${how}: ${to.id} takes over ${sessions(moved)} of ${from.id}`,
    `from its in-memory database: ${asleep.length} in background to rebuild, ${byThemselves(awake.length)}`,
    'ok',
    'HA-01',
  )
  rebuildSessions(world, to, asleep, 'failover')
  logInLater(world, to, awake, 'failover')
  releaseStranded(world, from)
  touchIm(world, from)
  world.touch('node', from.id)
  world.touch('node', to.id)
}

/** Its users in foreground who have no session: they signed in while it was away. */
const withoutSession = (im: ImNode): Device[] =>
  [...im.homed].filter((device) => device.im === null && device.signedIn && !isSuspended(device))

/** Without a takeover sessions of a crashed node are gone; one that was shut down keeps them, out of reach. */
function nobodyTakesOver(world: World, im: ImNode, reason: string): void {
  // A crash took them with it; what was stopped in order, or runs but for its router, has them still (HA-05, HA-06).
  const keeps = im.node.state === 'shut down' || im.node.state === 'up'
  const awake = withoutSession(im)
  let gone = 0
  for (const device of im.sessions) {
    if (!isSuspended(device)) awake.push(device)
    if (keeps) continue
    endSession(world, device)
    gone++
  }
  const outcome = keeps
    ? `${clients(im.sessions.size)} out of reach until ${im.node.state === 'up' ? 'Cisco XCP Router runs again' : 'it is back'}`
    : `${clients(gone)} lost the session and must log in anew`
  if (gone + im.sessions.size > 0) say(world, im, 'nothing is taken over', `${reason}; ${outcome}`, 'fail', 'HA-01')
  releaseStranded(world, im)
  // A client in foreground does not need the session to be handed over: it logs in wherever it can.
  const { partner } = im
  if (!partner || !serves(partner)) return
  im.failedOver = true
  logInLater(world, partner, awake, 'failover')
}

/** What was in its memory is gone: of what is on its way to clients nothing can be put back (HA-03, HA-05). */
export function forget(im: ImNode, text: string, why: string): void {
  im.memory.lost = { text, why }
  im.memory = { lost: null }
}

/** Nobody is on the way to it any more; those of its users that are still with the backup return when it is back. */
export function goesAway(im: ImNode): void {
  im.lives++
  if (awayFrom(im).length > 0) im.failedOver = true
}

/** Nobody takes over from it, and nobody falls back to it or its backup, as was planned. */
export function cancelTimers(world: World, im: ImNode): void {
  for (const each of [im, im.partner]) {
    if (each?.fallback) {
      each.fallback.timer.cancel()
      each.fallback = null
      touchIm(world, each)
    }
  }
  im.takeover?.timer.cancel()
  im.takeover = null
}

/** Its users that are with the backup. */
export const awayFrom = (im: ImNode): Device[] => (im.partner ? [...im.partner.sessions].filter((device) => device.im?.home === im.id) : [])
