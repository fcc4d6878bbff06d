/**
 * What the endpoint grants to strangers. Everything that a client can make grow has its bound here; a limit
 * of the protocol itself (frame size, keepalive) is in core/lpns/protocol.ts.
 */
export type EndpointLimits = {
  /** Live sessions over all nodes. */
  sessions: number
  /** Sessions of one user at a time; the lab holds one for each device. */
  sessionsPerUser: number
  /** Connections that have not finished TLS and upgrade; the oldest goes when another one comes. */
  halfOpen: number
  /** From TCP to the upgrade. */
  handshakeMs: number
  /** Frames a session may send at once (control frames too), and what it gets back per second. */
  frameBurst: number
  framesPerSecond: number
  /** Upgrades with one token at once, and what it gets back per second. */
  connectBurst: number
  connectsPerSecond: number
  /** Bytes that wait for a client that does not read. */
  unreadBytes: number
  /** Between a close and the end of the connection. */
  closeMs: number
  /** Parts of one message, and pieces in which the parts may arrive. */
  fragments: number
  chunks: number
  /** Request line and headers of the upgrade. */
  headerBytes: number
  /** Upgrades with a bad token that the run is told of; the rest is only counted. */
  refusalsTold: number
}

export const ENDPOINT_LIMITS: EndpointLimits = {
  sessions: 12_000,
  sessionsPerUser: 10,
  halfOpen: 512,
  handshakeMs: 10_000,
  frameBurst: 40,
  framesPerSecond: 2,
  connectBurst: 20,
  connectsPerSecond: 1,
  unreadBytes: 64 * 1024,
  closeMs: 2_000,
  fragments: 16,
  chunks: 256,
  headerBytes: 8 * 1024,
  refusalsTold: 1_000,
}

/** A bucket of permits: full at first, and refilled as time goes by. */
export type Bucket = { level: number; filledAt: number }

/** Takes one permit; false when there is none. */
export function takeFrom(bucket: Bucket, burst: number, perSecond: number, nowMs: number): boolean {
  bucket.level = Math.min(burst, bucket.level + ((nowMs - bucket.filledAt) * perSecond) / 1_000)
  bucket.filledAt = nowMs
  if (bucket.level < 1) return false
  bucket.level -= 1
  return true
}
