/** People and numbers. */
import type { World } from '../world.ts'

export function addDirectory(world: World): void {
  const { users, pilots, ownerOfNumber } = world.directory
  for (const entry of world.scenario.users) {
    users.set(entry.id, { ...entry, name: entry.name ?? entry.id })
    ownerOfNumber.set(entry.number, { ...entry, name: entry.name ?? entry.id })
  }
  for (const pilot of world.scenario.cluster.huntPilots) pilots.set(pilot.number, pilot)
}
