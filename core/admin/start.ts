/** The administrator's tools as they stand when the lab starts. */
import type { World } from '../world.ts'
import { startInterval } from './agent.ts'
import { newMachineAccount } from './machineAccount.ts'
import { newAgent, type Administration } from './state.ts'

export function newAdministration(onboarded: boolean, random: World['random']): Administration {
  const uuids = random('machine account')
  return { agent: newAgent(onboarded), support: [], machine: newMachineAccount(uuids.uuid(), uuids.uuid()) }
}

export const startAdministration = (world: World): void => startInterval(world)
