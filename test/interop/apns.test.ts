/** `@parse/node-apn` as it comes from npm, pointed at the stand-in by its own options: address, port, ca (APNS-12). */
import { createRequire } from 'node:module'
import { afterEach, describe, expect, it } from 'vitest'
import type { Notification as ApnNotification, Provider as ApnProvider, ResponseFailure } from '@parse/node-apn'
import { STATUS_OF } from '../../core/cloud/apns/reasons.ts'
import type { ApnsOptions } from '../../core/wire/apns/server.ts'
import { BUNDLE, EXPIRED, GONE, GONE_SINCE_MS, LIVE, OTHER_APP, standIn, type StandIn } from '../wire/apns/provider.ts'
import { createProviderKey } from '../../core/wire/apns/providerKeys.ts'
import { eventually } from '../wire/eventually.ts'

const apn = createRequire(import.meta.url)('@parse/node-apn') as {
  Provider: new (options: object) => ApnProvider
  Notification: new () => ApnNotification
}

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function open(options: Partial<ApnsOptions> = {}): Promise<StandIn> {
  const made = await standIn(options)
  ending.push(() => made.close())
  return made
}

function providerOf(apns: StandIn, key = apns.key, options: object = {}): ApnProvider {
  const made = new apn.Provider({
    token: { key: key.p8, keyId: key.keyId, teamId: key.teamId },
    address: '127.0.0.1',
    port: apns.server.port,
    ca: [apns.ca],
    connectionRetryLimit: 0,
    ...options,
  })
  ending.push(() => made.shutdown())
  return made
}

function call(change: Partial<ApnNotification> = {}): ApnNotification {
  const notification = new apn.Notification()
  return Object.assign(
    notification,
    { topic: `${BUNDLE}.voip`, pushType: 'voip', priority: 10, expiry: 0, payload: { sealed: 'x' } },
    change,
  )
}

const failure = async (provider: ApnProvider, notification: ApnNotification, device: string): Promise<ResponseFailure> => {
  const { sent, failed } = await provider.send(notification, device)
  expect(sent).toEqual([])
  expect(failed).toHaveLength(1)
  return failed[0]!
}

describe('@parse/node-apn', () => {
  it('[APNS-12] [APNS-10] its push is accepted and delivered', async () => {
    const apns = await open()
    const { sent, failed } = await providerOf(apns).send(call({ id: '8f8a2b56-0c2e-4c5a-9c7b-6e0f3c1d2a4b' }), LIVE)
    expect(failed).toEqual([])
    expect(sent).toEqual([{ device: LIVE, 'apns-id': '8f8a2b56-0c2e-4c5a-9c7b-6e0f3c1d2a4b' }])
    expect(apns.delivered).toMatchObject([{ token: LIVE, pushType: 'voip', topic: `${BUNDLE}.voip`, priority: 10, expiration: 0 }])
    expect(JSON.parse(apns.delivered[0]!.payload)).toMatchObject({ sealed: 'x' })
  })

  it.each([
    ['a token that is gone', GONE, {}, 410, { reason: 'Unregistered', timestamp: GONE_SINCE_MS }],
    ['a token that has expired', EXPIRED, {}, 410, { reason: 'ExpiredToken', timestamp: GONE_SINCE_MS }],
    ['a token of another app', OTHER_APP, {}, 400, { reason: 'DeviceTokenNotForTopic' }],
    ['a malformed token', 'abc', {}, 400, { reason: 'BadDeviceToken' }],
    ['no topic', LIVE, { topic: undefined }, 400, { reason: 'MissingTopic' }],
    ['VoIP without its topic', LIVE, { topic: BUNDLE }, 400, { reason: 'TopicDisallowed' }],
    ['no payload', LIVE, { payload: {}, aps: {} }, 400, { reason: 'PayloadEmpty' }],
    ['5 KiB', LIVE, { payload: { sealed: 'x'.repeat(5_120) } }, 413, { reason: 'PayloadTooLarge' }],
  ] as const)('[APNS-12] %s: its own error fields', async (_which, device, change, status, response) => {
    const apns = await open()
    expect(await failure(providerOf(apns), call(change as Partial<ApnNotification>), device)).toMatchObject({ device, status, response })
    expect(apns.delivered).toEqual([])
  })

  it('[APNS-12] a key that nobody knows: 403', async () => {
    const apns = await open()
    expect(await failure(providerOf(apns, createProviderKey()), call(), LIVE)).toMatchObject({
      status: 403,
      response: { reason: 'InvalidProviderToken' },
    })
  })

  it('[APNS-12] too many requests for a device: 429, and its own retries get through', async () => {
    const apns = await open()
    apns.server.inject({ kind: 'answer', status: 429, reason: 'TooManyRequests' })
    expect(await failure(providerOf(apns), call(), LIVE)).toMatchObject({ status: 429, response: { reason: 'TooManyRequests' } })
    apns.server.inject({ kind: 'answer', status: 429, reason: 'TooManyRequests' })
    const { sent } = await providerOf(apns, apns.key, { connectionRetryLimit: 3 }).send(call(), LIVE)
    expect(sent).toHaveLength(1)
    expect(apns.exchanges.map(({ status }) => status)).toEqual([429, 429, 200])
  })

  it.each([
    [500, 'InternalServerError', { status: 500, error: { message: 'Error 500, stream ended unexpectedly' } }],
    [503, 'ServiceUnavailable', { status: 503, response: { reason: 'ServiceUnavailable' } }],
    [403, 'ExpiredProviderToken', { status: 403, error: { message: 'ExpiredProviderToken' } }],
    [403, 'Forbidden', { status: 403, response: { reason: 'Forbidden' } }],
  ])('[APNS-12] %d %s, from a fault script', async (status, reason, fields) => {
    const apns = await open()
    apns.server.inject({ kind: 'answer', status, reason })
    expect(await failure(providerOf(apns), call(), LIVE)).toMatchObject({ device: LIVE, ...fields })
  })

  it('[APNS-12] [APNS-06] every reason that is documented comes out of it as such, or as its own word for the status', async () => {
    const apns = await open()
    // It makes errors of its own of these.
    const own: Record<string, object> = {
      InternalServerError: { status: 500, error: { message: 'Error 500, stream ended unexpectedly' } },
      ExpiredProviderToken: { status: 403, error: { message: 'ExpiredProviderToken' } },
    }
    const provider = providerOf(apns)
    for (const [reason, status] of Object.entries(STATUS_OF)) {
      apns.server.inject({ kind: 'answer', status, reason, ...(status === 410 ? { timestampMs: GONE_SINCE_MS } : {}) })
      const failed = await failure(provider, call(), LIVE)
      expect(failed, reason).toMatchObject({
        device: LIVE,
        ...(own[reason] ?? { status, response: status === 410 ? { reason, timestamp: GONE_SINCE_MS } : { reason } }),
      })
      expect(apns.exchanges.at(-1)).toMatchObject({ outcome: 'answered', status, reason })
    }
    expect(apns.delivered).toEqual([])
  })

  it('[APNS-12] makes a new token when told that its own has expired, and is served', async () => {
    const apns = await open()
    const provider = providerOf(apns, apns.key, { connectionRetryLimit: 3 })
    apns.server.inject({ kind: 'answer', status: 403, reason: 'ExpiredProviderToken' })
    expect((await provider.send(call(), LIVE)).sent).toHaveLength(1)
  })

  it('[APNS-12] a thousand pushes at once over one connection', async () => {
    const apns = await open()
    const { sent, failed } = await providerOf(apns).send(
      call(),
      Array.from({ length: 1_000 }, (_, i) => (i % 10 === 0 ? GONE : LIVE)),
    )
    expect(sent).toHaveLength(900)
    expect(failed).toHaveLength(100)
    for (const each of failed) expect(each).toMatchObject({ status: 410, response: { reason: 'Unregistered' } })
    expect(apns.delivered).toHaveLength(900)
    expect(new Set(apns.delivered.map(({ apnsId }) => apnsId)).size).toBe(900)
    expect(apns.events.filter(({ what }) => what === 'opened')).toHaveLength(1)
  })

  it('[APNS-08] GOAWAY: each push that was cut is reported as failed, the next one goes over a new connection', async () => {
    const apns = await open()
    const provider = providerOf(apns)
    expect((await provider.send(call(), LIVE)).sent).toHaveLength(1)
    apns.server.inject({ kind: 'stall' }, 20)
    const cut = provider.send(call(), Array<string>(20).fill(LIVE))
    await eventually(() => apns.server.streams === 20, 'twenty pushes in flight')
    expect(apns.server.goAway('TooManyRequests')).toBe(20)
    const { sent, failed } = await cut
    expect(sent).toEqual([])
    expect(failed).toHaveLength(20)
    for (const each of failed) expect(each.error).toBeInstanceOf(Error)
    expect(apns.exchanges.filter(({ outcome }) => outcome === 'cut')).toHaveLength(20)
    expect((await provider.send(call(), LIVE)).sent).toHaveLength(1)
    expect(apns.events.filter(({ what }) => what === 'opened')).toHaveLength(2)
  })

  it('[APNS-08] a stalled answer is its own timeout', async () => {
    const apns = await open()
    apns.server.inject({ kind: 'stall' })
    const { error } = await failure(providerOf(apns, apns.key, { requestTimeout: 200 }), call(), LIVE)
    expect(error?.message).toMatch(/^apn write (timeout|aborted)/)
    await eventually(() => apns.exchanges.some(({ outcome }) => outcome === 'cut'), 'the stream that it reset')
  })

  it('[APNS-12] does not trust a server whose authority it was not given', async () => {
    const apns = await open()
    const { error } = await failure(providerOf(apns, apns.key, { ca: [] }), call(), LIVE)
    expect(error).toBeInstanceOf(Error)
    expect(apns.exchanges).toEqual([])
  })
})
