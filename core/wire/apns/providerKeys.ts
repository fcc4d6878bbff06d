/** Provider keys of the lab, and ES256 signatures checked against them with Node's own OpenSSL (APNS-02). */
import { createPublicKey, generateKeyPairSync, randomBytes, verify, type KeyObject } from 'node:crypto'
import { z } from 'zod'
import type { Environment, ProviderToken, Verify } from '../../cloud/apns/providerToken.ts'

export type ProviderKey = {
  /** Ten characters, as Apple's. */
  keyId: string
  teamId: string
  /** PEM. */
  publicKey: string
  /** Bundle IDs that it may push to; all of its team when left out. */
  topics?: readonly string[]
  environment?: Environment
}

/** Good tokens are used for an hour; beyond this many the oldest is checked anew. */
const CHECKED_KEPT = 1_000

/** Ours has about 200 characters; nobody's has ten times that. */
const MAX_JWT_CHARS = 2_048

const SIGNATURE_BYTES = 64

const headerSchema = z.object({ alg: z.literal('ES256'), kid: z.string() })
const claimsSchema = z.object({ iss: z.string(), iat: z.number() })

/** A new key pair: the private one is for the provider, as the `.p8` file that Apple hands out once. */
export function createProviderKey(
  teamId = letters(10),
  options: Pick<ProviderKey, 'topics' | 'environment'> = {},
): ProviderKey & { p8: string } {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return { keyId: letters(10), teamId, publicKey: pair.publicKey, p8: pair.privateKey, ...options }
}

const ALPHABET = 'ABCDEFGHIJKLMNPQRSTUVWXYZ2345678' // 32 of them: each byte picks evenly
const letters = (count: number): string => Array.from(randomBytes(count), (byte) => ALPHABET[byte % ALPHABET.length]).join('')

/** A JWT is checked once and then known by its text. */
export function verifierFor(keys: readonly ProviderKey[]): Verify {
  const known = new Map(
    keys.map((key) => [key.keyId, { ...key, key: createPublicKey(key.publicKey), allowed: key.topics ? new Set(key.topics) : null }]),
  )
  const checked = new Map<string, ProviderToken>()
  return (jwt) => {
    const before = checked.get(jwt)
    if (before) return before
    if (jwt.length > MAX_JWT_CHARS) return null
    const [header = '', claims = '', signature = '', more] = jwt.split('.')
    if (more !== undefined) return null
    const head = headerSchema.safeParse(parse(header))
    const said = claimsSchema.safeParse(parse(claims))
    if (!head.success || !said.success) return null
    const key = known.get(head.data.kid)
    if (!key || key.teamId !== said.data.iss || !signed(key.key, `${header}.${claims}`, signature)) return null
    const token: ProviderToken = {
      keyId: key.keyId,
      teamId: key.teamId,
      issuedAtMs: said.data.iat * 1_000,
      topics: key.allowed,
      environment: key.environment ?? null,
    }
    if (checked.size >= CHECKED_KEPT) checked.delete(checked.keys().next().value as string)
    checked.set(jwt, token)
    return token
  }
}

function signed(key: KeyObject, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url')
  // A JWT has the two numbers of the signature side by side, not in DER.
  return bytes.length === SIGNATURE_BYTES && verify('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }, bytes)
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown
  } catch {
    return null
  }
}
