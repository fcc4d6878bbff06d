/**
 * What was on its way to a client and was not acknowledged: its node has it still and puts it back into the queue, as Stream
 * Management is for, unless the memory of the node has gone (MSG-02, MSG-06, HA-03, HA-05). Modelled: no source speaks of what is
 * in flight.
 */
import { isSuspended, reachesCluster, type Device } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { pushStanza } from './messagePush.ts'
import { LOGIN_RETRY_MS, RECONNECT_AFTER_MS } from './parameters.ts'
import { putBack } from './queue.ts'
import { isPushed, loseOne, routerOf, stanzaText } from './stanzas.ts'
import { ownerOf, serves, touchIm } from './subcluster.ts'
import type { ImNode, ImSession, Memory, Stanza } from './types.ts'

/** On which stream of which node a stanza has left. */
export type Sent = { im: ImNode; memory: Memory; session: ImSession; stream: number }

/**
 * `text` says what has kept the stanza from its reader. Gives the node that sends it again when the client has another stream by
 * now; else the stanza is back in the queue, or has ended with a line.
 */
export function notAcknowledged(world: World, sent: Sent, device: Device, stanza: Stanza, text: string): ImNode | null {
  const { im, memory, session } = sent
  const end = (outcome: string, why: string): null => {
    loseOne(world, routerOf(im.id), stanza, outcome, why)
    return null
  }
  if (world.deleted.has(device.id)) return end(`${device.label} was deleted`, 'LPNS-18')
  if (!device.signedIn) return end(text.includes('logged out') ? text : `${text}; ${device.label} is logged out`, 'CH-11')
  if (memory.lost) return end(`${text}; ${memory.lost.text}`, memory.lost.why)
  if (world.presence?.streamManagement !== true) return end(`${text}; without Stream Management nothing is kept of it`, 'MSG-06')
  const owner = ownerOf(world, device)
  if (device.im !== session || !owner) return end(`${text}; its session is gone`, 'HA-01')
  const goesOn = owner === im || serves(im)
  if (goesOn && session.connected && session.stream !== sent.stream) return owner
  if (session.stream === sent.stream) session.connected = false
  putBack(world, im, device, stanza)
  const where = stanza.state === 'held' ? `kept until ${im.id} is back` : `back in the queue, ${session.queue.length} unread`
  note(
    world,
    { flow: stanza.flow, place: routerOf(im.id), carrier: 'XMPP' },
    `${stanzaText(stanza)} for ${device.ownerName} on ${device.label}`,
    `${text}: ${where}`,
    'wait',
    'MSG-02',
  )
  if (!goesOn || session.returningTo !== null) return null
  if (isSuspended(device) || !reachesCluster(device)) wake(world, owner, device, stanza)
  else comesBack(world, owner, device, session)
  return null
}

/** The client in background learns of it by push, now or with all that waits for a rebuild. */
function wake(world: World, im: ImNode, device: Device, stanza: Stanza): void {
  if (!isPushed(stanza) || stanza.push !== null) return
  if (serves(im) && !im.rebuild) pushStanza(world, im, device, stanza)
  else im.unpushed.push({ device, stanza })
}

/** A client in foreground notices that its stream is dead and opens another, again and again until it has one. */
function comesBack(world: World, im: ImNode, device: Device, session: ImSession): void {
  // A router that is down calls its clients back when it is up.
  if (!serves(im)) return
  session.returningTo = im.id
  im.returning++
  touchIm(world, im)
  const { lives } = im
  const tryAgain = (): void => {
    if (device.im !== session || session.returningTo !== im.id || im.lives !== lives || isSuspended(device)) return
    if (!reachesCluster(device)) {
      session.returningTo = null
      im.returning--
      touchIm(world, im)
      for (const stanza of session.queue) wake(world, im, device, stanza)
      return
    }
    world.receivers.imResume(device, 0)
    world.clock.schedule(LOGIN_RETRY_MS, tryAgain, `${device.label} tries ${im.id} again`)
  }
  world.clock.schedule(RECONNECT_AFTER_MS, tryAgain, `${device.label} opens a new stream`)
}
