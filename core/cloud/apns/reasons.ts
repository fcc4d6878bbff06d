/** Every reason that APNs gives, in its own spelling, with its HTTP status (APNS-02 to APNS-06). */
export const STATUS_OF = {
  BadCollapseId: 400,
  BadDeviceToken: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadTopic: 400,
  DeviceTokenNotForTopic: 400,
  DuplicateHeaders: 400,
  IdleTimeout: 400,
  InvalidPushType: 400,
  MissingDeviceToken: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  BadCertificate: 403,
  BadCertificateEnvironment: 403,
  BadEnvironmentKeyIdInToken: 403,
  ExpiredProviderToken: 403,
  Forbidden: 403,
  InvalidProviderToken: 403,
  MissingProviderToken: 403,
  UnrelatedKeyIdInToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  ExpiredToken: 410,
  Unregistered: 410,
  PayloadTooLarge: 413,
  TooManyProviderTokenUpdates: 429,
  TooManyRequests: 429,
  InternalServerError: 500,
  ServiceUnavailable: 503,
  Shutdown: 503,
} as const

export type Reason = keyof typeof STATUS_OF

const RULES: readonly (readonly [rule: string, reasons: readonly Reason[]])[] = [
  ['APNS-01', ['BadPath', 'MethodNotAllowed']],
  ['APNS-02', ['ExpiredProviderToken', 'InvalidProviderToken', 'MissingProviderToken', 'TooManyProviderTokenUpdates']],
  [
    'APNS-03',
    [
      'BadCollapseId',
      'BadExpirationDate',
      'BadMessageId',
      'BadPriority',
      'BadTopic',
      'DuplicateHeaders',
      'InvalidPushType',
      'MissingTopic',
      'TopicDisallowed',
    ],
  ],
  ['APNS-04', ['PayloadEmpty', 'PayloadTooLarge']],
  ['APNS-05', ['BadDeviceToken', 'DeviceTokenNotForTopic', 'ExpiredToken', 'MissingDeviceToken', 'Unregistered']],
]

/** The row of the ledger that explains a reason. */
export const ruleOf = (reason: Reason): string => RULES.find(([, reasons]) => reasons.includes(reason))?.[0] ?? 'APNS-06'

export const isReason = (text: string): text is Reason => Object.hasOwn(STATUS_OF, text)
