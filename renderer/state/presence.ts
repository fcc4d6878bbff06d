/** Instant messages and the nodes that carry them, as the window steers them: which section is in front, what was refused. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import { panel } from './panel.ts'
import { useSelection } from './selection.ts'

export type PresenceSection = 'nodes' | 'reach' | 'losses' | 'relogin'

export const usePresence = defineStore('presence', () => {
  const selection = useSelection()
  const section = ref<PresenceSection>('nodes')
  const goTo = (to: PresenceSection = 'nodes'): void => {
    selection.view = 'presence'
    section.value = to
  }
  return { ...panel(), section, goTo }
})
