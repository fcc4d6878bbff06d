/**
 * The message of FCM HTTP v1 as Google's JSON has it: names in snake or camel case, enumerations by name or
 * number, `null` for "not set". What does not fit is refused in the words of Google's transcoder, which names
 * the field and never asks FCM (FCM-03).
 */
import { z } from 'zod'
import { camel } from './names.ts'
import type { FieldViolation } from './errors.ts'

const FCM = 'type.googleapis.com/google.firebase.fcm.v1.'
const DURATION = 'type.googleapis.com/google.protobuf.Duration'
const STRUCT = 'type.googleapis.com/google.protobuf.Struct'

/** A value that is said again in an answer is cut there. */
const MAX_ECHO = 256
/** Faults of one request that are told: an answer must not be many times its question. */
const MAX_VIOLATIONS = 20

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A field of a type that zod has no word for; `type` is the name that an answer gives. */
const field = <T>(type: string, read: (value: unknown) => T | undefined) =>
  z.unknown().transform((value, context): T => {
    const got = read(value)
    if (got === undefined) context.issues.push({ code: 'custom', message: type, input: value })
    return got as T
  })

const text = z.string('TYPE_STRING')
const flag = field('TYPE_BOOL', (value) =>
  value === true || value === 'true' ? true : value === false || value === 'false' ? false : undefined,
)
const number = (type: string) =>
  field(type, (value) => {
    const read = typeof value === 'string' && /^-?\d/.test(value) ? Number(value) : value
    return typeof read === 'number' && Number.isFinite(read) && (type === 'TYPE_FLOAT' || Math.trunc(read) === read) ? read : undefined
  })
const choice = <const T extends readonly string[]>(type: string, names: T) =>
  field(FCM + type, (value) => {
    if (typeof value === 'number') return names[value] as T[number] | undefined
    return typeof value === 'string' ? (names.find((name) => name === value.toUpperCase()) as T[number] | undefined) : undefined
  })
const struct = field(STRUCT, (value) => (isObject(value) ? value : undefined))
const texts = z.array(text, 'TYPE_STRING')

/** `map<string, string>`: pairs in the order of the request, because an answer counts them. */
const map = z.unknown().transform((value, context): [string, string][] => {
  if (!isObject(value)) {
    context.issues.push({ code: 'custom', message: 'map', input: value })
    return []
  }
  const pairs = Object.entries(value)
  for (const [index, [, each]] of pairs.entries())
    if (typeof each !== 'string') context.issues.push({ code: 'custom', message: 'TYPE_STRING', input: each, path: [index, 'value'] })
  return pairs as [string, string][]
})

/** Milliseconds, rounded up so that a fraction is not "now or never". */
const duration = z.unknown().transform((value, context): number => {
  const parts = typeof value === 'string' ? /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/.exec(value) : null
  if (parts === null) {
    context.issues.push({ code: 'custom', message: DURATION, input: value })
    return 0
  }
  const ms = Number(parts[2]) * 1_000 + Math.ceil(Number((parts[3] ?? '').padEnd(9, '0')) / 1_000_000)
  return parts[1] === '-' ? -ms : ms
})

/** A message of the format: its fields under either spelling, none of them when `null`, and no other. */
function message<T extends Record<string, z.ZodType>>(type: string, shape: T) {
  const names = new Map(Object.keys(shape).map((name) => [camel(name), name]))
  return z.preprocess(
    (value) =>
      isObject(value)
        ? Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (each === null ? [] : [[names.get(name) ?? name, each]])))
        : value,
    z.strictObject(shape, FCM + type),
  )
}

const optional = <T extends Record<string, z.ZodType>>(shape: T) =>
  Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, type.optional()])) as { [K in keyof T]: z.ZodOptional<T[K]> }

const notification = message('Notification', optional({ title: text, body: text, image: text }))
const fcmOptions = (type: string) => message(type, { analytics_label: text.optional() })

const color = message(
  'Color',
  optional({ red: number('TYPE_FLOAT'), green: number('TYPE_FLOAT'), blue: number('TYPE_FLOAT'), alpha: number('TYPE_FLOAT') }),
)

const androidNotification = message(
  'AndroidNotification',
  optional({
    title: text,
    body: text,
    icon: text,
    color: text,
    sound: text,
    tag: text,
    click_action: text,
    body_loc_key: text,
    body_loc_args: texts,
    title_loc_key: text,
    title_loc_args: texts,
    channel_id: text,
    ticker: text,
    sticky: flag,
    event_time: text,
    local_only: flag,
    notification_priority: choice('AndroidNotification.NotificationPriority', [
      'PRIORITY_UNSPECIFIED',
      'PRIORITY_MIN',
      'PRIORITY_LOW',
      'PRIORITY_DEFAULT',
      'PRIORITY_HIGH',
      'PRIORITY_MAX',
    ]),
    default_sound: flag,
    default_vibrate_timings: flag,
    default_light_settings: flag,
    vibrate_timings: z.array(duration, DURATION),
    visibility: choice('AndroidNotification.Visibility', ['VISIBILITY_UNSPECIFIED', 'PRIVATE', 'PUBLIC', 'SECRET']),
    notification_count: number('TYPE_INT32'),
    light_settings: message('LightSettings', optional({ color, light_on_duration: duration, light_off_duration: duration })),
    image: text,
    bypass_proxy_notification: flag,
    proxy: choice('AndroidNotification.Proxy', ['PROXY_UNSPECIFIED', 'ALLOW', 'DENY', 'IF_PRIORITY_LOWERED']),
  }),
)

const request = message(
  'SendMessageRequest',
  optional({
    validate_only: flag,
    message: message(
      'Message',
      optional({
        name: text,
        token: text,
        topic: text,
        condition: text,
        data: map,
        notification,
        android: message(
          'AndroidConfig',
          optional({
            collapse_key: text,
            priority: choice('AndroidMessagePriority', ['NORMAL', 'HIGH']),
            ttl: duration,
            restricted_package_name: text,
            data: map,
            notification: androidNotification,
            fcm_options: fcmOptions('AndroidFcmOptions'),
            direct_boot_ok: flag,
            bandwidth_constrained_ok: flag,
            restricted_satellite_ok: flag,
          }),
        ),
        apns: message(
          'ApnsConfig',
          optional({
            headers: map,
            payload: struct,
            fcm_options: message('ApnsFcmOptions', optional({ analytics_label: text, image: text })),
            live_activity_token: text,
          }),
        ),
        webpush: message(
          'WebpushConfig',
          optional({
            headers: map,
            data: map,
            notification: struct,
            fcm_options: message('WebpushFcmOptions', optional({ analytics_label: text, link: text })),
          }),
        ),
        fcm_options: fcmOptions('FcmOptions'),
      }),
    ),
  }),
)

export type SendRequest = z.output<typeof request>
export type Message = NonNullable<SendRequest['message']>

export type Read = { ok: true; request: SendRequest } | { ok: false; violations: [FieldViolation, ...FieldViolation[]] }

/** Reads the body of `messages:send`. */
export function readRequest(body: string): Read {
  let given: unknown
  try {
    given = JSON.parse(body)
  } catch {
    return {
      ok: false,
      violations: [
        {
          description: `Invalid JSON payload received. ${body.trim() === '' ? 'Unexpected end of string. Expected a value.' : 'Unexpected token.'}`,
        },
      ],
    }
  }
  if (!isObject(given))
    return { ok: false, violations: [{ description: 'Invalid JSON payload received. Unknown name "": Root element must be a message.' }] }
  const read = request.safeParse(given, { reportInput: true })
  if (read.success) return { ok: true, request: read.data }
  return {
    ok: false,
    violations: read.error.issues.slice(0, MAX_VIOLATIONS).flatMap(violationsOf).slice(0, MAX_VIOLATIONS) as [
      FieldViolation,
      ...FieldViolation[],
    ],
  }
}

/** `message.data[0].value` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((so, each) => (typeof each === 'number' ? `${so}[${each}]` : so === '' ? String(each) : `${so}.${String(each)}`), '')

const cut = (name: string): string => (name.length > MAX_ECHO ? `${name.slice(0, MAX_ECHO)}...` : name)

function unknownName(name: string, parent: string, because: string): FieldViolation {
  const description = `Invalid JSON payload received. Unknown name "${cut(name)}"${parent === '' ? '' : ` at '${parent}'`}: ${because}`
  return parent === '' ? { description } : { field: parent, description }
}

function violationsOf(issue: z.core.$ZodIssue): FieldViolation[] {
  const at = pathOf(issue.path)
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownName(key, at, 'Cannot find field.'))
  const name = String(issue.path.at(-1) ?? '')
  const parent = pathOf(issue.path.slice(0, -1))
  const value: unknown = issue.input
  if (Array.isArray(value))
    return [
      unknownName(
        name,
        parent,
        issue.message === 'map' ? `Cannot bind a list to map for field '${name}'.` : 'Proto field is not repeating, cannot start list.',
      ),
    ]
  if (isObject(value)) return [unknownName(name, parent, 'Starting an object on a scalar field.')]
  const type = issue.message === 'map' ? `${FCM}Message.DataEntry` : issue.message
  return [
    {
      field: at,
      description: `Invalid value at '${at}' (${type}), ${type === DURATION ? `Field '${camel(name)}', ${badDuration(value)}` : cut(JSON.stringify(value) ?? '')}`,
    },
  ]
}

function badDuration(value: unknown): string {
  if (typeof value !== 'string') return `Invalid data type for duration, value is ${cut(JSON.stringify(value) ?? '')}`
  return value.endsWith('s') ? 'Invalid duration format, failed to parse seconds' : "Illegal duration format; duration must end with 's'"
}
