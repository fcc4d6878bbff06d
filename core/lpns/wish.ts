/** Whether a client wants a local push session now: the conditions, in the order of set-up (LPNS-01 to LPNS-09). */
import type { Device } from '../client/device.ts'
import { featureOf } from '../release/index.ts'
import type { World } from '../world.ts'
import { configFor } from './jabberConfig.ts'
import { canLocalPush } from './places.ts'

export type Missing = { text: string; why: string }

/** Nothing is missing, but a real client has the place. */
export const REAL_CLIENT = 'LPNS-05'

/** Why this client holds no session now; null when it wants one. The first thing that is missing, in the order of set-up. */
export function missing(world: World, device: Device): Missing | null {
  if (device.os !== 'ios') return { text: 'local push is for iPhone and iPad only', why: 'LPNS-01' }
  if (device.mra) return { text: 'MRA clients never use local push', why: 'MRA-07' }
  if (!canLocalPush(world, device)) {
    const { reason, cell } = featureOf(world.gateFor(device).decision, 'localPush')
    return { text: `${reason} (${cell})`, why: 'LPNS-01' }
  }
  if (!device.signedIn) return { text: 'logged out', why: 'LPNS-18' }
  if (!world.cluster.onboarded) return { text: 'the cluster is not onboarded for APNs', why: 'LPNS-03' }
  if (!world.cluster.oauthRefreshLogins) return { text: 'OAuth with Refresh Login Flow is disabled', why: 'LPNS-06' }
  if (device.realClient) return { text: 'its place is kept for a real client, which is not connected', why: REAL_CLIENT }
  const ssids = device.config?.ssids ?? []
  if (ssids.length === 0) {
    const { broken } = configFor(world, device)
    return { text: broken?.text ?? 'its jabber-config.xml has no LocalPushSSIDList yet: the next REGISTER brings it', why: 'LPNS-08' }
  }
  if (device.booting) return { text: 'the phone boots', why: 'LPNS-15' }
  if (device.wifi === null) return { text: 'no Wi-Fi', why: 'LPNS-09' }
  if (!ssids.includes(device.wifi)) return { text: `Wi-Fi "${device.wifi}" is not in LocalPushSSIDList`, why: 'LPNS-09' }
  if (!device.wifiIsMainRoute) return { text: 'Wi-Fi is not its main route', why: 'LPNS-09' }
  if (device.lastNode === null) return { text: 'not registered yet', why: 'LPNS-09' }
  return null
}
