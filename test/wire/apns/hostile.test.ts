/** Clients that mean harm: they are cut off or refused, and somebody else is served all the while. */
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it } from 'vitest'
import type { ApnsOptions } from '../../../core/wire/apns/server.ts'
import { LIVE, Provider, standIn, type StandIn } from './provider.ts'
import { after, eventually } from '../eventually.ts'

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function open(options: Partial<ApnsOptions> = {}): Promise<StandIn> {
  const made = await standIn(options)
  ending.push(() => made.close())
  return made
}

function hostile(apns: StandIn): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${apns.server.port}`, { ca: apns.ca, maxSendHeaderBlockLength: 2_097_152 })
  session.on('error', () => undefined)
  ending.push(() => session.destroy())
  return session
}

/** Sends one push after the other until told to stop; answers how many got 200. */
function somebodyElse(apns: StandIn): () => Promise<{ sent: number; good: number }> {
  const client = new Provider(apns)
  const state = { going: true }
  const done = (async () => {
    const count = { sent: 0, good: 0 }
    while (state.going) {
      const { status } = await client.send()
      count.sent += 1
      if (status === 200) count.good += 1
      await after(5)
    }
    client.close()
    return count
  })()
  return () => {
    state.going = false
    return done
  }
}

/** A raw HTTP/2 connection: frames as no library would send them. */
async function raw(apns: StandIn): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port: apns.server.port, ca: apns.ca, ALPNProtocols: ['h2'] })
  socket.on('error', () => undefined)
  ending.push(() => socket.destroy())
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  return socket
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}
const SETTINGS = frame(4, 0, 0)
const PING = frame(6, 0, 0, Buffer.alloc(8))
/** In HPACK: POST, https and path / of its static table, and authority x. */
const HEADERS = Buffer.from([0x83, 0x87, 0x84, 0x01, 0x01, 0x78])

const closedOf = (socket: TLSSocket): Promise<void> =>
  new Promise((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())))

describe('others are served while a client', () => {
  it('[APNS-08] opens and resets streams as fast as it can (rapid reset)', async () => {
    const apns = await open()
    const stop = somebodyElse(apns)
    const socket = await raw(apns)
    const closed = closedOf(socket)
    const parts = [PREFACE, SETTINGS]
    for (let i = 0; i < 20_000; i++) parts.push(frame(1, 0x4, 2 * i + 1, HEADERS), frame(3, 0, 2 * i + 1, Buffer.from([0, 0, 0, 8])))
    socket.write(Buffer.concat(parts))
    socket.resume()
    await closed
    await after(100)
    const { sent, good } = await stop()
    expect(good).toBe(sent)
    expect(sent).toBeGreaterThan(5)
    expect(apns.server.streams).toBe(0)
    const cut = apns.exchanges.filter(({ cause }) => cause === 'the client reset the stream').length
    expect(cut).toBeGreaterThan(100)
    expect(cut, 'it was cut off long before its end').toBeLessThan(5_000)
    await eventually(() => apns.server.connections === 0, 'its end')
  })

  it('[APNS-08] resets just as many streams as it may: it stays; one more: it goes', async () => {
    const apns = await open({ limits: { resets: 20 } })
    const socket = await raw(apns)
    const closed = closedOf(socket)
    socket.resume()
    socket.write(Buffer.concat([PREFACE, SETTINGS]))
    const resetOne = (index: number): void => {
      const id = 2 * index + 1
      socket.write(Buffer.concat([frame(1, 0x4, id, HEADERS), frame(3, 0, id, Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]))]))
    }
    for (let i = 0; i < 20; i++) resetOne(i)
    await eventually(() => apns.exchanges.length === 20, 'twenty streams that were reset')
    await after(50)
    expect(apns.events.map(({ what }) => what)).toEqual(['opened'])
    resetOne(20)
    await closed
    expect(apns.events).toContainEqual({ connection: 1, what: 'goaway', reason: 'TooManyRequests', cut: 0 })
    expect(apns.exchanges.map(({ outcome, cause }) => `${outcome}: ${cause}`)).toEqual(Array(21).fill('cut: the client reset the stream'))
  })

  it('[APNS-03] sends a header of 1 MB, or a thousand headers', async () => {
    const apns = await open()
    const stop = somebodyElse(apns)
    for (const headers of [
      { 'apns-topic': 'x'.repeat(1_048_576) },
      Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`x-${i}`, 'y'])),
    ]) {
      const session = hostile(apns)
      const ended = new Promise<number | string>((resolve) => {
        session.on('close', () => resolve('closed'))
        const stream = session.request({ ':method': 'POST', ':path': `/3/device/${LIVE}`, ...headers })
        stream.on('response', ({ ':status': status }) => resolve(status ?? 0))
        stream.on('error', () => undefined)
        stream.on('frameError', () => resolve('not sent'))
        stream.on('close', () => resolve(`reset ${stream.rstCode}`))
        stream.end('{}')
      })
      expect(await ended).toMatch(/^(closed|reset \d+)$/)
    }
    const { sent, good } = await stop()
    expect(good).toBe(sent)
    expect(apns.exchanges.every(({ request }) => request.headers.length < 100)).toBe(true)
  })

  it('[APNS-08] sends header frames without end (CONTINUATION flood)', async () => {
    const apns = await open()
    const stop = somebodyElse(apns)
    const socket = await raw(apns)
    const closed = closedOf(socket)
    socket.resume()
    socket.write(Buffer.concat([PREFACE, SETTINGS, frame(1, 0, 1, HEADERS)]))
    const filler = frame(9, 0, 1, Buffer.concat([Buffer.from([0x00, 0x01, 0x78, 0x7f, 0x81, 0x7e]), Buffer.alloc(16_000, 0x61)]))
    const flood = setInterval(() => socket.destroyed || socket.write(filler), 1)
    ending.push(() => clearInterval(flood))
    await closed
    clearInterval(flood)
    const { sent, good } = await stop()
    expect(good).toBe(sent)
  })

  it.each([
    ['PING', PING],
    ['SETTINGS', SETTINGS],
  ])('[APNS-08] floods it with %s', async (_which, one) => {
    const apns = await open()
    const stop = somebodyElse(apns)
    const socket = await raw(apns)
    const closed = closedOf(socket)
    socket.resume()
    socket.write(Buffer.concat([PREFACE, SETTINGS, ...Array.from({ length: 50_000 }, () => one)]))
    await closed
    expect(apns.events).toContainEqual(expect.objectContaining({ what: 'goaway', reason: 'TooManyRequests' }))
    const { sent, good } = await stop()
    expect(good).toBe(sent)
  })

  it('[APNS-08] says nothing at all: after TCP, after TLS, after the preface', async () => {
    const apns = await open({ limits: { settingsMs: 300, handshakeMs: 300 } })
    const stop = somebodyElse(apns)
    const tcp = connectTcp(apns.server.port, '127.0.0.1')
    tcp.on('error', () => undefined)
    const tcpClosed = new Promise((resolve) => tcp.once('close', resolve))
    tcp.resume()
    const [silent, greeting] = [await raw(apns), await raw(apns)]
    const closed = [closedOf(silent), closedOf(greeting), tcpClosed]
    for (const socket of [silent, greeting]) socket.resume()
    greeting.write(PREFACE)
    await Promise.all(closed)
    await after(400)
    const { sent, good } = await stop()
    expect(good, 'and who did greet stays').toBe(sent)
  })

  it('[APNS-06] lets a hundred bodies drip', async () => {
    const apns = await open({ limits: { requestMs: 300 } })
    const stop = somebodyElse(apns)
    const session = hostile(apns)
    const statuses = Array.from({ length: 100 }, () => {
      const stream = session.request({ ':method': 'POST', ':path': `/3/device/${LIVE}` })
      stream.on('error', () => undefined)
      const drip = setInterval(() => stream.destroyed || stream.writableEnded || stream.write('x'), 100)
      ending.push(() => clearInterval(drip))
      return new Promise((resolve) => stream.on('response', ({ ':status': status }) => resolve(status)))
    })
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([400]))
    const { sent, good } = await stop()
    expect(good).toBe(sent)
    await eventually(() => apns.server.streams === 0, 'the end of them')
  })

  it('[APNS-04] sends a body without end', async () => {
    const apns = await open()
    const stop = somebodyElse(apns)
    const session = hostile(apns)
    const stream = session.request({ ':method': 'POST', ':path': `/3/device/${LIVE}`, 'apns-topic': 'x' })
    stream.on('error', () => undefined)
    stream.resume()
    let written = 0
    const more = (): void => {
      while (!stream.destroyed && stream.write(Buffer.alloc(16_384))) written += 16_384
    }
    stream.on('drain', more)
    more()
    await new Promise((resolve) => stream.on('close', resolve))
    expect(written).toBeLessThan(2_000_000)
    expect(
      apns.exchanges.find(({ reason }) => reason === 'BadDeviceToken' || reason === 'DeviceTokenNotForTopic')?.request.bytes,
    ).toBeLessThan(65_536)
    const { sent, good } = await stop()
    expect(good).toBe(sent)
  })

  it('[APNS-08] never takes its answers', async () => {
    const apns = await open({ limits: { requestMs: 200 } })
    const stop = somebodyElse(apns)
    const session = connectHttp2(`https://127.0.0.1:${apns.server.port}`, { ca: apns.ca, settings: { initialWindowSize: 0 } })
    session.on('error', () => undefined)
    ending.push(() => session.destroy())
    const ends = Array.from({ length: 50 }, () => {
      const stream = session.request({ ':method': 'GET', ':path': '/' })
      stream.on('error', () => undefined)
      return new Promise((resolve) => stream.on('close', () => resolve(stream.rstCode)))
    })
    expect(new Set(await Promise.all(ends))).toEqual(new Set([constants.NGHTTP2_INTERNAL_ERROR]))
    const { sent, good } = await stop()
    expect(good).toBe(sent)
  })

  it('[APNS-08] has more in flight than all together may', async () => {
    const apns = await open({ limits: { streams: 50 } })
    const stop = somebodyElse(apns)
    const session = hostile(apns)
    const gone = new Promise<string>((resolve) => session.on('goaway', (_code, _last, data) => resolve(data?.toString() ?? '')))
    for (let i = 0; i < 60; i++) session.request({ ':method': 'POST', ':path': `/3/device/${LIVE}` }).on('error', () => undefined)
    expect(await gone).toBe('{"reason":"TooManyRequests"}')
    const { sent, good } = await stop()
    expect(good).toBe(sent)
    expect(apns.exchanges.filter(({ cause }) => cause === 'GOAWAY TooManyRequests').length).toBe(51)
  })

  it.each([
    ['TCP', (apns: StandIn) => Promise.resolve(connectTcp(apns.server.port, '127.0.0.1').on('error', () => undefined))],
    ['TLS', (apns: StandIn) => raw(apns)],
    [
      'SETTINGS',
      async (apns: StandIn) => {
        const socket = await raw(apns)
        socket.write(Buffer.concat([PREFACE, SETTINGS]))
        return socket.resume()
      },
    ],
  ])('opens connections without end and says nothing after %s: providers come and stay', async (_which, come) => {
    const apns = await open({ limits: { connections: 4 } })
    const first = new Provider(apns)
    expect(await first.send()).toMatchObject({ status: 200 })
    for (let n = 0; n < 12; n++) {
      const socket = await come(apns)
      ending.push(() => socket.destroy())
    }
    const late = new Provider(apns)
    ending.push(() => [first, late].forEach((each) => each.close()))
    expect(await late.send()).toMatchObject({ status: 200 })
    expect(await first.send()).toMatchObject({ status: 200 })
    expect(apns.server.connections).toBeLessThanOrEqual(4)
    expect(apns.events.filter(({ what }) => what === 'opened').length).toBeLessThanOrEqual(14)
  })

  it('opens more connections than it may: those that are open stay', async () => {
    const apns = await open({ limits: { connections: 3 } })
    const clients = Array.from({ length: 3 }, () => new Provider(apns))
    ending.push(() => clients.forEach((each) => each.close()))
    for (const each of clients) expect(await each.send()).toMatchObject({ status: 200 })
    const fourth = new Provider(apns)
    ending.push(() => fourth.close())
    expect(await fourth.send()).toMatchObject({ status: null })
    for (const each of clients) expect(await each.send()).toMatchObject({ status: 200 })
  })
})
