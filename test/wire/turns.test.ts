/** How long one turn of the lab is, with a clock and a lab of the test's own. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pacer } from '../../core/engine/pacer.ts'
import type { Current } from '../../core/wire/host.ts'
import { Turns } from '../../core/wire/turns.ts'

const STEP_US = 100
/** Steps between two looks at the clock. */
const LOOK = 256

let nowMs = 0
let turns: Turns | null = null

beforeEach(() => {
  nowMs = 1_000
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
})
afterEach(() => {
  turns?.end()
  vi.restoreAllMocks()
})

/** A lab with so many steps to do at each of its milliseconds, each of which takes 0.1 ms; this part of them writes to a client. */
function lab(o: { perMs: number; untilMs: number; writes: number }): { done: () => number; ends: number[] } {
  let done = 0
  let virtual = 0
  const next = (): number | null => (done < o.perMs * o.untilMs ? Math.floor(done / o.perMs) : null)
  const run = {
    get now() {
      return virtual
    },
    end: 0,
    lab: { unsettled: false, world: { clock: { next: () => null } } },
    nextAt: next,
    stepOnce(limitMs: number) {
      const at = next()
      if (at === null || at > limitMs) return false
      virtual = at
      done++
      nowMs += STEP_US / 1_000
      return true
    },
    advance(atMs: number) {
      virtual = Math.max(virtual, atMs)
    },
  }
  const current = { run } as unknown as Current
  const pacer = new Pacer()
  const ends: number[] = []
  turns = new Turns({
    current: () => current,
    pacer,
    file: null,
    batcher: { flush: () => undefined, idle: true, wanted: false },
    attachment: { open: true },
    // Sockets are read between two turns: what was done by then is what their clients had to wait for.
    sockets() {
      ends.push(done)
      return false
    },
    written: () => Math.floor(done * o.writes),
    log: (line) => {
      throw new Error(line)
    },
  })
  pacer.run(nowMs, run)
  return { done: () => done, ends }
}

const turned = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('a turn', () => {
  it('ends after 8 ms, so that windows and sockets get theirs, also when a few real clients are among those it rings', async () => {
    const { ends } = lab({ perMs: 5_000, untilMs: 1, writes: 0.19 })
    turns!.wake()
    await turned()
    expect(ends).toEqual([LOOK])
    await turned()
    expect(ends).toEqual([LOOK, 2 * LOOK])
  })

  it('that writes to real clients goes on until all is written: nobody waits for the responses of others', async () => {
    const { ends } = lab({ perMs: 9_000, untilMs: 1, writes: 0.21 })
    turns!.wake()
    await turned()
    expect(ends).toEqual([9_000])
  })

  it('takes in what comes due while it writes', async () => {
    const { ends } = lab({ perMs: 250, untilMs: 30, writes: 0.21 })
    nowMs += 1
    turns!.wake()
    await turned()
    expect(ends).toEqual([250 * 30])
  })

  it('that writes ends after a second all the same', async () => {
    const { ends } = lab({ perMs: 20_000, untilMs: 1, writes: 0.21 })
    turns!.wake()
    await turned()
    expect(ends).toEqual([Math.ceil(1_000_000 / STEP_US / LOOK) * LOOK])
  })
})
