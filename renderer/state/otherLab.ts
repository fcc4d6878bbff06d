/** What belongs to one lab ends with it: called when another one is opened, not when the same goes back in time. */
import { watch } from 'vue'
import { useLab } from './lab.ts'

export function onOtherLab(forget: () => void): void {
  const lab = useLab()
  watch(
    () => (lab.lab ? `${lab.lab.file}\n${lab.lab.title}\n${lab.lab.seed}` : ''),
    (now, before) => {
      if (before !== '' && now !== '' && now !== before) forget()
    },
  )
}
