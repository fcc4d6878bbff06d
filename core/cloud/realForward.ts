/**
 * Push REST as a provider on real sockets: the request that APNs or FCM gets, and what their answer means (APNS-10, FCM-01).
 * Who it is to them (provider token, service account) is added where those secrets are.
 */
import type { LabCommandArgs } from '../contract/commands.ts'
import type { Push } from '../pushBook.ts'
import { routeBetween, tell, type Hop, type World } from '../world.ts'
import { headersOf, providerBody } from './apns/virtual.ts'
import { ask, dropAsk, unexpected } from './asks.ts'
import { type Answer, type Respond, HTTPS_PORT } from './connection.ts'
import { MAX_TTL_MS } from './fcm/limits.ts'
import { acceptedBy, refusal, takenOver } from './platform.ts'
import type { Platform } from './platformName.ts'
import type { Forwarded, RealRequest } from './real.ts'
import { REAL } from './realWay.ts'

/** The project of the lab at Firebase; docs/fcm.md has it. */
export const FCM_PROJECT = 'push-lab'

/** Pushes that are known when a platform tells of them; an older one is taken for a provider's. */
const FORWARDED_KEPT = 2_000

/** The answer gives up waiting. */
export function forwardReally(
  world: World,
  platform: Platform,
  push: Push,
  hop: Hop,
  answered: Respond,
  unreachable: (text: string, why: string) => void,
): () => void {
  let number = 0
  let wanted = true
  const forwarded = remember(world, platform, push)
  const [name, request] = platform === 'apns' ? apnsRequest(world, push) : fcmRequest(push)
  const go = (): void => {
    if (!wanted) return
    number = ask(world, platform, { do: 'forward', name, request }, (told) => {
      forwarded.open = false
      const back: Hop = { ...hop, from: platform, to: 'push-rest', sentAt: world.clock.now() }
      if (told.is !== 'answer') {
        const { stage, text } = told.is === 'failed' ? told : unexpected(told)
        tell(world, hop, `${text}${REAL}`, 'fail', WHY[stage] ?? 'NET-07')
        return unreachable(text, WHY[stage] ?? 'NET-07')
      }
      const answer = answerOf(platform, told.status, told.text)
      if (answer.status === 200) arrived(world, platform, forwarded)
      const message = `${told.status} ${told.text}`.trim()
      tell(world, { ...back, message }, `${answer.outcome}${REAL}`, answer.status === 200 ? 'ok' : 'fail', answer.why)
      answered(answer)
    })
  }
  const { loss, addMs } = world.network.passage(routeBetween(world, 'push-rest', platform), { port: HTTPS_PORT, device: push.device })
  if (loss) {
    tell(world, hop, loss.text, loss.how === 'silent' ? 'lost' : 'fail', loss.why)
    if (loss.how !== 'silent') unreachable(loss.text, loss.why)
  } else if (addMs > 0) world.clock.schedule(addMs, go, hop.message, 'arrival')
  else go()
  return () => {
    wanted = false
    forwarded.open = false
    dropAsk(world, number)
  }
}

/** Cut streams and broken connections end their pushes, and say so (APNS-08). */
const WHY: Readonly<Record<string, string>> = { dns: 'NET-09', connect: 'NET-01', tls: 'NET-03', send: 'APNS-08', timeout: 'CH-10' }

function answerOf(platform: Platform, status: number, text: string): Answer {
  if (status >= 200 && status < 300) return acceptedBy(platform)
  return refusal(platform, status, text === '' ? undefined : text)
}

function remember(world: World, platform: Platform, push: Push): Forwarded {
  const { forwarded } = world.real
  const entry: Forwarded = { push, sentAt: world.clock.now(), arrived: false, open: true }
  const key = forwardKey(platform, push.id)
  forwarded.delete(key)
  forwarded.set(key, entry)
  if (forwarded.size > FORWARDED_KEPT) forwarded.delete(forwarded.keys().next().value as string)
  return entry
}

/** APNs calls it by its apns-id, which is the UUID of the tracking ID; FCM brings the tracking ID back in its data. */
const forwardKey = (platform: Platform, tracking: string): string =>
  `${platform} ${tracking.slice(tracking.indexOf('_') + 1).toLowerCase()}`

/** The push of ours that a platform tells of: by the name that it has there, by its data, or, as FCM names no refused one, by its target. */
export function ownForwarded(world: World, platform: Platform, told: LabCommandArgs<'wire.push'>): Forwarded | undefined {
  const { forwarded } = world.real
  if (platform === 'apns') return forwarded.get(forwardKey(platform, told.id))
  const tracking = /"tracking"\s*:\s*"([A-Z]{2,8}_[0-9a-f-]{36})"/.exec(told.payload ?? '')?.[1]
  if (tracking !== undefined) return forwarded.get(forwardKey(platform, tracking))
  if (told.answer.status === 200) return undefined
  for (const each of forwarded.values()) if (each.open && each.push.target === told.target) return each
  return undefined
}

/** The platform has it: it is delivered from here on, once, whichever of the two ends told of it first. */
export function arrived(world: World, platform: Platform, forwarded: Forwarded): void {
  if (forwarded.arrived) return
  forwarded.arrived = true
  takenOver(world, platform, forwarded.push)
}

type Request = [name: string, request: RealRequest]

function apnsRequest(world: World, push: Push): Request {
  const body = providerBody(push)
  const request: RealRequest = {
    cloud: 'apns',
    method: 'POST',
    path: `/3/device/${push.target}`,
    headers: headersOf(world, push),
    body,
    bearer: null,
    refresh: null,
  }
  return [push.service === 'APNS:dev' ? 'api.sandbox.push.apple.com' : 'api.push.apple.com', request]
}

/** Calls now or never, at high priority; what is in the clear beside the seal is the tracking ID (SEC-04). */
function fcmRequest(push: Push): Request {
  const waits = push.purpose === 'message' || (push.provider !== null && push.provider.keepMs !== 0)
  const message = {
    token: push.target,
    android: {
      priority: 'HIGH',
      ttl: waits ? `${MAX_TTL_MS / 1_000}s` : '0s',
      ...(push.purpose === 'message' ? { collapse_key: 'message' } : null),
    },
    data: { payload: push.payload, tracking: push.id },
  }
  const request: RealRequest = {
    cloud: 'fcm',
    method: 'POST',
    path: `/v1/projects/${FCM_PROJECT}/messages:send`,
    headers: [['content-type', 'application/json']],
    body: JSON.stringify({ message }),
    bearer: null,
    refresh: null,
  }
  return ['fcm.googleapis.com', request]
}
