/**
 * A server's HTTPS connections to the Cisco cloud: name, TCP, TLS, then requests on a pooled connection.
 * A request that fails on an existing connection is not sent again on a new one (NET-07); the next request
 * opens a new connection.
 */
import {
  routeBetween,
  tell,
  transmit,
  type CloudConnection,
  type CloudFailure,
  type Hop,
  type LabNode,
  type Opened,
  type World,
} from '../world.ts'
import type { Carrier } from '../contract/event.ts'
import type { Loss, Route } from '../engine/network.ts'

export type CloudHost = 'push-rest' | 'ci' | 'fos'

/** The three documented host names (NET-02). */
export const HOST_NAME: Record<CloudHost, string> = {
  'push-rest': 'push.webexconnect.com',
  ci: 'idbroker.webex.com',
  fos: 'fos-a.wbx2.com',
}

export const HTTPS_PORT = 443 // NET-01

/** The servers keep a pooled connection this long; NAT and firewalls should keep it as long (NET-06). */
export const POOL_IDLE_MS = 30 * 60_000

/** How long a confirmation is awaited (PROXY-04). */
export const ANSWER_TIMEOUT_MS = 5_000

/** How long a TCP connect may take before it counts as failed; no source names a value. */
export const CONNECT_TIMEOUT_MS = 5_000

export type CloudAnswer = { ok: true; status: number; text: string; seq: number }
export type CloudResult = CloudAnswer | CloudFailure

/** What the server side answers with. */
export type Answer = { status: number; text: string; outcome: string; why: string }
export type Respond = (answer: Answer) => void

export type CloudRequest = {
  flow: number
  /** Place that asks, e.g. `ucm-pub/CPNS`. */
  from: string
  node: LabNode
  host: CloudHost
  carrier: Carrier
  message: string
  tracking?: string
  device?: string
  /** Runs when the request really leaves, after name, TCP and TLS. */
  leaving?: () => void
}

/** Runs one request; `serve` is the cloud's side of it, `done` is told exactly once. */
export function request(
  world: World,
  asked: CloudRequest,
  serve: (hop: Hop, respond: Respond) => void,
  done: (result: CloudResult) => void,
): void {
  openConnection(world, asked, (opened) => {
    if (!opened.ok) return done(opened)
    exchange(world, asked, opened.fresh, serve, done)
  })
}

function connectionOf(node: LabNode, host: CloudHost): CloudConnection {
  let connection = node.connections.get(host)
  if (!connection) {
    connection = { state: 'closed', lastUsedAt: 0, waiting: [] }
    node.connections.set(host, connection)
  }
  return connection
}

/** The node or its service is gone, or its names no longer resolve: what waits for a connection is told. */
export function closeConnections(world: World, node: LabNode, text: string): void {
  for (const connection of node.connections.values()) {
    connection.state = 'closed'
    const { waiting } = connection
    connection.waiting = []
    for (const each of waiting) each({ ok: false, stage: 'connect', text, why: 'NET-01', seq: world.log.total - 1 })
  }
}

function openConnection(world: World, asked: CloudRequest, opened: (result: Opened) => void): void {
  const { node, host } = asked
  const connection = connectionOf(node, host)
  if (connection.state === 'opening') {
    connection.waiting.push(opened)
    return
  }
  if (connection.state === 'open') {
    if (world.clock.now() - connection.lastUsedAt < POOL_IDLE_MS) return opened({ ok: true, fresh: false })
    connection.state = 'closed' // the pool has let it go by itself
  }
  connection.state = 'opening'
  connection.waiting.push(opened)
  const finish = (result: Opened): void => {
    if (connection.state !== 'opening') return
    connection.state = result.ok ? 'open' : 'closed'
    connection.lastUsedAt = world.clock.now()
    const { waiting } = connection
    connection.waiting = []
    for (const each of waiting) each(result)
  }
  dial(world, asked, finish)
}

/** Name lookup, TCP and TLS, with the failure of each told apart. */
function dial(world: World, asked: CloudRequest, finish: (result: Opened) => void): void {
  const { node, host } = asked
  const name = HOST_NAME[host]
  const traffic = { port: HTTPS_PORT, device: undefined }
  const route = routeBetween(world, node.id, host)
  const hop: Hop = {
    flow: asked.flow,
    from: asked.from,
    to: host,
    carrier: asked.carrier,
    message: `connect ${name}:443, TLS`,
    sentAt: world.clock.now(),
    tracking: asked.tracking,
  }
  if (!node.dns || world.faults.strike(node.id, 'dns-fail', traffic) || world.faults.strike(host, 'dns-fail', traffic)) {
    const text = `${name} cannot be resolved on ${node.id}`
    const event = tell(world, { ...hop, message: `look up ${name}` }, text, 'fail', 'NET-09')
    return finish({ ok: false, stage: 'dns', text, why: 'NET-09', seq: event.seq })
  }
  const timeout = world.clock.schedule(
    CONNECT_TIMEOUT_MS,
    () => {
      const text = `no connection to ${name}:443 within ${CONNECT_TIMEOUT_MS / 1000} s`
      const event = tell(world, { ...hop, to: asked.from }, text, 'fail', 'NET-01')
      finish({ ok: false, stage: 'connect', text, why: 'NET-01', seq: event.seq })
    },
    'connect timeout',
  )
  transmit(
    world,
    route,
    hop,
    traffic,
    () => {
      // TCP and TLS 1.3 take two round trips before the first request may leave; one way is done.
      world.clock.schedule(
        3 * (world.clock.now() - hop.sentAt),
        () => {
          timeout.cancel()
          if (inspected(world, route, host, traffic)) {
            const text = `TLS handshake failed: the certificate of ${name} is not the cloud's own`
            const event = tell(world, hop, text, 'fail', 'NET-03')
            return finish({ ok: false, stage: 'tls', text, why: 'NET-03', seq: event.seq })
          }
          tell(world, hop, 'connected, certificate trusted', 'ok', 'SEC-03')
          finish({ ok: true, fresh: true })
        },
        'TLS handshake',
        'arrival',
      )
    },
    (loss) => {
      timeout.cancel()
      finish({ ok: false, stage: 'connect', text: loss.text, why: loss.why, seq: world.log.total - 1 })
    },
  )
}

function inspected(world: World, route: Route, host: CloudHost, traffic: { port: number; device: undefined }): boolean {
  if (world.faults.strike(host, 'tls-inspect', traffic)) return true
  return route.legs.some((leg) => world.faults.strike(leg.link.id, 'tls-inspect', traffic, leg.forward) !== null)
}

function exchange(
  world: World,
  asked: CloudRequest,
  fresh: boolean,
  serve: (hop: Hop, respond: Respond) => void,
  done: (result: CloudResult) => void,
): void {
  const { node, host } = asked
  const connection = connectionOf(node, host)
  const route = routeBetween(world, node.id, host)
  const traffic = { port: HTTPS_PORT, device: asked.device }
  const now = world.clock.now()
  const hop: Hop = {
    flow: asked.flow,
    from: asked.from,
    to: host,
    carrier: asked.carrier,
    message: asked.message,
    sentAt: now,
    tracking: asked.tracking,
  }
  asked.leaving?.()
  let open = true
  const finish = (result: CloudResult): void => {
    if (!open) return
    open = false
    timeout.cancel()
    if (result.ok) connection.lastUsedAt = world.clock.now()
    else connection.state = 'closed'
    done(result)
  }
  const timeout = world.clock.schedule(
    ANSWER_TIMEOUT_MS,
    () => {
      const text = `no answer from ${HOST_NAME[host]} within ${ANSWER_TIMEOUT_MS / 1000} s; not sent again on a new connection`
      const event = tell(world, { ...hop, to: asked.from, sentAt: now }, text, 'fail', 'NET-07')
      finish({ ok: false, stage: 'timeout', text, why: 'NET-07', seq: event.seq })
    },
    'answer timeout',
  )
  const idleMs = now - connection.lastUsedAt
  const cutAfterMs = fresh ? null : world.network.idleCut(route, traffic, idleMs, world.firewallIdleMs)
  connection.lastUsedAt = now
  if (cutAfterMs !== null) {
    const minutes = Math.round(idleMs / 6_000) / 10
    tell(
      world,
      hop,
      `lost: the firewall forgot this connection after ${Math.round(cutAfterMs / 60_000)} min, it was idle for ${minutes} min`,
      'lost',
      'NET-06',
    )
    return
  }
  transmit(
    world,
    route,
    hop,
    traffic,
    (arrived) => {
      const answer: Respond = (given) => respond(world, asked, given, finish)
      const forced = world.faults.strike(host, 'answer', traffic)
      if (forced) {
        const text = forced.reason ?? STATUS_TEXT[forced.status] ?? 'answer set by a fault'
        tell(world, arrived, `answers ${forced.status} because of a fault`, 'warn', 'SCN-15')
        return answer({ status: forced.status, text, outcome: text, why: forced.status === 410 ? 'ALM-02' : 'ALM-17' })
      }
      if (world.faults.strike(host, 'blocked-address', traffic)) {
        tell(world, arrived, 'refused: this address is on the blocked list', 'fail', 'NET-08')
        return answer({ status: 403, text: 'address blocked', outcome: 'the address is on the blocked list', why: 'NET-08' })
      }
      serve(arrived, answer)
    },
    (loss: Loss) => finish({ ok: false, stage: 'send', text: loss.text, why: loss.why, seq: world.log.total - 1 }),
  )
}

function respond(world: World, asked: CloudRequest, answer: Answer, finish: (result: CloudResult) => void): void {
  const { node, host } = asked
  const hop: Hop = {
    flow: asked.flow,
    from: host,
    to: asked.from,
    carrier: asked.carrier,
    message: `${answer.status} ${answer.text}`,
    sentAt: world.clock.now(),
    tracking: asked.tracking,
  }
  transmit(
    world,
    routeBetween(world, host, node.id),
    hop,
    { port: HTTPS_PORT, device: asked.device },
    (arrived) => {
      const event = tell(world, arrived, answer.outcome, answer.status < 400 ? 'ok' : 'fail', answer.why)
      finish({ ok: true, status: answer.status, text: answer.text, seq: event.seq })
    },
    (loss) => finish({ ok: false, stage: 'send', text: loss.text, why: loss.why, seq: world.log.total - 1 }),
  )
}

export const STATUS_TEXT: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  410: 'Gone',
  413: 'Payload Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
}
