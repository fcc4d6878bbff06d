import { describe, expect, it } from 'vitest'
import { upgradeView } from '../../../core/upgrade/view.ts'
import { bench, finding, twoPhones, type Bench } from '../bench.ts'
import { callsRing, follow, fresh, steps, view } from '../onboarding/fresh.ts'

const DAY = 24 * 3_600_000

const onRelease = (release: string, onboarding: object = {}): Bench =>
  bench(
    twoPhones(
      { client: 'jabber', clientRelease: '12.9', osRelease: '13.5' }, // Users do not have to log in anew while the lab runs.
      { cluster: { release, clientRefreshDays: 365, nodes: [{ id: 'ucm-pub' }], onboarding } },
    ),
  )

const upgrade = (b: Bench, release: string): void => void b.give('cluster.release', { component: 'Unified CM', release })
const refusal = (b: Bench, name: string, args: unknown = {}): string => {
  const reply = b.try(name, args)
  b.runFor(10_000)
  return reply.ok ? '' : reply.message
}

describe('onboarding on Smart Licensing', () => {
  it.each([
    ['a new installation', '14SU3', null],
    ['an upgrade from a release before 11.5(1)SU2', '11.5(1)SU1', '14SU3'],
    ['an upgrade from 11.5(1)SU2 that was not onboarded', '11.5(1)SU2', '14SU3'],
  ] as const)('[UPG-02] %s: each step skipped blocks the next', (_, release, to) => {
    const b = fresh({}, { release, nodes: 1, im: false })
    if (to !== null) upgrade(b, to)
    expect(upgradeView(b.lab.world)).toMatchObject({ mode: 'evaluation', voucherSource: 'Cisco Smart Software Manager' })
    const all = steps()
    const without = (name: string): Record<string, string> => follow(b, all, [name])
    expect(without('Smart Licensing')).toMatchObject({ voucher: expect.stringContaining('Smart Software Manager') })
    expect(view(b).status).toBe('Not onboarded')
    without('voucher')
    expect(view(b)).toMatchObject({ status: 'Cisco Cloud Onboarding Pending', problem: { why: 'ONB-07' } })
    follow(b, all.slice(1))
    expect(view(b).status).toBe('Cloud Onboarding Completed')
    expect(callsRing(b).rang).toBe(true)
  })

  it('[UPG-01] the voucher comes from Prime License Manager in 11.5 and from Smart Software Manager from 12.0 on', () => {
    expect(upgradeView(onRelease('11.5(1)SU8').lab.world).voucherSource).toBe('Prime License Manager')
    expect(upgradeView(onRelease('12.0(1)').lab.world).voucherSource).toBe('Cisco Smart Software Manager')
  })
})

describe('upgrade from 11.5 with push on', () => {
  it('[UPG-03][DEC-30] evaluation mode for 90 days, and the voucher is gone; registered in time nothing happens at its end', () => {
    const b = onRelease('11.5(1)SU4')
    expect(view(b).voucher).toMatchObject({ state: 'present', source: 'Prime License Manager' })
    upgrade(b, '12.5(1)SU3')
    expect(upgradeView(b.lab.world)).toMatchObject({ mode: 'evaluation', evaluationEndsAt: b.lab.now + 90 * DAY })
    expect(view(b).voucher.state).toBe('none')
    expect(finding(b, 'pre:evaluation')).toMatchObject({ level: 'Warning', text: expect.stringContaining('90 days') })
    b.give('license.register', {})
    expect(upgradeView(b.lab.world)).toMatchObject({ mode: 'licensed', evaluationEndsAt: null })
    b.runFor(91 * DAY)
    expect(callsRing(b).rang).toBe(true)
  })

  it('[UPG-04][DEC-30] pushes go on in evaluation mode and stop on the day that provisioning is disabled; the length is settable', () => {
    const b = onRelease('11.5(1)SU4', { licensing: { evaluationDays: 2 } })
    upgrade(b, '12.5(1)SU3')
    const end = b.lab.now + 2 * DAY
    b.runUntil(end - 60_000)
    expect(callsRing(b).rang).toBe(true)
    b.runUntil(end)
    expect(callsRing(b)).toMatchObject({ rang: false, why: 'UPG-04' })
    expect(upgradeView(b.lab.world).mode).toBe('provisioning disabled')
    expect(finding(b, 'pre:provisioning')).toMatchObject({ level: 'Fail' })
    b.give('license.register', {})
    expect(callsRing(b).rang).toBe(true)
  })

  it('[UPG-05] turned off during evaluation it comes back only with a new voucher and the new onboarding', () => {
    const b = onRelease('11.5(1)SU4')
    upgrade(b, '12.5(1)SU3')
    refusal(b, 'onboarding.open')
    expect(refusal(b, 'onboarding.tick', { push: false })).toBe('')
    expect(refusal(b, 'onboarding.save')).toBe('')
    const all = steps()
    expect(follow(b, all, ['Smart Licensing', 'voucher'])['first Save']).toContain('ONB-04')
    expect(refusal(b, 'onboarding.voucher')).toContain('not registered')
    follow(b, all, ['voucher'])
    expect(view(b)).toMatchObject({ status: 'Cisco Cloud Onboarding Pending', problem: { why: 'ONB-07' } })
    expect(callsRing(b).rang).toBe(false)
    expect(refusal(b, 'onboarding.voucher')).toBe('')
    follow(b, all.slice(all.findIndex((step) => step.name === 'open the page again')))
    expect(view(b).status).toBe('Cloud Onboarding Completed')
    expect(callsRing(b).rang).toBe(true)
  })

  it('[UPG-06] the advisor suggests to disable push first, as long as it is on', () => {
    const b = onRelease('11.5(1)SU4')
    expect(finding(b, 'upgrade:advice')).toMatchObject({
      why: 'UPG-06',
      fix: expect.stringContaining('Disable push notifications before the upgrade'),
    })
    expect(upgradeView(b.lab.world).advice).toContain('onboard again afterwards')
    b.give('cluster.offboard', {})
    expect(finding(b, 'upgrade:advice')).toBeUndefined()
    expect(upgradeView(b.lab.world).advice).toBe('')
  })

  it('[UPG-07] from 11.5(1)SU2: logs are rejected until three boxes are cleared, saved, and everything is onboarded again', () => {
    const upload = (b: Bench): string => {
      refusal(b, 'cli.run', { node: 'ucm-pub', line: 'utils managementAgent alarms pushnow' })
      return b.lab.world.admin.agent.uploads.at(-1)?.state ?? 'none'
    }
    const b = onRelease('11.5(1)SU2')
    expect(upload(b)).toBe('sent')
    upgrade(b, '12.5(1)SU3')
    expect(upload(b)).toBe('failed')
    expect(upgradeView(b.lab.world).logsRefused).toContain('11.5(1)SU2')
    expect(finding(b, 'upgrade:logs')).toMatchObject({ level: 'Fail', why: 'UPG-07' })
    // Push alone cleared is not enough.
    b.give('license.register', {})
    const again = (boxes: object): void => {
      refusal(b, 'onboarding.open')
      refusal(b, 'onboarding.tick', { push: false, ...boxes })
      refusal(b, 'onboarding.save')
      const all = steps()
      const second = all.findIndex((step) => step.name === 'second Save')
      follow(b, all.slice(1, second))
      refusal(b, 'onboarding.tick', { sendTroubleshooting: true })
      follow(b, all.slice(second))
      expect(view(b).status).toBe('Cloud Onboarding Completed')
    }
    again({})
    expect(upload(b)).toBe('failed')
    again({ sendTroubleshooting: false, encryptPii: false })
    expect(upload(b)).toBe('sent')
    expect(upgradeView(b.lab.world).logsRefused).toBeNull()
    expect(callsRing(b).rang).toBe(true)
    // Another release has no such trouble.
    const other = onRelease('11.5(1)SU4')
    upgrade(other, '12.5(1)SU3')
    expect(upload(other)).toBe('sent')
  })
})
