/**
 * The books of the stanzas, as pushBook.ts keeps them for pushes: each is in exactly one state at any instant, and the
 * counts of the states always sum to the stanzas created. One stanza is one message to one client.
 */
import { MESSAGE_STATES, type MessageState, type StanzaKind } from '../contract/rows.ts'
import type { Clock } from '../engine/clock.ts'
import type { Stanza } from './types.ts'

/** From here nothing moves any more. */
const FINAL: ReadonlySet<MessageState> = new Set<MessageState>(['delivered', 'lost', 'refused'])

export class MessageBook {
  readonly counts: Record<MessageState, number> = {
    sent: 0,
    waiting: 0,
    queued: 0,
    held: 0,
    delivering: 0,
    delivered: 0,
    lost: 0,
    refused: 0,
  }
  created = 0
  /** Stanzas of a flow that have not ended; a flow without any is over. */
  private readonly openOf = new Map<number, number>()
  private readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  add(kind: StanzaKind, from: string, text: string, flow: number, to: { id: string; label: string; ownerName?: string }): Stanza {
    this.created++
    this.counts.sent++
    if (flow > 0) this.openOf.set(flow, (this.openOf.get(flow) ?? 0) + 1)
    return {
      kind,
      from,
      text,
      flow,
      to: to.id,
      toName: to.label,
      toOwner: to.ownerName ?? '',
      push: null,
      at: this.clock.now(),
      state: 'sent',
    }
  }

  /** Moves a stanza on; false when it has reached its end before. */
  move(stanza: Stanza, state: MessageState): boolean {
    const before = stanza.state
    if (FINAL.has(before)) return false
    if (before === state) return true
    this.counts[before]--
    this.counts[state]++
    stanza.state = state
    if (FINAL.has(state) && stanza.flow > 0) {
      const open = (this.openOf.get(stanza.flow) ?? 1) - 1
      if (open > 0) this.openOf.set(stanza.flow, open)
      else this.openOf.delete(stanza.flow)
    }
    return true
  }

  /** Whether something of this flow may still arrive. */
  isOpen(flow: number): boolean {
    return this.openOf.has(flow)
  }

  /** Whether the books balance. */
  balanced(): boolean {
    let sum = 0
    for (const state of MESSAGE_STATES) {
      if (this.counts[state] < 0) return false
      sum += this.counts[state]
    }
    return sum === this.created
  }
}
