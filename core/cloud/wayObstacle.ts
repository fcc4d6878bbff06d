/** What stands in a node's way to Push REST for sure, with the proxy it uses: asked before anything is sent. */
import { answersAt, lookUp, type LabProxy } from '../edge/proxy.ts'
import { routeBetween, type LabNode, type World } from '../world.ts'
import { connectionTo } from './connection.ts'
import { HTTPS_PORT, isAddress, PROXY_ADDRESS_TTL_MS, type ProxySettings } from './way.ts'

type Obstacle = { text: string; why: string }

export function wayObstacle(world: World, node: LabNode, device: string): Obstacle | null {
  const settings = node.client?.settings ?? world.proxy?.settings
  const traffic = { port: HTTPS_PORT, device }
  const real = world.real.legs.has('push-rest')
  if (world.proxy && settings?.enabled) {
    // Of a real proxy nothing is known before it is asked.
    return real
      ? world.network.obstacle(routeBetween(world, node.id, world.proxy.id), traffic)
      : proxyObstacle(world, world.proxy, settings, node, device)
  }
  if (connectionTo(world, node, 'push-rest')?.state !== 'open' && !node.dns)
    return { text: `${node.id} cannot resolve the cloud's names`, why: 'NET-09' }
  return world.network.obstacle(routeBetween(world, node.id, 'push-rest'), traffic)
}

function proxyObstacle(world: World, proxy: LabProxy, settings: ProxySettings, node: LabNode, device: string): Obstacle | null {
  const open = node.connections.get('push-rest')?.state === 'open'
  const found = addressesFor(world, proxy, settings, node)
  if (!found) return { text: `${node.id} cannot resolve ${settings.server}`, why: node.dns ? 'PROXY-03' : 'NET-09' }
  const traffic = { port: settings.port, device }
  const dead = (['black-hole', 'drop', 'refuse', 'reset'] as const).map((kind) => (at: string) => world.faults.certain(at, kind, traffic))
  if (!found.some((address) => answersAt(proxy, address) && dead.every((strikes) => !strikes(address))))
    return { text: `the proxy does not answer at ${found.join(' or ')}`, why: 'PROXY-03' }
  if (!open) {
    const forced = world.faults.certain(proxy.id, 'answer', { port: HTTPS_PORT })
    if (forced && forced.status >= 300)
      return { text: `the proxy would answer ${forced.status} to CONNECT`, why: forced.status === 407 ? 'PROXY-02' : 'PROXY-01' }
    if (settings.kind !== proxy.kind || settings.port !== proxy.port)
      return {
        text: `${settings.kind} on port ${settings.port} is set, the proxy has ${proxy.kind} on port ${proxy.port}`,
        why: 'PROXY-01',
      }
    if (proxy.asks !== 'none') {
      if (settings.authentication !== proxy.asks)
        return { text: `the proxy asks for ${proxy.asks}, authentication is set to ${settings.authentication}`, why: 'PROXY-02' }
      if (settings.user !== proxy.user || settings.password !== proxy.password)
        return { text: 'user name or password for the proxy is wrong', why: 'PROXY-02' }
    }
    if (world.faults.certain(proxy.id, 'tls-inspect', { port: HTTPS_PORT }))
      return { text: 'TLS inspection at the proxy breaks the trust in Push REST', why: 'NET-03' }
  }
  return (
    world.network.obstacle(routeBetween(world, node.id, proxy.id), traffic) ??
    world.network.obstacle(routeBetween(world, proxy.id, 'push-rest'), { port: HTTPS_PORT, device })
  )
}

/** The addresses that it would use now: those it knows, or those that DNS would give it. */
function addressesFor(world: World, proxy: LabProxy, { server }: ProxySettings, node: LabNode): readonly string[] | null {
  if (isAddress(server)) return [server]
  const kept = node.client?.memory.addresses
  if (kept && world.clock.now() - kept.lookedUpAt < PROXY_ADDRESS_TTL_MS) return kept.found
  return node.dns ? lookUp(proxy, server) : null
}
