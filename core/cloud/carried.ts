/** A request to the cloud as it travels in the lab, and what every way there has in common: trust, memory of firewalls, the far end. */
import type { LabCommandArgs } from '../contract/commands.ts'
import type { Carrier } from '../contract/event.ts'
import type { Loss, Route } from '../engine/network.ts'
import { tell, type Hop, type LabNode, type World } from '../world.ts'
import { distrust } from '../onboarding/trust.ts'
import type { RealRequest } from './real.ts'
import { HTTPS_PORT, type Asked, type CloudFailure, type Given } from './way.ts'

export type CloudHost = 'push-rest' | 'ci' | 'fos'

/** What the server side answers with. */
export type Answer = { status: number; text: string; outcome: string; why: string; given?: Given }
export type Respond = (answer: Answer) => void

/** A request as it travels in the lab, with the cloud's side of it. */
export type Carried = Asked & {
  host: CloudHost
  flow: number
  /** Place that asks, e.g. `ucm-pub/CPNS`. */
  from: string
  node: LabNode
  carrier: Carrier
  message: string
  tracking?: string | undefined
  device?: string | undefined
  serve: Serve
  /** The request as it is written to a socket; what has no such form stays virtual. */
  real?: (() => Omit<RealRequest, 'cloud'>) | undefined
}

/** What a request brought to the far end on a real socket; in virtual time it brings what its sender has. */
export type Brought = LabCommandArgs<'wire.request'>['asked']

export type Serve = (hop: Hop, respond: Respond, brought?: Brought) => void

/** Connections themselves are nobody's: a fault on a device does not touch them. */
export const CONNECTING = { port: HTTPS_PORT, device: undefined }

export const hopOf = (asked: Carried, message: string, sentAt: number): Hop => ({
  flow: asked.flow,
  from: asked.from,
  to: asked.host,
  carrier: asked.carrier,
  message,
  sentAt,
  tracking: asked.tracking,
})

export const connecting = (world: World, asked: Carried): Hop => hopOf(asked, `connect ${asked.name}:${HTTPS_PORT}, TLS`, world.clock.now())

/** The failure of a lookup for which the lab has a reason of its own; `place` is whose name it is. */
export function unresolved(world: World, asked: Carried, name: string, place: string): CloudFailure | null {
  const { node } = asked
  if (node.dns && !world.faults.strike(node.id, 'dns-fail', CONNECTING) && !world.faults.strike(place, 'dns-fail', CONNECTING)) return null
  const text = `${name} cannot be resolved on ${node.id}`
  const event = tell(world, { ...connecting(world, asked), message: `look up ${name}` }, text, 'fail', 'NET-09')
  return { ok: false, stage: 'dns', text, why: 'NET-09', seq: event.seq }
}

/** What the sender learns of a loss, which has just been written. */
export const lossFailure = (world: World, stage: 'connect' | 'send', loss: Loss): CloudFailure => ({
  ok: false,
  stage,
  text: loss.text,
  why: loss.why,
  seq: world.log.total - 1,
})

/** The end of the handshake: whether the certificate is the cloud's own (NET-03). */
export function trustFailure(
  world: World,
  asked: Carried,
  hop: Hop,
  routes: readonly Route[],
  places: readonly string[],
  carrier = '',
): CloudFailure | null {
  const untrusted = distrust(world, asked.node, asked.from, asked.host, asked.name)
  if (untrusted !== null) {
    const event = tell(world, hop, untrusted, 'fail', 'ONB-10')
    return { ok: false, stage: 'tls', text: untrusted, why: 'ONB-10', seq: event.seq }
  }
  if (!inspected(world, asked.host, routes, places)) {
    tell(world, hop, `connected, certificate trusted${carrier}`, 'ok', 'SEC-03')
    return null
  }
  const text = `TLS handshake failed: the certificate of ${asked.name} is not the cloud's own`
  const event = tell(world, hop, text, 'fail', 'NET-03')
  return { ok: false, stage: 'tls', text, why: 'NET-03', seq: event.seq }
}

function inspected(world: World, host: CloudHost, routes: readonly Route[], places: readonly string[]): boolean {
  if (world.faults.strike(host, 'tls-inspect', CONNECTING)) return true
  if (places.some((place) => world.faults.strike(place, 'tls-inspect', CONNECTING))) return true
  return routes.some((route) => route.legs.some((leg) => world.faults.strike(leg.link.id, 'tls-inspect', CONNECTING, leg.forward) !== null))
}

/** A firewall that has forgotten the connection lets nothing through and says nothing (NET-06). */
export function forgotten(world: World, route: Route, asked: Carried, hop: Hop, idleMs: number | null): boolean {
  if (idleMs === null) return false
  const cutAfterMs = world.network.idleCut(route, { port: HTTPS_PORT, device: asked.device }, idleMs, world.firewallIdleMs)
  if (cutAfterMs === null) return false
  const minutes = Math.round(idleMs / 6_000) / 10
  const text = `lost: the firewall forgot this connection after ${Math.round(cutAfterMs / 60_000)} min, it was idle for ${minutes} min`
  tell(world, hop, text, 'lost', 'NET-06')
  return true
}

/** The cloud's side, unless a fault answers in its place. */
export function serve(world: World, asked: Carried, arrived: Hop, respond: Respond, brought?: Brought): void {
  const traffic = { port: HTTPS_PORT, device: asked.device }
  const forced = world.faults.strike(asked.host, 'answer', traffic)
  if (forced) {
    const text = forced.reason ?? STATUS_TEXT[forced.status] ?? 'answer set by a fault'
    tell(world, arrived, `answers ${forced.status} because of a fault`, 'warn', 'SCN-15')
    return respond({ status: forced.status, text, outcome: text, why: forced.status === 410 ? 'ALM-02' : 'ALM-17' })
  }
  if (world.faults.strike(asked.host, 'blocked-address', traffic)) {
    tell(world, arrived, 'refused: this address is on the blocked list', 'fail', 'NET-08')
    return respond({ status: 403, text: 'address blocked', outcome: 'the address is on the blocked list', why: 'NET-08' })
  }
  asked.serve(arrived, respond, brought)
}

export const STATUS_TEXT: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  410: 'Gone',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
}
