/**
 * Common Identity at its door: `POST /idb/oauth2/v1/access_token`, a form under Basic of the machine account (NET-02).
 * Whether account and refresh token are good, the lab knows; here are their texts, and the form of its answer (RFC 6749).
 */
import type { RealAnswer } from '../../cloud/real.ts'
import { GRANT, TOKEN_PATH, type TokenRefusal } from '../../cloud/ci.ts'
import type { Asking } from './asking.ts'
import { jsonAnswer, type Asked, type HttpAnswer } from './http.ts'
import type { SecretTable } from './secrets.ts'

export const MAX_FORM_BYTES = 16 * 1_024

const ERRORS: ReadonlySet<string> = new Set<TokenRefusal>([
  'invalid_request',
  'unsupported_grant_type',
  'invalid_client',
  'invalid_refresh_token',
  'tokenlimit_reached',
])

/** The ID under which the client secret of a machine account is kept. */
export const clientSecretId = (account: string): string => `client-secret.${account}`

export const basicOf = (account: string, secrets: Pick<SecretTable, 'textOf'>): string =>
  `Basic ${Buffer.from(`${account}:${secrets.textOf(clientSecretId(account))}`).toString('base64')}`

/** `error` as OAuth has it, from a text that begins with one of the listed causes or is one. */
export function oauthError(status: number, text: string): HttpAnswer {
  const listed = /^[a-z_]+/.exec(text)?.[0] ?? ''
  const error = ERRORS.has(listed)
    ? listed
    : status === 401
      ? 'invalid_client'
      : status >= 500
        ? 'temporarily_unavailable'
        : 'invalid_request'
  return jsonAnswer(status, text === error ? { error } : { error, error_description: text })
}

export async function answerToken(asked: Asked, secrets: SecretTable, asking: Asking): Promise<HttpAnswer> {
  if (asked.path.split('?')[0] !== TOKEN_PATH) return jsonAnswer(404, { message: `only ${TOKEN_PATH} is served` })
  if (asked.method !== 'POST') return { ...jsonAnswer(405, { message: 'a token is asked for with POST' }), headers: { allow: 'POST' } }
  if (asked.headers['content-type']?.split(';')[0]?.trim() !== 'application/x-www-form-urlencoded')
    return jsonAnswer(415, { message: 'the body must be application/x-www-form-urlencoded' })
  const client = clientOf(asked.headers.authorization)
  if (client === null) {
    const refused = oauthError(401, 'the header Authorization with Basic of the machine account is missing or malformed')
    return { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Basic realm="idbroker"' } }
  }
  const form = await asked.body()
  if (form === null) return jsonAnswer(413, { message: `a form has at most ${MAX_FORM_BYTES} bytes` })
  const fields = new URLSearchParams(form)
  const grant = (fields.get('grant_type') ?? '').slice(0, 80)
  const refreshText = fields.get('refresh_token') ?? ''
  if (grant === '') return oauthError(400, 'invalid_request: grant_type is missing')
  if (grant === GRANT && refreshText === '') return oauthError(400, 'invalid_request: refresh_token is missing')
  const account = secrets.find(client.secret) === clientSecretId(client.account) ? client.account : null
  const refresh = secrets.find(refreshText)
  if ((account === null || refresh === null || grant !== GRANT) && !asking.mayTellRefusal())
    return oauthError(400, grant !== GRANT ? 'unsupported_grant_type' : account === null ? 'invalid_client' : 'invalid_refresh_token')
  return formOf(await asking.ask(asked, 'ci', { what: 'token', grant, account, refresh }), secrets)
}

function formOf({ status, text, token, expiresInS }: RealAnswer, secrets: SecretTable): HttpAnswer {
  if (status !== 200 || token === undefined) return oauthError(status, text)
  return jsonAnswer(200, { access_token: secrets.textOf(token), expires_in: expiresInS ?? 0, token_type: 'Bearer' })
}

function clientOf(authorization: string | undefined): { account: string; secret: string } | null {
  const encoded = /^Basic ([A-Za-z0-9+/]{1,1000}={0,2})$/i.exec(authorization ?? '')?.[1]
  if (encoded === undefined) return null
  const [, account, secret] = /^([^:]{1,64}):(.{1,500})$/s.exec(Buffer.from(encoded, 'base64').toString('utf8')) ?? []
  return account === undefined || secret === undefined ? null : { account, secret }
}
