/**
 * Provider tokens (APNS-02): how old one may be, and how often a key may come with a new one. The signature is
 * somebody else's business: ES256 comes through a port.
 */
import type { Reason } from './reasons.ts'

export type Environment = 'production' | 'sandbox'

/** A JWT whose ES256 signature was found good. */
export type ProviderToken = {
  keyId: string
  teamId: string
  /** Its `iat`. */
  issuedAtMs: number
  /** Topics that the key may push to; null is all of its team. */
  topics: ReadonlySet<string> | null
  /** Newer keys are good for one environment only; null is both. */
  environment: Environment | null
}

/** The token, or null when it is malformed, of an unknown key or team, or signed by somebody else. */
export type Verify = (jwt: string) => ProviderToken | null

export const MAX_TOKEN_AGE_MS = 60 * 60_000

/** A provider's clock may be this much ahead. Our choice: Apple names no value. */
export const MAX_CLOCK_AHEAD_MS = 60_000

/** A key may be renewed once in this time. */
export const RENEWAL_MS = 20 * 60_000

const SCHEME = 'bearer '

/** The JWT of an `authorization` header, or null when there is none. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization?.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return null
  return authorization.slice(SCHEME.length).trim() || null
}

/** What is wrong with the age of a token, or null. */
export function ageFault(token: ProviderToken, atMs: number): Reason | null {
  const ageMs = atMs - token.issuedAtMs
  if (ageMs > MAX_TOKEN_AGE_MS) return 'ExpiredProviderToken'
  return ageMs < -MAX_CLOCK_AHEAD_MS ? 'InvalidProviderToken' : null
}

/** How often each key was renewed. A token that is older than the newest is another server's: no renewal. */
export class Renewals {
  private readonly keys = new Map<string, { newestMs: number; renewedAtMs: number | null }>()

  /** Takes a good token; false when its key was renewed too lately for one more. */
  take({ keyId, issuedAtMs }: ProviderToken, atMs: number): boolean {
    const known = this.keys.get(keyId)
    if (known === undefined) {
      this.keys.set(keyId, { newestMs: issuedAtMs, renewedAtMs: null })
      return true
    }
    if (issuedAtMs <= known.newestMs) return true
    if (known.renewedAtMs !== null && atMs - known.renewedAtMs < RENEWAL_MS) return false
    known.newestMs = issuedAtMs
    known.renewedAtMs = atMs
    return true
  }
}
