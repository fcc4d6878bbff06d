/** What is told of a connection and of each request on it: the decoded wire log. */
import type { HeaderList } from '../../cloud/apns/headers.ts'
import type { Reason } from '../../cloud/apns/reasons.ts'

/** A request and what became of it; told once, when that is known. */
export type Exchange = {
  connection: number
  stream: number
  /** As it was sent, but without the signature of the provider token. */
  request: { method: string; path: string; headers: HeaderList; bytes: number; text: string }
  /** `cut`: the stream ended without an answer, for the cause beside it (APNS-08). */
  outcome: 'answered' | 'cut'
  cause: string
  status: number | null
  reason: string | null
  apnsId: string | null
  startedMs: number
  endedMs: number
}

export type ConnectionEvent =
  | { connection: number; what: 'opened'; tls: string; name: string; from: string }
  | { connection: number; what: 'goaway'; reason: Reason; cut: number }
  | { connection: number; what: 'closed'; requests: number }
  | { connection: null; what: 'refused'; why: string }

/** Whoever has the whole token can push with it for an hour. */
export function withoutSignature(headers: HeaderList): HeaderList {
  return headers.map(([name, value]) =>
    name === 'authorization' ? [name, `${value.slice(0, value.lastIndexOf('.') + 1)}…`] : [name, value],
  )
}
