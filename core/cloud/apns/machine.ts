/**
 * APNs as its providers see it: one request in, one answer out. Virtual time and the real server share it, so it
 * knows neither sockets nor ciphers nor clocks. What it accepts is not delivered yet (DEC-33).
 */
import {
  DEFAULT_PRIORITY,
  isExpiration,
  isPushType,
  isTopic,
  isUuid,
  MAX_COLLAPSE_ID_BYTES,
  priorityOf,
  readHeaders,
  TOPIC_SUFFIX,
  typeOfTopic,
  type HeaderList,
  type Priority,
  type PushType,
  type ReadHeaders,
} from './headers.ts'
import { ageFault, bearerOf, Renewals, type Environment, type Verify } from './providerToken.ts'
import { STATUS_OF, type Reason } from './reasons.ts'

/** APNS-04. */
export const MAX_PAYLOAD_BYTES = 4_096
export const MAX_VOIP_PAYLOAD_BYTES = 5_120

export const DEVICE_PATH = '/3/device/'
const DEVICE_TOKEN = /^[0-9a-f]{64}$/i

/** Bad device tokens of one connection within this time that end it. Our choice: Apple names no values (APNS-08). */
export const BAD_TOKEN_BURST = 100
export const BAD_TOKEN_WINDOW_MS = 10_000

/** A device token as APNs knows it. */
export type DeviceToken = {
  /** Bundle ID of its app, without the suffix of a push type. */
  topic: string
  environment: Environment
  state: 'live' | 'unregistered' | 'expired'
  /** When it came into this state; told with 410. */
  sinceMs: number
}

export type ApnsPorts = {
  /** Asked with lower-case hex; null for a token that was never given out. */
  tokenOf(hex: string): DeviceToken | null
  verify: Verify
  /** For a notification that comes without `apns-id`. */
  uuid(): string
}

export type ApnsRequest = {
  method: string
  path: string
  headers: HeaderList
  /** Of a body that is longer than any payload, the rest need not have come. */
  body: { bytes: number; text: string }
  atMs: number
}

/** What a device is to get. */
export type Notification = {
  apnsId: string
  /** Device token, lower-case hex. */
  token: string
  topic: string
  pushType: PushType
  priority: Priority
  /** Seconds since 1970; 0 is now or never, null when the provider set none. */
  expiration: number | null
  collapseId: string | null
  payload: string
  atMs: number
}

export type ApnsAnswer = {
  status: number
  reason: Reason | null
  apnsId: string
  /** With 410 only, ms. */
  timestampMs: number | null
  accepted: Notification | null
  /** The connection is to end after this answer, with this reason in its GOAWAY (APNS-08). */
  goAway: Reason | null
}

export type ApnsConnection = {
  readonly environment: Environment
  /** Set by its first good provider token: one connection serves one team (APNS-08). */
  team: string | null
  badTokens: number
  badTokensSinceMs: number
}

export type Apns = {
  connect(environment: Environment): ApnsConnection
  answer(connection: ApnsConnection, request: ApnsRequest): ApnsAnswer
}

type Fault = { reason: Reason; timestampMs?: number }
type Verdict = Fault | { accepted: Notification }

export function createApns(ports: ApnsPorts): Apns {
  const renewals = new Renewals()

  /** In the fixed order of APNS-07; a date of expiration and a repeated header, which it does not name, have their place here. */
  function judge(connection: ApnsConnection, request: ApnsRequest, read: ReadHeaders, apnsId: string): Verdict {
    if (read.repeated) return { reason: 'DuplicateHeaders' }
    if (read.id !== undefined && !isUuid(read.id)) return { reason: 'BadMessageId' }
    if (request.method !== 'POST') return { reason: 'MethodNotAllowed' }
    const { topic } = read
    if (topic === undefined || topic === '') return { reason: 'MissingTopic' }
    if (!isTopic(topic)) return { reason: 'BadTopic' }
    if (read.collapseId !== undefined && read.collapseId.length > MAX_COLLAPSE_ID_BYTES) return { reason: 'BadCollapseId' }
    const priority = read.priority === undefined ? DEFAULT_PRIORITY : priorityOf(read.priority)
    if (priority === null) return { reason: 'BadPriority' }
    if (read.expiration !== undefined && !isExpiration(read.expiration)) return { reason: 'BadExpirationDate' }
    const pushType = read.pushType ?? typeOfTopic(topic) ?? 'alert'
    if (!isPushType(pushType)) return { reason: 'InvalidPushType' }
    const typeFault = pushTypeFault(pushType, topic)
    if (typeFault) return { reason: typeFault }
    if (!request.path.startsWith(DEVICE_PATH)) return { reason: 'BadPath' }
    const token = request.path.slice(DEVICE_PATH.length).toLowerCase()
    const tokenFault = deviceTokenFault(connection.environment, token, topic, pushType)
    if (tokenFault) return tokenFault
    const providerFault = providerTokenFault(connection, read.authorization, topic, pushType, request.atMs)
    if (providerFault) return { reason: providerFault }
    if (request.body.bytes === 0) return { reason: 'PayloadEmpty' }
    if (request.body.bytes > (pushType === 'voip' ? MAX_VOIP_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES)) return { reason: 'PayloadTooLarge' }
    return {
      accepted: {
        apnsId,
        token,
        topic,
        pushType,
        priority,
        expiration: read.expiration === undefined ? null : Number(read.expiration),
        collapseId: read.collapseId ?? null,
        payload: request.body.text,
        atMs: request.atMs,
      },
    }
  }

  function deviceTokenFault(environment: Environment, token: string, topic: string, pushType: PushType): Fault | null {
    if (token === '') return { reason: 'MissingDeviceToken' }
    const known = DEVICE_TOKEN.test(token) ? ports.tokenOf(token) : null
    if (known === null || known.environment !== environment) return { reason: 'BadDeviceToken' }
    if (known.state !== 'live') return { reason: known.state === 'expired' ? 'ExpiredToken' : 'Unregistered', timestampMs: known.sinceMs }
    return topic === known.topic + TOPIC_SUFFIX[pushType] ? null : { reason: 'DeviceTokenNotForTopic' }
  }

  function providerTokenFault(
    connection: ApnsConnection,
    authorization: string | undefined,
    topic: string,
    pushType: PushType,
    atMs: number,
  ): Reason | null {
    const jwt = bearerOf(authorization)
    if (jwt === null) return 'MissingProviderToken'
    const token = ports.verify(jwt)
    if (token === null) return 'InvalidProviderToken'
    connection.team ??= token.teamId
    if (connection.team !== token.teamId) return 'InvalidProviderToken'
    if (token.environment !== null && token.environment !== connection.environment) return 'BadEnvironmentKeyIdInToken'
    const tooOldOrNew = ageFault(token, atMs)
    if (tooOldOrNew) return tooOldOrNew
    const bundle = topic.slice(0, topic.length - TOPIC_SUFFIX[pushType].length)
    if (token.topics !== null && !token.topics.has(bundle)) return 'InvalidProviderToken'
    return renewals.take(token, atMs) ? null : 'TooManyProviderTokenUpdates'
  }

  return {
    connect: (environment) => ({ environment, team: null, badTokens: 0, badTokensSinceMs: 0 }),

    answer(connection, request) {
      const read = readHeaders(request.headers)
      const apnsId = read.id !== undefined && isUuid(read.id) ? read.id : ports.uuid()
      const verdict = judge(connection, request, read, apnsId)
      if ('accepted' in verdict) return { status: 200, reason: null, apnsId, timestampMs: null, accepted: verdict.accepted, goAway: null }
      const { reason, timestampMs = null } = verdict
      const burst = reason === 'BadDeviceToken' && isBurst(connection, request.atMs)
      return { status: STATUS_OF[reason], reason, apnsId, timestampMs, accepted: null, goAway: burst ? reason : null }
    },
  }
}

/**
 * What providers see: a VoIP push without the suffix is a topic that may not be used, another type with the suffix
 * of VoIP is a wrong type.
 */
function pushTypeFault(pushType: PushType, topic: string): Reason | null {
  const suffix = TOPIC_SUFFIX[pushType]
  if (suffix !== '') return topic.endsWith(suffix) ? null : 'TopicDisallowed'
  return typeOfTopic(topic) === null ? null : 'InvalidPushType'
}

function isBurst(connection: ApnsConnection, atMs: number): boolean {
  if (atMs - connection.badTokensSinceMs >= BAD_TOKEN_WINDOW_MS) {
    connection.badTokensSinceMs = atMs
    connection.badTokens = 0
  }
  connection.badTokens += 1
  return connection.badTokens >= BAD_TOKEN_BURST
}

/** A forced answer of a fault script: any reason with its status (APNS-06). */
export function forcedAnswer(reason: Reason, apnsId: string, timestampMs: number | null = null): ApnsAnswer {
  return { status: STATUS_OF[reason], reason, apnsId, timestampMs, accepted: null, goAway: null }
}

/** The JSON of an answer; a success has none. */
export function bodyOf({ reason, timestampMs }: { reason: string | null; timestampMs: number | null }): string {
  if (reason === null) return ''
  return JSON.stringify(timestampMs === null ? { reason } : { reason, timestamp: timestampMs })
}
