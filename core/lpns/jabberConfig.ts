/**
 * How the list of Wi-Fi names reaches a client (LPNS-08): end user -> service profile -> Mobile -> UC service ->
 * LocalPushSSIDList, and the jabber-config.xml that comes of it. Jabber and Webex App behave the same (DEC-31).
 */
import type { Issue } from '../contract/door.ts'
import type { Results } from '../contract/results.ts'
import { isMobile, type Device } from '../client/device.ts'
import type { UcService, World } from '../world.ts'

export const CONFIG_FILE = 'jabber-config.xml'

/** Where each link of the chain stands in Cisco Unified CM Administration, as in the procedure (DEC-31). */
export const WHERE = {
  user: 'User Management > End User > Service Settings > UC Service Profile',
  profile: 'User Management > User Settings > Service Profile, Jabber Client Configuration (jabber-config.xml) > Mobile',
  service: 'User Management > User Settings > UC Service, Section Phone, Parameter LocalPushSSIDList',
} as const

export type Chain = { ssids: readonly string[]; broken: { text: string; fix: string } | null }

/** The file that a device holds: what it downloaded last, whatever was saved since. */
export type DownloadedConfig = { ssids: readonly string[]; text: string; at: number; version: number }

const NONE: readonly string[] = []

type Walked = { service: UcService; broken: null } | { service: null; broken: { text: string; fix: string } }

const breaks = (text: string, fix: string): Walked => ({ service: null, broken: { text, fix } })

function walk(world: World, device: Device): Walked {
  if (!isMobile(device)) return breaks(`${device.label} is no phone: the Mobile entry is not for it`, 'local push is for iPhone and iPad')
  const { ucServices, serviceProfiles } = world.cluster
  const user = world.directory.users.get(device.owner)
  if (user?.serviceProfile === undefined) return breaks(`End User ${device.owner} has no UC Service Profile`, `choose one in ${WHERE.user}`)
  const profile = serviceProfiles.get(user.serviceProfile)
  if (!profile) return breaks(`there is no Service Profile ${user.serviceProfile}`, `choose another in ${WHERE.user}`)
  if (profile.mobile === null) return breaks(`Service Profile ${profile.id} has no Mobile entry`, `choose a UC service in ${WHERE.profile}`)
  const service = ucServices.get(profile.mobile)
  if (!service) return breaks(`there is no UC Service ${profile.mobile}`, `choose another in ${WHERE.profile}`)
  if (service.ssids.length === 0) return breaks(`UC Service ${service.id} has no LocalPushSSIDList`, `add it in ${WHERE.service}`)
  return { service, broken: null }
}

/** What the chain gives this device now, or its first broken link. */
export function configFor(world: World, device: Device): Chain {
  const { service, broken } = walk(world, device)
  return { ssids: service?.ssids ?? NONE, broken }
}

/** The file as the client would download it now; options stand in it whether or not the chain holds. */
export const jabberConfigXml = (world: World, device: Device): string => fileText(walk(world, device).service, device.voipSocket)

function fileText(service: UcService | null, voipSocket: boolean): string {
  const phone = service ? ['  <Phone>', `    <LocalPushSSIDList>${escaped(listText(service))}</LocalPushSSIDList>`, '  </Phone>'] : []
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<config version="1.0">',
    '  <Options>',
    `    <EnableVoipSocket>${voipSocket}</EnableVoipSocket>`,
    '  </Options>',
    ...phone,
    '</config>',
    '',
  ].join('\n')
}

const listText = (service: UcService): string => (service.asTyped ? (service.text ?? '') : service.ssids.join(';'))

/** A carriage return is written out, since a parser makes a line feed of it. */
const ENTITY: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' }

const escaped = (text: string): string =>
  Array.from(text, (char) => ENTITY[char] ?? (isXml(char.codePointAt(0) ?? 0) ? char : '\ufffd')).join('')

/** Char of XML 1.0: what else a list holds as typed cannot stand in any document. */
const isXml = (code: number): boolean =>
  code === 9 || code === 10 || (code >= 0x20 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd) || code >= 0x1_0000

/** One text for all whose file says the same: 15,000 phones sign in one after the other. */
function textFor({ cluster }: World, service: UcService | null, voipSocket: boolean): string {
  const { configVersion: version, lastFile: last } = cluster
  if (last?.version === version && last.service === service && last.voipSocket === voipSocket) return last.text
  const text = fileText(service, voipSocket)
  cluster.lastFile = { version, service, voipSocket, text }
  return text
}

/** The device fetches its file: at sign-in, at each REGISTER, and at once after a save while it is connected. */
export function download(world: World, device: Device): DownloadedConfig {
  const version = world.cluster.configVersion
  const at = world.clock.now()
  // Nothing was saved since: the same file again, as at nearly every REGISTER.
  if (device.config?.version === version) return { ...device.config, at }
  const { service } = walk(world, device)
  return { ssids: service?.ssids ?? NONE, text: textFor(world, service, device.voipSocket), at, version }
}

type Holder = Device & { config?: DownloadedConfig | null }

/** Answer to `device.config`: the file that the device holds, and what stands in the way of a better one. */
export function configOf(world: World, device: Holder): Results['device.config'] {
  const held = device.config ?? null
  const chain: Issue[] = []
  const { broken } = configFor(world, device)
  if (broken) chain.push({ path: 'LocalPushSSIDList', message: broken.text, fix: broken.fix })
  if (device.os !== 'ios') {
    if (!broken)
      chain.push({ path: CONFIG_FILE, message: `${device.label} makes no use of the list`, fix: 'local push is for iPhone and iPad' })
  } else if (held?.text !== jabberConfigXml(world, device)) {
    chain.push({
      path: CONFIG_FILE,
      message: held ? 'saved settings have changed since this download' : 'not downloaded yet',
      fix: device.signedIn ? 'the next REGISTER brings it: open the app' : 'sign in',
    })
  }
  return { name: CONFIG_FILE, text: held?.text ?? null, ssids: [...(held?.ssids ?? [])], downloadedAt: held?.at ?? null, chain }
}

/** After a save: clients that are connected fetch the file now, the others with their next REGISTER (LPNS-08). */
export function configurationSaved(world: World, devices: Iterable<Device>): void {
  world.cluster.configVersion++
  for (const device of devices) {
    world.receivers.configSaved(device)
    world.touch('device', device.id)
  }
}
