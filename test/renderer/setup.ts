/** Files of tests share one window: each leaves it as it was found. */
import { disableAutoUnmount, enableAutoUnmount } from '@vue/test-utils'
import { afterAll, beforeAll, vi } from 'vitest'

beforeAll(() => {
  disableAutoUnmount()
  enableAutoUnmount(afterAll)
})

afterAll(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  localStorage.clear()
  sessionStorage.clear()
  document.title = ''
  for (const element of [document.documentElement, document.body])
    for (const name of element.getAttributeNames()) element.removeAttribute(name)
  document.head.replaceChildren()
  document.body.replaceChildren()
})
