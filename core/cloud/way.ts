/**
 * What the client of the cloud asks of the world outside, so that one machine runs on sockets and in virtual time: a name
 * server, connections, and a place to say what happened. The machine is `httpsClient.ts`, the lab's side `virtualWay.ts`.
 */
import type { HopStatus } from '../contract/event.ts'
import type { Clock } from '../engine/clock.ts'
import type { ProxyLogin } from '../edge/proxyAuth.ts'

export const HTTPS_PORT = 443 // NET-01

/** The servers keep a pooled connection this long; NAT and firewalls should keep it as long (NET-06). */
export const POOL_IDLE_MS = 30 * 60_000

/** How long a confirmation is awaited (PROXY-04). */
export const ANSWER_TIMEOUT_MS = 5_000

/** How long a connection to the cloud may take, TLS and a tunnel through the proxy included; no source names a value. */
export const CONNECT_TIMEOUT_MS = 5_000

/** How long one address of the proxy has to connect before the next is tried (PROXY-03). */
export const PROXY_CONNECT_MS = 2_000

/** Addresses of the proxy are kept this long, whatever has changed since (PROXY-07). */
export const PROXY_ADDRESS_TTL_MS = 3_600_000

/** The least that the machine has to know of a request. */
export type Asked = {
  /** Service that is asked; its connections are pooled under this. */
  host: string
  /** Name of that service, e.g. `push.webexconnect.com`. */
  name: string
  /** Whether silence may be followed by one more try with the same tracking ID: pushes only [DEC-15]. */
  repeatable: boolean
  /** Runs when the request leaves for the first time, after name, TCP and TLS. */
  leaving?: (() => void) | undefined
}

/** `proxy`: the proxy itself said no, or what is set does not fit it. */
export type Stage = 'dns' | 'connect' | 'tls' | 'proxy' | 'send' | 'timeout'

/** `seq` is the event that shows it. */
export type CloudFailure = { ok: false; stage: Stage; text: string; why: string; seq: number | null }

/** What is given out with an answer, by ID: an access token, or a machine account with its refresh token (NET-02). */
export type Given = { token?: string; expiresInS?: number; account?: string; refresh?: string }

export type CloudAnswer = { ok: true; status: number; text: string; seq: number; given?: Given | undefined }
export type CloudResult = CloudAnswer | CloudFailure

/** Where a connection goes; `tls` is the name that the other side has to prove, null for a plain one. */
export type Target = { address: string; port: number; tls: string | null }

/** What the proxy said to CONNECT. `challenges` are the values of Proxy-Authenticate. */
export type TunnelReply = {
  ok: true
  status: number
  text: string
  challenges: readonly string[]
  /** The proxy hangs up after this answer. */
  closes: boolean
  seq: number | null
}

/** One connection. Each `done` is told at most once: silence is no answer, and waiting is the machine's part. */
export type Line<A extends Asked> = {
  /** The other side hung up meanwhile: no request may be tried on it. */
  readonly gone: boolean
  /** CONNECT name:443 to the proxy at the other end. Whoever knows the password makes credentials of the login. */
  tunnel(asked: A, login: ProxyLogin | null, done: (reply: TunnelReply | CloudFailure) => void): void
  /** TLS with the cloud itself, end to end inside the tunnel [DEC-26]. */
  secure(asked: A, done: (result: { ok: true } | CloudFailure) => void): void
  /** One request. `idleMs` is how long the connection was not used; null for a new one. The answer gives up waiting. */
  exchange(asked: A, idleMs: number | null, done: (result: CloudResult) => void): () => void
  /** Takes no more requests; what is under way on it may end. */
  close(): void
}

/** Something that only the machine knows, written where the request started: a wait that ran out, a choice. */
export type Told = {
  about: 'connection' | 'request'
  message?: string
  sentAt: number
  outcome: string
  status: HopStatus
  why: string
}

export type WayPort<A extends Asked> = {
  readonly clock: Clock
  /** A value of its own for each Digest response. */
  cnonce(): string
  resolve(asked: A, name: string, done: (found: { ok: true; addresses: readonly string[] } | CloudFailure) => void): void
  /** The answer gives up: what still comes of the dial is not wanted any more. */
  dial(asked: A, target: Target, done: (dialled: { ok: true; line: Line<A> } | CloudFailure) => void): () => void
  /** Number of the event. */
  tell(asked: A, told: Told): number | null
  /** A wait that people should see; the answer ends it. */
  wait(asked: A, name: string, ms: number, why: string): (fired: boolean) => void
}

/** What is set on the Cloud Onboarding page (PROXY-02). */
export type ProxySettings = {
  enabled: boolean
  /** FQDN or IP address. */
  server: string
  port: number
  kind: 'HTTP' | 'HTTPS'
  authentication: 'none' | 'Basic' | 'Digest'
  user: string
  /** What stands for the password: the lab never has a real one (`secretName`). */
  password: string
}

/** An IP address is dialled as it is; anything else is a name for DNS (PROXY-03). */
export const isAddress = (server: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(server) || server.includes(':')
