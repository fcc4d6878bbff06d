/**
 * Instant messages through IM and Presence: delivered over XMPP to a client in foreground, queued for a
 * suspended one, which is told by push (MSG-01, MSG-02). Webex App messages never come here (MSG-07).
 */
import { isSuspended, reachesCluster, reachesInternet, type Device, type Stanza } from '../client/device.ts'
import { messagePushPlan } from '../cluster/pushPlan.ts'
import { isRunning, XCP_CONFIG, XCP_ROUTER } from '../cluster/nodes.ts'
import { sendPush, type SendResult } from '../cloud/pushSender.ts'
import { settlePushSession } from './pushSession.ts'
import type { Timer } from '../engine/clock.ts'
import type { Flow } from '../flowBook.ts'
import type { Push } from '../pushBook.ts'
import { note, routeBetween, tell, transmit, type Hop, type LabNode, type World } from '../world.ts'

const XMPP_PORT = 5_222

/** Stanzas kept for one suspended client; more are refused, and the flow says so. */
export const QUEUE_LIMIT = 1_000

/** A message of which nothing is heard for this long counts as lost; our choice. */
export const STANZA_TIMEOUT_MS = 30_000

export const routerOf = (node: string): string => `${node}/XCP Router`

/** The IM and Presence node of a device's user: users are spread over the nodes in their order. */
export function imNodeFor(world: World, device: Device): LabNode | null {
  if (!world.presence || device.client !== 'jabber') return null
  const nodes = [...world.presence.nodes.values()]
  return nodes[(world.directory.order.get(device.owner) ?? 0) % nodes.length] ?? null
}

/** A message from one user to another; gives the flow, or a text that says why there is none. */
export function sendMessage(world: World, from: string, to: string, text: string): Flow | string {
  const sender = world.directory.users.get(from)
  const receiver = world.directory.users.get(to)
  if (!sender) return `there is no user "${from}"`
  if (!receiver) return `there is no user "${to}"`
  const devices = (world.directory.devicesOf.get(to) ?? []).filter((device) => device.signedIn && device.client !== 'deskphone')
  // Without a Jabber client in this lab the sender is somewhere else: the message just comes in.
  const source = world.directory.devicesOf.get(from)?.find((device) => device.im?.connected === true)
  const origin = source?.id ?? from
  const flow = world.flows.start('message', `Message ${sender.name ?? from} → ${receiver.name ?? to}`, origin, to, world.log.total)
  const jabber = devices.filter((device) => device.client === 'jabber')
  const webex = devices.filter((device) => device.client === 'webex')
  for (const device of webex) {
    note(
      world,
      { flow: flow.number, place: 'webex-cloud', carrier: 'HTTPS' },
      `message for ${device.label}`,
      'the Webex App cloud handles it; IM and Presence sends no push',
      'info',
      'MSG-07',
    )
  }
  if (jabber.length === 0) {
    if (webex.length === 0) {
      world.flows.blame(flow, `${receiver.name ?? to} has no client that is signed in`, 'CH-11', null)
      note(world, { flow: flow.number, place: origin, carrier: 'XMPP' }, 'message', 'nobody is signed in', 'fail', 'CH-11')
    }
    world.flows.end(flow, webex.length > 0 ? 'done' : 'failed')
    return flow
  }
  for (const device of jabber) toServer(world, flow, origin, sender.name ?? from, device, text)
  return flow
}

function toServer(world: World, flow: Flow, origin: string, senderName: string, device: Device, text: string): void {
  const node = imNodeFor(world, device)
  if (!node || !device.im) {
    const why = world.presence ? 'CH-01' : 'MSG-06'
    const event = note(
      world,
      { flow: flow.number, place: origin, carrier: 'XMPP' },
      `message for ${device.label}`,
      world.presence ? 'no IM session' : 'there is no IM and Presence Service',
      'fail',
      why,
    )
    world.flows.blame(flow, event.outcome, why, event.seq)
    world.flows.end(flow, 'failed')
    return
  }
  const hop: Hop = {
    flow: flow.number,
    from: origin,
    to: routerOf(node.id),
    carrier: 'XMPP',
    message: `message to ${device.ownerName}`,
    sentAt: world.clock.now(),
  }
  const arrive = (arrived: Hop): void => atRouter(world, node, flow, device, arrived, { senderName, text })
  if (!world.devices.has(origin)) return arrive(hop)
  const lost = giveUpAfterSilence(world, flow, `no word of the message from ${node.id}`)
  transmit(
    world,
    routeBetween(world, origin, node.id),
    hop,
    { port: XMPP_PORT, device: device.id },
    (arrived) => {
      lost.cancel()
      arrive(arrived)
    },
    (loss) => {
      lost.cancel()
      world.flows.blame(flow, loss.text, loss.why, world.log.total - 1)
      world.flows.end(flow, 'failed')
    },
  )
}

/** A stanza that vanished in silence: its flow ends all the same, and says so. */
function giveUpAfterSilence(world: World, flow: Flow, text: string): Timer {
  return world.clock.schedule(
    STANZA_TIMEOUT_MS,
    () => {
      world.flows.blame(flow, `${text} within ${STANZA_TIMEOUT_MS / 1_000} s`, 'MSG-01', null)
      world.flows.end(flow, 'failed')
    },
    'stanza timeout',
  )
}

/** The message is at the XCP Router of the receiver: on over XMPP, or into the queue of a suspended client. */
function atRouter(world: World, node: LabNode, flow: Flow, device: Device, hop: Hop, message: { senderName: string; text: string }): void {
  const refuse = (text: string, why: string): void => {
    const event = tell(world, hop, text, 'fail', why)
    world.flows.blame(flow, text, why, event.seq)
    world.flows.end(flow, 'failed')
  }
  if (!isRunning(node, XCP_ROUTER)) return refuse(`Cisco XCP Router does not run on ${node.id}`, 'HA-05')
  if (!device.im) return refuse(`${device.label} has no IM session any more`, 'CH-11')
  const stanza: Stanza = {
    kind: 'message',
    from: message.senderName,
    text: message.text,
    flow: flow.number,
    push: null,
    at: world.clock.now(),
  }
  if (device.im.connected) {
    const [how, why] = isSuspended(device) ? ['client in background, its socket lives', 'AND-03'] : ['client in foreground', 'CH-05']
    tell(world, hop, `${how}: delivered over XMPP, no push`, 'ok', why)
    return deliver(world, node, device, stanza, true)
  }
  if (device.im.queue.length >= QUEUE_LIMIT) return refuse(`refused: ${QUEUE_LIMIT} stanzas wait already`, 'MSG-02')
  device.im.queue.push(stanza)
  world.touch('device', device.id)
  world.touch('node', node.id)
  tell(world, hop, `client suspended: queued, ${device.im.queue.length} unread`, 'wait', 'MSG-02')
  pushMessage(world, node, device, stanza, flow)
}

function deliver(world: World, node: LabNode, device: Device, stanza: Stanza, last: boolean): void {
  const sent = world.flows.get(stanza.flow)
  const lost = sent && giveUpAfterSilence(world, sent, `no word from ${device.label} that it read the message`)
  transmit(
    world,
    routeBetween(world, node.id, device.id),
    { flow: stanza.flow, from: routerOf(node.id), to: device.id, carrier: 'XMPP', message: 'message', sentAt: world.clock.now() },
    { port: XMPP_PORT, device: device.id },
    (hop) => {
      lost?.cancel()
      if (world.deleted.has(device.id)) {
        tell(world, hop, `${device.label} was deleted`, 'lost', 'LPNS-18')
        if (sent) undelivered(world, sent, device, `${device.label} was deleted`)
        return
      }
      if (device.im) device.im.history++
      tell(world, hop, `read on ${device.label}`, 'ok', last ? 'CH-05' : 'CH-08')
      world.touch('device', device.id)
      const flow = world.flows.get(stanza.flow)
      if (!flow) return
      // A message whose push failed is read late, when its user opens the app; the first cause stays.
      if (flow.endedAt === null) world.flows.end(flow, 'delivered')
      else world.flows.set(flow, 'delivered')
    },
  )
}

/** XCP Config Manager tells the suspended client by push; the stanza itself stays on the server. */
function pushMessage(world: World, node: LabNode, device: Device, stanza: Stanza, flow: Flow): void {
  const plan = messagePushPlan(world, device)
  const { subscription } = device
  if (!plan.push || !subscription) {
    const reason = plan.push ? 'no push session' : plan.reason
    const why = plan.push ? 'CH-01' : plan.why
    const event = note(
      world,
      { flow: flow.number, place: node.agent.place, carrier: 'XMPP' },
      'no message push',
      `suspended, no push: ${reason}`,
      'fail',
      why,
    )
    world.flows.blame(flow, `${device.label}: suspended, no push: ${reason}`, why, event.seq)
    world.flows.end(flow, 'failed')
    return
  }
  if (!isRunning(node, XCP_CONFIG)) {
    const event = note(
      world,
      { flow: flow.number, place: node.agent.place, carrier: 'XMPP' },
      'no message push',
      'Cisco XCP Config Manager is not running',
      'fail',
      'ALM-07',
    )
    world.flows.blame(flow, event.outcome, 'ALM-07', event.seq)
    world.flows.end(flow, 'failed')
    return
  }
  const fields = { purpose: 'message', displayName: stanza.from, text: stanza.text.slice(0, 200) }
  const push = world.pushes.add({
    id: `XCP_${world.random('tracking').uuid()}`,
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
  world.flows.set(flow, 'waiting for tap')
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
    messageResult(world, node, device, push, flow, result)
  })
}

function messageResult(world: World, node: LabNode, device: Device, push: Push, flow: Flow, result: SendResult): void {
  if (result.ok && result.status === 200) {
    world.counters.configManager(node.id, 'NumberOfPushSuccess')
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

/** The device is deleted: what its queue held is read nowhere, or on another device of its user (LPNS-18). */
export function dropStanzas(world: World, device: Device, text: string): void {
  for (const stanza of device.im?.queue ?? []) {
    if (stanza.push) world.pushes.move(stanza.push, 'failed', text)
    const flow = world.flows.get(stanza.flow)
    if (flow) undelivered(world, flow, device, text)
  }
}

function undelivered(world: World, flow: Flow, device: Device, text: string): void {
  for (const other of world.devices.values()) if (other !== device && other.im?.queue.some((stanza) => stanza.flow === flow.number)) return
  world.flows.blame(flow, text, 'LPNS-18', null)
  world.flows.end(flow, 'failed')
}

/** The client is back: the session resumes and what waited is downloaded in its order (CH-08, MSG-02). */
export function resumeSession(world: World, device: Device, flow: number): void {
  const node = imNodeFor(world, device)
  if (!node || !device.signedIn) return
  if (!reachesCluster(device)) return
  transmit(
    world,
    routeBetween(world, device.id, node.id),
    {
      flow,
      from: device.id,
      to: routerOf(node.id),
      carrier: 'XMPP',
      message: device.im ? 'resume IM session' : 'log in to IM and Presence',
      sentAt: world.clock.now(),
    },
    { port: XMPP_PORT, device: device.id },
    (hop) => {
      if (isSuspended(device) || !device.signedIn) {
        tell(world, hop, 'the client is suspended again', 'warn', 'CH-02')
        return
      }
      if (!isRunning(node, XCP_ROUTER)) {
        tell(world, hop, 'Cisco XCP Router is not running', 'fail', 'HA-05')
        return
      }
      const fresh = device.im === null
      device.im ??= { node: node.id, connected: true, queue: [], history: 0 }
      device.im.connected = true
      device.presence = 'Available'
      settlePushSession(world, device)
      const waiting = device.im.queue
      device.im.queue = []
      tell(world, hop, fresh ? 'IM session' : `session resumes, ${waiting.length} unread to download`, 'ok', fresh ? 'CH-01' : 'CH-08')
      world.touch('device', device.id)
      world.touch('node', node.id)
      for (const stanza of waiting) {
        if (stanza.push) world.pushes.move(stanza.push, 'used', 'the client came to the foreground and downloaded the message')
        deliver(world, node, device, stanza, false)
      }
    },
  )
}
