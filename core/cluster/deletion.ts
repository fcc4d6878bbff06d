/**
 * A device, or an end user with all devices, is deleted while the lab runs: whatever waited for it ends, and says
 * so. The other side of its calls is told as if the phone had gone away.
 */
import { stopWaiting, type Device } from '../client/device.ts'
import { stopRegistering } from '../client/registration.ts'
import { toDevice } from '../client/sip.ts'
import { retireToken } from '../cloud/platform.ts'
import type { ScenarioUser } from '../contract/scenario.ts'
import { endLocalPush, type EndCause } from '../lpns/end.ts'
import { forgetClient } from '../presence/sessions.ts'
import type { World } from '../world.ts'
import type { Call, Leg } from './call.ts'
import { callerLost, finish } from './callEnd.ts'
import { betweenNodes, toCaller } from './callerSide.ts'
import { endMobility, legGone, stopDiversions, unhold } from './deadlines.ts'
import { settleCall } from './legs.ts'

const WHY = 'LPNS-18'

export function deleteDevice(world: World, device: Device, cause: Exclude<EndCause, 'logged off'>): void {
  device.signedIn = false
  endLocalPush(world, device, cause)
  world.devices.delete(device.id)
  world.hosts.delete(device.id)
  world.deleted.add(device.id)
  leaveOwner(world, device)
  leaveLines(world, device)
  const text = `${device.label} was deleted`
  for (const call of world.calls) leaveCall(world, call, device, text)
  for (const { flow } of device.waits) stopWaiting(device, flow)
  for (const push of world.pushes.all()) if (push.device === device.id) world.pushes.move(push, 'failed', text)
  world.storedPushes.delete(device.id)
  world.fcmStored.take(device.id, world.clock.now())
  if (device.im) world.touch('node', device.im.node)
  forgetClient(world, device, text)
  retireToken(world, device)
  clearState(device)
  stopRegistering(world, device)
  for (const { name, node, subject, clearedAt } of world.alarms.all())
    if (subject === device.id && clearedAt === null) world.alarms.clear(name, node, text, subject)
  for (const { id, fault } of world.faults.all()) if (fault.on === device.id) world.faults.remove(id)
  world.touch('device', device.id)
  world.touch('session', device.id)
}

/** The user leaves the directory with number, voicemail and single number reach, and takes all devices along. */
export function deleteUser(world: World, user: ScenarioUser): void {
  const { users, order, ownerOfNumber, lines } = world.directory
  users.delete(user.id)
  order.delete(user.id)
  if (ownerOfNumber.get(user.number)?.id === user.id) {
    const heir = [...users.values()].find((other) => other.number === user.number)
    if (heir) ownerOfNumber.set(user.number, heir)
    else ownerOfNumber.delete(user.number)
  }
  const diverted = [...world.calls].filter((call) => call.dialed === user.number && call.otherTimers.length > 0)
  for (const call of diverted) stopDiversions(world, call)
  for (const device of world.directory.devicesOf.get(user.id) ?? []) deleteDevice(world, device, 'user deleted')
  for (const call of diverted) settleCall(world, call)
  if (lines.get(user.number)?.length === 0) lines.delete(user.number)
}

function leaveOwner(world: World, device: Device): void {
  const { devicesOf } = world.directory
  const rest = (devicesOf.get(device.owner) ?? []).filter((other) => other !== device)
  if (rest.length > 0) devicesOf.set(device.owner, rest)
  else devicesOf.delete(device.owner)
}

/** A number stays known while somebody owns it, with or without a phone. */
function leaveLines(world: World, device: Device): void {
  const { lines, ownerOfNumber } = world.directory
  for (const line of device.lines) {
    const rest = (lines.get(line) ?? []).filter((other) => other !== device)
    if (rest.length > 0 || ownerOfNumber.has(line)) lines.set(line, rest)
    else lines.delete(line)
  }
}

function leaveCall(world: World, call: Call, device: Device, text: string): void {
  const flow = call.flow.number
  const { answeredBy } = call
  if (call.phase === 'connected' && answeredBy) {
    if (call.caller === device) {
      finish(world, call, 'ended')
      betweenNodes(world, flow, call.callerNode, answeredBy.node, 'BYE for the called device', () =>
        toDevice(world, answeredBy.node, answeredBy.device, { flow, message: 'BYE' }, { type: 'BYE', flow }),
      )
    } else if (answeredBy.device === device) {
      finish(world, call, 'ended')
      toCaller(world, call, answeredBy.node, 'BYE', { type: 'BYE', flow })
    }
    return
  }
  if (call.caller === device) return callerLost(world, call, text, WHY)
  const legs = call.legs.filter((leg) => leg.device === device && leg.state !== 'gone')
  for (const leg of legs) leave(world, leg, text)
  if (legs.length > 0) settleCall(world, call)
}

/** Nobody is there to be told: no CANCEL and no second push. */
function leave(world: World, leg: Leg, text: string): void {
  unhold(world, leg)
  endMobility(world, leg, false)
  leg.inviteTimer?.cancel()
  world.flows.blame(leg.call.flow, text, WHY, world.log.total - 1)
  legGone(leg, text, WHY)
}

/** What is still on its way to this phone finds nothing that could take it up again. */
function clearState(device: Device): void {
  device.registration = null
  device.subscription = null
  device.token = ''
  device.keys = []
  device.call = null
  device.leg = null
  device.placed = null
  device.choice = null
  device.callPush = null
  device.awakeFor = null
  device.banners = []
}
