/** Brings a lab to its end in slices: the pipe is heeded, progress is shown, and Ctrl-C ends it between two of them. */
import { clockText } from '../../core/ladder/words.ts'
import type { Output } from './output.ts'

/** As the shell reports a program that Ctrl-C ended: 128 + SIGINT. */
export const INTERRUPTED_EXIT = 130

/** A slice is made shorter or longer until it takes about this long: Ctrl-C is answered, and little time goes to looking. */
const SLICE_WALL_MS = 40
const LONGEST_SLICE_MS = 86_400_000
/** As many events as a pipe takes at once. */
const SLICE_EVENTS = 20_000
const TTY_EVERY_MS = 200
const LINE_EVERY_MS = 1_000

export type Driven = 'done' | 'interrupted' | 'closed'

/** What is driven: a lab, or a recorded run. */
export type Driveable = { readonly now: number; readonly events: number; runUntil(atMs: number): void }

export type Progress = { show: (done: number, atMs: number, events: number) => void; clear: () => void }

/** On a terminal one line that is written over; else a line every second, and none for a run of less than one. */
export function progressOn(stream: NodeJS.WriteStream): Progress {
  const everyMs = stream.isTTY ? TTY_EVERY_MS : LINE_EVERY_MS
  let last = performance.now()
  let shown = false
  return {
    show(done, atMs, events) {
      const now = performance.now()
      if (now - last < everyMs) return
      last = now
      shown = true
      const text = `${Math.floor(done * 100)} %, ${clockText(atMs)} of virtual time, ${events} events`
      stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`)
    },
    clear() {
      if (shown && stream.isTTY) stream.write('\r\u001b[K')
    },
  }
}

export const NO_PROGRESS: Progress = { show: () => undefined, clear: () => undefined }

/** Ctrl-C is noted, for whoever asks between two slices; a second one ends the program at once. */
export function watchInterrupt(): { readonly seen: boolean; stop(): void } {
  let seen = false
  const onSignal = (): void => {
    if (seen) process.exit(INTERRUPTED_EXIT)
    seen = true
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    get seen() {
      return seen
    },
    stop() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}

export async function drive(lab: Driveable, untilMs: number, output: Output, progress: Progress): Promise<Driven> {
  const interrupt = watchInterrupt()
  try {
    let sliceMs = 1_000
    do {
      const from = performance.now()
      const before = lab.events
      lab.runUntil(Math.min(untilMs, lab.now + sliceMs))
      await output.settle()
      if (output.closed) return 'closed'
      if (interrupt.seen) return lab.now >= untilMs ? 'done' : 'interrupted'
      const wallMs = performance.now() - from
      const events = lab.events
      if (wallMs > 2 * SLICE_WALL_MS || events - before > SLICE_EVENTS) sliceMs = Math.max(1, sliceMs >> 1)
      else if (wallMs < SLICE_WALL_MS / 2) sliceMs = Math.min(LONGEST_SLICE_MS, sliceMs * 2)
      progress.show(untilMs === 0 ? 1 : lab.now / untilMs, lab.now, events)
    } while (lab.now < untilMs)
    return 'done'
  } finally {
    progress.clear()
    interrupt.stop()
  }
}
