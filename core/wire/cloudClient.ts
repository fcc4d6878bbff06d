/**
 * A server's client of the Cisco push cloud on real sockets: TLS only, a trust of its own, a pool of
 * connections that are kept for 30 minutes, and no second try (SEC-03, NET-06, NET-07).
 */
import { buildConnector, Pool } from 'undici'
import { z } from 'zod'
import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, POOL_IDLE_MS } from '../cloud/connection.ts'
import { PUSH_PATH, type WirePush } from './pushRest.ts'

export type CloudClientOptions = {
  /** Where the cloud is by its name, e.g. `https://push.webexconnect.com`; anything but https is refused. */
  origin: string
  /** Authority to trust, PEM; nothing else is trusted. */
  ca: string
  /** Dialled instead of the name, which the certificate still has to carry. */
  dial?: { host: string; port: number }
  /** Connections at most. */
  connections?: number
}

export type CloudReply =
  | { ok: true; status: number; reason: string }
  /** `stage`: how far it came. From `send` on the cloud may have the push, although it has not said so. */
  | { ok: false; stage: 'dns' | 'connect' | 'tls' | 'send' | 'timeout'; text: string }

export type CloudClient = {
  /** Sends one push, once. Never rejects: a failure is an answer too. */
  push(push: WirePush, accessToken: string): Promise<CloudReply>
  close(): Promise<void>
}

const MAX_REPLY_BYTES = 64 * 1_024

/** @throws TypeError when the origin is not https: nothing is ever sent in the clear (SEC-03). */
export function createCloudClient(options: CloudClientOptions): CloudClient {
  const { protocol, hostname } = new URL(options.origin)
  if (protocol !== 'https:') throw new TypeError(`${options.origin} is not https: the push cloud is reached over TLS only`)
  const connector = buildConnector({ ca: options.ca, minVersion: 'TLSv1.2', rejectUnauthorized: true, timeout: CONNECT_TIMEOUT_MS })
  const { dial } = options
  /** Errors from before the handshake was done: until then nothing has been sent. */
  const beforeSending = new WeakSet<Error>()
  const pool = new Pool(options.origin, {
    connections: options.connections ?? 4,
    pipelining: 1,
    keepAliveTimeout: POOL_IDLE_MS,
    keepAliveMaxTimeout: POOL_IDLE_MS,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    maxResponseSize: MAX_REPLY_BYTES,
    connect(asked, done) {
      const to = dial ? { ...asked, hostname: dial.host, port: String(dial.port), servername: asked.servername ?? hostname } : asked
      connector(to, (...[error, socket]) => {
        if (error === null) return done(null, socket)
        beforeSending.add(error)
        done(error, null)
      })
    },
  })
  return {
    async push({ trackingId, ...push }, accessToken) {
      try {
        const { statusCode, body } = await pool.request({
          method: 'POST',
          path: PUSH_PATH,
          headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}`, TrackingID: trackingId },
          body: JSON.stringify(push),
        })
        return { ok: true, status: statusCode, reason: reasonIn(await body.text()) }
      } catch (error) {
        return failureOf(error, error instanceof Error && beforeSending.has(error))
      }
    },
    close: () => pool.destroy(),
  }
}

const replySchema = z.object({ reason: z.string().max(1_000) })

function reasonIn(text: string): string {
  try {
    return replySchema.parse(JSON.parse(text)).reason
  } catch {
    return '' // an answer in another form: its status says enough
  }
}

const BY_CODE: Record<string, 'dns' | 'connect' | 'timeout'> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  ECONNREFUSED: 'connect',
  EHOSTUNREACH: 'connect',
  ENETUNREACH: 'connect',
  ETIMEDOUT: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

function failureOf(error: unknown, nothingSent: boolean): CloudReply & { ok: false } {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const text = error instanceof Error ? error.message : String(error)
  // Names and addresses fail with codes of their own; whatever else fails before the first byte is the handshake.
  return { ok: false, stage: BY_CODE[code] ?? (nothingSent ? 'tls' : 'send'), text }
}
