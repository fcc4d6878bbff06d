/** Builds the world of a scenario: links, nodes, people and phones as they stand when the lab starts. */
import type { RowKind, ServiceName } from './contract/rows.ts'
import type { Scenario, ScenarioDevice } from './contract/scenario.ts'
import { sipAtCallManager } from './cluster/callProcessing.ts'
import { CALLMANAGER, CMAS, CPNS, isRunning, LPNS, nodeOf, serviceNamed, TOMCAT, XCP_CONFIG, XCP_ROUTER } from './cluster/nodes.ts'
import { callPushMoved } from './cluster/cpns.ts'
import { messagePushPlan } from './cluster/pushPlan.ts'
import { CPNS_PORT } from './cluster/cpns.ts'
import { startAgents } from './cluster/onboarding.ts'
import { issueToken } from './cloud/platform.ts'
import { newAgent } from './cloud/accessAgent.ts'
import { keepsSocket, socketMayBeGone } from './client/attention.ts'
import { isMobile, isSuspended, reachesCluster, reachesInternet, type Device } from './client/device.ts'
import { chosenOf, gateOf, type Gate, type Releases } from './client/gate.ts'
import { talkHabit } from './client/habits.ts'
import { newKey } from './client/keys.ts'
import { pushAtDevice } from './client/phone.ts'
import { sipAtDevice } from './client/phoneSip.ts'
import { SIP_PORT } from './client/sip.ts'
import * as user from './client/user.ts'
import { EventLog } from './engine/eventLog.ts'
import { FaultBook } from './engine/faultBook.ts'
import { Network, type HostState } from './engine/network.ts'
import { Random } from './engine/random.ts'
import type { Sealer } from './engine/sealer.ts'
import { VirtualClock } from './engine/virtualClock.ts'
import { FlowBook } from './flowBook.ts'
import { imNodeFor, resumeSession } from './presence/messaging.ts'
import { settlePushSession } from './presence/pushSession.ts'
import { PushBook } from './pushBook.ts'
import { isOn, decide } from './release/index.ts'
import { Alarms } from './serviceability/alarms.ts'
import { Counters } from './serviceability/counters.ts'
import { CLOUDS, note, pathBetween, type LabNode, type World } from './world.ts'

export type Parts = {
  sealer: Sealer
  seed: number
  file: string
  touch: (kind: RowKind, id: string) => void
  eventsKept: number | undefined
}

/** Usual one-way delays and jitter in milliseconds; a scenario may set its own per link. */
const DELAY = {
  loopback: [1, 0],
  lan: [1, 1],
  cloud: [35, 10],
  partner: [25, 10],
  apns: [180, 120],
  fcm: [160, 120],
  wifi: [8, 6],
  internet: [40, 20],
} as const

export function buildWorld(scenario: Scenario, parts: Parts): World {
  const { touch } = parts
  const clock = new VirtualClock()
  const streams = new Map<string, Random>()
  const random = (use: string): Random => {
    let stream = streams.get(use)
    if (!stream) streams.set(use, (stream = new Random(parts.seed, use)))
    return stream
  }
  const log = new EventLog(clock, parts.eventsKept)
  const effect = (text: string): void => log.effect(text)
  const forget = (kind: RowKind) => (id: string) => touch(kind, id)
  const clusterNodes = new Map<string, LabNode>()
  const presenceNodes = new Map<string, LabNode>()
  const gates = new Map<string, Gate>()
  const gatesByRelease = new Map<string, Gate>()
  let banners = 0

  const faults = new FaultBook(clock, random('faults'), (fault, gone) => {
    world.onFault?.(fault, gone)
    touchFaultPlace(world, fault.fault.on)
  })

  const world: World = {
    seed: parts.seed,
    clock,
    sealer: parts.sealer,
    scenario,
    file: parts.file,
    network: new Network(
      clock,
      faults,
      parts.seed,
      (host, peer, port) => hostState(world, host, peer, port),
      (link) => link.a !== link.b && touch('link', link.id), // a node's way to itself is drawn inside the node
    ),
    faults,
    log,
    flows: new FlowBook(clock, (id) => touch('flow', id), forget('flow')),
    pushes: new PushBook(clock, (id) => touch('push', id), forget('push')),
    counters: new Counters(clock, (id) => touch('counter', id), effect),
    alarms: new Alarms(clock, scenario.cluster.id, (id) => touch('alarm', id), forget('alarm'), effect),
    cluster: {
      id: scenario.cluster.id,
      release: scenario.cluster.release,
      onboarded: scenario.cluster.onboarded,
      nodes: clusterNodes,
      publisher: undefined as unknown as LabNode, // set below, before anything runs
      groups: new Map(),
      pools: new Map(),
      mobilityPushWaitMs: scenario.cluster.mobilityPushWaitMs,
      accessTokenMinutes: scenario.cluster.accessTokenMinutes,
    },
    presence: scenario.presence && {
      release: scenario.presence.release ?? scenario.cluster.release,
      nodes: presenceNodes,
      instantMessaging: scenario.presence.instantMessaging,
      multipleDeviceMessaging: scenario.presence.multipleDeviceMessaging,
      streamManagement: scenario.presence.streamManagement,
    },
    directory: { users: new Map(), lines: new Map(), pilots: new Map(), ownerOfNumber: new Map() },
    devices: new Map(),
    calls: new Set(),
    hosts: new Map(),
    platformTokens: { apns: new Map(), fcm: new Map() },
    storedPushes: new Map(),
    checks: new Map(),
    expresswayRelease: scenario.edge.expressway?.release ?? null,
    firewallIdleMs: Math.round(scenario.edge.firewall.idleMinutes * 60_000),
    proxy: scenario.edge.proxy && { id: scenario.edge.proxy.id },
    receivers: {
      pushAtDevice: (device, push) => pushAtDevice(world, device, push),
      sipAtDevice: (device, message, hop) => sipAtDevice(world, device, message, hop),
      sipAtCallManager: (node, message, hop) => sipAtCallManager(world, node, message, hop),
      imResume: (device, flow) => resumeSession(world, device, flow),
    },
    hand: {
      answer: (device) => void user.answer(world, device),
      decline: (device) => void user.decline(world, device),
      tap: (device) => void user.tap(world, device),
      hangUp: (device) => void user.hangUp(world, device),
    },
    onFault: null,
    random,
    gateFor(device) {
      let gate = gates.get(device.id)
      if (gate) return gate
      // Thousands of phones have a few releases between them.
      const { client, clientRelease, os, osRelease, mra, targetApiLevel } = device
      const releases = [client, clientRelease, os, osRelease, mra, targetApiLevel].join('|')
      gate = gatesByRelease.get(releases)
      if (!gate) gatesByRelease.set(releases, (gate = gateOf(device, releasesOf(world))))
      gates.set(device.id, gate)
      return gate
    },
    chosenFor: (device) => chosenOf(device, releasesOf(world)),
    releasesChanged(device) {
      if (device) gates.delete(device.id)
      else {
        gates.clear()
        gatesByRelease.clear()
      }
      for (const each of device ? [device] : world.devices.values()) {
        settlePushSession(world, each)
        socketMayBeGone(world, each)
      }
      for (const node of clusterNodes.values()) syncServices(node)
      for (const id of clusterNodes.keys()) touch('node', id)
      for (const id of presenceNodes.keys()) touch('node', id)
      for (const id of device ? [device.id] : world.devices.keys()) touch('device', id)
    },
    pathBetween: (from, to) => pathBetween(world, from, to),
    knowsPlace: (place) => knowsPlace(world, place),
    scheduledFailed(name, message) {
      note(world, { flow: 0, place: world.cluster.publisher.id, carrier: 'admin' }, name, `refused: ${message}`, 'fail', 'SCN-15')
    },
    talking: (device) => talkHabit(world, device),
    nextBanner: () => ++banners,
    touch,
  }

  world.pushes.onMove = (push) => callPushMoved(world, push)
  addServers(world)
  addDirectory(world)
  addLinks(world)
  for (const device of scenario.devices) addDevice(world, device)
  startAgents(world)
  return world
}

const releasesOf = (world: World): Releases => ({
  unifiedCm: world.cluster.release,
  presence: world.presence?.release ?? null,
  expressway: world.expresswayRelease,
})

// --- servers ------------------------------------------------------------------------------------

function addServers(world: World): void {
  const { scenario } = world
  scenario.cluster.nodes.forEach((spec, index) => {
    const node = newNode(spec.id, 'ucm', index, spec.release ?? scenario.cluster.release, spec.dns)
    syncServices(node)
    stopServices(node, spec.stopped)
    world.cluster.nodes.set(node.id, node)
    world.hosts.set(node.id, { node, device: null })
    if (index === 0) world.cluster.publisher = node
  })
  scenario.presence?.nodes.forEach((spec, index) => {
    const node = newNode(spec.id, 'imp', index, spec.release ?? world.presence?.release ?? '', spec.dns)
    for (const name of [XCP_ROUTER, XCP_CONFIG, TOMCAT]) node.services.set(name, { state: 'running', note: '' })
    stopServices(node, spec.stopped)
    world.presence?.nodes.set(node.id, node)
    world.hosts.set(node.id, { node, device: null })
  })
  const { groups, pools } = world.cluster
  for (const group of scenario.cluster.groups) groups.set(group.id, [...group.nodes])
  if (groups.size === 0)
    groups.set(
      'Default',
      scenario.cluster.nodes.slice(0, 3).map((node) => node.id),
    )
  for (const pool of scenario.cluster.pools) pools.set(pool.id, pool.group)
  if (pools.size === 0) pools.set('Default', [...groups.keys()][0] ?? 'Default')
}

function newNode(id: string, family: LabNode['family'], index: number, release: string, dns: boolean): LabNode {
  return {
    id,
    family,
    role: index === 0 ? 'publisher' : 'subscriber',
    release,
    state: 'up',
    since: 0,
    services: new Map(),
    dns,
    held: new Set(),
    agent: newAgent(family === 'ucm' ? `${id}/CPNS` : `${id}/XCP Config Manager`),
    connections: new Map(),
  }
}

/** Network services by release: LPNS exists from 14SU3 on (REL-04). */
function syncServices(node: LabNode): void {
  if (node.family !== 'ucm') return
  const wanted: ServiceName[] = [CALLMANAGER, CPNS, CMAS, TOMCAT]
  if (hasLpns(node.release)) wanted.push(LPNS)
  for (const name of wanted) {
    if (!node.services.has(name))
      node.services.set(name, { state: 'running', note: name === LPNS ? 'no local push session in this lab' : '' })
  }
  if (!wanted.includes(LPNS)) node.services.delete(LPNS)
}

const hasLpns = (release: string): boolean =>
  isOn(
    decide({
      unifiedCm: release,
      presence: null,
      expressway: null,
      client: { kind: 'webex', release: '43.6' },
      os: { kind: 'ios', release: '16.5' },
      mra: false,
    }),
    'lpnsService',
  )

function stopServices(node: LabNode, names: readonly string[]): void {
  for (const name of names) {
    const service = serviceNamed(node, name)
    if (service) node.services.set(service, { state: 'stopped', note: '' })
  }
}

// --- people, numbers, links -----------------------------------------------------------------------

function addDirectory(world: World): void {
  const { users, pilots, ownerOfNumber } = world.directory
  for (const entry of world.scenario.users) {
    users.set(entry.id, { ...entry, name: entry.name ?? entry.id })
    ownerOfNumber.set(entry.number, { ...entry, name: entry.name ?? entry.id })
  }
  for (const pilot of world.scenario.cluster.huntPilots) pilots.set(pilot.number, pilot)
}

function addLinks(world: World): void {
  const { network, proxy } = world
  const add = (a: string, b: string, [latencyMs, jitterMs]: readonly [number, number]): void =>
    void network.addLink(a, b, latencyMs, jitterMs)
  const servers = [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])]
  servers.forEach((id, index) => {
    add(id, id, DELAY.loopback)
    add(id, 'firewall', DELAY.lan)
    if (proxy) add(id, proxy.id, DELAY.lan)
    add('devices', id, DELAY.wifi)
    if (world.expresswayRelease !== null) add('expressway-c', id, DELAY.lan)
    for (const other of servers.slice(index + 1)) add(id, other, DELAY.lan)
  })
  if (proxy) add(proxy.id, 'firewall', DELAY.lan)
  for (const cloud of ['push-rest', 'ci', 'fos'] as const) add('firewall', cloud, DELAY.cloud)
  add('push-rest', 'apns', DELAY.partner)
  add('push-rest', 'fcm', DELAY.partner)
  add('apns', 'devices', DELAY.apns)
  add('fcm', 'devices', DELAY.fcm)
  add('devices', 'webex-cloud', DELAY.internet)
  if (world.expresswayRelease !== null) {
    add('devices', 'expressway-e', DELAY.internet)
    add('expressway-e', 'expressway-c', DELAY.lan)
  }
  for (const { link, latencyMs, jitterMs } of world.scenario.links) {
    const found = network.links.get(link)
    if (!found) continue // the loader has refused such a file before
    if (latencyMs !== undefined) found.latencyMs = latencyMs
    if (jitterMs !== undefined) found.jitterMs = jitterMs
  }
}

// --- phones ---------------------------------------------------------------------------------------

const DEFAULT_RELEASE = { jabber: '14.2', webex: '43.6', deskphone: '' } as const
const DEFAULT_OS = { ios: '16.5', android: '13', desktop: '' } as const

function addDevice(world: World, spec: ScenarioDevice): void {
  const owner = world.directory.users.get(spec.owner)
  const os = spec.client === 'deskphone' ? 'desktop' : spec.os
  const device: Device = {
    id: spec.id,
    label: spec.label ?? spec.id,
    owner: spec.owner,
    ownerName: owner?.name ?? spec.owner,
    client: spec.client,
    clientRelease: spec.clientRelease ?? DEFAULT_RELEASE[spec.client],
    os,
    osRelease: spec.osRelease ?? DEFAULT_OS[os],
    pool: spec.pool ?? [...world.cluster.pools.keys()][0] ?? 'Default',
    lines: spec.lines ?? (owner ? [owner.number] : []),
    mra: spec.mra,
    region: spec.region,
    reportedRegion: spec.region,
    service: spec.subscriberService ?? (os === 'android' ? 'FCM' : 'APNS'),
    targetApiLevel: spec.targetApiLevel,
    signedIn: spec.signedIn,
    app: os === 'desktop' ? 'on screen' : spec.app,
    locked: os === 'desktop' ? false : spec.locked,
    screenOn: os === 'desktop' ? true : spec.screenOn,
    wifi: spec.wifi,
    cellular: spec.cellular,
    internet: spec.internet,
    notificationsAllowed: spec.notificationsAllowed,
    voipSocket: spec.enableVoipSocket,
    keepaliveSurvives: spec.keepaliveSurvives,
    wakeMs: spec.wakeMs,
    habits: {
      answersAfterMs: spec.habits.answersAfterMs ?? null,
      declinesAfterMs: spec.habits.declinesAfterMs ?? null,
      tapsAfterMs: spec.habits.tapsAfterMs ?? null,
      hangsUpAfterMs: spec.habits.hangsUpAfterMs ?? null,
    },
    registration: null,
    lastNode: null,
    registering: false,
    registerWaiters: [],
    registerAnswered: null,
    awakeFor: null,
    token: '',
    tokenSetAt: 0,
    keys: [],
    subscription: null,
    seenPushes: new Set(),
    im: null,
    pushSession: null,
    presence: spec.signedIn ? 'Available' : 'Offline',
    call: null,
    leg: null,
    placed: null,
    heldLegs: new Set(),
    callPush: null,
    choice: null,
    banners: [],
    missedCalls: 0,
    missedFlows: new Set(),
    pushes: 0,
    warnings: [],
  }
  world.devices.set(device.id, device)
  world.hosts.set(device.id, { node: null, device })
  for (const line of device.lines) {
    const sharing = world.directory.lines.get(line)
    if (sharing) sharing.push(device)
    else world.directory.lines.set(line, [device])
  }
  if (device.signedIn) alreadySignedIn(world, device)
}

/** Sign-in lies before the start of the lab: what it left behind is set, without hops. */
function alreadySignedIn(world: World, device: Device): void {
  const group = world.cluster.groups.get(world.cluster.pools.get(device.pool) ?? '') ?? []
  const node = group.map((id) => nodeOf(world, id)).find((each) => isRunning(each, CALLMANAGER))
  const suspended = isSuspended(device)
  if (isMobile(device)) {
    issueToken(world, device)
    newKey(world, device)
    const key = device.keys[0]
    if (key) device.subscription = { token: device.token, key: key.key, keyFingerprint: key.fingerprint, stopped: false }
  }
  if (node) {
    device.registration = { node: node.id, connected: reachesCluster(device) && (!suspended || keepsSocket(world, device)) }
    device.lastNode = node.id
  }
  const imNode = imNodeFor(world, device)
  if (imNode) {
    const direct = !suspended || (keepsSocket(world, device) && !messagePushPlan(world, device).push)
    device.im = { node: imNode.id, connected: reachesCluster(device) && direct, queue: [], history: 0 }
    settlePushSession(world, device, false)
  }
  if (suspended) device.presence = 'Away' // MSG-03
}

// --- who takes part -----------------------------------------------------------------------------

const UP: HostState = { up: true }

function hostState(world: World, host: string, peer: string, port: number): HostState {
  const found = world.hosts.get(host)
  if (!found) return UP
  if (found.node) return nodeState(found.node, host === peer, port)
  const { device } = found
  const outside = peer === 'apns' || peer === 'fcm' || peer === 'webex-cloud'
  if (outside ? reachesInternet(device) : reachesCluster(device)) return UP
  return {
    up: false,
    how: 'silent',
    text: `${device.label} has no network to ${outside ? 'the internet' : 'the cluster'}`,
    why: outside ? 'NET-10' : 'CH-13',
  }
}

function nodeState(node: LabNode, itself: boolean, port: number): HostState {
  if (node.state !== 'up')
    return { up: false, how: 'silent', text: `${node.id} is ${node.state}`, why: node.family === 'ucm' ? 'FO-02' : 'HA-03' }
  if (port === SIP_PORT && !isRunning(node, CALLMANAGER)) {
    return { up: false, how: 'refused', text: `CallManager does not run on ${node.id}`, why: 'FO-02' }
  }
  if (port === CPNS_PORT && itself && !isRunning(node, CPNS)) {
    return { up: false, how: 'refused', text: `CPNS does not run on ${node.id}`, why: 'NET-05' }
  }
  return UP
}

const FAULT_SERVICES = ['CPNS', 'XCP Config Manager']

function knowsPlace(world: World, place: string): boolean {
  if (world.network.links.has(place) || world.devices.has(place) || (CLOUDS as readonly string[]).includes(place)) return true
  const [host = '', service] = place.split('/')
  const isNode = world.cluster.nodes.has(host) || (world.presence?.nodes.has(host) ?? false)
  if (service === undefined) return isNode || world.proxy?.id === place || ['firewall', 'expressway-c', 'expressway-e'].includes(place)
  return isNode && FAULT_SERVICES.includes(service)
}

/** A fault changes what stands on a link or node, and who can be reached. */
function touchFaultPlace(world: World, place: string): void {
  const [a = '', b] = place.split('~')
  if (b !== undefined && a !== b) world.touch('link', place)
  else world.touch('node', a.split('/')[0] ?? a)
  for (const id of world.devices.keys()) world.touch('device', id)
}
