/**
 * What the lab asks of real sockets, and what it tells them (issue 4). An ask has a number; its outcome comes back as the
 * input `wire.told` of the run, so that a run with real clouds can be given again without them (DEC-35).
 */
import type { CloudName, Told } from '../contract/clouds.ts'
import type { Target } from './way.ts'

/** A login at a proxy. The password stays outside: it is known here by its name. */
export type ProxyLogin =
  | { scheme: 'Basic'; user: string; secret: string }
  | { scheme: 'Digest'; user: string; secret: string; challenge: string; uses: number; cnonce: string }

/** A request without secrets: `bearer` is the ID of an access token, `refresh` that of the refresh token in the form. */
export type RealRequest = {
  cloud: CloudName
  method: 'POST'
  path: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string
  bearer: string | null
  refresh: string | null
}

export type CloudAsk =
  | { do: 'resolve'; node: string; name: string }
  /** The number of the ask is that of the line. */
  | { do: 'dial'; node: string; target: Target }
  | { do: 'tunnel'; line: number; name: string; login: ProxyLogin | null }
  | { do: 'secure'; line: number; name: string }
  | { do: 'exchange'; line: number; request: RealRequest }
  /** Push REST as a provider; its connections are its own. */
  | { do: 'forward'; request: RealRequest }

export type CloudPort = {
  ask(number: number, what: CloudAsk): void
  /** Nobody waits for the outcome any more. */
  drop(number: number): void
  hangUp(line: number): void
  /** The answer to a request that came in as `wire.request`. `token`: ID of an access token that is given out with it. */
  answer(exchange: number, answer: { status: number; text: string; token?: string; expiresInS?: number }): void
}

/** What of the cloud is real in this run, and what is still asked of it. */
export type RealClouds = {
  /** Null in virtual time and in replays: then only the inputs speak. */
  port: CloudPort | null
  open: boolean
  legs: ReadonlySet<CloudName>
  /** Number of the next ask. */
  next: number
  readonly asks: Map<number, (told: Told) => void>
}

export const newRealClouds = (): RealClouds => ({ port: null, open: false, legs: new Set(), next: 1, asks: new Map() })
