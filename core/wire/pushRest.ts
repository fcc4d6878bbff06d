/**
 * Push REST on a real socket: HTTPS on the loopback interface, with the format that the virtual lab shows
 * (modelled: no public source describes it, DEC-34). It passes on and answers; what it was given lives in
 * one exchange and nowhere else (SEC-07).
 */
import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { PLATFORM_TIMEOUT_MS } from '../cloud/pushRest.ts'
import { POOL_IDLE_MS } from '../cloud/connection.ts'
import { looksSealed } from '../engine/sealer.ts'
import type { Issued } from './certificates.ts'

export const PUSH_PATH = '/v1/push'

/** A platform payload has at most 5,120 bytes; sealed, in base64url and with its envelope this is ample. */
export const MAX_PUSH_BYTES = 16 * 1_024

/** What leaves a server: two items in the clear beside service details, all else inside the seal (SEC-04). */
const pushSchema = z.strictObject({
  version: z.literal(1),
  service: z.string().regex(/^(APNS|FCM)(:(beta|dev|test|load))?$/),
  type: z.enum(['voip', 'alert']),
  target: z.string().regex(/^[\x21-\x7e]{8,512}$/),
  payload: z.string(),
})

const TRACKING_ID = /^[A-Z]{2,8}_[0-9a-f-]{36}$/

export type WirePush = z.output<typeof pushSchema> & { trackingId: string }

/** What the platform cloud made of it: an HTTP status and a reason in its own words. */
export type PlatformAnswer = { status: number; reason: string }

export type PushRestOptions = Issued & {
  /** Hands a push to its platform cloud. Push REST waits 4 s, aborts, and answers 503. */
  forward: (push: WirePush, signal: AbortSignal) => Promise<PlatformAnswer>
  /** Whether this access token is good; every one is when left out. */
  authorized?: (token: string) => boolean
  /** 0 takes any free port. */
  port?: number
}

export type PushRest = {
  readonly port: number
  close(): Promise<void>
}

/** Rejects when it cannot listen. */
export async function openPushRest(options: PushRestOptions): Promise<PushRest> {
  const server = createServer({
    cert: options.certificate,
    key: options.privateKey,
    minVersion: 'TLSv1.2', // SEC-03
    requestTimeout: 10_000,
    headersTimeout: 10_000,
    maxHeaderSize: 8 * 1_024,
    keepAliveTimeout: POOL_IDLE_MS, // NET-06: it is not the cloud that cuts an idle connection
  })
  server.maxConnections = 256
  server.on('request', (request, response) => {
    answer(options, request)
      .catch((): PlatformAnswer => ({ status: 500, reason: 'Push REST failed' }))
      .then((given) => reply(request, response, given))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function reply(request: IncomingMessage, response: ServerResponse, given: PlatformAnswer): void {
  const body = JSON.stringify({ reason: given.reason })
  const trackingId = request.headers['trackingid']
  response.writeHead(given.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(typeof trackingId === 'string' && TRACKING_ID.test(trackingId) ? { TrackingID: trackingId } : {}),
    // The rest of a body that was not read would be taken for the next request.
    ...(request.complete ? {} : { connection: 'close' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

const bad = (status: number, reason: string): PlatformAnswer => ({ status, reason })

async function answer(options: PushRestOptions, request: IncomingMessage): Promise<PlatformAnswer> {
  if (request.url !== PUSH_PATH) return bad(404, `only ${PUSH_PATH} is served`)
  if (request.method !== 'POST') return bad(405, 'a push is sent with POST; nothing can be read here')
  if (request.headers['content-type']?.split(';')[0]?.trim() !== 'application/json') return bad(415, 'the body must be application/json')
  const token = /^Bearer ([\x21-\x7e]{1,4096})$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined || options.authorized?.(token) === false) return bad(401, 'no valid access token')
  const trackingId = request.headers['trackingid']
  if (typeof trackingId !== 'string' || !TRACKING_ID.test(trackingId)) return bad(400, 'the header TrackingID is missing or malformed')
  const text = await bodyOf(request)
  if (text === null) return bad(413, `a push has at most ${MAX_PUSH_BYTES} bytes`)
  const read = pushSchema.safeParse(parse(text))
  if (!read.success)
    return bad(400, `not a push: ${read.error.issues[0]?.path.join('.') ?? ''} ${read.error.issues[0]?.message ?? ''}`.trim())
  if (!looksSealed(read.data.payload)) return bad(400, 'payload not encrypted') // SEC-02
  return passOn(options, { ...read.data, trackingId })
}

/** The text, or null when there is more of it than a push may have; the rest is not read. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_PUSH_BYTES) return null
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength
    if (bytes > MAX_PUSH_BYTES) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

async function passOn(options: PushRestOptions, push: WirePush): Promise<PlatformAnswer> {
  const signal = AbortSignal.timeout(PLATFORM_TIMEOUT_MS)
  const silence = new Promise<PlatformAnswer>((resolve) =>
    signal.addEventListener('abort', () => resolve(bad(503, 'no answer from the platform cloud')), { once: true }),
  )
  try {
    return await Promise.race([options.forward(push, signal), silence])
  } catch {
    return bad(503, 'the platform cloud cannot be reached')
  }
}
