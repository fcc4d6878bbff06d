/**
 * The conformance list of a stand-in for APNs: the 26 cases that Pushy's own stand-in is tested by, and the limit of
 * VoIP, which that one has wrong; each over a real HTTP/2 connection.
 */
import type { OutgoingHttpHeaders } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_PAYLOAD_BYTES, MAX_VOIP_PAYLOAD_BYTES } from '../../../core/cloud/apns/machine.ts'
import { MAX_TOKEN_AGE_MS } from '../../../core/cloud/apns/providerToken.ts'
import { createProviderKey } from '../../../core/wire/apns/providerKeys.ts'
import {
  BUNDLE,
  EXPIRED,
  GONE,
  GONE_SINCE_MS,
  jwtOf,
  LIVE,
  OTHER_APP,
  Provider,
  SANDBOX,
  standIn,
  type SigningKey,
  type StandIn,
} from './provider.ts'

const key: SigningKey = createProviderKey('TEAM000001')
const stranger: SigningKey = createProviderKey('TEAM000001')
const narrow: SigningKey = createProviderKey('TEAM000001', { topics: ['com.example.other'] })
const sandboxKey: SigningKey = createProviderKey('TEAM000001', { environment: 'sandbox' })
const ID = '8F8A2B56-0C2E-4C5A-9C7B-6E0F3C1D2A4B'
const now = Math.floor(Date.now() / 1_000)
const bearer = (jwt: string): OutgoingHttpHeaders => ({ authorization: `bearer ${jwt}` })
const to = (token: string): OutgoingHttpHeaders => ({ ':path': `/3/device/${token}` })
const ofBytes = (bytes: number): string => `{"x":"${'y'.repeat(bytes - 8)}"}`

/** Row, name, what is changed in a good notification (`body` is no header), and the answer. */
type Case = [row: string, name: string, change: OutgoingHttpHeaders & { body?: string }, answer: string, timestamp?: number]

/** In the order of that stand-in's tests: 16 of its handler, 2 of push types, 8 of provider tokens. */
const LIST: Case[] = [
  ['APNS-01', 'a valid notification', {}, '200'],
  ['APNS-03', 'an apns-id that is no UUID', { 'apns-id': 'This is not a valid UUID.' }, '400 BadMessageId'],
  ['APNS-03', 'a collapse ID', { 'apns-collapse-id': 'Collapse ID!' }, '200'],
  ['APNS-03', 'a collapse ID of 65 bytes', { 'apns-collapse-id': 'x'.repeat(65) }, '400 BadCollapseId'],
  ['APNS-03', 'a date of expiration', { 'apns-expiration': String(now) }, '200'],
  ['APNS-03', 'no topic', { 'apns-topic': undefined }, '400 MissingTopic'],
  ['APNS-03', 'priority 5', { 'apns-priority': '5' }, '200'],
  ['APNS-03', 'priority 9000', { 'apns-priority': '9000' }, '400 BadPriority'],
  ['APNS-01', 'another path', { ':path': '/example/definitely-not-the-correct-path/' }, '404 BadPath'],
  ['APNS-05', 'no device token', { ':path': '/3/device/' }, '400 MissingDeviceToken'],
  ['APNS-05', 'a malformed device token', { ':path': '/3/device/not-a-legit-token' }, '400 BadDeviceToken'],
  ['APNS-05', 'a device token that is gone', to(GONE), '410 Unregistered', GONE_SINCE_MS],
  ['APNS-05', 'a device token of another app', to(OTHER_APP), '400 DeviceTokenNotForTopic'],
  ['APNS-04', 'no payload', { body: '' }, '400 PayloadEmpty'],
  ['APNS-04', 'an empty payload, announced as one', { 'content-length': '0', body: '' }, '400 PayloadEmpty'],
  ['APNS-04', 'a payload of twice the limit', { body: ofBytes(2 * MAX_PAYLOAD_BYTES) }, '413 PayloadTooLarge'],
  ['APNS-03', 'a push type', { 'apns-push-type': 'background' }, '200'],
  ['APNS-03', 'an unknown push type', { 'apns-push-type': 'telegram' }, '400 InvalidPushType'],
  ['APNS-02', 'no provider token', { authorization: undefined }, '403 MissingProviderToken'],
  ['APNS-02', 'an empty provider token', { authorization: 'bearer' }, '403 MissingProviderToken'],
  ['APNS-02', 'an authorization of another kind', { authorization: 'Definitely not legit.' }, '403 MissingProviderToken'],
  ['APNS-02', 'a malformed provider token', bearer('Definitely not a legit token.'), '403 InvalidProviderToken'],
  ['APNS-02', 'an unknown key', bearer(jwtOf(key, { kid: 'UNKNOWN123' })), '403 InvalidProviderToken'],
  ['APNS-02', 'a bad signature', bearer(jwtOf(key, { p8: stranger.p8 })), '403 InvalidProviderToken'],
  ['APNS-02', 'a provider token of 1970', bearer(jwtOf(key, { iatS: 0 })), '403 ExpiredProviderToken'],
  ['APNS-02', 'a key that is not for this topic', bearer(jwtOf(narrow)), '403 InvalidProviderToken'],
]

const VOIP = { 'apns-topic': `${BUNDLE}.voip`, 'apns-push-type': 'voip' }
const MAX_TOKEN_AGE_S = MAX_TOKEN_AGE_MS / 1_000

const MORE: Case[] = [
  ['APNS-04', 'VoIP at its limit', { ...VOIP, body: ofBytes(MAX_VOIP_PAYLOAD_BYTES) }, '200'],
  ['APNS-04', 'VoIP with one byte more', { ...VOIP, body: ofBytes(MAX_VOIP_PAYLOAD_BYTES + 1) }, '413 PayloadTooLarge'],
  ['APNS-04', 'an alert at its limit', { body: ofBytes(MAX_PAYLOAD_BYTES) }, '200'],
  ['APNS-04', 'an alert with one byte more', { body: ofBytes(MAX_PAYLOAD_BYTES + 1) }, '413 PayloadTooLarge'],
  ['APNS-04', 'bytes are counted, not characters', { body: `"${'é'.repeat(2_048)}"` }, '413 PayloadTooLarge'],
  ['APNS-04', 'a megabyte', { body: ofBytes(1_048_576) }, '413 PayloadTooLarge'],
  ['APNS-01', 'GET', { ':method': 'GET', body: '' }, '405 MethodNotAllowed'],
  ['APNS-01', 'PUT', { ':method': 'PUT' }, '405 MethodNotAllowed'],
  ['APNS-03', 'a collapse ID of 64 bytes', { 'apns-collapse-id': 'x'.repeat(64) }, '200'],
  ['APNS-03', 'priority 1', { 'apns-priority': '1' }, '200'],
  ['APNS-03', 'a topic with a blank', { 'apns-topic': 'com example' }, '400 BadTopic'],
  ['APNS-03', 'a date that is none', { 'apns-expiration': 'tomorrow' }, '400 BadExpirationDate'],
  ['APNS-03', 'a topic twice', { 'apns-topic': [BUNDLE, BUNDLE] }, '400 DuplicateHeaders'],
  ['APNS-03', 'VoIP without the suffix', { 'apns-push-type': 'voip' }, '400 TopicDisallowed'],
  ['APNS-03', 'an alert with the suffix of VoIP', { ...VOIP, 'apns-push-type': 'alert' }, '400 InvalidPushType'],
  ['APNS-05', 'a device token that has expired', to(EXPIRED), '410 ExpiredToken', GONE_SINCE_MS],
  ['APNS-05', 'a device token of the other environment', to(SANDBOX), '400 BadDeviceToken'],
  ['APNS-05', 'a device token that was never given out', to('12'.repeat(32)), '400 BadDeviceToken'],
  ['APNS-05', 'a device token in capitals', to(LIVE.toUpperCase()), '200'],
  ['APNS-02', 'a token that is just too old', bearer(jwtOf(key, { iatS: now - MAX_TOKEN_AGE_S - 1 })), '403 ExpiredProviderToken'],
  ['APNS-02', 'a token that is almost too old', bearer(jwtOf(key, { iatS: now - MAX_TOKEN_AGE_S + 60 })), '200'],
  ['APNS-02', 'a token of the future', bearer(jwtOf(key, { iatS: now + 3_600 })), '403 InvalidProviderToken'],
  ['APNS-02', 'a token of another team under this key', bearer(jwtOf(key, { iss: 'TEAM000002' })), '403 InvalidProviderToken'],
  ['APNS-02', 'a token that names another algorithm', bearer(jwtOf(key, { alg: 'none' })), '403 InvalidProviderToken'],
  ['APNS-06', 'a key of the other environment', bearer(jwtOf(sandboxKey)), '403 BadEnvironmentKeyIdInToken'],
]

let apns: StandIn
let provider: Provider
const good = jwtOf(key)
beforeAll(async () => {
  apns = await standIn({}, [key, narrow, sandboxKey])
  provider = new Provider(apns)
})
afterAll(async () => {
  provider.close()
  await apns.close()
})

for (const { which, cases } of [
  { which: 'the list', cases: LIST },
  { which: 'beyond the list', cases: MORE },
]) {
  describe(`${which}`, () => {
    for (const [row, name, { body, ...headers }, answer, timestamp] of cases) {
      it(`[${row}] ${name}: ${answer}`, async () => {
        const [status, reason] = [Number(answer.slice(0, 3)), answer.slice(4)]
        const before = apns.delivered.length
        const answered = await provider.send({ 'apns-id': ID, ...bearer(good), ...headers }, ...(body === undefined ? [] : [body]))
        expect(answered).toMatchObject({ status, rst: 0 })
        expect(answered.body).toEqual(reason === '' ? null : timestamp === undefined ? { reason } : { reason, timestamp })
        expect(apns.delivered.length - before).toBe(status === 200 ? 1 : 0)
        if (reason !== 'BadMessageId') expect(answered.apnsId).toBe(ID)
        expect(apns.exchanges.at(-1)).toMatchObject({ outcome: 'answered', status, reason: reason || null, apnsId: answered.apnsId })
      })
    }
  })
}

it('has the 26 cases', () => {
  expect(LIST).toHaveLength(26)
  expect(new Set(LIST.map(([, name]) => name)).size).toBe(26)
})

it('[APNS-03] makes an apns-id when none is given, another one for each notification', async () => {
  const ids = [await provider.send(bearer(good)), await provider.send(bearer(good))].map(({ apnsId }) => apnsId)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids[0]).not.toBe(ids[1])
  expect(apns.delivered.at(-1)?.apnsId).toBe(ids[1])
})

it('[APNS-10] what is accepted goes on as it was sent', async () => {
  await provider.send({ ...bearer(good), ...VOIP, 'apns-id': ID, 'apns-expiration': '0', 'apns-collapse-id': 'call' }, '{"sealed":"ü"}')
  expect(apns.delivered.at(-1)).toMatchObject({
    apnsId: ID,
    token: LIVE,
    topic: `${BUNDLE}.voip`,
    pushType: 'voip',
    priority: 10,
    expiration: 0,
    collapseId: 'call',
    payload: '{"sealed":"ü"}',
  })
})

it('[APNS-05] the host name that was asked for says which environment is meant', async () => {
  const sandbox = new Provider(apns, 'api.sandbox.push.apple.com')
  expect(await sandbox.send({ ...bearer(good), ':path': `/3/device/${SANDBOX}` })).toMatchObject({ status: 200 })
  expect(await sandbox.send(bearer(good))).toMatchObject({ status: 400, body: { reason: 'BadDeviceToken' } })
  sandbox.close()
})

it('[APNS-08] one connection serves one team', async () => {
  const second: SigningKey = createProviderKey('TEAM000002')
  const two = await standIn({}, [key, second])
  const one = new Provider(two)
  expect(await one.send(bearer(good))).toMatchObject({ status: 200 })
  expect(await one.send(bearer(jwtOf(second)))).toMatchObject({ status: 403, body: { reason: 'InvalidProviderToken' } })
  const other = new Provider(two)
  expect(await other.send(bearer(jwtOf(second)))).toMatchObject({ status: 200 })
  one.close()
  other.close()
  await two.close()
})

it('[APNS-02] a key that is renewed twice within 20 min', async () => {
  const one = await standIn({}, [key])
  const client = new Provider(one)
  const renewed = (secondsAgo: number) => client.send(bearer(jwtOf(key, { iatS: now - secondsAgo })))
  expect(await renewed(30)).toMatchObject({ status: 200 })
  expect(await renewed(20)).toMatchObject({ status: 200 })
  expect(await renewed(10)).toMatchObject({ status: 429, body: { reason: 'TooManyProviderTokenUpdates' } })
  expect(await renewed(20), 'the token before is still good').toMatchObject({ status: 200 })
  client.close()
  await one.close()
})
