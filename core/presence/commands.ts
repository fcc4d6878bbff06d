/** Commands around instant messages: what users do with them, what an administrator sets, and Expressway's part. */
import { brokenOrder } from '../edge/pushKnowledge.ts'
import type { LabCommandArgs, LabCommandName } from '../contract/commands.ts'
import type { presenceCommands } from '../contract/presence.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { admin, missing, onDevice, refused } from '../replies.ts'
import { readRelease } from '../release/index.ts'
import { note, type World } from '../world.ts'
import { fallBackNow, planFallback } from './fallback.ts'
import { used } from './mdm.ts'
import { sendMessage } from './messaging.ts'
import { EXPRESSWAY_RESTART_MS } from './parameters.ts'
import { settlePushSession } from './pushSession.ts'
import { busiestNode } from './reloginQuery.ts'
import { reloginLimits } from './subcluster.ts'
import { presenceOf, showPresence } from './watchers.ts'

type Names = Extract<LabCommandName, keyof typeof presenceCommands>

const NO_PRESENCE = failure('refused', 'this lab has no IM and Presence Service', [
  { path: 'presence', message: 'there is none', fix: 'add "presence: { nodes: [{ id: imp-pub }] }" to the scenario file' },
])

function send(world: World, args: { from: string; to: string }, text: string, kind: 'invitation' | 'other'): Reply {
  const flow = sendMessage(world, args.from, args.to, text, kind)
  return typeof flow === 'string'
    ? missing('user', world.directory.users.has(args.from) ? args.to : args.from, world.directory.users.keys())
    : ok({ flow: flow.number })
}

function setParameters(world: World, args: LabCommandArgs<'presence.parameters'>): Reply {
  const { presence } = world
  if (!presence) return NO_PRESENCE
  const { parameters } = presence
  const lower = args.reloginLowerSeconds ?? parameters.reloginLowerSeconds
  const upper = args.reloginUpperSeconds === undefined ? parameters.reloginUpperSeconds : args.reloginUpperSeconds
  if (upper !== null && lower >= upper) {
    return failure('bad-request', `the upper re-login limit, ${upper} s, is not above the lower one, ${lower} s`, [
      { path: 'reloginUpperSeconds', message: 'not above the lower limit', fix: `more than ${lower} s` },
    ])
  }
  const said: string[] = []
  const say = (text: string): void => void said.push(text)
  for (const [field, label] of [
    ['instantMessaging', 'Instant Messaging'],
    ['multipleDeviceMessaging', 'Multiple Device Messaging'],
    ['streamManagement', 'Stream Management'],
  ] as const) {
    const value = args[field]
    if (value === undefined || value === presence[field]) continue
    presence[field] = value
    say(`${label} ${value ? 'on' : 'off'}`)
  }
  const high = args.pushHighAvailability
  if (high !== undefined && high !== parameters.highAvailability) {
    parameters.highAvailability = high
    say(`Push Notifications High Availability ${high ? 'Enabled' : 'Disabled'}: restart Cisco XCP Router on all nodes`)
  }
  if (lower !== parameters.reloginLowerSeconds || upper !== parameters.reloginUpperSeconds) {
    parameters.reloginLowerSeconds = lower
    parameters.reloginUpperSeconds = upper
    const limits = reloginLimits(world, busiestNode(world)?.users.size ?? 0)
    say(`re-login limits ${limits.lowerSeconds} to ${limits.upperSeconds} s`)
  }
  if (args.rebuildPerSecond !== undefined) {
    parameters.rebuildPerSecond = args.rebuildPerSecond
    say(`${args.rebuildPerSecond} sessions rebuilt per second`)
  }
  if (args.failoverAfterMs !== undefined) parameters.failoverAfterMs = args.failoverAfterMs
  if (args.criticalServiceDownMs !== undefined) parameters.criticalServiceDownMs = args.criticalServiceDownMs
  if (args.fallbackAfterMs !== undefined) parameters.fallbackAfterMs = args.fallbackAfterMs
  if (args.fallback !== undefined) {
    parameters.automaticFallback = args.fallback === 'automatic'
    say(`fallback ${args.fallback}`)
  }
  const [first] = presence.nodes.keys()
  admin(
    world,
    first ?? world.cluster.publisher.id,
    'IM and Presence parameters',
    said.length === 0 ? 'saved unchanged' : said.join('; '),
    'ONB-19',
  )
  for (const device of world.devices.values()) settlePushSession(world, device)
  for (const im of presence.im.values()) {
    planFallback(world, im)
    world.touch('imNode', im.id)
    world.touch('node', im.id)
  }
  return ok({})
}

function withExpressway(world: World, act: () => string | null): Reply {
  if (world.expresswayRelease === null) return failure('refused', 'this lab has no Expressway')
  return refused(act())
}

function restartExpressway(world: World, server: 'C' | 'E'): string | null {
  const { knowsPush } = world
  const key = server === 'C' ? 'c' : 'e'
  const place = `expressway-${key}`
  if (knowsPush.restarting[key]) return `Expressway-${server} is restarting already`
  knowsPush.restarting[key] = true
  const why = server === 'C' ? 'MRA-02' : 'MRA-03'
  world.touch('node', place)
  admin(world, place, `Expressway-${server} restarts`, `back in ${EXPRESSWAY_RESTART_MS / 1_000} s`, why)
  world.clock.schedule(
    EXPRESSWAY_RESTART_MS,
    () => {
      knowsPush.restarting[key] = false
      const knows = server === 'E' || knowsPush.refreshed
      knowsPush[key] = knows
      const inOrder = brokenOrder(world.expresswayRelease ?? '', presenceReleases(world)) === null
      if (knowsPush.wrongOrder && knowsPush.c && knowsPush.e && inOrder) knowsPush.wrongOrder = null
      const outcome = knows ? 'knows of push on IM and Presence' : 'its servers were not refreshed: it knows nothing of push yet'
      note(world, { flow: 0, place, carrier: 'admin' }, `Expressway-${server} is up`, outcome, knows ? 'ok' : 'warn', why)
      world.touch('node', place)
      settleAll(world)
    },
    `Expressway-${server} restarts`,
  )
  return null
}

/** Of all IM and Presence clusters behind Expressway, this lab's first. */
const presenceReleases = (world: World): string[] => [world.presence?.release ?? '', ...world.knowsPush.others.values()]

function releaseOfOther(world: World, cluster: string, text: string): Reply {
  const { others } = world.knowsPush
  if (!others.has(cluster)) return missing('cluster', cluster, others.keys())
  const read = readRelease('presence', text)
  if (!read.ok) return failure('bad-request', read.message, [{ path: 'release', message: read.message }])
  others.set(cluster, read.value.name)
  admin(world, 'expressway-c', `IM and Presence of ${cluster} is now ${read.value.name}`, 'its release counts for the order', 'MRA-05')
  return ok({})
}

/** Expressway has a new release: the order of the two counts once push is on (MRA-05, MRA-06). */
export function releaseOrder(world: World, expressway: string): void {
  if (!world.presence || !world.cluster.onboarded) return
  const broken = brokenOrder(expressway, presenceReleases(world))
  if (!broken) return
  world.knowsPush.wrongOrder = broken
  // The repair is the upgrade that was left out, then both restarts.
  world.knowsPush.c = false
  world.knowsPush.e = false
}

function settleAll(world: World): void {
  for (const device of world.devices.values()) {
    if (!device.mra) continue
    settlePushSession(world, device)
    world.touch('device', device.id)
  }
}

export const presenceHandlers: { [N in Names]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'room.invite': (world, args) => send(world, args, args.room, 'invitation'),
  'stanza.send': (world, args) => send(world, args, args.what, 'other'),
  'user.presence': (world, { user, status }) => {
    if (!world.directory.users.has(user)) return missing('user', user, world.directory.users.keys())
    const devices = (world.directory.devicesOf.get(user) ?? []).filter((device) => device.client !== 'deskphone')
    if (!devices.some((device) => device.signedIn)) return failure('refused', `${user} has no client that is signed in`)
    for (const device of devices) {
      device.status = status
      showPresence(world, device, presenceOf(device))
      world.touch('device', device.id)
    }
    return ok({})
  },
  'device.activity': (world, { device }) =>
    onDevice(world, device, (found) => {
      if (!found.signedIn) return `${found.label} is signed out`
      if (found.os !== 'desktop' && presenceOf(found) === 'Away' && found.status !== 'Away')
        return `${found.label} is suspended: open its app first`
      used(world, found)
      admin(world, found.id, 'user is at this client', 'it is the one used last', 'MSG-04')
      return null
    }),
  'presence.parameters': setParameters,
  'presence.fallback': (world, { node }) => {
    if (!world.presence) return NO_PRESENCE
    return world.presence.im.has(node) ? refused(fallBackNow(world, node)) : missing('node', node, world.presence.im.keys())
  },
  'expressway.presenceRelease': (world, { cluster, release }) => releaseOfOther(world, cluster, release),
  'expressway.refresh': (world) =>
    withExpressway(world, () => {
      world.knowsPush.refreshed = true
      world.mra.authz.expressway = world.mra.authz.unifiedCm
      admin(
        world,
        'expressway-c',
        'Refresh Servers',
        'configuration and Authz certificate as on Unified CM; restart Expressway-C',
        'MRA-01',
      )
      return null
    }),
  'expressway.restart': (world, { server }) => withExpressway(world, () => restartExpressway(world, server)),
}
