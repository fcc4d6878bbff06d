/** Push REST as a sender of FCM: a few HTTP/1.1 connections of undici, and an OAuth bearer in each request (FCM-01). */
import { Pool, type buildConnector } from 'undici'
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

export function createFcmProvider(
  options: Pick<LinesOptions, 'site' | 'secrets' | 'now' | 'exchanged' | 'keylog'>,
  names: Names,
): Provider {
  const sockets = cloudSockets(options, names)
  let last = { peer: '', tls: '' }
  const pool = new Pool(`https://${NAME}`, {
    connections: FCM_CONNECTIONS,
    pipelining: 1,
    keepAliveTimeout: POOL_IDLE_MS,
    keepAliveMaxTimeout: POOL_IDLE_MS,
    headersTimeout: FORGOTTEN_MS,
    bodyTimeout: FORGOTTEN_MS,
    maxHeaderSize: MAX_HEAD_BYTES,
    maxResponseSize: MAX_REPLY_BYTES,
    connect: (_asked, hand) => void open(hand),
  })

  async function open(hand: buildConnector.Callback): Promise<void> {
    const socket = await sockets.open(NAME, ['http/1.1'])
    if ('is' in socket) return hand(new Unreached(socket), null)
    last = { peer: peerOf(socket), tls: socket.getProtocol() ?? '' }
    hand(null, socket)
  }

  async function send(_name: string, request: RealRequest, signal: AbortSignal): Promise<Told> {
    const { method, path } = request
    const headers = headersOf(request, options.secrets)
    const body = bodyOf(request, options.secrets)
    const log = begun(options, {
      connection: 'fcm line',
      cloud: 'fcm',
      // Known once it is open; which of the few it is, undici does not say.
      get peer() {
        return last.peer
      },
      get tls() {
        return last.tls
      },
      protocol: 'HTTP/1.1',
      stream: null,
      request: { method, path, headers, body },
    })
    try {
      const reply = await pool.request({ method, path, headers: headers.flat(), body, signal })
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
