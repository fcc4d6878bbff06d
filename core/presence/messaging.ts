/**
 * Instant messages, chat room invitations and other stanzas from one user to another: each client of the receiver gets
 * its own copy (MSG-01, MSG-02). Webex App messages never come here (MSG-07).
 */
import { isSuspended, type Device } from '../client/device.ts'
import type { StanzaKind } from '../contract/rows.ts'
import type { Flow } from '../flowBook.ts'
import { note, type World } from '../world.ts'
import { used } from './mdm.ts'
import { sendStanza, type Origin } from './routing.ts'
import { failStanza } from './stanzas.ts'
import { homeOf, ownerOf, serves } from './subcluster.ts'
import type { Stanza } from './types.ts'

const TITLE: Record<Exclude<StanzaKind, 'presence'>, string> = { message: 'Message', invitation: 'Invitation', other: 'Stanza' }

/** From one user to another; gives the flow, or a text that says why there is none. */
export function sendMessage(world: World, from: string, to: string, text: string, kind: keyof typeof TITLE = 'message'): Flow | string {
  const sender = world.directory.users.get(from)
  const receiver = world.directory.users.get(to)
  if (!sender) return `there is no user "${from}"`
  if (!receiver) return `there is no user "${to}"`
  const senderName = sender.name ?? from
  const receiverName = receiver.name ?? to
  // Without a Jabber client in this lab the sender is somewhere else: the message just comes in.
  const source = (world.directory.devicesOf.get(from) ?? []).find((device) => device.im?.connected === true)
  if (source && !isSuspended(source)) used(world, source)
  const origin: Origin = { place: source?.id ?? from, client: source !== undefined, node: source ? ownerOf(world, source) : null }
  const flow = world.flows.start('message', `${TITLE[kind]} ${senderName} → ${receiverName}`, origin.place, to, world.log.total)
  const cut = source || !world.presence ? undefined : (world.directory.devicesOf.get(from) ?? []).find(hasNoStream)
  if (cut) return notSent(world, flow, cut, receiverName, kind, senderName, text)
  const devices = (world.directory.devicesOf.get(to) ?? []).filter((device) => device.signedIn && device.client !== 'deskphone')
  const jabber = devices.filter((device) => device.client === 'jabber')
  const webex = devices.filter((device) => device.client === 'webex')
  for (const device of webex) {
    note(
      world,
      { flow: flow.number, place: 'webex-cloud', carrier: 'HTTPS' },
      `message for ${device.label}`,
      'the Webex App cloud handles it; IM and Presence sends no push',
      'info',
      'MSG-07',
    )
  }
  if (jabber.length === 0 && webex.length > 0) {
    world.flows.end(flow, 'done')
    return flow
  }
  // All copies are in the books before the first is on its way: the flow is over when the last of them has ended.
  const stanzas = jabber.map((device) => world.messages.add(kind, senderName, text, flow.number, device))
  if (jabber.length === 0) {
    const stanza = world.messages.add(kind, senderName, text, flow.number, { id: to, label: receiverName })
    const at = { flow: flow.number, place: origin.place, carrier: 'XMPP' as const }
    const event = note(world, at, 'message', 'nobody is signed in', 'fail', 'CH-11')
    failStanza(world, stanza, 'refused', `${receiverName} has no client that is signed in`, 'CH-11', event.seq)
    return flow
  }
  jabber.forEach((device, i) => {
    const stanza = stanzas[i]
    if (!stanza) return
    if (device.im) sendStanza(world, origin, device, stanza)
    else noSession(world, flow, origin, device, stanza)
  })
  return flow
}

/** In foreground, and without a connection to write on: its user sees that (HA-07). */
const hasNoStream = (device: Device): boolean =>
  device.client === 'jabber' && device.signedIn && !isSuspended(device) && device.im?.connected !== true

function notSent(
  world: World,
  flow: Flow,
  device: Device,
  receiverName: string,
  kind: keyof typeof TITLE,
  senderName: string,
  text: string,
): Flow {
  const stanza = world.messages.add(kind, senderName, text, flow.number, { id: device.id, label: receiverName })
  const at = { flow: flow.number, place: device.id, carrier: 'XMPP' as const }
  const event = note(
    world,
    at,
    `message to ${receiverName}`,
    `not sent: ${device.label} has no connection to IM and Presence`,
    'fail',
    'HA-07',
  )
  failStanza(world, stanza, 'refused', event.outcome, 'HA-07', event.seq)
  return flow
}

function noSession(world: World, flow: Flow, origin: Origin, device: Device, stanza: Stanza): void {
  const home = homeOf(world, device)
  const [text, why] = !world.presence
    ? ['there is no IM and Presence Service', 'MSG-06']
    : home && !serves(home)
      ? [`no IM session: ${home.id} does not serve, and nobody has taken it over`, 'HA-01']
      : ['no IM session: the client has to log in', 'CH-01']
  const at = { flow: flow.number, place: origin.place, carrier: 'XMPP' as const }
  const event = note(world, at, `message for ${device.label}`, text, 'fail', why)
  failStanza(world, stanza, 'refused', event.outcome, why, event.seq)
}
