/** One request at a door from its headers to the last byte of its answer: its deadline, how it is answered, its entry in the log. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CloudName } from '../../contract/clouds.ts'
import { dribble } from '../dribble.ts'
import type { Connection, Connections, Open } from '../fcm/connections.ts'
import { textOf, type RequestFault } from './faults.ts'
import { TRACKING_ID, type HttpAnswer, type ServerExchange } from './http.ts'
import type { DoorLimits } from './limits.ts'
import { answerBodyShown, headerPairs, headersShown, pathShown, requestBodyShown } from './shown.ts'

export type ExchangePorts = {
  cloud: CloudName
  connections: Connections
  limits: DoorLimits
  maxBytes: number
  exchanged: ((exchange: ServerExchange) => void) | undefined
}

export class DoorExchange {
  readonly log: ServerExchange
  readonly connection: Connection
  private readonly ports: ExchangePorts
  private readonly request: IncomingMessage
  private readonly open: Open
  private read: Promise<string | null> | null = null
  private stalled = false
  private done = false

  constructor(ports: ExchangePorts, connection: Connection, request: IncomingMessage) {
    this.ports = ports
    this.connection = connection
    this.request = request
    const startedAt = performance.now()
    const given = request.headers['trackingid']
    this.log = {
      connection: `${ports.cloud} ${connection.id}`,
      side: 'server',
      cloud: ports.cloud,
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
      tracking: typeof given === 'string' && TRACKING_ID.test(given) ? given : null,
      fault: false,
    }
    this.open = { startedAt, deadline: startedAt + ports.limits.exchangeMs, expire: () => this.expire() }
    ports.connections.begin(connection, this.open)
  }

  /** Null when there is more of it than the door takes. */
  body(): Promise<string | null> {
    this.read ??= bodyOf(this.request, this.ports.maxBytes).then((text) => {
      this.log.request.body = requestBodyShown(text, this.request.headers['content-type'])
      return text
    })
    return this.read
  }

  /** No answer, until its time is over or the client gives up. */
  stall(): void {
    this.stalled = true
    this.lastUntil(this.ports.limits.stallMs)
  }

  async reply(response: ServerResponse, given: HttpAnswer, fault: RequestFault | null): Promise<void> {
    const { request, log } = this
    if (fault?.kind === 'slow-body') this.lastUntil(fault.ms + this.ports.limits.exchangeMs)
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

  /** Told once, by whatever comes first. */
  end(outcome: string): void {
    if (this.done) return
    this.done = true
    const now = performance.now()
    this.ports.connections.end(this.connection, this.open, now)
    this.log.ms = Math.round((now - this.open.startedAt) * 10) / 10
    this.log.outcome = this.stalled ? 'no answer, by a fault' : this.log.outcome || outcome
    this.ports.exchanged?.(this.log)
  }

  private lastUntil(ms: number): void {
    this.open.deadline = performance.now() + ms
  }

  private expire(): void {
    this.end(`not complete within ${this.ports.limits.exchangeMs / 1_000} s`)
    this.connection.raw.destroy()
  }
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
