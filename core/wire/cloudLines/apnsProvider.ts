/**
 * Push REST as a provider of APNs: one HTTP/2 connection that is kept, a provider token in each request, and no second try
 * when a stream is cut or the connection goes away (APNS-01, APNS-08).
 */
import { connect, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { Told } from '../../contract/clouds.ts'
import type { RealRequest } from '../../cloud/real.ts'
import { POOL_IDLE_MS } from '../../cloud/way.ts'
import { peerOf } from '../addresses.ts'
import { headerPairs } from '../cloud/shown.ts'
import type { LinesOptions } from '../cloud/site.ts'
import { answerOf } from './answer.ts'
import { cloudSockets } from './cloudSocket.ts'
import { codeOf, cut, failed, GIVEN_UP, type Failed } from './failures.ts'
import { MAX_HEAD_LINES, MAX_REPLY_BYTES } from './limits.ts'
import type { Names } from './names.ts'
import type { Provider } from './provider.ts'
import { bodyOf, headersOf } from './request.ts'
import { begun } from './record.ts'

/** One connection, and why it takes no more requests. */
type Connection = { number: number; session: ClientHttp2Session; peer: string; tls: string; over: string | null }
type Opening = Promise<Connection | Failed>

export function createApnsProvider(
  options: Pick<LinesOptions, 'site' | 'secrets' | 'now' | 'exchanged' | 'keylog'>,
  names: Names,
): Provider {
  /** By the name of the host: production and sandbox have a connection each. */
  const connections = new Map<string, Opening>()
  const sessions = new Set<ClientHttp2Session>()
  const sockets = cloudSockets(options, names)
  let numbers = 0
  let closed = false

  async function open(name: string): Opening {
    const socket = await sockets.open(name, ['h2'])
    return 'is' in socket ? socket : begin(name, socket)
  }

  function begin(name: string, socket: TLSSocket): Connection {
    const session = connect(`https://${name}`, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxHeaderListPairs: MAX_HEAD_LINES,
    })
    const connection: Connection = { number: ++numbers, session, peer: peerOf(socket), tls: socket.getProtocol() ?? '', over: null }
    const opening = connections.get(name)
    sessions.add(session)
    const end = (why: string): void => {
      connection.over ??= why
      if (connections.get(name) === opening) connections.delete(name)
    }
    session.on('goaway', (_code, _last, data) => end(`APNs said GOAWAY${reasonOf(data)}`))
    session.on('error', (error) => end(codeOf(error) === 'ECONNRESET' ? 'APNs reset the connection' : 'the connection to APNs broke'))
    session.on('close', () => {
      sessions.delete(session)
      end('APNs closed the connection')
    })
    session.setTimeout(POOL_IDLE_MS, () => session.close())
    return connection
  }

  /** The connection that is kept, or a new one. */
  async function connectionTo(name: string): Opening {
    const kept = connections.get(name)
    const ready = await kept
    if (ready && 'session' in ready && ready.over === null && !ready.session.closed) return ready
    if (ready && !('session' in ready)) return ready // who waited for the same one fails with it
    if (connections.get(name) === kept) connections.delete(name)
    const opening = connections.get(name) ?? open(name)
    connections.set(name, opening)
    const opened = await opening
    if (!('session' in opened) && connections.get(name) === opening) connections.delete(name)
    return opened
  }

  async function send(name: string, request: RealRequest, signal: AbortSignal): Promise<Told> {
    const connection = await connectionTo(name)
    if (!('session' in connection)) return connection
    if (signal.aborted || closed) return failed('send', GIVEN_UP)
    return exchange(connection, request, signal)
  }

  function exchange(connection: Connection, request: RealRequest, signal: AbortSignal): Promise<Told> {
    const { session } = connection
    const headers = headersOf(request, options.secrets).map(([name, value]): [string, string] => [name.toLowerCase(), value])
    const body = bodyOf(request, options.secrets)
    return new Promise((resolve) => {
      const stream = session.request({ ':method': request.method, ':path': request.path, ...Object.fromEntries(headers) })
      const log = begun(options, {
        connection: `apns line ${connection.number}`,
        cloud: 'apns',
        peer: connection.peer,
        protocol: 'HTTP/2',
        tls: connection.tls,
        stream: stream.id ?? null,
        request: { method: request.method, path: request.path, headers, body },
      })
      let given: IncomingHttpHeaders = {}
      let status = 0
      let text = ''
      let tooLong = false
      stream.setEncoding('utf8')
      stream.on('response', (reply) => {
        status = reply[':status'] ?? 0
        given = reply
      })
      stream.on('data', (part: string) => {
        text += part
        if (text.length <= MAX_REPLY_BYTES || tooLong) return
        tooLong = true
        stream.close(constants.NGHTTP2_CANCEL)
      })
      const cancel = (): void => stream.close(constants.NGHTTP2_CANCEL)
      signal.addEventListener('abort', cancel, { once: true })
      stream.on('error', () => undefined) // 'close' follows
      const finish = (): void => {
        signal.removeEventListener('abort', cancel)
        const whole = status !== 0 && stream.rstCode === constants.NGHTTP2_NO_ERROR && !tooLong && stream.readableEnded
        const told = whole
          ? answerOf(status, given['content-type'] ?? '', text, options.secrets)
          : failed('send', tooLong ? 'the answer of APNs is longer than an answer may be' : cutText(connection, stream.rstCode ?? 0))
        const reply = status === 0 ? null : { status, headers: headerPairs(given), body: text }
        log(reply, signal.aborted ? GIVEN_UP : told.is === 'failed' ? told.text : 'answered')
        resolve(told)
      }
      // A stream ends before its connection says why that has ended.
      stream.once('close', () => setImmediate(finish))
      stream.end(body)
    })
  }

  return {
    send,
    async close() {
      closed = true
      sockets.close()
      await Promise.all(Array.from(sessions, (session) => new Promise<void>((resolve) => session.once('close', resolve).destroy())))
    },
  }
}

/** The stream ended without an answer: by its own reset, or together with its connection. */
function cutText({ over }: Connection, code: number): string {
  if (over !== null) return `${over}: the stream was cut without an answer`
  const name = Object.entries(constants).find(([key, value]) => key.startsWith('NGHTTP2_') && value === code && ERROR_NAME.test(key))?.[0]
  return `APNs cut the stream without an answer (${name?.replace('NGHTTP2_', '') ?? code})`
}

const ERROR_NAME = /_(?:ERROR|STREAM|CANCEL|CALM|TIMEOUT|CLOSED|SECURITY|REQUIRED)$/

function reasonOf(data: Uint8Array | undefined): string {
  try {
    const { reason } = JSON.parse(Buffer.from(data ?? []).toString('utf8')) as { reason?: unknown }
    return typeof reason === 'string' ? ` (${cut(reason, 80)})` : ''
  } catch {
    return ''
  }
}
