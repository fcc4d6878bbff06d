/** What FOS, CI and Push REST grant to strangers on their sockets. Our choice where no rule is named. */
import { POOL_IDLE_MS } from '../../cloud/way.ts'
import type { FcmWireLimits } from '../fcm/limits.ts'

/** As for FCM, but for what HTTP/2 has besides. */
export type DoorLimits = Omit<FcmWireLimits, 'streams' | 'resetBurst' | 'resetsPerSecond'> & {
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
