import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { tellOfCrash } from '../../renderer/recovered.ts'
import { useToasts } from '../../renderer/state/toasts.ts'

describe('a page that was loaded again after a crash', () => {
  beforeEach(() => setActivePinia(createPinia()))

  it('says so once, with the reason, and clears the address', () => {
    window.location.href = 'http://127.0.0.1/#recovered=oom'
    tellOfCrash(window)
    tellOfCrash(window)
    expect(useToasts().log.map(({ title, lines }) => [title, lines[0]])).toEqual([
      ['The window failed and was loaded again.', 'Reason: oom.'],
    ])
    expect(window.location.hash).toBe('')
  })

  it.each(['', '#token=x', '#recovered=', '#recovered=<b>x</b>'])('says nothing after %j', (hash) => {
    window.location.href = `http://127.0.0.1/${hash}`
    tellOfCrash(window)
    expect(useToasts().log).toEqual([])
  })
})
