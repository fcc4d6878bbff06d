/**
 * What holds a lab to the present while something real is attached to it: clients of local push, the clouds on real
 * sockets, or both. What arrives there becomes inputs of the run, so that it can be given again without sockets (DEC-35).
 */
import type { LabCommandInput, WireInput } from '../contract/commands.ts'
import { failure, type Failure, type Reply } from '../contract/door.ts'
import { inputLine, type TimedInput } from '../engine/journal.ts'
import type { Host } from './host.ts'
import { MAX_INPUT_BYTES, MAX_INPUTS } from './runFile.ts'

/** Inputs that a run keeps free for its person while something real is attached. */
export const INPUTS_RESERVED = 1_000

/** Nothing may move the lab away from the present of the wall clock meanwhile. */
const PINNED = new Set<string>([
  'time.pause',
  'time.step',
  'time.speed',
  'time.express',
  'time.until',
  'time.seek',
  'time.fork',
  'lab.open',
  'lab.restart',
  'journal.import',
])

/** How a run with something real attached goes on in the lab host. */
export type WireHost = Host & {
  /** Brings the run to the present of the wall clock; false when the lab stopped on the way. */
  catchUp(): boolean
  /** After an arrival: sees to it that what follows from it happens in time. */
  settle(): void
  /** Keeps a line of the run; written some turns later. */
  keepLater(line: string): void
}

export type AttachedBy = 'wire' | 'clouds'

const WORDS: Record<AttachedBy, { what: string; close: string }> = {
  wire: { what: 'real clients are attached', close: 'wire.close' },
  clouds: { what: 'the clouds are open on real sockets', close: 'clouds.close' },
}

export class Attachment {
  private readonly host: WireHost
  private readonly maxInputs: number
  /** In the order in which they came; each with what ends it. */
  private readonly by = new Map<AttachedBy, (reason: string) => void>()
  private bytes = 0

  /** `maxInputs`: what the journal of a run may hold. */
  constructor(host: WireHost, maxInputs = MAX_INPUTS) {
    this.host = host
    this.maxInputs = maxInputs
  }

  get open(): boolean {
    return this.by.size > 0
  }

  /**
   * From here the run goes on by itself: what was recorded ahead is dropped, what a crash left open is ended, and
   * the lab follows the wall clock. `end` is called when the run cannot take any more.
   */
  attach(by: AttachedBy, end: (reason: string) => void): void {
    const first = !this.open
    this.by.set(by, end)
    if (!first) return
    const { run } = this.host.current
    run.fork()
    this.host.keepRun()
    this.bytes = run.lab.inputs.reduce((sum, made) => sum + inputLine(made).length + 1, 0)
    this.endLeftOpen()
  }

  /** The lab is at the wall clock's speed from now on. */
  follow(): void {
    const { pacer, current } = this.host
    pacer.setSpeed(1, performance.now(), current.run)
    pacer.run(performance.now(), current.run)
  }

  detach(by: AttachedBy): void {
    this.by.delete(by)
  }

  /** A record that ends while sockets were open (a crash, a kill): they are gone. */
  endLeftOpen(): void {
    const { inputs } = this.host.current.run.lab
    const left = (name: string): boolean => {
      const last = inputs.findLast((made) => made.do === name)
      return (last?.with as { open: boolean } | undefined)?.open === true
    }
    const endpoint = left('wire.endpoint')
    const clouds = left('wire.clouds')
    if (endpoint) this.input('wire.endpoint', { open: false, address: '' })
    if (clouds) this.input('wire.clouds', { open: false, address: '', real: [] })
  }

  /** An arrival: first the lab comes to this moment, then it is told. */
  input<N extends WireInput>(name: N, args: LabCommandInput<N>): Reply {
    const { host } = this
    if (!host.catchUp()) return failure('internal', 'the lab stopped')
    const { run } = host.current
    const before = run.lab.inputs.length
    const reply = run.arrival(name, args)
    // One that was refused after it had caused an event is part of the run too.
    const made = run.lab.inputs.length > before ? run.lab.inputs.at(-1) : undefined
    if (made) this.keep(made)
    host.settle()
    return reply
  }

  /** Why this host command cannot be carried out now, or null. */
  refusal(name: string): Failure | null {
    if (!this.open || !(PINNED.has(name) || (name === 'time.cancel' && !this.host.job))) return null
    const open = [...this.by.keys()].map((by) => WORDS[by])
    const what = open.map((each) => each.what).join(', and ')
    return failure('refused', `${what}: the lab follows the wall clock; close the real sockets first`, [
      { path: '', message: 'the real sockets are open', fix: `give ${open.map(({ close }) => close).join(' and ')} first` },
    ])
  }

  private keep(made: TimedInput): void {
    const line = inputLine(made)
    this.bytes += line.length + 1
    this.host.keepLater(line)
    const count = this.host.current.run.lab.inputs.length
    if (count < this.maxInputs - INPUTS_RESERVED && this.bytes < MAX_INPUT_BYTES) return
    for (const end of this.by.values()) end(`the run has as much of real clients as a journal may hold (${count} inputs)`)
  }
}
