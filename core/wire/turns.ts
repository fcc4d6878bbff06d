/**
 * The turns in which a lab goes on: some milliseconds of the run or of a long piece of work, then windows, sockets and
 * files get theirs. A turn asks for the next one as long as there is something to do.
 */
import { failure, type Failure } from '../contract/door.ts'
import type { Pacer } from '../engine/pacer.ts'
import { RUN_END_MS } from '../run.ts'
import type { Steps } from '../steps.ts'
import type { Attachment } from './attachment.ts'
import type { Batcher } from './batcher.ts'
import type { Current, Job } from './host.ts'
import type { RunFile } from './runFile.ts'

/** One turn of work before windows and sockets get theirs. */
const TURN_MS = 8
/**
 * A turn that writes to real clients goes on for this long: between two turns thousands of responses to what was just
 * pushed would be read, and who is pushed last would wait for all of them.
 */
const PUSHING_MS = 1_000
/** With fewer there are a few real clients among many phones of the lab, and windows do not wait for that. */
const FRAMES_PER_MS = 2
const FRAME_MS = 16
/** In express and while seeking a window is told less often: drawing must not cost the run its time. */
const FAST_FRAME_MS = 100
const POSITION_EVERY_MS = 2_000
/** What real clients send is written together; a crash costs no more than this of it. */
const WRITE_EVERY_MS = 500
/** Without a window, and with nothing due, the lab still looks at the clock this often. */
const IDLE_MS = 1_000

const RUN_OVER = `A run ends after ${RUN_END_MS / 86_400_000} days: go back in time, or start the lab again.`

export type TurnsOptions = {
  current(): Current
  pacer: Pacer
  file: RunFile | null
  batcher: Pick<Batcher, 'flush' | 'idle' | 'wanted'>
  attachment: Pick<Attachment, 'open'>
  /** What is open on sockets has its part of each turn; true when it needs another one. */
  sockets(spent: () => boolean): boolean
  /** Frames written to real clients of local push so far. */
  written(): number
  log(line: string): void
}

export class Turns {
  private readonly o: TurnsOptions
  private running: Job | null = null
  private timer: NodeJS.Timeout | null = null
  private immediate: NodeJS.Immediate | null = null
  private ended = false
  private lastFlush = 0
  private lastPosition = 0
  private lastWrite = 0
  private keptAt = -1
  /** When the next turn comes by itself, in wall time. */
  private nextAt = 0

  constructor(o: TurnsOptions) {
    this.o = o
  }

  get job(): Job | null {
    return this.running
  }

  /** Another turn, soon. */
  wake(): void {
    if (this.ended || this.immediate !== null) return
    this.immediate = setImmediate(() => this.turn())
  }

  /** A window hears of the work before it starts: a short one would be over before the next frame. */
  begin(work: Job): void {
    this.running = work
    this.o.batcher.flush()
    this.wake()
  }

  stopJob(why: Failure): boolean {
    const job = this.running
    this.running = null
    job?.stopped(why)
    return job !== null
  }

  /** Something real came in: a turn is needed for what is due before the next one, and for nothing else. */
  settle(): void {
    const { run } = this.o.current()
    const restMs = (run.nextAt() ?? Infinity) - run.now
    if (performance.now() + restMs < this.nextAt) this.wake()
  }

  /** Brings the run to this moment of the wall clock, before something real enters it; false when the lab stopped on the way. */
  catchUp(): boolean {
    try {
      const startedAt = performance.now()
      this.o.pacer.pump(this.o.current().run, startedAt, () => performance.now() - startedAt > TURN_MS)
      return true
    } catch (error) {
      this.stopped(error)
      return false
    }
  }

  /** Where the run stands, or where it is being brought to. */
  keepPosition(): void {
    this.lastPosition = performance.now()
    this.keptAt = this.running?.at ?? this.o.current().run.now
    this.o.file?.position(this.keptAt)
  }

  /** No turn comes after this. */
  end(): void {
    this.ended = true
    if (this.timer) clearTimeout(this.timer)
    if (this.immediate) clearImmediate(this.immediate)
  }

  private turn(): void {
    this.immediate = null
    if (this.timer) clearTimeout(this.timer)
    this.timer = null
    if (this.ended) return
    const { pacer, batcher } = this.o
    const startedAt = performance.now()
    const spent = this.budget(startedAt)
    const restMs = this.work(startedAt, spent)
    const more = this.o.sockets(spent)
    this.write(startedAt)
    const { run } = this.o.current()
    run.end = Math.max(run.end, run.now)
    const fast = this.running !== null || pacer.mode === 'express' || pacer.mode === 'until'
    const frameMs = fast ? FAST_FRAME_MS : FRAME_MS
    const sinceFlush = performance.now() - this.lastFlush
    if (sinceFlush >= frameMs || restMs === null) {
      batcher.flush()
      this.lastFlush = performance.now()
    }
    const resting = restMs === null || pacer.mode === 'paused'
    if (!this.running && run.now !== this.keptAt && (resting || startedAt - this.lastPosition >= POSITION_EVERY_MS)) this.keepPosition()
    if (restMs === 0 || more) this.wake()
    else if (pacer.mode === 'running') this.turnIn(this.untilNext(restMs ?? IDLE_MS))
    else if (batcher.wanted && (sinceFlush < frameMs || run.lab.unsettled)) this.turnIn(frameMs)
  }

  /** Tells whether a turn is over. */
  private budget(startedAt: number): () => boolean {
    const before = this.o.written()
    return () => {
      const ms = performance.now() - startedAt
      if (ms <= TURN_MS) return false
      return ms > PUSHING_MS || this.o.written() - before < ms * FRAMES_PER_MS
    }
  }

  private write(now: number): void {
    if (now - this.lastWrite < WRITE_EVERY_MS && this.o.attachment.open) return
    this.o.file?.flush()
    this.lastWrite = now
  }

  private turnIn(ms: number): void {
    this.nextAt = performance.now() + ms
    this.timer = setTimeout(() => this.turn(), ms)
  }

  /** A window is told of the time once per frame; what goes to a real client leaves at its moment. */
  private untilNext(restMs: number): number {
    const { attachment, batcher } = this.o
    if (attachment.open) return Math.min(restMs, batcher.idle ? IDLE_MS : FRAME_MS)
    return batcher.idle ? Math.min(restMs, IDLE_MS) : FRAME_MS
  }

  /** One turn of the job or of the run. Whatever goes wrong in there stops the lab, not the program. */
  private work(wallNow: number, spent: () => boolean): number | null {
    const { pacer, attachment } = this.o
    try {
      const { run } = this.o.current()
      if (this.running) {
        // Real clients do not wait while a journal is written.
        if (attachment.open) pacer.pump(run, wallNow, spent)
        return this.stepJob(this.running, spent)
      }
      const moving = pacer.mode !== 'paused'
      let restMs = pacer.pump(run, wallNow, spent)
      // Meanwhile more may have come due: it is of this turn too, while there is time.
      while (restMs !== 0 && pacer.late(run, performance.now()) && !spent()) restMs = pacer.pump(run, performance.now(), spent)
      if (moving) this.sayWhenOver()
      return restMs
    } catch (error) {
      this.stopped(error)
      return null
    }
  }

  private stepJob(job: Job, spent: () => boolean): number | null {
    if (!job.step(spent)) return 0
    this.running = null
    this.o.pacer.pause()
    job.done()
    return 0
  }

  private stopped(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    this.o.log(`the lab stopped: ${error instanceof Error ? (error.stack ?? text) : text}`)
    this.stopJob(failure('internal', `stopped inside the lab: ${text}`))
    this.o.pacer.pause(`The lab stopped: ${text}. Go back in time, or start it again.`)
  }

  /** Something is scheduled still, but beyond the end that every run has. */
  private sayWhenOver(): void {
    const { pacer } = this.o
    const { run } = this.o.current()
    const over = run.nextAt() === null && run.lab.world.clock.next() !== null
    if (over && (pacer.mode === 'paused' || run.now >= RUN_END_MS)) pacer.pause(RUN_OVER)
  }
}

/** Long answers are made in turns, as the run is: neither it nor its windows wait for them. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const began = performance.now()
    let step = steps.next()
    while (step.done !== true && performance.now() - began < TURN_MS) step = steps.next()
    if (step.done === true) return step.value
    await new Promise((resolve) => setImmediate(resolve))
  }
}
