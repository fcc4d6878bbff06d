/** Multiple Device Messaging: which of two clients is told (MSG-04, MSG-05, DEC-09). */
import { describe, expect, it } from 'vitest'
import { pair, say } from './pair.ts'

const OFFICE = {
  users: [{ id: 'kai', name: 'Kai Berg', number: '5020', presenceNode: 'imp-pub' }],
  devices: [
    { id: 'kai-pc', owner: 'kai', client: 'jabber' as const, os: 'desktop' as const },
    { id: 'kai-phone', owner: 'kai', client: 'jabber' as const, app: 'off screen' as const },
  ],
}

const office = () => {
  const b = pair({}, {}, OFFICE)
  b.runUntil(1_000)
  return b
}

const pushed = (b: ReturnType<typeof office>): boolean => {
  const flow = say(b, 'rex', 'kai')
  b.runFor(900)
  return b.pushes({ flow, device: 'kai-phone' }).length === 1
}

describe('a user with a desktop client and a phone', () => {
  it('[MSG-04] attended desktop, used last: no push, and the message is read there', () => {
    const b = office()
    const flow = say(b, 'rex', 'kai')
    b.runFor(900)
    expect(b.pushes({ device: 'kai-phone' })).toEqual([])
    b.hop({ flow, message: 'no message push', why: 'MSG-04', status: 'info' })
    b.hop({ flow, to: 'kai-pc', outcome: 'read' })
    expect(b.flow(flow)).toMatchObject({ state: 'delivered', cause: '' })
    expect(b.device('kai-phone')).toMatchObject({ unread: 1, messageReach: { verdict: 'no', why: 'MSG-04' } })
    // The phone's own copy comes with its next foreground.
    b.give('device.foreground', { device: 'kai-phone' })
    b.runFor(500)
    expect([b.device('kai-phone').history, b.device('kai-pc').history]).toEqual([1, 1])
  })

  it.each([
    [300_000, false],
    [300_001, true],
    [301_000, true],
  ])('[MSG-04] desktop inactive for %i ms: pushed %s', (inactiveMs, expected) => {
    const b = office()
    b.give('device.activity', { device: 'kai-pc' })
    // The message needs 10 ms to its sender's router and 1 ms to the next.
    b.runUntil(1_000 + inactiveMs - 11)
    expect(pushed(b)).toBe(expected)
  })

  it('[MSG-04] the phone was used last before both became inactive: pushed', () => {
    const b = office()
    b.give('device.activity', { device: 'kai-pc' })
    b.runFor(1_000)
    b.give('device.foreground', { device: 'kai-phone' })
    b.runFor(1_000)
    b.give('device.background', { device: 'kai-phone' })
    expect(pushed(b)).toBe(true)
    b.give('device.activity', { device: 'kai-pc' })
    expect(pushed(b)).toBe(false)
  })

  it('[MSG-04] desktop signed out: pushed', () => {
    const b = office()
    b.give('device.signOut', { device: 'kai-pc' })
    expect(pushed(b)).toBe(true)
  })

  it('[MSG-05] two runs that differ in the call only: pushed during it, not without', () => {
    const run = (call: boolean) => {
      const b = office()
      if (call) {
        b.call('5020', 'desk')
        b.runFor(500)
        b.give('device.answer', { device: 'kai-pc' })
      } else b.give('device.activity', { device: 'kai-pc' })
      b.runFor(1_000)
      return pushed(b)
    }
    expect([run(true), run(false)]).toEqual([true, false])
  })

  const STATES = [true, false].flatMap((mobileLast) =>
    (['active', 'inactive', 'signed out'] as const).flatMap((desktop) => [true, false].map((inCall) => ({ mobileLast, desktop, inCall }))),
  )

  it.each(STATES)('[DEC-09] phone used last $mobileLast, desktop $desktop, in a call $inCall', ({ mobileLast, desktop, inCall }) => {
    const b = office()
    const usePhone = (): void => {
      b.give('device.foreground', { device: 'kai-phone' })
      b.runFor(200)
      b.give('device.background', { device: 'kai-phone' })
      b.runFor(200)
    }
    if (!mobileLast) usePhone()
    if (inCall && desktop !== 'signed out') {
      b.call('5020', 'desk')
      b.runFor(500)
      b.give('device.answer', { device: 'kai-pc' })
      b.runFor(500)
    } else b.give('device.activity', { device: 'kai-pc' })
    if (mobileLast) usePhone()
    if (desktop === 'inactive') b.runFor(301_000)
    if (desktop === 'signed out') b.give('device.signOut', { device: 'kai-pc' })
    const calling = b.device('kai-pc').screen.call?.state === 'active'
    expect(calling).toBe(inCall && desktop !== 'signed out')
    expect(pushed(b)).toBe(mobileLast || desktop !== 'active' || calling)
  })
})
