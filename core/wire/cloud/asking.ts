/** Requests that came in at FOS, CI and Push REST, and wait for the answer of the lab. */
import type { LabCommandInput } from '../../contract/commands.ts'
import type { Reply } from '../../contract/door.ts'
import type { RealAnswer } from '../../cloud/real.ts'
import { takeFrom, type Bucket } from '../lpns/limits.ts'
import type { Asked } from './http.ts'
import { REFUSALS_TOLD } from './limits.ts'

type Request = LabCommandInput<'wire.request'>

/** Requests that may wait at a time, over all servers; more get 503. */
export const MAX_WAITING = 1_000

const unavailable = (text: string): RealAnswer => ({ status: 503, text })

export class Asking {
  private readonly waiting = new Map<number, (answer: RealAnswer) => void>()
  private readonly refusals: Bucket
  private readonly input: (request: Request) => Reply
  private readonly nextNumber: () => number

  constructor(input: (request: Request) => Reply, nextNumber: () => number) {
    this.input = input
    this.nextNumber = nextNumber
    this.refusals = { level: REFUSALS_TOLD.burst, filledAt: performance.now() }
  }

  /** Whether the lab may be told of one more thing that it can only refuse; the journal is not a stranger's to fill. */
  mayTellRefusal(): boolean {
    return takeFrom(this.refusals, REFUSALS_TOLD.burst, REFUSALS_TOLD.perSecond, performance.now())
  }

  /** What the lab answers. Never rejects; whoever goes away is answered nothing. */
  ask(asked: Asked, cloud: Request['cloud'], what: Request['asked']): Promise<RealAnswer> {
    if (this.waiting.size >= MAX_WAITING) return Promise.resolve(unavailable(`${MAX_WAITING} requests wait already`))
    const exchange = this.nextNumber()
    return new Promise((resolve) => {
      const done = (answer: RealAnswer): void => {
        this.waiting.delete(exchange)
        asked.signal.removeEventListener('abort', gone)
        resolve(answer)
      }
      const gone = (): void => done(unavailable('the cloud closes'))
      this.waiting.set(exchange, done)
      asked.signal.addEventListener('abort', gone, { once: true })
      if (asked.signal.aborted) return gone()
      // The lab may answer before this returns.
      const reply = this.input({ exchange, cloud, from: asked.from, tracking: asked.tracking, asked: what })
      if (!reply.ok) done(unavailable(reply.message))
    })
  }

  answer(exchange: number, answer: RealAnswer): void {
    this.waiting.get(exchange)?.(answer)
  }

  close(): void {
    for (const done of this.waiting.values()) done(unavailable('the cloud closes'))
  }
}
