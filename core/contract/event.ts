/**
 * A hop is one event that explains itself. Ladder, traces, event list, timeline and exports are all
 * projections of this one stream.
 */

/** What carried the hop. One hue each in the window. */
export type Carrier =
  | 'SIP'
  | 'CPNS' // CallManager to its local Cisco Push Notification Service, port 9966
  | 'HTTPS' // Push REST, Fusion Onboarding
  | 'OAuth' // Common Identity, refresh logins
  | 'APNs'
  | 'FCM'
  | 'LPNS'
  | 'XMPP'
  | 'SDL' // node to node inside the cluster
  | 'device' // something a phone or its user does or sees
  | 'admin' // what a person or the fault schedule did to the lab

/**
 * `ok` reached its target and was accepted; `info` a fact without success or failure; `wait` held or
 * queued on purpose; `warn` worked, but not as wished; `fail` refused or ended; `lost` never arrived.
 */
export type HopStatus = 'ok' | 'info' | 'wait' | 'warn' | 'fail' | 'lost'

/** Journal form of a hop; every field is plain data. Times are milliseconds of virtual time. */
export type HopEvent = {
  seq: number
  /** When the outcome was known: arrival, or the instant of loss. Never decreases along `seq`. */
  at: number
  /** When it left its sender; equal to `at` for things that do not travel. */
  sentAt: number
  /** The call, message or task this hop belongs to; 0 for none. */
  flow: number
  /** Place IDs: `ucm-pub/CallManager`, `push-rest`, a device ID, ... */
  from: string
  to: string
  carrier: Carrier
  message: string
  outcome: string
  status: HopStatus
  /** Ledger ID of the rule behind the outcome. */
  why: string
  /** Tracking ID of the push this hop belongs to (SEC-06). */
  tracking?: string
}

export type HeaderLine = { name: string; value: string }

/** What a person sees when selecting an arrow. Never part of the journal. */
export type HopDetail = {
  event: HopEvent
  /** First line, e.g. `POST /v1/push HTTP/1.1` or `INVITE sip:5012@ucm-pub SIP/2.0`. */
  startLine: string
  headers: HeaderLine[]
  /** Body as it travels; sealed content stays sealed here. */
  body: string
  /** What was inside the seal, readable by sender and client only (SEC-01); key shown as fingerprint. */
  sealed: { keyFingerprint: string; bytes: number; fields: HeaderLine[] } | null
  /** What travels outside the seal (SEC-04). */
  clear: HeaderLine[]
  /** Formats that Cisco does not publish are ours and say so (DEC-34). */
  modelled: boolean
  /** Counters and alarms that moved with this hop. */
  effects: string[]
  rule: { id: string; title: string; text: string; source: string } | null
}
