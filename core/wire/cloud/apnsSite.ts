/**
 * APNs of the lab on a real socket (APNS-01): the machine that also serves virtual time, with the lab's devices behind it
 * and provider keys of the lab. Its clock is the wall's, for tokens carry real dates.
 */
import { randomUUID, sign } from 'node:crypto'
import type { WireFault } from '../../contract/clouds.ts'
import { createApns, DEVICE_PATH, type Notification } from '../../cloud/apns/machine.ts'
import { isReason, STATUS_OF, type Reason } from '../../cloud/apns/reasons.ts'
import { tokenOf } from '../../cloud/apns/virtual.ts'
import type { ApnsFault } from '../apns/connection.ts'
import type { Exchange } from '../apns/exchange.ts'
import { verifierFor, type createProviderKey } from '../apns/providerKeys.ts'
import { openApns, type ApnsServer } from '../apns/server.ts'
import { presentAtHandshake } from './certificates.ts'
import type { ServerExchange } from './http.ts'
import { LOGIN_PAGE, type RequestFault } from './faults.ts'
import { keepMs, parsed, sealedIn, type NewPush, type PlatformSiteOptions } from './platformInput.ts'
import { answerBodyShown, headersShown, pathShown, requestBodyShown } from './shown.ts'

export type ApnsKey = ReturnType<typeof createProviderKey>

/** The lab renews provider tokens of its own making this often: between the 20 and the 60 min of APNS-02. */
const OWN_TOKEN_MS = 40 * 60_000

/** Reasons that a status stands for when a fault names none. */
const USUAL: Readonly<Record<number, Reason>> = {
  400: 'BadDeviceToken',
  403: 'InvalidProviderToken',
  404: 'BadPath',
  405: 'MethodNotAllowed',
  410: 'Unregistered',
  413: 'PayloadTooLarge',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
}

export type ApnsSite = Pick<ApnsServer, 'port' | 'connections' | 'close'> & { readonly requests: number; readonly refused: number }

export type ApnsSiteOptions = PlatformSiteOptions & { keys: readonly ApnsKey[] }

export async function openApnsSite(o: ApnsSiteOptions): Promise<ApnsSite> {
  const peers = new Map<number, { from: string; tls: string }>()
  let requests = 0
  let refused = 0
  const refuse = (): void => {
    refused++
    o.changed()
  }
  const { good } = o.certificates
  const fromOf = (connection: number): string => peers.get(connection)?.from ?? ''
  const server = await openApns({
    ...good,
    apns: createApns({
      // Since when a token is gone is told in real time, too.
      tokenOf: (hex) => {
        const world = o.world()
        const known = tokenOf(world, hex)
        return known && { ...known, sinceMs: Math.round(Date.now() - (world.clock.now() - known.sinceMs)) }
      },
      verify: verifierFor(o.keys),
      uuid: () => randomUUID(),
    }),
    deliver: (notification, connection) => o.push(pushOf(notification, fromOf(connection)), true),
    address: o.address,
    port: o.port,
    faultFor: () => {
      const fault = o.faults.take()
      if (fault) o.changed()
      return fault && apnsFault(fault)
    },
    onExchange(exchange) {
      requests++
      o.changed()
      const { connection, outcome, status } = exchange
      const from = fromOf(connection)
      const push = outcome === 'answered' && status !== 200 ? refusedPush(exchange, from) : null
      if (push) o.push(push, false)
      o.exchanged(entryOf(exchange, from, peers.get(connection)?.tls ?? ''))
    },
    onConnection(event) {
      if (event.what === 'opened') peers.set(event.connection, { from: event.from, tls: event.tls })
      // Streams that are cut are told of in the same turn.
      else if (event.what === 'closed') setImmediate(() => peers.delete(event.connection))
      else if (event.what === 'refused') refuse()
      o.changed()
    },
    onKeylog: (line) => o.keylog(line.toString('latin1')),
    onServer: (tls) => presentAtHandshake(tls, o.certificates, o.faults),
  })
  return {
    port: server.port,
    get connections() {
      return server.connections
    },
    get requests() {
      return requests
    },
    get refused() {
      return refused
    },
    close: () => server.close(),
  }
}

function pushOf(given: Notification, from: string): NewPush {
  return {
    platform: 'apns',
    from,
    id: given.apnsId,
    target: given.token,
    kind: given.pushType === 'voip' ? 'voip' : given.pushType === 'background' ? 'background' : 'alert',
    topic: given.topic.slice(0, 200),
    collapse: given.collapseId,
    keepMs: given.expiration === null ? null : keepMs(given.expiration * 1_000 - given.atMs),
    bytes: Buffer.byteLength(given.payload),
    payload: sealedIn(parsed(given.payload)),
    answer: { status: 200, reason: null },
  }
}

/** What else stands there is somebody's words, which are not for a journal (SEC-04). */
const TOKEN_IN_PATH = new RegExp(`^${DEVICE_PATH}([0-9a-f]{1,512})$`, 'i')

/** Of what was refused as little is known as it says itself. */
function refusedPush({ request, status, reason, apnsId, connection, stream }: Exchange, from: string): NewPush {
  const header = (name: string): string => request.headers.find(([each]) => each === name)?.[1] ?? ''
  const type = header('apns-push-type')
  return {
    platform: 'apns',
    from,
    id: apnsId ?? `${connection}-${stream}`,
    target: TOKEN_IN_PATH.exec(request.path)?.[1] ?? '',
    kind: type === 'voip' ? 'voip' : type === 'background' ? 'background' : 'alert',
    topic: header('apns-topic').slice(0, 200),
    collapse: header('apns-collapse-id').slice(0, 64) || null,
    keepMs: null,
    bytes: Math.min(65_536, request.bytes),
    payload: null,
    answer: { status: status ?? 500, reason: reason?.slice(0, 80) ?? null },
  }
}

/** What a fault of the window is for this server. */
export function apnsFault(fault: RequestFault): ApnsFault {
  switch (fault.kind) {
    case 'answer': {
      const reason = fault.reason ?? USUAL[fault.status] ?? 'InternalServerError'
      return { kind: 'answer', status: fault.status, reason, ...(fault.status === 410 ? { timestampMs: Date.now() } : {}) }
    }
    case 'reset':
      return { kind: 'disconnect' }
    case 'page':
      return { kind: 'page', html: LOGIN_PAGE }
    case 'goaway':
      return { kind: 'goaway', reason: isReason(fault.reason) ? fault.reason : 'Shutdown' }
    case 'stall':
    case 'slow-body':
    case 'half-close':
      return fault
  }
}

/** Why APNs cannot have this fault, or null. */
export function notOfApns(fault: WireFault): string | null {
  if (fault.kind !== 'goaway' || isReason(fault.reason)) return null
  return `"${fault.reason}" is no reason of APNs; it has ${Object.keys(STATUS_OF).join(', ')}`
}

function entryOf(
  { connection, stream, request, outcome, cause, status, reason, apnsId, ...times }: Exchange,
  peer: string,
  tls: string,
): ServerExchange {
  const body = reason === null ? '' : JSON.stringify({ reason })
  return {
    connection: `apns ${connection}`,
    side: 'server',
    cloud: 'apns',
    peer,
    protocol: 'HTTP/2',
    tls,
    stream,
    ms: times.endedMs - times.startedMs,
    request: {
      method: request.method,
      path: pathShown(request.path),
      headers: headersShown(request.headers),
      body: requestBodyShown(request.text, 'application/json'),
    },
    response:
      status === null ? null : { status, headers: apnsId === null ? [] : headersShown([['apns-id', apnsId]]), body: answerBodyShown(body) },
    outcome: cause === '' ? outcome : `${outcome}: ${cause}`,
    tracking: apnsId,
    fault: cause.startsWith('a fault') || cause.startsWith('GOAWAY'),
  }
}

/** A provider token of this key, as text; renewed in time (APNS-02). */
export function ownProviderToken(key: ApnsKey): () => string {
  let made = { text: '', atMs: -Infinity }
  return () => {
    const now = Date.now()
    if (now - made.atMs >= OWN_TOKEN_MS) made = { text: jwtOf(key, Math.floor(now / 1_000)), atMs: now }
    return made.text
  }
}

function jwtOf({ keyId, teamId, p8 }: ApnsKey, issuedAtS: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const text = `${part({ alg: 'ES256', kid: keyId })}.${part({ iss: teamId, iat: issuedAtS })}`
  return `${text}.${sign('sha256', Buffer.from(text), { key: p8, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
