import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, effectScope, nextTick, shallowRef, triggerRef, type EffectScope } from 'vue'
import { calmly } from '../../../renderer/ui/calmly.ts'

describe('what is made of thousands of rows', () => {
  let scope: EffectScope
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    scope = effectScope()
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })

  const follow = (everyMs: number) => {
    const rows = shallowRef(new Map([['a', 1]]))
    const size = scope.run(() => {
      const shown = calmly(
        () => rows.value,
        () => everyMs,
      )
      return computed(() => shown.value.size)
    })!
    const add = async (key: string): Promise<void> => {
      rows.value.set(key, 1)
      triggerRef(rows)
      await nextTick()
    }
    return { rows, size, add }
  }

  it('follows the first change after a quiet time at once, and the next ones together', async () => {
    const { size, add } = follow(1_000)
    expect(size.value).toBe(1)
    vi.advanceTimersByTime(1_000)
    await add('b')
    expect(size.value).toBe(2)
    await add('c')
    await add('d')
    expect(size.value).toBe(2)
    vi.advanceTimersByTime(999)
    expect(size.value).toBe(2)
    vi.advanceTimersByTime(1)
    expect(size.value).toBe(4)
    await nextTick()
    expect(vi.getTimerCount()).toBe(0) // nothing new: nothing to wait for
  })

  it('follows another map at once, and small ones always', async () => {
    const large = follow(1_000)
    await large.add('b')
    large.rows.value = new Map([['x', 1]])
    await nextTick()
    expect(large.size.value).toBe(1)
    const small = follow(0)
    await small.add('b')
    await small.add('c')
    expect(small.size.value).toBe(3)
  })

  it('leaves no timer behind', async () => {
    const { add } = follow(1_000)
    await add('b')
    await add('c')
    scope.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
