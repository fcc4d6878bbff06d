/** SIP between a client and CallManager: one place that builds the hop and its message. */
import type { Device } from './device.ts'
import type { SipToCallManager, SipToDevice } from '../cluster/call.ts'
import type { Loss } from '../engine/network.ts'
import { placeIn, routeBetween, transmit, type LabNode, type World } from '../world.ts'

export const SIP_PORT = 5_061

export const callManagerOf = (node: string): string => placeIn(node, 'CallManager')

/** One SIP message: the flow it belongs to and its method or status, as shown. */
export type Sip = { flow: number; message: string }

/** Tracking ID of the push that this device got in this flow: SIP that follows from it carries it on (CALL-01). */
export function trackingFor(world: World, flow: number, device: Device): string | undefined {
  // The one that woke it, whichever came later beside that (DEC-07).
  if (device.callPush?.flow === flow) return device.callPush.id
  const found = world.flows.get(flow)
  return found && world.flows.pushFor(found, device.id)?.id
}

/** From a client to the CallManager of a node. */
export function toCallManager(
  world: World,
  device: Device,
  node: LabNode,
  sip: Sip,
  message: SipToCallManager,
  lost?: (loss: Loss) => void,
): void {
  transmit(
    world,
    routeBetween(world, device.id, node.id),
    {
      flow: sip.flow,
      from: device.id,
      to: callManagerOf(node.id),
      carrier: 'SIP',
      message: sip.message,
      sentAt: world.clock.now(),
      tracking: trackingFor(world, sip.flow, device),
    },
    { port: SIP_PORT, device: device.id },
    (hop) => world.receivers.sipAtCallManager(node, message, hop),
    lost,
  )
}

/** From the CallManager of a node to a client. */
export function toDevice(world: World, node: string, device: Device, sip: Sip, message: SipToDevice, lost?: (loss: Loss) => void): void {
  transmit(
    world,
    routeBetween(world, node, device.id),
    {
      flow: sip.flow,
      from: callManagerOf(node),
      to: device.id,
      carrier: 'SIP',
      message: sip.message,
      sentAt: world.clock.now(),
      tracking: trackingFor(world, sip.flow, device),
    },
    { port: SIP_PORT, device: device.id },
    (hop) => world.receivers.sipAtDevice(device, message, hop),
    lost,
  )
}
