/** Clients that mean no good, at the doors of FOS, CI and Push REST: others are served, and nothing grows. */
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { request as httpsRequest } from 'node:https'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createAuthority, type Authority, type Issued } from '../../../core/wire/certificates.ts'
import { openDoor, type Door, type DoorOptions } from '../../../core/wire/cloud/door.ts'
import { jsonAnswer, type ServerExchange } from '../../../core/wire/cloud/http.ts'
import { WireFaults } from '../../../core/wire/cloud/faults.ts'
import { MAX_EXCHANGES, WireLog, MAX_LOG_BYTES } from '../../../core/wire/cloud/wireLog.ts'
import { eventually } from '../eventually.ts'

const NAME = 'push.webexconnect.com'
let authority: Authority
let good: Issued
beforeAll(async () => {
  authority = await createAuthority()
  good = await authority.issue([NAME])
})

const sockets: Socket[] = []
const doors: Door[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(doors.splice(0).map((door) => door.close()))
})

async function open(change: Partial<DoorOptions> = {}): Promise<{ door: Door; log: ServerExchange[] }> {
  const log: ServerExchange[] = []
  const door = await openDoor({
    cloud: 'push-rest',
    certificates: { good, wrong: {} },
    faults: new WireFaults(),
    maxBytes: 16_384,
    answer: async (asked) => jsonAnswer(200, { bytes: (await asked.body())?.length ?? null }),
    forced: (status) => jsonAnswer(status, {}),
    exchanged: (each) => log.push(each),
    ...change,
  })
  doors.push(door)
  return { door, log }
}

const keep = <T extends Socket>(socket: T): T => {
  sockets.push(socket)
  socket.on('error', () => undefined)
  return socket
}

const tls = (port: number): Promise<TLSSocket> =>
  new Promise((resolve) => {
    const socket = keep(connectTls({ host: '127.0.0.1', port, servername: NAME, ca: authority.certificate }, () => resolve(socket)))
  })

const closed = (socket: Socket): Promise<true> =>
  new Promise((resolve) => (socket.destroyed ? resolve(true) : socket.once('close', () => resolve(true)).resume()))

function served(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      { host: '127.0.0.1', port, servername: NAME, ca: authority.certificate, method: 'POST', path: '/', agent: false },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    )
    request.on('error', reject)
    request.end('hello')
  })
}

const HEAD = `POST / HTTP/1.1\r\nhost: ${NAME}\r\n`

describe('a crowd', () => {
  it.each([
    ['says nothing after TCP', async (port: number) => void keep(connectTcp(port, '127.0.0.1'))],
    ['says nothing after TLS', async (port: number) => void (await tls(port))],
    ['stops amid its headers', async (port: number) => void (await tls(port)).write(HEAD)],
  ])('that %s does not keep others out', async (_which, come) => {
    const { door } = await open({ limits: { connections: 32 } })
    for (let i = 0; i < 100; i++) await come(door.port)
    for (let i = 0; i < 5; i++) expect(await served(door.port)).toBe(200)
    expect(door.connections).toBeLessThanOrEqual(32)
  })

  it('[NET-06] that stops amid its bodies is sent away in time, and one between two requests is not', async () => {
    const { door, log } = await open({ limits: { exchangeMs: 400, handshakeMs: 400, headersMs: 400 } })
    const idle = await tls(door.port)
    idle.write(`${HEAD}content-length: 1\r\n\r\nx`)
    await eventually(() => log.length === 1, 'the answer')
    const slow = await tls(door.port)
    slow.write(`${HEAD}content-length: 1000\r\n\r\nx`)
    await closed(slow)
    await eventually(() => log.length === 2, 'the entry')
    expect(log[1]).toMatchObject({ outcome: 'not complete within 0.4 s', response: null })
    expect(idle.destroyed).toBe(false)
  })
})

describe('one client', () => {
  it.each([
    [
      'garbage in place of TLS',
      (port: number) =>
        keep(
          connectTcp(port, '127.0.0.1', function (this: Socket) {
            this.write('GET / HTTP/1.1\r\n\r\n')
          }),
        ),
    ],
    [
      'a random ClientHello',
      (port: number) =>
        keep(
          connectTcp(port, '127.0.0.1', function (this: Socket) {
            this.end(Buffer.concat([Buffer.from('160301ffff0100', 'hex'), Buffer.alloc(70_000, 7)]))
          }),
        ),
    ],
  ])('%s is refused, and counted', async (_which, come) => {
    const { door } = await open()
    expect(await closed(come(door.port))).toBe(true)
    await eventually(() => door.refused === 1, 'the counter')
    expect(await served(door.port)).toBe(200)
  })

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n', '400'],
    ['too many bytes of headers', `${HEAD}x: ${'x'.repeat(9_000)}\r\n\r\n`, '431'],
    ['two lengths', `${HEAD}content-length: 1\r\ncontent-length: 2\r\n\r\nxx`, '400'],
    ['a length and chunks', `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, '400'],
    ['an upgrade', `${HEAD}connection: upgrade\r\nupgrade: websocket\r\n\r\n`, ''],
  ])('%s: an answer of its kind and the end', async (_which, text, status) => {
    const { door } = await open()
    const socket = await tls(door.port)
    let said = ''
    socket.on('data', (part: Buffer) => (said += part.toString('latin1')))
    socket.write(text)
    await closed(socket)
    expect(said.slice(9, 12)).toBe(status)
    await eventually(() => door.refused === 1, 'the counter')
  })

  it('a body without end costs what a body may have', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { door, log } = await open()
    collect()
    const before = process.memoryUsage().rss
    const socket = await tls(door.port)
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n`)
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`
    for (let i = 0; i < 400 && !socket.destroyed; i++) await new Promise((resolve) => socket.write(chunk, resolve))
    await closed(socket)
    collect()
    expect(process.memoryUsage().rss - before).toBeLessThan(40 * 1_048_576)
    await eventually(() => log.length === 1, 'the entry')
    expect(log[0]!.request.body).toBe('(longer than it may be, not read)')
    expect(await served(door.port)).toBe(200)
  })
})

describe('the log', () => {
  const entry = (body: string): Parameters<WireLog['add']>[0] => ({
    connection: 'ci 1',
    side: 'server',
    cloud: 'ci',
    peer: '',
    protocol: 'HTTP/1.1',
    tls: '',
    stream: null,
    at: 0,
    ms: 0,
    request: { method: 'POST', path: '/', headers: [], body },
    response: null,
    outcome: '',
    tracking: null,
    flow: null,
    fault: false,
  })

  it('keeps so many entries, and so many bytes, and no more', () => {
    const log = new WireLog()
    for (let i = 0; i < 3 * MAX_EXCHANGES; i++) log.add(entry(''))
    expect(log.size.exchanges).toBe(MAX_EXCHANGES)
    expect(log.query({ limit: 1 }, () => null).exchanges[0]!.number).toBe(3 * MAX_EXCHANGES)
    for (let i = 0; i < 3_000; i++) log.add(entry('x'.repeat(4_096)))
    const kept = log.query({ limit: 10_000 }, () => null).exchanges
    expect(kept.reduce((sum, { request }) => sum + 2 * request.body.length, 0)).toBeLessThanOrEqual(MAX_LOG_BYTES)
    expect(kept.length).toBeGreaterThan(1_000)
  })

  it('gives out what is older page by page', () => {
    const log = new WireLog()
    for (let i = 0; i < 250; i++) log.add(entry(''))
    let before: number | undefined
    const seen: number[] = []
    for (let page = 0; page < 3; page++) {
      const { exchanges } = log.query({ limit: 100, before }, () => null)
      seen.push(...exchanges.map(({ number }) => number))
      before = seen.at(-1)
    }
    expect(seen).toEqual(Array.from({ length: 250 }, (_, i) => 250 - i))
  })
})
