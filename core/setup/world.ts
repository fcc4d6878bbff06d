/** Puts a world together from its scenario: the state of every room, and who receives what. */
import { newCommonIdentity } from '../cloud/ci.ts'
import { OfflineStore } from '../cloud/fcm/store.ts'
import { providerPushMoved } from '../cloud/provider.ts'
import { newAdministration, startAdministration } from '../admin/start.ts'
import { newRealClouds } from '../cloud/real.ts'
import { socketMayBeGone } from '../client/attention.ts'
import { chosenOf, gateOf, type Gate, type Releases } from '../client/gate.ts'
import { talkHabit } from '../client/habits.ts'
import { pushAtDevice } from '../client/phone.ts'
import { sipAtDevice } from '../client/phoneSip.ts'
import * as user from '../client/user.ts'
import { sipAtCallManager } from '../cluster/callProcessing.ts'
import { callPushMoved } from '../cluster/cpns.ts'
import { startAgents } from '../onboarding/subscribe.ts'
import { newMraSetup } from '../edge/mraCertificates.ts'
import { newOAuth, startsWithRefreshLogins } from '../oauth/state.ts'
import { startLicensing } from '../onboarding/licensing.ts'
import { newOnboarding, startsFresh, startsOnboarded } from '../onboarding/state.ts'
import type { RowKind } from '../contract/rows.ts'
import type { Scenario } from '../contract/scenario.ts'
import { pathBetween } from '../edge/paths.ts'
import { newProxy } from '../edge/proxy.ts'
import { pushKnowledgeOf } from '../edge/pushKnowledge.ts'
import { EventLog } from '../engine/eventLog.ts'
import { FaultBook } from '../engine/faultBook.ts'
import { Network } from '../engine/network.ts'
import { Random } from '../engine/random.ts'
import type { Sealer } from '../engine/sealer.ts'
import { VirtualClock } from '../engine/virtualClock.ts'
import { FlowBook } from '../flowBook.ts'
import { configSaved, settleLocalPush } from '../lpns/client.ts'
import { startMesh } from '../lpns/mesh.ts'
import { CLOSE } from '../lpns/protocol.ts'
import { closeSession } from '../lpns/server.ts'
import { MessageBook } from '../presence/messageBook.ts'
import { resumeSession } from '../presence/sessions.ts'
import { parametersOf } from '../presence/subcluster.ts'
import { firstSeen } from '../presence/watchers.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import { PushBook } from '../pushBook.ts'
import { Alarms } from '../serviceability/alarms.ts'
import { Counters } from '../serviceability/counters.ts'
import { TraceLevels } from '../serviceability/traceLevels.ts'
import { note, tell, type LabNode, type World } from '../world.ts'
import { addDirectory } from './directory.ts'
import { addLinks } from './links.ts'
import { addDevice } from './phones.ts'
import { hostState, knowsPlace, touchFaultPlace } from './places.ts'
import { addServers, syncServices } from './servers.ts'

export type Parts = {
  sealer: Sealer
  seed: number
  file: string
  touch: (kind: RowKind, id: string) => void
  eventsKept: number | undefined
}

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
    touchFaultPlace(world, fault.fault.on, gone || fault.hits === 0)
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
    messages: new MessageBook(clock),
    pushes: new PushBook(clock, (id) => touch('push', id), forget('push')),
    counters: new Counters(clock, (id) => touch('counter', id), effect),
    alarms: new Alarms(clock, scenario.cluster.id, (id) => touch('alarm', id), forget('alarm'), log),
    traceLevels: new TraceLevels(),
    admin: newAdministration(startsOnboarded(scenario), random),
    onboarding: newOnboarding(scenario),
    oauth: newOAuth(scenario),
    upgrade: { spare: null },
    mra: newMraSetup(scenario.edge.expressway),
    cluster: {
      id: scenario.cluster.id,
      release: scenario.cluster.release,
      onboarded: startsOnboarded(scenario),
      nodes: clusterNodes,
      publisher: undefined as unknown as LabNode, // set below, before anything runs
      groups: new Map(),
      pools: new Map(),
      mobilityPushWaitMs: scenario.cluster.mobilityPushWaitMs,
      accessTokenMinutes: scenario.cluster.accessTokenMinutes,
      oauthRefreshLogins: startsWithRefreshLogins(scenario),
      clientTokenMinutes: scenario.cluster.clientTokenMinutes,
      clientRefreshDays: scenario.cluster.clientRefreshDays,
      localPush: { ...scenario.cluster.localPush },
      configVersion: 0,
      lastFile: null,
      ucServices: new Map(),
      serviceProfiles: new Map(),
    },
    presence: scenario.presence && {
      release: scenario.presence.release ?? scenario.cluster.release,
      nodes: presenceNodes,
      instantMessaging: scenario.presence.instantMessaging,
      multipleDeviceMessaging: scenario.presence.multipleDeviceMessaging,
      streamManagement: scenario.presence.streamManagement,
      parameters: parametersOf(scenario.presence),
      subclusters: [],
      im: new Map(),
      assignable: [],
    },
    directory: {
      users: new Map(),
      order: new Map(),
      devicesOf: new Map(),
      lines: new Map(),
      pilots: new Map(),
      ownerOfNumber: new Map(),
      watchersOf: new Map(),
      seenAs: new Map(),
    },
    devices: new Map(),
    deleted: new Set(),
    storms: new Set(),
    calls: new Set(),
    hosts: new Map(),
    platformTokens: { apns: new Map(), fcm: new Map() },
    storedPushes: new Map(),
    fcmStored: new OfflineStore(),
    ci: newCommonIdentity(),
    checks: new Map(),
    expresswayRelease: scenario.edge.expressway?.release ?? null,
    knowsPush: pushKnowledgeOf(scenario.edge.expressway),
    edge: { firewallRule: scenario.edge.firewall.rule, cloudMoved: false },
    firewallIdleMs: Math.round(scenario.edge.firewall.idleMinutes * 60_000),
    proxy: scenario.edge.proxy && newProxy(scenario.edge.proxy),
    receivers: {
      pushAtDevice: (device, push) => pushAtDevice(world, device, push),
      sipAtDevice(device, message, hop) {
        if (world.deleted.has(device.id)) tell(world, hop, `${device.label} was deleted`, 'lost', 'LPNS-18')
        else sipAtDevice(world, device, message, hop)
      },
      sipAtCallManager: (node, message, hop) => sipAtCallManager(world, node, message, hop),
      imResume(device, flow) {
        // Its user has to log in first (OAUTH-02).
        if (!world.oauth.prompts.has(device.id)) resumeSession(world, device, flow)
      },
      sessionMoved: (session, to) => closeSession(world, session, CLOSE.moved, `the client has moved to ${to}`, 'LPNS-19'),
      configSaved(device) {
        startMesh(world)
        configSaved(world, device)
      },
    },
    hand: {
      answer: (device) => void user.answer(world, device),
      decline: (device) => void user.decline(world, device),
      tap: (device) => void user.tap(world, device),
      hangUp: (device) => void user.hangUp(world, device),
    },
    onFault: null,
    lpns: new Map(),
    accessTokens: new Map(),
    wireSessions: new Map(),
    meshRuns: false,
    wire: null,
    real: newRealClouds(),
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
        settleLocalPush(world, each)
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

  world.pushes.onMove = (push) => (push.provider ? providerPushMoved(world, push) : callPushMoved(world, push))
  addServers(world)
  addDirectory(world)
  addLinks(world)
  for (const device of scenario.devices) addDevice(world, device)
  firstSeen(world)
  startMesh(world, true)
  startAgents(world)
  startAdministration(world)
  startLicensing(world, startsFresh(scenario))
  return world
}

const releasesOf = (world: World): Releases => ({
  unifiedCm: world.cluster.release,
  presence: world.presence?.release ?? null,
  expressway: world.expresswayRelease,
})
