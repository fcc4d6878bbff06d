/** The stretch of time in sight: it follows the clock, shows the whole run, or stands where somebody put it. */
import { computed, type Ref, ref, shallowRef } from 'vue'
import { clampSpan, fitSpan, FOLLOW_SPAN_MS, followSpan, panBy, type Span, zoomAt } from './scale.ts'

/** How much more or less of the run one notch of the wheel, or one key, shows. */
export const NOTCH = 1.25

/** Times are virtual milliseconds; `lastDue` is when the last running timer would fire. */
export function useSpan(
  at: { now: Readonly<Ref<number>>; end: Readonly<Ref<number>>; lastDue: () => number },
  width: Readonly<Ref<number>>,
) {
  const mode = ref<'follow' | 'fit' | 'free'>('follow')
  const lengthMs = ref(FOLLOW_SPAN_MS)
  const free = shallowRef<Span>({ from: 0, to: FOLLOW_SPAN_MS })
  const span = computed<Span>(() => {
    if (mode.value === 'fit') return fitSpan(Math.max(at.end.value, at.lastDue()))
    return mode.value === 'follow' ? followSpan(at.now.value, lengthMs.value) : free.value
  })

  const set = (next: Span): void => {
    mode.value = 'free'
    free.value = clampSpan(next)
  }
  const zoom = (factor: number, x = width.value / 2): void => {
    const next = zoomAt(span.value, x, width.value, factor, at.end.value)
    lengthMs.value = next.to - next.from
    // While it follows, the clock is the fixed point.
    if (mode.value !== 'follow') set(next)
  }
  /** Moves `from` by so many pixels. */
  const pan = (px: number, from: Span = span.value): void => set(panBy(from, (px / width.value) * (from.to - from.from)))
  /** Puts this moment into sight, as far in as the clock stands while it is followed. */
  const show = (moment: number): void => set(followSpan(moment, span.value.to - span.value.from))
  const onWheel = (event: WheelEvent): void => {
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan(event.deltaX || event.deltaY)
    else zoom(event.deltaY > 0 ? NOTCH : 1 / NOTCH, event.offsetX)
  }
  return { mode, span, zoom, pan, show, onWheel }
}
