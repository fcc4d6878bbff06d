/** Names and small facts that all of local push shares. */
import { isRunning, LPNS } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import { placeIn, type LabNode, type World } from '../world.ts'
import type { LpnsNode } from './types.ts'

export const lpnsOf = (node: string): string => placeIn(node, 'LPNS')

export const runsLpns = (node: LabNode): boolean => isRunning(node, LPNS)

/** The service on this node with its sessions, whether it runs or not. */
export function lpnsOn(world: World, node: string): LpnsNode {
  let found = world.lpns.get(node)
  if (!found) {
    const handshakes = { waiting: [], slotAt: -Infinity, used: 0 }
    world.lpns.set(node, (found = { node, sessions: new Map(), version: 0, handshakes, peers: new Map() }))
  }
  return found
}

/** Releases, platform and on-premises mode all permit local push to this device (LPNS-01). */
export const canLocalPush = (world: World, device: Device): boolean => device.os === 'ios' && world.gateFor(device).on.has('localPush')

export function touchSession(world: World, device: string, ...nodes: string[]): void {
  world.touch('session', device)
  world.touch('device', device)
  for (const node of nodes) world.touch('node', node)
}
