import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { CLOCK_END_MS, MAX_PENDING_TASKS, VirtualClock } from '../../core/engine/virtualClock.ts'

/** Schedules tasks that note their name, and runs everything. */
function order(plan: (clock: VirtualClock, note: (name: string) => () => void) => void): string[] {
  const clock = new VirtualClock()
  const ran: string[] = []
  plan(clock, (name) => () => void ran.push(`${name}@${clock.now()}`))
  clock.runUntil(1_000_000)
  return ran
}

describe('the order of a virtual clock', () => {
  it('[DEC-25] runs what arrives before the timers of the same millisecond, whichever was made first', () => {
    const ran = order((clock, note) => {
      clock.schedule(13_000, note('13 s drop'), 'drop')
      clock.schedule(13_000, note('200 OK'), 'arrival', 'arrival')
      clock.schedule(12_999, note('earlier timer'), 'timer')
      clock.schedule(13_001, note('too late'), 'arrival', 'arrival')
    })
    expect(ran).toEqual(['earlier timer@12999', '200 OK@13000', '13 s drop@13000', 'too late@13001'])
  })

  it('[DEC-35] orders equal instants and ranks by creation', () => {
    const ran = order((clock, note) => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) clock.schedule(5, note(name), name)
      for (const name of ['x', 'y', 'z']) clock.schedule(5, note(name), name, 'arrival')
    })
    expect(ran).toEqual(['x@5', 'y@5', 'z@5', 'a@5', 'b@5', 'c@5', 'd@5', 'e@5'])
  })

  it('[DEC-25] what is scheduled with delay 0 runs in the same instant: an arrival before the timers that wait, a timer after them', () => {
    const ran = order((clock, note) => {
      clock.schedule(
        10,
        () => {
          note('first')()
          clock.schedule(0, note('timer made now'), 'timer')
          clock.schedule(0, note('arrival made now'), 'arrival', 'arrival')
        },
        'first',
      )
      clock.schedule(10, note('waiting timer'), 'timer')
    })
    expect(ran).toEqual(['first@10', 'arrival made now@10', 'waiting timer@10', 'timer made now@10'])
  })

  it('[DEC-35] agrees with a plain sort for any set of tasks, with any of them cancelled', () => {
    const task = fc.record({ at: fc.nat(50), arrival: fc.boolean(), cancel: fc.boolean() })
    fc.assert(
      fc.property(fc.array(task, { maxLength: 300 }), (tasks) => {
        const clock = new VirtualClock()
        const ran: number[] = []
        const timers = tasks.map((each, index) =>
          clock.schedule(each.at, () => void ran.push(index), 'task', each.arrival ? 'arrival' : 'timer'),
        )
        tasks.forEach((each, index) => each.cancel && timers[index]?.cancel())
        const live = tasks.map((each, index) => ({ ...each, index })).filter((each) => !each.cancel)
        expect(clock.pending).toBe(live.length)
        expect(clock.runUntil(50)).toBe(live.length)
        const sorted = live.toSorted((a, b) => a.at - b.at || Number(b.arrival) - Number(a.arrival) || a.index - b.index)
        expect(ran).toEqual(sorted.map((each) => each.index))
        expect(clock.now()).toBe(50)
        expect(clock.pending).toBe(0)
      }),
    )
  })
})

describe('time of a virtual clock', () => {
  it('[DEC-35] stands exactly at the task that runs, and at the goal when nothing more is due', () => {
    const clock = new VirtualClock()
    const seen: number[] = []
    clock.schedule(4_999, () => void seen.push(clock.now()), 'a')
    clock.schedule(5_000, () => void seen.push(clock.now()), 'b')
    expect(clock.runUntil(4_999)).toBe(1)
    expect(clock.now()).toBe(4_999)
    expect(clock.step(4_999)).toBe(false)
    expect(clock.step(5_000)).toBe(true)
    expect(seen).toEqual([4_999, 5_000])
    expect(clock.next()).toBeNull()
    clock.runUntil(60_000)
    expect(clock.now()).toBe(60_000)
    expect(clock.tasks).toBe(2)
  })

  it('[DEC-35] never jumps over a task, and never goes back', () => {
    const clock = new VirtualClock()
    clock.schedule(100, () => undefined, 'ring-back')
    clock.advance(100)
    expect(() => clock.advance(101)).toThrow('"ring-back" is due at 100 ms, before 101 ms')
    clock.advance(50)
    expect(clock.now()).toBe(100)
  })

  it('a cancelled task never runs, and cancelling twice or after it ran changes nothing', () => {
    const clock = new VirtualClock()
    let runs = 0
    const gone = clock.schedule(10, () => runs++, 'gone')
    const ran = clock.schedule(5, () => runs++, 'ran')
    clock.schedule(20, () => runs++, 'stays')
    clock.runUntil(5)
    gone.cancel()
    gone.cancel()
    ran.cancel()
    expect(clock.pending).toBe(1)
    expect(clock.next()).toEqual({ at: 20, label: 'stays' })
    clock.runUntil(100)
    expect(runs).toBe(2)
  })

  it('a task can cancel one that is due in the same instant', () => {
    const clock = new VirtualClock()
    const ran: string[] = []
    clock.schedule(
      7,
      () => {
        ran.push('answer')
        deadline.cancel()
      },
      'answer',
      'arrival',
    )
    const deadline = clock.schedule(7, () => void ran.push('deadline'), 'deadline')
    clock.runUntil(7)
    expect(ran).toEqual(['answer'])
  })
})

describe('limits of a virtual clock', () => {
  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, CLOCK_END_MS + 1])('refuses a delay of %d ms and names the task', (delayMs) => {
    const clock = new VirtualClock()
    expect(() => clock.schedule(delayMs, () => undefined, 'renew access token')).toThrow(RangeError)
    expect(() => clock.schedule(delayMs, () => undefined, 'renew access token')).toThrow('renew access token')
    expect(clock.pending).toBe(0)
  })

  it('takes a task at its very end', () => {
    const clock = new VirtualClock()
    let ran = false
    clock.schedule(CLOCK_END_MS, () => (ran = true), 'last')
    clock.runUntil(CLOCK_END_MS)
    expect(ran).toBe(true)
    clock.advance(CLOCK_END_MS + 5)
    expect(clock.now()).toBe(CLOCK_END_MS)
  })

  it('sweeps cancelled tasks: setting and cancelling for ever never fills it', () => {
    const clock = new VirtualClock()
    let ran = 0
    clock.schedule(2, () => ran++, 'stays')
    for (let i = 0; i <= MAX_PENDING_TASKS; i++) clock.schedule(1 + (i % 7), () => ran++, 'deadline').cancel()
    expect(clock.pending).toBe(1)
    clock.runUntil(10)
    expect(ran).toBe(1)
  })

  it('keeps the order of what is left after a sweep', () => {
    const clock = new VirtualClock()
    const ran: number[] = []
    const timers = Array.from({ length: 20_000 }, (_, i) => clock.schedule((i * 7_919) % 1_000, () => void ran.push(i), 'task'))
    timers.forEach((timer, i) => i % 10 !== 0 && timer.cancel())
    expect(clock.pending).toBe(2_000)
    clock.runUntil(1_000)
    const expected = Array.from({ length: 2_000 }, (_, i) => i * 10).toSorted(
      (a, b) => ((a * 7_919) % 1_000) - ((b * 7_919) % 1_000) || a - b,
    )
    expect(ran).toEqual(expected)
  })
})
