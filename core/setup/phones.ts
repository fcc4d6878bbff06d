/** Phones and desk phones as they stand when the lab starts. */
import { keepsSocket } from '../client/attention.ts'
import { FAILURES_ALLOWED } from '../client/callKit.ts'
import { isMobile, isSuspended, MISSED_FLOWS, reachesCluster, SEEN_CALLS, SEEN_PUSHES, type Device } from '../client/device.ts'
import { newKey } from '../client/keys.ts'
import { issueToken } from '../cloud/platform.ts'
import { CALLMANAGER, isRunning, nodeOf } from '../cluster/nodes.ts'
import { alreadyConnected } from '../lpns/client.ts'
import { newClient } from '../lpns/hunting.ts'
import { messagePushPlan } from '../cluster/pushPlan.ts'
import { LastFew } from '../engine/lastFew.ts'
import type { ScenarioDevice } from '../contract/scenario.ts'
import { newSession } from '../presence/sessions.ts'
import { assign, homeOf, serves } from '../presence/subcluster.ts'
import { settlePushSession } from '../presence/pushSession.ts'
import type { World } from '../world.ts'

const DEFAULT_RELEASE = { jabber: '14.2', webex: '43.6', deskphone: '' } as const
const DEFAULT_OS = { ios: '16.5', android: '13', desktop: '' } as const

const firstPool = (world: World): string => {
  for (const id of world.cluster.pools.keys()) return id
  return 'Default'
}

export function addDevice(world: World, spec: ScenarioDevice): void {
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
    pool: spec.pool ?? firstPool(world),
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
    wifiIsMainRoute: spec.wifiIsMainRoute,
    trustsPrivateCa: spec.trustsPrivateCa,
    cellular: spec.cellular,
    internet: spec.internet,
    notificationsAllowed: spec.notificationsAllowed,
    voipSocket: spec.enableVoipSocket,
    keepaliveSurvives: spec.keepaliveSurvives,
    reportsCalls: true,
    voipFailures: 0,
    voipFailuresAllowed: FAILURES_ALLOWED,
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
    seenPushes: new LastFew(SEEN_PUSHES),
    seenCalls: new LastFew(SEEN_CALLS),
    config: null,
    local: newClient(),
    accessToken: null,
    refreshEndsAt: 0,
    booting: false,
    realClient: false,
    trustsSelfSigned: false,
    im: null,
    history: 0,
    contacts: new Map(),
    lastUsedAt: -spec.idleMs,
    pushSession: null,
    presence: spec.signedIn ? 'Available' : 'Offline',
    status: 'Available',
    call: null,
    leg: null,
    placed: null,
    waits: [],
    heldLegs: [],
    callPush: null,
    choice: null,
    banners: [],
    missedCalls: 0,
    missedFlows: new LastFew(MISSED_FLOWS),
    pushes: 0,
  }
  world.devices.set(device.id, device)
  world.hosts.set(device.id, { node: null, device })
  const ofOwner = world.directory.devicesOf.get(device.owner)
  if (ofOwner) ofOwner.push(device)
  else world.directory.devicesOf.set(device.owner, [device])
  const home = homeOf(world, device)
  if (home) assign(home, device)
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
    if (key) device.subscription = { token: device.token, key: key.key, keyFingerprint: key.fingerprint, stopped: false, imStopped: false }
  }
  if (node) {
    device.registration = { node: node.id, connected: reachesCluster(device) && (!suspended || keepsSocket(world, device)) }
    device.lastNode = node.id
  }
  alreadyConnected(world, device)
  const home = homeOf(world, device)
  if (home) {
    const direct = !suspended || (keepsSocket(world, device) && !messagePushPlan(world, device).push)
    newSession(device, home, home, reachesCluster(device) && direct && serves(home))
    settlePushSession(world, device, false)
  }
  if (suspended) device.presence = 'Away' // MSG-03
}
