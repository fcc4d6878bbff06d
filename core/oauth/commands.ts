/** Commands around refresh logins, Unity Connection and the certificates of MRA. */
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import type { oauthCommands } from '../contract/oauth.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { needsOf } from '../edge/mraCertificates.ts'
import { settleLocalPush } from '../lpns/client.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import { admin, missing, onDevice, refused } from '../replies.ts'
import type { World } from '../world.ts'
import { logIn, reset } from './login.ts'
import { mismatch } from './obstacle.ts'
import { openVoicemail } from './unity.ts'

type Names = Extract<LabCommandName, keyof typeof oauthCommands>

const noExpressway = (world: World): Reply | null =>
  world.expresswayRelease === null
    ? failure('refused', 'this lab has no Expressway', [
        { path: 'edge.expressway', message: 'there is none', fix: 'add "edge: { expressway: {} }" to the scenario file' },
      ])
    : null

/** Certificates changed: links and sessions over MRA follow. */
function mraChanged(world: World): void {
  for (const id of [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])]) world.touch('link', `expressway-c~${id}`)
  for (const device of world.devices.values()) {
    if (!device.mra) continue
    settlePushSession(world, device)
    world.touch('device', device.id)
  }
}

/** System > Enterprise Parameters > SSO Configuration. */
function setParameters(world: World, args: LabCommandArgs<'cluster.oauth'>): Reply {
  const { cluster, oauth } = world
  const { refreshLogins, accessTokenMinutes, refreshTokenDays } = args
  if (refreshLogins === undefined && accessTokenMinutes === undefined && refreshTokenDays === undefined)
    return failure('bad-request', 'nothing to set: name refreshLogins, accessTokenMinutes or refreshTokenDays')
  const place = cluster.publisher.id
  if (accessTokenMinutes !== undefined || refreshTokenDays !== undefined) {
    cluster.clientTokenMinutes = accessTokenMinutes ?? cluster.clientTokenMinutes
    cluster.clientRefreshDays = refreshTokenDays ?? cluster.clientRefreshDays
    const text = `access tokens ${cluster.clientTokenMinutes} min, refresh tokens ${cluster.clientRefreshDays} days, for those given out from now on`
    admin(world, place, 'OAuth token expiry timers', text, 'OAUTH-03')
  }
  if (refreshLogins === undefined) return ok({})
  if (refreshLogins !== cluster.oauthRefreshLogins) {
    for (const device of world.devices.values()) {
      if (device.client === 'deskphone' || !device.signedIn) continue
      // Back to the mode that it never left: nothing to reset.
      if (oauth.kept.get(device.id) === refreshLogins) oauth.kept.delete(device.id)
      else if (!oauth.kept.has(device.id)) oauth.kept.set(device.id, cluster.oauthRefreshLogins)
    }
  }
  cluster.oauthRefreshLogins = refreshLogins
  admin(world, place, 'OAuth with Refresh Login Flow', refreshLogins ? 'Enabled' : 'Disabled', 'OAUTH-01')
  for (const device of world.devices.values()) settleLocalPush(world, device)
  return ok({})
}

export const oauthHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'cluster.oauth': setParameters,
  'client.reset': (world, { devices }) => {
    const unknown = devices?.find((id) => !world.devices.has(id))
    if (unknown !== undefined) return missing('device', unknown, world.devices.keys())
    const chosen = devices === undefined ? [...world.devices.values()] : devices.flatMap((id) => world.devices.get(id) ?? [])
    admin(
      world,
      world.cluster.publisher.id,
      'clients reset',
      devices === undefined ? 'all Jabber and Webex clients' : devices.slice(0, 8).join(', '),
      'OAUTH-04',
    )
    for (const device of chosen) reset(world, device)
    return ok({})
  },
  'device.login': (world, { device }) => onDevice(world, device, (found) => logIn(world, found)),
  'device.voicemail': (world, { device }) => {
    const found = world.devices.get(device)
    if (!found) return missing('device', device, world.devices.keys())
    const flow = openVoicemail(world, found)
    return typeof flow === 'string' ? failure('refused', flow) : ok({ flow: flow.number })
  },
  'expressway.oauth': (world, { refresh }) => {
    const none = noExpressway(world)
    if (none) return none
    world.oauth.expressway = refresh
    const text = mismatch(world)?.text ?? 'matches Unified CM'
    admin(world, 'expressway-c', `Authorize by OAuth token with refresh: ${refresh ? 'On' : 'Off'}`, text, 'OAUTH-06')
    return ok({})
  },
  'authz.regenerate': (world) => {
    world.mra.authz.unifiedCm++
    admin(world, world.cluster.publisher.id, 'Authz certificate regenerated', `version ${world.mra.authz.unifiedCm}`, 'MRA-01')
    return ok({})
  },
  'unity.set': (world, { refreshLogin, authzServer }) => {
    const { unity } = world.oauth
    if (!unity) return failure('refused', 'this lab has no Unity Connection: add "unityConnection" to the cluster of the scenario')
    if (refreshLogin === undefined && authzServer === undefined)
      return failure('bad-request', 'nothing to set: name refreshLogin or authzServer')
    if (refreshLogin !== undefined) unity.refreshLogin = refreshLogin
    if (authzServer !== undefined) unity.authzServer = authzServer
    const text = `OAuth with Refresh Login ${unity.refreshLogin ? 'Enabled' : 'Disabled'}, ${unity.authzServer ? 'Unified CM publisher is Authz server' : 'no Authz server'}`
    admin(world, world.cluster.publisher.id, 'Unity Connection', text, 'OAUTH-07')
    return ok({})
  },
  'mra.layout': (world, { layout }) => {
    const none = noExpressway(world)
    if (none) return none
    world.mra.layout = layout
    world.mra.present = new Set(needsOf(layout).map(([item]) => item))
    admin(world, 'expressway-c', `certificates exchanged: ${layout}`, `${world.mra.present.size} items in place`, 'MRA-04')
    mraChanged(world)
    return ok({})
  },
  'mra.certificate': (world, { item, present }) => {
    const none = noExpressway(world)
    if (none) return none
    const { mra } = world
    if (!needsOf(mra.layout).some(([each]) => each === item)) {
      return failure('refused', `"${item}" is no part of the layout "${mra.layout}"`, [
        {
          path: 'item',
          message: 'not in this layout',
          fix: needsOf(mra.layout)
            .map(([each]) => each)
            .join(', '),
        },
      ])
    }
    if (mra.present.has(item) === present) return refused(`${item}: ${present ? 'there already' : 'missing already'}`)
    if (present) mra.present.add(item)
    else mra.present.delete(item)
    admin(world, 'expressway-c', `${item} ${present ? 'installed' : 'removed'}`, `layout ${mra.layout}`, 'MRA-04')
    mraChanged(world)
    return ok({})
  },
}
