/** What crosses from the lab to the window, at most once per frame and only after the last one was acknowledged. */
import type { CloudsState } from './clouds.ts'
import type { HopEvent } from './event.ts'
import type { DeviceRow, Row, RowKey, SessionRow } from './rows.ts'

export type RunMode = 'paused' | 'running' | 'express' | 'until' | 'seeking'

export type ClockState = {
  /** Virtual time in milliseconds. */
  now: number
  mode: RunMode
  /** Virtual seconds per wall second; ignored in express. */
  speed: number
  /** When and what comes next, so that an empty minute is not a mystery; null when nothing is scheduled. */
  next: { at: number; label: string } | null
  /** Where a seek, express run or run-until is heading; null when open-ended or paused. */
  goal: { text: string; at: number | null; progress: number } | null
  /** The far end of the recorded run: after a seek back, how far the old run went. */
  end: number
  /** Set when the last run stopped for a reason a person should read. */
  stoppedBecause: string
  tasks: number
  /** Counts jumps of time (seek, fork, open): a jump is data, not a guess. */
  jumps: number
}

/** One Unified CM node on a real port. */
export type WireNode = { node: string; url: string; listening: boolean; sessions: number }

/** The real endpoint of local push. What it listens on is shown at all times while it is open. */
export type WireState = {
  address: string
  /** Others than this machine can reach it. */
  exposed: boolean
  nodes: WireNode[]
  sessions: number
  /** Handshakes refused or broken off, frames and clients turned away, since it opened. */
  refused: number
  certificate: {
    /** `lab`: issued by the lab's own CA. `imported`: a pair of the user's. */
    source: 'lab' | 'imported'
    subject: string
    issuer: string
    names: string[]
    /** ISO dates, UTC. */
    from: string
    to: string
    validDays: number
    caFingerprint: string
    /** Empty when iOS would take it, else the rule it breaks (LPNS-25). */
    iosRefuses: string
    /** Why the imported pair is not shown, though it is kept; empty when there is none, or it is. */
    setAside: string
  }
}

export type TimelineMark = {
  at: number
  kind: 'command' | 'fault' | 'alarm' | 'call'
  text: string
  flow: number
}

/** Rows of which a lab has thousands: of one that the window has, only what is different crosses. */
export type RowPatch =
  | { kind: 'device'; id: string; fields: Partial<DeviceRow> }
  | { kind: 'session'; id: string; fields: Partial<SessionRow> }

export type Batch = {
  seq: number
  /** True: forget everything, this is a whole snapshot (open, seek, fork, first batch). */
  reset: boolean
  simTime: number
  clock: ClockState
  /** Whole rows, new or in place of the one of the same kind and ID. */
  upsert: Row[]
  /** After `upsert`: a row with these fields in place of its own of the same names. */
  patch: RowPatch[]
  remove: RowKey[]
  events: HopEvent[]
  /** Commands, faults and alarms for the one axis of the timeline, in time order. */
  marks: TimelineMark[]
  /** The real endpoint of local push; null while it is closed. */
  wire: WireState | null
  /** The clouds on real sockets; null while they are closed. */
  clouds: CloudsState | null
  /** Commands that are refused while sockets are open, and why; null while nothing is pinned to the wall clock. */
  pinned: { commands: string[]; reason: string } | null
  /** Why the run cannot be kept on disk now, so that it would be gone after a crash; empty while it is kept. */
  notKept: string
  /** Events left out of this batch because there were too many; they can be asked for. */
  dropped: number
}
