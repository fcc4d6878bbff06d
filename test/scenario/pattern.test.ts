import { describe, expect, it } from 'vitest'
import { PATTERN_LIMITS, readPattern } from '../../core/scenario/pattern.ts'

const test = (pattern: string, subject: string): boolean => {
  const read = readPattern(pattern)
  if (!read.ok) throw new Error(read.message)
  return read.matcher.test(subject)
}

describe('matches of expectations', () => {
  it('find plain text anywhere, ignoring case', () => {
    expect(test('invite', 'INVITE sip:5001')).toBe(true)
    expect(test('a.b', 'axb')).toBe(false)
    expect(test('/', 'a/b')).toBe(true)
  })

  it('find regular expressions between slashes', () => {
    expect(test('/^invite sip:50\\d\\d$/', 'INVITE sip:5001')).toBe(true)
    expect(test('/^invite$/', 'INVITE sip:5001')).toBe(false)
    expect(test('/(200|410) (OK|Gone)/', 'HTTP 410 Gone')).toBe(true)
    expect(test('/[a)+(]+x/', 'a)+(x')).toBe(true)
  })

  it.each([
    '/(a+)+/',
    '/(a|a)*b/',
    '/((a{1,4}){1,4}){2}/',
    '/(?:x*)*/',
    '/(x?)+/',
    '/((a)|b)*/',
    '/.*.*.*/',
    '/a{1,400}b+c+/',
    '/(a)\\1/',
    '/(?=a)b/',
    '/(?<n>a)/',
  ])('refuse %s, which may run for ever or needs more than a match', (pattern) => {
    const read = readPattern(pattern)
    expect(read).toMatchObject({ ok: false, fix: expect.stringMatching(/./) })
  })

  it.each(['/[/', '/(/', '/a{2,1}/', '/*/'])('refuse %s, which is no regular expression', (pattern) => {
    expect(readPattern(pattern)).toMatchObject({ ok: false })
  })

  it('have a longest expression', () => {
    expect(readPattern(`/${'a'.repeat(PATTERN_LIMITS.characters)}/`).ok).toBe(true)
    expect(readPattern(`/${'a'.repeat(PATTERN_LIMITS.characters + 1)}/`).ok).toBe(false)
  })
})
