/** From the router to a client that has a stream, and a stanza of which nothing more is heard. */
import type { Device } from '../client/device.ts'
import type { Timer } from '../engine/clock.ts'
import { routeBetween, tell, transmit, type World } from '../world.ts'
import { STANZA_TIMEOUT_MS, XMPP_PORT } from './parameters.ts'
import { failStanza, routerOf, stanzaText } from './stanzas.ts'
import type { ImNode, Stanza } from './types.ts'

/** A stanza that vanished in silence ends all the same, and says so. */
export function giveUpAfterSilence(world: World, stanza: Stanza, text: string): Timer {
  return world.clock.schedule(
    STANZA_TIMEOUT_MS,
    () => failStanza(world, stanza, 'lost', `${text} within ${STANZA_TIMEOUT_MS / 1_000} s`, 'MSG-01', null),
    'stanza timeout',
  )
}

/** `fresh`: it never waited in a queue (CH-05), otherwise it was held back until the session resumed (CH-08). */
export function deliver(world: World, im: ImNode, device: Device, stanza: Stanza, fresh: boolean): void {
  world.messages.move(stanza, 'delivering')
  const silence = giveUpAfterSilence(world, stanza, `no word from ${device.label} that it has the ${stanza.kind}`)
  const hop = {
    flow: stanza.flow,
    from: routerOf(im.id),
    to: device.id,
    carrier: 'XMPP' as const,
    message: stanzaText(stanza),
    sentAt: world.clock.now(),
  }
  transmit(
    world,
    routeBetween(world, im.id, device.id),
    hop,
    { port: XMPP_PORT, device: device.id },
    (arrived) => {
      silence.cancel()
      if (world.deleted.has(device.id)) {
        const event = tell(world, arrived, `${device.label} was deleted`, 'lost', 'LPNS-18')
        return failStanza(world, stanza, 'lost', `${device.label} was deleted`, 'LPNS-18', event.seq)
      }
      // It was given up before: what comes now is read all the same, but counted once.
      world.messages.move(stanza, 'delivered')
      atClient(world, device, stanza)
      const how = stanza.kind === 'message' ? 'read' : 'shown'
      tell(world, arrived, `${how} on ${device.label}`, 'ok', fresh ? 'CH-05' : 'CH-08')
      const flow = world.flows.get(stanza.flow)
      if (!flow) return
      // A message whose push failed is read late, when its user opens the app; the first cause stays.
      if (flow.endedAt === null) world.flows.end(flow, 'delivered')
      else world.flows.set(flow, 'delivered')
    },
    (loss) => {
      silence.cancel()
      failStanza(world, stanza, 'lost', loss.text, loss.why, world.log.total - 1)
    },
  )
}

function atClient(world: World, device: Device, stanza: Stanza): void {
  if (stanza.kind === 'message') device.history++
  else if (stanza.kind === 'presence') device.contacts.set(stanza.from, stanza.text)
  world.touch('device', device.id)
}
