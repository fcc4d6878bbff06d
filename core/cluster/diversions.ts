/** Voicemail, single number reach and Mobility: what may take a call before the phone wakes (CALL-15, CALL-16). */
import { callManagerOf } from '../client/sip.ts'
import { note, type LabNode, type World } from '../world.ts'
import type { Call, Leg } from './call.ts'
import { finish, release } from './callEnd.ts'
import { toCaller } from './callerSide.ts'
import { endMobility } from './deadlines.ts'

/** Advised minima: shorter timers take the call before the phone wakes (CALL-15). */
export const VOICEMAIL_MIN_MS = 25_000
export const SNR_MIN_MS = 13_000

export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(3)} s`

export const divertible = (world: World, call: Call): boolean => {
  const user = world.directory.ownerOfNumber.get(call.dialed)
  return user?.voicemail !== undefined || user?.singleNumberReach !== undefined
}

/** Timers that may take the call away before the phone wakes (CALL-15). */
export function startDiversions(world: World, node: LabNode, call: Call): void {
  const user = world.directory.ownerOfNumber.get(call.dialed)
  if (!user) return
  const place = callManagerOf(node.id)
  const { voicemail, singleNumberReach } = user
  if (voicemail) {
    const bar = world.flows.startTimer(call.flow, 'voicemail No Answer Ring Duration', place, voicemail.noAnswerRingMs, 'CALL-15')
    call.otherBars.push(bar)
    call.otherTimers.push(
      world.clock.schedule(
        voicemail.noAnswerRingMs,
        () => {
          world.flows.endTimer(call.flow, bar, true)
          divert(
            world,
            call,
            node.id,
            'voicemail',
            `No Answer Ring Duration of ${seconds(voicemail.noAnswerRingMs)} is over`,
            voicemail.noAnswerRingMs < VOICEMAIL_MIN_MS,
          )
        },
        'voicemail',
      ),
    )
  }
  if (singleNumberReach) {
    const bar = world.flows.startTimer(call.flow, 'single number reach wait', place, singleNumberReach.waitMs, 'CALL-15')
    call.otherBars.push(bar)
    call.otherTimers.push(
      world.clock.schedule(
        singleNumberReach.waitMs,
        () => {
          world.flows.endTimer(call.flow, bar, true)
          // Once a device rings both ring and the user chooses; before that the other number takes the call.
          if (call.legs.some((leg) => leg.state === 'ringing')) return
          divert(
            world,
            call,
            node.id,
            `single number reach ${singleNumberReach.number}`,
            `wait of ${seconds(singleNumberReach.waitMs)} is over and no device rings`,
            singleNumberReach.waitMs < SNR_MIN_MS,
          )
        },
        'single number reach',
      ),
    )
  }
}

function divert(world: World, call: Call, nodeId: string, target: string, because: string, tooEarly: boolean, why = 'CALL-15'): void {
  if (call.phase === 'over' || call.phase === 'connected') return
  const event = note(
    world,
    { flow: call.flow.number, place: callManagerOf(nodeId), carrier: 'SIP' },
    `call goes to ${target}`,
    because,
    tooEarly ? 'warn' : 'info',
    why,
  )
  if (tooEarly) world.flows.blame(call.flow, `${target} took the call before the phone could wake: ${because}`, 'CALL-15', event.seq)
  const flow = call.flow.number
  finish(world, call, 'diverted')
  toCaller(world, call, nodeId, '200 OK', { type: '200', flow })
  for (const leg of call.legs) release(world, leg, target !== 'voicemail')
}

/** The wait timer ended without a registration: the Mobility Identity is called instead (CALL-16). */
export function callMobilityIdentity(world: World, leg: Leg, number: string): void {
  if (leg.state !== 'held') return
  endMobility(world, leg, true)
  world.counters.callManager(leg.node, 'MobilityPushNotificationCallsExtendedToMIDueToTimeout')
  const { call } = leg
  if (call.legs.some((other) => other !== leg && other.state !== 'gone')) {
    // On a shared line the other devices go on ringing beside the Mobility Identity.
    const at = { flow: call.flow.number, place: callManagerOf(leg.node), carrier: 'SIP' as const }
    note(world, at, `call goes to Mobility Identity ${number}`, 'the other devices of the line go on', 'info', 'CALL-16')
    release(world, leg, true)
    return
  }
  divert(
    world,
    leg.call,
    leg.node,
    `Mobility Identity ${number}`,
    'the client has not registered when the push wait timer ended',
    false,
    'CALL-16',
  )
}
