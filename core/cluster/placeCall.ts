/** Placing a call from a device: to a number, or to all phones as a page. */
import { isSuspended, reachesCluster, type Device } from '../client/device.ts'
import { toCallManager } from '../client/sip.ts'
import { callerLost } from './callEnd.ts'
import { newCall } from './callProcessing.ts'
import { INVITE_TIMEOUT_MS } from './deadlines.ts'
import { activeNodeOf } from './nodes.ts'
import type { LabCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { missing } from '../replies.ts'
import type { World } from '../world.ts'

/** What a page dials; modelled, as the documents name no number for it. */
const PAGE_GROUP = 'all-phones'

export function placeCall(world: World, { from, to, video }: LabCommandArgs<'call.place'>): Reply {
  const caller = callerFor(world, from, to)
  if (!('lines' in caller)) return caller
  if (caller.lines.includes(to)) return failure('refused', `${caller.label} has the number ${to} itself`)
  const name = world.directory.pilots.get(to)?.name ?? world.directory.ownerOfNumber.get(to)?.name ?? ''
  return invite(world, caller, { dialed: to, name, video, page: null })
}

/** One call to every phone of the lab, extended to them over this long; the first answer takes it (modelled). */
export function pageAll(world: World, { from, overMs }: LabCommandArgs<'storm.page'>): Reply {
  const caller = callerFor(world, from, null)
  return 'lines' in caller ? invite(world, caller, { dialed: PAGE_GROUP, name: 'all phones', video: false, page: { overMs } }) : caller
}

/** The device named, when it can call now; without a name the first that can, a desk phone before others. */
function callerFor(world: World, from: string | undefined, to: string | null): Device | Reply {
  if (from === undefined) {
    return (
      firstCaller(world, to) ?? failure('refused', 'no device can place a call now: one has to be signed in, in foreground and registered')
    )
  }
  const caller = world.devices.get(from)
  if (!caller) return missing('device', from, world.devices.keys())
  if (!caller.signedIn) return failure('refused', `${caller.label} is logged out: sign in first`)
  if (caller.call) return failure('refused', `${caller.label} is already in a call`)
  if (isSuspended(caller)) return failure('refused', `${caller.label} is suspended: open its app first`)
  if (!reachesCluster(caller)) return failure('refused', `${caller.label} has no network to the cluster`)
  if (!activeNodeOf(world, caller) || !caller.registration?.connected)
    return failure('refused', `${caller.label} is not registered with a node that is up`)
  return caller
}

function firstCaller(world: World, to: string | null): Device | null {
  let first: Device | null = null
  for (const device of world.devices.values()) {
    if (!canCall(world, device) || (to !== null && device.lines.includes(to))) continue
    if (device.client === 'deskphone') return device
    first ??= device
  }
  return first
}

/** A device that can place a call now: registered over SIP and not in a call. */
const canCall = (world: World, device: Device): boolean =>
  device.signedIn &&
  device.call === null &&
  device.registration?.connected === true &&
  !isSuspended(device) &&
  reachesCluster(device) &&
  activeNodeOf(world, device) !== null

type Dialed = { dialed: string; name: string; video: boolean; page: { overMs: number } | null }

function invite(world: World, caller: Device, { dialed, name, video, page }: Dialed): Reply {
  const node = activeNodeOf(world, caller)
  if (!node) return failure('refused', `${caller.label} is not registered with a node that is up`)
  const call = newCall(world, caller, node.id, dialed, video, page)
  const flow = call.flow.number
  caller.placed = call
  caller.call = {
    style: caller.client === 'deskphone' ? 'desk phone' : 'in-app',
    flow,
    direction: 'outgoing',
    name,
    number: dialed,
    video,
    state: 'dialing',
    since: world.clock.now(),
    canAnswer: false,
    canDecline: false,
    overLockScreen: false,
  }
  world.touch('device', caller.id)
  toCallManager(world, caller, node, { flow, message: `INVITE ${dialed}` }, { type: 'INVITE', call }, (loss) =>
    callerLost(world, call, loss.text, loss.why),
  )
  call.arrivalTimer = world.clock.schedule(
    INVITE_TIMEOUT_MS,
    () => {
      if (call.phase === 'over') return
      callerLost(world, call, `no answer from ${node.id} to the INVITE within ${INVITE_TIMEOUT_MS / 1_000} s`, 'CALL-01')
    },
    'INVITE timeout of the caller',
  )
  return ok({ flow })
}
