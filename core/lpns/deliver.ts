/**
 * CallManager tries local push first (LPNS-12, DEC-05): over the LPNS of its own node, which finds the session in the
 * mesh, wherever it is. What fails, stays silent or ends goes the other way, so that a local push never swallows a call.
 */
import { callManagerOf } from '../client/sip.ts'
import { LPNS } from '../cluster/nodes.ts'
import type { Device } from '../client/device.ts'
import type { Push } from '../pushBook.ts'
import { note, routeBetween, tell, transmit, type LabNode, type World } from '../world.ts'
import { canLocalPush, lpnsOf, lpnsOn, runsLpns } from './places.ts'
import { locate } from './mesh.ts'
import { LPNS_PORT } from './protocol.ts'
import { pushOver } from './server.ts'
import type { LocalAnswer } from './types.ts'

/** Local push was set up for this device: its file names Wi-Fis, or a real client holds its place. */
const provisioned = (world: World, device: Device): boolean =>
  canLocalPush(world, device) && world.cluster.onboarded && (device.realClient || (device.config?.ssids.length ?? 0) > 0)

/** Whether a node would try local push for this device now. */
export const hasLocalSession = (world: World, node: LabNode, device: Device): boolean =>
  provisioned(world, device) && runsLpns(node) && locate(lpnsOn(world, node.id), device.id) !== null

/** The same, with the reason in the ladder when there is none although it was set up (LPNS-12). */
export function localWay(world: World, node: LabNode, device: Device, flow: number): boolean {
  if (!provisioned(world, device)) return false
  const at = { flow, place: callManagerOf(node.id), carrier: 'LPNS' as const }
  if (!runsLpns(node)) {
    if (!node.services.has(LPNS)) return false
    const event = note(world, at, 'no local push', `CallManager has no connection to the LPNS of ${node.id}`, 'fail', 'ALM-15')
    world.alarms.raise('LocalPushNotificationServiceUnavailable', node.id, event.seq)
    return false
  }
  if (locate(lpnsOn(world, node.id), device.id) !== null) return true
  note(world, at, 'no local push', `no session of ${device.label}: the push goes through Apple`, 'info', 'LPNS-12')
  return false
}

/**
 * Hands a push to local push; `failed` is told at most once, when the other way has to be taken. It knows within the
 * response time, whatever happens between the nodes.
 */
export function pushLocally(
  world: World,
  node: LabNode,
  push: Push,
  device: Device,
  failed: (text: string, why: string, seq: number | null) => void,
): void {
  let waiting = true
  const deadlineAt = world.clock.now() + world.cluster.localPush.responseMs
  const flow = world.flows.get(push.flow)
  const bar =
    flow && world.flows.startTimer(flow, 'local push, then Apple', callManagerOf(node.id), world.cluster.localPush.responseMs, 'DEC-06')
  const settle = (answer: LocalAnswer): void => {
    if (!waiting) return
    waiting = false
    silence.cancel()
    if (flow && bar) world.flows.endTimer(flow, bar, world.clock.now() >= bar.dueAt && !answer.ok)
    if (!answer.ok) failed(answer.text, answer.why, answer.seq)
  }
  const fail = (text: string, why: string): void => settle({ ok: false, text, why, seq: world.log.total - 1 })
  const silence = world.clock.schedule(
    world.cluster.localPush.responseMs,
    () => {
      const text = `no response within ${world.cluster.localPush.responseMs / 1_000} s`
      note(
        world,
        { flow: push.flow, place: callManagerOf(node.id), carrier: 'LPNS', tracking: push.id },
        'local push failed',
        `${text}: the call goes through Apple`,
        'fail',
        'DEC-06',
      )
      fail(text, 'DEC-06')
    },
    'local push',
  )
  transmit(
    world,
    routeBetween(world, node.id, node.id),
    {
      flow: push.flow,
      from: callManagerOf(node.id),
      to: lpnsOf(node.id),
      carrier: 'LPNS',
      message: `local push request: ${push.purpose}`,
      sentAt: world.clock.now(),
      tracking: push.id,
    },
    { port: LPNS_PORT, device: device.id },
    (hop) => {
      if (!waiting) return void tell(world, hop, 'too late: the call went through Apple', 'warn', 'DEC-06')
      world.alarms.clear('LocalPushNotificationServiceUnavailable', node.id, 'CallManager reaches LPNS again')
      const found = locate(lpnsOn(world, node.id), device.id)
      if (!found) {
        tell(world, hop, `no session of ${device.label} any more`, 'warn', 'LPNS-12')
        return fail('its session has just ended', 'LPNS-12')
      }
      if (found.session) {
        tell(world, hop, 'its session is on this node', 'ok', 'LPNS-12')
        return pushOver(world, found.session, push, deadlineAt, settle)
      }
      tell(world, hop, `its session is on ${found.node}`, 'ok', 'LPNS-19')
      relay(world, node, found.node, push, device, deadlineAt, settle)
    },
    (loss) => {
      world.alarms.raise('LocalPushNotificationServiceUnavailable', node.id, world.log.total - 1)
      fail(loss.text, 'ALM-15')
    },
  )
}

/** Over the node that holds the session, and its answer back (LPNS-19). */
function relay(
  world: World,
  node: LabNode,
  holder: string,
  push: Push,
  device: Device,
  deadlineAt: number,
  settle: (answer: LocalAnswer) => void,
): void {
  const traffic = { port: LPNS_PORT, device: device.id }
  const hop = {
    flow: push.flow,
    from: lpnsOf(node.id),
    to: lpnsOf(holder),
    carrier: 'LPNS' as const,
    message: `relay local push: ${push.purpose}`,
    sentAt: world.clock.now(),
    tracking: push.id,
  }
  const back = (answer: LocalAnswer): void => {
    const answerHop = {
      ...hop,
      from: lpnsOf(holder),
      to: lpnsOf(node.id),
      message: answer.ok ? 'client has it' : 'not delivered',
      sentAt: world.clock.now(),
    }
    transmit(world, routeBetween(world, holder, node.id), answerHop, traffic, (arrived) => {
      tell(
        world,
        arrived,
        answer.ok ? 'acknowledged by the client' : answer.text,
        answer.ok ? 'ok' : 'fail',
        answer.ok ? 'LPNS-19' : answer.why,
      )
      settle(answer)
    })
  }
  transmit(
    world,
    routeBetween(world, node.id, holder),
    hop,
    traffic,
    (arrived) => {
      const other = world.cluster.nodes.get(holder)
      const session = other && runsLpns(other) ? lpnsOn(world, holder).sessions.get(device.id) : undefined
      if (!session) {
        const event = tell(world, arrived, 'no such session here: a stale entry', 'warn', 'LPNS-19')
        return back({ ok: false, text: `${holder} has no session of it any more`, why: 'LPNS-19', seq: event.seq })
      }
      tell(world, arrived, 'its session is on this node', 'ok', 'LPNS-19')
      pushOver(world, session, push, deadlineAt, back)
    },
    (loss) => settle({ ok: false, text: loss.text, why: 'LPNS-19', seq: world.log.total - 1 }),
  )
}
