/** The queue of a client without a stream: what is put in, taken out, lost or out of reach, each with its line (MSG-02). */
import type { Device } from '../client/device.ts'
import { settleUnreadAlert } from '../serviceability/unreadAlert.ts'
import { note, type World } from '../world.ts'
import { DepthLog } from './depthLog.ts'
import { countText, failStanza, isPushed, routerOf } from './stanzas.ts'
import { imNodeOf, ownerOf, serves, touchIm } from './subcluster.ts'
import type { ImNode, Stanza } from './types.ts'

/** Samples kept of one client's queue. */
const DEPTH_OF_DEVICE = 60

export function enqueue(world: World, device: Device, stanza: Stanza): void {
  const owner = ownerOf(world, device)
  if (!owner || !device.im) return
  world.messages.move(stanza, 'queued')
  device.im.queue.push(stanza)
  count(world, owner, 1)
  changed(world, device)
}

/** Back where it came from, before what has come since: it was on its way and nobody read it. Held when its node kept it (HA-04). */
export function putBack(world: World, im: ImNode, device: Device, stanza: Stanza): void {
  const owner = ownerOf(world, device)
  if (!owner || !device.im) return
  const stays = owner !== im && !serves(im)
  const queue = stays ? [...(im.held.get(device) ?? [])] : device.im.queue
  let at = queue.length
  while (at > 0 && (queue[at - 1] as Stanza).at > stanza.at) at--
  queue.splice(at, 0, stanza)
  world.messages.move(stanza, stays ? 'held' : 'queued')
  if (stays) {
    im.held.set(device, queue)
    im.heldStanzas++
    touchIm(world, im)
  } else count(world, owner, 1)
  changed(world, device)
}

/** Everything that waits, in its order; the queue is empty afterwards. */
export function takeAll(world: World, device: Device): Stanza[] {
  const owner = ownerOf(world, device)
  const { im } = device
  if (!owner || !im || im.queue.length === 0) return []
  const stanzas = im.queue
  im.queue = []
  count(world, owner, -stanzas.length)
  changed(world, device)
  return stanzas
}

/** The session goes to another node. Its queue goes along; one that lies with a router that does not run stays there (HA-04). */
export function moveSession(world: World, device: Device, to: ImNode): void {
  const { im } = device
  const from = ownerOf(world, device)
  if (!im || !from || from === to) return
  if (!serves(from)) holdQueue(world, from, device)
  from.sessions.delete(device)
  to.sessions.add(device)
  im.node = to.id
  if (im.queue.length > 0) {
    count(world, from, -im.queue.length)
    count(world, to, im.queue.length)
  }
  world.touch('device', device.id)
}

/** Whose queue disappears, how much of it, and why (HA-03, HA-05). */
export function loseQueue(world: World, device: Device, node: string, text: string, why: string): number {
  const stanzas = takeAll(world, device)
  return tellLost(world, device, node, stanzas, text, why)
}

function tellLost(world: World, device: Device, node: string, stanzas: readonly Stanza[], text: string, why: string): number {
  if (stanzas.length === 0) return 0
  const event = note(
    world,
    { flow: 0, place: routerOf(node), carrier: 'XMPP' },
    `queue of ${device.ownerName} on ${device.label}`,
    `${stanzas.length} lost: ${countText(stanzas)}; ${text}`,
    'lost',
    why,
  )
  for (const stanza of stanzas) failStanza(world, stanza, 'lost', text, why, event.seq)
  const im = imNodeOf(world, node)
  if (im) {
    im.lost += stanzas.length
    touchIm(world, im)
  }
  return stanzas.length
}

/** The queue stays on a node that is shut down, or whose router stopped in order: out of reach, not lost (HA-04). */
export function holdQueue(world: World, im: ImNode, device: Device): void {
  const stanzas = takeAll(world, device)
  if (stanzas.length === 0) return
  for (const stanza of stanzas) world.messages.move(stanza, 'held')
  im.held.set(device, [...(im.held.get(device) ?? []), ...stanzas])
  im.heldStanzas += stanzas.length
  note(
    world,
    { flow: 0, place: routerOf(im.id), carrier: 'XMPP' },
    `queue of ${device.ownerName} on ${device.label}`,
    `${stanzas.length} out of reach until ${im.node.state === 'up' ? `Cisco XCP Router runs on ${im.id}` : `${im.id} is back`}: ${countText(stanzas)}`,
    'wait',
    'HA-04',
  )
  changed(world, device)
}

/** What a node that is back has kept for this client goes before what has come since; gives those that still need a push. */
export function retrieveHeld(world: World, im: ImNode, device: Device): Stanza[] {
  const stanzas = im.held.get(device)
  const owner = ownerOf(world, device)
  if (!stanzas || !device.im || !owner) return []
  im.held.delete(device)
  im.heldStanzas -= stanzas.length
  for (const stanza of stanzas) world.messages.move(stanza, 'queued')
  device.im.queue.unshift(...stanzas)
  count(world, owner, stanzas.length)
  changed(world, device)
  note(
    world,
    { flow: 0, place: routerOf(im.id), carrier: 'XMPP' },
    `queue of ${device.ownerName} on ${device.label}`,
    `${stanzas.length} retrieved: ${countText(stanzas)}`,
    'ok',
    'HA-04',
  )
  touchIm(world, im)
  // A push that is still on its user's screen will do; one that was used or failed brings nobody to the phone any more.
  return stanzas.filter((stanza) => isPushed(stanza) && (stanza.push === null || world.pushes.isFinal(stanza.push)))
}

/** Nobody will ever read what waits for this client: it logged out, or is gone. */
export function dropStanzas(world: World, device: Device, text: string, why: string): void {
  for (const stanza of device.im?.queue ?? []) if (stanza.push) world.pushes.move(stanza.push, 'failed', text)
  if (device.im) loseQueue(world, device, device.im.node, text, why)
  for (const im of world.presence?.im.values() ?? []) {
    const held = im.held.get(device)
    if (!held) continue
    im.held.delete(device)
    im.heldStanzas -= held.length
    for (const stanza of held) if (stanza.push) world.pushes.move(stanza.push, 'failed', text)
    tellLost(world, device, im.id, held, text, why)
  }
}

export const outOfReach = (world: World, device: Device): number => {
  let held = 0
  for (const im of world.presence?.im.values() ?? []) held += im.held.get(device)?.length ?? 0
  return held
}

function count(world: World, im: ImNode, by: number): void {
  im.queued += by
  im.depth.note(world.clock.now(), im.queued)
  touchIm(world, im)
}

function changed(world: World, device: Device): void {
  settleUnreadAlert(world, device)
  if (device.im) (device.im.depth ??= new DepthLog(DEPTH_OF_DEVICE)).note(world.clock.now(), device.im.queue.length)
  world.touch('device', device.id)
}
