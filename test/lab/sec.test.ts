import { compactDecrypt, CompactEncrypt, importJWK } from 'jose'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { looksSealed } from '../../core/engine/sealer.ts'
import { Random } from '../../core/engine/random.ts'
import { searchTracking } from '../../core/queries.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import type { ScenarioInput } from '../../core/contract/scenario.ts'
import type { HopEvent } from '../../core/contract/event.ts'
import { bench, twoPhones, type Bench } from './bench.ts'

/** The request that left the sender for Push REST, of the newest push of a flow. */
function posted(b: Bench, flow: number): { event: HopEvent; detail: ReturnType<Bench['detail']>; payload: string } {
  const event = b.hops({ flow, to: 'push-rest', message: 'POST push' }).at(-1)
  if (!event) throw new Error(`flow ${flow} has no push request`)
  const detail = b.detail(event)
  return { event, detail, payload: (JSON.parse(detail.body) as { payload: string }).payload }
}

describe('the seal [SEC-01]', () => {
  const key = new Random(1, 'test key').bytes(32)
  const nonce = new Random(1, 'test nonce').bytes(12)
  const jwk = { kty: 'oct', k: Buffer.from(key).toString('base64url'), alg: 'A256GCM' }

  it('[SEC-01] is opened by a standard library: a compact JWE with a 256-bit key', async () => {
    const sealed = nodeSealer.seal(key, nonce, '{"displayName":"Zoë Ångström","node":"ucm-pub"}')
    const opened = await compactDecrypt(sealed, await importJWK(jwk))
    expect(new TextDecoder().decode(opened.plaintext)).toBe('{"displayName":"Zoë Ångström","node":"ucm-pub"}')
    expect(opened.protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM' })
  })

  it('[SEC-01] opens what a standard library sealed', async () => {
    const sealed = await new CompactEncrypt(new TextEncoder().encode('{"huntPilot":"7000"}'))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .encrypt(await importJWK(jwk))
    expect(nodeSealer.open(key, sealed)).toBe('{"huntPilot":"7000"}')
    expect(looksSealed(sealed)).toBe(true)
  })

  it('[SEC-01] gives back any text, of any length and alphabet', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 500 }), (text) => {
        const sealed = nodeSealer.seal(key, nonce, text)
        expect(nodeSealer.open(key, sealed)).toBe(text)
        if (text.length > 0) expect(looksSealed(sealed)).toBe(true)
      }),
    )
  })

  it('[SEC-01] stays shut for another key and after any change of one character', () => {
    const sealed = nodeSealer.seal(key, nonce, 'Dr. Okafor 5010')
    expect(nodeSealer.open(new Random(2, 'test key').bytes(32), sealed)).toBeNull()
    const bytes = (text: string): string => JSON.stringify(text.split('.').map((part) => Buffer.from(part, 'base64url').toString('hex')))
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'Z' : 'A') + sealed.slice(at + 1)
      // The last character of a base64url part has unused bits: only what changes bytes is a change.
      if (bytes(changed) !== bytes(sealed)) expect(nodeSealer.open(key, changed), `changed at ${at}`).toBeNull()
    }
  })

  it.each(['', 'x', '....', 'a.b.c.d.e', '{"displayName":"Ana"}', `${'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0'}..AAAA.AAAA.AAAA`])(
    '[SEC-02] %j neither opens nor looks sealed',
    (text) => {
      expect(nodeSealer.open(key, text)).toBeNull()
      expect(looksSealed(text)).toBe(false)
    },
  )
})

describe('payload and key of a push', () => {
  it('[SEC-01] outside client and sender the payload is opaque; the key of the device panel opens it', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(3_000)
    const { payload, detail } = posted(b, flow)
    expect(looksSealed(payload)).toBe(true)
    const phone = b.lab.world.devices.get('phone')
    const key = phone?.keys[0]
    expect(key?.key.length).toBe(32)
    expect(key?.fingerprint).toBe(b.device('phone').keyFingerprint)
    expect(detail.sealed?.keyFingerprint).toBe(b.device('phone').keyFingerprint)
    const opened = JSON.parse(nodeSealer.open(key?.key as Uint8Array, payload) ?? 'null') as Record<string, string>
    expect(opened).toMatchObject({ displayName: 'Dr. Okafor', displayNumber: '5010', node: 'ucm-pub' })
    // The very same bytes go on to Apple and to the device: nobody on the way opens and seals again.
    for (const to of ['apns', 'phone']) {
      const hop = b.hop({ flow, to, carrier: 'APNs' })
      expect(b.detail(hop).body).toContain(payload)
    }
  })

  it('[SEC-01] pushes made before and after a renewal of the key both open, the later with the new key', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    const before = b.device('phone').keyFingerprint
    const first = b.call('5001')
    b.runFor(100) // on its way, not yet at the phone
    expect(b.hops({ flow: first, to: 'phone', carrier: 'APNs' })).toEqual([])
    b.give('device.rotateKey', { device: 'phone' })
    const after = b.device('phone').keyFingerprint
    expect(after).not.toBe(before)
    b.runFor(3_000)
    b.hop({ flow: first, from: 'phone', message: 'CallKit: Dr. Okafor 5010' })
    expect(posted(b, first).detail.sealed?.keyFingerprint).toBe(before)
    b.give('call.hangUp', { flow: first })
    b.runFor(30_000)
    b.give('device.background', { device: 'phone' })
    b.give('device.lock', { device: 'phone' })
    b.runFor(1_000)
    const second = b.call('5001')
    b.runFor(3_000)
    expect(posted(b, second).detail.sealed?.keyFingerprint).toBe(after)
    b.hop({ flow: second, from: 'phone', message: 'CallKit: Dr. Okafor 5010' })
    expect(b.alarms('APNSAlarm')).toEqual([])
  })

  it('[SEC-01] a push sealed with a key that the client has long forgotten cannot be opened, and says so', () => {
    const b = bench(twoPhones({ client: 'jabber' }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(100)
    for (let i = 0; i < 3; i++) b.give('device.rotateKey', { device: 'phone' })
    b.runFor(3_000)
    b.hop({ flow, from: 'phone', message: 'push cannot be opened', why: 'SEC-01' })
    expect(b.pushes({ flow })[0]?.state).toBe('failed')
    expect(b.alarms('APNSAlarm').length).toBe(1)
  })

  it('[SEC-01] a nonce is never used twice in a run', () => {
    const b = bench(twoPhones({}, { im: true }))
    for (let i = 1; i <= 25; i++) {
      b.runUntil(i * 20_000)
      const flow = b.call('5001')
      b.runFor(2_000)
      b.give('call.hangUp', { flow })
    }
    const used = [...b.lab.world.pushes.all()].map((push) => push.payload.split('.')[2])
    expect(used.length).toBeGreaterThan(25)
    expect(new Set(used).size).toBe(used.length)
  })
})

describe('a payload that is not sealed', () => {
  const unsealed = (): { b: Bench; flow: number } => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'unsealed', on: 'ucm-pub/CPNS', count: 1 } })
    const flow = b.call('5001')
    b.runFor(2_000)
    return { b, flow }
  }

  it('[SEC-02] is refused by Push REST, and nothing of it reaches Apple or the phone', () => {
    const { b, flow } = unsealed()
    b.hop({ flow, to: 'push-rest', message: 'POST push', status: 'fail', why: 'SEC-02' })
    b.hop({ flow, from: 'push-rest', message: '400' })
    expect(b.hops({ flow, to: 'apns' })).toEqual([])
    expect(b.hops({ flow, to: 'fcm' })).toEqual([])
    expect(b.device('phone').pushes).toBe(0)
    expect(b.pushes({ flow })[0]).toMatchObject({ state: 'failed' })
    expect(b.flow(flow).causeWhy).toBe('SEC-02')
  })

  it('[SEC-02][SEC-04] is shown for what it is, also when it is lost before Push REST sees it: no seal, everything in the clear', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'unsealed', on: 'ucm-pub/CPNS', count: 1 } })
    const lost = b.call('5001')
    b.runFor(2_000)
    const refused = b.detail(b.hop({ flow: lost, to: 'push-rest', message: 'POST push' }))
    b.give('fault.add', { fault: { kind: 'unsealed', on: 'ucm-pub/CPNS', count: 1 } })
    b.give('fault.add', { fault: { kind: 'reset', on: 'firewall~push-rest', count: 1 } })
    b.give('call.hangUp', { flow: lost }) // its missed-call push is the next one
    b.runFor(2_000)
    const reset = b.detail(b.hop({ to: 'push-rest', message: 'missed call', why: 'NET-07' }))
    for (const detail of [refused, reset]) {
      expect(detail.sealed).toBeNull()
      expect(detail.body).toContain('Dr. Okafor')
      expect(detail.clear.map((item) => item.name)).toEqual(
        expect.arrayContaining(['Push target', 'Tracking ID', 'displayName', 'displayNumber']),
      )
    }
  })

  it('[SEC-02] counts as one answer and one error; the next, sealed push goes through', () => {
    const { b, flow } = unsealed()
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfPushResReceived')).toBe(1)
    expect(b.counter('ucm-pub', 'NumberOfPushErrorResReceived')).toBe(1)
    b.give('call.hangUp', { flow })
    b.runFor(20_000)
    const next = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(next).state).toBe('ringing')
    expect(b.counter('ucm-pub', 'NumberOfPushErrorResReceived')).toBe(1)
  })
})

/** Names and numbers that must never be seen in the clear, each one unlike anything else in the lab. */
const PII = {
  name: 'Zephyrine Quill',
  number: '8675309',
  external: 'Vermilion Clinic',
  externalNumber: '4412777',
  pilot: '7999001',
  pilotName: 'Umbra Desk',
  text: 'pomegranate at nine',
}

function withAllPii(release: string): ScenarioInput {
  return twoPhones(
    { client: 'jabber', clientRelease: '12.9', osRelease: '13.5' },
    {
      im: true,
      cluster: { release, nodes: [{ id: 'ucm-pub' }], huntPilots: [{ number: PII.pilot, name: PII.pilotName, members: ['5001', '5002'] }] },
      users: [
        { id: 'quill', name: PII.name, number: PII.number },
        { id: 'ext', name: `${PII.name} II`, number: '8675310', externalPresentation: { name: PII.external, number: PII.externalNumber } },
        { id: 'droid', name: 'Droid User', number: '5002' },
        { id: 'cn', name: 'China User', number: '5003' },
      ],
      devices: [
        { id: 'quill-desk', owner: 'quill', client: 'deskphone' },
        { id: 'ext-desk', owner: 'ext', client: 'deskphone' },
        { id: 'droid', owner: 'droid', client: 'jabber', clientRelease: '12.9.1', os: 'android', app: 'off screen', locked: true },
        {
          id: 'cn-phone',
          owner: 'cn',
          client: 'jabber',
          clientRelease: '12.9.1',
          osRelease: '13.5',
          region: 'mainland-china',
          app: 'off screen',
          locked: true,
        },
      ],
    },
  )
}

/** Every kind of push with every kind of personal data: hunt, external presentation, missed, elsewhere, China, message. */
function everyPush(release = '14SU3'): Bench {
  const lines: string[] = []
  const b = bench(withAllPii(release), { journal: (line) => void lines.push(line) })
  b.runUntil(1_000)
  const place = (from: string, to: string): void => {
    const flow = b.call(to, from)
    b.runFor(4_000)
    b.try('call.hangUp', { flow })
    b.runFor(20_000)
  }
  place('quill-desk', PII.pilot)
  place('ext-desk', '5001')
  place('quill-desk', '5001')
  place('quill-desk', '5003')
  const hunted = b.call(PII.pilot, 'quill-desk')
  b.runFor(3_000)
  b.give('device.answer', { device: 'phone' })
  b.runFor(3_000)
  b.give('call.hangUp', { flow: hunted })
  b.runFor(20_000)
  b.give('device.background', { device: 'phone' })
  b.give('device.lock', { device: 'phone' })
  b.give('message.send', { from: 'quill', to: 'ana', text: PII.text })
  b.give('message.send', { from: 'ext', to: 'droid', text: PII.text })
  b.runFor(20_000)
  return b
}

const CLOUD_PLACES = new Set(['push-rest', 'apns', 'fcm', 'ci', 'fos'])
const outside = (event: HopEvent): boolean =>
  CLOUD_PLACES.has(event.from) || CLOUD_PLACES.has(event.to) || ['CPNS', 'HTTPS', 'OAuth', 'APNs', 'FCM'].includes(event.carrier)

describe('personal data', () => {
  it.each(['14SU3', '12.5(1)SU3'])(
    '[SEC-04] on %s none of it is in any clear part of any hop towards, in or from the clouds',
    (release) => {
      const b = everyPush(release)
      const purposes = new Set(b.pushes().map((push) => `${push.purpose} ${push.channel}`))
      expect(purposes.size, [...purposes].join()).toBeGreaterThanOrEqual(5)
      const hops = b.events.filter(outside)
      expect(hops.length).toBeGreaterThan(60)
      const leaks: string[] = []
      for (const hop of hops) {
        const kept = b.lab.world.log.get(hop.seq)
        const detail = kept && b.detail(kept.event)
        // Everything but what is inside the seal, which the inspector shows as such.
        const clear = JSON.stringify([
          hop,
          kept?.effects,
          detail && { ...detail, sealed: detail.sealed && { keyFingerprint: detail.sealed.keyFingerprint } },
        ])
        for (const [what, value] of Object.entries(PII)) if (clear.includes(value)) leaks.push(`${what} in ${clear}`)
      }
      expect(leaks).toEqual([])
    },
  )

  it('[SEC-04] the scan above would find it: the same data is inside the seals, hunt pilot included', () => {
    const b = everyPush()
    const sealed = new Set<string>()
    for (const hop of b.events.filter(outside))
      for (const field of b.detail(hop).sealed?.fields ?? []) sealed.add(`${field.name}=${field.value}`)
    for (const expected of [
      `displayName=${PII.name}`,
      `displayNumber=${PII.number}`,
      `displayName=${PII.external}`,
      `displayNumber=${PII.externalNumber}`,
      `huntPilot=${PII.pilot}`,
      `text=${PII.text}`,
    ]) {
      expect(sealed).toContain(expected)
    }
  })

  it('[SEC-04] alarms, CiscoLog lines, counters and push rows hold none of it', () => {
    const b = bench(withAllPii('14SU3'))
    b.runUntil(1_000)
    b.give('device.expireToken', { device: 'phone' })
    b.give('device.expireToken', { device: 'droid' })
    b.call(PII.pilot, 'quill-desk')
    b.give('message.send', { from: 'quill', to: 'ana', text: PII.text })
    b.runFor(20_000)
    expect(b.alarms().length).toBeGreaterThanOrEqual(2)
    const rows = JSON.stringify([b.alarms(), b.rows('counter'), b.rows('push')])
    for (const value of Object.values(PII)) expect(rows).not.toContain(value)
  })

  it('[SEC-04] the request inspector marks just the push target and the tracking ID as clear', () => {
    const b = everyPush()
    const requests = b.events.filter((event) => event.to === 'push-rest' && event.message.startsWith('POST push'))
    expect(requests.length).toBeGreaterThan(8)
    for (const event of requests) {
      const detail = b.detail(event)
      expect(detail.clear.map((item) => item.name)).toEqual(['Push target', 'Tracking ID'])
      expect(detail.clear[1]?.value).toBe(event.tracking)
      expect(detail.modelled).toBe(true)
      const body = JSON.parse(detail.body) as Record<string, string>
      // Service details, the target, and the seal: nothing else is in the body.
      expect(Object.keys(body).toSorted()).toEqual(['payload', 'service', 'target', 'type', 'version'])
      expect(looksSealed(body['payload'] ?? '')).toBe(true)
    }
  })

  it('[SEC-04] keys, tokens of access and tokens of the platforms are in no line of the journal', () => {
    const lines: string[] = []
    const b = bench(withAllPii('14SU3'), { journal: (line) => void lines.push(line) })
    b.runUntil(1_000)
    b.give('device.rotateKey', { device: 'phone' })
    b.give('device.rotateToken', { device: 'phone' })
    b.call('5001', 'quill-desk')
    b.runFor(20_000)
    const events = lines.filter((line) => line.startsWith('{"seq":')).join('\n')
    expect(events.length).toBeGreaterThan(3_000)
    for (const device of b.lab.world.devices.values()) {
      for (const { key } of device.keys) {
        expect(events).not.toContain(Buffer.from(key).toString('hex'))
        expect(events).not.toContain(Buffer.from(key).toString('base64url'))
      }
      if (device.token !== '') expect(events).not.toContain(device.token.slice(0, 16))
    }
    for (const push of b.lab.world.pushes.all()) expect(events).not.toContain(push.payload.slice(-22))
  })
})

describe('the push target', () => {
  it('[SEC-05] is a token made on the client side: of APNs for iOS, of FCM for Android, one per device', () => {
    const b = bench(withAllPii('14SU3'))
    const token = (id: string): string => b.lab.world.devices.get(id)?.token ?? ''
    expect(token('phone')).toMatch(/^[0-9a-f]{64}$/)
    expect(token('droid')).toMatch(/^[0-9a-f]{22}:APA91b[0-9a-f]{112}$/)
    expect(token('cn-phone')).not.toBe(token('phone'))
    expect(token('desk')).toBe('')
    expect(b.device('phone').tokenShort).toBe(`…${token('phone').slice(-4)}`)
  })

  it('[SEC-05] changes at a rotation and at a later sign-in', () => {
    const b = bench(twoPhones({ app: 'on screen', locked: false, screenOn: true }))
    b.runUntil(1_000)
    const token = (): string => b.lab.world.devices.get('phone')?.token ?? ''
    const seen = [token()]
    b.give('device.rotateToken', { device: 'phone' })
    b.runFor(1_000)
    seen.push(token())
    b.give('device.signOut', { device: 'phone' })
    b.runFor(1_000)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(1_000)
    seen.push(token())
    expect(new Set(seen).size).toBe(3)
    expect(b.lab.world.devices.get('phone')?.subscription?.token).toBe(seen[2])
    // Asked for at sign-in, and there after the way to APNs and back.
    expect(b.device('phone').tokenSetAt).toBe(3_000 + 2 * 200)
  })

  it('[SEC-05] a push to the old token ends in 410, and pushes to the device stop until it has told the new one', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    b.give('device.rotateToken', { device: 'phone' }) // suspended: the servers keep the old one
    const flow = b.call('5001')
    b.runFor(20_000)
    b.hop({ flow, from: 'apns', to: 'push-rest', message: '410' })
    b.hop({ flow, from: 'push-rest', message: '410' })
    expect(b.alarms('PushNotificationInvalidDeviceTokenResponse')).toMatchObject([{ clearedAt: null, node: 'ucm-pub' }])
    expect(b.device('phone').tokenDead).toBe(true)
    expect(b.pushes({ flow })[0]?.state).toBe('failed')
    const made = b.pushes().length
    b.call('5001')
    b.runFor(20_000)
    expect(b.pushes().length).toBe(made)
    b.give('device.foreground', { device: 'phone' })
    b.runFor(2_000)
    expect(b.device('phone').tokenDead).toBe(false)
    expect(b.alarms('PushNotificationInvalidDeviceTokenResponse')[0]?.clearedAt).not.toBeNull()
    b.give('device.background', { device: 'phone' })
    const again = b.call('5001')
    b.runFor(5_000)
    expect(b.flow(again).state).toBe('ringing')
  })

  it('[SEC-05] a token told while the app is open is used at once: no push ends in 410', () => {
    const b = bench(twoPhones({ app: 'on screen', locked: false, screenOn: true }))
    b.runUntil(1_000)
    b.give('device.rotateToken', { device: 'phone' })
    b.runFor(1_000)
    b.give('device.background', { device: 'phone' })
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.hops({ message: '410' })).toEqual([])
    expect(b.flow(flow).state).toBe('ringing')
  })
})

describe('the tracking ID', () => {
  it('[SEC-06][DEC-22] is one per push, made by its sender, and never comes twice', () => {
    const b = everyPush()
    b.give('check.reachability', {})
    b.give('cluster.onboard', {})
    b.runFor(5_000)
    const ids = b.pushes().map((push) => push.id)
    expect(ids.length).toBeGreaterThan(8)
    expect(new Set(ids).size).toBe(ids.length)
    const uuid = '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'
    for (const push of b.pushes()) expect(push.id).toMatch(new RegExp(`^${push.purpose === 'message' ? 'XCP' : 'CPNS'}_${uuid}$`))
    expect(b.hops({ to: 'fos', message: 'POST' })[0]?.tracking).toMatch(new RegExp(`^FOS_${uuid}$`))
  })

  it('[SEC-06] found by search it gives the full path across nodes and clouds, to the phone', () => {
    const b = bench(twoPhones({}, { nodes: 2 }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    const id = b.pushes({ flow })[0]?.id ?? ''
    const found = searchTracking(b.lab.world, id)
    if (!found.ok) throw new Error(found.message)
    expect(found.value.pushes.map((push) => push.id)).toEqual([id])
    const path = found.value.events.map((event) => `${event.from}>${event.to}`)
    expect(path).toEqual([
      'ucm-pub/CallManager>ucm-pub/CPNS',
      'ucm-pub/CPNS>push-rest', // connect
      'ucm-pub/CPNS>push-rest', // POST push
      'push-rest>apns',
      'apns>push-rest',
      'push-rest>ucm-pub/CPNS',
      'apns>phone',
      'phone>phone', // CallKit
      'phone>ucm-pub/CallManager', // REGISTER
      'ucm-pub/CallManager>phone',
      'ucm-pub/CallManager>phone', // INVITE
      'phone>ucm-pub/CallManager', // 180
    ])
    expect(found.value.events.every((event) => event.tracking === id)).toBe(true)
    const short = searchTracking(b.lab.world, id.slice(0, 12))
    expect(short.ok && short.value.events.length).toBe(path.length)
    expect(searchTracking(b.lab.world, 'CPNS_00000000-none')).toMatchObject({ ok: false, code: 'not-found' })
  })

  it('[SEC-06] stands on every hop of its push, and on no hop of another', () => {
    const b = everyPush()
    for (const event of b.events.filter((each) => ['CPNS', 'APNs', 'FCM'].includes(each.carrier)))
      expect(event.tracking, `${event.message} ${event.seq}`).toBeDefined()
    for (const push of b.pushes()) {
      const events = b.events.filter((event) => event.tracking === push.id)
      expect(events.length, push.id).toBeGreaterThan(3)
      expect(new Set(events.map((event) => event.flow))).toEqual(new Set([push.flow]))
      for (const event of events) {
        const detail = b.detail(event)
        const shown =
          detail.clear.find((item) => item.name === 'Tracking ID')?.value ??
          detail.headers.find((header) => header.name === 'TrackingID')?.value
        if (shown !== undefined) expect(shown).toBe(push.id)
      }
    }
  })

  it('[SEC-06] through a proxy and over MRA the relays are part of the path', () => {
    const b = bench(twoPhones({ mra: true }, { edge: { proxy: { id: 'wsa' }, expressway: {} } }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(5_000)
    const id = b.pushes({ flow })[0]?.id ?? ''
    const found = searchTracking(b.lab.world, id)
    const path = found.ok ? found.value.events.map((event) => `${event.from}>${event.to}`) : []
    expect(path).toContain('ucm-pub/CPNS>wsa')
    expect(path).toContain('wsa>push-rest')
  })
})

describe('Push REST keeps nothing', () => {
  it('[SEC-07] after forwarding or failing nothing can be sent again from it: a later outage or return adds no hop', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    b.give('fault.add', { fault: { kind: 'black-hole', on: 'push-rest~apns', id: 'no-apple' } })
    const flow = b.call('5001')
    b.runFor(30_000)
    expect(b.pushes({ flow })[0]?.state).toBe('failed')
    const toApple = (): number => b.hops({ from: 'push-rest', carrier: 'APNs' }).length
    const before = toApple()
    expect(before).toBeGreaterThan(0)
    b.give('fault.remove', { fault: 'no-apple' })
    b.runFor(3_600_000)
    expect(toApple()).toBe(before)
    expect(b.device('phone').pushes).toBe(0)
  })
})
