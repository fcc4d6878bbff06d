/** The cluster's subscription for push: the publisher asks Fusion Onboarding, then everybody fetches tokens (NET-02). */
import { pushDisabled, pushEnabled } from '../admin/agent.ts'
import { dropToken, startFetching } from '../cloud/accessAgent.ts'
import { takeMachineAccount } from '../admin/machineAccount.ts'
import { request } from '../cloud/connection.ts'
import { answerSubscription, SUBSCRIBE_PATH, tellProvisioning, type Subscription } from '../cloud/fos.ts'
import type { Flow } from '../flowBook.ts'
import { pushWasEnabled } from '../edge/pushKnowledge.ts'
import { settleLocalPush } from '../lpns/client.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import { tell, type LabNode, type World } from '../world.ts'
import { CPNS, isRunning, XCP_CONFIG } from './nodes.ts'

/** The service on a node that pushes: CPNS on Unified CM, XCP Config Manager on IM and Presence. */
export const pushServiceOf = (node: LabNode) => (node.family === 'ucm' ? CPNS : XCP_CONFIG)

export function* allNodes(world: World): Iterable<LabNode> {
  yield* world.cluster.nodes.values()
  if (world.presence) yield* world.presence.nodes.values()
}

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

/** What stands for the voucher of the licence server, until generating one is modelled (ONB-07). */
const VOUCHER = 'voucher'

export function onboard(world: World): Flow {
  const { publisher } = world.cluster
  const place = `${publisher.id}/Cloud Onboarding`
  const tracking = `FOS_${world.random('tracking').uuid()}`
  const asked: Subscription = { cluster: world.cluster.id, voucher: VOUCHER }
  const flow = world.flows.start('onboarding', 'Push notifications subscription', place, 'fos', world.log.total)
  request(
    world,
    {
      flow: flow.number,
      from: place,
      node: publisher,
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
      if (!result.ok || result.status !== 200) {
        const text = result.ok ? `Fusion Onboarding answered ${result.status} ${result.text}` : result.text
        world.flows.blame(flow, text, result.ok ? 'ONB-14' : result.why, result.seq)
        world.flows.end(flow, 'failed')
        return
      }
      const { account, refresh } = result.given ?? {}
      if (account === undefined || refresh === undefined) {
        world.flows.blame(flow, 'Fusion Onboarding answered without a machine account', 'ONB-14', result.seq)
        world.flows.end(flow, 'failed')
        return
      }
      world.cluster.onboarded = true
      pushWasEnabled(world.knowsPush)
      takeMachineAccount(world, account, refresh)
      pushEnabled(world)
      for (const device of world.devices.values()) {
        settlePushSession(world, device)
        settleLocalPush(world, device)
        world.touch('device', device.id)
      }
      world.touch('lab', 'lab')
      startAgents(world)
      world.flows.end(flow, 'done')
    },
  )
  return flow
}

export function offboard(world: World): void {
  world.cluster.onboarded = false
  pushDisabled(world)
  for (const node of allNodes(world)) {
    dropToken(node)
    world.touch('node', node.id)
  }
  for (const device of world.devices.values()) {
    settlePushSession(world, device)
    settleLocalPush(world, device)
    world.touch('device', device.id)
  }
  world.touch('lab', 'lab')
}
