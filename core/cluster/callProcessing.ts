/**
 * Call processing of Unified CM for push clients: the INVITE is held while a push wakes the client, and
 * offered over SIP once it has registered. Two deadlines run from the first push: ring-back after 5 s,
 * drop after 13 s (CALL-02, CALL-03).
 */
import { stopWaiting, type Device } from '../client/device.ts'
import { toDevice } from '../client/sip.ts'
import { tell, type Hop, type LabNode, type World } from '../world.ts'
import type { Call, Leg, Presentation, SipToCallManager } from './call.ts'
import { endUnanswered, finish, release } from './callEnd.ts'
import { betweenNodes, ringToCaller, toCaller } from './callerSide.ts'
import { DROP_MS, endRingback, legGone, stopDiversions, unhold } from './deadlines.ts'
import { divertible, seconds, startDiversions } from './diversions.ts'
import { howToReach, legsFor, legsForAll, settleCall, startLeg, type Reach } from './legs.ts'
import { CALLMANAGER, isRunning } from './nodes.ts'
import { registered } from './registrar.ts'

export function sipAtCallManager(world: World, node: LabNode, message: SipToCallManager, hop: Hop): void {
  if (!isRunning(node, CALLMANAGER)) {
    // It ran when this left its sender; now nobody is there to take it.
    tell(world, hop, node.state === 'up' ? `CallManager does not run on ${node.id}` : `${node.id} is ${node.state}`, 'lost', 'FO-02')
    return
  }
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

/** Places a call. `flow` is made by the caller of this function, so that it can be answered at once. */
export function newCall(world: World, caller: Device, callerNode: string, dialed: string, video: boolean, page: Call['page'] = null): Call {
  const owner = world.directory.users.get(caller.owner)
  const number = caller.lines[0] ?? ''
  const identity: Presentation = { name: owner?.name ?? caller.ownerName, number }
  const title = page ? `Page ${identity.name} → all phones` : `Call ${identity.name} → ${nameOfNumber(world, dialed)}`
  const flow = world.flows.start('call', title, caller.id, dialed, world.log.total)
  const call: Call = {
    flow,
    caller,
    callerNode,
    dialed,
    video,
    identity,
    external: owner?.externalPresentation ?? null,
    pilot: null,
    page,
    goneUpTo: 0,
    huntRest: [],
    legs: [],
    phase: 'setup',
    t0: null,
    ringbackTimer: null,
    ringbackBar: null,
    otherTimers: [],
    otherBars: [],
    arrivalTimer: null,
    answeredBy: null,
  }
  flow.call = { identity, shown: new Map(), dialed, video }
  world.calls.add(call)
  return call
}

function nameOfNumber(world: World, number: string): string {
  const pilot = world.directory.pilots.get(number)
  if (pilot) return pilot.name
  return world.directory.ownerOfNumber.get(number)?.name ?? number
}

function callArrives(world: World, node: LabNode, call: Call, hop: Hop): void {
  call.arrivalTimer?.cancel()
  if (call.phase === 'over') {
    tell(world, hop, 'the call is already over', 'info', 'CALL-04')
    return
  }
  const pilot = world.directory.pilots.get(call.dialed)
  if (pilot) {
    call.pilot = { number: pilot.number, name: pilot.name }
    const numbers = [...pilot.members]
    const first = pilot.algorithm === 'broadcast' ? numbers.splice(0) : numbers.splice(0, 1)
    call.huntRest = numbers
    call.legs = first.flatMap((number) => legsFor(world, call, number))
  } else if (call.page) {
    call.legs = legsForAll(world, call)
  } else {
    call.legs = legsFor(world, call, call.dialed)
  }
  if (call.legs.length === 0) {
    const known = pilot !== undefined || call.page !== null || world.directory.lines.has(call.dialed)
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
  startLegs(world, call, call.legs, plans)
  settleCall(world, call)
}

/** A page goes to thousands of devices: a node extends a call to this many in a millisecond; our choice. */
export const LEGS_PER_MS = 250

function startLegs(world: World, call: Call, legs: readonly Leg[], plans: readonly Reach[]): void {
  const overMs = call.page?.overMs ?? 0
  const atOnce = overMs === 0 ? LEGS_PER_MS : Math.max(1, Math.min(LEGS_PER_MS, Math.ceil(legs.length / overMs)))
  const dueAt = (from: number): number =>
    overMs === 0 ? from / atOnce : Math.max(from / atOnce, Math.floor((from * overMs) / legs.length))
  const first = Math.min(legs.length, atOnce)
  for (let i = 0; i < first; i++) startLeg(world, legs[i] as Leg, plans[i] as Reach)
  for (let from = first; from < legs.length; from += atOnce) {
    world.clock.schedule(
      dueAt(from),
      () => {
        for (const leg of legs.slice(from, from + atOnce)) if (leg.state === 'starting') startLeg(world, leg, howToReach(world, leg))
        settleCall(world, call)
      },
      'next devices of the call',
    )
  }
}

function ringing(world: World, leg: Leg, hop: Hop): void {
  const { call } = leg
  if (call.phase === 'over' || call.phase === 'connected' || leg.state === 'gone') {
    tell(world, hop, 'the call is already decided', 'info', 'CALL-01')
    return
  }
  tell(world, hop, ringText(call, leg), 'ok', 'CALL-14')
  leg.state = 'ringing'
  leg.inviteTimer?.cancel()
  const first = call.phase === 'setup'
  endRingback(world, call, false)
  call.phase = 'alerting'
  world.flows.set(call.flow, 'ringing')
  if (first) ringToCaller(world, call, leg.node, false)
}

/** What the push path took, and what is left of the 13 s (CALL-14). */
function ringText(call: Call, leg: Leg): string {
  const { offeredAt } = call.flow
  if (!leg.suspended || call.t0 === null || offeredAt === null) return 'device rings'
  const tookMs = offeredAt - call.t0
  return `device rings; offered ${seconds(tookMs)} after the push, ${seconds(DROP_MS - tookMs)} of the 13 s left`
}

function answered(world: World, leg: Leg, hop: Hop): void {
  const { call } = leg
  if (call.phase === 'connected' || call.phase === 'over' || leg.state === 'gone') {
    tell(world, hop, 'too late: the call is already decided', 'warn', 'CALL-05')
    toDevice(world, leg.node, leg.device, { flow: call.flow.number, message: 'BYE' }, { type: 'BYE', flow: call.flow.number })
    return
  }
  tell(world, hop, `answered on ${leg.device.label}`, 'ok', 'CALL-01')
  leg.state = 'answered'
  call.phase = 'connected'
  call.answeredBy = leg
  endRingback(world, call, false)
  stopDiversions(world, call)
  call.flow.answeredAt = world.clock.now()
  world.flows.set(call.flow, 'answered')
  if (leg.device.call) {
    leg.device.call = { ...leg.device.call, state: 'active', since: world.clock.now() }
    world.touch('device', leg.device.id)
    stopWaiting(leg.device, call.flow.number)
    world.talking(leg.device)
  }
  leg.inviteTimer?.cancel()
  toCaller(world, call, leg.node, '200 OK', { type: '200', flow: call.flow.number })
  for (const other of call.legs) if (other !== leg) release(world, other, true)
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
  if (by !== call.caller || !leg) return toCaller(world, call, leg?.node ?? call.callerNode, 'BYE', { type: 'BYE', flow })
  betweenNodes(world, flow, call.callerNode, leg.node, 'BYE for the called device', () =>
    toDevice(world, leg.node, leg.device, { flow, message: 'BYE' }, { type: 'BYE', flow }),
  )
}
