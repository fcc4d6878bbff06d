/** Commands of the administrator around onboarding: licences, the page, trust stores; and what the cloud does to them. */
import { allNodes, CALLMANAGER, isRunning } from '../cluster/nodes.ts'
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import type { onboardingCommands } from '../contract/onboarding.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { cloudMoves, setFirewallRule } from '../edge/firewallRule.ts'
import { admin, missing, refused } from '../replies.ts'
import type { Flow } from '../flowBook.ts'
import type { LabNode, World } from '../world.ts'
import { generateVoucher, register, reserve, synchronise } from './licensing.ts'
import { notOpen, openPage, tick } from './page.ts'
import { save } from './save.ts'
import { fetchManaged, remove, upload } from './trust.ts'
import { offboard, onboard, settleAll } from './subscribe.ts'

type Names = Extract<LabCommandName, keyof typeof onboardingCommands | 'cluster.onboard' | 'cluster.offboard'>

const flowOr = (done: Flow | string | null): Reply =>
  typeof done === 'string' ? failure('refused', done) : ok(done === null ? {} : { flow: done.number })

/** The named nodes, or all of them. */
function onNodes(world: World, names: readonly string[] | undefined, act: (nodes: LabNode[]) => string | null): Reply {
  const all = [...allNodes(world)]
  const unknown = names?.find((name) => !all.some((node) => node.id === name))
  if (unknown !== undefined)
    return missing(
      'node',
      unknown,
      all.map((node) => node.id),
    )
  return refused(act(names === undefined ? all : all.filter((node) => names.includes(node.id))))
}

/** A licence that changed changes what may be pushed. */
function licence(world: World, refusal: string | null): Reply {
  if (refusal === null) settleAll(world)
  return refused(refusal)
}

export const onboardingHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'cluster.onboard': (world) => {
    if (!isRunning(world.cluster.publisher, CALLMANAGER))
      return failure('refused', `the publisher ${world.cluster.publisher.id} is not up: onboarding runs there`)
    return ok({ flow: onboard(world).number })
  },
  'cluster.offboard': (world) => {
    if (!world.cluster.onboarded) return failure('refused', 'push notifications are already off')
    offboard(world)
    admin(world, world.cluster.publisher.id, 'push notifications turned off', 'access tokens are dropped', 'CH-03')
    return ok({})
  },
  'license.synchronize': (world) => licence(world, synchronise(world)),
  'license.register': (world, { registered }) => licence(world, register(world, registered)),
  'license.reservation': (world, { enabled }) => licence(world, reserve(world, enabled)),
  'onboarding.open': (world, { node }) => {
    const found = node === undefined ? world.cluster.publisher : [...allNodes(world)].find((each) => each.id === node)
    if (!found)
      return missing(
        'node',
        node ?? '',
        [...allNodes(world)].map((each) => each.id),
      )
    return flowOr(openPage(world, found))
  },
  'onboarding.voucher': (world) => refused(notOpen(world) ?? generateVoucher(world)),
  'onboarding.tick': (world, boxes) => refused(tick(world, boxes)),
  'onboarding.save': (world) => flowOr(save(world)),
  'trust.upload': (world, { root, nodes }) =>
    onNodes(world, nodes, (chosen) => {
      for (const node of chosen) upload(world, node, root)
      return null
    }),
  'trust.remove': (world, { root, nodes }) =>
    onNodes(world, nodes, (chosen) => {
      const removed = chosen.map((node) => remove(world, node, root))
      return removed.includes(true) ? null : `${root} is in tomcat-trust of none of these nodes`
    }),
  'cloud.move': (world) => {
    if (world.edge.cloudMoved) return failure('refused', 'the data centre has moved already')
    cloudMoves(world)
    return ok({})
  },
  'firewall.rule': (world, { by }) => refused(setFirewallRule(world, by)),
  'cloud.certificate': (world, { root, hosts }) => {
    const { onboarding } = world
    for (const host of hosts) {
      onboarding.cloudRoots[host] = root
      // Its servers begin anew with the new certificate.
      for (const node of allNodes(world)) {
        const pooled = node.connections.get(host)
        if (pooled?.state === 'open') pooled.state = 'closed'
      }
    }
    admin(world, hosts[0] ?? 'ci', 'certificates of the cloud', `${hosts.join(', ')} prove themselves with ${root} from now on`, 'SCN-02')
    if (world.cluster.onboarded && onboarding.saved.manageCertificates) fetchManaged(world, true)
    settleAll(world)
    return ok({})
  },
}
