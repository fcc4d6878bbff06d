/** People, numbers, and the service profiles that bring people their configuration. */
import { readSsidList } from '../lpns/ssidList.ts'
import type { World } from '../world.ts'

export function addDirectory(world: World): void {
  const { users, order, pilots, ownerOfNumber, watchersOf } = world.directory
  for (const entry of world.scenario.users) {
    const user = { ...entry, name: entry.name ?? entry.id }
    order.set(user.id, users.size)
    users.set(user.id, user)
    ownerOfNumber.set(user.number, user)
    for (const contact of entry.contacts ?? []) {
      const watchers = watchersOf.get(contact)
      if (watchers) watchers.push(user.id)
      else watchersOf.set(contact, [user.id])
    }
  }
  for (const pilot of world.scenario.cluster.huntPilots) pilots.set(pilot.number, pilot)
  const { ucServices, serviceProfiles } = world.cluster
  for (const { id, localPushSsidList, asTyped } of world.scenario.cluster.ucServices) {
    const read = localPushSsidList === undefined ? null : readSsidList(localPushSsidList, asTyped)
    ucServices.set(id, { id, ssids: read?.ok ? read.ssids : [], text: localPushSsidList ?? null, asTyped })
  }
  for (const profile of world.scenario.cluster.serviceProfiles) serviceProfiles.set(profile.id, { ...profile })
}
