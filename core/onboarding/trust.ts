/** tomcat-trust of each node: which cloud roots are there, who put them there, and which services go by them already. */
import type { CloudHost } from '../cloud/carried.ts'
import { allNodes } from '../cluster/nodes.ts'
import { note, type LabNode, type World } from '../world.ts'
import { HOSTS, INSTALLED, type Root } from './roots.ts'
import type { NodeTrust } from './state.ts'

/** A page that refuses a setting says this [FN72120]. */
export const REFUSAL_TEXT =
  'Push Notifications/Activation Code Onboarding Settings cannot be configured as a valid certificate is not present in trust store. Either upload the certificates manually or check the check box to have Cisco manage the Cisco Cloud Service CA Certificates. For HTTPS proxy make sure the valid certificates are present for tomcat and tomcat trust store.'

export function trustOf(world: World, node: string): NodeTrust {
  let trust = world.onboarding.trust.get(node)
  if (!trust) {
    trust = { store: new Map(), staged: new Set(), tomcat: new Set(), push: new Set(), trusted: false, tomcatStep: 0, routerStep: 0 }
    world.onboarding.trust.set(node, trust)
  }
  return trust
}

/** Those that count: what Cisco manages counts only while it may (ONB-12). */
function* counting(trust: NodeTrust, managed: boolean): Iterable<[Root, { step: number }]> {
  for (const [root, loaded] of trust.store) if (loaded.by === 'hand' || managed) yield [root, loaded]
}

/** Roots of the cloud that this node's store lacks. `managed`: the box that lets Cisco manage them is ticked. */
export function missingRoots(world: World, node: string, managed: boolean): Root[] {
  const have = new Set<Root>()
  for (const [root] of counting(trustOf(world, node), managed)) have.add(root)
  const needed = new Set(
    HOSTS.filter((host) => host !== 'fos' || node === world.cluster.publisher.id).map((host) => world.onboarding.cloudRoots[host]),
  )
  return [...needed].filter((root) => !have.has(root))
}

/** Uploaded by hand; services take it with their next restart (ONB-10). */
export function upload(world: World, node: LabNode, root: Root): void {
  const { onboarding } = world
  trustOf(world, node.id).store.set(root, { by: 'hand', step: ++onboarding.step })
  note(
    world,
    { flow: 0, place: node.id, carrier: 'admin' },
    `${root} uploaded to tomcat-trust`,
    'services take it when they restart',
    'info',
    'ONB-10',
  )
  world.touch('node', node.id)
}

export function remove(world: World, node: LabNode, root: Root): boolean {
  const trust = trustOf(world, node.id)
  if (!trust.store.delete(root)) return false
  note(
    world,
    { flow: 0, place: node.id, carrier: 'admin' },
    `${root} removed from tomcat-trust`,
    'services keep it until they restart',
    'info',
    'ONB-10',
  )
  return true
}

/** First Save with the box ticked: what the installation file brings is installed when Tomcat restarts (ONB-08, ONB-11). */
export function stage(world: World): void {
  for (const node of allNodes(world)) {
    const trust = trustOf(world, node.id)
    for (const root of INSTALLED[world.onboarding.installationFile]) if (!trust.store.has(root)) trust.staged.add(root)
  }
}

/** An onboarded system fetches what the cloud needs by itself (ONB-09). `inForce`: it goes by it at once. */
export function fetchManaged(world: World, inForce: boolean): void {
  const step = ++world.onboarding.step
  const roots = new Set(HOSTS.map((host) => world.onboarding.cloudRoots[host]))
  const fetched: string[] = []
  for (const node of allNodes(world)) {
    const trust = trustOf(world, node.id)
    for (const root of roots) {
      if (!trust.store.has(root)) {
        trust.store.set(root, { by: 'Cisco', step })
        if (!fetched.includes(root)) fetched.push(root)
      }
      if (!inForce) continue
      trust.tomcat.add(root)
      trust.push.add(root)
    }
  }
  if (fetched.length === 0) return
  const outcome = inForce ? 'in force on all nodes' : 'in tomcat-trust of all nodes; services take it when they restart'
  note(
    world,
    { flow: 0, place: world.cluster.publisher.id, carrier: 'admin' },
    `Cisco-managed: ${fetched.join(', ')} fetched`,
    outcome,
    'ok',
    'ONB-09',
  )
}

/** Tomcat starts: managed certificates are installed, and it goes by what is there (ONB-11). */
export function tomcatTakes(world: World, node: LabNode): void {
  const { onboarding } = world
  const trust = trustOf(world, node.id)
  const step = ++onboarding.step
  for (const root of trust.staged) if (!trust.store.has(root)) trust.store.set(root, { by: 'Cisco', step })
  if (trust.staged.size > 0)
    note(
      world,
      { flow: 0, place: node.id, carrier: 'admin' },
      'Cisco-managed certificates installed',
      [...trust.staged].join(', '),
      'ok',
      'ONB-11',
    )
  trust.staged.clear()
  trust.tomcatStep = step
  trust.tomcat.clear()
  for (const [root] of counting(trust, onboarding.saved.manageCertificates)) trust.tomcat.add(root)
}

/**
 * The push service starts. CPNS goes by what was there when Tomcat started, its own or the publisher's; XCP Config Manager of a node that
 * pushes already gets it from its router, so that has to start first (SCN-02, DEC-29). True when it has its first roots now.
 */
export function pushServiceTakes(world: World, node: LabNode): boolean {
  const { saved } = world.onboarding
  const trust = trustOf(world, node.id)
  const first = !trust.trusted
  const upTo =
    node.family === 'ucm'
      ? Math.max(trust.tomcatStep, trustOf(world, world.cluster.publisher.id).tomcatStep)
      : first
        ? Infinity
        : trust.routerStep
  const taken = [...counting(trust, saved.manageCertificates)].filter(([, { step }]) => step <= upTo)
  trust.push.clear()
  for (const [root] of taken) trust.push.add(root)
  trust.trusted ||= trust.push.has(world.onboarding.cloudRoots.ci)
  return first && trust.trusted
}

export function routerTakes(world: World, node: LabNode): void {
  trustOf(world, node.id).routerStep = ++world.onboarding.step
}

/** Why the handshake with this host fails for want of its root; null when it is trusted. `from` is the place that asks. */
export function distrust(world: World, node: LabNode, from: string, host: CloudHost, name: string): string | null {
  const root = world.onboarding.cloudRoots[host]
  const trust = world.onboarding.trust.get(node.id)
  const inForce = from === node.agent.place ? trust?.push : trust?.tomcat
  if (!trust || inForce?.has(root)) return null
  const where = trust.store.has(root)
    ? `${root} is in tomcat-trust of ${node.id}, but not in force there yet`
    : `${root} is missing in tomcat-trust of ${node.id}`
  return `TLS handshake failed: ${where}, and ${name} proves itself with it`
}
