/** The Cisco Management Agent as the publisher knows it now; asked for again when something has happened, or time has moved. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { AgentView, Failure } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export const REFETCH_MS = 500

export function useAgent() {
  const lab = useLab()
  const agent = shallowRef<AgentView | null>(null)
  /** Why the page cannot be shown. */
  const unread = ref('')
  /** The last thing that was refused, until the next try. */
  const problem = shallowRef<{ tried: string; reply: Failure } | null>(null)
  const busy = ref('')
  /** What the CLI said to the last line. */
  const said = shallowRef<{ line: string; output: string; failed: boolean } | null>(null)
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const load = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    asked += 1
    const mine = asked
    const reply = await lab.invoke('agent.show', {})
    if (mine !== asked) return
    unread.value = reply.ok ? '' : reply.message
    if (reply.ok) agent.value = reply.value
  }
  watch([() => lab.lab?.eventsSoFar, () => lab.nodes.size, () => lab.alarms], () => {
    timer ??= setTimeout(() => void load(), REFETCH_MS)
  })
  watch([() => lab.clock.jumps, () => lab.lab?.file], () => void load(), { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked += 1
  })

  /** As an administrator does it: on the CLI of the publisher (TRB-06 to TRB-08). */
  const type = async (words: string): Promise<void> => {
    if (!agent.value) return
    const line = `utils managementAgent alarms ${words}`
    busy.value = words
    problem.value = null
    const reply = await lab.invoke('cli.run', { node: agent.value.node, line })
    busy.value = ''
    if (reply.ok) said.value = { line, output: reply.value.output, failed: reply.value.failed }
    else said.value = { line, output: reply.message, failed: true }
    await load()
  }
  /** The two boxes on the Cloud Onboarding page (ONB-13). */
  const set = async (options: { send?: boolean; encryptPii?: boolean }): Promise<void> => {
    busy.value = 'options'
    problem.value = null
    const reply = await lab.invoke('agent.options', options)
    busy.value = ''
    if (!reply.ok) problem.value = { tried: 'The options were not saved', reply }
    await load()
  }

  return { agent, unread, problem, busy, said, load, type, set }
}
