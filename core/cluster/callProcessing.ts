/**
 * Call processing of Unified CM for push clients: the INVITE is held while a push wakes the client, and
 * offered over SIP once it has registered. Two deadlines run from the first push: ring-back after 5 s,
 * drop after 13 s (CALL-02, CALL-03).
 */
import { isSuspended, type Device } from '../client/device.ts'
import { callManagerOf, toDevice } from '../client/sip.ts'
import type { FlowState } from '../contract/rows.ts'
import { note, routeBetween, tell, transmit, type Hop, type LabNode, type World } from '../world.ts'
import type { Call, Leg, Presentation, SipToCallManager } from './call.ts'
import { pushForLeg } from './cpns.ts'
import { activeNodeOf, nodeOf } from './nodes.ts'
import { callPushPlan } from './pushPlan.ts'

/** Without ring-back from the device for this long after t0, Unified CM plays it itself (CALL-02). */
export const RINGBACK_MS = 5_000

/** A call that could not be offered within this long after t0 is dropped (CALL-03). */
export const DROP_MS = 13_000

/** Advised minima: shorter timers take the call before the phone wakes (CALL-15). */
export const VOICEMAIL_MIN_MS = 25_000
export const SNR_MIN_MS = 13_000

const SDL_PORT = 8_002

export function sipAtCallManager(world: World, node: LabNode, message: SipToCallManager, hop: Hop): void {
  switch (message.type) {
    case 'REGISTER':
      return registered(world, node, message.device, message.flow, hop)
    case 'INVITE':
      return callArrives(world, node, message.call, hop)
    case '180':
      return ringing(world, message.leg, hop)
    case '200':
      return answered(world, message.leg, hop)
    case '603':
      return declined(world, message.leg, hop)
    case 'CANCEL':
      return callerCancels(world, message.call, hop)
    case 'BYE':
      return hungUp(world, message.call, message.by, hop)
  }
}

// --- registration -------------------------------------------------------------------------------

/** Any node of the cluster takes the registration of a known device; held calls are offered at once. */
function registered(world: World, node: LabNode, device: Device, flow: number, hop: Hop): void {
  if (!device.signedIn) {
    tell(world, hop, 'refused: this client is logged out', 'fail', 'CH-11')
    return
  }
  device.registration = { node: node.id, connected: true }
  const key = device.keys[0]
  const before = device.subscription
  if (key && device.token !== '') {
    device.subscription = {
      token: device.token,
      key: key.key,
      keyFingerprint: key.fingerprint,
      stopped: before !== null && before.token === device.token && before.stopped,
    }
    if (before?.stopped && !device.subscription.stopped) {
      for (const id of world.cluster.nodes.keys()) world.alarms.clear('PushNotificationInvalidDeviceTokenResponse', id, device.id)
    }
  }
  world.touch('device', device.id)
  tell(world, hop, 'registration taken', 'ok', 'CH-01')
  toDevice(
    world,
    node.id,
    device,
    { flow, message: '200 OK', startLine: 'SIP/2.0 200 OK', headers: [['Expires', '3600']] },
    { type: 'registered', node: node.id, flow },
  )
  for (const leg of legsWaitingFor(world, device)) offer(world, leg, node)
}

function legsWaitingFor(world: World, device: Device): Leg[] {
  const found: Leg[] = []
  for (const node of world.cluster.nodes.values()) {
    for (const leg of node.held) if (leg.device === device) found.push(leg)
  }
  return found
}

// --- a call comes in ----------------------------------------------------------------------------

/** Places a call. `flow` is made by the caller of this function, so that it can be answered at once. */
export function newCall(world: World, caller: Device, callerNode: string, dialed: string, video: boolean): Call {
  const owner = world.directory.users.get(caller.owner)
  const number = caller.lines[0] ?? ''
  const identity: Presentation = { name: owner?.name ?? caller.ownerName, number }
  const flow = world.flows.start('call', `Call ${identity.name} → ${nameOfNumber(world, dialed)}`, caller.id, dialed, world.log.total)
  return {
    flow,
    caller,
    callerNode,
    dialed,
    video,
    identity,
    external: owner?.externalPresentation ?? null,
    pilot: null,
    huntRest: [],
    legs: [],
    phase: 'setup',
    t0: null,
    ringbackTimer: null,
    ringbackBar: null,
    otherTimers: [],
    answeredBy: null,
  }
}

function nameOfNumber(world: World, number: string): string {
  const pilot = world.directory.pilots.get(number)
  if (pilot) return pilot.name
  return world.directory.ownerOfNumber.get(number)?.name ?? number
}

function callArrives(world: World, node: LabNode, call: Call, hop: Hop): void {
  const pilot = world.directory.pilots.get(call.dialed)
  if (pilot) {
    call.pilot = { number: pilot.number, name: pilot.name }
    const numbers = [...pilot.members]
    const first = pilot.algorithm === 'broadcast' ? numbers.splice(0) : numbers.splice(0, 1)
    call.huntRest = numbers
    call.legs = first.flatMap((number) => legsFor(world, call, number))
  } else {
    call.legs = legsFor(world, call, call.dialed)
  }
  if (call.legs.length === 0) {
    const known = pilot !== undefined || world.directory.lines.has(call.dialed)
    const text = known ? 'no device of this number is signed in' : `nobody has the number ${call.dialed}`
    const event = tell(world, hop, text, 'fail', known ? 'CH-11' : 'CALL-01')
    world.flows.blame(call.flow, text, known ? 'CH-11' : 'CALL-01', event.seq)
    if (known && divertible(world, call)) return startDiversions(world, node, call)
    return endUnanswered(world, call, known ? '480 Temporarily Unavailable' : '404 Not Found', 'failed')
  }
  const plans = call.legs.map((leg) => howToReach(world, leg))
  const held = plans.filter((plan) => plan.way === 'push').length
  const direct = plans.filter((plan) => plan.way === 'sip').length
  tell(
    world,
    hop,
    held > 0
      ? `held: ${held === 1 ? 'device' : `${held} devices`} suspended${direct > 0 ? `, ${direct} reached over SIP` : ''}`
      : direct > 0
        ? `extended to ${direct === 1 ? 'the device' : `${direct} devices`} over SIP`
        : 'no way to the device',
    held > 0 ? 'wait' : direct > 0 ? 'ok' : 'fail',
    held > 0 ? 'CALL-01' : direct > 0 ? 'CH-04' : 'CH-03',
  )
  startDiversions(world, node, call)
  call.legs.forEach((leg, index) => startLeg(world, leg, plans[index] as Reach))
  settleCall(world, call)
}

function legsFor(world: World, call: Call, number: string): Leg[] {
  const devices = world.directory.lines.get(number) ?? []
  return devices
    .filter((device) => device !== call.caller && device.signedIn)
    .map((device) => ({
      call,
      device,
      node: call.callerNode,
      state: 'starting' as const,
      push: null,
      suspended: false,
      reason: '',
      reasonWhy: '',
      dropTimer: null,
      dropBar: null,
      mobilityTimer: null,
      mobilityBar: null,
    }))
}

type Reach = { way: 'sip' | 'push'; node: LabNode } | { way: 'none'; node: LabNode | null; reason: string; why: string }

/** SIP when the client has it, else a push, else the one reason why neither goes (CH-03). */
function howToReach(world: World, leg: Leg): Reach {
  const { device } = leg
  const node = activeNodeOf(world, device)
  if (!node) return { way: 'none', node: null, reason: 'no node of its CM group is up', why: 'FO-01' }
  if (device.registration?.connected && device.registration.node === node.id) return { way: 'sip', node }
  if (!isSuspended(device) && device.os === 'desktop') {
    return { way: 'none', node, reason: `${device.label} is not registered`, why: 'CH-01' }
  }
  const plan = callPushPlan(world, device)
  if (plan.push) return { way: 'push', node }
  return { way: 'none', node, reason: `suspended, no push: ${plan.reason}`, why: plan.why }
}

/** From the node of the caller to the node that serves the called device, then on from there. */
function startLeg(world: World, leg: Leg, reach: Reach): void {
  const { call } = leg
  if (reach.way === 'none') {
    if (reach.node) leg.node = reach.node.id
    const event = note(
      world,
      { flow: call.flow.number, place: callManagerOf(leg.node), carrier: 'SIP' },
      `${leg.device.label} cannot be reached`,
      reach.reason,
      'fail',
      reach.why,
    )
    world.flows.blame(call.flow, `${leg.device.label}: ${reach.reason}`, reach.why, event.seq)
    return legGone(leg, reach.reason, reach.why)
  }
  leg.node = reach.node.id
  if (reach.node.id === call.callerNode) return proceed(world, leg, reach.node, reach.way)
  transmit(
    world,
    routeBetween(world, call.callerNode, reach.node.id),
    {
      flow: call.flow.number,
      from: callManagerOf(call.callerNode),
      to: callManagerOf(reach.node.id),
      carrier: 'SDL',
      message: `call for ${leg.device.label}`,
      sentAt: world.clock.now(),
    },
    { port: SDL_PORT, device: leg.device.id },
    (hop) => {
      if (leg.state === 'gone') return
      const now = howToReach(world, leg)
      tell(world, hop, `processed on ${reach.node.id}`, 'ok', 'FO-02')
      if (now.way === 'none' || now.node !== reach.node) return startLeg(world, leg, now)
      proceed(world, leg, reach.node, now.way)
      settleCall(world, call)
    },
    (loss) => {
      legGone(leg, loss.text, loss.why)
      world.flows.blame(call.flow, loss.text, loss.why, world.log.total - 1)
      settleCall(world, call)
    },
  )
}

function proceed(world: World, leg: Leg, node: LabNode, way: 'sip' | 'push'): void {
  const plan = callPushPlan(world, leg.device)
  if (way === 'sip') {
    invite(world, leg)
    // A push goes out as well, but has no part in this call (CH-04).
    if (plan.push) leg.push = pushForLeg(world, node, leg, 'incoming call', leg.call.flow.number, plan)
    return
  }
  leg.state = 'held'
  leg.suspended = true
  node.held.add(leg)
  world.touch('node', node.id)
  startDeadlines(world, leg)
  leg.push = pushForLeg(world, node, leg, 'incoming call', leg.call.flow.number, plan)
}

/** t0: the instant the first push of the call is handed to the push path (DEC-25). */
function startDeadlines(world: World, leg: Leg): void {
  const { call } = leg
  const place = callManagerOf(leg.node)
  if (call.t0 === null) {
    call.t0 = world.clock.now()
    call.ringbackBar = world.flows.startTimer(call.flow, 'ring-back by Unified CM', callManagerOf(call.callerNode), RINGBACK_MS, 'CALL-02')
    call.ringbackTimer = world.clock.schedule(RINGBACK_MS, () => playRingback(world, call), '5 s ring-back')
  }
  const restMs = Math.max(0, call.t0 + DROP_MS - world.clock.now())
  leg.dropBar = world.flows.startTimer(call.flow, 'INVITE held, 13 s limit', place, restMs, 'CALL-03')
  leg.dropTimer = world.clock.schedule(restMs, () => notOffered(world, leg), '13 s drop')
  const mobilityIdentity = world.directory.users.get(leg.device.owner)?.mobilityIdentity
  if (mobilityIdentity !== undefined) {
    const waitMs = world.cluster.mobilityPushWaitMs
    leg.mobilityBar = world.flows.startTimer(call.flow, 'Incoming Call Push Notification Wait Timer', place, waitMs, 'CALL-16')
    leg.mobilityTimer = world.clock.schedule(waitMs, () => callMobilityIdentity(world, leg, mobilityIdentity), 'mobility push wait')
  }
}

function playRingback(world: World, call: Call): void {
  if (call.phase !== 'setup') return
  endRingback(world, call, true)
  call.phase = 'alerting'
  ringToCaller(world, call, true)
}

function ringToCaller(world: World, call: Call, byServer: boolean): void {
  const flow = call.flow.number
  toDevice(
    world,
    call.callerNode,
    call.caller,
    { flow, message: '180 Ringing', startLine: 'SIP/2.0 180 Ringing', headers: [['X-Ring-back', byServer ? 'by Unified CM' : 'by the device']] },
    { type: '180', flow, byServer },
  )
}

// --- offering the call --------------------------------------------------------------------------

/** The client has registered: the held INVITE goes out, and the 13 s no longer run (DEC-25). */
function offer(world: World, leg: Leg, at: LabNode): void {
  const { call } = leg
  unhold(world, leg)
  if (at.id !== leg.node) {
    note(world, { flow: call.flow.number, place: callManagerOf(leg.node), carrier: 'SDL' }, `client registered on ${at.id}`, 'the held INVITE moves there', 'info', 'FO-04')
    leg.node = at.id
  }
  if (leg.mobilityTimer) {
    endMobility(world, leg, false)
    world.counters.callManager(leg.node, 'MobilityPushNotificationCallsExtendedToJabber')
  }
  call.flow.offeredAt ??= world.clock.now()
  invite(world, leg)
}

function invite(world: World, leg: Leg): void {
  const { call, device } = leg
  leg.state = 'invited'
  const shown = call.external ?? call.identity
  call.flow.offeredAt ??= world.clock.now()
  toDevice(
    world,
    leg.node,
    device,
    {
      flow: call.flow.number,
      message: `INVITE ${device.lines[0] ?? call.dialed}`,
      startLine: `INVITE sip:${device.lines[0] ?? call.dialed}@${device.id} SIP/2.0`,
      headers: [
        ['From', `"${shown.name}" <sip:${shown.number}@${leg.node}>`],
        ['To', `<sip:${call.dialed}@${leg.node}>`],
        ['Content', call.video ? 'audio, video' : 'audio'],
      ],
    },
    { type: 'INVITE', leg, name: shown.name, number: shown.number, video: call.video },
    (loss) => {
      legGone(leg, loss.text, loss.why)
      world.flows.blame(call.flow, loss.text, loss.why, world.log.total - 1)
      settleCall(world, call)
    },
  )
}

function ringing(world: World, leg: Leg, hop: Hop): void {
  const { call } = leg
  if (call.phase === 'over' || call.phase === 'connected' || leg.state === 'gone') {
    tell(world, hop, 'the call is already decided', 'info', 'CALL-01')
    return
  }
  const inTime = call.t0 !== null && call.phase === 'setup'
  tell(world, hop, inTime ? `offered ${seconds(world.clock.now() - (call.t0 ?? 0))} after the push; 13 s are allowed` : 'device rings', 'ok', 'CALL-14')
  leg.state = 'ringing'
  const first = call.phase === 'setup'
  endRingback(world, call, false)
  call.phase = 'alerting'
  world.flows.set(call.flow, 'ringing')
  if (first) ringToCaller(world, call, false)
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(3)} s`

function answered(world: World, leg: Leg, hop: Hop): void {
  const { call } = leg
  if (call.phase === 'connected' || call.phase === 'over') {
    tell(world, hop, 'too late: the call is already decided', 'warn', 'CALL-05')
    toDevice(world, leg.node, leg.device, { flow: call.flow.number, message: 'BYE', startLine: 'BYE SIP/2.0', headers: [] }, { type: 'BYE', flow: call.flow.number })
    return
  }
  tell(world, hop, `answered on ${leg.device.label}`, 'ok', 'CALL-01')
  leg.state = 'answered'
  call.phase = 'connected'
  call.answeredBy = leg
  endRingback(world, call, false)
  stopDiversions(call)
  call.flow.answeredAt = world.clock.now()
  world.flows.set(call.flow, 'answered')
  if (leg.device.call) {
    leg.device.call = { ...leg.device.call, state: 'active', since: world.clock.now() }
    world.touch('device', leg.device.id)
    world.talking(leg.device)
  }
  toDevice(
    world,
    call.callerNode,
    call.caller,
    { flow: call.flow.number, message: '200 OK', startLine: 'SIP/2.0 200 OK', headers: [] },
    { type: '200', flow: call.flow.number },
  )
  for (const other of call.legs) if (other !== leg) release(world, other, true)
}

/** A leg that will not get the call: SIP CANCEL where the INVITE is, the second push where a push woke it. */
function release(world: World, leg: Leg, elsewhere: boolean): void {
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
        startLine: `CANCEL sip:${device.lines[0] ?? call.dialed} SIP/2.0`,
        headers: [['Reason', elsewhere ? 'SIP;cause=200;text="Call completed elsewhere"' : 'SIP;cause=487']],
      },
      { type: 'CANCEL', leg, completedElsewhere: elsewhere },
    )
  }
  if (leg.suspended) secondPush(world, leg, elsewhere ? 'answered elsewhere' : 'missed call')
}

/** The second push, over the first one's channel, tells a woken device how the call ended (CALL-04, CALL-05). */
function secondPush(world: World, leg: Leg, purpose: 'missed call' | 'answered elsewhere'): void {
  const { call, device } = leg
  const node = world.cluster.nodes.get(leg.node)
  if (!node || !leg.push) return
  const flow = world.flows.start('call', `${purpose === 'missed call' ? 'Missed call' : 'Answered elsewhere'} → ${device.label}`, callManagerOf(node.id), device.id, world.log.total)
  flow.linkedTo = call.flow.number
  world.pushes.move(leg.push, 'superseded', `the call is over; a second push tells so`)
  const plan = callPushPlan(world, device)
  const push = pushForLeg(world, node, leg, purpose, flow.number, plan)
  if (push === null) {
    const reason = plan.push ? 'no push session' : plan.reason
    world.flows.blame(flow, reason, plan.push ? 'CH-01' : plan.why, null)
    world.flows.end(flow, 'failed')
    return
  }
  world.flows.end(flow, 'done')
}

function declined(world: World, leg: Leg, hop: Hop): void {
  const { call } = leg
  const busy = hop.message.startsWith('486')
  tell(world, hop, busy ? `${leg.device.label} is busy` : `declined on ${leg.device.label}`, 'info', 'CALL-10')
  if (leg.state === 'gone') return
  unhold(world, leg)
  legGone(leg, busy ? 'busy' : 'declined', 'CALL-10')
  settleCall(world, call)
}

// --- endings ------------------------------------------------------------------------------------

/** 13 s after t0 and not offered: dropped, and a missed call is pushed (CALL-03, CALL-04). */
function notOffered(world: World, leg: Leg): void {
  if (leg.state !== 'held') return
  const { call } = leg
  unhold(world, leg, true)
  const text = `not registered within ${DROP_MS / 1_000} s after the push`
  const event = note(world, { flow: call.flow.number, place: callManagerOf(leg.node), carrier: 'SIP' }, `call to ${leg.device.label} dropped`, text, 'fail', 'CALL-03')
  world.flows.blame(call.flow, `${leg.device.label}: ${text}`, 'CALL-03', event.seq)
  legGone(leg, text, 'CALL-03')
  endMobility(world, leg, false)
  secondPush(world, leg, 'missed call')
  settleCall(world, call)
}

/** Ends the call when nothing can come of it any more. */
function settleCall(world: World, call: Call): void {
  if (call.phase === 'over' || call.phase === 'connected') return
  if (call.legs.some((leg) => leg.state !== 'gone')) return
  if (call.huntRest.length > 0) return huntOn(world, call)
  if (call.otherTimers.length > 0 && !call.legs.some((leg) => leg.reason === 'declined')) return // voicemail or single number reach still takes it
  const declinedBy = call.legs.find((leg) => leg.reason === 'declined' || leg.reason === 'busy')
  if (declinedBy) return endUnanswered(world, call, '486 Busy Here', 'declined')
  const dropped = call.legs.some((leg) => leg.reasonWhy === 'CALL-03')
  endUnanswered(world, call, '480 Temporarily Unavailable', dropped ? 'dropped' : 'failed')
}

function huntOn(world: World, call: Call): void {
  const number = call.huntRest.shift()
  if (number === undefined) return
  const legs = legsFor(world, call, number)
  call.legs.push(...legs)
  note(world, { flow: call.flow.number, place: callManagerOf(call.callerNode), carrier: 'SIP' }, `hunts on to ${number}`, legs.length === 0 ? 'nobody signed in there' : 'next member', 'info', 'SEC-04')
  for (const leg of legs) startLeg(world, leg, howToReach(world, leg))
  settleCall(world, call)
}

function endUnanswered(world: World, call: Call, status: string, state: FlowState): void {
  if (call.phase === 'over') return
  finish(world, call, state)
  const flow = call.flow.number
  toDevice(
    world,
    call.callerNode,
    call.caller,
    { flow, message: status, startLine: `SIP/2.0 ${status}`, headers: [['Reason', 'Q.850;cause=18;text="No user responding"']] },
    { type: 'refusal', flow, status: Number(status.slice(0, 3)), text: status.slice(4) },
  )
}

function callerCancels(world: World, call: Call, hop: Hop): void {
  if (call.phase === 'over' || call.phase === 'connected') {
    tell(world, hop, 'the call is already decided', 'info', 'CALL-04')
    return
  }
  tell(world, hop, 'caller gave up', 'ok', 'CALL-04')
  finish(world, call, 'missed')
  for (const leg of call.legs) release(world, leg, false)
}

function hungUp(world: World, call: Call, by: Device, hop: Hop): void {
  if (call.phase === 'over') {
    tell(world, hop, 'already over', 'info', 'CALL-01')
    return
  }
  tell(world, hop, 'call ends', 'ok', 'CALL-01')
  finish(world, call, 'ended')
  const flow = call.flow.number
  const leg = call.answeredBy
  const [node, other] = by === call.caller && leg ? [leg.node, leg.device] : [call.callerNode, call.caller]
  toDevice(world, node, other, { flow, message: 'BYE', startLine: `BYE sip:${other.id} SIP/2.0`, headers: [] }, { type: 'BYE', flow })
}

function finish(world: World, call: Call, state: FlowState): void {
  call.phase = 'over'
  endRingback(world, call, false)
  stopDiversions(call)
  world.flows.end(call.flow, state)
}

/** Calls that a failed node was processing end there; called devices and callers learn nothing from it. */
export function nodeWentDown(world: World, node: LabNode): void {
  for (const leg of [...node.held]) {
    unhold(world, leg)
    const text = `${node.id} went down while it held the INVITE`
    world.flows.blame(leg.call.flow, text, 'FO-02', world.log.total - 1)
    legGone(leg, text, 'FO-02')
    endMobility(world, leg, false)
    settleCall(world, leg.call)
  }
}

// --- voicemail, single number reach, Mobility ------------------------------------------------------

const divertible = (world: World, call: Call): boolean => {
  const user = world.directory.ownerOfNumber.get(call.dialed)
  return user?.voicemail !== undefined || user?.singleNumberReach !== undefined
}

/** Timers that may take the call away before the phone wakes (CALL-15). */
function startDiversions(world: World, node: LabNode, call: Call): void {
  const user = world.directory.ownerOfNumber.get(call.dialed)
  if (!user) return
  const place = callManagerOf(node.id)
  const { voicemail, singleNumberReach } = user
  if (voicemail) {
    const bar = world.flows.startTimer(call.flow, 'voicemail No Answer Ring Duration', place, voicemail.noAnswerRingMs, 'CALL-15')
    call.otherTimers.push(
      world.clock.schedule(
        voicemail.noAnswerRingMs,
        () => {
          world.flows.endTimer(call.flow, bar, true)
          divert(world, call, node.id, 'voicemail', `No Answer Ring Duration of ${seconds(voicemail.noAnswerRingMs)} is over`, voicemail.noAnswerRingMs < VOICEMAIL_MIN_MS)
        },
        'voicemail',
      ),
    )
  }
  if (singleNumberReach) {
    const bar = world.flows.startTimer(call.flow, 'single number reach wait', place, singleNumberReach.waitMs, 'CALL-15')
    call.otherTimers.push(
      world.clock.schedule(
        singleNumberReach.waitMs,
        () => {
          world.flows.endTimer(call.flow, bar, true)
          // Once a device rings both ring and the user chooses; before that the other number takes the call.
          if (call.legs.some((leg) => leg.state === 'ringing')) return
          divert(world, call, node.id, `single number reach ${singleNumberReach.number}`, `wait of ${seconds(singleNumberReach.waitMs)} is over and no device rings`, singleNumberReach.waitMs < SNR_MIN_MS)
        },
        'single number reach',
      ),
    )
  }
}

function divert(world: World, call: Call, nodeId: string, target: string, because: string, tooEarly: boolean): void {
  if (call.phase === 'over' || call.phase === 'connected') return
  const event = note(world, { flow: call.flow.number, place: callManagerOf(nodeId), carrier: 'SIP' }, `call goes to ${target}`, because, tooEarly ? 'warn' : 'info', 'CALL-15')
  if (tooEarly) world.flows.blame(call.flow, `${target} took the call before the phone could wake: ${because}`, 'CALL-15', event.seq)
  const flow = call.flow.number
  call.flow.answeredAt = null
  finish(world, call, 'diverted')
  toDevice(world, call.callerNode, call.caller, { flow, message: '200 OK', startLine: 'SIP/2.0 200 OK', headers: [['X-Answered-By', target]] }, { type: '200', flow })
  for (const leg of call.legs) release(world, leg, target !== 'voicemail')
}

/** The wait timer ended without a registration: the Mobility Identity is called instead (CALL-16). */
function callMobilityIdentity(world: World, leg: Leg, number: string): void {
  if (leg.state !== 'held') return
  endMobility(world, leg, true)
  world.counters.callManager(leg.node, 'MobilityPushNotificationCallsExtendedToMIDueToTimeout')
  divert(world, leg.call, leg.node, `Mobility Identity ${number}`, 'the client has not registered when the push wait timer ended', false)
}

// --- small helpers --------------------------------------------------------------------------------

function legGone(leg: Leg, reason: string, why: string): void {
  leg.state = 'gone'
  leg.reason = reason
  leg.reasonWhy = why
}

function unhold(world: World, leg: Leg, fired = false): void {
  leg.dropTimer?.cancel()
  leg.dropTimer = null
  if (leg.dropBar) world.flows.endTimer(leg.call.flow, leg.dropBar, fired)
  const node = nodeOf(world, leg.node)
  if (node.held.delete(leg)) world.touch('node', node.id)
}

function endMobility(world: World, leg: Leg, fired: boolean): void {
  leg.mobilityTimer?.cancel()
  leg.mobilityTimer = null
  if (leg.mobilityBar) world.flows.endTimer(leg.call.flow, leg.mobilityBar, fired)
}

function endRingback(world: World, call: Call, fired: boolean): void {
  call.ringbackTimer?.cancel()
  call.ringbackTimer = null
  if (call.ringbackBar) world.flows.endTimer(call.flow, call.ringbackBar, fired)
}

function stopDiversions(call: Call): void {
  for (const timer of call.otherTimers) timer.cancel()
  call.otherTimers = []
}
