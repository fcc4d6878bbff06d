/**
 * A calculator that the lab works out: it starts from the figures of the lab, what is typed is worked out at once, and
 * when the lab itself changes, a moment later again.
 */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { Issue, Reply } from '../../core/contract/index.ts'

/** Working it out may go through all that happened in an hour: not with every batch. */
const AGAIN_AFTER_MS = 1_000

type Calculator<Draft, Result> = {
  /** Without a draft: from the figures of the lab. */
  ask: (draft: Draft | null) => Promise<Reply<Result>>
  /** Fields that are no number; everything else the lab checks. */
  unreadable: (draft: Draft) => (keyof Draft & string)[]
  /** The figures of an answer as they are typed. */
  draftOf: (result: Result) => Draft
  /** Another lab: what was typed is about the one before. */
  another: () => unknown
  /** The same lab, but the answer may be another by now. */
  changed: () => unknown
}

export function useCalculator<Draft extends Record<string, string>, Result>(calculator: Calculator<Draft, Result>) {
  const draft = shallowRef<Draft | null>(null)
  const result = shallowRef<Result | null>(null)
  const issues = shallowRef<Issue[]>([])
  const problem = ref('')
  let asked = 0
  let waiting: ReturnType<typeof setTimeout> | undefined

  const work = async (): Promise<void> => {
    clearTimeout(waiting)
    waiting = undefined
    // An answer that a newer question has overtaken is of no use any more.
    const mine = ++asked
    const now = draft.value
    const bad = now === null ? [] : calculator.unreadable(now)
    if (bad.length > 0) {
      issues.value = bad.map((path) => ({ path, message: 'is not a number' }))
      problem.value = ''
      return
    }
    const reply = await calculator.ask(now)
    if (mine !== asked) return
    issues.value = reply.ok ? [] : reply.issues
    problem.value = reply.ok || reply.issues.length > 0 ? '' : reply.message
    if (!reply.ok) return
    result.value = reply.value
    draft.value ??= calculator.draftOf(reply.value)
  }

  /** Works these figures out; null takes those of the lab. */
  const take = (figures: Draft | null): void => {
    draft.value = figures
    void work()
  }
  const set = (field: keyof Draft, text: string): void => {
    if (draft.value !== null) take({ ...draft.value, [field]: text })
  }
  const issueOf = (field: keyof Draft): Issue | undefined => issues.value.find(({ path }) => path === field)

  watch(calculator.another, () => take(null), { immediate: true })
  watch(calculator.changed, () => (waiting ??= setTimeout(() => void work(), AGAIN_AFTER_MS)))
  onScopeDispose(() => clearTimeout(waiting))

  return { draft, result, issues, problem, work, take, set, issueOf }
}
