/**
 * The one door of the lab. Electron IPC, the browser mode's WebSocket and the headless runner all
 * carry exactly this: requests in, replies out, batches of rows and events pushed until acknowledged.
 */
import type { Batch } from './batch.ts'

/** One thing that is wrong with an input: where it stands, what is wrong, how to mend it. */
export type Issue = {
  /** Path inside the input, e.g. `devices[2].osRelease`; empty for the input as a whole. */
  path: string
  message: string
  fix?: string
  /** Position in the source text (1-based), when the input was a file. */
  line?: number
  column?: number
}

export type ErrorCode =
  | 'unknown-command'
  | 'bad-request'
  | 'bad-scenario'
  | 'bad-journal'
  | 'not-found'
  | 'refused'
  | 'limit'
  | 'cancelled'
  | 'busy'
  | 'io'
  | 'internal'

export type Failure = { ok: false; code: ErrorCode; message: string; issues: Issue[] }
export type Reply<T = unknown> = { ok: true; value: T } | Failure

export type Request = { name: string; args: unknown }

export interface Subscription {
  /** Says that the batch with this number was applied; only then is the next one sent (coalesced). */
  ack(seq: number): void
  close(): void
}

export interface LabDoor {
  /** `request` is untrusted: it is validated inside and never throws. */
  dispatch(request: unknown): Promise<Reply>
  /** The first batch is a whole snapshot (`reset: true`). */
  subscribe(listener: (batch: Batch) => void): Subscription
}

export const ok = <T>(value: T): Reply<T> => ({ ok: true, value })

export const failure = (code: ErrorCode, message: string, issues: Issue[] = []): Failure => ({
  ok: false,
  code,
  message,
  issues,
})
