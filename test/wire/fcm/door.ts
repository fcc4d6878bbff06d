/** An FCM endpoint over a made-up project, and plain clients of both protocols. */
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { createAuthority, type Authority, type Issued } from '../../../core/wire/certificates.ts'
import type { FcmExchange } from '../../../core/wire/fcm/exchange.ts'
import { createServiceAccount } from '../../../core/wire/fcm/oauth.ts'
import { openFcm, type Fcm, type FcmOptions } from '../../../core/wire/fcm/server.ts'
import type { Accepted } from '../../../core/cloud/fcm/send.ts'
import { PROJECT, SEND, views } from '../../cloud/fcm/fake.ts'

export const HOST = 'fcm.googleapis.com'
export const TOKEN_HOST = 'oauth2.googleapis.com'

let made: Promise<{ authority: Authority; credentials: Issued }> | null = null
const certificates = (): NonNullable<typeof made> =>
  (made ??= createAuthority().then(async (authority) => ({
    authority,
    credentials: await authority.issue([HOST, TOKEN_HOST, 'localhost', '127.0.0.1']),
  })))

/** A key pair takes a while: one for all tests of a file. */
let account: ReturnType<typeof createServiceAccount> | null = null
export const serviceAccount = (): ReturnType<typeof createServiceAccount> => (account ??= createServiceAccount(PROJECT))

export type Door = {
  fcm: Fcm
  port: number
  ca: string
  accepted: Accepted[]
  exchanges: FcmExchange[]
  keylog: string[]
}

const closing: (() => unknown)[] = []
export const atEnd = (end: () => unknown): void => void closing.push(end)
export async function closeAll(): Promise<void> {
  for (const end of closing.splice(0).toReversed()) await end()
}

export async function door(change: Partial<FcmOptions> = {}): Promise<Door> {
  const { authority, credentials } = await certificates()
  const accepted: Accepted[] = []
  const exchanges: FcmExchange[] = []
  const keylog: string[] = []
  const fcm = await openFcm({
    ...credentials,
    views,
    accepted: (message) => void accepted.push(message),
    onExchange: (exchange) => void exchanges.push(exchange),
    onKeylog: (line) => void keylog.push(line),
    ...change,
  })
  atEnd(() => fcm.close())
  return { fcm, port: fcm.port, ca: authority.certificate, accepted, exchanges, keylog }
}

export type Answer = { status: number; headers: Record<string, unknown>; body: string }
export type Ask = { method?: string; path?: string; headers?: Record<string, string>; body?: string }

const asked = ({ method = 'POST', path = SEND, headers, body = '{}' }: Ask): Required<Ask> => ({
  method,
  path,
  body,
  headers: headers ?? { authorization: 'Bearer good', 'content-type': 'application/json' },
})

export function overHttp1({ port, ca }: Door, ask: Ask = {}): Promise<Answer> {
  const { method, path, headers, body } = asked(ask)
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        servername: HOST,
        ca,
        method,
        path,
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

export function session({ port, ca }: Door): ClientHttp2Session {
  const made = connectHttp2(`https://127.0.0.1:${port}`, { ca, servername: HOST })
  made.on('error', () => undefined)
  atEnd(() => made.destroy())
  return made
}

export function onSession(open: ClientHttp2Session, ask: Ask = {}): Promise<Answer> {
  const { method, path, headers, body } = asked(ask)
  return new Promise((resolve, reject) => {
    const stream = open.request({ ':method': method, ':path': path, ...headers }, { endStream: body === '' })
    let text = ''
    let answered: Record<string, unknown> = {}
    stream.setEncoding('utf8')
    stream.on('response', (got) => (answered = got))
    stream.on('data', (part: string) => (text += part))
    stream.on('end', () =>
      answered[':status'] === undefined
        ? reject(new Error('no answer'))
        : resolve({ status: Number(answered[':status']), headers: answered, body: text }),
    )
    stream.on('error', reject)
    if (body !== '') stream.end(body)
  })
}

export async function overHttp2(at: Door, ask: Ask = {}): Promise<Answer> {
  const open = session(at)
  try {
    return await onSession(open, ask)
  } finally {
    open.close()
  }
}

export const CARRIERS = [
  { carrier: 'HTTP/1.1', ask: overHttp1 },
  { carrier: 'HTTP/2', ask: overHttp2 },
] as const
