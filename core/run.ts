/**
 * One run that can be stepped, seeked and forked. Seeking runs the scenario again to the moment; commands
 * that lie beyond it stay recorded and are given again at their moments, until a fork drops them.
 */
import type { Reply } from './contract/door.ts'
import type { Scenario } from './contract/scenario.ts'
import { createLab, type Lab, type LabOptions } from './lab.ts'
import type { TimedInput } from './engine/journal.ts'
import type { Paced } from './engine/pacer.ts'

export class Run implements Paced {
  readonly scenario: Scenario
  lab: Lab
  /** Recorded commands that lie ahead. */
  ahead: TimedInput[] = []
  /** How far this run has ever been: the right end of the timeline. */
  end = 0
  private readonly options: LabOptions

  constructor(scenario: Scenario, options: LabOptions, recorded: readonly TimedInput[] = []) {
    this.scenario = scenario
    this.options = options
    this.lab = createLab(scenario, options)
    this.ahead = [...recorded]
    this.end = recorded.at(-1)?.at ?? 0
  }

  get now(): number {
    return this.lab.now
  }

  nextAt(): number | null {
    const scheduled = this.lab.world.clock.next()?.at ?? null
    const recorded = this.ahead[0]?.at ?? null
    if (scheduled === null) return recorded
    return recorded === null ? scheduled : Math.min(scheduled, recorded)
  }

  stepOnce(limitMs: number): boolean {
    const input = this.ahead[0]
    if (input && this.lab.tasks >= input.task && input.at <= limitMs) {
      this.ahead.shift()
      this.lab.replay(input)
      return true
    }
    return this.lab.step(input ? Math.min(limitMs, input.at) : limitMs)
  }

  advance(atMs: number): void {
    const input = this.ahead[0]
    this.lab.world.clock.advance(input ? Math.min(atMs, input.at) : atMs)
    this.end = Math.max(this.end, this.lab.now)
  }

  /** A command of a person: it becomes part of the run, and what was recorded beyond this moment is dropped. */
  command(name: string, args: unknown): Reply {
    const reply = this.lab.command(name, args)
    if (reply.ok) this.fork()
    return reply
  }

  /** Drops what was recorded beyond this moment. */
  fork(): number {
    const dropped = this.ahead.length
    this.ahead = []
    this.end = this.lab.now
    return dropped
  }

  /** All commands of this run, past and ahead. */
  inputs(): TimedInput[] {
    return [...this.lab.inputs, ...this.ahead]
  }

  /**
   * Starts over towards `atMs`. Returns a stepper: call it until it says done; until `finish` the present lab
   * stays as it is, so that a cancelled seek changes nothing.
   */
  seek(atMs: number): { target: number; stepSome(spent: () => boolean): boolean; progress(): number; finish(): void } {
    const recorded = this.inputs()
    const far = Math.max(this.end, this.lab.now)
    const { journal: _journal, ...quiet } = this.options
    const again = new Run(this.scenario, quiet, recorded)
    return {
      target: atMs,
      stepSome(spent) {
        let steps = 0
        while (again.stepOnce(atMs)) if (++steps % 256 === 0 && spent()) return false
        again.advance(atMs)
        return true
      },
      progress: () => (atMs === 0 ? 1 : Math.min(1, again.now / atMs)),
      finish: () => {
        this.lab = again.lab
        this.ahead = again.ahead
        this.end = Math.max(far, atMs)
      },
    }
  }
}
