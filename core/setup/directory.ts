/** People and numbers. */
import type { World } from '../world.ts'

export function addDirectory(world: World): void {
  const { users, order, pilots, ownerOfNumber } = world.directory
  for (const entry of world.scenario.users) {
    const user = { ...entry, name: entry.name ?? entry.id }
    order.set(user.id, users.size)
    users.set(user.id, user)
    ownerOfNumber.set(user.number, user)
  }
  for (const pilot of world.scenario.cluster.huntPilots) pilots.set(pilot.number, pilot)
}
