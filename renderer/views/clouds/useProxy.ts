/** The proxy of the lab as its page shows it, asked for again whenever something about it has changed. */
import { computed, shallowRef, watch } from 'vue'
import type { FindingRow, ProxyView } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export function useProxy() {
  const lab = useLab()
  const proxy = shallowRef<ProxyView | null>(null)
  const loaded = shallowRef(false)
  const problem = shallowRef('')

  const row = computed(() => [...lab.nodes.values()].find((node) => node.role === 'proxy'))
  const findings = computed<FindingRow[]>(() => [...lab.findings.values()].filter(({ id }) => id.startsWith('proxy:')))
  /** Who still uses older settings is told by a finding, and by nothing else that the window has. */
  const said = computed(() => findings.value.map(({ id, text }) => `${id} ${text}`).join('\n'))

  const load = async (): Promise<void> => {
    const reply = await lab.invoke('proxy.show', {})
    loaded.value = true
    problem.value = reply.ok ? '' : reply.message
    if (reply.ok) proxy.value = reply.value.proxy
  }
  watch([row, said, () => lab.clock.jumps, () => lab.lab?.file], () => void load(), { immediate: true })

  return { proxy, loaded, problem, findings, load }
}
