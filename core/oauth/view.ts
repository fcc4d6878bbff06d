/** Refresh logins and MRA as the window shows them, and what does not fit (OAUTH-04, OAUTH-05, OAUTH-06, MRA-01, MRA-04). */
import { missingFor, MRA_LINKS, needsOf } from '../edge/mraCertificates.ts'
import type { MraView, OAuthView } from '../contract/oauth.ts'
import type { FindingRow } from '../contract/rows.ts'
import { counted } from '../figures.ts'
import type { World } from '../world.ts'
import { mismatch, REFRESH_LOGIN_FROM, supports } from './obstacle.ts'
import { unityObstacle } from './unity.ts'

/** Clients that are listed; the rest is counted. */
const LISTED = 500

type Finding = Omit<FindingRow, 'kind'>

export function oauthView(world: World): OAuthView {
  const { oauth, cluster, expresswayRelease } = world
  const named = (id: string): string => world.devices.get(id)?.label ?? id
  const oldMode = [...oauth.kept].filter(([id]) => world.devices.has(id))
  return {
    refreshLogins: cluster.oauthRefreshLogins,
    accessTokenMinutes: cluster.clientTokenMinutes,
    refreshTokenDays: cluster.clientRefreshDays,
    expressway: expresswayRelease === null ? null : { refresh: oauth.expressway, matches: mismatch(world) === null },
    unity: oauth.unity && { ...oauth.unity },
    oldMode: oldMode
      .slice(0, LISTED)
      .map(([id, refresh]) => ({ device: id, label: named(id), mode: refresh ? 'refresh login' : 'old login' })),
    more: Math.max(0, oldMode.length - LISTED),
    prompts: [...oauth.prompts].slice(0, LISTED).map(([id, prompt]) => ({ device: id, label: named(id), ...prompt })),
    components: components(world),
  }
}

function components(world: World): OAuthView['components'] {
  const { cluster, expresswayRelease, oauth } = world
  const found: OAuthView['components'] = []
  const add = (component: string, product: 'unifiedCm' | 'expressway' | 'jabber', release: string, minimum: string): void =>
    void found.push({ component, release, minimum, supported: supports(product, release, minimum) })
  add('Unified CM', 'unifiedCm', cluster.release, REFRESH_LOGIN_FROM.unifiedCm)
  if (expresswayRelease !== null) add('Expressway', 'expressway', expresswayRelease, REFRESH_LOGIN_FROM.expressway)
  if (oauth.unity) add('Unity Connection', 'unifiedCm', oauth.unity.release, REFRESH_LOGIN_FROM.unity)
  const jabbers = new Set<string>()
  for (const device of world.devices.values()) if (device.client === 'jabber') jabbers.add(device.clientRelease)
  for (const release of [...jabbers].toSorted()) add('Jabber', 'jabber', release, REFRESH_LOGIN_FROM.jabber)
  return found
}

export function mraView(world: World): MraView {
  const { mra, knowsPush, oauth } = world
  return {
    release: world.expresswayRelease,
    layout: mra.layout,
    items: needsOf(mra.layout).map(([item, links]) => ({ item, present: mra.present.has(item), neededBy: [...links] })),
    links: MRA_LINKS.map((link) => {
      const missing = missingFor(world, link)
      return { link, health: missing.length === 0 ? 'up' : 'down', missing }
    }),
    authz: { ...mra.authz, equal: mra.authz.unifiedCm === mra.authz.expressway },
    oauth: { refresh: oauth.expressway, matches: mismatch(world) === null },
    pushKnowledge: { refreshed: knowsPush.refreshed, c: knowsPush.c, e: knowsPush.e, wrongOrder: knowsPush.wrongOrder },
  }
}

export function* oauthFindings(world: World): Iterable<Finding> {
  const { oauth, cluster, mra, expresswayRelease } = world
  const apart = mismatch(world)
  if (apart) {
    yield {
      id: 'oauth:expressway',
      level: 'Fail',
      subject: 'Expressway',
      text: `MRA logins fail: ${apart.text}.`,
      fix: 'Configuration > Unified Communications > MRA Access Control: set Authorize by OAuth token with refresh to On with Enabled, Off with Disabled.',
      why: 'OAUTH-06',
    }
  }
  if (oauth.kept.size > 0) {
    yield {
      id: 'oauth:reset',
      level: 'Warning',
      subject: 'Clients',
      text: `${counted(oauth.kept.size, 'client keeps', 'clients keep')} the login mode from before the parameter was saved.`,
      fix: 'Reset all Jabber and Webex clients.',
      why: 'OAUTH-04',
    }
  }
  if (cluster.oauthRefreshLogins) {
    for (const { component, release, minimum, supported } of components(world)) {
      if (supported) continue
      yield {
        id: `oauth:old:${component}:${release}`,
        level: 'Fail',
        subject: component,
        text: `${component} ${release} knows no refresh logins: its logins fail.`,
        fix: `Upgrade it to ${minimum} or later.`,
        why: 'OAUTH-05',
      }
    }
    const unity = oauth.unity ? unityObstacle(world) : null
    if (unity?.why === 'OAUTH-07') {
      yield {
        id: 'oauth:unity',
        level: 'Fail',
        subject: 'Unity Connection',
        text: `Voicemail logins with a token fail: ${unity.text}.`,
        fix: 'System Settings > Enterprise Parameters, SSO and OAuth Configuration: OAuth with Refresh Login = Enabled; System Setting > Authz Server: the Unified CM publisher.',
        why: 'OAUTH-07',
      }
    }
  }
  if (expresswayRelease === null) return
  if (mra.authz.unifiedCm !== mra.authz.expressway) {
    yield {
      id: 'mra:authz',
      level: 'Warning',
      subject: 'Expressway-C',
      text: `Its Authz certificate (version ${mra.authz.expressway}) is not that of Unified CM (version ${mra.authz.unifiedCm}).`,
      fix: 'Configuration > Unified Communications > Unified CM servers: Refresh Servers, then restart Expressway-C.',
      why: 'MRA-01',
    }
  }
  for (const link of MRA_LINKS) {
    const missing = missingFor(world, link)
    if (missing.length === 0) continue
    yield {
      id: `mra:link:${link}`,
      level: 'Fail',
      subject: `Expressway-C: ${link}`,
      text: `No trust: ${missing.join(', ')} missing.`,
      fix: `Layout "${mra.layout}": install what is missing.`,
      why: 'MRA-04',
    }
  }
}
