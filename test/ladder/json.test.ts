import { describe, expect, it } from 'vitest'
import { LADDER_JSON_VERSION, MODELLED_NOTE, ladderJson } from '../../core/ladder/index.ts'
import { droppedLadder, exampleLadder } from './exampleLadder.ts'

describe('a ladder as JSON', () => {
  it('says its format and version, the run, and that formats are modelled', () => {
    const document = JSON.parse(ladderJson(exampleLadder(), { title: 'First call', seed: 7 }))
    expect(document).toMatchObject({
      format: 'push-lab-ladder',
      version: LADDER_JSON_VERSION,
      run: { title: 'First call', seed: 7 },
      note: MODELLED_NOTE,
      complete: true,
    })
    expect(JSON.parse(ladderJson(exampleLadder())).run).toBeNull()
  })

  it('[SEC-06] holds every hop with times in milliseconds and its tracking ID or null', () => {
    const ladder = exampleLadder()
    const { hops } = JSON.parse(ladderJson(ladder))
    expect(hops).toHaveLength(ladder.hops.length)
    expect(hops[2]).toEqual({
      seq: 313,
      sentAtMs: 194_304,
      atMs: 196_304,
      from: 'ucm-sub1/CallManager',
      to: 'ana-iphone',
      carrier: 'LPNS',
      message: 'push voip, sealed 312 B',
      outcome: 'no answer, half-open socket',
      status: 'lost',
      why: 'LPNS-12',
      tracking: ladder.flow.tracking[0],
    })
    expect(hops[0].tracking).toBeNull()
  })

  it('holds cause, timers and pushes of a call that was dropped', () => {
    const document = JSON.parse(ladderJson(droppedLadder()))
    expect(document.flow).toMatchObject({ state: 'dropped', offeredAtMs: null, cause: { seq: 503, why: 'SEC-05' } })
    expect(document.timers[1]).toMatchObject({ dueAtMs: 313_004, endedAtMs: 313_004, fired: true, why: 'CALL-03' })
    expect(document.pushes[0]).toMatchObject({ state: 'failed', reason: '410 Unregistered' })
  })

  it('is the same byte for byte whatever the order of keys it was made from', () => {
    const ladder = exampleLadder()
    const turned = {
      ...ladder,
      flow: Object.fromEntries(Object.entries(ladder.flow).toReversed()) as typeof ladder.flow,
      hops: ladder.hops.map((hop) => Object.fromEntries(Object.entries(hop).toReversed()) as typeof hop),
    }
    expect(ladderJson(turned)).toBe(ladderJson(ladder))
  })

  it('keeps hostile names as data', () => {
    const ladder = exampleLadder()
    ladder.hops[0]!.message = '"},\u0000</script>\u2028'
    expect(JSON.parse(ladderJson(ladder)).hops[0].message).toBe('"},\u0000</script>\u2028')
  })
})
