/** XCP Config Manager tells a suspended client by push; the stanza itself stays on the server (MSG-01). */
import { reachesCluster, reachesInternet, type Device } from '../client/device.ts'
import { sendPush, type SendResult } from '../cloud/pushSender.ts'
import { isRunning, XCP_CONFIG } from '../cluster/nodes.ts'
import { messagePushPlan } from '../cluster/pushPlan.ts'
import type { Flow } from '../flowBook.ts'
import type { Push } from '../pushBook.ts'
import { note, type LabNode, type World } from '../world.ts'
import { attendedDesktop } from './mdm.ts'
import type { ImNode, Stanza } from './types.ts'

/** Of a long message the notification shows this much. */
const SHOWN_OF_TEXT = 200

export function pushStanza(world: World, im: ImNode, device: Device, stanza: Stanza): void {
  const { node } = im
  const flow = world.flows.get(stanza.flow)
  if (!flow) return
  const notPushed = (outcome: string, why: string, read: boolean): void => {
    const at = { flow: flow.number, place: node.agent.place, carrier: 'XMPP' as const }
    const event = note(world, at, 'no message push', outcome, read ? 'info' : 'fail', why)
    if (read) return
    world.flows.blame(flow, `${device.label}: ${outcome}`, why, event.seq)
    world.flows.end(flow, 'failed')
  }
  const plan = messagePushPlan(world, device)
  const { subscription } = device
  if (!plan.push || !subscription) {
    // Another client of the same user has it, or will: then the message itself has not failed.
    const elsewhere = (world.directory.devicesOf.get(device.owner) ?? []).some((other) => other !== device && other.im?.connected === true)
    const reason = plan.push ? 'no push session' : plan.reason
    return notPushed(`suspended, no push: ${reason}`, plan.push ? 'CH-01' : plan.why, elsewhere)
  }
  const desktop = attendedDesktop(world, device)
  if (desktop) return notPushed(`${desktop.label} is attended and was used last: it has the message`, 'MSG-04', true)
  if (!isRunning(node, XCP_CONFIG)) return notPushed('Cisco XCP Config Manager is not running', 'ALM-07', false)
  const fields = { purpose: 'message', displayName: stanza.from, text: stanza.text.slice(0, SHOWN_OF_TEXT) }
  const push = world.pushes.add({
    id: world.random('tracking').uuid('XCP_'),
    flow: flow.number,
    device: device.id,
    purpose: 'message',
    channel: plan.channel,
    path: 'cloud',
    sender: node.agent.place,
    service: device.service,
    target: subscription.token,
    pushType: 'alert',
    payload: world.sealer.seal(subscription.key, world.random('nonce').bytes(12), JSON.stringify(fields)),
    fields,
    keyFingerprint: subscription.keyFingerprint,
  })
  stanza.push = push
  world.flows.addPush(flow, push)
  flow.pushAt ??= world.clock.now()
  if (flow.endedAt === null) world.flows.set(flow, 'waiting for tap')
  note(
    world,
    { flow: flow.number, place: node.agent.place, carrier: 'XMPP', tracking: push.id },
    'message push created',
    `${plan.channel} channel, sealed`,
    'ok',
    'MSG-01',
  )
  // A background session is silent while its network is up, and disconnected when that is gone (CH-13).
  const form = reachesCluster(device) || reachesInternet(device) ? 'PushSentSilent' : 'PushSentDisconn'
  sendPush(world, node, push, (result) => {
    if (push.state !== 'created') world.counters.xcpPush(node.id, form, device.service) // it has left the node
    answered(world, node, device, push, flow, result)
  })
}

function answered(world: World, node: LabNode, device: Device, push: Push, flow: Flow, result: SendResult): void {
  if (result.ok && result.status === 200) {
    world.counters.configManager(node.id, 'NumberOfPushSuccess')
    // Pushes leave this node again (ALM-07, ALM-09).
    const because = 'a message push was accepted by the cloud again'
    world.alarms.clear('PushNotificationFailed', node.id, because)
    world.alarms.clear('PushNotificationFailedInvalidAccessToken', node.id, because)
    return
  }
  world.counters.configManager(node.id, 'NumberOfPushFailure')
  world.counters.xcpPush(node.id, 'PushErrors', device.service)
  const text = result.ok ? `the cloud answered ${result.status} ${result.text}` : result.text
  world.pushes.move(push, 'failed', text)
  world.flows.blame(flow, text, result.ok ? 'ALM-07' : result.why, result.seq)
  if (flow.endedAt === null) world.flows.end(flow, 'failed')
  if (result.ok && result.status === 410) {
    world.counters.configManager(node.id, 'TargetExpired')
    if (!world.deleted.has(device.id))
      world.alarms.raise('PushNotificationFailedInvalidDeviceToken', node.id, result.seq, { DeviceName: device.id }, device.id)
  } else if (!result.ok && result.stage === 'token') {
    world.alarms.raise('XCPConfigMgrAccessTokenIsNull', node.id, result.seq)
  } else if (result.ok && result.status === 401) {
    world.alarms.raise('PushNotificationFailedInvalidAccessToken', node.id, result.seq)
  } else {
    if (result.ok && result.status === 400) world.counters.configManager(node.id, 'TargetInvalid')
    world.alarms.raise('PushNotificationFailed', node.id, result.seq, { ErrorCode: result.ok ? String(result.status) : result.stage })
  }
}
