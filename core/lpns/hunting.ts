/**
 * How a client finds its node: from the top of the CM group each time, connect, TLS with iOS's own look at the
 * certificate, upgrade; then the next one, and after a round in vain a pause (LPNS-20, LPNS-22, LPNS-25).
 */
import { groupOf } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import type { LocalPush } from '../contract/rows.ts'
import { note, routeBetween, tell, transmit, type LabNode, type World } from '../world.ts'
import { handshakeTurn } from './handshakes.ts'
import { refusalOf } from './nodeCertificate.ts'
import { lpnsOn, touchSession } from './places.ts'
import { LPNS_PORT } from './protocol.ts'
import { openSession, welcome } from './server.ts'
import { renewToken, tokenGoodNow } from './tokens.ts'
import type { LocalPushClient, VirtualLink } from './types.ts'
import { hopOf, serverLink, type ClientEnd } from './virtualLink.ts'
import { missing, type Missing } from './wish.ts'

/** How long a client waits for a node that does not answer; our choice. */
export const CONNECT_TIMEOUT_MS = 5_000

/** When no node took the session, the next round comes after this, doubled each time. */
export const RETRY_MS = 5_000
export const RETRY_MAX_MS = 300_000

/** What the client does with a session once it has one. */
export type Finder = {
  opened(node: LabNode, link: VirtualLink): void
  endOf(link: VirtualLink): ClientEnd
}

export const newClient = (): LocalPushClient => ({
  state: 'off',
  text: 'no local push here',
  why: 'LPNS-01',
  since: 0,
  node: null,
  link: null,
  turn: 0,
  timer: null,
  keepalive: null,
  nextKeepaliveAt: null,
  response: null,
  seq: 0,
  failures: 0,
  wifi: null,
  gapSince: null,
  lastGapMs: null,
})

export function show(world: World, device: Device, state: LocalPush['state'], text: string, why: string): void {
  const { local } = device
  if (local.state !== state) local.since = world.clock.now()
  local.state = state
  local.text = text
  local.why = why
  touchSession(world, device.id)
}

export function stopTimers({ local }: Device): void {
  local.turn++
  for (const timer of [local.timer, local.keepalive, local.response]) timer?.cancel()
  local.timer = local.keepalive = local.response = null
  local.nextKeepaliveAt = null
}

/** Something is missing for a session: the client rests until that changes. */
export function rest(world: World, device: Device, lacks: Missing): void {
  stopTimers(device)
  device.local.node = null
  device.local.gapSince = null // it wants no session, so it misses none
  show(world, device, 'off', lacks.text, lacks.why)
}

/** Later, unless the client has decided otherwise by then. */
export function again(world: World, device: Device, afterMs: number, look: () => void): void {
  const { turn } = device.local
  device.local.timer = world.clock.schedule(
    afterMs,
    () => {
      if (device.local.turn === turn) look()
    },
    `${device.label} looks for local push`,
  )
}

/** Node after node from the top of the CM group, whichever held the session before (LPNS-22). */
export function hunt(world: World, device: Device, finder: Finder): void {
  const { local } = device
  stopTimers(device)
  local.node = null
  local.link = null
  const lacks = missing(world, device)
  if (lacks) return rest(world, device, lacks)
  show(world, device, 'hunting', 'looks for a node, from the top of its CM group', 'LPNS-22')
  const { turn } = local
  if (tokenGoodNow(world, device)) return attempt(world, device, finder, turn, groupOf(world, device), 0, '')
  renewToken(world, device, (problem) => {
    if (local.turn !== turn) return
    if (problem) return giveUp(world, device, finder, `no access token: ${problem.text}`, problem.why)
    attempt(world, device, finder, turn, groupOf(world, device), 0, '')
  })
}

function giveUp(world: World, device: Device, finder: Finder, text: string, why: string): void {
  const { local } = device
  stopTimers(device)
  const waitMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** Math.min(local.failures, 10)) + world.random(`local push ${device.id}`).upTo(1_000)
  local.failures++
  show(world, device, 'waiting', text, why)
  again(world, device, waitMs, () => hunt(world, device, finder))
}

/** Connect, TLS with iOS's own look at the certificate, upgrade; then the next node (LPNS-20, LPNS-25). */
function attempt(
  world: World,
  device: Device,
  finder: Finder,
  turn: number,
  order: readonly string[],
  index: number,
  problem: string,
): void {
  const { local } = device
  const node = world.cluster.nodes.get(order[index] ?? '')
  if (!node)
    return giveUp(world, device, finder, problem === '' ? 'its device pool has no CM group' : problem, problem === '' ? 'FO-01' : local.why)
  show(world, device, 'hunting', `tries ${node.id}`, 'LPNS-22')
  const link: VirtualLink = { device: device.id, node: node.id, client: true, session: null, lastUsedAt: world.clock.now(), cut: false }
  let open = true
  const next = (text: string, why: string): void => {
    if (!open) return
    open = false
    timeout.cancel()
    link.client = false
    if (local.turn !== turn) return
    local.why = why
    attempt(world, device, finder, turn, order, index + 1, text)
  }
  const timeout = world.clock.schedule(
    CONNECT_TIMEOUT_MS,
    () => {
      if (!open) return
      note(
        world,
        { flow: 0, place: device.id, carrier: 'LPNS' },
        `no answer from ${node.id}:${LPNS_PORT}`,
        `${CONNECT_TIMEOUT_MS / 1_000} s lost, the client tries the next node`,
        'fail',
        'LPNS-22',
      )
      next(`${node.id} does not answer on port ${LPNS_PORT}`, 'LPNS-22')
    },
    'local push connect timeout',
  )
  const hop = hopOf(world, link, true, `connect wss://${node.id}:${LPNS_PORT}, TLS`, null)
  transmit(
    world,
    routeBetween(world, device.id, node.id),
    hop,
    { port: LPNS_PORT, device: device.id },
    () => {
      // TCP and TLS 1.3 take two round trips before the upgrade may leave; one way is done.
      const restMs = 3 * (world.clock.now() - hop.sentAt)
      const gaveUp = (): boolean => !open || local.turn !== turn
      const shakeHands = (): void => void world.clock.schedule(restMs, () => judge(), 'TLS handshake', 'arrival')
      const judge = (): void => {
        if (gaveUp()) return
        const refusal = refusalOf(world, node, device)
        if (refusal !== '') {
          tell(world, hop, `iOS refuses the certificate: ${refusal}`, 'fail', 'LPNS-25')
          return next(`${node.id}: ${refusal}`, 'LPNS-25')
        }
        tell(world, hop, 'connected, certificate accepted', 'ok', 'LPNS-25')
        const answered = (problem: Missing | null): void => {
          if (gaveUp()) return
          if (problem !== null) return next(problem.text, problem.why)
          open = false
          timeout.cancel()
          finder.opened(node, link)
        }
        upgrade(world, device, node, link, finder.endOf(link), answered, next)
      }
      handshakeTurn(world, lpnsOn(world, node.id), shakeHands, gaveUp)
    },
    (loss) => next(`${node.id}: ${loss.text}`, loss.why),
  )
}

function upgrade(
  world: World,
  device: Device,
  node: LabNode,
  link: VirtualLink,
  end: ClientEnd,
  answered: (problem: Missing | null) => void,
  lost: (text: string, why: string) => void,
): void {
  const traffic = { port: LPNS_PORT, device: device.id }
  const hop = hopOf(world, link, true, 'GET /lpns, upgrade to WebSocket, bearer token', null)
  const token = device.accessToken?.id ?? null
  transmit(
    world,
    routeBetween(world, device.id, node.id),
    hop,
    traffic,
    (arrived) => {
      const opening = openSession(
        world,
        node,
        { device: device.id, token, link: serverLink(world, link, device, node, end) },
        (...heard) => void tell(world, arrived, ...heard),
      )
      if (opening.accepted) link.session = opening.session
      const status = opening.accepted ? '101 Switching Protocols' : `${opening.status} ${STATUS[opening.status]}`
      transmit(
        world,
        routeBetween(world, node.id, device.id),
        hopOf(world, link, false, status, null),
        traffic,
        (back) => {
          if (opening.accepted && !link.client) {
            tell(world, back, 'the client has gone on meanwhile', 'lost', 'LPNS-22')
            return
          }
          tell(
            world,
            back,
            opening.accepted ? `session on ${node.id}` : opening.reason,
            opening.accepted ? 'ok' : 'fail',
            opening.accepted ? 'LPNS-09' : 'DEC-01',
          )
          answered(opening.accepted ? null : { text: `${node.id}: ${opening.status}, ${opening.reason}`, why: 'DEC-01' })
        },
        (loss) => lost(`${node.id}: ${loss.text}`, loss.why),
      )
      if (opening.accepted) welcome(world, opening.session)
    },
    (loss) => lost(`${node.id}: ${loss.text}`, loss.why),
  )
}

const STATUS = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' } as const
