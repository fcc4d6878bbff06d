/** How a call ends, and what the devices that do not get it are told (CALL-04, CALL-05). */
import { endCallOnDevice } from '../client/phone.ts'
import { callManagerOf, toDevice } from '../client/sip.ts'
import type { FlowState } from '../contract/rows.ts'
import type { World } from '../world.ts'
import type { Call, Leg } from './call.ts'
import { toCaller } from './callerSide.ts'
import { pushForLeg } from './cpns.ts'
import { endMobility, endRingback, stopDiversions, unhold } from './deadlines.ts'
import { activeNodeOf, CALLMANAGER, isRunning } from './nodes.ts'
import { callPushPlan } from './pushPlan.ts'

export function finish(world: World, call: Call, state: FlowState): void {
  call.phase = 'over'
  world.calls.delete(call)
  endRingback(world, call, false)
  stopDiversions(world, call)
  world.flows.end(call.flow, state)
}

export function endUnanswered(world: World, call: Call, status: string, state: FlowState): void {
  if (call.phase === 'over') return
  finish(world, call, state)
  toCaller(world, call, call.callerNode, status, {
    type: 'refusal',
    flow: call.flow.number,
    status: Number(status.slice(0, 3)),
    text: status.slice(4),
  })
}

/** The caller has no node, or none that answers: its side of the call ends there and then. */
export function callerLost(world: World, call: Call, text: string, why = 'FO-02'): void {
  world.flows.blame(call.flow, text, why, world.log.total - 1)
  finish(world, call, 'failed')
  endCallOnDevice(world, call.caller, call.flow.number)
  for (const leg of call.legs) release(world, leg, false)
}

/** A leg that will not get the call: SIP CANCEL where the INVITE is, the second push where a push woke it. */
export function release(world: World, leg: Leg, elsewhere: boolean): void {
  if (leg.state === 'gone' || leg.state === 'answered') return
  const { call, device } = leg
  const hadInvite = leg.state === 'invited' || leg.state === 'ringing'
  unhold(world, leg)
  endMobility(world, leg, false)
  leg.state = 'gone'
  if (hadInvite) {
    toDevice(
      world,
      leg.node,
      device,
      {
        flow: call.flow.number,
        message: 'CANCEL',
      },
      { type: 'CANCEL', leg, completedElsewhere: elsewhere },
    )
  }
  if (leg.suspended) secondPush(world, leg, elsewhere ? 'answered elsewhere' : 'missed call')
}

/** The second push, over the first one's channel, tells a woken device how the call ended (CALL-04, CALL-05). */
export function secondPush(world: World, leg: Leg, purpose: 'missed call' | 'answered elsewhere'): void {
  const { call, device } = leg
  const own = world.cluster.nodes.get(leg.node)
  // A node that went down tells nobody; the next node of the group speaks for it (FO-02).
  const node = own && isRunning(own, CALLMANAGER) ? own : activeNodeOf(world, device)
  if (!node || !leg.push) return
  const flow = world.flows.start(
    'call',
    `${purpose === 'missed call' ? 'Missed call' : 'Answered elsewhere'} → ${device.label}`,
    callManagerOf(node.id),
    device.id,
    world.log.total,
  )
  flow.linkedTo = call.flow.number
  world.pushes.move(leg.push, 'superseded', `the call is over; a second push tells so`)
  const plan = callPushPlan(world, device)
  const push = pushForLeg(world, node, leg, purpose, flow.number, plan)
  if (push === null) {
    const reason = plan.push ? 'no push session' : plan.reason
    world.flows.blame(flow, reason, plan.push ? 'CH-01' : plan.why, null)
    world.flows.end(flow, 'failed')
  }
}
