/**
 * Push REST in the Cisco cloud: checks that the payload is sealed, passes it on to the platform cloud and
 * the answer back. It is a proxy and keeps nothing (SEC-07): every value here lives in one exchange.
 */
import { looksSealed } from '../engine/sealer.ts'
import type { Push } from '../pushBook.ts'
import { routeBetween, tell, transmit, type Hop, type World } from '../world.ts'
import { HTTPS_PORT, type Answer, type Respond } from './connection.ts'
import { servePlatform, type Platform } from './platform.ts'

/** How long Push REST waits for the platform; no source names a value. */
export const PLATFORM_TIMEOUT_MS = 4_000

export function servePushRest(world: World, push: Push, payload: string, hop: Hop, respond: Respond): void {
  if (!looksSealed(payload)) {
    tell(world, hop, 'refused: the payload is not encrypted; nothing goes on', 'fail', 'SEC-02')
    return respond({ status: 400, text: 'payload not encrypted', outcome: 'Push REST refuses what is not sealed', why: 'SEC-02' })
  }
  const platform: Platform = push.service.startsWith('FCM') ? 'fcm' : 'apns'
  tell(world, hop, `sealed; passed to ${platform === 'apns' ? 'APNs' : 'FCM'}, nothing kept`, 'ok', 'SEC-07')
  forward(world, platform, push, respond)
}

function forward(world: World, platform: Platform, push: Push, respond: Respond): void {
  const carrier = platform === 'apns' ? ('APNs' as const) : ('FCM' as const)
  const traffic = { port: HTTPS_PORT, device: push.device }
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
    () => unreachable(`silence for ${PLATFORM_TIMEOUT_MS / 1000} s`, 'CH-10'),
    'platform timeout',
  )
  const hop: Hop = {
    flow: push.flow,
    from: 'push-rest',
    to: platform,
    carrier,
    message:
      platform === 'apns'
        ? `POST /3/device/${push.target.slice(0, 4)}…, ${push.pushType}, priority 10`
        : 'POST messages:send, priority high',
    sentAt: world.clock.now(),
    tracking: push.id,
  }
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
          carrier,
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
            // FCM says 404 UNREGISTERED; towards the cluster Push REST tells both alike as 410.
            finish(answer.status === 404 && answer.text === 'UNREGISTERED' ? { ...answer, status: 410 } : answer)
          },
          (loss) => unreachable(loss.text, loss.why),
        )
      }),
    (loss) => unreachable(loss.text, loss.why),
  )
}
