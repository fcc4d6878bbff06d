/** Common Identity and Fusion Onboarding: the same machines behind virtual and real requests. */
import { describe, expect, it } from 'vitest'
import { TOKENS_PER_ACCOUNT } from '../../../core/cloud/ci.ts'
import { OUTSIDE_BURST } from '../../../core/cloud/real.ts'
import type { RealAnswer } from '../../../core/cloud/real.ts'
import { bench, inOrder, twoPhones, type Bench } from '../bench.ts'
import { again, open, type Open } from './sockets.ts'

const MIN = 60_000
const machine = ({ lab }: Bench) => {
  const { pkid, issued } = lab.world.admin.machine
  return { account: pkid, refresh: issued }
}

const asks = ({ sockets }: Open, asked: { grant: string; account: string | null; refresh: string | null }): RealAnswer => {
  const answers: RealAnswer[] = []
  sockets.arrive('ci', { what: 'token', ...asked }, null, (answer) => void answers.push(answer))
  expect(answers).toHaveLength(1)
  return answers[0] as RealAnswer
}

describe('Common Identity', () => {
  it.each([
    ['', {}, 'invalid_request'],
    ['password', {}, 'unsupported_grant_type'],
    ['refresh_token', { account: null }, 'invalid_client'],
    ['refresh_token', { account: 'nobody' }, 'invalid_client'],
    ['refresh_token', { refresh: null }, 'invalid_refresh_token'],
    ['refresh_token', { refresh: 'lab-rt-other' }, 'invalid_refresh_token'],
  ])('[UPG-08][DEC-16] grant %j with %j: 400 %s, and one event that says so', (grant, change, cause) => {
    const lab = open(twoPhones(), [])
    lab.b.runUntil(1_000)
    expect(asks(lab, { grant, ...machine(lab.b), ...change })).toEqual({ status: 400, text: cause })
    lab.b.hop({ from: 'provider', to: 'ci', outcome: `Response received : 400; ${cause}`, status: 'fail', why: 'UPG-08' })
  })

  it('[NET-02] a stranger with the right refresh token gets an access token by ID, good for as long as it says', () => {
    const lab = open(twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], accessTokenMinutes: 5 } }), [])
    lab.b.runUntil(1_000)
    const given = asks(lab, { grant: 'refresh_token', ...machine(lab.b) })
    expect(given).toMatchObject({ status: 200, expiresInS: 300 })
    const push = (token: string | undefined): number => {
      const statuses: number[] = []
      const asked = { what: 'push' as const, token: token ?? null, service: 'APNS', type: 'voip' as const, target: 'x', payload: null }
      lab.sockets.arrive('push-rest', asked, null, ({ status }) => void statuses.push(status))
      return statuses[0] ?? 0
    }
    lab.b.runUntil(300_999)
    expect(push(given.token)).toBe(400) // good, but the payload is not sealed
    lab.b.runUntil(301_000)
    expect(push(given.token)).toBe(401)
    expect(push('access-999')).toBe(401)
    expect(push(undefined)).toBe(401)
  })

  it(`[UPG-08] ${TOKENS_PER_ACCOUNT} access tokens are what an account may have at once; those that end make room`, () => {
    const lab = open(twoPhones(), [])
    lab.b.runUntil(1_000)
    for (let i = 1; i < TOKENS_PER_ACCOUNT; i++)
      expect(asks(lab, { grant: 'refresh_token', ...machine(lab.b) }).status, `token ${i}`).toBe(200)
    expect(asks(lab, { grant: 'refresh_token', ...machine(lab.b) })).toEqual({ status: 400, text: 'tokenlimit_reached' })
    lab.b.runUntil(61 * MIN)
    expect(asks(lab, { grant: 'refresh_token', ...machine(lab.b) }).status).toBe(200)
    // Beyond the burst they are summed up: memory and events stay bounded.
    const alone = lab.b.hops({ from: 'provider', to: 'ci', message: 'token request from' }).length
    expect(alone).toBeGreaterThanOrEqual(OUTSIDE_BURST)
    expect(alone).toBeLessThan(OUTSIDE_BURST + 5)
    expect(lab.b.hops({ from: 'provider', to: 'ci', message: 'requests more', outcome: 'not followed one by one' }).length).toBeGreaterThan(
      0,
    )
  })
})

describe('the machine account', () => {
  it.each([
    ['refresh token expired', 'invalid_refresh_token'],
    ['refresh token lost', 'invalid_request'],
    ['account deleted', 'invalid_client'],
    ['token limit reached', 'tokenlimit_reached'],
  ] as const)('[UPG-08][TRB-11][SCN-01] %s: 400 %s every 10 minutes, ALM-03, ALM-05, ALM-10; mended, pushes go again', (how, cause) => {
    const b = bench(twoPhones({ client: 'jabber', clientRelease: '14.2', os: 'ios', osRelease: '16.5' }, { im: true }))
    b.runUntil(1_000)
    b.give('machineAccount.break', { how })
    // The token at hand is good until its end; the next fetch comes 5 minutes before it (for a deleted account it is good no more).
    b.runUntil(56 * MIN)
    const refused = () =>
      b.hops({ from: 'ci', to: 'ucm-pub/CPNS', message: `400 ${cause}`, outcome: 'Response received : 400', why: 'UPG-08' })
    expect(refused()).toHaveLength(1)
    expect(b.alarms('AccessTokenFetchFailed')[0]?.ciscoLog).toContain(`400 Bad Request: ${cause}`)
    expect(b.alarms('AccessTokenInvalid')).toEqual([])
    b.runUntil(66 * MIN)
    expect(refused()).toHaveLength(2)
    const sentAt = b.hops({ from: 'ucm-pub/CPNS', to: 'ci', message: 'POST /idb' }).map((hop) => hop.sentAt)
    expect((sentAt.at(-1) ?? 0) - (refused()[0]?.at ?? 0)).toBe(10 * MIN)
    expect(b.alarms('AccessTokenInvalid').length).toBeGreaterThan(0)
    const sent = b.counter('ucm-pub', 'NumberOfPushReqSent')
    const dropped = b.call('5001')
    b.runFor(15_000)
    expect(b.flow(dropped)).toMatchObject({ state: 'dropped', causeWhy: 'ALM-03' })
    expect(b.counter('ucm-pub', 'NumberOfPushReqSent')).toBe(sent)
    expect(b.alarms('PushNotificationServiceAccessTokenUnavailable')).toHaveLength(1)
    b.give('machineAccount.mend', {})
    b.runFor(1_000)
    expect(b.alarms('AccessTokenInvalid').every(({ clearedAt }) => clearedAt !== null)).toBe(true)
    const rings = b.call('5001')
    b.runFor(3_000)
    expect(b.flow(rings).state).toBe('ringing')
  })

  it('[UPG-08] an account that is deleted takes its access tokens along: Push REST answers 401 at once', () => {
    const b = bench(twoPhones())
    b.runUntil(1_000)
    b.give('machineAccount.break', { how: 'account deleted' })
    const flow = b.call('5001')
    b.runFor(3_000)
    expect(b.hops({ flow, from: 'push-rest', message: '401 no valid access token', why: 'NET-02' })).toHaveLength(1)
    expect(b.try('machineAccount.break', {}).ok).toBe(false)
    b.give('cluster.offboard', {})
    expect(b.try('machineAccount.mend', {}).ok).toBe(false)
  })

  it('[UPG-08][TRB-11][DEC-35] the same over real sockets, and replayed without them', () => {
    const scenario = twoPhones({}, { im: true })
    const lab = open(scenario, ['ci'])
    lab.sockets.run(1_000)
    lab.b.give('machineAccount.break', {})
    lab.sockets.run(66 * MIN)
    expect(
      lab.b.hops({
        from: 'ci',
        to: 'ucm-pub/CPNS',
        message: '400 invalid_refresh_token',
        outcome: 'Response received : 400',
        why: 'UPG-08',
      }),
    ).toHaveLength(2)
    expect(lab.b.alarms('AccessTokenFetchFailed')).toHaveLength(1)
    const { body, refresh, bearer } = lab.sockets.request('ci')
    expect(body).toBe(`grant_type=refresh_token&client_id=${lab.b.lab.world.admin.machine.pkid}`)
    expect([refresh, bearer]).toEqual([lab.b.lab.world.admin.machine.issued, null])
    expect(again(scenario, lab)).toEqual(lab.journal)
  })
})

describe('Fusion Onboarding', () => {
  const off = () => twoPhones({}, { cluster: { nodes: [{ id: 'ucm-pub' }], onboarded: false } })

  it.each([[[]], [['fos', 'ci']]] as const)(
    '[ONB-14][NET-02][DEC-22] a subscription makes a machine account, and tokens follow; real: %j',
    (real) => {
      const lab = open(off(), [...real])
      const { b, sockets } = lab
      sockets.run(1_000)
      expect(b.hops({ to: 'ci' })).toEqual([])
      const before = b.lab.world.admin.machine.pkid
      const { flow } = b.give('cluster.onboard', {}) as { flow: number }
      sockets.run(3_000)
      expect(b.flow(flow).state).toBe('done')
      inOrder(b, [
        { flow, from: 'fos', to: 'ci', message: 'create a machine account', outcome: 'made, with a refresh token', why: 'NET-02' },
        { flow, to: 'fos', message: 'POST subscription', outcome: 'machine account provisioned', why: 'NET-02' },
        { flow, from: 'fos', message: '200 OK', outcome: 'subscription accepted', why: 'ONB-14' },
        { to: 'ci', message: 'POST /idb', outcome: 'machine account known' },
      ])
      expect(b.hops({ flow, to: 'fos' }).every(({ tracking }) => /^FOS_[0-9a-f-]{36}$/.test(tracking ?? ''))).toBe(true)
      expect(b.lab.world.admin.machine.pkid).not.toBe(before)
      expect(b.node('ucm-pub').note).toMatch(/access token until/)
      expect(again(off(), lab)).toEqual(lab.journal)
    },
  )

  it('[ONB-14] an answer without a machine account, and a refusal, fail the onboarding and say why', () => {
    for (const told of [
      { is: 'answer' as const, status: 200, text: 'OK' },
      { is: 'answer' as const, status: 403, text: 'voucher missing' },
    ]) {
      const lab = open(off(), ['fos'])
      lab.sockets.plan = (what) => (what.do === 'exchange' ? { after: 5, told } : null)
      const { flow } = lab.b.give('cluster.onboard', {}) as { flow: number }
      lab.sockets.run(1_000)
      expect(lab.b.flow(flow)).toMatchObject({ state: 'failed', causeWhy: 'ONB-14' })
      expect(lab.b.node('ucm-pub').note).toBe('not onboarded')
    }
  })

  it('[ONB-07][NET-02] a stranger subscribes with a voucher, and fetches tokens with what it was given; without one it is refused', () => {
    const lab = open(twoPhones(), [])
    const answers: RealAnswer[] = []
    const subscribe = (voucher: string | null) =>
      void lab.sockets.arrive('fos', { what: 'subscribe', cluster: 'elsewhere', voucher }, null, (answer) => void answers.push(answer))
    subscribe(null)
    subscribe('v1')
    expect(answers[0]).toEqual({ status: 403, text: 'voucher missing' })
    const { account, refresh } = answers[1] as { account: string; refresh: string }
    expect(asks(lab, { grant: 'refresh_token', account, refresh })).toMatchObject({ status: 200 })
    expect(asks(lab, { grant: 'refresh_token', account, refresh: machine(lab.b).refresh })).toMatchObject({ text: 'invalid_refresh_token' })
  })
})
