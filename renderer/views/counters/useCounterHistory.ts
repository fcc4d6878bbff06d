/**
 * The values that counters had while this lab is open. Kept outside of the view, so that a person may look
 * at other tabs and come back; starts again with another lab.
 */
import { type Ref, effectScope, ref, watch } from 'vue'
import type { CounterRow } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'
import { CounterHistory } from './counterList.ts'

export type CounterHistoryView = {
  /** Changes when the zero of `before` changes. */
  version: Ref<number>
  /** When `restart` was last asked for; null since the opening of the lab. */
  markedAt: Ref<number | null>
  before(counter: CounterRow): number
  seriesOf(id: string, now: number): { at: number[]; value: number[] }
  restart(): void
}

const kept = new WeakMap<object, CounterHistoryView>()

/** One history per store. Call it early (App) to record from the first batch on. */
export function useCounterHistory(): CounterHistoryView {
  const lab = useLab()
  const known = kept.get(lab)
  if (known) return known
  const history = new CounterHistory()
  const version = ref(0)
  const markedAt = ref<number | null>(null)
  // Detached: the history outlives the view that asked for it first.
  effectScope(true).run(() => {
    const startAgain = (): void => {
      history.clear()
      markedAt.value = null
      version.value += 1
    }
    watch(() => `${lab.lab?.file ?? ''}\n${lab.lab?.title ?? ''}\n${lab.lab?.seed ?? ''}`, startAgain, { flush: 'sync' })
    // The same lab from its beginning: opened again, started again, or seen back to zero.
    watch(
      () => lab.clock.jumps,
      () => {
        if (lab.clock.now === 0) startAgain()
      },
      { flush: 'sync' },
    )
    watch(
      () => [lab.counters, lab.counters.size, lab.clock] as const,
      () => {
        if (lab.loaded) history.recordAll(lab.counters.values(), lab.clock.now)
      },
      { immediate: true },
    )
  })
  const view: CounterHistoryView = {
    version,
    markedAt,
    before: (counter) => history.before(counter),
    seriesOf: (id, now) => history.seriesOf(id, now),
    restart: () => {
      history.restart(lab.counters.values())
      markedAt.value = lab.clock.now
      version.value += 1
    },
  }
  kept.set(lab, view)
  return view
}
