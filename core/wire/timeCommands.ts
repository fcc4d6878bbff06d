/** Commands that steer the time of the run in view. */
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { goalOf } from '../goals.ts'
import { busy, CANCELLED, type Host } from './host.ts'

/** Tasks that one step may pass over in silence. */
const STEP_TASKS = 100_000

export type TimeCommandName = Extract<keyof typeof handlers, string>

export const isTimeCommand = (name: string): name is TimeCommandName => Object.hasOwn(handlers, name)

export function timeCommand<N extends TimeCommandName>(host: Host, name: N, args: HostCommandArgs<N>): Reply | Promise<Reply> {
  return (handlers[name] as (host: Host, args: HostCommandArgs<N>) => Reply | Promise<Reply>)(host, args)
}

const handlers = {
  'time.run': (host: Host) => pace(host, () => host.pacer.run(performance.now(), host.current.run)),
  'time.pause': (host: Host) => pace(host, () => host.pacer.pause()),
  'time.step': (host: Host) => pace(host, () => step(host)),
  'time.speed': (host: Host, { speed }: HostCommandArgs<'time.speed'>) =>
    pace(host, () => host.pacer.setSpeed(speed, performance.now(), host.current.run)),
  'time.express': (host: Host) => pace(host, () => host.pacer.express()),
  'time.until': until,
  'time.seek': (host: Host, { at }: HostCommandArgs<'time.seek'>) => new Promise<Reply>((resolve) => seek(host, at, resolve)),
  'time.fork': fork,
  'time.cancel'(host: Host): Reply {
    if (!host.stopJob(CANCELLED)) host.pacer.pause('Stopped.')
    return ok({})
  },
}

function pace({ job }: Host, act: () => void): Reply {
  if (job) return busy(job)
  act()
  return ok({})
}

/** One step is one hop: what happens silently between two hops is no step for a person. */
function step({ pacer, current: { run } }: Host): void {
  pacer.pause()
  const before = run.lab.world.log.total
  let tasks = 0
  while (run.lab.world.log.total === before && tasks++ < STEP_TASKS) {
    if (!run.stepOnce(Number.MAX_SAFE_INTEGER)) {
      pacer.pause('Nothing more is scheduled.')
      return
    }
  }
}

function until({ job, pacer, current: { run } }: Host, goal: HostCommandArgs<'time.until'>): Reply {
  if (job) return busy(job)
  const made = goalOf(run.lab.world, goal)
  if (typeof made === 'string') return failure('refused', made)
  pacer.until(made, run)
  return ok({})
}

function fork(host: Host): Reply {
  if (host.job) return busy(host.job)
  const dropped = host.current.run.fork()
  host.keepRun()
  return ok({ dropped })
}

export function seek(host: Host, atMs: number, done: (reply: Reply) => void): void {
  if (host.job) return done(busy(host.job))
  host.pacer.pause()
  const seeking = host.current.run.seek(atMs)
  host.begin({
    text: 'going to a moment',
    at: atMs,
    progress: seeking.progress,
    step: seeking.stepSome,
    done: () => {
      seeking.finish()
      host.jumped()
      done(ok({}))
    },
    stopped: done,
  })
}
