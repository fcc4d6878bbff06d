/**
 * firebase-admin as it comes from npm, told only where to connect (FCM-06): by `httpAgent` for one message over
 * HTTP/1.1, and by `http2.connect` for several over HTTP/2, which the library gives no option for.
 */
import { createRequire } from 'node:module'
import type * as Http2 from 'node:http2'
import type * as Https from 'node:https'
import { Agent } from 'node:https'
import type { Socket } from 'node:net'
import { deleteApp, cert, initializeApp, type App, type Credential } from 'firebase-admin/app'
import { getMessaging, type Message, type Messaging } from 'firebase-admin/messaging'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { FcmErrorCode } from '../../core/cloud/fcm/errors.ts'
import { PROJECT, TOKENS } from '../cloud/fcm/fake.ts'
import { atEnd, closeAll, door, serviceAccount, type Door } from '../wire/fcm/door.ts'

/** The library's own time for one attempt. */
const ATTEMPT_MS = 15_000

const require = createRequire(import.meta.url)
const http2 = require('node:http2') as typeof Http2
const https = require('node:https') as typeof Https

/** What the library calls each code of FCM's. */
const ERRORS_OF: Readonly<Record<FcmErrorCode, string>> = {
  INVALID_ARGUMENT: 'messaging/invalid-argument',
  UNREGISTERED: 'messaging/registration-token-not-registered',
  SENDER_ID_MISMATCH: 'messaging/mismatched-credential',
  QUOTA_EXCEEDED: 'messaging/message-rate-exceeded',
  UNAVAILABLE: 'messaging/server-unavailable',
  INTERNAL: 'messaging/internal-error',
  THIRD_PARTY_AUTH_ERROR: 'messaging/third-party-auth-error',
}
/** All but 503. */
const TRIED_ONCE = (Object.entries(ERRORS_OF) as [FcmErrorCode, string][]).filter(([code]) => code !== 'UNAVAILABLE')

let apps = 0

/** Goes to the endpoint whatever the name is; `hurry` makes a second of the library's timeouts last so many ms. */
function agentTo({ port, ca }: Door, hurry = 1_000, asked: number[] = []): Agent {
  const agent = new Agent({ ca, keepAlive: true })
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = ((options: object, done: (error: Error | null, socket: Socket) => void) => {
    const socket = connect({ ...options, host: '127.0.0.1', port } as never, done as never) as Socket
    const { setTimeout } = socket
    socket.setTimeout = function (ms: number, then?: () => void) {
      if (ms > 0) asked.push(ms)
      return setTimeout.call(this, (ms * hurry) / 1_000, then)
    }
    return socket
  }) as typeof agent.createConnection
  atEnd(() => agent.destroy())
  return agent
}

const withToken = (token: string): Credential => ({ getAccessToken: () => Promise.resolve({ access_token: token, expires_in: 3_600 }) })

function messaging(
  at: Door,
  { credential = withToken('good'), agent = agentTo(at) }: { credential?: Credential; agent?: Agent } = {},
): Messaging {
  const app: App = initializeApp({ projectId: PROJECT, credential, httpAgent: agent }, `app-${++apps}`)
  atEnd(() => deleteApp(app))
  return getMessaging(app)
}

const call = (token: string, more: object = {}): Message => ({ token, data: { call: '7' }, android: { priority: 'high', ttl: 0 }, ...more })

const codeOf = (sending: Promise<unknown>): Promise<string> =>
  sending.then(
    () => 'no error',
    (error: { code?: string }) => error.code ?? String(error),
  )

/** Attempts that the endpoint saw. */
const attempts = ({ exchanges }: Door): number => exchanges.filter(({ path }) => path.includes('messages:send')).length

describe('one message, over HTTP/1.1', () => {
  afterEach(closeAll)

  it('[FCM-06] is sent, and its name comes back', async () => {
    const at = await door()
    const name = await messaging(at).send(
      call(TOKENS.alive, { android: { priority: 'high', ttl: 3_500, collapseKey: 'c', notification: { titleLocKey: 'x' } } }),
    )
    expect(name).toMatch(/^projects\/push-lab\/messages\//)
    expect(at.accepted).toMatchObject([{ name, priority: 'high', ttlMs: 3_500, collapseKey: 'c', data: [['call', '7']] }])
    expect(at.exchanges[0]).toMatchObject({ protocol: 'HTTP/1.1', status: 200 })
    expect(at.exchanges[0]?.requestHeaders['x-firebase-client']).toBe('fire-admin-node/13.10.0')
    expect(await messaging(at).send(call(TOKENS.alive), true)).toBe('projects/push-lab/messages/fake_message_id')
    expect(at.accepted).toHaveLength(1)
  })

  it('[FCM-06] every part of a message that the library knows is known here', async () => {
    const at = await door()
    const everything: Message = {
      token: TOKENS.alive,
      data: { a: 'b' },
      notification: { title: 't', body: 'b', imageUrl: 'https://x.example/i.png' },
      fcmOptions: { analyticsLabel: 'l' },
      android: {
        collapseKey: 'c',
        priority: 'normal',
        ttl: 86_400_000,
        restrictedPackageName: 'com.example',
        directBootOk: true,
        data: { c: 'd' },
        fcmOptions: { analyticsLabel: 'l' },
        notification: {
          title: 't',
          body: 'b',
          icon: 'i',
          color: '#aabbcc',
          sound: 's',
          tag: 't',
          imageUrl: 'https://x.example/i.png',
          clickAction: 'c',
          bodyLocKey: 'k',
          bodyLocArgs: ['1'],
          titleLocKey: 'k',
          titleLocArgs: ['1'],
          channelId: 'c',
          ticker: 't',
          sticky: true,
          eventTimestamp: new Date(0),
          localOnly: true,
          priority: 'max',
          vibrateTimingsMillis: [100, 50],
          defaultVibrateTimings: false,
          defaultSound: false,
          lightSettings: { color: '#aabbccdd', lightOnDurationMillis: 100, lightOffDurationMillis: 100 },
          defaultLightSettings: false,
          visibility: 'private',
          notificationCount: 3,
          proxy: 'if_priority_lowered',
        },
      },
      apns: {
        headers: { 'apns-priority': '10' },
        payload: { aps: { alert: { title: 't' }, badge: 1, contentAvailable: true } },
        fcmOptions: { imageUrl: 'https://x.example/i.png' },
      },
      webpush: {
        headers: { Urgency: 'high' },
        data: { e: 'f' },
        notification: { title: 't', actions: [{ action: 'a', title: 't' }] },
        fcmOptions: { link: 'https://x.example/' },
      },
    }
    expect(await codeOf(messaging(at).send(everything))).toBe('no error')
    expect(at.accepted[0]).toMatchObject({ priority: 'normal', ttlMs: 86_400_000, data: [['c', 'd']] })
  })

  it('[FCM-06] a service account signs in by itself at /token, unmodified', async () => {
    const { account, key } = await serviceAccount()
    const at = await door({ accounts: [account] })
    const agent = agentTo(at)
    // The library passes its agent on to all but the token endpoint, which is asked by way of the global one.
    const { globalAgent } = https
    https.globalAgent = agent
    atEnd(() => (https.globalAgent = globalAgent))
    const to = messaging(at, { credential: cert({ ...key } as never, agent), agent })
    await to.send(call(TOKENS.alive))
    await to.send(call(TOKENS.alive))
    expect(at.exchanges.map(({ path, status }) => [path, status])).toEqual([
      ['/token', 200],
      ['/v1/projects/push-lab/messages:send', 200],
      ['/v1/projects/push-lab/messages:send', 200],
    ])
    expect(new Set(at.exchanges.map(({ requestHeaders }) => requestHeaders['host']))).toEqual(
      new Set(['oauth2.googleapis.com', 'fcm.googleapis.com']),
    )
  })

  it.each([
    ['a token that is gone', call(TOKENS.gone), 'messaging/registration-token-not-registered'],
    ['a token of another sender', call(TOKENS.foreign), 'messaging/mismatched-credential'],
    ['a token that never was', call('nobody'), 'messaging/invalid-argument'],
    ['data past the limit', call(TOKENS.alive, { data: { a: 'x'.repeat(4_096) } }), 'messaging/invalid-argument'],
    ['a ttl past four weeks', call(TOKENS.alive, { android: { ttl: 28 * 86_400_000 + 1 } }), 'messaging/invalid-argument'],
    ['a value that the format does not have', call(TOKENS.alive, { fcmOptions: { foo: 'x' } }), 'messaging/invalid-argument'],
    ['a rejected APNs key', call(TOKENS.ios), 'messaging/third-party-auth-error'],
  ] as [string, Message, string][])('[FCM-06] %s is its own error, after one attempt', async (_which, message, code) => {
    const at = await door()
    expect([await codeOf(messaging(at).send(message)), attempts(at), at.accepted]).toEqual([code, 1, []])
  })

  it('[FCM-06] a quota is its own error, after one attempt', async () => {
    const at = await door()
    const to = messaging(at)
    for (let i = 0; i < 20; i++) await to.send(call(TOKENS.alive, { android: { collapseKey: 'sync' } }))
    expect(await codeOf(to.send(call(TOKENS.alive, { android: { collapseKey: 'sync' } })))).toBe('messaging/message-rate-exceeded')
    expect([attempts(at), at.accepted.length]).toEqual([21, 20])
  })

  it.each([
    ['a bearer that nobody knows', 'bad', 'messaging/third-party-auth-error'],
    ['an expired one', 'expired', 'messaging/third-party-auth-error'],
  ])('[FCM-06] %s: the library knows 401 under one name only', async (_which, token, code) => {
    const at = await door()
    expect([await codeOf(messaging(at, { credential: withToken(token) }).send(call(TOKENS.alive))), attempts(at)]).toEqual([code, 1])
  })

  it.each(TRIED_ONCE)('[FCM-06] %s is tried once', async (code, error) => {
    const at = await door()
    at.fcm.fault({ kind: 'answer', code, times: 9 })
    expect([await codeOf(messaging(at).send(call(TOKENS.alive))), attempts(at), at.fcm.pendingFaults]).toEqual([error, 1, 8])
  })

  it('[FCM-06] a page instead of JSON is told apart, and tried once', async () => {
    const at = await door()
    at.fcm.fault({ kind: 'page', status: 502, times: 9 })
    expect([await codeOf(messaging(at).send(call(TOKENS.alive))), attempts(at)]).toEqual(['messaging/unknown-error', 1])
  })
})

// Between attempts the library waits 0, 1, 2 and 4 s, or what Retry-After says: side by side, or this takes minutes.
describe.concurrent('what is tried again', { timeout: 30_000 }, () => {
  afterAll(closeAll)

  it('[FCM-06] 503 is tried four times more, then it is "unavailable"', async () => {
    const at = await door()
    at.fcm.fault({ kind: 'answer', code: 'UNAVAILABLE', retryAfterS: 1, times: 9 })
    const started = performance.now()
    expect([await codeOf(messaging(at).send(call(TOKENS.alive))), attempts(at), at.fcm.pendingFaults]).toEqual([
      ERRORS_OF.UNAVAILABLE,
      5,
      4,
    ])
    // Four times the second of Retry-After; its own steps would take 7 s.
    expect(performance.now() - started).toBeGreaterThan(3_950)
    expect(performance.now() - started).toBeLessThan(6_500)
  })

  it('[FCM-06] a reset is tried four times more', async () => {
    const at = await door()
    at.fcm.fault({ kind: 'reset', times: 9 })
    expect([await codeOf(messaging(at).send(call(TOKENS.alive))), attempts(at), at.fcm.pendingFaults]).toEqual(['app/network-error', 5, 4])
  })

  it('[FCM-06] silence of 15 s is tried four times more', async () => {
    const at = await door()
    at.fcm.fault({ kind: 'stall', times: 9 })
    const timeouts: number[] = []
    const agent = agentTo(at, 10, timeouts)
    expect(await codeOf(messaging(at, { agent }).send(call(TOKENS.alive)))).toBe('app/network-timeout')
    expect([at.fcm.pendingFaults, new Set(timeouts)]).toEqual([4, new Set([ATTEMPT_MS])])
  })

  it('[FCM-06] it gets through when the trouble is over by the fifth attempt', async () => {
    const at = await door()
    at.fcm.fault({ kind: 'answer', code: 'UNAVAILABLE', retryAfterS: 1, times: 2 })
    at.fcm.fault({ kind: 'reset', times: 1 })
    expect([await codeOf(messaging(at).send(call(TOKENS.alive))), attempts(at), at.accepted.length]).toEqual(['no error', 4, 1])
  })
})

describe('several messages, over HTTP/1.1', () => {
  afterEach(closeAll)

  it('[FCM-06] each has its own success or error', async () => {
    const at = await door()
    const to = messaging(at)
    to.enableLegacyHttpTransport()
    const { responses } = await to.sendEach([call(TOKENS.alive), call(TOKENS.gone), call(TOKENS.foreign)])
    expect(responses.map(({ success, error }) => error?.code ?? success)).toEqual([
      true,
      'messaging/registration-token-not-registered',
      'messaging/mismatched-credential',
    ])
    expect(new Set(at.exchanges.map(({ protocol }) => protocol))).toEqual(new Set(['HTTP/1.1']))
  })
})

describe('several messages, over HTTP/2', () => {
  afterEach(async () => {
    vi.restoreAllMocks()
    await closeAll()
  })

  /**
   * The library has no option for where, so what the name stands for is replaced. It also says `https:` for the
   * scheme, with a colon that Google lets pass and Node's HTTP/2 does not (RFC 9113, 8.3.1): it is taken off here.
   */
  function over({ port, ca }: Door): void {
    const { connect } = http2
    vi.spyOn(http2, 'connect').mockImplementation(((authority: string, options: object) => {
      expect(authority).toBe('https://fcm.googleapis.com')
      const session = connect(`https://127.0.0.1:${port}`, { ...options, ca, servername: 'fcm.googleapis.com' })
      const { request } = session
      session.request = function (headers, ...rest) {
        return request.call(this, { ...headers, ':scheme': 'https' }, ...rest)
      }
      return session
    }) as typeof connect)
  }

  it('[FCM-06] each has its own success or error, on one connection', async () => {
    const at = await door()
    over(at)
    const { responses, successCount, failureCount } = await messaging(at).sendEach([
      call(TOKENS.alive),
      call(TOKENS.gone),
      call(TOKENS.foreign),
      call('nobody'),
      call(TOKENS.second),
    ])
    expect(responses.map(({ success, error }) => error?.code ?? success)).toEqual([
      true,
      'messaging/registration-token-not-registered',
      'messaging/mismatched-credential',
      'messaging/invalid-argument',
      true,
    ])
    expect([successCount, failureCount, at.accepted.length]).toEqual([2, 3, 2])
    expect(new Set(at.exchanges.map(({ protocol, connection }) => `${protocol} ${connection}`))).toEqual(new Set(['HTTP/2 1']))
  })

  it('[FCM-06] [FCM-04] every code that is not tried again is the error of its message alone', async () => {
    const at = await door()
    over(at)
    for (const [code, error] of TRIED_ONCE) {
      at.fcm.fault({ kind: 'answer', code, times: 1 })
      const { responses } = await messaging(at).sendEach([call(TOKENS.alive)])
      expect(
        responses.map((each) => each.error?.code),
        code,
      ).toEqual([error])
    }
    expect([at.fcm.pendingFaults, at.accepted]).toEqual([0, []])
    expect(new Set(at.exchanges.map(({ protocol }) => protocol))).toEqual(new Set(['HTTP/2']))
  })

  it('[FCM-06] of 500 messages to one device 240 get through, and the rest is over quota', async () => {
    const at = await door()
    over(at)
    const { responses, successCount } = await messaging(at).sendEach(Array.from({ length: 500 }, () => call(TOKENS.alive)))
    expect([successCount, at.accepted.length]).toEqual([240, 240])
    expect(new Set(responses.slice(240).map(({ error }) => error?.code))).toEqual(new Set(['messaging/message-rate-exceeded']))
  })
})
