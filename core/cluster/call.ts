/** A call as Unified CM sees it, and the SIP messages between clients and CallManager. */
import type { FlowTimer } from '../contract/rows.ts'
import type { Device } from '../client/device.ts'
import type { Timer } from '../engine/clock.ts'
import type { Flow } from '../flowBook.ts'
import type { Push } from '../pushBook.ts'

export type Presentation = { name: string; number: string }

/** One called device within a call. */
export type Leg = {
  call: Call
  device: Device
  /** Node that processes this device's part. */
  node: string
  /**
   * `held`: INVITE kept back, a push is on its way. `invited`: INVITE sent over SIP. `gone`: nothing more
   * will come of it.
   */
  state: 'starting' | 'held' | 'invited' | 'ringing' | 'answered' | 'gone'
  /** The push that should wake it; null for devices reached over SIP alone. */
  push: Push | null
  /** It was suspended when the call came, so the second push of CALL-04 and CALL-05 is due to it. */
  suspended: boolean
  /** Why it is gone. */
  reason: string
  reasonWhy: string
  dropTimer: Timer | null
  dropBar: FlowTimer | null
  mobilityTimer: Timer | null
  mobilityBar: FlowTimer | null
  /** Runs from the INVITE to its first answer. */
  inviteTimer: Timer | null
}

export type Call = {
  flow: Flow
  caller: Device
  /** Node of the caller, where the call came in. */
  callerNode: string
  dialed: string
  video: boolean
  /** The caller's own identity, and the one shown instead when configured (CALL-08). */
  identity: Presentation
  external: Presentation | null
  pilot: { number: string; name: string } | null
  /** A page goes to every phone of the lab, spread over this long. */
  page: { overMs: number } | null
  /** Legs before this one are gone, all of them. */
  goneUpTo: number
  /** Members still to be hunted, for a top-down pilot. */
  huntRest: string[]
  legs: Leg[]
  phase: 'setup' | 'alerting' | 'connected' | 'over'
  /** Instant the first push was handed to the push path; both deadlines start here (DEC-25). */
  t0: number | null
  ringbackTimer: Timer | null
  ringbackBar: FlowTimer | null
  /** Voicemail and single number reach, with their bars. */
  otherTimers: Timer[]
  otherBars: FlowTimer[]
  /** Runs until the INVITE of the caller has reached its node. */
  arrivalTimer: Timer | null
  answeredBy: Leg | null
}

export type SipToDevice =
  | { type: 'INVITE'; leg: Leg; name: string; number: string; video: boolean }
  | { type: 'CANCEL'; leg: Leg; completedElsewhere: boolean }
  | { type: 'BYE'; flow: number }
  | { type: '180'; flow: number; byServer: boolean }
  | { type: '200'; flow: number }
  | { type: 'refusal'; flow: number; status: number; text: string }
  | { type: 'registered'; node: string; flow: number }

export type SipToCallManager =
  | { type: 'INVITE'; call: Call }
  | { type: '180'; leg: Leg }
  | { type: '200'; leg: Leg }
  | { type: '603'; leg: Leg }
  | { type: 'CANCEL'; call: Call }
  | { type: 'BYE'; call: Call; by: Device }
  | { type: 'REGISTER'; device: Device; flow: number }
