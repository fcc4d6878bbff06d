/**
 * Pushes that do not come from the cluster: of a provider outside at APNs or FCM, or of a stranger at Push REST. Each is a push
 * and a flow of its own, and ends as one; beyond a rate they are counted together (issue 4).
 */
import type { LabCommandArgs } from '../contract/commands.ts'
import { looksSealed } from '../engine/sealer.ts'
import type { Push, ProviderPush } from '../pushBook.ts'
import { tell, type Hop, type World } from '../world.ts'
import { isUuid } from './apns/headers.ts'
import { isReason, ruleOf } from './apns/reasons.ts'
import { HTTPS_PORT, STATUS_TEXT } from './connection.ts'
import { refusalText, takenOver } from './platform.ts'
import { PLATFORM_NAME, type Platform } from './platformName.ts'
import { OUTSIDE_BURST, OUTSIDE_PER_S, type RealAnswer } from './real.ts'
import { arrived, ownForwarded } from './realForward.ts'
import { platformFor, refusedAtOnce, servePushRest } from './pushRest.ts'

/** Where providers outside stand on a ladder. */
export const OUTSIDE = 'provider'

/** Kinds of outcome that one summary tells apart; more are put together. */
const OUTCOMES_TOLD = 20

type ProviderInput = LabCommandArgs<'wire.push'>
type StrangerPush = Extract<LabCommandArgs<'wire.request'>['asked'], { what: 'push' }>

/** Whether this one may become events; if not, it is counted for the next summary. */
export function mayTell(world: World, place: string, outcome: string): boolean {
  const { outside } = world.real
  const gained = Math.floor(((world.clock.now() - outside.at) * OUTSIDE_PER_S) / 1_000)
  outside.left += gained
  outside.at += (gained * 1_000) / OUTSIDE_PER_S
  if (outside.left >= OUTSIDE_BURST) Object.assign(outside, { left: OUTSIDE_BURST, at: world.clock.now() })
  if (outside.left > 0) {
    outside.left--
    return true
  }
  const key = `${place} ${outcome}`
  const { uncounted } = outside
  const counted = uncounted.has(key) || uncounted.size < OUTCOMES_TOLD ? key : `${place} others`
  uncounted.set(counted, (uncounted.get(counted) ?? 0) + 1)
  if (!outside.told) {
    outside.told = true
    world.clock.schedule(1_000, () => sumUp(world), 'requests of strangers are summed up')
  }
  return false
}

function sumUp(world: World): void {
  const { outside } = world.real
  outside.told = false
  const counted = [...outside.uncounted]
  outside.uncounted.clear()
  for (const [key, times] of counted) {
    const place = key.slice(0, key.indexOf(' '))
    const outcome = key.slice(key.indexOf(' ') + 1)
    const text = `${outcome}; more than ${OUTSIDE_PER_S} a second: not followed one by one, and none reaches a virtual device`
    const hop: Hop = {
      flow: 0,
      from: OUTSIDE,
      to: place,
      carrier: carrierAt(place),
      message: `${times} requests more`,
      sentAt: world.clock.now(),
    }
    tell(world, hop, text, 'warn', 'FCM-05')
  }
}

const carrierAt = (place: string): Hop['carrier'] => (place === 'apns' ? 'APNs' : place === 'fcm' ? 'FCM' : 'HTTPS')

/** A provider's push that a real APNs or FCM of this lab has answered. */
export function providerPush(world: World, args: ProviderInput): void {
  const { platform, answer } = args
  const own = ownForwarded(world, platform, args)
  if (own) return ownArrives(world, platform, own, args)
  const accepted = answer.status === 200
  const said = accepted ? 'accepted' : `refused: ${answer.status} ${reasonOf(answer)}`
  if (!mayTell(world, platform, said)) return
  const name = PLATFORM_NAME[platform]
  const hop: Hop = {
    flow: 0,
    from: OUTSIDE,
    to: platform,
    carrier: name,
    message: `${platform === 'apns' ? `POST /3/device/${args.target.slice(0, 4)}…` : 'POST messages:send'}, ${args.kind}, from ${args.from}`,
    sentAt: world.clock.now(),
  }
  if (!accepted) return void tell(world, hop, said, 'fail', whyRefused(platform, answer.reason))
  const device = world.platformTokens[platform].get(args.target)?.device
  const wanted: ProviderPush = { kind: args.kind, collapse: args.collapse, keepMs: args.keepMs }
  const push = enter(world, platform, wanted, {
    tracking: platform === 'apns' && isUuid(args.id) ? args.id.toLowerCase() : null,
    target: args.target,
    service: device?.service ?? (platform === 'fcm' ? 'FCM' : 'APNS'),
    payload: sealedIn(args.payload),
    title: `Push of a provider to ${device?.label ?? 'a device that is not in this lab'}`,
  })
  const arrivedHop: Hop = { ...hop, flow: push.flow, tracking: push.id }
  tell(world, arrivedHop, `accepted by ${name}, not yet delivered; ${args.bytes} bytes`, 'ok', 'DEC-33')
  world.pushes.move(push, 'sent')
  takenOver(world, platform, push)
}

/** Ours: Push REST sent it, and the platform says what becomes of it. */
function ownArrives(world: World, platform: Platform, own: Parameters<typeof arrived>[2], args: ProviderInput): void {
  const { push, sentAt } = own
  if (own.arrived) return
  const name = PLATFORM_NAME[platform]
  const message =
    platform === 'apns' ? `POST /3/device/${push.target.slice(0, 4)}…, ${push.pushType}, priority 10` : 'POST messages:send, priority high'
  const hop: Hop = { flow: push.flow, from: 'push-rest', to: platform, carrier: name, message, sentAt, tracking: push.id }
  if (args.answer.status !== 200)
    return void tell(world, hop, refusalText(reasonOf(args.answer)), 'fail', whyRefused(platform, args.answer.reason))
  tell(world, hop, 'token known', 'ok', 'CH-10')
  arrived(world, platform, own)
}

const reasonOf = ({ status, reason }: ProviderInput['answer']): string => reason ?? STATUS_TEXT[status] ?? String(status)

const whyRefused = (platform: Platform, reason: string | null): string =>
  platform === 'fcm' ? 'FCM-04' : reason !== null && isReason(reason) ? ruleOf(reason) : 'APNS-06'

/** A request at Push REST that is none of the cluster's: its own checks, then on to the platform, whose answer it gets (SEC-05). */
export function strangerPush(
  world: World,
  asked: StrangerPush,
  from: string,
  tracking: string | null,
  answer: (said: RealAnswer) => void,
): void {
  const hop: Hop = {
    flow: 0,
    from: OUTSIDE,
    to: 'push-rest',
    carrier: 'HTTPS',
    message: `POST push, ${asked.type}, from ${from}`,
    sentAt: world.clock.now(),
  }
  const refused = forced(world) ?? refusedAtOnce(world, asked)
  if (refused) {
    if (mayTell(world, 'push-rest', refused.outcome)) tell(world, hop, refused.outcome, 'fail', refused.why)
    return answer(refused)
  }
  if (!mayTell(world, 'push-rest', 'answered 429')) return answer({ status: 429, text: 'too many pushes of strangers' })
  const platform = platformFor(asked.service)
  const device = world.platformTokens[platform].get(asked.target)?.device
  const kind = asked.type
  const push = enter(
    world,
    platform,
    { kind, collapse: null, keepMs: kind === 'voip' ? 0 : null },
    {
      tracking: tracking === null ? null : (/_([0-9a-f-]{36})$/.exec(tracking)?.[1] ?? null),
      target: asked.target,
      service: asked.service,
      payload: asked.payload ?? '',
      title: `Push of a stranger at Push REST to ${device?.label ?? 'an unknown target'}`,
    },
  )
  world.pushes.move(push, 'sent')
  servePushRest(world, push, asked, { ...hop, flow: push.flow, tracking: push.id }, (said) => {
    if (said.status !== 200) world.pushes.move(push, 'failed', `${PLATFORM_NAME[platform]} answered ${said.status} ${said.text}`)
    answer({ status: said.status, text: said.text })
  })
}

/** A fault of the lab answers strangers as it answers the cluster. */
function forced(world: World): { status: number; text: string; outcome: string; why: string } | null {
  const fault = world.faults.strike('push-rest', 'answer', { port: HTTPS_PORT })
  if (!fault) return null
  const text = fault.reason ?? STATUS_TEXT[fault.status] ?? 'answer set by a fault'
  return { status: fault.status, text, outcome: `answers ${fault.status} because of a fault`, why: 'SCN-15' }
}

type Entry = { tracking: string | null; target: string; service: string; payload: string; title: string }

function enter(world: World, platform: Platform, wanted: ProviderPush, entry: Entry): Push {
  const device = world.platformTokens[platform].get(entry.target)?.device
  const prefix = platform === 'apns' ? 'APNS' : 'FCM'
  const asked = entry.tracking === null ? null : `${prefix}_${entry.tracking.toLowerCase()}`
  // The same ID twice is two pushes all the same: each has an end of its own.
  const id = asked !== null && !world.pushes.get(asked) ? asked : `${prefix}_${world.random('provider').uuid()}`
  const flow = world.flows.start('push', entry.title, OUTSIDE, device?.id ?? platform, world.log.total)
  const push = world.pushes.add(
    {
      id,
      flow: flow.number,
      device: device?.id ?? '',
      purpose: 'push of a provider',
      channel: wanted.kind === 'voip' ? 'VoIP' : 'Message',
      path: 'cloud',
      sender: OUTSIDE,
      service: entry.service,
      target: entry.target,
      pushType: wanted.kind === 'voip' ? 'voip' : 'alert',
      payload: entry.payload,
      fields: {},
      keyFingerprint: '',
    },
    wanted,
  )
  world.flows.addPush(flow, push)
  flow.pushAt = world.clock.now()
  return push
}

/** What a provider's push comes to is what its flow comes to. */
export function providerPushMoved(world: World, push: Push): void {
  const flow = world.flows.get(push.flow)
  if (!flow) return
  switch (push.state) {
    case 'shown':
    case 'used':
      return world.flows.end(flow, 'delivered')
    case 'failed':
    case 'expired':
    case 'superseded':
      world.flows.blame(flow, push.reason, push.provider?.kind === 'voip' ? 'APNS-11' : 'DEC-33', null)
      return world.flows.end(flow, 'failed')
    default:
      return
  }
}

/** The first value that is sealed as the cluster seals: perhaps a client has the key. */
function sealedIn(payload: string | null): string {
  const read = parse(payload)
  const values = typeof read === 'object' && read !== null ? Object.values(read) : []
  const found = values.find((value): value is string => typeof value === 'string' && looksSealed(value))
  return found ?? ''
}

function parse(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
