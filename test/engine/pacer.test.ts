import { describe, expect, it } from 'vitest'
import { MAX_SPEED, Pacer, type Paced } from '../../core/engine/pacer.ts'
import { VirtualClock } from '../../core/engine/virtualClock.ts'

/** A run that notes when what it does is due; `everyMs` apart, for ever or up to `count`. */
function run(everyMs: number, count = Number.POSITIVE_INFINITY): Paced & { done: number[]; clock: VirtualClock } {
  const clock = new VirtualClock()
  const done: number[] = []
  const tick = (): void => {
    done.push(clock.now())
    if (done.length < count) clock.schedule(everyMs, tick, 'tick')
  }
  clock.schedule(everyMs, tick, 'tick')
  return {
    done,
    clock,
    get now() {
      return clock.now()
    },
    nextAt: () => clock.next()?.at ?? null,
    stepOnce: (limitMs) => clock.step(Math.min(limitMs, Number.MAX_SAFE_INTEGER)),
    advance: (atMs) => clock.advance(atMs),
  }
}

const never = (): boolean => false

/** A turn that may look at the clock `looks` times before it has to end. */
const share = (looks: number): (() => boolean) => {
  let left = looks
  return () => --left < 0
}

describe('a paused pacer', () => {
  it('does nothing, however much time passes', () => {
    const pacer = new Pacer()
    const paced = run(10)
    expect(pacer.pump(paced, 5_000, never)).toBeNull()
    expect(paced.done).toEqual([])
    expect(paced.now).toBe(0)
  })

  it('says why it paused', () => {
    const pacer = new Pacer()
    pacer.pause('Stopped.')
    expect(pacer).toMatchObject({ mode: 'paused', stoppedBecause: 'Stopped.', goal: null })
  })
})

describe('a running pacer', () => {
  it('keeps pace with the wall at speed 1, and stands between two things', () => {
    const pacer = new Pacer()
    const paced = run(100)
    pacer.run(1_000, paced)
    expect(pacer.pump(paced, 1_000, never)).toBe(100)
    expect(pacer.pump(paced, 1_099, never)).toBe(1)
    expect(paced.done).toEqual([])
    expect(paced.now).toBe(99)
    expect(pacer.pump(paced, 1_100, never)).toBe(100)
    expect(paced.done).toEqual([100])
    pacer.pump(paced, 1_350, never)
    expect(paced.done).toEqual([100, 200, 300])
    expect(paced.now).toBe(350)
  })

  it.each([
    [0.5, 1_000, 500],
    [10, 1_000, 10_000],
    [0.01, 1_000, 10],
  ])('at speed %d covers in %d ms of wall time %d ms', (speed, wallMs, simMs) => {
    const pacer = new Pacer()
    const paced = run(1_000_000)
    pacer.setSpeed(speed, 0, paced)
    pacer.run(0, paced)
    const restMs = pacer.pump(paced, wallMs, never)
    expect(paced.now).toBe(simMs)
    expect(restMs).toBe((1_000_000 - simMs) / speed)
  })

  it('a change of speed jumps nowhere', () => {
    const pacer = new Pacer()
    const paced = run(1_000_000)
    pacer.run(0, paced)
    pacer.pump(paced, 400, never)
    pacer.setSpeed(10, 400, paced)
    expect(paced.now).toBe(400)
    pacer.pump(paced, 500, never)
    expect(paced.now).toBe(1_400)
  })

  it('holds its speed between its limits', () => {
    const pacer = new Pacer()
    const paced = run(10)
    pacer.setSpeed(0, 0, paced)
    expect(pacer.speed).toBe(0.01)
    pacer.setSpeed(MAX_SPEED + 1, 0, paced)
    expect(pacer.speed).toBe(MAX_SPEED)
  })

  it('with more to do than its turn allows stops, goes on at once, and does not try to catch up', () => {
    const pacer = new Pacer()
    const paced = run(1)
    pacer.run(0, paced)
    expect(pacer.pump(paced, 10_000, share(2))).toBe(0)
    expect(paced.now).toBeGreaterThanOrEqual(256)
    expect(paced.now).toBeLessThan(1_024)
    const stoppedAt = paced.now
    pacer.pump(paced, 10_100, never)
    expect(paced.now).toBe(stoppedAt + 100)
  })

  it('with nothing scheduled lets time pass and waits for nobody', () => {
    const pacer = new Pacer()
    const paced = run(10, 1)
    pacer.run(0, paced)
    expect(pacer.pump(paced, 500, never)).toBeNull()
    expect(paced.now).toBe(500)
    expect(pacer.mode).toBe('running')
  })
})

describe('an express pacer', () => {
  it('runs to the end without looking at the wall, and says that nothing more is scheduled', () => {
    const pacer = new Pacer()
    const paced = run(60_000, 1_000)
    pacer.express()
    expect(pacer.pump(paced, 0, never)).toBeNull()
    expect(paced.done.length).toBe(1_000)
    expect(paced.now).toBe(60_000_000)
    expect(pacer).toMatchObject({ mode: 'paused', stoppedBecause: 'Nothing more is scheduled.' })
  })

  it('gives way when its turn is over, and goes on in the next', () => {
    const pacer = new Pacer()
    const paced = run(1, 2_000)
    pacer.express()
    expect(pacer.pump(paced, 0, share(0))).toBe(0)
    expect(paced.done.length).toBe(256)
    expect(pacer.mode).toBe('express')
    while (pacer.pump(paced, 0, share(0)) === 0);
    expect(paced.done.length).toBe(2_000)
  })

  it('turned back to a speed runs on from where it stands', () => {
    const pacer = new Pacer()
    const paced = run(1, 5_000)
    pacer.express()
    pacer.pump(paced, 0, share(0))
    const at = paced.now
    pacer.setSpeed(2, 100, paced)
    expect(pacer.mode).toBe('running')
    pacer.pump(paced, 110, never)
    expect(paced.now).toBe(at + 20)
  })
})

describe('a pacer with a goal', () => {
  it('stops exactly at a moment, with everything of that moment done and nothing after it', () => {
    const pacer = new Pacer()
    const paced = run(500)
    pacer.until({ text: 'until a moment', at: 1_250, reached: never }, paced)
    expect(pacer.pump(paced, 0, never)).toBeNull()
    expect(paced.now).toBe(1_250)
    expect(paced.done).toEqual([500, 1_000])
    pacer.until({ text: 'until a moment', at: 1_500, reached: never }, paced)
    pacer.pump(paced, 0, never)
    expect(paced.done).toEqual([500, 1_000, 1_500])
    expect(pacer).toMatchObject({ mode: 'paused', stoppedBecause: '' })
  })

  it('stops at the very step that reaches it, and says so', () => {
    const pacer = new Pacer()
    const paced = run(10)
    pacer.until({ text: 'Stopped at a matching event.', at: null, reached: () => paced.done.length === 3 }, paced)
    pacer.pump(paced, 0, never)
    expect(paced.now).toBe(30)
    expect(pacer).toMatchObject({ mode: 'paused', stoppedBecause: 'Stopped at a matching event.' })
  })

  it('that never comes ends with the run, and says that it did not come', () => {
    const pacer = new Pacer()
    const paced = run(10, 5)
    pacer.until({ text: 'x', at: null, reached: never }, paced)
    pacer.pump(paced, 0, never)
    expect(pacer.stoppedBecause).toBe('Nothing more happens, and what was waited for did not come.')
  })

  it('tells its progress, which only a moment has', () => {
    const pacer = new Pacer()
    const paced = run(1)
    paced.clock.runUntil(100)
    pacer.until({ text: 'x', at: 612, reached: never }, paced)
    expect(pacer.progress(paced)).toBe(0)
    pacer.pump(paced, 0, share(0))
    expect(pacer.progress(paced)).toBe(0.5)
    pacer.until({ text: 'x', at: null, reached: never }, paced)
    expect(pacer.progress(paced)).toBe(0)
  })
})
