/** What the parts of the lab host share: the run in view, its pacer, and the one long piece of work at a time. */
import { failure, type Failure } from '../contract/door.ts'
import type { Scenario } from '../contract/scenario.ts'
import type { Pacer } from '../engine/pacer.ts'
import type { Run } from '../run.ts'
import type { StoredRun } from './runFile.ts'

export type Current = {
  scenario: Scenario
  source: { name: string; text: string }
  seed: number
  file: string
  rehearsed: boolean
  run: Run
}

/** A long piece of work that can be cancelled: a seek, an import, an export. */
export type Job = {
  text: string
  at: number
  progress: () => number
  step: (spent: () => boolean) => boolean
  done: () => void
  /** It ends before it is done: the lab stays as it was, and who waits is told why. */
  stopped: (why: Failure) => void
}

export type Host = {
  readonly current: Current
  readonly pacer: Pacer
  readonly job: Job | null
  /** Takes another run into view. */
  adopt(next: Current): void
  /** The run in view is at another moment now, or lost what lay ahead of it. */
  jumped(): void
  keepRun(): void
  fromStored(stored: StoredRun): Current
  begin(work: Job): void
  stopJob(why: Failure): boolean
  /** Another turn, soon. */
  wake(): void
  log(line: string): void
}

export const busy = (job: Job): Failure => failure('busy', `the lab is busy (${job.text}): wait or cancel first`)
export const CANCELLED = failure('cancelled', 'cancelled: the lab stays where it was')
