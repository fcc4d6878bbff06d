/** Access tokens of OAuth refresh login, known by their IDs (LPNS-06). */
import { activeNodeOf, groupOf, isRunning, TOMCAT } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import { note, routeBetween, tell, transmit, type Hop, type LabNode, type World } from '../world.ts'
import type { AccessToken } from './types.ts'

/** Port of the OAuth service on Unified CM nodes. */
export const OAUTH_PORT = 8_443

/** How long a client waits for its token; no source names a value. */
export const TOKEN_TIMEOUT_MS = 5_000

/** A client renews this long before the end, or in the last quarter of a short life. */
const RENEW_BEFORE_MS = 5 * 60_000

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

export function issueAccessToken(world: World, id: string, device: Device, minutes: number): AccessToken {
  const now = world.clock.now()
  const token: AccessToken = { id, device: device.id, user: device.owner, issuedAt: now, endsAt: now + minutes * MINUTE_MS }
  world.accessTokens.set(id, token)
  return token
}

/** A token for the device's own client, in place of the one before. */
export function newClientToken(world: World, device: Device): void {
  if (device.accessToken) world.accessTokens.delete(device.accessToken.id)
  const id = world.random(`access token ${device.id}`).hex(12)
  device.accessToken = issueAccessToken(world, id, device, world.cluster.clientTokenMinutes)
  world.touch('session', device.id)
}

/** A sign-in with its password brings a refresh token too. */
export function signedInWithPassword(world: World, device: Device): void {
  device.refreshEndsAt = world.clock.now() + world.cluster.clientRefreshDays * DAY_MS
}

export function dropTokens(world: World, device: Device): void {
  for (const [id, token] of world.accessTokens) if (token.device === device.id) world.accessTokens.delete(id)
  device.accessToken = null
  device.refreshEndsAt = 0
}

export const tokenGoodNow = (world: World, device: Device): boolean =>
  device.accessToken !== null && device.accessToken.endsAt > world.clock.now()

/** Time to renew: soon it would be too late. */
export function renewalDue(world: World, token: AccessToken): boolean {
  const life = token.endsAt - token.issuedAt
  return token.endsAt - world.clock.now() <= Math.min(RENEW_BEFORE_MS, Math.floor(life / 4))
}

/** Asks a node for a new access token with the refresh token; `done` is told exactly once. */
export function renewToken(world: World, device: Device, done: (problem: { text: string; why: string } | null) => void): void {
  if (!world.cluster.oauthRefreshLogins) return done({ text: 'OAuth with Refresh Login Flow is disabled', why: 'LPNS-06' })
  if (device.refreshEndsAt <= world.clock.now())
    return done({ text: 'its refresh token has expired: its user has to sign in again', why: 'OAUTH-03' })
  const node = serving(world, device)
  if (!node) return done({ text: 'no node gives access tokens: Cisco Tomcat runs on none of its CM group', why: 'LPNS-17' })
  let open = true
  const finish = (problem: { text: string; why: string } | null): void => {
    if (!open) return
    open = false
    timeout.cancel()
    done(problem)
  }
  const timeout = world.clock.schedule(
    TOKEN_TIMEOUT_MS,
    () => {
      note(
        world,
        { flow: 0, place: device.id, carrier: 'OAuth' },
        'no access token',
        `${node.id} did not answer within ${TOKEN_TIMEOUT_MS / 1_000} s`,
        'fail',
        'LPNS-17',
      )
      finish({ text: `${node.id} gives no access token`, why: 'LPNS-17' })
    },
    'access token timeout',
  )
  const now = world.clock.now()
  const ask: Hop = { flow: 0, from: device.id, to: node.id, carrier: 'OAuth', message: 'POST token, grant_type=refresh_token', sentAt: now }
  const traffic = { port: OAUTH_PORT, device: device.id }
  const refused = (text: string, why: string): void => finish({ text, why })
  transmit(
    world,
    routeBetween(world, device.id, node.id),
    ask,
    traffic,
    (arrived) => {
      tell(world, arrived, 'refresh token is good', 'ok', 'LPNS-06')
      const answer: Hop = { ...ask, from: node.id, to: device.id, message: '200 OK', sentAt: world.clock.now() }
      transmit(
        world,
        routeBetween(world, node.id, device.id),
        answer,
        traffic,
        (back) => {
          if (!open || !device.signedIn) {
            tell(world, back, 'the client does not wait for it any more', 'info', 'LPNS-17')
            return finish({ text: 'logged out', why: 'LPNS-18' })
          }
          tell(world, back, `new access token, good for ${world.cluster.clientTokenMinutes} min`, 'ok', 'LPNS-17')
          newClientToken(world, device)
          finish(null)
        },
        (loss) => refused(loss.text, loss.why),
      )
    },
    (loss) => refused(loss.text, loss.why),
  )
}

function serving(world: World, device: Device): LabNode | null {
  const active = activeNodeOf(world, device)
  if (active && isRunning(active, TOMCAT)) return active
  for (const id of groupOf(world, device)) {
    const node = world.cluster.nodes.get(id)
    if (node && isRunning(node, TOMCAT)) return node
  }
  return active
}
