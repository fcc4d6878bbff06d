/**
 * The mesh of the LPNS nodes over port 9560: each tells the others of the sessions it holds, so that a call on any
 * node finds its client (LPNS-19). Neighbours show each other signs of life; one that falls silent is lost, and with
 * it what was known of its sessions. When two nodes claim one client, the newer session is the real one.
 */
import { LPNS } from '../cluster/nodes.ts'
import { note, routeBetween, type LabNode, type World } from '../world.ts'
import { lpnsOf, lpnsOn, runsLpns, touchSession } from './places.ts'
import { LPNS_PORT } from './protocol.ts'
import type { Claim, LpnsNode, Peer, Session } from './types.ts'

/** Signs of life between neighbours; our choice, no source names a value. */
export const MESH_BEAT_MS = 10_000
/** A neighbour that was silent for this long is lost: it missed two. */
export const MESH_LOST_MS = 25_000

/** What the faults of `mesh.split` are called, so that healing takes away these and no others. */
export const SPLIT = 'mesh-'

export function isSplit(world: World, node: string): boolean {
  for (const { id, fault } of world.faults.all()) if (id.startsWith(SPLIT) && fault.on.split('~').includes(node)) return true
  return false
}

const meshNodes = (world: World): LabNode[] => [...world.cluster.nodes.values()].filter((node) => node.services.has(LPNS))

/** Local push was set up, or a session is there: only then do the nodes talk. */
function inUse(world: World): boolean {
  if (world.accessTokens.size > 0) return true
  for (const service of world.cluster.ucServices.values()) if (service.ssids.length > 0) return true
  return false
}

/** Starts the signs of life once local push is set up; `joined`: the nodes have known each other for long. */
export function startMesh(world: World, joined = false): void {
  if (world.meshRuns || !inUse(world)) return
  world.meshRuns = true
  if (joined) {
    const nodes = meshNodes(world).filter(runsLpns)
    for (const node of nodes) {
      for (const other of nodes) if (node !== other) join(world, node.id, other.id, [...lpnsOn(world, other.id).sessions.values()])
    }
  }
  const beat = (): void => {
    const nodes = meshNodes(world)
    for (const node of nodes) if (runsLpns(node)) beats(world, node, nodes)
    world.clock.schedule(MESH_BEAT_MS, beat, 'signs of life in the LPNS mesh')
  }
  world.clock.schedule(joined ? MESH_BEAT_MS : 0, beat, 'signs of life in the LPNS mesh')
}

function beats(world: World, node: LabNode, nodes: readonly LabNode[]): void {
  const lpns = lpnsOn(world, node.id)
  const now = world.clock.now()
  for (const peer of lpns.peers.values()) {
    if (peer.state === 'joined' && now - peer.lastHeardAt >= MESH_LOST_MS) lost(world, lpns, peer, `silent for ${MESH_LOST_MS / 1_000} s`)
  }
  for (const other of nodes) {
    if (other === node) continue
    const { version } = lpns
    quietly(world, node, other, () => heard(world, other, node, version))
  }
}

/** What the nodes say among themselves all day is no event; only what changes is. */
function quietly(world: World, from: LabNode, to: LabNode, arrive: () => void): void {
  const delivery = world.network.travel(routeBetween(world, from.id, to.id), { port: LPNS_PORT })
  if (!delivery.ok) {
    if (delivery.loss.how === 'silent') return
    const lpns = lpnsOn(world, from.id)
    const peer = lpns.peers.get(to.id)
    if (peer?.state === 'joined') lost(world, lpns, peer, delivery.loss.text)
    return
  }
  world.clock.deliver(
    delivery.delayMs,
    () => {
      if (runsLpns(to)) arrive()
    },
    undefined,
    'LPNS mesh',
  )
}

/** A sign of life. From a stranger, or when a change of its sessions was missed, it is the moment to ask for all it holds. */
function heard(world: World, at: LabNode, from: LabNode, version: number): void {
  const peer = lpnsOn(world, at.id).peers.get(from.id)
  const known = peer?.state === 'joined'
  if (known) {
    peer.lastHeardAt = world.clock.now()
    if (peer.version === version) return
  } else join(world, at.id, from.id)
  quietly(world, at, from, () => {
    const { sessions, version: now } = lpnsOn(world, from.id)
    const held = [...sessions.values()].map(claimOf)
    quietly(world, from, at, () => learn(world, at, from.id, held, now, !known))
  })
}

function join(world: World, at: string, from: string, known: readonly Session[] = []): void {
  const now = world.clock.now()
  const claims = new Map(known.map((session) => [session.device, claimOf(session)]))
  const { version } = lpnsOn(world, from)
  lpnsOn(world, at).peers.set(from, { node: from, state: 'joined', since: now, lastHeardAt: now, claims, version })
  world.touch('node', at)
}

function learn(world: World, at: LabNode, from: string, held: readonly Claim[], version: number, fresh: boolean): void {
  const lpns = lpnsOn(world, at.id)
  const peer = lpns.peers.get(from)
  if (peer?.state !== 'joined') return
  peer.version = version
  note(
    world,
    { flow: 0, place: lpnsOf(at.id), carrier: 'LPNS' },
    fresh ? `mesh: ${from} joined` : `mesh: ${from} told all again`,
    `it holds ${held.length} session${held.length === 1 ? '' : 's'}`,
    'ok',
    'LPNS-19',
  )
  for (const device of peer.claims.keys()) touchSession(world, device)
  peer.claims.clear()
  for (const claim of held) claimed(world, lpns, peer, claim)
  world.touch('node', at.id)
}

const claimOf = (session: Session): Claim => ({ device: session.device, session: session.id, openedAt: session.openedAt })

/** Newer wins; of two that opened in the same instant the one on the node with the greater name. */
const isNewer = (claim: Claim, node: string, than: Claim, thanNode: string): boolean =>
  claim.openedAt > than.openedAt || (claim.openedAt === than.openedAt && node > thanNode)

/** A neighbour holds this session now. An own one of the same client is stale, unless it is the newer. */
function claimed(world: World, lpns: LpnsNode, peer: Peer, claim: Claim): void {
  peer.claims.set(claim.device, claim)
  const own = lpns.sessions.get(claim.device)
  if (own && isNewer(claim, peer.node, claimOf(own), lpns.node)) {
    note(
      world,
      { flow: 0, place: lpnsOf(lpns.node), carrier: 'LPNS' },
      `stale session of ${world.devices.get(claim.device)?.label ?? claim.device}`,
      `the client has moved to ${peer.node}`,
      'info',
      'LPNS-19',
    )
    world.receivers.sessionMoved(own, peer.node)
  }
  touchSession(world, claim.device, lpns.node)
}

/** A session was opened here: the neighbours are told. */
export function announce(world: World, session: Session): void {
  const version = ++lpnsOn(world, session.node).version
  tellAll(world, session.node, (peer, lpns) => {
    follow(peer, version)
    claimed(world, lpns, peer, claimOf(session))
  })
}

/** Only the very next change is followed; after a gap the next sign of life asks for all of it. */
const follow = (peer: Peer, version: number): void => {
  if (peer.version === version - 1) peer.version = version
}

/** A session that was here is no more. */
export function withdraw(world: World, session: Session): void {
  const version = ++lpnsOn(world, session.node).version
  tellAll(world, session.node, (peer, lpns) => {
    follow(peer, version)
    if (peer.claims.get(session.device)?.session === session.id) peer.claims.delete(session.device)
    touchSession(world, session.device, lpns.node)
  })
}

function tellAll(world: World, from: string, told: (peer: Peer, at: LpnsNode) => void): void {
  const node = world.cluster.nodes.get(from)
  if (!world.meshRuns || !node || !runsLpns(node)) return
  for (const other of meshNodes(world)) {
    if (other === node) continue
    quietly(world, node, other, () => {
      const lpns = lpnsOn(world, other.id)
      const peer = lpns.peers.get(from)
      if (peer?.state === 'joined') told(peer, lpns)
    })
  }
}

function lost(world: World, lpns: LpnsNode, peer: Peer, text: string): void {
  peer.state = 'lost'
  peer.since = world.clock.now()
  const known = peer.claims.size
  for (const device of peer.claims.keys()) touchSession(world, device)
  peer.claims.clear()
  world.touch('node', lpns.node)
  note(
    world,
    { flow: 0, place: lpnsOf(lpns.node), carrier: 'LPNS' },
    `mesh: ${peer.node} lost`,
    `${text}; ${known === 0 ? 'it held no session' : `its ${known} session${known === 1 ? '' : 's'} cannot be reached from here`}`,
    'warn',
    'LPNS-19',
  )
}

/** LPNS on this node ended. With a goodbye, or by a broken connection, its neighbours know at once. */
export function leaveMesh(world: World, node: LabNode, text: string): void {
  for (const other of meshNodes(world)) {
    if (other === node || !runsLpns(other)) continue
    const way = routeBetween(world, node.id, other.id)
    if (world.network.obstacle(routeBetween(world, other.id, node.id), { port: LPNS_PORT })?.how === 'silent') continue
    const delayMs = way.legs.reduce((sum, leg) => sum + leg.link.latencyMs, 0)
    world.clock.deliver(
      delayMs,
      () => {
        const lpns = lpnsOn(world, other.id)
        const peer = lpns.peers.get(node.id)
        if (peer?.state === 'joined' && runsLpns(other)) lost(world, lpns, peer, text)
      },
      undefined,
      'LPNS mesh',
    )
  }
  const own = lpnsOn(world, node.id)
  own.peers.clear()
  world.touch('node', node.id)
}

/** Where a client can be reached from this node: in its own sessions, or over a neighbour that claims it. */
export function locate(lpns: LpnsNode, device: string): { node: string; session: Session | null } | null {
  const own = lpns.sessions.get(device)
  let best: Claim | undefined
  let holder = lpns.node
  for (const peer of lpns.peers.values()) {
    const claim = peer.state === 'joined' ? peer.claims.get(device) : undefined
    if (claim === undefined) continue
    const before = best ?? (own && claimOf(own))
    if (before === undefined || isNewer(claim, peer.node, before, holder)) {
      best = claim
      holder = peer.node
    }
  }
  if (best === undefined) return own === undefined ? null : { node: lpns.node, session: own }
  return { node: holder, session: null }
}
