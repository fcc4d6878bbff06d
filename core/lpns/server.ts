/**
 * The server of local push on one node: who may open a session, keepalives and their deadline, pushes and the
 * responses to them. The same for a connection in virtual time and for one on a real socket; `hear` writes what
 * became of the message that came in, before anything follows from it.
 */
import type { HopStatus } from '../contract/event.ts'
import type { Push } from '../pushBook.ts'
import { featureOf } from '../release/index.ts'
import { printable } from '../ladder/words.ts'
import { note, type LabNode, type World } from '../world.ts'
import { gapStarts } from './gap.ts'
import { canLocalPush, lpnsOf, lpnsOn, realSession, runsLpns, touchSession } from './places.ts'
import { announce, withdraw } from './mesh.ts'
import { CLOSE, KEEPALIVE_MS, readClientFrame, type PushFrame } from './protocol.ts'
import type { LocalAnswer, ServerLink, Session } from './types.ts'

export type Hear = (outcome: string, status: HopStatus, why: string) => void

export type Opening = { accepted: true; session: Session } | { accepted: false; status: 401 | 403 | 404 | 503; reason: string }

export type Asked = {
  device: string
  /** ID of the access token it brought; null for none, or one that nobody issued. */
  token: string | null
  link: ServerLink
}

/** The upgrade: answered with 101, or refused with an HTTP status (DEC-01). */
export function openSession(world: World, node: LabNode, asked: Asked, hear: Hear): Opening {
  const refusal = refuse(world, node, asked)
  if (refusal) {
    hear(`refused: ${refusal.reason}`, 'fail', refusal.why)
    return { accepted: false, status: refusal.status, reason: refusal.reason }
  }
  const token = world.accessTokens.get(asked.token as string)
  if (!token) throw new Error('a session is opened with a token that was just found')
  const lpns = lpnsOn(world, node.id)
  const older = lpns.sessions.get(asked.device)
  hear(older ? 'session opened, the older one is closed' : 'session opened', 'ok', 'LPNS-09')
  if (older) closeSession(world, older, CLOSE.moved, 'the client opened a newer session', 'LPNS-15')
  const now = world.clock.now()
  const deadlineAt = now + KEEPALIVE_MS + world.cluster.localPush.graceMs
  const session: Session = {
    id: world.random('local push session').hex(12),
    node: node.id,
    device: asked.device,
    link: asked.link,
    token,
    openedAt: now,
    lastKeepaliveAt: now,
    deadline: world.clock.schedule(deadlineAt - now, () => silent(world, session), 'keepalive deadline'),
    deadlineAt,
    keepalives: 0,
    pushes: 0,
    pending: null,
    alive: true,
  }
  lpns.sessions.set(asked.device, session)
  announce(world, session)
  // Wherever it was raised: the client may have come to another node since (LPNS-20, ALM-14).
  if (world.alarms.anyStands('LocalPushNotificationInvalidOAuthToken'))
    for (const each of world.cluster.nodes.keys())
      world.alarms.clear('LocalPushNotificationInvalidOAuthToken', each, `${asked.device} showed a valid token on ${node.id}`, asked.device)
  touchSession(world, asked.device, node.id)
  return { accepted: true, session }
}

/** After the upgrade: what the client may rely on. */
export function welcome(world: World, session: Session): void {
  session.link.send(
    {
      v: 1,
      type: 'welcome',
      session: session.id,
      node: session.node,
      keepaliveMs: KEEPALIVE_MS,
      graceMs: world.cluster.localPush.graceMs,
    },
    null,
  )
}

type Refusal = { status: 401 | 403 | 404 | 503; reason: string; why: string }

function refuse(world: World, node: LabNode, asked: Asked): Refusal | null {
  if (!runsLpns(node)) return { status: 503, reason: `LPNS does not run on ${node.id}`, why: 'LPNS-04' }
  const token = asked.token === null ? undefined : world.accessTokens.get(asked.token)
  if (!token) return { status: 401, reason: asked.token === null ? 'no access token' : 'unknown access token', why: 'LPNS-17' }
  if (token.endsAt <= world.clock.now()) return { status: 401, reason: 'the access token has expired', why: 'LPNS-17' }
  const device = world.devices.get(asked.device)
  if (!device) return { status: 404, reason: `there is no device ${asked.device}`, why: 'LPNS-18' }
  if (token.user !== device.owner) return { status: 403, reason: `the token belongs to another user than ${device.id}`, why: 'LPNS-17' }
  if (!device.signedIn) return { status: 403, reason: `${device.label} is logged out`, why: 'LPNS-18' }
  if (!world.cluster.oauthRefreshLogins) return { status: 503, reason: 'OAuth with Refresh Login Flow is disabled', why: 'LPNS-06' }
  if (!world.cluster.onboarded) return { status: 503, reason: 'the cluster is not onboarded', why: 'LPNS-03' }
  if (!canLocalPush(world, device)) {
    const { reason, cell } = featureOf(world.gateFor(device).decision, 'localPush')
    return { status: 403, reason: `no local push for this device: ${reason} (${cell})`, why: 'LPNS-01' }
  }
  return null
}

/** A text frame of the client. */
export function receive(world: World, session: Session, text: string, hear: Hear): void {
  const read = readClientFrame(text)
  if (!read.ok) {
    const problem = printable(read.problem)
    hear(`not understood: ${problem}`, 'fail', 'DEC-34')
    return closeSession(world, session, CLOSE.badFrame, problem.slice(0, 100), 'DEC-34')
  }
  const { frame } = read
  switch (frame.type) {
    case 'keepalive':
      return keepalive(world, session, frame.seq, frame.token, hear)
    case 'ack':
      return response(world, session, frame.id, frame.token, null, hear)
    case 'error':
      return response(world, session, frame.id, undefined, `the client answered ${frame.code} ${printable(frame.text ?? '')}`.trim(), hear)
  }
}

/**
 * Why a token is no good, or null: it is good until the instant it ends. One that came with the frame takes the place of
 * the one before (DEC-02).
 */
function tokenFault(world: World, session: Session, sent: string | undefined): string | null {
  const token = sent === undefined ? session.token : world.accessTokens.get(sent)
  if (!token) return 'unknown access token'
  if (token.endsAt <= world.clock.now()) return 'the access token has expired'
  if (token.user !== world.devices.get(session.device)?.owner) return 'the access token belongs to another user'
  session.token = token
  return null
}

function keepalive(world: World, session: Session, seq: number, token: string | undefined, hear: Hear): void {
  const fault = tokenFault(world, session, token)
  if (fault !== null) {
    hear(`401: ${fault}`, 'fail', 'LPNS-17')
    return invalidToken(world, session, fault)
  }
  hear('session stays', 'ok', 'LPNS-16')
  session.keepalives++
  session.lastKeepaliveAt = world.clock.now()
  session.deadline.cancel()
  const waitMs = KEEPALIVE_MS + world.cluster.localPush.graceMs
  session.deadlineAt = session.lastKeepaliveAt + waitMs
  session.deadline = world.clock.schedule(waitMs, () => silent(world, session), 'keepalive deadline')
  session.link.send({ v: 1, type: 'keepalive-ack', seq }, null)
  touchSession(world, session.device)
}

/** No keepalive in time: the Wi-Fi is lost, or the way is cut. 401, as the documents say, but no alarm (DEC-02). */
function silent(world: World, session: Session): void {
  const waitedMs = world.clock.now() - session.lastKeepaliveAt
  note(
    world,
    { flow: 0, place: lpnsOf(session.node), carrier: 'LPNS' },
    `no keepalive from ${labelOf(world, session.device)}`,
    `none for ${waitedMs / 1_000} s: 401, session closed`,
    'fail',
    'LPNS-17',
  )
  closeSession(world, session, CLOSE.unauthorized, 'no keepalive in time', 'LPNS-17')
}

const labelOf = (world: World, device: string): string => world.devices.get(device)?.label ?? device

/** ALM-14: the connection is removed, and no more local pushes go to it. */
function invalidToken(world: World, session: Session, fault: string): void {
  const seq = world.log.total - 1
  world.alarms.raise(
    'LocalPushNotificationInvalidOAuthToken',
    session.node,
    seq,
    { DeviceName: session.device, UserID: world.devices.get(session.device)?.owner ?? '' },
    session.device,
  )
  closeSession(world, session, CLOSE.unauthorized, fault, 'LPNS-17')
}

/**
 * Ends a session from the server's side: an error frame first when the cause is 401 (DEC-01), then the close. What
 * waited for a response is told at once, so that no call is lost with it (DEC-06).
 */
export function closeSession(world: World, session: Session, code: number, reason: string, why: string): void {
  if (!session.alive) return
  if (code === CLOSE.unauthorized) session.link.send({ v: 1, type: 'error', code: 401, reason }, null)
  session.link.close(code, reason)
  forget(world, session, reason, why)
}

/** The connection is gone, by the client or by what lies between. */
export function sessionLost(world: World, session: Session, text: string, why: string): void {
  if (session.alive) forget(world, session, text, why)
}

function forget(world: World, session: Session, text: string, why: string): void {
  session.alive = false
  session.deadline.cancel()
  const lpns = lpnsOn(world, session.node)
  if (lpns.sessions.get(session.device) === session) lpns.sessions.delete(session.device)
  if (session.link.real) {
    world.wireSessions.delete(session.link.real.session)
    const device = world.devices.get(session.device)
    if (device && realSession(world, device) === null) gapStarts(world, device.id)
  }
  withdraw(world, session)
  touchSession(world, session.device, session.node)
  const { pending } = session
  session.pending = null
  const seq = world.log.total - 1
  for (const each of pending ?? []) {
    each.timer.cancel()
    each.answered({ ok: false, text: `the session ended: ${text}`, why, seq })
  }
}

/**
 * Sends a push over a session and waits for the response of its client until `deadlineAt` (DEC-06). `answered` is
 * called exactly once.
 */
export function pushOver(world: World, session: Session, push: Push, deadlineAt: number, answered: (answer: LocalAnswer) => void): void {
  const { node } = session
  const timer = world.clock.schedule(
    Math.max(0, deadlineAt - world.clock.now()),
    () => {
      if (!take(session, push.id)) return
      world.counters.localPush(node, 'NumberOfLocalPushTimout')
      const event = note(
        world,
        { flow: push.flow, place: lpnsOf(node), carrier: 'LPNS', tracking: push.id },
        `no response from ${labelOf(world, session.device)}`,
        `none within ${world.cluster.localPush.responseMs / 1_000} s`,
        'fail',
        'DEC-06',
      )
      answered({ ok: false, text: `no response within ${world.cluster.localPush.responseMs / 1_000} s`, why: 'DEC-06', seq: event.seq })
    },
    'local push response',
  )
  session.pending ??= []
  session.pending.push({ push, timer, answered })
  session.pushes++
  touchSession(world, session.device)
  world.pushes.move(push, 'sent')
  world.counters.localPush(node, 'NumberOfLocalPushReqSent')
  if (push.purpose === 'missed call') world.counters.localPush(node, 'NumberofMissedCallLocalPushReqSent')
  if (push.purpose === 'answered elsewhere') world.counters.localPush(node, 'NumberofSharedCancelLocalPushReqSent')
  session.link.send(frameOf(push), push)
}

/** The push with this ID waits no more; false when it did not. */
function take(session: Session, id: string): boolean {
  const { pending } = session
  const index = pending?.findIndex(({ push }) => push.id === id) ?? -1
  if (pending === null || index < 0) return false
  pending.splice(index, 1)
  if (pending.length === 0) session.pending = null
  return true
}

export const frameOf = (push: Push): PushFrame => ({
  v: 1,
  type: 'push',
  id: push.id,
  purpose: push.purpose as PushFrame['purpose'],
  call: push.fields['call'] ?? String(push.flow),
  name: push.fields['displayName'] ?? '',
  number: push.fields['displayNumber'] ?? '',
  node: push.fields['node'] ?? '',
})

function response(world: World, session: Session, id: string, token: string | undefined, error: string | null, hear: Hear): void {
  const waiting = session.pending?.find(({ push }) => push.id === id)
  const fault = tokenFault(world, session, token)
  if (fault !== null) {
    hear(`401: ${fault}`, 'fail', 'ALM-14')
    world.counters.localPush(session.node, 'NumberOfLocalPushErrorResReceived')
    // The client has the push, but nothing it says counts any more: the call goes the other way as well (LPNS-12).
    return invalidToken(world, session, fault)
  }
  if (!waiting) {
    hear('too late, or not asked for', 'warn', 'DEC-06')
    return
  }
  waiting.timer.cancel()
  take(session, id)
  world.counters.localPush(session.node, 'NumberOfLocalPushResReceived')
  if (error !== null) {
    hear(error, 'fail', 'LPNS-12')
    world.counters.localPush(session.node, 'NumberOfLocalPushErrorResReceived')
    waiting.answered({ ok: false, text: error, why: 'LPNS-12', seq: world.log.total - 1 })
    return
  }
  const tookMs = world.clock.now() - waiting.push.createdAt
  hear(`acknowledged ${tookMs} ms after the push`, 'ok', 'LPNS-11')
  if (session.link.real) wakePhone(world, session, waiting.push)
  waiting.answered({ ok: true })
}

/** A real client has the push; what its phone does next, CallKit and REGISTER, happens on the phone of the lab. */
function wakePhone(world: World, session: Session, push: Push): void {
  const device = world.devices.get(session.device)
  if (!device) return
  world.pushes.move(push, 'delivered')
  world.receivers.pushAtDevice(device, push)
}
