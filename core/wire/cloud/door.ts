/**
 * An HTTPS/1.1 server of a cloud: who may come in and how much of everything, faults on the wire, and what is told of
 * each request. What is answered is somebody else's business.
 */
import { createServer } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { CloudName } from '../../contract/clouds.ts'
import { dribble } from '../dribble.ts'
import { Connections, type Connection, type Open } from '../fcm/connections.ts'
import { FCM_WIRE_LIMITS } from '../fcm/limits.ts'
import { listen } from '../listening.ts'
import { presentAtHandshake, type Certificates } from './certificates.ts'
import { LOGIN_PAGE, textOf, type RequestFault, type WireFaults } from './faults.ts'
import { DOOR_LIMITS, type DoorLimits } from './limits.ts'
import { answerBodyShown, headerPairs, headersShown, pathShown, requestBodyShown } from './shown.ts'
import type { NewExchange } from './wireLog.ts'

const SWEEP_MS = 250
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
  /** The text; null when there is more than `maxBytes` of it, of which no more is read. */
  body(): Promise<string | null>
  /** Ends when the client is gone, or the door closes. */
  signal: AbortSignal
}

export type HttpAnswer = { status: number; headers?: Record<string, string>; body: string }

export type ServerExchange = Omit<NewExchange, 'at' | 'flow'>

export type DoorOptions = {
  cloud: CloudName
  certificates: Certificates
  faults: WireFaults
  maxBytes: number
  answer(asked: Asked): Promise<HttpAnswer>
  /** The form that a status set by a fault has at this cloud. */
  forced(status: number, reason: string | undefined): HttpAnswer
  exchanged?: ((exchange: ServerExchange) => void) | undefined
  keylog?: ((line: string) => void) | undefined
  /** Something was counted. */
  changed?: (() => void) | undefined
  address?: string
  /** 0 takes any free port. */
  port?: number
  limits?: Partial<DoorLimits>
}

export type Door = {
  readonly port: number
  readonly connections: number
  readonly requests: number
  readonly refused: number
  /** Requests in progress have a moment to end. */
  close(): Promise<void>
}

export const jsonAnswer = (status: number, value: unknown): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  body: JSON.stringify(value),
})

/** Rejects when it cannot listen. */
export async function openDoor(o: DoorOptions): Promise<Door> {
  const limits: DoorLimits = { ...DOOR_LIMITS, ...o.limits }
  const connections = new Connections({ ...FCM_WIRE_LIMITS, ...limits })
  const { good } = o.certificates
  const closing = new AbortController()
  const underWay = new Set<Promise<void>>()
  let requests = 0
  let refused = 0

  const server = createServer({
    cert: good.certificate,
    key: good.privateKey,
    minVersion: 'TLSv1.2', // SEC-03
    handshakeTimeout: limits.handshakeMs,
    // Deadlines are held by the connections, for 1.1 as for 2.
    requestTimeout: 0,
    headersTimeout: limits.headersMs,
    connectionsCheckingInterval: SWEEP_MS,
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: limits.idleMs,
  })
  server.maxHeadersCount = limits.headerPairs
  presentAtHandshake(server, o.certificates, o.faults)
  const refuse = (): void => {
    refused++
    o.changed?.()
  }
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => raw.destroy())
    if (connections.admit(raw, performance.now())) o.changed?.()
    else {
      raw.destroy()
      refuse()
    }
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.on('error', () => socket.destroy())
    const connection = connections.of(socket)
    if (!connection) return
    connection.secured = true
    connection.tls = socket.getProtocol() ?? ''
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse()
    // Errors of handshakes come here too.
    if (!socket.writable || error.code === 'ECONNRESET' || connections.of(socket as TLSSocket)?.secured !== true)
      return void socket.destroy()
    const status =
      error.code === 'HPE_HEADER_OVERFLOW'
        ? '431 Request Header Fields Too Large'
        : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? '408 Request Timeout'
          : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  })
  server.on('upgrade', (_request, socket) => {
    refuse()
    socket.destroy()
  })
  server.on('request', (request, response) => {
    const serving = serve(request, response).catch(() => void request.socket.destroy())
    underWay.add(serving)
    void serving.finally(() => underWay.delete(serving))
  })
  server.on('keylog', (line: Buffer) => o.keylog?.(line.toString('latin1')))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = connections.of(request.socket)
    if (!connection) return void request.socket.destroy()
    requests++
    o.changed?.()
    const gone = new AbortController()
    const exchange = begin(connection, request)
    response.on('error', () => undefined)
    response.once('close', () => {
      gone.abort()
      exchange.end(response.writableFinished ? 'answered' : 'the client went away before the answer was complete')
    })
    let body: Promise<string | null> | null = null
    const asked: Asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      from: connection.peer,
      tracking: exchange.log.tracking,
      body: () =>
        (body ??= bodyOf(request, o.maxBytes).then((text) => {
          exchange.log.request.body = requestBodyShown(text, request.headers['content-type'])
          return text
        })),
      signal: AbortSignal.any([gone.signal, closing.signal]),
    }
    const fault = o.faults.take()
    if (fault) {
      exchange.log.fault = true
      o.changed?.()
    }
    if (fault?.kind === 'reset') {
      exchange.end('reset by a fault')
      connection.raw.resetAndDestroy()
      return
    }
    if (fault?.kind === 'stall') {
      exchange.open.deadline = performance.now() + limits.stallMs
      exchange.stalled = true
      await asked.body()
      return
    }
    const given = await answerTo(asked, fault)
    if (response.destroyed) return
    if (fault?.kind === 'slow-body') exchange.open.deadline = performance.now() + fault.ms + limits.exchangeMs
    await reply(exchange, request, response, given, fault)
  }

  async function answerTo(asked: Asked, fault: RequestFault | null): Promise<HttpAnswer> {
    if (fault?.kind === 'page') {
      await asked.body()
      return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: LOGIN_PAGE }
    }
    if (fault?.kind === 'answer') {
      await asked.body()
      const forced = o.forced(fault.status, fault.reason)
      const after = fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) }
      return { ...forced, headers: { ...forced.headers, ...after } }
    }
    return o.answer(asked)
  }

  type Running = { log: ServerExchange; open: Open; stalled: boolean; end(outcome: string): void }

  function begin(connection: Connection, request: IncomingMessage): Running {
    const startedAt = performance.now()
    const given = request.headers['trackingid']
    const tracking = typeof given === 'string' && TRACKING_ID.test(given) ? given : null
    const log: ServerExchange = {
      connection: `${o.cloud} ${connection.id}`,
      side: 'server',
      cloud: o.cloud,
      peer: connection.peer,
      protocol: 'HTTP/1.1',
      tls: connection.tls,
      stream: null,
      ms: 0,
      request: {
        method: (request.method ?? '').slice(0, 20),
        path: pathShown(request.url ?? ''),
        headers: headersShown(headerPairs(request.headers)),
        body: '',
      },
      response: null,
      outcome: '',
      tracking,
      fault: false,
    }
    let done = false
    const running: Running = {
      log,
      stalled: false,
      open: {
        startedAt,
        deadline: startedAt + limits.exchangeMs,
        expire: () => {
          running.end(running.stalled ? 'no answer, by a fault' : `not complete within ${limits.exchangeMs / 1_000} s`)
          connection.raw.destroy()
        },
      },
      end(outcome) {
        if (done) return
        done = true
        connections.end(connection, running.open, performance.now())
        log.ms = Math.round((performance.now() - startedAt) * 10) / 10
        log.outcome = running.stalled ? 'no answer, by a fault' : log.outcome || outcome
        o.exchanged?.(log)
      },
    }
    connections.begin(connection, running.open)
    return running
  }

  const sweeping = setInterval(() => connections.sweep(performance.now()), SWEEP_MS).unref()
  let port: number
  try {
    port = await listen(server, { address: o.address ?? '127.0.0.1', port: o.port ?? 0 })
  } catch (error) {
    clearInterval(sweeping)
    throw error
  }
  return {
    port,
    get connections() {
      return connections.size
    },
    get requests() {
      return requests
    },
    get refused() {
      return refused
    },
    async close() {
      clearInterval(sweeping)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      closing.abort()
      const late = new Promise<void>((resolve) => setTimeout(resolve, limits.closeMs).unref())
      await Promise.race([Promise.all(underWay), late])
      connections.closeAll()
      await closed
    },
  }
}

async function reply(
  exchange: { log: ServerExchange },
  request: IncomingMessage,
  response: ServerResponse,
  given: HttpAnswer,
  fault: RequestFault | null,
): Promise<void> {
  const { log } = exchange
  const headers: Record<string, string> = {
    ...given.headers,
    'content-length': String(Buffer.byteLength(given.body)),
    ...(log.tracking === null ? {} : { TrackingID: log.tracking }),
    // The rest of a body that was not read would be taken for the next request.
    ...(request.complete ? {} : { connection: 'close' }),
  }
  log.response = { status: given.status, headers: headersShown(headerPairs(headers)), body: answerBodyShown(given.body) }
  if (fault) log.outcome = textOf(fault)
  response.writeHead(given.status, headers)
  const body = Buffer.from(request.method === 'HEAD' ? '' : given.body)
  if (fault?.kind === 'half-close') {
    response.write(body.subarray(0, body.length >> 1), () => response.socket?.end())
    return
  }
  if (fault?.kind === 'slow-body') await dribble(response, body, fault.ms)
  response.end(fault?.kind === 'slow-body' ? undefined : body)
}

async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return null
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.byteLength
    if (bytes > maxBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
