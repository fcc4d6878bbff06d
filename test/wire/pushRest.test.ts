import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { X509Certificate } from 'node:crypto'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Random } from '../../core/engine/random.ts'
import { createAuthority, type Authority } from '../../core/wire/certificates.ts'
import type { Told } from '../../core/contract/clouds.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { MAX_PUSH_BYTES, openPushRest, type PlatformAnswer, type PushRest, type WirePush } from '../../core/wire/pushRest.ts'
import { linesBench, request as pushRequest } from './cloudLines/bench.ts'

const NAME = 'push.webexconnect.com'
const TOKEN = 'good-token'
const SEALED = nodeSealer.seal(new Random(1, 'k').bytes(32), new Random(1, 'n').bytes(12), '{"displayName":"Ana Ruiz"}')

const push = (change: Partial<WirePush> = {}): WirePush => ({
  version: 1,
  service: 'APNS',
  type: 'voip',
  target: 'e5'.repeat(32),
  payload: SEALED,
  trackingId: 'CPNS_469696d7-33d2-4e7c-9b4e-14b04de9ce1b',
  ...change,
})

let authority: Authority
let other: Authority
beforeAll(async () => {
  authority = await createAuthority()
  other = await createAuthority('somebody else')
})

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

/** A running Push REST and what it handed to the platform cloud. */
async function endpoint(
  forward?: (push: WirePush, signal: AbortSignal) => Promise<PlatformAnswer>,
  names: [string, ...string[]] = [NAME],
  issuer = authority,
) {
  const forwarded: WirePush[] = []
  const rest: PushRest = await openPushRest({
    ...(await issuer.issue(names)),
    authorized: (token) => token === TOKEN,
    forward: (each, signal) => {
      if (forward) return forward(each, signal)
      forwarded.push(each)
      return Promise.resolve({ status: 200, reason: 'accepted' })
    },
  })
  closing.push(() => rest.close())
  return { rest, forwarded, port: rest.port }
}

type Sender = { push(push: WirePush): Promise<Told>; close(): Promise<void> }

/** The lines of the lab as the sender: one connection, and a new one after that has failed. */
async function client(port: number): Promise<Sender> {
  const bench = await linesBench({ ca: authority.certificate, tokenText: TOKEN })
  bench.ports.set(NAME, port)
  closing.push(() => bench.close())
  let line: number | null = null
  return {
    async push({ trackingId, ...body }) {
      line ??= await bench.direct(NAME)
      const headers: [string, string][] = [
        ['content-type', 'application/json'],
        ['TrackingID', trackingId],
      ]
      const told = await bench.ask({ do: 'exchange', line, request: pushRequest({ headers, body: JSON.stringify(body) }) })
      if (told.is === 'failed') line = null
      return told
    },
    close: () => bench.close(),
  }
}
const send = async (port: number, made = push()): Promise<Told> => (await client(port)).push(made)
const answered = (status: number, text: string): Told => ({ is: 'answer', status, text })

/** Says raw HTTP over TLS, for requests that no proper client would make. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, servername: NAME, ca: authority.certificate }, () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => (answer += part))
    socket.on('end', () => resolve(answer))
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
  })
}

const request = (line: string, headers: Record<string, string>, body = ''): string =>
  `${line} HTTP/1.1\r\n${Object.entries({ host: NAME, connection: 'close', 'content-length': String(Buffer.byteLength(body)), ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`

const HEADERS = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, TrackingID: push().trackingId }
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])
const post = async (port: number, body: string, headers: Record<string, string> = {}): Promise<{ status: number; answer: string }> => {
  const answer = await raw(port, request('POST /v1/push', { ...HEADERS, ...headers }, body))
  return { status: statusOf(answer), answer }
}
const bodyOf = (change: Record<string, unknown> = {}): string => {
  const { trackingId: _trackingId, ...rest } = push()
  return JSON.stringify({ ...rest, ...change })
}

describe('a push over a real socket', () => {
  it('reaches the platform cloud as it was, and its answer comes back', async () => {
    const { port, forwarded } = await endpoint()
    expect(await send(port)).toEqual(answered(200, 'accepted'))
    expect(forwarded).toEqual([push()])
  })

  it('brings back the refusal of the platform cloud', async () => {
    const { port } = await endpoint(() => Promise.resolve({ status: 410, reason: 'Unregistered' }))
    expect(await send(port)).toEqual(answered(410, 'Unregistered'))
  })

  it('is answered 503 when the platform cloud cannot be reached', async () => {
    const { port } = await endpoint(() => Promise.reject(new Error('no route')))
    expect(await send(port)).toEqual(answered(503, 'the platform cloud cannot be reached'))
  })
})

describe('TLS only', () => {
  it('[SEC-03] plain HTTP sent to Push REST is cut off: no request is seen, nothing is forwarded', async () => {
    const { port, forwarded } = await endpoint()
    const answer = await new Promise<string>((resolve) => {
      const socket = connectTcp(port, '127.0.0.1', () => socket.write(request('POST /v1/push', HEADERS, bodyOf())))
      let text = ''
      socket.on('data', (part) => (text += part.toString('latin1')))
      socket.on('error', () => undefined)
      socket.on('close', () => resolve(text))
    })
    expect(answer).not.toContain('HTTP/1.1 2')
    expect(forwarded).toEqual([])
  })

  it('[SEC-03] TLS 1.1 is refused, 1.2 and 1.3 are taken', async () => {
    const { port } = await endpoint()
    const speak = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
      new Promise((resolve) => {
        const socket = connectTls(
          {
            host: '127.0.0.1',
            port,
            servername: NAME,
            ca: authority.certificate,
            minVersion: version,
            maxVersion: version,
            ciphers: 'DEFAULT@SECLEVEL=0',
          },
          () => {
            resolve(socket.getProtocol())
            socket.destroy()
          },
        )
        socket.on('error', () => resolve(null))
      })
    expect(await speak('TLSv1.1')).toBeNull()
    expect(await speak('TLSv1.2')).toBe('TLSv1.2')
    expect(await speak('TLSv1.3')).toBe('TLSv1.3')
  })
})

describe('what Push REST refuses', () => {
  it.each([
    ['not encrypted', { payload: '{"displayName":"Ana Ruiz","displayNumber":"5001"}' }, 'payload not encrypted'],
    ['empty', { payload: '' }, 'payload not encrypted'],
    ['sealed in another way', { payload: SEALED.replace('eyJhbGci', 'eyJhbGdj') }, 'payload not encrypted'],
    ['sealed, with something behind it', { payload: `${SEALED} Ana Ruiz` }, 'payload not encrypted'],
  ])('[SEC-02] a payload that is %s gets 400, and the platform cloud gets nothing', async (_which, change, reason) => {
    const { port, forwarded } = await endpoint()
    expect(await send(port, push(change))).toEqual(answered(400, reason))
    expect(forwarded).toEqual([])
  })

  it.each([
    ['personal data beside the seal', { displayName: 'Ana Ruiz' }],
    ['no target', { target: undefined }],
    ['a service of another kind', { service: 'SMS' }],
    ['a version of another time', { version: 2 }],
    ['a type of another kind', { type: 'background' }],
    ['a target with a line break', { target: 'abcdefgh\r\nx: y' }],
    ['a payload that is no text', { payload: { text: 'x' } }],
  ])('[SEC-04] %s: 400, nothing forwarded, and the answer repeats none of it', async (_which, change) => {
    const { port, forwarded } = await endpoint()
    const { status, answer } = await post(port, bodyOf(change))
    expect(status).toBe(400)
    expect(forwarded).toEqual([])
    expect(answer).not.toContain('Ana Ruiz')
    expect(answer).not.toContain(SEALED)
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a text', '"x"'],
    ['a prototype', '{"__proto__":{"payload":"x"}}'],
    ['nested 8,000 times', '['.repeat(8_000)],
  ])('a body that is %s gets 400', async (_which, body) => {
    const { port, forwarded } = await endpoint()
    expect((await post(port, body)).status).toBe(400)
    expect(forwarded).toEqual([])
  })

  it('a body at the limit is read, one byte more is not', async () => {
    const { port } = await endpoint()
    const filled = (bytes: number): string => bodyOf().padEnd(bytes, ' ')
    expect((await post(port, filled(MAX_PUSH_BYTES))).status).toBe(200)
    expect((await post(port, filled(MAX_PUSH_BYTES + 1))).status).toBe(413)
  })

  it('a body without a length, longer than the limit, is cut off as well', async () => {
    const { port, forwarded } = await endpoint()
    const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
    const answer = await raw(
      port,
      `POST /v1/push HTTP/1.1\r\nhost: ${NAME}\r\n${Object.entries(HEADERS)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}transfer-encoding: chunked\r\n\r\n${chunk.repeat(6)}`,
    )
    expect(statusOf(answer)).toBe(413)
    expect(forwarded).toEqual([])
  })

  it.each([
    [401, { authorization: '' }],
    [401, { authorization: 'Bearer wrong' }],
    [401, { authorization: `Basic ${TOKEN}` }],
    [415, { 'content-type': 'text/plain' }],
    [400, { TrackingID: 'x' }],
    [400, { TrackingID: '' }],
  ])('answers %d to a push with %j', async (status, headers) => {
    const { port, forwarded } = await endpoint()
    expect((await post(port, bodyOf(), headers)).status).toBe(status)
    expect(forwarded).toEqual([])
  })

  it('answers with the tracking ID of its request, and only with one that is well formed (SEC-06)', async () => {
    const { port } = await endpoint()
    expect((await post(port, bodyOf())).answer.toLowerCase()).toContain(`trackingid: ${push().trackingId.toLowerCase()}`)
    expect((await post(port, bodyOf(), { TrackingID: 'evil' })).answer).not.toContain('evil')
  })
})

describe('what Push REST keeps', () => {
  it('[SEC-07] nothing can be read back from it, before or after a restart', async () => {
    const first = await endpoint()
    expect(await send(first.port)).toMatchObject({ status: 200 })
    const tryRead = async (port: number): Promise<void> => {
      for (const [method, path] of [
        ['GET', '/v1/push'],
        ['GET', `/v1/push/${push().trackingId}`],
        ['GET', '/'],
        ['HEAD', '/v1/push'],
        ['PUT', '/v1/push'],
        ['OPTIONS', '*'],
      ] as const) {
        const answer = await raw(port, request(`${method} ${path}`, HEADERS))
        expect([404, 405], `${method} ${path}`).toContain(statusOf(answer))
        expect(answer).not.toContain(SEALED)
        expect(answer).not.toContain(push().target)
      }
    }
    await tryRead(first.port)
    await first.rest.close()
    const second = await endpoint()
    await tryRead(second.port)
    expect(second.forwarded).toEqual([])
  })

  it('[SEC-07] after the answer, good or bad, it holds no reference to the push', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const settled = async (refs: WeakRef<WirePush>[], tries: number): Promise<number> => {
      for (let i = 0; i < tries; i++) {
        await new Promise((resolve) => setTimeout(resolve, 20))
        collect()
        if (refs.every((ref) => ref.deref() === undefined)) break
      }
      return refs.filter((ref) => ref.deref() !== undefined).length
    }
    const run = async (keep: WirePush[] | null): Promise<number> => {
      const refs: WeakRef<WirePush>[] = []
      const { port } = await endpoint((each) => {
        refs.push(new WeakRef(each))
        keep?.push(each)
        return refs.length % 2 === 0 ? Promise.reject(new Error('down')) : Promise.resolve({ status: 200, reason: 'accepted' })
      })
      const sender = await client(port)
      for (let i = 0; i < 6; i++) await sender.push(push())
      expect(refs.length).toBe(6)
      return settled(refs, keep ? 5 : 50)
    }
    expect(await run(null)).toBe(0)
    const kept: WirePush[] = []
    expect(await run(kept), 'what this test finds when somebody does keep them').toBe(6)
    expect(kept.length).toBe(6)
  })
})

describe('certificates', () => {
  it('are of P-256, name what was asked for, and last less than the 397 days that phones accept (DEC-32)', async () => {
    const issued = await authority.issue([NAME, 'localhost', '127.0.0.1'])
    const certificate = new X509Certificate(issued.certificate)
    expect(certificate.subjectAltName).toBe(`DNS:${NAME}, DNS:localhost, IP Address:127.0.0.1`)
    expect(certificate.ca).toBe(false)
    expect(certificate.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1')
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect(certificate.verify(new X509Certificate(other.certificate).publicKey)).toBe(false)
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / (24 * 3_600_000)
    expect(days).toBeGreaterThan(1)
    expect(days).toBeLessThan(397)
    const root = new X509Certificate(authority.certificate)
    expect(root.ca).toBe(true)
    expect(root.fingerprint256).not.toBe(new X509Certificate(other.certificate).fingerprint256)
  })
})
