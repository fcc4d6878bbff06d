/** The cluster's subscription for push: the publisher asks Fusion Onboarding, then everybody fetches tokens (NET-02, ONB-14). */
import { pushDisabled, pushEnabled } from '../admin/agent.ts'
import { needsNoToken, startFetching } from '../cloud/accessAgent.ts'
import { takeMachineAccount } from '../admin/machineAccount.ts'
import { request } from '../cloud/connection.ts'
import { answerSubscription, SUBSCRIBE_PATH, tellProvisioning, type Subscription } from '../cloud/fos.ts'
import { allNodes, isRunning, pushServiceOf } from '../cluster/nodes.ts'
import type { Flow } from '../flowBook.ts'
import { pushWasEnabled } from '../edge/pushKnowledge.ts'
import { settleLocalPush } from '../lpns/client.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import { tell, type LabNode, type World } from '../world.ts'
import { HOSTS } from './roots.ts'
import { voucherSource } from './state.ts'
import { trustOf } from './trust.ts'

/** Every push service fetches its token, as a task of its own: so also the first thing in a run is on record. */
export function startAgents(world: World): void {
  world.clock.schedule(
    0,
    () => {
      for (const node of allNodes(world)) if (isRunning(node, pushServiceOf(node))) startFetching(world, node)
    },
    'push services fetch their access tokens',
  )
}

/** What stands for the text of the voucher, which is nobody's to see. */
const VOUCHER = 'voucher'

export const onboardingPlace = (node: LabNode): string => `${node.id}/Cloud Onboarding`

type Provisioned = { account: string; refresh: string }

/** Asks for a subscription from this server; `done` has the machine account, or why there is none. */
export function subscribe(
  world: World,
  asking: { node: LabNode; cluster: string; voucher: boolean },
  done: (given: Provisioned | { problem: string; why: string }) => void,
): Flow {
  const { node, cluster } = asking
  const place = onboardingPlace(node)
  const tracking = `FOS_${world.random('tracking').uuid()}`
  const asked: Subscription = { cluster, voucher: asking.voucher ? VOUCHER : null }
  const flow = world.flows.start('onboarding', 'Push notifications subscription', place, 'fos', world.log.total)
  const failed = (problem: string, why: string, seq: number | null): void => {
    world.flows.blame(flow, problem, why, seq)
    world.flows.end(flow, 'failed')
    done({ problem, why })
  }
  request(
    world,
    {
      flow: flow.number,
      from: place,
      node,
      host: 'fos',
      carrier: 'HTTPS',
      message: 'POST subscription request',
      tracking,
      real: () => ({
        method: 'POST',
        path: SUBSCRIBE_PATH,
        headers: [['content-type', 'application/json']],
        body: JSON.stringify(asked),
        bearer: null,
        refresh: null,
      }),
    },
    (hop, respond, brought) => {
      const answer = answerSubscription(world, brought?.what === 'subscribe' ? brought : asked)
      tellProvisioning(world, asked, answer, flow.number, tracking)
      if (answer.status === 200) tell(world, hop, 'machine account provisioned at Common Identity', 'ok', 'NET-02')
      else tell(world, hop, answer.outcome, 'fail', answer.why)
      respond(answer)
    },
    (result) => {
      if (!result.ok) return failed(result.text, result.why, result.seq)
      if (result.status !== 200)
        return failed(`Fusion Onboarding answered ${result.status} ${result.text}`, asking.voucher ? 'ONB-14' : 'ONB-07', result.seq)
      const { account, refresh } = result.given ?? {}
      if (account === undefined || refresh === undefined)
        return failed('Fusion Onboarding answered without a machine account', 'ONB-14', result.seq)
      done({ account, refresh })
      world.flows.end(flow, 'done')
    },
  )
  return flow
}

/** Push is on as far as the database goes; what the services of each node make of it is theirs (ONB-15, ONB-16). */
export function completed(world: World): void {
  const { onboarding } = world
  world.cluster.onboarded = true
  onboarding.phase = 'completed'
  onboarding.problem = null
  onboarding.boxesCleared = false
  pushWasEnabled(world.knowsPush)
  pushEnabled(world)
  settleAll(world)
}

/** Sessions and rows of all devices follow. */
export function settleAll(world: World): void {
  for (const device of world.devices.values()) {
    settlePushSession(world, device)
    settleLocalPush(world, device)
    world.touch('device', device.id)
  }
  for (const node of allNodes(world)) world.touch('node', node.id)
  world.touch('lab', 'lab')
  world.touch('finding', '*')
}

/** The short way of a lab: everything that the documented steps do, at once, and every service takes it. */
export function onboard(world: World): Flow {
  prepare(world)
  return subscribe(world, { node: world.cluster.publisher, cluster: world.cluster.id, voucher: true }, (given) => {
    if ('problem' in given) return
    const { onboarding } = world
    onboarding.boxes = { ...onboarding.boxes, push: true, manageCertificates: true, sendTroubleshooting: true }
    onboarding.saved = { ...onboarding.boxes }
    for (const nodes of Object.values(onboarding.due)) nodes.clear()
    takeMachineAccount(world, given.account, given.refresh)
    for (const node of allNodes(world)) {
      node.agent.enabled = true
      node.agent.routerKnows = true
    }
    completed(world)
    startAgents(world)
  })
}

/** Licence, voucher and certificates. */
function prepare(world: World): void {
  const { onboarding, cluster } = world
  const { licensing } = onboarding
  licensing.synchronised = true
  licensing.registered = true
  licensing.reservation = false
  licensing.provisioningDisabled = false
  licensing.timer?.cancel()
  licensing.timer = null
  licensing.evaluationEndsAt = null
  onboarding.voucher ??= { source: voucherSource(cluster.release), at: world.clock.now() }
  for (const node of allNodes(world)) {
    const trust = trustOf(world, node.id)
    for (const host of HOSTS) {
      const root = onboarding.cloudRoots[host]
      if (!trust.store.has(root)) trust.store.set(root, { by: 'Cisco', step: onboarding.step })
      trust.tomcat.add(root)
      trust.push.add(root)
      trust.trusted = true
    }
  }
}

/** The short way off: no service waits for a restart. */
export function offboard(world: World): void {
  const { onboarding } = world
  world.cluster.onboarded = false
  onboarding.phase = 'off'
  onboarding.boxes.push = false
  onboarding.saved.push = false
  for (const nodes of Object.values(onboarding.due)) nodes.clear()
  pushDisabled(world)
  for (const node of allNodes(world)) {
    node.agent.enabled = false
    node.agent.routerKnows = false
    needsNoToken(world, node)
  }
  settleAll(world)
}
