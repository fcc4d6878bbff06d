/** What FCM grants, as Firebase publishes it; all in one place so that a lab can be stricter (FCM-02, FCM-05). */

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** Four weeks, also the default. 0 means now or never (FCM-02). */
export const MAX_TTL_MS = 28 * 24 * HOUR_MS

/** Keys and values of `data`, and the texts of a notification, in UTF-8 (FCM-02). */
export const MAX_PAYLOAD_BYTES = 4_096

/** More than any message needs whose payload is within its limit, escaped as badly as JSON allows. */
export const MAX_BODY_BYTES = 64 * 1_024

export type FcmQuotas = {
  projectPerMinute: number
  devicePerMinute: number
  devicePerHour: number
  /** Messages with a collapse key: so many at once to one device, then one more each `collapsibleRefillMs`. */
  collapsibleBurst: number
  collapsibleRefillMs: number
}

/** FCM-05. */
export const FCM_QUOTAS: FcmQuotas = {
  projectPerMinute: 600_000,
  devicePerMinute: 240,
  devicePerHour: 5_000,
  collapsibleBurst: 20,
  collapsibleRefillMs: 3 * MINUTE_MS,
}

/** Projects and devices whose use is remembered; the one not seen for longest is forgotten, which can only be generous. */
export const MAX_PROJECTS = 1_000
export const MAX_DEVICES = 50_000

/** What an overloaded FCM asks a sender to wait when nothing else was said (FCM-04). */
export const DEFAULT_RETRY_AFTER_S = 10

/** Messages kept for a device that is offline, and how many of them may have a collapse key of their own. */
export const MAX_STORED = 100
export const MAX_COLLAPSE_KEYS = 4
