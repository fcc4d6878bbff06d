/** Answers and notes that commands have in common. */
import type { Device } from './client/device.ts'
import { failure, ok, type Failure, type Reply } from './contract/door.ts'
import { note, type World } from './world.ts'

const NAMES_SHOWN = 8

/** There is nothing of that name; says which names there are. */
export function missing(what: string, name: string, known: Iterable<string>): Failure {
  const names = [...known]
  const list = names.slice(0, NAMES_SHOWN).join(', ') + (names.length > NAMES_SHOWN ? ', …' : '')
  return failure('not-found', `there is no ${what} "${name}"`, [
    { path: what, message: `unknown ${what}`, fix: names.length > 0 ? `use one of: ${list}` : `this lab has no ${what}` },
  ])
}

/** What an administrator, or the user of a phone, has just set. */
export const admin = (world: World, place: string, message: string, outcome: string, why: string): void =>
  void note(world, { flow: 0, place, carrier: 'admin' }, message, outcome, 'info', why)

/** What an act answers with: null when it was done, else why it is not possible. */
export const refused = (refusal: string | null): Reply => (refusal === null ? ok({}) : failure('refused', refusal))

export function onDevice(world: World, id: string, act: (device: Device) => string | null): Reply {
  const device = world.devices.get(id)
  return device ? refused(act(device)) : missing('device', id, world.devices.keys())
}
