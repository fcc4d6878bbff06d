/**
 * Port 9560 of one node. One machine stands for all nodes of the lab, so each has a port of its own. It listens
 * while LPNS runs there; a node without network keeps its port but answers nobody, as a cut cable does.
 */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { WebSocket } from 'ws'

/** `silent`: cut off the network, nothing is read or written. `down`: connections are refused. */
export type NodeState = 'running' | 'silent' | 'down'

export type HalfOpen = { raw: Socket; since: number; listener: NodeListener }

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
  private readonly address: string
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
  listen(): Promise<void> {
    if (this.server) return Promise.resolve()
    const server = createServer({ noDelay: true }, (raw) => this.arrived(this, raw))
    this.server = server
    return new Promise((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        if (this.server === server) this.server = null
        reject(new Error(whyNot(error, this.address, this.port)))
      })
      server.listen({ host: this.address, port: this.port, backlog: BACKLOG, exclusive: true }, () => {
        server.removeAllListeners('error')
        server.on('error', (error) => this.complain(`${this.node}: ${error.message}`))
        this.port = (server.address() as AddressInfo).port
        resolve()
      })
    })
  }

  /** Who connects from now on is refused; what is open stays. */
  stop(): void {
    this.server?.close()
    this.server = null
  }
}

function whyNot(error: NodeJS.ErrnoException, address: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${address} is in use: choose another port, or 0 for a free one.`
    case 'EACCES':
      return `This user may not listen on port ${port}: choose one above 1023.`
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${address} any more: choose another interface.`
    default:
      return `Cannot listen on ${address}:${port}: ${error.message}`
  }
}
