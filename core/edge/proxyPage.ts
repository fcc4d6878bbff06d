/** The page of the proxy: what is set, what is in use, and whether it can carry what the cluster needs (PROXY-02, PROXY-08). */
import { allNodes } from '../cluster/nodes.ts'
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { HopEvent } from '../contract/event.ts'
import type { ProxyCapacity, ProxyView } from '../contract/results.ts'
import type { World } from '../world.ts'
import { CAPACITY_FORMULA, capacityIssues, capacityOf, type CapacityFigures } from './capacity.ts'
import { labFigures } from './labFigures.ts'

const HOUR_MS = 3_600_000

export function proxyView(world: World): ProxyView | null {
  const { proxy } = world
  if (!proxy) return null
  const { password: secret, ...settings } = proxy.settings
  return {
    id: proxy.id,
    product: proxy.product,
    kind: proxy.kind,
    port: proxy.port,
    fqdn: proxy.fqdn,
    addresses: [...proxy.addresses],
    virtualAddress: proxy.virtualAddress,
    asks: proxy.asks,
    algorithm: proxy.algorithm,
    user: proxy.user,
    secret: proxy.password,
    failoverMs: proxy.failoverMs,
    upstreamFailedAt: proxy.upstreamFailedAt,
    settings: { ...settings, secret },
    waiting: [...allNodes(world)]
      .filter((node) => node.client && node.client.settings !== proxy.settings)
      .map((node) => ({ node: node.id, service: world.presence?.nodes.has(node.id) ? 'XCP Config Manager' : 'CPNS' })),
  }
}

/** Figures that were not given are those of the lab. */
export function proxyCapacity(world: World, given: HostCommandArgs<'proxy.capacity'>): Reply<ProxyCapacity> {
  const fromLab = labFigures(world)
  const figures = { ...fromLab, ...given } as CapacityFigures
  const issues = capacityIssues(figures)
  if (issues.length > 0) {
    return failure(
      'bad-request',
      `the capacity cannot be worked out: ${issues[0]?.field} is not possible`,
      issues.map(({ field, fix }) => ({ path: field, message: 'is not possible', fix })),
    )
  }
  return ok({ figures, fromLab, formula: CAPACITY_FORMULA, needs: capacityOf(figures), counted: counted(world) })
}

/** What the proxy passed on or, in a lab where it is not used, what it would have to. */
function isTransaction(world: World, behind: ReadonlySet<string>, event: HopEvent): boolean {
  if (!event.message.startsWith('POST')) return false
  if (world.proxy && event.to === world.proxy.id) return event.outcome === 'passed on'
  if (!(event.carrier === 'HTTPS' || event.carrier === 'OAuth') || !CISCO.has(event.to)) return false
  // A real proxy passes on what it cannot read: on sockets the request is one hop, from a node that uses the proxy to the cloud.
  return world.proxy?.settings.enabled === true ? behind.has(event.from.split('/')[0] as string) : true
}
const CISCO: ReadonlySet<string> = new Set(['push-rest', 'ci', 'fos'])

function counted(world: World): ProxyCapacity['counted'] {
  const now = world.clock.now()
  const from = Math.max(0, now - HOUR_MS)
  const found = { calls: 0, messages: 0, tokens: 0, others: 0 }
  const behind = new Set(Array.from(allNodes(world), (node) => (node.client?.settings?.enabled === true ? node.id : '')))
  let complete = world.log.oldest === 0
  for (const event of world.log.backFrom(Number.MAX_SAFE_INTEGER)) {
    if (event.at < from) {
      complete = true
      break
    }
    if (!isTransaction(world, behind, event)) continue
    if (event.carrier === 'OAuth') found.tokens++
    else if (/, message\b/.test(event.message)) found.messages++
    else if (event.tracking !== undefined && !event.from.endsWith('/CMAS')) found.calls++
    else found.others++
  }
  const total = found.calls + found.messages + found.tokens + found.others
  return { spanMs: now - from, ...found, total, complete }
}
