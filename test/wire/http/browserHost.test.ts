import { request as httpRequest } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { textFile } from '../../../core/wire/http/appFiles.ts'
import { openBrowserHost, type BrowserHost } from '../../../core/wire/http/browserHost.ts'
import { batch, recordingDoor, type RecordingDoor } from '../../doubles/door.ts'

let host: BrowserHost
let door: RecordingDoor
const secretOf = (url: string): string => new URL(url).hash.replace('#token=', '')
const here = (): string => `127.0.0.1:${host.port}`

beforeEach(async () => {
  door = recordingDoor()
  host = await openBrowserHost({
    door,
    files: async (target) => textFile(200, `file ${target}`),
    host: '127.0.0.1',
    port: 0,
    limits: { connections: 2, frameBytes: 2_000 },
  })
})
afterEach(() => host.close())

type Answer = { status: number; headers: Record<string, unknown>; text: string }

/** Not fetch: that one sets Host and Origin itself. */
function ask(o: { method?: string; path?: string; headers?: Record<string, string>; body?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: host.port, method: o.method ?? 'GET', path: o.path ?? '/', headers: { host: here(), ...o.headers } },
      (answer) => {
        let text = ''
        answer.on('data', (part) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }))
      },
    )
    request.on('error', reject)
    request.end(o.body)
  })
}

const hello = (secret: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  ask({ method: 'POST', path: '/hello', headers: { origin: `http://${here()}`, ...headers }, body: JSON.stringify({ secret }) })

function connect(o: { token?: string; origin?: string; path?: string; host?: string } = {}): WebSocket {
  return new WebSocket(`ws://${here()}${o.path ?? '/door'}`, ['push-lab', ...(o.token === undefined ? [] : [o.token])], {
    headers: { origin: o.origin ?? `http://${here()}`, host: o.host ?? here() },
  })
}

type Ending = { status: number } | { code: number; reason: string } | 'open'
const outcome = (socket: WebSocket): Promise<Ending> =>
  new Promise((resolve) => {
    socket.on('error', () => {})
    socket.on('unexpected-response', (_request, answer) => resolve({ status: answer.statusCode ?? 0 }))
    socket.on('open', () => resolve('open'))
  })
const closing = (socket: WebSocket): Promise<{ code: number; reason: string }> =>
  new Promise((resolve) => socket.on('close', (code, reason) => resolve({ code, reason: String(reason) })))
const next = (socket: WebSocket): Promise<unknown> =>
  new Promise((resolve) => socket.once('message', (data) => resolve(JSON.parse(String(data)))))

describe('pages', () => {
  it('come with the strict policy, which names their own door', async () => {
    const { status, headers, text } = await ask({ path: '/x' })
    expect({ status, text }).toEqual({ status: 200, text: 'file /x\n' })
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://${here()};`)
    expect(headers['x-content-type-options']).toBe('nosniff')
  })

  it('are refused under a foreign name, and the answer does not repeat it as markup', async () => {
    const { status, headers } = await ask({ headers: { host: `evil.example:${host.port}` } })
    expect(status).toBe(403)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['content-security-policy']).not.toContain('evil.example')
  })

  it('are for GET and HEAD only', async () => {
    expect((await ask({ method: 'DELETE' })).status).toBe(405)
    expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
  })
})

describe('hello', () => {
  it('exchanges the token of the address, again and again', async () => {
    const token = secretOf(host.url)
    expect(JSON.parse((await hello(token)).text)).toEqual({ token })
    expect((await hello(token)).status).toBe(200)
  })

  it('exchanges a ticket for the token once', async () => {
    const ticket = secretOf(host.ticketUrl())
    expect(JSON.parse((await hello(ticket)).text)).toEqual({ token: secretOf(host.url) })
    expect((await hello(ticket)).status).toBe(401)
  })

  it.each(['', 'wrong'])('answers 401 and what to do to the secret %j', async (secret) => {
    expect(await hello(secret)).toMatchObject({ status: 401, text: expect.stringContaining('Open the one that the terminal shows') })
  })

  it('is refused from another origin, and without one', async () => {
    expect((await hello(secretOf(host.url), { origin: 'http://evil.example' })).status).toBe(403)
    expect((await ask({ method: 'POST', path: '/hello', body: '{}' })).status).toBe(403)
  })

  it('reads no more than it needs, and only its own form', async () => {
    expect((await hello('x'.repeat(2_000))).status).toBe(400)
    expect((await hello(7)).status).toBe(400)
    expect((await ask({ method: 'POST', path: '/hello', headers: { origin: `http://${here()}` }, body: '{' })).status).toBe(400)
    expect((await ask({ path: '/hello' })).status).toBe(405)
  })
})

describe('the door', () => {
  const token = (): string => secretOf(host.url)

  it('opens with the token and carries requests and batches', async () => {
    const socket = connect({ token: token() })
    expect(await outcome(socket)).toBe('open')
    expect(socket.protocol).toBe('push-lab')
    socket.send('{"id":1,"name":"time.run","args":{}}')
    expect(await next(socket)).toEqual({ id: 1, reply: { ok: true, value: { echo: { name: 'time.run', args: {} } } } })
    socket.send('{"subscribe":true}')
    socket.send('{"id":2,"name":"x"}')
    await next(socket)
    door.push(batch(1))
    expect(await next(socket)).toEqual({ batch: batch(1) })
    const gone = closing(socket)
    socket.close()
    await gone
    await expect.poll(() => door.open).toBe(0)
  })

  it.each([
    ['without a token', {}, 401],
    ['with a wrong token', { token: 'wrong' }, 401],
    ['from another origin', { origin: 'http://evil.example' }, 403],
    ['under another name', { host: 'evil.example' }, 403],
    ['at another path', { path: '/else' }, 404],
  ])('stays shut %s', async (_how, o, status) => {
    const shut = status === 401 ? o : { token: token(), ...o }
    expect(await outcome(connect(shut))).toEqual({ status })
    expect(door.requests).toEqual([])
  })

  it.each([
    ['under another name', `GET /door HTTP/1.1\r\nhost: evil.example\r\n`],
    ['with a wrong token', () => `GET /door HTTP/1.1\r\nhost: ${here()}\r\norigin: http://${here()}\r\n`],
    [
      'that is no WebSocket',
      () => `GET /door HTTP/1.1\r\nhost: ${here()}\r\norigin: http://${here()}\r\nsec-websocket-protocol: push-lab, ${token()}\r\n`,
    ],
  ])('an upgrade %s that was refused takes no place, though its client never hangs up', async (_how, head) => {
    const crowd = Array.from({ length: 300 }, () => {
      const socket = connectTcp({ port: host.port, host: '127.0.0.1', allowHalfOpen: true })
      socket.on('error', () => undefined)
      socket.write(`${typeof head === 'string' ? head : head()}connection: upgrade\r\nupgrade: websocket\r\n\r\n`)
      return { socket, ended: new Promise((resolve) => socket.once('end', resolve).once('close', resolve).resume()) }
    })
    await Promise.all(crowd.map(({ ended }) => ended))
    expect((await ask({})).status).toBe(200)
    for (const { socket } of crowd) socket.destroy()
  })

  it('does not take a ticket: that is for hello', async () => {
    expect(await outcome(connect({ token: secretOf(host.ticketUrl()) }))).toEqual({ status: 401 })
  })

  it('is shut to one page more than the limit, and says so', async () => {
    const pages = [connect({ token: token() }), connect({ token: token() })]
    await Promise.all(pages.map(outcome))
    const third = connect({ token: token() })
    expect(await closing(third)).toEqual({ code: 4429, reason: '2 pages are open already. Close one of them.' })
    expect(pages.map(({ readyState }) => readyState)).toEqual([WebSocket.OPEN, WebSocket.OPEN])
  })

  it('closes on a frame beyond the limit and on a binary one; the others go on', async () => {
    const good = connect({ token: token() })
    await outcome(good)
    const big = connect({ token: token() })
    await outcome(big)
    const ended = closing(big)
    big.send(JSON.stringify({ id: 1, name: 'x', args: 'y'.repeat(2_000) }))
    expect((await ended).code).toBe(1009)

    const binary = connect({ token: token() })
    await outcome(binary)
    const refused = closing(binary)
    binary.send(Buffer.from('{"id":1,"name":"x"}'))
    expect(await refused).toMatchObject({ code: 4400 })

    good.send('{"id":1,"name":"still"}')
    expect(await next(good)).toMatchObject({ id: 1, reply: { ok: true } })
  })

  it('says that it closes when the host closes', async () => {
    const socket = connect({ token: token() })
    await outcome(socket)
    const ended = closing(socket)
    await host.close()
    expect(await ended).toEqual({ code: 1001, reason: 'Push Lab is closing.' })
  })
})

it('says in a sentence that a port is taken', async () => {
  const again = openBrowserHost({ door, files: async () => textFile(200, ''), host: '127.0.0.1', port: host.port })
  await expect(again).rejects.toThrow(`Port ${host.port} on 127.0.0.1 is in use. Choose another with --port, or leave --port out.`)
})
