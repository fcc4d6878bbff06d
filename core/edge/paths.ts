/**
 * The way between two hosts: through the firewall to the clouds, through Expressway to MRA clients. A proxy is no part of
 * it: what goes through one travels to it first, and from there to the cloud.
 */
import type { RoutePath } from '../engine/network.ts'
import { CLOUDS, type World } from '../world.ts'

const CLOUD_SET: ReadonlySet<string> = new Set(CLOUDS)

/** The link ends in turn between two hosts, and the places on the way that are drawn as hops. */
export function pathBetween(world: World, from: string, to: string): RoutePath {
  const reverse = ({ hosts, relays }: RoutePath): RoutePath => ({
    hosts: hosts.toReversed(),
    relays: relays.map((r) => ({ place: r.place, afterLegs: hosts.length - 1 - r.afterLegs })).toReversed(),
  })
  if (from === to) return { hosts: [from, to], relays: [] }
  const device = world.devices.get(from)
  if (device) {
    if (to === 'apns' || to === 'fcm') return { hosts: ['devices', to], relays: [] }
    if (to === 'webex-cloud') return { hosts: ['devices', to], relays: [] }
    if (device.mra) {
      return {
        hosts: ['devices', 'expressway-e', 'expressway-c', to],
        relays: [
          { place: 'expressway-e', afterLegs: 1 },
          { place: 'expressway-c', afterLegs: 2 },
        ],
      }
    }
    return { hosts: ['devices', to], relays: [] }
  }
  if (world.deleted.has(from)) return { hosts: ['devices', to], relays: [] }
  if (world.devices.has(to) || world.deleted.has(to)) return reverse(pathBetween(world, to, from))
  if (CLOUD_SET.has(to) && !CLOUD_SET.has(from)) {
    return { hosts: [from, 'firewall', to], relays: [] }
  }
  if (CLOUD_SET.has(from) && !CLOUD_SET.has(to)) return reverse(pathBetween(world, to, from))
  return { hosts: [from, to], relays: [] }
}
