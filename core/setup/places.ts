/** Who takes part: which host is up for whom, where a fault can sit, and what it changes in the window. */
import { reachesCluster, reachesInternet } from '../client/device.ts'
import { SIP_PORT } from '../client/sip.ts'
import { CPNS_PORT } from '../cluster/cpns.ts'
import { CALLMANAGER, CPNS, isRunning, LPNS, SHORT_NAME, TOMCAT } from '../cluster/nodes.ts'
import { isAddressOf } from '../edge/proxy.ts'
import type { HostState } from '../engine/network.ts'
import { LPNS_PORT } from '../lpns/protocol.ts'
import { OAUTH_PORT } from '../lpns/tokens.ts'
import { CLOUDS, type LabNode, type World } from '../world.ts'

const UP: HostState = { up: true }

export function hostState(world: World, host: string, peer: string, port: number): HostState {
  const found = world.hosts.get(host)
  if (!found) return world.deleted.has(host) ? { up: false, how: 'silent', text: `${host} was deleted`, why: 'LPNS-18' } : UP
  if (found.node) return nodeState(found.node, host === peer, port)
  const { device } = found
  const outside = peer === 'apns' || peer === 'fcm' || peer === 'webex-cloud'
  if (outside ? reachesInternet(device) : reachesCluster(device)) return UP
  return {
    up: false,
    how: 'silent',
    text: `${device.label} has no network to ${outside ? 'the internet' : 'the cluster'}`,
    why: outside ? 'NET-10' : 'CH-13',
  }
}

function nodeState(node: LabNode, itself: boolean, port: number): HostState {
  if (node.state !== 'up')
    return { up: false, how: 'silent', text: `${node.id} is ${node.state}`, why: node.family === 'ucm' ? 'FO-02' : 'HA-03' }
  if (port === SIP_PORT && !isRunning(node, CALLMANAGER)) {
    return { up: false, how: 'refused', text: `CallManager does not run on ${node.id}`, why: 'FO-02' }
  }
  if (port === CPNS_PORT && itself && !isRunning(node, CPNS)) {
    return { up: false, how: 'refused', text: `CPNS does not run on ${node.id}`, why: 'NET-05' }
  }
  if (port === LPNS_PORT && !isRunning(node, LPNS)) {
    return { up: false, how: 'refused', text: `LPNS does not run on ${node.id}`, why: 'LPNS-04' }
  }
  if (port === OAUTH_PORT && !isRunning(node, TOMCAT)) {
    return { up: false, how: 'refused', text: `Cisco Tomcat does not run on ${node.id}`, why: 'LPNS-06' }
  }
  return UP
}

const FAULT_SERVICES: readonly string[] = Object.values(SHORT_NAME)

export function knowsPlace(world: World, place: string): boolean {
  if (world.proxy && isAddressOf(world.proxy, place)) return true
  if (world.network.links.has(place) || world.devices.has(place) || (CLOUDS as readonly string[]).includes(place)) return true
  const [host = '', service] = place.split('/')
  const isNode = world.cluster.nodes.has(host) || (world.presence?.nodes.has(host) ?? false)
  if (service === undefined) return isNode || world.proxy?.id === place || ['firewall', 'expressway-c', 'expressway-e'].includes(place)
  return isNode && FAULT_SERVICES.includes(service)
}

/** A fault changes what stands on a link or node; when it comes or goes also who can be reached. */
export function touchFaultPlace(world: World, place: string, reach: boolean): void {
  const [a = '', b] = place.split('~')
  if (b !== undefined && a !== b) world.touch('link', place)
  else if (world.proxy && isAddressOf(world.proxy, place)) world.touch('node', world.proxy.id)
  else world.touch('node', a.split('/')[0] ?? a)
  // A strike changes nothing for the devices, and a storm may bring thousands of them.
  if (reach) for (const id of world.devices.keys()) world.touch('device', id)
}
