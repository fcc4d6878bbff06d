/** What the FCM endpoint grants to strangers; what FCM itself limits is in core/cloud/fcm/limits.ts. */
import { POOL_IDLE_MS } from '../../cloud/connection.ts'

export type FcmWireLimits = {
  /** Over all clients. When one more comes, an unfinished or the longest idle one gives way. */
  connections: number
  /** From TCP to the first request. */
  handshakeMs: number
  /** From the first byte of a further request on a kept connection to the end of its headers. */
  headersMs: number
  /** From the headers of a request to the last byte of its answer. */
  exchangeMs: number
  /** How long an injected stall holds a request; firebase-admin gives up after 15 s. */
  stallMs: number
  /** A connection between two requests; it is not the cloud that cuts an idle one (NET-06). */
  idleMs: number
  headerBytes: number
  headerPairs: number
  /** Streams of one HTTP/2 connection at a time. */
  streams: number
  /** Streams that a client may reset, PINGs and SETTINGS that it may send at once, and what it gets back per second. */
  resetBurst: number
  resetsPerSecond: number
}

export const FCM_WIRE_LIMITS: FcmWireLimits = {
  connections: 256,
  handshakeMs: 10_000,
  headersMs: 10_000,
  exchangeMs: 20_000,
  stallMs: 120_000,
  idleMs: POOL_IDLE_MS,
  headerBytes: 16 * 1_024,
  headerPairs: 64,
  streams: 100,
  resetBurst: 100,
  resetsPerSecond: 10,
}
