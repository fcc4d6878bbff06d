/** The second server of the repair of a dead machine token (UPG-09). */
import type { LabNode, World } from '../world.ts'

/** Its name; modelled. */
export const SPARE_ID = 'ucm-new'

export type Spare = {
  node: LabNode
  licensed: boolean
  certificates: boolean
  /** Its own machine account, once it is onboarded. */
  given: { account: string; refresh: string } | null
  problem: string
}

export type Upgrade = { spare: Spare | null }

export const spareNode = (world: World, id: string): LabNode | undefined =>
  world.upgrade.spare?.node.id === id ? world.upgrade.spare.node : undefined
