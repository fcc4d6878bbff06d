/**
 * Ties virtual time to the time of the person watching. Five modes: paused, running at a speed, express,
 * until (express with a goal), seeking. The pacer knows no wall clock of its own; whoever pumps it says
 * what time it is and when its share of the processor ends.
 */
import type { RunMode } from '../contract/batch.ts'

/** What the pacer drives: a run that can do one thing at a time. */
export interface Paced {
  readonly now: number
  /** Instant of the next thing, or null when nothing is scheduled. */
  nextAt(): number | null
  /** Does the next thing if it is due at or before the limit; false when nothing was. */
  stepOnce(limitMs: number): boolean
  /** Moves on to this instant when nothing is due before it. */
  advance(atMs: number): void
}

export type Goal = {
  text: string
  /** Time goal; null when an event decides. */
  at: number | null
  /** Asked after every step: true ends the run, with the reason shown. */
  reached: () => boolean
}

/** How many things are done between two looks at the wall clock. */
const STEPS_PER_LOOK = 256

export const MAX_SPEED = 10_000

export class Pacer {
  mode: RunMode = 'paused'
  speed = 1
  goal: Goal | null = null
  stoppedBecause = ''
  private startedAt = 0
  private anchorWall = 0
  private anchorSim = 0

  run(wallNow: number, paced: Paced): void {
    this.mode = 'running'
    this.goal = null
    this.stoppedBecause = ''
    this.anchor(wallNow, paced)
  }

  setSpeed(speed: number, wallNow: number, paced: Paced): void {
    this.speed = Math.min(MAX_SPEED, Math.max(0.01, speed))
    if (this.mode === 'express' || this.mode === 'until') this.run(wallNow, paced)
    else this.anchor(wallNow, paced)
  }

  express(): void {
    this.mode = 'express'
    this.goal = null
    this.stoppedBecause = ''
  }

  until(goal: Goal, paced: Paced): void {
    this.mode = 'until'
    this.goal = goal
    this.stoppedBecause = ''
    this.startedAt = paced.now
  }

  pause(because = ''): void {
    this.mode = 'paused'
    this.goal = null
    this.stoppedBecause = because
  }

  /** Part of the way to a time goal, 0 to 1; 0 when only an event decides. */
  progress(paced: Paced): number {
    const at = this.goal?.at ?? null
    if (at === null || at <= this.startedAt) return 0
    return Math.min(1, (paced.now - this.startedAt) / (at - this.startedAt))
  }

  /**
   * Does what is due by now. `spent` tells when this turn has to end. Returns how long nothing will be due,
   * in wall milliseconds: 0 when there is more to do at once, null when nothing will happen by itself.
   */
  pump(paced: Paced, wallNow: number, spent: () => boolean): number | null {
    switch (this.mode) {
      case 'paused':
      case 'seeking':
        return null
      case 'running':
        return this.pumpRunning(paced, wallNow, spent)
      case 'express':
      case 'until':
        return this.pumpFast(paced, spent)
    }
  }

  /** Whether something should have happened by now, and has not. */
  late(paced: Paced, wallNow: number): boolean {
    return this.mode === 'running' && (paced.nextAt() ?? Infinity) <= this.target(wallNow)
  }

  private target(wallNow: number): number {
    return Math.floor(this.anchorSim + (wallNow - this.anchorWall) * this.speed)
  }

  private anchor(wallNow: number, paced: Paced): void {
    this.anchorWall = wallNow
    this.anchorSim = paced.now
  }

  private pumpRunning(paced: Paced, wallNow: number, spent: () => boolean): number | null {
    const target = this.target(wallNow)
    let steps = 0
    while (paced.stepOnce(target)) {
      if (++steps % STEPS_PER_LOOK === 0 && spent()) {
        // Too much to do for this speed: go on from here rather than fall ever further behind.
        this.anchor(wallNow, paced)
        return 0
      }
    }
    paced.advance(target)
    const next = paced.nextAt()
    return next === null ? null : Math.max(0, (next - target) / this.speed)
  }

  private pumpFast(paced: Paced, spent: () => boolean): number | null {
    const limit = this.goal?.at ?? Number.MAX_SAFE_INTEGER
    let steps = 0
    for (;;) {
      if (!paced.stepOnce(limit)) {
        if (this.goal !== null && this.goal.at !== null) {
          paced.advance(this.goal.at)
          this.pause('')
        } else this.pause(this.goal ? 'Nothing more happens, and what was waited for did not come.' : 'Nothing more is scheduled.')
        return null
      }
      if (this.goal?.reached()) {
        this.pause(this.goal.text)
        return null
      }
      if (++steps % STEPS_PER_LOOK === 0 && spent()) return 0
    }
  }
}
