/**
 * Google's token endpoint as far as a server needs it (FCM-01): a service account proves itself with a signed
 * JWT (RFC 7523) and gets an access token for its project. What is kept is a hash of each token.
 */
import { createHash, generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { compactVerify, decodeJwt, importSPKI, type JWTPayload } from 'jose'
import { json, type FcmAnswer } from '../../cloud/fcm/errors.ts'
import type { FcmViews } from '../../cloud/fcm/send.ts'

export const TOKEN_PATH = '/token'
const AUDIENCES = [
  'https://oauth2.googleapis.com/token',
  'https://accounts.google.com/o/oauth2/token',
  'https://www.googleapis.com/oauth2/v4/token',
]
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
/** Either is enough to send. */
const SCOPES = ['https://www.googleapis.com/auth/firebase.messaging', 'https://www.googleapis.com/auth/cloud-platform']

/** Google says a second less than an hour. */
export const TOKEN_LIFETIME_S = 3_599
const MAX_ASSERTION_S = 3_600
/** A client whose clock is a little off is served. */
const CLOCK_SKEW_S = 300
/** Tokens that are remembered, dead ones too; the oldest goes and is unknown then. */
export const MAX_ACCESS_TOKENS = 10_000

/** What the endpoint has to know of an account. */
export type ServiceAccount = { project: string; clientEmail: string; /** PEM. */ publicKey: string }

/** The file that the Firebase console would give; `cert()` of firebase-admin takes it as it is. */
export type ServiceAccountKey = {
  type: 'service_account'
  project_id: string
  private_key_id: string
  private_key: string
  client_email: string
  token_uri: string
}

export async function createServiceAccount(project: string): Promise<{ account: ServiceAccount; key: ServiceAccountKey }> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const clientEmail = `firebase-adminsdk@${project}.iam.gserviceaccount.com`
  return {
    account: { project, clientEmail, publicKey: pair.publicKey },
    key: {
      type: 'service_account',
      project_id: project,
      private_key_id: randomBytes(20).toString('hex'),
      private_key: pair.privateKey,
      client_email: clientEmail,
      token_uri: AUDIENCES[0] as string,
    },
  }
}

type Granted = { project: string; expiresAt: number }

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64')

const bad = (error: string, description: string): FcmAnswer => json(400, { error, error_description: description })

export class TokenEndpoint {
  private readonly accounts: Map<string, ServiceAccount>
  private readonly granted = new Map<string, Granted>()
  private readonly now: () => number

  /** `now`: wall time in ms, because assertions carry it. */
  constructor(accounts: readonly ServiceAccount[], now: () => number) {
    this.accounts = new Map(accounts.map((account) => [account.clientEmail, account]))
    this.now = now
  }

  /** `form`: the body of `POST /token`, null when it was too long to read. */
  async grant(form: string | null): Promise<FcmAnswer> {
    const fields = new URLSearchParams(form ?? '')
    if (fields.get('grant_type') !== GRANT)
      return bad('unsupported_grant_type', `Invalid grant_type: ${(fields.get('grant_type') ?? '').slice(0, 100)}`)
    const assertion = fields.get('assertion') ?? ''
    const claims = claimsOf(assertion)
    if (claims === null) return bad('invalid_grant', 'Invalid JWT: it must have three parts in base64url.')
    const account = this.accounts.get(claims.iss ?? '')
    if (!account) return bad('invalid_grant', 'Invalid grant: account not found')
    const [iat, exp] = [secondsOf(claims.iat), secondsOf(claims.exp)]
    const nowS = this.now() / 1_000
    if (exp - iat > MAX_ASSERTION_S || iat > nowS + CLOCK_SKEW_S || exp < nowS - CLOCK_SKEW_S)
      return bad(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      )
    if (!AUDIENCES.includes(String(claims.aud))) return bad('invalid_grant', 'Invalid JWT: Failed audience check.')
    if (!(await signedBy(assertion, account.publicKey))) return bad('invalid_grant', 'Invalid JWT Signature.')
    const scopes = String(claims['scope'] ?? '').split(' ')
    if (!scopes.some((scope) => SCOPES.includes(scope))) return bad('invalid_scope', 'Invalid OAuth scope or ID token audience provided.')
    return json(200, { access_token: this.issue(account.project), expires_in: TOKEN_LIFETIME_S, token_type: 'Bearer' })
  }

  /** A token for a person who has no service account at hand, or for a test. */
  issue(project: string, lifetimeS: number = TOKEN_LIFETIME_S): string {
    const token = `ya29.c.${randomBytes(48).toString('base64url')}`
    if (this.granted.size >= MAX_ACCESS_TOKENS) this.granted.delete(this.granted.keys().next().value as string)
    this.granted.set(hashOf(token), { project, expiresAt: this.now() + lifetimeS * 1_000 })
    return token
  }

  bearer(token: string, project: string): ReturnType<FcmViews['bearer']> {
    const known = this.granted.get(hashOf(token))
    if (!known) return 'unknown'
    if (this.now() >= known.expiresAt) return 'expired'
    return known.project === project ? 'ok' : 'forbidden'
  }
}

function claimsOf(assertion: string): JWTPayload | null {
  try {
    return decodeJwt(assertion)
  } catch {
    return null
  }
}

/** What is no number is never in time: compared with a text nothing would be too late. */
const secondsOf = (claim: unknown): number => (typeof claim === 'number' ? claim : claim === undefined ? 0 : Infinity)

/** Times are looked at before, with words of Google's. */
async function signedBy(assertion: string, publicKey: string): Promise<boolean> {
  try {
    await compactVerify(assertion, await importSPKI(publicKey, 'RS256'), { algorithms: ['RS256'] })
    return true
  } catch {
    return false
  }
}
