/** Calls, messages and tasks as flows: a number, a state, its deadlines, and the first cause of a bad end. */
import type { FlowRow, FlowState, FlowTimer } from './contract/rows.ts'
import type { Clock } from './engine/clock.ts'
import { Recent } from './engine/recent.ts'
import type { Push } from './pushBook.ts'

/** Ended flows beyond this many are forgotten, oldest first; seeking back brings them again. */
export const FLOWS_KEPT = 10_000

export type Identity = { name: string; number: string }

export type Flow = {
  number: number
  /** The number as the ID of its row. */
  id: string
  type: FlowRow['type']
  title: string
  from: string
  to: string
  state: FlowState
  startedAt: number
  endedAt: number | null
  pushAt: number | null
  offeredAt: number | null
  answeredAt: number | null
  timers: FlowTimer[]
  /** Its pushes, in the order in which they were made; `addPush` adds one. */
  pushes: Push[]
  /** Which of them a device was woken by, once there are many: a page goes to thousands of phones in one call. */
  pushOf: Map<string, Push> | null
  cause: string
  causeSeq: number | null
  causeWhy: string
  suspicion: { cause: string; why: string; seq: number } | null
  linkedTo: number | null
  hops: number
  /** Who calls whom, for flows that are calls; `shown` holds what each called device was told instead (CALL-08). */
  call: { identity: Identity; shown: Map<string, Identity>; dialed: string; video: boolean } | null
  /** Number of its first event, where the search for its hops begins. */
  firstSeq: number
}

/** Bars that a flow shows: a page holds thousands of INVITEs, all alike. */
export const TIMERS_SHOWN = 200

/** Up to this many are looked through one by one. */
const FEW_PUSHES = 8

export class FlowBook {
  private readonly flows: Recent<number, Flow>
  private readonly clock: Clock
  private readonly touch: (id: string) => void
  private created = 0
  /** Told when a flow ends: run-until listens here. */
  onEnd: ((flow: Flow) => void) | null = null

  constructor(clock: Clock, touch: (id: string) => void, forget: (id: string) => void) {
    this.clock = clock
    this.touch = touch
    this.flows = new Recent(
      FLOWS_KEPT,
      (flow) => flow.endedAt !== null,
      (number) => forget(String(number)),
    )
  }

  start(type: FlowRow['type'], title: string, from: string, to: string, firstSeq: number): Flow {
    const number = ++this.created
    const flow: Flow = {
      number,
      id: String(number),
      type,
      title,
      from,
      to,
      state: 'in progress',
      startedAt: this.clock.now(),
      endedAt: null,
      pushAt: null,
      offeredAt: null,
      answeredAt: null,
      timers: [],
      pushes: [],
      pushOf: null,
      cause: '',
      causeSeq: null,
      causeWhy: '',
      suspicion: null,
      linkedTo: null,
      hops: 0,
      call: null,
      firstSeq,
    }
    this.flows.add(flow.number, flow)
    this.touch(flow.id)
    return flow
  }

  get(number: number): Flow | undefined {
    return this.flows.get(number)
  }

  all(): Iterable<Flow> {
    return this.flows.values()
  }

  countHop(number: number): void {
    const flow = this.flows.get(number)
    if (!flow) return
    flow.hops++
    this.touch(flow.id)
  }

  set(flow: Flow, state: FlowState): void {
    flow.state = state
    this.touch(flow.id)
  }

  /** Something went wrong that need not spoil the flow; if it ends badly all the same, this came first. */
  suspect(flow: Flow, cause: string, why: string, seq: number): void {
    flow.suspicion ??= { cause, why, seq }
  }

  /** The first bad thing that happened is the cause; later ones are its consequences. */
  blame(flow: Flow, cause: string, why: string, seq: number | null): void {
    if (flow.cause !== '') return
    const first = flow.suspicion ?? { cause, why, seq }
    flow.cause = first.cause
    flow.causeWhy = first.why
    flow.causeSeq = first.seq
    this.touch(flow.id)
  }

  end(flow: Flow, state: FlowState): void {
    if (flow.endedAt !== null) return
    flow.state = state
    flow.endedAt = this.clock.now()
    for (const timer of flow.timers) timer.endedAt ??= flow.endedAt
    this.touch(flow.id)
    this.onEnd?.(flow)
  }

  startTimer(flow: Flow, name: string, place: string, afterMs: number, why: string): FlowTimer {
    const now = this.clock.now()
    const timer: FlowTimer = { name, place, startAt: now, dueAt: now + afterMs, endedAt: null, fired: false, why }
    if (flow.timers.length < TIMERS_SHOWN) flow.timers.push(timer)
    this.touch(flow.id)
    return timer
  }

  endTimer(flow: Flow, timer: FlowTimer, fired: boolean): void {
    if (timer.endedAt !== null) return
    timer.endedAt = this.clock.now()
    timer.fired = fired
    this.touch(flow.id)
  }

  addPush(flow: Flow, push: Push): void {
    flow.pushes.push(push)
    if (flow.pushOf) flow.pushOf.set(push.device, push)
    else if (flow.pushes.length > FEW_PUSHES) flow.pushOf = new Map(flow.pushes.map((each) => [each.device, each]))
  }

  /** The push that goes with this device in this flow: the newest. */
  pushFor(flow: Flow, device: string): Push | undefined {
    if (flow.pushOf) return flow.pushOf.get(device)
    for (let i = flow.pushes.length - 1; i >= 0; i--) if (flow.pushes[i]?.device === device) return flow.pushes[i]
    return undefined
  }

  row(flow: Flow): FlowRow {
    return {
      kind: 'flow',
      id: flow.id,
      flow: flow.number,
      type: flow.type,
      title: flow.title,
      from: flow.from,
      to: flow.to,
      state: flow.state,
      startedAt: flow.startedAt,
      endedAt: flow.endedAt,
      pushAt: flow.pushAt,
      offeredAt: flow.offeredAt,
      answeredAt: flow.answeredAt,
      timers: flow.timers.map((timer) => ({ ...timer })),
      tracking: flow.pushes.map((push) => push.id),
      cause: flow.cause,
      causeSeq: flow.causeSeq,
      causeWhy: flow.causeWhy,
      linkedTo: flow.linkedTo,
      hops: flow.hops,
    }
  }
}
