/** Who is connected: by number as the run names them, by device and by user as the limits count them. */
import type { NodeListener } from './nodeListener.ts'
import type { Session } from './session.ts'

export class Sessions {
  private readonly byNumber = new Map<number, Session>()
  private readonly byDevice = new Map<string, Session>()
  private readonly perUser = new Map<string, number>()

  get size(): number {
    return this.byNumber.size
  }

  find(number: number): Session | undefined {
    return this.byNumber.get(number)
  }

  of(device: string): Session | undefined {
    return this.byDevice.get(device)
  }

  /** How many sessions a user has. */
  countOf(user: string): number {
    return this.perUser.get(user) ?? 0
  }

  all(): IterableIterator<Session> {
    return this.byNumber.values()
  }

  on(listener: NodeListener): Session[] {
    return [...this.byNumber.values()].filter((session) => session.listener === listener)
  }

  add(session: Session): void {
    this.byNumber.set(session.number, session)
    this.byDevice.set(session.device, session)
    this.perUser.set(session.user, this.countOf(session.user) + 1)
    session.listener.sessions++
  }

  /** Nothing of it enters the run any more; false when it was not here. A device may have a newer session by now. */
  end(session: Session): boolean {
    session.ended = true
    session.held = null
    if (!this.byNumber.delete(session.number)) return false
    if (this.byDevice.get(session.device) === session) this.byDevice.delete(session.device)
    const left = this.countOf(session.user) - 1
    if (left > 0) this.perUser.set(session.user, left)
    else this.perUser.delete(session.user)
    session.listener.sessions--
    return true
  }
}
