import { describe, expect, it } from 'vitest'
import { inOrder } from '../bench.ts'
import { frame, sessionOf, ward } from './ward.ts'

const LPNS = 'Cisco Local Push Notification Service'

describe('a call by local push', () => {
  it('[LPNS-11] five stages: SIP gone, WebSocket up, call, INVITE held and push over the WebSocket, wake and register', () => {
    const b = ward({ phone: { app: 'on screen', locked: false, screenOn: true } })
    b.runUntil(1_000)
    b.give('device.lock', { device: 'phone' })
    expect(b.device('phone').sip).toBe('suspended') // 1
    expect(sessionOf(b)).toMatchObject({ client: 'open', holders: ['ucm-pub'] }) // 2
    const flow = b.call('5001') // 3
    b.runFor(14)
    expect(b.node('ucm-pub').held).toMatchObject([{ flow, device: 'phone' }]) // 4
    b.runFor(3_000)
    const hops = inOrder(b, [
      { flow, carrier: 'SIP', message: 'INVITE 5001', outcome: 'held' },
      { flow, from: 'ucm-pub/CallManager', to: 'ucm-pub/LPNS', carrier: 'LPNS', message: 'local push request' },
      { flow, from: 'ucm-pub/LPNS', to: 'phone', message: 'local push: incoming call', why: 'LPNS-11' },
      { flow, from: 'phone', message: 'CallKit: Dr. Okafor 5010' },
      { flow, from: 'phone', to: 'ucm-pub/LPNS', message: 'local push acknowledged' },
      { flow, from: 'phone', carrier: 'SIP', message: 'REGISTER' }, // 5
      { flow, to: 'phone', carrier: 'SIP', message: 'INVITE 5001' },
    ])
    expect(b.hops({ flow }).filter(({ to, from }) => [to, from].some((place) => ['push-rest', 'apns'].includes(place)))).toEqual([])
    expect(b.pushes({ flow })).toMatchObject([{ path: 'local', state: 'used', sender: 'ucm-pub/LPNS' }])
    const push = hops[2]
    if (!push) throw new Error('no push')
    const { body, modelled, sealed } = b.detail(push)
    expect(JSON.parse(body)).toMatchObject({ type: 'push', purpose: 'incoming call', name: 'Dr. Okafor', number: '5010', node: 'ucm-pub' })
    expect({ modelled, sealed }).toEqual({ modelled: true, sealed: null })
  })

  it('[DEC-05] the phone only receives: before its REGISTER nothing leaves it but the response', () => {
    const b = ward()
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    const register = b.hop({ flow, message: 'REGISTER' })
    const before = b.hops({ flow, from: 'phone' }).filter(({ to, seq }) => to !== 'phone' && seq < register.seq)
    expect(before.map(({ message }) => message)).toEqual(['local push acknowledged'])
  })

  it('[LPNS-10][DEC-07] in foreground the call comes over SIP, the session stays, and the phone reports one call', () => {
    const b = ward({ phone: { app: 'on screen', locked: false, screenOn: true } })
    b.runUntil(1_000)
    const before = sessionOf(b)
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.hop({ flow, to: 'phone', message: 'INVITE 5001' })).toMatchObject({ why: 'CH-04' })
    expect(b.hops({ flow, message: 'CallKit' })).toEqual([])
    expect(b.hop({ flow, message: 'push not used' })).toMatchObject({ why: 'CH-04' })
    expect(b.device('phone').screen.call).toMatchObject({ flow, state: 'ringing' })
    expect(sessionOf(b)).toMatchObject({ client: 'open', openedAt: before.openedAt, holders: ['ucm-pub'] })
  })

  it('[LPNS-02][ALM-19] incoming, missed and answered elsewhere are pushed locally with name and number; each has its counter', () => {
    const b = ward({
      rest: {
        users: [{ id: 'bea', name: 'Bea Molina', number: '5002' }],
        devices: [{ id: 'other', owner: 'bea', client: 'deskphone', pool: 'desks', lines: ['5001'] }],
      },
    })
    b.runUntil(1_000)
    const missed = b.call('5001', 'desk')
    b.runFor(1_000)
    b.give('call.hangUp', { flow: missed })
    b.runFor(1_000)
    const elsewhere = b.call('5001', 'desk')
    b.runFor(1_000)
    b.give('device.answer', { device: 'other' })
    b.runFor(2_000)
    const purposes = b.pushes().map(({ purpose, path }) => `${path} ${purpose}`)
    expect(purposes).toEqual(['local incoming call', 'local missed call', 'local incoming call', 'local answered elsewhere'])
    for (const hop of b.hops({ from: 'ucm-pub/LPNS', to: 'phone', message: 'local push:' })) {
      expect(JSON.parse(b.detail(hop).body)).toMatchObject({ name: 'Dr. Okafor', number: '5010' })
    }
    expect(b.counter('ucm-pub', 'NumberOfLocalPushReqSent')).toBe(4)
    expect(b.counter('ucm-pub', 'NumberOfLocalPushResReceived')).toBe(4)
    expect(b.counter('ucm-pub', 'NumberofMissedCallLocalPushReqSent')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberofSharedCancelLocalPushReqSent')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfLocalPushTimout')).toBe(0)
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(0)
    expect(elsewhere).toBeGreaterThan(missed)
  })

  it('[LPNS-02] a message to the same user takes the cloud', () => {
    const b = ward({ phone: { client: 'jabber' }, rest: { presence: { nodes: [{ id: 'imp-pub' }] } } })
    b.runUntil(1_000)
    const { flow } = b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' }) as { flow: number }
    b.runFor(3_000)
    expect(b.pushes({ flow })).toMatchObject([{ path: 'cloud', purpose: 'message' }])
    expect(b.hops({ flow, carrier: 'LPNS' })).toEqual([])
  })

  it('[LPNS-13] on a Wi-Fi without internet the call comes with local push, and is lost without', () => {
    const without = { phone: { internet: false, cellular: false } }
    const b = ward(without)
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
    const none = ward({ ...without, cluster: { ucServices: [{ id: 'wifi' }] } })
    none.runUntil(1_000)
    const lost = none.call('5001')
    none.runFor(14_000)
    expect(none.flow(lost)).toMatchObject({ state: 'dropped' })
  })

  it('[LPNS-14] from the push to the offer it is faster than through Apple, and both times are told', () => {
    const took = (wifi: string): number => {
      const b = ward({ phone: { wifi } })
      b.runUntil(1_000)
      const flow = b.call('5001')
      b.runFor(5_000)
      const { offeredAt, pushAt } = b.flow(flow)
      return (offeredAt as number) - (pushAt as number)
    }
    const local = took('Ward3')
    const cloud = took('Canteen')
    expect(local).toBe(1 + 10 + 400 + 10) // LPNS, Wi-Fi, app start, REGISTER
    expect(cloud).toBeGreaterThan(local)
  })
})

describe('when local push fails', () => {
  /** The response comes `loopback` + 2 × `wifi` milliseconds after the push. */
  const answering = (wifiMs: number, loopbackMs: number, cluster = {}) => {
    const b = ward({
      cluster,
      rest: {
        links: [
          { link: 'devices~ucm-pub', latencyMs: wifiMs, jitterMs: 0 },
          { link: 'ucm-pub~ucm-pub', latencyMs: loopbackMs, jitterMs: 0 },
        ],
      },
    })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(2 * wifiMs + 3_000)
    return { b, ...b.flow(flow), flow }
  }
  const cloudPushes = ({ b, flow }: { b: ReturnType<typeof ward>; flow: number }) => b.pushes({ flow, path: 'cloud' })

  it('[DEC-06] a response after 1,999 ms or 2,000 ms is in time', () => {
    for (const [wifi, loopback] of [
      [999, 1],
      [999, 2],
    ] as const) {
      const run = answering(wifi, loopback)
      expect(cloudPushes(run)).toEqual([])
      expect(run.b.counter('ucm-pub', 'NumberOfLocalPushTimout')).toBe(0)
    }
  })

  it('[DEC-06][LPNS-12] after 2,001 ms it is late: the counter moves, and the same call goes through APNs at +2.000', () => {
    const run = answering(1_000, 1)
    const [push] = cloudPushes(run)
    expect(push).toMatchObject({ createdAt: (run.pushAt as number) + 2_000, flow: run.flow })
    expect(run.b.counter('ucm-pub', 'NumberOfLocalPushTimout')).toBe(1)
    expect(run.b.hop({ flow: run.flow, message: 'local push failed' })).toMatchObject({ at: (run.pushAt as number) + 2_000, why: 'DEC-06' })
    expect(run.b.flow(run.flow).timers.find(({ name }) => name.startsWith('local push'))).toMatchObject({ fired: true })
  })

  it('[DEC-06] the time can be set from 0.5 to 5 s, not beyond', () => {
    const b = ward()
    for (const responseMs of [500, 5_000]) expect(b.try('cluster.localPush', { responseMs })).toMatchObject({ ok: true })
    for (const responseMs of [499, 5_001])
      expect(b.try('cluster.localPush', { responseMs })).toMatchObject({ ok: false, code: 'bad-request' })
    expect(cloudPushes(answering(250, 1, { localPush: { responseMs: 500 } }))).toHaveLength(1)
    expect(cloudPushes(answering(249, 1, { localPush: { responseMs: 500 } }))).toEqual([])
  })

  it('[DEC-06] both deadlines of the call keep running from the first push', () => {
    const b = ward({
      phone: { wakeMs: 20_000 },
      rest: { faults: [{ at: 500, fault: { on: 'devices~ucm-pub', kind: 'black-hole', port: 9_560 } }] },
    })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(20_000)
    const { pushAt } = b.flow(flow)
    expect(b.hop({ flow, message: 'dropped' })).toMatchObject({ at: (pushAt as number) + 13_000 })
    expect(b.flow(flow).timers.find(({ why }) => why === 'CALL-02')).toMatchObject({ dueAt: (pushAt as number) + 5_000, fired: true })
  })

  it('[LPNS-12] a closed session is known at once: no waiting', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-pub', service: LPNS })
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.pushes({ flow })).toMatchObject([{ path: 'cloud' }])
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
  })

  it('[LPNS-12] a session that ends while its push waits sends the call through APNs at that moment', () => {
    const b = ward({ rest: { faults: [{ at: 500, fault: { on: 'devices~ucm-pub', kind: 'black-hole', port: 9_560 } }] } })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(700)
    b.give('service.kill', { node: 'ucm-pub', service: LPNS })
    b.runFor(3_000)
    const [local, cloud] = b.pushes({ flow })
    expect(local).toMatchObject({ path: 'local', state: 'failed' })
    expect(cloud).toMatchObject({ path: 'cloud', createdAt: 1_700 })
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
  })

  it('[LPNS-12][DEC-07] the response is lost: the call is pushed again through APNs, and rings once', () => {
    const b = ward({
      phone: { wakeMs: 5_000 },
      rest: { faults: [{ at: 500, fault: { on: 'devices~ucm-pub', kind: 'drop', port: 9_560, direction: 'forward' } }] },
    })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(4_000)
    expect(b.pushes({ flow }).map(({ path }) => path)).toEqual(['local', 'cloud'])
    expect(b.hops({ flow, message: 'CallKit' })).toHaveLength(1)
    expect(b.pushes({ flow, path: 'cloud' })).toMatchObject([{ state: 'superseded' }])
  })

  it('[DEC-07] declined on the local push, it does not ring again when the one of Apple comes', () => {
    const b = ward({
      phone: { wakeMs: 10_000 },
      rest: { faults: [{ at: 500, fault: { on: 'devices~ucm-pub', kind: 'drop', port: 9_560, direction: 'forward' } }] },
    })
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(1_000)
    b.give('device.decline', { device: 'phone' })
    b.runFor(4_000)
    expect(b.hops({ flow, message: 'CallKit' })).toHaveLength(1)
    expect(b.hops({ flow, carrier: 'APNs', message: 'deliver' })).toHaveLength(1)
    expect(b.hops({ flow, message: 'push not used' })).toHaveLength(1)
  })

  it('[ALM-15] CallManager without the LPNS of its node: Critical, and the call goes through APNs; cleared when it runs', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('service.stop', { node: 'ucm-pub', service: LPNS })
    expect(b.alarms('LocalPushNotificationServiceUnavailable')).toEqual([])
    const flow = b.call('5001')
    b.runFor(2_000)
    expect(b.alarms('LocalPushNotificationServiceUnavailable')).toMatchObject([{ severity: 'Critical', node: 'ucm-pub', clearedAt: null }])
    expect(b.hop({ flow, message: 'no local push' })).toMatchObject({ why: 'ALM-15', status: 'fail' })
    expect(b.pushes({ flow })).toMatchObject([{ path: 'cloud' }])
    b.give('service.start', { node: 'ucm-pub', service: LPNS })
    b.runFor(3_000)
    expect(b.alarms('LocalPushNotificationServiceUnavailable')[0]?.clearedAt).not.toBeNull()
  })

  it('[ALM-15] not for phones without local push, and not below 14SU3, where the service does not exist', () => {
    const b = ward({ cluster: { release: '14SU2' } })
    b.runUntil(1_000)
    expect(b.try('service.stop', { node: 'ucm-pub', service: LPNS })).toMatchObject({ ok: false })
    b.call('5001')
    b.runFor(2_000)
    expect(b.alarms()).toEqual([])
    expect(b.hops({ carrier: 'LPNS' })).toEqual([])
  })

  it('[ALM-16] LPNS that cannot start: Alert, failed, and no session until a start that works', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('fault.add', { fault: { on: 'ucm-pub/LPNS', kind: 'start-fails', count: 1 } })
    b.give('service.restart', { node: 'ucm-pub', service: LPNS })
    b.runFor(3_000)
    const service = () => b.node('ucm-pub').services.find(({ name }) => name === LPNS)
    expect(service()?.state).toBe('failed')
    expect(b.alarms('LocalPushStartFailed')).toMatchObject([{ severity: 'Alert', node: 'ucm-pub', clearedAt: null }])
    expect(sessionOf(b).holders).toEqual([])
    b.give('service.start', { node: 'ucm-pub', service: LPNS })
    b.runFor(30_000)
    expect(service()?.state).toBe('running')
    expect(b.alarms('LocalPushStartFailed')[0]?.clearedAt).not.toBeNull()
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
  })

  it('[ALM-14] a response with an expired token: Alert, error counter, session removed, and the call goes through APNs too', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('device.expireAccessToken', { device: 'phone' })
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.hop({ flow, message: 'local push acknowledged' })).toMatchObject({ status: 'fail', why: 'ALM-14' })
    expect(b.alarms('LocalPushNotificationInvalidOAuthToken')).toMatchObject([{ severity: 'Alert', node: 'ucm-pub', count: 1 }])
    expect(b.counter('ucm-pub', 'NumberOfLocalPushErrorResReceived')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfLocalPushResReceived')).toBe(0)
    expect(b.pushes({ flow }).map(({ path, state }) => `${path} ${state}`)).toEqual(['local failed', 'cloud superseded'])
    expect(b.hops({ flow, message: 'CallKit' })).toHaveLength(1)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
  })

  it('[LPNS-12] no other way: the one cause names both', () => {
    const b = ward({ rest: { faults: [{ at: 500, fault: { on: 'devices~ucm-pub', kind: 'black-hole', port: 9_560 } }] } })
    b.runUntil(1_000)
    b.give('device.expireToken', { device: 'phone' })
    const first = b.call('5001')
    b.runFor(20_000)
    expect(b.flow(first)).toMatchObject({ state: 'dropped', cause: expect.stringContaining('410') })
    const second = b.call('5001')
    b.runFor(20_000)
    expect(b.pushes({ flow: second })).toMatchObject([{ path: 'local', state: 'failed' }])
    const { cause } = b.flow(second)
    expect(cause).toContain('local push failed (no response within 2 s)')
    expect(cause).toContain('no other way: pushes to this device are stopped since the cloud answered 410')
  })
})

describe('a page', () => {
  it('[CALL-01] to 501 devices is extended to 250 in a millisecond, and each gets its own push', () => {
    const many = Array.from({ length: 501 }, (_, i) => i)
    const b = ward({
      rest: {
        users: many.map((i) => ({ id: `u${i}`, number: String(20_000 + i), serviceProfile: 'nurses' })),
        devices: many.map((i) => ({
          id: `p${i}`,
          owner: `u${i}`,
          pool: 'phones',
          lines: ['8000'],
          wifi: 'Ward3',
          app: 'off screen' as const,
        })),
      },
    })
    b.runUntil(1_000)
    const flow = b.call('8000')
    b.runFor(9)
    expect(b.pushes({ flow })).toEqual([])
    b.runFor(2)
    const createdAt = (at: number) => b.pushes({ flow }).filter((push) => push.createdAt === at).length
    b.runFor(2)
    expect([1_010, 1_011, 1_012].map(createdAt)).toEqual([250, 250, 1])
    b.runFor(3_000)
    expect(b.pushes({ flow, state: 'used', path: 'local' })).toHaveLength(501)
    const registers = b.hops({ flow, message: 'REGISTER' })
    expect(new Set(registers.map(({ tracking }) => tracking)).size).toBe(501)
    for (const hop of registers) expect(b.pushes({ device: hop.from })[0]?.id).toBe(hop.tracking)
  })

  it('[CALL-04] over before all were called, it calls no more', () => {
    const many = Array.from({ length: 600 }, (_, i) => i)
    const b = ward({
      rest: {
        users: many.map((i) => ({ id: `u${i}`, number: String(20_000 + i) })),
        devices: many.map((i) => ({ id: `p${i}`, owner: `u${i}`, client: 'deskphone' as const, pool: 'phones', lines: ['8000'] })),
        links: [{ link: 'devices~ucm-pub', latencyMs: 0, jitterMs: 0 }],
      },
    })
    b.runUntil(1_000)
    const flow = b.call('8000')
    b.runFor(0)
    b.give('device.hangUp', { device: 'desk' })
    b.runFor(1_000)
    expect(b.hops({ flow, message: 'INVITE 8000', from: 'ucm-pub/CallManager' }).length).toBeLessThan(600)
    expect(b.flow(flow).endedAt).not.toBeNull()
    expect(b.rows('device').every((row) => row.kind !== 'device' || row.screen.call === null)).toBe(true)
  })
})

describe('certificates', () => {
  const cases: [string, object, RegExp][] = [
    ['self-signed', { issuer: 'self-signed' }, /self-signed/],
    ['397 days', { issuer: 'public CA', validDays: 397 }, /397 days/],
    ['397 days of a private CA', { issuer: 'private CA', validDays: 397 }, /397 days/],
    ['another name', { names: ['ucm-old'] }, /names ucm-old, not ucm-pub/],
    ['expired', { validDays: 100, ageDays: 100 }, /has expired/],
  ]
  for (const [what, certificate, text] of cases) {
    it(`[LPNS-25][DEC-32][SCN-14] ${what}: no session, no alarm of a server, calls by APNs, and the client's log names the rule`, () => {
      const b = ward({ cluster: { nodes: [{ id: 'ucm-pub', certificate }] } })
      b.runUntil(1_000)
      const [connect] = b.hops({ from: 'phone', message: 'connect wss://' })
      expect(connect).toMatchObject({ status: 'fail', why: 'LPNS-25' })
      expect(connect?.outcome).toMatch(text)
      expect(sessionOf(b)).toMatchObject({ holders: [], client: 'waiting', why: 'LPNS-25' })
      const flow = b.call('5001')
      b.runFor(3_000)
      expect(b.pushes({ flow })).toMatchObject([{ path: 'cloud', state: 'used' }])
      expect(b.alarms()).toEqual([])
      expect(b.rows('finding').some((row) => row.kind === 'finding' && row.why === 'LPNS-25' && row.level === 'Fail')).toBe(true)
    })
  }

  const fine: [string, object][] = [
    ['396 days of a public CA', { issuer: 'public CA', validDays: 396 }],
    ['the last day', { validDays: 100, ageDays: 99 }],
    ['a wildcard of its domain', { names: ['*', 'UCM-PUB'] }],
  ]
  for (const [what, certificate] of fine) {
    it(`[LPNS-25][DEC-32] ${what}: taken`, () => {
      const b = ward({ cluster: { nodes: [{ id: 'ucm-pub', certificate }] } })
      b.runUntil(1_000)
      expect(sessionOf(b).holders).toEqual(['ucm-pub'])
    })
  }

  it('[LPNS-25] a private CA needs its root in the trust store; importing it mends it at once', () => {
    const b = ward({ phone: { trustsPrivateCa: false } })
    b.runUntil(1_000)
    expect(sessionOf(b)).toMatchObject({ holders: [], text: expect.stringContaining('not in the trust store') })
    b.give('device.trust', { device: 'phone', trusted: true })
    b.runFor(500)
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
    const open = ward({ phone: { trustsPrivateCa: false }, cluster: { nodes: [{ id: 'ucm-pub', certificate: { issuer: 'public CA' } }] } })
    open.runUntil(1_000)
    expect(sessionOf(open).holders).toEqual(['ucm-pub'])
  })

  it('[DEC-32] self-signed is taken once it was imported as a trusted root', () => {
    const b = ward({ cluster: { nodes: [{ id: 'ucm-pub', certificate: { issuer: 'self-signed' } }] } })
    b.runUntil(1_000)
    b.give('device.trust', { device: 'phone', trusted: true })
    b.runFor(500)
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
  })

  it('[LPNS-25] one that expires while a session is open ends nothing, and is refused the next time', () => {
    const b = ward({ cluster: { nodes: [{ id: 'ucm-pub', certificate: { validDays: 2, ageDays: 1 } }] } })
    b.runUntil(86_400_000 + 1_000)
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
    b.give('device.kill', { device: 'phone' })
    b.runFor(10_000)
    expect(sessionOf(b)).toMatchObject({ holders: [], why: 'LPNS-25' })
    b.give('node.certificate', { node: 'ucm-pub', validDays: 396 })
    b.runFor(500)
    expect(sessionOf(b).holders).toEqual(['ucm-pub'])
  })
})

describe('real clients in the run', () => {
  const attach = (b: ReturnType<typeof ward>, session = 1, node = 'ucm-pub') => {
    b.try('wire.tokenIssued', { id: 't1', device: 'phone', minutes: 60 })
    return b.give('wire.connected', { session, node, device: 'phone', token: 't1', address: '127.0.0.1:50000' })
  }

  it('[LPNS-05] one takes the place of its phone; its response wakes that phone', () => {
    const b = ward()
    b.runUntil(1_000)
    const told: string[] = []
    b.lab.world.wire = { send: (_session, text) => void told.push(text), close: () => undefined }
    expect(attach(b)).toEqual({ accepted: true, status: 101, reason: '' })
    expect(sessionOf(b)).toMatchObject({ real: true, address: '127.0.0.1:50000', holders: ['ucm-pub'] })
    expect(JSON.parse(told[0] as string)).toMatchObject({ type: 'welcome', node: 'ucm-pub', keepaliveMs: 120_000, graceMs: 30_000 })
    const flow = b.call('5001')
    b.runFor(100)
    const push = JSON.parse(told.at(-1) as string) as { id: string }
    expect(push).toMatchObject({ type: 'push', purpose: 'incoming call', name: 'Dr. Okafor', number: '5010', call: String(flow) })
    expect(b.hops({ flow, message: 'CallKit' })).toEqual([])
    b.give('wire.received', { session: 1, text: frame({ type: 'ack', id: push.id }) })
    b.runFor(2_000)
    expect(b.hops({ flow, message: 'CallKit' })).toHaveLength(1)
    expect(b.flow(flow)).toMatchObject({ state: 'ringing' })
    expect(b.pushes({ flow })).toMatchObject([{ path: 'local', state: 'used' }])
  })

  it('[LPNS-12] silent or answering with an error, the call goes through APNs', () => {
    for (const [answer, afterMs] of [
      [false, 2_000],
      [true, 100],
    ] as const) {
      const b = ward()
      b.runUntil(1_000)
      const told: string[] = []
      b.lab.world.wire = { send: (_session, text) => void told.push(text), close: () => undefined }
      attach(b)
      const flow = b.call('5001')
      b.runFor(110)
      const push = JSON.parse(told.at(-1) as string) as { id: string }
      if (answer) b.give('wire.received', { session: 1, text: frame({ type: 'error', id: push.id, code: 500, text: 'no screen' }) })
      b.runFor(5_000)
      const { pushAt } = b.flow(flow)
      expect(b.pushes({ flow, path: 'cloud' })).toMatchObject([{ createdAt: (pushAt as number) + afterMs }])
      expect(b.counter('ucm-pub', 'NumberOfLocalPushErrorResReceived')).toBe(answer ? 1 : 0)
    }
  })

  it('[LPNS-17][DEC-01] refused at the upgrade: no token, unknown, expired, of another user, no such device', () => {
    const b = ward()
    b.runUntil(1_000)
    b.give('wire.tokenIssued', { id: 't1', device: 'phone', minutes: 1 })
    b.give('wire.tokenIssued', { id: 't2', device: 'desk', minutes: 60 })
    const ask = (token: string | null, device = 'phone') =>
      b.give('wire.connected', { session: 1, node: 'ucm-pub', device, token, address: 'x' }) as { status: number }
    expect(ask(null)).toMatchObject({ accepted: false, status: 401 })
    expect(ask('never')).toMatchObject({ accepted: false, status: 401 })
    expect(ask('t2')).toMatchObject({ accepted: false, status: 403 })
    expect(ask('t1', 'ghost')).toMatchObject({ accepted: false, status: 404 })
    b.runUntil(60_999)
    expect(ask('t1').status).toBe(101)
    b.give('wire.closed', { session: 1, code: 1_000, reason: '' })
    b.runUntil(61_000)
    expect(ask('t1')).toMatchObject({ accepted: false, status: 401 })
    expect(b.hops({ message: 'GET /lpns', status: 'fail' }).length).toBe(5)
  })

  it('[DEC-34] a frame that makes no sense ends the session with 4400 and says what is wrong', () => {
    for (const text of ['{', '{"v":2,"type":"keepalive","seq":1}', frame({ type: 'hello' }), frame({ type: 'ack' }), '[]', 'null']) {
      const b = ward()
      b.runUntil(1_000)
      const closes: [number, number, string][] = []
      b.lab.world.wire = { send: () => undefined, close: (...each) => void closes.push(each) }
      attach(b)
      b.give('wire.received', { session: 1, text })
      expect(closes).toMatchObject([[1, 4_400, expect.stringMatching(/./)]])
      expect(sessionOf(b).holders).toEqual([])
    }
  })

  it('[LPNS-15] when the real sockets close the phone of the lab takes its place again', () => {
    const b = ward()
    b.runUntil(1_000)
    attach(b)
    b.give('wire.closed', { session: 1, code: 1_006, reason: '' })
    b.runFor(60_000)
    expect(sessionOf(b)).toMatchObject({ holders: [], real: false }) // its place stays reserved
    b.give('wire.endpoint', { open: false, address: '' })
    b.runFor(1_000)
    expect(sessionOf(b)).toMatchObject({ client: 'open', holders: ['ucm-pub'] })
  })

  it('[LPNS-19] a call on another node reaches it through the mesh, after a failover too', () => {
    const b = ward({ nodes: 2, group: ['ucm-sub1', 'ucm-pub'] })
    b.runUntil(1_000)
    const told: string[] = []
    b.lab.world.wire = { send: (_session, text) => void told.push(text), close: () => undefined }
    attach(b, 1, 'ucm-pub')
    b.runFor(1_000)
    const flow = b.call('5001')
    b.runFor(100)
    expect(b.hop({ flow, message: 'relay local push' })).toMatchObject({ from: 'ucm-sub1/LPNS', to: 'ucm-pub/LPNS' })
    expect(told.some((text) => text.includes('"push"'))).toBe(true)
  })
})
