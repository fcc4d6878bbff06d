// The features that releases decide, and the words for them. [REL-01]

/** Every feature that a release can give or withhold, in the order in which it is listed. */
export const FEATURES = [
  'messaging',
  'calling',
  'callkit',
  'chinaRegion',
  'fcm',
  'localPush',
  'localPushMessages',
  'basicPush',
  'callerId',
  'externalPresentation',
  'registrationNode',
  'separateChannels',
  'twoChannelRules',
  'voipSocket',
  'lpnsService',
  'lpnsAlarms',
  'fcmCounters',
  'pushHighAvailability',
  'unreadMessagesAlert',
] as const
export type Feature = (typeof FEATURES)[number]

export const FEATURE_TITLE: Readonly<Record<Feature, string>> = {
  messaging: 'Message push',
  calling: 'Call push',
  callkit: 'CallKit',
  chinaRegion: 'China region rules',
  fcm: 'Push through FCM',
  localPush: 'Local push for calls',
  localPushMessages: 'Local push for messages',
  basicPush: 'Basic push',
  callerId: 'Caller ID in push',
  externalPresentation: 'External Presentation Name and Number',
  registrationNode: 'Registration node in push',
  separateChannels: 'Separate channels for calls and messages',
  twoChannelRules: 'Client follows the iOS 13 rules',
  voipSocket: 'VoIP socket in background',
  lpnsService: 'Cisco Local Push Notification Service',
  lpnsAlarms: 'LPNS alarms and counters',
  fcmCounters: 'FCM counters',
  pushHighAvailability: 'Push high availability for messages',
  unreadMessagesAlert: 'Unread Messages alert',
}

export interface Warning {
  /** Ledger ID of the rule behind it. */
  readonly id: string
  readonly text: string
}
