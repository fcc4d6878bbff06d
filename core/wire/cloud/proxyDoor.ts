/**
 * The proxy of the lab on a real socket: CONNECT to the clouds of the lab and to nobody else, with the login that it asks for
 * in virtual time too. It passes on bytes that it cannot read (PROXY-01, PROXY-02, DEC-26).
 */
import { createServer as createHttp, STATUS_CODES, type IncomingMessage } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { CloudName, ProxyServer } from '../../contract/clouds.ts'
import { checkLogin, failsOverAt, type LabProxy } from '../../edge/proxy.ts'
import { challengeLine } from '../../edge/proxyAuth.ts'
import { peerOf } from '../addresses.ts'
import { listen } from '../listening.ts'
import { nodeSealer } from '../nodeSealer.ts'
import { presentAtHandshake, type Certificates } from './certificates.ts'
import { LOGIN_PAGE, textOf, type RequestFault, type WireFaults } from './faults.ts'
import { DOOR_LIMITS } from './limits.ts'
import { headerPairs, headersShown } from './shown.ts'
import { cloudOf } from './site.ts'
import type { ServerExchange } from './door.ts'

/** Tunnels and clients that ask for one, together. */
const MAX_CLIENTS = 256

export type ProxyDoorOptions = {
  /** The proxy as it is in the lab now. */
  proxy(): LabProxy
  /** ms of the run. */
  now(): number
  newNonce(): string
  /** Behind the name of a password; null when nobody has told it. */
  password(name: string): string | null
  /** Where a cloud of the lab listens. */
  portOf(cloud: CloudName): number
  certificates: Certificates
  faults: WireFaults
  exchanged(exchange: ServerExchange): void
  keylog(line: string): void
  changed(): void
  address: string
  /** 0 takes any free port. */
  port: number
}

export type ProxyDoor = {
  readonly port: number
  row(): ProxyServer
  close(): Promise<void>
}

type Verdict = { status: number; text: string; headers?: Record<string, string>; body?: string }

/** Rejects when it cannot listen. */
export async function openProxyDoor(o: ProxyDoorOptions): Promise<ProxyDoor> {
  const { kind } = o.proxy()
  const clients = new Set<Socket>()
  /** Its own, so that a lab in virtual time knows nothing of what happens here. */
  const nonces: LabProxy['nonces'] = new Map()
  let tunnels = 0
  let requests = 0
  let refused = 0
  let numbers = 0

  const common = { maxHeaderSize: DOOR_LIMITS.headerBytes, headersTimeout: DOOR_LIMITS.headersMs, requestTimeout: DOOR_LIMITS.headersMs }
  const { good } = o.certificates
  const server =
    kind === 'HTTP'
      ? createHttp(common)
      : createHttps({
          ...common,
          cert: good.certificate,
          key: good.privateKey,
          minVersion: 'TLSv1.2',
          handshakeTimeout: DOOR_LIMITS.handshakeMs,
        })
  if ('setSecureContext' in server) presentAtHandshake(server, o.certificates, o.faults)
  server.on('keylog', (line: Buffer) => o.keylog(line.toString('latin1')))
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => raw.destroy())
    if (clients.size >= MAX_CLIENTS) {
      refused++
      return void raw.destroy()
    }
    clients.add(raw)
    raw.setTimeout(DOOR_LIMITS.idleMs, () => raw.destroy()) // NET-06
    raw.once('close', () => {
      clients.delete(raw)
      o.changed()
    })
    o.changed()
  })
  server.on('clientError', (_error, socket: Duplex) => {
    refused++
    socket.destroy()
  })
  server.on('tlsClientError', () => void refused++)
  server.on('request', (request, response) => {
    refused++
    response.writeHead(405, { 'content-type': 'text/plain', connection: 'close' })
    response.end('This proxy only tunnels: ask with CONNECT host:port.\n')
    request.resume()
  })
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    client.on('error', () => client.destroy())
    requests++
    o.changed()
    serve(request, client as Socket, head)
  })

  function serve(request: IncomingMessage, client: Socket, head: Buffer): void {
    const uri = request.url ?? ''
    const cloud = cloudOf(uri.replace(/:\d+$/, ''))
    const end = begin(request, client, uri, cloud)
    const fault = o.faults.take()
    if (fault) return broken(fault, client, end)
    const login = checkLogin(
      { ...o.proxy(), nonces, password: o.password(o.proxy().password) ?? o.newNonce() },
      request.headers['proxy-authorization'] ?? null,
      { method: 'CONNECT', uri },
      o.now(),
      nodeSealer,
      o.newNonce,
    )
    if (!login.ok) {
      const headers = { 'Proxy-Authenticate': challengeLine(login.challenge) }
      return refuse(client, end, { status: 407, text: 'Proxy Authentication Required', headers })
    }
    if (cloud === null) return refuse(client, end, { status: 403, text: 'Forbidden: only the clouds of the lab' })
    const worksAt = failsOverAt(o.proxy(), o.now())
    if (worksAt === null) return pass(client, head, cloud, end)
    // It holds on to its failed connection, and lets its client wait (PROXY-05).
    const waiting = setTimeout(() => pass(client, head, cloud, end), worksAt - o.now())
    client.once('close', () => clearTimeout(waiting))
  }

  function pass(client: Socket, head: Buffer, cloud: CloudName, end: Ended): void {
    const beyond = connect({ host: o.address, port: o.portOf(cloud), noDelay: true }, () => {
      end({ status: 200, text: 'Connection established' })
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) beyond.write(head)
      tunnels++
      o.changed()
      client.pipe(beyond)
      beyond.pipe(client)
      beyond.once('close', () => {
        tunnels--
        client.destroy()
      })
    })
    beyond.on('error', () => {
      if (beyond.bytesRead === 0 && !client.destroyed) {
        end({ status: 502, text: 'Bad Gateway' })
        client.end(headOf({ status: 502, text: 'Bad Gateway' }))
      }
      beyond.destroy()
    })
    client.once('close', () => beyond.destroy())
  }

  /** The client asks again on another connection, with a login when it has one. */
  function refuse(client: Socket, end: Ended, verdict: Verdict): void {
    refused++
    end(verdict)
    client.end(headOf({ ...verdict, headers: { ...verdict.headers, connection: 'close' } }))
  }

  function broken(fault: RequestFault, client: Socket, end: Ended): void {
    switch (fault.kind) {
      case 'reset':
        end(null, textOf(fault))
        return void (client instanceof TLSSocket ? client.destroy() : client.resetAndDestroy())
      case 'stall':
        return end(null, textOf(fault))
      case 'page':
        end({ status: 200, text: 'OK' }, textOf(fault))
        return void client.end(headOf({ status: 200, text: 'OK', headers: { 'content-type': 'text/html' }, body: LOGIN_PAGE }))
      case 'half-close':
        end(null, textOf(fault))
        return void client.end('HTTP/1.1 200 Conn')
      case 'answer': {
        const basic: Record<string, string> = fault.status === 407 ? { 'Proxy-Authenticate': `Basic realm="${o.proxy().id}"` } : {}
        const after = fault.retryAfterS === undefined ? basic : { ...basic, 'Retry-After': String(fault.retryAfterS) }
        const verdict = { status: fault.status, text: fault.reason ?? STATUS_CODES[fault.status] ?? 'set by a fault', headers: after }
        end(verdict, textOf(fault))
        return void client.end(headOf(verdict))
      }
      case 'slow-body':
      case 'goaway':
        client.destroy() // refused where faults are added: there is no body, and no HTTP/2
    }
  }

  type Ended = (verdict: Verdict | null, outcome?: string) => void

  function begin(request: IncomingMessage, client: Socket, uri: string, cloud: CloudName | null): Ended {
    const startedAt = performance.now()
    const peer = peerOf(client)
    const connection = `proxy ${++numbers}`
    let done = false
    return (verdict, outcome) => {
      if (done) return
      done = true
      o.exchanged({
        connection,
        side: 'server',
        cloud: cloud ?? 'push-rest',
        peer,
        protocol: 'HTTP/1.1',
        tls: client instanceof TLSSocket ? (client.getProtocol() ?? '') : '',
        stream: null,
        ms: Math.round((performance.now() - startedAt) * 10) / 10,
        request: { method: 'CONNECT', path: uri.slice(0, 300), headers: headersShown(headerPairs(request.headers)), body: '' },
        response: verdict && { status: verdict.status, headers: headersShown(headerPairs(verdict.headers ?? {})), body: '' },
        outcome: outcome ?? (verdict ? `${verdict.status} ${verdict.text}` : ''),
        tracking: null,
        fault: outcome !== undefined,
      })
    }
  }

  const port = await listen(server, o)
  return {
    port,
    row: () => ({ kind, port, connections: clients.size, tunnels, requests, refused, faults: o.faults.rows() }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const client of clients) client.destroy()
      }),
  }
}

function headOf({ status, text, headers = {}, body = '' }: Verdict): string {
  const all = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers })
  return `HTTP/1.1 ${status} ${text}\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}
