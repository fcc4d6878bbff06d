/** What the capacity calculator can know of this lab by itself; the rest are habits of people, for a person to enter (PROXY-08). */
import { isMobile } from '../client/device.ts'
import { renewAfterMs } from '../cloud/accessAgent.ts'
import { allNodes } from '../cluster/nodes.ts'
import type { World } from '../world.ts'
import { DEFAULT_FIGURES, type CapacityFigures } from './capacity.ts'

export function labFigures(world: World): CapacityFigures {
  const mobile = [...world.devices.values()].filter(isMobile)
  const owners = (devices: typeof mobile): number => new Set(devices.map((device) => device.owner)).size
  return {
    ...DEFAULT_FIGURES,
    callUsers: owners(mobile),
    // The Webex App has its messages from its own cloud (MSG-07).
    messageUsers: world.presence ? owners(mobile.filter((device) => device.client === 'jabber')) : 0,
    nodes: [...allNodes(world)].length,
    tokenMinutes: renewAfterMs(world.cluster.accessTokenMinutes * 60_000) / 60_000,
    alarmMinutes: world.admin.agent.send ? world.admin.agent.frequencyMinutes : null,
  }
}
