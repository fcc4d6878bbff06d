/** FCM of the lab on a real socket (FCM-01): one project, whose sender all Android apps of the lab have (modelled). */
import { FCM_ERRORS, json, page, refuse, type FcmErrorCode } from '../../cloud/fcm/errors.ts'
import { SEND_PATH, type Accepted } from '../../cloud/fcm/send.ts'
import type { FcmExchange } from '../fcm/exchange.ts'
import type { FcmFault } from '../fcm/faults.ts'
import type { ServiceAccount } from '../fcm/oauth.ts'
import { openFcm, type Fcm } from '../fcm/server.ts'
import { presentAtHandshake } from './certificates.ts'
import { TRACKING_ID, type ServerExchange } from './http.ts'
import { LOGIN_PAGE, type RequestFault } from './faults.ts'
import { keepMs, parsed, sealedIn, type NewPush, type PlatformSiteOptions } from './platformInput.ts'
import { answerBodyShown, headerPairs, headersShown, pathShown, requestBodyShown } from './shown.ts'

export const PROJECT = 'push-lab'
const SENDER = '403922918403'

export type FcmSite = Pick<Fcm, 'port' | 'connections' | 'accessToken' | 'close'> & { readonly requests: number; readonly refused: number }

export type FcmSiteOptions = PlatformSiteOptions & { accounts: readonly ServiceAccount[] }

export async function openFcmSite(o: FcmSiteOptions): Promise<FcmSite> {
  let requests = 0
  let refused = 0
  const { good } = o.certificates
  const server = await openFcm({
    ...good,
    views: {
      senderOf: (project) => (project === PROJECT ? SENDER : null),
      tokenOf: (token) => {
        const known = o.world().platformTokens.fcm.get(token)
        return known ? { alive: known.alive, senderId: SENDER } : null
      },
    },
    accounts: o.accounts,
    accepted: (message, peer) => o.push(pushOf(message, peer), true),
    address: o.address,
    port: o.port,
    faultFor: () => {
      const fault = o.faults.take()
      if (fault) o.changed()
      return fault && fcmFault(fault)
    },
    onExchange(exchange) {
      requests++
      o.changed()
      const push = refusedPush(exchange, requests)
      if (push) o.push(push, false)
      o.exchanged(entryOf(exchange))
    },
    onKeylog: (line) => o.keylog(line),
    onServer(tls) {
      presentAtHandshake(tls, o.certificates, o.faults)
      tls.on('tlsClientError', () => {
        refused++
        o.changed()
      })
      tls.on('secureConnection', (socket) => {
        o.changed()
        socket.once('close', o.changed)
      })
    },
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
    accessToken: (project, lifetimeS) => server.accessToken(project, lifetimeS),
    close: () => server.close(),
  }
}

function pushOf(message: Accepted, from: string): NewPush {
  const { data, target } = message
  return {
    platform: 'fcm',
    from,
    id: message.name.slice(0, 200),
    target: (target.kind === 'token' ? target.value : `${target.kind} ${target.value}`).slice(0, 512),
    kind: message.notification ? 'alert' : message.priority === 'high' ? 'voip' : 'background',
    topic: message.project.slice(0, 200),
    collapse: message.collapseKey?.slice(0, 64) ?? null,
    keepMs: keepMs(message.ttlMs),
    bytes: Math.min(
      65_536,
      data.reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0),
    ),
    payload: sealedIn(Object.fromEntries(data)),
    answer: { status: 200, reason: null },
  }
}

/** What else stands there is somebody's words, which are not for a journal (SEC-04). */
const LIKE_A_TOKEN = /^[\w:-]{1,512}$/

/** Null for what is no message: another path, or no answer. */
function refusedPush({ path, status, peer, requestBody, responseBody }: FcmExchange, number: number): NewPush | null {
  const project = SEND_PATH.exec(path.split('?')[0] as string)?.[1]
  if (project === undefined || status === null || status === 200) return null
  const asked = parsed(requestBody) as { message?: { token?: unknown } } | null
  const token = asked?.message?.token
  return {
    platform: 'fcm',
    from: peer,
    id: `refused-${number}`,
    target: typeof token === 'string' && LIKE_A_TOKEN.test(token) ? token : '',
    kind: 'background',
    topic: project,
    collapse: null,
    keepMs: null,
    bytes: Math.min(65_536, Buffer.byteLength(requestBody ?? '')),
    payload: null,
    answer: { status, reason: reasonIn(responseBody) },
  }
}

function reasonIn(body: string): string | null {
  const said = parsed(body) as { error?: { status?: string; details?: { errorCode?: string }[] } } | null
  const code = said?.error?.details?.find(({ errorCode }) => errorCode !== undefined)?.errorCode ?? said?.error?.status
  return code?.slice(0, 80) ?? null
}

const CODES = Object.entries(FCM_ERRORS) as [FcmErrorCode, { status: number }][]

/** What a fault of the window is for this server. */
export function fcmFault(fault: RequestFault): FcmFault {
  switch (fault.kind) {
    case 'answer': {
      const code = CODES.find(([name, { status }]) => (fault.reason === undefined ? status === fault.status : name === fault.reason))?.[0]
      const answer =
        code === undefined ? page(fault.status, fault.reason ?? 'Fault', 'This answer was asked for as a fault of the lab.') : refuse(code)
      const after = fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) }
      return { kind: 'given', answer: { ...answer, status: fault.status, headers: { ...answer.headers, ...after } }, times: 1 }
    }
    case 'page':
      return {
        kind: 'given',
        answer: { ...json(200, null), headers: { 'content-type': 'text/html; charset=utf-8' }, body: LOGIN_PAGE },
        times: 1,
      }
    case 'slow-body':
      return { kind: 'slow-body', ms: fault.ms, times: 1 }
    case 'goaway': // refused before: FCM has none
    case 'reset':
      return { kind: 'reset', times: 1 }
    case 'stall':
    case 'half-close':
      return { kind: fault.kind, times: 1 }
  }
}

function entryOf(exchange: FcmExchange): ServerExchange {
  const { status } = exchange
  return {
    connection: `fcm ${exchange.connection}`,
    side: 'server',
    cloud: 'fcm',
    peer: exchange.peer,
    protocol: exchange.protocol,
    tls: exchange.tls,
    stream: exchange.stream,
    ms: exchange.ms,
    request: {
      method: exchange.method.slice(0, 20),
      path: pathShown(exchange.path),
      headers: headersShown(headerPairs(exchange.requestHeaders)),
      body: requestBodyShown(exchange.requestBody, exchange.requestHeaders['content-type']),
    },
    response:
      status === null
        ? null
        : { status, headers: headersShown(headerPairs(exchange.responseHeaders)), body: answerBodyShown(exchange.responseBody) },
    outcome: exchange.fault ? `${exchange.outcome}: a fault` : exchange.outcome,
    tracking: trackingIn(exchange.requestBody) ?? nameIn(exchange.responseBody),
    fault: exchange.fault,
  }
}

/** Push REST of the lab sends the tracking ID along. */
function trackingIn(body: string | null): string | null {
  const asked = parsed(body) as { message?: { data?: { tracking?: unknown } } } | null
  const tracking = asked?.message?.data?.tracking
  return typeof tracking === 'string' && TRACKING_ID.test(tracking) ? tracking : null
}

/** The name of a message is what the lab calls the push by. */
function nameIn(body: string): string | null {
  const said = parsed(body) as { name?: unknown } | null
  return typeof said?.name === 'string' ? said.name.slice(0, 80) : null
}
