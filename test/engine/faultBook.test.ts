import { describe, expect, it } from 'vitest'
import type { Fault } from '../../core/contract/fault.ts'
import { FaultBook, MAX_FAULTS, type ActiveFault } from '../../core/engine/faultBook.ts'
import { Random } from '../../core/engine/random.ts'
import { VirtualClock } from '../../core/engine/virtualClock.ts'

const HTTPS = { port: 443 }

function book(seed = 1) {
  const clock = new VirtualClock()
  const told: string[] = []
  const faults = new FaultBook(
    clock,
    new Random(seed, 'faults'),
    (active: ActiveFault, gone) => void told.push(`${active.id} ${gone ? 'gone' : active.hits}`),
  )
  const add = (fault: Fault): string => {
    const added = faults.add(fault)
    if (!added.ok) throw new Error(added.message)
    return added.active.id
  }
  return { clock, faults, told, add }
}

const answer = (on: string, rest: object = {}): Fault => ({ kind: 'answer', on, status: 503, ...rest })

describe('faults [SCN-15]', () => {
  it('strike only where they sit and only with their kind', () => {
    const { faults, add } = book()
    add(answer('push-rest'))
    expect(faults.strike('apns', 'answer', HTTPS)).toBeNull()
    expect(faults.strike('push-rest', 'drop', HTTPS)).toBeNull()
    expect(faults.strike('push-rest', 'answer', HTTPS)?.status).toBe(503)
  })

  it('with a count of 2 strike exactly twice, and are gone after the second', () => {
    const { faults, add, told } = book()
    const id = add(answer('push-rest', { count: 2 }))
    expect(faults.strike('push-rest', 'answer', HTTPS)).not.toBeNull()
    expect(faults.get(id)?.left).toBe(1)
    expect(faults.strike('push-rest', 'answer', HTTPS)).not.toBeNull()
    expect(faults.strike('push-rest', 'answer', HTTPS)).toBeNull()
    expect(faults.size).toBe(0)
    expect(told).toEqual([`${id} 0`, `${id} 1`, `${id} gone`])
  })

  it('a count is not used up by traffic that does not match', () => {
    const { faults, add } = book()
    const id = add({ kind: 'drop', on: 'a~b', count: 1, device: 'phone', port: 443, direction: 'forward' })
    expect(faults.strike('a~b', 'drop', { port: 443, device: 'other' }, true)).toBeNull()
    expect(faults.strike('a~b', 'drop', { port: 5_061, device: 'phone' }, true)).toBeNull()
    expect(faults.strike('a~b', 'drop', { port: 443, device: 'phone' }, false)).toBeNull()
    expect(faults.get(id)?.hits).toBe(0)
    expect(faults.strike('a~b', 'drop', { port: 443, device: 'phone' }, true)).not.toBeNull()
  })

  it('with a direction strike one way only', () => {
    for (const [direction, forward, backward] of [
      ['forward', true, false],
      ['backward', false, true],
      ['both', true, true],
      [undefined, true, true],
    ] as const) {
      const { faults, add } = book()
      add({ kind: 'reset', on: 'a~b', ...(direction === undefined ? null : { direction }) })
      expect(faults.strike('a~b', 'reset', HTTPS, true) !== null, `${direction} forward`).toBe(forward)
      expect(faults.strike('a~b', 'reset', HTTPS, false) !== null, `${direction} backward`).toBe(backward)
    }
  })

  it('without device or port strike every device and port', () => {
    const { faults, add } = book()
    add({ kind: 'black-hole', on: 'ucm-pub' })
    expect(faults.strike('ucm-pub', 'black-hole', { port: 1 })).not.toBeNull()
    expect(faults.strike('ucm-pub', 'black-hole', { port: 9_966, device: 'phone' })).not.toBeNull()
  })

  it('[DEC-35] with a probability strike by the seed: equal seeds alike, another seed otherwise', () => {
    const pattern = (seed: number): string => {
      const { faults, add } = book(seed)
      add({ kind: 'drop', on: 'a~b', probability: 0.3 })
      return Array.from({ length: 200 }, () => (faults.strike('a~b', 'drop', HTTPS) ? 'x' : '.')).join('')
    }
    expect(pattern(1)).toBe(pattern(1))
    expect(pattern(1)).not.toBe(pattern(2))
    const hits = pattern(1).replaceAll('.', '').length
    expect(hits).toBeGreaterThan(40)
    expect(hits).toBeLessThan(80)
  })

  it('a count together with a probability counts hits, not tries', () => {
    const { faults, add } = book()
    add({ kind: 'drop', on: 'a~b', probability: 0.2, count: 3 })
    let hits = 0
    for (let i = 0; i < 500; i++) if (faults.strike('a~b', 'drop', HTTPS)) hits++
    expect(hits).toBe(3)
  })

  it('with a lifetime are in force to its last millisecond and gone after it', () => {
    const { clock, faults, add, told } = book()
    clock.runUntil(500)
    const id = add({ kind: 'drop', on: 'a~b', forMs: 1_000 })
    clock.runUntil(1_499)
    expect(faults.strike('a~b', 'drop', HTTPS)).not.toBeNull()
    clock.runUntil(1_500)
    expect(faults.strike('a~b', 'drop', HTTPS)).toBeNull()
    expect(told.at(-1)).toBe(`${id} gone`)
  })

  it('removed by hand take their lifetime with them', () => {
    const { clock, faults, add, told } = book()
    const id = add({ kind: 'drop', on: 'a~b', forMs: 1_000 })
    expect(faults.remove(id)?.id).toBe(id)
    expect(faults.remove(id)).toBeNull()
    expect(clock.pending).toBe(0)
    expect(told).toEqual([`${id} 0`, `${id} gone`])
  })

  it('two on one place: the first one strikes until it is spent, then the second', () => {
    const { faults, add } = book()
    add(answer('apns', { status: 503, count: 1 }))
    add(answer('apns', { status: 410 }))
    expect([1, 2, 3].map(() => faults.strike('apns', 'answer', HTTPS)?.status)).toEqual([503, 410, 410])
  })

  it('a forecast counts nothing, and only what is sure is forecast', () => {
    const { faults, add } = book()
    const sure = add({ kind: 'drop', on: 'a~b', count: 1 })
    add({ kind: 'drop', on: 'c~d', probability: 0.99 })
    add({ kind: 'drop', on: 'e~f', probability: 1 })
    expect(faults.certain('a~b', 'drop', HTTPS)).not.toBeNull()
    expect(faults.get(sure)?.hits).toBe(0)
    expect(faults.certain('c~d', 'drop', HTTPS)).toBeNull()
    expect(faults.certain('e~f', 'drop', HTTPS)).not.toBeNull()
  })

  it('hidden ones strike as well, and are revealed once', () => {
    const { faults, add } = book()
    const id = add({ kind: 'drop', on: 'a~b', hidden: true })
    const active = faults.get(id) as ActiveFault
    expect(active.hidden).toBe(true)
    expect(faults.strike('a~b', 'drop', HTTPS)).not.toBeNull()
    expect(faults.reveal(active)).toBe(true)
    expect(faults.reveal(active)).toBe(false)
  })

  it('a name is taken once, and a refused fault leaves no trace in the names that follow', () => {
    const { faults, add } = book()
    add({ kind: 'drop', on: 'a~b', id: 'mine' })
    const refused = faults.add({ kind: 'reset', on: 'c~d', id: 'mine' })
    expect(refused).toEqual({ ok: false, message: 'a fault named "mine" is already in force: choose another id' })
    expect(faults.on('c~d')).toEqual([])
    const { faults: other, add: addOther } = book()
    addOther({ kind: 'drop', on: 'a~b', id: 'mine' })
    const after = faults.add({ kind: 'drop', on: 'a~b' })
    const without = other.add({ kind: 'drop', on: 'a~b' })
    expect(after.ok && after.active.id).toBe(without.ok && without.active.id)
  })

  it('a given name never collides with a name the lab makes itself', () => {
    const { faults, add } = book()
    add({ kind: 'drop', on: 'a~b', id: 'fault-2' })
    expect(faults.add({ kind: 'drop', on: 'a~b' })).toMatchObject({ ok: true })
    expect(faults.add({ kind: 'drop', on: 'a~b' })).toMatchObject({ ok: true })
    expect(new Set([...faults.all()].map((each) => each.id)).size).toBe(3)
  })

  it(`holds ${MAX_FAULTS} and refuses one more with a way out`, () => {
    const { faults, add } = book()
    for (let i = 0; i < MAX_FAULTS; i++) add({ kind: 'drop', on: `a~${i}` })
    expect(faults.add({ kind: 'drop', on: 'a~b' })).toEqual({ ok: false, message: 'there are already 500 faults: remove some first' })
    faults.remove('fault-1')
    expect(faults.add({ kind: 'drop', on: 'a~b' })).toMatchObject({ ok: true })
  })
})
