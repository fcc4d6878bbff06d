/** The endpoint alone, over real wss, with a stand-in for the lab. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import { failure, ok } from '../../../core/contract/door.ts'
import { MAX_FRAME_BYTES, SUBPROTOCOL } from '../../../core/lpns/protocol.ts'
import { ENDPOINT_LIMITS } from '../../../core/wire/lpns/limits.ts'
import { dial, fakeLab, greeted, portOf, tcp, tls, turnedAway, type FakeLab, type Stranger, type Wanted } from './stranger.ts'
import { after, eventually } from '../eventually.ts'

const open: FakeLab[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((lab) => lab.endpoint.close('the test is over')))
})
/** Who is turned away does not wait long for its end here. */
async function lab(o: Parameters<typeof fakeLab>[0] = {}): Promise<FakeLab> {
  const made = await fakeLab({ ...o, limits: { closeMs: 200, ...o.limits } })
  open.push(made)
  return made
}

/** A masked frame with whatever first byte, as no library writes it. */
function rawFrame(first: number, body: string | Buffer): Buffer {
  const payload = Buffer.from(body)
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255]
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), payload])
}

describe('the upgrade', () => {
  it('[LPNS-05] opens a session over wss and tells the lab who came, by the ID of the token', async () => {
    const fake = await lab()
    const token = fake.token('phone')
    const client = dial(fake.url(), { ca: fake.ca, token })
    expect(await client.next()).toBe('{"welcome":1}')
    expect(client.socket.protocol).toBe(SUBPROTOCOL)
    expect(client.socket.extensions).toBe('')
    expect(fake.named('wire.connected')).toEqual([
      {
        name: 'wire.connected',
        args: { session: 1, node: 'ucm-pub', device: 'phone', token: expect.stringMatching(/^token-[0-9a-f]{10}$/), address: '127.0.0.1' },
      },
    ])
    expect(JSON.stringify(fake.inputs)).not.toContain(token)
    expect(fake.endpoint.nodes()).toEqual([{ node: 'ucm-pub', url: fake.url(), listening: true, sessions: 1 }])
  })

  it('[DEC-01] answers a token that the lab refuses with HTTP 401 and a reason', async () => {
    const fake = await lab()
    fake.answer = () => ok({ accepted: false, status: 401, reason: 'the token has expired' })
    const refusal = await turnedAway(fake.url(), { ca: fake.ca, token: fake.token('phone') })
    expect(refusal).toMatchObject({ status: 401, body: { code: 401, reason: 'the token has expired' } })
    expect(refusal.headers['www-authenticate']).toBe('Bearer')
    expect(fake.endpoint.sessions).toBe(0)
    expect(fake.endpoint.refused).toBe(1)
  })

  it('[DEC-01] tells the lab of a token that was never issued that it is unknown, and of a missing one that there was none', async () => {
    const fake = await lab()
    fake.answer = () => ok({ accepted: false, status: 401, reason: 'no valid access token' })
    for (const token of [null, 'made-up', `pl_${randomBytes(32).toString('base64url')}`])
      expect((await turnedAway(fake.url(), { ca: fake.ca, token })).status).toBe(401)
    expect(fake.named('wire.connected').map(({ args }) => args['token'])).toEqual([null, 'unknown', 'unknown'])
    expect(JSON.stringify(fake.inputs)).not.toContain('made-up')
  })

  it('tells the lab of the first bad tokens only: a flood of them does not fill the run', async () => {
    const fake = await lab({ limits: { refusalsTold: 2 } })
    fake.answer = () => ok({ accepted: false, status: 401, reason: 'no valid access token' })
    for (let i = 0; i < 4; i++) expect((await turnedAway(fake.url(), { ca: fake.ca, token: 'x' })).status).toBe(401)
    expect(fake.inputs).toHaveLength(2)
    expect(fake.endpoint.refused).toBe(4)
  })

  it.each<[string, Partial<Wanted>, number, string]>([
    ['another path', { path: '/other?device=phone' }, 404, '/lpns'],
    ['no sub-protocol', { protocol: null }, 400, SUBPROTOCOL],
    ['another sub-protocol', { protocol: 'mqtt' }, 400, SUBPROTOCOL],
    ['no device', { path: '/lpns' }, 400, 'device=ID'],
    ['a device that is no ID', { path: '/lpns?device=..%2F..' }, 400, 'device=ID'],
    ['a web page', { headers: { origin: 'https://example.com' } }, 403, 'web page'],
  ])('refuses %s before the lab hears of it', async (_what, wanted, status, reason) => {
    const fake = await lab()
    const refusal = await turnedAway(fake.url(), { ca: fake.ca, token: fake.token('phone'), ...wanted })
    expect(refusal).toMatchObject({ status, body: { code: status, reason: expect.stringContaining(reason) } })
    expect(fake.inputs).toEqual([])
  })

  it('answers 503 when the lab cannot take anybody', async () => {
    const fake = await lab()
    fake.answer = () => failure('refused', 'LPNS is starting')
    expect(await turnedAway(fake.url(), { ca: fake.ca, token: fake.token('phone') })).toMatchObject({
      status: 503,
      body: { reason: 'LPNS is starting' },
    })
    expect(fake.endpoint.sessions).toBe(0)
  })

  it('tells the lab when the WebSocket itself goes wrong after it was accepted', async () => {
    const fake = await lab()
    const socket = await tls(fake.url(), fake.ca)
    socket.write(
      `GET /lpns?device=phone HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\nAuthorization: Bearer ${fake.token('phone')}\r\n\r\n`,
    )
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400/)
    expect(fake.inputs.map(({ name }) => name)).toEqual(['wire.connected', 'wire.closed'])
    expect(fake.endpoint.sessions).toBe(0)
  })

  it('says in HTTP what it is to whoever asks for a page', async () => {
    const fake = await lab()
    const socket = await tls(fake.url(), fake.ca)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1.1 426/)
    await once(socket, 'close')
  })
})

describe('frames', () => {
  it('passes on text with the ID in the place of the token, and never the token itself', async () => {
    const fake = await lab()
    const token = fake.token('phone')
    const other = fake.token('tablet')
    const client = await greeted(fake, { token })
    const id = fake.named('wire.connected')[0]!.args['token']
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 1, token }))
    client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: 2, token: 'stolen elsewhere' }))
    client.socket.send(`{"v":1,"type":"keepalive","seq":3,"t\\u006fken":"${token}"}`)
    client.socket.send(JSON.stringify({ v: 1, type: 'ack', id: token, deep: [{ token: other }] }))
    client.socket.send(`this is no JSON: ${token}`)
    await eventually(() => fake.named('wire.received').length === 5)
    const texts = fake.named('wire.received').map(({ args }) => args['text'] as string)
    expect(JSON.parse(texts[0]!)).toEqual({ v: 1, type: 'keepalive', seq: 1, token: id })
    expect(JSON.parse(texts[1]!)).toEqual({ v: 1, type: 'keepalive', seq: 2, token: 'unknown' })
    expect(JSON.parse(texts[2]!)).toEqual({ v: 1, type: 'keepalive', seq: 3, token: id })
    expect(texts[4]).toMatch(/^\(no JSON, \d+ characters\)$/)
    const all = JSON.stringify(fake.inputs)
    for (const secret of [token, other, 'stolen elsewhere']) expect(all).not.toContain(secret)
  })

  it('tells keepalives when pushes that are due have gone out, and after a second at the latest', async () => {
    let late = true
    const fake = await lab({ late: () => late })
    const client = await greeted(fake, { token: fake.token('phone') })
    const keepalive = (seq: number): void => client.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq }))
    const first = performance.now()
    keepalive(1)
    await after(500)
    // On a machine that stands still meanwhile the second may be over.
    if (performance.now() - first < 1_000) expect(fake.named('wire.received')).toEqual([])
    late = false
    await eventually(() => fake.named('wire.received').length === 1)
    late = true
    const sent = performance.now()
    keepalive(2)
    await eventually(() => fake.named('wire.received').length === 2)
    expect(performance.now() - sent).toBeGreaterThanOrEqual(1_000)
  })

  it('tells the frames of one client in their order, and lets none wait for the keepalives of others', async () => {
    const fake = await lab()
    const [one, other] = [
      await greeted(fake, { token: fake.token('phone') }),
      await greeted(fake, { token: fake.token('tablet'), device: 'tablet' }),
    ]
    const told = (): string[] => fake.named('wire.received').map(({ args }) => String(args['text']))
    const keepalive = (seq: number): string => `{"v":1,"type":"keepalive","seq":${seq}}`
    one.socket.send(keepalive(1))
    await after(20)
    other.socket.send('{"v":1,"type":"ack","id":"first"}')
    await eventually(() => told().length > 0)
    expect(told()[0]).toBe('{"v":1,"type":"ack","id":"first"}')
    other.socket.send(keepalive(2))
    other.socket.send('{"v":1,"type":"ack","id":"second"}')
    await eventually(() => told().length === 4)
    expect(told().slice(1)).toEqual([keepalive(1), keepalive(2), '{"v":1,"type":"ack","id":"second"}'])
  })

  it(`takes a frame of ${MAX_FRAME_BYTES} bytes and closes with 1009 on one byte more`, async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    client.socket.send(JSON.stringify('x'.repeat(MAX_FRAME_BYTES - 2)))
    await eventually(() => fake.named('wire.received').length === 1)
    expect(fake.named('wire.received')[0]!.args['text']).toHaveLength(MAX_FRAME_BYTES)
    client.socket.send('x'.repeat(MAX_FRAME_BYTES + 1))
    expect((await client.closed).code).toBe(1009)
    await eventually(() => fake.named('wire.closed').length === 1)
    expect(fake.named('wire.received')).toHaveLength(1)
  })

  it('closes with 4400 on a binary frame', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    client.socket.send(Buffer.from('{}'))
    expect(await client.closed).toEqual({ code: 4400, reason: 'frames are text' })
    expect(fake.named('wire.closed')[0]!.args).toEqual({ session: 1, code: 4400, reason: 'frames are text', turnedAway: true })
  })

  it.each<[string, number, string, (socket: Duplex) => void]>([
    [
      'a frame that is too long',
      1009,
      'Max payload size exceeded',
      (socket) => socket.write(rawFrame(0x81, 'x'.repeat(MAX_FRAME_BYTES + 1))),
    ],
    ['text that is no UTF-8', 1007, 'UTF-8', (socket) => socket.write(rawFrame(0x81, Buffer.from([0xff, 0xfe])))],
    ['an opcode that there is not', 1002, 'opcode', (socket) => socket.write(rawFrame(0x83, 'x'))],
    ['compression that was not agreed on', 1002, 'RSV1', (socket) => socket.write(rawFrame(0xc1, 'x'))],
  ])('[DEC-34] tells the run why it broke %s off', async (_what, code, reason, spoil) => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    spoil((client.socket as unknown as Record<'_socket', Duplex>)['_socket'])
    expect((await client.closed).code).toBe(code)
    expect(fake.named('wire.closed').map(({ args }) => args)).toEqual([
      { session: 1, code, reason: expect.stringContaining(reason), turnedAway: true },
    ])
    expect(fake.endpoint.refused).toBe(1)
  })

  it('[DEC-02] tells a keepalive at once when its deadline is near: it came in time, however long others wait', async () => {
    let left = 1_000
    const fake = await lab({ late: () => true, silenceMs: () => left })
    const client = await greeted(fake, { token: fake.token('phone') })
    left = 150_000
    client.socket.send('{"v":1,"type":"keepalive","seq":1}')
    client.socket.ping()
    await once(client.socket, 'pong')
    expect(fake.named('wire.received')).toHaveLength(1)
    client.socket.send('{"v":1,"type":"keepalive","seq":2}')
    client.socket.ping()
    await once(client.socket, 'pong')
    expect(fake.named('wire.received')).toHaveLength(1)
    await eventually(() => fake.named('wire.received').length === 2)
  })

  const inParts = (client: Stranger, parts: number): void => {
    for (let part = 1; part <= parts; part++) client.socket.send(part === 1 ? '{' : part === parts ? '}' : '', { fin: part === parts })
  }

  it(`takes a message in ${ENDPOINT_LIMITS.fragments} parts and breaks off at one part more, be they empty`, async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    inParts(client, ENDPOINT_LIMITS.fragments)
    await eventually(() => fake.named('wire.received').length === 1)
    expect(fake.named('wire.received')[0]!.args['text']).toBe('{}')
    inParts(client, ENDPOINT_LIMITS.fragments + 1)
    expect((await client.closed).code).toBe(1008)
    await eventually(() => fake.named('wire.closed').length === 1)
    expect(fake.named('wire.received')).toHaveLength(1)
  })

  it('a message that never ends is broken off long before it costs anything', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    let sent = 0
    for (; sent < 20_000 && client.socket.readyState === client.socket.OPEN; sent++) {
      client.socket.send('x'.repeat(500), { fin: false })
      if (sent % 100 === 0) await after(0)
    }
    expect((await client.closed).code).toBe(1009)
    await eventually(() => fake.endpoint.sessions === 0)
    expect(fake.named('wire.received')).toEqual([])
  })

  it('takes as many frames at once as the limit says and closes with 4429 on one more', async () => {
    const fake = await lab({ limits: { frameBurst: 5, framesPerSecond: 0 } })
    const client = await greeted(fake, { token: fake.token('phone') })
    for (let i = 0; i < 5; i++) client.socket.send('{}')
    await eventually(() => fake.named('wire.received').length === 5)
    expect(fake.named('wire.closed')).toEqual([])
    client.socket.send('{}')
    expect((await client.closed).code).toBe(4429)
    expect(fake.named('wire.received')).toHaveLength(5)
  })

  it('answers a ping, and a flood of them with 4429', async () => {
    const fake = await lab({ limits: { frameBurst: 3, framesPerSecond: 0 } })
    const client = await greeted(fake, { token: fake.token('phone') })
    client.socket.ping('hello')
    const [data] = (await once(client.socket, 'pong')) as [Buffer]
    expect(data.toString()).toBe('hello')
    for (let i = 0; i < 3; i++) client.socket.ping()
    expect((await client.closed).code).toBe(4429)
  })

  it('gives a client that sends again what it gets back per second', async () => {
    const fake = await lab({ limits: { frameBurst: 2, framesPerSecond: 20 } })
    const client = await greeted(fake, { token: fake.token('phone') })
    for (let i = 0; i < 6; i++) {
      client.socket.send('{}')
      await after(100)
    }
    await eventually(() => fake.named('wire.received').length === 6, 'the last of six frames')
    expect(client.socket.readyState).toBe(client.socket.OPEN)
  })

  it('drops a client that does not read, at the bound of unread bytes, and tells the lab', async () => {
    const fake = await lab({ limits: { unreadBytes: 32_768 } })
    const client = await greeted(fake, { token: fake.token('phone') })
    client.socket.pause()
    const before = process.memoryUsage().rss
    for (let i = 0; i < 20_000 && fake.endpoint.sessions === 1; i++) {
      fake.endpoint.wire.send(1, 'x'.repeat(4_000))
      if (i % 50 === 0) await after(0)
    }
    await eventually(() => fake.named('wire.closed').length === 1)
    expect(fake.named('wire.closed')[0]!.args).toEqual({
      session: 1,
      code: 1006,
      reason: 'it does not read: more than 32 KiB wait for it',
      turnedAway: true,
    })
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024)
  })
})

describe('how many', () => {
  it('holds as many sessions as the limit says, and a device may come again in its own place', async () => {
    const fake = await lab({ limits: { sessions: 2 } })
    const first = fake.token('a')
    await greeted(fake, { device: 'a', token: first })
    await greeted(fake, { device: 'b', token: fake.token('b') })
    expect((await turnedAway(fake.url(), { ca: fake.ca, device: 'c', token: fake.token('c') })).status).toBe(503)
    await greeted(fake, { device: 'a', token: first })
  })

  it('holds as many sessions of one user as the limit says', async () => {
    const fake = await lab({ limits: { sessionsPerUser: 2 } })
    for (const device of ['a', 'b', 'c']) fake.owners.set(device, 'alice')
    await greeted(fake, { device: 'a', token: fake.token('a') })
    await greeted(fake, { device: 'b', token: fake.token('b') })
    const refusal = await turnedAway(fake.url(), { ca: fake.ca, device: 'c', token: fake.token('c') })
    expect(refusal).toMatchObject({ status: 429, body: { reason: expect.stringContaining('at most 2') } })
    await greeted(fake, { device: 'other', token: fake.token('other') })
  })

  it('lets one token connect as often as the limit says', async () => {
    const fake = await lab({ limits: { connectBurst: 2, connectsPerSecond: 0 } })
    const token = fake.token('phone')
    for (let i = 0; i < 2; i++) await greeted(fake, { token })
    expect((await turnedAway(fake.url(), { ca: fake.ca, token })).status).toBe(429)
    await greeted(fake, { device: 'other', token: fake.token('other') })
  })
})

describe('what the server says', () => {
  it('[DEC-01] says 401 in a message and closes with 4401, and the lab hears nothing of its own close', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    fake.endpoint.wire.send(1, '{"v":1,"type":"error","code":401,"reason":"token expired"}')
    fake.endpoint.wire.close(1, 4401, 'token expired')
    expect(await client.next()).toContain('"code":401')
    expect(await client.closed).toEqual({ code: 4401, reason: 'token expired' })
    await after(30)
    expect(fake.named('wire.closed')).toEqual([])
    expect(fake.endpoint.sessions).toBe(0)
  })

  it('cuts a reason that does not fit into a close frame', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    fake.endpoint.wire.close(1, 4403, 'ü'.repeat(100))
    expect((await client.closed).reason).toBe('ü'.repeat(61))
  })

  it('tells the lab when the client leaves, with its code and without tokens in its reason', async () => {
    const fake = await lab()
    const token = fake.token('phone')
    const client = await greeted(fake, { token })
    client.socket.close(4000, token)
    await eventually(() => fake.named('wire.closed').length === 1)
    expect(fake.named('wire.closed')[0]!.args).toEqual({ session: 1, code: 4000, reason: '(a token)' })
  })
})

describe('nodes', () => {
  it('[LPNS-05] gives each node a port of its own and tells the lab on which one a client came', async () => {
    const fake = await lab({ nodeNames: ['ucm-pub', 'ucm-sub'] })
    expect(portOf(fake.url(0))).not.toBe(portOf(fake.url(1)))
    await greeted(fake, { token: fake.token('phone') }, 1)
    expect(fake.named('wire.connected')[0]!.args['node']).toBe('ucm-sub')
  })

  it('refuses connections while LPNS is down, breaks what was open there, and is back on the same port', async () => {
    const fake = await lab({ nodeNames: ['ucm-pub', 'ucm-sub'] })
    const client = await greeted(fake, { token: fake.token('phone') })
    const other = await greeted(fake, { device: 'other', token: fake.token('other') }, 1)
    const url = fake.url()
    fake.states.set('ucm-pub', 'down')
    fake.endpoint.sync()
    expect((await client.closed).code).toBe(1006)
    await expect(tcpRefused(url)).resolves.toBe('ECONNREFUSED')
    expect(other.socket.readyState).toBe(1)
    expect(fake.endpoint.nodes()[0]).toMatchObject({ listening: false, sessions: 0 })
    expect(fake.named('wire.closed')).toEqual([])
    fake.states.set('ucm-pub', 'running')
    fake.endpoint.sync()
    await eventually(() => fake.endpoint.nodes()[0]!.listening)
    expect(fake.url()).toBe(url)
    await greeted(fake, { token: fake.token('phone') })
  })

  it('answers nobody while a node is off the network, keeps what is open, and goes on when it is back', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    fake.states.set('ucm-pub', 'silent')
    fake.endpoint.sync()
    client.socket.send('{"late":1}')
    fake.endpoint.wire.send(1, '{"held":1}')
    const waiting = dial(fake.url(), { ca: fake.ca, device: 'other', token: fake.token('other') })
    await after(80)
    expect(fake.named('wire.received')).toEqual([])
    expect(client.frames).toHaveLength(1)
    expect(waiting.socket.readyState).toBe(0)
    fake.states.set('ucm-pub', 'running')
    fake.endpoint.sync()
    expect(await client.next()).toBe('{"held":1}')
    expect(await waiting.next()).toBe('{"welcome":2}')
    await eventually(() => fake.named('wire.received').length === 1)
  })

  it('a session that the server gives up while its node is off the network ends for its client only when that is back', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    fake.states.set('ucm-pub', 'silent')
    fake.endpoint.sync()
    fake.endpoint.wire.close(1, 4401, 'no keepalive')
    await after(50)
    expect(client.socket.readyState).toBe(1)
    fake.states.set('ucm-pub', 'running')
    fake.endpoint.sync()
    expect((await client.closed).code).toBe(1006)
    expect(fake.named('wire.closed')).toEqual([])
  })

  it('[LPNS-20] breaks a connection without a word when the service is killed', async () => {
    const fake = await lab()
    const client = await greeted(fake, { token: fake.token('phone') })
    fake.endpoint.wire.close(1, 1006, 'reset')
    expect((await client.closed).code).toBe(1006)
  })

  it('names the port that is taken', async () => {
    const fake = await lab()
    await expect(fakeLab({ port: portOf(fake.url()) })).rejects.toThrow(`Port ${portOf(fake.url())} on 127.0.0.1 is in use`)
  })
})

describe('handshakes', () => {
  it('ends a connection that says nothing, before TLS and after it', async () => {
    const fake = await lab({ limits: { handshakeMs: 300 } })
    const silent = await tcp(fake.url())
    const secured = await tls(fake.url(), fake.ca)
    expect(fake.endpoint.halfOpen).toBe(2)
    const started = performance.now()
    await Promise.all([once(silent, 'close'), once(secured, 'close')])
    expect(performance.now() - started).toBeGreaterThan(200)
    await eventually(() => fake.endpoint.halfOpen === 0)
    expect(fake.endpoint.refused).toBe(2)
  })

  it('ends a connection that sends its headers drop by drop', async () => {
    const fake = await lab({ limits: { handshakeMs: 300 } })
    const socket = await tls(fake.url(), fake.ca)
    socket.write('GET /lpns?device=phone HTTP/1.1\r\n')
    const drops = setInterval(() => socket.write('X-A: b\r\n'), 50)
    await once(socket, 'close')
    clearInterval(drops)
    expect(fake.inputs).toEqual([])
  })

  it('drops the oldest of too many half-open handshakes, so that others are still served', async () => {
    const fake = await lab({ limits: { halfOpen: 8 } })
    const silent = await Promise.all(Array.from({ length: 30 }, () => tcp(fake.url())))
    await greeted(fake, { token: fake.token('phone') })
    expect(fake.endpoint.halfOpen).toBeLessThanOrEqual(8)
    for (const socket of silent) socket.destroy()
  })

  it('refuses headers beyond their bound', async () => {
    const fake = await lab()
    const refusal = await turnedAway(fake.url(), { ca: fake.ca, token: fake.token('phone'), headers: { 'x-long': 'y'.repeat(9_000) } })
    expect(refusal.status).toBe(431)
  })
})

describe('the end', () => {
  it('says 1001 to everybody and does not wait for who does not answer', async () => {
    const fake = await lab({ limits: { closeMs: 200 } })
    const client = await greeted(fake, { token: fake.token('phone') })
    const deaf = await greeted(fake, { device: 'deaf', token: fake.token('deaf') })
    deaf.socket.pause()
    const url = fake.url()
    const started = performance.now()
    await fake.endpoint.close('Push Lab is closing')
    expect(performance.now() - started).toBeLessThan(1_500)
    expect(await client.closed).toEqual({ code: 1001, reason: 'Push Lab is closing' })
    expect(fake.endpoint.sessions).toBe(0)
    expect(fake.named('wire.closed')).toEqual([])
    await expect(tcpRefused(url)).resolves.toBe('ECONNREFUSED')
  })
})

async function tcpRefused(url: string): Promise<unknown> {
  const socket = connect(portOf(url), '127.0.0.1')
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
  return error.code
}
