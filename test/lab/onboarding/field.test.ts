import { describe, expect, it } from 'vitest'
import { REFUSAL_TEXT } from '../../../core/onboarding/trust.ts'
import { bench, twoPhones, type Bench } from '../bench.ts'
import { callsRing, messagePushed } from './fresh.ts'

const IDENTRUST = 'IdenTrust Commercial Root CA 1'

const lab = (onboarding: object): Bench =>
  bench({
    ...twoPhones({ client: 'jabber', clientRelease: '12.9', osRelease: '13.5' }, { im: true }),
    cluster: { release: '12.5(1)SU3', nodes: [{ id: 'ucm-pub' }], onboarding },
  })

function restart(b: Bench, ...services: [node: string, service: string][]): void {
  for (const [node, service] of services) {
    b.give('service.restart', { node, service })
    b.runFor(5_000)
  }
}

describe('[SCN-02] the cloud changed its root, from QuoVadis to IdenTrust', () => {
  const TOMCAT = ['ucm-pub', 'Tomcat'] as [string, string]
  const CPNS = ['ucm-pub', 'CPNS'] as [string, string]
  const ROUTER = ['imp-pub', 'XCP Router'] as [string, string]
  const CONFIG = ['imp-pub', 'XCP Config Manager'] as [string, string]

  function changed(): Bench {
    const b = lab({ manageCertificates: false, cloudRoot: 'QuoVadis Root CA 2' })
    expect(callsRing(b).rang).toBe(true)
    b.give('cloud.certificate', { root: IDENTRUST })
    return b
  }

  it('[SCN-02][ALM-17] no call and no message in background: handshakes fail, and the error counter grows while that of answers stands still', () => {
    const b = changed()
    const before = {
      errors: b.counter('ucm-pub', 'NumberOfPushErrorResReceived'),
      answers: b.counter('ucm-pub', 'NumberOfPushResReceived'),
    }
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'ONB-10', cause: expect.stringContaining(`${IDENTRUST} is missing`) })
    expect(messagePushed(b)).toMatchObject({ pushed: false, why: 'ONB-10' })
    expect(b.counter('ucm-pub', 'NumberOfPushErrorResReceived')).toBeGreaterThan(before.errors)
    expect(b.counter('ucm-pub', 'NumberOfPushResReceived')).toBe(before.answers)
    b.give('onboarding.open', {})
    b.runFor(20_000)
    const reply = b.try('onboarding.save', {})
    expect(reply.ok ? '' : reply.message).toContain(REFUSAL_TEXT)
  })

  it.each([
    ['in the order of the field notice', [TOMCAT, CPNS, ROUTER, CONFIG], true, true],
    ['CPNS before Tomcat', [CPNS, TOMCAT, ROUTER, CONFIG], false, true],
    ['XCP Config Manager before the router', [TOMCAT, CPNS, CONFIG, ROUTER], true, false],
    ['without Tomcat', [CPNS, ROUTER, CONFIG], false, true],
    ['Unified CM alone', [TOMCAT, CPNS], true, false],
  ] as const)('[SCN-02][DEC-29] the root by hand, then restarts %s', (_, order, calls, messages) => {
    const b = changed()
    b.give('trust.upload', { root: IDENTRUST })
    restart(b, ...order)
    expect(callsRing(b).rang).toBe(calls)
    expect(messagePushed(b).pushed).toBe(messages)
    // The right order once more mends whatever the wrong one left.
    restart(b, TOMCAT, CPNS, ROUTER, CONFIG)
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(true)
  })

  it('[SCN-02][ONB-09] ticking the box mends it as well: an onboarded system fetches the root itself', () => {
    const b = changed()
    b.give('onboarding.open', {})
    b.runFor(20_000)
    b.give('onboarding.tick', { manageCertificates: true })
    b.give('onboarding.save', {})
    restart(b, TOMCAT, CPNS, ROUTER, CONFIG)
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(true)
  })
})

describe('[SCN-03] onboarded, but IM and Presence lacks the roots', () => {
  it('[SCN-03][ALM-11] calls are pushed, messages are not; roots on all nodes and both restarts mend it, in this order', () => {
    const b = lab({ manageCertificates: false, lacks: [{ node: 'imp-pub', root: IDENTRUST }] })
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(false)
    expect(b.alarms('XCPConfigMgrAccessTokenIsNull')).toMatchObject([{ node: 'imp-pub', clearedAt: null }])
    b.give('trust.upload', { root: IDENTRUST, nodes: ['imp-pub'] })
    expect(messagePushed(b).pushed).toBe(false)
    restart(b, ['imp-pub', 'XCP Config Manager'])
    expect(b.alarms('XCPConfigMgrAccessTokenIsNull')[0]?.clearedAt).not.toBeNull()
    expect(messagePushed(b)).toMatchObject({ pushed: false, why: 'ONB-16' })
    restart(b, ['imp-pub', 'XCP Router'])
    expect(messagePushed(b).pushed).toBe(true)
  })
})

describe('[SCN-04] the firewall allows the cloud by address', () => {
  const moved = (rule: 'host names' | 'addresses'): Bench => {
    const b = bench({
      ...twoPhones({ client: 'jabber', clientRelease: '12.9', osRelease: '13.5' }, { im: true }),
      cluster: { nodes: [{ id: 'ucm-pub' }, { id: 'ucm-sub1' }] },
      edge: { firewall: { rule } },
    })
    expect(callsRing(b).rang).toBe(true)
    b.give('cloud.move', {})
    return b
  }

  it('[SCN-04][NET-08] the data centre moves: DNS is right, TCP is blocked, from every node; a rule by name mends it', () => {
    const b = moved('addresses')
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'NET-01' })
    b.give('check.reachability', {})
    b.runFor(20_000)
    const levels = [...b.lab.world.checks.values()].map(({ id, level, text }) => [id, level, text.split(':')[0]])
    for (const node of ['ucm-pub', 'ucm-sub1', 'imp-pub'])
      for (const host of ['push-rest', 'ci']) expect(levels).toContainEqual([`reach:${node}:${host}`, 'Fail', 'CONNECT'])
    expect(b.hops({ why: 'NET-09' })).toEqual([])
    b.give('firewall.rule', { by: 'host names' })
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(true)
  })

  it('[SCN-04] with a rule by host name nobody notices the move', () => {
    const b = moved('host names')
    expect(callsRing(b).rang).toBe(true)
    expect(b.try('cloud.move', {}).ok).toBe(false)
  })
})
