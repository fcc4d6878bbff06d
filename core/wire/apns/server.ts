/**
 * APNs on a real socket (APNS-01): HTTP/2 over TLS on the loopback interface, in front of the machine that also
 * serves virtual time. What is here is the door: who may come in, how much of everything, and how it ends.
 */
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Apns, ApnsRequest, Notification } from '../../cloud/apns/machine.ts'
import type { Environment } from '../../cloud/apns/providerToken.ts'
import type { Reason } from '../../cloud/apns/reasons.ts'
import { peerOf } from '../addresses.ts'
import type { Issued } from '../certificates.ts'
import { listen } from '../listening.ts'
import { Connection, type ApnsFault } from './connection.ts'
import type { ConnectionEvent, Exchange } from './exchange.ts'
import { APNS_LIMITS, SWEEP_MS, type ApnsLimits } from './limits.ts'

/** The names that providers ask for; the name also says which environment they mean (APNS-01). */
export const APNS_HOST: Readonly<Record<Environment, string>> = {
  production: 'api.push.apple.com',
  sandbox: 'api.sandbox.push.apple.com',
}

/** 443 needs rights that a lab does not have; Apple listens on this one too. */
export const APNS_PORT = 2_197

export type ApnsOptions = Issued & {
  apns: Apns
  /** An accepted notification. It has to be on its way when this returns; the answer follows. */
  deliver(notification: Notification, connection: number): void
  /** Time of the lab, ms since 1970; the wall clock when left out. */
  now?: () => number
  /** Of connections whose TLS names neither of Apple's hosts. */
  environment?: Environment
  /** An interface to listen on; loopback when left out. */
  address?: string
  /** 0 takes any free port. */
  port?: number
  /** Asked for each request, after the faults that were injected. */
  faultFor?: (request: ApnsRequest) => ApnsFault | null
  onExchange?: (exchange: Exchange) => void
  onConnection?: (event: ConnectionEvent) => void
  /** A line for an `SSLKEYLOGFILE`: whoever has it reads the connection. */
  onKeylog?: (line: Buffer) => void
  /** Before it listens: what else is to be done at its handshakes. */
  onServer?: (server: Http2SecureServer) => void
  limits?: Partial<ApnsLimits>
}

export type ApnsServer = {
  readonly port: number
  readonly connections: number
  readonly streams: number
  /** Happens to the next requests, one after the other. */
  inject(fault: ApnsFault, times?: number): void
  /** GOAWAY on every connection now; answers how many streams that cut. */
  goAway(reason: Reason): number
  /** GOAWAY with Shutdown; requests in flight have a moment to end. */
  close(): Promise<void>
}

/** Faults that may wait for their requests. */
const MAX_INJECTED = 100_000

/** Rejects when it cannot listen. */
export async function openApns(options: ApnsOptions): Promise<ApnsServer> {
  const limits: ApnsLimits = { ...APNS_LIMITS, ...options.limits }
  const connections = new Map<ServerHttp2Session, Connection>()
  const injected: ApnsFault[] = []
  const { onConnection = () => undefined } = options
  let numbers = 0

  const server = createSecureServer({
    cert: options.certificate,
    key: options.privateKey,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['h2'],
    allowHTTP1: false,
    handshakeTimeout: limits.handshakeMs,
    maxHeaderListPairs: limits.headerPairs,
    maxSessionInvalidFrames: limits.invalidFrames,
    maxSessionRejectedStreams: limits.resets,
    settings: { maxConcurrentStreams: limits.concurrentStreams, maxHeaderListSize: limits.headerListBytes, enablePush: false },
  })

  const ports = {
    apns: options.apns,
    limits,
    now: options.now ?? Date.now,
    deliver: options.deliver,
    faultFor: (request: ApnsRequest) => injected.shift() ?? options.faultFor?.(request) ?? null,
    onExchange: options.onExchange,
    onConnection,
    load: { streams: 0 },
  }

  // The TCP socket below TLS: only that can be reset.
  const sockets = new Map<string, Socket>()
  const secured = new Map<string, TLSSocket>()
  server.on('connection', (socket: Socket) => {
    const from = peerOf(socket)
    if (sockets.size >= limits.connections && !makeRoom()) {
      onConnection({ connection: null, what: 'refused', why: `${limits.connections} connections are open` })
      return void socket.destroy()
    }
    sockets.set(from, socket)
    socket.once('close', () => {
      sockets.delete(from)
      secured.delete(from)
    })
  })
  /** Whoever has asked for nothing yet gives way, the oldest first: a silent crowd must not keep providers out. */
  function makeRoom(): boolean {
    const busy = new Set([...connections].flatMap(([session, { asked }]) => (asked && !session.destroyed ? [peerOf(session.socket)] : [])))
    for (const [from, socket] of sockets) {
      if (busy.has(from)) continue
      sockets.delete(from)
      socket.destroy()
      return true
    }
    return false
  }

  server.on('secureConnection', (socket: TLSSocket) => secured.set(peerOf(socket), socket))
  server.on('session', (session) => {
    const socket = session.socket as TLSSocket
    const name = typeof socket.servername === 'string' ? socket.servername : ''
    const environment =
      name === APNS_HOST.sandbox ? 'sandbox' : name === APNS_HOST.production ? 'production' : (options.environment ?? 'production')
    const from = peerOf(socket)
    const connection = new Connection(++numbers, session, environment, ports, {
      reset: () => sockets.get(from)?.resetAndDestroy(),
      end: () => secured.get(from)?.end(),
    })
    connections.set(session, connection)
    session.on('close', () => connections.delete(session))
    const tls = socket.getProtocol() ?? ''
    onConnection({ connection: connection.number, what: 'opened', tls, name, from })
  })
  server.on('unknownProtocol', (socket) => {
    onConnection({ connection: null, what: 'refused', why: 'the client does not speak HTTP/2' })
    socket.destroy()
  })
  server.on('tlsClientError', (error, socket) => {
    onConnection({ connection: null, what: 'refused', why: error.message })
    socket.destroy()
  })
  if (options.onKeylog) server.on('keylog', options.onKeylog)
  options.onServer?.(server)

  const port = await listen(server, { address: options.address ?? '127.0.0.1', port: options.port ?? 0 })
  const sweep = setInterval(() => {
    const nowMs = performance.now()
    for (const each of connections.values()) each.sweep(nowMs)
  }, SWEEP_MS)
  sweep.unref()

  return {
    port,
    get connections() {
      return connections.size
    },
    get streams() {
      return ports.load.streams
    },
    inject(fault, times = 1) {
      for (let i = 0; i < times && injected.length < MAX_INJECTED; i++) injected.push(fault)
    },
    goAway: (reason) => [...connections.values()].reduce((cut, each) => cut + each.goAway(reason), 0),
    async close() {
      clearInterval(sweep)
      const closed = [
        new Promise<void>((resolve) => server.close(() => resolve())),
        ...Array.from(connections.keys(), (session) => new Promise<void>((resolve) => session.once('close', resolve))),
      ]
      for (const each of connections.values()) each.drain('Shutdown')
      const late = setTimeout(() => {
        for (const each of connections.values()) each.destroy('the server was closed')
      }, limits.closeMs)
      await Promise.all(closed)
      clearTimeout(late)
    },
  }
}
