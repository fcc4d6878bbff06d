/** The judge of the first call in the tests of both carriers, tried with a user who answers at each moment there is. */
import { expect, it } from 'vitest'
import type { HopEvent } from '../../core/contract/event.ts'
import type { Lab } from '../../core/lab.ts'
import { createLab } from '../../core/lab.ts'
import { placeLabel } from '../../core/rows/places.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { spokenHop } from '../../renderer/views/flow/words.ts'
import { wrongOnTheWay } from '../e2e/theWay.ts'
import { shipped } from './runShipped.ts'

const { scenario } = shipped().find(({ file }) => file === 'first-call.yaml')!

/** The first call's ladder when the user answers at a moment, and when CallKit showed; the call is placed at 10 ms. */
function answeredAt(moment: number): { hops: string[]; shownAt: number; answer: string } {
  const lab: Lab = createLab(scenario, { sealer: nodeSealer, rehearse: true })
  const events: HopEvent[] = []
  lab.onEvent = (event) => void events.push(event)
  lab.runUntil(10)
  expect(lab.command('call.place', { to: '5001' }).ok).toBe(true)
  lab.runUntil(moment)
  const reply = lab.command('device.answer', { device: 'ana-iphone' })
  lab.runUntil(10_000)
  return {
    hops: events.filter(({ flow }) => flow === 1).map((hop) => spokenHop(hop, (place) => placeLabel(lab.world, place), String(hop.at))),
    shownAt: events.find(({ message }) => message.startsWith('CallKit'))?.at ?? Number.NaN,
    answer: reply.ok ? 'taken' : reply.message,
  }
}

it('[CALL-07][CH-10] is right at each millisecond at which the user may answer, and wrong when a hop is missing', () => {
  const { shownAt } = answeredAt(3_000)
  expect(answeredAt(shownAt - 1).answer).not.toBe('taken')
  const ways = new Set<string>()
  for (let moment = shownAt; moment <= shownAt + 700; moment += 1) {
    const { hops, answer } = answeredAt(moment)
    expect(answer).toBe('taken')
    expect(wrongOnTheWay(hops), `answered at ${moment} ms`).toBeNull()
    const order = hops.flatMap((hop) => /INVITE 5001: INVITE at|180 Ringing: device rings|user answers/.exec(hop) ?? [])
    ways.add(order.join(' > '))
  }
  // Before the INVITE, while 180 Ringing is under way, and after it.
  expect([...ways]).toHaveLength(3)

  const { hops } = answeredAt(3_000)
  for (const hop of hops.filter((each) => /180 Ringing: device rings|user answers|REGISTER: registration taken|POST push/.test(each)))
    expect(wrongOnTheWay(hops.filter((each) => each !== hop))).not.toBeNull()
})
