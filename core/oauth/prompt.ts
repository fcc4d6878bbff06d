/** The login prompt: its user has to type name and password before the client goes on (OAUTH-02, OAUTH-03). */
import type { Device } from '../client/device.ts'
import { note, type World } from '../world.ts'
import { modeOf } from './obstacle.ts'

const DAY_MS = 86_400_000

export const onDevice = (
  world: World,
  device: Device,
  message: string,
  outcome: string,
  status: 'ok' | 'info' | 'wait' | 'fail',
  why: string,
): void => void note(world, { flow: 0, place: device.id, carrier: 'OAuth' }, message, outcome, status, why)

/** Its user has to log in; until then it neither registers nor reads messages. */
export function prompt(world: World, device: Device, text: string, why: string): void {
  if (world.oauth.prompts.has(device.id)) return
  world.oauth.prompts.set(device.id, { since: world.clock.now(), text, why })
  if (device.registration) device.registration = null
  if (device.im) device.im.connected = false
  onDevice(world, device, 'login prompt', text, 'wait', why)
  world.touch('device', device.id)
}

export const refreshEnds = (world: World, device: Device): number =>
  device.refreshEndsAt > 0 ? device.refreshEndsAt : world.cluster.clientRefreshDays * DAY_MS

/** A refresh token that has ended is noticed when it is needed. */
export function beforeRegister(world: World, device: Device): void {
  if (device.client === 'deskphone' || device.refreshEndsAt === 0 || device.refreshEndsAt > world.clock.now()) return
  if (modeOf(world, device)) prompt(world, device, 'its refresh token has expired', 'OAUTH-03')
}
