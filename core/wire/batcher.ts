/**
 * From the lab to its windows: at most one batch per frame and window, and none before the last one was
 * acknowledged. What a slow or hidden window does not fetch is coalesced: rows to their newest state,
 * events to the newest, with the number of those left out. Of devices and sessions only what is different crosses.
 */
import type { Batch, ClockState, RowPatch } from '../contract/batch.ts'
import type { Subscription } from '../contract/door.ts'
import type { HopEvent } from '../contract/event.ts'
import type { Row, RowKey, RowKind } from '../contract/rows.ts'
import type { Lab } from '../lab.ts'
import { difference, isPatched, type Patched } from './rowPatch.ts'

const EVENTS_PER_BATCH = 2_000
const EVENTS_IN_SNAPSHOT = 2_000
const FLOWS_IN_SNAPSHOT = 2_000
/** Changed devices in one batch: when a node goes, thousands change at once, and the window must not stand still for them. */
const DEVICES_PER_BATCH = 1_500
const KINDS: readonly RowKind[] = ['lab', 'node', 'imNode', 'link', 'device', 'session', 'fault', 'alarm', 'counter', 'finding']
const MAX_READERS = 16

/** What a window is told besides the lab itself: of open sockets, and of the disk. */
type Besides = Pick<Batch, 'wire' | 'clouds' | 'pinned' | 'notKept'>

type Reader = {
  listener: (batch: Batch) => void
  seq: number
  waitingForAck: boolean
  snapshot: boolean
  rows: Map<string, Row>
  patches: Map<string, RowPatch>
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
  private readonly besides: () => Besides
  private lab: Lab
  /** Devices and sessions as every window has them, or has them waiting. */
  private readonly known = new Map<string, Patched>()

  constructor(lab: Lab, clock: () => ClockState, besides: () => Besides, wake: () => void) {
    this.lab = lab
    this.clock = clock
    this.besides = besides
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
    this.known.clear()
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
      patches: new Map(),
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
        if (this.readers.size > 0) return
        this.lab.track(false)
        this.known.clear()
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
    if (changed === null) {
      this.known.clear()
      for (const reader of this.readers) reader.snapshot = true
    } else {
      for (const row of changed.upsert) this.tell(row)
      for (const key of changed.remove) this.forget(key)
    }
    for (const reader of this.readers) if (!reader.waitingForAck) this.send(reader)
    if (changed === null) this.lab.track(true)
  }

  /** Every window that has its snapshot is to have this row. */
  private tell(row: Row): void {
    const key = keyOf(row)
    const change = isPatched(row) ? this.news(key, row) : row
    if (change === null) return
    for (const reader of this.readers) if (!reader.snapshot) merge(reader, key, change)
  }

  /** What is new of this row since it was told last. */
  private news(key: string, row: Patched): Patched | RowPatch | null {
    const before = this.known.get(key)
    this.known.set(key, row)
    return before === undefined ? row : difference(before, row)
  }

  private forget(gone: RowKey): void {
    const key = keyOf(gone)
    this.known.delete(key)
    for (const reader of this.readers) {
      reader.rows.delete(key)
      reader.patches.delete(key)
      reader.gone.set(key, gone)
    }
  }

  private send(reader: Reader): void {
    const clock = this.clock()
    const besides = this.besides()
    const clockText = JSON.stringify([clock, besides])
    const { marks } = this.lab
    if (
      !reader.snapshot &&
      reader.rows.size === 0 &&
      reader.patches.size === 0 &&
      reader.gone.size === 0 &&
      reader.events.length === 0 &&
      clockText === reader.lastClock
    )
      return
    const reset = reader.snapshot
    const taken = reset ? { upsert: this.snapshotRows(), patch: [] } : take(reader)
    const batch: Batch = {
      seq: ++reader.seq,
      reset,
      simTime: clock.now,
      clock,
      ...taken,
      remove: reset ? [] : [...reader.gone.values()],
      events: reset ? [...this.lab.world.log.since(this.lab.world.log.total - EVENTS_IN_SNAPSHOT)] : reader.events,
      marks: reset ? [...marks] : marks.slice(Math.min(reader.marksSeen, marks.length)),
      ...besides,
      dropped: reset ? 0 : reader.dropped,
    }
    if (reset) [reader.rows, reader.patches] = [new Map(), new Map()]
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
    // They may be newer than what the other windows were told: from now on patches speak of these.
    const patched = rows.filter(isPatched)
    const there = new Set(patched.map(keyOf))
    for (const [key, { kind, id }] of this.known) if (!there.has(key)) this.forget({ kind, id })
    for (const row of patched) this.tell(row)
    for (const row of this.lab.rows('flow').slice(-FLOWS_IN_SNAPSHOT)) rows.push(row)
    for (const row of this.lab.rows('push').slice(-FLOWS_IN_SNAPSHOT)) rows.push(row)
    return rows
  }
}

const keyOf = ({ kind, id }: RowKey): string => `${kind}/${id}`

/** Everything but devices, and so many of these; the rest goes with the next batch, as it is then. */
function take(reader: Reader): Pick<Batch, 'upsert' | 'patch'> {
  let devices = 0
  const now = ({ kind }: RowKey): boolean => kind !== 'device' || ++devices <= DEVICES_PER_BATCH
  return { upsert: takeFrom(reader.rows, now), patch: takeFrom(reader.patches, now) }
}

function takeFrom<T extends RowKey>(waiting: Map<string, T>, now: (one: T) => boolean): T[] {
  const taken: T[] = []
  for (const [key, one] of waiting) {
    if (!now(one)) continue
    taken.push(one)
    waiting.delete(key)
  }
  return taken
}

function merge(reader: Reader, key: string, change: Row | RowPatch): void {
  if (!('fields' in change)) {
    reader.rows.set(key, change)
    reader.patches.delete(key)
    reader.gone.delete(key)
    return
  }
  const row = reader.rows.get(key)
  const patch = reader.patches.get(key)
  if (row) reader.rows.set(key, { ...row, ...change.fields } as Row)
  else reader.patches.set(key, patch ? ({ ...patch, fields: { ...patch.fields, ...change.fields } } as RowPatch) : change)
}
