/**
 * `POST /v1/projects/{id}/messages:send` (FCM-01): a request as data in, an answer as data out. Who may send,
 * what a token is worth and what time it is come from outside, so the same code answers in virtual time and on
 * a socket.
 */
import {
  json,
  invalid,
  malformed,
  overQuota,
  page,
  permissionDenied,
  refuse,
  unauthenticated,
  ERROR_INFO,
  type FcmAnswer,
} from './errors.ts'
import { FCM_QUOTAS, MAX_PAYLOAD_BYTES, MAX_TTL_MS, MINUTE_MS, type FcmQuotas } from './limits.ts'
import { readRequest, type Message } from './message.ts'
import { QuotaBook, type Room } from './quota.ts'

export type FcmRequest = {
  method: string
  path: string
  /** The header `Authorization`, or null. */
  authorization: string | null
  /** Null: longer than MAX_BODY_BYTES and therefore not read. */
  body: string | null
}

/** What FCM knows of a registration token; null from the view when it never gave it out. */
export type TokenView = {
  alive: boolean
  senderId: string
  /** The app behind it is on iOS, and Apple does not accept the project's APNs key. */
  apnsKeyRejected?: boolean
}

export type FcmViews = {
  /** The sender ID (project number) of a project; null when there is none of this name. */
  senderOf(project: string): string | null
  tokenOf(token: string): TokenView | null
  /** `forbidden`: a good access token, of an account without rights in this project. */
  bearer(accessToken: string, project: string): 'ok' | 'expired' | 'unknown' | 'forbidden'
}

/** A message that FCM has taken over. Nothing is said about delivery (DEC-33). */
export type Accepted = {
  name: string
  project: string
  target: { kind: 'token' | 'topic' | 'condition'; value: string }
  /** Messages with a notification are high by default, others normal. */
  priority: 'high' | 'normal'
  ttlMs: number
  collapseKey: string | null
  data: [string, string][]
  notification: { title?: string | undefined; body?: string | undefined; image?: string | undefined } | null
}

/** `accepted` is null for a refusal and for `validate_only`. */
export type Handled = FcmAnswer & { accepted: Accepted | null }

export const SEND_PATH = /^\/v1\/projects\/([a-z0-9][a-z0-9:.-]{0,99})\/messages:send$/
const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i
const TOPIC = /^(?:\/topics\/)?[a-zA-Z0-9-_.~%]{1,900}$/
/** Words that the client side of FCM uses itself. */
const RESERVED = /^(?:from|message_type|gcm|google.*|gcm\.notification\..*)$/

/** The name that a message gets which is only validated. */
const NOT_SENT = 'fake_message_id'

export class FcmService {
  readonly quotas: QuotaBook
  private readonly views: FcmViews
  private sent = 0

  constructor(views: FcmViews, quotas: Partial<FcmQuotas> = {}) {
    this.views = views
    this.quotas = new QuotaBook({ ...FCM_QUOTAS, ...quotas })
  }

  /** `now` in milliseconds of any clock that does not run backwards. */
  handle(request: FcmRequest, now: number): Handled {
    const project = SEND_PATH.exec(request.path.split('?')[0] as string)?.[1]
    if (project === undefined || request.method !== 'POST')
      return refusal(page(404, 'Not Found', 'The requested URL was not found on this server.'))
    const handled = this.answer(project, request, now)
    // What the client did wrong uses quota up as a message does; what was over quota does not (FCM-05).
    const counts = handled.status < 500 && handled.status !== 429
    if (counts && this.views.senderOf(project) !== null) this.quotas.useProject(project, now)
    return handled
  }

  private answer(project: string, request: FcmRequest, now: number): Handled {
    if (request.authorization === null) return refusal(unauthenticated('missing'))
    const accessToken = BEARER.exec(request.authorization)?.[1]
    const known = accessToken === undefined ? 'unknown' : this.views.bearer(accessToken, project)
    if (known === 'unknown' || known === 'expired') return refusal(unauthenticated(known))
    const senderId = this.views.senderOf(project)
    if (known === 'forbidden' || senderId === null) return refusal(permissionDenied(project))
    const room = this.quotas.projectRoom(project, now)
    if (!room.ok) return refusal(projectOverQuota(project, senderId, room))
    if (request.body === null) return refusal(page(413, 'Request Entity Too Large', 'Your client issued a request that was too large.'))
    const read = readRequest(request.body)
    if (!read.ok) return refusal(malformed(read.violations))
    const message = read.request.message ?? {}
    const fault = faultOf(message)
    if (fault) return refusal(fault)
    return this.send(project, senderId, message, read.request.validate_only === true, now)
  }

  private send(project: string, senderId: string, message: Message, validateOnly: boolean, now: number): Handled {
    const { token } = message
    if (token !== undefined) {
      const fault = this.faultOfToken(token, senderId)
      if (fault) return refusal(fault)
    }
    const collapseKey = message.android?.collapse_key || null
    if (token !== undefined && !validateOnly) {
      const room = this.quotas.deviceRoom(token, collapseKey !== null, now)
      if (!room.ok) return refusal(deviceOverQuota(token, room, this.quotas.limits.collapsibleRefillMs))
      this.quotas.useDevice(token, collapseKey !== null, now)
    }
    const name = `projects/${project}/messages/${validateOnly ? NOT_SENT : this.nextId(now)}`
    const answer = json(200, { name })
    if (validateOnly) return { ...answer, accepted: null }
    const { android } = message
    return {
      ...answer,
      accepted: {
        name,
        project,
        target: targetOf(message),
        priority: (android?.priority ?? (message.notification || android?.notification ? 'HIGH' : 'NORMAL')) === 'HIGH' ? 'high' : 'normal',
        ttlMs: android?.ttl ?? MAX_TTL_MS,
        collapseKey,
        data: android?.data ?? message.data ?? [],
        notification: (message.notification ?? android?.notification) ? { ...message.notification, ...texts(android?.notification) } : null,
      },
    }
  }

  private faultOfToken(token: string, senderId: string): FcmAnswer | null {
    const known = this.views.tokenOf(token)
    if (known === null) return refuse('INVALID_ARGUMENT', { message: 'The registration token is not a valid FCM registration token' })
    if (known.senderId !== senderId) return refuse('SENDER_ID_MISMATCH')
    if (!known.alive) return refuse('UNREGISTERED')
    return known.apnsKeyRejected === true ? refuse('THIRD_PARTY_AUTH_ERROR') : null
  }

  /** Microseconds and a number that no other message has, as in names of Google's. */
  private nextId(now: number): string {
    const count = ++this.sent
    return `0:${Math.floor(now)}${String(count % 1_000).padStart(3, '0')}%${count.toString(16).padStart(16, '0')}`
  }
}

const refusal = (answer: FcmAnswer): Handled => ({ ...answer, accepted: null })

const TARGETS = ['token', 'topic', 'condition'] as const

function targetOf(message: Message): Accepted['target'] {
  const kind = TARGETS.find((each) => message[each] !== undefined) ?? 'token'
  return { kind, value: message[kind] ?? '' }
}

/** What is wrong with a message of the right format. */
function faultOf(message: Message): FcmAnswer | null {
  const [target, second] = TARGETS.filter((each) => message[each] !== undefined)
  if (target === undefined) return aboutField('message', 'Recipient of the message is not set.')
  if (second !== undefined)
    return malformed([
      { field: 'message', description: `Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set '${second}'` },
    ])
  if (message.topic !== undefined && !TOPIC.test(message.topic)) return aboutField('message', 'Topic name contains invalid characters.')
  for (const [where, pairs] of [
    ['message.data', message.data ?? []],
    ['message.android.data', message.android?.data ?? []],
  ] as const) {
    const reserved = pairs.find(([key]) => RESERVED.test(key))?.[0]
    if (reserved !== undefined) return aboutField(where, `Invalid data payload key: ${reserved.slice(0, 100)}`)
  }
  const ttl = message.android?.ttl
  if (ttl !== undefined && (ttl < 0 || ttl > MAX_TTL_MS))
    return aboutField('message.android.ttl', `TTL must be a duration from 0s to ${MAX_TTL_MS / 1_000}s (4 weeks).`)
  if (payloadBytes(message) > MAX_PAYLOAD_BYTES) return invalid(`Message is too large. The maximum is 4K (${MAX_PAYLOAD_BYTES} bytes).`)
  return null
}

const aboutField = (field: string, description: string): FcmAnswer => invalid(description, { field, description })

type Texts = NonNullable<Accepted['notification']>

/** Of the many settings of a notification on Android those that a device shows. */
function texts(notification: NonNullable<Message['android']>['notification']): Texts {
  const { title, body, image } = notification ?? {}
  return { ...(title === undefined ? {} : { title }), ...(body === undefined ? {} : { body }), ...(image === undefined ? {} : { image }) }
}

/** `android.data` takes the place of `data`. */
function payloadBytes({ data, notification, android }: Message): number {
  const shown = Object.values({ ...notification, ...texts(android?.notification) })
  return [...(android?.data ?? data ?? []).flat(), ...shown].reduce((sum, text) => sum + utf8Bytes(text ?? ''), 0)
}

/** The length in UTF-8; a lone surrogate counts as the replacement character. */
export function utf8Bytes(text: string): number {
  let bytes = 0
  for (const each of text) {
    const code = each.codePointAt(0) as number
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return bytes
}

type Full = Exclude<Room, { ok: true }>

const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1_000))

function projectOverQuota(project: string, senderId: string, { limit, waitMs }: Full): FcmAnswer {
  const description = `Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute' of service 'fcm.googleapis.com' for consumer 'project_number:${senderId}'.`
  const metadata = {
    service: 'fcm.googleapis.com',
    consumer: `projects/${senderId}`,
    quota_metric: 'fcm.googleapis.com/send_requests',
    quota_limit: 'SendsPerMinutePerProject',
    quota_unit: '1/min/{project}',
    quota_limit_value: String(limit),
    quota_location: 'global',
  }
  return overQuota(`project:${project}`, description, seconds(waitMs), [
    { '@type': ERROR_INFO, reason: 'RATE_LIMIT_EXCEEDED', domain: 'googleapis.com', metadata },
  ])
}

function deviceOverQuota(token: string, { quota, limit, waitMs }: Full, refillMs: number): FcmAnswer {
  const rate =
    quota === 'collapsible'
      ? `collapsible messages to one device: ${limit} at once, then one more every ${refillMs / MINUTE_MS} minutes`
      : `messages to one device: ${limit} per ${quota}`
  return overQuota(`device:${token.slice(0, 24)}`, `Device message rate exceeded; ${rate}.`, seconds(waitMs))
}
