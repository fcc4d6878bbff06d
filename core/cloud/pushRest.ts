/**
 * Push REST in the Cisco cloud: checks access token and seal, passes the payload on to the platform cloud and the answer
 * back. It is a proxy and keeps nothing (SEC-07): every value here lives in one exchange.
 */
import { looksSealed } from '../engine/sealer.ts'
import type { Push } from '../pushBook.ts'
import { routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { tokenGood } from './ci.ts'
import { HTTPS_PORT, type Answer, type Respond } from './connection.ts'
import { servePlatform } from './platform.ts'
import { PLATFORM_NAME, type Platform } from './platformName.ts'
import { forwardReally } from './realForward.ts'

/** How long Push REST waits for the platform; no source names a value. */
export const PLATFORM_TIMEOUT_MS = 4_000

/** Modelled: no public source describes it (DEC-34). */
export const PUSH_PATH = '/v1/push'

/** `token`: ID of the access token, null for none that is known. `payload`: null when it is not sealed. */
export type PushRequest = { token: string | null; payload: string | null }

export const platformFor = (service: string): Platform => (service.startsWith('FCM') ? 'fcm' : 'apns')

export function servePushRest(world: World, push: Push, request: PushRequest, hop: Hop, respond: Respond): void {
  const refused = refusedAtOnce(world, request)
  if (refused) {
    tell(world, hop, refused.outcome, 'fail', refused.why)
    return respond(refused)
  }
  const platform = platformFor(push.service)
  tell(world, hop, `sealed; passed to ${PLATFORM_NAME[platform]}, nothing kept`, 'ok', 'SEC-07')
  forward(world, platform, push, respond)
}

/** What Push REST refuses by itself, before any platform is asked. */
export function refusedAtOnce(world: World, { token, payload }: PushRequest): Answer | null {
  if (!tokenGood(world, token))
    return { status: 401, text: 'no valid access token', outcome: 'refused: the access token is unknown or has expired', why: 'NET-02' }
  if (payload !== null && looksSealed(payload)) return null
  return { status: 400, text: 'payload not encrypted', outcome: 'refused: the payload is not encrypted; nothing goes on', why: 'SEC-02' }
}

function forward(world: World, platform: Platform, push: Push, respond: Respond): void {
  let open = true
  const finish = (answer: Answer): void => {
    if (!open) return
    open = false
    timeout.cancel()
    respond(answer)
  }
  const unreachable = (text: string, why: string): void =>
    finish({ status: 503, text: 'Service Unavailable', outcome: `Push REST had no answer from the platform cloud: ${text}`, why })
  const timeout = world.clock.schedule(
    PLATFORM_TIMEOUT_MS,
    () => {
      abandon()
      unreachable(`silence for ${PLATFORM_TIMEOUT_MS / 1_000} s`, 'CH-10')
    },
    'platform timeout',
  )
  const hop: Hop = {
    flow: push.flow,
    from: 'push-rest',
    to: platform,
    carrier: PLATFORM_NAME[platform],
    message:
      platform === 'apns'
        ? `POST /3/device/${push.target.slice(0, 4)}…, ${push.pushType}, priority 10`
        : 'POST messages:send, priority high',
    sentAt: world.clock.now(),
    tracking: push.id,
  }
  const answered = (answer: Answer): void => finish(toCluster(answer))
  const abandon = world.real.legs.has(platform)
    ? forwardReally(world, platform, push, hop, answered, unreachable)
    : forwardVirtually(world, platform, push, hop, answered, unreachable)
}

/** FCM says 404 UNREGISTERED; towards the cluster Push REST tells both alike as 410. */
const toCluster = (answer: Answer): Answer =>
  answer.status === 404 && answer.text === 'UNREGISTERED' ? { ...answer, status: 410 } : answer

function forwardVirtually(
  world: World,
  platform: Platform,
  push: Push,
  hop: Hop,
  answered: Respond,
  unreachable: (text: string, why: string) => void,
): () => void {
  const traffic = { port: HTTPS_PORT, device: push.device }
  transmit(
    world,
    routeBetween(world, 'push-rest', platform),
    hop,
    traffic,
    (arrived) =>
      servePlatform(world, platform, push, arrived, (answer) => {
        const back: Hop = {
          flow: push.flow,
          from: platform,
          to: 'push-rest',
          carrier: hop.carrier,
          message: `${answer.status} ${answer.text}`,
          sentAt: world.clock.now(),
          tracking: push.id,
        }
        transmit(
          world,
          routeBetween(world, platform, 'push-rest'),
          back,
          traffic,
          (returned) => {
            tell(world, returned, answer.outcome, answer.status < 400 ? 'ok' : 'fail', answer.why)
            answered(answer)
          },
          (loss) => unreachable(loss.text, loss.why),
        )
      }),
    (loss) => unreachable(loss.text, loss.why),
  )
  return () => undefined
}
