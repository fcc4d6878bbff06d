/** Connections between TCP and the upgrade: so many, and for so long. */
import type { Socket } from 'node:net'
import { peerOf } from '../addresses.ts'
import type { NodeListener } from './nodeListener.ts'

type HalfOpen = { raw: Socket; since: number; listener: NodeListener }

export type HalfOpenOptions = {
  most: number
  /** From TCP to the upgrade. */
  handshakeMs: number
  /** One was dropped. */
  refused(): void
}

export class HalfOpenConnections {
  /** Oldest first. */
  private readonly open = new Map<string, HalfOpen>()
  private readonly o: HalfOpenOptions

  constructor(o: HalfOpenOptions) {
    this.o = o
  }

  get size(): number {
    return this.open.size
  }

  add(listener: NodeListener, raw: Socket): void {
    if (this.open.size >= this.o.most) this.dropOldest()
    this.open.set(bothEnds(raw), { raw, since: performance.now(), listener })
  }

  /** Its handshake is over, whatever came of it. */
  done(raw: Socket): void {
    this.open.delete(bothEnds(raw))
  }

  dropOverdue(): void {
    const now = performance.now()
    for (const [key, { raw, since }] of this.open) {
      if (!raw.destroyed && now - since < this.o.handshakeMs) continue
      raw.destroy()
      this.open.delete(key)
      this.o.refused()
    }
  }

  /** Those that wait for a node to have network again. */
  unheard(listener: NodeListener): Socket[] {
    return this.at(listener).filter((raw) => !raw.destroyed && raw.isPaused())
  }

  drop(listener: NodeListener): void {
    for (const raw of this.at(listener)) raw.destroy()
  }

  end(): void {
    for (const { raw } of this.open.values()) raw.destroy()
    this.open.clear()
  }

  private at(listener: NodeListener): Socket[] {
    return [...this.open.values()].filter((half) => half.listener === listener).map(({ raw }) => raw)
  }

  /** The one that has taken longest: a proper handshake is over in a moment, so it is not the one. */
  private dropOldest(): void {
    for (const [key, { raw }] of this.open) {
      this.open.delete(key)
      this.o.refused()
      if (raw.destroyed) continue
      raw.destroy()
      return
    }
  }
}

/** A client may come from one port to the ports of two nodes. */
const bothEnds = (socket: Socket): string => `${socket.localPort ?? 0} ${peerOf(socket)}`
