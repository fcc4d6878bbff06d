/**
 * The reachability check of the cloud services, from every node: name, TCP, TLS, HTTP and the blocked list,
 * each failure with its repair (NET-08). Fusion Onboarding counts for the publisher only (DEC-17).
 */
import { connectionTo, HOST_NAME, request, type CloudHost } from '../cloud/connection.ts'
import type { Flow } from '../flowBook.ts'
import { tell, type LabNode, type World } from '../world.ts'
import { allNodes } from './nodes.ts'

const FIX: Record<string, string> = {
  dns: 'Configure a DNS server that resolves external names on this node.',
  connect: 'Open outbound 443/TLS from this node to the host, by host name rather than by address.',
  tls: 'Put the host on the SSL Decryption Exclusion list of the firewall.',
  proxy: 'Check the proxy settings on the Cloud Onboarding page, then restart the push service of this node.',
  send: 'See what resets connections between this node and the host.',
  timeout: 'See what swallows traffic between this node and the host.',
}

/** A real server has nothing at its root, and says so: the way there is proven all the same. */
const NOTHING_THERE: ReadonlySet<number> = new Set([404, 405])

/** `done` runs when every host has been tried. */
export function checkReachability(world: World, done: () => void = () => undefined): Flow {
  const flow = world.flows.start('check', 'Cloud services reachability', world.cluster.publisher.id, 'push-rest', world.log.total)
  world.checks.clear()
  let open = 0
  const checked = (): void => {
    open--
    world.touch('finding', '*')
    if (open > 0) return
    world.flows.end(flow, [...world.checks.values()].some((check) => check.level === 'Fail') ? 'failed' : 'done')
    done()
  }
  for (const node of allNodes(world)) {
    const hosts: CloudHost[] = node === world.cluster.publisher ? ['push-rest', 'ci', 'fos'] : ['push-rest', 'ci']
    for (const host of hosts) {
      if (node.state !== 'up') {
        record(world, node, host, 'Fail', `${node.id} is ${node.state}`, 'Start the node.', 'NET-08')
        continue
      }
      open++
      checkHost(world, flow, node, host, checked)
    }
  }
  if (open === 0) {
    world.flows.end(flow, 'failed')
    world.clock.schedule(0, done, 'no node could be checked')
  }
  return flow
}

function checkHost(world: World, flow: Flow, node: LabNode, host: CloudHost, checked: () => void): void {
  const name = HOST_NAME[host]
  const connection = connectionTo(world, node, host)
  if (connection?.state === 'open') connection.state = 'closed' // a check proves the whole way, so it dials anew
  request(
    world,
    {
      flow: flow.number,
      from: node.agent.place,
      node,
      host,
      carrier: 'HTTPS',
      message: `GET https://${name}/`,
      real: () => ({ method: 'GET', path: '/', headers: [], body: '', bearer: null, refresh: null }),
    },
    (hop, respond) => {
      tell(world, hop, 'reached', 'ok', 'NET-08')
      respond({ status: 200, text: 'OK', outcome: `${name} reached from ${node.id}`, why: 'NET-08' })
    },
    (result) => {
      if (!result.ok && result.why === 'ONB-10')
        record(
          world,
          node,
          host,
          'Warning',
          result.text,
          'Let Cisco manage the certificates, or upload the root to tomcat-trust by hand; then restart Tomcat and the push service.',
          'ONB-10',
        )
      else if (!result.ok)
        record(world, node, host, 'Fail', `${result.stage.toUpperCase()}: ${result.text}`, FIX[result.stage] ?? '', result.why)
      else if (result.status === 403)
        record(
          world,
          node,
          host,
          'Fail',
          'blocked: the address of this cluster is on the blocked list',
          'Ask for removal from the blocked IP address list (Webex help article WBX1831).',
          'NET-08',
        )
      else if (result.status >= 400 && !(world.real.legs.has(host) && NOTHING_THERE.has(result.status)))
        record(
          world,
          node,
          host,
          'Warning',
          `HTTP: answered ${result.status} ${result.text}`,
          'Try again; if it stays, the cloud has a problem.',
          'NET-08',
        )
      else record(world, node, host, 'Pass', 'DNS, TCP, TLS and HTTP work', '', 'NET-08')
      checked()
    },
  )
}

function record(
  world: World,
  node: LabNode,
  host: CloudHost,
  level: 'Pass' | 'Warning' | 'Fail',
  text: string,
  fix: string,
  why: string,
): void {
  world.checks.set(`reach:${node.id}:${host}`, {
    id: `reach:${node.id}:${host}`,
    level,
    subject: `${node.id} → ${HOST_NAME[host]}`,
    text,
    fix,
    why,
  })
}
