/** The set of releases that somebody has put together, and what the lab makes of it. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ChosenReleases, Failure, ReleaseMatrix } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'
import { type Draft, differences, draftOf, questionOf } from './draft.ts'

export function useMatrix() {
  const lab = useLab()
  const draft = ref<Draft | null>(null)
  const matrix = shallowRef<ReleaseMatrix | null>(null)
  const problem = ref('')
  const device = ref('')
  const applying = ref(false)
  const refused = shallowRef<{ tried: string; reply: Failure } | null>(null)
  let asked = 0

  const load = async (): Promise<void> => {
    asked += 1
    const mine = asked
    const of = device.value === '' ? {} : { device: device.value }
    const reply = await lab.invoke('release.matrix', { ...of, ...(draft.value === null ? {} : questionOf(draft.value)) })
    if (mine !== asked) return
    problem.value = reply.ok ? '' : [reply.message, ...reply.issues.map((issue) => `${issue.path}: ${issue.message}`)].join(' ')
    if (!reply.ok) return
    matrix.value = reply.value
    draft.value ??= draftOf(reply.value.chosen)
  }
  const reset = (): void => {
    draft.value = null
    refused.value = null
    void load()
  }
  const set = (part: Partial<Draft>): void => {
    if (draft.value === null) return
    draft.value = { ...draft.value, ...part }
    void load()
  }
  // Another lab, or another release in it: what was put together stays only when somebody has changed something.
  watch(
    [() => lab.lab?.file, () => lab.lab?.seed, () => JSON.stringify(lab.lab?.releases ?? null), () => lab.devices.size > 0],
    ([file], [before]) => {
      if (file !== before || !changed.value) draft.value = null
      if (file !== before) device.value = ''
      void load()
    },
  )
  watch(device, reset)
  void load()

  const lines = computed(() => (matrix.value && draft.value ? differences(draft.value, matrix.value.fromLab) : []))
  const changed = computed(() => lines.value.length > 0)

  /** Only servers: a phone gets its release from its store. One after the other, as an administrator upgrades. */
  const apply = async (): Promise<string[]> => {
    const done: string[] = []
    refused.value = null
    applying.value = true
    for (const { component, release, label } of lines.value) {
      if (component === null || release === null) continue
      const reply = await lab.invoke('cluster.release', { component, release })
      if (!reply.ok) {
        refused.value = { tried: `${label} stays as it is`, reply }
        break
      }
      done.push(`${label} ${release}`)
    }
    applying.value = false
    await load()
    return done
  }

  return { draft, matrix, problem, device, lines, changed, applying, refused, load, reset, set, apply }
}

export type { ChosenReleases }
