/**
 * The two servers of the LPNS benchmark, each alone in its process: the lab with its endpoint, and a bare `ws` server
 * over TLS that does no more than answer. Both are asked the same questions over IPC.
 */
import { createServer } from 'node:https'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WebSocket, WebSocketServer } from 'ws'
import type { Results } from '../../core/contract/results.ts'
import { createAuthority } from '../../core/wire/certificates.ts'
import { createLabHost } from '../../core/wire/labHost.ts'

export type Ready = { urls: string[]; ca: string; clients: { device: string; token: string }[] }

export type Server = {
  ready: Ready
  /** One push to this client. */
  push(index: number): Promise<void>
  pushAll(): Promise<void>
  /** What the push was for is over. */
  rest(): Promise<unknown>
  /** All connections break; clients come back on the second address. */
  failOver(): Promise<void>
  close(): Promise<void>
}

const SHARED_LINE = '8000'

export async function startBare(sessions: number): Promise<Server> {
  const authority = await createAuthority()
  const { certificate, privateKey } = await authority.issue(['127.0.0.1'])
  const clients: WebSocket[] = []
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 4_096,
    handleProtocols: () => 'pushlab.lpns.v1',
  })
  const open = async (): Promise<{ url: string; raw: Set<Socket> }> => {
    const raw = new Set<Socket>()
    const https = createServer({ cert: certificate, key: privateKey })
    https.on('connection', (socket: Socket) => void raw.add(socket))
    https.on('upgrade', (request, stream, head) =>
      sockets.handleUpgrade(request, stream, head, (socket) => {
        const device = new URLSearchParams(request.url?.split('?')[1]).get('device') ?? ''
        clients[Number(device.slice(1))] = socket
        socket.on('error', () => undefined)
        socket.on('message', (data: Buffer) => {
          const frame = JSON.parse(data.toString('utf8')) as { type: string; seq?: number }
          if (frame.type === 'keepalive') socket.send(JSON.stringify({ v: 1, type: 'keepalive-ack', seq: frame.seq }))
        })
        socket.send(JSON.stringify({ v: 1, type: 'welcome', session: device, node: 'bare', keepaliveMs: 120_000, graceMs: 30_000 }))
      }),
    )
    await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', 4_096, resolve))
    return { url: `wss://127.0.0.1:${(https.address() as { port: number }).port}`, raw }
  }
  const [first, second] = [await open(), await open()]
  let id = 0
  const push = (index: number): void =>
    clients[index]?.send(
      JSON.stringify({
        v: 1,
        type: 'push',
        id: `bare-${++id}`,
        purpose: 'incoming call',
        call: '1',
        name: 'Caller',
        number: '1000',
        node: 'bare',
      }),
    )
  return {
    ready: {
      urls: [first.url, second.url],
      ca: authority.certificate,
      clients: Array.from({ length: sessions }, (_, n) => ({ device: `p${n}`, token: 'x'.repeat(46) })),
    },
    push: (index) => Promise.resolve(push(index)),
    pushAll: () => Promise.resolve(clients.forEach((_, index) => push(index))),
    rest: () => Promise.resolve(),
    failOver: () => Promise.resolve(first.raw.forEach((socket) => socket.destroy())),
    close: () => Promise.resolve(process.exit(0)),
  }
}

/** One caller, and as many phones, all of which share a line. */
function labOf(sessions: number): string {
  const users = Array.from({ length: sessions }, (_, n) => `  - { id: u${n}, number: "${500_000 + n}" }`)
  const devices = Array.from(
    { length: sessions },
    (_, n) =>
      `  - { id: p${n}, owner: u${n}, client: jabber, os: ios, app: off screen, locked: true, pool: office, lines: ["${500_000 + n}", "${SHARED_LINE}"] }`,
  )
  return `pushlab: 1
title: LPNS bench
cluster:
  release: 14SU3
  nodes: [{ id: ucm-pub }, { id: ucm-sub1 }]
  groups: [{ id: first, nodes: [ucm-pub, ucm-sub1] }]
  pools: [{ id: office, group: first }]
users:
  - { id: caller, number: "1000" }
${users.join('\n')}
devices:
  - { id: desk, owner: caller, client: deskphone, os: desktop, pool: office }
${devices.join('\n')}
`
}

export async function startLab(sessions: number): Promise<Server> {
  const dataDir = mkdtempSync(join(tmpdir(), 'push-lab-bench-'))
  const host = createLabHost({ dataDir, scenariosDir: '', log: (line) => console.error(line) })
  const give = async <T>(name: string, args: unknown = {}): Promise<T> => {
    const reply = await host.dispatch({ name, args })
    if (!reply.ok) throw new Error(`${name}: ${reply.message}`)
    return reply.value as T
  }
  await give('lab.open', { text: labOf(sessions), name: 'bench.yaml' })
  await give('wire.open', { port: 0 })
  const { text: ca } = await give<Results['wire.ca']>('wire.ca')
  const urls = await new Promise<string[]>((resolve) => {
    const subscription = host.subscribe(({ wire }) => {
      if (!wire) return
      subscription.close() // nobody looks on while it is measured
      resolve(wire.nodes.map(({ url }) => url))
    })
  })
  const clients: Ready['clients'] = []
  for (let n = 0; n < sessions; n++)
    clients.push({ device: `p${n}`, token: (await give<Results['wire.token']>('wire.token', { device: `p${n}` })).token })
  let flow = 0
  const call = async (to: string): Promise<void> => {
    flow = (await give<{ flow: number }>('call.place', { from: 'desk', to })).flow
  }
  return {
    ready: { urls, ca, clients },
    push: (index) => call(String(500_000 + index)),
    pushAll: () => call(SHARED_LINE),
    rest: () => host.dispatch({ name: 'call.hangUp', args: { flow } }),
    failOver: () => give('service.kill', { node: 'ucm-pub', service: 'LPNS' }),
    async close() {
      rmSync(dataDir, { recursive: true, force: true })
      process.exit(0)
    },
  }
}

/** Answers questions until it is told to end. */
export async function serve(role: string, sessions: number): Promise<void> {
  const answered = measureAnswers()
  const server = await (role === 'bare' ? startBare(sessions) : startLab(sessions))
  const tell = (what: string, more: object = {}): void =>
    void process.send?.({ what, at: performance.timeOrigin + performance.now(), ...more })
  process.on('message', (message: { do: string; index?: number }) => {
    switch (message.do) {
      case 'memory':
        return tell('memory', memory())
      case 'cpu':
        return tell('cpu', process.cpuUsage())
      case 'push':
        answered.next = (ms) => tell('answered', { ms })
        return void server.push(message.index ?? 0)
      case 'pushAll':
        answered.next = null
        tell('pushing')
        return void server.pushAll()
      case 'rest':
        answered.next = null
        return void server.rest().then(() => tell('resting'))
      case 'failOver':
        return void server.failOver()
      case 'end':
        return void server.close()
      default:
        return undefined
    }
  })
  process.on('disconnect', () => void server.close())
  tell('ready', server.ready)
}

/**
 * What is used: live objects of the heap, and all that lies outside it (TLS, buffers). Not the resident set as it is: a
 * heap that was larger before has pages to spare, and connections would seem to cost nothing.
 */
function memory(): { bytes: number } {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  gc()
  gc()
  const { heapUsed, rss } = process.memoryUsage()
  const heap = getHeapSpaceStatistics().reduce((sum, space) => sum + space.physical_space_size, 0)
  const anonymous = process.platform === 'linux' ? /^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined
  return { bytes: heapUsed + (anonymous === undefined ? rss : Number(anonymous) * 1_024) - heap }
}

/**
 * From the write of a push to the end of the work on its acknowledgement, taken below and above the library: where both
 * servers write to their socket, and where it gives them a message.
 */
function measureAnswers(): { next: ((ms: number) => void) | null } {
  const state: { next: ((ms: number) => void) | null } = { next: null }
  let sentAt: number | null = null
  const write = Socket.prototype.write
  Socket.prototype.write = function (this: Socket, data: string | Buffer, ...more: unknown[]) {
    if (state.next !== null && data.includes('"incoming call"')) sentAt = performance.now()
    return Reflect.apply(write, this, [data, ...more]) as boolean
  } as typeof write
  const { emit } = WebSocket.prototype
  WebSocket.prototype.emit = function (this: WebSocket, event: string, ...args: unknown[]) {
    const result = emit.call(this, event, ...args)
    if (event === 'message' && state.next !== null && sentAt !== null && String(args[0]).includes('"ack"')) {
      const startedAt = sentAt
      sentAt = null
      state.next(performance.now() - startedAt)
    }
    return result
  } as typeof emit
  return state
}
