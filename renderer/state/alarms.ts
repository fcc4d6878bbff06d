/** Which part of the alarms is in front, and what of them is shown; kept while somebody looks at other tabs. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { onOtherLab } from './otherLab.ts'
import { useSelection } from './selection.ts'

export type AlarmSection = 'alarms' | 'findings' | 'agent'

export const useAlarms = defineStore('alarms', () => {
  const selection = useSelection()
  const section = ref<AlarmSection>('alarms')
  /** Alarms and counters of one node, or of all when empty. */
  const node = ref('')
  const goTo = (to: AlarmSection): void => {
    selection.view = 'alarms'
    section.value = to
  }
  /** ID of the alarm that stands open. */
  const open = shallowRef<string | null>(null)
  onOtherLab(() => {
    node.value = ''
    open.value = null
  })
  return { section, node, open, goTo }
})
