/**
 * Clients on real sockets, as the lab sees them: a session like any other, with another carrier. What arrives from
 * them are inputs of the run; what goes to them leaves through `world.wire` and is never waited for, so a run with
 * real clients can be given again without them (DEC-35).
 */
import type { Device } from '../client/device.ts'
import type { LabCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { printable } from '../ladder/words.ts'
import type { Push } from '../pushBook.ts'
import { tell, type LabNode, type World } from '../world.ts'
import { endSession, settleLocalPush } from './client.ts'
import { gapEnds } from './gap.ts'
import { rest } from './hunting.ts'
import { LPNS_PORT, plainFrame } from './protocol.ts'
import { openSession, receive, sessionLost, welcome, type Hear } from './server.ts'
import { issueAccessToken } from './tokens.ts'
import type { ServerLink, Session } from './types.ts'
import { hopOf, wordsOf } from './virtualLink.ts'
import { missing } from './wish.ts'

export function tokenIssued(world: World, args: LabCommandArgs<'wire.tokenIssued'>): Reply {
  const device = world.devices.get(args.device)
  if (!device) return failure('not-found', `there is no device "${args.device}"`)
  if (world.accessTokens.has(args.id)) return failure('refused', `a token named ${args.id} was issued before`)
  issueAccessToken(world, args.id, device, args.minutes)
  return ok({})
}

/** The answer to an upgrade: its HTTP status, and why. */
export type ConnectedReply = { accepted: boolean; status: 101 | 401 | 403 | 404 | 503; reason: string }

export function connected(world: World, args: LabCommandArgs<'wire.connected'>): Reply<ConnectedReply> {
  const node = world.cluster.nodes.get(args.node)
  if (!node) return failure('not-found', `there is no node "${args.node}"`)
  if (world.wireSessions.has(args.session)) return failure('refused', `session ${args.session} is open already`)
  const device = world.devices.get(args.device)
  const at = { device: args.device, node: node.id }
  const up = (message: string): Hear => {
    const hop = hopOf(world, at, true, message, null)
    return (outcome, status, why) => void tell(world, hop, outcome, status, why)
  }
  const hear = up(`GET /lpns, upgrade to WebSocket, from ${args.address}`)
  const held = lost(world, node, device?.id, true)
  if (held !== null) {
    hear(held, 'lost', 'LPNS-05')
    return ok({ accepted: false, status: 503, reason: held })
  }
  const opening = openSession(world, node, { device: args.device, token: args.token, link: wireLink(world, node, args) }, hear)
  if (!opening.accepted) return ok({ accepted: false, status: opening.status, reason: opening.reason })
  world.wireSessions.set(args.session, opening.session)
  if (device) {
    takeOver(world, device)
    gapEnds(world, device, node.id)
  }
  welcome(world, opening.session)
  return ok({ accepted: true, status: 101, reason: '' })
}

/** From its first session on the place is the real client's: the phone of the lab opens none beside it. */
function takeOver(world: World, device: Device): void {
  if (device.realClient) return
  device.realClient = true
  device.local.wifi = device.wifi
  endSession(world, device, 'a real client holds its place')
  const lacks = missing(world, device)
  if (lacks) rest(world, device, lacks)
}

export function received(world: World, args: LabCommandArgs<'wire.received'>): Reply {
  const session = world.wireSessions.get(args.session)
  if (!session) return failure('not-found', `there is no session ${args.session} on the wire`)
  const hop = hopOf(world, session, true, nameOf(args.text), pushOf(world, session, args.text))
  const node = world.cluster.nodes.get(session.node)
  const held = node ? lost(world, node, world.devices.get(session.device)?.id, true) : 'its node is gone'
  if (held !== null) {
    tell(world, hop, held, 'lost', 'LPNS-05')
    return ok({})
  }
  receive(world, session, args.text, (outcome, status, why) => void tell(world, hop, outcome, status, why))
  return ok({})
}

export function closed(world: World, args: LabCommandArgs<'wire.closed'>): Reply {
  const session = world.wireSessions.get(args.session)
  if (!session) return failure('not-found', `there is no session ${args.session} on the wire`)
  const reason = printable(args.reason)
  const turnedAway = args.turnedAway === true
  const words = reason === '' ? `close ${args.code}` : `close ${args.code}: ${reason}`
  const hop = hopOf(world, session, !turnedAway, words, null)
  if (turnedAway) tell(world, hop, 'turned away, session ends', 'fail', 'DEC-34')
  else tell(world, hop, 'session ends', 'info', 'LPNS-18')
  sessionLost(world, session, reason === '' ? `closed with ${args.code}` : reason, turnedAway ? 'DEC-34' : 'LPNS-18')
  return ok({})
}

/** The real endpoint was opened or closed; with it the phones of the lab get their places back. */
export function endpoint(world: World, args: LabCommandArgs<'wire.endpoint'>): Reply {
  if (args.open) return ok({})
  for (const session of world.wireSessions.values()) sessionLost(world, session, 'the real sockets are closed', 'LPNS-05')
  for (const lpns of world.lpns.values()) lpns.unheard.length = 0
  for (const device of world.devices.values()) {
    if (!device.realClient) continue
    device.realClient = false
    settleLocalPush(world, device)
  }
  return ok({})
}

/** What a frame is, for the arrow; its content is nothing that a journal should hold twice. */
function nameOf(text: string): string {
  const type = plainFrame(text)?.type ?? /"type"\s*:\s*"([a-z-]{1,20})"/.exec(text)?.[1]
  switch (type) {
    case 'keepalive':
      return 'keepalive'
    case 'ack':
      return 'local push acknowledged'
    case 'error':
      return 'error for a push'
    default:
      return 'frame'
  }
}

const NAMED = /"id"\s*:\s*"([\w-]{1,80})"/

/** The push that a frame answers, so that the answer stands in the ladder of its call; null for none, or one of another device. */
function pushOf(world: World, session: Session, text: string): Push | null {
  const plain = plainFrame(text)
  const id = plain === null ? NAMED.exec(text)?.[1] : plain.type === 'ack' ? plain.id : undefined
  const push = id === undefined ? undefined : world.pushes.get(id)
  return push?.device === session.device ? push : null
}

const FROM_CLIENT = ['black-hole', 'drop', 'reset', 'refuse'] as const
const TO_CLIENT = ['black-hole', 'drop', 'reset'] as const

/** Faults of the lab hold for real clients too: what they swallow goes no further. `up`: from the client. */
function lost(world: World, node: LabNode, device: string | undefined, up: boolean): string | null {
  if (world.faults.size === 0) return null
  const link = `devices~${node.id}`
  const traffic = { port: LPNS_PORT, device }
  for (const kind of up ? FROM_CLIENT : TO_CLIENT) {
    if (world.faults.strike(link, kind, traffic, up) ?? world.faults.strike(node.id, kind, traffic, up)) return `lost on ${link}: ${kind}`
  }
  return null
}

function wireLink(world: World, node: LabNode, args: { session: number; device: string; address: string }): ServerLink {
  const at = { device: args.device, node: node.id }
  return {
    real: { session: args.session, address: args.address },
    send(frame, push) {
      const hop = hopOf(world, at, false, wordsOf(frame), push)
      const held = lost(world, node, args.device, false)
      if (held !== null) return void tell(world, hop, held, 'lost', 'LPNS-05')
      tell(world, hop, `written to the socket of ${args.address}`, 'ok', 'LPNS-05')
      world.wire?.send(args.session, JSON.stringify(frame))
    },
    close(code, reason) {
      tell(world, hopOf(world, at, false, `close ${code}: ${reason}`, null), `closed towards ${args.address}`, 'info', 'LPNS-17')
      world.wire?.close(args.session, code, reason)
    },
    reset() {
      tell(world, hopOf(world, at, false, 'connection reset', null), `broken towards ${args.address}`, 'info', 'LPNS-20')
      world.wire?.close(args.session, 1_006, 'reset')
    },
  }
}
