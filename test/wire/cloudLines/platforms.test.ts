/** Push REST as a provider: the lines against the lab's own APNs and FCM, and whatever a connection to them can suffer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RealRequest } from '../../../core/cloud/real.ts'
import { PROJECT, SEND, TOKENS } from '../../cloud/fcm/fake.ts'
import { BUNDLE, GONE, jwtOf, LIVE, SANDBOX, standIn, type StandIn } from '../apns/provider.ts'
import { closeAll, door } from '../fcm/door.ts'
import { blackHole, linesBench, tcpServer, type LinesBench } from './bench.ts'
import { eventually } from '../eventually.ts'

const APNS = 'api.push.apple.com'
const APNS_SANDBOX = 'api.sandbox.push.apple.com'
const FCM = 'fcm.googleapis.com'

let b: LinesBench
beforeEach(async () => {
  b = await linesBench()
  for (const name of [APNS, APNS_SANDBOX, FCM]) b.names.set(name, ['127.0.0.1'])
})
afterEach(async () => {
  await b.close()
  await closeAll()
})

async function apns(change: Parameters<typeof standIn>[0] = {}): Promise<StandIn> {
  const made = await standIn({ ...(await b.authority.issue([APNS, APNS_SANDBOX])), ...change })
  b.closing.push(() => made.close())
  b.ports.set(APNS, made.server.port).set(APNS_SANDBOX, made.server.port)
  b.proofs.set('apns', `bearer ${jwtOf(made.key)}`)
  return made
}

const notification = (device: string, change: Partial<RealRequest> = {}): RealRequest => ({
  cloud: 'apns',
  method: 'POST',
  path: `/3/device/${device}`,
  headers: [
    ['apns-topic', BUNDLE],
    ['apns-push-type', 'alert'],
    ['apns-id', '469696d7-33d2-4e7c-9b4e-14b04de9ce1b'],
  ],
  body: '{"aps":{"alert":"sealed"}}',
  bearer: null,
  refresh: null,
  ...change,
})
const push = (device: string, name = APNS) => b.ask({ do: 'forward', name, request: notification(device) })

describe('APNs', () => {
  it('[APNS-01] [APNS-02] takes pushes over one HTTP/2 connection, with the provider token; the log has one entry for each', async () => {
    const { delivered, events } = await apns()
    const told = await Promise.all([push(LIVE), push(LIVE), push(GONE)])
    expect(told).toEqual([
      { is: 'answer', status: 200, text: 'OK' },
      { is: 'answer', status: 200, text: 'OK' },
      { is: 'answer', status: 410, text: 'Unregistered' },
    ])
    expect({ delivered: delivered.length, opened: events.filter(({ what }) => what === 'opened').length }).toEqual({
      delivered: 2,
      opened: 1,
    })
    expect(b.exchanges).toHaveLength(3)
    expect(b.exchanges[0]).toMatchObject({ cloud: 'apns', protocol: 'HTTP/2', stream: 1, tls: 'TLSv1.3', outcome: 'answered' })
    expect(b.exchanges[0]?.tracking).toBe('469696d7-33d2-4e7c-9b4e-14b04de9ce1b')
    expect(JSON.stringify(b.exchanges)).not.toContain(LIVE)
  })

  it('[APNS-01] the sandbox is a name and a connection of its own', async () => {
    const { events } = await apns()
    expect(await push(SANDBOX, APNS_SANDBOX)).toMatchObject({ status: 200 })
    expect(await push(SANDBOX)).toMatchObject({ status: 400, text: 'BadDeviceToken' })
    expect(events.filter(({ what }) => what === 'opened')).toMatchObject([{ name: APNS_SANDBOX }, { name: APNS }])
  })

  it('[APNS-08] GOAWAY cuts what is in flight: told as such, not sent again, and the next push opens a new connection', async () => {
    const { server, events, exchanges } = await apns()
    await push(LIVE)
    server.inject({ kind: 'stall' })
    const waiting = push(LIVE)
    await eventually(() => server.streams === 1, 'the push in flight')
    server.goAway('Shutdown')
    expect(await waiting).toEqual({
      is: 'failed',
      stage: 'send',
      text: 'APNs said GOAWAY (Shutdown): the stream was cut without an answer',
    })
    expect(await push(LIVE)).toMatchObject({ status: 200 })
    expect(events.filter(({ what }) => what === 'opened')).toHaveLength(2)
    expect(exchanges).toHaveLength(3)
  })

  it('[APNS-08] a cut stream and a broken connection are told apart', async () => {
    const { server } = await apns()
    server.inject({ kind: 'reset' })
    expect(await push(LIVE)).toMatchObject({
      is: 'failed',
      stage: 'send',
      text: expect.stringMatching(/^APNs cut the stream without an answer/),
    })
    server.inject({ kind: 'disconnect' })
    expect(await push(LIVE)).toMatchObject({ is: 'failed', stage: 'send', text: expect.stringContaining('reset the connection') })
    expect(await push(LIVE)).toMatchObject({ status: 200 })
  })

  it('[SEC-03] a certificate that is not of the lab, a refused port and an unknown name: nothing is sent', async () => {
    const made = await standIn()
    b.closing.push(() => made.close())
    b.ports.set(APNS, made.server.port)
    expect(await push(LIVE)).toMatchObject({ is: 'failed', stage: 'tls', text: expect.stringContaining("not the cloud's own") })
    expect(made.exchanges).toEqual([])
    b.ports.set(APNS, 1)
    expect(await push(LIVE)).toMatchObject({ is: 'failed', stage: 'connect', text: 'port 1 refused at 127.0.0.1' })
    b.names.delete(APNS)
    expect(await push(LIVE)).toEqual({ is: 'failed', stage: 'dns', text: `${APNS} cannot be resolved` })
  })

  it('a push that is dropped frees its stream, and its connection lives on', async () => {
    const { server, events } = await apns()
    server.inject({ kind: 'stall' })
    void push(LIVE)
    await eventually(() => server.streams === 1, 'the push in flight')
    b.lines.drop(b.last)
    await eventually(() => server.streams === 0, 'the end of the stream')
    expect(await push(LIVE)).toMatchObject({ status: 200 })
    expect(events.filter(({ what }) => what === 'opened')).toHaveLength(1)
    expect(b.told).toHaveLength(1)
  })
})

describe('FCM', () => {
  async function fcm() {
    const made = await door(await b.authority.issue([FCM]))
    b.ports.set(FCM, made.port)
    b.proofs.set('fcm', `Bearer ${made.fcm.accessToken(PROJECT)}`)
    return made
  }
  const message = (token: string, trackingId?: string) =>
    b.ask({
      do: 'forward',
      name: FCM,
      request: {
        cloud: 'fcm',
        method: 'POST',
        path: SEND,
        headers: [['content-type', 'application/json'], ...(trackingId === undefined ? [] : [['TrackingID', trackingId] as const])],
        body: JSON.stringify({ message: { token, android: { priority: 'HIGH', ttl: '0s' }, data: { payload: 'sealed' } } }),
        bearer: null,
        refresh: null,
      },
    })

  it('[FCM-01] takes messages over HTTP/1.1, and says no in the words of its errors', async () => {
    const { accepted, exchanges } = await fcm()
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'answer', status: 200 })
    expect(accepted).toHaveLength(1)
    expect(exchanges[0]?.protocol).toBe('HTTP/1.1')
    expect(await message('nobody-has-this-one')).toMatchObject({
      is: 'answer',
      text: expect.stringMatching(/^(UNREGISTERED|INVALID_ARGUMENT)$/),
    })
    b.proofs.set('fcm', 'Bearer of-nobody')
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'answer', status: 401 })
    expect(JSON.stringify(b.exchanges)).not.toContain(TOKENS.alive)
  })

  it('[FCM-04] a reset and a page in place of JSON are told as what they are, and the next message arrives', async () => {
    const { fcm: server } = await fcm()
    server.fault({ kind: 'page', status: 200, times: 1 })
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'failed', stage: 'send', text: expect.stringContaining('captive portal') })
    server.fault({ kind: 'reset', times: 1 })
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'failed', stage: 'send', text: expect.stringMatching(/reset by|hung up/) })
    expect(await message(TOKENS.alive)).toMatchObject({ status: 200 })
  })

  it('[FCM-06] each request stands in the log under the number of the connection that it went over', async () => {
    const { fcm: server, exchanges } = await fcm()
    const ids = Array.from({ length: 6 }, (_, n) => `CPNS_00000000-0000-4000-8000-00000000000${n}`)
    await Promise.all(ids.slice(0, 3).map((id) => message(TOKENS.alive, id)))
    await message(TOKENS.alive, ids[3])
    server.fault({ kind: 'reset', times: 1 })
    await message(TOKENS.alive, ids[4])
    await message(TOKENS.alive, ids[5])
    const here = ids.map((id) => b.exchanges.find(({ tracking }) => tracking === id)!.connection)
    const there = ids.map((id) => exchanges.find(({ requestHeaders }) => requestHeaders['trackingid'] === id)!.connection)
    expect(here.slice(0, 3).toSorted()).toEqual(['fcm line 1', 'fcm line 2', 'fcm line 3'])
    // One number here for each number there.
    expect(new Set(here.map((name, n) => `${name} ${there[n]}`)).size).toBe(new Set(there).size)
    expect(new Set(here).size).toBe(new Set(there).size)
    expect(here[5]).not.toBe(here[4])
    b.ports.set(FCM, 1)
    server.fault({ kind: 'reset', times: 9 })
    while (b.exchanges.at(-1)!.connection !== 'fcm line') await message(TOKENS.alive)
    expect(b.exchanges.at(-1)).toMatchObject({ peer: '', response: null, outcome: expect.stringContaining('refused') })
  })

  it('[SEC-03] no TLS, a refused port and an unknown name: nothing is sent', async () => {
    const port = await tcpServer(b, (socket) => socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n')))
    b.ports.set(FCM, port)
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'failed', stage: 'tls' })
    b.ports.set(FCM, 1)
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'failed', stage: 'connect' })
    b.names.delete(FCM)
    expect(await message(TOKENS.alive)).toMatchObject({ is: 'failed', stage: 'dns' })
  })

  it('closing ends a connection that is still being opened', async () => {
    const hole = await blackHole('127.0.0.1', 0)
    b.closing.push(hole.close)
    b.ports.set(FCM, hole.port).set(APNS, hole.port)
    void message(TOKENS.alive)
    void push(LIVE)
    await eventually(() => b.asked.length === 2, 'both lookups')
    await b.lines.close()
    expect(b.told).toEqual([])
  })
})
