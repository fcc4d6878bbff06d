/** What a call does right now, with its running time once it is active. */
import { computed } from 'vue'
import { type CallFace, callTime } from './face.ts'
import { useShownTime } from './shownTime.ts'

export function useCallStatus(call: () => CallFace | null, between: string) {
  const { tenths } = useShownTime()
  return computed(() => {
    const now = call()
    if (now === null) return ''
    return now.activeSince === null ? now.status : `${now.status}${between}${callTime(now.activeSince, tenths.value)}`
  })
}
