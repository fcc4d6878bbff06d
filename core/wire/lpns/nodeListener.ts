/**
 * Port 9560 of one node. One machine stands for all nodes of the lab, so each has a port of its own. It listens
 * while LPNS runs there; a node without network keeps its port but answers nobody, as a cut cable does.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { WebSocket } from 'ws'
import { listen } from '../listening.ts'

/** `silent`: cut off the network, nothing is read or written. `down`: connections are refused. */
export type NodeState = 'running' | 'silent' | 'down'

/** Connections that wait in the kernel; enough for a wave of clients after a failover. */
const BACKLOG = 1_024

export class NodeListener {
  readonly node: string
  state: NodeState = 'down'
  sessions = 0
  /** Connections whose sessions the server gave up while its node had no network: their clients still hold on. */
  readonly orphans: WebSocket[] = []
  /** Fixed once it has listened: clients know this address. */
  port: number
  private server: Server | null = null
  readonly address: string
  private readonly arrived: (listener: NodeListener, raw: Socket) => void
  private readonly complain: (sentence: string) => void

  constructor(o: {
    node: string
    address: string
    port: number
    arrived: (listener: NodeListener, raw: Socket) => void
    complain: (sentence: string) => void
  }) {
    this.node = o.node
    this.address = o.address
    this.port = o.port
    this.arrived = o.arrived
    this.complain = o.complain
  }

  get listening(): boolean {
    return this.server?.listening === true
  }

  /** Rejects with a sentence that names the port. */
  async listen(): Promise<void> {
    if (this.server) return
    const server = createServer({ noDelay: true }, (raw) => this.arrived(this, raw))
    this.server = server
    try {
      this.port = await listen(server, this, BACKLOG)
      server.on('error', (error) => this.complain(`${this.node}: ${error.message}`))
    } catch (error) {
      if (this.server === server) this.server = null
      throw error
    }
  }

  /** Who connects from now on is refused; what is open stays. */
  stop(): void {
    this.server?.close()
    this.server = null
  }
}
