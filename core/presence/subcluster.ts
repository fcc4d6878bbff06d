/** Subclusters: which node a user is assigned to, which one backs it up, and who may take over (HA-01, ONB-19). */
import type { Device } from '../client/device.ts'
import { isRunning, XCP_ROUTER } from '../cluster/nodes.ts'
import type { Scenario } from '../contract/scenario.ts'
import { compareReleases, readRelease } from '../release/index.ts'
import type { LabNode, World } from '../world.ts'
import { DepthLog } from './depthLog.ts'
import {
  CRITICAL_SERVICE_DOWN_MS,
  FAILOVER_AFTER_MS,
  FALLBACK_AFTER_MS,
  RELOGIN_PER_SECOND,
  RELOGIN_SPAN_MIN_SECONDS,
} from './parameters.ts'
import type { ImNode, ImParameters, Subcluster } from './types.ts'

/** First release with push high availability (HA-01). */
const FIRST_RELEASE = '11.5(1)SU3'

type PresenceSpec = NonNullable<Scenario['presence']>

export function parametersOf(spec: PresenceSpec): ImParameters {
  return {
    highAvailability: spec.pushHighAvailability,
    reloginLowerSeconds: spec.relogin.lowerSeconds,
    reloginUpperSeconds: spec.relogin.upperSeconds ?? null,
    rebuildPerSecond: spec.rebuildPerSecond,
    automaticFallback: spec.fallback === 'automatic',
    failoverAfterMs: spec.failoverAfterMs ?? FAILOVER_AFTER_MS,
    criticalServiceDownMs: spec.criticalServiceDownMs ?? CRITICAL_SERVICE_DOWN_MS,
    fallbackAfterMs: spec.fallbackAfterMs ?? FALLBACK_AFTER_MS,
  }
}

/** The pairs of the file; without any, nodes pair up in their order. */
export function subclustersOf(spec: PresenceSpec): Subcluster[] {
  if (spec.subclusters.length > 0) return spec.subclusters.map(({ id, nodes }) => ({ id, nodes: [...nodes] }))
  const pairs: Subcluster[] = []
  for (let i = 0; i < spec.nodes.length; i += 2)
    pairs.push({
      id: pairs.length === 0 ? 'DefaultCUPSubCluster' : `Subcluster-${pairs.length + 1}`,
      nodes: spec.nodes.slice(i, i + 2).map(({ id }) => id),
    })
  return pairs
}

/** Gives every IM and Presence node its place in a subcluster. */
export function addSubclusters(world: World): void {
  const { presence } = world
  const spec = world.scenario.presence
  if (!presence || !spec) return
  for (const subcluster of subclustersOf(spec)) {
    presence.subclusters.push(subcluster)
    const members = subcluster.nodes
      .flatMap((id) => presence.nodes.get(id) ?? [])
      .map((node) => newImNode(node, subcluster, presence.parameters))
    for (const member of members) {
      member.partner = members.find((other) => other !== member) ?? null
      presence.im.set(member.id, member)
    }
    // Active/Standby: the second node of each pair has no users of its own.
    presence.assignable.push(...(spec.userAssignment === 'balanced' ? members : members.slice(0, 1)))
  }
}

const newImNode = (node: LabNode, subcluster: Subcluster, parameters: ImParameters): ImNode => ({
  id: node.id,
  node,
  subcluster,
  partner: null,
  highAvailability: parameters.highAvailability,
  homed: new Set(),
  users: new Map(),
  sessions: new Set(),
  queued: 0,
  held: new Map(),
  heldStanzas: 0,
  lost: 0,
  rebuild: null,
  gaps: [],
  unpushed: [],
  stranded: [],
  takeover: null,
  fallback: null,
  returning: 0,
  lastReloginRate: 0,
  failedOver: false,
  takenOver: false,
  lives: 0,
  memory: { lost: null },
  depth: new DepthLog(),
})

/** Node that the user of this client is assigned to; null for clients without IM and Presence (MSG-07). */
export function homeOf(world: World, device: Device): ImNode | null {
  const { presence } = world
  if (!presence || device.client !== 'jabber') return null
  const own = world.directory.users.get(device.owner)?.presenceNode
  if (own !== undefined) return presence.im.get(own) ?? null
  const { assignable } = presence
  return assignable[(world.directory.order.get(device.owner) ?? 0) % assignable.length] ?? null
}

/** Its user is assigned to this node. */
export function assign(im: ImNode, device: Device): void {
  if (im.homed.has(device)) return
  im.homed.add(device)
  im.users.set(device.owner, (im.users.get(device.owner) ?? 0) + 1)
}

/** The client is gone, and with the last of them its user. */
export function unassign(im: ImNode, device: Device): void {
  if (!im.homed.delete(device)) return
  const left = (im.users.get(device.owner) ?? 1) - 1
  if (left > 0) im.users.set(device.owner, left)
  else im.users.delete(device.owner)
}

export const imNodeOf = (world: World, id: string): ImNode | null => world.presence?.im.get(id) ?? null

/** The node that owns the client's session. */
export const ownerOf = (world: World, device: Device): ImNode | null => (device.im ? imNodeOf(world, device.im.node) : null)

export const serves = (im: ImNode): boolean => isRunning(im.node, XCP_ROUTER)

/** Whether sessions of this node are copied to its partner, so that it can take over: both run with the feature (HA-01). */
export function replicates(im: ImNode): boolean {
  const { partner } = im
  return partner !== null && hasFeature(im) && hasFeature(partner)
}

function hasFeature(im: ImNode): boolean {
  if (!im.highAvailability) return false
  const have = readRelease('presence', im.node.release)
  const need = readRelease('presence', FIRST_RELEASE)
  return have.ok && need.ok && compareReleases(have.value, need.value) >= 0
}

/** Why nobody can take over from this node now; null when its partner can. */
export function noTakeover(im: ImNode): string | null {
  const { partner } = im
  if (!partner) return `${im.id} has no backup in its subcluster`
  for (const each of [im, partner]) {
    if (!each.highAvailability) return `Push Notifications High Availability is Disabled on ${each.id}`
    if (!hasFeature(each)) return `${each.node.release} has no push high availability: it begins with ${FIRST_RELEASE}`
  }
  if (partner.node.state !== 'up') return `its backup ${partner.id} is not up`
  return serves(partner) ? null : `Cisco XCP Router does not run on its backup ${partner.id} either`
}

/** Re-login limits in force for a node: as set, or as the calculator proposes them for its users (HA-10). */
export function reloginLimits(world: World, users: number): { lowerSeconds: number; upperSeconds: number } {
  const parameters = world.presence?.parameters
  const lowerSeconds = parameters?.reloginLowerSeconds ?? 0
  const span = Math.max(RELOGIN_SPAN_MIN_SECONDS, Math.ceil(users / RELOGIN_PER_SECOND))
  return { lowerSeconds, upperSeconds: parameters?.reloginUpperSeconds ?? lowerSeconds + span }
}

/** The node's row: told again when something about its sessions or queues has changed. */
export const touchIm = (world: World, im: ImNode): void => world.touch('imNode', im.id)
