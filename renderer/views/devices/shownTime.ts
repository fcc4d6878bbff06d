/**
 * The time that running numbers show. The clock arrives in batches; between two of them the shown time
 * glides from the last one to the newest one, and never past it: what is not computed is not shown.
 */
import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'
import type { ClockState } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export type Glide = {
  /** Virtual milliseconds. */
  from: number
  target: number
  /** Wall time at which it started. */
  wallMs: number
  /** Virtual milliseconds per wall millisecond. */
  speed: number
}

/** Longest span the shown time may trail behind the clock, in wall milliseconds. */
const TRAIL_MS = 250
/** Above this speed nobody reads tenths: the clock is shown as it comes. */
const FASTEST_GLIDE = 4

/** A new clock came in while `shown` was on display. */
export function glideTo(shown: number, before: ClockState | null, clock: ClockState, wallMs: number): Glide {
  const glides =
    before !== null &&
    (clock.mode === 'running' || clock.mode === 'until') &&
    clock.speed <= FASTEST_GLIDE &&
    before.jumps === clock.jumps &&
    shown <= clock.now
  const from = glides ? Math.max(shown, clock.now - TRAIL_MS * clock.speed) : clock.now
  return { from, target: clock.now, wallMs, speed: clock.speed }
}

/** What to show at this wall time; never more than the clock. */
export const shownAt = (g: Glide, wallMs: number): number => Math.min(g.target, g.from + Math.max(0, wallMs - g.wallMs) * g.speed)

const shown = shallowRef(0)
const tenths = shallowRef(0)
let users = 0
let stop: (() => void) | null = null
let frame = 0

/** Text changes ten times a second while time runs; where time stands still it is exact. */
const TEXT_STEP_MS = 100
const set = (ms: number, running: boolean): void => {
  shown.value = ms
  if (!running || ms < tenths.value || ms - tenths.value >= TEXT_STEP_MS) tenths.value = ms
}

function start(): void {
  const lab = useLab()
  let before: ClockState | null = null
  let glide: Glide | null = null
  const draw = (): void => {
    frame = 0
    if (!glide) return
    set(shownAt(glide, performance.now()), before?.mode === 'running' || before?.mode === 'until')
    if (shown.value < glide.target) frame = requestAnimationFrame(draw)
  }
  stop = watch(
    () => lab.clock,
    (clock) => {
      glide = glideTo(shown.value, before, clock, performance.now())
      before = clock
      set(glide.from, clock.mode === 'running' || clock.mode === 'until')
      if (glide.from < glide.target && frame === 0) frame = requestAnimationFrame(draw)
    },
    { immediate: true, flush: 'sync' },
  )
}

/** `ms`: for bars that move; `tenths`: for text, at most ten updates a second while time runs. */
export function useShownTime(): { ms: ShallowRef<number>; tenths: ShallowRef<number> } {
  users += 1
  if (users === 1) start()
  onScopeDispose(() => {
    users -= 1
    if (users > 0) return
    stop?.()
    stop = null
    if (frame !== 0) cancelAnimationFrame(frame)
    frame = 0
  })
  return { ms: shown, tenths }
}
