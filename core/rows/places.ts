/** What stands in every lab under a name of its own, and how any place is called. */
import { OUTSIDE } from '../cloud/provider.ts'
import type { LabProxy } from '../edge/proxy.ts'
import { hostOf, type World } from '../world.ts'

type FixedPlace = { label: string; role: string; family: 'cloud' | 'edge'; note: string }

const FIXED: Record<string, FixedPlace> = {
  'push-rest': { label: 'Push REST', role: 'Cisco cloud', family: 'cloud', note: 'keeps nothing' },
  apns: { label: 'APNs', role: 'Apple cloud', family: 'cloud', note: '' },
  fcm: { label: 'FCM', role: 'Google cloud', family: 'cloud', note: '' },
  ci: { label: 'Common Identity', role: 'Cisco cloud', family: 'cloud', note: 'access tokens' },
  fos: { label: 'Fusion Onboarding', role: 'Cisco cloud', family: 'cloud', note: 'subscription' },
  'webex-cloud': { label: 'Webex App cloud', role: 'Cisco cloud', family: 'cloud', note: 'Webex messages' },
  firewall: { label: 'Firewall / NAT', role: 'firewall', family: 'edge', note: '' },
  'expressway-c': { label: 'Expressway-C', role: 'MRA', family: 'edge', note: '' },
  'expressway-e': { label: 'Expressway-E', role: 'MRA', family: 'edge', note: '' },
}

const proxyNote = ({ kind, addresses, settings }: LabProxy): string =>
  `${kind}, ${addresses.join(', ')}${settings.enabled ? '' : ', not used'}`

/** A cloud, the firewall, Expressway or the proxy; undefined for anything else. */
export const fixedPlace = ({ proxy }: World, id: string): FixedPlace | undefined =>
  FIXED[id] ?? (proxy?.id === id ? { label: 'Proxy', role: 'proxy', family: 'edge', note: proxyNote(proxy) } : undefined)

const PROVIDER_LABEL = 'Provider outside'

/** The label of a place for ladders and lists: `ucm-pub CallManager`, `Push REST`, `Ana · iPhone`. */
export function placeLabel(world: World, place: string): string {
  const device = world.devices.get(place)
  if (device) return device.label
  const fixed = FIXED[place]
  if (fixed) return fixed.label
  if (place === OUTSIDE) return PROVIDER_LABEL
  const host = hostOf(place)
  if (host === place) return world.proxy?.id === place ? 'Proxy' : place
  return `${host} ${place.slice(host.length + 1)}`
}
