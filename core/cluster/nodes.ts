/** Nodes, groups and pools: who is up, and which node serves a device. */
import type { ServiceName, ServiceState } from '../contract/rows.ts'
import type { Device } from '../client/device.ts'
import type { LabNode, World } from '../world.ts'

export const CALLMANAGER: ServiceName = 'Cisco CallManager'
export const CPNS: ServiceName = 'Cisco Push Notification Service'
export const LPNS: ServiceName = 'Cisco Local Push Notification Service'
export const CMAS: ServiceName = 'Cisco Management Agent Service'
export const TOMCAT: ServiceName = 'Cisco Tomcat'
export const XCP_ROUTER: ServiceName = 'Cisco XCP Router'
export const XCP_CONFIG: ServiceName = 'Cisco XCP Config Manager'

export const SHORT_NAME: Record<ServiceName, string> = {
  'Cisco CallManager': 'CallManager',
  'Cisco Push Notification Service': 'CPNS',
  'Cisco Local Push Notification Service': 'LPNS',
  'Cisco Management Agent Service': 'CMAS',
  'Cisco Tomcat': 'Tomcat',
  'Cisco XCP Router': 'XCP Router',
  'Cisco XCP Config Manager': 'XCP Config Manager',
}

/** The service on a node that pushes: CPNS on Unified CM, XCP Config Manager on IM and Presence. */
export const pushServiceOf = (node: LabNode): ServiceName => (node.family === 'ucm' ? CPNS : XCP_CONFIG)

export function* allNodes(world: World): Iterable<LabNode> {
  yield* world.cluster.nodes.values()
  if (world.presence) yield* world.presence.nodes.values()
}

/** Finds a service by its full or short name, ignoring case. */
export function serviceNamed(node: LabNode, name: string): ServiceName | null {
  const wanted = name.trim().toLowerCase()
  for (const service of node.services.keys()) {
    if (service.toLowerCase() === wanted || SHORT_NAME[service].toLowerCase() === wanted) return service
    if (service === CPNS && wanted === 'ccmpns') return service // as the field calls it (UPG-10)
  }
  return null
}

export const serviceState = (node: LabNode, name: ServiceName): ServiceState | 'absent' => node.services.get(name)?.state ?? 'absent'

export const isRunning = (node: LabNode, name: ServiceName): boolean => node.state === 'up' && node.services.get(name)?.state === 'running'

/** Node IDs that may serve the device, by priority (FO-01). */
export function groupOf(world: World, device: Device): readonly string[] {
  const group = world.cluster.pools.get(device.pool)
  return (group === undefined ? undefined : world.cluster.groups.get(group)) ?? []
}

export const homeNodeOf = (world: World, device: Device): string => groupOf(world, device)[0] ?? world.cluster.publisher.id

/** The node that processes calls for a device now: its own while that is up, else the next of its group (FO-02, FO-04). */
export function activeNodeOf(world: World, device: Device): LabNode | null {
  const registered = device.registration && world.cluster.nodes.get(device.registration.node)
  if (registered && isRunning(registered, CALLMANAGER)) return registered
  for (const id of groupOf(world, device)) {
    const node = world.cluster.nodes.get(id)
    if (node && isRunning(node, CALLMANAGER)) return node
  }
  return null
}

export const nodeOf = (world: World, id: string): LabNode => {
  const node = world.cluster.nodes.get(id) ?? world.presence?.nodes.get(id)
  if (!node) throw new RangeError(`no node ${id}`)
  return node
}
