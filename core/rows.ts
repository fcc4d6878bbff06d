/** Builds the rows that the window shows, whole, from the state of the lab. */
import {
  PUSH_STATES,
  type DeviceRow,
  type FaultRow,
  type Health,
  type LabRow,
  type LinkRow,
  type HeldInvite,
  type NodeRow,
  type PushState,
  type Row,
  type RowKind,
} from './contract/rows.ts'
import type { Fault } from './contract/fault.ts'
import { isSuspended, reachesCluster, reachesInternet, suspendedBecause, type Device } from './client/device.ts'
import { hasToken } from './cloud/accessAgent.ts'
import { OUTSIDE } from './cloud/provider.ts'
import { HTTPS_PORT } from './cloud/way.ts'
import { DROP_MS } from './cluster/deadlines.ts'
import { findings } from './cluster/findings.ts'
import { homeNodeOf, LPNS, SHORT_NAME } from './cluster/nodes.ts'
import { certificateOf } from './lpns/nodeCertificate.ts'
import { localPushOf, meshOf, sessionRow } from './lpns/rows.ts'
import { callReach, messageReach } from './cluster/reach.ts'
import { SPARE_ID } from './upgrade/state.ts'
import { linkIsRed } from './edge/mraCertificates.ts'
import type { LabProxy } from './edge/proxy.ts'
import { expresswayNote } from './edge/pushKnowledge.ts'
import type { ActiveFault } from './engine/faultBook.ts'
import type { Link } from './engine/network.ts'
import { imDevice, imNodeRow } from './presence/rows.ts'
import { imNodeOf } from './presence/subcluster.ts'
import { CLOUDS, hostOf, type LabNode, type World } from './world.ts'

/** The row of this kind and ID as it is now, or null when the thing is gone. */
export function rowOf(world: World, kind: RowKind, id: string): Row | null {
  switch (kind) {
    case 'lab':
      return labRow(world)
    case 'node':
      return nodeRow(world, id)
    case 'imNode':
      return imNodeRow(world, id)
    case 'link': {
      const link = world.network.links.get(id)
      return link && shown(id) ? linkRow(world, link) : null
    }
    case 'device': {
      const device = world.devices.get(id)
      return device ? deviceRow(world, device) : null
    }
    case 'session':
      return sessionRow(world, id)
    case 'flow': {
      const flow = world.flows.get(Number(id))
      return flow ? world.flows.row(flow) : null
    }
    case 'push': {
      const push = world.pushes.get(id)
      return push ? world.pushes.row(push) : null
    }
    case 'fault': {
      const fault = world.faults.get(id)
      return fault && !fault.hidden ? faultRow(fault) : null
    }
    case 'alarm': {
      const alarm = world.alarms.get(id)
      return alarm ? world.alarms.row(alarm) : null
    }
    case 'counter': {
      const counter = world.counters.get(id)
      return counter ? world.counters.row(counter) : null
    }
    case 'finding':
      return findings(world).find((finding) => finding.id === id) ?? null
  }
}

/** All rows of a kind. */
export function rowsOf(world: World, kind: RowKind): Row[] {
  const rows: Row[] = []
  const add = (id: string): void => {
    const row = rowOf(world, kind, id)
    if (row) rows.push(row)
  }
  switch (kind) {
    case 'lab':
      add('lab')
      break
    case 'node':
      for (const id of nodeIds(world)) add(id)
      break
    case 'imNode':
      for (const id of world.presence?.im.keys() ?? []) add(id)
      break
    case 'link':
      for (const id of world.network.links.keys()) if (shown(id)) add(id)
      break
    case 'device':
      for (const id of world.devices.keys()) add(id)
      break
    case 'session':
      for (const id of world.devices.keys()) add(id)
      break
    case 'flow':
      for (const flow of world.flows.all()) rows.push(world.flows.row(flow))
      break
    case 'push':
      for (const push of world.pushes.all()) rows.push(world.pushes.row(push))
      break
    case 'fault':
      for (const fault of world.faults.all()) if (!fault.hidden) rows.push(faultRow(fault))
      break
    case 'alarm':
      for (const alarm of world.alarms.all()) rows.push(world.alarms.row(alarm))
      break
    case 'counter':
      for (const counter of world.counters.all()) rows.push(world.counters.row(counter))
      break
    case 'finding':
      return findings(world)
  }
  return rows
}

const proxyNote = ({ kind, addresses, settings }: LabProxy): string =>
  `${kind}, ${addresses.join(', ')}${settings.enabled ? '' : ', not used'}`

/** A node's link to itself carries CPNS traffic; it is drawn inside the node, not as a link. */
const shown = (linkId: string): boolean => {
  const [a, b] = linkId.split('~')
  return a !== b && a !== SPARE_ID // the second server of a repair is no part of the cluster
}

function nodeIds(world: World): string[] {
  const ids = [...world.cluster.nodes.keys()]
  if (world.presence) ids.push(...world.presence.nodes.keys())
  ids.push('firewall')
  if (world.proxy) ids.push(world.proxy.id)
  if (world.expresswayRelease !== null) ids.push('expressway-c', 'expressway-e')
  for (const cloud of CLOUDS) ids.push(cloud)
  return ids
}

const FIXED: Record<string, { label: string; role: string; family: 'cloud' | 'edge'; note: string }> = {
  'push-rest': { label: 'Push REST', role: 'Cisco cloud', family: 'cloud', note: 'keeps nothing' },
  apns: { label: 'APNs', role: 'Apple cloud', family: 'cloud', note: '' },
  fcm: { label: 'FCM', role: 'Google cloud', family: 'cloud', note: '' },
  ci: { label: 'Common Identity', role: 'Cisco cloud', family: 'cloud', note: 'access tokens' },
  fos: { label: 'Fusion Onboarding', role: 'Cisco cloud', family: 'cloud', note: 'subscription' },
  'webex-cloud': { label: 'Webex App cloud', role: 'Cisco cloud', family: 'cloud', note: 'messages of Webex App' },
  firewall: { label: 'Firewall / NAT', role: 'firewall', family: 'edge', note: '' },
  'expressway-c': { label: 'Expressway-C', role: 'MRA', family: 'edge', note: '' },
  'expressway-e': { label: 'Expressway-E', role: 'MRA', family: 'edge', note: '' },
}

function faultsOn(world: World, place: string): ActiveFault[] {
  const own = world.faults.on(place).filter((fault) => !fault.hidden)
  for (const inside of [`${place}/CPNS`, `${place}/XCP Config Manager`, `${place}/LPNS`])
    own.push(...world.faults.on(inside).filter((fault) => !fault.hidden))
  if (place === world.proxy?.id)
    for (const address of world.proxy.addresses) own.push(...world.faults.on(address).filter((fault) => !fault.hidden))
  return own
}

function nodeRow(world: World, id: string): NodeRow | null {
  const node = world.cluster.nodes.get(id) ?? world.presence?.nodes.get(id)
  if (node) return serverRow(world, node)
  const fixed =
    FIXED[id] ??
    (world.proxy?.id === id ? { label: 'Proxy', role: 'proxy', family: 'edge' as const, note: proxyNote(world.proxy) } : undefined)
  if (!fixed) return null
  const faults = faultsOn(world, id)
  return {
    kind: 'node',
    id,
    label: fixed.label,
    family: fixed.family,
    role: fixed.role,
    release: id.startsWith('expressway') ? (world.expresswayRelease ?? '') : '',
    state: 'up',
    health: healthOf(faults),
    since: 0,
    services: [],
    held: [],
    heldMore: 0,
    mesh: null,
    certificate: null,
    note:
      faults.length > 0
        ? faults.map(shortFault).join(', ')
        : id === 'firewall'
          ? `idle limit ${world.firewallIdleMs / 60_000} min`
          : id.startsWith('expressway-')
            ? expresswayNote(world.knowsPush, id === 'expressway-c' ? 'c' : 'e', world.presence !== null)
            : fixed.note,
    faults: faults.map((fault) => fault.id),
  }
}

function serverRow(world: World, node: LabNode): NodeRow {
  const faults = [...faultsOn(world, node.id), ...world.faults.on(`${node.id}~${node.id}`).filter((fault) => !fault.hidden)]
  const stopped = [...node.services].filter(([, service]) => service.state !== 'running')
  return {
    kind: 'node',
    id: node.id,
    label: node.id,
    family: node.family,
    role: node.role,
    release: node.release,
    state: node.state,
    health: node.state !== 'up' ? 'down' : stopped.length > 0 ? 'degraded' : healthOf(faults),
    since: node.since,
    services: [...node.services].map(([name, service]) => ({ name, short: SHORT_NAME[name], state: service.state, note: service.note })),
    ...heldBy(node),
    mesh: node.family === 'ucm' ? meshOf(world, node) : null,
    certificate: node.services.has(LPNS) ? certificateOf(world, node) : null,
    note: serverNote(world, node),
    faults: faults.map((fault) => fault.id),
  }
}

/** Held INVITEs of one node that cross to the window; the rest is counted. */
export const HELD_LISTED = 50

/** In the order in which they were held. All have the same limit, so the oldest push is what drops first (CALL-03). */
function heldBy(node: LabNode): Pick<NodeRow, 'held' | 'heldMore'> {
  const held: HeldInvite[] = []
  for (const leg of node.held) {
    const since = leg.call.t0 ?? 0
    const last = held.at(-1)
    if (held.length < HELD_LISTED || (last && since < last.since)) {
      if (held.length >= HELD_LISTED) held.pop()
      held.push({ flow: leg.call.flow.number, device: leg.device.id, since, limitMs: DROP_MS })
    }
  }
  return { held, heldMore: node.held.size - held.length }
}

function serverNote(world: World, node: LabNode): string {
  if (node.state !== 'up') return `${node.state} since ${clockText(node.since)}`
  if (!world.cluster.onboarded) return 'not onboarded'
  if (!hasToken(world, node.agent)) return node.agent.fetching || node.agent.starting ? 'fetching access token' : 'no access token'
  const unread = imNodeOf(world, node.id)?.queued ?? 0
  const until = `access token until ${clockText(node.agent.tokenEndsAt ?? 0)}`
  return unread > 0 ? `${unread} unread, ${until}` : until
}

const two = (value: number): string => String(value).padStart(2, '0')
function clockText(ms: number): string {
  const s = Math.floor(ms / 1_000)
  return `${two(Math.floor(s / 3_600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`
}

function healthOf(faults: ActiveFault[]): Health {
  if (faults.length === 0) return 'up'
  const stops = faults.some(({ fault }) =>
    ['black-hole', 'refuse', 'reset', 'dns-fail', 'tls-inspect', 'blocked-address'].includes(fault.kind),
  )
  return stops ? 'down' : 'degraded'
}

function linkRow(world: World, link: Link): LinkRow {
  const faults = world.faults.on(link.id).filter((fault) => !fault.hidden)
  return {
    kind: 'link',
    id: link.id,
    a: link.a,
    b: link.b,
    latencyMs: link.latencyMs,
    jitterMs: link.jitterMs,
    // Expressway-C and this node do not trust each other (MRA-04).
    health: link.a === 'expressway-c' && linkIsRed(world, link.b) ? 'down' : healthOf(faults),
    faults: faults.map((fault) => fault.id),
    lastAt: link.lastAt,
    carrier: (world.real.legs as ReadonlySet<string>).has(link.b) ? 'real' : 'virtual',
    cloudPort: world.proxy && link.b === world.proxy.id ? world.proxy.port : HTTPS_PORT,
  }
}

/** A fault in words, e.g. `answers 410, next 2`. */
export function faultTitle(fault: Fault): string {
  const what = ((): string => {
    switch (fault.kind) {
      case 'answer':
        return `answers ${fault.status}${fault.reason ? ` ${fault.reason}` : ''}`
      case 'drop':
        return 'drops'
      case 'delay':
        return `delays by ${fault.addMs} ms${fault.jitterMs ? ` to ${fault.addMs + fault.jitterMs} ms` : ''}`
      case 'reset':
        return 'resets connections'
      case 'black-hole':
        return fault.port ? `port ${fault.port} blocked silently` : 'swallows everything'
      case 'refuse':
        return fault.port ? `port ${fault.port} refused` : 'refuses connections'
      case 'idle-cut':
        return `forgets connections idle for ${fault.idleMinutes} min`
      case 'tls-inspect':
        return 'TLS inspection'
      case 'dns-fail':
        return 'name does not resolve'
      case 'blocked-address':
        return 'address on the blocked list'
      case 'start-fails':
        return 'cannot start: internal fault'
      case 'unsealed':
        return 'sends payloads unsealed'
    }
  })()
  const limits = [
    fault.probability !== undefined ? `${Math.round(fault.probability * 100)} %` : '',
    fault.direction === 'forward' || fault.direction === 'backward' ? `${fault.direction} only` : '',
    fault.device ? `for ${fault.device}` : '',
  ].filter((part) => part !== '')
  return limits.length > 0 ? `${what} (${limits.join(', ')})` : what
}

const shortFault = (active: ActiveFault): string => `${faultTitle(active.fault)}${active.left === null ? '' : `, next ${active.left}`}`

function faultRow(active: ActiveFault): FaultRow {
  return {
    kind: 'fault',
    id: active.id,
    on: active.fault.on,
    title: shortFault(active),
    since: active.since,
    hits: active.hits,
    left: active.left,
    hidden: false,
  }
}

function deviceRow(world: World, device: Device): DeviceRow {
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

function labRow(world: World): LabRow {
  const { scenario } = world
  const { lesson } = scenario
  return {
    kind: 'lab',
    id: 'lab',
    title: scenario.title,
    about: scenario.about,
    file: world.file,
    seed: world.seed,
    lesson: lesson ? { symptom: lesson.symptom, hints: lesson.hints, cause: lesson.cause, fixes: lesson.fixes } : null,
    releases: { unifiedCm: world.cluster.release, presence: world.presence?.release ?? null, expressway: world.expresswayRelease },
    devices: world.devices.size,
    ucServices: [...world.cluster.ucServices.keys()],
    serviceProfiles: [...world.cluster.serviceProfiles.keys()],
    pushStates: Object.fromEntries(PUSH_STATES.map((state) => [state, world.pushes.counts[state]])) as Record<PushState, number>,
    pushesCreated: world.pushes.created,
    messageStates: { ...world.messages.counts },
    messagesCreated: world.messages.created,
    eventsSoFar: world.log.total,
    eventsKept: world.log.total - world.log.oldest,
  }
}

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
