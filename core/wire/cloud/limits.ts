/** What FOS, CI and Push REST grant to strangers on their sockets. Our choice where no rule is named. */
import { POOL_IDLE_MS } from '../../cloud/way.ts'

export type DoorLimits = {
  /** Of one server. When one more comes, an unfinished or the longest idle one gives way. */
  connections: number
  /** From TCP to the first request. */
  handshakeMs: number
  /** From the first byte of a further request on a kept connection to the end of its headers. */
  headersMs: number
  /** From the headers of a request to the last byte of its answer. */
  exchangeMs: number
  /** How long an injected stall holds a request. */
  stallMs: number
  /** A connection between two requests; it is not the cloud that cuts an idle one (NET-06). */
  idleMs: number
  headerBytes: number
  headerPairs: number
  /** How long requests may take to end when the server closes. */
  closeMs: number
}

export const DOOR_LIMITS: DoorLimits = {
  connections: 256,
  handshakeMs: 10_000,
  headersMs: 10_000,
  exchangeMs: 20_000,
  stallMs: 120_000,
  idleMs: POOL_IDLE_MS,
  headerBytes: 8 * 1_024,
  headerPairs: 64,
  closeMs: 1_000,
}

/** Refusals that the lab is told of at once, and what it gets back per second; the rest is only counted. */
export const REFUSALS_TOLD = { burst: 200, perSecond: 2 }
