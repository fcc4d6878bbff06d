import { describe, expect, it } from 'vitest'
import { createGate, newToken, sameToken, TICKET_LIFE_MS } from '../../../core/wire/http/token.ts'

describe('the token', () => {
  it('is 256 bits and different every time', () => {
    expect(Buffer.from(newToken(), 'base64url')).toHaveLength(32)
    expect(newToken()).not.toBe(newToken())
  })

  it.each(['', 'x', 'secret ', 'SECRET', 'secretsecret'])('is not matched by %j', (offered) => {
    expect(sameToken(offered, 'secret')).toBe(false)
  })

  it('admits as often as it is shown', () => {
    const gate = createGate('secret')
    expect([gate.admits('secret'), gate.admits('secret'), gate.admits('other')]).toEqual([true, true, false])
  })
})

describe('a ticket', () => {
  it('admits once', () => {
    const gate = createGate('secret')
    const ticket = gate.ticket()
    expect(ticket).not.toBe('secret')
    expect([gate.admits(ticket), gate.admits(ticket)]).toEqual([true, false])
  })

  it('is good until its life ends, and not at that moment', () => {
    let now = 0
    const gate = createGate('secret', () => now)
    const [early, late] = [gate.ticket(), gate.ticket()]
    now = TICKET_LIFE_MS - 1
    expect(gate.admits(early)).toBe(true)
    now = TICKET_LIFE_MS
    expect(gate.admits(late)).toBe(false)
  })

  it('is pushed out by the eighth one after it', () => {
    const gate = createGate('secret')
    const first = gate.ticket()
    const others = Array.from({ length: 8 }, () => gate.ticket())
    expect(gate.admits(first)).toBe(false)
    expect(gate.admits(others[0]!)).toBe(true)
  })
})
