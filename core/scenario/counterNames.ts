/** The counters that exist in a lab, so that an expectation about one that never moved is not about a typing mistake. */
import { COUNTER_RULE } from '../serviceability/counters.ts'

/** Families of the XCP Push object, one counter per subscriber service (ALM-22, DEC-21). */
const FAMILIES = ['PushEnabledSessions', 'PushEnableReqRcvd', 'PushErrors', 'PushSentSilent', 'PushSentDisconn'] as const
const SERVICES = ['Apns', 'ApnsBeta', 'ApnsDev', 'ApnsTest', 'ApnsLoad', 'Fcm', 'FcmDev'] as const

export const COUNTER_NAMES: ReadonlySet<string> = new Set([
  ...Object.keys(COUNTER_RULE),
  ...FAMILIES.flatMap((family) =>
    SERVICES.map((service) => (family + service === 'PushErrorsFcmDev' ? 'PushErrorFcmDev' : family + service)),
  ),
])
