/** What a client does about its login: silently with a refresh token, else with a prompt to its user (OAUTH-02, OAUTH-03). */
import { isSuspended, reachesCluster, type Device } from '../client/device.ts'
import { register } from '../client/registration.ts'
import { settleLocalPush } from '../lpns/client.ts'
import { newClientToken, renewToken, signedInWithPassword } from '../lpns/tokens.ts'
import type { World } from '../world.ts'
import { loginObstacle, modeOf } from './obstacle.ts'
import { onDevice, prompt, refreshEnds } from './prompt.ts'

/** How long a login takes once its user has typed; refresh logins are faster. Modelled. */
export const LOGIN_MS = { refresh: 400, old: 2_000 } as const

/** A renewal that failed for another reason than its end is tried again after this long; modelled. */
const RETRY_MS = 60_000

/** Another Wi-Fi, or from Wi-Fi to mobile: a refresh login goes on, the old one asks for the password again (OAUTH-02). */
export function networkChanged(world: World, device: Device): void {
  if (!device.signedIn || device.client === 'deskphone' || !reachesCluster(device) || world.oauth.prompts.has(device.id)) return
  if (!modeOf(world, device))
    return prompt(world, device, 'the network changed, and without refresh logins that needs a new login', 'OAUTH-02')
  if (refreshEnds(world, device) <= world.clock.now()) return prompt(world, device, 'its refresh token has expired', 'OAUTH-03')
}

/** A new login, by password: in the mode that the cluster has now. */
export function loggedIn(world: World, device: Device): void {
  world.oauth.kept.delete(device.id)
  world.oauth.prompts.delete(device.id)
  if (!world.cluster.oauthRefreshLogins) return
  signedInWithPassword(world, device)
  newClientToken(world, device)
  watchToken(world, device)
}

/** An access token that ends is renewed silently while the refresh token lives (OAUTH-03). */
function watchToken(world: World, device: Device): void {
  const token = device.accessToken
  if (!token) return
  const at = Math.max(world.clock.now() + 1, token.endsAt)
  world.clock.schedule(at - world.clock.now(), () => tokenEnds(world, device, token.id), 'access token of a client ends')
}

function tokenEnds(world: World, device: Device, id: string): void {
  if (!device.signedIn || world.deleted.has(device.id) || !modeOf(world, device) || world.oauth.prompts.has(device.id)) return
  // Local push has renewed it meanwhile: the new one is watched.
  if (device.accessToken?.id !== id) return watchToken(world, device)
  if (refreshEnds(world, device) <= world.clock.now()) return prompt(world, device, 'its refresh token has expired', 'OAUTH-03')
  onDevice(world, device, 'access token ends', 'renewed silently with the refresh token', 'info', 'OAUTH-03')
  renewToken(world, device, (problem) => {
    if (problem === null) return watchToken(world, device)
    world.clock.schedule(RETRY_MS, () => tokenEnds(world, device, device.accessToken?.id ?? ''), 'access token is tried again')
  })
}

/** The user types name and password at the prompt. */
export function logIn(world: World, device: Device): string | null {
  if (!device.signedIn) return `${device.label} is signed out: sign in instead`
  if (!world.oauth.prompts.has(device.id)) return `${device.label} shows no login prompt`
  if (!reachesCluster(device)) return `${device.label} does not reach the cluster`
  const obstacle = loginObstacle(world, device)
  const takes = world.cluster.oauthRefreshLogins ? LOGIN_MS.refresh : LOGIN_MS.old
  world.clock.schedule(
    takes,
    () => {
      if (!device.signedIn || !world.oauth.prompts.has(device.id)) return
      if (obstacle) return onDevice(world, device, 'login', `fails: ${obstacle.text}`, 'fail', obstacle.why)
      loggedIn(world, device)
      onDevice(world, device, 'login', world.cluster.oauthRefreshLogins ? 'refresh login' : 'old login', 'ok', 'OAUTH-02')
      register(world, device, 0, null, () => undefined)
      if (device.client === 'jabber' && !isSuspended(device)) world.receivers.imResume(device, 0)
      settleLocalPush(world, device)
    },
    'login',
  )
  return null
}

/** After the parameter was saved: a reset client takes the new mode, any other keeps the old one (OAUTH-04). */
export function reset(world: World, device: Device): void {
  if (!device.signedIn || device.client === 'deskphone') return
  world.oauth.kept.delete(device.id)
  const obstacle = loginObstacle(world, device)
  if (obstacle) return prompt(world, device, obstacle.text, obstacle.why)
  if (world.oauth.prompts.has(device.id)) return
  loggedIn(world, device)
  onDevice(world, device, 'client reset', world.cluster.oauthRefreshLogins ? 'refresh login' : 'old login', 'ok', 'OAUTH-04')
  if (device.registration?.connected) register(world, device, 0, null, () => undefined)
  settleLocalPush(world, device)
}
