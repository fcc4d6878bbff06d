import { describe, expect, it } from 'vitest'
import type { Fault } from '../../core/contract/fault.ts'
import { FaultBook } from '../../core/engine/faultBook.ts'
import { Network, type Delivery, type HostState, type Loss } from '../../core/engine/network.ts'
import { Random } from '../../core/engine/random.ts'
import { VirtualClock } from '../../core/engine/virtualClock.ts'

const HTTPS = { port: 443 }

/** node - firewall - cloud, 1 ms and 30 ms, with the hosts that are down by name. */
function bench(seed = 1) {
  const clock = new VirtualClock()
  const faults = new FaultBook(clock, new Random(seed, 'faults'), () => undefined)
  const down = new Map<string, HostState & { up: false }>()
  const touched: string[] = []
  const network = new Network(
    clock,
    faults,
    seed,
    (host) => down.get(host) ?? { up: true },
    (link) => void touched.push(link.id),
  )
  network.addLink('node', 'firewall', 1, 0)
  network.addLink('firewall', 'cloud', 30, 0)
  const route = (from: string, to: string) =>
    network.route(from, to, () => ({ hosts: from === 'node' ? ['node', 'firewall', 'cloud'] : ['cloud', 'firewall', 'node'], relays: [] }))
  const fault = (each: Fault): void => {
    const added = faults.add(each)
    if (!added.ok) throw new Error(added.message)
  }
  return { clock, faults, down, touched, network, route, fault, up: route('node', 'cloud'), back: route('cloud', 'node') }
}

const arrival = (delivery: Delivery): number => {
  if (!delivery.ok) throw new Error(`lost: ${delivery.loss.text}`)
  return delivery.delayMs
}

const loss = (delivery: Delivery): Loss => {
  if (delivery.ok) throw new Error('it arrived')
  return delivery.loss
}

describe('delay on a route', () => {
  it('[CALL-14] is the sum of its links, the same both ways', () => {
    const b = bench()
    expect(arrival(b.network.travel(b.up, HTTPS))).toBe(31)
    expect(arrival(b.network.travel(b.back, HTTPS))).toBe(31)
    expect(b.touched).toEqual(['node~firewall', 'firewall~cloud'])
  })

  it('[CALL-14] jitter adds 0 to its limit, both reached, and equal seeds draw alike', () => {
    const draw = (seed: number): number[] => {
      const b = bench(seed)
      const link = b.network.links.get('firewall~cloud')
      if (link) link.jitterMs = 10
      return Array.from({ length: 300 }, (_, i) => {
        b.clock.advance(i * 1_000)
        return arrival(b.network.travel(b.up, HTTPS))
      })
    }
    const drawn = draw(1)
    expect(Math.min(...drawn)).toBe(31)
    expect(Math.max(...drawn)).toBe(41)
    expect(draw(1)).toEqual(drawn)
    expect(draw(2)).not.toEqual(drawn)
  })

  it('[DEC-35] jitter of one route does not shift that of another', () => {
    const draw = (between: boolean): number[] => {
      const b = bench()
      for (const link of b.network.links.values()) link.jitterMs = 50
      return Array.from({ length: 20 }, (_, i) => {
        b.clock.advance(i * 1_000)
        if (between) b.network.travel(b.back, HTTPS)
        return arrival(b.network.travel(b.up, HTTPS))
      })
    }
    expect(draw(true)).toEqual(draw(false))
  })

  it('messages of one route keep their order, whatever the jitter', () => {
    const b = bench()
    for (const link of b.network.links.values()) link.jitterMs = 200
    let last = 0
    let overtaken = 0
    for (let i = 0; i < 200; i++) {
      b.clock.advance(i)
      const at = b.clock.now() + arrival(b.network.travel(b.up, HTTPS))
      expect(at).toBeGreaterThanOrEqual(last)
      if (at === last) overtaken++
      last = at
    }
    expect(overtaken, 'messages that had to wait for an earlier one').toBeGreaterThan(10)
  })

  it('a delay fault adds its time and its jitter, in its direction only', () => {
    const b = bench()
    b.fault({ kind: 'delay', on: 'firewall~cloud', addMs: 500, jitterMs: 100, direction: 'forward' })
    const delayed = arrival(b.network.travel(b.up, HTTPS))
    expect(delayed).toBeGreaterThanOrEqual(531)
    expect(delayed).toBeLessThanOrEqual(631)
    expect(arrival(b.network.travel(b.back, HTTPS))).toBe(31)
  })

  it('relays tell when each of them passed the message on', () => {
    const b = bench()
    const proxied = b.network.route('node', 'elsewhere', () => ({
      hosts: ['node', 'firewall', 'cloud'],
      relays: [{ place: 'firewall', afterLegs: 1 }],
    }))
    expect(b.network.travel(proxied, HTTPS)).toEqual({ ok: true, delayMs: 31, legDelaysMs: [1, 31] })
  })
})

describe('losses', () => {
  it.each([
    ['drop', 'silent', 'lost on firewall~cloud', 31],
    ['black-hole', 'silent', 'swallowed by firewall~cloud, port 443: no answer, no error', 31],
    ['reset', 'reset', 'connection reset on firewall~cloud', 31],
    ['refuse', 'refused', 'port 443 refused at firewall~cloud', 31],
  ] as const)('[SCN-15] %s on a link is told as %s', (kind, how, text, afterMs) => {
    const b = bench()
    b.fault({ kind, on: 'firewall~cloud', count: 1 })
    expect(loss(b.network.travel(b.up, HTTPS))).toMatchObject({ how, text, afterMs, where: 'firewall~cloud' })
    expect(arrival(b.network.travel(b.up, HTTPS))).toBe(31)
  })

  it('happen where the fault sits: on the first link after 1 ms, at the host after the whole way', () => {
    for (const [on, afterMs] of [
      ['node~firewall', 1],
      ['firewall~cloud', 31],
      ['cloud', 31],
      ['node', 31],
    ] as const) {
      const b = bench()
      b.fault({ kind: 'drop', on })
      expect(loss(b.network.travel(b.up, HTTPS)), on).toMatchObject({ where: on, afterMs })
    }
  })

  it('a fault on a host, forward only, takes what comes to it and lets out what leaves it', () => {
    const b = bench()
    b.fault({ kind: 'black-hole', on: 'cloud', direction: 'forward' })
    expect(loss(b.network.travel(b.up, HTTPS)).how).toBe('silent')
    expect(arrival(b.network.travel(b.back, HTTPS))).toBe(31)
  })

  it('[NET-01] a blocked port leaves the other ports alone', () => {
    const b = bench()
    b.fault({ kind: 'black-hole', on: 'node~firewall', port: 443 })
    expect(loss(b.network.travel(b.up, { port: 443 })).why).toBe('NET-01')
    expect(arrival(b.network.travel(b.up, { port: 5_061 }))).toBe(31)
  })

  it('[NET-04] a loss on 9966 names the rule of that port', () => {
    const b = bench()
    b.fault({ kind: 'refuse', on: 'node~firewall', port: 9_966 })
    expect(loss(b.network.travel(b.up, { port: 9_966 }))).toMatchObject({ why: 'NET-04', text: 'port 9966 refused at node~firewall' })
  })

  it('a sender that is down has no route at once; a receiver that is down answers nothing after the way there', () => {
    const b = bench()
    b.down.set('node', { up: false, how: 'silent', text: 'node is crashed', why: 'FO-02' })
    expect(loss(b.network.travel(b.up, HTTPS))).toMatchObject({ how: 'no route', afterMs: 0, text: 'node is crashed' })
    expect(loss(b.network.travel(b.back, HTTPS))).toMatchObject({ how: 'silent', afterMs: 31, text: 'node is crashed' })
  })

  it('what is lost does not hold up what follows', () => {
    const b = bench()
    b.fault({ kind: 'delay', on: 'node~firewall', addMs: 60_000, count: 1 })
    b.fault({ kind: 'drop', on: 'firewall~cloud', count: 1 })
    expect(b.network.travel(b.up, HTTPS).ok).toBe(false)
    expect(arrival(b.network.travel(b.up, HTTPS))).toBe(31)
  })
})

describe('forecasts', () => {
  it('see a sure obstacle without using it up, and nothing when the way is free', () => {
    const b = bench()
    expect(b.network.obstacle(b.up, HTTPS)).toBeNull()
    b.fault({ kind: 'reset', on: 'firewall~cloud', count: 1, id: 'once' })
    expect(b.network.obstacle(b.up, HTTPS)?.how).toBe('reset')
    expect(b.faults.get('once')?.hits).toBe(0)
    b.faults.remove('once')
    b.fault({ kind: 'reset', on: 'firewall~cloud', probability: 0.99 })
    expect(b.network.obstacle(b.up, HTTPS)).toBeNull()
    b.down.set('cloud', { up: false, how: 'refused', text: 'closed', why: 'NET-02' })
    expect(b.network.obstacle(b.up, HTTPS)?.text).toBe('closed')
  })

  it('[NET-06] a connection is cut when it was idle for longer than a limit on the way, and only where a firewall stands', () => {
    const b = bench()
    const cut = (idleMs: number, firewallMs = 3_600_000): number | null => b.network.idleCut(b.up, HTTPS, idleMs, firewallMs)
    expect(cut(3_600_000)).toBeNull()
    expect(cut(3_600_001)).toBe(3_600_000)
    b.fault({ kind: 'idle-cut', id: 'short', on: 'firewall~cloud', idleMinutes: 20 })
    expect(cut(1_200_000)).toBeNull()
    expect(cut(1_200_001)).toBe(1_200_000)
    expect(cut(1_200_001, 600_000)).toBe(600_000)
    b.faults.remove('short')
    b.network.addLink('cloud', 'partner', 20, 0)
    const inside = b.network.route('cloud', 'partner', () => ({ hosts: ['cloud', 'partner'], relays: [] }))
    expect(b.network.idleCut(inside, HTTPS, 9_999_999, 600_000)).toBeNull()
  })

  it('[NET-06] a counted cut is used up by the connections that it cuts, not by those that it lets live', () => {
    const b = bench()
    b.fault({ kind: 'idle-cut', on: 'firewall~cloud', idleMinutes: 20, count: 1 })
    const cut = (idleMs: number): number | null => b.network.idleCut(b.up, HTTPS, idleMs, 3_600_000)
    expect([cut(1_200_000), cut(1_200_001), cut(1_200_001)]).toEqual([null, 1_200_000, null])
  })
})

describe('routes', () => {
  it('are made once, go either way along a link, and need a link between neighbours', () => {
    const b = bench()
    expect(b.route('node', 'cloud')).toBe(b.up)
    expect(b.up.legs.map((leg) => leg.forward)).toEqual([true, true])
    expect(b.back.legs.map((leg) => leg.forward)).toEqual([false, false])
    expect(() => b.network.route('node', 'moon', () => ({ hosts: ['node', 'moon'], relays: [] }))).toThrow('no link between node and moon')
  })
})
