/**
 * How far the open lesson has been given away: hints shown, cause revealed; kept while somebody looks at other tabs. A title
 * tells the cause, so until then a lesson goes by its symptom wherever the class can read it.
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import type { ScenarioListing } from '../../core/contract/index.ts'
import { useLab } from './lab.ts'
import { onOtherLab } from './otherLab.ts'

export const useLesson = defineStore('lesson', () => {
  const lab = useLab()
  const hintsShown = ref(0)
  const revealed = ref(false)
  onOtherLab(() => {
    hintsShown.value = 0
    revealed.value = false
  })
  /** What the open lab is called in sight of everybody; empty without one. */
  const shownTitle = computed(() => {
    const row = lab.lab
    if (!row) return ''
    return row.lesson && !revealed.value ? `Lesson: ${row.lesson.symptom}` : row.title
  })
  return { hintsShown, revealed, shownTitle }
})

/** The same of a lab that can be opened. */
export const listedName = ({ lesson, symptom, title }: ScenarioListing): string => (lesson && symptom !== '' ? symptom : title)
