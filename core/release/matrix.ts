// The four release tables of the documents, cell by cell as they are printed. [REL-A1 to REL-D5]
// Nothing is interpreted here: gate.ts reads the cells, so a table can be compared with its source
// line by line. 'NA' and 'N/A' both mean that the component is not involved. [DEC-10]

export const COLUMN_NAME = {
  unifiedCm: 'Unified CM',
  presence: 'IM and Presence Service',
  expressway: 'Cisco Expressway (MRA)',
  jabber: 'Cisco Jabber',
  webex: 'Webex App',
  os: 'Mobile OS',
} as const

/** Columns of REL-A in printed order. */
export type Column = keyof typeof COLUMN_NAME
export const COLUMNS: readonly Column[] = ['unifiedCm', 'presence', 'expressway', 'jabber', 'webex', 'os']

export interface CapabilityRow {
  readonly id: 'REL-A1' | 'REL-A2' | 'REL-A3' | 'REL-A4' | 'REL-A5' | 'REL-A6'
  readonly capability: string
  readonly platform: 'ios' | 'android'
  readonly cells: Readonly<Record<Column, string>>
  readonly comment: string
}

/** REL-A: support matrix for APNS and LPNS. A value is a minimum; 'and' joins one per train. */
export const REL_A = {
  'REL-A1': {
    id: 'REL-A1',
    capability: 'Apple—APNS Messaging',
    platform: 'ios',
    cells: {
      unifiedCm: '11.5(1)SU2',
      presence: '11.5(1)SU2',
      expressway: 'X8.9.1',
      jabber: '11.8.1',
      webex: 'N/A',
      os: '12',
    },
    comment: 'needs Apple and Cisco clouds',
  },
  'REL-A2': {
    id: 'REL-A2',
    capability: 'Apple—APNS Calling',
    platform: 'ios',
    cells: {
      unifiedCm: '11.5(1)SU3',
      presence: '11.5(1)SU3',
      expressway: 'X8.10.1',
      jabber: '11.9.0',
      webex: '40.6',
      os: '12',
    },
    comment: '—',
  },
  'REL-A3': {
    id: 'REL-A3',
    capability: 'Apple—APNS CallKit',
    platform: 'ios',
    cells: {
      unifiedCm: '11.5(1)SU8 and 12.5(1)SU3 and 14',
      presence: 'NA',
      expressway: 'X12.6',
      jabber: '12.9',
      webex: '40.6',
      os: '13',
    },
    comment: '—',
  },
  'REL-A4': {
    id: 'REL-A4',
    capability: 'Apple—APNS China region',
    platform: 'ios',
    cells: {
      unifiedCm: '12.5(1)SU3 and 14',
      presence: '12.5(1)SU3',
      expressway: 'X12.6',
      jabber: '12.9 MR',
      webex: '41.4',
      os: '13',
    },
    comment: '—',
  },
  'REL-A5': {
    id: 'REL-A5',
    capability: 'Android—FCM',
    platform: 'android',
    cells: {
      unifiedCm: '12.5(1)SU3 and 14',
      presence: '12.5(1)SU3',
      expressway: 'X12.6.2',
      jabber: '12.9.1',
      webex: '40.8',
      os: '8.0',
    },
    comment: 'needs Google and Cisco clouds',
  },
  'REL-A6': {
    id: 'REL-A6',
    capability: 'Apple—LPNS',
    platform: 'ios',
    cells: {
      unifiedCm: '14SU3',
      presence: 'NA',
      expressway: 'Not Supported',
      jabber: '14.2',
      webex: '43.6',
      os: '16.5',
    },
    comment: 'WiFi deployments only',
  },
} as const satisfies Readonly<Record<CapabilityRow['id'], CapabilityRow>>

export interface ClientRow {
  readonly id: 'REL-B1' | 'REL-B2' | 'REL-B3' | 'REL-B4'
  readonly communication: 'Calls' | 'Messages'
  readonly clients: readonly ('jabber' | 'webex')[]
  readonly os: 'ios' | 'android'
  readonly cloud: 'Apple' | 'Google'
  readonly service: 'APNS' | 'FCM'
  /** null: Not Supported. */
  readonly localPush: { readonly unifiedCm: string; readonly webex: string; readonly jabber: string } | null
}

/** REL-B: clients that use push, and the cloud that serves them. Webex messages: MSG-07. */
export const REL_B: readonly ClientRow[] = [
  {
    id: 'REL-B1',
    communication: 'Calls',
    clients: ['jabber', 'webex'],
    os: 'ios',
    cloud: 'Apple',
    service: 'APNS',
    localPush: { unifiedCm: '14SU3', webex: '43.6', jabber: '14.2' },
  },
  {
    id: 'REL-B2',
    communication: 'Calls',
    clients: ['jabber', 'webex'],
    os: 'android',
    cloud: 'Google',
    service: 'FCM',
    localPush: null,
  },
  {
    id: 'REL-B3',
    communication: 'Messages',
    clients: ['jabber'],
    os: 'ios',
    cloud: 'Apple',
    service: 'APNS',
    localPush: null,
  },
  {
    id: 'REL-B4',
    communication: 'Messages',
    clients: ['jabber'],
    os: 'android',
    cloud: 'Google',
    service: 'FCM',
    localPush: null,
  },
]

/** A cell of REL-C; `recommended` names the releases advised beyond the minimum. */
export interface SupportCell {
  readonly minimum: string
  readonly recommended?: string
}

export interface SupportRow {
  readonly id: 'REL-C1' | 'REL-C2' | 'REL-C3' | 'REL-C4'
  readonly os: string
  readonly cells: Readonly<Record<Exclude<Column, 'os'>, SupportCell | null>>
  readonly remarks: string
}

/** REL-C: minimum releases for basic push. null: the table has no value there. */
export const REL_C = {
  'REL-C1': {
    id: 'REL-C1',
    os: 'iOS16.5 and above (LPNS)',
    cells: {
      unifiedCm: { minimum: '14SU3' },
      presence: null,
      jabber: { minimum: '14.2' },
      webex: { minimum: '43.6' },
      expressway: null,
    },
    remarks: 'messaging not supported; not on Android',
  },
  'REL-C2': {
    id: 'REL-C2',
    os: 'iOS12 (APNS)',
    cells: {
      unifiedCm: { minimum: '11.5(1)SU4', recommended: '11.5(1)SU7 and 12.5(1)SU2' },
      presence: { minimum: '11.5(1)SU4', recommended: '11.5(1)SU7 and 12.5(1)SU2' },
      jabber: { minimum: '11.9', recommended: '12.8' },
      webex: null,
      expressway: { minimum: 'X8.10.1', recommended: 'X12.6' },
    },
    remarks: 'Not Supported, FN70555',
  },
  'REL-C3': {
    id: 'REL-C3',
    os: 'iOS13 and above (APNS)',
    cells: {
      unifiedCm: { minimum: '11.5(1)SU8 and 12.5(1)SU3' },
      presence: { minimum: '11.5(1)SU8 and 12.5(1)SU3' },
      jabber: { minimum: '12.9' },
      webex: null,
      expressway: { minimum: 'X12.6' },
    },
    remarks: 'upgrade order MRA-05, MRA-06',
  },
  'REL-C4': {
    id: 'REL-C4',
    os: 'Android',
    cells: {
      unifiedCm: { minimum: '12.5(1)SU3' },
      presence: { minimum: '12.5(1)SU3' },
      jabber: { minimum: '12.9.1' },
      webex: null,
      expressway: { minimum: 'X12.6.2' },
    },
    remarks: 'upgrade order MRA-05, MRA-06; see the X12.6.2 release notes',
  },
} as const satisfies Readonly<Record<SupportRow['id'], SupportRow>>

/**
 * Keys of REL-D. B: Basic Push Notification support; BC: Basic Cloud Push Notification support;
 * 1CH: single push channel; 2CH: separate channels for calls and messages; CID: Caller ID in push;
 * EXT: External Presentation Name and Number; NODE: registration node in push; LP: Local Push for
 * calls. An empty list is 'No support'.
 */
export type FeatureKey = 'B' | 'BC' | '1CH' | '2CH' | 'CID' | 'EXT' | 'NODE' | 'LP'

export const OS_COLUMN_NAME = {
  ios12: 'iOS12',
  ios13: 'iOS13 and above',
  android: 'Android',
  ios165: 'iOS16.5',
} as const
export type OsColumn = keyof typeof OS_COLUMN_NAME

export interface FeatureRow {
  readonly id: 'REL-D1' | 'REL-D2' | 'REL-D3' | 'REL-D4' | 'REL-D5'
  /** As printed. */
  readonly release: string
  /** First release that uses the row; D3 begins at 12.0(1) by DEC-11. */
  readonly from: string
  readonly cells: Readonly<Record<OsColumn, readonly FeatureKey[]>>
}

/** REL-D: features by Unified CM release, oldest row first. */
export const REL_D: readonly FeatureRow[] = [
  {
    id: 'REL-D1',
    release: '11.5(1)SU4 – SU7',
    from: '11.5(1)SU4',
    cells: { ios12: ['B', '1CH'], ios13: ['B', '1CH'], android: [], ios165: ['BC'] },
  },
  {
    id: 'REL-D2',
    release: '11.5(1)SU8',
    from: '11.5(1)SU8',
    cells: { ios12: ['B', '1CH'], ios13: ['B', 'CID', '2CH'], android: [], ios165: ['BC'] },
  },
  {
    id: 'REL-D3',
    release: '12.5(x) up to SU2',
    from: '12.0(1)',
    cells: { ios12: ['B', '1CH'], ios13: ['B', '1CH'], android: [], ios165: ['BC'] },
  },
  {
    id: 'REL-D4',
    release: '12.5(1)SU3',
    from: '12.5(1)SU3',
    cells: {
      ios12: ['B', '1CH'],
      ios13: ['B', 'CID', 'EXT', 'NODE', '2CH'],
      android: ['B', 'NODE', '2CH'],
      ios165: ['BC'],
    },
  },
  {
    id: 'REL-D5',
    release: '14SU3',
    from: '14SU3',
    cells: {
      ios12: [],
      ios13: [],
      android: ['B', 'NODE', '2CH'],
      ios165: ['LP', 'B', 'CID', 'EXT', 'NODE'],
    },
  },
]
