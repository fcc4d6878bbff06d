/** Local push as the window shows it: sessions from both ends, the mesh of a node. */
import { isMobile, type Device } from '../client/device.ts'
import type { LocalPush, NodeMesh, SessionRow } from '../contract/rows.ts'
import type { LabNode, World } from '../world.ts'
import { isSplit } from './mesh.ts'
import { missing } from './wish.ts'
import { canLocalPush, realSession } from './places.ts'
import type { Session } from './types.ts'

export function localPushOf(world: World, device: Device): LocalPush | null {
  if (!isMobile(device)) return null
  const { local } = device
  const ssids = [...(device.config?.ssids ?? [])]
  const session = realSession(world, device)
  if (session) {
    const since = session.openedAt
    return { state: 'open', node: session.node, since, text: `real client on ${session.node}`, why: 'LPNS-05', ssids }
  }
  // What is missing may have changed without anybody looking; a client that is off does not look either.
  const lacks = local.state === 'off' ? missing(world, device) : null
  return {
    state: local.state,
    node: local.node,
    since: local.since,
    text: lacks?.text ?? local.text,
    why: lacks?.why ?? local.why,
    ssids,
  }
}

/** Phones for which local push was set up, or which hold a session all the same; null for all others. */
export function sessionRow(world: World, id: string): SessionRow | null {
  const device = world.devices.get(id)
  if (!device || !canLocalPush(world, device) || !device.signedIn) return null
  const holding: Session[] = []
  for (const lpns of world.lpns.values()) {
    const session = lpns.sessions.get(id)
    if (session) holding.push(session)
  }
  if (holding.length === 0 && !device.realClient && (device.config?.ssids.length ?? 0) === 0) return null
  holding.sort((a, b) => b.openedAt - a.openedAt)
  const [newest] = holding
  const { local } = device
  const shown = localPushOf(world, device)
  // Which token a real client will show next is not known before it comes.
  const token = newest?.link.real ? newest.token : device.realClient ? null : device.accessToken
  return {
    kind: 'session',
    id,
    label: device.label,
    user: device.ownerName,
    wifi: device.wifi,
    client: shown?.state ?? 'off',
    clientNode: shown?.node ?? null,
    text: shown?.text ?? '',
    why: shown?.why ?? 'LPNS-01',
    holders: holding.map((session) => session.node),
    openedAt: newest?.openedAt ?? null,
    lastKeepaliveAt: newest?.lastKeepaliveAt ?? null,
    deadlineAt: newest?.deadlineAt ?? null,
    nextKeepaliveAt: local.nextKeepaliveAt,
    tokenIssuedAt: token?.issuedAt ?? null,
    tokenEndsAt: token?.endsAt ?? null,
    keepalives: newest?.keepalives ?? 0,
    pushes: newest?.pushes ?? 0,
    gapSince: newest?.link.real ? null : local.gapSince,
    lastGapMs: local.lastGapMs,
    real: newest?.link.real !== undefined && newest.link.real !== null,
    address: newest?.link.real?.address ?? '',
  }
}

export function meshOf(world: World, node: LabNode): NodeMesh | null {
  const lpns = world.lpns.get(node.id)
  if (!lpns || !world.meshRuns) return null
  let known = lpns.sessions.size
  for (const peer of lpns.peers.values()) known += peer.claims.size
  return {
    sessions: lpns.sessions.size,
    known,
    handshakesWaiting: lpns.handshakes.waiting.length,
    split: isSplit(world, node.id),
    peers: [...lpns.peers.values()].map(({ node: other, state, since }) => ({ node: other, state, since })),
  }
}
