/** The Cisco XCP Router of a node stops, crashes and starts again: no owner changes, but queues may be lost (HA-05, HA-06). */
import { isSuspended } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { loseQueue } from './queue.ts'
import { stopRebuild } from './rebuild.ts'
import { stopReturning } from './sessions.ts'
import { routerOf } from './stanzas.ts'
import { imNodeOf, serves, touchIm } from './subcluster.ts'
import { goesAway, ownSessionsResume, planFallback } from './takeover.ts'

/** `crashed`: its queues were in its memory and are gone; an orderly stop keeps them. */
export function routerStopped(world: World, id: string, crashed: boolean): void {
  const im = imNodeOf(world, id)
  if (!im) return
  const why = crashed ? 'HA-05' : 'HA-06'
  goesAway(im)
  stopRebuild(world, im)
  if (im.fallback) {
    im.fallback.timer.cancel()
    im.fallback = null
  }
  let kept = 0
  for (const device of im.sessions) {
    if (crashed) loseQueue(world, device, im.id, `Cisco XCP Router crashed on ${im.id}`, why)
    const session = device.im
    if (!session) continue
    kept += session.queue.length
    stopReturning(world, device)
    session.loginBecause = isSuspended(device) ? why : 'HA-07'
    session.connected = false
    world.touch('device', device.id)
  }
  if (!crashed) {
    note(
      world,
      { flow: 0, place: routerOf(im.id), carrier: 'XMPP' },
      'queues are kept',
      `${kept} unread; ${im.sessions.size} sessions wait for the router`,
      'info',
      why,
    )
  }
  touchIm(world, im)
}

/** Its sessions go on where they were, and pushes with them (HA-05, HA-06). */
export function routerStarted(world: World, id: string): void {
  const im = imNodeOf(world, id)
  if (!im || !serves(im)) return
  const saved = world.presence?.parameters.highAvailability ?? false
  if (im.highAvailability !== saved) {
    im.highAvailability = saved
    const outcome = saved ? 'Enabled: sessions are copied to the backup' : 'Disabled: nothing will be taken over'
    note(world, { flow: 0, place: im.id, carrier: 'admin' }, 'Push Notifications High Availability', outcome, 'info', 'ONB-19')
  }
  if (im.sessions.size > 0)
    note(
      world,
      { flow: 0, place: routerOf(im.id), carrier: 'XMPP' },
      `${im.sessions.size} sessions resume on ${im.id}`,
      `${im.queued} unread in their queues; pushes go on`,
      'ok',
      'HA-06',
    )
  ownSessionsResume(world, im)
  for (const each of [im, im.partner]) if (each) planFallback(world, each)
  touchIm(world, im)
}
