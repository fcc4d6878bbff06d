import { describe, expect, it } from 'vitest'
import { MODELLED_NOTE, ladderText } from '../../core/ladder/index.ts'
import { TRACKING, droppedLadder, exampleLadder, flowRow, hopsOf } from './exampleLadder.ts'

const linesOf = (text: string): string[] => text.split('\n')
const RUN = { title: 'First call', seed: 7 }

/** The three lines of the hop whose message is `message`: message, arrow, outcome. */
const arrowOf = (text: string, message: string): [string, string, string] => {
  const lines = linesOf(text)
  const at = lines.findIndex((line) => line.includes(message))
  return [lines[at] ?? '', lines[at + 1] ?? '', lines[at + 2] ?? '']
}

describe('a ladder as text', () => {
  it('[CALL-01, SEC-06] names flow, state, times and tracking ID at the top', () => {
    const head = ladderText(exampleLadder(), RUN).split('\n\n')[0] ?? ''
    expect(head).toContain('#18 Call Okafor → Ana')
    expect(head).toMatch(/^State +answered$/m)
    expect(head).toMatch(/^Tracking +CPNS_4c1e77a0/m)
    expect(head).toContain('started 00:03:14.301, push 00:03:14.304, offered 2.820 s after the push, answered 5.356 s after the push')
    expect(head).toContain(TRACKING)
  })

  it('[CALL-14] says what was left of the 13 s, to the millisecond, and the time of each hop', () => {
    const text = ladderText(exampleLadder())
    expect(text).toContain('offered with 10.180 s of the 13 s left')
    expect(arrowOf(text, 'REGISTER')[2]).toContain('[FO-04, 18 ms]')
    expect(ladderText(exampleLadder({ flow: flowRow({ offeredAt: 207_303 }) }))).toContain('offered with 1 ms of the 13 s left')
  })

  it('[CALL-03] says that the budget is used up when the drop timer fired', () => {
    const text = ladderText(droppedLadder())
    expect(text).toContain('all of the 13 s used up: not offered in time')
    expect(text).toMatch(/First cause +APNs refused the push token: 410 Unregistered \[SEC-05\]/)
    expect(text).toContain('00:05:13.004')
    expect(text).toContain('] timer fired after 13 s: INVITE held, drop [CALL-03]')
  })

  it('draws an arrow from lifeline to lifeline, pointing the way it went', () => {
    const text = ladderText(exampleLadder())
    const [above, forward] = arrowOf(text, 'INVITE 5012')
    expect(above.startsWith('00:03:14.301')).toBe(true)
    expect(forward).toMatch(/\|-+ SIP -+>\|/)
    expect(arrowOf(text, 'REGISTER')[1]).toMatch(/\|<-+ SIP -+\|/)
  })

  it('keeps every lifeline in its column on every line that does not write over it', () => {
    const lines = linesOf(ladderText(exampleLadder()))
    const bare = lines.find((line) => /^ +\|( +\|){5}$/.test(line)) ?? ''
    const columns = [...bare.matchAll(/\|/g)].map((match) => match.index)
    expect(columns).toHaveLength(6)
    const [first, second] = columns as [number, number]
    for (const line of lines.filter((line) => / SIP | CPNS -| HTTPS /.test(line))) {
      expect([line[first], line[second]]).toEqual(['|', '|'])
    }
  })

  it('ends a lost arrow before its target and crosses out a refused one at it', () => {
    const lost = arrowOf(ladderText(exampleLadder()), 'push voip, sealed 312 B')
    expect(lost[1]).toMatch(/- - .*x {3,}\|/)
    expect(lost[2]).toContain('lost: no answer, half-open socket')
    const refused = arrowOf(ladderText(droppedLadder()), 'POST /3/device/77b0')
    expect(refused[1]).toMatch(/APNs -+X\|/)
    expect(refused[2]).toContain('failed: 410 Unregistered [SEC-05, 89 ms]')
  })

  it('marks what happened at one place with a star and draws no arrow', () => {
    const [line, next] = arrowOf(ladderText(exampleLadder()), 'CallKit: Dr. Okafor')
    expect(line).toMatch(/\(device\) +\*$/)
    expect(next).toContain('shown on the lock screen [CALL-07]')
    expect(line + next).not.toMatch(/[<>]/)
  })

  it('lists timers where they start and end, arrivals before timers at equal instants (DEC-25)', () => {
    const lines = linesOf(ladderText(exampleLadder()))
    const start = lines.findIndex((line) => line.includes('[ timer starts: INVITE held, drop, due 00:03:27.304'))
    const end = lines.findIndex((line) => line.includes('] timer stopped after 2.820 s, 10.180 s left: INVITE held, drop'))
    const invite = lines.findIndex((line) => line.includes('offered at 2.82 s'))
    expect(start).toBeGreaterThan(0)
    expect(end).toBeGreaterThan(invite)
    expect(invite).toBeGreaterThan(start)
  })

  it('[DEC-34] names the run at the bottom and labels the modelled formats', () => {
    const text = ladderText(exampleLadder(), RUN)
    expect(text).toContain('Run: First call, seed 7')
    expect(text.trimEnd().endsWith(MODELLED_NOTE)).toBe(true)
    expect(ladderText(exampleLadder())).not.toContain('Run:')
  })

  it('says when the first hops are gone, and which flow it belongs to', () => {
    const text = ladderText(exampleLadder({ cut: true, flow: flowRow({ linkedTo: 17 }) }))
    expect(text).toContain('the first hops are no longer kept')
    expect(text).toMatch(/Belongs to +#17/)
  })

  it('prints no character that moves a cursor, breaks a line or turns the reading direction', () => {
    const evil = '\u001b[2J\u0007\r\nBob\u202e\u2028\u0000'
    const text = ladderText(
      exampleLadder({
        flow: flowRow({ title: evil, from: evil, to: evil, cause: evil, tracking: [evil] }),
        places: [{ id: 'okafor-desk', label: evil, node: '' }],
        hops: hopsOf(1, 1, [[0, 1, 'okafor-desk', evil, 'SIP', evil, evil, 'ok', evil]]),
      }),
      { title: evil, seed: null },
    )
    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029\u2066-\u2069]/)
    // Every line break is ours: a hostile one adds none.
    const calm = ladderText(
      exampleLadder({
        flow: flowRow({ title: 'x', from: 'x', to: 'x', cause: 'x', tracking: ['x'] }),
        places: [{ id: 'okafor-desk', label: 'x', node: '' }],
        hops: hopsOf(1, 1, [[0, 1, 'okafor-desk', 'x', 'SIP', 'x', 'x', 'ok', 'x']]),
      }),
      { title: 'x', seed: null },
    )
    expect(linesOf(text).length).toBeLessThanOrEqual(linesOf(calm).length + 2)
  })

  it('keeps lifelines straight beside names in wide scripts', () => {
    const ladder = exampleLadder()
    ladder.hops = hopsOf(1, 1, [[0, 1, 'push-rest', 'apns', 'APNs', '陈的手机', '200', 'ok', 'CN-01']])
    const [above] = arrowOf(ladderText(ladder), '陈的手机')
    const [, arrow] = arrowOf(ladderText(ladder), '陈的手机')
    // Four characters of two cells each: the line is four characters shorter up to the last lifeline.
    expect(above.lastIndexOf('|')).toBe(arrow.lastIndexOf('|') - 4)
  })

  it('draws arrows to places that the columns forgot, and an empty ladder', () => {
    const ladder = exampleLadder({ places: [] })
    expect(ladderText(ladder)).toContain('ana-iphone')
    const empty = ladderText(exampleLadder({ hops: [], bars: [], places: [], pushes: [] }), RUN)
    expect(empty).toContain('#18')
    expect(empty).toContain('seed 7')
  })
})
