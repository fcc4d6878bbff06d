/** What a service takes over when it starts: settings, roots and tokens are read then, and at no other time (ONB-11, ONB-15, ONB-16). */
import { needsNoToken } from '../cloud/accessAgent.ts'
import { CPNS, TOMCAT, XCP_CONFIG, XCP_ROUTER } from '../cluster/nodes.ts'
import type { ServiceName } from '../contract/rows.ts'
import { note, type LabNode, type World } from '../world.ts'
import { statusOf } from './state.ts'
import { onboardingPlace, settleAll } from './subscribe.ts'
import { pushServiceTakes, routerTakes, tomcatTakes } from './trust.ts'

/** Called before the service does anything else. */
export function serviceTakes(world: World, node: LabNode, name: ServiceName): void {
  switch (name) {
    case TOMCAT:
      return tomcatStarted(world, node)
    case CPNS:
      return cpnsStarted(world, node)
    case XCP_CONFIG:
      return configManagerStarted(world, node)
    case XCP_ROUTER:
      return routerStarted(world, node)
    default:
  }
}

/** The node itself was started: all its services were, in the order that helps. */
export function nodeTakes(world: World, node: LabNode): void {
  for (const name of [TOMCAT, CPNS, XCP_ROUTER, XCP_CONFIG, XCP_ROUTER] as const) {
    if (node.services.get(name)?.state === 'running') serviceTakes(world, node, name)
  }
}

function tomcatStarted(world: World, node: LabNode): void {
  const { onboarding, cluster } = world
  tomcatTakes(world, node)
  onboarding.due.tomcat.delete(node.id)
  if (node !== cluster.publisher) return
  onboarding.page = { state: 'closed', since: world.clock.now() }
  if (onboarding.phase !== 'saved') return
  onboarding.phase = 'pending'
  onboarding.boxesCleared = onboarding.boxesClearAfterRestart
  note(
    world,
    { flow: 0, place: onboardingPlace(node), carrier: 'admin' },
    `Status: ${statusOf(world)}`,
    'open the page again, tick both boxes, and save',
    'ok',
    'ONB-11',
  )
}

function cpnsStarted(world: World, node: LabNode): void {
  pushServiceTakes(world, node)
  node.agent.enabled = world.cluster.onboarded
  if (!node.agent.enabled) needsNoToken(world, node)
  if (world.onboarding.due.cpns.delete(node.id)) settleAll(world)
}

function configManagerStarted(world: World, node: LabNode): void {
  const { due } = world.onboarding
  const { agent } = node
  const first = pushServiceTakes(world, node)
  due.xcpConfig.delete(node.id)
  agent.enabled = world.cluster.onboarded
  // Its router has to learn that pushes go now (ONB-16, SCN-03).
  if (first && agent.enabled) {
    agent.routerKnows = false
    due.xcpRouter.add(node.id)
  }
  settleAll(world)
}

function routerStarted(world: World, node: LabNode): void {
  const { due } = world.onboarding
  const { agent } = node
  routerTakes(world, node)
  if (!world.cluster.onboarded) {
    agent.enabled = false
    agent.routerKnows = false
    needsNoToken(world, node)
    due.xcpRouter.delete(node.id)
  } else if (due.xcpConfig.has(node.id)) {
    // Restarted before XCP Config Manager: it has read the old settings, and needs another restart (DEC-29).
    note(
      world,
      { flow: 0, place: node.id, carrier: 'admin' },
      'Cisco XCP Router',
      'has read the old settings: restart Cisco XCP Config Manager first',
      'warn',
      'DEC-29',
    )
  } else if (agent.enabled) {
    agent.routerKnows = true
    due.xcpRouter.delete(node.id)
  }
  settleAll(world)
}
