/** Commands around the proxy: what the administrator of the cluster sets, and what happens at the proxy itself. */
import { closeTunnels } from '../cloud/connection.ts'
import type { ProxySettings } from '../cloud/way.ts'
import { allNodes } from '../cluster/nodes.ts'
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { admin, missing } from '../replies.ts'
import type { World } from '../world.ts'
import type { LabProxy } from './proxy.ts'

type Names = Extract<LabCommandName, `proxy.${string}`>

type OnProxy<N extends Names> = (world: World, proxy: LabProxy, args: LabCommandArgs<N>) => Reply

function withProxy<N extends Names>(act: OnProxy<N>): (world: World, args: LabCommandArgs<N>) => Reply {
  return (world, args) => {
    const { proxy } = world
    if (!proxy) {
      return failure('refused', 'this lab has no proxy', [
        { path: 'edge.proxy', message: 'there is none', fix: 'add "edge: { proxy: {} }" to the scenario file' },
      ])
    }
    const reply = act(world, proxy, args)
    world.touch('node', proxy.id)
    for (const id of world.devices.keys()) world.touch('device', id)
    return reply
  }
}

/** Those fields that were given. */
const given = <T extends object>(fields: T): Partial<{ [K in keyof T]: Exclude<T[K], undefined> }> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as ReturnType<typeof given<T>>

const settingsText = ({ enabled, kind, server, port, authentication, user }: ProxySettings): string =>
  enabled
    ? `${kind} proxy ${server}:${port}, ${authentication === 'none' ? 'no login' : `${authentication} as ${user}`}`
    : 'no proxy: direct connections'

export const proxyHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'proxy.set': withProxy<'proxy.set'>((world, proxy, args) => {
    const { secret, ...rest } = args
    proxy.settings = { ...proxy.settings, ...given({ ...rest, password: secret }) }
    const text = `${settingsText(proxy.settings)}; in use from the next restart of the push services on`
    admin(world, world.cluster.publisher.id, 'Cloud Onboarding: proxy', text, 'ONB-15')
    return ok({})
  }),
  'proxy.login': withProxy<'proxy.login'>((world, proxy, args) => {
    const { secret, ...rest } = args
    Object.assign(proxy, given({ ...rest, password: secret }))
    proxy.nonces.clear()
    const text = proxy.asks === 'none' ? 'asks for no login' : `asks for ${proxy.asks}, knows the user ${proxy.user}`
    admin(world, proxy.id, 'login of the proxy changed', text, 'PROXY-02')
    return ok({})
  }),
  'proxy.address': withProxy<'proxy.address'>((world, proxy, { addresses, virtualAddress }) => {
    const taken = addresses.find((address, i) => addresses.indexOf(address) < i)
    if (taken !== undefined) {
      return failure('bad-request', 'an address can stand only once', [
        { path: 'addresses', message: `${taken} stands twice`, fix: 'name each address once, in the order of DNS' },
      ])
    }
    for (const address of proxy.addresses) proxy.former.add(address)
    proxy.addresses = [...addresses]
    if (virtualAddress !== undefined) proxy.virtualAddress = virtualAddress
    admin(
      world,
      proxy.id,
      `the proxy moves to ${addresses.join(', ')}`,
      'DNS knows; the servers keep what they looked up, for up to an hour',
      'PROXY-07',
    )
    return ok({})
  }),
  'proxy.flush': withProxy<'proxy.flush'>((world, _proxy, { node }) => {
    const nodes = [...allNodes(world)]
    const chosen = nodes.filter((each) => node === undefined || each.id === node)
    if (chosen.length === 0)
      return missing(
        'node',
        node ?? '',
        nodes.map((each) => each.id),
      )
    for (const each of chosen) for (const client of [each.client, each.realClient]) if (client) client.memory.addresses = null
    const place = node ?? world.cluster.publisher.id
    admin(world, place, 'address cache flushed', `on ${chosen.map((each) => each.id).join(', ')}: the proxy is looked up anew`, 'PROXY-07')
    return ok({})
  }),
  'proxy.upstream': withProxy<'proxy.upstream'>((world, proxy, { works, failoverMs }) => {
    const failed = proxy.upstreamFailedAt !== null
    if (failed && works !== true) return failure('refused', 'the connection of the proxy to the cloud has failed: mend it first')
    if (!failed && works === true) return failure('refused', 'the connection of the proxy to the cloud works already')
    if (failoverMs !== undefined) {
      proxy.failoverMs = failoverMs
      admin(world, proxy.id, 'failover of the proxy', `leaves a failed connection to the cloud after ${failoverMs / 1_000} s`, 'PROXY-05')
    }
    if (works === true) {
      proxy.upstreamFailedAt = null
      admin(world, proxy.id, 'the connection of the proxy to the cloud works again', '', 'PROXY-05')
    } else if (works === false) {
      const failedAt = world.clock.now()
      proxy.upstreamFailedAt = failedAt
      const text = `it holds on to it for ${proxy.failoverMs / 1_000} s, then uses the other one`
      admin(world, proxy.id, 'the connection of the proxy to the cloud fails', text, 'PROXY-05')
      world.clock.schedule(proxy.failoverMs, () => failOver(world, proxy, failedAt), 'the proxy fails over')
    }
    return ok({})
  }),
}

/** The tunnels went over the failed connection: the proxy hangs up on them, and new ones take the other. */
function failOver(world: World, proxy: LabProxy, failedAt: number): void {
  if (proxy.upstreamFailedAt !== failedAt) return
  closeTunnels(allNodes(world))
  admin(world, proxy.id, 'the proxy fails over', 'open tunnels end; new ones take its other connection to the cloud', 'PROXY-05')
  world.touch('node', proxy.id)
}
