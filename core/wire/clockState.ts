/** What a window is told of the time: where the run stands, how it goes on, and towards what. */
import type { ClockState } from '../contract/batch.ts'
import type { Host } from './host.ts'

/** `jumps`: how often the lab in view became another one, or went to another moment. */
export function clockState({ current: { run }, pacer, job }: Pick<Host, 'current' | 'pacer' | 'job'>, jumps: number): ClockState {
  const goal = job
    ? { text: job.text, at: job.at, progress: job.progress() }
    : pacer.goal
      ? { text: pacer.goal.text, at: pacer.goal.at, progress: pacer.progress(run) }
      : null
  return {
    now: run.now,
    mode: job ? 'seeking' : pacer.mode,
    speed: pacer.speed,
    next: run.lab.world.clock.next(),
    goal,
    end: Math.max(run.end, run.now),
    stoppedBecause: pacer.stoppedBecause,
    tasks: run.lab.tasks,
    jumps,
  }
}
