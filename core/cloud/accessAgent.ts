/**
 * The part of CPNS and of XCP Config Manager that gets access tokens from Common Identity and keeps them:
 * both authenticate there before they push (NET-02). Without a token nothing leaves.
 */
import { note, tell, type AccessAgent, type LabNode, type World } from '../world.ts'
import { request } from './connection.ts'

/** A failed fetch is tried again after this long (TRB-11). */
export const TOKEN_RETRY_MS = 10 * 60_000

/** A token is renewed this long before its end, or at half its life when that is shorter. */
const RENEW_BEFORE_MS = 5 * 60_000

export const newAgent = (place: string): AccessAgent => ({
  place,
  tokenEndsAt: null,
  fetching: false,
  starting: true,
  waiting: [],
  timers: [],
  messagesUnderWay: 0,
  queue: [],
})

export const hasToken = (world: World, agent: AccessAgent): boolean => agent.tokenEndsAt !== null && agent.tokenEndsAt > world.clock.now()

/** Tells whether a token is at hand, waiting for a fetch that is under way. */
export function withToken(world: World, node: LabNode, then: (available: boolean) => void): void {
  if (hasToken(world, node.agent)) return then(true)
  if (node.agent.fetching) {
    node.agent.waiting.push(then)
    return
  }
  then(false)
}

/** Forgets the token and everything planned: the service stopped, or the cluster was taken off the cloud. */
export function dropToken(node: LabNode): void {
  const { agent } = node
  agent.tokenEndsAt = null
  agent.fetching = false
  for (const timer of agent.timers) timer.cancel()
  agent.timers = []
  const { waiting } = agent
  agent.waiting = []
  for (const each of waiting) each(false)
}

/** Fetches a token now, and goes on fetching: before each end, or ten minutes after a failure. */
export function startFetching(world: World, node: LabNode): void {
  const { agent } = node
  agent.starting = false
  if (agent.fetching || !world.cluster.onboarded) return
  agent.fetching = true
  request(
    world,
    {
      flow: 0,
      from: agent.place,
      node,
      host: 'ci',
      carrier: 'OAuth',
      message: 'POST /idb/oauth2/v1/access_token',
    },
    (hop, respond) => {
      tell(world, hop, 'machine account known', 'ok', 'NET-02')
      const minutes = world.cluster.accessTokenMinutes
      respond({
        status: 200,
        text: 'OK',
        outcome: `access token for ${minutes} min`,
        why: 'NET-02',
      })
    },
    (result) => {
      if (!agent.fetching) return
      agent.fetching = false
      if (result.ok && result.status === 200) gotToken(world, node)
      else fetchFailed(world, node, result.ok ? `${result.status} ${result.text}` : result.text, result.seq)
      const { waiting } = agent
      agent.waiting = []
      for (const each of waiting) each(hasToken(world, agent))
    },
  )
}

/** From one fetch of a token to the next, when all goes well. */
export const renewAfterMs = (lifeMs: number): number => (lifeMs > 2 * RENEW_BEFORE_MS ? lifeMs - RENEW_BEFORE_MS : Math.floor(lifeMs / 2))

function gotToken(world: World, node: LabNode): void {
  const { agent } = node
  const lifeMs = world.cluster.accessTokenMinutes * 60_000
  agent.tokenEndsAt = world.clock.now() + lifeMs
  for (const timer of agent.timers) timer.cancel()
  agent.timers = [
    world.clock.schedule(renewAfterMs(lifeMs), () => startFetching(world, node), 'renew access token'),
    world.clock.schedule(lifeMs, () => tokenEnded(world, node), 'access token ends'),
  ]
  if (node.family === 'ucm') {
    world.alarms.clear('AccessTokenInvalid', node.id)
    world.alarms.clear('PushNotificationServiceAccessTokenUnavailable', node.id)
  } else {
    world.alarms.clear('AccessTokenFetchFailed', node.id)
    world.alarms.clear('XCPConfigMgrAccessTokenIsNull', node.id)
    world.alarms.clear('PushNotificationFailedInvalidAccessToken', node.id)
  }
  world.touch('node', node.id)
}

function fetchFailed(world: World, node: LabNode, reason: string, seq: number | null): void {
  const { agent } = node
  if (node.family === 'imp') {
    world.alarms.raise('AccessTokenFetchFailed', node.id, seq, { Reason: reason })
    if (!hasToken(world, agent)) world.alarms.raise('XCPConfigMgrAccessTokenIsNull', node.id, seq, { Reason: reason })
  } else if (!hasToken(world, agent)) {
    world.alarms.raise('AccessTokenInvalid', node.id, seq, { Reason: reason })
  }
  agent.timers = agent.timers.filter((timer) => timer.at > world.clock.now())
  agent.timers.push(world.clock.schedule(TOKEN_RETRY_MS, () => startFetching(world, node), 'fetch access token again'))
  world.touch('node', node.id)
}

function tokenEnded(world: World, node: LabNode): void {
  const { agent } = node
  if (hasToken(world, agent)) return
  agent.tokenEndsAt = null
  const event = note(
    world,
    { flow: 0, place: agent.place, carrier: 'OAuth' },
    'access token expired',
    'no new one could be had',
    'fail',
    node.family === 'ucm' ? 'ALM-05' : 'ALM-11',
  )
  if (node.family === 'ucm') world.alarms.raise('AccessTokenInvalid', node.id, event.seq)
  else world.alarms.raise('XCPConfigMgrAccessTokenIsNull', node.id, event.seq)
  world.touch('node', node.id)
}
