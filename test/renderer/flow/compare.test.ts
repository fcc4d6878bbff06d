import { describe, expect, it } from 'vitest'
import { alignSteps, differences, sideBySide, summaryOf, wakesOf } from '../../../renderer/views/flow/compare.ts'
import { layoutLadder } from '../../../renderer/views/flow/geometry.ts'
import { filterFlows, linkedFlows, newestToFollow } from '../../../renderer/views/flow/flowFilter.ts'
import { budgetOf, timesOf, wakeOf } from '../../../renderer/views/flow/words.ts'
import { exampleLadder, flowRow, hopsOf } from '../../ladder/exampleLadder.ts'

/** The same call 100 s later, on a release that does not name the node: the phone tries a dead one first. */
const hunted = () => {
  const good = exampleLadder()
  const later = 100_000
  const flow = flowRow({ id: '23', flow: 23, pushAt: 294_304, startedAt: 294_301, offeredAt: 301_124, answeredAt: 303_660, timers: [] })
  const hops = good.hops.flatMap((hop) => {
    const slow = hop.at > 197_000 ? 4_000 : 0
    const moved = { ...hop, flow: 23, seq: hop.seq + 100, at: hop.at + later + slow, sentAt: hop.sentAt + later + slow }
    if (hop.message !== 'REGISTER') return [moved]
    const dead = hopsOf(23, 900, [[297_100, 301_100, 'ana-iphone', 'ucm-pub/CallManager', 'SIP', 'REGISTER', 'no answer', 'lost', 'FO-03']])
    return [...dead, moved]
  })
  return exampleLadder({
    flow,
    hops,
    bars: [],
    places: [...good.places, { id: 'ucm-pub/CallManager', label: 'ucm-pub CallManager', node: 'ucm-pub' }],
  })
}
const plain = () => exampleLadder({ bars: [] })

describe('two flows side by side', () => {
  it('[FO-04] names the REGISTER to the dead node and what it cost', () => {
    const a = plain()
    const b = hunted()
    expect(summaryOf(a.flow, b.flow)).toBe('#23 was offered 4 s later, #23 was answered 4 s later')
    const [first, ...others] = differences(a, b)
    expect(first).toMatchObject({ byMs: 4_000, side: 'b', seq: 900 })
    expect(first!.text).toBe('REGISTER to ucm-pub CallManager (lost) costs #23 4 s more')
    expect(others).toEqual([])
  })

  it('tells the same difference from the other side', () => {
    const [first] = differences(hunted(), plain())
    expect(first).toMatchObject({ byMs: -4_000, side: 'a', seq: 900 })
  })

  it('finds no difference between a flow and itself at another time', () => {
    expect(differences(plain(), plain())).toEqual([])
    expect(summaryOf(plain().flow, plain().flow)).toBe('both were offered after the same time, both were answered after the same time')
  })

  it('puts the steps that both have on one line, whatever node and time', () => {
    const a = plain()
    const b = hunted()
    const steps = sideBySide(alignSteps(a, b))
    expect(steps.a).toHaveLength(steps.b.length)
    const left = layoutLadder(a, { width: 400, gutter: 60, minPitch: 46, steps: steps.a })
    const right = layoutLadder(b, { width: 400, gutter: 60, minPitch: 46, steps: steps.b })
    const yOf = (layout: typeof left, message: string, status: string) =>
      layout.rows.find((row) => row.step.kind === 'hop' && row.step.hop.message === message && row.step.hop.status === status)!.y
    for (const message of ['INVITE 5012', 'REGISTER', '180 Ringing', '200 OK']) {
      const status = message === 'INVITE 5012' ? 'wait' : 'ok'
      expect(yOf(left, message, status)).toBe(yOf(right, message, status))
    }
    expect(left.height).toBe(right.height)
    expect(steps.a.filter((step) => step.kind === 'blank')).toHaveLength(1)
  })

  it('says which of the two was never offered', () => {
    expect(summaryOf(flowRow(), flowRow({ flow: 21, offeredAt: null, answeredAt: null }))).toBe(
      'only #18 was offered, only #18 was answered',
    )
    expect(
      summaryOf(
        flowRow({ offeredAt: null, answeredAt: null, state: 'dropped' }),
        flowRow({ flow: 9, offeredAt: null, answeredAt: null, state: 'missed' }),
      ),
    ).toBe('#18 is dropped, #9 is missed')
  })
})

describe('what is left of the 13 s', () => {
  const drop = flowRow().timers[1]!

  it('[CALL-14] counts from t0 to the offer', () => {
    expect(budgetOf(flowRow(), 500_000)).toMatchObject({ limitMs: 13_000, usedMs: 2_820, leftMs: 10_180, state: 'in time' })
    expect(timesOf(flowRow())).toBe('2.82 s to offer, 5.36 s to answer')
  })

  it('[CALL-14] runs with the clock while the call is held, to zero and not below', () => {
    const flow = flowRow({ offeredAt: null, answeredAt: null, timers: [{ ...drop, endedAt: null }] })
    expect(budgetOf(flow, 194_304)!.leftMs).toBe(13_000)
    expect(budgetOf(flow, 207_303)).toMatchObject({ leftMs: 1, state: 'running', text: '1 ms of 13 s left' })
    expect(budgetOf(flow, 999_999)!.leftMs).toBe(0)
  })

  it('[CALL-03] is used up when the drop fired, and unknown for a flow without it', () => {
    expect(budgetOf(flowRow({ timers: [{ ...drop, endedAt: drop.dueAt, fired: true }] }), 0)!.text).toBe('all of 13 s used up')
    expect(budgetOf(flowRow({ timers: [] }), 0)).toBeNull()
  })
})

describe('choosing a flow', () => {
  const call = (flow: number, over = {}) => flowRow({ id: String(flow), flow, title: `Call ${flow}`, tracking: [`CPNS_${flow}`], ...over })

  it('lists the newest first and finds by number, name and tracking ID', () => {
    const flows = [call(1), call(2, { to: 'bo-iphone' }), call(10)]
    expect(filterFlows(flows, { text: '', state: 'all' }).map((flow) => flow.flow)).toEqual([10, 2, 1])
    expect(filterFlows(flows, { text: 'bo-iph', state: 'all' }).map((flow) => flow.flow)).toEqual([2])
    expect(filterFlows(flows, { text: 'cpns_10', state: 'all' }).map((flow) => flow.flow)).toEqual([10])
    expect(filterFlows(flows, { text: '#2 nothing', state: 'all' })).toEqual([])
  })

  it('tells running flows from those that ended badly', () => {
    const flows = [call(1, { endedAt: 5 }), call(2, { endedAt: null }), call(3, { endedAt: 9, state: 'dropped' })]
    expect(filterFlows(flows, { text: '', state: 'running' }).map((flow) => flow.flow)).toEqual([2])
    expect(filterFlows(flows, { text: '', state: 'bad' }).map((flow) => flow.flow)).toEqual([3])
  })

  it('[CALL-04] follows the call, not its missed-call push, and links both', () => {
    const flows = [call(21), call(22, { linkedTo: 21 })]
    expect(newestToFollow(flows)).toBe(21)
    expect(linkedFlows(flows[0]!, flows).map((flow) => flow.flow)).toEqual([22])
    expect(linkedFlows(flows[1]!, flows).map((flow) => flow.flow)).toEqual([21])
    expect(newestToFollow([])).toBe(0)
  })
})

describe('what woke the phone', () => {
  /** The same call over the session of the phone: acknowledged 9 ms after the push. */
  const local = () => {
    const { hops, ...ladder } = exampleLadder({ bars: [], flow: flowRow({ id: '24', flow: 24 }) })
    return {
      ...ladder,
      hops: hops.map((hop) => (hop.carrier === 'LPNS' ? { ...hop, to: 'ana-iphone', status: 'ok' as const, at: 194_313 } : hop)),
    }
  }

  it('[LPNS-14] tells path and time from the push on, and passes over a local push that got lost', () => {
    expect(wakeOf(local())).toEqual({ ms: 9, path: 'local', text: 'woken in 9 ms by local push' })
    const cloud = wakeOf(plain())!
    expect(cloud.path).toBe('cloud')
    expect(cloud.text).toMatch(/by APNs$/)
    expect(cloud.ms).toBeGreaterThan(2_000)
  })

  it('[LPNS-14] puts both times side by side', () => {
    expect(wakesOf(plain(), local())).toMatch(/^#18 woken in 2\.\d+ s by APNs, #24 woken in 9 ms by local push$/)
    expect(wakesOf(exampleLadder({ hops: [] }))).toBe('')
  })

  it('says nothing of a call that needed no push', () => {
    expect(wakeOf(exampleLadder({ flow: flowRow({ pushAt: null }) }))).toBeNull()
  })
})
