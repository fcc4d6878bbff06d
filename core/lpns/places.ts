/** Names and small facts that all of local push shares. */
import { isRunning, LPNS } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import { placeIn, type LabNode, type World } from '../world.ts'
import type { LpnsNode, Session } from './types.ts'

export const lpnsOf = (node: string): string => placeIn(node, 'LPNS')

export const runsLpns = (node: LabNode): boolean => isRunning(node, LPNS)

/** The service on this node with its sessions, whether it runs or not. */
export function lpnsOn(world: World, node: string): LpnsNode {
  let found = world.lpns.get(node)
  if (!found) {
    const handshakes = { waiting: [], slotAt: -Infinity, used: 0 }
    world.lpns.set(node, (found = { node, sessions: new Map(), version: 0, handshakes, peers: new Map(), unheard: [] }))
  }
  return found
}

/** Releases, platform and on-premises mode all permit local push to this device (LPNS-01). */
export const canLocalPush = (world: World, device: Device): boolean => device.os === 'ios' && world.gateFor(device).on.has('localPush')

/** The session of the real client in a device's place, the newest when two nodes hold one; null for none. */
export function realSession(world: World, device: Device): Session | null {
  if (!device.realClient) return null
  let newest: Session | null = null
  for (const lpns of world.lpns.values()) {
    const session = lpns.sessions.get(device.id)
    if (session?.link.real && (newest === null || session.openedAt > newest.openedAt)) newest = session
  }
  return newest
}

export function touchSession(world: World, device: string, ...nodes: string[]): void {
  world.touch('session', device)
  world.touch('device', device)
  for (const node of nodes) world.touch('node', node)
}
