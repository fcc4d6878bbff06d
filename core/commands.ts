/** Carries out the commands of the lab on its world. Arguments are checked before they come here. */
import type { LabCommandArgs, LabCommandName } from './contract/commands.ts'
import { failure, ok, type Reply } from './contract/door.ts'
import { serviceNamed } from './cluster/nodes.ts'
import { closeConnections } from './cloud/connection.ts'
import { upgradeHandlers } from './upgrade/commands.ts'
import { upgraded } from './upgrade/release.ts'
import { oauthHandlers } from './oauth/commands.ts'
import { onboardingHandlers } from './onboarding/commands.ts'
import { reregister, setNodeState, setService } from './cluster/operations.ts'
import { checkReachability } from './cluster/reachability.ts'
import type { Device } from './client/device.ts'
import { socketMayBeGone } from './client/attention.ts'
import { signIn, signOut } from './client/signIn.ts'
import * as user from './client/user.ts'
import { presenceHandlers, releaseOrder } from './presence/commands.ts'
import { sendMessage } from './presence/messaging.ts'
import type { LabNode, World } from './world.ts'
import { readRelease } from './release/index.ts'
import { adminHandlers } from './admin/commands.ts'
import { proxyHandlers } from './edge/commands.ts'
import { directoryHandlers, setServiceProfile } from './cluster/directoryCommands.ts'
import { configurationSaved } from './lpns/jabberConfig.ts'
import { cloudHandlers } from './cloud/commands.ts'
import { lpnsHandlers } from './lpns/commands.ts'
import { placeCall } from './cluster/placeCall.ts'
import { admin, missing, onDevice, refused } from './replies.ts'
import { faultTitle } from './rows/faultRow.ts'
import { stormHandlers } from './storms.ts'

type Handlers = { [N in LabCommandName]: (world: World, args: LabCommandArgs<N>) => Reply }

function onNode(world: World, id: string, act: (node: LabNode) => string | null): Reply {
  const node = world.cluster.nodes.get(id) ?? world.presence?.nodes.get(id)
  const known = [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])]
  return node ? refused(act(node)) : missing('node', id, known)
}

function onService(world: World, args: { node: string; service: string }, action: 'start' | 'stop' | 'restart'): Reply {
  return onNode(world, args.node, (node) => {
    const name = serviceNamed(node, args.service)
    if (!name) return `${node.id} has no service "${args.service}": it has ${[...node.services.keys()].join(', ')}`
    return setService(world, node, name, action)
  })
}

function setRelease(world: World, args: LabCommandArgs<'cluster.release'>): Reply {
  const product = { 'Unified CM': 'unifiedCm', 'IM and Presence': 'presence', Expressway: 'expressway' } as const
  const read = readRelease(product[args.component], args.release)
  if (!read.ok) return failure('bad-request', read.message, [{ path: 'release', message: read.message }])
  const { name } = read.value
  if (args.component === 'Unified CM') {
    const from = world.cluster.release
    world.cluster.release = name
    upgraded(world, from, name)
    for (const node of world.cluster.nodes.values()) node.release = name
  } else if (args.component === 'IM and Presence') {
    if (!world.presence) return failure('refused', 'this lab has no IM and Presence Service')
    world.presence.release = name
    for (const node of world.presence.nodes.values()) node.release = name
  } else {
    if (world.expresswayRelease === null) return failure('refused', 'this lab has no Expressway')
    world.expresswayRelease = name
    releaseOrder(world, name)
  }
  world.releasesChanged()
  admin(
    world,
    args.component === 'Expressway' ? 'expressway-c' : world.cluster.publisher.id,
    `${args.component} is now ${name}`,
    'features follow the support matrix',
    'REL-01',
  )
  return ok({})
}

const handlers: Handlers = {
  ...lpnsHandlers,
  ...cloudHandlers,
  ...directoryHandlers,
  ...proxyHandlers,
  ...adminHandlers,
  ...stormHandlers,
  ...presenceHandlers,
  ...onboardingHandlers,
  ...oauthHandlers,
  ...upgradeHandlers,
  'call.place': placeCall,
  'call.hangUp': (world, { flow }) => {
    const found = world.flows.get(flow)
    const placed = found && world.devices.get(found.from)?.placed
    if (placed?.flow === found && placed) return refused(user.giveUp(world, placed))
    return found ? failure('refused', `flow ${flow} is not a call that its caller can end`) : missing('flow', String(flow), [])
  },
  'device.answer': (world, { device }) => onDevice(world, device, (found) => user.answer(world, found)),
  'device.decline': (world, { device }) => onDevice(world, device, (found) => user.decline(world, found)),
  'device.hangUp': (world, { device }) => onDevice(world, device, (found) => user.hangUp(world, found)),
  'message.send': (world, { from, to, text }) => {
    const flow = sendMessage(world, from, to, text)
    return typeof flow === 'string'
      ? failure('not-found', flow, [
          { path: 'to', message: flow, fix: `users: ${[...world.directory.users.keys()].slice(0, 8).join(', ')}` },
        ])
      : ok({ flow: flow.number })
  },
  'device.tap': (world, { device, banner }) => onDevice(world, device, (found) => user.tap(world, found, banner)),
  'device.foreground': (world, { device }) => onDevice(world, device, (found) => user.foreground(world, found)),
  'device.background': (world, { device }) =>
    onDevice(world, device, (found) => user.setAttention(world, found, { app: 'off screen' }, 'user leaves the app')),
  'device.lock': (world, { device }) =>
    onDevice(world, device, (found) => user.setAttention(world, found, { locked: true }, 'user locks the phone')),
  'device.unlock': (world, { device }) =>
    onDevice(world, device, (found) => user.setAttention(world, found, { locked: false, screenOn: true }, 'user unlocks the phone')),
  'device.screen': (world, { device, lit }) =>
    onDevice(world, device, (found) => user.setAttention(world, found, { screenOn: lit }, lit ? 'screen on' : 'screen off')),
  'device.kill': (world, { device }) =>
    onDevice(world, device, (found) => user.setAttention(world, found, { app: 'killed' }, 'user kills the app')),
  'device.signIn': (world, { device }) => onDevice(world, device, (found) => signIn(world, found)),
  'device.signOut': (world, { device }) => onDevice(world, device, (found) => signOut(world, found)),
  'device.network': (world, { device, wifi, wifiIsMainRoute, cellular, internet }) =>
    onDevice(world, device, (found) =>
      user.setNetwork(world, found, {
        ...(wifi === undefined ? null : { wifi }),
        ...(cellular === undefined ? null : { cellular }),
        ...(internet === undefined ? null : { internet }),
        ...(wifiIsMainRoute === undefined ? null : { wifiIsMainRoute }),
      }),
    ),
  'device.permission': (world, { device, allowed }) =>
    onDevice(world, device, (found) => {
      found.notificationsAllowed = allowed
      world.touch('device', found.id)
      admin(world, found.id, allowed ? 'notifications allowed' : 'notifications forbidden', 'set by its user', 'CH-12')
      return null
    }),
  'device.region': (world, { device, region }) =>
    onDevice(world, device, (found) => {
      found.region = region
      world.touch('device', found.id)
      admin(
        world,
        found.id,
        region === 'mainland-china' ? 'region Mainland China' : 'region outside Mainland China',
        'told at the next sign-in',
        'DEC-24',
      )
      return null
    }),
  'device.rotateKey': (world, { device }) => onDevice(world, device, (found) => user.rotateKey(world, found)),
  'device.rotateToken': (world, { device }) => onDevice(world, device, (found) => user.rotateToken(world, found)),
  'device.expireToken': (world, { device }) => onDevice(world, device, (found) => user.expireToken(world, found)),
  'device.pool': (world, { device, pool }) => {
    if (!world.cluster.pools.has(pool)) return missing('pool', pool, world.cluster.pools.keys())
    return onDevice(world, device, (found) => {
      found.pool = pool
      admin(world, found.id, `device pool ${pool}`, 'registration follows its CM group', 'FO-01')
      reregister(world, [found])
      return null
    })
  },
  'device.voipSocket': (world, { device, enabled }) =>
    onDevice(world, device, (found) => {
      found.voipSocket = enabled
      world.touch('device', found.id)
      admin(world, found.id, `EnableVoipSocket ${enabled}`, 'in jabber-config.xml', 'CALL-13')
      configurationSaved(world, [found])
      return null
    }),
  'device.upgrade': (world, { device, clientRelease, osRelease, targetApiLevel }) =>
    onDevice(world, device, (found) => {
      if (found.client === 'deskphone') return `${found.label} is a desk phone`
      // Both are read before either is set: a refused command must not have done half of its work.
      const client = clientRelease === undefined ? null : readRelease(found.client, clientRelease)
      if (client && !client.ok) return client.message
      const os = osRelease === undefined ? null : readRelease('os', osRelease)
      if (os && !os.ok) return os.message
      if (client) found.clientRelease = client.value.name
      if (os) found.osRelease = os.value.name
      if (targetApiLevel !== undefined) found.targetApiLevel = targetApiLevel
      world.releasesChanged(found)
      admin(
        world,
        found.id,
        `${found.client} ${found.clientRelease} on ${found.os} ${found.osRelease}`,
        'features follow the support matrix',
        'REL-01',
      )
      return null
    }),
  'device.keepalive': (world, { device, survives }) =>
    onDevice(world, device, (found) => {
      found.keepaliveSurvives = survives
      admin(world, found.id, survives ? 'background keepalive survives' : 'background keepalive dies', 'no guarantee on Android', 'AND-03')
      socketMayBeGone(world, found)
      world.touch('device', found.id)
      return null
    }),
  'device.habits': (world, { device, wakeMs, ...habits }) =>
    onDevice(world, device, (found) => {
      for (const [name, value] of Object.entries(habits)) if (value !== undefined) found.habits[name as keyof Device['habits']] = value
      if (wakeMs !== undefined) found.wakeMs = wakeMs
      return null
    }),
  'node.crash': (world, { node }) => onNode(world, node, (found) => setNodeState(world, found, 'crashed')),
  'node.shutDown': (world, { node }) => onNode(world, node, (found) => setNodeState(world, found, 'shut down')),
  'node.isolate': (world, { node }) => onNode(world, node, (found) => setNodeState(world, found, 'off network')),
  'node.start': (world, { node }) => onNode(world, node, (found) => setNodeState(world, found, 'up')),
  'node.dns': (world, { node, configured }) =>
    onNode(world, node, (found) => {
      found.dns = configured
      if (!configured) closeConnections(world, found, `DNS was removed on ${found.id}`)
      admin(
        world,
        found.id,
        configured ? 'DNS configured' : 'DNS removed',
        configured ? 'external names resolve' : 'external names do not resolve',
        'NET-09',
      )
      world.touch('node', found.id)
      for (const id of world.devices.keys()) world.touch('device', id)
      return null
    }),
  'service.start': (world, args) => onService(world, args, 'start'),
  'service.stop': (world, args) => onService(world, args, 'stop'),
  'service.restart': (world, args) => onService(world, args, 'restart'),
  'fault.add': (world, { fault }) => {
    const place = fault.on
    const known = world.knowsPlace(place)
    if (!known)
      return failure('not-found', `a fault cannot sit on "${place}"`, [
        {
          path: 'fault.on',
          message: 'unknown place',
          fix: `use a link such as ${[...world.network.links.keys()][0] ?? 'a~b'}, a node, push-rest, apns, fcm, ci, fos, a device, or NODE/CPNS`,
        },
      ])
    if (fault.kind === 'start-fails' && !place.includes('/'))
      return failure('bad-request', 'only a service can fail to start', [
        { path: 'fault.on', message: `"${place}" is no service`, fix: 'name a service of a node, e.g. ucm-pub/LPNS' },
      ])
    const added = world.faults.add(fault)
    if (!added.ok) return failure('refused', added.message)
    if (!added.active.hidden) admin(world, place, `fault on ${place}`, faultTitle(fault), 'SCN-15')
    return ok({ fault: added.active.id })
  },
  'fault.remove': (world, { fault }) => {
    const active = world.faults.remove(fault)
    if (!active)
      return missing(
        'fault',
        fault,
        [...world.faults.all()].map((each) => each.id),
      )
    admin(world, active.fault.on, `fault on ${active.fault.on} removed`, faultTitle(active.fault), 'SCN-15')
    return ok({})
  },
  'fault.clear': (world) => {
    for (const active of world.faults.all()) world.faults.remove(active.id)
    admin(world, world.cluster.publisher.id, 'all faults removed', '', 'SCN-15')
    return ok({})
  },
  'fault.reveal': (world) => {
    let revealed = 0
    for (const active of world.faults.all()) if (world.faults.reveal(active)) revealed++
    return ok({ revealed })
  },
  'link.set': (world, { link, latencyMs, jitterMs }) => {
    const found = world.network.links.get(link)
    if (!found) return missing('link', link, world.network.links.keys())
    if (latencyMs !== undefined) found.latencyMs = latencyMs
    if (jitterMs !== undefined) found.jitterMs = jitterMs
    world.touch('link', link)
    admin(world, found.a, `link ${link}`, `latency ${found.latencyMs} ms, jitter ${found.jitterMs} ms`, 'CALL-14')
    return ok({})
  },
  'group.set': (world, { group, nodes }) => {
    if (!world.cluster.groups.has(group)) return missing('group', group, world.cluster.groups.keys())
    for (const node of nodes) if (!world.cluster.nodes.has(node)) return missing('node', node, world.cluster.nodes.keys())
    if (new Set(nodes).size !== nodes.length)
      return failure('bad-request', 'a node can stand only once in a CM group', [
        { path: 'nodes', message: 'the same node twice', fix: 'name each node once' },
      ])
    world.cluster.groups.set(group, [...nodes])
    admin(world, world.cluster.publisher.id, `CM group ${group}`, nodes.join(' > '), 'FO-01')
    reregister(
      world,
      [...world.devices.values()].filter((device) => world.cluster.pools.get(device.pool) === group),
    )
    return ok({})
  },
  'cluster.release': setRelease,
  'user.set': (world, args) => {
    const found = world.directory.users.get(args.user)
    if (!found) return missing('user', args.user, world.directory.users.keys())
    const { serviceProfile, ...others } = args
    if (serviceProfile !== undefined) {
      const problem = setServiceProfile(world, found, serviceProfile)
      if (problem) return problem
      if (Object.keys(others).length === 1) return ok({})
    }
    const changed = { ...(world.directory.users.get(found.id) ?? found) }
    if (args.externalPresentation === null) delete changed.externalPresentation
    else if (args.externalPresentation !== undefined) changed.externalPresentation = args.externalPresentation
    if (args.voicemailNoAnswerRingMs === null) delete changed.voicemail
    else if (args.voicemailNoAnswerRingMs !== undefined) changed.voicemail = { noAnswerRingMs: args.voicemailNoAnswerRingMs }
    if (args.singleNumberReachWaitMs === null) delete changed.singleNumberReach
    else if (args.singleNumberReachWaitMs !== undefined)
      changed.singleNumberReach = { number: found.singleNumberReach?.number ?? found.number, waitMs: args.singleNumberReachWaitMs }
    if (args.mobilityIdentity === null) delete changed.mobilityIdentity
    else if (args.mobilityIdentity !== undefined) changed.mobilityIdentity = args.mobilityIdentity
    world.directory.users.set(found.id, changed)
    world.directory.ownerOfNumber.set(found.number, changed)
    admin(
      world,
      world.cluster.publisher.id,
      `end user ${found.id} changed`,
      '',
      args.externalPresentation === undefined ? (args.mobilityIdentity === undefined ? 'CALL-15' : 'CALL-16') : 'CALL-08',
    )
    return ok({})
  },
  'check.reachability': (world) => ok({ flow: checkReachability(world).number }),
}

/** Runs one checked command. */
export function execute<N extends LabCommandName>(world: World, name: N, args: LabCommandArgs<N>): Reply {
  const handler = handlers[name] as (world: World, args: LabCommandArgs<N>) => Reply
  return handler(world, args)
}
