import { describe, expect, it } from 'vitest'
import { drawHop } from '../../../renderer/views/flow/drawnHop.ts'
import { layoutLadder } from '../../../renderer/views/flow/geometry.ts'
import { headingOf } from '../../../renderer/views/flow/words.ts'
import { exampleLadder } from '../../ladder/exampleLadder.ts'

const ladder = exampleLadder()
const layout = layoutLadder(ladder, { width: 900, gutter: 80, minPitch: 100 })
const words = { label: (place: string) => place, time: (at: number) => `${at} ms`, rule: (why: string) => `rule ${why}` }
const draw = (pick: (hop: (typeof ladder.hops)[number]) => boolean, real = false, tellTime = false) => {
  const hop = ladder.hops.find(pick)!
  return { hop, drawn: drawHop(hop, layout, words, { real, tellTime }) }
}

describe('a hop as it is drawn', () => {
  it('writes message and outcome over the middle of its arrow, and the rule into its tooltip', () => {
    const { hop, drawn } = draw((one) => one.status === 'ok' && one.from !== one.to)
    expect(drawn.message).toMatchObject({ anchor: 'middle', x: drawn.outcome.x })
    expect(drawn).toMatchObject({ bad: false, self: false, time: `${hop.at} ms` })
    expect(drawn.title).toContain(`rule ${hop.why}`)
    expect(drawn.title).not.toContain('real socket')
  })

  it('a lost one is bad, in the colour of what is bad, and said to be lost', () => {
    const { drawn } = draw((one) => one.status === 'lost')
    expect(drawn).toMatchObject({ bad: true, colour: 'var(--bad)' })
    expect(drawn.outcome.text).toMatch(/^✖ lost/)
    expect(drawn.spoken).toContain('lost')
  })

  it('tells how long it took where that is asked for, and in the tooltip always', () => {
    const pick = (one: (typeof ladder.hops)[number]) => one.at > one.sentAt && one.from !== one.to
    expect(draw(pick, false, true).drawn.outcome.text).toContain(' · ')
    expect(draw(pick).drawn.outcome.text).not.toContain(' · ')
    expect(draw(pick).drawn.title).toContain('\ntook ')
  })

  it('[NET-01] says once that it went over a real socket, also to those who do not see the pipe', () => {
    const { hop, drawn } = draw((one) => one.status === 'ok', true)
    expect(drawn.title).toContain('\nover a real socket\n')
    expect(drawn.spoken.match(/over a real socket/g)).toHaveLength(1)
    const told = drawHop({ ...hop, outcome: '200 over a real socket' }, layout, words, { real: true, tellTime: false })
    expect(told.spoken.match(/over a real socket/g)).toHaveLength(1)
  })
})

describe('the head of a column', () => {
  it('has two lines where the name has two parts, and short words where there is little room', () => {
    expect(headingOf({ id: 'ana-iphone', label: 'Ana · iPhone' }, false)).toEqual(['Ana', 'iPhone'])
    expect(headingOf({ id: 'ucm-sub1/CallManager', label: 'ucm-sub1 CallManager' }, false)).toEqual(['ucm-sub1', 'CallManager'])
    expect(headingOf({ id: 'ucm-sub1/CallManager', label: 'ucm-sub1 CallManager' }, true)).toEqual(['ucm-sub1', 'CM'])
    expect(headingOf({ id: 'push-rest', label: 'Push REST' }, false)).toEqual(['Push REST', ''])
  })
})
