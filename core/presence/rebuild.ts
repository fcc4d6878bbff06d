/**
 * Re-creation of the JSM sessions of clients in background, which do not log in by themselves: one after the other at the
 * node's rate, and no push from this node before the last one stands (HA-08, HA-09, DEC-18). One timer per node does for
 * thousands of sessions.
 */
import { isSuspended, type Device } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { pushStanza } from './messagePush.ts'
import { REBUILD_PER_SECOND } from './parameters.ts'
import { settlePushSession } from './pushSession.ts'
import { routerOf } from './stanzas.ts'
import { ownerOf, touchIm } from './subcluster.ts'
import type { ImNode, Rebuild } from './types.ts'

/** How often the progress of a long rebuild is looked at. */
const STEP_MS = 1_000

const TENTHS = 10

const GAPS_KEPT = 8

const rateOf = (world: World): number => world.presence?.parameters.rebuildPerSecond ?? REBUILD_PER_SECOND.default

/** Starts a rebuild of these sessions, or lets them join the one that runs. */
export function rebuildSessions(world: World, im: ImNode, devices: readonly Device[], why: Rebuild['why']): void {
  for (const device of devices) if (device.im) device.im.built = false
  if (im.rebuild) {
    im.rebuild.devices.push(...devices)
    im.rebuild.endsAt += Math.ceil((devices.length * 1_000) / rateOf(world))
    const gap = im.gaps.at(-1)
    if (gap) gap.sessions += devices.length
    return touchIm(world, im)
  }
  if (devices.length === 0) return pushWaiting(world, im)
  const now = world.clock.now()
  const rebuild: Rebuild = {
    why,
    devices: [...devices],
    next: 0,
    spent: 0,
    spared: 0,
    startedAt: now,
    endsAt: now + Math.ceil((devices.length * 1_000) / rateOf(world)),
    toldTenths: 0,
    timer: null,
  }
  im.rebuild = rebuild
  im.gaps.push({ why, sessions: devices.length, startedAt: now, endedAt: null })
  if (im.gaps.length > GAPS_KEPT) im.gaps.shift()
  for (const device of devices) settlePushSession(world, device, false)
  world.touch('node', im.id)
  turn(world, im, rebuild)
}

/** A session that waits to be rebuilt needs it no more: its client logged in by itself, or is gone. */
export function spareRebuild(world: World, device: Device): void {
  const rebuild = ownerOf(world, device)?.rebuild
  if (rebuild && device.im?.built === false) rebuild.spared++
}

/** The next look: at the latest when the last session can stand. */
function turn(world: World, im: ImNode, rebuild: Rebuild): void {
  const left = rebuild.devices.length - rebuild.next - rebuild.spared
  const dueAt = rebuild.startedAt + Math.ceil(((rebuild.spent + left) * 1_000) / rateOf(world))
  const inMs = Math.max(1, Math.min(STEP_MS, dueAt - world.clock.now()))
  rebuild.timer = world.clock.schedule(inMs, () => step(world, im, rebuild), `sessions of ${im.id} are rebuilt`)
}

function step(world: World, im: ImNode, rebuild: Rebuild): void {
  const { devices, startedAt } = rebuild
  const able = Math.floor(((world.clock.now() - startedAt) * rateOf(world)) / 1_000 + 1e-9)
  while (rebuild.next < devices.length) {
    const device = devices[rebuild.next] as Device
    const due = device.im !== null && !device.im.built && ownerOf(world, device) === im
    if (due && rebuild.spent >= able) break
    rebuild.next++
    // One that logged out, or logged in by itself meanwhile, costs no time.
    if (!due || !device.im) {
      rebuild.spared = Math.max(0, rebuild.spared - 1)
      continue
    }
    rebuild.spent++
    device.im.built = true
    settlePushSession(world, device, false)
  }
  touchIm(world, im)
  if (rebuild.next < devices.length) {
    tellProgress(world, im, rebuild)
    return turn(world, im, rebuild)
  }
  finish(world, im, rebuild)
}

/** A line per tenth, not one per user. */
function tellProgress(world: World, im: ImNode, rebuild: Rebuild): void {
  const tenths = Math.floor((rebuild.next * TENTHS) / rebuild.devices.length)
  if (tenths <= rebuild.toldTenths) return
  rebuild.toldTenths = tenths
  say(world, im, `sessions rebuilt ${rebuild.next} of ${rebuild.devices.length}`, 'no push before the last one', 'wait')
}

function finish(world: World, im: ImNode, rebuild: Rebuild): void {
  const { devices, startedAt } = rebuild
  im.rebuild = null
  const gap = im.gaps.at(-1)
  if (gap) gap.endedAt = world.clock.now()
  const seconds = ((world.clock.now() - startedAt) / 1_000).toFixed(1)
  say(world, im, `sessions rebuilt ${devices.length} of ${devices.length}`, `after ${seconds} s; pushes may be sent again`, 'ok')
  world.touch('node', im.id)
  pushWaiting(world, im)
}

/** What came meanwhile is pushed now, in its order (DEC-18). */
export function pushWaiting(world: World, im: ImNode): void {
  const waiting = im.unpushed
  im.unpushed = []
  for (const { device, stanza } of waiting) {
    if (stanza.state === 'queued' && ownerOf(world, device) === im && isSuspended(device)) pushStanza(world, im, device, stanza)
  }
  touchIm(world, im)
}

/** The node or its router has gone: what was rebuilt so far is in vain. */
export function stopRebuild(world: World, im: ImNode): void {
  const { rebuild } = im
  if (!rebuild) return
  rebuild.timer?.cancel()
  im.rebuild = null
  const gap = im.gaps.at(-1)
  if (gap) gap.endedAt = world.clock.now()
  say(world, im, `rebuilding stops at ${rebuild.next} of ${rebuild.devices.length}`, `${im.id} has gone`, 'fail')
}

const say = (world: World, im: ImNode, message: string, outcome: string, status: 'ok' | 'wait' | 'fail'): void =>
  void note(world, { flow: 0, place: routerOf(im.id), carrier: 'XMPP' }, message, outcome, status, 'HA-08')
