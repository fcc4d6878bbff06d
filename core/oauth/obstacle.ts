/** Why a client cannot log in: settings that do not match, certificates, components that are too old (OAUTH-05, OAUTH-06, MRA-01). */
import type { Device } from '../client/device.ts'
import { mraLoginRed, mraSipRed } from '../edge/mraCertificates.ts'
import { compareReleases, PRODUCT_NAME, readRelease, type Product } from '../release/index.ts'
import type { World } from '../world.ts'

type Obstacle = { text: string; why: string }

/** First releases with refresh logins [public: guide to OAuth in Collaboration 12.0]. */
export const REFRESH_LOGIN_FROM = { unifiedCm: '11.5(1)SU3', expressway: 'X8.10', jabber: '11.9', unity: '11.5(1)SU3' } as const

export function supports(product: Product, release: string, minimum: string): boolean {
  const have = readRelease(product, release)
  const need = readRelease(product, minimum)
  return have.ok && need.ok && compareReleases(have.value, need.value) >= 0
}

/** The mode that this client logs in with: true for refresh logins. */
export const modeOf = ({ oauth, cluster }: World, device: Device): boolean => oauth.kept.get(device.id) ?? cluster.oauthRefreshLogins

/** The settings of Expressway and Unified CM; null when they match (OAUTH-06). */
export function mismatch({ oauth, cluster, expresswayRelease }: World): Obstacle | null {
  if (expresswayRelease === null || oauth.expressway === cluster.oauthRefreshLogins) return null
  const expressway = oauth.expressway ? 'On' : 'Off'
  const cm = cluster.oauthRefreshLogins ? 'Enabled' : 'Disabled'
  return {
    text: `configuration mismatch: Authorize by OAuth token with refresh is ${expressway}, OAuth with Refresh Login Flow is ${cm}`,
    why: 'OAUTH-06',
  }
}

export function loginObstacle(world: World, device: Device): Obstacle | null {
  const { cluster, expresswayRelease, mra } = world
  const overMra = device.mra && expresswayRelease !== null
  if (overMra) {
    const apart = mismatch(world) ?? mraLoginRed(world)
    if (apart) return apart
    if (cluster.oauthRefreshLogins && mra.authz.expressway !== mra.authz.unifiedCm)
      return { text: 'Expressway-C has an older Authz certificate than Unified CM: refresh its servers', why: 'MRA-01' }
  }
  if (!cluster.oauthRefreshLogins) return null
  const old = (product: Product, release: string, minimum: string): Obstacle | null =>
    supports(product, release, minimum)
      ? null
      : { text: `${PRODUCT_NAME[product]} ${release} knows no refresh logins: ${minimum} or later does`, why: 'OAUTH-05' }
  return (
    old('unifiedCm', cluster.release, REFRESH_LOGIN_FROM.unifiedCm) ??
    (overMra ? old('expressway', expresswayRelease, REFRESH_LOGIN_FROM.expressway) : null) ??
    (device.client === 'jabber' ? old('jabber', device.clientRelease, REFRESH_LOGIN_FROM.jabber) : null)
  )
}

/** Why a REGISTER of this client cannot even start: its user is asked to log in, or Expressway-C lets no SIP through. */
export function registerObstacle(world: World, device: Device): Obstacle | null {
  const prompt = world.oauth.prompts.get(device.id)
  if (prompt) return { text: `its user has to log in first: ${prompt.text}`, why: prompt.why }
  return device.mra ? mraSipRed(world) : null
}
