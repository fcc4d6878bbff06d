/** Servers, clouds and what stands between them. */
import type { Health, HeldInvite, NodeRow } from '../contract/rows.ts'
import { hasToken } from '../cloud/accessAgent.ts'
import { DROP_MS } from '../cluster/deadlines.ts'
import { LPNS, SHORT_NAME } from '../cluster/nodes.ts'
import { expresswayNote } from '../edge/pushKnowledge.ts'
import type { ActiveFault } from '../engine/faultBook.ts'
import { certificateOf } from '../lpns/nodeCertificate.ts'
import { meshOf } from '../lpns/rows.ts'
import { imNodeOf } from '../presence/subcluster.ts'
import { CLOUDS, type LabNode, type World } from '../world.ts'
import { healthOf, shortFault } from './faultRow.ts'
import { fixedPlace } from './places.ts'

export function nodeIds(world: World): string[] {
  const ids = [...world.cluster.nodes.keys()]
  if (world.presence) ids.push(...world.presence.nodes.keys())
  ids.push('firewall')
  if (world.proxy) ids.push(world.proxy.id)
  if (world.expresswayRelease !== null) ids.push('expressway-c', 'expressway-e')
  for (const cloud of CLOUDS) ids.push(cloud)
  return ids
}

function faultsOn(world: World, place: string): ActiveFault[] {
  const own = world.faults.on(place).filter((fault) => !fault.hidden)
  for (const inside of [`${place}/CPNS`, `${place}/XCP Config Manager`, `${place}/LPNS`])
    own.push(...world.faults.on(inside).filter((fault) => !fault.hidden))
  if (place === world.proxy?.id)
    for (const address of world.proxy.addresses) own.push(...world.faults.on(address).filter((fault) => !fault.hidden))
  return own
}

export function nodeRow(world: World, id: string): NodeRow | null {
  const node = world.cluster.nodes.get(id) ?? world.presence?.nodes.get(id)
  if (node) return serverRow(world, node)
  const fixed = fixedPlace(world, id)
  if (!fixed) return null
  const faults = faultsOn(world, id)
  return {
    kind: 'node',
    id,
    label: fixed.label,
    family: fixed.family,
    role: fixed.role,
    release: id.startsWith('expressway') ? (world.expresswayRelease ?? '') : '',
    state: 'up',
    health: healthOf(faults),
    since: 0,
    services: [],
    held: [],
    heldMore: 0,
    mesh: null,
    certificate: null,
    note:
      faults.length > 0
        ? faults.map(shortFault).join(', ')
        : id === 'firewall'
          ? `idle limit ${world.firewallIdleMs / 60_000} min`
          : id.startsWith('expressway-')
            ? expresswayNote(world.knowsPush, id === 'expressway-c' ? 'c' : 'e', world.presence !== null)
            : fixed.note,
    faults: faults.map((fault) => fault.id),
  }
}

function serverRow(world: World, node: LabNode): NodeRow {
  const faults = [...faultsOn(world, node.id), ...world.faults.on(`${node.id}~${node.id}`).filter((fault) => !fault.hidden)]
  const stopped = [...node.services].filter(([, service]) => service.state !== 'running')
  return {
    kind: 'node',
    id: node.id,
    label: node.id,
    family: node.family,
    role: node.role,
    release: node.release,
    state: node.state,
    health: serverHealth(world, node, faults, stopped.length),
    since: node.since,
    services: [...node.services].map(([name, service]) => ({ name, short: SHORT_NAME[name], state: service.state, note: service.note })),
    ...heldBy(node),
    mesh: node.family === 'ucm' ? meshOf(world, node) : null,
    certificate: node.services.has(LPNS) ? certificateOf(world, node) : null,
    note: serverNote(world, node),
    faults: faults.map((fault) => fault.id),
  }
}

function serverHealth(world: World, node: LabNode, faults: readonly ActiveFault[], stopped: number): Health {
  if (node.state !== 'up') return 'down'
  if (stopped > 0 || lacksToken(world, node)) return 'degraded'
  if (faults.length === 0) return 'up'
  // A closed port, or a way to itself, takes a part of it away: the server runs.
  return healthOf(faults.filter(({ fault }) => fault.port === undefined && !fault.on.includes('~'))) === 'down' ? 'down' : 'degraded'
}

/** Held INVITEs of one node that cross to the window; the rest is counted. */
export const HELD_LISTED = 50

/** In the order in which they were held. All have the same limit, so the oldest push is what drops first (CALL-03). */
function heldBy(node: LabNode): Pick<NodeRow, 'held' | 'heldMore'> {
  const held: HeldInvite[] = []
  for (const leg of node.held) {
    const since = leg.call.t0 ?? 0
    const last = held.at(-1)
    if (held.length < HELD_LISTED || (last && since < last.since)) {
      if (held.length >= HELD_LISTED) held.pop()
      held.push({ flow: leg.call.flow.number, device: leg.device.id, since, limitMs: DROP_MS })
    }
  }
  return { held, heldMore: node.held.size - held.length }
}

/** It should push and cannot: a node that is still at its first fetch is as it should be (NET-02). */
const lacksToken = (world: World, { agent }: LabNode): boolean =>
  world.cluster.onboarded && agent.enabled && !agent.starting && !agent.fetching && !hasToken(world, agent)

function serverNote(world: World, node: LabNode): string {
  if (node.state !== 'up') return `${node.state} since ${clockText(node.since)}`
  if (!world.cluster.onboarded) return 'not onboarded'
  if (!hasToken(world, node.agent)) return node.agent.fetching || node.agent.starting ? 'fetching access token' : 'no access token'
  const unread = imNodeOf(world, node.id)?.queued ?? 0
  const until = `access token until ${clockText(node.agent.tokenEndsAt ?? 0)}`
  return unread > 0 ? `${unread} unread, ${until}` : until
}

const two = (value: number): string => String(value).padStart(2, '0')
function clockText(ms: number): string {
  const s = Math.floor(ms / 1_000)
  return `${two(Math.floor(s / 3_600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}
