/** Push REST as a sender of FCM: a few HTTP/1.1 connections of undici, and an OAuth bearer in each request (FCM-01). */
import { Client, Pool, type buildConnector, type Dispatcher } from 'undici'
import type { Told } from '../../contract/clouds.ts'
import type { RealRequest } from '../../cloud/real.ts'
import { POOL_IDLE_MS } from '../../cloud/way.ts'
import { peerOf } from '../addresses.ts'
import { headerPairs } from '../cloud/shown.ts'
import { CLOUD_HOSTS, type LinesOptions } from '../cloud/site.ts'
import { answerOf } from './answer.ts'
import { cloudSockets } from './cloudSocket.ts'
import { codeOf, failed, GIVEN_UP, sendText, type Failed } from './failures.ts'
import { FCM_CONNECTIONS, FORGOTTEN_MS, MAX_HEAD_BYTES, MAX_REPLY_BYTES } from './limits.ts'
import type { Names } from './names.ts'
import type { Provider } from './provider.ts'
import { bodyOf, headersOf } from './request.ts'
import { begun } from './record.ts'

const [NAME] = CLOUD_HOSTS.fcm

/** An error from before the handshake was done: nothing has been sent. */
class Unreached extends Error {
  readonly told: Failed
  constructor(told: Failed) {
    super(told.text)
    this.told = told
  }
}

/** A connection, numbered for the log. */
type Connection = { number: number; peer: string; tls: string }
/** Which client of the pool a request went to: undici itself does not say. */
type Trip = { by: NumberedClient | null }

/** Has one connection after the other. */
class NumberedClient extends Client {
  connection: Connection | null = null

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const trip = (options as { opaque?: Trip }).opaque
    if (trip) trip.by = this
    return super.dispatch(options, handler)
  }
}

export function createFcmProvider(
  options: Pick<LinesOptions, 'site' | 'secrets' | 'now' | 'exchanged' | 'keylog'>,
  names: Names,
): Provider {
  const sockets = cloudSockets(options, names)
  let numbers = 0
  const pool = new Pool(`https://${NAME}`, {
    connections: FCM_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: POOL_IDLE_MS,
    keepAliveMaxTimeout: POOL_IDLE_MS,
    headersTimeout: FORGOTTEN_MS,
    bodyTimeout: FORGOTTEN_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
    maxResponseSize: MAX_REPLY_BYTES,
    factory(origin, given: Client.Options) {
      const client: NumberedClient = new NumberedClient(origin, { ...given, connect: (_asked, hand) => void open(client, hand) })
      return client
    },
  })

  async function open(client: NumberedClient, hand: buildConnector.Callback): Promise<void> {
    client.connection = null
    const socket = await sockets.open(NAME, ['http/1.1'])
    if ('is' in socket) return hand(new Unreached(socket), null)
    client.connection = { number: ++numbers, peer: peerOf(socket), tls: socket.getProtocol() ?? '' }
    hand(null, socket)
  }

  async function send(_name: string, request: RealRequest, signal: AbortSignal): Promise<Told> {
    const { method, path } = request
    const headers = headersOf(request, options.secrets)
    const body = bodyOf(request, options.secrets)
    const trip: Trip = { by: null }
    const over = (): Connection | null => trip.by?.connection ?? null
    const log = begun(options, {
      // Known once it is open.
      get connection() {
        return `fcm line ${over()?.number ?? ''}`.trimEnd()
      },
      get peer() {
        return over()?.peer ?? ''
      },
      get tls() {
        return over()?.tls ?? ''
      },
      cloud: 'fcm',
      protocol: 'HTTP/1.1',
      stream: null,
      request: { method, path, headers, body },
    })
    try {
      const reply = await pool.request({ method, path, headers: headers.flat(), body, signal, opaque: trip })
      const text = await reply.body.text()
      const told = answerOf(reply.statusCode, String(reply.headers['content-type'] ?? ''), text, options.secrets)
      log({ status: reply.statusCode, headers: headerPairs(reply.headers), body: text }, told.is === 'failed' ? told.text : 'answered')
      return told
    } catch (error) {
      const told =
        error instanceof Unreached
          ? error.told
          : failed(codeOf(error) === 'UND_ERR_HEADERS_TIMEOUT' ? 'timeout' : 'send', signal.aborted ? GIVEN_UP : sendText(error, NAME))
      log(null, told.text)
      return told
    }
  }

  return {
    send,
    close() {
      sockets.close()
      return pool.destroy()
    },
  }
}
