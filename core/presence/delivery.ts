/** From the router to a client that has a stream, and a stanza of which nothing more is heard. */
import { isSuspended, reachesCluster, type Device } from '../client/device.ts'
import type { Timer } from '../engine/clock.ts'
import { routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { STANZA_TIMEOUT_MS, XMPP_PORT } from './parameters.ts'
import { loseOne, routerOf, stanzaText } from './stanzas.ts'
import { notAcknowledged, type Sent } from './stream.ts'
import type { ImNode, Stanza } from './types.ts'

/** A stanza that vanished in silence between servers, or before the first of them, ends all the same, and says so. */
export function giveUpAfterSilence(world: World, at: string, stanza: Stanza, text: string): Timer {
  return world.clock.schedule(
    STANZA_TIMEOUT_MS,
    () => loseOne(world, at, stanza, `${text} within ${STANZA_TIMEOUT_MS / 1_000} s`, 'MSG-01'),
    'stanza timeout',
  )
}

/** `fresh`: it never waited in a queue (CH-05), otherwise it was held back until the session resumed (CH-08). */
export function deliver(world: World, im: ImNode, device: Device, stanza: Stanza, fresh: boolean): void {
  const session = device.im
  if (!session) return
  world.messages.move(stanza, 'delivering')
  const sent: Sent = { im, memory: im.memory, session, stream: session.stream }
  let over = false
  const failed = (text: string): void => {
    over = true
    silence.cancel()
    const again = notAcknowledged(world, sent, device, stanza, text)
    if (again) deliver(world, again, device, stanza, fresh)
  }
  const silence = world.clock.schedule(
    STANZA_TIMEOUT_MS,
    () => failed(`not acknowledged within ${STANZA_TIMEOUT_MS / 1_000} s`),
    'stanza timeout',
  )
  const hop = {
    flow: stanza.flow,
    from: routerOf(im.id),
    to: device.id,
    carrier: 'XMPP' as const,
    message: stanzaText(stanza),
    sentAt: world.clock.now(),
  }
  transmit(
    world,
    routeBetween(world, im.id, device.id),
    hop,
    { port: XMPP_PORT, device: device.id },
    (arrived) => {
      // Its stream was given up long ago: what still comes on it is nobody's.
      if (over) return void tell(world, arrived, 'too late: its stream was given up', 'warn', 'MSG-02')
      silence.cancel()
      const unread = unreadBecause(world, device)
      if (unread === null) return read(world, device, stanza, arrived, fresh)
      const [text, why, status] = unread
      tell(world, arrived, text, status, why)
      failed(text)
    },
    (loss) => failed(loss.text),
  )
}

/** Why nobody reads what arrives at this client; null when it does. */
function unreadBecause(world: World, device: Device): [text: string, why: string, status: 'lost' | 'warn'] | null {
  const { label } = device
  if (world.deleted.has(device.id)) return [`${label} was deleted`, 'LPNS-18', 'lost']
  if (!device.signedIn) return [`${label} is logged out`, 'CH-11', 'lost']
  if (!reachesCluster(device)) return [`${label} has no network any more`, 'CH-13', 'warn']
  return isSuspended(device) && device.im?.connected !== true ? [`${label} is suspended by now, it reads nothing`, 'MSG-02', 'warn'] : null
}

function read(world: World, device: Device, stanza: Stanza, arrived: Hop, fresh: boolean): void {
  world.messages.move(stanza, 'delivered')
  if (stanza.kind === 'message') device.history++
  else if (stanza.kind === 'presence') device.contacts.set(stanza.from, stanza.text)
  world.touch('device', device.id)
  const how = stanza.kind === 'message' ? 'read' : 'shown'
  tell(world, arrived, `${how} on ${device.label}`, 'ok', fresh ? 'CH-05' : 'CH-08')
  const flow = world.flows.get(stanza.flow)
  if (!flow) return
  // A message whose push failed is read late, when its user opens the app; the first cause stays.
  if (flow.endedAt === null) world.flows.end(flow, 'delivered')
  else world.flows.set(flow, 'delivered')
}
