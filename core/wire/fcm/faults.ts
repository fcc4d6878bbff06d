/** What the next requests get instead of an answer of FCM's (FCM-04, SCN-15). */
import { page, refuse, type FcmAnswer, type FcmErrorCode } from '../../cloud/fcm/errors.ts'

export type FcmFault =
  /** An error of FCM's with this code. */
  | { kind: 'answer'; code: FcmErrorCode; times: number; retryAfterS?: number }
  /** A page where JSON is expected, as of a captive portal or of Google's front end. */
  | { kind: 'page'; status: number; times: number }
  /** No answer; the connection stays. */
  | { kind: 'stall'; times: number }
  /** The connection is reset (TCP RST). */
  | { kind: 'reset'; times: number }
  /** An answer of any form. */
  | { kind: 'given'; answer: FcmAnswer; times: number }
  /** The answer itself, byte after byte over `ms`. */
  | { kind: 'slow-body'; ms: number; times: number }
  /** The server hangs up halfway through the answer. */
  | { kind: 'half-close'; times: number }

/** Faults that wait; one is many requests, so nobody needs more. */
export const MAX_FAULTS = 100

export class FcmFaults {
  private readonly waiting: FcmFault[] = []

  /** Requests that will still be hit. */
  get pending(): number {
    return this.waiting.reduce((sum, { times }) => sum + times, 0)
  }

  /** Hits the next `times` requests, after those that were asked for before. Throws when too many wait. */
  add(fault: FcmFault): void {
    if (!Number.isInteger(fault.times) || fault.times < 1) throw new RangeError(`times is ${fault.times}: it takes a whole number from 1`)
    if (this.waiting.length >= MAX_FAULTS) throw new RangeError(`${MAX_FAULTS} faults wait already: clear them first`)
    this.waiting.push({ ...fault })
  }

  clear(): void {
    this.waiting.length = 0
  }

  take(): FcmFault | null {
    const [next] = this.waiting
    if (!next) return null
    if (--next.times === 0) this.waiting.shift()
    return next
  }
}

export function answerOf(fault: Extract<FcmFault, { kind: 'answer' | 'page' | 'given' }>): FcmAnswer {
  if (fault.kind === 'given') return fault.answer
  if (fault.kind === 'page') return page(fault.status, 'Fault', 'This answer was asked for as a fault of the lab.')
  return refuse(fault.code, fault.retryAfterS === undefined ? {} : { retryAfterS: fault.retryAfterS })
}
