/** What the window shows of real clients is what happens to them: ladders, sessions, gaps, and who ended what. */
import { describe, expect, it } from 'vitest'
import type { AlarmRow } from '../../../core/contract/rows.ts'
import { frame, sessionOf, ward } from './ward.ts'

type Close = [session: number, code: number, reason: string]

function attached(o: Parameters<typeof ward>[0] = {}, node = 'ucm-pub') {
  const b = ward(o)
  b.runUntil(1_000)
  const told: { id: string; type: string; code?: number; reason?: string }[] = []
  const closes: Close[] = []
  b.lab.world.wire = { send: (_session, text) => void told.push(JSON.parse(text)), close: (...each) => void closes.push(each) }
  b.give('wire.tokenIssued', { id: 't1', device: 'phone', minutes: 60 })
  const connect = (session: number, at: string, token = 't1') =>
    b.give('wire.connected', { session, node: at, device: 'phone', token, address: '127.0.0.1' })
  const say = (session: number, value: object) => b.give('wire.received', { session, text: frame(value) })
  connect(1, node)
  return { b, told, closes, connect, say }
}

describe('the ladder of a call', () => {
  it.each([
    ['acknowledged', { type: 'ack' }, 100],
    ['answered with a token too', { type: 'ack', token: 't1' }, 100],
    ['answered with an error', { type: 'error', code: 500 }, 100],
    ['acknowledged too late', { type: 'ack' }, 2_500],
  ])('[LPNS-11] [DEC-06] has the response of a real client: %s', (_what, answer, afterMs) => {
    const { b, told, say } = attached()
    const flow = b.call('5001')
    b.runFor(afterMs)
    const push = told.find(({ type }) => type === 'push')!
    say(1, { ...answer, id: push.id })
    expect(b.hops({ from: 'phone', to: 'ucm-pub/LPNS' }).at(-1)).toMatchObject({ flow, tracking: push.id })
  })

  it('[DEC-34] shows what was in each frame, labelled as modelled, and no message where none was sent', () => {
    const { b, told, say } = attached()
    b.call('5001')
    b.runFor(100)
    const { id } = told.find(({ type }) => type === 'push')!
    say(1, { type: 'error', id, code: 500, text: 'no screen' })
    const inside = (where: Parameters<typeof b.hop>[0]) => {
      const { body, modelled } = b.detail(b.hops(where)[0]!)
      return { modelled, frame: body === '' ? null : (JSON.parse(body) as object) }
    }
    expect(inside({ message: 'error for a push' })).toEqual({
      modelled: true,
      frame: { v: 1, type: 'error', id, code: 500, text: 'no screen' },
    })
    expect(inside({ message: 'welcome' })).toMatchObject({
      modelled: true,
      frame: { type: 'welcome', node: 'ucm-pub', keepaliveMs: 120_000 },
    })
    expect(inside({ message: 'local push: incoming call' })).toMatchObject({ modelled: true, frame: { type: 'push', id } })
  })

  it('[DEC-06] has no message behind what a node notices by itself', () => {
    const { b } = attached()
    b.call('5001')
    b.runFor(2_500)
    expect(b.detail(b.hop({ message: 'no response from' }))).toMatchObject({ startLine: '', body: '', modelled: false })
  })

  it('[LPNS-17] does not take the word of one device for the push of another', () => {
    const { b, told, say } = attached({
      rest: { devices: [{ id: 'other', owner: 'okafor', pool: 'phones', app: 'off screen', lines: ['5011'] }] },
    })
    const flow = b.call('5001')
    b.runFor(100)
    b.give('wire.tokenIssued', { id: 't2', device: 'other', minutes: 60 })
    b.give('wire.connected', { session: 2, node: 'ucm-pub', device: 'other', token: 't2', address: '127.0.0.1' })
    say(2, { type: 'ack', id: told.find(({ type }) => type === 'push')!.id })
    expect(b.hops({ from: 'other', to: 'ucm-pub/LPNS' }).at(-1)).toMatchObject({ flow: 0, outcome: 'too late, or not asked for' })
    expect(b.hops({ flow, message: 'CallKit' })).toEqual([])
  })
})

describe('the 401 of a token', () => {
  it.each([
    ['unknown', 'unknown', 'unknown access token'],
    ['that of another user', 'stranger', 'the access token belongs to another user'],
    ['expired', 'short', 'the access token has expired'],
  ])('[LPNS-17] [ALM-14] says what is wrong with it: %s', (_what, token, reason) => {
    const { b, told, closes, say } = attached()
    b.give('wire.tokenIssued', { id: 'stranger', device: 'desk', minutes: 60 })
    b.give('wire.tokenIssued', { id: 'short', device: 'phone', minutes: 1 })
    b.runFor(60_000)
    say(1, { type: 'keepalive', seq: 1, token })
    expect(told.at(-1)).toMatchObject({ type: 'error', code: 401, reason })
    expect(closes).toEqual([[1, 4_401, reason]])
    expect(b.hop({ message: 'keepalive', outcome: `401: ${reason}` }).status).toBe('fail')
    expect(b.rows<AlarmRow>('alarm').map(({ name }) => name)).toContain('LocalPushNotificationInvalidOAuthToken')
  })
})

describe('the place of a phone', () => {
  it('[LPNS-22] is kept for its real client; the gap is counted from its end to its return', () => {
    const { b, connect } = attached()
    b.runFor(1_000)
    b.give('wire.closed', { session: 1, code: 1_006, reason: '' })
    const goneAt = b.lab.now
    expect(b.hop({ from: 'phone', message: 'close 1006' }).message).toBe('close 1006')
    expect(sessionOf(b)).toMatchObject({
      client: 'off',
      text: 'its place is kept for a real client, which is not connected',
      holders: [],
      tokenEndsAt: null,
      gapSince: goneAt,
    })
    b.runFor(7_500)
    connect(2, 'ucm-pub')
    expect(sessionOf(b)).toMatchObject({ client: 'open', gapSince: null, lastGapMs: 7_500 })
    expect(b.hop({ message: 'local push is back' }).outcome).toContain('after 7.5 s')
  })

  it('[LPNS-15] a client that comes again in its own place leaves no gap', () => {
    const { b, connect } = attached()
    b.runFor(1_000)
    connect(2, 'ucm-pub')
    expect(sessionOf(b)).toMatchObject({ holders: ['ucm-pub'], gapSince: null, lastGapMs: null })
    expect(b.hops({ message: 'local push is back' })).toEqual([])
  })

  it('[LPNS-19] when two nodes claim its client, the newer session is shown as the one it holds', () => {
    const { b, connect } = attached({ nodes: 2 })
    b.give('mesh.split', { nodes: ['ucm-pub'] })
    b.runFor(500)
    connect(2, 'ucm-sub1')
    expect(sessionOf(b)).toMatchObject({ clientNode: 'ucm-sub1', text: 'real client on ucm-sub1', holders: ['ucm-sub1', 'ucm-pub'] })
  })

  it('[LPNS-09] [LPNS-18] the lab moves its own phone only, and says so once for each Wi-Fi', () => {
    const { b } = attached()
    b.give('device.network', { device: 'phone', wifi: 'Canteen' })
    b.give('device.network', { device: 'phone', wifi: 'Canteen', internet: false })
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
    b.give('device.network', { device: 'phone', wifi: null })
    expect(b.hops({ outcome: 'its real client stays connected: the lab moves its own phone only' }).map(({ message }) => message)).toEqual([
      expect.stringContaining('joins Wi-Fi Canteen'),
      expect.stringContaining('leaves its Wi-Fi'),
    ])
  })
})

describe('who ended it', () => {
  it.each([
    ['the cluster is offboarded', 'cluster.offboard', {}, 'the cluster is not onboarded for APNs', 'LPNS-03'],
    ['refresh logins are turned off', 'cluster.oauth', { refreshLogins: false }, 'OAuth with Refresh Login Flow is disabled', 'LPNS-06'],
  ] as const)(
    '[LPNS-03] [LPNS-06] %s: the real client is told with 4403 that it has no session any more',
    (_what, name, args, reason, why) => {
      const { b, closes } = attached()
      expect(b.try(name, args)).toMatchObject({ ok: true })
      b.runFor(1_000)
      expect(closes).toEqual([[1, 4_403, reason]])
      expect(sessionOf(b)).toMatchObject({ client: 'off', holders: [], text: reason, why })
    },
  )

  it('[DEC-34] the door turned the client away: an arrow from the node, and no clean end', () => {
    const { b } = attached()
    b.give('wire.closed', { session: 1, code: 4_429, reason: 'too many frames', turnedAway: true })
    expect(b.hop({ message: 'close 4429' })).toMatchObject({
      from: 'ucm-pub/LPNS',
      to: 'phone',
      message: 'close 4429: too many frames',
      status: 'fail',
    })
    expect(sessionOf(b).holders).toEqual([])
  })

  it('[LPNS-20] a node that was cut off tells its client when it is back that its session is over', () => {
    const { b, closes } = attached()
    b.give('node.isolate', { node: 'ucm-pub' })
    b.runFor(5_000)
    expect(closes).toEqual([])
    expect(sessionOf(b)).toMatchObject({ holders: [], gapSince: 1_000 })
    b.give('node.start', { node: 'ucm-pub' })
    expect(closes).toEqual([[1, 1_006, 'reset']])
    expect(b.hop({ message: 'connection reset' })).toMatchObject({ from: 'ucm-pub/LPNS', to: 'phone' })
  })

  it('[LPNS-20] a node that crashed has nothing to tell: its connections broke with it', () => {
    const { b, closes } = attached()
    b.give('node.isolate', { node: 'ucm-pub' })
    b.give('node.crash', { node: 'ucm-pub' })
    b.give('node.start', { node: 'ucm-pub' })
    expect(closes).toEqual([])
    expect(b.hops({ message: 'connection reset' })).toEqual([])
  })
})
