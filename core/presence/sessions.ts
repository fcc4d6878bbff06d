/** Life of an IM session: log in, suspend, resume with what waited, log out (CH-08, CH-11, MSG-02). */
import { isSuspended, reachesCluster, type Device } from '../client/device.ts'
import { routeBetween, tell, transmit, type World } from '../world.ts'
import { deliver } from './delivery.ts'
import { XMPP_PORT } from './parameters.ts'
import { settlePushSession } from './pushSession.ts'
import { spareRebuild } from './rebuild.ts'
import { dropStanzas, moveSession, retrieveHeld, takeAll } from './queue.ts'
import { routerOf } from './stanzas.ts'
import { homeOf, imNodeOf, ownerOf, serves, touchIm, unassign } from './subcluster.ts'
import type { ImNode, ImSession } from './types.ts'
import { OFFLINE, presenceOf, showPresence, tellContacts } from './watchers.ts'

export function newSession(device: Device, home: ImNode, owner: ImNode, connected: boolean): ImSession {
  const im: ImSession = {
    home: home.id,
    node: owner.id,
    connected,
    queue: [],
    built: true,
    loginBecause: null,
    returningTo: null,
    stream: 0,
    depth: null,
  }
  device.im = im
  owner.sessions.add(device)
  return im
}

/** The session is gone; what waited in it was told before. */
export function endSession(world: World, device: Device): void {
  const owner = ownerOf(world, device)
  if (!owner || !device.im) return
  stopReturning(world, device)
  spareRebuild(world, device)
  owner.sessions.delete(device)
  device.im = null
  settlePushSession(world, device)
  touchIm(world, owner)
  world.touch('device', device.id)
}

/** Logging out ends the session, its queue and its pushes (CH-11). */
export function logOut(world: World, device: Device): void {
  dropStanzas(world, device, `${device.label} logged out`, 'CH-11')
  endSession(world, device)
  showPresence(world, device, OFFLINE)
}

/** The device is deleted, or a deleted user's: nobody logs in with it again (LPNS-18). */
export function forgetClient(world: World, device: Device, text: string): void {
  dropStanzas(world, device, text, 'LPNS-18')
  endSession(world, device)
  showPresence(world, device, OFFLINE)
  for (const im of world.presence?.im.values() ?? []) unassign(im, device)
}

export function stopReturning(world: World, device: Device): void {
  const { im } = device
  const to = im && im.returningTo !== null ? imNodeOf(world, im.returningTo) : null
  if (!im || !to) return
  im.returningTo = null
  to.returning--
  touchIm(world, to)
}

/** Where a client finds its session, or a node that takes it: the owner, else its home, else the backup. */
function loginTarget(world: World, device: Device): ImNode | null {
  const home = homeOf(world, device)
  const owner = ownerOf(world, device)
  // Until its backup has taken over, a user is at home nowhere else (HA-07).
  const its = owner ?? home
  if (its?.takeover) return its
  for (const node of [owner, home, home?.partner]) if (node && serves(node)) return node
  return owner ?? home
}

/** The client is back: its session resumes, or it logs in, and what waited is downloaded in its order (CH-08, MSG-02). */
export function resumeSession(world: World, device: Device, flow: number): void {
  const target = loginTarget(world, device)
  if (target) connect(world, device, target, flow)
}

/** Opens a stream to this node. Whatever keeps it from coming about is told; the client is as before then. */
export function connect(world: World, device: Device, target: ImNode, flow: number): void {
  if (!device.signedIn || !reachesCluster(device)) return
  const resumes = device.im !== null && device.im.loginBecause === null && device.im.node === target.id
  transmit(
    world,
    routeBetween(world, device.id, target.id),
    {
      flow,
      from: device.id,
      to: routerOf(target.id),
      carrier: 'XMPP',
      message: resumes ? 'resume IM session' : 'log in to IM and Presence',
      sentAt: world.clock.now(),
    },
    { port: XMPP_PORT, device: device.id },
    (hop) => {
      if (isSuspended(device) || !device.signedIn) {
        tell(world, hop, 'the client is suspended again', 'warn', 'CH-02')
        return
      }
      if (!serves(target)) {
        tell(world, hop, `Cisco XCP Router is not running on ${target.id}`, 'fail', 'HA-05')
        return
      }
      const home = homeOf(world, device)
      if (!home) return
      const fresh = device.im === null
      const because = device.im?.loginBecause ?? null
      const moved = device.im !== null && device.im.node !== target.id
      const session = device.im ?? newSession(device, home, target, true)
      stopReturning(world, device)
      spareRebuild(world, device)
      moveSession(world, device, target)
      for (const node of [target, target.partner])
        if (node && serves(node) && node.held.has(device)) retrieveHeldAt(world, node, target, device)
      // Served elsewhere: its user returns once the node that it is assigned to is back (HA-07).
      if (home !== target) home.failedOver = true
      session.connected = true
      session.stream++
      session.built = true
      session.loginBecause = null
      settlePushSession(world, device)
      if (fresh) tellContacts(world, device)
      const waiting = takeAll(world, device)
      const download = `${waiting.length} unread to download`
      if (fresh) tell(world, hop, `IM session${waiting.length > 0 ? `, ${download}` : ''}`, 'ok', 'CH-01')
      else if (because !== null || moved) tell(world, hop, `IM session on ${target.id}, ${download}`, 'ok', because ?? 'HA-07')
      else tell(world, hop, `session resumes, ${download}`, 'ok', 'CH-08')
      showPresence(world, device, presenceOf(device))
      world.touch('device', device.id)
      world.touch('node', target.id)
      touchIm(world, target)
      for (const stanza of waiting) {
        if (stanza.push) world.pushes.move(stanza.push, 'used', 'the client came to the foreground and downloaded the message')
        deliver(world, target, device, stanza, false)
      }
    },
  )
}

/** A queue stays with the node that kept it until its user has fallen back there (HA-04). */
function retrieveHeldAt(world: World, keeper: ImNode, target: ImNode, device: Device): void {
  const ownQueue = keeper === target || device.im?.home !== keeper.id
  if (ownQueue) retrieveHeld(world, keeper, device)
}
