/** Who may send, to whom, and each code with its status. */
import { describe, expect, it } from 'vitest'
import { FCM_ERROR, FCM_ERRORS, refuse, type FcmErrorCode } from '../../../core/cloud/fcm/errors.ts'
import { alive, send, service, SEND, told, TOKENS } from './fake.ts'

const STATUS: Record<FcmErrorCode, [number, string]> = {
  INVALID_ARGUMENT: [400, 'INVALID_ARGUMENT'],
  UNREGISTERED: [404, 'NOT_FOUND'],
  SENDER_ID_MISMATCH: [403, 'PERMISSION_DENIED'],
  QUOTA_EXCEEDED: [429, 'RESOURCE_EXHAUSTED'],
  UNAVAILABLE: [503, 'UNAVAILABLE'],
  INTERNAL: [500, 'INTERNAL'],
  THIRD_PARTY_AUTH_ERROR: [401, 'UNAUTHENTICATED'],
}

describe('who may send', () => {
  it.each([
    ['no bearer', null, 'CREDENTIALS_MISSING'],
    ['another scheme', 'Basic eDp5', 'ACCESS_TOKEN_TYPE_UNSUPPORTED'],
    ['an empty bearer', 'Bearer ', 'ACCESS_TOKEN_TYPE_UNSUPPORTED'],
    ['a token nobody gave out', 'Bearer bad', 'ACCESS_TOKEN_TYPE_UNSUPPORTED'],
    ['an expired one', 'Bearer expired', 'ACCESS_TOKEN_EXPIRED'],
  ])('[FCM-01] %s is 401, with no code of FCM', (_which, authorization, reason) => {
    const answer = send(service(), alive(), 0, { authorization })
    expect([answer.status, answer.json.error?.status, answer.code, answer.accepted]).toEqual([401, 'UNAUTHENTICATED', null, null])
    expect(answer.json.error?.details[0]).toMatchObject({ reason, domain: 'googleapis.com' })
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm=/)
  })

  it('[FCM-01] credentials are looked at before the message', () => {
    expect(send(service(), null, 0, { authorization: null, body: '{' }).status).toBe(401)
  })

  it('[FCM-01] a project that is not there cannot be told from one that is not yours', () => {
    const [none, other] = ['nobody', 'other'].map((project) => send(service(), alive(), 0, { path: SEND.replace('push-lab', project) }))
    expect([none?.status, none?.json.error?.message.replace('nobody', 'other')]).toEqual([403, other?.json.error?.message])
    expect(other?.code).toBeNull()
  })

  it.each([
    ['GET', SEND],
    ['POST', '/'],
    ['POST', '/v1/projects//messages:send'],
    ['POST', '/v1/projects/a/b/messages:send'],
    ['POST', `${SEND}x`],
  ])('[FCM-01] %s %s is a page that says 404', (method, path) => {
    const answer = send(service(), alive(), 0, { method, path })
    expect([answer.status, answer.headers['content-type']]).toEqual([404, 'text/html; charset=UTF-8'])
  })

  it('[FCM-02] a body that was not read is 413', () => {
    expect(send(service(), alive(), 0, { body: null }).status).toBe(413)
  })
})

describe('to whom', () => {
  it.each([
    ['a token that is gone', TOKENS.gone, 'UNREGISTERED'],
    ['a token of another sender', TOKENS.foreign, 'SENDER_ID_MISMATCH'],
    ['an iOS app whose APNs key Apple refuses', TOKENS.ios, 'THIRD_PARTY_AUTH_ERROR'],
    ['a token that never was', 'nobody', 'INVALID_ARGUMENT'],
  ] as const)('[FCM-04] %s is %s, dry run or not', (_which, token, code) => {
    for (const dryRun of [false, true]) {
      const answer = send(service(), { token }, 0, { dryRun })
      expect([answer.status, answer.json.error?.status, answer.code, answer.accepted]).toEqual([...STATUS[code], code, null])
    }
  })
})

describe('each code', () => {
  it.each(Object.keys(STATUS) as FcmErrorCode[])('[FCM-03] [FCM-04] %s has its status, and its code in an FcmError', (code) => {
    const answer = told({ ...refuse(code), accepted: null })
    expect(answer.json.error).toEqual({
      code: STATUS[code][0],
      message: FCM_ERRORS[code].message,
      status: STATUS[code][1],
      details: [{ '@type': FCM_ERROR, errorCode: code }],
    })
    expect(answer.status).toBe(STATUS[code][0])
    expect('retry-after' in answer.headers).toBe(code === 'UNAVAILABLE')
  })

  it('[FCM-04] there is no other', () => {
    expect(Object.keys(FCM_ERRORS).toSorted()).toEqual(Object.keys(STATUS).toSorted())
  })

  it('[FCM-04] UNAVAILABLE says how long to wait', () => {
    expect(refuse('UNAVAILABLE').headers['retry-after']).toBe('10')
    expect(refuse('UNAVAILABLE', { retryAfterS: 3 }).headers['retry-after']).toBe('3')
  })
})
