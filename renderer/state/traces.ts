/** Where somebody stands in the traces: what is searched, which file is open, and at which line. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import { onOtherLab } from './otherLab.ts'
import { useSelection } from './selection.ts'

/** `line`, from 1, is shown and marked; null follows the end. */
export type OpenFile = { node: string; path: string; line: number | null }

export const useTraces = defineStore('traces', () => {
  const selection = useSelection()

  const text = ref('')
  /** Searched and exported: one node, or all when empty. */
  const node = ref('')
  const open = shallowRef<OpenFile | null>(null)
  /** The hits of `text` are in front, not the file. */
  const results = ref(false)

  /** All lines that hold a tracking ID (or any text), on all nodes. */
  const goTo = (wanted: string): void => {
    selection.view = 'traces'
    node.value = ''
    text.value = wanted
    results.value = true
  }
  const show = (file: OpenFile): void => {
    open.value = file
    results.value = false
  }

  onOtherLab(() => {
    text.value = ''
    node.value = ''
    open.value = null
    results.value = false
  })

  return { text, node, open, results, goTo, show }
})
