/**
 * What the rooms of the simulation share: time, randomness, network, the one event stream, and the state
 * of everything in the lab. Rooms are functions over it; they know each other only through these types.
 */
import type { Carrier, HopEvent, HopStatus } from './contract/event.ts'
import type { NodeCertificate, RowKind, ServiceName, ServiceState, NodeState } from './contract/rows.ts'
import type { AccessToken, LpnsNode, Session } from './lpns/types.ts'
import type { Scenario, ScenarioUser } from './contract/scenario.ts'
import type { Administration } from './admin/state.ts'
import type { Chosen } from './release/index.ts'
import type { Gate } from './client/gate.ts'
import type { Device } from './client/device.ts'
import type { HttpsClient, Pooled } from './cloud/httpsClient.ts'
import type { Carried } from './cloud/carried.ts'
import type { CommonIdentity } from './cloud/ci.ts'
import type { OfflineStore } from './cloud/fcm/store.ts'
import type { StoredPush } from './cloud/offline.ts'
import type { RealClouds } from './cloud/real.ts'
import type { Call, Leg, SipToCallManager, SipToDevice } from './cluster/call.ts'
import type { FirewallRule } from './edge/firewallRule.ts'
import type { LabProxy } from './edge/proxy.ts'
import type { PushKnowledge } from './edge/pushKnowledge.ts'
import type { Timer } from './engine/clock.ts'
import type { EventLog, Hop } from './engine/eventLog.ts'
import type { ActiveFault, FaultBook, Traffic } from './engine/faultBook.ts'
import type { Loss, Network, Route, RoutePath } from './engine/network.ts'
import type { Random } from './engine/random.ts'
import type { Sealer } from './engine/sealer.ts'
import type { VirtualClock } from './engine/virtualClock.ts'
import type { Onboarding } from './onboarding/state.ts'
import type { Upgrade } from './upgrade/state.ts'
import type { OAuth } from './oauth/state.ts'
import type { MraSetup } from './edge/mraCertificates.ts'
import type { FlowBook } from './flowBook.ts'
import type { MessageBook } from './presence/messageBook.ts'
import type { ImNode, ImParameters, Subcluster } from './presence/types.ts'
import type { Push, PushBook } from './pushBook.ts'
import type { Alarms } from './serviceability/alarms.ts'
import type { Counters } from './serviceability/counters.ts'
import type { TraceLevels } from './serviceability/traceLevels.ts'

export type LabNode = {
  id: string
  family: 'ucm' | 'imp'
  role: 'publisher' | 'subscriber'
  release: string
  state: NodeState
  since: number
  services: Map<ServiceName, { state: ServiceState; note: string }>
  /** Whether a DNS server is configured (NET-09). */
  dns: boolean
  /** INVITEs held here while their pushes travel. */
  held: Set<Leg>
  /** Fetches and keeps the access token of the service that pushes from here. */
  agent: AccessAgent
  /** What clients of local push see; `issuedAt` lies before the start of the lab for an older one (LPNS-25). */
  certificate: { issuer: NodeCertificate['issuer']; validDays: number; issuedAt: number; names: string[] | null }
  /** Pooled connections to the cloud, by host, and the client that they belong to: as old as the push service. */
  connections: Map<string, Pooled<Carried>>
  client: HttpsClient<Carried> | null
  /** The same for the legs that are real. */
  realClient: HttpsClient<Carried> | null
}

/** The part of CPNS or XCP Config Manager that keeps an access token (NET-02) and a queue of pushes. */
export type AccessAgent = {
  place: string
  /** The service runs with push: it was on when it started (ONB-15, ONB-18). */
  enabled: boolean
  /** IM and Presence: its Cisco XCP Router runs with push too (ONB-16). */
  routerKnows: boolean
  /** When the present token ends; null when there is none. The token itself is never kept, only its ID. */
  tokenEndsAt: number | null
  token: string | null
  fetching: boolean
  /** Its first fetch is still to come: the lab has not begun. */
  starting: boolean
  waiting: ((available: boolean) => void)[]
  timers: Timer[]
  /** Message pushes on their way, and those that wait for their turn (CALL-06). */
  messagesUnderWay: number
  queue: (() => void)[]
}

export type HuntPilot = Scenario['cluster']['huntPilots'][number]

/** Numbers and who has them. */
export type Directory = {
  users: Map<string, ScenarioUser>
  /** Place of each user in the file, which spreads users over the nodes. */
  order: Map<string, number>
  /** Devices of each user, in the order of the file. */
  devicesOf: Map<string, Device[]>
  /** Devices on each directory number, in the order of the file: more than one is a shared line. */
  lines: Map<string, Device[]>
  pilots: Map<string, HuntPilot>
  ownerOfNumber: Map<string, ScenarioUser>
  /** Who watches the presence of a user, and what they see of it (MSG-03). */
  watchersOf: Map<string, string[]>
  seenAs: Map<string, string>
}

/** A UC service of type Jabber Client Configuration (jabber-config.xml) (LPNS-07). */
export type UcService = {
  id: string
  /** What stands in LocalPushSSIDList; empty without the parameter. */
  ssids: readonly string[]
  /** The parameter as it was typed; null when the service does not have it. */
  text: string | null
  asTyped: boolean
}

/** `mobile` is Jabber Client Configuration (jabber-config.xml) > Mobile: the UC service of phones (LPNS-08). */
export type ServiceProfile = { id: string; mobile: string | null }

export type Cluster = {
  id: string
  release: string
  onboarded: boolean
  nodes: Map<string, LabNode>
  publisher: LabNode
  /** Node IDs by priority (FO-01). */
  groups: Map<string, string[]>
  /** Pool to group. */
  pools: Map<string, string>
  mobilityPushWaitMs: number
  accessTokenMinutes: number
  /** OAuth with Refresh Login Flow, and how long the tokens of clients live (LPNS-06). */
  oauthRefreshLogins: boolean
  clientTokenMinutes: number
  clientRefreshDays: number
  localPush: { graceMs: number; responseMs: number }
  /** Counts what was saved of all that jabber-config.xml is made of. */
  configVersion: number
  /** jabber-config.xml as written last. */
  lastFile: { version: number; service: UcService | null; voipSocket: boolean; text: string } | null
  ucServices: Map<string, UcService>
  serviceProfiles: Map<string, ServiceProfile>
}

export type Presence = {
  release: string
  nodes: Map<string, LabNode>
  instantMessaging: boolean
  multipleDeviceMessaging: boolean
  streamManagement: boolean
  parameters: ImParameters
  subclusters: Subcluster[]
  /** The IM and Presence side of each node, in the order of the file. */
  im: Map<string, ImNode>
  /** Nodes that users are assigned to in turn. */
  assignable: ImNode[]
}

/** A push token as its platform cloud knows it (SEC-05). */
export type PlatformToken = { token: string; device: Device; alive: boolean }

export type { Hop }

/**
 * Who takes what arrives where. Rooms reach each other only by sending; `lab.ts` wires the receivers, so
 * that no room imports the room at the other end.
 */
export type Receivers = {
  pushAtDevice(device: Device, push: Push): void
  /** The receiver writes the hop: only it knows the outcome. */
  sipAtDevice(device: Device, message: SipToDevice, hop: Hop): void
  sipAtCallManager(node: LabNode, message: SipToCallManager, hop: Hop): void
  /** Stanzas are queued on the server while the client is suspended; a resumed session asks for them. */
  imResume(device: Device, flow: number): void
  /** Settings behind its jabber-config.xml were saved: a connected client fetches the file at once (LPNS-08). */
  configSaved(device: Device): void
  /** A newer session of the same client was opened on another node (LPNS-19). */
  sessionMoved(session: Session, to: string): void
}

/** The real sockets, while they are open: where frames to real clients go. Never asked for anything (DEC-35). */
export type WirePort = {
  send(session: number, text: string): void
  close(session: number, code: number, reason: string): void
}

/** Acts of the person holding a phone; habits do exactly what a click does. */
export type Hand = {
  answer(device: Device): void
  decline(device: Device): void
  tap(device: Device): void
  hangUp(device: Device): void
}

export type World = {
  readonly seed: number
  readonly clock: VirtualClock
  readonly sealer: Sealer
  readonly scenario: Scenario
  readonly network: Network
  readonly faults: FaultBook
  readonly log: EventLog
  readonly flows: FlowBook
  readonly pushes: PushBook
  readonly messages: MessageBook
  readonly counters: Counters
  readonly alarms: Alarms
  readonly traceLevels: TraceLevels
  /** Management agent, support in the cloud, machine account. */
  readonly admin: Administration
  /** The Cisco Cloud Onboarding page, licences, trust stores. */
  readonly onboarding: Onboarding
  /** Refresh logins, and certificates of MRA. */
  readonly oauth: OAuth
  readonly mra: MraSetup
  /** The second server of a repair (UPG-09). */
  readonly upgrade: Upgrade
  readonly cluster: Cluster
  readonly presence: Presence | null
  readonly directory: Directory
  readonly devices: Map<string, Device>
  /** IDs of devices that are gone: what is still on its way to them is lost. */
  readonly deleted: Set<string>
  /** Nodes and phones by ID: what a message may start from or go to, besides the clouds. */
  readonly hosts: Map<string, { node: LabNode; device: null } | { node: null; device: Device }>
  /** Storms under way, by name. */
  readonly storms: Set<string>
  /** Calls that are not over. */
  readonly calls: Set<Call>
  /** Tokens handed out by APNs and FCM. */
  readonly platformTokens: { apns: Map<string, PlatformToken>; fcm: Map<string, PlatformToken> }
  /** Pushes that wait for a device that is offline: of APNs the newest for each app, of FCM what its rules keep (APNS-09, FCM-02). */
  readonly storedPushes: Map<string, StoredPush>
  readonly fcmStored: OfflineStore<StoredPush>
  /** Machine accounts and tokens as Common Identity knows them (NET-02). */
  readonly ci: CommonIdentity
  expresswayRelease: string | null
  /** What Expressway knows of push on IM and Presence (MRA-02, MRA-03). */
  readonly knowsPush: PushKnowledge
  firewallIdleMs: number
  /** How the firewall knows the cloud, and whether that moved since the rule was written (SCN-04). */
  readonly edge: { firewallRule: FirewallRule; cloudMoved: boolean }
  proxy: LabProxy | null
  readonly receivers: Receivers
  readonly hand: Hand
  /** Scenario file this lab came from, as shown. */
  file: string
  /** Results of the last reachability check, by finding ID (NET-08). */
  readonly checks: Map<string, { id: string; level: 'Pass' | 'Warning' | 'Fail'; subject: string; text: string; fix: string; why: string }>
  /** Streams of randomness, by use. */
  random(use: string): Random
  /** What the releases permit this device; kept until a release changes. */
  gateFor(device: Device): Gate
  chosenFor(device: Device): Chosen
  /** The way between two hosts, for the network. */
  pathBetween(from: string, to: string): RoutePath
  /** A release changed, of one device or of a server: what it permits is asked anew. */
  releasesChanged(device?: Device): void
  /** Whether a fault can sit here. */
  knowsPlace(place: string): boolean
  /** A command of the scenario could not be carried out at its time. */
  scheduledFailed(name: string, message: string): void
  /** Told of every fault that comes, strikes or goes. */
  onFault: ((fault: ActiveFault, gone: boolean) => void) | null
  /** A call was connected on this device: its user talks, and may hang up by itself. */
  talking(device: Device): void
  /** Numbers the banners of all phones. */
  nextBanner(): number
  /** The Local Push Notification Service of each node. */
  readonly lpns: Map<string, LpnsNode>
  /** Access tokens of clients, by ID. */
  readonly accessTokens: Map<string, AccessToken>
  /** Sessions of real clients, by their number on the wire. */
  readonly wireSessions: Map<number, Session>
  /** The nodes show each other signs of life: local push was set up. */
  meshRuns: boolean
  /** Null in virtual time and in replays. */
  wire: WirePort | null
  /** The clouds on real sockets. */
  readonly real: RealClouds
  /** Marks a row to be sent again. */
  touch(kind: RowKind, id: string): void
}

/** Writes a hop whose outcome is known now. */
export function tell(world: World, hop: Hop, outcome: string, status: HopStatus, why: string): HopEvent {
  if (hop.flow > 0) world.flows.countHop(hop.flow)
  return world.log.add(hop, outcome, status, why)
}

/** Something that happens in one place and does not travel. */
export function note(
  world: World,
  at: { flow: number; place: string; carrier: Carrier; tracking?: string | undefined },
  message: string,
  outcome: string,
  status: HopStatus,
  why: string,
): HopEvent {
  const hop: Hop = {
    flow: at.flow,
    from: at.place,
    to: at.place,
    carrier: at.carrier,
    message,
    sentAt: world.clock.now(),
    tracking: at.tracking,
  }
  return tell(world, hop, outcome, status, why)
}

/**
 * Sends a message along a route. `arrive` runs at its arrival and writes the hop, since only the receiver
 * knows the outcome. A loss is written here, for the observer; `lost` runs only for losses that the sender
 * learns of (reset, refused, no route), never for silence.
 */
export function transmit(
  world: World,
  route: Route,
  hop: Hop,
  traffic: Traffic,
  arrive: (hop: Hop) => void,
  lost?: (loss: Loss) => void,
): void {
  const delivery = world.network.travel(route, traffic)
  if (!delivery.ok) {
    const { loss } = delivery
    world.clock.schedule(
      loss.afterMs,
      () => {
        tell(world, hop, loss.text, loss.how === 'silent' ? 'lost' : 'fail', loss.why)
        if (loss.how !== 'silent') lost?.(loss)
      },
      hop.message,
      'arrival',
    )
    return
  }
  if (delivery.legDelaysMs === null) {
    world.clock.deliver(delivery.delayMs, arrive, hop, hop.message)
    return
  }
  relay(world, route, hop, delivery.legDelaysMs, delivery.delayMs, arrive)
}

/** Draws each relay (Expressway) as a hop of its own, at the time it passes the message on. */
function relay(world: World, route: Route, hop: Hop, legDelaysMs: number[], delayMs: number, arrive: (hop: Hop) => void): void {
  const start = world.clock.now()
  let from = hop.from
  let sentAt = hop.sentAt
  for (const { place, afterLegs } of route.relays) {
    const passedMs = Math.min(legDelaysMs[afterLegs - 1] ?? delayMs, delayMs)
    const part: Hop = { ...hop, from, to: place, sentAt }
    world.clock.schedule(passedMs, () => tell(world, part, 'passed on', 'ok', 'CH-01'), hop.message, 'arrival')
    from = place
    sentAt = start + passedMs
  }
  const last: Hop = { ...hop, from, sentAt }
  world.clock.deliver(delayMs, arrive, last, hop.message)
}

const PLACES = { CallManager: new Map<string, string>(), CPNS: new Map<string, string>(), LPNS: new Map<string, string>() }

/** The place ID of a service on a node; made once, as every hop asks for it. */
export function placeIn(node: string, service: keyof typeof PLACES): string {
  const known = PLACES[service]
  let place = known.get(node)
  if (place === undefined) {
    if (known.size > 1_000) known.clear() // names of labs long gone
    known.set(node, (place = `${node}/${service}`))
  }
  return place
}

/** Where a place lives: `ucm-pub/CPNS` is on the host `ucm-pub`; other places are hosts themselves. */
export function hostOf(place: string): string {
  const slash = place.indexOf('/')
  return slash < 0 ? place : place.slice(0, slash)
}

export const CLOUDS = ['push-rest', 'apns', 'fcm', 'ci', 'fos', 'webex-cloud'] as const

/** The route between two hosts of this lab. */
export function routeBetween(world: World, from: string, to: string): Route {
  return world.network.route(from, to, world.pathBetween)
}
