import { describe, expect, it } from 'vitest'
import { hostAllowed, isLoopback, originAllowed } from '../../../core/wire/http/origin.ts'

describe('the Host header (DNS rebinding)', () => {
  const loopback = { host: '127.0.0.1', port: 4747 }
  it.each(['127.0.0.1:4747', 'localhost:4747', 'LOCALHOST:4747', '[::1]:4747', '127.0.0.2:4747'])(
    'lets %s reach a loopback server',
    (header) => {
      expect(hostAllowed(header, loopback)).toBe(true)
    },
  )

  it.each([
    undefined,
    '',
    'evil.example:4747',
    '127.0.0.1',
    '127.0.0.1:4748',
    '192.168.1.5:4747',
    'localhost.evil.example:4747',
    '127.0.0.1.nip.io:4747',
    'a b:4747',
    '127.0.0.1:4747:1',
  ])('turns %j away from a loopback server', (header) => {
    expect(hostAllowed(header, loopback)).toBe(false)
  })

  it('lets any address, but no foreign name, reach a server on all addresses', () => {
    const everywhere = { host: '0.0.0.0', port: 4747 }
    expect(hostAllowed('192.168.1.5:4747', everywhere)).toBe(true)
    expect(hostAllowed('evil.example:4747', everywhere)).toBe(false)
  })

  it('lets the name that the person gave through, and port 80 without saying so', () => {
    expect(hostAllowed('trainer.lan:4747', { host: 'trainer.lan', port: 4747 })).toBe(true)
    expect(hostAllowed('other.lan:4747', { host: 'trainer.lan', port: 4747 })).toBe(false)
    expect(hostAllowed('trainer.lan', { host: 'trainer.lan', port: 80 })).toBe(true)
  })
})

describe('the Origin header', () => {
  it.each([
    ['http://127.0.0.1:4747', '127.0.0.1:4747', true],
    ['http://localhost:4747', '127.0.0.1:4747', false],
    ['https://127.0.0.1:4747', '127.0.0.1:4747', false],
    ['http://evil.example', '127.0.0.1:4747', false],
    ['null', '127.0.0.1:4747', false],
    [undefined, '127.0.0.1:4747', false],
    ['http://127.0.0.1:4747', undefined, false],
  ])('%s to %s: %s', (origin, host, allowed) => {
    expect(originAllowed(origin, host)).toBe(allowed)
  })
})

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['[::1]', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['127.0.0.1.evil.example', false],
  ['10.0.0.1', false],
])('loopback: %s is %s', (host, is) => {
  expect(isLoopback(host)).toBe(is)
})
