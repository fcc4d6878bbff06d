/** Which flow of the lab an exchange belongs to: by the tracking ID, or by what a platform calls the push (SEC-06). */
import type { World } from '../../world.ts'

/** Names of pushes from outside that are remembered; the oldest goes. */
const KEPT = 5_000

export class Flows {
  private readonly byName = new Map<string, number>()
  private readonly world: () => World

  constructor(world: () => World) {
    this.world = world
  }

  /** What the lab made of this push: its first event since then tells. */
  note(name: string, eventsBefore: number): void {
    const flow = firstFlow(this.world().log.since(eventsBefore))
    if (flow === null) return
    if (this.byName.size >= KEPT) this.byName.delete(this.byName.keys().next().value as string)
    this.byName.set(name.slice(0, 80), flow)
  }

  of(tracking: string): number | null {
    const { pushes, real } = this.world()
    return (
      this.byName.get(tracking) ??
      pushes.get(tracking)?.flow ??
      real.forwarded.get(`apns ${tracking.toLowerCase()}`)?.push.flow ??
      real.own.get(tracking)?.asked.flow ??
      null
    )
  }

  clear(): void {
    this.byName.clear()
  }
}

function firstFlow(events: Iterable<{ flow: number }>): number | null {
  for (const { flow } of events) if (flow > 0) return flow
  return null
}
