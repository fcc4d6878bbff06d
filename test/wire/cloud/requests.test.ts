/** FOS, CI and Push REST of an opened lab, asked over real sockets: the door, the lab behind it, and what comes back. */
import { afterEach, describe, expect, it } from 'vitest'
import { ask, asPush, asToken, closeLabs, cloudLab, type Ask } from './lab.ts'
import { eventually } from '../eventually.ts'

afterEach(closeLabs)

describe('Common Identity', () => {
  it('[NET-02] gives the machine account an access token for its refresh token', async () => {
    const lab = await cloudLab()
    const { env } = await lab.kit('ci')
    const { status, headers, body } = await ask(lab, 'ci', asToken(env))
    expect([status, headers['cache-control']]).toEqual([200, 'no-store'])
    const given = JSON.parse(body) as Record<string, unknown>
    expect(given).toEqual({ access_token: expect.stringMatching(/^plc_[\w-]{43}$/), expires_in: expect.any(Number), token_type: 'Bearer' })
    expect(given['expires_in']).toBeGreaterThan(0)
    await lab.hop({ to: 'ci', message: 'token request' })
  })

  it.each([
    ['a refresh token of nobody', {}, { refresh_token: 'nobody' }, 400, 'invalid_refresh_token'],
    ['another grant', {}, { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['no grant', {}, { grant_type: '' }, 400, 'invalid_request'],
    ['no refresh token', {}, { refresh_token: '' }, 400, 'invalid_request'],
    ['a wrong client secret', { SECRET: 'wrong' }, {}, 400, 'invalid_client'],
    ['an account that does not exist', { ACCOUNT: 'nobody' }, {}, 400, 'invalid_client'],
  ])('[NET-02] [UPG-08] %s is refused with its cause', async (_which, env, form, status, error) => {
    const lab = await cloudLab()
    const kit = await lab.kit('ci')
    const answer = await ask(lab, 'ci', asToken({ ...kit.env, ...(env as Record<string, string>) }, form as Record<string, string>))
    expect([answer.status, (JSON.parse(answer.body) as { error: string }).error]).toEqual([status, error])
  })

  it.each([
    [404, 'another path', { path: '/idb/oauth2/v2/access_token' }],
    [405, 'GET', { method: 'GET' }],
    [415, 'JSON', { headers: { 'content-type': 'application/json', authorization: 'Basic eDp5' } }],
    [401, 'a form without Basic', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    [413, 'a form of more than 16 KiB', { body: `grant_type=${'x'.repeat(16 * 1_024)}` }],
  ] as [number, string, Partial<Ask>][])('answers %d to %s, and the lab hears nothing of it', async (status, _which, change) => {
    const lab = await cloudLab()
    const { env } = await lab.kit('ci')
    expect((await ask(lab, 'ci', { ...asToken(env), ...change })).status).toBe(status)
    expect(lab.events.filter(({ to }) => to === 'ci').filter(({ message }) => message.includes('token request'))).toEqual([])
  })
})

describe('Fusion Onboarding', () => {
  const subscribe = (change: object = {}): Ask => ({
    path: '/v1/subscriptions',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cluster: 'another', voucher: 'voucher', ...change }),
  })

  it('[NET-02] [ONB-14] a subscription gets a machine account, with which CI gives a token', async () => {
    const lab = await cloudLab()
    const answer = await ask(lab, 'fos', subscribe())
    expect(answer.status).toBe(200)
    const given = JSON.parse(answer.body) as Record<string, string>
    const env = { ACCOUNT: given['machine_account']!, SECRET: given['client_secret']!, REFRESH: given['refresh_token']! }
    expect((await ask(lab, 'ci', asToken(env))).status).toBe(200)
  })

  it.each([
    [403, 'no voucher', subscribe({ voucher: null })],
    [400, 'a cluster without a name', subscribe({ cluster: '' })],
    [400, 'personal data beside it', subscribe({ displayName: 'Ana' })],
    [400, 'no JSON', { ...subscribe(), body: '{' }],
    [404, 'another path', { ...subscribe(), path: '/' }],
    [405, 'PUT', { ...subscribe(), method: 'PUT' }],
    [415, 'a text', { ...subscribe(), headers: { 'content-type': 'text/plain' } }],
    [413, 'more than 4 KiB', subscribe({ cluster: 'x'.repeat(4_096) })],
  ])('[ONB-07] [ONB-14] answers %d to %s', async (status, _which, asked) => {
    const lab = await cloudLab()
    expect((await ask(lab, 'fos', asked)).status).toBe(status)
  })
})

describe('Push REST', () => {
  it('[SEC-07] [SEC-06] a sealed push with a token of CI goes to the platform and wakes its device', async () => {
    const lab = await cloudLab()
    const { env } = await lab.kit('push-rest', 'phone')
    const answer = await ask(lab, 'push-rest', asPush(env))
    expect([answer.status, answer.headers['trackingid']]).toEqual([200, env['TRACKING']])
    await lab.hop({ from: 'apns', to: 'phone' })
  })

  it('[SEC-02] one that is not sealed gets 400, the lab shows it, and nothing reaches the platform', async () => {
    const lab = await cloudLab()
    const { env } = await lab.kit('push-rest', 'phone')
    const answer = await ask(lab, 'push-rest', asPush(env, { payload: '{"displayName":"Ana Ruiz"}' }))
    expect([answer.status, JSON.parse(answer.body)]).toEqual([400, { reason: 'payload not encrypted' }])
    const hop = await lab.hop({ to: 'push-rest', outcome: 'the payload is not encrypted' })
    expect(hop.why).toBe('SEC-02')
    expect(lab.events.filter(({ to }) => to === 'apns')).toEqual([])
    const journal = await lab.do<{ text: string }>('journal.export').catch(() => ({ text: JSON.stringify(lab.events) }))
    expect(journal.text).not.toContain('Ana Ruiz')
  })

  it('[NET-02] a token of nobody gets 401', async () => {
    const lab = await cloudLab()
    const { env } = await lab.kit('push-rest', 'phone')
    expect((await ask(lab, 'push-rest', asPush({ ...env, TOKEN: 'plc_nobody' }))).status).toBe(401)
  })

  it('[SEC-05] a target that was replaced gets 410', async () => {
    const lab = await cloudLab()
    const { env } = await lab.kit('push-rest', 'phone')
    await lab.do('device.rotateToken', { device: 'phone' })
    expect((await ask(lab, 'push-rest', asPush(env))).status).toBe(410)
  })

  it('an answer that the lab owes when the clouds close is 503', async () => {
    const lab = await cloudLab()
    const { env } = await lab.kit('push-rest', 'phone')
    await lab.do('fault.add', { fault: { id: 'silent', on: 'apns', kind: 'black-hole' } })
    const answer = ask(lab, 'push-rest', asPush(env))
    await eventually(() => lab.events.some(({ to, from }) => to === 'push-rest' && from === 'provider'), 'the push in the lab')
    await lab.do('clouds.close')
    expect((await answer).status).toBe(503)
  })
})
