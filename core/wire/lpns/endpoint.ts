/**
 * Local push on real sockets (LPNS-05): TLS and WebSocket in front of the server of the lab. The protocol is
 * not spoken here: an arrival becomes an input of the run, and what the server says comes back by `WirePort`.
 * What is here is the door: who may come in, how much of everything, and how it ends.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { RawData, WebSocket } from 'ws'
import type { WireNode } from '../../contract/batch.ts'
import type { LabCommandInput, WireInput } from '../../contract/commands.ts'
import type { Reply } from '../../contract/door.ts'
import { CLOSE, plainFrame } from '../../lpns/protocol.ts'
import type { WirePort } from '../../world.ts'
import { hostPort } from '../../edge/hostPort.ts'
import type { Issued } from '../certificates.ts'
import { brokenOff } from './brokenOff.ts'
import { createCarrier, endCarrier } from './carrier.ts'
import { HalfOpenConnections } from './halfOpen.ts'
import { ENDPOINT_LIMITS, takeFrom, type EndpointLimits } from './limits.ts'
import { NodeListener, type NodeState } from './nodeListener.ts'
import { Outgoing } from './outgoing.ts'
import { Postponed } from './postponed.ts'
import { closeReason, type CarrierSocket, type Session } from './session.ts'
import { Sessions } from './sessions.ts'
import { cleaned, UNKNOWN, type TokenTable } from './tokens.ts'
import { readUpgrade, refuse } from './upgrade.ts'

/** How often overdue handshakes are looked for, and ports that could not be had are tried again. */
const SWEEP_MS = 1_000

export type EndpointOptions = {
  address: string
  /** Port of the first node; the others follow. 0 takes free ones. */
  port: number
  credentials: Issued
  tokens: TokenTable
  /** Number of the first session: none of a run has that of another. */
  firstSession: number
  /** Nodes with LPNS in the order of the lab, and how they are now. */
  nodes(): { node: string; state: NodeState }[]
  /** Brings the lab to this moment and gives it an input. */
  input<N extends WireInput>(name: N, args: LabCommandInput<N>): Reply
  /** Whether the lab has something to do that is due now. */
  late(): boolean
  /** How long from now the lab waits for the next keepalive of this session. */
  silenceMs(session: number): number
  ownerOf(device: string): string | null
  /** What the window shows of the endpoint changed. */
  changed(): void
  log(line: string): void
  limits?: Partial<EndpointLimits>
}

export type Endpoint = {
  /** What the lab speaks through. */
  readonly wire: WirePort
  readonly refused: number
  /** Frames given to sockets so far. */
  readonly written: number
  readonly sessions: number
  readonly halfOpen: number
  nodes(): WireNode[]
  /** Looks at the nodes again: ports open and close with their service. */
  sync(): void
  /** Tells the lab what has waited for it to have time, until the turn is over; true when there is more. */
  tellResponses(spent: () => boolean): boolean
  useCertificate(credentials: Issued): void
  /** Says goodbye to everybody, then ends what is left. The run is not told: it hears of the close as a whole. */
  close(reason: string): Promise<void>
}

/** Rejects with a sentence when a port cannot be had. */
export async function openEndpoint(o: EndpointOptions): Promise<Endpoint> {
  const limits: EndpointLimits = { ...ENDPOINT_LIMITS, ...o.limits }
  const sessions = new Sessions()
  let nextSession = o.firstSession
  let refused = 0
  let told = 0
  let closing = false
  const refusedOne = (): void => void refused++
  const halfOpen = new HalfOpenConnections({ most: limits.halfOpen, handshakeMs: limits.handshakeMs, refused: refusedOne })
  const outgoing = new Outgoing({ sessions, unreadBytes: limits.unreadBytes, forget, refused: refusedOne })
  const postponed = new Postponed({ late: o.late, tell: tellLab })

  const carrier = createCarrier(o.credentials, limits)
  const { https, websockets } = carrier
  https.on('upgrade', upgrade)

  const listeners = o.nodes().map(
    ({ node }, index) =>
      new NodeListener({
        node,
        address: o.address,
        port: o.port === 0 ? 0 : o.port + index,
        arrived,
        complain: o.log,
      }),
  )
  const byPort = new Map<number, NodeListener>()
  try {
    // Every port is taken once, also for a node that is down now: its address is known from the beginning.
    for (const listener of listeners) {
      await listener.listen()
      byPort.set(listener.port, listener)
    }
  } catch (error) {
    for (const listener of listeners) listener.stop()
    throw error
  }
  for (const listener of listeners) listener.state = 'running'
  sync()
  const sweeping = setInterval(sweep, SWEEP_MS).unref()

  // --- before there is a session -------------------------------------------------------------------

  function arrived(listener: NodeListener, raw: Socket): void {
    raw.on('error', () => raw.destroy())
    halfOpen.add(listener, raw)
    if (listener.state === 'running') https.emit('connection', raw)
    else raw.pause() // a cut cable: the connection stands, and nobody speaks
  }

  function sweep(): void {
    halfOpen.dropOverdue()
    for (const listener of listeners) if (listener.state !== 'down' && !listener.listening) reopen(listener)
    sync()
  }

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const peer = stream as Socket
    halfOpen.done(peer)
    const problem = admit(request, peer, head)
    if (problem === null) return
    refused++
    stream.on('error', () => stream.destroy())
    refuse(stream, problem.status, problem.reason)
    o.changed()
  }

  /** Opens a session, or says why not. */
  function admit(request: IncomingMessage, stream: Socket, head: Buffer): { status: number; reason: string } | null {
    const listener = byPort.get(stream.localPort ?? 0)
    const asked = readUpgrade(request)
    if (!asked.ok) return asked
    if (closing || listener?.state !== 'running') return { status: 503, reason: 'local push does not run here now' }
    const token = asked.token === null ? null : o.tokens.find(asked.token)
    if (token === null && ++told > limits.refusalsTold) return { status: 401, reason: 'no valid access token' }
    if (token !== null) {
      if (!takeFrom(token.connects, limits.connectBurst, limits.connectsPerSecond, performance.now()))
        return { status: 429, reason: 'too many connections with this token: wait a moment' }
      const before = sessions.of(asked.device) === undefined ? 0 : 1 // a new session of the device takes the place of the old one
      if (sessions.size - before >= limits.sessions) return { status: 503, reason: `${limits.sessions} sessions are open` }
      const user = o.ownerOf(asked.device) ?? ''
      if (sessions.countOf(user) - before >= limits.sessionsPerUser)
        return { status: 429, reason: `a user has at most ${limits.sessionsPerUser} sessions` }
    }
    const session: Session = {
      number: nextSession++,
      device: asked.device,
      user: o.ownerOf(asked.device) ?? '',
      listener,
      socket: null,
      stream,
      held: [],
      waiting: 0,
      unread: '',
      silentAt: Infinity,
      frames: { level: limits.frameBurst, filledAt: performance.now() },
      ended: false,
    }
    postponed.tellWhatCameFirst(sessions.of(session.device))
    sessions.add(session)
    const reply = o.input('wire.connected', {
      session: session.number,
      node: listener.node,
      device: asked.device,
      token: asked.token === null ? null : (token?.id ?? UNKNOWN),
      address: stream.remoteAddress ?? '',
    })
    const answer = reply.ok ? (reply.value as { accepted: boolean; status: number; reason: string }) : null
    if (answer?.accepted !== true) {
      forget(session)
      return answer ?? { status: 503, reason: reply.ok ? '' : reply.message }
    }
    websockets.handleUpgrade(request, stream, head, (socket) => accepted(session, socket))
    // The library has refused it: a header of the WebSocket itself was wrong.
    if (session.socket === null) lost(session, 1_006, 'no WebSocket handshake')
    o.changed()
    return null
  }

  // --- sessions ------------------------------------------------------------------------------------

  function forget(session: Session): void {
    if (sessions.end(session)) o.changed()
  }

  /** The connection ended without a word of the lab: the run is told. `turnedAway`: it was this door that ended it. */
  function lost(session: Session, code: number, reason: string, turnedAway = false): void {
    if (session.ended) return
    postponed.tellWhatCameFirst(session)
    if (session.ended) return
    forget(session)
    o.input('wire.closed', { session: session.number, code, reason: cleaned(reason), ...(turnedAway ? { turnedAway } : {}) })
  }

  function accepted(session: Session, ws: WebSocket): void {
    const socket = ws as CarrierSocket
    session.socket = socket
    socket.session = session
    session.silentAt = performance.now() + o.silenceMs(session.number)
    socket.on('message', onMessage)
    socket.on('close', onClose)
    socket.on('ping', onPing)
    socket.on('pong', onPong)
    socket.on('error', onError)
    outgoing.release(session)
  }

  // One function for all sessions each, so that an idle one holds no code of its own.
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const { session } = this as CarrierSocket
    if (session.ended) return
    if (!permit(session)) return
    if (isBinary) return turnAway(session, CLOSE.badFrame, 'frames are text')
    // `nodebuffer` frames come as one Buffer.
    const text = o.tokens.withoutToken((data as Buffer).toString('utf8'))
    const type = plainFrame(text)?.type
    if (type === 'keepalive') return postponed.keepalive(session, text)
    if (type === 'ack' && postponed.busy) return postponed.response(session, text)
    postponed.tellWhatCameFirst(session)
    tellLab(session, text)
  }

  function tellLab(session: Session, text: string): void {
    o.input('wire.received', { session: session.number, text })
    session.silentAt = performance.now() + o.silenceMs(session.number)
  }

  function onPing(this: WebSocket, data: Buffer): void {
    const { session } = this as CarrierSocket
    if (session.ended || !permit(session)) return
    this.pong(data)
    outgoing.checkUnread(session)
  }

  function onPong(this: WebSocket): void {
    const { session } = this as CarrierSocket
    if (!session.ended) permit(session)
  }

  function onClose(this: WebSocket, code: number, reason: Buffer): void {
    const { session } = this as CarrierSocket
    if (session.unread !== '') lost(session, code, session.unread, true)
    else lost(session, code, reason.toString('utf8'))
  }

  /** The library has closed it with the proper code (1002, 1007, 1008, 1009); 'close' follows, but knows no reason. */
  function onError(this: WebSocket, error: Error): void {
    const { session } = this as CarrierSocket
    if (session.ended) return
    refused++
    const { code, reason, turnedAway } = brokenOff(error)
    lost(session, code, reason, turnedAway)
  }

  function permit(session: Session): boolean {
    if (takeFrom(session.frames, limits.frameBurst, limits.framesPerSecond, performance.now())) return true
    turnAway(session, CLOSE.tooMany, 'too many frames')
    return false
  }

  /** Closes a session that does what no client does. */
  function turnAway(session: Session, code: number, reason: string): void {
    const { socket } = session
    refused++
    lost(session, code, reason, true)
    socket?.close(code, reason)
    // Whatever else it sends stays in its own kernel.
    socket?.pause()
  }

  // --- nodes ---------------------------------------------------------------------------------------

  function sync(): void {
    if (closing) return
    const states = new Map(o.nodes().map(({ node, state }) => [node, state]))
    for (const listener of listeners) {
      // A server release without LPNS takes the service away.
      const state = states.get(listener.node) ?? 'down'
      if (listener.state === state) continue
      const before = listener.state
      listener.state = state
      if (before === 'down') reopen(listener)
      if (state === 'down') down(listener)
      else sessions.on(listener).forEach(state === 'silent' ? mute : unmute)
      if (before === 'silent') for (const socket of listener.orphans.splice(0)) socket.terminate()
      if (before === 'silent' && state === 'running') greet(listener)
      o.changed()
    }
  }

  function reopen(listener: NodeListener): void {
    listener.listen().then(o.changed, (error: Error) => o.log(`${listener.node}: ${error.message}`))
  }

  function down(listener: NodeListener): void {
    listener.stop()
    halfOpen.drop(listener)
    for (const session of sessions.on(listener)) {
      // The lab knows: it is its own service that died.
      forget(session)
      session.socket?.terminate()
    }
  }

  function mute(session: Session): void {
    session.held ??= []
    session.socket?.pause()
  }

  function unmute(session: Session): void {
    session.socket?.resume()
    if (session.socket !== null) outgoing.release(session)
  }

  function greet(listener: NodeListener): void {
    for (const raw of halfOpen.unheard(listener)) https.emit('connection', raw)
  }

  return {
    wire: outgoing,
    get refused() {
      return refused
    },
    get written() {
      return outgoing.written
    },
    get sessions() {
      return sessions.size
    },
    get halfOpen() {
      return halfOpen.size
    },
    nodes: () =>
      listeners.map(({ node, port, listening, sessions: open }) => ({
        node,
        url: `wss://${hostPort(o.address, port)}`,
        listening,
        sessions: open,
      })),
    sync,
    tellResponses: (spent) => postponed.tellResponses(spent),
    useCertificate: ({ certificate, privateKey }) => https.setSecureContext({ cert: certificate, key: privateKey }),
    async close(reason) {
      if (closing) return
      closing = true
      clearInterval(sweeping)
      postponed.end()
      for (const listener of listeners) listener.stop()
      halfOpen.end()
      for (const socket of listeners.flatMap(({ orphans }) => orphans.splice(0))) socket.terminate()
      for (const session of sessions.all()) {
        const { socket } = session
        forget(session)
        socket?.resume()
        socket?.close(CLOSE.goingAway, closeReason(reason))
      }
      await endCarrier(carrier)
    },
  }
}
