/** The moments that a run can be told to go on to: a time, an event, an alarm, the end of a flow. */
import type { HostCommandArgs } from './contract/commands.ts'
import type { Goal } from './engine/pacer.ts'
import { fits } from './queries.ts'
import type { World } from './world.ts'

/** The goal, or a text that says why there is nothing to wait for. */
export function goalOf(world: World, asked: HostCommandArgs<'time.until'>): Goal | string {
  if ('time' in asked) {
    if (asked.time < world.clock.now()) return 'that moment has passed: go back in time instead'
    return { text: 'until a moment', at: asked.time, reached: () => false }
  }
  if ('event' in asked) {
    let looked = world.log.total
    return {
      text: 'Stopped at a matching event.',
      at: null,
      reached: () => {
        for (const event of world.log.since(looked)) if (fits(event, asked.event)) return true
        looked = world.log.total
        return false
      },
    }
  }
  if ('alarm' in asked) {
    const wanted = asked.alarm.toLowerCase()
    let looked = world.alarms.raises
    return {
      text: 'Stopped at an alarm.',
      at: null,
      reached: () => {
        if (world.alarms.raises === looked) return false
        looked = world.alarms.raises
        return world.alarms.latest?.name.toLowerCase().includes(wanted) ?? false
      },
    }
  }
  const flow = world.flows.get(asked.flowEnds)
  if (!flow) return `there is no flow ${asked.flowEnds}`
  if (flow.endedAt !== null) return `flow ${asked.flowEnds} has already ended`
  return { text: `Stopped at the end of flow ${asked.flowEnds}.`, at: null, reached: () => flow.endedAt !== null }
}
