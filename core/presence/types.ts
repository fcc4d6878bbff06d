/** What IM and Presence holds: stanzas, sessions, and each node's share of them. */
import type { Device } from '../client/device.ts'
import type { MessageState, StanzaKind } from '../contract/rows.ts'
import type { Timer } from '../engine/clock.ts'
import type { Push } from '../pushBook.ts'
import type { LabNode } from '../world.ts'
import type { DepthLog } from './depthLog.ts'

/** One XMPP stanza on its way to one client. */
export type Stanza = {
  readonly kind: StanzaKind
  /** Display name of its sender. */
  readonly from: string
  /** What it says; told to nobody but the client, inside the seal of a push (SEC-01). */
  readonly text: string
  /** 0 when it belongs to no flow: presence updates of many watchers would drown the list. */
  readonly flow: number
  readonly to: string
  readonly toName: string
  /** Whose client that is; empty when nobody is signed in. */
  readonly toOwner: string
  push: Push | null
  at: number
  state: MessageState
}

/** The IM session of one client. Its user's chat history is not part of it: that outlives every session (HA-02). */
export type ImSession = {
  /** Node that the user is assigned to. */
  home: string
  /** Node that owns the session now. */
  node: string
  /** Whether the client has a stream: not while it is suspended (MSG-02). */
  connected: boolean
  /** Held back for a client without a stream, oldest first. */
  queue: Stanza[]
  /** Its JSM session stands on the owner; false until a takeover has rebuilt it (HA-08). */
  built: boolean
  /** The stream cannot be resumed: the next contact is a login (DEC-20). Says why. */
  loginBecause: string | null
  /** In foreground without a stream: the node where it is about to log in by itself (HA-07). */
  returningTo: string | null
  /** Counts its streams: what was sent on an earlier one is not on this one. */
  stream: number
  depth: DepthLog | null
}

/** What a node keeps in memory of stanzas that are on their way to clients; `lost` says how it went, once it has. */
export type Memory = { lost: { text: string; why: string } | null }

/** Two nodes that back each other up; one alone has no backup. */
export type Subcluster = { id: string; nodes: readonly string[] }

/** Re-creation of the JSM sessions of those who were in background (HA-08). */
export type Rebuild = {
  why: 'failover' | 'fallback' | 'restart'
  devices: Device[]
  /** Devices before this one are done. */
  next: number
  /** Sessions that took their time; those that logged in by themselves took none. */
  spent: number
  /** Of those still to come, how many need no rebuild any more. */
  spared: number
  startedAt: number
  /** When the last one stands if nobody logs in before its turn. */
  endsAt: number
  toldTenths: number
  timer: Timer | null
}

/** A silence towards clients in background, from takeover to the last rebuilt session (HA-09). */
export type Gap = { why: Rebuild['why']; sessions: number; startedAt: number; endedAt: number | null }

/** The IM and Presence side of a node. */
export type ImNode = {
  readonly id: string
  readonly node: LabNode
  readonly subcluster: Subcluster
  /** Its backup; null without one. */
  partner: ImNode | null
  /** Push Notifications High Availability as its router read it when it started (ONB-19). */
  highAvailability: boolean
  /** Clients whose users are assigned here, with or without a session. */
  homed: Set<Device>
  /** The users themselves, with how many clients each has: what the re-login rate counts (DEC-19). */
  users: Map<string, number>
  /** Clients whose session this node owns. */
  sessions: Set<Device>
  /** Stanzas in the queues of its sessions. */
  queued: number
  /** Queues that stay here while others have the session: out of reach until it is back (HA-04). */
  held: Map<Device, Stanza[]>
  heldStanzas: number
  lost: number
  rebuild: Rebuild | null
  gaps: Gap[]
  /** Queued while a rebuild runs: pushed when it has ended, in this order (DEC-18). */
  unpushed: { device: Device; stanza: Stanza }[]
  /** For sessions of this node while it is down and nobody has taken over yet: kept by the senders' servers, null for one outside. */
  stranded: { device: Device; stanza: Stanza; keeper: ImNode | null }[]
  /** Its backup takes over then, unless the node, or its XCP Router, is back before. */
  takeover: { timer: Timer; at: number } | null
  fallback: { timer: Timer; at: number } | null
  /** Clients that will log in here by themselves. */
  returning: number
  lastReloginRate: number
  /** Users of this node are with its partner, by a takeover or because they logged in there. */
  failedOver: boolean
  takenOver: boolean
  /** Counts how often it went away: who was on the way to it before is not on the way any more. */
  lives: number
  memory: Memory
  depth: DepthLog
}

/** Parameters of the IM and Presence Service that a lab may set. */
export type ImParameters = {
  /** Push Notifications High Availability as saved; in force per node from its next router start (ONB-19). */
  highAvailability: boolean
  /** Client re-login limits in seconds; null for what the calculator proposes (HA-10). */
  reloginLowerSeconds: number
  reloginUpperSeconds: number | null
  /** JSM sessions per second (DEC-18). */
  rebuildPerSecond: number
  automaticFallback: boolean
  failoverAfterMs: number
  /** Critical Service Down Delay. */
  criticalServiceDownMs: number
  fallbackAfterMs: number
}
