import { isSuspended, reachesCluster, reachesInternet, suspendedBecause, type Device } from '../client/device.ts'
import { homeNodeOf } from '../cluster/nodes.ts'
import { callReach, messageReach } from '../cluster/reach.ts'
import type { DeviceRow } from '../contract/rows.ts'
import { localPushOf } from '../lpns/rows.ts'
import { imDevice } from '../presence/rows.ts'
import type { World } from '../world.ts'

/** Nothing in it is written on later: what is sent of a row is what differs from the one before. */
export function deviceRow(world: World, device: Device): DeviceRow {
  const suspended = isSuspended(device)
  const reach = callReach(world, device)
  const key = device.keys[0]
  return {
    kind: 'device',
    id: device.id,
    label: device.label,
    owner: device.owner,
    ownerName: device.ownerName,
    client: device.client,
    clientRelease: device.clientRelease,
    os: device.os,
    osRelease: device.osRelease,
    pool: device.pool,
    lines: device.lines,
    mra: device.mra,
    region: device.region,
    signedIn: device.signedIn,
    app: device.app,
    locked: device.locked,
    screenOn: device.screenOn,
    suspended,
    suspendedBecause: suspendedBecause(device),
    network: {
      wifi: device.wifi,
      wifiIsMainRoute: device.wifiIsMainRoute,
      cellular: device.cellular,
      internet: reachesInternet(device),
      connected: reachesCluster(device),
    },
    trustsPrivateCa: device.trustsPrivateCa,
    notificationsAllowed: device.notificationsAllowed,
    voipSocket: device.voipSocket,
    registeredTo: device.registration?.node ?? null,
    lastNode: device.lastNode,
    homeNode: homeNodeOf(world, device),
    sip: device.registration ? (device.registration.connected ? 'connected' : 'suspended') : 'none',
    ...imDevice(world, device),
    presence: device.presence,
    subscriberService: device.os === 'desktop' ? '' : device.service,
    tokenShort: device.token === '' ? '' : `…${device.token.slice(-4)}`,
    tokenSetAt: device.tokenSetAt,
    tokenDead: device.subscription?.stopped ?? false,
    keyFingerprint: key?.fingerprint ?? '',
    keySetAt: key?.setAt ?? 0,
    screen: {
      lit: device.screenOn,
      locked: device.locked,
      appOnScreen: device.app === 'on screen',
      statusBar: device.client === 'deskphone' ? '' : device.mra ? 'MRA' : (device.wifi ?? (device.cellular ? '5G' : 'no network')),
      call: device.call,
      banners: device.banners.map(({ push: _push, ...banner }) => banner),
    },
    localPush: localPushOf(world, device),
    reach,
    messageReach: messageReach(world, device),
    missedCalls: device.missedCalls,
    pushes: device.pushes,
    warnings: device.os === 'desktop' ? [] : world.gateFor(device).decision.warnings.map((warning) => warning.text),
    state: stateOf(device, suspended, reach.verdict === 'no'),
  }
}

function stateOf(device: Device, suspended: boolean, unreachable: boolean): DeviceRow['state'] {
  if (!device.signedIn) return 'signed out'
  if (device.call?.state === 'active') return 'in call'
  if (device.call) return 'ringing'
  if (device.awakeFor !== null) return 'waking'
  if (unreachable) return 'unreachable'
  return suspended ? 'suspended' : 'idle'
}
