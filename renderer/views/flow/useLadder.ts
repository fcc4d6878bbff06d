/**
 * The ladder of one flow, kept up to date: asked for again when the flow's row changes, at most every
 * REFETCH_MS, so that a running call does not ask once per hop.
 */
import { type Ref, onScopeDispose, readonly, ref, shallowRef, watch } from 'vue'
import type { Ladder } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export const REFETCH_MS = 120

export function useLadder(flow: Readonly<Ref<number>>) {
  const lab = useLab()
  const ladder = shallowRef<Ladder | null>(null)
  const error = ref('')
  const loading = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let lastAt = Number.NEGATIVE_INFINITY

  const fetchNow = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    lastAt = performance.now()
    const wanted = flow.value
    asked += 1
    const mine = asked
    if (wanted <= 0) {
      ladder.value = null
      error.value = ''
      loading.value = false
      return
    }
    loading.value = true
    const reply = await lab.invoke('flow.ladder', { flow: wanted })
    // An answer that a newer question has overtaken is of no use any more.
    if (mine !== asked) return
    loading.value = false
    if (reply.ok) {
      ladder.value = reply.value
      error.value = ''
    } else {
      ladder.value = null
      error.value = reply.message
    }
  }

  const fetchSoon = (): void => {
    if (timer !== undefined) return
    timer = setTimeout(() => void fetchNow(), Math.max(0, lastAt + REFETCH_MS - performance.now()))
  }

  watch(
    flow,
    () => {
      ladder.value = null
      void fetchNow()
    },
    { immediate: true },
  )
  // Rows are replaced whole when they changed: another object is another state of the flow.
  watch([flow, () => lab.flows.get(String(flow.value)), () => lab.clock.jumps], ([wanted], [before]) => {
    if (wanted === before) fetchSoon()
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked += 1
  })

  return { ladder, error: readonly(error), loading: readonly(loading), refetch: fetchNow }
}
