/** Who may push to the stand-ins of APNs and FCM: a provider outside, and Push REST of the lab. Made once for a process. */
import { createProviderKey } from '../apns/providerKeys.ts'
import { createServiceAccount } from '../fcm/oauth.ts'
import { ownProviderToken, type ApnsKey } from './apnsSite.ts'
import { PROJECT } from './fcmSite.ts'

/** Of Push REST; renewed before its hour is over. */
const OWN_FCM_TOKEN_MS = 50 * 60_000

export type PlatformKeys = {
  /** For the provider outside. */
  apns: ApnsKey
  /** All that APNs knows. */
  apnsKeys: readonly ApnsKey[]
  fcm: Awaited<ReturnType<typeof createServiceAccount>>
  /** A provider token of the outside key, the same for most of an hour: a key that is renewed too often gets 429 (APNS-02). */
  apnsToken(): string
  /** Authorization of Push REST at APNs. */
  apnsAuthorization(): string
}

export async function createPlatformKeys(): Promise<PlatformKeys> {
  const [apns, own] = [createProviderKey(), createProviderKey()]
  const token = ownProviderToken(own)
  return {
    apns,
    apnsKeys: [apns, own],
    fcm: await createServiceAccount(PROJECT),
    apnsToken: ownProviderToken(apns),
    apnsAuthorization: () => `bearer ${token()}`,
  }
}

/** Authorization of Push REST at FCM: a token of this opening, kept until shortly before its end. */
export function fcmAuthorization(issue: () => string): () => string {
  let made = { text: '', atMs: -Infinity }
  return () => {
    const now = performance.now()
    if (now - made.atMs >= OWN_FCM_TOKEN_MS) made = { text: issue(), atMs: now }
    return `Bearer ${made.text}`
  }
}
