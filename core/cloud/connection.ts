/**
 * How the servers of the lab ask the Cisco cloud: each push service runs one client, whose connections travel through the
 * lab's network. A request that fails on an existing connection is not sent again on a new one (NET-07).
 */
import type { LabNode, World } from '../world.ts'
import { createHttpsClient, type HttpsClient, type Pooled } from './httpsClient.ts'
import type { Carried, CloudHost, Serve } from './carried.ts'
import { realWay } from './realWay.ts'
import { virtualWay } from './virtualWay.ts'
import type { CloudResult, ProxySettings, WayPort } from './way.ts'

export { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, HTTPS_PORT, POOL_IDLE_MS, type CloudAnswer, type CloudResult } from './way.ts'
export { STATUS_TEXT, type Answer, type CloudHost, type Respond, type Serve } from './carried.ts'

/** The three documented host names (NET-02). */
export const HOST_NAME: Record<CloudHost, string> = {
  'push-rest': 'push.webexconnect.com',
  ci: 'idbroker.webex.com',
  fos: 'fos-a.wbx2.com',
}

export type CloudRequest = Omit<Carried, 'name' | 'repeatable' | 'serve'>

/** Runs one request; `serve` is the cloud's side of it, `done` is told exactly once. */
export function request(world: World, asked: CloudRequest, serve: Serve, done: (result: CloudResult) => void): void {
  const { host, flow, from, node, carrier, message, tracking, device, leaving, real } = asked
  // A push is known by its tracking ID, and a device drops the second one of two [DEC-15].
  // Written out: copying with `...` costs more than all else here.
  const repeatable = host === 'push-rest'
  const name = HOST_NAME[host]
  const carried: Carried = { host, name, repeatable, flow, from, node, carrier, message, tracking, device, leaving, serve, real }
  clientFor(world, carried).request(carried, world.proxy === null ? done : (result) => done(poolAlarm(world, carried, result)))
}

/**
 * What a service runs with are the settings of its start (ONB-15); the onboarding page itself takes those just saved. Each leg
 * is asked about anew: the person may have made it real, or virtual again.
 */
function clientFor(world: World, { node, host, real: form }: Carried): HttpsClient<Carried> {
  const saved = world.proxy?.settings ?? null
  node.client ??= createHttpsClient(virtualWay(world), saved, node.connections)
  const real = form !== undefined && world.real.legs.has(host)
  const { settings } = node.client
  if (host === 'fos' && settings !== saved) return createHttpsClient(wayOf(world, real), saved)
  if (!real) return node.client
  node.realClient ??= createHttpsClient(wayOf(world, real), settings)
  return node.realClient
}

const wayOf = (world: World, real: boolean): WayPort<Carried> => (real ? realWay(world) : virtualWay(world))

/** The connection that the next request to this service would use, if there is one. */
export const connectionTo = (world: World, node: LabNode, host: CloudHost): Pooled<Carried> | undefined =>
  (world.real.legs.has(host) ? node.realClient?.pool : node.connections)?.get(host)

/** Legs have become real or virtual: nobody goes on over a connection of the other kind. */
export function legsChanged(world: World, nodes: Iterable<LabNode>, text: string): void {
  for (const node of nodes) {
    for (const [host, pooled] of node.connections)
      if (world.real.legs.has(host as CloudHost) && pooled.state === 'open') pooled.state = 'closed'
    node.realClient?.close(text, world.log.total - 1)
    node.realClient = null
  }
}

/** Settings that the push service of this node works with. */
export const settingsInUse = (world: World, node: LabNode): ProxySettings | null =>
  node.client ? node.client.settings : (world.proxy?.settings ?? null)

/** A proxy that does not let CPNS in leaves it without any connection (ALM-06, inferred from PROXY-02). */
function poolAlarm(world: World, { node, from }: Carried, result: CloudResult): CloudResult {
  if (node.family !== 'ucm' || from !== node.agent.place) return result
  if (result.ok) world.alarms.clear('HttpClientPoolCreationError', node.id, 'a request of CPNS was answered')
  else if (result.stage === 'proxy') world.alarms.raise('HttpClientPoolCreationError', node.id, result.seq, { Reason: result.text })
  return result
}

/** The names of the node no longer resolve: what waits for a connection is told. */
export function closeConnections(world: World, node: LabNode, text: string): void {
  for (const client of [node.client, node.realClient]) client?.close(text, world.log.total - 1)
}

/** The node or its push service is gone, and with it what the client remembers of its proxy: the next one starts anew. */
export function endClient(world: World, node: LabNode, text: string): void {
  closeConnections(world, node, text)
  node.client = null
  node.realClient = null
}

/** The push service starts, with the settings that are saved by now; whatever used its client before does not matter. */
export function startClient(world: World, node: LabNode): void {
  if (node.client && node.client.settings !== (world.proxy?.settings ?? null)) endClient(world, node, 'the push service starts')
}

/** The proxy hangs up on the tunnels that are open: the next request opens a new one. Real tunnels are a real proxy's. */
export function closeTunnels(nodes: Iterable<LabNode>): void {
  for (const node of nodes) {
    if (node.client?.settings?.enabled !== true) continue
    for (const pooled of node.connections.values()) if (pooled.state === 'open') pooled.state = 'closed'
  }
}
