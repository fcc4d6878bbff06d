/** What the tests of the endpoint share: a stand-in for the lab, and clients that know nothing of this program. */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { WebSocket } from 'ws'
import { ok, type Reply } from '../../../core/contract/door.ts'
import { SUBPROTOCOL } from '../../../core/lpns/protocol.ts'
import { createAuthority, type Authority, type Issued } from '../../../core/wire/certificates.ts'
import { openEndpoint, type Endpoint, type EndpointOptions } from '../../../core/wire/lpns/endpoint.ts'
import { ENDPOINT_LIMITS } from '../../../core/wire/lpns/limits.ts'
import type { NodeState } from '../../../core/wire/lpns/nodeListener.ts'
import { TokenTable } from '../../../core/wire/lpns/tokens.ts'

let made: Promise<{ authority: Authority; credentials: Issued }> | null = null
export const certificates = (): NonNullable<typeof made> =>
  (made ??= createAuthority().then(async (authority) => ({
    authority,
    credentials: await authority.issue(['localhost', '127.0.0.1']),
  })))

export type Input = { name: string; args: Record<string, unknown> }
export type FakeLab = {
  endpoint: Endpoint
  tokens: TokenTable
  inputs: Input[]
  states: Map<string, NodeState>
  owners: Map<string, string>
  /** Answers instead of "accepted". */
  answer: (input: Input) => Reply
  ca: string
  url(node?: number): string
  /** A token for the device, as a person gets it. */
  token(device: string): string
  named(name: string): Input[]
}

/** An endpoint over a lab that accepts everybody and greets each with its number. */
export async function fakeLab(o: Partial<EndpointOptions> & { nodeNames?: string[] } = {}): Promise<FakeLab> {
  const { authority, credentials } = await certificates()
  const states = new Map<string, NodeState>((o.nodeNames ?? ['ucm-pub']).map((node) => [node, 'running']))
  const tokens = new TokenTable(o.limits?.connectBurst ?? ENDPOINT_LIMITS.connectBurst)
  const inputs: Input[] = []
  const owners = new Map<string, string>()
  const lab: FakeLab = {
    endpoint: undefined as never,
    tokens,
    inputs,
    states,
    owners,
    ca: authority.certificate,
    answer: () => ok({ accepted: true, status: 101, reason: '' }),
    url: (node = 0) => lab.endpoint.nodes()[node]!.url,
    token: (device) => tokens.issue(device).token,
    named: (name) => inputs.filter((input) => input.name === name),
  }
  lab.endpoint = await openEndpoint({
    address: '127.0.0.1',
    port: 0,
    credentials,
    tokens,
    firstSession: 1,
    nodes: () => [...states].map(([node, state]) => ({ node, state })),
    input(name, args) {
      const input = { name, args: args as Input['args'] }
      inputs.push(input)
      const reply = lab.answer(input)
      if (name === 'wire.connected' && reply.ok && (reply.value as { accepted: boolean }).accepted)
        lab.endpoint.wire.send(input.args['session'] as number, `{"welcome":${String(input.args['session'])}}`)
      return reply
    },
    late: () => false,
    silenceMs: () => Infinity,
    ownerOf: (device) => owners.get(device) ?? device,
    changed: () => undefined,
    log: () => undefined,
    ...o,
  })
  return lab
}

export type Stranger = {
  socket: WebSocket
  frames: string[]
  closed: Promise<{ code: number; reason: string }>
  /** The next frame that is not yet read. */
  next(): Promise<string>
}

export type Wanted = {
  device?: string
  token?: string | null
  ca: string
  headers?: Record<string, string>
  protocol?: string | null
  path?: string
}

export function dial(url: string, o: Wanted): Stranger {
  const { device = 'phone', token, ca, headers, protocol = SUBPROTOCOL, path } = o
  const socket = new WebSocket(`${url}${path ?? `/lpns?device=${device}`}`, protocol === null ? [] : [protocol], {
    ca,
    headers: { ...(token === null || token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
  })
  const frames: string[] = []
  let read = 0
  const waiting: (() => void)[] = []
  socket.on('message', (data: Buffer) => {
    frames.push(data.toString())
    waiting.shift()?.()
  })
  socket.on('error', () => undefined)
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
  )
  return {
    socket,
    frames,
    closed,
    async next() {
      if (frames.length <= read) await new Promise<void>((resolve) => waiting.push(resolve))
      return frames[read++] as string
    },
  }
}

/** Connects and waits for the greeting. */
export async function greeted(lab: { url(node?: number): string; ca: string }, o: Omit<Wanted, 'ca'>, node = 0): Promise<Stranger> {
  const stranger = dial(lab.url(node), { ca: lab.ca, ...o })
  await stranger.next()
  return stranger
}

export type Refusal = { status: number; body: { code: number; reason: string }; headers: Record<string, unknown> }

/** Expects to be turned away in HTTP. */
export async function turnedAway(url: string, o: Wanted): Promise<Refusal> {
  const { socket } = dial(url, o)
  return new Promise((resolve, reject) => {
    socket.once('open', () => reject(new Error('was let in')))
    socket.once('unexpected-response', (_request, response) => {
      let text = ''
      response.on('data', (part: Buffer) => (text += part.toString()))
      response.on('end', () => {
        const body = text.startsWith('{') ? (JSON.parse(text) as Refusal['body']) : { code: 0, reason: text }
        resolve({ status: response.statusCode ?? 0, body, headers: response.headers })
      })
    })
  })
}

export const portOf = (url: string): number => Number(new URL(url).port)

export async function tcp(url: string): Promise<Socket> {
  const socket = connectTcp(portOf(url), '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

export async function tls(url: string, ca: string): Promise<TLSSocket> {
  const socket = connectTls({ port: portOf(url), host: '127.0.0.1', ca, servername: 'localhost' })
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}
