/** The links between nodes, edge, clouds and devices, with their usual delays. */
import type { World } from '../world.ts'

/** Usual one-way delays and jitter in milliseconds; a scenario may set its own per link. */
const DELAY = {
  loopback: [1, 0],
  lan: [1, 1],
  cloud: [35, 10],
  partner: [25, 10],
  apns: [180, 120],
  fcm: [160, 120],
  wifi: [8, 6],
  internet: [40, 20],
} as const

export function addLinks(world: World): void {
  const { network, proxy } = world
  const add = (a: string, b: string, [latencyMs, jitterMs]: readonly [number, number]): void =>
    void network.addLink(a, b, latencyMs, jitterMs)
  const servers = [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])]
  servers.forEach((id, index) => {
    add(id, id, DELAY.loopback)
    add(id, 'firewall', DELAY.lan)
    if (proxy) add(id, proxy.id, DELAY.lan)
    add('devices', id, DELAY.wifi)
    if (world.expresswayRelease !== null) add('expressway-c', id, DELAY.lan)
    for (const other of servers.slice(index + 1)) add(id, other, DELAY.lan)
  })
  if (proxy) add(proxy.id, 'firewall', DELAY.lan)
  for (const cloud of ['push-rest', 'ci', 'fos'] as const) add('firewall', cloud, DELAY.cloud)
  add('push-rest', 'apns', DELAY.partner)
  add('push-rest', 'fcm', DELAY.partner)
  add('apns', 'devices', DELAY.apns)
  add('fcm', 'devices', DELAY.fcm)
  add('devices', 'webex-cloud', DELAY.internet)
  if (world.expresswayRelease !== null) {
    add('devices', 'expressway-e', DELAY.internet)
    add('expressway-e', 'expressway-c', DELAY.lan)
  }
  for (const { link, latencyMs, jitterMs } of world.scenario.links) {
    const found = network.links.get(link)
    if (!found) continue // the loader has refused such a file before
    if (latencyMs !== undefined) found.latencyMs = latencyMs
    if (jitterMs !== undefined) found.jitterMs = jitterMs
  }
}
