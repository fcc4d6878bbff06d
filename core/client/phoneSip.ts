/** What a client does with SIP messages from CallManager, as called and as calling party. */
import type { CallScreen } from '../contract/rows.ts'
import type { Leg, SipToDevice } from '../cluster/call.ts'
import { shownTo } from '../cluster/identity.ts'
import { nodeOf } from '../cluster/nodes.ts'
import { note, tell, type Hop, type World } from '../world.ts'
import { registeredForLocalPush } from '../lpns/client.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import { isSuspended, type Device, stopWaiting } from './device.ts'
import { ringHabit } from './habits.ts'
import { answeredElsewhere, callSeen, endCallOnDevice, experienceOf, missed } from './phone.ts'
import { toCallManager } from './sip.ts'

/** A phone that rings and hears nothing more stops by itself, as INVITEs expire (RFC 3261, timer C). */
export const RING_LIMIT_MS = 180_000

/** A client whose 200 OK is not confirmed gives up after this long (RFC 3261, timer H). */
export const ANSWER_WAIT_MS = 32_000

export function sipAtDevice(world: World, device: Device, message: SipToDevice, hop: Hop): void {
  world.touch('device', device.id)
  switch (message.type) {
    case 'registered':
      tell(world, hop, `registered to ${message.node}`, 'ok', 'CH-01')
      device.registerAnswered?.(message.node)
      registeredForLocalPush(world, device)
      settlePushSession(world, device)
      return
    case 'INVITE':
      return invited(world, device, message, hop)
    case 'CANCEL':
      return cancelled(world, device, message.leg, message.completedElsewhere, hop)
    case 'BYE':
      tell(world, hop, 'call ends', 'ok', 'CALL-01')
      endCallOnDevice(world, device, message.flow)
      return
    case '180':
      tell(
        world,
        hop,
        message.byServer ? 'caller hears ring-back from Unified CM' : 'caller hears ring-back',
        'ok',
        message.byServer ? 'CALL-02' : 'CALL-01',
      )
      if (device.call?.flow === message.flow && device.call.state === 'dialing') device.call = { ...device.call, state: 'ring-back' }
      return
    case '200':
      tell(world, hop, 'connected', 'ok', 'CALL-01')
      if (device.call?.flow === message.flow) device.call = { ...device.call, state: 'active', since: world.clock.now() }
      return
    case 'refusal':
      tell(world, hop, `call not connected: ${message.text}`, 'fail', 'CALL-01')
      if (device.call?.flow === message.flow) endCallOnDevice(world, device, message.flow)
      return
  }
}

/** The INVITE is here: this is the instant a call is really at the device. */
function invited(world: World, device: Device, message: Extract<SipToDevice, { type: 'INVITE' }>, hop: Hop): void {
  const { leg } = message
  const flow = leg.call.flow.number
  if (device.call !== null && device.call.flow !== flow) {
    tell(world, hop, 'busy with another call', 'fail', 'CALL-01')
    return refuse(world, device, leg, '486 Busy Here')
  }
  tell(world, hop, 'INVITE at the client', 'ok', whyInvited(world, device, leg))
  callSeen(device, flow)
  stopWaiting(device, flow)
  device.leg = leg
  device.awakeFor = isSuspended(device) ? flow : device.awakeFor
  if (device.callPush) {
    world.pushes.move(device.callPush, 'used', 'the client registered and got its INVITE')
    device.callPush = null
  }
  if (device.banners.length > 0) device.banners = device.banners.filter((banner) => !(banner.kind === 'call toast' && banner.flow === flow))
  if (device.choice === 'decline') return refuse(world, device, leg, '603 Decline')
  const fresh = device.call === null
  if (fresh) {
    const style = styleOf(world, device)
    device.call = {
      style,
      flow,
      direction: 'incoming',
      name: message.name,
      number: message.number,
      video: message.video || style === 'CallKit', // CALL-09
      state: 'ringing',
      since: world.clock.now(),
      canAnswer: true,
      canDecline: true,
      overLockScreen: device.locked,
    }
    if (device.os !== 'desktop') device.screenOn = true
  } else if (device.call && device.call.name === '' && device.call.number === '') {
    device.call = { ...device.call, name: message.name, number: message.number }
  }
  if (device.choice === 'answer') return accept(world, device, leg)
  ringAtMost(world, device, leg)
  toCallManager(
    world,
    device,
    nodeOf(world, leg.node),
    {
      flow,
      message: '180 Ringing',
    },
    { type: '180', leg },
  )
  if (fresh) ringHabit(world, device)
}

function ringAtMost(world: World, device: Device, leg: Leg): void {
  const flow = leg.call.flow.number
  const timer = world.clock.schedule(
    RING_LIMIT_MS,
    () => {
      if (device.call?.flow !== flow || device.call.state !== 'ringing') return
      note(
        world,
        { flow, place: device.id, carrier: 'device' },
        'stops ringing',
        `nothing more was heard of the call for ${RING_LIMIT_MS / 60_000} min`,
        'warn',
        'CALL-04',
      )
      const { name, number } = device.call
      endCallOnDevice(world, device, flow)
      missed(world, device, flow, name, number)
    },
    'ring limit',
  )
  device.waits.push({ flow, timer })
}

/** The rule behind the INVITE: plain SIP, or what followed the push on this client. */
function whyInvited(world: World, device: Device, leg: Leg): string {
  if (!leg.suspended) return isSuspended(device) ? 'AND-03' : 'CH-04'
  switch (experienceOf(world, device)) {
    case 'CallKit':
      return 'CH-07'
    case 'app opens':
      return 'CH-06'
    case 'app registers':
      return 'CALL-11'
    case 'call screen':
      return 'AND-02'
    case 'toast':
      return 'CN-01'
  }
}

/** An iOS client that knows CallKit reports every call to it, in foreground too (DEC-07). */
function styleOf(world: World, device: Device): CallScreen['style'] {
  if (device.client === 'deskphone') return 'desk phone'
  if (device.os === 'android') return 'call screen'
  return device.os === 'ios' && experienceOf(world, device) === 'CallKit' ? 'CallKit' : 'in-app'
}

function cancelled(world: World, device: Device, leg: Leg, elsewhere: boolean, hop: Hop): void {
  const { flow } = leg.call
  const here = device.call?.flow === flow.number || device.leg === leg
  tell(
    world,
    hop,
    here ? (elsewhere ? 'answered elsewhere, stops ringing' : 'stops ringing') : 'already over here',
    'ok',
    elsewhere ? 'CALL-05' : 'CALL-04',
  )
  if (!here) return
  const { name, number } = shownTo(world, leg.call, device)
  endCallOnDevice(world, device, flow.number)
  if (!elsewhere) missed(world, device, flow.number, name, number)
  else if (device.client !== 'deskphone') answeredElsewhere(world, device, flow.number, name, number)
}

/** 200 OK for the INVITE that is here. */
export function accept(world: World, device: Device, leg: Leg): void {
  if (device.call) device.call = { ...device.call, state: 'connecting', canAnswer: false, canDecline: false }
  if (device.im && !device.im.connected && !isSuspended(device)) world.receivers.imResume(device, leg.call.flow.number)
  device.awakeFor = leg.call.flow.number
  world.touch('device', device.id)
  toCallManager(
    world,
    device,
    nodeOf(world, leg.node),
    {
      flow: leg.call.flow.number,
      message: '200 OK',
    },
    { type: '200', leg },
    () => endCallOnDevice(world, device, leg.call.flow.number),
  )
  const timer = world.clock.schedule(
    ANSWER_WAIT_MS,
    () => {
      if (device.leg !== leg || device.call?.state !== 'connecting') return
      note(
        world,
        { flow: leg.call.flow.number, place: device.id, carrier: 'device' },
        'call lost',
        'Unified CM did not confirm the answer',
        'fail',
        'CALL-01',
      )
      endCallOnDevice(world, device, leg.call.flow.number)
    },
    'wait for the answer to be confirmed',
  )
  device.waits.push({ flow: leg.call.flow.number, timer })
}

export function refuse(world: World, device: Device, leg: Leg, status: '603 Decline' | '486 Busy Here'): void {
  const { flow } = leg.call
  toCallManager(
    world,
    device,
    nodeOf(world, leg.node),
    {
      flow: flow.number,
      message: status,
    },
    { type: '603', leg },
  )
  if (status === '603 Decline') endCallOnDevice(world, device, flow.number)
}
