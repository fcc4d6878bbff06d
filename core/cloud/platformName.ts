export type Platform = 'apns' | 'fcm'

/** As people call it, and as its arrows are named. */
export const PLATFORM_NAME = { apns: 'APNs', fcm: 'FCM' } as const
