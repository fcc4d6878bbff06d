/** Exchanges on the wire as the window reads them: how one ended, as text to take along, and which hops of a ladder it was. */
import type { CloudName, HopEvent, WireExchange } from '../../../core/contract/index.ts'
import { formatTime } from '../../ui/format.ts'
import type { Mark } from '../../ui/state.ts'

const hostOf = (place: string): string => place.split('/', 1)[0] ?? place

/** Where a hop of this cloud comes from or goes to besides the cloud itself: Push REST is both a server and a provider. */
const PLATFORMS: ReadonlySet<string> = new Set(['apns', 'fcm'])
function isOnWay(hop: HopEvent, cloud: CloudName): boolean {
  const [from, to] = [hostOf(hop.from), hostOf(hop.to)]
  if (from !== cloud && to !== cloud) return false
  const other = from === cloud ? to : from
  return PLATFORMS.has(cloud) ? other === 'push-rest' : !PLATFORMS.has(other) && other !== cloud
}

/** The clock of the run is brought to the present for each arrival: hop and exchange are told of the same moment, nearly. */
const APART_MS = 100

/** The platforms know a push by the UUID in its tracking ID only. */
const sameTracking = (hop: string, exchange: string): boolean => hop === exchange || hop.endsWith(`_${exchange}`)

/** Exchanges that this hop travelled in, in their order. `exchanges` are those of the hop's flow. */
export function exchangesOf(hop: HopEvent, exchanges: readonly WireExchange[]): WireExchange[] {
  return exchanges.filter(
    (one) =>
      isOnWay(hop, one.cloud) &&
      (hop.tracking === undefined || one.tracking === null || sameTracking(hop.tracking, one.tracking)) &&
      hop.sentAt <= one.at + one.ms + APART_MS &&
      hop.at >= one.at - APART_MS,
  )
}

/** How the lab ends the outcome of what it was told by a socket. */
const TOLD = /over a real socket$/

/** Between these two places, for this push, either way. */
const wayOf = (hop: HopEvent): string => `${hop.tracking ?? ''} ${[hop.from, hop.to].toSorted().join(' ')}`

/** Numbers of the hops that went over a real socket. In a run that is given again there are no exchanges, but what they came to. */
export function realHops(hops: readonly HopEvent[], exchanges: readonly WireExchange[]): ReadonlySet<number> {
  const told = new Set(hops.filter((hop) => hop.tracking !== undefined && TOLD.test(hop.outcome)).map(wayOf))
  const isReal = (hop: HopEvent): boolean => TOLD.test(hop.outcome) || told.has(wayOf(hop)) || exchangesOf(hop, exchanges).length > 0
  return new Set(hops.filter(isReal).map((hop) => hop.seq))
}

export function exchangeMark(one: WireExchange): Mark {
  if (one.response === null) return { state: 'down', word: one.outcome }
  if (one.response.status < 400) return { state: one.fault ? 'degraded' : 'up', word: String(one.response.status) }
  return { state: 'down', word: String(one.response.status) }
}

/** JSON with line breaks; anything else, and what was cut, as it travelled. */
export function readable(body: string): string {
  if (!/^\s*[{[]/.test(body)) return body
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

const lines = (start: string, headers: readonly [string, string][], body: string): string =>
  [start, ...headers.map(([name, value]) => `${name}: ${value}`), '', body].join('\n').trimEnd()

/** Both messages as text, for a ticket. */
export function asText(one: WireExchange): string {
  const head = `# ${formatTime(one.at)}, ${one.ms} ms, ${one.connection}, ${one.peer}, ${one.tls === '' ? 'no TLS' : one.tls}`
  const request = lines(`${one.request.method} ${one.request.path} ${one.protocol}`, one.request.headers, one.request.body)
  const response =
    one.response === null
      ? `# no answer: ${one.outcome}`
      : lines(`${one.protocol} ${one.response.status}`, one.response.headers, one.response.body)
  return `${head}\n${request}\n\n${response}\n`
}

export const sideText = (one: Pick<WireExchange, 'side'>): string => (one.side === 'server' ? 'the lab answers' : 'the lab asks')
