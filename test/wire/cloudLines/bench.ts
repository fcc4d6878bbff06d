/** Lines with a site of their own: a name server, an authority, secrets, and whatever servers a test puts behind the names. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Told } from '../../../core/contract/clouds.ts'
import type { CloudAsk, RealRequest } from '../../../core/cloud/real.ts'
import { createAuthority, type Authority } from '../../../core/wire/certificates.ts'
import type { ClientExchange, Lines, Site } from '../../../core/wire/cloud/site.ts'
import { createLines } from '../../../core/wire/cloudLines/lines.ts'

export const PUSH = 'push.webexconnect.com'
export const PASSWORDS: Record<string, string> = { good: 'correct horse', bad: 'wrong horse' }

/** A question is the same from 12 bytes on; the name is in labels. */
function nameIn(query: Buffer): string {
  const labels: string[] = []
  for (let at = 12; (query[at] ?? 0) > 0; at += 1 + (query[at] as number))
    labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] as number)))
  return labels.join('.')
}

async function nameServer(names: Map<string, string[]>, asked: string[]): Promise<UdpSocket> {
  const server = createSocket('udp4')
  server.on('message', (query, from) => {
    const name = nameIn(query)
    asked.push(name)
    const found = names.get(name)
    const head = Buffer.from(query.subarray(0, 12))
    head.writeUInt16BE(found ? 0x8180 : 0x8185, 2) // REFUSED for what it does not know
    head.writeUInt16BE(found?.length ?? 0, 6)
    head.writeUInt32BE(0, 8)
    const end = query.indexOf(0, 12) + 5
    const records = (found ?? []).map((address) =>
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]),
    )
    server.send(Buffer.concat([head, query.subarray(12, end), ...records]), from.port, from.address)
  })
  server.bind(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

export type LinesBench = {
  lines: Lines
  authority: Authority
  /** Ports that stand for 443 of a name. */
  ports: Map<string, number>
  /** What DNS says. */
  names: Map<string, string[]>
  asked: string[]
  /** Values of Authorization that are not what they are by default. */
  proofs: Map<string, string>
  exchanges: ClientExchange[]
  /** TCP connections that the servers of this bench have now. */
  connected: Set<Socket>
  /** Every outcome, in the order in which it was told. */
  told: [number: number, told: Told][]
  /** Puts an ask; its number is `last` then. */
  ask(what: CloudAsk): Promise<Told>
  readonly last: number
  /** Direct to the cloud of this name; the number of the line. */
  direct(name?: string): Promise<number>
  closing: (() => unknown)[]
  close(): Promise<void>
}

let authorities: Promise<Authority> | undefined

/** `ca`: an authority of the test's own; `tokenText`: of every token. */
export async function linesBench(o: { ca?: string; tokenText?: string } = {}): Promise<LinesBench> {
  authorities ??= createAuthority()
  const authority = await authorities
  const names = new Map<string, string[]>([[PUSH, ['127.0.0.1']]])
  const ports = new Map<string, number>()
  const asked: string[] = []
  const dns = await nameServer(names, asked)
  const exchanges: ClientExchange[] = []
  const told: [number, Told][] = []
  const waiting = new Map<number, (told: Told) => void>()
  let within = false
  const site: Site = {
    address: '127.0.0.1',
    dns: { address: '127.0.0.1', port: dns.address().port },
    portOf: (name) => ports.get(name) ?? null,
    proxyAt: () => null,
    ca: o.ca ?? authority.certificate,
  }
  const ids = new Map<string, string>()
  const lines = createLines({
    site,
    secrets: {
      textOf: (id) => o.tokenText ?? `text-of-${id}`,
      idOf: (text) => ids.get(text) ?? (ids.set(text, `id-${ids.size + 1}`), `id-${ids.size}`),
      authorization: (cloud) => (cloud === 'push-rest' ? null : (bench.proofs.get(cloud) ?? `Basic of-${cloud}`)),
      password: (name) => PASSWORDS[name] ?? null,
    },
    told(number, what) {
      if (within) throw new Error('told from within the ask')
      told.push([number, what])
      waiting.get(number)?.(what)
      waiting.delete(number)
    },
    now: () => performance.now(),
    exchanged: (exchange) => void exchanges.push(exchange),
    keylog: () => undefined,
    log: (line) => {
      throw new Error(line)
    },
  })
  const closing: (() => unknown)[] = [() => dns.close(), () => lines.close()]
  const bench: LinesBench = {
    lines,
    authority,
    ports,
    names,
    asked,
    proofs: new Map(),
    exchanges,
    connected: new Set(),
    told,
    last: 0,
    ask(what) {
      const number = ++(bench as { last: number }).last
      return new Promise((resolve) => {
        waiting.set(number, resolve)
        within = true
        lines.ask(number, what)
        within = false
      })
    },
    async direct(name = PUSH) {
      const dialled = bench.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port: 443, tls: name } })
      const number = bench.last
      const outcome = await dialled
      if (outcome.is !== 'line') throw new Error(JSON.stringify(outcome))
      return number
    },
    closing,
    async close() {
      for (const end of closing.splice(0).toReversed()) await end()
    },
  }
  return bench
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port

/** A server that does what it is told with each connection. */
export async function tcpServer(bench: LinesBench, serve: (socket: Socket) => void, address = '127.0.0.1'): Promise<number> {
  const open = bench.connected
  const server = createTcp((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => undefined)
    serve(socket)
  })
  server.listen(0, address)
  await once(server, 'listening')
  bench.closing.push(() => {
    for (const socket of open) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return portOf(server)
}

/** The same over TLS, behind this name; `raw` is the socket below. */
export async function tlsServer(
  bench: LinesBench,
  serve: (socket: Socket, raw: Socket) => void,
  o: { names?: [string, ...string[]]; issuer?: Authority; validity?: { from: Date; to: Date } } = {},
): Promise<number> {
  const issued = await (o.issuer ?? bench.authority).issue(o.names ?? [PUSH], o.validity)
  const open = bench.connected
  const server = createTls({ cert: issued.certificate, key: issued.privateKey }, (socket) => {
    socket.on('error', () => undefined)
    const raw = [...open].find((each) => each.remotePort === socket.remotePort)
    if (raw) serve(socket, raw)
  })
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  bench.closing.push(() => {
    for (const socket of open) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  bench.ports.set(PUSH, portOf(server))
  return portOf(server)
}

/** An address that swallows all who come: its queue is full, and nobody takes from it. */
export async function blackHole(address: string, port: number): Promise<{ port: number; close(): Promise<unknown> }> {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const server = require('node:net').createServer()
    server.listen({ host: workerData.address, port: workerData.port, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    })`
  const worker = new Worker(code, { eval: true, workerData: { address, port } })
  const [taken] = (await once(worker, 'message')) as [number]
  const { connect } = await import('node:net')
  const filling = Array.from({ length: 4 }, () => connect({ host: address, port: taken }).on('error', () => undefined))
  await new Promise((resolve) => setTimeout(resolve, 50))
  return {
    port: taken,
    close: () => {
      for (const socket of filling) socket.destroy()
      return worker.terminate()
    },
  }
}

export const request = (change: Partial<RealRequest> = {}): RealRequest => ({
  cloud: 'push-rest',
  method: 'POST',
  path: '/v1/push',
  headers: [
    ['content-type', 'application/json'],
    ['TrackingID', 'CPNS_469696d7-33d2-4e7c-9b4e-14b04de9ce1b'],
  ],
  body: '{"version":1,"service":"APNS","type":"voip","target":"e5e5e5e5e5e5e5e5","payload":"sealed"}',
  bearer: 'access-1',
  refresh: null,
  ...change,
})

export const json = (status: number, body: object, headers = ''): string => {
  const text = JSON.stringify(body)
  return `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n${headers}\r\n${text}`
}
