/** The onboarding page with all that belongs to it, as one answer for the window. */
import { allNodes } from '../cluster/nodes.ts'
import { HOST_NAME } from '../cloud/connection.ts'
import type { OnboardingView } from '../contract/onboarding.ts'
import type { World } from '../world.ts'
import { NO_ACTIVATION_CODES } from './save.ts'
import { dueRestarts } from './findings.ts'
import { prerequisites } from './prerequisites.ts'
import { HOSTS } from './roots.ts'
import { licensedByPlm, statusOf, voucherSource } from './state.ts'
import { tasks } from './tasks.ts'
import { missingRoots, trustOf } from './trust.ts'

export function onboardingView(world: World): OnboardingView {
  const { onboarding, cluster, admin } = world
  const { licensing, voucher, page } = onboarding
  const { synchronised, registered, reservation, evaluationEndsAt, provisioningDisabled } = licensing
  const kind = licensedByPlm(cluster.release) ? 'Prime License Manager' : 'Smart Licensing'
  return {
    offeredOn: cluster.publisher.id,
    page: page.state,
    since: page.since,
    status: statusOf(world),
    messages: messages(world),
    boxes: { ...onboarding.boxes },
    saved: { ...onboarding.saved },
    voucher: { state: voucher ? 'present' : 'none', source: voucher?.source ?? voucherSource(cluster.release), at: voucher?.at ?? null },
    licensing: { kind, synchronised, registered, reservation, evaluationEndsAt, provisioningDisabled },
    machineAccount: cluster.onboarded ? admin.machine.pkid : null,
    customerClusterId: admin.agent.clusterId,
    supportToken: admin.agent.supportToken,
    proxy: world.proxy && { enabled: world.proxy.settings.enabled, address: `${world.proxy.settings.server}:${world.proxy.settings.port}` },
    problem: onboarding.problem,
    cloudRoots: HOSTS.map((host) => ({ host: HOST_NAME[host], root: onboarding.cloudRoots[host] })),
    trust: [...allNodes(world)].map(({ id }) => {
      const trust = trustOf(world, id)
      return {
        node: id,
        roots: [...trust.store].map(([root, { by }]) => ({ root, by, inForce: trust.push.has(root) })),
        staged: [...trust.staged],
        missing: missingRoots(world, id, onboarding.saved.manageCertificates),
      }
    }),
    restarts: [...dueRestarts(world), ...proxyRestarts(world)],
    tasks: tasks(world),
    prerequisites: [...prerequisites(world)],
  }
}

/** Services that still use the proxy settings from before (ONB-15). */
function* proxyRestarts(world: World): Iterable<OnboardingView['restarts'][number]> {
  const { proxy, onboarding } = world
  if (!proxy) return
  for (const node of allNodes(world)) {
    if (node.client === null || node.client.settings === proxy.settings || onboarding.due.cpns.has(node.id)) continue
    const service = node.family === 'ucm' ? 'Cisco Push Notification Service' : 'Cisco XCP Config Manager'
    yield { node: node.id, service, effect: 'it runs with the old proxy settings', why: 'ONB-15' }
  }
}

/** Two of them mislead: each comes with what it really means (ONB-17). */
function messages({ onboarding, presence }: World): OnboardingView['messages'] {
  if (onboarding.phase !== 'completed') return []
  const waiting = new Set([...onboarding.due.xcpConfig, ...onboarding.due.xcpRouter]).size
  const restart = {
    text: 'The Cisco XCP router needs to be restarted.',
    explanation:
      waiting > 0
        ? `${waiting} IM and Presence node${waiting === 1 ? ' has' : 's have'} yet to restart Cisco XCP Config Manager and Cisco XCP Router.`
        : 'This text stays although all nodes are done: one restart per node is enough.',
    why: 'ONB-17',
  }
  const activation = {
    text: NO_ACTIVATION_CODES,
    explanation: 'Onboarding has not failed: no device type is set up for activation codes, and push does not need any.',
    why: 'ONB-17',
  }
  return presence ? [restart, activation] : [activation]
}
