/**
 * The books of the pushes: each is in exactly one state at any instant, and the counts of the states always
 * sum to the pushes created (DEC-33). Accepted by a cloud is never delivered to a device.
 */
import { PUSH_STATES, type PushPurpose, type PushRow, type PushState } from './contract/rows.ts'
import type { Clock } from './engine/clock.ts'
import { Recent } from './engine/recent.ts'

/** Finished pushes beyond this many are forgotten, oldest first; their counts stay. */
export const PUSHES_KEPT = 10_000

export type SealedFields = { readonly [name: string]: string }

export type Push = {
  /** Tracking ID (SEC-06, DEC-22). */
  id: string
  flow: number
  device: string
  purpose: PushPurpose
  channel: PushRow['channel']
  path: 'cloud' | 'local'
  /** Place that sends it. */
  sender: string
  /** Subscriber service of the client: APNS, FCM, FCM:dev, ... */
  service: string
  /** Push target: the token the client's session was given (SEC-05). */
  target: string
  pushType: 'voip' | 'alert'
  /** Sealed payload as it travels (SEC-01). */
  payload: string
  /** What is inside the seal; kept for the inspector of the lab, not by any server. */
  fields: SealedFields
  keyFingerprint: string
  state: PushState
  createdAt: number
  changedAt: number
  reason: string
  queuedMs: number
  /** A fault made its sender forget the seal (SEC-02). */
  unsealed: boolean
  /** What a provider outside of the cluster wants with it; null for pushes of the cluster. */
  provider: ProviderPush | null
}

/** `keepMs`: how long it may wait for its device; 0 is now or never, null as long as the platform keeps one. */
export type ProviderPush = {
  kind: 'voip' | 'alert' | 'background'
  collapse: string | null
  keepMs: number | null
}

/** From here nothing moves any more. */
const FINAL: ReadonlySet<PushState> = new Set<PushState>(['used', 'failed', 'expired', 'superseded'])

export class PushBook {
  private readonly pushes: Recent<string, Push>
  private readonly clock: Clock
  private readonly touch: (id: string) => void
  readonly counts: Record<PushState, number> = {
    created: 0,
    sent: 0,
    accepted: 0,
    delivered: 0,
    shown: 0,
    used: 0,
    failed: 0,
    expired: 0,
    superseded: 0,
  }
  created = 0
  /** Told of every change of state. */
  onMove: ((push: Push) => void) | null = null

  constructor(clock: Clock, touch: (id: string) => void, forget: (id: string) => void) {
    this.clock = clock
    this.touch = touch
    this.pushes = new Recent(PUSHES_KEPT, (push) => FINAL.has(push.state), forget)
  }

  add(
    push: Omit<Push, 'state' | 'createdAt' | 'changedAt' | 'reason' | 'queuedMs' | 'unsealed' | 'provider'>,
    provider: ProviderPush | null = null,
  ): Push {
    const now = this.clock.now()
    const full: Push = {
      id: push.id,
      flow: push.flow,
      device: push.device,
      purpose: push.purpose,
      channel: push.channel,
      path: push.path,
      sender: push.sender,
      service: push.service,
      target: push.target,
      pushType: push.pushType,
      payload: push.payload,
      fields: push.fields,
      keyFingerprint: push.keyFingerprint,
      state: 'created',
      createdAt: now,
      changedAt: now,
      reason: '',
      queuedMs: 0,
      unsealed: false,
      provider,
    }
    this.pushes.add(full.id, full)
    this.created++
    this.counts.created++
    this.touch(full.id)
    return full
  }

  /** Moves a push on; a push that reached its end stays there. */
  move(push: Push, state: PushState, reason = ''): void {
    if (FINAL.has(push.state) || push.state === state) return
    this.counts[push.state]--
    this.counts[state]++
    push.state = state
    push.changedAt = this.clock.now()
    push.reason = reason
    this.touch(push.id)
    this.onMove?.(push)
  }

  isFinal(push: Push): boolean {
    return FINAL.has(push.state)
  }

  get(id: string): Push | undefined {
    return this.pushes.get(id)
  }

  all(): Iterable<Push> {
    return this.pushes.values()
  }

  /** Whether the books balance: the invariant of DEC-33. */
  balanced(): boolean {
    let sum = 0
    for (const state of PUSH_STATES) {
      if (this.counts[state] < 0) return false
      sum += this.counts[state]
    }
    return sum === this.created
  }

  row(push: Push): PushRow {
    return {
      kind: 'push',
      id: push.id,
      flow: push.flow,
      device: push.device,
      purpose: push.purpose,
      channel: push.channel,
      path: push.path,
      sender: push.sender,
      state: push.state,
      createdAt: push.createdAt,
      changedAt: push.changedAt,
      reason: push.reason,
      queuedMs: push.queuedMs,
    }
  }
}
