import { onScopeDispose, shallowRef, triggerRef, watchEffect, type ShallowRef } from 'vue'

/**
 * What changes with every batch, for what is drawn or made of all of it: the first change after a quiet time is shown
 * at once, the next ones together `everyMs` later. What is `another` thing is shown at once, whenever it comes.
 */
export function calmly<T extends object>(
  source: () => T,
  everyMs: () => number,
  another: (next: T, shown: T) => boolean = (next, shown) => next !== shown,
): Readonly<ShallowRef<T>> {
  let map = source()
  const shown = shallowRef(map) as ShallowRef<T>
  let shownAt = -Infinity
  let waiting: ReturnType<typeof setTimeout> | undefined
  const show = (): void => {
    clearTimeout(waiting)
    waiting = undefined
    shownAt = performance.now()
    map = source()
    shown.value = map
    triggerRef(shown)
  }
  watchEffect(() => {
    const next = source()
    const restMs = shownAt + everyMs() - performance.now()
    if (restMs <= 0 || another(next, map)) show()
    else waiting ??= setTimeout(show, restMs)
  })
  onScopeDispose(() => clearTimeout(waiting))
  return shown
}
