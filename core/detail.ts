/**
 * The message behind an arrow, derived when somebody looks: the stream of events keeps no copies. What was
 * sealed is readable here because this is the laboratory's own view; no server in it could (SEC-01).
 */
import type { HeaderLine, HopDetail, HopEvent } from './contract/event.ts'
import { uploadMessage } from './admin/detail.ts'
import { proxyMessage } from './edge/detail.ts'
import { KEEPALIVE_MS, LPNS_PATH, LPNS_PORT, SUBPROTOCOL } from './lpns/protocol.ts'
import { frameOf } from './lpns/server.ts'
import { HOST_NAME } from './cloud/connection.ts'
import type { Push } from './pushBook.ts'
import { hostOf, type World } from './world.ts'

type Detail = Omit<HopDetail, 'event' | 'effects' | 'rule'>

const EMPTY: Detail = { startLine: '', headers: [], body: '', sealed: null, clear: [], modelled: false }

export function detailOf(world: World, event: HopEvent): Detail {
  const push = event.tracking === undefined ? undefined : world.pushes.get(event.tracking)
  const atProxy = proxyMessage(world, event)
  if (atProxy) return { ...EMPTY, ...atProxy }
  const upload = uploadMessage(world, event)
  if (upload) return { ...EMPTY, ...upload }
  switch (event.carrier) {
    case 'SIP':
      return sip(world, event)
    case 'OAuth':
      return oauth(world, event)
    case 'HTTPS':
      return event.message.startsWith('POST push') && push
        ? pushRequest(push)
        : http(event, event.message.startsWith('GET') || event.to === 'push-rest' || event.from === 'push-rest')
    case 'APNs':
    case 'FCM':
      return push && (event.message.startsWith('POST') || event.message.startsWith('deliver'))
        ? platformRequest(push, event)
        : http(event, false)
    case 'LPNS':
      return localPush(world, event, push)
    default:
      return EMPTY
  }
}

const REFUSED = /^(?:401 Unauthorized|403 Forbidden|404 Not Found|503 Service Unavailable)$/
const CLIENT_ERROR = /^the client answered (\d{3}) ?(.*)$/

/** Frames as docs/lpns-protocol.md has them; tokens are named, never shown (DEC-34). */
function localPush(world: World, event: HopEvent, push: Push | undefined): Detail {
  const { message, outcome } = event
  // What a place notices by itself was no message.
  if (event.from === event.to) return EMPTY
  const toDevice = world.devices.has(event.to)
  const frame = (value: object): Detail => ({
    ...EMPTY,
    startLine: `WebSocket text frame, ${SUBPROTOCOL}`,
    body: JSON.stringify({ v: 1, ...value }),
    modelled: true,
  })
  if (message.startsWith('GET ')) {
    return {
      ...EMPTY,
      startLine: `GET ${LPNS_PATH}?device=${event.from} HTTP/1.1`,
      headers: [
        header('Host', `${hostOf(event.to)}:${LPNS_PORT}`),
        header('Upgrade', 'websocket'),
        header('Sec-WebSocket-Protocol', SUBPROTOCOL),
        header('Authorization', 'Bearer (not shown)'),
      ],
      modelled: true,
    }
  }
  if (message.startsWith('101'))
    return { ...EMPTY, startLine: `HTTP/1.1 ${message}`, headers: [header('Sec-WebSocket-Protocol', SUBPROTOCOL)], modelled: true }
  if (toDevice && REFUSED.test(message))
    return {
      ...EMPTY,
      startLine: `HTTP/1.1 ${message}`,
      body: JSON.stringify({ code: Number(message.slice(0, 3)), reason: outcome }),
      modelled: true,
    }
  if (toDevice && message.startsWith('401 ')) return frame({ type: 'error', code: 401, reason: message.slice(4) })
  if (message.startsWith('welcome'))
    return frame({ type: 'welcome', session: '(its ID)', node: hostOf(event.from), keepaliveMs: KEEPALIVE_MS, graceMs: '(grace)' })
  if (message === 'keepalive') return frame({ type: 'keepalive', seq: '(count)', token: '(not shown)' })
  if (message === 'keepalive acknowledged') return frame({ type: 'keepalive-ack', seq: '(count)' })
  if (message === 'local push acknowledged') return frame({ type: 'ack', id: event.tracking ?? '', token: '(not shown)' })
  if (message === 'error for a push') {
    const [, code, text = ''] = CLIENT_ERROR.exec(outcome) ?? []
    return frame({
      type: 'error',
      id: event.tracking ?? '',
      code: code === undefined ? '(code)' : Number(code),
      ...(text === '' ? {} : { text }),
    })
  }
  if (message.startsWith('close ')) return { ...EMPTY, startLine: `WebSocket close ${message.slice(6)}`, modelled: true }
  if (!push || push.path !== 'local') return EMPTY
  return { ...frame(frameOf(push)), clear: fieldsOf(push) }
}

const header = (name: string, value: string): HeaderLine => ({ name, value })

const isAnswer = (message: string): boolean => /^\d{3} /.test(message)

function sip(world: World, event: HopEvent): Detail {
  const { message } = event
  const target = hostOf(event.to)
  const method = message.split(' ')[0] ?? ''
  if (!isAnswer(message) && !['INVITE', 'REGISTER', 'CANCEL', 'BYE'].includes(method)) return EMPTY
  const flow = world.flows.get(event.flow)
  const call = flow?.call
  const headers: HeaderLine[] = []
  if (call && method === 'INVITE') {
    // The caller's own identity goes in; what is shown to the called party comes out (CALL-08).
    const shown = call.shown.get(event.to) ?? call.identity
    headers.push(
      header('From', `"${shown.name}" <sip:${shown.number}@${hostOf(event.from)}>`),
      header('Content', call.video ? 'audio, video' : 'audio'),
    )
  }
  if (call) headers.push(header('To', `<sip:${call.dialed}>`))
  if (method === 'REGISTER') headers.push(header('Contact', `<sip:${event.from}>;+sip.instance="${event.from}"`), header('Expires', '3600'))
  if (method === 'CANCEL' && event.why === 'CALL-05') headers.push(header('Reason', 'SIP;cause=200;text="Call completed elsewhere"'))
  if (message.startsWith('480')) headers.push(header('Reason', 'Q.850;cause=18;text="No user responding"'))
  headers.push(header('Call-ID', `flow-${event.flow}@push-lab`))
  return {
    ...EMPTY,
    startLine: isAnswer(message)
      ? `SIP/2.0 ${message}`
      : `${method} sip:${call && method !== 'REGISTER' ? `${call.dialed}@` : ''}${target} SIP/2.0`,
    headers,
  }
}

function oauth(world: World, event: HopEvent): Detail {
  if (isAnswer(event.message)) {
    const seconds = world.cluster.accessTokenMinutes * 60
    return { ...http(event, false), body: event.message.startsWith('200') ? `{"access_token":"(not shown)","expires_in":${seconds}}` : '' }
  }
  if (!event.message.startsWith('POST')) return EMPTY
  return {
    ...EMPTY,
    startLine: `${event.message} HTTP/1.1`,
    headers: [header('Host', HOST_NAME.ci), header('Content-Type', 'application/x-www-form-urlencoded')],
    body: 'grant_type=refresh_token&refresh_token=(not shown)',
  }
}

function http(event: HopEvent, modelled: boolean): Detail {
  if (!isAnswer(event.message)) return EMPTY
  const status = Number(event.message.slice(0, 3))
  const reason = event.message.slice(4)
  const body =
    status < 400
      ? ''
      : event.carrier === 'APNs'
        ? JSON.stringify({ reason })
        : event.carrier === 'FCM'
          ? JSON.stringify({ error: { code: status, status: reason } })
          : ''
  return {
    ...EMPTY,
    startLine: `HTTP/${event.carrier === 'HTTPS' || event.carrier === 'OAuth' ? '1.1' : '2'} ${event.message}`,
    headers: event.tracking === undefined ? [] : [header('TrackingID', event.tracking)],
    body,
    modelled,
  }
}

const fieldsOf = (push: Push): HeaderLine[] => Object.entries(push.fields).map(([name, value]) => header(name, value))

const sealedOf = (push: Push): HopDetail['sealed'] => ({
  keyFingerprint: push.keyFingerprint,
  bytes: push.payload.length,
  fields: fieldsOf(push),
})

/** Exactly two items travel outside the seal (SEC-04). */
const clearOf = (push: Push): HeaderLine[] => [header('Push target', push.target), header('Tracking ID', push.id)]

function pushRequest(push: Push): Detail {
  const sealed = !push.unsealed
  return {
    startLine: 'POST /v1/push HTTP/1.1',
    headers: [
      header('Host', HOST_NAME['push-rest']),
      header('Authorization', 'Bearer (not shown)'),
      header('TrackingID', push.id),
      header('Content-Type', 'application/json'),
    ],
    body: JSON.stringify({
      version: 1,
      service: push.service,
      type: push.pushType,
      target: push.target,
      payload: sealed ? push.payload : JSON.stringify(push.fields),
    }),
    sealed: sealed ? sealedOf(push) : null,
    clear: sealed ? clearOf(push) : [...clearOf(push), ...fieldsOf(push)],
    modelled: true,
  }
}

/** Headers are Apple's and Google's own (APNS-10). */
function platformRequest(push: Push, event: HopEvent): Detail {
  if (event.carrier === 'APNs') {
    return {
      startLine: `POST /3/device/${push.target} HTTP/2`,
      headers: [
        header('apns-push-type', push.pushType),
        header('apns-topic', push.pushType === 'voip' ? 'com.example.client.voip' : 'com.example.client'),
        header('apns-priority', '10'),
        header('apns-expiration', push.pushType === 'voip' ? '0' : '86400'),
        header('authorization', 'bearer (not shown)'),
      ],
      body: JSON.stringify({ aps: push.pushType === 'voip' ? {} : { alert: { 'loc-key': 'PUSH' } }, payload: push.payload }),
      sealed: sealedOf(push),
      clear: clearOf(push),
      modelled: false,
    }
  }
  return {
    startLine: 'POST /v1/projects/push-lab/messages:send HTTP/2',
    headers: [header('authorization', 'Bearer (not shown)')],
    body: JSON.stringify({
      message: {
        token: push.target,
        android: { priority: 'high', ttl: push.purpose === 'message' ? '86400s' : '0s' },
        data: { payload: push.payload },
      },
    }),
    sealed: sealedOf(push),
    clear: clearOf(push),
    modelled: false,
  }
}
