/**
 * Requests and answers as the log of the wire shows them: enough to see what was said, and nothing that proves who somebody
 * is or that somebody wrote to somebody. Such texts are cut to their first characters (SEC-04).
 */

/** Characters of a secret that are shown: two of them can be told apart, and none can be used. */
const KEPT = 8
/** The longest body that is kept. */
export const MAX_SHOWN_BODY = 4_096
const MAX_SHOWN_VALUE = 500
const MAX_SHOWN_HEADERS = 64

const SECRET_HEADER = /auth|cookie|token|secret|password|api-?key/i

/** Fields of requests whose texts say how something is sent, not what or to whom. */
const OPEN_IN_REQUESTS: ReadonlySet<string> = new Set(['version', 'service', 'type', 'scope', 'grant_type', 'cluster', 'priority', 'ttl'])

/** Fields of requests that hold tokens and the like: their first characters tell them apart. */
const CUT_IN_REQUESTS: ReadonlySet<string> = new Set([
  'token',
  'target',
  'payload',
  'sealed',
  'voucher',
  'access_token',
  'refresh_token',
  'client_secret',
  'assertion',
])

/** What a provider writes under these is its own: names of fields prove nothing there. */
const CLOSED_IN_REQUESTS: ReadonlySet<string> = new Set(['data', 'aps', 'notification', 'apns', 'webpush', 'fcm_options'])

/** Fields of answers of the lab's own servers: all but tokens. */
const OPEN_IN_ANSWERS: ReadonlySet<string> = new Set([
  'reason',
  'error',
  'error_description',
  'message',
  'status',
  'name',
  '@type',
  'errorCode',
  'field',
  'description',
  'subject',
  'domain',
  'service',
  'quota_metric',
  'quota_limit',
  'quota_limit_value',
  'token_type',
  'machine_account',
])
const NOTHING: ReadonlySet<string> = new Set()

export const cut = (secret: string): string => (secret.length <= KEPT ? '…' : `${secret.slice(0, KEPT)}…`)

/** Somebody's words: not even their beginning is shown. */
const lengthOf = (text: string): string => `(${text.length} characters)`

/** A header as it may be shown. Of a JWT the two parts that say who signed, and when, are no secret. */
export function headerShown([name, value]: readonly [string, string]): [string, string] {
  if (!SECRET_HEADER.test(name)) return [name.slice(0, 100), value.slice(0, MAX_SHOWN_VALUE)]
  const jwt = /^(bearer) ([\w-]+\.[\w-]+)\.[\w-]*$/i.exec(value)
  if (jwt && value.length <= MAX_SHOWN_VALUE) return [name, `${jwt[1]} ${jwt[2]}.…`]
  const [scheme = '', rest] = /^(\S{1,20}) (.*)$/s.exec(value)?.slice(1) ?? []
  return [name, rest === undefined ? cut(value) : `${scheme} ${cut(rest)}`]
}

export const headersShown = (headers: readonly (readonly [string, string])[]): [string, string][] =>
  headers.slice(0, MAX_SHOWN_HEADERS).map(headerShown)

/** As Node has them, without pseudo-headers. */
export const headerPairs = (headers: Readonly<Record<string, string | string[] | number | undefined>>): [string, string][] =>
  Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith(':') ? [] : Array.isArray(value) ? value.map((each) => [name, each]) : [[name, String(value)]],
  )

/** A push target in the path is cut, and so is whatever a query holds. */
export function pathShown(path: string): string {
  const [place = '', query] = path.slice(0, 1_000).split('?', 2)
  const shown = place.replace(/^(\/3\/device\/)(.+)$/, (_all, way: string, token: string) => way + cut(token))
  return query === undefined ? shown : `${shown}?${formShown(query)}`
}

/** `type`: value of Content-Type, or undefined; null is a body that was not read whole. */
export function requestBodyShown(body: string | null, type: string | undefined): string {
  if (body === null) return '(longer than it may be, not read)'
  if (body === '') return ''
  if (type?.startsWith('application/x-www-form-urlencoded') === true) return formShown(body).slice(0, MAX_SHOWN_BODY)
  const value = parse(body)
  if (value === undefined) return `(no JSON, ${body.length} characters)`
  return JSON.stringify(openOnly(value, OPEN_IN_REQUESTS, 0)).slice(0, MAX_SHOWN_BODY)
}

/** Of an answer of the lab's own. */
export function answerBodyShown(body: string): string {
  const value = parse(body)
  return (value === undefined ? body : JSON.stringify(openOnly(value, OPEN_IN_ANSWERS, 0))).slice(0, MAX_SHOWN_BODY)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function openOnly(value: unknown, open: ReadonlySet<string>, depth: number): unknown {
  if (typeof value === 'string') return lengthOf(value)
  if (value === null || typeof value !== 'object') return value
  if (depth > 10) return '…'
  if (Array.isArray(value)) return value.slice(0, 100).map((each) => openOnly(each, open, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, 100)
      .map(([key, each]: [string, unknown]) => [key.slice(0, 100), field(key, each, open, depth)]),
  )
}

function field(key: string, value: unknown, open: ReadonlySet<string>, depth: number): unknown {
  const closed = open === NOTHING || (open === OPEN_IN_REQUESTS && CLOSED_IN_REQUESTS.has(key))
  if (typeof value !== 'string') return openOnly(value, closed ? NOTHING : open, depth + 1)
  if (closed) return lengthOf(value)
  if (open.has(key)) return value.slice(0, MAX_SHOWN_VALUE)
  return CUT_IN_REQUESTS.has(key) ? cut(value) : lengthOf(value)
}

const formShown = (form: string): string =>
  form
    .split('&', 50)
    .map((pair) => {
      const [name = '', value] = pair.split('=', 2)
      if (value === undefined) return lengthOf(name)
      if (OPEN_IN_REQUESTS.has(name)) return `${name}=${value.slice(0, MAX_SHOWN_VALUE)}`
      return `${name.slice(0, 100)}=${CUT_IN_REQUESTS.has(name) ? cut(value) : lengthOf(value)}`
    })
    .join('&')
