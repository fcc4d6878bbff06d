/** A request to FOS, CI or Push REST, its answer, and what is told of both: without a socket in it. */
import type { IncomingHttpHeaders } from 'node:http'
import type { NewExchange } from './wireLog.ts'

/** SEC-06, DEC-22; anything else is not repeated. */
export const TRACKING_ID = /^[A-Z]{2,8}_[0-9a-f-]{36}$/

export type Asked = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  /** Address of the client. */
  from: string
  /** TrackingID, when it is one that can be repeated. */
  tracking: string | null
  /** The text; null when there is more of it than the door takes, of which no more is read. */
  body(): Promise<string | null>
  /** Ends when the client is gone, or the door closes. */
  signal: AbortSignal
}

export type HttpAnswer = { status: number; headers?: Record<string, string>; body: string }

export type ServerExchange = Omit<NewExchange, 'at' | 'flow'>

export const jsonAnswer = (status: number, value: unknown): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
})
