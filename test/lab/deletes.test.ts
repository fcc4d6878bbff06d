import { describe, expect, it } from 'vitest'
import { labCommands } from '../../core/contract/commands.ts'
import type { FlowRow, PushRow } from '../../core/contract/rows.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import { routeBetween } from '../../core/world.ts'
import { bench, line, twoPhones, type Bench } from './bench.ts'

const FINAL = new Set<PushRow['state']>(['used', 'failed', 'expired', 'superseded'])

const ids = (b: Bench): string[] => b.lab.rows('device').map(({ id }) => id)

/** Whatever the deleted device was part of is over: no row, no deadline, no push under way, nobody who waits for it. */
function nothingLeft(b: Bench, device: string): void {
  const { world } = b.lab
  expect(ids(b)).not.toContain(device)
  expect(world.hosts.has(device)).toBe(false)
  expect([...world.directory.lines.values()].flat().map(({ id }) => id)).not.toContain(device)
  expect(world.storedPushes.has(device)).toBe(false)
  expect(
    [...world.platformTokens.apns.values(), ...world.platformTokens.fcm.values()].filter((each) => each.alive && each.device.id === device),
  ).toEqual([])
  expect(b.pushes({ device }).filter(({ state }) => !FINAL.has(state))).toEqual([])
  for (const node of world.cluster.nodes.values()) expect([...node.held].map((leg) => leg.device.id)).not.toContain(device)
  for (const call of world.calls) expect(call.caller.id).not.toBe(device)
}

/** Long enough for every deadline that there is. */
function settled(b: Bench): void {
  b.runFor(120_000)
  const open = b.rows<FlowRow>('flow').filter((flow) => flow.endedAt === null)
  expect(open.map(({ title, state }) => `${title}: ${state}`)).toEqual([])
  expect(b.lab.world.calls.size).toBe(0)
}

/** Nothing more leaves the device. */
const sentAfter = (b: Bench, device: string, at: number): string[] =>
  b.events.filter((event) => event.from === device && event.to !== device && event.sentAt > at).map(line)

const erase = (b: Bench, device = 'phone'): number => {
  b.give('device.delete', { device })
  return b.lab.now
}

/** Two suspended phones beside Ana's, on lines of their own or on hers. */
const withBen = (
  phone: Partial<NonNullable<ScenarioInput['devices']>[number]> = {},
  rest: Parameters<typeof twoPhones>[1] = {},
): ScenarioInput =>
  twoPhones(phone, {
    ...rest,
    users: [{ id: 'ben', name: 'Ben Ito', number: '5002' }],
    devices: [{ id: 'ben-phone', owner: 'ben', app: 'off screen', ...(phone.lines ? { lines: phone.lines } : {}) }],
  })

describe('a device is deleted', () => {
  it('[LPNS-18] its row goes, the change is told, and nothing else knows it', () => {
    const b = bench(twoPhones())
    b.lab.track(true)
    b.lab.collect()
    b.give('device.delete', { device: 'phone' })
    expect(b.lab.collect()?.remove).toContainEqual({ kind: 'device', id: 'phone' })
    expect(ids(b)).toEqual(['desk'])
    expect(b.hop({ carrier: 'admin', message: 'phone deleted' })).toMatchObject({ from: 'ucm-pub', why: 'LPNS-18' })
    nothingLeft(b, 'phone')
  })

  it('[LPNS-18] every command that names it answers not-found', () => {
    const b = bench(twoPhones())
    erase(b)
    const named = Object.entries(labCommands).filter(([name, { args }]) => {
      const fields = (args as { shape?: Record<string, unknown> }).shape ?? {}
      return 'device' in fields && !name.startsWith('wire.')
    })
    expect(named.length).toBeGreaterThan(25)
    const rest: Record<string, unknown> = {
      'device.screen': { lit: true },
      'device.permission': { allowed: true },
      'device.region': { region: 'elsewhere' },
      'device.pool': { pool: 'Default' },
      'device.voipSocket': { enabled: true },
      'device.keepalive': { survives: true },
      'device.trust': { trusted: true },
      'device.callKit': { reports: true },
    }
    for (const [name] of named) {
      const reply = b.try(name, { device: 'phone', ...(rest[name] as object | undefined) })
      expect(reply, name).toMatchObject({ ok: false, code: 'not-found', message: 'there is no device "phone"' })
    }
    expect(b.try('call.place', { to: '5010', from: 'phone' })).toMatchObject({ ok: false, code: 'not-found' })
    expect(b.try('fault.add', { fault: { kind: 'drop', on: 'phone' } })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[CALL-01] its number stays known while it has an owner, and has no device', () => {
    const b = bench(twoPhones())
    erase(b)
    const flow = b.call('5001')
    b.runFor(1_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'no device of this number is signed in' })
  })

  it('[CALL-01] a connected call ends for the caller', () => {
    const b = bench(twoPhones({ habits: { answersAfterMs: 500 } }))
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.device('desk').state).toBe('in call')
    erase(b)
    b.runFor(100)
    expect(b.device('desk').screen.call).toBeNull()
    expect(b.flow(flow)).toMatchObject({ state: 'ended' })
    expect(b.hops({ to: 'desk', message: 'BYE' })).toHaveLength(1)
    nothingLeft(b, 'phone')
    settled(b)
  })

  it('[CALL-01] a connected call that it placed ends for the called device', () => {
    const b = bench(twoPhones({ habits: { answersAfterMs: 500 } }))
    b.call('5001')
    b.runFor(5_000)
    expect(b.device('phone').state).toBe('in call')
    erase(b, 'desk')
    b.runFor(100)
    expect(b.device('phone').screen.call).toBeNull()
    expect(b.hops({ to: 'phone', message: 'BYE' })).toHaveLength(1)
    nothingLeft(b, 'desk')
    settled(b)
  })

  it('[CALL-04] while it calls: the woken phone is told by SIP and by push that the call was missed', () => {
    const b = bench(twoPhones())
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.device('phone').state).toBe('ringing')
    erase(b, 'desk')
    b.runFor(3_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'desk was deleted', causeWhy: 'LPNS-18' })
    expect(b.device('phone')).toMatchObject({ screen: { call: null }, missedCalls: 1 })
    expect(b.hops({ to: 'phone', message: 'CANCEL' })).toHaveLength(1)
    expect(b.pushes({ device: 'phone', purpose: 'missed call' })).toHaveLength(1)
    settled(b)
  })

  it('[CALL-01] while its INVITE is on the way: nobody is rung', () => {
    const b = bench(twoPhones())
    const flow = b.call('5001')
    b.runFor(5)
    erase(b, 'desk')
    settled(b)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'desk was deleted' })
    expect(b.hop({ message: 'INVITE 5001' }).outcome).toBe('the call is already over')
    expect(b.pushes()).toEqual([])
  })

  it('[CALL-01] while it rings: the caller is told at once, nobody waits for the 13 s', () => {
    const b = bench(twoPhones())
    const flow = b.call('5001')
    b.runFor(3_000)
    const at = erase(b)
    b.runFor(50)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'phone was deleted', causeWhy: 'LPNS-18', endedAt: at })
    expect(b.device('desk').screen.call).toBeNull()
    expect(b.hops({ to: 'desk', message: '480' })).toHaveLength(1)
    nothingLeft(b, 'phone')
    settled(b)
    expect(sentAfter(b, 'phone', at)).toEqual([])
    expect(b.pushes({ purpose: 'missed call' })).toEqual([])
  })

  it(
    '[CALL-01] [CALL-03] at any instant of a pushed call: held, pushed, woken, registering, offered, ringing, answered',
    { timeout: 60_000 },
    () => {
      const whole = bench(twoPhones({ habits: { answersAfterMs: 500 } }))
      whole.call('5001')
      whole.runFor(4_000)
      expect(whole.device('phone').state).toBe('in call')
      const instants = [...new Set(whole.events.flatMap(({ at, sentAt }) => [at, sentAt, at + 1]))]
      expect(instants.length).toBeGreaterThan(30)
      for (const instant of instants) {
        const b = bench(twoPhones({ habits: { answersAfterMs: 500 } }))
        const flow = b.call('5001')
        b.runUntil(instant)
        const at = erase(b)
        nothingLeft(b, 'phone')
        settled(b)
        nothingLeft(b, 'phone')
        expect(b.device('desk').screen.call, `deleted at ${instant}`).toBeNull()
        expect(b.flow(flow).endedAt, `deleted at ${instant}`).not.toBeNull()
        expect(sentAfter(b, 'phone', at), `deleted at ${instant}`).toEqual([])
        expect(b.alarms(), `deleted at ${instant}`).toEqual([])
      }
    },
  )

  it('[CALL-05] at any instant of a call to a shared line: the other device gets the call', { timeout: 60_000 }, () => {
    const lab = () => bench(withBen({ lines: ['5001'], habits: { answersAfterMs: 500 } }))
    const whole = lab()
    whole.call('5001', 'desk')
    whole.runFor(4_000)
    const answered = whole.events.find(({ outcome }) => outcome === 'answered on phone')
    if (!answered) throw new Error('not answered')
    for (const instant of new Set(whole.events.filter(({ at }) => at < answered.at).flatMap(({ at, sentAt }) => [at, sentAt]))) {
      const b = lab()
      const flow = b.call('5001', 'desk')
      b.runUntil(instant)
      erase(b)
      b.runUntil(6_000)
      expect(b.flow(flow).state, `deleted at ${instant}`).toBe('ringing')
      b.give('device.answer', { device: 'ben-phone' })
      b.runFor(1_000)
      expect(b.flow(flow).state, `deleted at ${instant}`).toBe('answered')
      nothingLeft(b, 'phone')
      b.give('device.hangUp', { device: 'ben-phone' })
      settled(b)
    }
  })

  it('[SEC-04] while a pilot hunts: the next member is tried, and after the last one the caller is told', () => {
    const scenario = withBen()
    const hunting = {
      ...scenario,
      cluster: { nodes: [{ id: 'ucm-pub' }], huntPilots: [{ number: '7000', members: ['5001', '5002'], algorithm: 'top-down' as const }] },
    }
    const b = bench(hunting)
    const flow = b.call('7000', 'desk')
    b.runFor(3_000)
    expect([b.device('phone').state, b.device('ben-phone').state]).toEqual(['ringing', 'suspended'])
    const at = erase(b)
    expect(b.hop({ message: 'hunts on to 5002' }).at).toBe(at)
    b.runFor(3_000)
    expect(b.device('ben-phone').state).toBe('ringing')
    erase(b, 'ben-phone')
    b.runFor(100)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'phone was deleted' })
    settled(b)
  })

  it('[CALL-15] voicemail of its user still takes the call', () => {
    const scenario = twoPhones()
    const users = scenario.users?.map((user) => (user.id === 'ana' ? { ...user, voicemail: { noAnswerRingMs: 30_000 } } : user))
    const b = bench({ ...scenario, users })
    const flow = b.call('5001')
    b.runFor(3_000)
    erase(b)
    b.runUntil(29_900)
    expect(b.flow(flow).endedAt).toBeNull()
    b.runUntil(31_000)
    expect(b.flow(flow)).toMatchObject({ state: 'diverted' })
  })

  it.each([1, 5, 100, 250, 399, 401, 409, 411, 419])(
    '[CH-01] %i ms into its sign-in: the task ends, no REGISTER follows, none is taken',
    (after) => {
      const b = bench(twoPhones({ signedIn: false }))
      b.runFor(1_000)
      b.give('device.signIn', { device: 'phone' })
      b.runFor(after)
      const at = erase(b)
      settled(b)
      expect(b.rows<FlowRow>('flow').map(({ type, state }) => [type, state])).toEqual([['sign-in', 'failed']])
      expect(sentAfter(b, 'phone', at)).toEqual([])
      expect(b.hops({ outcome: 'registration taken' }).filter((event) => event.at > at)).toEqual([])
      nothingLeft(b, 'phone')
    },
  )

  it('[FO-03] while a node refuses its REGISTER: no further node is tried', () => {
    const b = bench(twoPhones({}, { nodes: 2 }))
    b.give('service.stop', { node: 'ucm-pub', service: 'CallManager' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(5)
    const at = erase(b)
    settled(b)
    expect(b.hop({ from: 'phone', message: 'REGISTER' }).outcome).toBe('CallManager does not run on ucm-pub')
    expect(sentAfter(b, 'phone', at)).toEqual([])
  })

  it('[LPNS-18] what is sent to it, or by it, is lost in silence', () => {
    const b = bench(twoPhones())
    erase(b)
    const { world } = b.lab
    const traffic = { port: 5_061 }
    expect(world.network.travel(routeBetween(world, 'ucm-pub', 'phone'), traffic)).toMatchObject({
      ok: false,
      loss: { how: 'silent', text: 'phone was deleted', why: 'LPNS-18' },
    })
    expect(world.network.travel(routeBetween(world, 'phone', 'ucm-pub'), traffic)).toMatchObject({ ok: false, loss: { how: 'no route' } })
  })

  it('[FO-03] while it waits for a node that is silent: no further node is tried', () => {
    const b = bench(twoPhones({}, { nodes: 2 }))
    b.give('node.isolate', { node: 'ucm-pub' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(1_000)
    const at = erase(b)
    settled(b)
    expect(sentAfter(b, 'phone', at)).toEqual([])
    expect(b.hops({ to: 'phone', message: 'no answer to REGISTER' })).toEqual([])
  })

  it('[MSG-02] what its queue holds ends, unless another device of its user still may read it', () => {
    const scenario = twoPhones(
      { client: 'jabber' },
      { im: true, devices: [{ id: 'tablet', owner: 'ana', client: 'jabber', app: 'off screen' }] },
    )
    const b = bench(scenario)
    b.runFor(1_000)
    const { flow } = b.give('message.send', { from: 'okafor', to: 'ana', text: 'Bed 4' }) as { flow: number }
    b.runFor(2_000)
    expect([b.device('phone').unread, b.device('tablet').unread]).toEqual([1, 1])
    erase(b)
    expect(b.flow(flow).endedAt).toBeNull()
    nothingLeft(b, 'phone')
    erase(b, 'tablet')
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'tablet was deleted' })
    nothingLeft(b, 'tablet')
    settled(b)
  })

  it('[MSG-01] at any instant of a message to it: the message ends', { timeout: 60_000 }, () => {
    for (const phone of [{ app: 'on screen' }, { app: 'off screen' }, { app: 'off screen', internet: false }] as const) {
      const lab = () => {
        const b = bench(twoPhones({ client: 'jabber', locked: false, screenOn: true, ...phone }, { im: true }))
        b.runFor(1_000) // the servers have their access tokens
        return b
      }
      const send = (b: Bench) => (b.give('message.send', { from: 'okafor', to: 'ana', text: 'Bed 4' }) as { flow: number }).flow
      const whole = lab()
      send(whole)
      whole.runFor(3_000)
      for (const instant of new Set(whole.events.flatMap(({ at, sentAt }) => [at, sentAt].filter((ms) => ms >= 1_000)))) {
        const b = lab()
        const flow = send(b)
        b.runUntil(instant)
        erase(b)
        settled(b)
        nothingLeft(b, 'phone')
        expect(b.flow(flow).endedAt).not.toBeNull()
        expect(b.alarms(), `deleted at ${instant}`).toEqual([])
      }
    }
  })

  it('[ALM-22] its session leaves the count of those that push can wake', () => {
    const b = bench(twoPhones({ client: 'jabber' }, { im: true }))
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(1)
    erase(b)
    expect(b.counter('imp-pub', 'PushEnabledSessionsApns')).toBe(0)
  })

  it('[ALM-02] its alarms are cleared, and faults that sat on it are gone', () => {
    const b = bench(twoPhones())
    b.give('fault.add', { fault: { kind: 'delay', on: 'phone', addMs: 5 } })
    b.give('device.expireToken', { device: 'phone' })
    b.call('5001')
    b.runFor(3_000)
    expect(b.alarms('PushNotificationInvalidDeviceTokenResponse')).toMatchObject([{ clearedAt: null }])
    const at = erase(b)
    expect(b.alarms('PushNotificationInvalidDeviceTokenResponse')).toMatchObject([{ clearedAt: at }])
    expect(b.lab.rows('fault')).toEqual([])
  })

  it('[SCN-15] is part of the run: a replay deletes it again', () => {
    const b = bench(twoPhones())
    b.call('5001')
    b.runFor(1_000)
    erase(b)
    b.runFor(20_000)
    const again = bench(twoPhones())
    for (const input of b.lab.inputs) again.lab.replay(input)
    again.lab.runUntil(b.lab.now)
    expect(again.events).toEqual(b.events)
  })
})

describe('an end user is deleted', () => {
  it('[LPNS-18] with every device, number and right to be called', () => {
    const scenario = twoPhones({}, { devices: [{ id: 'tablet', owner: 'ana' }] })
    const b = bench(scenario)
    b.lab.track(true)
    b.lab.collect()
    b.give('user.delete', { user: 'ana' })
    expect(b.lab.collect()?.remove).toEqual(expect.arrayContaining(['phone', 'tablet'].map((id) => ({ kind: 'device', id }))))
    expect(ids(b)).toEqual(['desk'])
    for (const device of ['phone', 'tablet']) nothingLeft(b, device)
    expect(b.hop({ carrier: 'admin', message: 'End User ana deleted' })).toMatchObject({
      outcome: 'and with the user phone, tablet',
      why: 'LPNS-18',
    })
    const flow = b.call('5001')
    b.runFor(1_000)
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'nobody has the number 5001' })
    expect(b.try('user.delete', { user: 'ana' })).toMatchObject({ ok: false, code: 'not-found', message: 'there is no user "ana"' })
    expect(b.try('user.set', { user: 'ana' })).toMatchObject({ ok: false, code: 'not-found' })
    expect(b.try('message.send', { from: 'okafor', to: 'ana', text: 'x' })).toMatchObject({ ok: false, code: 'not-found' })
    expect(b.try('device.tap', { device: 'tablet' })).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[CALL-15] and with voicemail: a call that rings ends at once', () => {
    const scenario = twoPhones()
    const users = scenario.users?.map((user) =>
      user.id === 'ana' ? { ...user, voicemail: { noAnswerRingMs: 30_000 }, singleNumberReach: { number: '900', waitMs: 20_000 } } : user,
    )
    const b = bench({ ...scenario, users })
    const flow = b.call('5001')
    b.runFor(3_000)
    b.give('user.delete', { user: 'ana' })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', cause: 'phone was deleted', endedAt: 3_000 })
    settled(b)
    expect(b.device('desk').screen.call).toBeNull()
  })

  it('[CALL-01] in a call with each other: the call ends once', () => {
    const b = bench(twoPhones({ habits: { answersAfterMs: 500 } }, { devices: [{ id: 'tablet', owner: 'ana', lines: ['5003'] }] }))
    const flow = b.call('5001', 'tablet')
    b.runFor(5_000)
    expect(b.flow(flow).state).toBe('answered')
    b.give('user.delete', { user: 'ana' })
    expect(b.flow(flow).state).toBe('ended')
    settled(b)
  })

  it('[CALL-05] a number that somebody else has on a phone stays', () => {
    const b = bench(withBen({ lines: ['5001'] }))
    b.give('user.delete', { user: 'ana' })
    b.call('5001', 'desk')
    b.runFor(3_000)
    expect(b.device('ben-phone').state).toBe('ringing')
  })
})

describe('the local push session of who is deleted', () => {
  const local = (phone: Partial<NonNullable<ScenarioInput['devices']>[number]> = {}): Bench => {
    const scenario = twoPhones(phone, {
      cluster: {
        nodes: [{ id: 'ucm-pub' }],
        ucServices: [{ id: 'wifi', localPushSsidList: 'Office' }],
        serviceProfiles: [{ id: 'nurses', mobile: 'wifi' }],
      },
    })
    return bench({ ...scenario, users: scenario.users?.map((user) => (user.id === 'ana' ? { ...user, serviceProfile: 'nurses' } : user)) })
  }

  it.each([
    ['device.delete', { device: 'phone' }, 'device deleted'],
    ['user.delete', { user: 'ana' }, 'user deleted'],
  ] as const)('[LPNS-18] %s closes it with this cause, and its row goes', (name, args, cause) => {
    const b = local()
    b.runFor(2_000)
    expect(b.lab.rows('session')).toMatchObject([{ id: 'phone', client: 'open' }])
    b.lab.track(true)
    b.lab.collect()
    const at = b.lab.now
    b.give(name, args)
    b.runFor(10_000)
    expect(
      b.hops({ carrier: 'LPNS', why: 'LPNS-18' }).filter((event) => event.at === at && event.outcome.includes(cause)).length,
    ).toBeGreaterThan(0)
    expect(b.lab.rows('session')).toEqual([])
    expect(b.lab.collect()?.remove).toContainEqual({ kind: 'session', id: 'phone' })
    expect(sentAfter(b, 'phone', at)).toEqual([])
  })

  it(
    '[LPNS-18] [CALL-01] at any instant of a call pushed over it: the call ends, nothing is left of push or session',
    { timeout: 60_000 },
    () => {
      const whole = local({ habits: { answersAfterMs: 500 } })
      whole.runUntil(1_000)
      whole.call('5001')
      whole.runFor(4_000)
      expect(whole.pushes().map(({ path, state }) => [path, state])).toEqual([['local', 'used']])
      const instants = new Set(whole.events.flatMap(({ at, sentAt }) => [at, sentAt, at + 1]).filter((ms) => ms >= 1_000))
      expect(instants.size).toBeGreaterThan(15)
      for (const instant of instants) {
        const b = local({ habits: { answersAfterMs: 500 } })
        b.runUntil(1_000)
        const flow = b.call('5001')
        b.runUntil(instant)
        const at = erase(b)
        nothingLeft(b, 'phone')
        settled(b)
        expect(b.device('desk').screen.call, `deleted at ${instant}`).toBeNull()
        expect(b.flow(flow).endedAt, `deleted at ${instant}`).not.toBeNull()
        expect(sentAfter(b, 'phone', at), `deleted at ${instant}`).toEqual([])
        expect(b.alarms(), `deleted at ${instant}`).toEqual([])
        expect(b.lab.rows('session')).toEqual([])
        for (const lpns of b.lab.world.lpns.values()) expect(lpns.sessions.size, `deleted at ${instant}`).toBe(0)
      }
    },
  )
})
