/** What a person can do around local push: to a phone, to a node, to the mesh. */
import type { CommandName, DeviceRow, NodeRow, ServiceName, ServiceRow } from '../../core/contract/index.ts'
import type { Action, AskField } from './action.ts'
import { askField } from './fields.ts'

export const LPNS: ServiceName = 'Cisco Local Push Notification Service'
export const XCP_ROUTER: ServiceName = 'Cisco XCP Router'

type Rest = Partial<Pick<Action, 'destructive' | 'disabled' | 'ask' | 'about'>> & { id?: string }
const action = (command: CommandName, label: string, args: Record<string, unknown>, group: string, rest: Rest = {}): Action => ({
  id: rest.id ?? command,
  label,
  command,
  args,
  group,
  destructive: rest.destructive ?? false,
  disabled: rest.disabled ?? false,
  ...(rest.ask === undefined ? {} : { ask: rest.ask }),
  ...(rest.about === undefined ? {} : { about: rest.about }),
})

/** Wi-Fi names that this lab knows: those that phones are on, and those in the files of the phones. */
export function knownSsids(devices: readonly DeviceRow[]): string[] {
  const found = new Set<string>()
  for (const device of devices) {
    if (device.network.wifi !== null) found.add(device.network.wifi)
    for (const ssid of device.localPush?.ssids ?? []) found.add(ssid)
  }
  return [...found].toSorted()
}

/** Roaming, and which way the traffic leaves (LPNS-09, LPNS-18). */
export function wifiActions(device: DeviceRow, devices: readonly DeviceRow[]): Action[] {
  const { wifi, wifiIsMainRoute } = device.network
  const listed = new Set(device.localPush?.ssids ?? [])
  const suggestions = knownSsids(devices)
    .filter((ssid) => ssid !== wifi)
    .map((ssid) => ({ value: ssid, label: listed.has(ssid) ? 'in LocalPushSSIDList' : 'not in LocalPushSSIDList' }))
  const ssid = askField('wifi', 'Wi-Fi name (SSID)', 'text', {
    required: true,
    default: suggestions.find(({ value }) => listed.has(value))?.value ?? suggestions[0]?.value ?? 'Office',
    suggestions,
    hint: 'names that this lab knows are offered; any other may be written',
  })
  const args = { device: device.id }
  return [
    action('device.network', wifi === null ? 'Join Wi-Fi…' : 'Roam to another Wi-Fi…', args, 'Network', {
      id: wifi === null ? 'device.network.join' : 'device.network.roam',
      ask: [ssid],
      ...(wifi === null ? {} : { about: `It is on ${wifi} now. Names count letter by letter: “Ward” is not “ward”.` }),
    }),
    ...(wifi === null ? [] : [action('device.network', 'Leave Wi-Fi', { ...args, wifi: null }, 'Network', { id: 'device.network.leave' })]),
    action(
      'device.network',
      wifiIsMainRoute ? 'Wi-Fi is not the main route' : 'Wi-Fi is the main route again',
      { ...args, wifiIsMainRoute: !wifiIsMainRoute },
      'Network',
      { id: 'device.network.main-route', disabled: wifi === null ? 'It is on no Wi-Fi.' : false },
    ),
  ]
}

/** Token, trust store and configuration file of an iPhone. */
export function sessionActions(device: DeviceRow): Action[] {
  const args = { device: device.id }
  const none = device.localPush === null ? 'This device never has local push.' : false
  const out = none || (device.signedIn ? false : 'It is signed out.')
  const group = 'Local push'
  return [
    action('device.expireAccessToken', 'Expire the access token', { ...args, refresh: false }, group, { destructive: true, disabled: out }),
    action('device.expireAccessToken', 'Expire access and refresh token', { ...args, refresh: true }, group, {
      id: 'device.expireAccessToken.refresh',
      destructive: true,
      disabled: out,
    }),
    action(
      'device.trust',
      device.trustsPrivateCa ? 'Remove the private root' : 'Import the private root',
      { ...args, trusted: !device.trustsPrivateCa },
      group,
      { disabled: none },
    ),
    action('device.config', 'Show jabber-config.xml', args, group),
  ]
}

/** Ends the process without a word to anybody; a stop says goodbye first (LPNS-04, LPNS-20). */
export function killActions(node: NodeRow, service: ServiceRow): Action[] {
  if (service.name !== LPNS && service.name !== XCP_ROUTER) return []
  const away = node.state === 'up' ? false : `${node.label} is ${node.state}.`
  const runs = service.state === 'running' || service.state === 'starting'
  return [
    action('service.kill', `Kill ${service.short}: no goodbye`, { node: node.id, service: service.name }, service.short, {
      id: `service.kill.${service.name}`,
      destructive: true,
      disabled: away || (runs ? false : `It is ${service.state} already.`),
    }),
  ]
}

/** Splitting makes sense where there is somebody to lose. */
export function meshActions(node: NodeRow): Action[] {
  if (node.mesh === null) return []
  const peers = node.mesh.peers
  const lost = peers.some((peer) => peer.state === 'lost')
  const group = 'Mesh'
  const actions = [
    action('mesh.split', 'Split it from the mesh', { nodes: [node.id] }, group, {
      id: 'mesh.split.this',
      destructive: true,
      disabled:
        peers.length === 0
          ? 'There is no other node with LPNS.'
          : peers.every((peer) => peer.state === 'lost')
            ? 'It has lost all others already.'
            : false,
    }),
    action('mesh.heal', 'Heal the mesh', {}, group, {
      disabled: node.mesh.split
        ? false
        : lost
          ? 'It was not split: mend the link, or start what is stopped.'
          : 'No neighbour is lost: the mesh is whole.',
    }),
  ]
  if (node.certificate !== null) actions.push(certificateAction(node))
  return actions
}

export function certificateAction(node: NodeRow): Action {
  const now = node.certificate
  return action('node.certificate', 'Change the server certificate…', { node: node.id }, 'Mesh', {
    ask: [
      askField('issuer', 'Issuer', 'choice', {
        required: true,
        choices: ['public CA', 'private CA', 'self-signed'],
        default: now?.issuer ?? 'private CA',
      }),
      askField('validDays', 'Valid for (days)', 'integer', { default: now?.validDays ?? 365, hint: 'iOS takes less than 397' }),
      askField('ageDays', 'Issued … days ago', 'integer', { default: now?.ageDays ?? 0 }),
      askField('names', 'Names in it', 'list', { default: now?.names, hint: `empty: ${node.label}` }),
    ],
    about: 'A wrong one closes no session that is open: phones refuse it when they connect the next time.',
  })
}

/** Splits one or more nodes from all others. */
export const splitAction = (nodes: readonly NodeRow[]): Action =>
  action('mesh.split', 'Split the mesh…', {}, 'Mesh', {
    destructive: true,
    disabled: nodes.length < 2 ? 'A mesh of one node cannot be split.' : false,
    ask: [
      askField('nodes', 'Nodes on one side', 'list', {
        required: true,
        default: nodes.slice(-1).map((node) => node.id),
        hint: `of ${nodes.map((node) => node.id).join(', ')}; separated by commas`,
      }),
    ],
    about: 'These nodes lose port 9560 to all others. Among themselves they keep it.',
  })

/** The link of the chain that is missing (LPNS-08), and the command that mends it; null where no setting would help. */
export function mending(missing: { text: string; why: string }, owner: string): Action | null {
  const group = 'Local push'
  switch (missing.why) {
    case 'LPNS-03':
      return action('cluster.onboard', 'Subscribe the cluster for push', {}, group)
    case 'LPNS-06':
      return action('cluster.oauth', 'Turn refresh logins on', { refreshLogins: true }, group)
    case 'LPNS-08':
      break
    default:
      return null
  }
  const named = (what: RegExp): string | undefined => what.exec(missing.text)?.[1]
  if (missing.text.includes('has no LocalPushSSIDList'))
    return action('ucService.set', 'Set LocalPushSSIDList…', {}, group, { ask: ssidListFields(named(/UC Service (\S+)/)) })
  if (missing.text.includes('Mobile entry'))
    return action('serviceProfile.set', 'Set the Mobile entry…', {}, group, { ask: mobileFields(named(/Service Profile (\S+)/)) })
  if (missing.text.includes('UC Service Profile'))
    return action('user.set', 'Set its UC Service Profile…', { user: owner }, group, {
      ask: [askField('serviceProfile', 'UC Service Profile', 'text', { required: true, hint: KNOWN_HINT })],
    })
  return null
}

const KNOWN_HINT = 'those of this lab are offered'

export const ssidListFields = (service?: string): AskField[] => [
  askField('service', 'UC service', 'text', { required: true, default: service, hint: KNOWN_HINT }),
  askField('localPushSsidList', 'LocalPushSSIDList', 'text', {
    emptyIsNull: true,
    default: 'Office',
    hint: 'up to ten Wi-Fi names, separated by semicolons; empty takes the parameter out',
  }),
  askField('asTyped', 'Keep the entries as typed, faults and all', 'yes-no', { default: false }),
]

export const mobileFields = (profile?: string): AskField[] => [
  askField('profile', 'Service profile', 'text', { required: true, default: profile, hint: KNOWN_HINT }),
  askField('mobile', 'Mobile entry: UC service', 'text', {
    emptyIsNull: true,
    hint: 'those of this lab are offered; empty takes the entry out',
  }),
]
