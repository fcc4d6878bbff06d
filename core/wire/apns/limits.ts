/** What one provider, and all of them together, may use of the APNs server. Our choice where no rule is named. */
export type ApnsLimits = {
  connections: number
  /** Advertised in SETTINGS; a stream more is refused (APNS-08). */
  concurrentStreams: number
  /** In flight on all connections together: the connection that goes beyond gets GOAWAY. */
  streams: number
  headerListBytes: number
  headerPairs: number
  handshakeMs: number
  /** From TLS to the client's SETTINGS. */
  settingsMs: number
  /** A connection on which nothing happens gets GOAWAY IdleTimeout. */
  idleMs: number
  /** From the headers of a request to its last byte; then 400 IdleTimeout. */
  requestMs: number
  /** How long a stalled answer (a fault) is kept. */
  stallMs: number
  /** Streams that a client may reset, or have refused, within `burstMs`. */
  resets: number
  /** PING frames, and SETTINGS frames, within `burstMs`. */
  pings: number
  settings: number
  burstMs: number
  invalidFrames: number
  /** How long requests in flight may take to end when the server closes. */
  closeMs: number
}

export const APNS_LIMITS: ApnsLimits = {
  connections: 256,
  concurrentStreams: 1_000,
  streams: 20_000,
  headerListBytes: 8 * 1_024,
  headerPairs: 64,
  handshakeMs: 5_000,
  settingsMs: 5_000,
  idleMs: 60 * 60_000,
  requestMs: 10_000,
  stallMs: 60_000,
  resets: 200,
  pings: 200,
  settings: 50,
  burstMs: 10_000,
  invalidFrames: 100,
  closeMs: 2_000,
}

/** How often overdue requests and silent connections are looked for. */
export const SWEEP_MS = 250

/** Counts within a window that begins with its first event. */
export class Burst {
  private count = 0
  private sinceMs = -Infinity

  /** True when this event is one too many. */
  add(limit: number, windowMs: number, nowMs: number): boolean {
    if (nowMs - this.sinceMs >= windowMs) {
      this.sinceMs = nowMs
      this.count = 0
    }
    this.count += 1
    return this.count > limit
  }
}
