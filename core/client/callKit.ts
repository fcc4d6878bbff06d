/**
 * What iOS demands for a VoIP push since iOS 13: the app reports a call to CallKit. An app that does not is ended, and after
 * some times it is launched for VoIP pushes no more (APNS-11).
 */
import type { Push } from '../pushBook.ts'
import { pushNotProcessed } from '../serviceability/apnsAlarm.ts'
import { note, type World } from '../world.ts'
import { settle } from './attention.ts'
import { isSuspended, type Device } from './device.ts'

/** Failures after which iOS launches the app no more, unless a lab says otherwise; modelled, Apple names no number. */
export const FAILURES_ALLOWED = 3

const under = (world: World, device: Device, push: Push): boolean =>
  device.os === 'ios' && push.path === 'cloud' && push.pushType === 'voip' && world.gateFor(device).ios13

/** Whether iOS launches this app for VoIP pushes; again when its user has opened it (modelled). */
export const voipStopped = (device: Device): boolean => device.voipFailures >= device.voipFailuresAllowed

const place = (device: Device, push: Push) => ({ flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id })

function failed(world: World, device: Device, push: Push, reason: string, why: string, seq: number): void {
  const flow = world.flows.get(push.flow)
  if (flow) world.flows.blame(flow, `${device.label}: ${reason}`, why, seq)
  world.pushes.move(push, 'failed', reason)
}

/** Keeps back a push for an app that iOS launches no more; true when it did. */
export function keptBack(world: World, device: Device, push: Push): boolean {
  if (!voipStopped(device) || !isSuspended(device) || !under(world, device, push)) return false
  const outcome = `${device.voipFailures} pushes brought no call: iOS launches the app for none, until its user opens it`
  const { seq } = note(world, place(device, push), 'VoIP push not given to the app', outcome, 'fail', 'APNS-11')
  failed(world, device, push, 'iOS no longer launches the app for VoIP pushes', 'APNS-11', seq)
  return true
}

/** A VoIP push that this app will not report as a call, because a fault has it so. */
export const staysSilent = (world: World, device: Device, push: Push): boolean =>
  !device.reportsCalls && isSuspended(device) && under(world, device, push)

/**
 * The app is started for a push that it can make nothing of, and says so when it is up; then iOS ends it, if that is its rule.
 * Whatever else wakes the app meanwhile goes on.
 */
export function launchInVain(world: World, device: Device, push: Push, message: string, outcome: string, why: string): void {
  const starts = isSuspended(device) && device.call === null && device.awakeFor === null
  const finish = (): void => {
    if (world.deleted.has(device.id)) return
    const idle = starts && device.awakeFor === push.flow
    if (idle) device.awakeFor = null
    const { seq } = note(world, place(device, push), message, outcome, 'fail', why)
    failed(world, device, push, `${message}: ${outcome}`, why, seq)
    pushNotProcessed(world, device, push, seq)
    if (idle && under(world, device, push)) endedByIos(world, device, push)
    world.touch('device', device.id)
  }
  if (!starts) return finish()
  const what = device.os === 'ios' ? 'VoIP push' : 'high-priority push'
  note(world, place(device, push), 'app starts in the background', `for a ${what}`, 'info', device.os === 'ios' ? 'APNS-11' : 'AND-02')
  device.awakeFor = push.flow
  world.clock.schedule(device.wakeMs, finish, `${device.label} starts the app`, 'arrival')
}

function endedByIos(world: World, device: Device, push: Push): void {
  device.voipFailures++
  device.app = 'killed'
  const times = `${device.voipFailures} of ${device.voipFailuresAllowed}`
  const then = voipStopped(device) ? '; no further VoIP push launches it' : ''
  note(world, place(device, push), 'no call reported to CallKit', `iOS ends the app: ${times}${then}`, 'fail', 'APNS-11')
  settle(world, device, push.flow)
}
