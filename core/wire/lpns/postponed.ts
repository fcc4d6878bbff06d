/**
 * What clients sent and the lab is told a little later: keepalives, and responses while pushes to others are due. What
 * one client sends keeps its order; clients do not wait for each other.
 */
import type { Session } from './session.ts'

/** Keepalives are told together, this long after the first: one by one each of thousands would wake all of the lab. */
const QUIET_MS = 200

/** And not while pushes are due, for up to this long: a push cannot leave before the answer to a keepalive that was just written. */
const QUIET_WAITS_MS = 1_000

/** Responses wait this long at most while pushes to others are due: a page comes first, and then what it brought. */
const RESPONSE_WAITS_MS = 250

/** Responses that are told between two looks at the time of a turn. */
const RESPONSES_PER_LOOK = 64

export type PostponedOptions = {
  /** Whether the lab has something to do that is due now. */
  late(): boolean
  tell(session: Session, text: string): void
}

type Frame = { session: Session; text: string }

export class Postponed {
  private readonly o: PostponedOptions
  private readonly quiet: Frame[] = []
  private quietTimer: NodeJS.Timeout | null = null
  private quietSince = 0
  private readonly responses: Frame[] = []
  private responsesSince = 0

  constructor(o: PostponedOptions) {
    this.o = o
  }

  keepalive(session: Session, text: string): void {
    // In time is when it came, and not when it was told: near its deadline it waits for nobody (DEC-02).
    if (session.silentAt - performance.now() < QUIET_WAITS_MS + 2 * QUIET_MS) {
      this.tellWhatCameFirst(session)
      return this.o.tell(session, text)
    }
    if (this.quiet.length === 0) this.quietSince = performance.now()
    this.quiet.push(waiting(session, text))
    this.quietTimer ??= setTimeout(() => this.quietOver(), QUIET_MS)
  }

  /** Whether a response has to wait. */
  get busy(): boolean {
    return this.responses.length > 0 || this.o.late()
  }

  response(session: Session, text: string): void {
    if (this.responses.length === 0) this.responsesSince = performance.now()
    this.responses.push(waiting(session, text))
  }

  /** Before anything else of a client: what came first from it is told first. What others wait with may wait on. */
  tellWhatCameFirst(session: Session | undefined): void {
    if (session === undefined || session.waiting === 0) return
    this.tellQuiet()
    this.responses.splice(0).forEach(this.tellOne)
  }

  /** Responses whose time has come, until the turn is over; true when there are more. */
  tellResponses(spent: () => boolean): boolean {
    const { responses, o } = this
    if (responses.length === 0) return false
    if (o.late() && performance.now() - this.responsesSince < RESPONSE_WAITS_MS) return true
    let told = 0
    while (told < responses.length && !(told % RESPONSES_PER_LOOK === 0 && told > 0 && spent())) this.tellOne(responses[told++] as Frame)
    responses.splice(0, told)
    this.responsesSince = performance.now()
    return responses.length > 0
  }

  /** What waits is not told any more. */
  end(): void {
    if (this.quietTimer !== null) clearTimeout(this.quietTimer)
  }

  private quietOver(): void {
    if (this.o.late() && performance.now() - this.quietSince < QUIET_WAITS_MS) {
      this.quietTimer = setTimeout(() => this.quietOver(), QUIET_MS)
    } else this.tellQuiet()
  }

  private tellQuiet(): void {
    if (this.quietTimer !== null) clearTimeout(this.quietTimer)
    this.quietTimer = null
    this.quiet.splice(0).forEach(this.tellOne)
  }

  private readonly tellOne = ({ session, text }: Frame): void => {
    session.waiting--
    if (!session.ended) this.o.tell(session, text)
  }
}

const waiting = (session: Session, text: string): Frame => {
  session.waiting++
  return { session, text }
}
