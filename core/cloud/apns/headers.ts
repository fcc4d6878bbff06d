/** The headers of a notification, read once, and what may stand in each (APNS-03). */

/** Names in lower case; one character per byte, as HTTP/2 brings them. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

export const MAX_COLLAPSE_ID_BYTES = 64

/** The longest bundle ID of Apple has 155 characters; with a suffix there is room to spare. */
const MAX_TOPIC_BYTES = 255

export type PushType =
  | 'alert'
  | 'background'
  | 'voip'
  | 'complication'
  | 'fileprovider'
  | 'mdm'
  | 'liveactivity'
  | 'location'
  | 'pushtotalk'

/** What the topic has behind the bundle ID, by push type. */
export const TOPIC_SUFFIX: Readonly<Record<PushType, string>> = {
  alert: '',
  background: '',
  voip: '.voip',
  complication: '.complication',
  fileprovider: '.pushkit.fileprovider',
  mdm: '',
  liveactivity: '.push-type.liveactivity',
  location: '.location-query',
  pushtotalk: '.voip-ptt',
}

export const PUSH_TYPES = Object.keys(TOPIC_SUFFIX) as PushType[]

const TYPES: ReadonlySet<string> = new Set(PUSH_TYPES)
export const isPushType = (text: string): text is PushType => TYPES.has(text)

const SUFFIXED = PUSH_TYPES.filter((type) => TOPIC_SUFFIX[type] !== '')

/** The push type that a topic speaks of; null for a bare bundle ID, which several types use. */
export function typeOfTopic(topic: string): PushType | null {
  for (const type of SUFFIXED) if (topic.endsWith(TOPIC_SUFFIX[type])) return type
  return null
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
export const isUuid = (text: string): boolean => UUID.test(text)

const TOPIC = /^[A-Za-z0-9][A-Za-z0-9.-]*$/
export const isTopic = (text: string): boolean => text.length <= MAX_TOPIC_BYTES && TOPIC.test(text)

/** Seconds since 1970; more digits are no date that anybody means. */
const EXPIRATION = /^\d{1,12}$/
export const isExpiration = (text: string): boolean => EXPIRATION.test(text)

export type Priority = 1 | 5 | 10
export const DEFAULT_PRIORITY: Priority = 10
const PRIORITIES: ReadonlyMap<string, Priority> = new Map([
  ['1', 1],
  ['5', 5],
  ['10', 10],
])
export const priorityOf = (text: string): Priority | null => PRIORITIES.get(text) ?? null

export type ReadHeaders = {
  id: string | undefined
  topic: string | undefined
  collapseId: string | undefined
  priority: string | undefined
  pushType: string | undefined
  expiration: string | undefined
  authorization: string | undefined
  /** One of the above came twice. */
  repeated: boolean
}

const FIELDS: ReadonlyMap<string, Exclude<keyof ReadHeaders, 'repeated'>> = new Map([
  ['apns-id', 'id'],
  ['apns-topic', 'topic'],
  ['apns-collapse-id', 'collapseId'],
  ['apns-priority', 'priority'],
  ['apns-push-type', 'pushType'],
  ['apns-expiration', 'expiration'],
  ['authorization', 'authorization'],
])

export function readHeaders(headers: HeaderList): ReadHeaders {
  const read: ReadHeaders = {
    id: undefined,
    topic: undefined,
    collapseId: undefined,
    priority: undefined,
    pushType: undefined,
    expiration: undefined,
    authorization: undefined,
    repeated: false,
  }
  for (const [name, value] of headers) {
    const field = FIELDS.get(name)
    if (field === undefined) continue
    if (read[field] === undefined) read[field] = value
    else read.repeated = true
  }
  return read
}
