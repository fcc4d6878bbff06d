/**
 * CallManager hands a push to the Cisco Push Notification Service of its own node (NET-05), which seals it
 * and sends it to the cloud. What the cloud answers comes back as counters, alarms and push states.
 */
import type { PushPurpose } from '../contract/rows.ts'
import type { Device } from '../client/device.ts'
import { sendPush, type SendResult } from '../cloud/pushSender.ts'
import { callManagerOf } from '../client/sip.ts'
import { hostOf, placeIn, routeBetween, tell, transmit, type LabNode, type World } from '../world.ts'
import type { Call, Leg } from './call.ts'
import { shownTo } from './identity.ts'
import type { Push } from '../pushBook.ts'
import { callPushPlan, type PushPlan } from './pushPlan.ts'
import { CALLMANAGER, isRunning } from './nodes.ts'
import { localWay, pushLocally } from '../lpns/deliver.ts'
import { lpnsOf } from '../lpns/places.ts'

export const CPNS_PORT = 9_966 // NET-04

/** How long CallManager waits for the CPNS of its own node before it counts as unavailable; no source names a value. */
export const CPNS_TIMEOUT_MS = 1_000

export const cpnsOf = (node: string): string => placeIn(node, 'CPNS')

type Planned = Extract<PushPlan, { push: true }>

/**
 * Makes a push for a leg and hands it to the push path: local push first, then CPNS (LPNS-12). Returns it, or null when
 * neither way is there.
 */
export function pushForLeg(world: World, node: LabNode, leg: Leg, purpose: PushPurpose, linkedFlow: number, plan: PushPlan): Push | null {
  if (localWay(world, node, leg.device, linkedFlow)) return localPush(world, node, leg, purpose, linkedFlow, plan)
  return cloudPush(world, node, leg, purpose, linkedFlow, plan)
}

/** A push to a device that Apple does not reach may still go locally: it needs no token and no seal. */
const LOCAL_DEFAULT: Planned = { push: true, channel: 'VoIP', pushType: 'voip', china: false }

function localPush(world: World, node: LabNode, leg: Leg, purpose: PushPurpose, linkedFlow: number, plan: PushPlan): Push {
  const { device, call } = leg
  const way = leg.push === null ? (plan.push ? plan : LOCAL_DEFAULT) : sameWayAs(leg.push)
  // The session is inside the enterprise and under TLS of its own: what it carries needs no seal (LPNS-02).
  const fields = fieldsFor(world, node, device, call, purpose, { names: true, node: true })
  const push = world.pushes.add({
    id: world.random('tracking').uuid('LPNS_'),
    flow: linkedFlow,
    device: device.id,
    purpose,
    channel: way.channel,
    path: 'local',
    sender: lpnsOf(node.id),
    service: device.service,
    target: device.id,
    pushType: way.pushType,
    payload: '',
    fields,
    keyFingerprint: '',
  })
  enter(world, push)
  pushLocally(world, node, push, device, (text, why, seq) => localFailed(world, node, leg, push, text, why, seq))
  return push
}

/** Nothing was lost with it: the same call goes through Apple, unless its client is already here (LPNS-12). */
function localFailed(world: World, node: LabNode, leg: Leg, push: Push, text: string, why: string, seq: number | null): void {
  world.pushes.move(push, 'failed', text)
  const flow = world.flows.get(push.flow)
  if (push.purpose === 'incoming call') {
    if (leg.state !== 'held' || leg.push !== push) return
  } else if (flow && flow.endedAt !== null) return
  const plan = callPushPlan(world, leg.device)
  const second = isRunning(node, CALLMANAGER) ? cloudPush(world, node, leg, push.purpose, push.flow, plan) : null
  if (second) {
    if (push.purpose === 'incoming call') leg.push = second
    return
  }
  const reason = plan.push
    ? `local push failed (${text}), and ${node.id} pushes no more`
    : `local push failed (${text}), and no other way: ${plan.reason}`
  if (flow) world.flows.blame(flow, reason, plan.push ? why : plan.why, seq)
  if (flow && push.purpose !== 'incoming call') world.flows.end(flow, 'failed')
}

/** It belongs to its flow from now on; the first one starts the deadlines (DEC-25). */
function enter(world: World, push: Push): void {
  const flow = world.flows.get(push.flow)
  if (!flow) return
  world.flows.addPush(flow, push)
  flow.pushAt ??= world.clock.now()
}

function cloudPush(world: World, node: LabNode, leg: Leg, purpose: PushPurpose, linkedFlow: number, plan: PushPlan): Push | null {
  const { device, call } = leg
  const subscription = device.subscription
  if (!plan.push || !subscription) return null
  const way = leg.push === null ? plan : sameWayAs(leg.push)
  const { on } = world.gateFor(device)
  // A toast without a name would be no toast: the China region rule carries the identity itself (CN-01).
  const carries = { names: on.has('callerId') || way.china, node: on.has('registrationNode') }
  const fields = fieldsFor(world, node, device, call, purpose, carries)
  const push = world.pushes.add({
    // The sender, being the client of the cloud service, creates the tracking ID (DEC-22).
    id: world.random('tracking').uuid('CPNS_'),
    flow: linkedFlow,
    device: device.id,
    purpose,
    channel: way.channel,
    path: 'cloud',
    sender: cpnsOf(node.id),
    service: device.service,
    target: subscription.token,
    pushType: way.pushType,
    payload: world.sealer.seal(subscription.key, world.random('nonce').bytes(12), JSON.stringify(fields)),
    fields,
    keyFingerprint: subscription.keyFingerprint,
  })
  enter(world, push)
  handOver(world, node, push, device)
  return push
}

/** The second push uses the first one's channel, whatever has changed since (DEC-25). */
const sameWayAs = ({ channel, pushType }: Push): Planned => ({ push: true, channel, pushType, china: pushType === 'alert' })

type Carries = { names: boolean; node: boolean }

/** All personal data is inside the seal (SEC-04); the active node too (DEC-23). */
function fieldsFor(
  world: World,
  node: LabNode,
  device: Device,
  call: Call,
  purpose: PushPurpose,
  carries: Carries,
): Record<string, string> {
  const fields: Record<string, string> = { purpose, call: String(call.flow.number) }
  if (carries.names) {
    const shown = shownTo(world, call, device)
    fields['displayName'] = shown.name
    fields['displayNumber'] = shown.number
  }
  if (call.pilot) fields['huntPilot'] = call.pilot.number
  if (carries.node) fields['node'] = node.id
  return fields
}

/** CallManager to CPNS over 9966 on the node itself; another node's CPNS is no way out (DEC-14). */
function handOver(world: World, node: LabNode, push: Push, device: Device): void {
  let waiting = true
  const unavailable = (text: string): void => {
    waiting = false
    silence.cancel()
    cpnsUnavailable(world, node, push, text)
  }
  const silence = world.clock.schedule(CPNS_TIMEOUT_MS, () => unavailable('no answer on port 9966'), 'CPNS timeout')
  transmit(
    world,
    routeBetween(world, node.id, node.id),
    {
      flow: push.flow,
      from: callManagerOf(node.id),
      to: cpnsOf(node.id),
      carrier: 'CPNS',
      message: `push request: ${push.purpose}`,
      sentAt: world.clock.now(),
      tracking: push.id,
    },
    { port: CPNS_PORT, device: device.id },
    (hop) => {
      if (!waiting) {
        tell(world, hop, 'too late: CallManager has given this push up', 'warn', 'ALM-01')
        return
      }
      silence.cancel()
      tell(world, hop, 'taken by the local CPNS, port 9966', 'ok', 'NET-05')
      world.alarms.clear('PushNotificationServiceUnavailable', node.id, 'CallManager reaches its CPNS again')
      sendPush(world, node, push, (result) => pushResult(world, node, push, device, result))
    },
    (loss) => unavailable(loss.text),
  )
}

function cpnsUnavailable(world: World, node: LabNode, push: Push, text: string): void {
  const seq = world.log.total - 1
  world.alarms.raise('PushNotificationServiceUnavailable', node.id, seq < 0 ? null : seq)
  failed(world, push, `CallManager on ${node.id} does not reach its CPNS: ${text}`, 'ALM-01', seq)
}

function failed(world: World, push: Push, reason: string, why: string, seq: number | null): void {
  world.pushes.move(push, 'failed', reason)
  const flow = world.flows.get(push.flow)
  if (flow && push.purpose === 'incoming call') world.flows.blame(flow, reason, why, seq)
}

/** What follows from each step of a call push: its counter when it leaves, the end of its flow with its own. */
export function callPushMoved(world: World, push: Push): void {
  if (push.purpose === 'message' || push.purpose === 'push of a provider') return
  // A call push on the message channel is one to a phone without CallKit (CN-05, DEC-24).
  if (push.path === 'cloud' && push.state === 'sent' && push.pushType === 'alert')
    world.counters.callManager(hostOf(push.sender), CUSTOM_REGION[push.purpose])
  if (push.purpose !== 'incoming call') secondPushMoved(world, push)
}

const CUSTOM_REGION = {
  'incoming call': 'CustomRegionNumofMsgPushReqSent',
  'missed call': 'CustomRegionNumofMissedCallMsgPushReqSent',
  'answered elsewhere': 'CustomRegionNumofSharedCancelMsgPushReqSent',
} as const

/** A second push is a flow of its own: it ends when its push does, not before. */
function secondPushMoved(world: World, push: Push): void {
  const flow = world.flows.get(push.flow)
  if (!flow) return
  switch (push.state) {
    case 'shown':
    case 'superseded':
      return world.flows.end(flow, 'done')
    case 'failed':
    case 'expired':
      if (push.path === 'local') return // the other way follows
      world.flows.blame(flow, push.reason, push.state === 'failed' ? 'CALL-04' : 'NET-10', null)
      return world.flows.end(flow, 'failed')
    default:
      return
  }
}

function pushResult(world: World, node: LabNode, push: Push, device: Device, result: SendResult): void {
  if (!result.ok) {
    switch (result.stage) {
      case 'token':
        tell(
          world,
          {
            flow: push.flow,
            from: cpnsOf(node.id),
            to: callManagerOf(node.id),
            carrier: 'CPNS',
            message: 'push not sent',
            sentAt: world.clock.now(),
            tracking: push.id,
          },
          'no access token',
          'fail',
          'ALM-03',
        )
        world.alarms.raise('PushNotificationServiceAccessTokenUnavailable', node.id, world.log.total - 1)
        return failed(world, push, `no push leaves ${node.id}: CPNS has no access token`, 'ALM-03', world.log.total - 1)
      case 'tls':
        // Counted as an error although nothing was answered (ALM-17).
        world.counters.callManager(node.id, 'NumberOfPushErrorResReceived')
        return failed(world, push, result.text, result.why, result.seq)
      default:
        return failed(world, push, result.text, result.why, result.seq)
    }
  }
  world.counters.callManager(node.id, 'NumberOfPushResReceived')
  if (result.status === 200) return
  world.counters.callManager(node.id, 'NumberOfPushErrorResReceived')
  if (result.status === 410 && !world.deleted.has(device.id)) {
    world.alarms.raise(
      'PushNotificationInvalidDeviceTokenResponse',
      node.id,
      result.seq,
      { DeviceName: device.id, UserID: device.owner },
      device.id,
    )
    if (device.subscription && device.subscription.token === push.target) device.subscription.stopped = true
    world.touch('device', device.id)
    return failed(world, push, 'the push token of the device is dead: 410', 'ALM-02', result.seq)
  }
  failed(world, push, `the cloud answered ${result.status} ${result.text}`, result.status === 400 ? 'SEC-02' : 'ALM-17', result.seq)
}
