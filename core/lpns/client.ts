/**
 * The client of local push: what iOS keeps running for the app, awake or not. On a listed Wi-Fi it holds one session
 * to the best node of its CM group that takes it, and looks for the next one when that breaks (LPNS-09, LPNS-20).
 */
import { groupOf } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import { reachesCluster } from '../client/device.ts'
import type { LocalPush } from '../contract/rows.ts'
import type { Push } from '../pushBook.ts'
import { featureOf } from '../release/index.ts'
import { note, routeBetween, tell, transmit, type Hop, type LabNode, type World } from '../world.ts'
import { handshakeTurn } from './handshakes.ts'
import { refusalOf } from './nodeCertificate.ts'
import { configFor, download } from './jabberConfig.ts'
import { canLocalPush, lpnsOn, runsLpns, touchSession } from './places.ts'
import { KEEPALIVE_MS, LPNS_PORT, type ServerFrame } from './protocol.ts'
import { openSession, welcome } from './server.ts'
import { newClientToken, renewalDue, renewToken, signedInWithPassword, tokenGoodNow } from './tokens.ts'
import type { LocalPushClient, VirtualLink } from './types.ts'
import { clientCloses, clientDies, clientSends, hopOf, serverLink, type ClientEnd } from './virtualLink.ts'

/** How long a client waits for a node that does not answer, and for the acknowledgement of a keepalive; our choices. */
export const CONNECT_TIMEOUT_MS = 5_000
export const KEEPALIVE_RESPONSE_MS = 10_000

/** iOS starts the app's extension again after it was killed; a phone boots for this long. Our choices. */
export const RESTART_MS = 1_000
export const BOOT_MS = 30_000

/** When no node took the session, the next round comes after this, doubled each time. */
export const RETRY_MS = 5_000
export const RETRY_MAX_MS = 300_000

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

type Missing = { text: string; why: string }

/** Why this client holds no session now; null when it wants one. The first thing that is missing, in the order of set-up. */
export function missing(world: World, device: Device): Missing | null {
  if (device.os !== 'ios') return { text: 'local push is for iPhone and iPad only', why: 'LPNS-01' }
  if (device.mra) return { text: 'MRA clients never use local push', why: 'MRA-07' }
  if (!canLocalPush(world, device)) {
    const { reason, cell } = featureOf(world.gateFor(device).decision, 'localPush')
    return { text: `${reason} (${cell})`, why: 'LPNS-01' }
  }
  if (!device.signedIn) return { text: 'logged out', why: 'LPNS-18' }
  if (!world.cluster.onboarded) return { text: 'the cluster is not onboarded for APNs', why: 'LPNS-03' }
  if (!world.cluster.oauthRefreshLogins) return { text: 'OAuth with Refresh Login Flow is disabled', why: 'LPNS-06' }
  const ssids = device.config?.ssids ?? []
  if (ssids.length === 0) {
    const { broken } = configFor(world, device)
    return { text: broken?.text ?? 'its jabber-config.xml has no LocalPushSSIDList yet: the next REGISTER brings it', why: 'LPNS-08' }
  }
  if (device.booting) return { text: 'the phone boots', why: 'LPNS-15' }
  if (device.wifi === null) return { text: 'no Wi-Fi', why: 'LPNS-09' }
  if (!ssids.includes(device.wifi)) return { text: `Wi-Fi "${device.wifi}" is not in LocalPushSSIDList`, why: 'LPNS-09' }
  if (!device.wifiIsMainRoute) return { text: 'Wi-Fi is not its main route', why: 'LPNS-09' }
  if (device.lastNode === null) return { text: 'not registered yet', why: 'LPNS-09' }
  if (device.realClient) return { text: 'a real client holds its place', why: 'LPNS-05' }
  return null
}

/** Brings the session in line with where the phone is and what its file says. Called after every change of these. */
export function settleLocalPush(world: World, device: Device): void {
  const { local } = device
  if (device.os !== 'ios') return
  const lacks = missing(world, device)
  if (lacks === null) {
    if (local.state === 'off') hunt(world, device)
    else if (local.wifi !== device.wifi && local.state === 'open') {
      leave(world, device, `now on Wi-Fi ${device.wifi}`, true)
      hunt(world, device)
    }
    return
  }
  if (local.state !== 'off') leave(world, device, lacks.text, reachesCluster(device))
  if (local.text !== lacks.text || local.state !== 'off') rest(world, device, lacks)
}

function show(world: World, device: Device, state: LocalPush['state'], text: string, why: string): void {
  const { local } = device
  if (local.state !== state) local.since = world.clock.now()
  local.state = state
  local.text = text
  local.why = why
  touchSession(world, device.id)
}

function rest(world: World, device: Device, lacks: Missing): void {
  stopTimers(device)
  device.local.node = null
  device.local.gapSince = null // it wants no session, so it misses none
  show(world, device, 'off', lacks.text, lacks.why)
}

function stopTimers({ local }: Device): void {
  local.turn++
  for (const timer of [local.timer, local.keepalive, local.response]) timer?.cancel()
  local.timer = local.keepalive = local.response = null
  local.nextKeepaliveAt = null
}

/** Gives the session up, if there is one. */
function leave(world: World, device: Device, reason: string, gracefully: boolean): void {
  const { local } = device
  stopTimers(device)
  const { link } = local
  local.link = null
  if (link) {
    note(world, { flow: 0, place: device.id, carrier: 'LPNS' }, 'local push session given up', reason, 'info', 'LPNS-18')
    clientCloses(world, link, device, reason, gracefully)
  }
}

/** The client was signed off, or its device is gone: the session ends with this cause (LPNS-18). */
export function endSession(world: World, device: Device, reason: string): void {
  if (device.os !== 'ios') return
  leave(world, device, reason, true)
  rest(world, device, { text: reason, why: 'LPNS-18' })
}

/** The app was killed: the session breaks, and iOS brings it back without its user (LPNS-15). */
export function appKilled(world: World, device: Device): void {
  const { local } = device
  if (local.state === 'off') return
  stopTimers(device)
  const { link } = local
  local.link = null
  local.node = null
  local.gapSince ??= world.clock.now()
  show(world, device, 'waiting', 'killed: iOS starts it again', 'LPNS-15')
  if (link) clientDies(world, link, device)
  again(world, device, RESTART_MS)
}

/** The phone reboots: for the network it is simply gone. */
export function rebooted(world: World, device: Device): void {
  const { local } = device
  stopTimers(device)
  if (local.link) local.link.client = false
  const had = local.state !== 'off'
  local.link = null
  local.node = null
  if (had) local.gapSince ??= world.clock.now()
  show(world, device, 'off', 'the phone boots', 'LPNS-15')
}

function again(world: World, device: Device, afterMs: number): void {
  const { turn } = device.local
  device.local.timer = world.clock.schedule(
    afterMs,
    () => {
      if (device.local.turn === turn) hunt(world, device)
    },
    `${device.label} looks for local push`,
  )
}

/** Node after node from the top of the CM group, whichever held the session before (LPNS-22). */
export function hunt(world: World, device: Device): void {
  const { local } = device
  stopTimers(device)
  local.node = null
  local.link = null
  const lacks = missing(world, device)
  if (lacks) return rest(world, device, lacks)
  show(world, device, 'hunting', 'looks for a node, from the top of its CM group', 'LPNS-22')
  const { turn } = local
  if (tokenGoodNow(world, device)) return attempt(world, device, turn, groupOf(world, device), 0, '')
  renewToken(world, device, (problem) => {
    if (local.turn !== turn) return
    if (problem) return giveUp(world, device, `no access token: ${problem.text}`, problem.why)
    attempt(world, device, turn, groupOf(world, device), 0, '')
  })
}

function giveUp(world: World, device: Device, text: string, why: string): void {
  const { local } = device
  stopTimers(device)
  const waitMs = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** Math.min(local.failures, 10)) + world.random(`local push ${device.id}`).upTo(1_000)
  local.failures++
  show(world, device, 'waiting', text, why)
  again(world, device, waitMs)
}

/** Connect, TLS with iOS's own look at the certificate, upgrade; then the next node (LPNS-20, LPNS-25). */
function attempt(world: World, device: Device, turn: number, order: readonly string[], index: number, problem: string): void {
  const { local } = device
  const node = world.cluster.nodes.get(order[index] ?? '')
  if (!node)
    return giveUp(world, device, problem === '' ? 'its device pool has no CM group' : problem, problem === '' ? 'FO-01' : local.why)
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
    attempt(world, device, turn, order, index + 1, text)
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
          opens(world, device, node, link)
        }
        upgrade(world, device, node, link, answered, next)
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
  answered: (problem: Missing | null) => void,
  lost: (text: string, why: string) => void,
): void {
  const traffic = { port: LPNS_PORT, device: device.id }
  const hop = hopOf(world, link, true, 'GET /lpns, upgrade to WebSocket, bearer token', null)
  const token = device.accessToken?.id ?? null
  const end = endOf(world, device, link)
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

function opens(world: World, device: Device, node: LabNode, link: VirtualLink): void {
  const { local } = device
  local.link = link
  local.node = node.id
  local.wifi = device.wifi
  local.failures = 0
  if (local.gapSince !== null) {
    local.lastGapMs = world.clock.now() - local.gapSince
    local.gapSince = null
    note(
      world,
      { flow: 0, place: device.id, carrier: 'LPNS' },
      'local push is back',
      `on ${node.id}, after ${(local.lastGapMs / 1_000).toFixed(1)} s in which none could have come`,
      'info',
      'LPNS-22',
    )
  }
  show(world, device, 'open', `session on ${node.id}`, 'LPNS-09')
  keepaliveIn(world, device, KEEPALIVE_MS)
}

function keepaliveIn(world: World, device: Device, delayMs: number): void {
  const { local } = device
  local.nextKeepaliveAt = world.clock.now() + delayMs
  local.keepalive = world.clock.schedule(delayMs, () => sendKeepalive(world, device), `keepalive of ${device.label}`)
}

function sendKeepalive(world: World, device: Device): void {
  const { local, accessToken } = device
  const { link } = local
  if (!link) return
  const seq = ++local.seq
  clientSends(world, link, endOf(world, device, link), { v: 1, type: 'keepalive', seq, token: accessToken?.id ?? 'none' }, null)
  keepaliveIn(world, device, KEEPALIVE_MS)
  local.response?.cancel()
  local.response = world.clock.schedule(
    KEEPALIVE_RESPONSE_MS,
    () => {
      if (local.link !== link) return
      note(
        world,
        { flow: 0, place: device.id, carrier: 'LPNS' },
        'keepalive not acknowledged',
        `none within ${KEEPALIVE_RESPONSE_MS / 1_000} s: the connection is half open, the client looks for a node`,
        'fail',
        'LPNS-24',
      )
      link.client = false
      lostSession(world, device)
    },
    'keepalive acknowledgement',
  )
  // One that has ended already is the server's to refuse; the 401 has it renewed (DEC-02).
  if (accessToken && tokenGoodNow(world, device) && renewalDue(world, accessToken)) renewToken(world, device, () => undefined)
}

/** The session broke and the client knows: it looks for another, from the top (LPNS-20, LPNS-22). */
function lostSession(world: World, device: Device): void {
  device.local.gapSince ??= world.clock.now()
  hunt(world, device)
}

/** What the client does with what comes in on this connection. */
function endOf(world: World, device: Device, link: VirtualLink): ClientEnd {
  return {
    frame: (frame, push, hop) => frameAtClient(world, device, link, frame, push, hop),
    closed(code, reason) {
      if (device.local.link !== link) return
      note(
        world,
        { flow: 0, place: device.id, carrier: 'LPNS' },
        'local push session lost',
        `${code} ${reason}: the client looks for a node`,
        'warn',
        code === 4_401 ? 'LPNS-17' : 'LPNS-20',
      )
      lostSession(world, device)
    },
  }
}

function frameAtClient(world: World, device: Device, link: VirtualLink, frame: ServerFrame, push: Push | null, hop: Hop): void {
  switch (frame.type) {
    case 'welcome':
      return void tell(world, hop, `the server waits ${frame.graceMs / 1_000} s longer than that`, 'info', 'DEC-02')
    case 'keepalive-ack':
      device.local.response?.cancel()
      device.local.response = null
      return void tell(world, hop, 'the session lives', 'ok', 'LPNS-16')
    case 'error':
      tell(world, hop, `${frame.reason}; the server closes`, 'fail', 'LPNS-17')
      // Whatever its own clock says: the server does not take this token any more.
      if (device.accessToken && frame.reason.includes('token'))
        device.accessToken.endsAt = Math.min(device.accessToken.endsAt, world.clock.now())
      return
    case 'push':
      return pushed(world, device, link, push, hop)
  }
}

/** iOS wakes the app for it; the response goes out before anything else (LPNS-11). */
function pushed(world: World, device: Device, link: VirtualLink, push: Push | null, hop: Hop): void {
  if (!push) return
  tell(world, hop, 'local push at the device', 'ok', 'LPNS-11')
  clientSends(world, link, endOf(world, device, link), { v: 1, type: 'ack', id: push.id, token: device.accessToken?.id ?? 'none' }, push)
  world.pushes.move(push, 'delivered')
  world.receivers.pushAtDevice(device, push)
}

/** It has registered: its file comes with that, and a first sign-in brings its tokens. */
export function registeredForLocalPush(world: World, device: Device): void {
  if (device.os !== 'ios') return
  if (device.refreshEndsAt === 0 && world.cluster.oauthRefreshLogins) {
    signedInWithPassword(world, device)
    newClientToken(world, device)
  }
  device.config = download(world, device)
  settleLocalPush(world, device)
}

/** Saved settings reach a client at once while it is connected; else its next REGISTER brings them (LPNS-08). */
export function configSaved(world: World, device: Device): void {
  if (device.os !== 'ios' || !device.signedIn) return
  if (device.registration?.connected !== true && device.local.state !== 'open') return
  device.config = download(world, device)
  settleLocalPush(world, device)
}

/** The lab starts with this phone already in its Wi-Fi: its session has been there for a while. */
export function alreadyConnected(world: World, device: Device): void {
  if (device.os !== 'ios' || !device.signedIn) return
  if (world.cluster.oauthRefreshLogins) {
    signedInWithPassword(world, device)
    newClientToken(world, device)
  }
  device.config = download(world, device)
  const lacks = missing(world, device)
  if (lacks) return rest(world, device, lacks)
  const node = groupOf(world, device)
    .map((id) => world.cluster.nodes.get(id))
    .find((each): each is LabNode => each !== undefined && runsLpns(each) && refusalOf(world, each, device) === '')
  if (!node) return void world.clock.schedule(0, () => device.local.state === 'off' && hunt(world, device), 'local push')
  const link: VirtualLink = { device: device.id, node: node.id, client: true, session: null, lastUsedAt: 0, cut: false }
  const opening = openSession(
    world,
    node,
    { device: device.id, token: device.accessToken?.id ?? null, link: serverLink(world, link, device, node, endOf(world, device, link)) },
    () => undefined,
  )
  if (!opening.accepted) return
  link.session = opening.session
  const { local } = device
  local.link = link
  local.node = node.id
  local.wifi = device.wifi
  show(world, device, 'open', `session on ${node.id}`, 'LPNS-09')
  // Sessions opened at all times of the day: so their keepalives are spread (DEC-12).
  keepaliveIn(world, device, 1 + world.random(`local push ${device.id}`).upTo(KEEPALIVE_MS - 1))
}
