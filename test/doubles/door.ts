/** A door that records what comes and answers when told to. */
import type { Batch } from '../../core/contract/batch.ts'
import type { LabDoor, Reply } from '../../core/contract/door.ts'
import { ok } from '../../core/contract/door.ts'

export type RecordingDoor = LabDoor & {
  requests: unknown[]
  acks: number[]
  /** Streams open now. */
  open: number
  push: (batch: Batch) => void
  /** Replaces the immediate answer `{ echo: request }`. */
  answer: (request: unknown) => Promise<Reply>
}

export function recordingDoor(): RecordingDoor {
  const listeners = new Set<(batch: Batch) => void>()
  const door: RecordingDoor = {
    requests: [],
    acks: [],
    get open() {
      return listeners.size
    },
    push(batch) {
      for (const listener of listeners) listener(batch)
    },
    answer: (request) => Promise.resolve(ok({ echo: request })),
    dispatch(request) {
      door.requests.push(request)
      return door.answer(request)
    },
    subscribe(listener) {
      listeners.add(listener)
      return { ack: (seq) => void door.acks.push(seq), close: () => void listeners.delete(listener) }
    },
  }
  return door
}

export function batch(seq: number): Batch {
  return {
    seq,
    reset: seq === 1,
    simTime: seq * 10,
    clock: { now: seq * 10, mode: 'paused', speed: 1, next: null, goal: null, end: 0, stoppedBecause: '', tasks: 0, jumps: 0 },
    upsert: [],
    patch: [],
    remove: [],
    events: [],
    marks: [],
    wire: null,
    clouds: null,
    pinned: null,
    notKept: '',
    dropped: 0,
  }
}
