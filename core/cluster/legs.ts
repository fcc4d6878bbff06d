/**
 * The called side of a call: how each device is reached, the INVITE that is held while a push wakes it, the
 * offer once it has registered, and the drop when it has not (CALL-01 to CALL-03).
 */
import { isSuspended, type Device } from '../client/device.ts'
import { callManagerOf, toDevice } from '../client/sip.ts'
import { note, routeBetween, tell, transmit, type LabNode, type World } from '../world.ts'
import type { Call, Leg } from './call.ts'
import { callerLost, endUnanswered, secondPush } from './callEnd.ts'
import { ringToCaller, SDL_PORT } from './callerSide.ts'
import { pushForLeg } from './cpns.ts'
import { DROP_MS, endMobility, endRingback, INVITE_TIMEOUT_MS, legGone, RINGBACK_MS, SDL_TIMEOUT_MS, unhold } from './deadlines.ts'
import { callMobilityIdentity } from './diversions.ts'
import { hasLocalSession } from '../lpns/deliver.ts'
import { shownTo } from './identity.ts'
import { activeNodeOf } from './nodes.ts'
import { callPushPlan } from './pushPlan.ts'

export type Reach = { way: 'sip' | 'push'; node: LabNode } | { way: 'none'; node: LabNode | null; reason: string; why: string }

export const legsFor = (world: World, call: Call, number: string): Leg[] => legsTo(call, world.directory.lines.get(number) ?? [])

export const legsForAll = (world: World, call: Call): Leg[] => legsTo(call, [...world.devices.values()])

function legsTo(call: Call, devices: readonly Device[]): Leg[] {
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
      inviteTimer: null,
    }))
}

/** SIP when the client has it, else a push, else the one reason why neither goes (CH-03). */
export function howToReach(world: World, leg: Leg): Reach {
  const { device } = leg
  const node = activeNodeOf(world, device)
  if (!node) return { way: 'none', node: null, reason: 'no node of its CM group is up', why: 'FO-01' }
  if (device.registration?.connected && device.registration.node === node.id) return { way: 'sip', node }
  if (!isSuspended(device) && device.os === 'desktop') {
    return { way: 'none', node, reason: `${device.label} is not registered`, why: 'CH-01' }
  }
  const plan = callPushPlan(world, device)
  if (plan.push || hasLocalSession(world, node, device)) return { way: 'push', node }
  return { way: 'none', node, reason: `suspended, no push: ${plan.reason}`, why: plan.why }
}

/** From the node of the caller to the node that serves the called device, then on from there. */
export function startLeg(world: World, leg: Leg, reach: Reach): void {
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
  const giveUp = (text: string, why: string): void => {
    legGone(leg, text, why)
    world.flows.blame(call.flow, text, why, world.log.total - 1)
    settleCall(world, call)
  }
  const silence = world.clock.schedule(
    SDL_TIMEOUT_MS,
    () => {
      if (leg.state === 'starting') giveUp(`no answer from ${reach.node.id} within ${SDL_TIMEOUT_MS / 1_000} s`, 'FO-02')
    },
    'SDL timeout',
  )
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
      silence.cancel()
      if (leg.state === 'gone') {
        tell(world, hop, 'the call is already over', 'info', 'CALL-04')
        return
      }
      const now = howToReach(world, leg)
      tell(world, hop, `processed on ${reach.node.id}`, 'ok', 'FO-02')
      if (now.way === 'none' || now.node !== reach.node) startLeg(world, leg, now)
      else proceed(world, leg, reach.node, now.way)
      settleCall(world, call)
    },
    (loss) => {
      silence.cancel()
      giveUp(loss.text, loss.why)
    },
  )
}

function proceed(world: World, leg: Leg, node: LabNode, way: 'sip' | 'push'): void {
  const plan = callPushPlan(world, leg.device)
  if (way === 'sip') {
    invite(world, leg)
    // A push goes out as well, but has no part in this call (CH-04, DEC-07).
    if (plan.push || hasLocalSession(world, node, leg.device))
      leg.push = pushForLeg(world, node, leg, 'incoming call', leg.call.flow.number, plan)
    return
  }
  leg.state = 'held'
  leg.suspended = true
  node.held.add(leg)
  leg.device.heldLegs.push(leg)
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
  ringToCaller(world, call, call.callerNode, true)
}

/** 13 s after t0 and not offered: dropped, and a missed call is pushed (CALL-03, CALL-04). */
function notOffered(world: World, leg: Leg): void {
  if (leg.state !== 'held') return
  const { call } = leg
  unhold(world, leg, true)
  const text = `not registered within ${DROP_MS / 1_000} s after the push`
  const event = note(
    world,
    { flow: call.flow.number, place: callManagerOf(leg.node), carrier: 'SIP' },
    `call to ${leg.device.label} dropped`,
    text,
    'fail',
    'CALL-03',
  )
  world.flows.blame(call.flow, `${leg.device.label}: ${text}`, 'CALL-03', event.seq)
  legGone(leg, text, 'CALL-03')
  endMobility(world, leg, false)
  secondPush(world, leg, 'missed call')
  settleCall(world, call)
}

/** The client has registered: the held INVITE goes out, and the 13 s no longer run (DEC-25). */
export function offer(world: World, leg: Leg, at: LabNode): void {
  const { call } = leg
  unhold(world, leg)
  if (at.id !== leg.node) {
    note(
      world,
      { flow: call.flow.number, place: callManagerOf(leg.node), carrier: 'SDL' },
      `client registered on ${at.id}`,
      'the held INVITE moves there',
      'info',
      'FO-04',
    )
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
  const shown = shownTo(world, call, device)
  if (shown !== call.identity) call.flow.call?.shown.set(device.id, shown)
  call.flow.offeredAt ??= world.clock.now()
  toDevice(
    world,
    leg.node,
    device,
    {
      flow: call.flow.number,
      message: `INVITE ${device.lines[0] ?? call.dialed}`,
    },
    { type: 'INVITE', leg, name: shown.name, number: shown.number, video: call.video },
    (loss) => notAnswered(world, leg, loss.text, loss.why),
  )
  leg.inviteTimer = world.clock.schedule(
    INVITE_TIMEOUT_MS,
    () => {
      if (leg.state === 'invited') notAnswered(world, leg, `no answer to the INVITE within ${INVITE_TIMEOUT_MS / 1_000} s`, 'CALL-01')
    },
    'INVITE timeout',
  )
}

function notAnswered(world: World, leg: Leg, text: string, why: string): void {
  world.flows.blame(leg.call.flow, `${leg.device.label}: ${text}`, why, world.log.total - 1)
  legGone(leg, text, why)
  settleCall(world, leg.call)
}

/** Ends the call when nothing can come of it any more. */
export function settleCall(world: World, call: Call): void {
  if (call.phase === 'over' || call.phase === 'connected') return
  // A leg that is gone stays gone; a page has thousands of them.
  while (call.legs[call.goneUpTo]?.state === 'gone') call.goneUpTo++
  if (call.goneUpTo < call.legs.length) return
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
  note(
    world,
    { flow: call.flow.number, place: callManagerOf(call.callerNode), carrier: 'SIP' },
    `hunts on to ${number}`,
    legs.length === 0 ? 'nobody signed in there' : 'next member',
    'info',
    'SEC-04',
  )
  for (const leg of legs) startLeg(world, leg, howToReach(world, leg))
  settleCall(world, call)
}

/** What a failed node was processing ends there: its legs are gone, and so are the calls of its callers. */
export function nodeWentDown(world: World, node: LabNode): void {
  for (const call of world.calls) {
    if (call.phase === 'connected') continue // the media stream goes on between the two phones
    if (call.callerNode === node.id) {
      callerLost(world, call, `${node.id} went down with the caller's side of the call`)
      continue
    }
    for (const leg of call.legs) {
      if (leg.node !== node.id || leg.state === 'gone') continue
      const text =
        leg.state === 'held' ? `${node.id} went down while it held the INVITE` : `${node.id} went down while it processed the call`
      unhold(world, leg)
      endMobility(world, leg, false)
      world.flows.blame(call.flow, text, 'FO-02', world.log.total - 1)
      legGone(leg, text, 'FO-02')
    }
    settleCall(world, call)
  }
}
