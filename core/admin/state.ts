/** What the administrator's tools keep: settings of the Cisco Management Agent, what the cloud has of it, the machine account. */
import type { AgentUpload, SupportAlarm } from '../contract/admin.ts'
import type { Severity } from '../contract/rows.ts'
import type { Carried } from '../cloud/carried.ts'
import type { HttpsClient } from '../cloud/httpsClient.ts'
import type { Timer } from '../engine/clock.ts'

/** Minutes between two uploads (TRB-06). */
export const PUSH_FREQUENCY = { min: 5, max: 90, default: 30 } as const

/** Values of `minpushlevel`, most severe first (TRB-07). Alert passes every one and is none of them (DEC-04). */
export const PUSH_LEVELS = ['Critical', 'Error', 'Warning', 'Notice', 'Information'] as const satisfies readonly Severity[]
export type PushLevel = (typeof PUSH_LEVELS)[number]

export type ManagementAgent = {
  /** `Send Troubleshooting Information to the Cisco Cloud` (TRB-02). */
  send: boolean
  /** `Send encrypted PII to the Cisco Cloud for troubleshooting` (TRB-04). */
  encryptPii: boolean
  frequencyMinutes: number
  minPushLevel: PushLevel
  /** Customer Cluster ID; made when sending is on for the first time, and kept (TRB-03). */
  clusterId: string | null
  /** Key of the PII; the Cisco Support Token is its text (TRB-05). */
  key: Uint8Array | null
  supportToken: string | null
  /** Number of the newest raise that was sent, or that stays at home for good. */
  handled: number
  below: number
  lost: number
  timer: Timer | null
  /** Its own client of the cloud: the service is another than CPNS, with connections and a memory of the proxy of its own. */
  client: HttpsClient<Carried> | null
  /** The one upload that is on its way. */
  underWay: AgentUpload | null
  uploads: AgentUpload[]
  uploaded: number
  /** Set while the cloud does not take uploads of this cluster: its interface has changed since (UPG-07). */
  refusal: string | null
}

/** An alarm in the cloud; PII is cipher text, or was never sent. */
export type FiledAlarm = Omit<SupportAlarm, 'pii'> & { sealed: string | null }

/** `tracking` is that of the upload. */
export type SupportStore = { clusterId: string; tracking: string; alarm: FiledAlarm }[]

export type MachineAccount = {
  /** `pkid` of its row in machineaccountdetails. */
  pkid: string
  /** The refresh token that Common Identity takes. */
  issued: string
  /** What stands in the database of each node (DEC-16). */
  copies: Map<string, string>
  /** What the push service of each node read when it started. */
  inUse: Map<string, string>
  /** Of those, what outlives a new account. */
  kept: Map<string, string>
}

export type Administration = {
  agent: ManagementAgent
  support: SupportStore
  machine: MachineAccount
}

export const newAgent = (send: boolean): ManagementAgent => ({
  send,
  encryptPii: false,
  frequencyMinutes: PUSH_FREQUENCY.default,
  minPushLevel: 'Error',
  clusterId: null,
  key: null,
  supportToken: null,
  handled: 0,
  below: 0,
  lost: 0,
  timer: null,
  client: null,
  underWay: null,
  uploads: [],
  uploaded: 0,
  refusal: null,
})
