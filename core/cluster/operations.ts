/** What an administrator, or fate, does to nodes and services. Each answers with why it is not possible, or null. */
import type { NodeState, ServiceName } from '../contract/rows.ts'
import { readMachineAccount, replicate } from '../admin/machineAccount.ts'
import { traceWhileRunning } from '../admin/traceLevel.ts'
import { isSuspended, type Device } from '../client/device.ts'
import { nodeUp } from '../presence/fallback.ts'
import { ROUTER_REVIVES_AFTER_MS } from '../presence/parameters.ts'
import { routerStarted, routerStopped } from '../presence/router.ts'
import { nodeDown } from '../presence/takeover.ts'
import { endCallOnDevice, missed } from '../client/phone.ts'
import { register } from '../client/registration.ts'
import { dropToken, startFetching } from '../cloud/accessAgent.ts'
import { endClient, startClient } from '../cloud/connection.ts'
import { nodeTakes, serviceTakes } from '../onboarding/restarts.ts'
import { note, routeBetween, type LabNode, type World } from '../world.ts'
import { CPNS_PORT } from './cpns.ts'
import { nodeWentDown } from './legs.ts'
import { CALLMANAGER, CPNS, groupOf, isRunning, LPNS, pushServiceOf, SHORT_NAME, XCP_ROUTER } from './nodes.ts'
import { LPNS_PORT } from '../lpns/protocol.ts'
import { lpnsHeardAgain, lpnsKilled, lpnsSilenced, lpnsStopped, startFailed } from '../lpns/service.ts'

/** A client in foreground notices a dead node after this long and registers with the next; our choice. */
export const FAILURE_NOTICED_MS = 3_000

/** How long a service takes to start; our choice, short enough for a lesson. */
export const SERVICE_START_MS = 2_000

const admin = (world: World, place: string, message: string, outcome: string, why: string) =>
  note(world, { flow: 0, place, carrier: 'admin' }, message, outcome, 'info', why)

export function setNodeState(world: World, node: LabNode, state: NodeState): string | null {
  if (node.state === state) return `${node.id} is already ${state}`
  const words: Record<NodeState, string> = {
    up: 'starts',
    crashed: 'crashes',
    'shut down': 'is shut down',
    'off network': 'is cut off the network',
  }
  const before = node.state
  const wasUp = before === 'up'
  node.state = state
  node.since = world.clock.now()
  traceWhileRunning(world, node)
  world.touch('node', node.id)
  admin(world, node.id, `${node.id} ${words[state]}`, state, node.family === 'ucm' ? 'FO-02' : 'HA-03')
  if (state === 'up') {
    replicate(world, node)
    if (before !== 'off network') nodeTakes(world, node)
    if (isRunning(node, pushServiceOf(node))) {
      readMachineAccount(world, node)
      startFetching(world, node)
    }
    pushServiceFound(world, node)
    if (node.family === 'imp') nodeUp(world, node.id)
    else lpnsHeardAgain(world, node, before === 'off network')
  } else if (wasUp) {
    if (node.family === 'ucm') lpnsSilenced(world, node)
    dropToken(node)
    endClient(world, node, `${node.id} is ${state}`)
    if (node.family === 'ucm') callManagerLost(world, node)
    else nodeDown(world, node.id, state)
  }
  touchAll(world)
  return null
}

/** Calls held there end; clients in foreground notice and register with the next node of their group. */
function callManagerLost(world: World, node: LabNode): void {
  nodeWentDown(world, node)
  for (const device of world.devices.values()) {
    if (device.registration?.node !== node.id || !device.registration.connected) continue
    device.registration.connected = false
    world.clock.schedule(
      FAILURE_NOTICED_MS,
      () => {
        loseCall(world, device, node)
        if (device.signedIn && !isSuspended(device) && device.registration?.connected !== true)
          register(world, device, 0, null, () => undefined)
      },
      `${device.label} notices that ${node.id} is down`,
    )
  }
}

/** A call that was still being set up over the dead node ends on the phone as well: nobody else tells it. */
function loseCall(world: World, device: Device, node: LabNode): void {
  const { call, leg } = device
  if (!call || call.state === 'active' || leg?.node !== node.id) return
  note(world, { flow: call.flow, place: device.id, carrier: 'device' }, 'call lost', `${node.id} is gone`, 'fail', 'FO-02')
  missed(world, device, call.flow, call.name, call.number)
  endCallOnDevice(world, device, call.flow)
}

/** Beside a service that stands still although nobody stopped it. */
export const CRASHED = 'crashed'

export function setService(world: World, node: LabNode, name: ServiceName, action: 'start' | 'stop' | 'restart' | 'kill'): string | null {
  const service = node.services.get(name)
  if (!service) return `${node.id} has no service "${name}"`
  if (node.state !== 'up') return `${node.id} is ${node.state}: start the node first`
  if (action === 'start' && service.state === 'running') return `${name} is already running on ${node.id}`
  if ((action === 'stop' || action === 'kill') && (service.state === 'stopped' || service.state === 'failed'))
    return `${name} is already stopped on ${node.id}`
  if (action !== 'start' && service.state !== 'stopped') {
    // Said while it still runs: a service that stops has a last word, one that is killed has none.
    if (name === LPNS && action !== 'kill' && service.state === 'running') lpnsStopped(world, node)
    service.state = 'stopped'
    service.note = action === 'kill' ? CRASHED : ''
    traceWhileRunning(world, node)
    admin(
      world,
      node.id,
      action === 'kill' ? `${SHORT_NAME[name]} is killed` : `${SHORT_NAME[name]} stops`,
      'stopped',
      name === LPNS ? 'LPNS-04' : 'ONB-02',
    )
    if (name === LPNS && action === 'kill') lpnsKilled(world, node)
    serviceStopped(world, node, name, action === 'kill')
  }
  if (action !== 'stop' && action !== 'kill') {
    service.state = 'starting'
    service.note = ''
    traceWhileRunning(world, node)
    world.clock.schedule(
      SERVICE_START_MS,
      () => {
        if (service.state !== 'starting' || node.state !== 'up') return
        if (world.faults.strike(`${node.id}/${SHORT_NAME[name]}`, 'start-fails', { port: 0 })) {
          service.state = 'failed'
          startFails(world, node, name)
          traceWhileRunning(world, node)
          world.touch('node', node.id)
          touchAll(world)
          return
        }
        service.state = 'running'
        admin(world, node.id, `${SHORT_NAME[name]} runs`, 'running', name === LPNS ? 'LPNS-04' : 'ONB-02')
        serviceStarted(world, node, name)
        world.touch('node', node.id)
        touchAll(world)
      },
      `${SHORT_NAME[name]} starts on ${node.id}`,
    )
  }
  world.touch('node', node.id)
  touchAll(world)
  return null
}

function serviceStopped(world: World, node: LabNode, name: ServiceName, killed: boolean): void {
  if (name === XCP_ROUTER) {
    routerStopped(world, node.id, killed)
    if (killed) reviveRouter(world, node)
  }
  if (name === pushServiceOf(node)) {
    dropToken(node)
    endClient(world, node, `${SHORT_NAME[name]} stopped on ${node.id}`)
  }
  if (name === CALLMANAGER) callManagerLost(world, node)
}

/** A node starts its own crashed router again; one that was stopped on purpose stays stopped (HA-05). */
function reviveRouter(world: World, node: LabNode): void {
  const { since } = node
  const revive = (): void => {
    if (node.since === since && node.services.get(XCP_ROUTER)?.state === 'stopped') setService(world, node, XCP_ROUTER, 'start')
  }
  world.clock.schedule(ROUTER_REVIVES_AFTER_MS, revive, `${node.id} starts its XCP Router again`)
}

/** CPNS and LPNS have an alarm for it; the others just do not come up (ALM-04, ALM-16). */
function startFails(world: World, node: LabNode, name: ServiceName): void {
  if (name === LPNS) return startFailed(world, node)
  const why = name === CPNS ? 'ALM-04' : 'ONB-02'
  const event = note(
    world,
    { flow: 0, place: `${node.id}/${SHORT_NAME[name]}`, carrier: 'admin' },
    SHORT_NAME[name],
    'cannot start: internal fault',
    'fail',
    why,
  )
  if (name === CPNS) world.alarms.raise('StartFailed', node.id, event.seq)
}

/** Whether a connection of a node to its own service comes about: it runs, and nothing blocks its port there (DEC-14). */
const reachesOwn = (world: World, node: LabNode, service: ServiceName, port: number): boolean =>
  isRunning(node, service) && world.network.obstacle(routeBetween(world, node.id, node.id), { port }) === null

/** CallManager connects again to what may still be stopped, or blocked: then its alarm stands on (ALM-01, ALM-25). */
function pushServiceFound(world: World, node: LabNode): void {
  if (node.family === 'ucm' && reachesOwn(world, node, CPNS, CPNS_PORT))
    world.alarms.clear('PushNotificationServiceUnavailable', node.id, 'CallManager reaches its CPNS again')
}

function serviceStarted(world: World, node: LabNode, name: ServiceName): void {
  if (name === LPNS) {
    world.alarms.clear('LocalPushStartFailed', node.id, 'LPNS has started')
    if (reachesOwn(world, node, LPNS, LPNS_PORT))
      world.alarms.clear('LocalPushNotificationServiceUnavailable', node.id, 'CallManager reaches LPNS again')
  }
  serviceTakes(world, node, name)
  if (name === XCP_ROUTER) routerStarted(world, node.id)
  if (name !== pushServiceOf(node)) return
  if (node.family === 'ucm') {
    world.alarms.clear('StartFailed', node.id, 'CPNS has started')
    pushServiceFound(world, node)
  }
  readMachineAccount(world, node)
  startClient(world, node)
  startFetching(world, node)
}

/** A new order of a group, or another pool, changes where devices register (FO-01). */
export function reregister(world: World, devices: Iterable<Device>): void {
  for (const device of devices) {
    world.touch('device', device.id)
    if (!device.signedIn || !device.registration) continue
    const target = groupOf(world, device).find((id) => {
      const node = world.cluster.nodes.get(id)
      return node !== undefined && isRunning(node, CALLMANAGER)
    })
    if (target === undefined || target === device.registration.node) continue
    if (device.registration.connected) register(world, device, 0, target, () => undefined)
    else device.registration = { node: target, connected: false }
  }
}

function touchAll(world: World): void {
  for (const id of world.devices.keys()) world.touch('device', id)
}
