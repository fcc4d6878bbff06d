/** Lines straight to the cloud: names, TLS, requests on the one connection, and everything that can befall it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Socket } from 'node:net'
import { createAuthority } from '../../../core/wire/certificates.ts'
import { MAX_LINES, MAX_REPLY_BYTES } from '../../../core/wire/cloudLines/limits.ts'
import { eventually } from '../eventually.ts'
import { blackHole, json, linesBench, PUSH, request, tcpServer, tlsServer, type LinesBench } from './bench.ts'

let b: LinesBench
beforeEach(async () => {
  b = await linesBench()
})
afterEach(() => b.close())

/** Answers each request with the next of these; the last one stays. */
function answering(...answers: string[]) {
  const heard: string[] = []
  let connections = 0
  const serve = (socket: Socket): void => {
    connections++
    socket.on('data', (part) => {
      heard.push(part.toString('latin1'))
      socket.write(answers.length > 1 ? (answers.shift() as string) : (answers[0] as string))
    })
  }
  return {
    heard,
    serve,
    get connections() {
      return connections
    },
  }
}

const sent = (line: number, change: Parameters<typeof request>[0] = {}) => b.ask({ do: 'exchange', line, request: request(change) })

describe('names', () => {
  it('[NET-02] [NET-09] the lab knows the cloud; what it does not know goes to this machine', async () => {
    expect(await b.ask({ do: 'resolve', node: 'ucm-pub', name: PUSH })).toEqual({ is: 'addresses', addresses: ['127.0.0.1'] })
    const local = await b.ask({ do: 'resolve', node: 'ucm-pub', name: 'localhost' })
    expect(local).toMatchObject({ is: 'addresses' })
    expect(b.asked).toEqual([PUSH, 'localhost'])
  })

  it('[PROXY-03] several addresses come in the order of the answer; an address needs no question', async () => {
    b.names.set('proxy.clinic.example', ['127.0.0.9', '127.0.0.1'])
    expect(await b.ask({ do: 'resolve', node: 'ucm-pub', name: 'proxy.clinic.example' })).toEqual({
      is: 'addresses',
      addresses: ['127.0.0.9', '127.0.0.1'],
    })
    expect(await b.ask({ do: 'resolve', node: 'ucm-pub', name: '10.0.0.80' })).toEqual({ is: 'addresses', addresses: ['10.0.0.80'] })
    expect(b.asked).toEqual(['proxy.clinic.example'])
  })

  it('[NET-09] a name of the cloud that the lab does not answer is never asked for outside', async () => {
    b.names.delete(PUSH)
    expect(await b.ask({ do: 'resolve', node: 'ucm-pub', name: PUSH })).toEqual({
      is: 'failed',
      stage: 'dns',
      text: `${PUSH} cannot be resolved`,
    })
    expect(await b.ask({ do: 'resolve', node: 'ucm-pub', name: 'nobody.invalid' })).toMatchObject({ is: 'failed', stage: 'dns' })
  })
})

describe('TLS with the cloud', () => {
  const DAY = 24 * 3_600_000
  const now = Date.now()
  it.each([
    [
      'of another authority',
      async () => ({ issuer: await createAuthority('inspection') }),
      `the certificate of ${PUSH} is not the cloud's own`,
    ],
    ['for another name', async () => ({ names: ['inspection.example'] as [string] }), `the certificate is for other names than ${PUSH}`],
    ['that has expired', async () => ({ validity: { from: new Date(now - 3 * DAY), to: new Date(now - DAY) } }), 'has expired'],
    ['that is not valid yet', async () => ({ validity: { from: new Date(now + DAY), to: new Date(now + 3 * DAY) } }), 'is not valid yet'],
  ])('[SEC-03] [NET-03] a certificate %s ends the handshake, before any data is sent', async (_which, options, text) => {
    const heard: Buffer[] = []
    await tlsServer(b, (socket) => socket.on('data', (part: Buffer) => heard.push(part)), await options())
    const told = await b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port: 443, tls: PUSH } })
    expect(told).toMatchObject({ is: 'failed', stage: 'tls', text: expect.stringContaining(text) })
    expect(b.lines.open).toBe(0)
    expect(heard).toEqual([])
  })

  it('[SEC-03] a server without TLS gets a greeting of TLS and not a byte of the push', async () => {
    let heard = Buffer.alloc(0)
    const port = await tcpServer(b, (socket) =>
      socket.on('data', (part: Buffer) => {
        heard = Buffer.concat([heard, part])
        socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')
      }),
    )
    b.ports.set(PUSH, port)
    const told = await b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port: 443, tls: PUSH } })
    expect(told).toEqual({ is: 'failed', stage: 'tls', text: `TLS handshake failed: whoever answers for ${PUSH} does not speak TLS` })
    expect(heard[0]).toBe(0x16)
  })

  it('[NET-01] a refused port and a hang-up in the handshake are told apart', async () => {
    const port = await tcpServer(b, (socket) => socket.once('data', () => socket.resetAndDestroy()))
    b.ports.set(PUSH, port)
    const dial = () => b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port: 443, tls: PUSH } })
    expect(await dial()).toEqual({ is: 'failed', stage: 'tls', text: `TLS handshake with ${PUSH} broken off: the connection was reset` })
    b.ports.set(PUSH, 1)
    expect(await dial()).toEqual({ is: 'failed', stage: 'connect', text: 'port 1 refused at 127.0.0.1' })
  })
})

describe('requests', () => {
  it('[NET-06] go over the one connection, one after the other, with the secrets that the lab knows by ID', async () => {
    const server = answering(json(200, { reason: 'OK' }))
    await tlsServer(b, server.serve)
    const line = await b.direct()
    const answers = await Promise.all([sent(line), sent(line), sent(line)])
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ is: 'answer', status: 200, text: 'OK' })))
    expect({ connections: server.connections, requests: server.heard.length, open: b.lines.open }).toEqual({
      connections: 1,
      requests: 3,
      open: 1,
    })
    expect(server.heard[0]).toMatch(/^POST \/v1\/push HTTP\/1\.1\r\n/)
    expect(server.heard[0]).toContain(`host: ${PUSH}\r\n`)
    expect(server.heard[0]).toContain('authorization: Bearer text-of-access-1\r\n')
    expect(server.heard[0]).toContain('TrackingID: CPNS_469696d7')
  })

  it('[NET-02] a token comes back as its ID, and the refresh token joins the form', async () => {
    const server = answering(json(200, { access_token: 'secret-text', expires_in: 3_600, token_type: 'Bearer' }))
    await tlsServer(b, server.serve)
    const told = await sent(await b.direct(), {
      cloud: 'ci',
      path: '/idb/oauth2/v1/access_token',
      headers: [['content-type', 'application/x-www-form-urlencoded']],
      body: 'grant_type=refresh_token',
      bearer: null,
      refresh: 'refresh-7',
    })
    expect(told).toEqual({ is: 'answer', status: 200, text: 'OK', token: 'id-1', expiresInS: 3_600 })
    expect(server.heard[0]).toContain('authorization: Basic of-ci\r\n')
    expect(server.heard[0]?.split('\r\n\r\n')[1]).toBe('grant_type=refresh_token&refresh_token=text-of-refresh-7')
    expect(JSON.stringify(b.exchanges)).not.toMatch(/secret-text|text-of-refresh-7/)
  })

  it('[NET-02] a subscription brings the machine account and its refresh token, by ID', async () => {
    await tlsServer(b, answering(json(200, { machine_account: 'machine-1', refresh_token: 'secret-text' })).serve)
    expect(await sent(await b.direct())).toEqual({ is: 'answer', status: 200, text: 'OK', account: 'machine-1', refresh: 'id-1' })
  })

  it.each([
    ['the reason of Push REST', json(410, { reason: 'Unregistered' }), { status: 410, text: 'Unregistered' }],
    [
      'the error of OAuth',
      json(400, { error: 'invalid_grant', error_description: 'the refresh token has expired' }),
      { status: 400, text: 'the refresh token has expired' },
    ],
    ['no word at all', 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n', { status: 503, text: 'Service Unavailable' }],
    ['words with line breaks', json(400, { reason: 'bad\r\n\u001b[31mred' }), { status: 400, text: 'bad [31mred' }],
    [
      'a redirect to a login page',
      'HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\ncontent-length: 0\r\n\r\n',
      { status: 302, text: 'Found: sent on to another place, as a login page does' },
    ],
  ])('an answer is told with its status and %s', async (_which, answer, expected) => {
    await tlsServer(b, answering(answer).serve)
    expect(await sent(await b.direct())).toEqual({ is: 'answer', ...expected })
  })

  it('a web page with 200 is no success: a captive portal speaks for the cloud', async () => {
    const page = '<!doctype html><title>Log in</title>'
    await tlsServer(b, answering(`HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: ${page.length}\r\n\r\n${page}`).serve)
    expect(await sent(await b.direct())).toMatchObject({ is: 'failed', stage: 'send', text: expect.stringContaining('captive portal') })
  })

  it('one entry of the log for each, without its secrets', async () => {
    await tlsServer(b, answering(json(200, { reason: 'OK' })).serve)
    await sent(await b.direct())
    expect(b.exchanges).toMatchObject([
      {
        connection: 'line 1',
        cloud: 'push-rest',
        protocol: 'HTTP/1.1',
        tls: 'TLSv1.3',
        request: { method: 'POST', path: '/v1/push' },
        response: { status: 200 },
        outcome: 'answered',
        tracking: 'CPNS_469696d7-33d2-4e7c-9b4e-14b04de9ce1b',
      },
    ])
    expect(JSON.stringify(b.exchanges)).not.toMatch(/text-of-access-1|e5e5e5e5e5e5e5e5/)
  })
})

describe('what befalls a connection', () => {
  it.each<[string, (socket: Socket, raw: Socket) => void, string]>([
    ['a reset', (_socket, raw) => raw.resetAndDestroy(), 'connection reset by'],
    ['a hang-up', (socket) => socket.end(), 'hung up before its answer was complete'],
    [
      'a hang-up amid the answer',
      (socket) => socket.end(json(200, { reason: 'accepted' }).slice(0, -8)),
      'hung up before its answer was complete',
    ],
    ['an answer that is no HTTP', (socket) => socket.write('SIP/2.0 200 OK\r\n\r\n'), 'not HTTP'],
    [
      'an answer that is too long',
      (socket) => socket.write(json(200, { reason: 'x'.repeat(MAX_REPLY_BYTES) })),
      'longer than an answer may be',
    ],
    ['headers that are too long', (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}`), 'headers'],
  ])('[NET-07] %s fails the request once, on one connection, and those that wait behind it', async (_which, serve, text) => {
    let requests = 0
    let connections = 0
    await tlsServer(b, (socket, raw) => {
      connections++
      socket.once('data', () => {
        requests++
        serve(socket, raw)
      })
    })
    const line = await b.direct()
    const [first, second] = await Promise.all([sent(line), sent(line)])
    expect(first).toMatchObject({ is: 'failed', stage: 'send', text: expect.stringContaining(text) })
    expect(second).toMatchObject({ is: 'failed', stage: 'send' })
    expect(await sent(line)).toMatchObject({ is: 'failed', stage: 'send' })
    expect({ requests, connections, open: b.lines.open }).toEqual({ requests: 1, connections: 1, open: 0 })
  })

  it('[NET-06] a connection that the other side ends while it rests is told by the number of its line, once', async () => {
    const ends: (() => void)[] = []
    await tlsServer(b, (socket) => {
      ends.push(() => socket.end())
      socket.on('data', () => socket.write(json(200, { reason: 'OK' })))
    })
    const line = await b.direct()
    await sent(line)
    ends[0]?.()
    await eventually(() => b.told.length === 3, 'the end of the line')
    expect(b.told[2]).toEqual([line, { is: 'failed', stage: 'connect', text: 'the other side has closed this connection' }])
    expect(b.lines.open).toBe(0)
    expect(await sent(line)).toMatchObject({ is: 'failed', stage: 'send' })
    expect(b.told).toHaveLength(4)
  })

  it('an answer that says "close" is told first, and then the end of its line', async () => {
    await tlsServer(b, (socket) => socket.once('data', () => socket.end(json(200, { reason: 'OK' }, 'connection: close\r\n'))))
    const line = await b.direct()
    expect(await sent(line)).toEqual({ is: 'answer', status: 200, text: 'OK' })
    await eventually(() => b.told.length === 3, 'the end of the line')
    expect(b.told[2]).toMatchObject([line, { is: 'failed', stage: 'connect' }])
  })
})

describe('giving up', () => {
  it('a request that is dropped ends its connection and is told nothing more', async () => {
    await tlsServer(b, (socket) => socket.resume())
    const line = await b.direct()
    void sent(line)
    await new Promise((resolve) => setTimeout(resolve, 20))
    b.lines.drop(b.last)
    await eventually(() => b.connected.size === 0, 'the end of the connection')
    await eventually(() => b.exchanges.length === 1, 'its entry in the log')
    expect(b.exchanges[0]).toMatchObject({ response: null, outcome: 'given up: the lab waits no longer' })
    expect(b.told.filter(([number]) => number === b.last)).toEqual([])
  })

  it('a line that is hung up ends, and who waits on it is told so', async () => {
    await tlsServer(b, (socket) => socket.resume())
    const line = await b.direct()
    const waiting = sent(line)
    b.lines.hangUp(line)
    expect(await waiting).toEqual({ is: 'failed', stage: 'send', text: 'the lab has closed this connection' })
    await eventually(() => b.connected.size === 0, 'the end of the connection')
    expect(b.told).toHaveLength(2)
    expect(b.lines.open).toBe(0)
  })

  it('a line that stands can be dropped by its own number, too', async () => {
    await tlsServer(b, (socket) => socket.resume())
    b.lines.drop(await b.direct())
    await eventually(() => b.connected.size === 0, 'the end of the connection')
    expect({ open: b.lines.open, told: b.told.length }).toEqual({ open: 0, told: 1 })
  })

  it('[PROXY-03] a dial into a black hole is told nothing by itself; dropped, it leaves no socket', async () => {
    const hole = await blackHole('127.0.0.1', 0)
    b.closing.push(hole.close)
    void b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port: hole.port, tls: null } })
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect({ told: b.told, open: b.lines.open }).toEqual({ told: [], open: 1 })
    b.lines.drop(b.last)
    expect({ told: b.told, open: b.lines.open }).toEqual({ told: [], open: 0 })
  })

  it('there are at most 500 lines; one that ends makes room for the next', async () => {
    const port = await tcpServer(b, (socket) => socket.resume())
    const dial = () => b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port, tls: null } })
    const told = await Promise.all(Array.from({ length: MAX_LINES }, dial))
    expect(told.every(({ is }) => is === 'line')).toBe(true)
    expect(await dial()).toEqual({ is: 'failed', stage: 'connect', text: '500 connections to the cloud are open already' })
    b.lines.hangUp(1)
    expect(await dial()).toEqual({ is: 'line' })
    expect(b.lines.open).toBe(MAX_LINES)
  })

  it('closing ends everything and tells nothing', async () => {
    await tlsServer(b, (socket) => socket.resume())
    const lines = [await b.direct(), await b.direct()]
    for (const line of lines) void sent(line)
    const before = b.told.length
    await b.lines.close()
    await eventually(() => b.connected.size === 0, 'the end of both')
    void b.ask({ do: 'resolve', node: 'ucm-pub', name: PUSH })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(b.told).toHaveLength(before)
  })
})
