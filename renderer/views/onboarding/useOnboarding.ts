/** The onboarding of the cluster as the publisher knows it now; asked for again when something has happened, or time has moved. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { CommandInput, CommandName, Failure, OAuthView, OnboardingView } from '../../../core/contract/index.ts'
import { useLab } from '../../state/lab.ts'

export const REFETCH_MS = 400

export function useOnboarding() {
  const lab = useLab()
  const view = shallowRef<OnboardingView | null>(null)
  const logins = shallowRef<OAuthView | null>(null)
  /** Why the page cannot be shown. */
  const unread = ref('')
  /** The last thing that was refused, until the next try. */
  const problem = shallowRef<{ tried: string; reply: Failure } | null>(null)
  const busy = ref('')
  let asked = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const load = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    asked += 1
    const mine = asked
    const [reply, oauth] = await Promise.all([lab.invoke('onboarding.show', {}), lab.invoke('oauth.show', {})])
    if (mine !== asked) return
    logins.value = oauth.ok ? oauth.value : null
    unread.value = reply.ok ? '' : reply.message
    if (reply.ok) view.value = reply.value
  }
  watch([() => lab.lab?.eventsSoFar, () => lab.findings, () => lab.nodes.size], () => {
    timer ??= setTimeout(() => void load(), REFETCH_MS)
  })
  watch([() => lab.clock.jumps, () => lab.lab?.file], () => void load(), { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
    asked += 1
  })

  const give = async <N extends CommandName>(tried: string, name: N, args: CommandInput<N>): Promise<void> => {
    busy.value = name
    problem.value = null
    const reply = await lab.invoke(name, args)
    busy.value = ''
    if (!reply.ok) problem.value = { tried, reply }
    await load()
  }

  return { view, logins, unread, problem, busy, load, give }
}
