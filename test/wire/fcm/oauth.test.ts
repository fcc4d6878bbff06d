/** Google's token endpoint as a service account meets it. */
import { generateKeyPairSync, createPrivateKey, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { MAX_ACCESS_TOKENS, TokenEndpoint, TOKEN_LIFETIME_S } from '../../../core/wire/fcm/oauth.ts'
import { alive, PROJECT, SEND } from '../../cloud/fcm/fake.ts'
import { CARRIERS, closeAll, door, serviceAccount } from './door.ts'

afterEach(closeAll)

const NOW = 1_800_000_000_000
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging'

async function assertion(
  change: { iat?: number; exp?: number; iss?: string; aud?: string; scope?: string; key?: KeyObject; now?: number; times?: object } = {},
): Promise<string> {
  const { key } = await serviceAccount()
  const nowS = (change.now ?? NOW) / 1_000
  const iat = change.iat ?? nowS
  return new SignJWT({ scope: change.scope ?? SCOPE, iat, exp: change.exp ?? iat + 3_600, ...change.times })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer(change.iss ?? key.client_email)
    .setAudience(change.aud ?? key.token_uri)
    .sign(change.key ?? createPrivateKey(key.private_key))
}

const form = (jwt: string, grant = GRANT): string => new URLSearchParams({ grant_type: grant, assertion: jwt }).toString()

async function endpoint() {
  let now = NOW
  const tokens = new TokenEndpoint([(await serviceAccount()).account], () => now)
  return { tokens, pass: (ms: number) => (now += ms) }
}

describe('a service account', () => {
  it('[FCM-01] gets an access token that is good for its project, for an hour less a second', async () => {
    const { tokens, pass } = await endpoint()
    const answer = await tokens.grant(form(await assertion()))
    const { access_token, expires_in, token_type } = JSON.parse(answer.body) as Record<string, unknown>
    expect([answer.status, expires_in, token_type]).toEqual([200, TOKEN_LIFETIME_S, 'Bearer'])
    const bearer = (project = PROJECT): string => tokens.bearer(String(access_token), project)
    expect([bearer(), bearer('other')]).toEqual(['ok', 'forbidden'])
    pass(TOKEN_LIFETIME_S * 1_000 - 1)
    expect(bearer()).toBe('ok')
    pass(1)
    expect(bearer()).toBe('expired')
    expect(tokens.bearer('ya29.made-up', PROJECT)).toBe('unknown')
  })

  it.each([
    ['of nobody', { iss: 'nobody@x' }, 'invalid_grant', 'account not found'],
    [
      'signed by another key',
      { key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey },
      'invalid_grant',
      'Invalid JWT Signature.',
    ],
    ['for more than an hour', { exp: NOW / 1_000 + 3_601 }, 'invalid_grant', 'short-lived token (60 minutes)'],
    ['that is over', { iat: NOW / 1_000 - 7_200 }, 'invalid_grant', 'short-lived token'],
    ['whose time is a text', { times: { iat: 'yesterday' } }, 'invalid_grant', 'short-lived token'],
    ['whose end is a text', { times: { exp: 'never' } }, 'invalid_grant', 'short-lived token'],
    ['that never ends', { times: { exp: 1e308 } }, 'invalid_grant', 'short-lived token'],
    ['from tomorrow', { iat: NOW / 1_000 + 86_400 }, 'invalid_grant', 'short-lived token'],
    ['for another audience', { aud: 'https://example.com' }, 'invalid_grant', 'audience'],
    ['for another scope', { scope: 'https://www.googleapis.com/auth/drive' }, 'invalid_scope', 'scope'],
  ])('[FCM-01] an assertion %s is refused', async (_which, change, error, description) => {
    const answer = await (await endpoint()).tokens.grant(form(await assertion(change)))
    const told = JSON.parse(answer.body) as { error: string; error_description: string }
    expect([answer.status, told.error]).toEqual([400, error])
    expect(told.error_description).toContain(description)
  })

  it.each([
    ['nothing', null, 'unsupported_grant_type'],
    ['another grant', form('x', 'password'), 'unsupported_grant_type'],
    ['no assertion', `grant_type=${encodeURIComponent(GRANT)}`, 'invalid_grant'],
    ['no JWT', form('a.b.c'), 'invalid_grant'],
  ])('[FCM-01] %s is refused', async (_which, text, error) => {
    expect(JSON.parse((await (await endpoint()).tokens.grant(text)).body)).toMatchObject({ error })
  })

  it('an unsigned assertion is worth nothing', async () => {
    const [, payload] = (await assertion()).split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`
    expect(JSON.parse((await (await endpoint()).tokens.grant(form(none))).body)).toMatchObject({ error: 'invalid_grant' })
  })

  it('remembers so many tokens and no more', async () => {
    const { tokens } = await endpoint()
    const first = tokens.issue(PROJECT)
    for (let i = 1; i < MAX_ACCESS_TOKENS; i++) tokens.issue(PROJECT)
    expect(tokens.bearer(first, PROJECT)).toBe('ok')
    tokens.issue(PROJECT)
    expect(tokens.bearer(first, PROJECT)).toBe('unknown')
  })
})

describe.each(CARRIERS)('over $carrier', ({ ask }) => {
  it('[FCM-01] a token from /token sends a message; neither it nor the assertion is in the log', async () => {
    const { account } = await serviceAccount()
    const at = await door({ accounts: [account] })
    const jwt = await assertion({ now: Date.now() })
    const granted = await ask(at, { path: '/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(jwt) })
    const { access_token: token } = JSON.parse(granted.body) as { access_token: string }
    const sent = await ask(at, { headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ message: alive() }) })
    expect([granted.status, sent.status]).toEqual([200, 200])
    const other = await ask(at, {
      path: SEND.replace(PROJECT, 'other'),
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ message: alive() }),
    })
    expect(other.status).toBe(403)
    const log = JSON.stringify(at.exchanges)
    for (const secret of [token, jwt, jwt.split('.')[2]!]) expect(log).not.toContain(secret)
    expect(log).toContain('/token')
  })

  it('[FCM-01] a token made by hand expires too', async () => {
    const at = await door()
    const headers = { authorization: `Bearer ${at.fcm.accessToken(PROJECT, 0)}` }
    const answer = await ask(at, { headers, body: JSON.stringify({ message: alive() }) })
    expect([answer.status, answer.body.includes('ACCESS_TOKEN_EXPIRED')]).toEqual([401, true])
  })
})
