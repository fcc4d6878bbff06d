/**
 * Who is connected, since when, and what is going on there. HTTP/1.1 behind an HTTP/2 port has no deadlines of
 * Node's own, so all of them are held here, and a new client is let in at the cost of one that does nothing.
 */
import type { Socket } from 'node:net'
import { peerOf } from '../addresses.ts'
import type { Bucket } from '../lpns/limits.ts'
import type { FcmWireLimits } from './limits.ts'

/** A request that has no complete answer yet. */
export type Open = { startedAt: number; deadline: number; expire(): void }

export type Connection = {
  readonly id: number
  readonly peer: string
  readonly raw: Socket
  readonly openedAt: number
  readonly open: Set<Open>
  readonly resets: Bucket
  secured: boolean
  http2: boolean
  tls: string
  served: number
  idleSince: number
  /** Bytes read when it fell idle: more of them are the beginning of another request. */
  bytesAtIdle: number
  headersSince: number | null
}

/** Nobody who means well needs that long for a request when places are short. */
const BUSY_MS = 1_000

export class Connections {
  private readonly all = new Map<string, Connection>()
  private readonly limits: FcmWireLimits
  private last = 0

  constructor(limits: FcmWireLimits) {
    this.limits = limits
  }

  get size(): number {
    return this.all.size
  }

  /** Null: everybody is being served at this very moment, so the new one has to go. */
  admit(raw: Socket, now: number): Connection | null {
    if (this.all.size >= this.limits.connections && !this.makeRoom(now)) return null
    const peer = peerOf(raw)
    const made: Connection = {
      id: ++this.last,
      peer,
      raw,
      openedAt: now,
      open: new Set(),
      resets: { level: this.limits.resetBurst, filledAt: now },
      secured: false,
      http2: false,
      tls: '',
      served: 0,
      idleSince: now,
      bytesAtIdle: 0,
      headersSince: null,
    }
    this.all.set(peer, made)
    raw.once('close', () => this.all.delete(peer))
    return made
  }

  of(socket: { remoteAddress?: string | undefined; remotePort?: number | undefined }): Connection | null {
    return this.all.get(peerOf(socket)) ?? null
  }

  begin(connection: Connection, open: Open): void {
    connection.open.add(open)
    connection.headersSince = null
  }

  end(connection: Connection, open: Open, now: number): void {
    if (!connection.open.delete(open)) return
    connection.served++
    connection.idleSince = now
    connection.bytesAtIdle = connection.raw.bytesRead
  }

  sweep(now: number): void {
    for (const connection of this.all.values()) {
      for (const open of connection.open) if (now > open.deadline) open.expire()
      if (this.overdue(connection, now)) this.drop(connection)
    }
  }

  closeAll(): void {
    for (const connection of this.all.values()) this.drop(connection)
  }

  private overdue(connection: Connection, now: number): boolean {
    const { handshakeMs, headersMs, idleMs } = this.limits
    if (connection.open.size > 0) return false
    if (!connection.secured || connection.served === 0) return now - connection.openedAt > handshakeMs
    // On HTTP/2 what comes between requests are frames of the connection itself.
    if (!connection.http2 && connection.raw.bytesRead > connection.bytesAtIdle) connection.headersSince ??= now
    if (connection.headersSince !== null && now - connection.headersSince > headersMs) return true
    return now - connection.idleSince > idleMs
  }

  private makeRoom(now: number): boolean {
    const all = [...this.all.values()]
    const idle = all.filter(({ open }) => open.size === 0)
    const victim =
      idle.find(({ secured }) => !secured) ??
      idle.find(({ served }) => served === 0) ??
      idle.toSorted((a, b) => a.idleSince - b.idleSince)[0] ??
      all.find(({ open }) => [...open].some(({ startedAt }) => now - startedAt > BUSY_MS))
    if (!victim) return false
    this.drop(victim)
    return true
  }

  private drop(connection: Connection): void {
    this.all.delete(connection.peer)
    connection.raw.destroy()
  }
}
