/**
 * One run that can be stepped, seeked and forked. Seeking runs the scenario again to the moment; commands
 * that lie beyond it stay recorded and are given again at their moments, until a fork drops them.
 */
import type { LabCommandInput, WireInput } from './contract/commands.ts'
import type { Reply } from './contract/door.ts'
import type { Scenario } from './contract/scenario.ts'
import { MAX_DURATION_MS } from './contract/values.ts'
import { createLab, type Lab, type LabOptions } from './lab.ts'
import type { TimedInput } from './engine/journal.ts'
import type { Paced } from './engine/pacer.ts'

/** A run ends here: no lesson is longer, and what repeats for ever must end somewhere. */
export const RUN_END_MS = MAX_DURATION_MS

/** How much is done between two looks at the time of a turn. */
const STEPS_PER_LOOK = 256

export class Run implements Paced {
  readonly scenario: Scenario
  lab: Lab
  /** Recorded commands that lie ahead. */
  ahead: TimedInput[] = []
  /** The first recorded command that this lab would not carry out: its record was made by another version, or changed. */
  refused: { input: TimedInput; message: string } | null = null
  /** The run as it was before the newest fork left it: what a comparison holds against the present one. */
  before: { inputs: TimedInput[]; end: number; forkedAt: number } | null = null
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
    const at = Math.min(this.lab.world.clock.next()?.at ?? Infinity, this.ahead[0]?.at ?? Infinity)
    return at > RUN_END_MS ? null : at
  }

  stepOnce(limitMs: number): boolean {
    const limit = Math.min(limitMs, RUN_END_MS)
    const input = this.ahead[0]
    if (!input || input.at > limit) return this.lab.step(limit)
    // A record that was changed may name a moment that never comes: then its instant alone decides.
    const due = this.lab.world.clock.next()?.at ?? Infinity
    if (due < input.at || (due === input.at && this.lab.tasks < input.task)) return this.lab.step(input.at)
    this.ahead.shift()
    const reply = this.lab.replay(input)
    if (!reply.ok) this.refused ??= { input, message: reply.message }
    return true
  }

  advance(atMs: number): void {
    this.lab.world.clock.advance(Math.min(atMs, RUN_END_MS, this.ahead[0]?.at ?? Infinity))
    this.end = Math.max(this.end, this.lab.now)
  }

  /**
   * Goes on towards a moment for as long as this turn lasts; true when it stands there. `task` names a moment
   * within its instant: how many tasks have run. Without it everything of the instant is done.
   */
  goTowards(atMs: number, task: number | null, spent: () => boolean): boolean {
    let steps = 0
    while (this.isBefore(atMs, task) && this.stepOnce(atMs)) if (++steps % STEPS_PER_LOOK === 0 && spent()) return false
    this.advance(atMs)
    return true
  }

  private isBefore(atMs: number, task: number | null): boolean {
    const due = this.nextAt()
    if (due === null || due > atMs) return false
    return due < atMs || task === null || this.lab.tasks < task || (this.ahead[0]?.at ?? Infinity) <= atMs
  }

  /** A command of a person: it becomes part of the run, and what was recorded beyond this moment is dropped. */
  command(name: string, args: unknown): Reply {
    const left = this.leftBehind()
    const reply = this.lab.command(name, args)
    if (reply.ok) this.fork(left)
    return reply
  }

  /** What real clients do at this moment; nothing is recorded beyond it while they are there. */
  arrival<N extends WireInput>(name: N, args: LabCommandInput<N>): Reply {
    this.end = this.lab.now
    return this.lab.arrival(name, args)
  }

  /** Drops what was recorded beyond this moment. */
  fork(left = this.leftBehind()): number {
    const dropped = this.ahead.length
    if (left) this.before = left
    this.ahead = []
    this.end = this.lab.now
    return dropped
  }

  /** What a fork at this moment would leave; going on at the far end leaves nothing. */
  private leftBehind(): Run['before'] {
    if (this.ahead.length === 0 && this.end <= this.lab.now) return null
    return { inputs: this.inputs(), end: this.end, forkedAt: this.lab.now }
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
        return again.goTowards(atMs, null, spent)
      },
      progress: () => (atMs === 0 ? 1 : Math.min(1, again.now / atMs)),
      finish: () => {
        this.lab = again.lab
        this.ahead = again.ahead
        this.refused = again.refused
        this.end = Math.max(far, this.lab.now)
      },
    }
  }
}
