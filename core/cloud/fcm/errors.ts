/**
 * The errors of FCM as they stand in an answer. Two shapes (FCM-03): a value that the message format does not
 * have is refused before FCM sees it, with `google.rpc.BadRequest` alone; what FCM itself refuses has an
 * `FcmError` with its code, and beside it whatever says more.
 */
import { DEFAULT_RETRY_AFTER_S } from './limits.ts'

export const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError'
export const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest'
export const QUOTA_FAILURE = 'type.googleapis.com/google.rpc.QuotaFailure'
export const ERROR_INFO = 'type.googleapis.com/google.rpc.ErrorInfo'

/** FCM-04: each code, its HTTP status, its canonical status, and the words that come with it. */
export const FCM_ERRORS = {
  INVALID_ARGUMENT: { status: 400, canonical: 'INVALID_ARGUMENT', message: 'Request contains an invalid argument.' },
  UNREGISTERED: { status: 404, canonical: 'NOT_FOUND', message: 'Requested entity was not found.' },
  SENDER_ID_MISMATCH: { status: 403, canonical: 'PERMISSION_DENIED', message: 'SenderId mismatch' },
  QUOTA_EXCEEDED: { status: 429, canonical: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted (e.g. check quota).' },
  UNAVAILABLE: { status: 503, canonical: 'UNAVAILABLE', message: 'The service is currently unavailable.' },
  INTERNAL: { status: 500, canonical: 'INTERNAL', message: 'Internal error encountered.' },
  THIRD_PARTY_AUTH_ERROR: { status: 401, canonical: 'UNAUTHENTICATED', message: 'Auth error from APNS or Web Push Service' },
} as const

export type FcmErrorCode = keyof typeof FCM_ERRORS

export type FieldViolation = { field?: string; description: string }
export type Detail = { '@type': string } & Record<string, unknown>

export type FcmAnswer = { status: number; headers: Record<string, string>; body: string }

/** Google pretty-prints, and says nothing about its answers being cached. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): FcmAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=UTF-8',
      'cache-control': 'private',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: `${JSON.stringify(value, null, 2)}\n`,
  }
}

function failure(status: number, canonical: string, message: string, details: Detail[], headers?: Record<string, string>): FcmAnswer {
  return json(status, { error: { code: status, message, status: canonical, details } }, headers)
}

const fcmDetail = (errorCode: FcmErrorCode): Detail => ({ '@type': FCM_ERROR, errorCode })

const badRequest = (fieldViolations: readonly FieldViolation[]): Detail =>
  fieldViolations.length === 0 ? { '@type': BAD_REQUEST } : { '@type': BAD_REQUEST, fieldViolations }

export type Refusal = {
  /** Instead of the usual words. */
  message?: string
  /** More details, in front of the one with the code as Google has them. */
  before?: Detail[]
  after?: Detail[]
  /** Whole seconds; `UNAVAILABLE` has it in any case. */
  retryAfterS?: number
}

/** What FCM itself refuses. */
export function refuse(code: FcmErrorCode, { message, before = [], after = [], retryAfterS }: Refusal = {}): FcmAnswer {
  const known = FCM_ERRORS[code]
  const seconds = retryAfterS ?? (code === 'UNAVAILABLE' ? DEFAULT_RETRY_AFTER_S : null)
  const headers: Record<string, string> = seconds === null ? {} : { 'retry-after': String(seconds) }
  return failure(known.status, known.canonical, message ?? known.message, [...before, fcmDetail(code), ...after], headers)
}

/** A message that is well-formed, but not one that FCM takes. */
export const invalid = (message: string, ...violations: FieldViolation[]): FcmAnswer =>
  refuse('INVALID_ARGUMENT', { message, before: [badRequest(violations)] })

/** A value that the format does not have: FCM is not asked, so its detail is not there (FCM-03). */
export const malformed = (violations: readonly [FieldViolation, ...FieldViolation[]]): FcmAnswer =>
  failure(400, 'INVALID_ARGUMENT', violations.map(({ description }) => description).join('\n'), [badRequest(violations)])

/** Which quota, of whom. */
export const overQuota = (subject: string, description: string, retryAfterS: number, after: Detail[] = []): FcmAnswer =>
  refuse('QUOTA_EXCEEDED', {
    message: description,
    retryAfterS,
    after: [{ '@type': QUOTA_FAILURE, violations: [{ subject, description }] }, ...after],
  })

const SIGN_IN =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'

const authInfo = (reason: string): Detail => ({
  '@type': ERROR_INFO,
  reason,
  domain: 'googleapis.com',
  metadata: { service: 'fcm.googleapis.com', method: 'google.firebase.fcm.v1.FcmService.SendMessage' },
})

/** FCM-01: the sender, not the message, is at fault; FCM has no code of its own for it. */
export function unauthenticated(why: 'missing' | 'expired' | 'unknown'): FcmAnswer {
  const realm = 'Bearer realm="https://accounts.google.com/"'
  if (why === 'missing')
    return failure(
      401,
      'UNAUTHENTICATED',
      `Request is missing required authentication credential. ${SIGN_IN}`,
      [authInfo('CREDENTIALS_MISSING')],
      {
        'www-authenticate': realm,
      },
    )
  const reason = why === 'expired' ? 'ACCESS_TOKEN_EXPIRED' : 'ACCESS_TOKEN_TYPE_UNSUPPORTED'
  return failure(401, 'UNAUTHENTICATED', `Request had invalid authentication credentials. ${SIGN_IN}`, [authInfo(reason)], {
    'www-authenticate': `${realm}, error="invalid_token"`,
  })
}

/** Google does not tell a project that is not there from one that is not yours. */
export function permissionDenied(project: string): FcmAnswer {
  const resource = `//cloudresourcemanager.googleapis.com/projects/${project}`
  const permission = 'cloudmessaging.messages.create'
  return failure(403, 'PERMISSION_DENIED', `Permission '${permission}' denied on resource '${resource}' (or it may not exist).`, [
    {
      '@type': ERROR_INFO,
      reason: 'IAM_PERMISSION_DENIED',
      domain: 'cloudresourcemanager.googleapis.com',
      metadata: { permission, resource },
    },
  ])
}

/** What the front end of Google answers itself is a page, no JSON. */
export function page(status: number, title: string, sentence: string): FcmAnswer {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8', 'referrer-policy': 'no-referrer' },
    body: `<!DOCTYPE html>\n<html lang=en>\n<meta charset=utf-8>\n<title>Error ${status} (${title})!!1</title>\n<p><b>${status}.</b> <ins>That's an error.</ins>\n<p>${sentence} <ins>That's all we know.</ins>\n`,
  }
}
