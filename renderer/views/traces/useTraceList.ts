/** The trace files of all nodes, and the lines or hits that are looked at; asked for again when something has happened. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { AdminResults, TraceView } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'
import { useTraces } from '../../state/traces.ts'

/** Making the files goes through the kept hops: not with every batch, and the longer it takes the more seldom. */
export const REFETCH_MS = 700
const REST_PER_WORK = 12
/** Lines that are read in one go. */
export const PAGE = 5_000
export const HITS = 500
/** The shortest text that is searched. */
export const TEXT_MIN = 2

type Read = AdminResults['traces.read']
type Found = AdminResults['traces.search']

export function useTraceList() {
  const lab = useLab()
  const traces = useTraces()
  const view = shallowRef<TraceView | null>(null)
  const read = shallowRef<Read | null>(null)
  const found = shallowRef<Found | null>(null)
  const problem = ref('')
  let asked = 0
  let restMs = REFETCH_MS
  let timer: ReturnType<typeof setTimeout> | undefined

  const wanted = computed(() => traces.text.trim())
  const searching = computed(() => traces.results && wanted.value.length >= TEXT_MIN)

  /** First line of the page that holds this one; the end when none is asked for. */
  const from = ref<number | null>(null)

  const load = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    asked += 1
    const mine = asked
    const began = performance.now()
    const took = (): void => void (restMs = Math.max(REFETCH_MS, REST_PER_WORK * (performance.now() - began)))
    const list = await lab.invoke('traces.list', {})
    if (mine !== asked) return
    if (!list.ok) return void (problem.value = list.message)
    view.value = list.value
    took()
    problem.value = ''
    if (searching.value) {
      const reply = await lab.invoke('traces.search', {
        text: wanted.value.slice(0, 200),
        limit: HITS,
        ...(traces.node === '' ? {} : { node: traces.node }),
      })
      if (mine !== asked) return
      found.value = reply.ok ? reply.value : null
      took()
      if (!reply.ok) problem.value = reply.message
      return
    }
    const file = traces.open
    if (file === null || !list.value.files.some((one) => one.node === file.node && one.path === file.path)) {
      read.value = null
      return
    }
    const reply = await lab.invoke('traces.read', {
      node: file.node,
      path: file.path,
      limit: PAGE,
      ...(from.value === null ? {} : { from: from.value }),
    })
    if (mine !== asked) return
    read.value = reply.ok ? reply.value : null
    if (!reply.ok) problem.value = reply.message
  }
  const soon = (): void => {
    timer ??= setTimeout(() => void load(), restMs)
  }

  watch([() => lab.lab?.eventsSoFar, () => lab.alarms.size, () => lab.clock], soon)
  watch(
    () => traces.open,
    (file, before) => {
      if (file?.path !== before?.path || file?.node !== before?.node) read.value = null
      from.value = file?.line === null || file === null ? null : Math.max(1, file.line - Math.floor(PAGE / 2))
      void load()
    },
    { immediate: true },
  )
  watch([searching, wanted, () => traces.node], () => {
    if (!searching.value) found.value = null
    void load()
  })
  watch([() => lab.clock.jumps, () => lab.lab?.file], () => void load())
  onScopeDispose(() => {
    clearTimeout(timer)
    asked += 1
  })

  const page = (first: number | null): void => {
    from.value = first
    void load()
  }

  return { view, read, found, problem, searching, wanted, page, load }
}
