/**
 * Storms: everybody does the same within a settable time. One input of the run and one flow, with a line at
 * its start and one at its end that counts; what travels in between are hops as ever.
 */
import { openApp, settle, type Suspended } from './client/attention.ts'
import { isMobile, isSuspended, reachesCluster, type Device } from './client/device.ts'
import { register } from './client/registration.ts'
import type { LabCommandArgs } from './contract/commands.ts'
import { failure, ok, type Reply } from './contract/door.ts'
import type { Flow } from './flowBook.ts'
import { pageAll } from './cluster/placeCall.ts'
import { note, type World } from './world.ts'

/** However short a storm is made: so many devices act in a millisecond at most, which bounds one task. */
export const STORM_PER_MS = 250

type Storm = { name: string; message: string; why: string; overMs: number; devices: Device[] }

/**
 * Lets `act` happen for each device in the order of the file, evenly spread; `end` says what came of it, once
 * every act has called back.
 */
function storm(
  world: World,
  { name, message, why, overMs, devices }: Storm,
  act: (device: Device, flow: Flow, done: () => void) => void,
  end: () => string,
): Reply {
  if (world.storms.has(name)) return failure('refused', `${message}: this storm is still under way`)
  if (devices.length === 0) return failure('refused', `${message}: there is nobody left to do so`)
  const place = world.cluster.publisher.id
  const flow = world.flows.start('admin', `Storm: ${message}`, place, place, world.log.total)
  const spanMs = Math.max(overMs, Math.ceil(devices.length / STORM_PER_MS) - 1)
  const dueAt = (index: number): number => Math.floor((index * spanMs) / devices.length)
  const startedAt = world.clock.now()
  const say = (text: string, outcome: string): void =>
    void note(world, { flow: flow.number, place, carrier: 'admin' }, text, outcome, 'info', why)
  world.storms.add(name)
  say(`storm begins: ${message}`, `${devices.length} devices within ${spanMs} ms`)
  let next = 0
  let open = devices.length
  const done = (): void => {
    open--
    if (open > 0) return
    world.storms.delete(name)
    say(`storm is over: ${message}`, end())
    world.flows.end(flow, 'done')
  }
  const slice = (): void => {
    const nowMs = world.clock.now() - startedAt
    while (next < devices.length && dueAt(next) <= nowMs) {
      const device = devices[next++] as Device
      if (world.deleted.has(device.id)) done()
      else act(device, flow, done)
    }
    if (next < devices.length) world.clock.schedule(dueAt(next) - nowMs, slice, `storm: ${message}`)
  }
  slice()
  return ok({ flow: flow.number, devices: devices.length })
}

function background(world: World, { overMs }: LabCommandArgs<'storm.background'>): Reply {
  const seen: Suspended = { sip: 0, im: 0, sockets: 0 }
  let left = 0
  const open = (device: Device): boolean => isMobile(device) && device.app === 'on screen'
  return storm(
    world,
    { name: 'background', message: 'everyone leaves the app', why: 'CH-02', overMs, devices: [...world.devices.values()].filter(open) },
    (device, flow, done) => {
      if (open(device)) {
        left++
        device.app = 'off screen'
        settle(world, device, flow.number, seen)
      }
      done()
    },
    () =>
      `${left} apps went to the background; suspended: ${seen.im} IM sessions, ${seen.sip} SIP channels; ${seen.sockets} sockets stay open`,
  )
}

function registerAll(world: World, { overMs }: LabCommandArgs<'storm.register'>): Reply {
  const nodes = new Map<string, number>()
  let without = 0
  let unreachable = 0
  const devices = [...world.devices.values()].filter((device) => device.signedIn)
  return storm(
    world,
    { name: 'register', message: 'everyone registers', why: 'CH-01', overMs, devices },
    (device, flow, done) => {
      if (!device.signedIn || !reachesCluster(device)) {
        unreachable++
        return done()
      }
      if (isSuspended(device)) openApp(device)
      register(world, device, flow.number, null, (node) => {
        if (node === null) without++
        else nodes.set(node, (nodes.get(node) ?? 0) + 1)
        done()
      })
      settle(world, device, flow.number)
    },
    () => {
      const taken = [...nodes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([node, count]) => `${count} at ${node}`)
      return `${taken.join(', ') || 'nobody registered'}; no node took ${without}; ${unreachable} signed out or without network`
    },
  )
}

export const stormHandlers = { 'storm.background': background, 'storm.register': registerAll, 'storm.page': pageAll }
