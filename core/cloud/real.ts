/**
 * What the lab asks of real sockets, and what it tells them (issue 4). An ask has a number; its outcome comes back as the
 * input `wire.told` of the run, so that a run with real clouds can be given again without them (DEC-35).
 */
import type { CloudName, Told } from '../contract/clouds.ts'
import type { ProxyLogin } from '../edge/proxyAuth.ts'
import type { Push } from '../pushBook.ts'
import type { Answer, Carried } from './carried.ts'
import type { Target } from './way.ts'

export type { ProxyLogin }

/**
 * A request without secrets: `bearer` is the ID of an access token, `refresh` that of a refresh token, which is added to the
 * form as `refresh_token`. Everything else of header and body stands here as it travels.
 */
export type RealRequest = {
  cloud: CloudName
  /** GET is the reachability check: any answer at all proves the way (NET-08). */
  method: 'GET' | 'POST'
  path: string
  headers: readonly (readonly [name: string, value: string])[]
  body: string
  bearer: string | null
  refresh: string | null
}

export type CloudAsk =
  | { do: 'resolve'; node: string; name: string }
  /** The number of the ask is that of the line. When the other side ends it later, that is told as `failed` of this number. */
  | { do: 'dial'; node: string; target: Target }
  | { do: 'tunnel'; line: number; name: string; login: ProxyLogin | null }
  | { do: 'secure'; line: number; name: string }
  | { do: 'exchange'; line: number; request: RealRequest }
  /** Push REST as a provider; its connections are its own. `name`: of the server, e.g. `api.sandbox.push.apple.com`. */
  | { do: 'forward'; name: string; request: RealRequest }

export type CloudPort = {
  ask(number: number, what: CloudAsk): void
  /** Nobody waits for the outcome any more. */
  drop(number: number): void
  hangUp(line: number): void
  /** The answer to a request that came in as `wire.request`. */
  answer(exchange: number, answer: RealAnswer): void
}

/** `text` is the reason where it is no success. What is given out with it is named by ID. */
export type RealAnswer = {
  status: number
  text: string
  /** Access token, for a token request. */
  token?: string
  expiresInS?: number
  /** Machine account and its refresh token, for a subscription. */
  account?: string
  refresh?: string
}

/** What of the cloud is real in this run, and what is still asked of it. */
export type RealClouds = {
  /** Null in virtual time and in replays: then only the inputs speak. */
  port: CloudPort | null
  open: boolean
  legs: ReadonlySet<CloudName>
  /** Number of the next ask. */
  next: number
  readonly asks: Map<number, Pending>
  /** Requests of the lab that went over a socket, by tracking ID: so they are known when they come in. The newest only. */
  readonly own: Map<string, Own>
  /** Pushes that Push REST handed to a platform over a socket, by what the platform calls them. The newest only. */
  readonly forwarded: Map<string, Forwarded>
  readonly outside: OutsideRate
}

/** Who waits for the outcome of an ask; `cloud` is the leg that it belongs to. */
export type Pending = { cloud: CloudName; told: (told: Told) => void }

/** `answer`: what the lab's own machine answered, for the arrow back. */
export type Own = { asked: Carried; sentAt: number; answer: Answer | null }

/** `arrived`: the platform has it, and said what becomes of it. `open`: its answer is still awaited. */
export type Forwarded = { push: Push; sentAt: number; arrived: boolean; open: boolean }

/** Requests of strangers that become events of their own: so many a second, after a burst; the rest is summed up each second. */
export const OUTSIDE_PER_S = 20
export const OUTSIDE_BURST = 100

/** How many requests of strangers may become events now, and those that had to be counted together. */
export type OutsideRate = { left: number; at: number; uncounted: Map<string, number>; told: boolean }

export const newRealClouds = (): RealClouds => ({
  port: null,
  open: false,
  legs: new Set(),
  next: 1,
  asks: new Map(),
  own: new Map(),
  forwarded: new Map(),
  outside: { left: OUTSIDE_BURST, at: 0, uncounted: new Map(), told: false },
})
