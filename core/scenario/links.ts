/** Which links a scenario's lab has, by name: `a~b` in the order in which the lab names them. */
import type { Scenario } from '../contract/scenario.ts'

/** All phones share their links: `devices~ucm-pub`, `apns~devices`. */
export const DEVICES = 'devices'

export function linkNames(scenario: Scenario): Set<string> {
  const { cluster, presence, edge } = scenario
  const links = new Set<string>()
  const add = (a: string, b: string) => void links.add(`${a}~${b}`)
  const servers = [...cluster.nodes, ...(presence?.nodes ?? [])].map((node) => node.id)
  for (const [i, server] of servers.entries()) {
    add(server, server)
    add(server, 'firewall')
    add(DEVICES, server)
    if (edge.proxy !== null) add(server, edge.proxy.id)
    if (edge.expressway !== null) add('expressway-c', server)
    for (const other of servers.slice(i + 1)) add(server, other)
  }
  if (edge.proxy !== null) add(edge.proxy.id, 'firewall')
  for (const cloud of ['push-rest', 'ci', 'fos']) add('firewall', cloud)
  for (const platform of ['apns', 'fcm']) {
    add('push-rest', platform)
    add(platform, DEVICES)
  }
  add(DEVICES, 'webex-cloud')
  if (edge.expressway !== null) {
    add(DEVICES, 'expressway-e')
    add('expressway-e', 'expressway-c')
  }
  return links
}
