/**
 * What a schema cannot see: that every name in a scenario file names something. Runs on a file that fits
 * the schema; every complaint says which name, and which names there are.
 */
import { labCommands, WIRE_INPUTS } from '../contract/commands.ts'
import type { Fault } from '../contract/fault.ts'
import type { ServiceName } from '../contract/rows.ts'
import { MESSAGE_STATES, PUSH_STATES } from '../contract/rows.ts'
import type { Expectation, Scenario } from '../contract/scenario.ts'
import { readSsidList } from '../lpns/ssidList.ts'
import type { Product } from '../release/release.ts'
import { readRelease } from '../release/release.ts'
import type { Path, Report } from './complaint.ts'
import { shown } from './complaint.ts'
import { COUNTER_NAMES } from './counterNames.ts'
import { explainIssue } from './explain.ts'
import { isExpression, readPattern } from './pattern.ts'
import { DEVICES, linkNames } from './links.ts'
import { nearest } from './suggest.ts'

/** Hosts that every lab has; nothing in a file may take their names. */
export const CLOUD_HOSTS = ['push-rest', 'apns', 'fcm', 'ci', 'fos', 'webex-cloud', 'firewall'] as const
/** As the lab names the server that `repair.install` sets up. */
const SPARE_HOST = 'ucm-new'
const EXPRESSWAY_HOSTS = ['expressway-c', 'expressway-e'] as const
const RESERVED = new Set<string>([...CLOUD_HOSTS, ...EXPRESSWAY_HOSTS, DEVICES, 'lab'])

const SERVICES = [
  'Cisco CallManager',
  'Cisco Push Notification Service',
  'Cisco Local Push Notification Service',
  'Cisco Management Agent Service',
  'Cisco Tomcat',
  'Cisco XCP Router',
  'Cisco XCP Config Manager',
] as const satisfies readonly ServiceName[]

/** Services that a fault may sit on: those that send pushes. */
const SENDERS = ['CPNS', 'XCP Config Manager'] as const

/** The end of a place ID such as `ucm-pub/CPNS`, by the product whose nodes run it. */
const UCM_SERVICES = ['CallManager', 'CPNS', 'LPNS', 'CMAS', 'Tomcat'] as const
const PRESENCE_SERVICES = ['Tomcat', 'XCP Router', 'XCP Config Manager'] as const
const SERVICE_PLACES = [...new Set([...UCM_SERVICES, ...PRESENCE_SERVICES])]

type Names = {
  links: Set<string>
  nodes: Set<string>
  hosts: Set<string>
  devices: Set<string>
  users: Set<string>
  pools: Set<string>
  groups: Set<string>
  numbers: Set<string>
  ucServices: Set<string>
  serviceProfiles: Set<string>
  /** Faults that a file names; `fault-N` is what the lab calls the others. */
  faults: Set<string>
}

export function checkReferences(scenario: Scenario, report: Report): void {
  const names = collect(scenario, report)
  checkCluster(scenario, names, report)
  checkReleases(scenario, report)
  checkPresence(scenario, names, report)
  checkPeople(scenario, names, report)
  for (const [i, link] of scenario.links.entries()) checkLink(['links', i, 'link'], link.link, names, report)
  checkFaults(scenario, names, report)
  checkCommands(scenario, names, report)
  for (const [i, expectation] of scenario.expect.entries()) checkExpectation(['expect', i], expectation, scenario, names, report)
}

function wrongName(path: Path, what: string, name: string, known: ReadonlySet<string>, report: Report): void {
  const like = nearest(name, known)
  const list = [...known].slice(0, 12)
  const more = known.size > list.length ? `, and ${known.size - list.length} more` : ''
  let fix = `use one of ${list.join(', ')}${more}`
  if (like !== null) fix = `did you mean "${like}"?`
  else if (list.length === 0) fix = `define a ${what} first`
  report(path, `there is no ${what} ${shown(name)}`, fix)
}

const need = (path: Path, what: string, name: string | undefined, known: ReadonlySet<string>, report: Report): void => {
  if (name !== undefined && !known.has(name)) wrongName(path, what, name, known, report)
}

// --- names

function collect(scenario: Scenario, report: Report): Names {
  const taken = new Map<string, string>()
  const unique = (path: Path, what: string, name: string, space: Map<string, string>) => {
    const other = space.get(name)
    if (other !== undefined) {
      const both = other === what ? `for ${what}` : `for ${other} and for ${what}`
      report(path, `the name ${shown(name)} is used twice, ${both}`, 'give each a name of its own')
    } else if (space === taken && RESERVED.has(name)) {
      report(path, `the name ${shown(name)} belongs to a host that every lab has`, 'choose another name')
    } else space.set(name, what)
  }
  const nodes = new Set<string>()
  for (const [i, node] of scenario.cluster.nodes.entries()) {
    unique(['cluster', 'nodes', i, 'id'], 'a node', node.id, taken)
    nodes.add(node.id)
  }
  const presence = scenario.presence?.nodes ?? []
  for (const [i, node] of presence.entries()) unique(['presence', 'nodes', i, 'id'], 'a presence node', node.id, taken)
  const proxy = scenario.edge.proxy
  if (proxy !== null) {
    unique(['edge', 'proxy', 'id'], 'the proxy', proxy.id, taken)
    for (const [i, address] of proxy.addresses.entries())
      unique(['edge', 'proxy', 'addresses', i], 'an address of the proxy', address, taken)
  }
  const devices = new Set<string>()
  for (const [i, device] of scenario.devices.entries()) {
    unique(['devices', i, 'id'], 'a device', device.id, taken)
    devices.add(device.id)
  }
  const users = new Set<string>()
  const people = new Map<string, string>()
  for (const [i, user] of scenario.users.entries()) {
    unique(['users', i, 'id'], 'a user', user.id, people)
    users.add(user.id)
  }
  const groupSpace = new Map<string, string>()
  for (const [i, group] of scenario.cluster.groups.entries()) unique(['cluster', 'groups', i, 'id'], 'a CM group', group.id, groupSpace)
  const poolSpace = new Map<string, string>()
  for (const [i, pool] of scenario.cluster.pools.entries()) unique(['cluster', 'pools', i, 'id'], 'a device pool', pool.id, poolSpace)

  const serviceSpace = new Map<string, string>()
  for (const [i, { id }] of scenario.cluster.ucServices.entries())
    unique(['cluster', 'ucServices', i, 'id'], 'a UC service', id, serviceSpace)
  const profileSpace = new Map<string, string>()
  for (const [i, { id }] of scenario.cluster.serviceProfiles.entries())
    unique(['cluster', 'serviceProfiles', i, 'id'], 'a service profile', id, profileSpace)

  const hosts = new Set<string>([...nodes, ...presence.map((node) => node.id), ...CLOUD_HOSTS])
  if (proxy !== null) for (const host of [proxy.id, ...proxy.addresses]) hosts.add(host)
  // Where the proxy moves to, a fault may sit as well.
  for (const command of scenario.commands) {
    const addresses = command.do === 'proxy.address' ? command.with['addresses'] : null
    if (Array.isArray(addresses)) for (const address of addresses) if (typeof address === 'string') hosts.add(address)
  }
  if (scenario.edge.expressway !== null) for (const host of EXPRESSWAY_HOSTS) hosts.add(host)
  // The second server of a repair is there once it is installed (UPG-09).
  if (scenario.commands.some((command) => command.do === 'repair.install')) hosts.add(SPARE_HOST)
  return {
    links: linkNames(scenario),
    nodes,
    hosts,
    devices,
    users,
    pools: new Set(poolSpace.keys()),
    groups: new Set(groupSpace.keys()),
    numbers: new Set(),
    ucServices: new Set(serviceSpace.keys()),
    serviceProfiles: new Set(profileSpace.keys()),
    faults: new Set(scenario.faults.flatMap(({ fault }) => fault.id ?? [])),
  }
}

// --- cluster, releases, people

function checkCluster(scenario: Scenario, names: Names, report: Report): void {
  const { cluster, presence } = scenario
  for (const [i, group] of cluster.groups.entries()) {
    for (const [j, node] of group.nodes.entries()) {
      need(['cluster', 'groups', i, 'nodes', j], 'node', node, names.nodes, report)
      if (group.nodes.indexOf(node) < j) {
        report(
          ['cluster', 'groups', i, 'nodes', j],
          `node ${shown(node)} stands twice in this CM group`,
          'name each node once, by priority',
        )
      }
    }
  }
  for (const [i, pool] of cluster.pools.entries()) need(['cluster', 'pools', i, 'group'], 'CM group', pool.group, names.groups, report)
  for (const [i, service] of cluster.ucServices.entries())
    checkSsidList(['cluster', 'ucServices', i, 'localPushSsidList'], service.localPushSsidList, service.asTyped, report)
  for (const [i, profile] of cluster.serviceProfiles.entries())
    need(['cluster', 'serviceProfiles', i, 'mobile'], 'UC service', profile.mobile ?? undefined, names.ucServices, report)
  const services = new Set<string>(SERVICES)
  for (const [i, node] of cluster.nodes.entries()) {
    for (const [j, name] of node.stopped.entries()) need(['cluster', 'nodes', i, 'stopped', j], 'service', name, services, report)
  }
  const servers = new Set([...names.nodes, ...(presence?.nodes ?? []).map((node) => node.id)])
  for (const [i, { node }] of cluster.onboarding.lacks.entries())
    need(['cluster', 'onboarding', 'lacks', i, 'node'], 'node', node, servers, report)
  for (const [i, node] of (presence?.nodes ?? []).entries()) {
    for (const [j, name] of node.stopped.entries()) need(['presence', 'nodes', i, 'stopped', j], 'service', name, services, report)
  }
}

const presenceNodes = (scenario: Scenario): Set<string> => new Set((scenario.presence?.nodes ?? []).map((node) => node.id))

/** Subclusters hold every IM and Presence node once; users and contacts name what is there (HA-01, MSG-03). */
function checkPresence(scenario: Scenario, names: Names, report: Report): void {
  const { presence } = scenario
  const nodes = presenceNodes(scenario)
  const placed = new Set<string>()
  for (const [i, subcluster] of (presence?.subclusters ?? []).entries()) {
    for (const [j, node] of subcluster.nodes.entries()) {
      need(['presence', 'subclusters', i, 'nodes', j], 'IM and Presence node', node, nodes, report)
      if (placed.has(node))
        report(
          ['presence', 'subclusters', i, 'nodes', j],
          `node ${shown(node)} stands in two places`,
          'a node belongs to one subcluster, once',
        )
      placed.add(node)
    }
  }
  const [alone] = placed.size === 0 ? [] : [...nodes].filter((node) => !placed.has(node))
  if (alone !== undefined)
    report(['presence', 'subclusters'], `node ${shown(alone)} is in no subcluster`, `add "${alone}" to one, alone or as a backup`)
  const { lowerSeconds, upperSeconds } = presence?.relogin ?? { lowerSeconds: 0 }
  if (upperSeconds !== undefined && lowerSeconds >= upperSeconds)
    report(
      ['presence', 'relogin', 'upperSeconds'],
      'the upper re-login limit is not above the lower one',
      `write more than ${lowerSeconds} (HA-10)`,
    )
  for (const [i, user] of scenario.users.entries()) {
    need(['users', i, 'presenceNode'], 'IM and Presence node', user.presenceNode, nodes, report)
    for (const [j, contact] of (user.contacts ?? []).entries()) need(['users', i, 'contacts', j], 'user', contact, names.users, report)
  }
}

/** Each wrong name of a list of Wi-Fi names; a list as typed is never wrong (LPNS-07, DEC-28). */
function checkSsidList(path: Path, text: string | undefined, asTyped: boolean, report: Report): void {
  const read = text === undefined ? null : readSsidList(text, asTyped)
  if (read?.ok === false) for (const { message, fix } of read.problems) report(path, message, fix)
}

function checkReleases(scenario: Scenario, report: Report): void {
  const read = (path: Path, product: Product, text: string | undefined) => {
    if (text === undefined) return
    const found = readRelease(product, text)
    if (!found.ok) {
      const [message = '', expected = 'a published release name'] = found.message.replace(/\.$/, '').split('; expected ')
      report(path, message, `write ${expected}`)
    }
  }
  read(['cluster', 'release'], 'unifiedCm', scenario.cluster.release)
  for (const [i, node] of scenario.cluster.nodes.entries()) read(['cluster', 'nodes', i, 'release'], 'unifiedCm', node.release)
  read(['presence', 'release'], 'presence', scenario.presence?.release)
  for (const [i, node] of (scenario.presence?.nodes ?? []).entries()) read(['presence', 'nodes', i, 'release'], 'presence', node.release)
  read(['edge', 'expressway', 'release'], 'expressway', scenario.edge.expressway?.release)
  for (const [i, device] of scenario.devices.entries()) {
    if (device.client !== 'deskphone') read(['devices', i, 'clientRelease'], device.client, device.clientRelease)
    if (device.client !== 'deskphone' && device.os !== 'desktop') read(['devices', i, 'osRelease'], 'os', device.osRelease)
  }
}

function checkPeople(scenario: Scenario, names: Names, report: Report): void {
  const numbersByUser = new Map(scenario.users.map((user) => [user.id, user.number]))
  for (const [i, device] of scenario.devices.entries()) {
    need(['devices', i, 'owner'], 'user', device.owner, names.users, report)
    need(['devices', i, 'pool'], 'device pool', device.pool, names.pools, report)
    const own = numbersByUser.get(device.owner)
    for (const number of device.lines ?? (own === undefined ? [] : [own])) names.numbers.add(number)
    if (device.mra && scenario.edge.expressway === null) {
      report(
        ['devices', i, 'mra'],
        'this device is on MRA, but the lab has no Expressway',
        'add "edge: { expressway: {} }", or set mra to false',
      )
    }
    const service = device.subscriberService
    if (service !== undefined && service.startsWith('FCM') !== (device.os === 'android')) {
      report(
        ['devices', i, 'subscriberService'],
        `${service} is not a subscriber service for ${device.os}`,
        device.os === 'android' ? 'use FCM or FCM:dev' : 'use APNS or one of its variants',
      )
    }
    if (device.client === 'deskphone' && device.app === 'killed') {
      report(['devices', i, 'app'], 'a desk phone has no app that could be killed', 'remove the field, or set signedIn to false')
    }
  }
  for (const [i, user] of scenario.users.entries()) {
    need(['users', i, 'serviceProfile'], 'service profile', user.serviceProfile, names.serviceProfiles, report)
    if (!names.numbers.has(user.number)) {
      report(
        ['users', i, 'number'],
        `number ${shown(user.number)} of ${user.id} is on no device`,
        `give ${user.id} a device, or add the number to a device's lines`,
      )
    }
  }
  const lines = new Set(names.numbers)
  for (const [i, pilot] of scenario.cluster.huntPilots.entries()) {
    if (names.numbers.has(pilot.number)) {
      report(
        ['cluster', 'huntPilots', i, 'number'],
        `${shown(pilot.number)} is both a hunt pilot and a line`,
        'choose another number for the hunt pilot',
      )
    }
    names.numbers.add(pilot.number)
    for (const [j, member] of pilot.members.entries())
      need(['cluster', 'huntPilots', i, 'members', j], 'line with the number', member, lines, report)
  }
}

// --- links and faults

function checkLink(path: Path, link: string, names: Names, report: Report): void {
  if (names.links.has(link)) return
  const ends = link.split('~')
  const [a = '', b = ''] = ends
  const reversed = `${b}~${a}`
  const device = ends.find((end) => names.devices.has(end))
  if (ends.length !== 2) {
    report(path, `${shown(link)} is not a link`, 'write the two ends with a tilde between them, e.g. "ucm-pub~firewall"')
  } else if (names.links.has(reversed)) {
    report(path, `the link between the two is called ${shown(reversed)}`, `write "${reversed}"`)
  } else if (device !== undefined) {
    const other = ends.find((end) => end !== device) ?? ''
    const shared = [`${DEVICES}~${other}`, `${other}~${DEVICES}`].find((name) => names.links.has(name))
    report(
      path,
      `${shown(device)} is a device, and all devices share their links`,
      shared === undefined
        ? `use one of ${[...names.links].filter((name) => name.includes(DEVICES)).join(', ')}`
        : `write "${shared}"; in a fault add "device: ${device}"`,
    )
  } else wrongName(path, 'link', link, names.links, report)
}

function checkFaults(scenario: Scenario, names: Names, report: Report): void {
  const seen = new Set<string>()
  for (const [i, { at, fault }] of scenario.faults.entries()) {
    checkFault(['faults', i, 'fault'], fault, names, report)
    if (fault.id !== undefined) {
      if (seen.has(fault.id))
        report(['faults', i, 'fault', 'id'], `two faults are called ${shown(fault.id)}`, 'give each a name of its own')
      seen.add(fault.id)
    }
    if (at > scenario.until) late(['faults', i, 'at'], at, scenario.until, report)
  }
}

function checkFault(path: Path, fault: Fault, names: Names, report: Report): void {
  const on = [...path, 'on']
  if (fault.on.includes('~')) checkLink(on, fault.on, names, report)
  else if (fault.on.includes('/')) {
    const [node = '', service = ''] = fault.on.split('/')
    if (!names.hosts.has(node)) wrongName(on, 'node', node, names.hosts, report)
    else if (fault.kind === 'start-fails') {
      const services = names.nodes.has(node) ? UCM_SERVICES : PRESENCE_SERVICES
      need(on, `service of ${shown(node)}`, service, new Set<string>(services), report)
    } else need(on, 'sender of pushes', service, new Set<string>(SENDERS), report)
  } else if (!names.hosts.has(fault.on) && !names.devices.has(fault.on)) {
    wrongName(on, 'host, link or device', fault.on, new Set([...names.hosts, ...names.devices]), report)
  }
  if (fault.kind === 'start-fails' && !fault.on.includes('/')) {
    report(on, 'only a service can fail to start', 'name a service of a node, e.g. "ucm-pub/LPNS"')
  }
  need([...path, 'device'], 'device', fault.device, names.devices, report)
  if (fault.direction !== undefined && fault.direction !== 'both' && !fault.on.includes('~')) {
    report([...path, 'direction'], 'only a link (a~b) has a direction', 'remove it, or put the fault on a link')
  }
}

function late(path: Path, at: number, until: number, report: Report): void {
  report(path, `this is at ${at} ms, after the end of the run at ${until} ms`, 'choose an earlier time, or a later "until"')
}

// --- commands

function checkCommands(scenario: Scenario, names: Names, report: Report): void {
  const known = new Set<string>(Object.keys(labCommands).filter((name) => !WIRE_INPUTS.has(name)))
  for (const command of scenario.commands) {
    const id = command.do === 'fault.add' ? (command.with['fault'] as { id?: unknown } | null | undefined)?.id : undefined
    if (typeof id === 'string') names.faults.add(id)
  }
  for (const [i, command] of scenario.commands.entries()) {
    if (command.at > scenario.until) late(['commands', i, 'at'], command.at, scenario.until, report)
    if (WIRE_INPUTS.has(command.do)) {
      report(['commands', i, 'do'], `${command.do} comes from real clients only`, 'remove it: a journal of the run gives it again')
      continue
    }
    if (!Object.hasOwn(labCommands, command.do)) {
      wrongName(['commands', i, 'do'], 'command', command.do, known, report)
      continue
    }
    const spec = labCommands[command.do as keyof typeof labCommands]
    const read = spec.args.safeParse(command.with)
    if (!read.success) {
      const fields = Object.keys((spec.args as { shape?: object }).shape ?? {})
      for (const issue of read.error.issues) {
        if (issue.code === 'unrecognized_keys') {
          for (const key of issue.keys) {
            const like = nearest(key, fields)
            const choice = fields.length === 0 ? `${command.do} takes none: remove it` : `use one of ${fields.join(', ')}`
            report(
              ['commands', i, 'with', ...(issue.path as Path), key],
              `${command.do} has no argument ${shown(key)}`,
              like === null ? choice : `did you mean "${like}"?`,
              'key',
            )
          }
        } else
          explainIssue({ ...issue, path: ['commands', i, 'with', ...issue.path] }, { commands: { [i]: { with: command.with } } }, report)
      }
      continue
    }
    checkArguments(['commands', i, 'with'], command.do, read.data as Record<string, unknown>, names, report)
  }
}

function checkArguments(path: Path, command: string, args: Record<string, unknown>, names: Names, report: Report): void {
  const text = (name: string): string | undefined => (typeof args[name] === 'string' ? args[name] : undefined)
  need([...path, 'device'], 'device', text('device'), names.devices, report)
  need([...path, 'pool'], 'device pool', text('pool'), names.pools, report)
  need([...path, 'user'], 'user', text('user'), names.users, report)
  need([...path, 'group'], 'CM group', text('group'), names.groups, report)
  need([...path, 'node'], 'node', text('node'), names.hosts, report)
  if (command === 'call.place') {
    need([...path, 'from'], 'device', text('from'), names.devices, report)
    need([...path, 'to'], 'line or hunt pilot with the number', text('to'), names.numbers, report)
  }
  if (command === 'ucService.set') {
    need([...path, 'service'], 'UC service', text('service'), names.ucServices, report)
    checkSsidList([...path, 'localPushSsidList'], text('localPushSsidList'), args['asTyped'] === true, report)
  }
  need([...path, 'profile'], 'service profile', text('profile'), names.serviceProfiles, report)
  need([...path, 'serviceProfile'], 'service profile', text('serviceProfile'), names.serviceProfiles, report)
  need([...path, 'mobile'], 'UC service', text('mobile'), names.ucServices, report)
  if (command === 'group.set' || command === 'mesh.split') {
    for (const [j, node] of (args['nodes'] as string[]).entries()) need([...path, 'nodes', j], 'node', node, names.nodes, report)
  }
  if (command === 'message.send' || command === 'room.invite' || command === 'stanza.send') {
    need([...path, 'from'], 'user', text('from'), names.users, report)
    need([...path, 'to'], 'user', text('to'), names.users, report)
  }
  const link = text('link')
  if (link !== undefined) checkLink([...path, 'link'], link, names, report)
  const fault = text('fault')
  if (fault !== undefined && !/^fault-\d+$/.test(fault)) need([...path, 'fault'], 'fault', fault, names.faults, report)
  if (command === 'fault.add') checkFault([...path, 'fault'], args['fault'] as Fault, names, report)
  if (command.startsWith('service.')) {
    // Long or short, in capitals or not: administrators type both (DEC-16).
    const name = text('service')?.trim().toLowerCase()
    const known = [...SERVICES, ...SERVICE_PLACES]
    if (!known.some((service) => service.toLowerCase() === name))
      need([...path, 'service'], 'service', text('service'), new Set<string>(known), report)
  }
}

// --- expectations

/** Fields that one expectation looks at: its sentence in the verdict names them all. */
const HAS_MAX = 50

function checkExpectation(path: Path, expectation: Expectation, scenario: Scenario, names: Names, report: Report): void {
  const pattern = (field: Path, text: string | undefined) => {
    if (text === undefined) return
    if (text === '') {
      report([...path, ...field], 'an empty text matches everything', 'write what must be seen, or remove the field')
      return
    }
    const read = readPattern(text)
    if (!read.ok) report([...path, ...field], read.message, read.fix)
  }
  if ('at' in expectation || 'before' in expectation || 'after' in expectation) {
    const { at, before, after } = expectation
    const fromStart = !('since' in expectation) || expectation.since === 'run'
    if (at !== undefined && fromStart && at > scenario.until) late([...path, 'at'], at, scenario.until, report)
    if (before !== undefined && after !== undefined && after >= before) {
      report([...path, 'after'], `nothing lies after ${after} ms and before ${before} ms`, 'swap the two, or widen the span')
    }
    if (at !== undefined && (before !== undefined || after !== undefined)) {
      report([...path, 'at'], '"at" names one instant; "before" and "after" say nothing beside it', 'keep either "at" or the span')
    }
  }
  if ('event' in expectation) {
    for (const [field, text] of Object.entries(expectation.event)) {
      if (field !== 'flow' && field !== 'status') pattern(['event', field], String(text))
    }
    if (Object.keys(expectation.event).length === 0)
      report([...path, 'event'], 'this matches every event', 'say at least what its message is')
  } else if ('order' in expectation) {
    for (const [i, text] of expectation.order.entries()) pattern(['order', i], text)
  } else if ('alarm' in expectation) {
    pattern(['alarm'], expectation.alarm)
    pattern(['node'], expectation.node)
  } else if ('counter' in expectation) {
    pattern(['counter'], expectation.counter)
    const { counter } = expectation
    if (!isExpression(counter) && ![...COUNTER_NAMES].some((name) => name.toLowerCase().includes(counter.toLowerCase()))) {
      wrongName([...path, 'counter'], 'counter', counter, COUNTER_NAMES, report)
    }
    pattern(['node'], expectation.node)
    if (expectation.is === undefined && expectation.atLeast === undefined) {
      report(path, 'this counter expectation has no value', 'add "is: 1" or "atLeast: 1"')
    }
  } else if ('state' in expectation) {
    const { state, has } = expectation
    if (Object.keys(state).length !== 1)
      report([...path, 'state'], 'a state belongs to exactly one thing', 'name one device, node, imNode, flow or push')
    need([...path, 'state', 'device'], 'device', state.device, names.devices, report)
    need([...path, 'state', 'node'], 'node', state.node, names.hosts, report)
    need([...path, 'state', 'imNode'], 'IM and Presence node', state.imNode, presenceNodes(scenario), report)
    const fields = Object.keys(has).length
    if (fields === 0) report([...path, 'has'], 'nothing is expected of this state', 'name a field and its value')
    if (fields > HAS_MAX)
      report([...path, 'has'], `${fields} fields are expected of this state; at most ${HAS_MAX} are judged`, 'name the few that tell')
    for (const [field, value] of Object.entries(has)) if (typeof value === 'string' && value.startsWith('/')) pattern(['has', field], value)
  } else if ('pushes' in expectation) {
    const states = new Set<string>([...PUSH_STATES, 'total'])
    for (const state of Object.keys(expectation.pushes)) {
      if (!states.has(state)) {
        const like = nearest(state, states)
        report(
          [...path, 'pushes', state],
          `there is no push state ${shown(state)}`,
          like === null ? `use one of ${[...states].join(', ')}` : `did you mean "${like}"?`,
          'key',
        )
      }
    }
    if (Object.keys(expectation.pushes).length === 0)
      report([...path, 'pushes'], 'no push state is named', 'write e.g. "pushes: { used: 1 }"')
  } else if ('messages' in expectation) {
    const states = new Set<string>([...MESSAGE_STATES, 'total'])
    for (const state of Object.keys(expectation.messages)) need([...path, 'messages', state], 'message state', state, states, report)
    if (Object.keys(expectation.messages).length === 0)
      report([...path, 'messages'], 'no message state is named', 'write e.g. "messages: { lost: 2 }"')
  } else pattern(['finding'], expectation.finding)
}
