import { describe, expect, it } from 'vitest'
import type { FindingRow } from '../../core/contract/rows.ts'
import { bench, twoPhones, type Bench } from './bench.ts'

/** Messages of the phone's part of a call, in order: what its user and its SIP see. */
function story(b: Bench, flow: number): string[] {
  return b.events
    .filter((event) => event.flow === flow && (event.from === 'phone' || event.to === 'phone'))
    .map((event) => event.message)
    .map((message) =>
      message.startsWith('INVITE')
        ? 'INVITE'
        : message.startsWith('CallKit')
          ? 'CallKit'
          : message.startsWith('deliver')
            ? 'push'
            : message,
    )
    .filter((message) => message !== '200 OK')
}

describe('push on iOS', () => {
  it('[REL-02] without it an iOS client in background gets no call, and the reason names the rule', () => {
    const b = bench(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], onboarded: false } }))
    b.runUntil(1_000)
    expect(b.device('phone').reach).toMatchObject({ verdict: 'no', why: 'REL-02' })
    const flow = b.call('5001')
    b.runFor(30_000)
    expect(b.pushes()).toEqual([])
    expect(b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'REL-02' })
    expect(b.flow(flow).cause).toContain('nothing else reaches an iOS client in background')
    expect(b.hops({ flow, to: 'phone' })).toEqual([])
  })

  it('[REL-02] in foreground it needs none', () => {
    const b = bench(
      twoPhones({ app: 'on screen', locked: false, screenOn: true }, { cluster: { nodes: [{ id: 'ucm-pub' }], onboarded: false } }),
    )
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(2_000)
    expect(b.flow(flow).state).toBe('ringing')
  })

  it('[REL-02] no other channel survives in background: what keeps an old Android client reachable does nothing for iOS', () => {
    const off = { cluster: { nodes: [{ id: 'ucm-pub' }], onboarded: false } }
    const reach = (phone: Parameters<typeof twoPhones>[0]) => {
      const b = bench(twoPhones({ client: 'jabber', clientRelease: '12.9.1', keepaliveSurvives: true, ...phone }, off))
      b.runUntil(1_000)
      return b.device('phone').reach.verdict
    }
    expect(reach({ os: 'ios', osRelease: '13.5' })).toBe('no')
    expect(reach({ os: 'ios', osRelease: '13.5', enableVoipSocket: true })).toBe('no')
    expect(reach({ os: 'android', osRelease: '9', targetApiLevel: 33 })).toBe('yes')
  })
})

describe('Jabber 12.9', () => {
  const called = (clientRelease: string, osRelease = '13.5'): { b: Bench; flow: number } => {
    const b = bench(twoPhones({ client: 'jabber', clientRelease, osRelease }))
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(4_000)
    return { b, flow }
  }

  it('[REL-03] is built for iOS 13: CallKit first, two channels', () => {
    const { b, flow } = called('12.9')
    expect(story(b, flow).slice(0, 5)).toEqual(['push', 'CallKit', 'REGISTER', 'INVITE', '180 Ringing'])
    expect(b.pushes({ flow })[0]).toMatchObject({ channel: 'VoIP' })
  })

  it('[REL-03] the release before it is not: no CallKit, the client registers and rings by itself, one shared channel', () => {
    const { b, flow } = called('12.8')
    const seen = story(b, flow)
    expect(seen.filter((message) => message === 'CallKit')).toEqual([])
    expect(seen.filter((message) => ['push', 'REGISTER', 'INVITE', '180 Ringing'].includes(message))).toEqual([
      'push',
      'REGISTER',
      'INVITE',
      '180 Ringing',
    ])
    expect(b.device('phone').screen.call?.style).not.toBe('CallKit')
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.pushes({ flow })[0]).toMatchObject({ channel: 'shared' })
  })
})

describe('local push', () => {
  it.each([
    ['14SU2', false],
    ['14SU3', true],
    ['15', true],
  ])('[REL-04] on %s the service list holds LPNS: %s', (release, there) => {
    const b = bench(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], release } }))
    expect(
      b
        .node('ucm-pub')
        .services.map((service) => service.short)
        .includes('LPNS'),
    ).toBe(there)
    const started = b.try('service.restart', { node: 'ucm-pub', service: 'LPNS' })
    expect(started.ok).toBe(there)
    if (!started.ok) expect(started.message).toContain('has no service "LPNS"')
  })

  it('[REL-04] an upgrade brings the service, and going back takes it away', () => {
    const b = bench(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], release: '14SU2' } }))
    const has = (): boolean => b.node('ucm-pub').services.some((service) => service.short === 'LPNS')
    expect(has()).toBe(false)
    b.give('cluster.release', { component: 'Unified CM', release: '14SU3' })
    expect(has()).toBe(true)
    b.give('cluster.release', { component: 'Unified CM', release: '14SU2' })
    expect(has()).toBe(false)
  })
})

describe('iOS 12', () => {
  const warned = (b: Bench): string[] => b.device('phone').warnings
  const lab = (osRelease: string, release = '12.5(1)SU2') =>
    bench(twoPhones({ client: 'jabber', clientRelease: '12.8', osRelease }, { cluster: { nodes: [{ id: 'ucm-pub' }], release } }))

  it('[REL-05] every such device carries the warning with the field notice, and no other does', () => {
    expect(warned(lab('12.4')).join()).toContain('FN70555')
    expect(warned(lab('13.0')).join()).not.toContain('FN70555')
  })

  it('[REL-05] the findings name it as well', () => {
    const b = lab('12.4')
    const findings = b.rows<FindingRow>('finding').filter((row) => JSON.stringify(row).includes('FN70555'))
    expect(findings.length).toBeGreaterThanOrEqual(1)
    expect(findings[0]?.level).toBe('Warning')
  })

  it('[REL-05] a hundred notes on other devices do not take its place, and are no warning themselves', () => {
    const android = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ id: `a${index}`, owner: 'okafor', client: 'jabber' as const, os: 'android' as const }))
    const found = (count: number) =>
      bench(
        twoPhones(
          { client: 'jabber' },
          { devices: [...android(count), { id: 'old', owner: 'ana', client: 'jabber', os: 'ios', osRelease: '12.4' }] },
        ),
      ).rows<FindingRow>('finding')
    // Two notes on each: AND-04 and AND-05.
    const summed = (rows: FindingRow[]) => rows.filter(({ subject }) => subject === 'Devices')
    expect(summed(found(50))).toEqual([])
    const many = found(51)
    expect(many.filter(({ text }) => text.includes('FN70555'))).toEqual([expect.objectContaining({ level: 'Warning' })])
    expect(summed(many)).toEqual([expect.objectContaining({ level: 'Pass', text: expect.stringContaining('2 more notes on devices') })])
    expect(summed(found(600))).toEqual([
      expect.objectContaining({ text: expect.stringContaining('1,100 more notes on devices are not listed') }),
    ])
  })

  it('[REL-05] the model runs all the same: the call rings', () => {
    const b = lab('12.4')
    b.runUntil(1_000)
    const flow = b.call('5001')
    b.runFor(4_000)
    expect(b.flow(flow).state).toBe('ringing')
    expect(b.hops({ flow, message: 'CallKit' })).toEqual([])
  })

  it('[REL-05] an upgrade of the phone ends the warning', () => {
    const b = lab('12.4')
    b.give('device.upgrade', { device: 'phone', osRelease: '13.5' })
    expect(warned(b).join()).not.toContain('FN70555')
  })
})

describe('minima in conflict [DEC-10]', () => {
  it('[REL-01][DEC-10] between the minimum of the feature and that of support it works, with a warning', () => {
    const at = (release: string) => {
      const b = bench(
        twoPhones({ client: 'jabber', clientRelease: '11.9', osRelease: '12.1' }, { cluster: { nodes: [{ id: 'ucm-pub' }], release } }),
      )
      b.runUntil(1_000)
      const flow = b.call('5001')
      b.runFor(4_000)
      return { state: b.flow(flow).state, warnings: b.device('phone').warnings.length }
    }
    expect(at('11.5(1)SU2').state).toBe('failed')
    expect(at('11.5(1)SU3').state).toBe('ringing')
    expect(at('11.5(1)SU3').warnings).toBeGreaterThan(at('11.5(1)SU4').warnings)
    expect(at('11.5(1)SU4').state).toBe('ringing')
  })

  it('[REL-01][DEC-10] 11.5(1)SU2 pushes messages, not calls', () => {
    const b = bench(
      twoPhones(
        { client: 'jabber', clientRelease: '11.8.1', osRelease: '12.1' },
        { im: true, cluster: { nodes: [{ id: 'ucm-pub' }], release: '11.5(1)SU2' } },
      ),
    )
    b.runUntil(1_000)
    b.give('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
    b.runFor(4_000)
    expect(b.pushes().map((push) => [push.purpose, push.state])).toEqual([['message', 'shown']])
    const flow = b.call('5001')
    b.runFor(4_000)
    expect(b.pushes({ flow })).toEqual([])
  })
})
