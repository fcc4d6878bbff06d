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
import { cut } from '../cloudLines/failures.ts'
import { listen } from '../listening.ts'
import { nodeSealer } from '../nodeSealer.ts'
import { presentAtHandshake, type Certificates } from './certificates.ts'
import { LOGIN_PAGE, textOf, type RequestFault, type WireFaults } from './faults.ts'
import { DOOR_LIMITS, type DoorLimits } from './limits.ts'
import { headerPairs, headersShown } from './shown.ts'
import { cloudOf } from './site.ts'
import type { ServerExchange } from './http.ts'

export type ProxyLimits = Pick<DoorLimits, 'connections' | 'handshakeMs' | 'headersMs' | 'headerBytes' | 'idleMs' | 'stallMs' | 'closeMs'>

/** How often silent clients are looked for. */
const SWEEP_MS = 250

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
  /** Connections are tunnels and clients that ask for one, together. */
  limits?: Partial<ProxyLimits>
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
  const limits: ProxyLimits = { ...DOOR_LIMITS, ...o.limits }
  /** By their place: who has asked for a tunnel comes by another socket than the one of TCP when there is TLS. */
  const clients = new Map<string, { raw: Socket; tunnel: boolean }>()
  /** Its own, so that a lab in virtual time knows nothing of what happens here. */
  const nonces: LabProxy['nonces'] = new Map()
  let tunnels = 0
  let requests = 0
  let refused = 0
  let numbers = 0

  const common = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.headersMs,
    connectionsCheckingInterval: SWEEP_MS,
  }
  const { good } = o.certificates
  const server =
    kind === 'HTTP'
      ? createHttp(common)
      : createHttps({
          ...common,
          cert: good.certificate,
          key: good.privateKey,
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.handshakeMs,
        })
  if ('setSecureContext' in server) presentAtHandshake(server, o.certificates, o.faults)
  server.on('keylog', (line: Buffer) => o.keylog(line.toString('latin1')))
  server.on('connection', (raw: Socket) => {
    raw.on('error', () => raw.destroy())
    if (clients.size >= limits.connections && !makeRoom()) {
      refused++
      return void raw.destroy()
    }
    const peer = peerOf(raw)
    clients.set(peer, { raw, tunnel: false })
    raw.setTimeout(limits.idleMs, () => raw.destroy()) // NET-06
    raw.once('close', () => {
      if (clients.get(peer)?.raw === raw) clients.delete(peer)
      o.changed()
    })
    o.changed()
  })

  /** Whoever has no tunnel gives way, the oldest first: a crowd that says nothing must not keep others out. */
  function makeRoom(): boolean {
    for (const [peer, { raw, tunnel }] of clients) {
      if (tunnel) continue
      clients.delete(peer)
      refused++
      raw.destroy()
      return true
    }
    return false
  }
  server.on('clientError', (_error, socket: Duplex) => {
    refused++
    socket.destroy()
  })
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
      const known = clients.get(peerOf(client))
      if (known) known.tunnel = true
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      if (head.length > 0) beyond.write(head)
      tunnels++
      o.changed()
      client.pipe(beyond)
      beyond.pipe(client)
      beyond.once('close', () => {
        tunnels--
        client.destroySoon() // what the cloud said last is still on its way
      })
    })
    beyond.on('error', () => {
      if (beyond.bytesRead === 0 && !client.destroyed) {
        end({ status: 502, text: 'Bad Gateway' })
        sendAway(client, headOf({ status: 502, text: 'Bad Gateway' }))
      }
      beyond.destroy()
    })
    client.once('close', () => beyond.destroy())
  }

  /** The client asks again on another connection, with a login when it has one. */
  function refuse(client: Socket, end: Ended, verdict: Verdict): void {
    refused++
    end(verdict)
    sendAway(client, headOf({ ...verdict, headers: { ...verdict.headers, connection: 'close' } }))
  }

  /** The last word; who does not hang up then is hung up on, or its place would be taken for ever. */
  function sendAway(client: Socket, text: string): void {
    client.end(text)
    client.resume()
    endAfter(client, limits.closeMs)
  }

  function endAfter(client: Socket, ms: number): void {
    const late = setTimeout(() => client.destroy(), ms)
    client.once('close', () => clearTimeout(late))
  }

  function broken(fault: RequestFault, client: Socket, end: Ended): void {
    switch (fault.kind) {
      case 'reset':
        end(null, textOf(fault))
        return void (client instanceof TLSSocket ? client.destroy() : client.resetAndDestroy())
      case 'stall':
        end(null, textOf(fault))
        return endAfter(client, limits.stallMs)
      case 'page':
        end({ status: 200, text: 'OK' }, textOf(fault))
        return sendAway(client, headOf({ status: 200, text: 'OK', headers: { 'content-type': 'text/html' }, body: LOGIN_PAGE }))
      case 'half-close':
        end(null, textOf(fault))
        return sendAway(client, 'HTTP/1.1 200 Conn')
      case 'answer': {
        const basic: Record<string, string> = fault.status === 407 ? { 'Proxy-Authenticate': `Basic realm="${o.proxy().id}"` } : {}
        const after = fault.retryAfterS === undefined ? basic : { ...basic, 'Retry-After': String(fault.retryAfterS) }
        const text = cut(fault.reason ?? STATUS_CODES[fault.status] ?? 'set by a fault') // one line, whatever was typed
        const verdict = { status: fault.status, text, headers: after }
        end(verdict, textOf(fault))
        return sendAway(client, headOf(verdict))
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
        for (const { raw } of clients.values()) raw.destroy()
      }),
  }
}

function headOf({ status, text, headers = {}, body = '' }: Verdict): string {
  const all = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers })
  return `HTTP/1.1 ${status} ${text}\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}
