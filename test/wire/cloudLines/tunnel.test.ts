/** Lines through a proxy: CONNECT, its login and its refusals, as any proxy may say them; real squid is in test/interop. */
import { connect, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProxyLogin } from '../../../core/cloud/real.ts'
import { credentialsOf } from '../../../core/edge/proxyAuth.ts'
import { MAX_REPLY_BYTES } from '../../../core/wire/cloudLines/limits.ts'
import { nodeSealer } from '../../../core/wire/nodeSealer.ts'
import { json, linesBench, PASSWORDS, PUSH, portOf, request, tcpServer, tlsServer, type LinesBench } from './bench.ts'

let b: LinesBench
beforeEach(async () => {
  b = await linesBench()
})
afterEach(() => b.close())

const BASIC: ProxyLogin = { scheme: 'Basic', user: 'cucm', secret: 'good' }

/** Reads heads up to the blank line, and says what follows. */
function heads(socket: Socket, each: (head: string) => void): void {
  let text = ''
  const take = (part: Buffer): void => {
    text += part.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end === -1) return
    const head = text.slice(0, end)
    text = text.slice(end + 4)
    each(head)
  }
  socket.on('data', take)
}

/** Passes on to the port that CONNECT names, after the answers of `refusals`. */
async function proxy(refusals: string[] = [], heard: string[] = []): Promise<number> {
  return tcpServer(b, (socket) => passOn(socket, refusals, heard))
}

function passOn(socket: Socket, refusals: string[], heard: string[]): void {
  heads(socket, (head) => {
    heard.push(head)
    const refusal = refusals.shift()
    if (refusal !== undefined) return void socket.write(refusal)
    const port = Number(/^CONNECT \S+:(\d+) /.exec(head)?.[1])
    socket.removeAllListeners('data')
    const far = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.pipe(far).pipe(socket)
    })
    far.on('error', () => socket.destroy())
    socket.on('close', () => far.destroy())
  })
}

const dial = async (port: number, tls: string | null = null): Promise<number> => {
  const dialled = b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port, tls } })
  const line = b.last
  expect(await dialled).toEqual({ is: 'line' })
  return line
}
const tunnel = (line: number, login: ProxyLogin | null = null) => b.ask({ do: 'tunnel', line, name: PUSH, login })
const ESTABLISHED = { is: 'tunnel', status: 200, text: 'Connection established', challenges: [], closes: false }

const push = async () => {
  await tlsServer(b, (socket) => socket.on('data', () => socket.write(json(200, { reason: 'OK' }))))
  return b.ports.get(PUSH) as number
}

describe('two call flows', () => {
  it('[PROXY-01] [DEC-26] HTTP: CONNECT in the clear, TLS with the cloud inside, requests in that', async () => {
    const cloud = await push()
    const heard: string[] = []
    const line = await dial(await proxy([], heard))
    expect(await tunnel(line)).toEqual(ESTABLISHED)
    expect(await b.ask({ do: 'secure', line, name: PUSH })).toEqual({ is: 'secured' })
    expect(await b.ask({ do: 'exchange', line, request: request() })).toEqual({ is: 'answer', status: 200, text: 'OK' })
    expect(await b.ask({ do: 'exchange', line, request: request() })).toEqual({ is: 'answer', status: 200, text: 'OK' })
    expect(heard).toEqual([`CONNECT ${PUSH}:${cloud} HTTP/1.1\r\nHost: ${PUSH}:${cloud}\r\nProxy-Connection: keep-alive`])
    expect(b.exchanges.map(({ request: { method }, tls }) => [method, tls])).toEqual([
      ['CONNECT', ''],
      ['POST', 'TLSv1.3'],
      ['POST', 'TLSv1.3'],
    ])
  })

  it('[PROXY-01] [DEC-26] HTTPS: TLS with the proxy, by its own name, and TLS with the cloud inside that', async () => {
    await push()
    const issued = await b.authority.issue(['proxy.clinic.example'])
    const server = createTls({ cert: issued.certificate, key: issued.privateKey }, (socket) => passOn(socket, [], []))
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    b.closing.push(() => server.close())
    const wrong = await b.ask({
      do: 'dial',
      node: 'ucm-pub',
      target: { address: '127.0.0.1', port: portOf(server), tls: 'other.clinic.example' },
    })
    expect(wrong).toMatchObject({ is: 'failed', stage: 'tls', text: expect.stringContaining('other names than other.clinic.example') })
    const line = await dial(portOf(server), 'proxy.clinic.example')
    expect(await tunnel(line)).toEqual(ESTABLISHED)
    expect(await b.ask({ do: 'secure', line, name: PUSH })).toEqual({ is: 'secured' })
    expect(await b.ask({ do: 'exchange', line, request: request() })).toMatchObject({ status: 200 })
  })

  it('[PROXY-01] an HTTP proxy that is greeted in TLS is told as such', async () => {
    const plain = await tcpServer(b, (socket) => socket.once('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')))
    const told = await b.ask({ do: 'dial', node: 'ucm-pub', target: { address: '127.0.0.1', port: plain, tls: 'proxy.clinic.example' } })
    expect(told).toEqual({ is: 'failed', stage: 'proxy', text: `no TLS on 127.0.0.1:${plain}: this is an HTTP proxy, and HTTPS is set` })
  })

  it('[PROXY-01] an HTTPS proxy that is spoken to in the clear answers in TLS, or hangs up', async () => {
    const alert = await tcpServer(b, (socket) => socket.once('data', () => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70]))))
    expect(await tunnel(await dial(alert))).toMatchObject({
      is: 'failed',
      stage: 'proxy',
      text: expect.stringContaining('this is an HTTPS proxy, and HTTP is set'),
    })
    const mute = await tcpServer(b, (socket) => socket.once('data', () => socket.end()))
    expect(await tunnel(await dial(mute))).toMatchObject({
      is: 'failed',
      stage: 'proxy',
      text: expect.stringContaining('hung up without an answer'),
    })
    const rude = await tcpServer(b, (socket) => socket.once('data', () => socket.resetAndDestroy()))
    expect(await tunnel(await dial(rude))).toMatchObject({ is: 'failed', stage: 'connect', text: expect.stringContaining('reset') })
    expect(b.lines.open).toBe(0)
  })
})

describe('login', () => {
  const ASKS =
    'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\nProxy-Authenticate: Basic realm="r"\r\nContent-Length: 4\r\n\r\nbody'

  it('[PROXY-02] the challenges come back as they stood, and the login goes over the same connection', async () => {
    await push()
    const heard: string[] = []
    const line = await dial(await proxy([ASKS], heard))
    expect(await tunnel(line)).toEqual({
      is: 'tunnel',
      status: 407,
      text: 'Proxy Authentication Required',
      challenges: ['Digest realm="r", nonce="n", qop="auth"', 'Basic realm="r"'],
      closes: false,
    })
    expect(await tunnel(line, BASIC)).toEqual(ESTABLISHED)
    expect(heard[1]).toContain(`Proxy-Authorization: Basic ${Buffer.from('cucm:correct horse').toString('base64')}`)
  })

  it.each(['MD5', 'SHA-256'])('[PROXY-02] Digest with %s is answered for the CONNECT that is sent', async (algorithm) => {
    const cloud = await push()
    const heard: string[] = []
    const challenge = `Digest realm="r", nonce="n", qop="auth", algorithm=${algorithm}`
    const login: ProxyLogin = { scheme: 'Digest', user: 'cucm', secret: 'good', challenge, uses: 2, cnonce: 'c' }
    expect(await tunnel(await dial(await proxy([], heard)), login)).toEqual(ESTABLISHED)
    const value = credentialsOf(login, PASSWORDS['good'] as string, { method: 'CONNECT', uri: `${PUSH}:${cloud}` }, nodeSealer)
    expect(heard[0]).toContain(`Proxy-Authorization: ${value}`)
    expect(heard[0]).toContain('nc=00000002')
  })

  it('[PROXY-02] a password that nobody has told is a failure before anything is sent, and says how to mend it', async () => {
    const heard: string[] = []
    const told = await tunnel(await dial(await proxy([], heard)), { ...BASIC, secret: 'never told' })
    expect(told).toEqual({
      is: 'failed',
      stage: 'proxy',
      text: 'nobody has told the password "never told" of the proxy: give clouds.secret',
    })
    expect(heard).toEqual([])
  })

  it('no password and no response of it stands in the log', async () => {
    await push()
    const line = await dial(await proxy([ASKS]))
    await tunnel(line)
    await tunnel(line, BASIC)
    expect(b.exchanges).toMatchObject([
      { cloud: 'push-rest', request: { method: 'CONNECT' }, response: { status: 407 }, outcome: '407 Proxy Authentication Required' },
      { request: { method: 'CONNECT' }, response: { status: 200 } },
    ])
    expect(JSON.stringify(b.exchanges)).not.toContain(Buffer.from('cucm:correct horse').toString('base64'))
    expect(JSON.stringify(b.exchanges)).not.toContain('correct horse')
  })
})

describe('what a proxy may answer', () => {
  it.each([
    ['says that it closes', 'HTTP/1.1 407 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', { status: 407, text: 'No', closes: true }],
    ['is of HTTP/1.0', 'HTTP/1.0 407 No\r\nContent-Length: 0\r\n\r\n', { status: 407, text: 'No', closes: true }],
    [
      'is of HTTP/1.0 and stays',
      'HTTP/1.0 407 No\r\nProxy-Connection: Keep-Alive\r\nContent-Length: 0\r\n\r\n',
      { status: 407, text: 'No', closes: false },
    ],
    ['does not say how long it is', 'HTTP/1.1 403 Forbidden\r\n\r\n<html>', { status: 403, text: 'Forbidden', closes: true }],
    [
      'comes in chunks',
      'HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      { status: 502, text: 'Bad Gateway', closes: true },
    ],
    [
      'is longer than it may be',
      `HTTP/1.1 403 Forbidden\r\nContent-Length: ${MAX_REPLY_BYTES + 1}\r\n\r\n`,
      { status: 403, text: 'Forbidden', closes: true },
    ],
    [
      'announces itself with 100',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n',
      { status: 504, text: 'Gateway Timeout', closes: false },
    ],
  ])('[PROXY-01] an answer that %s', async (_which, answer, expected) => {
    expect(await tunnel(await dial(await proxy([answer])))).toEqual({ is: 'tunnel', challenges: [], ...expected })
  })

  it('byte by byte it is the same answer', async () => {
    const port = await tcpServer(b, (socket) =>
      heads(socket, () => {
        const answer = 'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="r"\r\nContent-Length: 2\r\n\r\nno'
        const next = (at: number): void => {
          if (at < answer.length) socket.write(answer[at] as string, () => setImmediate(next, at + 1))
        }
        next(0)
      }),
    )
    expect(await tunnel(await dial(port))).toEqual({
      is: 'tunnel',
      status: 407,
      text: 'No',
      challenges: ['Basic realm="r"'],
      closes: false,
    })
  })

  it.each([
    ['a page after saying yes', 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>Log in', 'a web page in place of a tunnel'],
    ['another protocol', 'SSH-2.0-OpenSSH\r\n\r\n', 'not HTTP'],
    ['a header that is none', 'HTTP/1.1 407 No\r\nno colon\r\n\r\n', 'not HTTP'],
    ['a head without end', `HTTP/1.1 407 No\r\nX: ${'y'.repeat(20_000)}`, 'too long'],
    ['too many headers', `HTTP/1.1 407 No\r\n${'X: y\r\n'.repeat(101)}\r\n`, 'too many headers'],
  ])('[PROXY-01] %s follows neither of the two call flows', async (_which, answer, text) => {
    expect(await tunnel(await dial(await proxy([answer])))).toMatchObject({
      is: 'failed',
      stage: 'proxy',
      text: expect.stringContaining(text),
    })
    expect(b.lines.open).toBe(0)
  })

  it('[NET-03] [SEC-03] a proxy that inspects shows a certificate of its own: no byte of the push', async () => {
    const heard: string[] = []
    const issued = await (
      await import('../../../core/wire/certificates.ts')
    )
      .createAuthority('inspection')
      .then((other) => other.issue([PUSH]))
    const inside = createTls({ cert: issued.certificate, key: issued.privateKey }, (socket) =>
      socket.on('data', (part) => heard.push(String(part))),
    )
    inside.on('tlsClientError', () => undefined)
    inside.listen(0, '127.0.0.1')
    await once(inside, 'listening')
    b.closing.push(() => inside.close())
    b.ports.set(PUSH, portOf(inside))
    const line = await dial(await proxy())
    expect(await tunnel(line)).toEqual(ESTABLISHED)
    expect(await b.ask({ do: 'secure', line, name: PUSH })).toEqual({
      is: 'failed',
      stage: 'tls',
      text: `TLS handshake failed: the certificate of ${PUSH} is not the cloud's own`,
    })
    expect(heard).toEqual([])
  })
})
