/**
 * The Cisco XCP Router of a node stops, crashes and starts again: no owner changes as long as it is not down for too long, but
 * queues may be lost (HA-05, HA-06).
 */
import { isSuspended } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { ownSessionsResume, planFallback } from './fallback.ts'
import { loseQueue } from './queue.ts'
import { stopRebuild } from './rebuild.ts'
import { keeperGone } from './routing.ts'
import { stopReturning } from './sessions.ts'
import { routerOf } from './stanzas.ts'
import { imNodeOf, serves, touchIm } from './subcluster.ts'
import { cancelTimers, criticalServiceBack, criticalServiceDown, forget, goesAway, watchPartner } from './takeover.ts'

const sessions = (n: number): string => `${n} ${n === 1 ? 'session' : 'sessions'}`

/** `crashed`: its queues were in its memory and are gone; an orderly stop keeps them. */
export function routerStopped(world: World, id: string, crashed: boolean): void {
  const im = imNodeOf(world, id)
  if (!im) return
  const why = crashed ? 'HA-05' : 'HA-06'
  goesAway(im)
  if (crashed) {
    const fate = `Cisco XCP Router crashed on ${im.id}`
    forget(im, fate, why)
    keeperGone(world, im, fate, why, false)
  }
  stopRebuild(world, im)
  cancelTimers(world, im)
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
      `${kept} unread; ${sessions(im.sessions.size)} wait for the router`,
      'info',
      why,
    )
  }
  criticalServiceDown(world, im)
  touchIm(world, im)
}

/** Its sessions go on where they were, and pushes with them (HA-05, HA-06). */
export function routerStarted(world: World, id: string): void {
  const im = imNodeOf(world, id)
  if (!im || !serves(im)) return
  criticalServiceBack(im)
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
      `${sessions(im.sessions.size)} resume${im.sessions.size === 1 ? 's' : ''} on ${im.id}`,
      `${im.queued} unread in their queues; pushes go on`,
      'ok',
      'HA-06',
    )
  watchPartner(world, im)
  ownSessionsResume(world, im)
  for (const each of [im, im.partner]) if (each) planFallback(world, each)
  touchIm(world, im)
}
