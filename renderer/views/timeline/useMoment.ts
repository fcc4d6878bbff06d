/** The moment at which the lab stands, and the ways to another: the handle shows where it would go, then the lab goes there; or the run forks. */
import { computed, type Ref, ref } from 'vue'
import { useLab } from '../../state/lab.ts'
import { useToasts } from '../../state/toasts.ts'
import { formatTime } from '../../ui/format.ts'

export function useMoment(now: Readonly<Ref<number>>, end: Readonly<Ref<number>>) {
  const lab = useLab()
  const toasts = useToasts()

  /** Where the handle would go; null while nobody moves it. */
  const preview = ref<number | null>(null)
  const seeking = ref(false)
  /** Real clients are attached: time cannot be moved, and the handle says so (LPNS-05). */
  const pinned = computed(() => lab.pinned('time.seek'))

  const inRun = (at: number): number => Math.min(end.value, Math.max(0, at))
  const show = (at: number): void => {
    preview.value = inRun(at)
  }
  const seek = async (at: number): Promise<void> => {
    if (pinned.value !== false) {
      preview.value = null
      toasts.add('info', 'Go to a moment', [pinned.value])
      return
    }
    const target = inRun(Math.round(at))
    if (target === now.value) {
      preview.value = null
      return
    }
    seeking.value = true
    const reply = await lab.invoke('time.seek', { at: target })
    seeking.value = false
    preview.value = null
    if (!reply.ok) toasts.fail(`Go to ${formatTime(target)}`, reply)
  }
  /** Goes where the handle was led, if it was. */
  const letGo = (): void => {
    if (preview.value !== null) void seek(preview.value)
  }

  /** Why the run cannot fork here; empty when it can. */
  const forkReason = computed(() => {
    if (pinned.value !== false) return pinned.value
    if (lab.canFork) return ''
    if (lab.running) return 'Pause first, then seek back to the moment where the run should turn.'
    return 'Seek back first: a fork drops the commands after the present moment, and there are none.'
  })
  const fork = async (): Promise<void> => {
    if (forkReason.value !== '') {
      toasts.add('warn', 'There is nothing to fork from here', [forkReason.value])
      return
    }
    const reply = await lab.invoke('time.fork', {})
    if (reply.ok) toasts.add('info', `The run goes on from ${formatTime(now.value)}`, ['The later commands were dropped.'])
    else toasts.fail('Fork', reply)
  }

  return { preview, seeking, pinned, show, letGo, forkReason, fork }
}
