/**
 * FCM on real sockets: HTTP/1.1 and HTTP/2 on one TLS port, loopback unless told otherwise (FCM-01, FCM-06). The
 * answers are made by core/cloud/fcm; here is the door: how much of everything, faults on the wire, the log.
 */
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { refuse, type FcmAnswer } from '../../cloud/fcm/errors.ts'
import { MAX_BODY_BYTES, type FcmQuotas } from '../../cloud/fcm/limits.ts'
import { FcmService, SEND_PATH, type Accepted, type FcmViews } from '../../cloud/fcm/send.ts'
import type { Issued } from '../certificates.ts'
import { dribble } from '../dribble.ts'
import { listen } from '../listening.ts'
import { takeFrom } from '../lpns/limits.ts'
import { Connections, type Connection, type Open } from './connections.ts'
import { isTokenPath, shownBody, shownHeaders, type FcmExchange } from './exchange.ts'
import { answerOf, FcmFaults, type FcmFault } from './faults.ts'
import { FCM_WIRE_LIMITS, type FcmWireLimits } from './limits.ts'
import { TokenEndpoint, type ServiceAccount } from './oauth.ts'

/** How often deadlines are looked at. */
const SWEEP_MS = 250

export type FcmOptions = Issued & {
  /** `bearer` is asked about tokens that did not come from this endpoint's own `/token`. */
  views: Pick<FcmViews, 'senderOf' | 'tokenOf'> & Partial<Pick<FcmViews, 'bearer'>>
  /** Accounts that get access tokens from `POST /token`. */
  accounts?: readonly ServiceAccount[]
  /** FCM has taken a message over: it is told before its sender is. A throw is answered with INTERNAL. */
  accepted?: (message: Accepted, peer: string) => void
  onExchange?: (exchange: FcmExchange) => void
  /** A line in the form of `SSLKEYLOGFILE`, line break included. */
  onKeylog?: (line: string, connection: number | null) => void
  /** Asked for each `messages:send`, after the faults that were injected. */
  faultFor?: () => FcmFault | null
  /** Before it listens: what else is to be done at its handshakes. */
  onServer?: (server: Http2SecureServer) => void
  quotas?: Partial<FcmQuotas>
  limits?: Partial<FcmWireLimits>
  /** Of quotas and of the log, in ms; wall time when left out. */
  now?: () => number
  /** 127.0.0.1 when left out. */
  address?: string
  /** 0 takes any free port. */
  port?: number
}

export type Fcm = {
  readonly port: number
  readonly connections: number
  readonly service: FcmService
  /** Requests that faults will still hit. */
  readonly pendingFaults: number
  fault(fault: FcmFault): void
  clearFaults(): void
  /** An access token without a service account; for `lifetimeS` seconds, an hour when left out. */
  accessToken(project: string, lifetimeS?: number): string
  close(): Promise<void>
}

type Request = IncomingMessage | Http2ServerRequest
type Response = ServerResponse | Http2ServerResponse

/** Rejects when it cannot listen. */
export async function openFcm(options: FcmOptions): Promise<Fcm> {
  const limits: FcmWireLimits = { ...FCM_WIRE_LIMITS, ...options.limits }
  const now = options.now ?? Date.now
  const tokens = new TokenEndpoint(options.accounts ?? [], Date.now)
  const service = new FcmService(
    {
      senderOf: options.views.senderOf,
      tokenOf: options.views.tokenOf,
      bearer: (token, project) => {
        const own = tokens.bearer(token, project)
        return own === 'unknown' ? (options.views.bearer?.(token, project) ?? own) : own
      },
    },
    options.quotas,
  )
  const connections = new Connections(limits)
  const faults = new FcmFaults()
  /** Streams that this side has ended, so no reset of the client's, and sessions that it is ending. */
  const ended = new WeakSet<object>()
  const secured = new WeakMap<Connection, TLSSocket>()

  const server = createSecureServer({
    cert: options.certificate,
    key: options.privateKey,
    minVersion: 'TLSv1.2', // SEC-03
    allowHTTP1: true, // firebase-admin speaks 1.1 for one message and 2 for several (FCM-06)
    handshakeTimeout: limits.handshakeMs,
    maxHeaderSize: limits.headerBytes,
    maxHeaderListPairs: limits.headerPairs,
    settings: { maxConcurrentStreams: limits.streams, maxHeaderListSize: limits.headerBytes, enablePush: false },
    maxSessionInvalidFrames: 100,
    maxSessionRejectedStreams: 100,
  } as Parameters<typeof createSecureServer>[0])

  server.on('connection', (raw: Socket) => {
    raw.on('error', () => raw.destroy())
    if (!connections.admit(raw, performance.now())) raw.destroy()
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy())
    const connection = connections.of(socket)
    if (!connection) return
    connection.secured = true
    connection.http2 = socket.alpnProtocol === 'h2'
    connection.tls = socket.getProtocol() ?? ''
    secured.set(connection, socket)
  })
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.on('sessionError', () => undefined)
  server.on('session', guard)
  server.on('request', (request: Request, response: Response) => void serve(request, response))
  server.on('keylog', (line: Buffer, socket: TLSSocket) => options.onKeylog?.(line.toString('latin1'), connections.of(socket)?.id ?? null))

  /** What costs a client nothing and the server much: streams opened only to be reset (CVE-2023-44487), PING, SETTINGS. */
  function guard(session: ServerHttp2Session): void {
    const nuisance = (): void => {
      const connection = session.destroyed ? null : connections.of(session.socket)
      if (!connection || takeFrom(connection.resets, limits.resetBurst, limits.resetsPerSecond, performance.now())) return
      // Not from here: this may be inside a callback of nghttp2, which would go on with a session that is gone.
      if (!ended.has(session)) setImmediate(calm, session, connection.raw)
      ended.add(session)
    }
    session.on('error', () => undefined)
    session.on('ping', nuisance)
    // The first SETTINGS are how every client greets.
    session.once('remoteSettings', () => session.on('remoteSettings', nuisance))
    session.on('stream', (stream) => {
      stream.on('error', () => undefined)
      stream.once('close', () => {
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR && !ended.has(stream)) nuisance()
      })
    })
  }

  function calm(session: ServerHttp2Session, raw: Socket): void {
    if (!session.destroyed) session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    setImmediate(() => raw.destroy())
  }

  async function serve(request: Request, response: Response): Promise<void> {
    const connection = connections.of(request.socket)
    if (!connection) return void request.socket.destroy()
    const exchange = begin(connection, request)
    response.on('error', () => undefined)
    // HTTP/2 calls it finished when the client has reset it, too.
    response.once('finish', () => exchange.finish(exchange.log.status === null ? 'client went away' : 'answered'))
    response.once('close', () => exchange.finish('client went away'))
    const body = await bodyOf(request)
    if (body === undefined) return
    exchange.log.requestBody = shownBody(exchange.log.path, body)
    const fault = SEND_PATH.test(exchange.log.path.split('?')[0] as string) ? (faults.take() ?? options.faultFor?.() ?? null) : null
    exchange.log.fault = fault !== null
    switch (fault?.kind) {
      case 'stall':
        exchange.open.deadline = performance.now() + limits.stallMs
        exchange.log.outcome = 'stalled'
        return
      case 'reset':
        exchange.finish('reset')
        connection.raw.resetAndDestroy()
        return
      case 'answer':
      case 'page':
      case 'given':
        return reply(exchange, request, response, answerOf(fault))
      case 'slow-body':
        exchange.open.deadline = performance.now() + fault.ms + limits.exchangeMs
        return reply(exchange, request, response, await answer(request, connection, body), { slowMs: fault.ms })
      case 'half-close':
        return reply(exchange, request, response, await answer(request, connection, body), { hangUp: () => secured.get(connection)?.end() })
      case undefined:
        return reply(exchange, request, response, await answer(request, connection, body))
    }
  }

  async function answer(request: Request, { peer }: Connection, body: string | null): Promise<FcmAnswer> {
    const path = request.url ?? ''
    const method = request.method ?? ''
    if (method === 'POST' && isTokenPath(path)) return tokens.grant(body)
    try {
      const handled = service.handle({ method, path, authorization: request.headers.authorization ?? null, body }, now())
      if (handled.accepted) options.accepted?.(handled.accepted, peer)
      return handled
    } catch {
      return refuse('INTERNAL')
    }
  }

  function begin(connection: Connection, request: Request) {
    const startedAt = performance.now()
    const log: FcmExchange = {
      connection: connection.id,
      peer: connection.peer,
      protocol: request.httpVersionMajor === 2 ? 'HTTP/2' : 'HTTP/1.1',
      tls: connection.tls,
      stream: 'stream' in request ? (request.stream.id ?? null) : null,
      at: now(),
      ms: 0,
      method: request.method ?? '',
      path: request.url ?? '',
      requestHeaders: shownHeaders(request.headers),
      requestBody: null,
      status: null,
      responseHeaders: {},
      responseBody: '',
      outcome: 'client went away',
      fault: false,
    }
    let done = false
    const finish = (outcome: FcmExchange['outcome']): void => {
      if (done) return
      done = true
      connections.end(connection, open, performance.now())
      // A stall ends when the client has had enough: it is still a stall.
      log.outcome = log.outcome === 'stalled' ? 'stalled' : outcome
      log.ms = Math.round((performance.now() - startedAt) * 1_000) / 1_000
      options.onExchange?.(log)
    }
    const open: Open = {
      startedAt,
      deadline: startedAt + limits.exchangeMs,
      expire: () => {
        finish('timed out')
        // After an injected stall the connection may go on; who takes that long by himself loses it.
        if (log.outcome !== 'stalled' || !('stream' in request)) return void connection.raw.destroy()
        ended.add(request.stream)
        request.stream.close(constants.NGHTTP2_CANCEL)
      },
    }
    connections.begin(connection, open)
    return { log, open, finish }
  }

  options.onServer?.(server)
  const sweeping = setInterval(() => connections.sweep(performance.now()), SWEEP_MS).unref()
  let port: number
  try {
    port = await listen(server, { address: options.address ?? '127.0.0.1', port: options.port ?? 0 })
  } catch (error) {
    clearInterval(sweeping)
    throw error
  }
  return {
    port,
    service,
    get connections() {
      return connections.size
    },
    get pendingFaults() {
      return faults.pending
    },
    fault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    accessToken: (project, lifetimeS) => tokens.issue(project, lifetimeS),
    close: () =>
      new Promise((resolve) => {
        clearInterval(sweeping)
        server.close(() => resolve())
        connections.closeAll()
      }),
  }
}

/** How an answer is spoilt, by a fault. */
type Spoilt = { slowMs?: number; hangUp?: () => void }

function reply({ log }: { log: FcmExchange }, request: Request, response: Response, given: FcmAnswer, spoilt: Spoilt = {}): void {
  if (response.destroyed || (request.destroyed && !request.complete)) return
  const headers: Record<string, string | number> = { ...given.headers, 'content-length': Buffer.byteLength(given.body) }
  // The rest of a body that was not read would be taken for the next request.
  if (!request.complete && request.httpVersionMajor === 1) headers['connection'] = 'close'
  log.status = given.status
  log.responseHeaders = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  log.responseBody = shownBody(log.path, given.body)
  // What is left of a body that is too long: on HTTP/2 the stream ends, and its connection lives on.
  if ('stream' in response && !request.complete) response.once('finish', () => response.stream.close(constants.NGHTTP2_NO_ERROR))
  const either = response as ServerResponse
  either.writeHead(given.status, headers)
  const body = Buffer.from(given.body)
  if (spoilt.hangUp) {
    either.write(body.subarray(0, body.length >> 1), () => setImmediate(spoilt.hangUp as () => void))
  } else if (spoilt.slowMs !== undefined) {
    void dribble(either, body, spoilt.slowMs).then(() => either.end())
  } else either.end(request.method === 'HEAD' ? undefined : given.body)
}

/** The text; null when there is more than a request may have, of which no more is read; undefined when it broke off. */
async function bodyOf(request: Request): Promise<string | null | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return null
  const parts: Buffer[] = []
  let bytes = 0
  return new Promise((resolve) => {
    request.on('data', (part: Buffer) => {
      bytes += part.byteLength
      if (bytes <= MAX_BODY_BYTES) return void parts.push(part)
      request.pause()
      resolve(null)
    })
    // On HTTP/2 a request that was reset ends too.
    request.once('end', () => resolve(request.aborted ? undefined : Buffer.concat(parts).toString('utf8')))
    request.once('aborted', () => resolve(undefined))
    request.once('error', () => resolve(undefined))
    request.once('close', () => resolve(undefined))
  })
}
