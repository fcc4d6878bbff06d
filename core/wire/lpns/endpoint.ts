/**
 * Local push on real sockets (LPNS-05): TLS and WebSocket in front of the server of the lab. The protocol is
 * not spoken here: an arrival becomes an input of the run, and what the server says comes back by `WirePort`.
 * What is here is the door: who may come in, how much of everything, and how it ends.
 */
import { createServer as createHttps, type Server as HttpsServer } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer, type RawData } from 'ws'
import type { WireNode } from '../../contract/batch.ts'
import type { LabCommandInput, WireInput } from '../../contract/commands.ts'
import type { Reply } from '../../contract/door.ts'
import { CLOSE, MAX_FRAME_BYTES, plainFrame, SUBPROTOCOL } from '../../lpns/protocol.ts'
import type { WirePort } from '../../world.ts'
import { peerOf, placeOf } from '../addresses.ts'
import type { Issued } from '../certificates.ts'
import { ENDPOINT_LIMITS, takeFrom, type EndpointLimits } from './limits.ts'
import { NodeListener, type HalfOpen, type NodeState } from './nodeListener.ts'
import { closeReason, type CarrierSocket, type Held, type Session } from './session.ts'
import { textFrame } from './textFrame.ts'
import { cleaned, type TokenTable } from './tokens.ts'
import { readUpgrade, refuse } from './upgrade.ts'

/** Keepalives are told to the lab together, this long after the first: one by one each of thousands would wake all of it. */
const QUIET_MS = 200

/** And not while pushes are due, for up to this long: a push cannot leave before the answer to a keepalive that was just written. */
const QUIET_WAITS_MS = 1_000

/** Responses to pushes wait this long at most while pushes to others are due: a page comes first, and then what it brought. */
const RESPONSE_WAITS_MS = 250

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
  const sessions = new Map<number, Session>()
  const ofDevice = new Map<string, Session>()
  const ofUser = new Map<string, number>()
  const halfOpen = new Map<string, HalfOpen>()
  let nextSession = o.firstSession
  let refused = 0
  let told = 0
  let written = 0
  let closing = false
  const quiet: Told[] = []
  let quietTimer: NodeJS.Timeout | null = null
  let quietSince = 0
  const responses: Told[] = []
  let responsesSince = 0

  const https = createHttps({
    cert: o.credentials.certificate,
    key: o.credentials.privateKey,
    minVersion: 'TLSv1.2',
    handshakeTimeout: limits.handshakeMs,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.handshakeMs,
    requestTimeout: limits.handshakeMs,
    keepAliveTimeout: 1_000,
  })
  // Options of the library that its types do not list yet.
  const unlisted = { maxFragments: limits.fragments, maxBufferedChunks: limits.chunks, closeTimeout: limits.closeMs }
  const websockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    // A ping costs a permit like any frame, so it is answered here.
    autoPong: false,
    maxPayload: MAX_FRAME_BYTES,
    ...unlisted,
    handleProtocols: () => SUBPROTOCOL,
  })
  https.on('request', (request, response) => {
    response.writeHead(426, { 'content-type': 'application/json', connection: 'close', upgrade: 'websocket' })
    response.end(`${JSON.stringify({ code: 426, reason: `this is a WebSocket endpoint (${SUBPROTOCOL}), not a web page` })}\n`)
    request.resume()
  })
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
    if (halfOpen.size >= limits.halfOpen) dropOldest()
    halfOpen.set(bothEnds(raw), { raw, since: performance.now(), listener })
    if (listener.state === 'running') https.emit('connection', raw)
    else raw.pause() // a cut cable: the connection stands, and nobody speaks
  }

  /** Drops the one that has taken longest: a proper handshake is over in a moment, so it is not the one. */
  function dropOldest(): void {
    for (const [key, half] of halfOpen) {
      halfOpen.delete(key)
      refused++
      if (half.raw.destroyed) continue
      half.raw.destroy()
      return
    }
  }

  function sweep(): void {
    const now = performance.now()
    for (const [key, half] of halfOpen) {
      if (!half.raw.destroyed && now - half.since < limits.handshakeMs) continue
      half.raw.destroy()
      halfOpen.delete(key)
      refused++
    }
    for (const listener of listeners) if (listener.state !== 'down' && !listener.listening) reopen(listener)
    sync()
  }

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    const peer = stream as Socket
    halfOpen.delete(bothEnds(peer))
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
      const before = ofDevice.has(asked.device) ? 1 : 0 // a new session of the device takes the place of the old one
      if (sessions.size - before >= limits.sessions) return { status: 503, reason: `${limits.sessions} sessions are open` }
      const user = o.ownerOf(asked.device) ?? ''
      if ((ofUser.get(user) ?? 0) - before >= limits.sessionsPerUser)
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
      frames: { level: limits.frameBurst, filledAt: performance.now() },
      ended: false,
    }
    tellWaiting(ofDevice.get(session.device))
    add(session)
    const reply = o.input('wire.connected', {
      session: session.number,
      node: listener.node,
      device: asked.device,
      token: token?.id ?? null,
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

  function add(session: Session): void {
    sessions.set(session.number, session)
    ofDevice.set(session.device, session)
    ofUser.set(session.user, (ofUser.get(session.user) ?? 0) + 1)
    session.listener.sessions++
  }

  function forget(session: Session): void {
    session.ended = true
    session.held = null
    if (!sessions.delete(session.number)) return
    if (ofDevice.get(session.device) === session) ofDevice.delete(session.device)
    const left = (ofUser.get(session.user) ?? 1) - 1
    if (left > 0) ofUser.set(session.user, left)
    else ofUser.delete(session.user)
    session.listener.sessions--
    o.changed()
  }

  /** The connection ended without a word of the server: the run is told. */
  function lost(session: Session, code: number, reason: string): void {
    if (session.ended) return
    tellWaiting(session)
    if (session.ended) return
    forget(session)
    o.input('wire.closed', { session: session.number, code, reason: cleaned(reason) })
  }

  function accepted(session: Session, ws: WebSocket): void {
    const socket = ws as CarrierSocket
    session.socket = socket
    socket.session = session
    socket.on('message', onMessage)
    socket.on('close', onClose)
    socket.on('ping', onPing)
    socket.on('pong', onPong)
    socket.on('error', onError)
    release(session)
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
    if (type === 'keepalive') {
      if (quiet.length === 0) quietSince = performance.now()
      quiet.push(waiting(session, text))
      quietTimer ??= setTimeout(quietOver, QUIET_MS)
    } else if (type === 'ack' && (responses.length > 0 || o.late())) {
      if (responses.length === 0) responsesSince = performance.now()
      responses.push(waiting(session, text))
    } else {
      tellWaiting(session)
      o.input('wire.received', { session: session.number, text })
    }
  }

  const waiting = (session: Session, text: string): Told => {
    session.waiting++
    return { session, text }
  }

  /** Before anything else of a client: what came first from it is told first. What others wait with may wait on. */
  function tellWaiting(session: Session | undefined): void {
    if (session === undefined || session.waiting === 0) return
    tellQuiet()
    responses.splice(0).forEach(tellOne)
  }

  function tellResponses(spent: () => boolean): boolean {
    if (responses.length === 0 || (o.late() && performance.now() - responsesSince < RESPONSE_WAITS_MS)) return responses.length > 0
    let told = 0
    while (told < responses.length && !(told % RESPONSES_PER_LOOK === 0 && told > 0 && spent())) tellOne(responses[told++] as Told)
    responses.splice(0, told)
    responsesSince = performance.now()
    return responses.length > 0
  }

  const tellOne = ({ session, text }: Told): void => {
    session.waiting--
    if (!session.ended) o.input('wire.received', { session: session.number, text })
  }

  function quietOver(): void {
    if (o.late() && performance.now() - quietSince < QUIET_WAITS_MS) quietTimer = setTimeout(quietOver, QUIET_MS)
    else tellQuiet()
  }

  /** Keepalives that have waited for each other, in their order, before anything else is told. */
  function tellQuiet(): void {
    if (quietTimer !== null) clearTimeout(quietTimer)
    quietTimer = null
    quiet.splice(0).forEach(tellOne)
  }

  function onPing(this: WebSocket, data: Buffer): void {
    const { session } = this as CarrierSocket
    if (session.ended || !permit(session)) return
    this.pong(data)
    checkUnread(session)
  }

  function onPong(this: WebSocket): void {
    const { session } = this as CarrierSocket
    if (!session.ended) permit(session)
  }

  function onClose(this: WebSocket, code: number, reason: Buffer): void {
    lost((this as CarrierSocket).session, code, reason.toString('utf8'))
  }

  /** The library has closed it with the proper code (1002, 1007, 1009); 'close' follows. */
  function onError(this: WebSocket): void {
    if (!(this as CarrierSocket).session.ended) refused++
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
    lost(session, code, reason)
    socket?.close(code, reason)
    // Whatever else it sends stays in its own kernel.
    socket?.pause()
  }

  function checkUnread(session: Session): void {
    const { socket } = session
    if (socket === null || socket.bufferedAmount <= limits.unreadBytes) return
    refused++
    // Told by 'close', which comes later: the lab is in the middle of a sentence.
    socket.terminate()
  }

  // --- what the server says ------------------------------------------------------------------------

  const wire: WirePort = {
    send(number, text) {
      const session = sessions.get(number)
      if (session === undefined || session.ended) return
      if (session.held !== null) return hold(session, { text })
      if (session.socket?.readyState !== WebSocket.OPEN) return
      session.stream.write(textFrame(text))
      written++
      checkUnread(session)
    },
    close(number, code, reason) {
      const session = sessions.get(number)
      if (session === undefined || session.ended) return
      if (session.socket === null) return hold(session, { code, reason })
      const cutOff = session.held !== null
      forget(session)
      // The client of a node without network hears nothing of it, not even that its connection ended.
      if (cutOff) session.listener.orphans.push(session.socket)
      else if (code === RESET) session.socket.terminate()
      else session.socket.close(code, closeReason(reason))
    },
  }

  /** Frames for a client whose node has no network wait as in TCP, up to the same bound. */
  function hold(session: Session, what: Held): void {
    if ((session.held?.length ?? 0) < HELD_FRAMES) session.held?.push(what)
  }

  function release(session: Session): void {
    const held = session.held ?? []
    session.held = null
    for (const what of held) {
      if ('text' in what) wire.send(session.number, what.text)
      else wire.close(session.number, what.code, what.reason)
    }
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
      else for (const session of sessions.values()) if (session.listener === listener) (state === 'silent' ? mute : unmute)(session)
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
    for (const half of halfOpen.values()) if (half.listener === listener) half.raw.destroy()
    for (const session of sessions.values()) {
      if (session.listener !== listener) continue
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
    if (session.socket !== null) release(session)
  }

  function greet(listener: NodeListener): void {
    for (const half of halfOpen.values()) {
      if (half.listener !== listener || half.raw.destroyed || !half.raw.isPaused()) continue
      https.emit('connection', half.raw)
    }
  }

  return {
    wire,
    get refused() {
      return refused
    },
    get written() {
      return written
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
        url: `wss://${placeOf(o.address, port)}`,
        listening,
        sessions: open,
      })),
    sync,
    tellResponses,
    useCertificate: ({ certificate, privateKey }) => https.setSecureContext({ cert: certificate, key: privateKey }),
    async close(reason) {
      if (closing) return
      closing = true
      clearInterval(sweeping)
      if (quietTimer !== null) clearTimeout(quietTimer)
      for (const listener of listeners) listener.stop()
      for (const { raw } of halfOpen.values()) raw.destroy()
      halfOpen.clear()
      for (const socket of listeners.flatMap(({ orphans }) => orphans.splice(0))) socket.terminate()
      for (const session of sessions.values()) {
        const { socket } = session
        forget(session)
        socket?.resume()
        socket?.close(CLOSE.goingAway, closeReason(reason))
      }
      await allClosed([...websockets.clients])
      endHttps(https)
    },
  }
}

const HELD_FRAMES = 256

/** Responses that are told between two looks at the time of a turn. */
const RESPONSES_PER_LOOK = 64

type Told = { session: Session; text: string }

/** No close frame may hold it: the connection just ends. */
const RESET = 1_006

/** A client may come from one port to the ports of two nodes. */
const bothEnds = (socket: Socket): string => `${socket.localPort ?? 0} ${peerOf(socket)}`

/** The library ends each after its close timeout at the latest. */
function allClosed(sockets: readonly WebSocket[]): Promise<unknown> {
  const open = sockets.filter((socket) => socket.readyState !== socket.CLOSED)
  return Promise.all(open.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
}

function endHttps(https: HttpsServer): void {
  https.closeAllConnections()
  https.close()
}
