/**
 * The console in a browser: an HTTP server that hands out the window and carries the door over a
 * WebSocket. Loopback unless the person asks otherwise.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Welcome } from '../../contract/carrier.ts'
import type { LabDoor } from '../../contract/door.ts'
import type { AppFile, AppFiles } from './appFiles.ts'
import { textFile } from './appFiles.ts'
import { converse, LIMITS, type Conversation, type Limits } from './conversation.ts'
import { bare, hostAllowed, isWildcard, originAllowed, type Listening } from './origin.ts'
import { securityHeaders, type PolicyOptions } from './policy.ts'
import { createGate, newToken, sameToken } from './token.ts'
import { hostPort } from '../../edge/hostPort.ts'

/** Where the page exchanges its secret, and where it opens its WebSocket with what it got. */
export const HELLO_PATH = '/hello'
export const DOOR_PATH = '/door'
/** The sub-protocol; the token travels as a second one, because a page can set no header on a WebSocket. */
export const DOOR_PROTOCOL = 'push-lab'
const MAX_HELLO_BYTES = 1_024

export type BrowserHostOptions = {
  door: LabDoor
  files: AppFiles
  /** Address or name to listen on. */
  host: string
  /** 0 takes any free port. */
  port: number
  /** Fixed only where a restart must not lock the page out (development). */
  token?: string
  limits?: Partial<Limits>
  policy?: PolicyOptions
}

export interface BrowserHost {
  readonly port: number
  /** The address for people: good until the host closes. */
  readonly url: string
  /** An address that opens one page, for a browser's command line. */
  ticketUrl(): string
  close(): Promise<void>
}

/** Rejects with a sentence that names the port when it cannot listen. */
export async function openBrowserHost(o: BrowserHostOptions): Promise<BrowserHost> {
  const limits: Limits = { ...LIMITS, ...o.limits }
  const gate = createGate(o.token ?? newToken())
  const listening: Listening = { host: o.host, port: o.port }
  const live = new Set<Conversation>()

  const http = createServer({
    requestTimeout: 30_000,
    headersTimeout: 10_000,
    connectionsCheckingInterval: 1_000,
    maxHeaderSize: 16 * 1024,
  })
  http.maxConnections = 256
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    handleProtocols: () => DOOR_PROTOCOL,
  })

  http.on('request', (request, response) => void page(request, response))
  http.on('upgrade', (request, stream, head) => upgrade(request, stream, head))

  async function page(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const file = await choose(request)
    const { host = '' } = request.headers
    // 'self' does not cover ws: in every browser, so the page's own door is named. An IPv6 literal cannot be (CSP 3, 2.3.1).
    const door = host.startsWith('[') ? [] : [`ws://${host}`]
    const policy = hostAllowed(host, listening) ? { ...o.policy, connect: [...door, ...(o.policy?.connect ?? [])] } : {}
    response.writeHead(file.status, {
      ...securityHeaders(policy),
      'content-type': file.type,
      'content-length': file.body.byteLength,
      'cache-control': file.cache,
    })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }

  async function choose(request: IncomingMessage): Promise<AppFile> {
    if (!hostAllowed(request.headers.host, listening)) return textFile(403, wrongHost(request.headers.host))
    if (pathOf(request) === HELLO_PATH) return await hello(request)
    if (request.method !== 'GET' && request.method !== 'HEAD') return textFile(405, 'Only GET is understood here.')
    return await o.files(request.url ?? '/')
  }

  async function hello(request: IncomingMessage): Promise<AppFile> {
    const { host, origin } = request.headers
    if (request.method !== 'POST') return textFile(405, 'Hello is a POST.')
    if (!originAllowed(origin, host)) return textFile(403, 'Only the page of this lab may say hello.')
    const secret = await readSecret(request)
    if (secret === null) return textFile(400, 'Hello is the JSON { "secret": "..." }.')
    if (!gate.admits(secret)) return textFile(401, 'This address is old or not complete. Open the one that the terminal shows.')
    return { ...textFile(200, JSON.stringify({ token: gate.token } satisfies Welcome)), type: 'application/json; charset=utf-8' }
  }

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy())
    const { host, origin } = request.headers
    if (!hostAllowed(host, listening)) return refuse(stream, '403 Forbidden', wrongHost(host))
    if (!originAllowed(origin, host)) return refuse(stream, '403 Forbidden', 'Only the page of this lab may open its door.')
    if (pathOf(request) !== DOOR_PATH) return refuse(stream, '404 Not Found', `The door is at ${DOOR_PATH}.`)
    const [protocol, token] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim())
    if (protocol !== DOOR_PROTOCOL || token === undefined || !sameToken(token, gate.token)) {
      return refuse(
        stream,
        '401 Unauthorized',
        `Say hello at ${HELLO_PATH} first, then offer ${DOOR_PROTOCOL} and the token as sub-protocols.`,
      )
    }
    sockets.handleUpgrade(request, stream, head, (socket) => accept(socket))
  }

  function accept(socket: WebSocket): void {
    // 'error' is followed by 'close'; without a listener it would end the process.
    socket.on('error', () => {})
    if (live.size >= limits.connections) {
      socket.close(4429, `${live.size} pages are open already. Close one of them.`)
      return
    }
    const conversation = converse({ socket, door: o.door, limits })
    live.add(conversation)

    let heard = true
    const ping = setInterval(() => {
      if (!heard) return socket.terminate()
      heard = false
      socket.ping()
    }, limits.pingMs)

    socket.on('pong', () => {
      heard = true
    })
    socket.on('message', (data, isBinary) => {
      if (isBinary) return socket.close(4400, 'Frames are text.')
      conversation.receive(String(data))
    })
    socket.on('close', () => {
      clearInterval(ping)
      conversation.end()
      live.delete(conversation)
    })
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(new Error(whyNotListening(error, o))))
    http.listen(o.port, bare(o.host), resolve)
  })
  listening.port = (http.address() as AddressInfo).port
  const origin = `http://${urlHost(o.host)}:${listening.port}`

  return {
    port: listening.port,
    url: `${origin}/#token=${gate.token}`,
    ticketUrl: () => `${origin}/#token=${gate.ticket()}`,
    async close() {
      for (const conversation of live) conversation.end()
      for (const socket of sockets.clients) socket.close(1001, 'Push Lab is closing.')
      const closed = new Promise<void>((resolve) => http.close(() => resolve()))
      http.closeIdleConnections()
      // A page that does not answer the close must not hold up the end of the process.
      const grace = setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
        http.closeAllConnections()
      }, 500)
      await closed
      clearTimeout(grace)
    },
  }
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '').split('?')[0] ?? ''

/** Null for anything that is too long or not of the form. */
async function readSecret(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const part of request) {
      bytes += part.length
      if (bytes > MAX_HELLO_BYTES) return null
      parts.push(part)
    }
    const { secret } = JSON.parse(Buffer.concat(parts).toString('utf8'))
    return typeof secret === 'string' ? secret : null
  } catch {
    return null
  }
}

const wrongHost = (host: string | undefined): string =>
  `This lab is not served under the name ${JSON.stringify(host ?? '')}. Open the address that the terminal shows.`

function refuse(stream: Duplex, status: string, text: string): void {
  const body = `${text}\n`
  // Nobody else has a deadline for this connection any more: who does not close it would keep its place for ever.
  stream.once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** A wildcard is no address to open; an IPv6 literal needs brackets. */
function urlHost(host: string): string {
  if (isWildcard(host)) return '127.0.0.1'
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
}

function whyNotListening(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use. Choose another with --port, or leave --port out.`
    case 'EACCES':
      return `This user may not listen on port ${port}. Choose one above 1023 with --port.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${host}. Leave --host out to use 127.0.0.1.`
    default:
      return `Cannot listen on ${hostPort(host, port)}: ${error.message}`
  }
}
