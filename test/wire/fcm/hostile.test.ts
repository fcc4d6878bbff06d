/** Hostile clients in a process of their own, and good ones that must not notice. */
import { spawn } from 'node:child_process'
import type { ClientHttp2Session } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from 'vitest'
import { SEND, TOKENS } from '../../cloud/fcm/fake.ts'
import { atEnd, closeAll, door, HOST, onSession, overHttp1, session, type Door } from './door.ts'
import { after, eventually } from '../eventually.ts'

afterEach(closeAll)

const MEGABYTE = 1_024 * 1_024
const GOOD = { body: JSON.stringify({ message: { token: TOKENS.alive, data: { a: 'b' } } }) }

/** What is held after everything that can be freed was. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

it('[FCM-06] hostile clients leave memory flat and others served', { timeout: 60_000 }, async () => {
  const at = await door({
    onExchange: () => undefined,
    onKeylog: () => undefined,
    accepted: () => undefined,
    quotas: { devicePerMinute: 100_000, devicePerHour: 100_000 },
    limits: { handshakeMs: 2_000, headersMs: 2_000, exchangeMs: 2_000 },
  })
  const open = session(at)
  const one = async (): Promise<number> => {
    const started = performance.now()
    expect((await onSession(open, GOOD)).status).toBe(200)
    expect((await overHttp1(at, GOOD)).status).toBe(200)
    return performance.now() - started
  }
  await one()

  const script = new URL('hostile.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, [script, String(at.port)], {
    env: { ...process.env, CA: at.ca, SEND, TOKEN: 'good' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  atEnd(() => child.kill('SIGKILL'))
  let done: Record<string, number> = {}
  createInterface({ input: child.stdout }).on('line', (line) => (done = JSON.parse(line) as Record<string, number>))

  const served = async (times: number): Promise<number> => {
    let slowest = 0
    for (let i = 0; i < times; i++) {
      await after(250)
      slowest = Math.max(slowest, await one())
    }
    return slowest
  }
  await served(16) // everything is compiled, and every kind has been turned away once
  const before = heldBytes()
  const slowest = await served(24)
  const grown = heldBytes() - before
  child.kill('SIGKILL')

  expect(slowest).toBeLessThan(2_000)
  expect(grown).toBeLessThan(24 * MEGABYTE)
  expect(at.fcm.connections).toBeLessThanOrEqual(256)
  for (const kind of [
    'silent: closed',
    'slow headers: closed',
    'slow body: closed',
    'long headers: 431',
    'long body: 413',
    'chunks: 413',
    'slow streams: closed',
    'nested: 400',
  ])
    expect(Object.keys(done), JSON.stringify(done)).toContain(kind)
  await eventually(() => at.fcm.connections === 1, 'the end of the hostile connections')
  await one()
})

it('[FCM-06] who opens streams only to reset them is sent away; others on their own connections are not', async () => {
  const at = await door({ limits: { resetBurst: 50, resetsPerSecond: 0 } })
  const good = session(at)
  const evil = session(at)
  let code: number | null = null
  evil.on('goaway', (got) => (code = got))
  const rounds = async (streams: number): Promise<void> => {
    for (let i = 0; i < streams && !evil.destroyed; i++) {
      const stream = evil.request({ ':method': 'POST', ':path': SEND })
      stream.on('error', () => undefined)
      await after(2)
      stream.close(8)
      await after(1)
    }
  }
  await rounds(50)
  await after(100)
  expect([code, evil.destroyed]).toEqual([null, false])
  await rounds(5)
  await eventually(() => evil.destroyed, 'the end of the connection')
  expect(code).toBe(11) // ENHANCE_YOUR_CALM
  expect((await onSession(good, GOOD)).status).toBe(200)
})

it.each([
  ['PING', (evil: ClientHttp2Session, done: () => void) => void evil.ping(done)],
  ['SETTINGS', (evil: ClientHttp2Session, done: () => void) => evil.settings({ initialWindowSize: 65_535 }, done)],
])('[FCM-06] who floods it with %s is sent away; others on their own connections are not', async (_which, send) => {
  const at = await door({ limits: { resetBurst: 50, resetsPerSecond: 0 } })
  const good = session(at)
  const evil = session(at)
  let code: number | null = null
  evil.on('goaway', (got) => (code = got))
  const flood = async (frames: number): Promise<void> => {
    // Its library has no more than ten under way.
    for (let frame = 0; frame < frames && !evil.destroyed; frame++)
      await new Promise<void>((resolve) => {
        evil.once('close', resolve)
        send(evil, resolve)
      })
    evil.removeAllListeners('close')
  }
  // The SETTINGS that it greets with do not count.
  expect((await onSession(evil, GOOD)).status).toBe(200)
  await flood(50)
  expect((await onSession(evil, GOOD)).status).toBe(200)
  await flood(5)
  await eventually(() => evil.destroyed, 'the end of the connection')
  expect(code).toBe(11) // ENHANCE_YOUR_CALM
  expect((await onSession(good, GOOD)).status).toBe(200)
})

/** Says raw HTTP, and how long it took until the end. */
function raw({ port, ca }: Door, text: string): Promise<{ heard: string; ms: number }> {
  const started = performance.now()
  return new Promise((resolve) => {
    let heard = ''
    const socket = connectTls({ host: '127.0.0.1', port, servername: HOST, ca }, () => socket.write(text))
    atEnd(() => socket.destroy())
    socket.on('data', (part) => (heard += part.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve({ heard, ms: performance.now() - started }))
  })
}

describe('deadlines', () => {
  it('who leaves amid a body is told apart from who was answered', async () => {
    const at = await door()
    const socket = connectTls({ host: '127.0.0.1', port: at.port, servername: HOST, ca: at.ca }, () =>
      socket.write(`POST ${SEND} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{`, () => setTimeout(() => socket.destroy(), 50)),
    )
    await eventually(() => at.exchanges.length === 1, 'the exchange')
    expect(at.exchanges[0]).toMatchObject({ outcome: 'client went away', status: null, requestBody: null })
    expect((await overHttp1(at, GOOD)).status).toBe(200)
  })

  it.each([
    ['says nothing', ''],
    ['stops amid its headers', `POST ${SEND} HTTP/1.1\r\nhost: x\r\n`],
  ])('who %s is dropped when the time to a first request is over', async (_which, text) => {
    const at = await door({ limits: { handshakeMs: 500 } })
    const { heard, ms } = await raw(at, text)
    expect(heard).toBe('')
    expect(ms).toBeGreaterThan(450)
    expect(ms).toBeLessThan(1_500)
  })

  it('who stops amid a body is dropped, and the log says so', async () => {
    const at = await door({ limits: { exchangeMs: 500 } })
    const { heard } = await raw(at, `POST ${SEND} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{`)
    expect([heard, at.exchanges.map(({ outcome, status }) => [outcome, status])]).toEqual(['', [['timed out', null]]])
  })

  it('[NET-06] a connection between two requests stays; amid a second request it does not', async () => {
    const at = await door({ limits: { handshakeMs: 300, headersMs: 500 } })
    const request = (end: string): string => `GET / HTTP/1.1\r\nhost: x\r\n${end}`
    let heard = ''
    let closedAt = 0
    const socket = connectTls({ host: '127.0.0.1', port: at.port, servername: HOST, ca: at.ca }, () => socket.write(request('\r\n')))
    atEnd(() => socket.destroy())
    socket.on('data', (part) => (heard += part.toString('latin1')))
    socket.on('close', () => (closedAt = performance.now()))
    await eventually(() => heard.startsWith('HTTP/1.1 404'), 'the first answer')
    await after(1_500)
    expect(closedAt).toBe(0)
    socket.write(request('\r\n'))
    await eventually(() => heard.split('HTTP/1.1 404').length === 3, 'the second answer')
    const begun = performance.now()
    socket.write(request(''))
    await eventually(() => closedAt > 0, 'the end')
    expect(closedAt - begun).toBeGreaterThan(450)
  })

  it('when all places are taken the longest idle one gives way, and who is being served does not', async () => {
    const at = await door({ limits: { connections: 2 } })
    at.fcm.fault({ kind: 'stall', times: 1 })
    const stalled = session(at)
    void onSession(stalled, GOOD).catch(() => undefined)
    await eventually(() => at.fcm.pendingFaults === 0, 'the stall')
    const idle = session(at)
    expect((await onSession(idle, GOOD)).status).toBe(200)
    expect((await overHttp1(at, GOOD)).status).toBe(200)
    await eventually(() => idle.destroyed, 'the end of the idle one')
    expect([stalled.destroyed, at.fcm.connections <= 2]).toEqual([false, true])
  })
})
