/**
 * The login at a proxy, both sides of it: Basic (RFC 7617) and Digest (RFC 7616) with real responses (PROXY-02).
 * Hashes come from a port, so that the same code serves virtual time and sockets.
 */
import type { DigestAlgorithm, Sealer } from '../engine/sealer.ts'

export type Hashing = Pick<Sealer, 'digest' | 'base64'>

export type Scheme = 'Basic' | 'Digest'

export type Login = { user: string; password: string }

export type DigestChallenge = {
  scheme: 'Digest'
  realm: string
  nonce: string
  algorithm: DigestAlgorithm
  /** Whether the proxy asks for qop "auth"; without it the response is that of RFC 2069. */
  qop: boolean
  opaque: string | null
  /** The credentials were right, only their nonce was too old. */
  stale: boolean
}

export type Challenge = { scheme: 'Basic'; realm: string } | DigestChallenge | { scheme: 'other'; name: string }

/** Longest Proxy-Authenticate that is read; more is cut. */
const CHALLENGE_MAX = 4_096

/** A token alone is a scheme; `name=value` belongs to the scheme before it. */
const WORD = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g

/** Reads the values of all Proxy-Authenticate lines. What Unified CM does not speak comes out as `other`. */
export function readChallenges(values: readonly string[]): Challenge[] {
  const found: { name: string; params: Map<string, string> }[] = []
  for (const value of values) {
    for (const [, word = '', quoted, plain] of value.slice(0, CHALLENGE_MAX).matchAll(WORD)) {
      const last = found.at(-1)
      if (quoted === undefined && plain === undefined) found.push({ name: word, params: new Map() })
      else last?.params.set(word.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
    }
  }
  return found.map(({ name, params }) => challengeOf(name, params))
}

function challengeOf(name: string, params: Map<string, string>): Challenge {
  const realm = params.get('realm') ?? ''
  if (name.toLowerCase() === 'basic') return { scheme: 'Basic', realm }
  const algorithm = (params.get('algorithm') ?? 'MD5').toUpperCase()
  const nonce = params.get('nonce')
  const qop = params.get('qop')
  const offers = (qop ?? '').split(',').map((each) => each.trim().toLowerCase())
  const fits = (algorithm === 'MD5' || algorithm === 'SHA-256') && (qop === undefined || offers.includes('auth'))
  if (name.toLowerCase() !== 'digest' || nonce === undefined || !fits) return { scheme: 'other', name }
  return {
    scheme: 'Digest',
    realm,
    nonce,
    algorithm,
    qop: qop !== undefined,
    opaque: params.get('opaque') ?? null,
    stale: params.get('stale')?.toLowerCase() === 'true',
  }
}

/** How challenges are named to a person: `Digest`, or `Negotiate, NTLM`. */
export const challengeNames = (challenges: readonly Challenge[]): string =>
  challenges.map((each) => (each.scheme === 'other' ? each.name : each.scheme)).join(', ')

/** The line that lets a client ask: value of Proxy-Authenticate. */
export function challengeLine(challenge: Challenge): string {
  switch (challenge.scheme) {
    case 'Basic':
      return `Basic realm=${quote(challenge.realm)}, charset="UTF-8"`
    case 'Digest': {
      const { realm, nonce, algorithm, qop, opaque, stale } = challenge
      const parts = [`realm=${quote(realm)}`, `nonce=${quote(nonce)}`, `algorithm=${algorithm}`]
      if (qop) parts.push('qop="auth"')
      if (opaque !== null) parts.push(`opaque=${quote(opaque)}`)
      if (stale) parts.push('stale=true')
      return `Digest ${parts.join(', ')}`
    }
    case 'other':
      return challenge.name
  }
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** What a request of this method and URI is signed with: `uses` counts the answers to one nonce, from 1 on. */
export type Signed = { method: string; uri: string; uses: number; cnonce: string }

export function basicCredentials(login: Login, hashing: Hashing): string {
  return `Basic ${hashing.base64(`${login.user}:${login.password}`)}`
}

/** Value of Proxy-Authorization that answers a Digest challenge. */
export function digestCredentials(login: Login, challenge: DigestChallenge, signed: Signed, hashing: Hashing): string {
  const nc = signed.uses.toString(16).padStart(8, '0')
  const response = responseOf(login, challenge, { ...signed, nc }, hashing)
  const parts = [
    `username=${quote(login.user)}`,
    `realm=${quote(challenge.realm)}`,
    `nonce=${quote(challenge.nonce)}`,
    `uri=${quote(signed.uri)}`,
    `algorithm=${challenge.algorithm}`,
    `response="${response}"`,
  ]
  if (challenge.qop) parts.push('qop=auth', `nc=${nc}`, `cnonce=${quote(signed.cnonce)}`)
  if (challenge.opaque !== null) parts.push(`opaque=${quote(challenge.opaque)}`)
  return `Digest ${parts.join(', ')}`
}

/**
 * A login as it is kept where the password is not: `secret` is the name of the password. `challenge` is the value of
 * Proxy-Authenticate that is answered, `uses` how often it was, from 1 on.
 */
export type ProxyLogin =
  | { scheme: 'Basic'; user: string; secret: string }
  | { scheme: 'Digest'; user: string; secret: string; challenge: string; uses: number; cnonce: string }

/** Value of Proxy-Authorization, once the password is known; null when the challenge is none of Digest. */
export function credentialsOf(
  login: ProxyLogin,
  password: string,
  request: { method: string; uri: string },
  hashing: Hashing,
): string | null {
  const { user } = login
  if (login.scheme === 'Basic') return basicCredentials({ user, password }, hashing)
  const challenge = readChallenges([login.challenge]).find((each) => each.scheme === 'Digest')
  return challenge
    ? digestCredentials({ user, password }, challenge, { ...request, uses: login.uses, cnonce: login.cnonce }, hashing)
    : null
}

function responseOf(
  login: Login,
  challenge: DigestChallenge,
  signed: { method: string; uri: string; nc: string; cnonce: string },
  hashing: Hashing,
): string {
  const hash = (text: string): string => hashing.digest(challenge.algorithm, text)
  const secret = hash(`${login.user}:${challenge.realm}:${login.password}`)
  const request = hash(`${signed.method}:${signed.uri}`)
  return challenge.qop
    ? hash(`${secret}:${challenge.nonce}:${signed.nc}:${signed.cnonce}:auth:${request}`)
    : hash(`${secret}:${challenge.nonce}:${request}`)
}

/** Value of Proxy-Authorization as the proxy reads it. */
export type Shown = { scheme: 'none' } | { scheme: 'Basic'; value: string } | { scheme: 'Digest'; params: Map<string, string> }

export function readCredentials(value: string | null): Shown {
  if (value === null) return { scheme: 'none' }
  if (/^basic /i.test(value)) return { scheme: 'Basic', value: `Basic ${value.slice(6).trim()}` }
  const params = new Map<string, string>()
  for (const [, word = '', quoted, plain] of value.slice(0, CHALLENGE_MAX).matchAll(WORD)) {
    if (quoted !== undefined || plain !== undefined) params.set(word.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '')
  }
  return { scheme: 'Digest', params }
}

/** Whether this answer to a challenge of ours proves that its sender knows the password. */
export function digestFits(
  params: ReadonlyMap<string, string>,
  login: Login,
  challenge: DigestChallenge,
  request: { method: string; uri: string },
  hashing: Hashing,
): boolean {
  const nc = params.get('nc') ?? ''
  const cnonce = params.get('cnonce') ?? ''
  if (params.get('uri') !== request.uri || params.get('realm') !== challenge.realm || params.get('username') !== login.user) return false
  if (challenge.qop && (params.get('qop') !== 'auth' || !/^[0-9a-f]{8}$/.test(nc) || cnonce === '')) return false
  return params.get('response') === responseOf(login, challenge, { ...request, nc, cnonce }, hashing)
}
