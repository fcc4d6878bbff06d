/** One connection of a provider: its requests in flight, what it may still do, and how it ends. */
import { constants, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import { randomUUID } from 'node:crypto'
import { isUuid, type HeaderList } from '../../cloud/apns/headers.ts'
import {
  bodyOf,
  forcedAnswer,
  MAX_VOIP_PAYLOAD_BYTES,
  type Apns,
  type ApnsAnswer,
  type ApnsConnection,
  type ApnsRequest,
  type Notification,
} from '../../cloud/apns/machine.ts'
import type { Environment } from '../../cloud/apns/providerToken.ts'
import type { Reason } from '../../cloud/apns/reasons.ts'
import { withoutSignature, type ConnectionEvent, type Exchange } from './exchange.ts'
import { dribble } from '../dribble.ts'
import { Burst, type ApnsLimits } from './limits.ts'

/** What is done to a request in place of an answer, or what it is answered whatever it says (APNS-06). */
export type ApnsFault =
  | { kind: 'answer'; status: number; reason: string; timestampMs?: number }
  /** No answer, for `stallMs` or until the client gives up. */
  | { kind: 'stall' }
  /** RST_STREAM. */
  | { kind: 'reset' }
  /** The TCP connection is reset, with all that is in flight on it. */
  | { kind: 'disconnect' }
  | { kind: 'goaway'; reason: Reason }
  /** A page in place of JSON, as of a captive portal. */
  | { kind: 'page'; html: string }
  /** The answer itself, byte after byte over `ms`; a success, which has no body, ends that late. */
  | { kind: 'slow-body'; ms: number }
  /** The server hangs up halfway through the answer. */
  | { kind: 'half-close' }

type Delivery = Extract<ApnsFault, { kind: 'slow-body' | 'half-close' }>
const onlyDelivers = (fault: ApnsFault): fault is Delivery => fault.kind === 'slow-body' || fault.kind === 'half-close'

export type ConnectionPorts = {
  apns: Apns
  limits: ApnsLimits
  /** Time of the lab, ms since 1970. */
  now(): number
  deliver(notification: Notification, connection: number): void
  faultFor(request: ApnsRequest): ApnsFault | null
  onExchange: ((exchange: Exchange) => void) | undefined
  onConnection(event: ConnectionEvent): void
  /** Requests in flight on all connections. */
  load: { streams: number }
}

type InFlight = {
  stream: ServerHttp2Stream
  method: string
  path: string
  headers: HeaderList
  parts: Buffer[]
  bytes: number
  /** The body, once it is there. */
  text: string | null
  /** Wall clock of this process, for limits; lab time, for the log. */
  sinceMs: number
  startedMs: number
  phase: 'reading' | 'stalled' | 'answered'
  /** How much longer than others its answer takes, by a fault. */
  slowMs: number
  cause: string
}

const CLIENT_RESET = 'the client reset the stream'

type Ending = { reason: string | null; status: number | null; apnsId: string | null }

export class Connection {
  readonly number: number
  private readonly session: ServerHttp2Session
  private readonly ports: ConnectionPorts
  private readonly resetTcp: () => void
  private readonly hangUp: () => void
  private readonly state: ApnsConnection
  private readonly inFlight = new Set<InFlight>()
  private readonly resets = new Burst()
  private readonly pings = new Burst()
  private readonly settings = new Burst()
  private readonly openedMs = performance.now()
  private lastMs = this.openedMs
  private greeted = false
  private ended = false
  private requests = 0

  /** `socket`: below HTTP/2, which has neither a reset of the connection nor a half of it. */
  constructor(
    number: number,
    session: ServerHttp2Session,
    environment: Environment,
    ports: ConnectionPorts,
    socket: { reset(): void; end(): void },
  ) {
    this.number = number
    this.session = session
    this.resetTcp = () => socket.reset()
    this.hangUp = () => socket.end()
    this.ports = ports
    this.state = ports.apns.connect(environment)
    const { limits } = ports
    const tooMany = (burst: Burst, limit: number): void => {
      this.lastMs = performance.now()
      if (burst.add(limit, limits.burstMs, this.lastMs)) this.goAway('TooManyRequests')
    }
    session.on('stream', (stream, headers, _flags, raw) => this.take(stream, headers, raw))
    session.on('remoteSettings', () => {
      this.greeted = true
      tooMany(this.settings, limits.settings)
    })
    session.on('ping', () => tooMany(this.pings, limits.pings))
    session.on('error', ignore) // 'close' follows
    session.on('close', () => this.ports.onConnection({ connection: number, what: 'closed', requests: this.requests }))
  }

  get streams(): number {
    return this.inFlight.size
  }

  /** Whether it was ever used. */
  get asked(): boolean {
    return this.requests > 0
  }

  /** GOAWAY with its reason as JSON, then the end of all that is in flight (APNS-08). Answers how many were cut. */
  goAway(reason: Reason): number {
    if (this.ended) return 0
    this.ended = true
    const cut = this.cutAll(`GOAWAY ${reason}`)
    this.ports.onConnection({ connection: this.number, what: 'goaway', reason, cut })
    this.sayGoodbye(
      reason === 'TooManyRequests' || reason === 'BadDeviceToken' ? constants.NGHTTP2_ENHANCE_YOUR_CALM : constants.NGHTTP2_NO_ERROR,
      reason,
    )
    // The frame leaves in this turn of the loop; what is destroyed before takes it along.
    setImmediate(() => this.session.destroy())
    return cut
  }

  /** GOAWAY that lets requests in flight end. */
  drain(reason: Reason): void {
    if (this.ended) return
    this.ended = true
    this.ports.onConnection({ connection: this.number, what: 'goaway', reason, cut: 0 })
    this.sayGoodbye(constants.NGHTTP2_NO_ERROR, reason)
    this.session.close()
  }

  destroy(cause: string): void {
    this.ended = true
    this.cutAll(cause)
    this.session.destroy()
  }

  /** Looks for what is overdue. */
  sweep(nowMs: number): void {
    const { limits } = this.ports
    if (!this.greeted && nowMs - this.openedMs > limits.settingsMs) return this.destroy(`no SETTINGS within ${limits.settingsMs} ms`)
    for (const each of this.inFlight) {
      const ageMs = nowMs - each.sinceMs
      if (each.phase === 'reading' && ageMs > limits.requestMs) this.refuse(each, 'IdleTimeout')
      else if (each.phase === 'stalled' && ageMs > limits.stallMs) this.reset(each, each.cause)
      // The client does not take its answer.
      else if (each.phase === 'answered' && ageMs > 2 * limits.requestMs + each.slowMs) this.reset(each, each.cause)
      else if (ageMs <= Math.min(limits.requestMs, limits.stallMs)) break // the others are younger
    }
    if (this.inFlight.size === 0 && nowMs - this.lastMs > limits.idleMs) this.goAway('IdleTimeout')
  }

  private take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, raw: readonly string[]): void {
    stream.on('error', ignore) // 'close' follows
    if (this.ended) return stream.close(constants.NGHTTP2_REFUSED_STREAM)
    const sinceMs = performance.now()
    this.lastMs = sinceMs
    this.requests += 1
    const each: InFlight = {
      stream,
      method: (headers[':method'] as string | undefined) ?? '',
      path: (headers[':path'] as string | undefined) ?? '',
      headers: pairs(raw),
      parts: [],
      bytes: 0,
      text: null,
      sinceMs,
      startedMs: this.ports.now(),
      phase: 'reading',
      slowMs: 0,
      cause: CLIENT_RESET,
    }
    this.inFlight.add(each)
    this.ports.load.streams += 1
    stream.on('close', () => this.closed(each))
    stream.on('data', (part: Buffer) => {
      each.bytes += part.byteLength
      if (each.phase !== 'reading') return
      // More than any payload may have: the answer is known, whatever else comes.
      if (each.bytes > MAX_VOIP_PAYLOAD_BYTES) this.judge(each)
      else each.parts.push(part)
    })
    stream.on('end', () => {
      if (each.phase === 'reading') this.judge(each)
    })
    if (this.ports.load.streams > this.ports.limits.streams) this.goAway('TooManyRequests')
  }

  private judge(each: InFlight): void {
    const { apns, deliver, faultFor, now } = this.ports
    const request: ApnsRequest = {
      method: each.method,
      path: each.path,
      headers: each.headers,
      body: { bytes: each.bytes, text: (each.text = textOf(each)) },
      atMs: now(),
    }
    if (each.stream.closed) return // who has reset it is not told of an answer, and gets nothing delivered
    const fault = faultFor(request)
    if (fault && !onlyDelivers(fault)) return this.strike(each, fault)
    let answer: ApnsAnswer
    try {
      answer = apns.answer(this.state, request)
      if (answer.accepted) deliver(answer.accepted, this.number)
    } catch {
      return this.refuse(each, 'InternalServerError')
    }
    if (fault) this.answerBadly(each, answer, fault)
    else this.answer(each, answer.status, answer.reason, answer.apnsId, answer.timestampMs, '')
    const { goAway } = answer
    // GOAWAY overtakes an answer that is still on its way.
    if (goAway) each.stream.once('close', () => this.goAway(goAway))
  }

  private strike(each: InFlight, fault: Exclude<ApnsFault, Delivery>): void {
    switch (fault.kind) {
      case 'answer':
        return this.answer(each, fault.status, fault.reason, idOf(each), fault.timestampMs ?? null, 'a fault')
      case 'stall':
        each.phase = 'stalled'
        each.cause = 'a fault stalled it'
        return
      case 'reset':
        return this.reset(each, 'a fault reset the stream')
      case 'disconnect':
        this.cutAll('a fault reset the connection')
        this.ended = true
        return this.resetTcp()
      case 'goaway':
        return void this.goAway(fault.reason)
      case 'page':
        each.phase = 'answered'
        each.stream.respond({ ':status': 200, 'content-type': 'text/html; charset=utf-8' })
        each.stream.end(fault.html)
        return this.log(each, 'answered', 'a fault: a page in place of the answer', { status: 200, reason: null, apnsId: null })
    }
  }

  /** A true answer, in a bad way. */
  private answerBadly(each: InFlight, { status, reason, apnsId, timestampMs }: ApnsAnswer, fault: Delivery): void {
    const { stream } = each
    if (stream.closed) return
    each.phase = 'answered'
    const body = Buffer.from(bodyOf({ reason, timestampMs }))
    stream.respond({ ':status': status, 'apns-id': apnsId, ...(body.length === 0 ? {} : { 'content-type': 'application/json' }) })
    this.log(each, 'answered', `a fault: ${fault.kind}`, { status, reason, apnsId })
    if (fault.kind === 'half-close') {
      stream.write(body.subarray(0, body.length >> 1))
      setImmediate(this.hangUp)
      return
    }
    each.slowMs = fault.ms
    void dribble(stream, body.length === 0 ? Buffer.alloc(0) : body, fault.ms).then(() => {
      if (!stream.closed) stream.end()
    })
  }

  private refuse(each: InFlight, reason: Reason): void {
    const { status, apnsId } = forcedAnswer(reason, idOf(each))
    this.answer(each, status, reason, apnsId, null, '')
  }

  private answer(each: InFlight, status: number, reason: string | null, apnsId: string, timestampMs: number | null, cause: string): void {
    const { stream } = each
    if (stream.closed) return // closed() tells that it was cut
    each.phase = 'answered'
    const body = bodyOf({ reason, timestampMs })
    if (body === '' || each.method === 'HEAD') stream.respond({ ':status': status, 'apns-id': apnsId }, { endStream: true })
    else {
      stream.respond({ ':status': status, 'apns-id': apnsId, 'content-type': 'application/json' })
      stream.end(body)
    }
    // Nobody reads the rest of the request.
    if (!stream.readableEnded) stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
    this.log(each, 'answered', cause, { status, reason, apnsId })
  }

  private reset(each: InFlight, cause: string): void {
    each.cause = cause
    each.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  }

  private closed(each: InFlight): void {
    this.lastMs = performance.now()
    this.inFlight.delete(each)
    this.ports.load.streams -= 1
    const byClient = each.stream.aborted || each.stream.rstCode === constants.NGHTTP2_CANCEL
    if (each.phase !== 'answered') {
      each.phase = 'answered'
      const cause = each.cause === CLIENT_RESET && this.session.destroyed ? 'the connection ended' : each.cause
      this.log(each, 'cut', cause, { status: null, reason: null, apnsId: null })
    }
    // Node's streams outlive their end by a collection or two: what was said on them need not.
    each.parts = []
    each.headers = []
    each.text = null
    const { resets, burstMs } = this.ports.limits
    if (byClient && !this.ended && this.resets.add(resets, burstMs, this.lastMs)) this.goAway('TooManyRequests')
  }

  private cutAll(cause: string): number {
    let cut = 0
    for (const each of this.inFlight) {
      if (each.phase === 'answered') continue
      each.phase = 'answered'
      cut += 1
      this.log(each, 'cut', cause, { status: null, reason: null, apnsId: null })
    }
    return cut
  }

  private log(each: InFlight, outcome: Exchange['outcome'], cause: string, { status, reason, apnsId }: Ending): void {
    const { onExchange } = this.ports
    if (!onExchange) return
    const { method, path, bytes } = each
    onExchange({
      connection: this.number,
      stream: each.stream.id ?? 0,
      request: { method, path, headers: withoutSignature(each.headers), bytes, text: each.text ?? textOf(each) },
      outcome,
      cause,
      status,
      reason,
      apnsId,
      startedMs: each.startedMs,
      endedMs: this.ports.now(),
    })
  }

  private sayGoodbye(code: number, reason: Reason): void {
    if (!this.session.destroyed) this.session.goaway(code, 0, Buffer.from(JSON.stringify({ reason })))
  }
}

const ignore = (): void => undefined

/** Node joins headers that came twice; as they came, they are still two. */
function pairs(raw: readonly string[]): HeaderList {
  const list: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string
    if (!name.startsWith(':')) list.push([name, raw[i + 1] as string])
  }
  return list
}

const textOf = ({ parts }: InFlight): string => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)).toString('utf8')

function idOf({ headers }: InFlight): string {
  const given = headers.find(([name]) => name === 'apns-id')?.[1]
  return given !== undefined && isUuid(given) ? given : randomUUID()
}
