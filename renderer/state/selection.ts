/** What the person looks at: the selected thing, with a way back, and the tab in the middle. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'

export type SelectionKind = 'device' | 'node' | 'link' | 'flow' | 'event' | 'fault' | 'alarm' | 'push'
export type Selection = { kind: SelectionKind; id: string }

/** Every tab; the shell has their order (`SHOWN_VIEWS` there). */
export type View =
  | 'topology'
  | 'flow'
  | 'devices'
  | 'localPush'
  | 'presence'
  | 'clouds'
  | 'alarms'
  | 'counters'
  | 'compare'
  | 'onboarding'
  | 'traces'
  | 'terminal'
  | 'releases'
  | 'lessons'

/** Steps kept for Alt+Left. */
const HISTORY_KEPT = 100

const same = (a: Selection | null, b: Selection | null): boolean => a?.kind === b?.kind && a?.id === b?.id

export const useSelection = defineStore('selection', () => {
  const current = shallowRef<Selection | null>(null)
  const view = ref<View>('topology')
  /** The flow shown on the ladder; 0 when none was opened yet. */
  const flowNumber = ref(0)
  const past = shallowRef<Selection[]>([])
  const future = shallowRef<Selection[]>([])

  /** `id` of an event is its number, of a flow its number, both as text. */
  const select = (kind: SelectionKind, id: string | number): void => {
    const next: Selection = { kind, id: String(id) }
    if (same(current.value, next)) return
    if (current.value) past.value = [...past.value, current.value].slice(-HISTORY_KEPT)
    future.value = []
    current.value = next
  }

  const clear = (): void => {
    if (!current.value) return
    past.value = [...past.value, current.value].slice(-HISTORY_KEPT)
    future.value = []
    current.value = null
  }

  const back = (): void => {
    const last = past.value.at(-1)
    if (!last) return
    past.value = past.value.slice(0, -1)
    if (current.value) future.value = [...future.value, current.value]
    current.value = last
  }

  const forward = (): void => {
    const next = future.value.at(-1)
    if (!next) return
    future.value = future.value.slice(0, -1)
    if (current.value) past.value = [...past.value, current.value]
    current.value = next
  }

  const openFlow = (flow: number): void => {
    flowNumber.value = flow
    select('flow', flow)
    view.value = 'flow'
  }

  /** Another lab or another history: what was selected may not exist any more. */
  const forget = (): void => {
    current.value = null
    past.value = []
    future.value = []
    flowNumber.value = 0
  }

  const isSelected = (kind: SelectionKind, id: string | number): boolean => same(current.value, { kind, id: String(id) })

  return {
    current,
    view,
    flowNumber,
    canGoBack: computed(() => past.value.length > 0),
    canGoForward: computed(() => future.value.length > 0),
    select,
    clear,
    back,
    forward,
    openFlow,
    forget,
    isSelected,
  }
})
