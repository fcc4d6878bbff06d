import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CLOUD_NAMES, type CloudName, type Told } from '../../../core/contract/clouds.ts'
import type { ScenarioInput } from '../../../core/contract/scenario.ts'
import { twoPhones } from '../bench.ts'
import { again, open, type Plan } from './sockets.ts'

const SCENARIO: ScenarioInput = twoPhones(
  { client: 'jabber', clientRelease: '14.2', os: 'ios', osRelease: '16.5' },
  {
    im: true,
    edge: { proxy: { fqdn: 'proxy.clinic.example', addresses: ['10.0.0.80', '10.0.0.81'], settings: { authentication: 'Digest' } } },
    devices: [{ id: 'droid', owner: 'ana', client: 'webex', os: 'android', app: 'off screen', locked: true, screenOn: false }],
  },
)

const told: fc.Arbitrary<Told> = fc.oneof(
  fc.constantFrom<Told>(
    { is: 'line' },
    { is: 'secured' },
    { is: 'addresses', addresses: [] },
    { is: 'addresses', addresses: ['192.0.2.1', '192.0.2.2'] },
    { is: 'tunnel', status: 200, text: '', challenges: [], closes: false },
    { is: 'tunnel', status: 407, text: '', challenges: ['Digest realm="r", nonce="n"'], closes: true },
    { is: 'tunnel', status: 407, text: '', challenges: ['nonsense'], closes: false },
    { is: 'tunnel', status: 502, text: 'Bad Gateway', challenges: [], closes: false },
    { is: 'answer', status: 200, text: 'OK' },
    { is: 'answer', status: 200, text: 'OK', token: 'x', expiresInS: 0 },
    { is: 'answer', status: 400, text: 'invalid_client' },
    { is: 'answer', status: 410, text: 'Unregistered' },
    { is: 'answer', status: 503, text: '' },
  ),
  fc
    .constantFrom('dns', 'connect', 'tls', 'proxy', 'send', 'timeout')
    .map((stage): Told => ({ is: 'failed', stage, text: `${stage} failed` })),
)
const plan: fc.Arbitrary<Plan | null> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant<Plan>('never') },
  { weight: 3, arbitrary: fc.record({ after: fc.constantFrom(0, 1, 1_999, 2_000, 4_999, 5_000, 5_001, 20_000), told }) },
)
const legs = fc.subarray<CloudName>([...CLOUD_NAMES])
const act = fc.record({
  waitMs: fc.constantFrom(0, 1, 300, 3_000, 15_000, 31 * 60_000),
  what: fc.oneof(
    { weight: 4, arbitrary: fc.constant({ do: 'call' as const }) },
    { weight: 2, arbitrary: fc.constant({ do: 'message' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'onboard' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
    { weight: 2, arbitrary: legs.map((real) => ({ do: 'legs' as const, real })) },
    { weight: 1, arbitrary: fc.constant({ do: 'close' as const }) },
  ),
})

describe('whatever sockets tell, and whenever', () => {
  it('[DEC-33][DEC-35][NET-07] no push is lost without an end, nobody waits for ever, and the run replays byte for byte', () => {
    let pushes = 0
    let asked = 0
    fc.assert(
      fc.property(
        fc.array(plan, { minLength: 1, maxLength: 30 }),
        fc.array(act, { minLength: 1, maxLength: 12 }),
        legs,
        (plans, acts, real) => {
          const lab = open(SCENARIO, real)
          const { b, sockets } = lab
          let turn = 0
          sockets.plan = () => plans[turn++ % plans.length] ?? null
          for (const { waitMs, what } of acts) {
            sockets.run(waitMs)
            switch (what.do) {
              case 'call':
                b.try('call.place', { to: '5001' })
                break
              case 'message':
                b.try('message.send', { from: 'okafor', to: 'ana', text: 'hello' })
                break
              case 'onboard':
                b.try('cluster.onboard', {})
                break
              case 'restart':
                b.try('service.restart', { node: 'ucm-pub', service: 'CPNS' })
                break
              case 'legs':
                b.give('wire.clouds', { open: true, address: '127.0.0.1', real: what.real })
                break
              case 'close':
                b.give('wire.clouds', { open: false, address: '', real: [] })
                break
            }
          }
          sockets.run(30_000)
          b.give('wire.clouds', { open: false, address: '', real: [] })
          expect(b.lab.world.real.asks.size).toBe(0)
          sockets.run(30_000)
          pushes += b.pushes().length
          asked += sockets.asked.length
          expect(b.pushes().filter(({ state }) => state === 'created' || state === 'sent')).toEqual([])
          expect(again(SCENARIO, lab)).toEqual(lab.journal)
        },
      ),
      { numRuns: 120 },
    )
    expect(pushes).toBeGreaterThan(30)
    expect(asked).toBeGreaterThan(300)
  })
})
