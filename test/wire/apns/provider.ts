/** A server on a free port with devices of its own, and a provider that can also ask for what no proper one would. */
import { sign } from 'node:crypto'
import { connect, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import { createApns, type DeviceToken, type Notification } from '../../../core/cloud/apns/machine.ts'
import { createProviderKey, verifierFor, type ProviderKey } from '../../../core/wire/apns/providerKeys.ts'
import type { ConnectionEvent, Exchange } from '../../../core/wire/apns/exchange.ts'
import { openApns, type ApnsOptions, type ApnsServer } from '../../../core/wire/apns/server.ts'
import { createAuthority, type Authority, type Issued } from '../../../core/wire/certificates.ts'

export const BUNDLE = 'com.example.dialer'
export const LIVE = 'ab'.repeat(32)
export const SANDBOX = '5a'.repeat(32)
export const GONE = 'de'.repeat(32)
export const EXPIRED = 'ee'.repeat(32)
export const OTHER_APP = '0a'.repeat(32)
export const GONE_SINCE_MS = 1_700_000_000_123

export const DEVICES: Readonly<Record<string, DeviceToken>> = {
  [LIVE]: { topic: BUNDLE, environment: 'production', state: 'live', sinceMs: 0 },
  [SANDBOX]: { topic: BUNDLE, environment: 'sandbox', state: 'live', sinceMs: 0 },
  [GONE]: { topic: BUNDLE, environment: 'production', state: 'unregistered', sinceMs: GONE_SINCE_MS },
  [EXPIRED]: { topic: BUNDLE, environment: 'production', state: 'expired', sinceMs: GONE_SINCE_MS },
  [OTHER_APP]: { topic: 'com.example.other', environment: 'production', state: 'live', sinceMs: 0 },
}

export type SigningKey = ProviderKey & { p8: string }

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A provider token of this key; `change` makes a bad one. */
export function jwtOf(key: SigningKey, change: { iatS?: number; kid?: string; iss?: string; alg?: string; p8?: string } = {}): string {
  const head = part({ alg: change.alg ?? 'ES256', kid: change.kid ?? key.keyId })
  const claims = part({ iss: change.iss ?? key.teamId, iat: change.iatS ?? Math.floor(Date.now() / 1_000) })
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), { key: change.p8 ?? key.p8, dsaEncoding: 'ieee-p1363' })
  return `${head}.${claims}.${signature.toString('base64url')}`
}

export type StandIn = {
  server: ApnsServer
  key: SigningKey
  ca: string
  delivered: Notification[]
  exchanges: Exchange[]
  events: ConnectionEvent[]
  close(): Promise<void>
}

let certificates: Promise<{ authority: Authority; issued: Issued }> | undefined
const NAMES = ['localhost', '127.0.0.1', 'api.push.apple.com', 'api.sandbox.push.apple.com'] as const

export async function standIn(options: Partial<ApnsOptions> = {}, keys: SigningKey[] = [createProviderKey()]): Promise<StandIn> {
  certificates ??= createAuthority().then(async (authority) => ({ authority, issued: await authority.issue([...NAMES]) }))
  const { authority, issued } = await certificates
  const delivered: Notification[] = []
  const exchanges: Exchange[] = []
  const events: ConnectionEvent[] = []
  const server = await openApns({
    ...issued,
    apns: createApns({ tokenOf: (hex) => DEVICES[hex] ?? null, verify: verifierFor(keys), uuid: () => crypto.randomUUID() }),
    deliver: (notification) => delivered.push(notification),
    onExchange: (exchange) => exchanges.push(exchange),
    onConnection: (event) => events.push(event),
    ...options,
  })
  return { server, key: keys[0]!, ca: authority.certificate, delivered, exchanges, events, close: () => server.close() }
}

export type Answered = { status: number | null; apnsId: string | null; body: { reason?: string; timestamp?: number } | null; rst: number }
export type GoneAway = { code: number; body: string }

/** One HTTP/2 connection. */
export class Provider {
  readonly session: ClientHttp2Session
  readonly goneAway: GoneAway[] = []
  private readonly jwt: string

  constructor({ server, ca, key }: Pick<StandIn, 'server' | 'ca' | 'key'>, servername?: string) {
    this.jwt = jwtOf(key)
    this.session = connect(`https://127.0.0.1:${server.port}`, { ca, ...(servername === undefined ? {} : { servername }) })
    this.session.on('error', () => undefined)
    this.session.on('goaway', (code, _last, data) => this.goneAway.push({ code, body: data?.toString() ?? '' }))
  }

  /** A good alert to the live device, changed; a header that is undefined is left out. */
  send(headers: OutgoingHttpHeaders = {}, body: string | Buffer = '{"aps":{"alert":"Ana"}}'): Promise<Answered> {
    const all: OutgoingHttpHeaders = {
      ':method': 'POST',
      ':path': `/3/device/${LIVE}`,
      authorization: `bearer ${this.jwt}`,
      'apns-topic': BUNDLE,
      ...headers,
    }
    for (const name of Object.keys(all)) if (all[name] === undefined) delete all[name]
    return new Promise((resolve) => {
      if (this.session.closed || this.session.destroyed) return resolve({ status: null, apnsId: null, body: null, rst: -1 })
      const stream = this.session.request(all, { endStream: body.length === 0 })
      const answered: Answered = { status: null, apnsId: null, body: null, rst: 0 }
      let text = ''
      stream.setEncoding('utf8')
      stream.on('response', (given) => {
        answered.status = given[':status'] ?? null
        answered.apnsId = (given['apns-id'] as string | undefined) ?? null
      })
      stream.on('data', (chunk: string) => (text += chunk))
      stream.on('error', () => undefined)
      stream.on('close', () => {
        answered.rst = stream.rstCode ?? constants.NGHTTP2_NO_ERROR
        answered.body = text === '' ? null : (JSON.parse(text) as Answered['body'])
        resolve(answered)
      })
      if (body.length > 0) stream.end(body)
    })
  }

  close(): void {
    this.session.destroy()
  }
}
