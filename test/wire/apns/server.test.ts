import { connect as connectHttp2, constants } from 'node:http2'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { request as requestHttps } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { STATUS_OF } from '../../../core/cloud/apns/reasons.ts'
import { BAD_TOKEN_BURST } from '../../../core/cloud/apns/machine.ts'
import type { ApnsOptions } from '../../../core/wire/apns/server.ts'
import { LIVE, Provider, standIn, type SigningKey, type StandIn } from './provider.ts'
import { after, eventually } from '../eventually.ts'

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

async function open(options: Partial<ApnsOptions> = {}, keys?: SigningKey[]): Promise<StandIn> {
  const made = await standIn(options, keys)
  ending.push(() => made.close())
  return made
}

function provider(apns: StandIn, servername?: string): Provider {
  const made = new Provider(apns, servername)
  ending.push(() => made.close())
  return made
}

describe('the door', () => {
  it('[APNS-01] HTTP/1.1 is refused at connection: by ALPN in the handshake, without ALPN before any answer', async () => {
    const { server, ca, events, exchanges } = await open()
    const speak = (ALPNProtocols: string[] | undefined): Promise<string> =>
      new Promise((resolve) => {
        const socket: TLSSocket = connectTls(
          { host: '127.0.0.1', port: server.port, ca, ...(ALPNProtocols ? { ALPNProtocols } : {}) },
          () => socket.write('POST /3/device/x HTTP/1.1\r\nhost: x\r\n\r\n'),
        )
        let heard = ''
        socket.on('data', (part) => (heard += part.toString('latin1')))
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(`error ${error.code}`))
        socket.on('close', () => resolve(`heard ${heard}`))
      })
    expect(await speak(['http/1.1'])).toBe('error ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL')
    expect(await speak(undefined)).toMatch(/^(heard |error ECONNRESET)$/)
    const status = await new Promise((resolve) => {
      requestHttps({ host: '127.0.0.1', port: server.port, ca, method: 'POST', path: `/3/device/${LIVE}` }, ({ statusCode }) =>
        resolve(statusCode),
      )
        .on('error', () => resolve('no answer'))
        .end('{}')
    })
    expect(status).toBe('no answer')
    expect(exchanges).toEqual([])
    expect(events.filter(({ what }) => what === 'refused').length).toBeGreaterThanOrEqual(2)
  })

  it('[APNS-01] TLS 1.1 is refused, 1.2 and 1.3 are taken', async () => {
    const { server, ca } = await open()
    const speak = (version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string | null> =>
      new Promise((resolve) => {
        const socket = connectTls(
          {
            host: '127.0.0.1',
            port: server.port,
            ca,
            ALPNProtocols: ['h2'],
            minVersion: version,
            maxVersion: version,
            ciphers: 'DEFAULT@SECLEVEL=0',
          },
          () => {
            resolve(socket.getProtocol())
            socket.destroy()
          },
        )
        socket.on('error', () => resolve(null))
      })
    expect(await speak('TLSv1.1')).toBeNull()
    expect(await speak('TLSv1.2')).toBe('TLSv1.2')
    expect(await speak('TLSv1.3')).toBe('TLSv1.3')
  })

  it('listens on loopback unless told otherwise, and says when it cannot', async () => {
    const { server } = await open()
    await expect(standIn({ port: server.port })).rejects.toThrow(`Port ${server.port} on 127.0.0.1 is in use`)
    const { server: other, ca } = await open({ address: '0.0.0.0' })
    expect(other.port).toBeGreaterThan(0)
    const outside = connectHttp2(`https://127.0.0.2:${server.port}`, { ca })
    expect(await new Promise((resolve) => outside.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)))).toBe('ECONNREFUSED')
  })

  it('tells of each connection, and of each request without the signature that could be used again', async () => {
    const apns = await open()
    const client = provider(apns, 'api.push.apple.com')
    await client.send({}, '{"aps":{}}')
    client.close()
    await eventually(() => apns.events.some(({ what }) => what === 'closed'), 'the end of the connection')
    expect(apns.events).toMatchObject([
      { connection: 1, what: 'opened', tls: 'TLSv1.3', name: 'api.push.apple.com' },
      { connection: 1, what: 'closed', requests: 1 },
    ])
    const [exchange] = apns.exchanges
    expect(exchange).toMatchObject({
      connection: 1,
      stream: 1,
      outcome: 'answered',
      request: { method: 'POST', path: `/3/device/${LIVE}`, bytes: 10, text: '{"aps":{}}' },
    })
    const authorization = exchange!.request.headers.find(([name]) => name === 'authorization')?.[1] ?? ''
    expect(authorization).toMatch(/^bearer [\w-]+\.[\w-]+\.…$/)
    expect(exchange!.endedMs).toBeGreaterThanOrEqual(exchange!.startedMs)
  })

  it('gives the keys of its connections to whoever writes an SSLKEYLOGFILE', async () => {
    const lines: string[] = []
    const apns = await open({ onKeylog: (line) => lines.push(line.toString('latin1')) })
    await provider(apns).send()
    expect(lines.length).toBeGreaterThanOrEqual(4)
    for (const line of lines) expect(line).toMatch(/^[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]+\n$/)
    expect(lines.some((line) => line.startsWith('CLIENT_TRAFFIC_SECRET_0 '))).toBe(true)
  })

  it('[APNS-08] advertises how many streams it takes at once', async () => {
    const client = provider(await open({ limits: { concurrentStreams: 7 } }))
    await client.send()
    expect(client.session.remoteSettings).toMatchObject({ maxConcurrentStreams: 7, maxHeaderListSize: 8_192 })
  })
})

describe('faults on purpose', () => {
  it('[APNS-06] every reason can be provoked with its status; nothing is delivered', async () => {
    const apns = await open()
    const client = provider(apns)
    for (const [reason, status] of Object.entries(STATUS_OF)) {
      apns.server.inject({ kind: 'answer', status, reason })
      expect(await client.send()).toMatchObject({ status, body: { reason } })
      expect(apns.exchanges.at(-1)).toMatchObject({ outcome: 'answered', status, reason, cause: 'a fault' })
    }
    expect(apns.delivered).toEqual([])
  })

  it('[APNS-06] the next N requests, then it is over; and a fault script sees the request', async () => {
    const apns = await open({
      faultFor: ({ path }) => (path.endsWith('ff') ? { kind: 'answer', status: 503, reason: 'ServiceUnavailable' } : null),
    })
    const client = provider(apns)
    apns.server.inject({ kind: 'answer', status: 500, reason: 'InternalServerError' }, 3)
    const statuses = []
    for (let i = 0; i < 5; i++) statuses.push((await client.send()).status)
    expect(statuses).toEqual([500, 500, 500, 200, 200])
    expect(await client.send({ ':path': `/3/device/${'ff'.repeat(32)}` })).toMatchObject({ status: 503 })
    apns.server.inject({ kind: 'answer', status: 410, reason: 'Unregistered', timestampMs: 77 })
    expect(await client.send()).toMatchObject({ status: 410, body: { reason: 'Unregistered', timestamp: 77 } })
  })

  it('[APNS-08] a stalled, a reset and a disconnected request are reported as cut, each with its cause', async () => {
    const apns = await open({ limits: { stallMs: 100 } })
    const client = provider(apns)
    await client.send()
    apns.server.inject({ kind: 'stall' })
    apns.server.inject({ kind: 'reset' })
    expect(await Promise.all([client.send(), client.send()])).toMatchObject([
      { status: null, rst: constants.NGHTTP2_INTERNAL_ERROR },
      { status: null, rst: constants.NGHTTP2_INTERNAL_ERROR },
    ])
    expect(await client.send(), 'the connection goes on').toMatchObject({ status: 200 })
    let code: string | undefined
    client.session.on('error', (error: NodeJS.ErrnoException) => (code = error.code))
    apns.server.inject({ kind: 'stall' })
    apns.server.inject({ kind: 'disconnect' })
    expect(await Promise.all([client.send(), client.send()])).toMatchObject([{ status: null }, { status: null }])
    await eventually(() => code === 'ECONNRESET', 'the reset of the TCP connection')
    const cut = apns.exchanges.filter(({ outcome }) => outcome === 'cut').map(({ cause }) => cause)
    expect(cut.toSorted()).toEqual([
      'a fault reset the connection',
      'a fault reset the connection',
      'a fault reset the stream',
      'a fault stalled it',
    ])
    expect(apns.exchanges).toHaveLength(6)
  })

  it('[APNS-08] GOAWAY now: its reason as JSON, what is in flight is cut and counted, the next connection is served', async () => {
    const apns = await open()
    const client = provider(apns)
    expect(await client.send()).toMatchObject({ status: 200 })
    apns.server.inject({ kind: 'stall' }, 5)
    const inFlight = Array.from({ length: 5 }, () => client.send())
    await eventually(() => apns.server.streams === 5, 'five requests in flight')
    expect(apns.server.goAway('ServiceUnavailable')).toBe(5)
    for (const each of await Promise.all(inFlight)) expect(each).toMatchObject({ status: null })
    expect(client.goneAway[0]).toEqual({ code: constants.NGHTTP2_NO_ERROR, body: '{"reason":"ServiceUnavailable"}' })
    expect(apns.exchanges.filter(({ cause }) => cause === 'GOAWAY ServiceUnavailable')).toHaveLength(5)
    expect(apns.events).toContainEqual({ connection: 1, what: 'goaway', reason: 'ServiceUnavailable', cut: 5 })
    expect(await provider(apns).send()).toMatchObject({ status: 200 })
  })

  it('[APNS-08] a client that goes away is reported with what it had in flight', async () => {
    const apns = await open()
    const client = provider(apns)
    apns.server.inject({ kind: 'stall' }, 3)
    for (let i = 0; i < 3; i++) void client.send()
    await eventually(() => apns.server.streams === 3, 'three requests in flight')
    client.session.request({ ':method': 'POST', ':path': '/' }).on('error', () => undefined)
    await eventually(() => apns.server.streams === 4, 'and half a one')
    client.close()
    await eventually(() => apns.exchanges.length === 4, 'their end')
    expect(apns.exchanges.map(({ outcome, cause }) => `${outcome}: ${cause}`).toSorted()).toEqual([
      'cut: a fault stalled it',
      'cut: a fault stalled it',
      'cut: a fault stalled it',
      'cut: the connection ended',
    ])
    expect(apns.server.streams).toBe(0)
  })

  it('[APNS-06] a lab that fails to take a push: 500, and the server goes on', async () => {
    let fails = true
    const apns = await open({
      deliver: () => {
        if (fails) throw new Error('the lab stopped')
      },
    })
    const client = provider(apns)
    expect(await client.send()).toMatchObject({ status: 500, body: { reason: 'InternalServerError' } })
    fails = false
    expect(await client.send()).toMatchObject({ status: 200 })
  })

  it('[APNS-08] a burst of bad device tokens ends the connection, its last answer included', async () => {
    const apns = await open()
    const client = provider(apns)
    const bad = { ':path': '/3/device/bad' }
    for (let i = 1; i < BAD_TOKEN_BURST; i++) expect(await client.send(bad)).toMatchObject({ status: 400 })
    expect(client.goneAway).toEqual([])
    expect(await client.send(bad)).toMatchObject({ status: 400, body: { reason: 'BadDeviceToken' } })
    await eventually(() => client.goneAway.length > 0, 'GOAWAY')
    expect(client.goneAway[0]).toEqual({ code: constants.NGHTTP2_ENHANCE_YOUR_CALM, body: '{"reason":"BadDeviceToken"}' })
  })
})

describe('its end', () => {
  it('[APNS-08] lets requests in flight end, tells Shutdown, and takes nothing new', async () => {
    const apns = await open()
    const client = provider(apns)
    await client.send()
    const half = client.session.request({ ':method': 'POST', ':path': `/3/device/${LIVE}` })
    half.write('{')
    await eventually(() => apns.server.streams === 1, 'half a request')
    const closed = apns.close()
    await eventually(() => client.goneAway.length > 0, 'GOAWAY')
    expect(client.goneAway[0]?.body).toBe('{"reason":"Shutdown"}')
    const answered = new Promise((resolve) => half.on('response', (headers) => resolve(headers[':status'])))
    half.on('error', () => undefined)
    half.end('}')
    expect(await answered).toBe(400) // it has no topic
    await closed
    expect(apns.server.connections).toBe(0)
    expect(apns.exchanges.at(-1)).toMatchObject({ outcome: 'answered', reason: 'MissingTopic' })
  })

  it('[APNS-08] does not wait longer than it said; what is cut is reported', async () => {
    const apns = await open({ limits: { closeMs: 100 } })
    const client = provider(apns)
    apns.server.inject({ kind: 'stall' })
    const waits = client.send()
    await eventually(() => apns.server.streams === 1, 'a request in flight')
    await apns.close()
    expect(await waits).toMatchObject({ status: null })
    expect(apns.exchanges.at(-1)).toMatchObject({ outcome: 'cut', cause: 'the server was closed' })
  })

  it('[APNS-06] an idle connection gets GOAWAY IdleTimeout, one in use does not', async () => {
    const apns = await open({ limits: { idleMs: 600 } })
    const [idle, busy] = [provider(apns), provider(apns)]
    await idle.send()
    const until = performance.now() + 1_500
    while (performance.now() < until) {
      expect(await busy.send()).toMatchObject({ status: 200 })
      await after(100)
    }
    expect(idle.goneAway[0]?.body).toBe('{"reason":"IdleTimeout"}')
    expect(busy.goneAway).toEqual([])
  })
})

describe('slow requests', () => {
  it('[APNS-06] a body that does not come in time gets 400 IdleTimeout, however it drips', async () => {
    const apns = await open({ limits: { requestMs: 400 } })
    const client = provider(apns)
    const stream = client.session.request({ ':method': 'POST', ':path': `/3/device/${LIVE}` })
    stream.on('error', () => undefined)
    const drip = setInterval(() => stream.destroyed || stream.write('x'), 50)
    let text = ''
    const status = await new Promise((resolve) => {
      stream.on('response', (headers) => resolve(headers[':status']))
      stream.on('data', (part) => (text += part))
    })
    await eventually(() => text !== '', 'the reason')
    clearInterval(drip)
    expect({ status, text }).toEqual({ status: 400, text: '{"reason":"IdleTimeout"}' })
    expect(await client.send(), 'the connection goes on').toMatchObject({ status: 200 })
  })
})
