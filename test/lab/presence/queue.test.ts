/** MSG: what waits on the server while the client sleeps, and what releases it. */
import { describe, expect, it } from 'vitest'
import { QUEUE_LIMIT } from '../../../core/presence/parameters.ts'
import { bench, inOrder, twoPhones } from '../bench.ts'
import { imNode, pair, say } from './pair.ts'

const started = (...args: Parameters<typeof pair>) => {
  const b = pair(...args)
  b.runUntil(1_000)
  return b
}

describe('the queue of a suspended client', () => {
  it('[MSG-01] the push goes from XCP Config Manager over Push REST and Apple to the device, with one tracking ID; the session waits for the tap', () => {
    const b = started()
    const flow = say(b, 'rex', 'ana')
    b.runFor(2_000)
    const hops = inOrder(b, [
      { flow, from: 'imp-pub/XCP Config Manager', to: 'push-rest', message: 'POST push' },
      { flow, from: 'push-rest', to: 'apns' },
      { flow, from: 'apns', to: 'phone', message: 'deliver message' },
      { flow, from: 'phone', message: 'message notification' },
    ])
    expect(new Set(hops.map((hop) => hop.tracking)).size).toBe(1)
    expect(b.device('phone')).toMatchObject({ im: 'suspended', unread: 1, history: 0 })
    b.give('device.tap', { device: 'phone' })
    b.runFor(500)
    expect(b.device('phone')).toMatchObject({ im: 'connected', unread: 0, history: 1 })
    expect(b.flow(flow)).toMatchObject({ state: 'delivered', cause: '' })
  })

  it.each([['device.tap'], ['device.foreground']] as const)(
    '[MSG-02] %s releases messages, presence, invitations and other stanzas in their order',
    (release) => {
      const b = started(
        {},
        {},
        {
          users: [{ id: 'zoe', number: '5009', presenceNode: 'imp-sub' }],
          devices: [{ id: 'zoe-pc', owner: 'zoe', client: 'jabber', os: 'desktop' }],
        },
      )
      say(b, 'rex', 'ana')
      b.give('room.invite', { from: 'rex', to: 'ana', room: 'Ward 3' })
      b.runFor(100)
      b.give('stanza.send', { from: 'rex', to: 'ana', what: 'contact list change' })
      b.runFor(100)
      say(b, 'rex', 'ana')
      b.runFor(2_000)
      expect(b.device('phone')).toMatchObject({ unread: 4, history: 0 })
      expect(imNode(b, 'imp-pub')).toMatchObject({ queued: 4, depth: [{ n: 4 }] })
      // A push tells of messages and invitations; the other stanza only waits.
      expect(b.pushes({ purpose: 'message' })).toHaveLength(3)
      b.hop({ message: 'contact list change', to: 'imp-pub/XCP Router', outcome: 'no push for it' })
      const before = b.events.length
      b.give(release, { device: 'phone' })
      b.runFor(500)
      expect(
        b.events
          .slice(before)
          .filter((event) => event.from === 'imp-pub/XCP Router' && event.to === 'phone')
          .map((event) => event.message),
      ).toEqual(['message', 'chat room invitation', 'contact list change', 'message'])
      expect(b.device('phone')).toMatchObject({ unread: 0, history: 2 })
      expect(imNode(b, 'imp-pub').queued).toBe(0)
      expect(b.lab.world.messages.counts).toMatchObject({ delivered: 4, queued: 0, lost: 0 })
    },
  )

  it('[MSG-02] keeps 1,000 stanzas; one more is refused, and its flow says why', () => {
    const b = started()
    for (let i = 0; i < QUEUE_LIMIT; i++) b.give('stanza.send', { from: 'rex', to: 'ana' })
    b.runFor(1_000)
    expect(b.device('phone').unread).toBe(1_000)
    expect(b.lab.world.messages.counts.refused).toBe(0)
    const flow = say(b, 'rex', 'ana')
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'MSG-02' })
    expect(b.lab.world.messages.counts).toMatchObject({ queued: 1_000, refused: 1 })
  })

  it('[MSG-03] watchers see Away while the client is suspended, and the state from before afterwards', () => {
    const b = started(
      {},
      {},
      {
        users: [{ id: 'zoe', number: '5009', presenceNode: 'imp-sub', contacts: ['dee'] }],
        devices: [{ id: 'zoe-pc', owner: 'zoe', client: 'jabber', os: 'desktop' }],
      },
    )
    const seen = () => b.device('zoe-pc').contacts
    expect(seen()).toEqual([{ name: 'Dee Novak', presence: 'Available' }])
    b.give('user.presence', { user: 'dee', status: 'Do not disturb' })
    b.runFor(100)
    expect(seen()).toEqual([{ name: 'Dee Novak', presence: 'Do not disturb' }])
    b.give('device.lock', { device: 'tablet' })
    b.runFor(100)
    expect(seen()).toEqual([{ name: 'Dee Novak', presence: 'Away' }])
    b.hop({ to: 'zoe-pc', message: 'presence of Dee Novak: Away' })
    b.give('device.unlock', { device: 'tablet' })
    b.runFor(100)
    expect(seen()).toEqual([{ name: 'Dee Novak', presence: 'Do not disturb' }])
    expect(b.device('tablet')).toMatchObject({ presence: 'Do not disturb', status: 'Do not disturb' })
  })

  it('[MSG-02][MSG-03] a watcher that is suspended itself gets presence with its next foreground, without a push', () => {
    const b = started(
      {},
      {},
      {
        users: [{ id: 'zoe', number: '5009', presenceNode: 'imp-pub', contacts: ['dee'] }],
        devices: [{ id: 'zoe-phone', owner: 'zoe', client: 'jabber', app: 'off screen' }],
      },
    )
    b.give('device.lock', { device: 'tablet' })
    b.runFor(2_000)
    expect(b.device('zoe-phone')).toMatchObject({ unread: 1, contacts: [{ presence: 'Available' }] })
    expect(b.pushes()).toEqual([])
    b.give('device.foreground', { device: 'zoe-phone' })
    b.runFor(500)
    expect(b.device('zoe-phone')).toMatchObject({ unread: 0, contacts: [{ presence: 'Away' }] })
  })

  it('[MSG-02][LPNS-15] an app that is opened while its phone still boots has its session when the phone is up', () => {
    const b = started()
    const flow = say(b, 'rex', 'ana')
    b.runFor(2_000)
    b.give('device.reboot', { device: 'phone' })
    b.give('device.unlock', { device: 'phone' })
    b.give('device.foreground', { device: 'phone' })
    b.runFor(29_999)
    expect(b.device('phone')).toMatchObject({ unread: 1, history: 0 })
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ im: 'connected', unread: 0, history: 1 })
    expect(b.flow(flow).state).toBe('delivered')
  })

  it.each([
    ['instantMessaging', 'Instant Messaging'],
    ['multipleDeviceMessaging', 'Multiple Device Messaging'],
    ['streamManagement', 'Stream Management'],
  ] as const)('[MSG-06] without %s there is no message push and the reason names it; with it again there is', (field, name) => {
    const b = started({ [field]: false })
    const flow = say(b, 'rex', 'ana')
    b.runFor(1_000)
    expect(b.pushes()).toEqual([])
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'MSG-06' })
    expect(b.flow(flow).cause).toContain(name)
    expect(b.device('phone').messageReach).toMatchObject({ verdict: 'no', why: 'MSG-06' })
    const call = b.call('5001')
    b.runFor(2_000)
    expect(b.pushes({ flow: call, purpose: 'incoming call' })).toHaveLength(1)
    b.give('presence.parameters', { [field]: true })
    say(b, 'rex', 'ana')
    b.runFor(1_000)
    expect(b.pushes({ purpose: 'message' })).toHaveLength(1)
  })

  it('[MSG-07] Webex App has no IM session and no message push', () => {
    const b = started({}, { client: 'webex' })
    const flow = say(b, 'rex', 'ana')
    b.runFor(1_000)
    expect(b.device('phone')).toMatchObject({ im: 'not used', imNode: null, imHome: null })
    expect(b.pushes()).toEqual([])
    expect(b.hops({ flow, why: 'MSG-07' })).toHaveLength(1)
    expect(b.lab.world.messages.created).toBe(0)
  })

  it('[CH-11] log-out stops pushes and says what it drops', () => {
    const b = started()
    const flow = say(b, 'rex', 'ana')
    b.runFor(1_000)
    b.give('device.signOut', { device: 'phone' })
    b.hop({ message: 'queue of Ana Ruiz on phone', outcome: '1 lost: 1 message; phone logged out', status: 'lost', why: 'CH-11' })
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'CH-11' })
    const pushes = b.pushes().length
    const next = say(b, 'rex', 'ana')
    b.runFor(1_000)
    expect(b.pushes()).toHaveLength(pushes)
    expect(b.flow(next)).toMatchObject({ state: 'failed', causeWhy: 'CH-11' })
    expect(b.lab.world.messages.counts).toMatchObject({ lost: 1, refused: 1, queued: 0 })
  })

  it('[CH-09] iOS 12 has one channel for messages too', () => {
    const b = bench(
      twoPhones(
        { client: 'jabber', clientRelease: '12.8', osRelease: '12.5' },
        { im: true, cluster: { release: '11.5(1)SU7', nodes: [{ id: 'ucm-pub' }] } },
      ),
    )
    b.runUntil(1_000)
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'x' })
    b.runFor(1_000)
    expect(b.pushes()).toMatchObject([{ channel: 'shared', purpose: 'message' }])
  })
})
