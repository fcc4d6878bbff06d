import { describe, expect, it } from 'vitest'
import { fuzzyFind, fuzzyScore } from '../../../renderer/views/shell/fuzzy.ts'

const find = (query: string, ...texts: string[]): string[] => fuzzyFind(query, texts, (text) => text)

describe('fuzzy search', () => {
  it('a word start beats the middle of a word', () => {
    expect(find('call', 'Recall', 'Place a call')).toEqual(['Place a call', 'Recall'])
  })
  it('initials find', () => {
    expect(find('rtc', 'Release the call', 'Message')).toEqual(['Release the call'])
  })
  it('several words, in any order', () => {
    expect(find('token stale', 'Make the push token stale', 'Rotate the push token')).toEqual(['Make the push token stale'])
  })
  it('letters strewn over a long text are not a find', () => {
    expect(fuzzyScore('crash', 'Caller hangs up call.hangUp')).toBeNull()
  })
  it('what is not there is not found, and no query keeps the order', () => {
    expect(find('xyz', 'Crash')).toEqual([])
    expect(find(' ', 'b', 'a')).toEqual(['b', 'a'])
  })
})
