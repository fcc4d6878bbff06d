/** What watchers see of a user: the best of all clients; Away when every one of them is suspended (MSG-03). */
import { isSuspended, type Device } from '../client/device.ts'
import type { World } from '../world.ts'
import { sendStanza } from './routing.ts'
import { ownerOf } from './subcluster.ts'

export const AWAY = 'Away'
export const OFFLINE = 'Offline'

/** What this client itself shows: what its user chose, or Away while it is suspended. */
export const presenceOf = (device: Device): string => (!device.signedIn ? OFFLINE : isSuspended(device) ? AWAY : device.status)

export function presenceOfUser(world: World, user: string): string {
  let seen = OFFLINE
  for (const device of world.directory.devicesOf.get(user) ?? []) {
    if (device.client !== 'jabber' || device.presence === OFFLINE) continue
    if (device.presence !== AWAY) return device.presence
    seen = AWAY
  }
  return seen
}

/** Sets what a client shows; those who watch its user are told when that changes what they see. */
export function showPresence(world: World, device: Device, presence: string): void {
  if (device.presence === presence) return
  device.presence = presence
  world.touch('device', device.id)
  const watchers = world.directory.watchersOf.get(device.owner)
  if (!watchers || device.client !== 'jabber') return
  const now = presenceOfUser(world, device.owner)
  if (world.directory.seenAs.get(device.owner) === now) return
  world.directory.seenAs.set(device.owner, now)
  const origin = { place: device.owner, client: false, node: ownerOf(world, device) }
  for (const watcher of watchers) {
    for (const each of world.directory.devicesOf.get(watcher) ?? []) {
      if (each.client !== 'jabber' || !each.im) continue
      sendStanza(world, origin, each, world.messages.add('presence', device.ownerName, now, 0, each))
    }
  }
}

/** What everybody sees when the lab starts, before anything changes. */
export function firstSeen(world: World): void {
  for (const user of world.directory.watchersOf.keys()) world.directory.seenAs.set(user, presenceOfUser(world, user))
  if (world.directory.watchersOf.size === 0) return
  for (const device of world.devices.values()) if (device.im) tellContacts(world, device)
}

/** A client that logs in is told how all its contacts are. */
export function tellContacts(world: World, device: Device): void {
  for (const contact of world.directory.users.get(device.owner)?.contacts ?? []) {
    const user = world.directory.users.get(contact)
    if (user) device.contacts.set(user.name ?? user.id, world.directory.seenAs.get(contact) ?? OFFLINE)
  }
}
