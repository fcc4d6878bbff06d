/**
 * From the lab to its windows: at most one batch per frame and window, and none before the last one was
 * acknowledged. What a slow or hidden window does not fetch is coalesced: rows to their newest state,
 * events to the newest, with the number of those left out.
 */
import type { Batch, ClockState } from '../contract/batch.ts'
import type { Subscription } from '../contract/door.ts'
import type { HopEvent } from '../contract/event.ts'
import type { Row, RowKey, RowKind } from '../contract/rows.ts'
import type { Lab } from '../lab.ts'

const EVENTS_PER_BATCH = 2_000
const EVENTS_IN_SNAPSHOT = 2_000
const FLOWS_IN_SNAPSHOT = 2_000
/** Changed devices in one batch: when a node goes, thousands change at once, and the window must not stand still for them. */
const DEVICES_PER_BATCH = 1_500
const KINDS: readonly RowKind[] = ['lab', 'node', 'imNode', 'link', 'device', 'session', 'fault', 'alarm', 'counter', 'finding']
const MAX_READERS = 16

/** What a window is told of open sockets. */
type OnSockets = Pick<Batch, 'wire' | 'clouds' | 'pinned'>

type Reader = {
  listener: (batch: Batch) => void
  seq: number
  waitingForAck: boolean
  snapshot: boolean
  rows: Map<string, Row>
  gone: Map<string, RowKey>
  events: HopEvent[]
  dropped: number
  marksSeen: number
  lastClock: string
}

export class Batcher {
  private readonly readers = new Set<Reader>()
  private readonly clock: () => ClockState
  private readonly wake: () => void
  private readonly wire: () => OnSockets
  private lab: Lab

  constructor(lab: Lab, clock: () => ClockState, wire: () => OnSockets, wake: () => void) {
    this.lab = lab
    this.clock = clock
    this.wire = wire
    this.wake = wake
  }

  get idle(): boolean {
    return this.readers.size === 0
  }

  /** Whether somebody could take a batch now. */
  get wanted(): boolean {
    for (const reader of this.readers) if (!reader.waitingForAck) return true
    return false
  }

  /** Another lab, or the same at another moment: every window gets a whole snapshot. */
  reset(lab: Lab): void {
    this.lab.track(false)
    this.lab = lab
    lab.track(this.readers.size > 0)
    for (const reader of this.readers) reader.snapshot = true
    this.wake()
  }

  add(listener: (batch: Batch) => void): Subscription {
    if (this.readers.size >= MAX_READERS) throw new RangeError(`at most ${MAX_READERS} windows can watch one lab`)
    const reader: Reader = {
      listener,
      seq: 0,
      waitingForAck: false,
      snapshot: true,
      rows: new Map(),
      gone: new Map(),
      events: [],
      dropped: 0,
      marksSeen: 0,
      lastClock: '',
    }
    if (this.readers.size === 0) this.lab.track(true)
    this.readers.add(reader)
    this.wake()
    return {
      ack: (seq) => {
        if (seq !== reader.seq) return
        reader.waitingForAck = false
        this.wake()
      },
      close: () => {
        this.readers.delete(reader)
        if (this.readers.size === 0) this.lab.track(false)
      },
    }
  }

  event(event: HopEvent): void {
    for (const reader of this.readers) {
      if (reader.snapshot) continue
      if (reader.events.length >= EVENTS_PER_BATCH) {
        reader.events.splice(0, EVENTS_PER_BATCH / 2)
        reader.dropped += EVENTS_PER_BATCH / 2
      }
      reader.events.push(event)
    }
  }

  /** Sends what changed to every window that is ready for it. */
  flush(): void {
    if (!this.wanted) return
    const changed = this.lab.collect()
    for (const reader of this.readers) {
      if (changed === null) reader.snapshot = true
      else if (!reader.snapshot) merge(reader, changed)
      if (!reader.waitingForAck) this.send(reader)
    }
    if (changed === null) this.lab.track(true)
  }

  private send(reader: Reader): void {
    const clock = this.clock()
    const wire = this.wire()
    const clockText = JSON.stringify([clock, wire])
    const { marks } = this.lab
    if (
      !reader.snapshot &&
      reader.rows.size === 0 &&
      reader.gone.size === 0 &&
      reader.events.length === 0 &&
      clockText === reader.lastClock
    )
      return
    const reset = reader.snapshot
    const batch: Batch = {
      seq: ++reader.seq,
      reset,
      simTime: clock.now,
      clock,
      upsert: reset ? this.snapshotRows() : takeRows(reader),
      remove: reset ? [] : [...reader.gone.values()],
      events: reset ? [...this.lab.world.log.since(this.lab.world.log.total - EVENTS_IN_SNAPSHOT)] : reader.events,
      marks: reset ? [...marks] : marks.slice(Math.min(reader.marksSeen, marks.length)),
      ...wire,
      dropped: reset ? 0 : reader.dropped,
    }
    if (reset) reader.rows = new Map()
    reader.snapshot = false
    reader.gone = new Map()
    reader.events = []
    reader.dropped = 0
    reader.marksSeen = marks.length
    reader.lastClock = clockText
    reader.waitingForAck = true
    try {
      reader.listener(batch)
    } catch {
      this.readers.delete(reader) // a window that cannot take a batch is gone; the others go on
    }
  }

  private snapshotRows(): Row[] {
    const rows = KINDS.flatMap((kind) => this.lab.rows(kind))
    for (const row of this.lab.rows('flow').slice(-FLOWS_IN_SNAPSHOT)) rows.push(row)
    for (const row of this.lab.rows('push').slice(-FLOWS_IN_SNAPSHOT)) rows.push(row)
    return rows
  }
}

/** Everything but devices, and so many of these; the rest goes with the next batch, as it is then. */
function takeRows(reader: Reader): Row[] {
  if (reader.rows.size <= DEVICES_PER_BATCH) {
    const all = [...reader.rows.values()]
    reader.rows = new Map()
    return all
  }
  const taken: Row[] = []
  let devices = 0
  for (const [key, row] of reader.rows) {
    if (row.kind === 'device' && ++devices > DEVICES_PER_BATCH) continue
    taken.push(row)
    reader.rows.delete(key)
  }
  return taken
}

function merge(reader: Reader, changed: { upsert: Row[]; remove: RowKey[] }): void {
  for (const row of changed.upsert) {
    const key = `${row.kind}/${row.id}`
    reader.rows.set(key, row)
    reader.gone.delete(key)
  }
  for (const key of changed.remove) {
    const text = `${key.kind}/${key.id}`
    reader.rows.delete(text)
    reader.gone.set(text, key)
  }
}
