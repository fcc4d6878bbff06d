/** Unified CM and IM and Presence nodes, CM groups and device pools as they stand when the lab starts. */
import { traceWhileRunning } from '../admin/traceLevel.ts'
import { newAgent } from '../cloud/accessAgent.ts'
import { CALLMANAGER, CMAS, CPNS, LPNS, serviceNamed, TOMCAT, XCP_CONFIG, XCP_ROUTER } from '../cluster/nodes.ts'
import type { ServiceName } from '../contract/rows.ts'
import type { Scenario } from '../contract/scenario.ts'
import { addSubclusters } from '../presence/subcluster.ts'
import { isOn, decide } from '../release/index.ts'
import { type LabNode, type World } from '../world.ts'

const DAY_MS = 86_400_000

export type NodeSpec = Scenario['cluster']['nodes'][number]

export function addServers(world: World): void {
  const { scenario } = world
  const { onboarded } = world.cluster
  scenario.cluster.nodes.forEach((spec, index) => {
    const node = newNode(spec, 'ucm', index, spec.release ?? scenario.cluster.release, onboarded)
    syncServices(node)
    stopServices(node, spec.stopped)
    traceWhileRunning(world, node)
    world.cluster.nodes.set(node.id, node)
    world.hosts.set(node.id, { node, device: null })
    if (index === 0) world.cluster.publisher = node
  })
  scenario.presence?.nodes.forEach((spec, index) => {
    const node = newNode(spec, 'imp', index, spec.release ?? world.presence?.release ?? '', onboarded)
    for (const name of [XCP_ROUTER, XCP_CONFIG, TOMCAT]) node.services.set(name, { state: 'running', note: '' })
    stopServices(node, spec.stopped)
    traceWhileRunning(world, node)
    world.presence?.nodes.set(node.id, node)
    world.hosts.set(node.id, { node, device: null })
  })
  addSubclusters(world)
  const { groups, pools } = world.cluster
  for (const group of scenario.cluster.groups) groups.set(group.id, [...group.nodes])
  if (groups.size === 0)
    groups.set(
      'Default',
      scenario.cluster.nodes.slice(0, 3).map((node) => node.id),
    )
  for (const pool of scenario.cluster.pools) pools.set(pool.id, pool.group)
  if (pools.size === 0) pools.set('Default', [...groups.keys()][0] ?? 'Default')
}

export function newNode(
  { id, dns, certificate }: NodeSpec,
  family: LabNode['family'],
  index: number,
  release: string,
  onboarded: boolean,
): LabNode {
  const { issuer, validDays, ageDays, names } = certificate
  return {
    id,
    family,
    role: index === 0 ? 'publisher' : 'subscriber',
    release,
    state: 'up',
    since: 0,
    services: new Map(),
    dns,
    certificate: { issuer, validDays, issuedAt: -ageDays * DAY_MS, names: names ?? null },
    held: new Set(),
    agent: newAgent(family === 'ucm' ? `${id}/CPNS` : `${id}/XCP Config Manager`, onboarded),
    connections: new Map(),
    client: null,
    realClient: null,
  }
}

/** Network services by release: LPNS exists from 14SU3 on (REL-04). */
export function syncServices(node: LabNode): void {
  if (node.family !== 'ucm') return
  const wanted: ServiceName[] = [CALLMANAGER, CPNS, CMAS, TOMCAT]
  if (hasLpns(node.release)) wanted.push(LPNS)
  for (const name of wanted) {
    if (!node.services.has(name)) node.services.set(name, { state: 'running', note: '' })
  }
  if (!wanted.includes(LPNS)) node.services.delete(LPNS)
}

const hasLpns = (release: string): boolean =>
  isOn(
    decide({
      unifiedCm: release,
      presence: null,
      expressway: null,
      client: { kind: 'webex', release: '43.6' },
      os: { kind: 'ios', release: '16.5' },
      mra: false,
    }),
    'lpnsService',
  )

function stopServices(node: LabNode, names: readonly string[]): void {
  for (const name of names) {
    const service = serviceNamed(node, name)
    if (service) node.services.set(service, { state: 'stopped', note: '' })
  }
}
