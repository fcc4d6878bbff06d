/** The state of local push on both sides: nodes with their sessions and their mesh, clients with their one session. */
import type { LocalPush } from '../contract/rows.ts'
import type { Timer } from '../engine/clock.ts'
import type { Push } from '../pushBook.ts'
import type { ServerFrame } from './protocol.ts'

/** An access token of OAuth refresh login. It is known by its ID; the lab has no text of it that could leak. */
export type AccessToken = { id: string; device: string; user: string; issuedAt: number; endsAt: number }

/** What a carrier gives the server: an ordered, framed way to one client. */
export type ServerLink = {
  /** Present on a real socket, with its number there and the address of the client. */
  real: { session: number; address: string } | null
  send(frame: ServerFrame, push: Push | null): void
  /** Closes from the server's side; the client is told if it can still hear. */
  close(code: number, reason: string): void
  /** The server's process ended: its system breaks the connection. */
  reset(): void
}

/** A push that waits for the response of its client. */
export type Pending = { push: Push; timer: Timer; answered: (answer: LocalAnswer) => void }

export type LocalAnswer = { ok: true } | { ok: false; text: string; why: string; seq: number | null }

/** The server's side of one session. */
export type Session = {
  id: string
  node: string
  device: string
  link: ServerLink
  token: AccessToken
  openedAt: number
  lastKeepaliveAt: number
  deadline: Timer
  deadlineAt: number
  keepalives: number
  pushes: number
  /** Null for none, as it is nearly always: thousands of sessions have nothing to hold then. */
  pending: Pending[] | null
  alive: boolean
}

/** What one node knows of a session elsewhere. */
export type Claim = { device: string; session: string; openedAt: number }

export type Peer = {
  node: string
  state: 'joined' | 'lost'
  since: number
  lastHeardAt: number
  claims: Map<string, Claim>
  /** Its sessions as of this change of them; a sign of life that names another one shows that something was missed. */
  version: number
}

/** The Local Push Notification Service on one node. */
export type LpnsNode = {
  node: string
  sessions: Map<string, Session>
  /** Counts the changes of `sessions`. */
  version: number
  /** Clients whose TLS handshake waits for its turn, and the slot that runs (DEC-12). */
  handshakes: { waiting: { start: () => void; gaveUp: () => boolean }[]; slotAt: number; used: number }
  peers: Map<string, Peer>
  /** Connections of real clients whose sessions ended while this node had no network: their clients hold on (LPNS-20). */
  unheard: ServerLink[]
}

/** A connection in virtual time; both ends may believe different things of it. */
export type VirtualLink = {
  device: string
  node: string
  /** The client still holds its end. */
  client: boolean
  /** The server's end, once the upgrade was accepted. */
  session: Session | null
  lastUsedAt: number
  /** Something on the way has forgotten it: nothing gets through any more, and nobody is told (LPNS-24). */
  cut: boolean
}

/** The client's side: what iOS keeps running for the app. */
export type LocalPushClient = {
  state: LocalPush['state']
  text: string
  why: string
  since: number
  node: string | null
  link: VirtualLink | null
  /** Counts its decisions: what was started for an earlier one no longer counts. */
  turn: number
  timer: Timer | null
  keepalive: Timer | null
  nextKeepaliveAt: number | null
  response: Timer | null
  seq: number
  /** Rounds over all nodes that failed in a row. */
  failures: number
  /** Wi-Fi that the session was opened on: another one means another session. */
  wifi: string | null
  gapSince: number | null
  lastGapMs: number | null
}
