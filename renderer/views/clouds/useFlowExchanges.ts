/** What went over real sockets for one flow, kept up to date; empty while there was none. At most one question every REFETCH_MS. */
import { type Ref, onScopeDispose, shallowRef, watch } from 'vue'
import type { WireExchange } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export const REFETCH_MS = 250
/** As many as the lab gives at once. */
const LIMIT = 500

export function useFlowExchanges(flow: Readonly<Ref<number>>) {
  const lab = useLab()
  const exchanges = shallowRef<readonly WireExchange[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  let lastAt = Number.NEGATIVE_INFINITY

  const load = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    asked += 1
    const mine = asked
    lastAt = performance.now()
    if (flow.value <= 0 || !lab.cloudsSeen) {
      if (exchanges.value.length > 0) exchanges.value = []
      return
    }
    const reply = await lab.invoke('clouds.log', { flow: flow.value, limit: LIMIT })
    if (mine !== asked) return
    // A lab that keeps no log has nothing to show beside the hops: they stand for themselves.
    exchanges.value = reply.ok ? reply.value.exchanges.toSorted((a, b) => a.number - b.number) : []
  }
  const soon = (): void => {
    timer ??= setTimeout(() => void load(), Math.max(0, lastAt + REFETCH_MS - performance.now()))
  }
  watch(flow, () => {
    exchanges.value = []
    void load()
  })
  watch([() => lab.flows.get(String(flow.value)), () => lab.clock.jumps, () => lab.cloudsSeen], soon)
  void load()
  onScopeDispose(() => {
    clearTimeout(timer)
    asked += 1
  })
  return exchanges
}
