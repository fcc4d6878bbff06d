/**
 * The HTTP or HTTPS proxy between the cluster and the cloud, its own side: where it answers, whom it lets in, and how it
 * fares on the way to the cloud. It passes on what it cannot read (PROXY-01, DEC-26).
 */
import type { ProxySettings } from '../cloud/way.ts'
import type { Scenario } from '../contract/scenario.ts'
import type { DigestAlgorithm } from '../engine/sealer.ts'
import { basicCredentials, digestFits, readCredentials, type Challenge, type DigestChallenge, type Hashing } from './proxyAuth.ts'

/** A nonce of its Digest challenge is good for this long: squid's own default. */
export const NONCE_LIFE_MS = 30 * 60_000

/** Nonces that it remembers; older ones are stale. */
const NONCES_KEPT = 1_000

export type LabProxy = {
  readonly id: string
  readonly product: 'Cisco WSA' | 'other'
  readonly kind: 'HTTP' | 'HTTPS'
  readonly port: number
  readonly fqdn: string | null
  /** What DNS says of its name, in turn. It answers there, and at its virtual address. */
  addresses: readonly string[]
  virtualAddress: string | null
  /** Where it once answered (PROXY-07). */
  readonly former: Set<string>
  asks: 'none' | 'Basic' | 'Digest' | 'Negotiate'
  algorithm: DigestAlgorithm
  user: string
  password: string
  /** How long it holds on to a failed connection of its own towards the cloud, and since when that one has failed (PROXY-05). */
  failoverMs: number
  upstreamFailedAt: number | null
  /** As saved on the Cloud Onboarding page; replaced as a whole, so that who uses older ones can be told (ONB-15). */
  settings: ProxySettings
  readonly nonces: Map<string, { madeAt: number; uses: number }>
}

export function newProxy(spec: NonNullable<Scenario['edge']['proxy']>): LabProxy {
  const { id, product, kind, port, addresses, asks, algorithm, user, secret, failoverMs, settings } = spec
  const fqdn = spec.fqdn ?? null
  return {
    id,
    product,
    kind,
    port,
    fqdn,
    addresses: [...addresses],
    virtualAddress: spec.virtualAddress ?? null,
    former: new Set(),
    asks,
    algorithm,
    user,
    password: secret,
    failoverMs,
    upstreamFailedAt: null,
    settings: {
      enabled: settings.enabled,
      server: settings.server ?? fqdn ?? addresses[0] ?? '',
      port: settings.port ?? port,
      kind: settings.kind ?? kind,
      authentication: settings.authentication ?? (asks === 'Negotiate' ? 'none' : asks),
      user: settings.user ?? user,
      password: settings.secret ?? secret,
    },
    nonces: new Map(),
  }
}

export const answersAt = (proxy: LabProxy, address: string): boolean =>
  proxy.addresses.includes(address) || proxy.virtualAddress === address

/** Whether a fault may sit on this address: one that the proxy has, or had. */
export const isAddressOf = (proxy: LabProxy, place: string): boolean => answersAt(proxy, place) || proxy.former.has(place)

/** What DNS says of a name; null when it knows none. */
export const lookUp = (proxy: LabProxy, name: string): readonly string[] | null =>
  proxy.fqdn !== null && proxy.fqdn.toLowerCase() === name.toLowerCase() ? proxy.addresses : null

/** When it uses its other connection to the cloud; null while the first one works, or the other is in use already. */
export function failsOverAt(proxy: LabProxy, now: number): number | null {
  if (proxy.upstreamFailedAt === null) return null
  const at = proxy.upstreamFailedAt + proxy.failoverMs
  return at > now ? at : null
}

export const WRONG_LOGIN = 'wrong user name or password'

/** `asksOnly`: nothing wrong was shown, it is only the question. */
export type LoginVerdict = { ok: true; text: string } | { ok: false; text: string; challenge: Challenge; asksOnly: boolean }

/** Whom it lets in. `newNonce` is asked only for a Digest challenge. */
export function checkLogin(
  proxy: LabProxy,
  credentials: string | null,
  request: { method: string; uri: string },
  now: number,
  hashing: Hashing,
  newNonce: () => string,
): LoginVerdict {
  const { asks, user, password } = proxy
  const shown = readCredentials(credentials)
  if (asks === 'none') return { ok: true, text: 'no login needed' }
  const asksOnly = shown.scheme === 'none'
  if (asks === 'Negotiate') return { ok: false, text: 'asks for Negotiate', challenge: { scheme: 'other', name: 'Negotiate' }, asksOnly }
  if (asks === 'Basic') {
    if (shown.scheme === 'Basic' && shown.value === basicCredentials({ user, password }, hashing))
      return { ok: true, text: 'login accepted: Basic' }
    return { ok: false, text: asksOnly ? 'asks for Basic' : WRONG_LOGIN, challenge: { scheme: 'Basic', realm: proxy.id }, asksOnly }
  }
  const base = { scheme: 'Digest', realm: proxy.id, algorithm: proxy.algorithm, qop: true, opaque: null } as const
  const refuse = (text: string, stale: boolean): LoginVerdict => {
    const challenge: DigestChallenge = { ...base, nonce: keepNonce(proxy, newNonce(), now), stale }
    return { ok: false, text, challenge, asksOnly: asksOnly || stale }
  }
  if (shown.scheme !== 'Digest') return refuse(asksOnly ? 'asks for Digest' : WRONG_LOGIN, false)
  const nonce = shown.params.get('nonce') ?? ''
  if (!digestFits(shown.params, { user, password }, { ...base, nonce, stale: false }, request, hashing)) return refuse(WRONG_LOGIN, false)
  const known = proxy.nonces.get(nonce)
  const uses = Number.parseInt(shown.params.get('nc') ?? '0', 16)
  if (!known || now - known.madeAt >= NONCE_LIFE_MS) return refuse('asks for Digest anew: the nonce is too old', true)
  if (uses <= known.uses) return refuse('asks for Digest anew: this answer was used before', true)
  known.uses = uses
  return { ok: true, text: 'login accepted: Digest' }
}

function keepNonce(proxy: LabProxy, nonce: string, now: number): string {
  const { nonces } = proxy
  nonces.set(nonce, { madeAt: now, uses: 0 })
  const oldest = nonces.size > NONCES_KEPT ? nonces.keys().next().value : undefined
  if (oldest !== undefined) nonces.delete(oldest)
  return nonce
}
