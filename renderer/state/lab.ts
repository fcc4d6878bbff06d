/**
 * The lab as the window knows it: one shallow map per kind of row, the newest events, the clock.
 *
 * A batch is applied in one animation frame, or by a slow timer when the window is hidden, and only then
 * acknowledged, so a slow window costs the lab nothing. Rows are replaced whole and never made reactive:
 * each map touched by a batch is announced once. Since the map stays the same object, read it inside a
 * `computed` that builds something new (`[...lab.nodes.values()]`), or look one row up by its ID.
 */
import { defineStore } from 'pinia'
import { computed, shallowRef, triggerRef, type ShallowRef } from 'vue'
import type {
  AlarmRow,
  Batch,
  ClockState,
  CloudsState,
  CommandInfo,
  CommandInput,
  CommandName,
  CommandResult,
  CounterRow,
  DeviceRow,
  FaultRow,
  FindingRow,
  FlowRow,
  HopEvent,
  ImNodeRow,
  LabRow,
  LinkRow,
  NodeRow,
  PushRow,
  Reply,
  Row,
  RowKind,
  RuleInfo,
  SessionRow,
  Subscription,
  TimelineMark,
  WireState,
} from '../../core/contract/index.ts'
import type { Port, PortState } from '../port.ts'

/** Events kept in the window; older ones are asked for with `events.query`. */
export const EVENTS_KEPT = 5_000
/** Marks kept for the timeline. */
export const MARKS_KEPT = 20_000
/** A hidden window draws no frames: it applies (and acknowledges) about once a second. */
export const HIDDEN_APPLY_MS = 1_000
/** A visible window that gets no frame (covered, minimised by some window managers) does not wait for ever. */
export const LATE_FRAME_MS = 250

export const CLOCK_AT_REST: ClockState = {
  now: 0,
  mode: 'paused',
  speed: 1,
  next: null,
  goal: null,
  end: 0,
  stoppedBecause: '',
  tasks: 0,
  jumps: 0,
}

/** A reply of the lab as a sentence of its own. */
export const asSentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`

type MapKind = Exclude<RowKind, 'lab'>
type RowOf<K extends RowKind> = Extract<Row, { kind: K }>

const fresh = <T>(): ShallowRef<Map<string, T>> => shallowRef(new Map<string, T>())

export const useLab = defineStore('lab', () => {
  const clock = shallowRef<ClockState>(CLOCK_AT_REST)
  const lab = shallowRef<LabRow | null>(null)
  const nodes = fresh<NodeRow>()
  const imNodes = fresh<ImNodeRow>()
  const links = fresh<LinkRow>()
  const devices = fresh<DeviceRow>()
  const sessions = fresh<SessionRow>()
  const flows = fresh<FlowRow>()
  const pushes = fresh<PushRow>()
  const faults = fresh<FaultRow>()
  const alarms = fresh<AlarmRow>()
  const counters = fresh<CounterRow>()
  const findings = fresh<FindingRow>()
  const events = shallowRef<HopEvent[]>([])
  const eventsDropped = shallowRef(0)
  const marks = shallowRef<TimelineMark[]>([])
  /** The real endpoint of local push; null while it is closed. */
  const wire = shallowRef<WireState | null>(null)
  /** The clouds on real sockets; null while they are closed. */
  const clouds = shallowRef<CloudsState | null>(null)
  /** They were open at some time of this run as the window saw it: there may be a wire log. */
  const cloudsSeen = shallowRef(false)
  const pinnedNow = shallowRef<Batch['pinned']>(null)
  /** Why the run cannot be kept on disk now; empty while it is kept. */
  const notKept = shallowRef('')
  const rules = fresh<RuleInfo>()
  const commands = shallowRef<CommandInfo[]>([])
  const portState = shallowRef<PortState>({ kind: 'connecting' })
  const connected = computed(() => portState.value.kind === 'open')
  /** True once the first whole snapshot has been applied. */
  const loaded = shallowRef(false)

  const maps: { [K in MapKind]: ShallowRef<Map<string, RowOf<K>>> } = {
    node: nodes,
    imNode: imNodes,
    link: links,
    device: devices,
    session: sessions,
    flow: flows,
    push: pushes,
    fault: faults,
    alarm: alarms,
    counter: counters,
    finding: findings,
  }
  const mapOf = (kind: MapKind): ShallowRef<Map<string, Row>> => maps[kind] as ShallowRef<Map<string, Row>>

  let port: Port | null = null
  let subscription: Subscription | null = null
  let stopWatching: (() => void) | null = null
  let waiting: Batch[] = []
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  /** Applies one batch now. */
  const apply = (batch: Batch): void => {
    const touched = new Set<ShallowRef<Map<string, Row>>>()
    if (batch.reset) {
      lab.value = null
      for (const kind of Object.keys(maps) as MapKind[]) mapOf(kind).value = new Map()
      events.value = []
      marks.value = []
      eventsDropped.value = 0
    }
    for (const row of batch.upsert) {
      if (row.kind === 'lab') {
        lab.value = row
        continue
      }
      const map = mapOf(row.kind)
      map.value.set(row.id, row)
      touched.add(map)
    }
    for (const { kind, id, fields } of batch.patch) {
      const map = mapOf(kind)
      const row = map.value.get(id)
      if (!row) continue
      map.value.set(id, { ...row, ...fields } as Row)
      touched.add(map)
    }
    for (const key of batch.remove) {
      if (key.kind === 'lab') continue
      const map = mapOf(key.kind)
      if (map.value.delete(key.id)) touched.add(map)
    }
    for (const map of touched) triggerRef(map)
    wire.value = batch.wire
    clouds.value = batch.clouds
    cloudsSeen.value = batch.clouds !== null || (cloudsSeen.value && !batch.reset)
    pinnedNow.value = batch.pinned
    notKept.value = batch.notKept
    if (batch.events.length > 0) {
      const all = [...events.value, ...batch.events]
      events.value = all.length > EVENTS_KEPT ? all.slice(-EVENTS_KEPT) : all
    }
    if (batch.marks.length > 0) {
      const all = [...marks.value, ...batch.marks]
      marks.value = all.length > MARKS_KEPT ? all.slice(-MARKS_KEPT) : all
    }
    if (batch.dropped > 0) eventsDropped.value += batch.dropped
    clock.value = batch.clock
    if (batch.reset) loaded.value = true
  }

  const applyWaiting = (): void => {
    if (frame !== 0) cancelAnimationFrame(frame)
    clearTimeout(timer)
    frame = 0
    timer = undefined
    const batches = waiting
    waiting = []
    let failed: { error: unknown } | null = null
    for (const batch of batches) {
      // A batch that cannot be applied must not stop the lab: it is still acknowledged.
      try {
        apply(batch)
      } catch (error) {
        failed = { error }
      }
      subscription?.ack(batch.seq)
    }
    if (failed) throw failed.error
  }

  const receive = (batch: Batch): void => {
    waiting.push(batch)
    if (timer !== undefined) return
    const hidden = document.visibilityState === 'hidden'
    if (!hidden) frame = requestAnimationFrame(applyWaiting)
    timer = setTimeout(applyWaiting, hidden ? HIDDEN_APPLY_MS : LATE_FRAME_MS)
  }

  /** Sends a command. Never throws: a broken connection is a reply, too. */
  const invoke = async <N extends CommandName>(name: N, args: CommandInput<N>): Promise<Reply<CommandResult<N>>> => {
    if (!port) return { ok: false, code: 'io', message: 'The window is not connected to a lab yet.', issues: [] }
    try {
      return await port.invoke(name, args)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return { ok: false, code: 'io', message: `The lab did not answer to ${name}: ${reason}`, issues: [] }
    }
  }

  const loadOnce = async (): Promise<void> => {
    if (commands.value.length === 0) {
      const reply = await invoke('commands.list', {})
      if (reply.ok) commands.value = reply.value.commands
    }
    if (rules.value.size === 0) {
      const reply = await invoke('rules.list', {})
      if (reply.ok) rules.value = new Map(reply.value.rules.map((rule) => [rule.id, rule]))
    }
  }

  /** Connects the store to the lab behind `next`; a second call replaces the first. */
  const connect = async (next: Port): Promise<void> => {
    disconnect()
    port = next
    portState.value = next.state
    stopWatching = next.onState((state) => {
      portState.value = state
      // A port that comes back sends a whole snapshot by itself; the lists are asked for if they are missing.
      if (state.kind === 'open') void loadOnce()
    })
    subscription = next.subscribe(receive)
    await loadOnce()
  }

  const disconnect = (): void => {
    stopWatching?.()
    stopWatching = null
    subscription?.close()
    subscription = null
    port = null
    portState.value = { kind: 'connecting' }
    if (frame !== 0) cancelAnimationFrame(frame)
    clearTimeout(timer)
    frame = 0
    timer = undefined
    waiting = []
  }

  /** Why this command would be refused now, or false: sockets live in real time, and the lab with them (house plan, idea 3). */
  const pinned = (command: string): false | string => {
    const now = pinnedNow.value
    return now !== null && now.commands.includes(command) ? asSentence(now.reason) : false
  }

  const why = (id: string): RuleInfo | null => rules.value.get(id) ?? null

  /** What a person calls a place: a node, `node/service` or a device. Unknown places keep their ID. */
  const placeLabel = (place: string): string => {
    const device = devices.value.get(place)
    if (device) return device.label
    const slash = place.indexOf('/')
    if (slash < 0) return nodes.value.get(place)?.label ?? place
    const node = place.slice(0, slash)
    return `${nodes.value.get(node)?.label ?? node} ${place.slice(slash + 1)}`
  }

  const running = computed(() => clock.value.mode !== 'paused')
  /** After a seek back: there is a recorded future that a fork would drop. */
  const canFork = computed(() => clock.value.mode === 'paused' && clock.value.now < clock.value.end)

  return {
    clock,
    lab,
    nodes,
    imNodes,
    links,
    devices,
    flows,
    pushes,
    faults,
    alarms,
    counters,
    findings,
    sessions,
    wire,
    clouds,
    cloudsSeen,
    pinned,
    notKept,
    events,
    eventsDropped,
    marks,
    rules,
    commands,
    portState,
    connected,
    loaded,
    running,
    canFork,
    apply,
    connect,
    disconnect,
    invoke,
    why,
    placeLabel,
  }
})
