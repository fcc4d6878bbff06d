import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import type { Reply } from '../../../core/contract/index.ts'
import { useCalculator } from '../../../renderer/ui/useCalculator.ts'

type Draft = { users: string }

describe('a calculator of the lab', () => {
  let scope: EffectScope
  beforeEach(() => {
    vi.useFakeTimers()
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  const open = () => {
    const asked: (Draft | null)[] = []
    const answers: ((reply: Reply<number>) => void)[] = []
    const lab = ref('ward')
    const events = ref(0)
    const calculator = scope.run(() =>
      useCalculator<Draft, number>({
        ask: (draft) => {
          asked.push(draft)
          return new Promise((resolve) => answers.push(resolve))
        },
        unreadable: (draft) => (Number.isFinite(Number(draft.users)) ? [] : ['users']),
        draftOf: (result) => ({ users: String(result) }),
        another: () => lab.value,
        changed: () => events.value,
      }),
    )!
    const answer = async (at: number, reply: Reply<number>): Promise<void> => {
      answers[at]!(reply)
      await nextTick()
    }
    return { ...calculator, asked, answer, lab, events }
  }
  const ok = (value: number): Reply<number> => ({ ok: true, value })

  it('starts from the figures of the lab, and works out at once what is typed', async () => {
    const { draft, result, set, asked, answer } = open()
    expect(asked).toEqual([null])
    await answer(0, ok(300))
    expect([draft.value, result.value]).toEqual([{ users: '300' }, 300])
    set('users', '400')
    expect(asked.at(-1)).toEqual({ users: '400' })
  })

  it('asks nothing about what is no number, and keeps the last result', async () => {
    const { result, set, issueOf, asked, answer } = open()
    await answer(0, ok(300))
    set('users', 'many')
    expect(asked).toHaveLength(1)
    expect(issueOf('users')?.message).toBe('is not a number')
    expect(result.value).toBe(300)
  })

  it('an answer that a newer question has overtaken is left aside', async () => {
    const { result, set, answer } = open()
    await answer(0, ok(300))
    set('users', '400')
    set('users', '500')
    await answer(2, ok(500))
    await answer(1, ok(400))
    expect(result.value).toBe(500)
  })

  it('asks again a second after the lab has changed, once for many changes; another lab at once, from its own figures', async () => {
    const { asked, answer, events, lab } = open()
    await answer(0, ok(300))
    events.value += 1
    await nextTick()
    events.value += 1
    await nextTick()
    vi.advanceTimersByTime(999)
    expect(asked).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(asked).toEqual([null, { users: '300' }])
    lab.value = 'campus'
    await nextTick()
    expect(asked.at(-1)).toBeNull()
  })

  it('tells what the lab refused beside its field, and what has no field on its own', async () => {
    const { issueOf, problem, set, answer } = open()
    await answer(0, ok(300))
    set('users', '-1')
    await answer(1, { ok: false, code: 'bad-request', message: 'no', issues: [{ path: 'users', message: 'at least 0' }] })
    expect([issueOf('users')?.message, problem.value]).toEqual(['at least 0', ''])
    set('users', '2')
    await answer(2, { ok: false, code: 'io', message: 'The lab is gone.', issues: [] })
    expect([issueOf('users'), problem.value]).toEqual([undefined, 'The lab is gone.'])
  })
})
