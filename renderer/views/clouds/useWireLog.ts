/** The wire log of the lab, newest first, by filter; asked for again when something new has gone over a socket. */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { CloudName, CommandInput, WireExchange } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export const PAGE = 100
/** A list of more is for a file, not for eyes. */
export const KEPT = 2_000
export const REFETCH_MS = 300

export type LogFilter = { cloud: CloudName | null; connection: string; tracking: string; flow: number | null; badOnly: boolean }
export const NO_FILTER: LogFilter = { cloud: null, connection: '', tracking: '', flow: null, badOnly: false }

export const isBad = (one: WireExchange): boolean => one.response === null || one.response.status >= 400 || one.fault

export function useWireLog() {
  const lab = useLab()
  const filter = shallowRef<LogFilter>(NO_FILTER)
  const all = shallowRef<readonly WireExchange[]>([])
  const more = ref(false)
  const busy = ref(false)
  const loaded = ref(false)
  const problem = ref('')
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastAt = Number.NEGATIVE_INFINITY

  /** What the lab itself can filter by; the rest is done here. */
  const query = (): CommandInput<'clouds.log'> => {
    const { cloud, tracking, flow, connection } = filter.value
    const number = /(\d+)$/.exec(connection)?.[1]
    return {
      limit: PAGE,
      ...(number === undefined ? {} : { connection: Number(number) }),
      ...(cloud === null ? {} : { cloud }),
      ...(tracking.trim() === '' ? {} : { tracking: tracking.trim() }),
      ...(flow === null ? {} : { flow }),
    }
  }
  const load = async (older: boolean): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    asked += 1
    const mine = asked
    lastAt = performance.now()
    if (!lab.cloudsSeen) {
      all.value = []
      more.value = false
      return
    }
    const oldest = all.value.at(-1)?.number
    busy.value = true
    const reply = await lab.invoke('clouds.log', { ...query(), ...(older && oldest !== undefined ? { before: oldest } : {}) })
    if (mine !== asked) return
    busy.value = false
    loaded.value = true
    problem.value = reply.ok ? '' : reply.message
    if (!reply.ok) return
    const page = reply.value.exchanges.toSorted((a, b) => b.number - a.number)
    const last = page.at(-1)?.number
    // The newest page, and below it what was read before: an exchange that was still open may have ended meanwhile.
    const kept = older ? all.value : all.value.filter(({ number }) => last === undefined || number < last)
    const follows = older || kept.length === 0 || reply.value.more
    all.value = (older ? [...kept, ...page] : [...page, ...kept]).slice(0, KEPT)
    if (older || kept.length === 0) more.value = reply.value.more && all.value.length < KEPT
    else if (!follows) more.value = false
  }
  const soon = (): void => {
    timer ??= setTimeout(() => void load(false), Math.max(0, lastAt + REFETCH_MS - performance.now()))
  }
  const change = (part: Partial<LogFilter>): void => {
    const before = JSON.stringify(query())
    filter.value = { ...filter.value, ...part }
    if (JSON.stringify(query()) === before) return
    all.value = []
    void load(false)
  }

  const traffic = computed(() => JSON.stringify(lab.clouds?.servers.map(({ requests, refused }) => [requests, refused]) ?? null))
  watch([traffic, () => lab.lab?.eventsSoFar], soon)
  watch([() => lab.clock.jumps, () => lab.cloudsSeen], () => {
    all.value = []
    connections.value = []
    void load(false)
  })
  void load(false)
  onScopeDispose(() => {
    clearTimeout(timer)
    asked += 1
  })

  /** Seen so far: the choice does not shrink to the chosen one. */
  const connections = shallowRef<string[]>([])
  watch(all, (now) => {
    const seen = new Set(connections.value)
    for (const { connection } of now) seen.add(connection)
    if (seen.size !== connections.value.length)
      connections.value = [...seen].toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  })
  const rows = computed(() =>
    all.value.filter(
      (one) => (filter.value.connection === '' || one.connection === filter.value.connection) && (!filter.value.badOnly || isBad(one)),
    ),
  )
  const isFiltering = computed(() => JSON.stringify(filter.value) !== JSON.stringify(NO_FILTER))

  return {
    filter,
    change,
    rows,
    all,
    connections,
    more,
    busy,
    loaded,
    problem,
    isFiltering,
    older: () => load(true),
    refresh: () => load(false),
  }
}
