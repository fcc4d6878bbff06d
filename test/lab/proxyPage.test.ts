import { describe, expect, it } from 'vitest'
import { labCommands } from '../../core/contract/commands.ts'
import { proxyCapacity, proxyView } from '../../core/edge/proxyPage.ts'
import { bench, twoPhones } from './bench.ts'

const behind = () =>
  bench(
    twoPhones(
      {},
      {
        cluster: { accessTokenMinutes: 1_440, nodes: [{ id: 'ucm-pub' }] },
        edge: { proxy: { fqdn: 'proxy.clinic.example', addresses: ['10.0.0.1'], asks: 'Digest', user: 'cucm', secret: 'proxy-login' } },
      },
    ),
  )
const answer = (reply: ReturnType<typeof proxyCapacity>) => {
  if (!reply.ok) throw new Error(reply.message)
  return reply.value
}

describe('the page of the proxy', () => {
  it('[PROXY-02][ONB-15] shows what is set, by whom it is not in use yet, and the password as a name only', () => {
    const b = behind()
    b.runFor(1_000) // the nodes have fetched their tokens with these settings
    expect(proxyView(b.lab.world)).toMatchObject({
      fqdn: 'proxy.clinic.example',
      asks: 'Digest',
      settings: { enabled: true, server: 'proxy.clinic.example', authentication: 'Digest', user: 'cucm', secret: 'proxy-login' },
      waiting: [],
    })
    b.give('proxy.set', { authentication: 'Basic' })
    expect(proxyView(b.lab.world)).toMatchObject({ settings: { authentication: 'Basic' }, waiting: [{ node: 'ucm-pub', service: 'CPNS' }] })
    const waiting = proxyView(b.lab.world)!.waiting[0]!
    b.give('service.restart', labCommands['service.restart'].args.parse(waiting))
    b.runFor(5_000)
    expect(proxyView(b.lab.world)!.waiting).toEqual([])
  })

  it('has nothing to show in a lab without a proxy', () => {
    expect(proxyView(bench(twoPhones()).lab.world)).toBeNull()
  })

  it('[PROXY-08][DEC-27] starts from the figures of the lab, takes others, and refuses what cannot be', () => {
    const { world } = behind().lab
    const usual = answer(proxyCapacity(world, {}))
    expect(usual.fromLab).toMatchObject({ callUsers: 1, nodes: 1 })
    expect(usual.figures).toEqual(usual.fromLab)
    const mine = answer(proxyCapacity(world, { callUsers: 5_000, callsPerUser: 6, secondPushShare: 0.25, alarmMinutes: null }))
    expect(mine.needs).toMatchObject({ calls: 37_500, alarms: 0 })
    expect(proxyCapacity(world, { alarmMinutes: 5 })).toMatchObject({ ok: true })
    expect(proxyCapacity(world, { alarmMinutes: 4 })).toMatchObject({
      ok: false,
      code: 'bad-request',
      issues: [{ path: 'alarmMinutes', fix: expect.stringContaining('5 to 90') }],
    })
  })

  it('[PROXY-08] counts what the proxy carried within the last hour, and forgets what is older', () => {
    const b = behind()
    b.call('5001', 'desk')
    b.runFor(3_000)
    const early = answer(proxyCapacity(b.lab.world, {})).counted
    expect(early).toMatchObject({ spanMs: 3_000, calls: 1, messages: 0, tokens: 1, total: 2, complete: true })
    b.runFor(3_600_000 - 3_000)
    expect(answer(proxyCapacity(b.lab.world, {})).counted).toMatchObject({ spanMs: 3_600_000, calls: expect.any(Number) })
    b.runFor(3_600_000)
    expect(answer(proxyCapacity(b.lab.world, {})).counted).toMatchObject({ spanMs: 3_600_000, calls: 0, tokens: 0, others: 2, total: 2 }) // uploads of alarms, every 30 min
  })
  it('[PROXY-08] counts what goes straight to the cloud where no proxy is used', () => {
    const b = bench(twoPhones())
    b.call('5001', 'desk')
    b.runFor(3_000)
    expect(answer(proxyCapacity(b.lab.world, {})).counted).toMatchObject({ calls: 1 })
  })
})
