/** What FCM takes for a message, and how it says what it does not take. */
import { describe, expect, it } from 'vitest'
import { BAD_REQUEST, FCM_ERROR } from '../../../core/cloud/fcm/errors.ts'
import { MAX_PAYLOAD_BYTES, MAX_TTL_MS } from '../../../core/cloud/fcm/limits.ts'
import { utf8Bytes } from '../../../core/cloud/fcm/send.ts'
import { alive, PROJECT, send, service, told, TOKENS, SEND } from './fake.ts'

const bytes = (count: number): Record<string, string> => ({ k: 'x'.repeat(count - 1) })

describe('a good message', () => {
  it('[FCM-01] is answered with its name, and handed on as what it says', () => {
    const answer = send(service(), alive({ data: { call: '7' }, android: { priority: 'high', ttl: '0s', collapse_key: 'c' } }), 1_000)
    expect(answer.status).toBe(200)
    expect(answer.json.name).toMatch(/^projects\/push-lab\/messages\/0:\d+%[0-9a-f]{16}$/)
    expect(answer.accepted).toEqual({
      name: answer.json.name,
      project: PROJECT,
      target: { kind: 'token', value: TOKENS.alive },
      priority: 'high',
      ttlMs: 0,
      collapseKey: 'c',
      data: [['call', '7']],
      notification: null,
    })
  })

  it('[FCM-01] no two messages have the same name, also in the same instant', () => {
    const fcm = service({ devicePerMinute: 3_000 })
    const names = Array.from({ length: 2_500 }, () => send(fcm, alive(), 5).json.name)
    expect(new Set(names).size).toBe(2_500)
  })

  it('[FCM-01] validate_only names a message that is not there, and hands nothing on', () => {
    const answer = send(service(), alive(), 0, { dryRun: true })
    expect([answer.status, answer.json.name, answer.accepted]).toEqual([200, `projects/${PROJECT}/messages/fake_message_id`, null])
  })

  it.each([
    ['high', 'high', 'high'],
    ['HIGH', 'HIGH', 'high'],
    ['number', 1, 'high'],
    ['normal', 'normal', 'normal'],
    ['left out', undefined, 'normal'],
  ])('[FCM-02] priority %s', (_which, priority, expected) => {
    expect(send(service(), alive({ data: { a: 'b' }, android: { priority } })).accepted?.priority).toBe(expected)
  })

  it('[FCM-02] a notification is high unless it says otherwise, data is normal', () => {
    expect(send(service(), alive({ notification: { title: 'x' } })).accepted?.priority).toBe('high')
    expect(send(service(), alive({ android: { notification: { title: 'x' } } })).accepted?.priority).toBe('high')
    expect(send(service(), alive({ notification: { title: 'x' }, android: { priority: 'normal' } })).accepted?.priority).toBe('normal')
  })

  it('takes either spelling of a name, and null for "not set"', () => {
    const camel = send(service(), alive({ topic: null, android: { collapseKey: 'c', notification: { titleLocKey: 'x' } } }))
    expect(camel.accepted?.collapseKey).toBe('c')
  })

  it('android.data and android.notification stand in for the general ones', () => {
    const { accepted } = send(
      service(),
      alive({
        data: { a: '1' },
        notification: { title: 't', body: 'b' },
        android: { data: { a: '2' }, notification: { body: 'c', color: '#fff' } },
      }),
    )
    expect([accepted?.data, accepted?.notification]).toEqual([[['a', '2']], { title: 't', body: 'c' }])
  })

  it('takes topics and conditions, and the parts for other platforms', () => {
    expect(send(service(), { topic: 'news' }).accepted?.target).toEqual({ kind: 'topic', value: 'news' })
    expect(send(service(), { condition: "'a' in topics" }).accepted?.target.kind).toBe('condition')
    const other = {
      apns: { headers: { 'apns-priority': '10' }, payload: { aps: { badge: 0 } } },
      webpush: { notification: { any: [1] } },
      fcm_options: { analytics_label: 'x' },
    }
    expect(send(service(), alive(other)).status).toBe(200)
  })
})

describe('limits', () => {
  it.each([
    ['0s', 0],
    ['0.000000001s', 1],
    ['3.5s', 3_500],
    ['2419200s', MAX_TTL_MS],
    [undefined, MAX_TTL_MS],
  ])('[FCM-02] ttl %s is taken', (ttl, expected) => {
    expect(send(service(), alive({ android: { ttl } })).accepted?.ttlMs).toBe(expected)
  })

  it.each(['2419200.000000001s', '2419201s', '-1s', '-0.001s'])('[FCM-02] ttl %s is INVALID_ARGUMENT', (ttl) => {
    const answer = send(service(), alive({ android: { ttl } }))
    expect([answer.status, answer.code, answer.violations?.[0]?.field]).toEqual([400, 'INVALID_ARGUMENT', 'message.android.ttl'])
  })

  it.each([
    ['data', (count: number) => ({ data: bytes(count) })],
    ['android.data', (count: number) => ({ data: bytes(5_000), android: { data: bytes(count) } })],
    ['data in two-byte letters', (count: number) => ({ data: { ['é'.repeat(10)]: 'é'.repeat((count - 20) / 2) } })],
    ['data and notification', (count: number) => ({ data: bytes(96), notification: { title: 'x'.repeat(count - 96) } })],
  ])('[FCM-02] %s of 4,096 bytes is taken, one more is not', (_which, of) => {
    expect(MAX_PAYLOAD_BYTES).toBe(4_096)
    expect(send(service(), alive(of(4_096))).status).toBe(200)
    const more = of(4_096) as { data: Record<string, string>; android?: { data: Record<string, string> } }
    const grown = more.android?.data ?? more.data
    grown[Object.keys(grown)[0]!] += 'x'
    const answer = send(service(), alive(more))
    expect([answer.status, answer.code, answer.json.error?.message]).toEqual([
      400,
      'INVALID_ARGUMENT',
      'Message is too large. The maximum is 4K (4096 bytes).',
    ])
  })

  it('counts bytes as UTF-8 does', () => {
    for (const text of ['', 'abc', 'é', '€', '😀', 'a\uD800b', '\u{10FFFF}']) expect(utf8Bytes(text)).toBe(Buffer.byteLength(text))
  })
})

describe('two shapes of errors', () => {
  it.each([
    [
      'a number in data',
      alive({ data: { a: 'x', b: 12 } }),
      'message.data[1].value',
      "Invalid value at 'message.data[1].value' (TYPE_STRING), 12",
    ],
    ['null in data', alive({ data: { a: null } }), 'message.data[0].value', "Invalid value at 'message.data[0].value' (TYPE_STRING), null"],
    [
      'a field nobody knows',
      alive({ toen: 'x' }),
      'message',
      'Invalid JSON payload received. Unknown name "toen" at \'message\': Cannot find field.',
    ],
    [
      'one further down',
      alive({ android: { notification: { titel: 'x' } } }),
      'message.android.notification',
      'Invalid JSON payload received. Unknown name "titel" at \'message.android.notification\': Cannot find field.',
    ],
    [
      'a priority of another kind',
      alive({ android: { priority: 'urgent' } }),
      'message.android.priority',
      'Invalid value at \'message.android.priority\' (type.googleapis.com/google.firebase.fcm.v1.AndroidMessagePriority), "urgent"',
    ],
    [
      'a ttl without s',
      alive({ android: { ttl: '60' } }),
      'message.android.ttl',
      "Invalid value at 'message.android.ttl' (type.googleapis.com/google.protobuf.Duration), Field 'ttl', Illegal duration format; duration must end with 's'",
    ],
    [
      'a list for data',
      alive({ data: [] }),
      'message',
      "Invalid JSON payload received. Unknown name \"data\" at 'message': Cannot bind a list to map for field 'data'.",
    ],
    [
      'a list for the token',
      { token: ['x'] },
      'message',
      'Invalid JSON payload received. Unknown name "token" at \'message\': Proto field is not repeating, cannot start list.',
    ],
    [
      'an object for a text',
      alive({ notification: { title: {} } }),
      'message.notification',
      'Invalid JSON payload received. Unknown name "title" at \'message.notification\': Starting an object on a scalar field.',
    ],
    [
      'a text for an object',
      alive({ notification: 'x' }),
      'message.notification',
      'Invalid value at \'message.notification\' (type.googleapis.com/google.firebase.fcm.v1.Notification), "x"',
    ],
    [
      'two recipients',
      alive({ topic: 'x' }),
      'message',
      "Invalid value at 'message' (oneof), oneof field 'target' is already set. Cannot set 'topic'",
    ],
  ])('[FCM-03] %s has field violations and no FcmError', (_which, message, field, description) => {
    const { status, json, accepted } = send(service(), message)
    expect([status, accepted]).toEqual([400, null])
    expect(json.error).toEqual({
      code: 400,
      message: description,
      status: 'INVALID_ARGUMENT',
      details: [{ '@type': BAD_REQUEST, fieldViolations: [{ field, description }] }],
    })
  })

  it.each([
    ['no JSON', '{', 'Invalid JSON payload received. Unexpected token.'],
    ['nothing', '', 'Invalid JSON payload received. Unexpected end of string. Expected a value.'],
    ['a list', '[]', 'Invalid JSON payload received. Unknown name "": Root element must be a message.'],
    ['null', 'null', 'Invalid JSON payload received. Unknown name "": Root element must be a message.'],
    ['another name at the root', '{"mesage":{}}', 'Invalid JSON payload received. Unknown name "mesage": Cannot find field.'],
  ])('[FCM-03] a body that is %s has a violation without field', (_which, body, description) => {
    const answer = send(service(), null, 0, { body })
    expect([answer.status, answer.code, answer.violations]).toEqual([400, null, [{ description }]])
  })

  it('[FCM-03] a token that FCM never gave out has the FcmError and no violations', () => {
    const { json } = send(service(), { token: 'nobody' })
    expect(json.error).toEqual({
      code: 400,
      message: 'The registration token is not a valid FCM registration token',
      status: 'INVALID_ARGUMENT',
      details: [{ '@type': FCM_ERROR, errorCode: 'INVALID_ARGUMENT' }],
    })
  })

  it.each([
    ['no recipient', {}, 'message', 'Recipient of the message is not set.'],
    ['a reserved key', alive({ data: { from: 'x' } }), 'message.data', 'Invalid data payload key: from'],
    ['a key of Google', alive({ data: { 'google.c': 'x' } }), 'message.data', 'Invalid data payload key: google.c'],
    ['a reserved key for Android', alive({ android: { data: { gcm: 'x' } } }), 'message.android.data', 'Invalid data payload key: gcm'],
    ['a topic with a blank', { topic: 'a b' }, 'message', 'Topic name contains invalid characters.'],
  ])('[FCM-03] %s is refused by FCM: its code, and the field beside it', (_which, message, field, description) => {
    const answer = send(service(), message)
    expect([answer.status, answer.code, answer.violations]).toEqual([400, 'INVALID_ARGUMENT', [{ field, description }]])
  })

  it.each([
    ['its own words', 'x'.repeat(60_000)],
    ['numbers', Object.fromEntries(Array.from({ length: 6_000 }, (_, n) => [`k${n}`, n]))],
  ])('an answer stays small when a request is wrong all over (%s)', (_which, data) => {
    const answer = send(service(), alive({ data }))
    expect(answer.status).toBe(400)
    expect(answer.body.length).toBeLessThan(16_000)
  })

  it('names of prototypes are names like any other', () => {
    const body = `{"message":{"token":"${TOKENS.alive}","data":{"__proto__":"x"}}}`
    expect(send(service(), null, 0, { body }).accepted?.data).toEqual([['__proto__', 'x']])
    const unknown = send(service(), null, 0, { body: `{"message":{"token":"${TOKENS.alive}","__proto__":{"topic":"x"}}}` })
    expect(unknown.violations?.[0]?.description).toContain('Unknown name "__proto__"')
    expect(told(service().handle({ method: 'POST', path: SEND, authorization: 'Bearer good', body: '{"constructor":1}' }, 0)).status).toBe(
      400,
    )
  })
})
