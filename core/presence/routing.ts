/** From a sender over the routers to the node that owns the receiver's session, and what that node does with a stanza. */
import { isSuspended, type Device } from '../client/device.ts'
import { routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { deliver, giveUpAfterSilence } from './delivery.ts'
import { pushStanza } from './messagePush.ts'
import { QUEUE_LIMIT, ROUTER_PORT, XMPP_PORT } from './parameters.ts'
import { enqueue } from './queue.ts'
import { failStanza, isPushed, loseOne, routerOf, stanzaText } from './stanzas.ts'
import { ownerOf, serves, touchIm } from './subcluster.ts'
import type { ImNode, Stanza } from './types.ts'

/** Where a stanza starts: a client with its node, a node for what the server itself tells, or somebody outside this lab. */
export type Origin = { place: string; client: boolean; node: ImNode | null }

export function sendStanza(world: World, origin: Origin, device: Device, stanza: Stanza): void {
  // What a server tells by itself starts at the receiver's when its own has just gone.
  const own = origin.client || origin.node?.node.state === 'up' ? origin.node : null
  const first = own ?? ownerOf(world, device)
  if (!first) return failStanza(world, stanza, 'refused', 'no IM session', 'CH-01', null)
  const hop: Hop = {
    flow: stanza.flow,
    from: origin.client || own === null ? origin.place : routerOf(own.id),
    to: routerOf(first.id),
    carrier: 'XMPP',
    message: stanza.kind === 'presence' ? stanzaText(stanza) : `${stanzaText(stanza)} to ${device.ownerName}`,
    sentAt: world.clock.now(),
  }
  if (!origin.client) return arrive(world, first, device, stanza, hop, own)
  const silence = giveUpAfterSilence(world, origin.place, stanza, `no word of it from ${first.id}`)
  transmit(
    world,
    routeBetween(world, origin.place, first.id),
    hop,
    { port: XMPP_PORT, device: origin.place },
    (arrived) => {
      if (tooLate(world, stanza, arrived)) return
      silence.cancel()
      // Gone while the stanza was on its way: only the sender's client has it, and sees that nobody took it.
      if (first.node.state !== 'up')
        return refuse(world, stanza, arrived, `${first.id} is ${first.node.state}: not taken, its sender is told`, 'HA-03')
      arrive(world, first, device, stanza, arrived, first)
    },
    (loss) => {
      silence.cancel()
      failStanza(world, stanza, 'refused', loss.text, loss.why, world.log.total - 1)
    },
  )
}

/** It was given up before, with a line of its own. */
function tooLate(world: World, stanza: Stanza, hop: Hop): boolean {
  if (stanza.state !== 'lost') return false
  tell(world, hop, 'too late: it was given up', 'warn', 'MSG-01')
  return true
}

/** At a router: on to the owner of the session when that is another node. `keeper` has it for as long as nobody else does. */
function arrive(world: World, at: ImNode, device: Device, stanza: Stanza, hop: Hop, keeper: ImNode | null): void {
  if (at.node.state !== 'up' && keeper !== null && keeper.node.state !== 'up') {
    const { outcome } = tell(world, hop, `${at.id} is ${at.node.state}, and so is ${keeper.id}, which had it`, 'fail', 'HA-03')
    return loseOne(world, routerOf(keeper.id), stanza, outcome, 'HA-03')
  }
  const owner = ownerOf(world, device)
  if (!owner) return refuse(world, stanza, hop, `${device.label} has no IM session any more`, device.signedIn ? 'HA-01' : 'CH-11')
  if (owner.node.state !== 'up') return atDeadNode(world, owner, device, stanza, hop, keeper)
  if (owner === at) return accept(world, owner, device, stanza, hop)
  // Its session has moved on meanwhile: who sent it here sends it there.
  if (at.node.state !== 'up' && keeper !== null) return arrive(world, keeper, device, stanza, hop, keeper)
  if (hop.from !== hop.to) tell(world, hop, `${device.label} is on ${owner.id}: passed on`, 'ok', 'MSG-01')
  const silence = giveUpAfterSilence(world, routerOf(at.id), stanza, `no word of it from ${owner.id}`)
  transmit(
    world,
    routeBetween(world, at.id, owner.id),
    { ...hop, from: routerOf(at.id), to: routerOf(owner.id), sentAt: world.clock.now() },
    { port: ROUTER_PORT },
    (arrived) => {
      if (tooLate(world, stanza, arrived)) return
      silence.cancel()
      arrive(world, owner, device, stanza, arrived, at)
    },
    (loss) => {
      silence.cancel()
      failStanza(world, stanza, 'refused', loss.text, loss.why, world.log.total - 1)
    },
  )
}

/** The sender's server keeps it for as long as somebody is about to take over; else the sender is told (HA-07). */
function atDeadNode(world: World, owner: ImNode, device: Device, stanza: Stanza, hop: Hop, keeper: ImNode | null): void {
  if (!owner.takeover || owner.stranded.length >= QUEUE_LIMIT)
    return refuse(world, stanza, hop, `${owner.id} is ${owner.node.state} and nobody has taken over`, 'HA-01')
  world.messages.move(stanza, 'waiting')
  owner.stranded.push({ device, stanza, keeper })
  tell(
    world,
    hop,
    `${owner.id} is ${owner.node.state}: kept ${keeper ? `by ${keeper.id} ` : ''}until ${owner.partner?.id ?? 'its backup'} takes over`,
    'wait',
    'HA-07',
  )
  touchIm(world, owner)
}

/** What was kept while nobody owned the session goes to the new owner, or back to its sender. */
export function releaseStranded(world: World, from: ImNode): void {
  const stranded = from.stranded
  from.stranded = []
  for (const { device, stanza, keeper } of stranded) {
    const owner = ownerOf(world, device)
    const at = owner ?? from
    const place = routerOf(at.id)
    const hop: Hop = { flow: stanza.flow, from: place, to: place, carrier: 'XMPP', message: stanzaText(stanza), sentAt: world.clock.now() }
    world.messages.move(stanza, 'sent')
    if (owner) arrive(world, at, device, stanza, hop, keeper)
    else if (!device.signedIn) refuse(world, stanza, hop, `${device.label} has no IM session any more`, 'CH-11')
    else refuse(world, stanza, hop, `${from.id} is ${from.node.state} and nobody has taken over: its sender is told`, 'HA-01')
  }
  touchIm(world, from)
}

/** A node has gone with what it kept for sessions of others: lost, or given back to the senders in good order. */
export function keeperGone(world: World, gone: ImNode, text: string, why: string, graceful: boolean): void {
  for (const im of world.presence?.im.values() ?? []) {
    const mine = im.stranded.filter(({ keeper }) => keeper === gone)
    if (mine.length === 0) continue
    im.stranded = im.stranded.filter(({ keeper }) => keeper !== gone)
    const place = routerOf(gone.id)
    for (const { stanza } of mine) {
      if (!graceful) {
        loseOne(world, place, stanza, `${text}, which kept it for ${im.id}`, why)
        continue
      }
      const hop: Hop = {
        flow: stanza.flow,
        from: place,
        to: place,
        carrier: 'XMPP',
        message: stanzaText(stanza),
        sentAt: world.clock.now(),
      }
      refuse(world, stanza, hop, `${text}: its sender is told`, why)
    }
    touchIm(world, im)
  }
}

function refuse(world: World, stanza: Stanza, hop: Hop, text: string, why: string): void {
  const event = tell(world, hop, text, 'fail', why)
  failStanza(world, stanza, 'refused', text, why, event.seq)
}

/** On to the client, or into its queue (MSG-02). */
function accept(world: World, im: ImNode, device: Device, stanza: Stanza, hop: Hop): void {
  const session = device.im
  if (!serves(im)) return refuse(world, stanza, hop, `Cisco XCP Router does not run on ${im.id}`, 'HA-05')
  if (!session) return refuse(world, stanza, hop, `${device.label} has no IM session any more`, 'CH-11')
  stanza.at = world.clock.now()
  if (session.connected) {
    const [how, why] = isSuspended(device) ? ['client in background, its socket lives', 'AND-03'] : ['client in foreground', 'CH-05']
    tell(world, hop, `${how}: delivered over XMPP, no push`, 'ok', why)
    return deliver(world, im, device, stanza, true)
  }
  if (session.queue.length >= QUEUE_LIMIT) return refuse(world, stanza, hop, `refused: ${QUEUE_LIMIT} stanzas wait already`, 'MSG-02')
  enqueue(world, device, stanza)
  const unread = `queued, ${session.queue.length} unread`
  const who = isSuspended(device) ? 'client suspended' : 'client has no stream'
  if (session.returningTo !== null) {
    tell(world, hop, `the client is about to log in to ${session.returningTo}: ${unread}`, 'wait', 'HA-07')
    return
  }
  if (!isPushed(stanza)) {
    tell(world, hop, `${who}: ${unread}, no push for it`, 'wait', 'MSG-02')
    return
  }
  if (im.rebuild) {
    const { next, devices } = im.rebuild
    tell(world, hop, `${who}: ${unread}; no push before all sessions are rebuilt, ${next} of ${devices.length} are`, 'wait', 'HA-08')
    im.unpushed.push({ device, stanza })
    return
  }
  tell(world, hop, `${who}: ${unread}`, 'wait', 'MSG-02')
  pushStanza(world, im, device, stanza)
}
