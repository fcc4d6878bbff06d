/**
 * An HTTPS/1.1 server of a cloud: who may come in and how much of everything, and faults on the wire. What is answered is
 * somebody else's business.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { CloudName } from '../../contract/clouds.ts'
import { Connections } from '../fcm/connections.ts'
import { FCM_WIRE_LIMITS } from '../fcm/limits.ts'
import { listen } from '../listening.ts'
import { presentAtHandshake, type Certificates } from './certificates.ts'
import { DoorExchange } from './doorExchange.ts'
import { LOGIN_PAGE, type RequestFault, type WireFaults } from './faults.ts'
import type { Asked, HttpAnswer, ServerExchange } from './http.ts'
import { DOOR_LIMITS, type DoorLimits } from './limits.ts'

const SWEEP_MS = 250

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

/** Rejects when it cannot listen. */
export async function openDoor(o: DoorOptions): Promise<Door> {
  const limits: DoorLimits = { ...DOOR_LIMITS, ...o.limits }
  const connections = new Connections({ ...FCM_WIRE_LIMITS, ...limits })
  const { good } = o.certificates
  /** Of requests without their answer. One signal for all of them would keep a trace of each as long as the door is open. */
  const open = new Set<AbortController>()
  let closing = false
  const underWay = new Set<Promise<void>>()
  const ports = { cloud: o.cloud, connections, limits, maxBytes: o.maxBytes, exchanged: o.exchanged }
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
    if (closing) gone.abort()
    open.add(gone)
    const exchange = new DoorExchange(ports, connection, request)
    response.on('error', () => undefined)
    response.once('close', () => {
      gone.abort()
      open.delete(gone)
      exchange.end(response.writableFinished ? 'answered' : 'the client went away before the answer was complete')
    })
    const asked: Asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      from: connection.peer,
      tracking: exchange.log.tracking,
      body: () => exchange.body(),
      signal: gone.signal,
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
      exchange.stall()
      await asked.body()
      return
    }
    const given = await answerTo(asked, fault)
    if (!response.destroyed) await exchange.reply(response, given, fault)
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
      closing = true
      for (const gone of open) gone.abort()
      const late = new Promise<void>((resolve) => setTimeout(resolve, limits.closeMs).unref())
      await Promise.race([Promise.all(underWay), late])
      connections.closeAll()
      await closed
    },
  }
}
