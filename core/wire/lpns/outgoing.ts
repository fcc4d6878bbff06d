/** What the server of the lab says, on its way to real clients. */
import { WebSocket } from 'ws'
import type { WirePort } from '../../world.ts'
import { closeReason, type Held, type Session } from './session.ts'
import type { Sessions } from './sessions.ts'
import { textFrame } from './textFrame.ts'

/** Frames that wait for a client whose node has no network. */
const HELD_FRAMES = 256

/** No close frame may hold it: the connection just ends. */
const RESET = 1_006

export type OutgoingOptions = {
  sessions: Sessions
  /** Bytes that wait for a client that does not read. */
  unreadBytes: number
  forget(session: Session): void
  refused(): void
}

export class Outgoing implements WirePort {
  private readonly o: OutgoingOptions
  /** Frames given to sockets so far. */
  written = 0

  constructor(o: OutgoingOptions) {
    this.o = o
  }

  send(number: number, text: string): void {
    const session = this.o.sessions.find(number)
    if (session === undefined || session.ended) return
    if (session.held !== null) return hold(session, { text })
    if (session.socket?.readyState !== WebSocket.OPEN) return
    session.stream.write(textFrame(text))
    this.written++
    this.checkUnread(session)
  }

  close(number: number, code: number, reason: string): void {
    const session = this.o.sessions.find(number)
    if (session === undefined || session.ended) return
    if (session.socket === null) return hold(session, { code, reason })
    const cutOff = session.held !== null
    this.o.forget(session)
    // The client of a node without network hears nothing of it, not even that its connection ended.
    if (cutOff) session.listener.orphans.push(session.socket)
    else if (code === RESET) session.socket.terminate()
    else session.socket.close(code, closeReason(reason))
  }

  /** Gives it what was held back: its upgrade is through, or its node has network again. */
  release(session: Session): void {
    const held = session.held ?? []
    session.held = null
    for (const what of held) {
      if ('text' in what) this.send(session.number, what.text)
      else this.close(session.number, what.code, what.reason)
    }
  }

  checkUnread(session: Session): void {
    const { socket } = session
    if (socket === null || session.unread !== '' || socket.bufferedAmount <= this.o.unreadBytes) return
    this.o.refused()
    session.unread = `it does not read: more than ${this.o.unreadBytes / 1_024} KiB wait for it`
    // Told by 'close', which comes later: the lab is in the middle of a sentence.
    socket.terminate()
  }
}

/** Frames for a client whose node has no network wait as in TCP, up to the same bound. */
function hold(session: Session, what: Held): void {
  if ((session.held?.length ?? 0) < HELD_FRAMES) session.held?.push(what)
}
