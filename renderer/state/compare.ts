/** The comparison of the run in view with the one that the newest fork left: kept until it is made again or another lab is opened. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { CommandResult, Failure } from '../../core/contract/index.ts'
import { useLab } from './lab.ts'
import { useSelection } from './selection.ts'

export type Comparison = CommandResult<'runs.compare'>

export const useCompare = defineStore('compare', () => {
  const lab = useLab()
  const selection = useSelection()

  const result = shallowRef<Comparison | null>(null)
  /** How many events the run in view had when it was compared. */
  const eventsThen = ref(0)
  const problem = shallowRef<Failure | null>(null)
  const busy = ref(false)

  const goTo = (): void => {
    selection.view = 'compare'
  }
  const forget = (): void => {
    result.value = null
    problem.value = null
  }
  watch(() => `${lab.lab?.file ?? ''}\n${lab.lab?.title ?? ''}\n${lab.lab?.seed ?? ''}`, forget)

  const compare = async (): Promise<void> => {
    if (busy.value) return
    busy.value = true
    const reply = await lab.invoke('runs.compare', {})
    busy.value = false
    problem.value = reply.ok || reply.code === 'cancelled' ? null : reply
    if (!reply.ok) return
    result.value = reply.value
    eventsThen.value = lab.lab?.eventsSoFar ?? 0
  }
  /** The run has gone on: what is shown is the comparison of then. */
  const old = computed(() => result.value !== null && (lab.lab?.eventsSoFar ?? 0) !== eventsThen.value)

  return { result, problem, busy, old, goTo, compare, forget }
})
