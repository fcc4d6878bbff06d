/** What becomes of the sessions on a node when its LPNS, or all of it, starts and ends (LPNS-04, LPNS-20). */
import { note, type LabNode, type World } from '../world.ts'
import { gapStarts } from './gap.ts'
import { leaveMesh } from './mesh.ts'
import { lpnsOf, lpnsOn } from './places.ts'
import { CLOSE } from './protocol.ts'
import { closeSession, sessionLost } from './server.ts'

/** It was stopped: each client is told, and the neighbours too. */
export function lpnsStopped(world: World, node: LabNode): void {
  for (const session of lpnsOn(world, node.id).sessions.values()) {
    gapStarts(world, session.device)
    closeSession(world, session, CLOSE.goingAway, 'LPNS stops', 'LPNS-04')
  }
  leaveMesh(world, node, `LPNS on ${node.id} stopped`)
}

/** It was killed: nobody is told, but its system breaks every connection (LPNS-20). */
export function lpnsKilled(world: World, node: LabNode): void {
  for (const session of lpnsOn(world, node.id).sessions.values()) {
    gapStarts(world, session.device)
    sessionLost(world, session, 'LPNS was killed', 'LPNS-20')
    session.link.reset()
  }
  leaveMesh(world, node, `LPNS on ${node.id} was killed`)
}

/** The whole node is gone: for its clients that is silence, found at their next keepalive. */
export function lpnsSilenced(world: World, node: LabNode): void {
  const lpns = lpnsOn(world, node.id)
  for (const session of lpns.sessions.values()) {
    gapStarts(world, session.device)
    sessionLost(world, session, `${node.id} is ${node.state}`, 'LPNS-20')
    if (session.link.real && node.state === 'off network') lpns.unheard.push(session.link)
  }
  lpns.peers.clear()
}

/** The node is back. Who held on to a connection meanwhile learns now that its session is over, as from any system that does not know it. */
export function lpnsHeardAgain(world: World, node: LabNode, hadNoNetwork: boolean): void {
  const links = lpnsOn(world, node.id).unheard.splice(0)
  if (hadNoNetwork) for (const link of links) link.reset()
}

/** ALM-16: it would start, but an internal fault keeps it from that. */
export function startFailed(world: World, node: LabNode): void {
  const event = note(
    world,
    { flow: 0, place: lpnsOf(node.id), carrier: 'admin' },
    `LPNS on ${node.id}`,
    'cannot start: internal fault',
    'fail',
    'ALM-16',
  )
  world.alarms.raise('LocalPushStartFailed', node.id, event.seq)
}
