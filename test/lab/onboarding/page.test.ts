import { describe, expect, it } from 'vitest'
import type { FindingRow } from '../../../core/contract/index.ts'
import { PAGE_BUSY_MS } from '../../../core/onboarding/page.ts'
import { REFUSAL_TEXT } from '../../../core/onboarding/trust.ts'
import { bench, finding, twoPhones } from '../bench.ts'
import { callsRing, follow, fresh, messagePushed, steps, task, view } from './fresh.ts'

const IDENTRUST = 'IdenTrust Commercial Root CA 1'
const GO_DADDY = 'Go Daddy Class 2 Certification Authority'
const message = (b: ReturnType<typeof fresh>, name: string, args: unknown = {}): string => {
  const reply = b.try(name, args)
  return reply.ok ? '' : reply.message
}

describe('the page', () => {
  it('[ONB-06] checks cloud and certificates first, is busy until then, 60 s at most, and is not offered on a subscriber', () => {
    const b = fresh()
    expect(message(b, 'onboarding.open', { node: 'ucm-sub1' })).toContain('log in to the publisher, ucm-pub')
    expect(message(b, 'onboarding.open', { node: 'imp-pub' })).toContain('publisher')
    b.give('onboarding.open', {})
    expect(view(b).page).toBe('checking')
    expect(message(b, 'onboarding.tick', { push: true })).toContain('still loading')
    expect(message(b, 'onboarding.open')).toContain('loading already')
    b.runFor(2_000)
    expect(view(b).page).toBe('open')
    expect(b.hop({ message: 'page opened' }).outcome).toContain(`certificates missing: ${IDENTRUST}, ${GO_DADDY}`)
    expect(finding(b, 'reach:ucm-pub:fos')).toMatchObject({ level: 'Warning', why: 'ONB-10' })
    // Tomcat takes the page with it.
    b.give('service.restart', { node: 'ucm-pub', service: 'Tomcat' })
    b.runFor(5_000)
    expect(message(b, 'onboarding.save')).toContain('open the Cisco Cloud Onboarding page')
    b.give('service.stop', { node: 'ucm-pub', service: 'Tomcat' })
    expect(message(b, 'onboarding.open')).toContain('Cisco Tomcat does not run')
  })

  it('[ONB-06] what does not answer keeps it busy, never beyond 60 s', () => {
    const b = fresh()
    b.give('fault.add', { fault: { kind: 'delay', on: 'ucm-pub~firewall', addMs: 70_000 } })
    b.give('onboarding.open', {})
    b.runFor(PAGE_BUSY_MS - 1)
    const busy = view(b).page
    b.runFor(1)
    expect([busy, view(b).page]).toEqual([expect.stringMatching(/checking|open/), 'open'])
  })

  it('[TRB-03][TRB-05] has the Customer Cluster ID and the Cisco Support Token from the day that sending is on', () => {
    const b = fresh()
    expect(view(b)).toMatchObject({ customerClusterId: null, supportToken: null })
    follow(b, steps())
    const { clusterId, supportToken } = b.lab.world.admin.agent
    expect(clusterId).not.toBeNull()
    expect(view(b)).toMatchObject({ customerClusterId: clusterId, supportToken })
  })

  it('[ONB-07][UPG-01] the voucher: none, then present, with the source that the release has', () => {
    for (const [release, source, first] of [
      ['11.5(1)SU8', 'Prime License Manager', 'license.synchronize'],
      ['12.0(1)', 'Cisco Smart Software Manager', 'license.register'],
    ] as const) {
      const b = fresh({}, { release })
      b.give('onboarding.open', {})
      b.runFor(5_000)
      expect(view(b).voucher).toMatchObject({ state: 'none', source })
      expect(message(b, 'onboarding.voucher')).toContain('no voucher can be generated')
      b.give(first, {})
      b.give('onboarding.voucher', {})
      expect(view(b).voucher).toMatchObject({ state: 'present', source })
    }
  })

  it('[ONB-07] without a voucher Fusion Onboarding refuses, and the page says so', () => {
    const b = fresh()
    follow(b, steps(), ['voucher'])
    expect(view(b)).toMatchObject({ status: 'Cisco Cloud Onboarding Pending', problem: { why: 'ONB-07' } })
    expect(b.hops({ to: 'fos', outcome: 'no voucher' }).length).toBe(1)
  })

  it('[ONB-03] Prime License Manager is a step of 11.5 alone', () => {
    const b = fresh()
    expect(message(b, 'license.synchronize')).toContain('11.5 only')
    expect(task(b, 1)).toMatchObject({ state: 'not applicable', text: expect.stringContaining('Smart Licensing') })
    const old = fresh({}, { release: '11.5(1)SU8' })
    expect(task(old, 1)).toMatchObject({ state: 'open', effect: expect.stringContaining('refused') })
    expect(message(old, 'license.register')).toContain('Prime License Manager')
    expect(follow(old, steps('11.5'))).toEqual({})
    expect(task(old, 1).state).toBe('done')
    expect(callsRing(old).rang).toBe(true)
  })

  it('[ONB-05] Specific License Reservation forbids push from 12.5 on, and turning it off removes the obstacle', () => {
    for (const [release, refused] of [
      ['12.0(1)', false],
      ['12.5(1)SU3', true],
    ] as const) {
      const b = fresh({ licensing: { reservation: true } }, { release })
      const said = follow(b, steps())
      expect(Object.values(said).some((text) => text.includes('Specific License Reservation'))).toBe(refused)
      if (!refused) continue
      b.give('license.reservation', { enabled: false })
      expect(follow(b, steps().slice(1))).toEqual({})
      expect(callsRing(b).rang).toBe(true)
    }
  })

  it('[ONB-13] two optional boxes take effect with the second Save', () => {
    const b = fresh()
    const all = steps()
    const second = all.findIndex((step) => step.name === 'second Save')
    follow(b, all.slice(0, second))
    b.give('onboarding.tick', { sendTroubleshooting: false, encryptPii: true })
    follow(b, all.slice(second))
    expect(b.lab.world.admin.agent).toMatchObject({ send: false, encryptPii: true })
    const other = fresh()
    follow(other, all)
    expect(other.lab.world.admin.agent).toMatchObject({ send: true, encryptPii: false })
  })

  it('[ONB-02] either of the two services stopped: the check fails and names it', () => {
    const b = fresh()
    for (const [short, name] of [
      ['CPNS', 'Cisco Push Notification Service'],
      ['CMAS', 'Cisco Management Agent Service'],
    ] as const) {
      expect(view(b).prerequisites.find((each) => each.id === `pre:${name}:ucm-pub`)).toMatchObject({ level: 'Pass' })
      b.give('service.stop', { node: 'ucm-pub', service: short })
      expect(view(b).prerequisites.find((each) => each.id === `pre:${name}:ucm-pub`)).toMatchObject({
        level: 'Fail',
        text: expect.stringContaining(name),
      })
      // In the list of findings each stands once.
      const found = b.rows<FindingRow>('finding').filter(({ subject, text }) => subject === 'ucm-pub' && text.includes(name))
      expect(found).toEqual([expect.objectContaining({ level: 'Fail', why: short === 'CPNS' ? 'NET-05' : 'ONB-02' })])
      b.give('service.start', { node: 'ucm-pub', service: short })
      b.runFor(5_000)
    }
  })
})

describe('prerequisites', () => {
  const level = (b: ReturnType<typeof fresh>, id: string): string | undefined => view(b).prerequisites.find((each) => each.id === id)?.level

  it('[ONB-02][NET-01][NET-04][NET-09] ports and DNS: each obstacle fails its own check, with the repair', () => {
    const b = fresh()
    for (const id of ['pre:way:ucm-pub', 'pre:way:imp-pub', 'pre:way:9966']) expect(level(b, id)).toBe('Pass')
    b.give('node.dns', { node: 'imp-pub', configured: false })
    b.give('fault.add', { fault: { kind: 'black-hole', on: 'ucm-pub~firewall', port: 443 } })
    b.give('fault.add', { fault: { kind: 'black-hole', on: 'ucm-pub~ucm-sub1', port: 9_966 } })
    expect(
      view(b)
        .prerequisites.filter((each) => each.level === 'Fail' && each.id.startsWith('pre:way'))
        .map(({ id, why }) => [id, why]),
    ).toEqual([
      ['pre:way:ucm-pub', 'NET-01'],
      ['pre:way:imp-pub', 'NET-09'],
      ['pre:way:9966', 'NET-04'],
    ])
    expect(task(b, 2)).toMatchObject({ state: 'open', effect: expect.stringContaining('9966') })
  })

  it('[OAUTH-06][REL-01] the match with Expressway, and the releases', () => {
    const b = bench({
      ...twoPhones({}, { im: true }),
      edge: { expressway: { oauthRefresh: false } },
      cluster: { release: '11.5(1)SU2', nodes: [{ id: 'ucm-pub' }] },
    })
    expect(level(b, 'pre:oauth')).toBe('Fail')
    expect([level(b, 'pre:release:calls'), level(b, 'pre:release:messages')]).toEqual(['Fail', 'Pass'])
    b.give('expressway.oauth', { refresh: true })
    for (const component of ['Unified CM', 'IM and Presence'] as const) b.give('cluster.release', { component, release: '11.5(1)SU3' })
    expect([level(b, 'pre:oauth'), level(b, 'pre:release:calls')]).toEqual(['Pass', 'Pass'])
  })
})

describe('certificates', () => {
  /** Box ticked: yes with a current file, no with an older one until the upload, yes on a system that is onboarded. */
  it('[ONB-08][ONB-09] first onboarding with a current file, with an older one, and an onboarded system', () => {
    const current = fresh()
    expect(follow(current, steps())).toEqual({})
    expect(callsRing(current).rang).toBe(true)

    const older = fresh({ installationFile: 'older' })
    const said = follow(older, steps())
    expect(said['second Save']).toContain(REFUSAL_TEXT)
    expect(said['second Save']).toContain(`Missing on ucm-pub: ${IDENTRUST}`)
    expect(view(older).trust.find((each) => each.node === 'ucm-pub')?.missing).toEqual([IDENTRUST])
    older.give('trust.upload', { root: IDENTRUST })
    for (const node of ['ucm-pub', 'ucm-sub1', 'imp-pub']) {
      older.give('service.restart', { node, service: 'Tomcat' })
      older.runFor(5_000)
    }
    const again = steps()
    expect(follow(older, again.slice(again.findIndex((step) => step.name === 'open the page again')))).toEqual({})
    expect(callsRing(older).rang).toBe(true)

    const onboarded = bench(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], onboarding: { cloudRoot: 'QuoVadis Root CA 2' } } }))
    onboarded.runFor(5_000)
    onboarded.give('cloud.certificate', { root: IDENTRUST })
    onboarded.runFor(5_000)
    expect(onboarded.hops({ why: 'ONB-09', message: IDENTRUST }).length).toBe(1)
    expect(callsRing(onboarded).rang).toBe(true)
  })

  it('[ONB-10] the roots by hand: onboarding without the box works, and a missing root breaks the hosts that need it, no others', () => {
    const byHand = (roots: string[]): ReturnType<typeof fresh> => {
      const b = fresh({}, { nodes: 1 })
      for (const root of roots) b.give('trust.upload', { root: root as typeof IDENTRUST })
      return b
    }
    const without = ['tick the certificate box', 'tick the certificate box again']
    const both = byHand([IDENTRUST, GO_DADDY])
    expect(follow(both, steps(), without)).toEqual({})
    expect(callsRing(both).rang).toBe(true)
    expect(messagePushed(both).pushed).toBe(true)

    for (const [lacking, hosts, fine] of [
      [IDENTRUST, ['push-rest', 'ci'], ['fos']],
      [GO_DADDY, ['fos'], ['push-rest', 'ci']],
    ] as const) {
      const b = byHand([IDENTRUST, GO_DADDY].filter((root) => root !== lacking))
      const said = follow(b, steps(), without)
      expect(said['first Save']).toContain(REFUSAL_TEXT)
      expect(said['first Save']).toContain(`Missing on ucm-pub: ${lacking}`)
      // The same on a cluster that is onboarded: the handshake tells.
      const done = bench(
        twoPhones(
          {},
          {
            cluster: { nodes: [{ id: 'ucm-pub' }], onboarding: { manageCertificates: false, lacks: [{ node: 'ucm-pub', root: lacking }] } },
          },
        ),
      )
      done.give('check.reachability', {})
      done.runFor(20_000)
      for (const host of hosts)
        expect(finding(done, `reach:ucm-pub:${host}`), host).toMatchObject({
          level: 'Warning',
          why: 'ONB-10',
          text: expect.stringContaining(lacking),
        })
      for (const host of fine) expect(finding(done, `reach:ucm-pub:${host}`), host).toMatchObject({ level: 'Pass' })
    }
  })
})

describe('after onboarding', () => {
  const onboarded = (): ReturnType<typeof fresh> => {
    const b = fresh({}, { nodes: 1 })
    expect(follow(b, steps())).toEqual({})
    return b
  }

  it('[ONB-17] two texts mislead: one stays after all nodes are done, one is information only; both are explained', () => {
    const b = fresh({}, { nodes: 1 })
    follow(b, steps(), ['XCP Config Manager', 'XCP Router'])
    const [restart, activation] = view(b).messages
    expect(restart).toMatchObject({
      text: expect.stringMatching(/router needs to be restarted/),
      explanation: expect.stringContaining('1 IM and Presence node has'),
    })
    expect(activation?.text).toBe('No phones are enabled in the Device Defaults page to use Activation Code Onboarding')
    follow(b, steps().slice(-2))
    expect(view(b).restarts).toEqual([])
    expect(view(b).messages[0]).toMatchObject({
      text: restart?.text,
      explanation: expect.stringContaining('one restart per node is enough'),
    })
    expect(view(b)).toMatchObject({ status: 'Cloud Onboarding Completed', problem: null })
  })

  it('[ONB-15] a later change on the page: CPNS has to restart, and the hint goes with it', () => {
    const b = onboarded()
    b.give('onboarding.open', {})
    b.runFor(5_000)
    b.give('onboarding.tick', { encryptPii: true })
    b.give('onboarding.save', {})
    expect(view(b).restarts).toEqual([
      expect.objectContaining({ node: 'ucm-pub', service: 'Cisco Push Notification Service', why: 'ONB-15' }),
    ])
    expect(finding(b, 'restart:ucm-pub:Cisco Push Notification Service')).toMatchObject({ level: 'Warning' })
    expect(callsRing(b).rang).toBe(true)
    b.give('service.restart', { node: 'ucm-pub', service: 'CPNS' })
    b.runFor(5_000)
    expect(view(b).restarts).toEqual([])
  })

  it('[ONB-14] the short way of a lab does all of it at once, also on a fresh cluster', () => {
    const b = fresh()
    b.give('cluster.onboard', {})
    b.runFor(5_000)
    expect(view(b)).toMatchObject({ status: 'Cloud Onboarding Completed', voucher: { state: 'present' }, restarts: [] })
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(true)
  })

  it('[ONB-15][PROXY-02] a proxy that was set waits for the restart of each push service, and the page says so', () => {
    const b = bench({ ...twoPhones(), edge: { proxy: { addresses: ['10.0.0.80'] } } })
    b.runFor(5_000)
    b.give('proxy.set', { enabled: false })
    expect(view(b).restarts).toEqual([
      { node: 'ucm-pub', service: 'Cisco Push Notification Service', effect: expect.stringContaining('proxy'), why: 'ONB-15' },
    ])
    b.give('service.restart', { node: 'ucm-pub', service: 'CPNS' })
    b.runFor(5_000)
    expect(view(b).restarts).toEqual([])
  })

  it('[ONB-18] disabling: off on the page at once, calls end with CPNS, messages node by node with the router', () => {
    const b = onboarded()
    b.give('onboarding.open', {})
    b.runFor(5_000)
    b.give('onboarding.tick', { push: false })
    b.give('onboarding.save', {})
    expect(view(b)).toMatchObject({ status: 'Push notifications are off', saved: { push: false } })
    expect(callsRing(b).rang).toBe(true)
    expect(messagePushed(b).pushed).toBe(true)
    b.give('service.restart', { node: 'ucm-pub', service: 'CPNS' })
    b.runFor(5_000)
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'REL-02' })
    expect(messagePushed(b).pushed).toBe(true)
    b.give('service.restart', { node: 'imp-pub', service: 'XCP Router' })
    b.runFor(5_000)
    expect(messagePushed(b)).toMatchObject({ pushed: false, why: 'CH-03' })
    expect(view(b).restarts).toEqual([])
    expect(b.node('imp-pub').note).toBe('not onboarded')
  })

  it('[ONB-19] the HA parameter: saved unchanged it asks for nothing, changed it waits for the router of each node', () => {
    const b = bench({ ...twoPhones({ client: 'jabber' }), presence: { nodes: [{ id: 'imp-pub' }, { id: 'imp-sub' }] } })
    b.give('presence.parameters', { pushHighAvailability: true })
    expect(b.hop({ message: 'IM and Presence parameters' }).outcome).toBe('saved unchanged')
    expect(task(b, 4)).toMatchObject({ state: 'done' })
    b.give('presence.parameters', { pushHighAvailability: false })
    b.give('presence.parameters', { pushHighAvailability: true })
    expect(task(b, 4).state).toBe('done')
    b.give('presence.parameters', { pushHighAvailability: false })
    for (const node of ['imp-pub', 'imp-sub']) {
      b.give('service.restart', { node, service: 'XCP Router' })
      b.runFor(5_000)
    }
    expect(view(b).prerequisites.find((each) => each.id === 'pre:ha')).toMatchObject({ level: 'Warning', why: 'ONB-19' })
    expect(b.rows<FindingRow>('finding').filter(({ text }) => /high availability/i.test(text))).toEqual([
      expect.objectContaining({ id: 'push-ha', level: 'Warning' }),
    ])
    b.give('presence.parameters', { pushHighAvailability: true })
    expect(task(b, 4)).toMatchObject({ state: 'open', effect: expect.stringContaining('imp-pub, imp-sub') })
  })

  it('[LPNS-03][ONB-16] local push does not wait for the XCP restarts', () => {
    const b = fresh({}, { nodes: 1 })
    follow(b, steps(), ['XCP Config Manager', 'XCP Router'])
    expect(b.lab.world.cluster.onboarded).toBe(true)
    expect(b.device('phone').localPush?.why).not.toBe('LPNS-03')
  })
})
