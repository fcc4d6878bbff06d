/**
 * The client of local push: what iOS keeps running for the app, awake or not. On a listed Wi-Fi it holds one session,
 * keeps it alive, takes pushes from it, and looks for another when it breaks (LPNS-09, LPNS-16, LPNS-20).
 */
import { groupOf } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import { reachesCluster } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import { note, tell, type Hop, type LabNode, type World } from '../world.ts'
import { gapEnds } from './gap.ts'
import { again, hunt, rest, show, stopTimers } from './hunting.ts'
import { download } from './jabberConfig.ts'
import { refusalOf } from './nodeCertificate.ts'
import { realSession, runsLpns } from './places.ts'
import { CLOSE, KEEPALIVE_MS, type ServerFrame } from './protocol.ts'
import { closeSession, openSession } from './server.ts'
import { newClientToken, renewalDue, renewToken, signedInWithPassword, tokenGoodNow } from './tokens.ts'
import type { VirtualLink } from './types.ts'
import { clientCloses, clientDies, clientSends, serverLink, type ClientEnd } from './virtualLink.ts'
import { missing, REAL_CLIENT, type Missing } from './wish.ts'

/** How long a client waits for the acknowledgement of a keepalive; our choice. */
export const KEEPALIVE_RESPONSE_MS = 10_000

/** iOS starts the app's extension again after it was killed; a phone boots for this long. Our choices. */
export const RESTART_MS = 1_000
export const BOOT_MS = 30_000

/** Brings the session in line with where the phone is and what its file says. Called after every change of these. */
export function settleLocalPush(world: World, device: Device): void {
  const { local } = device
  if (device.os !== 'ios') return
  if (device.realClient) roams(world, device)
  const lacks = missing(world, device)
  if (device.realClient && lacks !== null && lacks.why !== REAL_CLIENT) dropRealClient(world, device, lacks)
  if (lacks === null) {
    if (local.state === 'off') look(world, device)
    else if (local.wifi !== device.wifi && local.state === 'open') {
      leave(world, device, `now on Wi-Fi ${device.wifi}`, true)
      look(world, device)
    }
    return
  }
  if (local.state !== 'off') leave(world, device, lacks.text, reachesCluster(device))
  if (local.text !== lacks.text || local.state !== 'off') rest(world, device, lacks)
}

/** In which Wi-Fi a real client is the lab cannot know: its session does not go with the phone of the lab (LPNS-09, LPNS-18). */
function roams(world: World, device: Device): void {
  const { local } = device
  if (local.wifi === device.wifi) return
  local.wifi = device.wifi
  if (realSession(world, device) === null) return
  note(
    world,
    { flow: 0, place: device.id, carrier: 'LPNS' },
    `${device.label} ${device.wifi === null ? 'leaves its Wi-Fi' : `joins Wi-Fi ${device.wifi}`}`,
    'its real client stays connected: the lab moves its own phone only',
    'info',
    'LPNS-09',
  )
}

/** A client of the lab would leave by itself; a real one is told by its server that it may have no session any more. */
function dropRealClient(world: World, device: Device, lacks: Missing): void {
  for (let session = realSession(world, device); session !== null; session = realSession(world, device))
    closeSession(world, session, CLOSE.forbidden, lacks.text, lacks.why)
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
  again(world, device, RESTART_MS, () => look(world, device))
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

/** Looks for a node, and goes on from there. */
export function look(world: World, device: Device): void {
  hunt(world, device, {
    opened: (node, link) => opens(world, device, node, link),
    endOf: (link) => endOf(world, device, link),
  })
}

function opens(world: World, device: Device, node: LabNode, link: VirtualLink): void {
  const { local } = device
  local.link = link
  local.node = node.id
  local.wifi = device.wifi
  local.failures = 0
  gapEnds(world, device, node.id)
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
  look(world, device)
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
        code === CLOSE.unauthorized ? 'LPNS-17' : 'LPNS-20',
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
  if (device.local.state !== 'off' || device.config.ssids.length > 0) settleLocalPush(world, device)
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
  if (!node) return void world.clock.schedule(0, () => device.local.state === 'off' && look(world, device), 'local push')
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
