/** APNs in virtual time: the machine of the real server behind the pushes of a lab. */
import { describe, expect, it } from 'vitest'
import { tokenOf } from '../../../core/cloud/apns/virtual.ts'
import { KEPT_MS } from '../../../core/cloud/apns/store.ts'
import { bench, twoPhones, type Bench } from '../../lab/bench.ts'

const say = (b: Bench, text: string): number => (b.give('message.send', { from: 'okafor', to: 'ana', text }) as { flow: number }).flow

const withMessages = (): Bench => {
  const b = bench(twoPhones({ client: 'jabber', clientRelease: '12.9', os: 'ios', osRelease: '13.5' }, { im: true }))
  b.runUntil(1_000)
  return b
}

describe('APNs of a lab', () => {
  it('[APNS-05] knows its tokens and when each ended, and says so to Push REST', () => {
    const b = withMessages()
    const { world } = b.lab
    const { token } = world.devices.get('phone')!
    expect(tokenOf(world, token)).toMatchObject({ topic: 'com.cisco.jabberIM', environment: 'production', state: 'live' })
    expect(tokenOf(world, 'ab'.repeat(32))).toBeNull()
    b.runUntil(5_000)
    b.give('device.expireToken', { device: 'phone' })
    expect(tokenOf(world, token)).toMatchObject({ state: 'unregistered', sinceMs: 5_000 })
    const flow = b.call('5001')
    b.runFor(5_000)
    expect(b.hops({ flow, from: 'push-rest', to: 'apns' }).map(({ outcome, why }) => ({ outcome, why }))).toEqual([
      { outcome: 'the token is no longer registered', why: 'APNS-05' },
    ])
    expect(b.hops({ flow, from: 'apns', to: 'push-rest', message: '410 Unregistered' })).toHaveLength(1)
  })

  it('[APNS-02] Push REST renews its provider token often enough, and not too often, for half a day of pushes', () => {
    const b = withMessages()
    for (let i = 0; i < 60; i++) {
      const flow = say(b, `message ${i}`)
      b.runFor(12 * 60_000)
      expect(b.hops({ flow, from: 'apns', to: 'push-rest', message: '200 OK' }), `message ${i}`).toHaveLength(1)
    }
  })

  it.each(['a', '会'])('[APNS-04] the longest message of "%s" still fits its push', (letter) => {
    const b = withMessages()
    const flow = say(b, letter.repeat(1_000))
    b.runFor(5_000)
    expect(b.hops({ flow, from: 'apns', to: 'push-rest' }).map(({ message }) => message)).toEqual(['200 OK'])
  })

  it('[APNS-09] of two messages for a phone that is offline the newest arrives; a call does not wait', () => {
    const b = withMessages()
    b.give('device.network', { device: 'phone', internet: false })
    const flows = [say(b, 'first'), say(b, 'second')]
    b.runFor(5_000)
    expect(flows.map((flow) => b.pushes({ flow })[0]?.state)).toEqual(['superseded', 'accepted'])
    const call = b.call('5001')
    b.runFor(5_000)
    expect(b.pushes({ flow: call })[0]?.state).toBe('expired')
    b.give('device.network', { device: 'phone', internet: true })
    b.runFor(5_000)
    expect(flows.map((flow) => b.pushes({ flow })[0]?.state)).toEqual(['superseded', 'shown'])
  })

  it.each([
    ['shortly before', -60_000, 'shown'],
    ['shortly after', 60_000, 'expired'],
  ])('[APNS-09] a phone that is back %s the 30 days are over', (_which, byMs, state) => {
    const b = withMessages()
    b.give('device.network', { device: 'phone', internet: false })
    const flow = say(b, 'hello')
    b.runFor(KEPT_MS + byMs)
    b.give('device.network', { device: 'phone', internet: true })
    b.runFor(5_000)
    expect(b.pushes({ flow })[0]?.state).toBe(state)
  })
})
