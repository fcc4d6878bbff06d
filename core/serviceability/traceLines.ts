/**
 * A hop as the trace lines of one service: nothing but what that service can know. What it sends stands there when it leaves,
 * without what becomes of it; what it receives stands there when it arrives (TRB-09, TRB-10).
 */
import type { TraceLevel, TraceService } from '../contract/admin.ts'
import type { HopEvent } from '../contract/event.ts'
import { printable } from '../ladder/words.ts'
import { hostOf } from '../world.ts'
import { log4jDate } from './calendar.ts'
import { isWritten } from './traceLevels.ts'

/** `seq`: the hop behind the line. */
export type TraceLine = { at: number; seq: number; level: TraceLevel; text: string }

/** Where in the program a line comes from: thread, class, and file with line where the field's own lines have them. */
type Origin = { thread: string; className: string; source: string }

/** A failed token fetch is repeated on a timer thread with a higher number; here the number counts the ten minutes (TRB-11). */
const TIMER_MS = 600_000
const timerThread = (at: number): string => `Timer-${Math.floor(at / TIMER_MS) + 1}`

/** The token request as IM and Presence prints a refusal: all causes that it may have (UPG-08, TAC 222556). */
const REFUSED_400 = '400 Bad Request: invalid_request, unsupported_grant_type, invalid_client, invalid_refresh_token, tokenlimit_reached'

/** Five characters each, as log4j pads them. */
const LEVEL: Readonly<Record<TraceLevel, string>> = { Fatal: 'FATAL', Error: 'ERROR', Warn: 'WARN ', Info: 'INFO ', Debug: 'DEBUG' }

/** Lines of one hop for the service at `place`, in their order, as far as its level has them written. */
export function linesOf(service: TraceService, place: string, event: HopEvent, setting: TraceLevel): TraceLine[] {
  const lines: TraceLine[] = []
  const write = (at: number, level: TraceLevel, origin: Origin, text: string): void => {
    if (!isWritten(level, setting)) return
    const { thread, className, source } = origin
    const where = source === '' ? className : `${className} (${source})`
    lines.push({
      at,
      seq: event.seq,
      level,
      text: `${log4jDate(at)} ${LEVEL[level]} [${thread}] ${where} - ${printable(text)}`,
    })
  }
  if (event.tracking !== undefined && service === 'Cisco XCP Config Manager')
    write(event.from === place ? event.sentAt : event.at, 'Info', onboarding(event), `TRACKING ID:::::::${event.tracking}`)
  if (event.from === place && event.to === place) happened(service, event, write)
  else if (event.from === place) sent(service, event, write)
  else received(service, event, write)
  return lines
}

type Write = (at: number, level: TraceLevel, origin: Origin, text: string) => void

const withId = (event: HopEvent, service: TraceService, text: string): string =>
  event.tracking === undefined || service === 'Cisco XCP Config Manager' ? text : `${text} TRACKING ID:::::::${event.tracking}`

function happened(service: TraceService, event: HopEvent, write: Write): void {
  const text = event.outcome === '' ? event.message : `${event.message}: ${event.outcome}`
  write(event.at, levelOf(event), originOf(service, event, 3), withId(event, service, text))
}

function sent(service: TraceService, event: HopEvent, write: Write): void {
  const { to, message } = event
  const connects = message.startsWith('connect ')
  if (event.carrier === 'OAuth' && !connects) {
    if (service === 'Cisco XCP Config Manager')
      write(
        event.sentAt,
        'Debug',
        originOf(service, event, 0),
        'FetchAndStoreAccessToken: Calling createAccessToken() with granttype:refresh_token, refreshToken:(not shown)',
      )
    else
      write(
        event.sentAt,
        'Debug',
        originOf(service, event, 0),
        withId(event, service, `fetchAndStoreAccessToken() ${message} to ${hostOf(to)}`),
      )
  } else if (service === 'Cisco XCP Config Manager' && connects) {
    write(
      event.sentAt,
      'Debug',
      { thread: threadOf(service, event), className: 'utilities.TomcatTrustManager', source: '' },
      'checkServerTrusted:entered',
    )
  } else if (event.status === 'fail' && event.sentAt === event.at && !connects) {
    // It knew at once that nothing would come of it: one line says so.
    return write(event.at, 'Error', originOf(service, event, 0), withId(event, service, `${message}: ${event.outcome}`))
  } else {
    const level = connects || isKeepalive(event) ? 'Debug' : 'Info'
    write(event.sentAt, level, originOf(service, event, 0), withId(event, service, connects ? message : `${message} to ${to}`))
  }
  // Of a connection both ends learn; of a request that got lost in silence, or was refused further on, this service knows nothing yet.
  const known = event.status === 'fail' ? !event.outcome.startsWith('refused:') : connects && event.status === 'ok'
  if (known && event.outcome !== '')
    write(event.at, event.status === 'ok' ? 'Debug' : 'Error', originOf(service, event, 1), withId(event, service, event.outcome))
}

function received(service: TraceService, event: HopEvent, write: Write): void {
  const status = /^(\d{3}) /.exec(event.message)?.[1]
  if (event.status === 'lost') return // it never came here
  if (status !== undefined && (event.carrier === 'OAuth' || event.carrier === 'HTTPS')) {
    const what = event.carrier === 'OAuth' ? 'fetchAndStoreAccessToken()' : 'sendRequest()'
    write(event.at, 'Debug', originOf(service, event, 2), withId(event, service, `${what} Response received : ${status}`))
    if (event.status === 'ok') write(event.at, 'Info', originOf(service, event, 3), withId(event, service, event.outcome))
    else if (service === 'Cisco XCP Config Manager' && event.carrier === 'OAuth' && status === '400')
      write(event.at, 'Error', originOf(service, event, 3), REFUSED_400)
    else write(event.at, 'Error', originOf(service, event, 3), withId(event, service, `${what} failed: ${event.message}`))
    return
  }
  const text = event.outcome === '' ? event.message : `${event.message}: ${event.outcome}`
  write(
    event.at,
    isKeepalive(event) ? 'Debug' : levelOf(event),
    originOf(service, event, 3),
    withId(event, service, `from ${event.from}: ${text}`),
  )
}

const isKeepalive = (event: HopEvent): boolean => event.status === 'ok' && event.message.startsWith('keepalive')

function levelOf(event: HopEvent): TraceLevel {
  if (event.status === 'fail' || event.status === 'lost') return 'Error'
  return event.status === 'warn' ? 'Warn' : 'Info'
}

const onboarding = (event: HopEvent): Origin => ({
  thread: threadOf('Cisco XCP Config Manager', event),
  className: 'utilities.CloudOnboarding',
  source: '',
})

function threadOf(service: TraceService, event: HopEvent): string {
  if (event.carrier === 'OAuth' || service === 'Cisco Management Agent Service') return timerThread(event.sentAt)
  return event.flow === 0 ? 'main' : `pool-1-thread-${(event.flow % 20) + 1}`
}

/**
 * `step`: 0 sends, 1 learns of the way, 2 reads the answer, 3 acts on it. One class and line is that of the field (TAC 222556),
 * the others are modelled.
 */
function originOf(service: TraceService, event: HopEvent, step: 0 | 1 | 2 | 3): Origin {
  const thread = threadOf(service, event)
  switch (service) {
    case 'Cisco Push Notification Service':
      if (event.carrier === 'OAuth')
        return { thread, className: 'ccmpns.CCMPNServer', source: `CCMPNServer.java:${[291, 298, 306, 318][step]}` }
      if (event.carrier === 'CPNS')
        return { thread, className: 'ccmpns.PushRequestHandler', source: `PushRequestHandler.java:${[142, 150, 88, 96][step]}` }
      return { thread, className: 'ccmpns.PushRestClient', source: `PushRestClient.java:${[201, 215, 233, 240][step]}` }
    case 'Cisco Local Push Notification Service':
      return { thread, className: 'cclpns.CCLPNServer', source: `CCLPNServer.java:${[118, 126, 134, 140][step]}` }
    case 'Cisco Management Agent Service':
      return { thread, className: 'cmas.AlarmUploader', source: `AlarmUploader.java:${[77, 84, 92, 99][step]}` }
    case 'Cisco XCP Config Manager':
      return { thread, className: 'xmlframework.XCPConfigMgr', source: '' }
    case 'Cisco XCP Router':
      return { thread, className: 'xcp.JSM', source: '' }
  }
}
