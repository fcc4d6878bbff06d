/** The carrier of one real session: a WebSocket, its place in the run, and the bounds on both. No closures, no timers. */
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { Bucket } from './limits.ts'
import type { NodeListener } from './nodeListener.ts'

/** 10,000 of these wait for hours: every field is needed while it waits. */
export type Session = {
  number: number
  device: string
  user: string
  listener: NodeListener
  /** Null until the upgrade is through. */
  socket: CarrierSocket | null
  /** What the WebSocket lies on. */
  stream: Duplex
  /** What the server says before the upgrade is through, or while its node has no network. */
  held: Held[] | null
  /** Its frames that are not yet told to the lab. */
  waiting: number
  frames: Bucket
  /** When the lab gives it up as silent, on the clock of `performance`. */
  silentAt: number
  /** What is told of its end when it did not read; empty for all that do. */
  unread: string
  /** Closed from this side, or given up: nothing of it enters the run any more. */
  ended: boolean
}

export type Held = { text: string } | { code: number; reason: string }

export type CarrierSocket = WebSocket & { session: Session }

/** RFC 6455: a close frame has 125 bytes, two of which are the code. */
const REASON_BYTES = 123

/** A reason as it fits into a close frame; never cut within a character. */
export function closeReason(reason: string): string {
  let cut = reason
  while (Buffer.byteLength(cut) > REASON_BYTES) cut = cut.slice(0, -1)
  return cut
}
