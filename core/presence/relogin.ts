/**
 * Clients in foreground log in by themselves after a failover or fallback, spread between the re-login limits (HA-07,
 * HA-10). One list and one timer per wave, however many they are.
 */
import { isSuspended, reachesCluster, type Device } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { LOGIN_RETRY_MS, RELOGIN_PER_SECOND } from './parameters.ts'
import { pushWaiting, rebuildSessions } from './rebuild.ts'
import { connect, stopReturning } from './sessions.ts'
import { isPushed, routerOf } from './stanzas.ts'
import { ownerOf, reloginLimits, serves, touchIm } from './subcluster.ts'
import { moveSession, retrieveHeld } from './queue.ts'
import type { ImNode, Rebuild } from './types.ts'

type Entry = { at: number; device: Device }

/** All that log in to a node after one event; over when the node goes away again. */
type Wave = { to: ImNode; life: number; entries: readonly Entry[]; why: Rebuild['why'] }

/** Every one of these clients tries `to` once, at a moment of its own between the limits. */
export function logInLater(world: World, to: ImNode, devices: readonly Device[], why: Rebuild['why']): void {
  if (devices.length === 0) return
  const { lowerSeconds, upperSeconds } = reloginLimits(world, devices.length)
  const random = world.random('relogin')
  const now = world.clock.now()
  const spanMs = (upperSeconds - lowerSeconds) * 1_000
  const entries = devices.map((device): Entry => ({ at: now + lowerSeconds * 1_000 + random.upTo(spanMs), device }))
  entries.sort((a, b) => a.at - b.at)
  for (const device of devices) {
    if (!device.im || device.im.connected) continue
    stopReturning(world, device)
    device.im.returningTo = to.id
    to.returning++
  }
  const perSecond = new Set(devices.map(({ owner }) => owner)).size / (upperSeconds - lowerSeconds)
  to.lastReloginRate = perSecond
  const tooMany = perSecond > RELOGIN_PER_SECOND
  note(
    world,
    { flow: 0, place: routerOf(to.id), carrier: 'XMPP' },
    devices.length === 1
      ? '1 client in foreground will log in by itself'
      : `${devices.length} clients in foreground will log in by themselves`,
    `${lowerSeconds} to ${upperSeconds} s from now: ${perSecond.toFixed(2)} users/s${tooMany ? `, more than ${RELOGIN_PER_SECOND} is not supported` : ''}`,
    tooMany ? 'warn' : 'wait',
    tooMany ? 'HA-10' : 'HA-07',
  )
  touchIm(world, to)
  turn(world, { to, life: to.lives, entries, why }, 0)
}

function turn(world: World, wave: Wave, next: number): void {
  const { to, life, entries, why } = wave
  const first = entries[next]
  if (!first) return tryAgain(world, wave)
  world.clock.schedule(
    first.at - world.clock.now(),
    () => {
      if (to.lives !== life) return
      let i = next
      const now = world.clock.now()
      for (let entry = entries[i]; entry !== undefined && entry.at <= now; entry = entries[++i]) logIn(world, to, entry.device, why)
      turn(world, wave, i)
    },
    `clients log in to ${to.id}`,
  )
}

/** Whose login was lost on the way tries again, for as long as the node is there. */
function tryAgain(world: World, { to, life, entries, why }: Wave): void {
  world.clock.schedule(
    LOGIN_RETRY_MS,
    () => {
      if (to.lives !== life || !serves(to)) return
      const left = entries.filter(({ device }) => device.im?.returningTo === to.id && !isSuspended(device) && reachesCluster(device))
      logInLater(
        world,
        to,
        left.map(({ device }) => device),
        why,
      )
    },
    `clients try ${to.id} again`,
  )
}

function logIn(world: World, to: ImNode, device: Device, why: Rebuild['why']): void {
  const { im } = device
  if (!device.signedIn || world.deleted.has(device.id)) return
  if (!serves(to)) return
  if (im && im.connected && im.node === to.id) return
  if (!isSuspended(device)) return connect(world, device, to, 0)
  // Served by the backup until now, and in the background: its node rebuilds the session (HA-08).
  if (!im || im.node === to.id) return
  moveSession(world, device, to)
  im.loginBecause = 'HA-07'
  const again = retrieveHeld(world, to, device)
  to.unpushed.push(...again.map((stanza) => ({ device, stanza })))
  rebuildSessions(world, to, [device], why)
}

/** A client that was about to log in goes to the background: now the server has to rebuild its session (HA-08). */
export function fellAsleep(world: World, device: Device): void {
  const owner = ownerOf(world, device)
  if (!device.im || device.im.returningTo === null || !owner) return
  stopReturning(world, device)
  for (const stanza of device.im.queue) if (isPushed(stanza) && stanza.push === null) owner.unpushed.push({ device, stanza })
  // Only its stream was dead, not its session.
  if (device.im.loginBecause === null) {
    if (!owner.rebuild && serves(owner)) pushWaiting(world, owner)
    return
  }
  rebuildSessions(world, owner, [device], owner.gaps.at(-1)?.why ?? 'restart')
}
