/** Each answer of FCM over real sockets, on both protocols of its one port. */
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { FcmErrorCode } from '../../../core/cloud/fcm/errors.ts'
import { MAX_BODY_BYTES } from '../../../core/cloud/fcm/limits.ts'
import { alive, SEND, told, TOKENS } from '../../cloud/fcm/fake.ts'
import { CARRIERS, closeAll, door, HOST, onSession, session, type Answer } from './door.ts'
import { after, eventually } from '../eventually.ts'

afterEach(closeAll)

const body = (message: unknown): string => JSON.stringify({ message })
const read = ({ status, headers, body: text }: Answer) =>
  told({ status, headers: headers as Record<string, string>, body: text, accepted: null })

describe.each(CARRIERS)('over $carrier', ({ carrier, ask }) => {
  it('[FCM-01] a message is taken, and its name comes back', async () => {
    const at = await door()
    const { status, headers, body: text } = await ask(at, { body: body(alive({ data: { a: 'ü' } })) })
    expect([status, headers['content-type']]).toEqual([200, 'application/json; charset=UTF-8'])
    expect(at.accepted).toHaveLength(1)
    expect(JSON.parse(text)).toEqual({ name: at.accepted[0]?.name })
    expect(at.accepted[0]?.data).toEqual([['a', 'ü']])
  })

  it.each([
    ['UNREGISTERED', 404, { token: TOKENS.gone }],
    ['SENDER_ID_MISMATCH', 403, { token: TOKENS.foreign }],
    ['THIRD_PARTY_AUTH_ERROR', 401, { token: TOKENS.ios }],
    ['INVALID_ARGUMENT', 400, { token: 'nobody' }],
    ['INVALID_ARGUMENT', 400, alive({ data: { a: 'x'.repeat(4_096) } })],
    ['INVALID_ARGUMENT', 400, alive({ android: { ttl: '2419201s' } })],
  ])('[FCM-04] %s (%d) by the state of things', async (code, status, message) => {
    const at = await door()
    const answer = read(await ask(at, { body: body(message) }))
    expect([answer.status, answer.code, at.accepted]).toEqual([status, code, []])
  })

  it.each([
    ['INVALID_ARGUMENT', 400],
    ['UNREGISTERED', 404],
    ['SENDER_ID_MISMATCH', 403],
    ['QUOTA_EXCEEDED', 429],
    ['UNAVAILABLE', 503],
    ['INTERNAL', 500],
    ['THIRD_PARTY_AUTH_ERROR', 401],
  ] as [FcmErrorCode, number][])('[FCM-04] %s (%d) by a fault, once, then all is well', async (code, status) => {
    const at = await door()
    at.fcm.fault({ kind: 'answer', code, times: 1, ...(code === 'UNAVAILABLE' ? { retryAfterS: 7 } : {}) })
    const answer = read(await ask(at, { body: body(alive()) }))
    expect([answer.status, answer.code, answer.headers['retry-after']]).toEqual([status, code, code === 'UNAVAILABLE' ? '7' : undefined])
    expect([at.accepted, at.fcm.pendingFaults]).toEqual([[], 0])
    expect((await ask(at, { body: body(alive()) })).status).toBe(200)
  })

  it('[FCM-03] a bad value has field violations and no FcmError', async () => {
    const answer = read(await ask(await door(), { body: body(alive({ data: { a: 12 } })) }))
    expect([answer.status, answer.code]).toEqual([400, null])
    expect(answer.violations).toEqual([
      { field: 'message.data[0].value', description: "Invalid value at 'message.data[0].value' (TYPE_STRING), 12" },
    ])
  })

  it.each([
    ['no token', {}],
    ['a bad token', { authorization: 'Bearer bad' }],
  ])('[FCM-01] %s is 401', async (_which, headers) => {
    const answer = read(await ask(await door(), { headers, body: body(alive()) }))
    expect([answer.status, answer.json.error?.status, answer.code]).toEqual([401, 'UNAUTHENTICATED', null])
  })

  it('[FCM-05] the 241st message to a device in a minute gets QUOTA_EXCEEDED, and the next window lets it through', async () => {
    let now = 17_300
    const at = await door({ now: () => now })
    const open = carrier === 'HTTP/2' ? session(at) : null
    const one = (): Promise<Answer> => (open ? onSession(open, { body: body(alive()) }) : ask(at, { body: body(alive()) }))
    for (let sent = 0; sent < 240; sent += 40) {
      const statuses = (await Promise.all(Array.from({ length: 40 }, one))).map(({ status }) => status)
      expect(new Set(statuses)).toEqual(new Set([200]))
    }
    const over = read(await one())
    expect([over.status, over.code, over.headers['retry-after']]).toEqual([429, 'QUOTA_EXCEEDED', '60'])
    now += 59_999
    expect((await one()).status).toBe(429)
    now += 1
    expect((await one()).status).toBe(200)
  })

  it('[FCM-02] a body at the limit is read, a longer one is 413 and not read', async () => {
    const at = await door()
    const filled = (bytes: number): string => body(alive()) + ' '.repeat(bytes - body(alive()).length)
    expect((await ask(at, { body: filled(MAX_BODY_BYTES) })).status).toBe(200)
    expect((await ask(at, { body: filled(MAX_BODY_BYTES + 1) })).status).toBe(413)
    expect(at.accepted).toHaveLength(1)
  })

  it('a HEAD has no body, and nothing can be read with GET', async () => {
    const at = await door()
    const head = await ask(at, { method: 'HEAD', path: '/', body: '' })
    expect([head.status, head.body]).toEqual([404, ''])
    expect((await ask(at, { method: 'GET', path: SEND, body: '' })).status).toBe(404)
  })

  it('[FCM-04] what the lab does with a message may fail: INTERNAL, and the endpoint lives', async () => {
    const at = await door({
      accepted: () => {
        throw new Error('no')
      },
    })
    expect(read(await ask(at, { body: body(alive()) })).code).toBe('INTERNAL')
    expect((await ask(at, { body: '{' })).status).toBe(400)
  })

  it('the log has the request and the answer, and nothing secret', async () => {
    const at = await door()
    await ask(at, { path: `${SEND}?alt=json`, body: body(alive({ data: { a: 'b' } })) })
    await eventually(() => at.exchanges.length === 1, 'the exchange')
    const [seen] = at.exchanges
    expect(seen).toMatchObject({
      connection: 1,
      protocol: carrier,
      tls: 'TLSv1.3',
      method: 'POST',
      status: 200,
      outcome: 'answered',
      fault: false,
    })
    expect(seen?.path).toBe(`${SEND}?alt=json`)
    expect(JSON.parse(seen?.requestBody ?? '')).toMatchObject({ message: { data: { a: 'b' } } })
    expect(JSON.parse(seen?.responseBody ?? '')).toEqual({ name: at.accepted[0]?.name })
    expect(seen?.requestHeaders['authorization']).toBe('Bearer (not shown)')
    expect(JSON.stringify(at.exchanges)).not.toContain('good')
  })
})

describe('faults on the wire', () => {
  it.each(CARRIERS)('[FCM-06] a reset ends the connection without an answer ($carrier)', async ({ ask }) => {
    const at = await door()
    at.fcm.fault({ kind: 'reset', times: 1 })
    await expect(ask(at, { body: body(alive()) })).rejects.toThrow(/hang up|ECONNRESET|NGHTTP2|closed/)
    await eventually(() => at.exchanges.length === 1, 'the exchange')
    expect(at.exchanges[0]).toMatchObject({ outcome: 'reset', status: null, fault: true })
    expect((await ask(at, { body: body(alive()) })).status).toBe(200)
  })

  it.each(CARRIERS)('a stall gives no answer until its time is over ($carrier)', async ({ ask }) => {
    const at = await door({ limits: { stallMs: 600 } })
    at.fcm.fault({ kind: 'stall', times: 1 })
    const started = performance.now()
    const stalled = ask(at, { body: body(alive()) }).then(
      () => 'answered',
      () => 'broke off',
    )
    expect((await ask(at, { body: body(alive()) })).status).toBe(200)
    expect(await stalled).toBe('broke off')
    expect(performance.now() - started).toBeGreaterThan(590)
    expect(at.exchanges.map(({ outcome }) => outcome).toSorted()).toEqual(['answered', 'stalled'])
    expect(at.accepted).toHaveLength(1)
  })

  it('a page comes where JSON is expected', async () => {
    const at = await door()
    at.fcm.fault({ kind: 'page', status: 502, times: 1 })
    const answer = await CARRIERS[0].ask(at, { body: body(alive()) })
    expect([answer.status, answer.headers['content-type']]).toEqual([502, 'text/html; charset=UTF-8'])
  })

  it('faults wait in their order, hit messages only, and can be cleared', async () => {
    const at = await door()
    const [{ ask }] = CARRIERS
    at.fcm.fault({ kind: 'answer', code: 'INTERNAL', times: 2 })
    at.fcm.fault({ kind: 'answer', code: 'UNAVAILABLE', times: 5 })
    expect((await ask(at, { path: '/', body: '' })).status).toBe(404)
    expect(at.fcm.pendingFaults).toBe(7)
    const statuses: number[] = []
    for (let i = 0; i < 3; i++) statuses.push((await ask(at, { body: body(alive()) })).status)
    expect([statuses, at.fcm.pendingFaults]).toEqual([[500, 500, 503], 4])
    at.fcm.clearFaults()
    expect((await ask(at, { body: body(alive()) })).status).toBe(200)
    expect(() => at.fcm.fault({ kind: 'reset', times: 0 })).toThrow('whole number from 1')
    for (let i = 0; i < 100; i++) at.fcm.fault({ kind: 'reset', times: 1 })
    expect(() => at.fcm.fault({ kind: 'reset', times: 1 })).toThrow('clear them first')
  })
})

describe('TLS', () => {
  it('listens on loopback only, unless told otherwise', async () => {
    const { port } = await door()
    const reached = await new Promise((resolve) => {
      const socket = connectTcp(port, '127.0.0.2')
      socket.on('connect', () => resolve(true))
      socket.on('error', () => resolve(false))
    })
    expect(reached).toBe(false)
  })

  it('[SEC-03] TLS 1.1 is refused, 1.2 and 1.3 are taken', async () => {
    const { port, ca } = await door()
    const speak = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
      new Promise((resolve) => {
        const socket = connectTls(
          { host: '127.0.0.1', port, servername: HOST, ca, minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' },
          () => {
            resolve(socket.getProtocol())
            socket.destroy()
          },
        )
        socket.on('error', () => resolve(null))
      })
    expect([await speak('TLSv1.1'), await speak('TLSv1.2'), await speak('TLSv1.3')]).toEqual([null, 'TLSv1.2', 'TLSv1.3'])
  })

  it('[SEC-03] plain HTTP is cut off', async () => {
    const { port, exchanges } = await door()
    const heard = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connectTcp(port, '127.0.0.1', () => socket.write(`POST ${SEND} HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`))
      socket.on('data', (part) => (text += part.toString('latin1')))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
    })
    expect([heard.includes('HTTP/1.1 2'), exchanges]).toEqual([false, []])
  })

  it('the keys of a connection are told in the form of SSLKEYLOGFILE', async () => {
    const at = await door()
    await CARRIERS[1].ask(at, { body: body(alive()) })
    await after(0)
    for (const label of [
      'CLIENT_HANDSHAKE_TRAFFIC_SECRET',
      'SERVER_HANDSHAKE_TRAFFIC_SECRET',
      'CLIENT_TRAFFIC_SECRET_0',
      'SERVER_TRAFFIC_SECRET_0',
    ])
      expect(at.keylog.join('')).toMatch(new RegExp(`^${label} [0-9a-f]{64} [0-9a-f]{64,96}\n`, 'm'))
  })
})
