import { describe, expect, it } from 'vitest'
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import { oauthView } from '../../../core/oauth/view.ts'
import { bench, finding, MRA, twoPhones, type Bench } from '../bench.ts'
import { fresh } from '../onboarding/fresh.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

type Phone = Parameters<typeof twoPhones>[0]
const lab = (cluster: Partial<ScenarioInput['cluster']> = {}, phone: Phone = {}, rest: Partial<ScenarioInput> = {}): Bench =>
  bench(
    twoPhones(
      { client: 'jabber', clientRelease: '12.9', osRelease: '13.5', app: 'on screen', locked: false, screenOn: true, ...phone },
      { ...rest, cluster: { nodes: [{ id: 'ucm-pub' }], ...cluster } },
    ),
  )

const promptOf = (b: Bench) => oauthView(b.lab.world).prompts.find((each) => each.device === 'phone')
const refusal = (b: Bench, name: string, args: unknown): string => {
  const reply = b.try(name, args)
  return reply.ok ? '' : reply.message
}

describe('the enterprise parameter', () => {
  it('[OAUTH-01] a new cluster shows Disabled, and 60 minutes and 60 days', () => {
    expect(oauthView(fresh().lab.world)).toMatchObject({ refreshLogins: false, accessTokenMinutes: 60, refreshTokenDays: 60 })
  })

  it('[OAUTH-03] lifetimes have ranges: 0, 1441 and 0, 366 are refused, the ends are taken', () => {
    const b = lab()
    for (const minutes of [0, 1_441]) expect(refusal(b, 'cluster.oauth', { accessTokenMinutes: minutes })).toContain('1 to 1440')
    for (const days of [0, 366]) expect(refusal(b, 'cluster.oauth', { refreshTokenDays: days })).toContain('1 to 365')
    for (const [minutes, days] of [
      [1, 1],
      [1_440, 365],
    ] as const) {
      b.give('cluster.oauth', { accessTokenMinutes: minutes, refreshTokenDays: days })
      expect(oauthView(b.lab.world)).toMatchObject({ accessTokenMinutes: minutes, refreshTokenDays: days })
    }
    expect(refusal(b, 'cluster.oauth', {})).toContain('nothing to set')
  })

  it('[OAUTH-02] a network change: no prompt with refresh logins, a prompt without, and until it is answered no registration', () => {
    const on = lab()
    on.give('device.network', { device: 'phone', wifi: 'Ward3' })
    on.runFor(5_000)
    expect(promptOf(on)).toBeUndefined()
    expect(on.device('phone').sip).toBe('connected')

    const off = lab({ oauthRefreshLogins: false })
    off.runFor(1_000)
    off.give('device.network', { device: 'phone', wifi: 'Ward3' })
    off.runFor(5_000)
    expect(promptOf(off)).toMatchObject({ why: 'OAUTH-02' })
    expect(off.device('phone').sip).toBe('none')
    const missed = off.call('5001')
    off.runFor(20_000)
    expect(off.flow(missed)).toMatchObject({ offeredAt: null })
    off.give('device.login', { device: 'phone' })
    off.runFor(5_000)
    expect(promptOf(off)).toBeUndefined()
    expect(off.device('phone').sip).toBe('connected')
    const call = off.call('5001')
    off.runFor(3_000)
    expect(off.flow(call).offeredAt).not.toBeNull()
    expect(refusal(off, 'device.login', { device: 'phone' })).toContain('shows no login prompt')
  })

  it('[OAUTH-02] clients log in faster with it', () => {
    const takes = (refresh: boolean): number => {
      const b = lab({ oauthRefreshLogins: false })
      b.give('device.network', { device: 'phone', wifi: 'Ward3' })
      if (refresh) b.give('cluster.oauth', { refreshLogins: true })
      const from = b.lab.now
      b.give('device.login', { device: 'phone' })
      b.runFor(10_000)
      return b.hop({ from: 'phone', message: 'login', outcome: refresh ? 'refresh login' : 'old login', status: 'ok' }).at - from
    }
    expect(takes(true)).toBeLessThan(takes(false))
  })

  it('[OAUTH-03] an access token is renewed silently at its set minute while the refresh token lives; after its set day a prompt', () => {
    const b = lab({ clientTokenMinutes: 30, clientRefreshDays: 1 })
    b.give('client.reset', { devices: ['phone'] })
    const at = b.lab.now
    b.runUntil(at + 30 * MINUTE - 1)
    expect(b.hops({ message: 'access token ends' })).toEqual([])
    b.runUntil(at + 30 * MINUTE + 1_000)
    const [renewed] = b.hops({ message: 'access token ends' })
    expect(renewed).toMatchObject({ at: at + 30 * MINUTE, outcome: expect.stringContaining('silently') })
    expect(b.hops({ from: 'ucm-pub', to: 'phone', outcome: 'new access token' }).length).toBe(1)
    b.runUntil(at + DAY - MINUTE)
    expect(promptOf(b)).toBeUndefined()
    expect(b.device('phone').sip).toBe('connected')
    b.runUntil(at + DAY + 31 * MINUTE)
    expect(promptOf(b)).toMatchObject({ why: 'OAUTH-03', text: expect.stringContaining('refresh token has expired') })
    b.give('device.login', { device: 'phone' })
    b.runFor(5_000)
    expect(promptOf(b)).toBeUndefined()
  })

  it('[OAUTH-04] clients that are not reset keep the mode from before, and are listed', () => {
    const b = lab(
      { oauthRefreshLogins: false },
      {},
      { devices: [{ id: 'tablet', owner: 'ana', client: 'jabber', clientRelease: '12.9', osRelease: '13.5', app: 'on screen' }] },
    )
    b.give('cluster.oauth', { refreshLogins: true })
    expect(oauthView(b.lab.world).oldMode.map(({ device, mode }) => [device, mode])).toEqual([
      ['phone', 'old login'],
      ['tablet', 'old login'],
    ])
    expect(finding(b, 'oauth:reset')).toMatchObject({ level: 'Warning', text: expect.stringContaining('2 clients') })
    b.give('client.reset', { devices: ['tablet'] })
    for (const device of ['phone', 'tablet']) b.give('device.network', { device, wifi: 'Ward3' })
    b.runFor(2_000)
    expect(oauthView(b.lab.world).prompts.map((each) => each.device)).toEqual(['phone'])
    b.give('device.login', { device: 'phone' })
    b.runFor(5_000)
    expect(oauthView(b.lab.world).oldMode).toEqual([])
    // The same the other way round: turned off later, reset again.
    b.give('cluster.oauth', { refreshLogins: false })
    expect(oauthView(b.lab.world).oldMode.map(({ mode }) => mode)).toEqual(['refresh login', 'refresh login'])
    b.give('client.reset', {})
    expect(oauthView(b.lab.world).oldMode).toEqual([])
    expect(finding(b, 'oauth:reset')).toBeUndefined()
  })
})

describe('every component has to support refresh logins', () => {
  it.each([
    ['Unified CM', { release: '11.5(1)SU2' }, {}, false],
    ['Unified CM', { release: '11.5(1)SU3' }, {}, true],
    ['Jabber', {}, { clientRelease: '11.8.1' }, false],
    ['Jabber', {}, { clientRelease: '11.9' }, true],
  ] as const)('[OAUTH-05] %s %o %o', (component, cluster, phone, supported) => {
    const b = lab(cluster, { ...phone, signedIn: false })
    expect(oauthView(b.lab.world).components.find((each) => each.component === component)?.supported).toBe(supported)
    const found = b.rows('finding').find((row) => row.kind === 'finding' && row.id.startsWith(`oauth:old:${component}`))
    expect(found === undefined).toBe(supported)
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(b.device('phone').signedIn).toBe(supported)
    if (!supported)
      expect(b.hop({ from: 'phone', message: 'login', status: 'fail' })).toMatchObject({
        why: 'OAUTH-05',
        outcome: expect.stringContaining(component),
      })
  })
})

describe('Expressway must match', () => {
  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ])('[OAUTH-06] Expressway %s, Unified CM %s: an MRA login works: %s', (expressway, cm, works) => {
    const { links = [] } = MRA()
    const b = lab(
      { oauthRefreshLogins: cm },
      { mra: true, wifi: null, signedIn: false },
      { edge: { expressway: { oauthRefresh: expressway } }, links },
    )
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(b.device('phone').signedIn).toBe(works)
    expect(oauthView(b.lab.world).expressway).toEqual({ refresh: expressway, matches: works })
    if (works) return expect(finding(b, 'oauth:expressway')).toBeUndefined()
    expect(b.hop({ message: 'login', status: 'fail' }).outcome).toContain('configuration mismatch')
    expect(finding(b, 'oauth:expressway')).toMatchObject({ level: 'Fail', why: 'OAUTH-06' })
    b.give('expressway.oauth', { refresh: cm })
    b.give('device.signIn', { device: 'phone' })
    b.runFor(5_000)
    expect(b.device('phone').signedIn).toBe(true)
  })

  it('[OAUTH-06] with both defaults of a fresh cluster the settings conflict', () => {
    const scenario = twoPhones({ mra: true, wifi: null, signedIn: false, client: 'jabber', clientRelease: '12.9', osRelease: '13.5' })
    const b = bench({ ...scenario, cluster: { nodes: [{ id: 'ucm-pub' }], onboarding: { start: 'fresh' } }, edge: { expressway: {} } })
    expect(oauthView(b.lab.world)).toMatchObject({ refreshLogins: false, expressway: { refresh: true, matches: false } })
  })
})

describe('Unity Connection', () => {
  it.each([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ])('[OAUTH-07] its parameter %s, Authz server %s: a voicemail login with a token works: %s', (refreshLogin, authzServer, works) => {
    const b = lab({ unityConnection: { refreshLogin, authzServer } })
    const { flow } = b.give('device.voicemail', { device: 'phone' }) as { flow: number }
    expect(b.flow(flow)).toMatchObject({ state: works ? 'done' : 'failed', causeWhy: works ? '' : 'OAUTH-07' })
    expect(finding(b, 'oauth:unity')?.level).toBe(works ? undefined : 'Fail')
    b.give('unity.set', { refreshLogin: true, authzServer: true })
    const again = b.give('device.voicemail', { device: 'phone' }) as { flow: number }
    expect(b.flow(again.flow).state).toBe('done')
  })

  it('[OAUTH-07] a client in the old mode needs neither', () => {
    const b = lab({ oauthRefreshLogins: false, unityConnection: {} })
    const { flow } = b.give('device.voicemail', { device: 'phone' }) as { flow: number }
    expect(b.flow(flow).state).toBe('done')
  })
})
