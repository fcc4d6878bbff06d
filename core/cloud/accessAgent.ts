/**
 * The part of CPNS and of XCP Config Manager that gets access tokens from Common Identity and keeps them:
 * both authenticate there before they push (NET-02). Without a token nothing leaves.
 */
import { machineDetailsOf } from '../admin/machineAccount.ts'
import { note, tell, type AccessAgent, type LabNode, type World } from '../world.ts'
import { answerTokenRequest, GRANT, TOKEN_PATH, type TokenRequest } from './ci.ts'
import { request, type CloudAnswer } from './connection.ts'

/** A failed fetch is tried again after this long (TRB-11). */
export const TOKEN_RETRY_MS = 10 * 60_000

/** A token is renewed this long before its end, or at half its life when that is shorter. */
const RENEW_BEFORE_MS = 5 * 60_000

export const newAgent = (place: string, enabled: boolean): AccessAgent => ({
  place,
  enabled,
  routerKnows: enabled,
  tokenEndsAt: null,
  token: null,
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
  agent.token = null
  agent.fetching = false
  for (const timer of agent.timers) timer.cancel()
  agent.timers = []
  const { waiting } = agent
  agent.waiting = []
  for (const each of waiting) each(false)
}

/** Push is off for this service: it needs no token, and what it lacked is no trouble any more (ONB-18, ALM-25). */
export function needsNoToken(world: World, node: LabNode): void {
  dropToken(node)
  const because = 'push is off: this node needs neither token nor connection'
  tokenAlarmsOver(world, node, because)
  world.alarms.clear('HttpClientPoolCreationError', node.id, because)
  world.alarms.clear('PushNotificationFailed', node.id, because)
}

function tokenAlarmsOver(world: World, node: LabNode, because: string): void {
  const names =
    node.family === 'ucm'
      ? (['AccessTokenInvalid', 'PushNotificationServiceAccessTokenUnavailable'] as const)
      : (['AccessTokenFetchFailed', 'XCPConfigMgrAccessTokenIsNull', 'PushNotificationFailedInvalidAccessToken'] as const)
  for (const name of names) world.alarms.clear(name, node.id, because)
}

/** Fetches a token now, and goes on fetching: before each end, or ten minutes after a failure. */
export function startFetching(world: World, node: LabNode): void {
  const { agent } = node
  agent.starting = false
  if (agent.fetching || !agent.enabled) return
  agent.fetching = true
  const asked: TokenRequest = { grant: GRANT, ...machineDetailsOf(world, node) }
  request(
    world,
    {
      flow: 0,
      from: agent.place,
      node,
      host: 'ci',
      carrier: 'OAuth',
      message: `POST ${TOKEN_PATH}`,
      // As in TAC 222556: a token request has a tracking ID of its own (TRB-10).
      tracking: `FOS_${world.random('token tracking').uuid()}`,
      real: () => ({
        method: 'POST',
        path: TOKEN_PATH,
        headers: [['content-type', 'application/x-www-form-urlencoded']],
        // The account is no secret; its refresh token is, and is added where its text is known.
        body: `grant_type=${GRANT}&client_id=${asked.account ?? ''}`,
        bearer: null,
        refresh: asked.refresh === '' ? null : asked.refresh,
      }),
    },
    (hop, respond, brought) => {
      const answer = answerTokenRequest(world, brought?.what === 'token' ? brought : asked)
      if (answer.status === 200) tell(world, hop, 'machine account known', 'ok', 'NET-02')
      else tell(world, hop, `refused: ${answer.text}`, 'fail', answer.why)
      respond(answer)
    },
    (result) => {
      if (!agent.fetching) return
      agent.fetching = false
      if (result.ok && result.status === 200 && result.given?.token !== undefined) gotToken(world, node, result.given.token, result)
      else if (result.ok) fetchFailed(world, node, String(result.status), reasonOf(result), result.seq)
      else fetchFailed(world, node, result.stage, result.text, result.seq)
      const { waiting } = agent
      agent.waiting = []
      for (const each of waiting) each(hasToken(world, agent))
    },
  )
}

/** From one fetch of a token to the next, when all goes well. */
export const renewAfterMs = (lifeMs: number): number => (lifeMs > 2 * RENEW_BEFORE_MS ? lifeMs - RENEW_BEFORE_MS : Math.floor(lifeMs / 2))

/** As the trace of XCP Config Manager has it: `400 Bad Request: invalid_refresh_token` (SCN-01). */
const reasonOf = ({ status, text }: CloudAnswer): string => {
  if (status === 200) return 'the answer brings no access token'
  return status === 400 && text !== 'Bad Request' ? `400 Bad Request: ${text}` : `${status} ${text}`
}

/** A token that would end at once is taken for one of a minute: nobody asks for tokens all the time. */
const SHORTEST_LIFE_MS = 60_000

function gotToken(world: World, node: LabNode, token: string, { given }: CloudAnswer): void {
  const { agent } = node
  const lifeMs = Math.max(SHORTEST_LIFE_MS, (given?.expiresInS ?? 0) * 1_000)
  agent.token = token
  agent.tokenEndsAt = world.clock.now() + lifeMs
  for (const timer of agent.timers) timer.cancel()
  agent.timers = [
    world.clock.schedule(renewAfterMs(lifeMs), () => startFetching(world, node), 'renew access token'),
    world.clock.schedule(lifeMs, () => tokenEnded(world, node), 'access token ends'),
  ]
  tokenAlarmsOver(world, node, 'an access token was fetched')
  world.touch('node', node.id)
}

/** `code`: the status of the answer, or what the request ended in: the alarm carries it (ALM-10). */
function fetchFailed(world: World, node: LabNode, code: string, reason: string, seq: number | null): void {
  const { agent } = node
  if (node.family === 'imp') {
    world.alarms.raise('AccessTokenFetchFailed', node.id, seq, { ErrorCode: code, Reason: reason })
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
  agent.token = null
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
