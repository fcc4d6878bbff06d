/**
 * The firewall's rule for the Cisco cloud: by host name, or by address as NET-01 does not want it. When the data centre moves,
 * a rule by address blocks all nodes at one instant: DNS is right, TCP is blocked (SCN-04).
 */
import { closeTunnels } from '../cloud/connection.ts'
import { allNodes } from '../cluster/nodes.ts'
import { admin } from '../replies.ts'
import type { World } from '../world.ts'

export type FirewallRule = 'host names' | 'addresses'

const MOVES = ['push-rest', 'ci'] as const

/** What the rule blocks, so that mending it takes away these faults and no others. */
const faultOf = (host: string): string => `rule-${host}`

/** The cloud answers at other addresses from now on. */
export function cloudMoves(world: World): void {
  const { edge } = world
  edge.cloudMoved = true
  admin(world, 'push-rest', 'the data centre moves', 'other addresses; the host names stay, and DNS knows', 'SCN-04')
  closeTunnels(allNodes(world))
  for (const node of allNodes(world)) {
    for (const host of MOVES) {
      const pooled = node.connections.get(host)
      if (pooled?.state === 'open') pooled.state = 'closed'
    }
  }
  if (edge.firewallRule === 'addresses') block(world)
}

export function setFirewallRule(world: World, by: FirewallRule): string | null {
  const { edge } = world
  if (edge.firewallRule === by) return `the firewall allows the cloud by ${by} already`
  edge.firewallRule = by
  const text = by === 'host names' ? 'whatever addresses the cloud has' : 'only the addresses that it has today'
  admin(world, 'firewall', `firewall allows the cloud by ${by}`, text, 'SCN-04')
  // A rule by address that is written now has the present addresses.
  edge.cloudMoved = false
  for (const host of MOVES) world.faults.remove(faultOf(host))
  return null
}

function block(world: World): void {
  for (const host of MOVES)
    world.faults.add({ id: faultOf(host), on: `firewall~${host}`, kind: 'black-hole', port: 443, direction: 'forward', hidden: true })
}
