/** Voicemail on Unity Connection: a login with a token needs its own parameter, and Unified CM as Authz server (OAUTH-07). */
import type { Device } from '../client/device.ts'
import type { Flow } from '../flowBook.ts'
import { note, type World } from '../world.ts'
import { modeOf, REFRESH_LOGIN_FROM, supports } from './obstacle.ts'

export const UNITY = 'unity-connection'

export function unityObstacle({ oauth }: World): { text: string; why: string } | null {
  const { unity } = oauth
  if (!unity) return { text: 'this lab has no Unity Connection', why: 'OAUTH-07' }
  if (!supports('unifiedCm', unity.release, REFRESH_LOGIN_FROM.unity))
    return { text: `Unity Connection ${unity.release} knows no refresh logins`, why: 'OAUTH-05' }
  if (!unity.refreshLogin) return { text: 'OAuth with Refresh Login is not Enabled on Unity Connection', why: 'OAUTH-07' }
  if (!unity.authzServer) return { text: 'the Unified CM publisher is not entered as Authz server on Unity Connection', why: 'OAUTH-07' }
  return null
}

/** The client opens voicemail: with its token, or with the password of the old login. */
export function openVoicemail(world: World, device: Device): Flow | string {
  if (!world.oauth.unity) return 'this lab has no Unity Connection: add "unityConnection" to the cluster of the scenario'
  if (!device.signedIn || device.client === 'deskphone') return `${device.label} is not signed in`
  const flow = world.flows.start('sign-in', `Voicemail login of ${device.label}`, device.id, UNITY, world.log.total)
  const withToken = modeOf(world, device)
  const obstacle = withToken ? unityObstacle(world) : null
  const event = note(
    world,
    { flow: flow.number, place: device.id, carrier: 'OAuth' },
    withToken ? 'voicemail login with an access token' : 'voicemail login with a password',
    obstacle ? `refused: ${obstacle.text}` : 'accepted',
    obstacle ? 'fail' : 'ok',
    obstacle?.why ?? 'OAUTH-07',
  )
  if (obstacle) world.flows.blame(flow, obstacle.text, obstacle.why, event.seq)
  world.flows.end(flow, obstacle ? 'failed' : 'done')
  return flow
}
