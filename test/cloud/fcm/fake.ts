/** A project with tokens in every state, and what the tests look at in an answer. */
import { BAD_REQUEST, FCM_ERROR, type Detail } from '../../../core/cloud/fcm/errors.ts'
import type { FcmQuotas } from '../../../core/cloud/fcm/limits.ts'
import { FcmService, type FcmRequest, type FcmViews, type Handled, type TokenView } from '../../../core/cloud/fcm/send.ts'

export const PROJECT = 'push-lab'
export const SENDER = '403922918403'
export const SEND = `/v1/projects/${PROJECT}/messages:send`

const token = (name: string): string => `${name.padEnd(22, '0')}:APA91b${'f'.repeat(112)}`
export const TOKENS = { alive: token('alive'), second: token('second'), gone: token('gone'), foreign: token('foreign'), ios: token('ios') }

const KNOWN = new Map<string, TokenView>([
  [TOKENS.alive, { alive: true, senderId: SENDER }],
  [TOKENS.second, { alive: true, senderId: SENDER }],
  [TOKENS.gone, { alive: false, senderId: SENDER }],
  [TOKENS.foreign, { alive: true, senderId: '1' }],
  [TOKENS.ios, { alive: true, senderId: SENDER, apnsKeyRejected: true }],
])

export const views: FcmViews = {
  senderOf: (project) => (project === PROJECT || project === 'other' ? SENDER : null),
  tokenOf: (each) => KNOWN.get(each) ?? null,
  bearer: (access, project) =>
    access === 'good' ? (project === PROJECT ? 'ok' : 'forbidden') : access === 'expired' ? 'expired' : 'unknown',
}

export type Body = {
  name?: string
  error?: { code: number; message: string; status: string; details: Detail[] }
}
export type Told = Handled & { json: Body; code: unknown; violations: { field?: string; description: string }[] | null }

export function told(handled: Handled): Told {
  const json = (handled.headers['content-type']?.startsWith('application/json') ? JSON.parse(handled.body) : {}) as Body
  const of = (type: string): Detail | undefined => json.error?.details.find((each) => each['@type'] === type)
  return {
    ...handled,
    json,
    code: of(FCM_ERROR)?.['errorCode'] ?? null,
    violations: (of(BAD_REQUEST)?.['fieldViolations'] as Told['violations'] | undefined) ?? null,
  }
}

export const service = (quotas: Partial<FcmQuotas> = {}): FcmService => new FcmService(views, quotas)

export function send(fcm: FcmService, message: unknown, now = 0, change: Partial<FcmRequest> & { dryRun?: boolean } = {}): Told {
  const { dryRun, ...request } = change
  const body = JSON.stringify({ message, ...(dryRun === undefined ? {} : { validate_only: dryRun }) })
  return told(fcm.handle({ method: 'POST', path: SEND, authorization: 'Bearer good', body, ...request }, now))
}

export const alive = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ token: TOKENS.alive, ...more })
