/**
 * One line to the cloud, step by step as the lab asks: TCP or TLS to a proxy or to the cloud itself, a tunnel through the proxy,
 * TLS inside it, and requests with undici on that very connection. Whatever fails on it fails, and is never tried on another
 * one (NET-07); what the lab has to decide it is told (PROXY-01, DEC-26).
 */
import type { Socket } from 'node:net'
import { rootCertificates, TLSSocket } from 'node:tls'
import { Client } from 'undici'
import type { CloudName, Told } from '../../contract/clouds.ts'
import type { CloudAsk, RealRequest } from '../../cloud/real.ts'
import { POOL_IDLE_MS, type Target } from '../../cloud/way.ts'
import { hostPort } from '../../edge/hostPort.ts'
import { peerOf } from '../addresses.ts'
import { headerPairs } from '../cloud/shown.ts'
import { cloudOf, DOCUMENTED_PORT, type LinesOptions } from '../cloud/site.ts'
import { answerOf } from './answer.ts'
import { codeOf, connectText, failed, GIVEN_UP, sendText, speaksNoTls, tlsText, type Failed } from './failures.ts'
import { FORGOTTEN_MS, MAX_HEAD_BYTES, MAX_QUEUED, MAX_REPLY_BYTES } from './limits.ts'
import { loginFor } from './login.ts'
import { replyReader, type ProxyReply } from './proxyReply.ts'
import { bodyOf, headersOf } from './request.ts'
import { begun, type RecordedRequest, type Reply } from './record.ts'
import { openTcp, openTls } from './sockets.ts'

export type LineOptions = Pick<LinesOptions, 'site' | 'secrets' | 'now' | 'exchanged' | 'keylog'>
/** Settles a promise: once, and never from within what was asked. */
type Done = (told: Told) => void

/** What is asked of a line, without its number. */
type Tunnel = Pick<Extract<CloudAsk, { do: 'tunnel' }>, 'name' | 'login'>

const BROKEN = 'LINE_BROKEN'
const NO_CONNECTION = 'there is no connection'
const HTTP = ['http/1.1']

export class Line {
  private readonly number: number
  private readonly options: LineOptions
  /** TCP first, what was secured last. */
  private socket: Socket | null = null
  private readonly layers: Socket[] = []
  private client: Client | null = null
  /** The cloud at the other end of the tunnel or of TLS. */
  private name = ''
  private queued = 0
  /** Why it cannot be used any more. */
  private broken: string | null = null
  private readonly gone: () => void

  /** `gone`: its connection has ended, whoever did it. */
  constructor(number: number, options: LineOptions, gone: () => void) {
    this.number = number
    this.options = options
    this.gone = gone
  }

  get alive(): boolean {
    return this.broken === null
  }

  /** TCP, and TLS when the target has a name to prove. */
  dial(target: Target): Promise<Told> {
    return new Promise((done) => this.connect(target, done))
  }

  /** CONNECT, with a login when the lab has one. */
  tunnel(asked: Tunnel): Promise<Told> {
    return new Promise((done) => this.connectThrough(asked, done))
  }

  /** TLS with the cloud itself; the proxy passes on what it cannot read (DEC-26). */
  secure(name: string): Promise<Told> {
    return new Promise((done) => {
      const { socket } = this
      if (!socket || this.broken !== null) return done(failed('connect', this.broken ?? NO_CONNECTION))
      this.handshake(socket, name, done, { is: 'secured' }, (error) => failed('tls', tlsText(error, name)))
    })
  }

  /** One request; those asked before it have their turn first. */
  async exchange(request: RealRequest, signal: AbortSignal): Promise<Told> {
    if (this.queued >= MAX_QUEUED) return failed('send', `${MAX_QUEUED} requests wait on this connection already`)
    this.queued++
    try {
      return await this.send(request, signal)
    } finally {
      this.queued--
    }
  }

  close(why = 'the lab has closed this connection'): void {
    this.broken ??= why
    void this.client?.destroy()
    for (const layer of this.layers.toReversed()) layer.destroy()
  }

  private connect({ address, port, tls }: Target, done: Done): void {
    const cloud = tls === null ? null : cloudOf(tls)
    const { site } = this.options
    const standIn = cloud === null ? site.proxyAt(address, port) : null
    const real = standIn ?? (cloud !== null && port === DOCUMENTED_PORT ? (site.portOf(tls as string) ?? port) : port)
    this.name = tls ?? address
    this.socket = openTcp(standIn === null ? address : site.address, real, (error, socket) => {
      if (error) return this.fail(failed('connect', connectText(error, address, real)), done)
      if (tls === null) return done({ is: 'line' })
      this.handshake(socket, tls, done, { is: 'line' }, (problem) => {
        if (cloud !== null || !speaksNoTls(problem)) return failed('tls', tlsText(problem, tls))
        return failed('proxy', `no TLS on ${hostPort(address, real)}: this is an HTTP proxy, and HTTPS is set`)
      })
    })
    this.layers.push(this.socket)
    this.socket.once('close', () => {
      this.broken ??= 'the other side has closed this connection'
      this.gone()
    })
  }

  private connectThrough({ name, login }: Tunnel, done: Done): void {
    const { socket } = this
    if (!socket || this.broken !== null) return done(failed('connect', this.broken ?? NO_CONNECTION))
    const uri = `${name}:${this.options.site.portOf(name) ?? DOCUMENTED_PORT}`
    const made = login && loginFor(login, uri, this.options.secrets)
    if (made?.ok === false) return done(failed('proxy', made.text))
    const headers: [string, string][] = [
      ['Host', uri],
      ['Proxy-Connection', 'keep-alive'],
    ]
    if (made) headers.push(['Proxy-Authorization', made.value])
    const log = this.record(cloudOf(name) ?? 'push-rest', { method: 'CONNECT', path: uri, headers, body: '' })
    const finish = (reply: ProxyReply | null, outcome: string, told: Told): void => {
      socket.off('data', take)
      socket.off('close', hungUp)
      socket.pause()
      log(reply, outcome)
      if (told.is === 'failed') this.fail(told, done)
      else done(told)
    }
    const read = replyReader()
    const take = (chunk: Buffer): void => {
      const found = read(chunk)
      if (found.is === 'more') return
      if (found.is === 'bad') return finish(null, found.text, failed('proxy', `no tunnel through the proxy: ${found.text}`))
      const { status, text, challenges, closes } = found.reply
      finish(found.reply, `${status} ${text}`, { is: 'tunnel', status, text, challenges, closes })
    }
    const hungUp = (): void => {
      const text = socket.errored
        ? `the proxy reset the connection instead of answering CONNECT`
        : 'the proxy hung up without an answer to CONNECT: an HTTPS proxy does so when HTTP is set'
      finish(null, text, failed(socket.errored ? 'connect' : 'proxy', text))
    }
    socket.on('data', take)
    socket.once('close', hungUp)
    socket.resume()
    socket.write(`CONNECT ${uri} HTTP/1.1\r\n${headers.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`)
  }

  private async send(request: RealRequest, signal: AbortSignal): Promise<Told> {
    const { options, name } = this
    const headers = headersOf(request, options.secrets)
    const body = bodyOf(request, options.secrets)
    const log = this.record(request.cloud, { method: request.method, path: request.path, headers, body })
    try {
      const client = this.clientOf()
      const reply = await client.request({
        method: request.method,
        path: request.path,
        headers: headers.flat(),
        body: body || null,
        signal,
      })
      const text = await reply.body.text()
      const given = headerPairs(reply.headers)
      const told = answerOf(reply.statusCode, String(reply.headers['content-type'] ?? ''), text, options.secrets)
      log({ status: reply.statusCode, headers: given, body: text }, told.is === 'failed' ? told.text : 'answered')
      return told
    } catch (error) {
      const gone = codeOf(error) === BROKEN || codeOf(error) === 'UND_ERR_DESTROYED'
      const text = signal.aborted ? GIVEN_UP : gone ? (this.broken ?? 'closed') : sendText(error, name)
      log(null, text)
      this.close(signal.aborted ? 'given up with the request before: that got no answer' : text)
      return failed(codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT' ? 'timeout' : 'send', text)
    }
  }

  /** undici over the connection that is there. It has no other: what asks for a second one learns that the first is gone. */
  private clientOf(): Client {
    if (this.client) return this.client
    const { socket } = this
    let given = false
    this.client = new Client(`https://${this.name}`, {
      pipelining: 1,
      keepAliveTimeout: POOL_IDLE_MS,
      keepAliveMaxTimeout: POOL_IDLE_MS, // NET-06
      keepAliveTimeoutThreshold: 0,
      headersTimeout: FORGOTTEN_MS,
      bodyTimeout: FORGOTTEN_MS,
      maxHeaderSize: MAX_HEAD_BYTES,
      maxResponseSize: MAX_REPLY_BYTES,
      connect: (_asked, hand) =>
        queueMicrotask(() => {
          const secured = socket instanceof TLSSocket && !socket.destroyed && this.broken === null
          if (given || !secured) return hand(Object.assign(new Error('the connection is gone'), { code: BROKEN }), null)
          given = true
          hand(null, socket)
        }),
    })
    return this.client
  }

  private handshake(below: Socket, name: string, done: Done, good: Told, failure: (error: Error) => Failed): void {
    this.name = name
    const { site } = this.options
    // A proxy may be the company's own; the cloud is only ever the lab's.
    const trust = cloudOf(name) === null ? [site.ca, ...rootCertificates] : [site.ca]
    const secured = openTls(below, name, trust, HTTP, this.options.keylog, (error) => {
      if (error) return this.fail(failure(error), done)
      this.socket = secured
      done(good)
    })
    this.layers.push(secured)
  }

  private fail(told: Failed, done: Done): void {
    this.close(told.text)
    done(told)
  }

  /** Begins an entry of the log. */
  private record(cloud: CloudName, request: RecordedRequest): (reply: Reply | null, outcome: string) => void {
    const { socket } = this
    return begun(this.options, {
      connection: `line ${this.number}`,
      cloud,
      peer: this.layers[0] ? peerOf(this.layers[0]) : '',
      protocol: 'HTTP/1.1',
      tls: socket instanceof TLSSocket ? (socket.getProtocol() ?? '') : '',
      stream: null,
      request,
    })
  }
}
