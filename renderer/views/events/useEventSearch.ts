/** Every event that the lab still keeps, searched when asked; the newest ones alone are in the window. */
import { type ShallowRef, ref, shallowRef } from 'vue'
import type { HopEvent } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'
import { type EventFilter, queryOf } from './eventFilter.ts'

const QUERY_LIMIT = 500

export type Found = { events: HopEvent[]; more: boolean; oldestKept: number }

export function useEventSearch(filter: Readonly<ShallowRef<EventFilter>>) {
  const lab = useLab()
  /** Answers of the lab, by number; null while nothing is searched. */
  const found = shallowRef<Found | null>(null)
  const searching = ref(false)
  const problem = ref('')

  /** `older` goes on before what was found. False when there is no answer, or to another question than is asked by now. */
  const search = async (older: boolean): Promise<boolean> => {
    const asked = filter.value
    const before = older ? found.value?.events[0]?.seq : undefined
    searching.value = true
    const reply = await lab.invoke('events.query', queryOf(asked, before, QUERY_LIMIT))
    searching.value = false
    if (asked !== filter.value) return false
    if (!reply.ok) {
      problem.value = reply.message
      return false
    }
    problem.value = ''
    const ascending = reply.value.events.toSorted((a, b) => a.seq - b.seq)
    found.value = { ...reply.value, events: older && found.value ? [...ascending, ...found.value.events] : ascending }
    return true
  }
  return { found, searching, problem, search }
}
