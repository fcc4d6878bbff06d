import { describe, expect, it } from 'vitest'
import { eventFilter } from '../../../core/contract/index.ts'
import { NO_FILTER, afterQuery, filterEvents, indexOfSeq, queryOf } from '../../../renderer/views/events/eventFilter.ts'
import { TRACKING, droppedLadder, exampleLadder } from '../../ladder/exampleLadder.ts'

const events = [...exampleLadder().hops, ...droppedLadder().hops]
const label = (place: string): string => (place === 'ana-iphone' ? 'Ana · iPhone' : place)
const seqs = (part: Partial<typeof NO_FILTER>): number[] => filterEvents(events, { ...NO_FILTER, ...part }, label).map((event) => event.seq)

describe('event filter', () => {
  it('hands back the very list when nothing is asked', () => {
    expect(filterEvents(events, NO_FILTER, label)).toBe(events)
  })

  it('[SEC-06] finds every event of a tracking ID and none other', () => {
    expect(seqs({ text: TRACKING.slice(0, 13), flow: 21 })).toEqual(
      events.filter((event) => event.flow === 21 && event.tracking === TRACKING).map((event) => event.seq),
    )
  })

  it('wants every word, in message, outcome, label, rule or number, in any case', () => {
    expect(seqs({ text: 'register' })).toEqual([318, 503])
    expect(seqs({ text: 'ana · IPHONE invite' })).toEqual([319])
    expect(seqs({ text: 'SEC-05' })).toEqual([503])
    expect(seqs({ text: '#21 invite' })).toEqual([500])
    expect(seqs({ text: 'unregistered lost' })).toEqual([])
  })

  it('keeps failed and lost ones, and warnings not', () => {
    expect(seqs({ failuresOnly: true })).toEqual([313, 503, 505])
  })

  it('shows any of the chosen carriers', () => {
    expect(seqs({ carriers: new Set(['LPNS', 'device']) })).toEqual([313, 317])
  })

  it('takes a node for all its services, but not for another node whose name begins alike', () => {
    expect(seqs({ place: 'ucm-sub1', carriers: new Set(['CPNS']) })).toEqual([312, 501])
    expect(seqs({ place: 'ucm-sub' })).toEqual([])
    expect(seqs({ place: 'ucm-sub1/CPNS', flow: 18 })).toEqual([312, 314])
  })

  it('asks the lab a question that its own schema accepts, and does the rest itself', () => {
    const filter = {
      ...NO_FILTER,
      text: ` ${'x'.repeat(300)} `,
      flow: 18,
      place: 'ana-iphone',
      carriers: new Set(['SIP', 'LPNS'] as const),
      failuresOnly: true,
    }
    const query = queryOf(filter, 400, 500)
    expect(eventFilter.safeParse(query.filter).success).toBe(true)
    expect(query).toMatchObject({ before: 400, limit: 500, filter: { flow: 18, place: 'ana-iphone' } })
    expect(query.filter).not.toHaveProperty('carrier')
    expect(queryOf({ ...NO_FILTER, carriers: new Set(['SIP']) }, undefined, 10)).toEqual({ filter: { carrier: 'SIP' }, limit: 10 })
    expect(afterQuery(filter)).toEqual({ ...NO_FILTER, carriers: filter.carriers, failuresOnly: true })
  })

  it('finds a number in the list by halving', () => {
    for (const event of events) expect(events[indexOfSeq(events, event.seq)]).toBe(event)
    expect(indexOfSeq(events, 0)).toBe(0)
    expect(indexOfSeq(events, 9_999)).toBe(events.length)
  })
})
