/**
 * Payload encryption as a port: AES with a 256-bit key (SEC-01), synchronous because virtual time does
 * not wait. The form is a compact JWE, `dir` with `A256GCM`, so that any standard library opens it.
 */
export interface Sealer {
  /** Seals UTF-8 text. `key` has 32 bytes, `nonce` 12; a nonce is never used twice with one key. */
  seal(key: Uint8Array, nonce: Uint8Array, text: string): string
  /** The text, or null when the key does not fit or the content was changed. */
  open(key: Uint8Array, sealed: string): string | null
  /** First 4 bytes of SHA-256 over the key, as hex: names a key without showing it. */
  fingerprint(key: Uint8Array): string
  /** Digest of UTF-8 text as lower-case hex, for the login at a proxy (PROXY-02). */
  digest(algorithm: DigestAlgorithm, text: string): string
  /** UTF-8 text in base64, for the same. */
  base64(text: string): string
}

/** What Unified CM can compute for Digest authentication (RFC 7616). */
export type DigestAlgorithm = 'MD5' | 'SHA-256'

/** The protected header of every sealed payload, base64url of {"alg":"dir","enc":"A256GCM"}. */
export const SEALED_PREFIX = 'eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..'

const SEALED = /^eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0\.\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22}$/

/** Whether content has the form of a sealed payload: all that Push REST can know of it (SEC-02). */
export const looksSealed = (payload: string): boolean => SEALED.test(payload)
