/**
 * What a phone does with the pushes that reach it. The client's release and platform decide what its user
 * sees (CALL-10, CALL-11, CN-01, AND-02).
 */
import type { CallScreen } from '../contract/rows.ts'
import type { Push } from '../pushBook.ts'
import { noMoreUnprocessed } from '../serviceability/apnsAlarm.ts'
import { note, type World } from '../world.ts'
import { settle, showApp } from './attention.ts'
import { addBanner, notShown } from './banner.ts'
import { keptBack, launchInVain, staysSilent } from './callKit.ts'
import { isSuspended, type Device, type Experience, stopWaiting } from './device.ts'
import { providerPushArrives } from './providerPush.ts'
import { register } from './registration.ts'
import { ringHabit, tapHabit } from './habits.ts'

/** Untapped, a toast is worth nothing after this long: the call is dropped then (CN-02). */
export const TOAST_MS = 13_000

/** A woken client that is registered but gets no INVITE within this long knows that the call is over. */
export const INVITE_WAIT_MS = 3_000

/** A client that got no INVITE this long after its push gives up by itself, should the second push be lost (CALL-04). */
export const GIVE_UP_MS = TOAST_MS + INVITE_WAIT_MS

/** The client's and its system's releases select what its user experiences; the server has no say (CALL-12). */
export function experienceOf(world: World, device: Device): Experience {
  if (device.os === 'android') return 'call screen'
  const gate = world.gateFor(device)
  if (device.reportedRegion === 'mainland-china' && gate.on.has('chinaRegion')) return 'toast'
  if (!gate.ios13) return 'app opens'
  return gate.jabber129 ? 'CallKit' : 'app registers'
}

/** A push arrives from the platform cloud. */
export function pushAtDevice(world: World, device: Device, push: Push): void {
  device.pushes++
  world.touch('device', device.id)
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  if (device.seenPushes.has(push.id)) {
    note(world, at, 'push received twice', 'dropped: this tracking ID was seen before', 'info', 'DEC-15')
    return
  }
  device.seenPushes.add(push.id)
  if (keptBack(world, device, push)) return
  if (staysSilent(world, device, push)) return launchInVain(world, device, push, 'app reports no call', 'a fault has it so', 'APNS-11')
  const fields = push.path === 'local' ? { ...push.fields } : unseal(world, device, push)
  if (!fields) {
    if (push.provider) return providerPushArrives(world, device, push)
    return launchInVain(world, device, push, 'push cannot be opened', 'no key of this client fits', 'SEC-01')
  }
  if (device.os === 'ios' && push.path === 'cloud' && device.reportsCalls)
    noMoreUnprocessed(world, device, `${device.label} processed a push again`)
  switch (push.provider ? fields['purpose'] : push.purpose) {
    case 'incoming call':
      return incomingCall(world, device, push, fields)
    case 'missed call':
      return callEndedByPush(world, device, push, fields, false)
    case 'answered elsewhere':
      return callEndedByPush(world, device, push, fields, true)
    default:
      return messageArrives(world, device, push, fields)
  }
}

/** Its user is told of this call now, and not again by whatever else comes of it (DEC-07). */
export function callSeen(device: Device, flow: number): void {
  device.seenCalls.add(flow)
}

type Fields = { [name: string]: string }

function unseal(world: World, device: Device, push: Push): Fields | null {
  for (const { key } of device.keys) {
    const text = world.sealer.open(key, push.payload)
    if (text !== null) return JSON.parse(text) as Fields
  }
  return null
}

function incomingCall(world: World, device: Device, push: Push, fields: Fields): void {
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  if (device.call?.flow === push.flow || (!isSuspended(device) && device.registration?.connected)) {
    world.pushes.move(push, 'superseded', 'the call is set up over SIP; the push has no part in it')
    note(world, at, 'push not used', 'the app is in foreground: the call comes over SIP', 'info', 'CH-04')
    return
  }
  if (device.seenCalls.has(push.flow)) {
    world.pushes.move(push, 'superseded', 'the client knows this call already')
    note(world, at, 'push not used', 'its user was told of this call before: one call rings once', 'info', 'DEC-07')
    return
  }
  if (device.call !== null) {
    world.pushes.move(push, 'superseded', 'the phone is in another call')
    note(world, at, 'push not used', 'busy with another call', 'info', 'CALL-01')
    return
  }
  if (device.missedFlows.has(push.flow)) {
    world.pushes.move(push, 'superseded', 'a later push already said that the call is over')
    note(world, at, 'push comes too late', 'the call is already over', 'warn', 'CALL-04')
    return
  }
  callSeen(device, push.flow)
  const name = fields['displayName'] ?? ''
  const number = fields['displayNumber'] ?? ''
  const node = fields['node'] ?? null
  const experience = experienceOf(world, device)
  switch (experience) {
    case 'toast':
      return showToast(world, device, push, name, number)
    case 'CallKit': {
      device.screenOn = true
      device.call = callScreen(world, device, push.flow, 'CallKit', name, number)
      device.callPush = push
      world.pushes.move(push, 'shown')
      const who = name === '' && number === '' ? 'no caller ID in this release' : `${name} ${number}`.trim()
      note(
        world,
        at,
        `CallKit: ${who}`,
        device.locked ? 'shown over the lock screen as a video call' : 'shown as an incoming-call notification, as a video call',
        'ok',
        name === '' && number === '' ? 'CALL-07' : 'CH-07',
      )
      ringHabit(world, device)
      break
    }
    case 'app opens':
    case 'app registers': {
      showApp(device)
      device.callPush = push
      world.pushes.move(push, 'shown')
      const outcome = `${device.locked ? 'over the lock screen' : 'by itself'}; the call follows over SIP`
      const [message, why] =
        experience === 'app opens' ? ['app returns to the foreground', 'CH-06'] : ['Jabber comes up and registers', 'CALL-11']
      note(world, at, message, outcome, 'ok', why)
      if (device.im && !device.im.connected && !isSuspended(device)) world.receivers.imResume(device, push.flow)
      break
    }
    case 'call screen':
      device.callPush = push
      world.pushes.move(push, 'shown')
      note(world, at, 'app starts in the background', 'the call follows over SIP', 'ok', 'AND-02')
      break
  }
  wake(world, device, push.flow, node)
  giveUpLater(world, device, push.flow)
}

function callScreen(world: World, device: Device, flow: number, style: CallScreen['style'], name: string, number: string): CallScreen {
  return {
    style,
    flow,
    direction: 'incoming',
    name,
    number,
    video: style === 'CallKit', // CALL-09
    state: 'ringing',
    since: world.clock.now(),
    canAnswer: true,
    canDecline: true,
    overLockScreen: device.locked,
  }
}

/** The app starts, registers (at the node named in the push when there is one) and waits for its INVITE. */
export function wake(world: World, device: Device, flow: number, node: string | null): void {
  device.awakeFor = flow
  world.touch('device', device.id)
  world.clock.schedule(
    device.wakeMs,
    () => {
      if (device.awakeFor !== flow) return
      register(world, device, flow, node, (registered) => {
        if (registered !== null) expectInvite(world, device, flow)
      })
    },
    `${device.label} starts the app`,
    'arrival',
  )
}

/** Whatever became of the call, no call screen and no toast stays for ever. */
function giveUpLater(world: World, device: Device, flow: number): void {
  const timer = world.clock.schedule(
    GIVE_UP_MS,
    () => {
      const waits = device.awakeFor === flow && device.leg?.call.flow.number !== flow
      const toast = device.banners.some((banner) => banner.kind === 'call toast' && banner.flow === flow)
      if (!waits && !toast) return
      note(world, { flow, place: device.id, carrier: 'device' }, 'no INVITE came', 'and no push said how the call ended', 'warn', 'CALL-04')
      missed(world, device, flow, device.call?.name ?? '', device.call?.number ?? '')
      endCallOnDevice(world, device, flow)
    },
    'no word about the call',
  )
  device.waits.push({ flow, timer })
}

function expectInvite(world: World, device: Device, flow: number): void {
  const timer = world.clock.schedule(
    INVITE_WAIT_MS,
    () => {
      if (device.awakeFor !== flow || device.leg !== null) return
      note(world, { flow, place: device.id, carrier: 'device' }, 'no INVITE came', 'the call is already over', 'warn', 'CALL-04')
      missed(world, device, flow, device.call?.name ?? '', device.call?.number ?? '')
      endCallOnDevice(world, device, flow)
    },
    'wait for INVITE',
  )
  device.waits.push({ flow, timer })
}

function showToast(world: World, device: Device, push: Push, name: string, number: string): void {
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  if (!device.notificationsAllowed) return notShown(world, device, push)
  device.screenOn = true
  const deadlineAt = push.createdAt + TOAST_MS
  addBanner(world, device, {
    kind: 'call toast',
    title: `Call from ${name === '' ? number : name}`,
    text: number,
    deadlineAt,
    flow: push.flow,
    push,
  })
  world.pushes.move(push, 'shown')
  note(
    world,
    at,
    `message toast: ${name} ${number}`.trim(),
    `no CallKit in Mainland China; tap within ${((deadlineAt - world.clock.now()) / 1000).toFixed(1)} s`,
    'wait',
    'CN-01',
  )
  tapHabit(world, device)
  giveUpLater(world, device, push.flow)
}

/** A second push says how the call ended: nobody answered, or somebody did elsewhere (CALL-04, CALL-05). */
function callEndedByPush(world: World, device: Device, push: Push, fields: Fields, elsewhere: boolean): void {
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  const call = Number(fields['call'] ?? push.flow)
  const connected = device.call?.flow === call && device.call.state === 'active'
  if (connected) {
    world.pushes.move(push, 'superseded', 'this device has the call')
    return
  }
  const name = fields['displayName'] ?? ''
  const number = fields['displayNumber'] ?? ''
  const viaToast = push.pushType === 'alert' // CN-05
  if (viaToast && !device.notificationsAllowed) {
    endCallOnDevice(world, device, call)
    return notShown(world, device, push)
  }
  const hadScreen = device.call?.flow === call
  endCallOnDevice(world, device, call)
  if (elsewhere) {
    const fresh = answeredElsewhere(world, device, call, name, number)
    const outcome = `no missed call is listed${fresh ? '' : ', it was told before'}`
    note(world, at, 'answered elsewhere', hadScreen ? `call screen closes, ${outcome}` : outcome, 'ok', 'CALL-05')
  } else {
    const fresh = missed(world, device, call, name, number)
    note(
      world,
      at,
      'missed call',
      fresh ? (hadScreen ? 'call screen closes, missed call listed' : 'missed call listed') : 'already listed',
      'ok',
      viaToast ? 'CN-02' : 'CALL-04',
    )
  }
  world.pushes.move(push, 'shown')
}

function messageArrives(world: World, device: Device, push: Push, fields: Fields): void {
  const at = { flow: push.flow, place: device.id, carrier: 'device' as const, tracking: push.id }
  if (!isSuspended(device)) {
    world.pushes.move(push, 'superseded', 'the app is in foreground: the message comes over XMPP')
    return
  }
  if (!device.notificationsAllowed) return notShown(world, device, push)
  addBanner(world, device, {
    kind: 'message',
    title: fields['displayName'] ?? 'New message',
    text: fields['text'] ?? '',
    deadlineAt: null,
    flow: push.flow,
    push,
  })
  world.pushes.move(push, 'shown')
  note(world, at, 'message notification', 'shown; nothing else moves until the tap', 'wait', 'CH-08')
  tapHabit(world, device)
}

/** Lists a missed call once per call; false when it was listed before. */
export function missed(world: World, device: Device, flow: number, name: string, number: string): boolean {
  if (device.missedFlows.has(flow)) return false
  device.missedFlows.add(flow)
  device.missedCalls++
  addBanner(world, device, {
    kind: 'missed call',
    title: 'Missed call',
    text: name === '' ? number : `${name} ${number}`.trim(),
    deadlineAt: null,
    flow,
    push: null,
  })
  return true
}

/** Tells once per call that somebody else has it; false when that was told before (CALL-05). */
export function answeredElsewhere(world: World, device: Device, flow: number, name: string, number: string): boolean {
  if (device.missedFlows.has(flow)) return false
  device.missedFlows.add(flow)
  addBanner(world, device, {
    kind: 'answered elsewhere',
    title: 'Answered on another device',
    text: name === '' ? number : name,
    deadlineAt: null,
    flow,
    push: null,
  })
  return true
}

/** The call is over on this device: screen and toast go, and a client that was only woken sleeps again. */
export function endCallOnDevice(world: World, device: Device, flow: number): void {
  stopWaiting(device, flow)
  if (device.call?.flow === flow) {
    device.call = null
    device.leg = null
    device.choice = null
    device.callPush = null
    device.placed = null
  }
  if (device.leg?.call.flow.number === flow) device.leg = null
  if (device.banners.length > 0) device.banners = device.banners.filter((banner) => !(banner.kind === 'call toast' && banner.flow === flow))
  if (device.awakeFor === flow) device.awakeFor = null
  settle(world, device, flow)
}
