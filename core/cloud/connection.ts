/**
 * How the servers of the lab ask the Cisco cloud: each push service runs one client, whose connections travel through the
 * lab's network. A request that fails on an existing connection is not sent again on a new one (NET-07).
 */
import type { LabNode, Hop, World } from '../world.ts'
import { createHttpsClient, type HttpsClient } from './httpsClient.ts'
import { virtualWay, type Carried, type CloudHost, type Respond } from './virtualWay.ts'
import type { CloudResult } from './way.ts'

export { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, HTTPS_PORT, POOL_IDLE_MS, type CloudAnswer, type CloudResult } from './way.ts'
export { STATUS_TEXT, type Answer, type CloudHost, type Respond } from './virtualWay.ts'

/** The three documented host names (NET-02). */
export const HOST_NAME: Record<CloudHost, string> = {
  'push-rest': 'push.webexconnect.com',
  ci: 'idbroker.webex.com',
  fos: 'fos-a.wbx2.com',
}

export type CloudRequest = Omit<Carried, 'name' | 'repeatable' | 'serve'>

/** Runs one request; `serve` is the cloud's side of it, `done` is told exactly once. */
export function request(
  world: World,
  asked: CloudRequest,
  serve: (hop: Hop, respond: Respond) => void,
  done: (result: CloudResult) => void,
): void {
  const { host } = asked
  // A push is known by its tracking ID, and a device drops the second one of two [DEC-15].
  clientOf(world, asked.node).request({ ...asked, name: HOST_NAME[host], repeatable: host === 'push-rest', serve }, done)
}

function clientOf(world: World, node: LabNode): HttpsClient<Carried> {
  node.client ??= createHttpsClient(virtualWay(world, node), null, node.connections)
  return node.client
}

/** The node or its service is gone, or its names no longer resolve: what waits for a connection is told. */
export function closeConnections(world: World, node: LabNode, text: string): void {
  node.client?.close(text, world.log.total - 1)
}
