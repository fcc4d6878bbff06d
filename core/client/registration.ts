/** How a client finds its node: at the one named in the push, or by trying (FO-03, FO-04). */
import type { Device } from './device.ts'
import { reachesCluster } from './device.ts'
import { callManagerOf, toCallManager } from './sip.ts'
import { groupOf } from '../cluster/nodes.ts'
import { registerObstacle } from '../oauth/obstacle.ts'
import { beforeRegister } from '../oauth/prompt.ts'
import { note, tell, type World } from '../world.ts'

/** How long a client waits for an answer before it tries the next node; no source names a value. */
export const REGISTER_TIMEOUT_MS = 4_000

/**
 * Registers the client and tells the node, or null when no node took it. With a hint (the active node named
 * in the push) that node comes first; without one the client first tries where it was last registered.
 */
export function register(world: World, device: Device, flow: number, hint: string | null, then: (node: string | null) => void): void {
  if (world.deleted.has(device.id)) return then(null)
  beforeRegister(world, device)
  const obstacle = registerObstacle(world, device)
  if (obstacle) {
    note(world, { flow, place: device.id, carrier: 'device' }, 'no REGISTER', obstacle.text, 'fail', obstacle.why)
    const call = world.flows.get(flow)
    if (call) world.flows.suspect(call, `${device.label}: ${obstacle.text}`, obstacle.why, world.log.total - 1)
    return then(null)
  }
  device.registerWaiters.push(then)
  if (device.registering) return
  device.registering = true
  const first = hint ?? device.lastNode
  const group = groupOf(world, device)
  const order = first === null ? [...group] : [first, ...group.filter((id) => id !== first)]
  attempt(world, device, flow, order, 0)
}

/** The device is deleted: whoever waits for a registration waits no longer. */
export function stopRegistering(world: World, device: Device): void {
  if (device.registering) finish(world, device, null)
}

function finish(world: World, device: Device, node: string | null): void {
  device.registering = false
  device.registerAnswered = null
  const waiters = device.registerWaiters
  device.registerWaiters = []
  world.touch('device', device.id)
  for (const each of waiters) each(node)
}

function attempt(world: World, device: Device, flow: number, order: string[], index: number): void {
  const id = order[index]
  const node = id === undefined ? undefined : world.cluster.nodes.get(id)
  if (!node) {
    note(
      world,
      { flow, place: device.id, carrier: 'device' },
      'no node took the registration',
      order.length === 0 ? 'its device pool has no CM group' : `tried ${order.join(', ')}`,
      'fail',
      'FO-03',
    )
    return finish(world, device, null)
  }
  if (!reachesCluster(device)) {
    note(
      world,
      { flow, place: device.id, carrier: 'device' },
      `REGISTER to ${node.id}`,
      device.mra ? 'no internet: Expressway is out of reach' : 'not in the enterprise network and no MRA',
      'fail',
      'CH-01',
    )
    return finish(world, device, null)
  }
  const sentAt = world.clock.now()
  let open = true
  const next = (): void => {
    if (!open || world.deleted.has(device.id)) return
    open = false
    timeout.cancel()
    attempt(world, device, flow, order, index + 1)
  }
  const timeout = world.clock.schedule(
    REGISTER_TIMEOUT_MS,
    () => {
      if (world.deleted.has(device.id)) return
      const event = tell(
        world,
        { flow, from: callManagerOf(node.id), to: device.id, carrier: 'SIP', message: 'no answer to REGISTER', sentAt },
        `${node.id} does not answer: ${REGISTER_TIMEOUT_MS / 1000} s lost, the client tries the next node`,
        'fail',
        'FO-03',
      )
      const call = world.flows.get(flow)
      if (call) world.flows.suspect(call, `${device.label}: ${event.outcome}`, 'FO-03', event.seq)
      next()
    },
    'REGISTER timeout',
  )
  device.registerAnswered = (answeredBy) => {
    if (!open) return
    open = false
    timeout.cancel()
    device.lastNode = answeredBy
    finish(world, device, answeredBy)
  }
  toCallManager(
    world,
    device,
    node,
    {
      flow,
      message: 'REGISTER',
    },
    { type: 'REGISTER', device, flow },
    next,
  )
}
