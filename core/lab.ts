/**
 * Puts the rooms together: a scenario in, commands in, hops and rows out. The same scenario, seed and
 * commands give the same journal, byte for byte.
 */
import { labCommands, type LabCommandInput, type LabCommandName, type WireInput } from './contract/commands.ts'
import { failure, type Issue, type Reply } from './contract/door.ts'
import type { HopEvent } from './contract/event.ts'
import type { TimelineMark } from './contract/batch.ts'
import type { Row, RowKey, RowKind } from './contract/rows.ts'
import type { Scenario } from './contract/scenario.ts'
import { execute } from './commands.ts'
import { headerLine, inputLine, JOURNAL_VERSION, toLines, type JournalSink, type TimedInput } from './engine/journal.ts'
import type { Sealer } from './engine/sealer.ts'
import { CLOCK_END_MS } from './engine/virtualClock.ts'
import { faultTitle } from './rows/faultRow.ts'
import { rowOf, rowsOf } from './rows/rows.ts'
import { asWritten, expanded } from './scenario/generate.ts'
import { buildWorld } from './setup/world.ts'
import type { World } from './world.ts'
import { plainWords } from './plainWords.ts'

export type LabOptions = {
  sealer: Sealer
  /** Name of the scenario file, as shown. */
  file?: string
  /** Overrides the seed of the scenario. */
  seed?: number
  /** Takes every line of the journal as it is written. */
  journal?: JournalSink | ((line: string) => void)
  /** Whether commands that the scenario keeps for headless runs are given too. */
  rehearse?: boolean
  /** Events that are kept for questions. */
  eventsKept?: number
}

/** What real clients and real clouds do. */
const TRAFFIC: ReadonlySet<string> = new Set(['wire.connected', 'wire.received', 'wire.closed', 'wire.told', 'wire.request', 'wire.push'])

/** Timeline marks that are kept. */
const MARKS_KEPT = 10_000

/** Changed rows of one kind beyond which a snapshot is asked for. */
const TOO_MANY_CHANGES = 60_000

/** Rows that one collect gives out at most; the rest follows with the next. */
const ROWS_AT_ONCE = 20_000

/** Devices that one collect looks at again after a change elsewhere: about 2 ms, also in a lab of thousands. */
const DEVICES_AT_ONCE = 500

export type Lab = {
  readonly world: World
  readonly scenario: Scenario
  readonly marks: TimelineMark[]
  /** Commands given so far, with their exact moments: with seed and scenario this is the run. */
  readonly inputs: TimedInput[]
  readonly now: number
  readonly tasks: number
  /** Called for every hop, after the journal. */
  onEvent: ((event: HopEvent) => void) | null
  /** Checks and carries out a command; journalled when it was carried out. */
  command(name: string, args: unknown): Reply
  /** The same for what the endpoint of real clients gives, thousands of times a minute: its form is not checked again. */
  arrival<N extends WireInput>(name: N, args: LabCommandInput<N>): Reply
  /** Runs the next task; false when none is due up to the limit. */
  step(limitMs?: number): boolean
  runUntil(atMs: number): void
  /** Brings the run to the moment of this input and gives it, for replay. */
  replay(input: TimedInput): Reply
  rows(kind: RowKind): Row[]
  /** Notes which rows change, from now on; without a reader nothing is noted. */
  track(on: boolean): void
  /** Whether the next `collect` may find more, although nothing happens until then. */
  readonly unsettled: boolean
  /** Rows that changed since the last call; null when so many did that a whole snapshot is cheaper. */
  collect(): { upsert: Row[]; remove: RowKey[] } | null
}

export function createLab(file: Scenario, options: LabOptions): Lab {
  const scenario = expanded(file)
  const seed = options.seed ?? scenario.seed
  const dirty = new Map<RowKind, Set<string>>()
  let findingsSent = new Set<string>()
  const marks: TimelineMark[] = []
  const inputs: TimedInput[] = []
  const journal = typeof options.journal === 'function' ? toLines(options.journal) : options.journal
  let pending: TimedInput | null = null

  let tracking = false
  // Whether a call would reach a device hangs on nodes, faults and settings, so a change of these
  // has every device looked at again, in turn, and those that came out differently are told.
  let devicesToLookAt = 0
  let deviceIds: string[] = []
  const reachTold = new Map<string, string>()
  const touch = (kind: RowKind, id: string): void => {
    if (!tracking) return
    if (kind === 'node' || kind === 'fault') devicesToLookAt = world.devices.size
    const ids = dirty.get(kind)
    if (ids) ids.add(id)
    else dirty.set(kind, new Set([id]))
  }
  const mark = (kind: TimelineMark['kind'], text: string, flow: number): void => {
    if (marks.length >= MARKS_KEPT) marks.splice(0, MARKS_KEPT / 2)
    marks.push({ at: world.clock.now(), kind, text, flow })
  }

  journal?.line(
    headerLine({
      journal: JOURNAL_VERSION,
      seed,
      file: options.file ?? '',
      rehearsed: options.rehearse ?? false,
      scenario: asWritten(scenario),
    }),
  )
  const world = buildWorld(scenario, { sealer: options.sealer, seed, file: options.file ?? '', touch, eventsKept: options.eventsKept })

  const lab: Lab = {
    world,
    scenario,
    marks,
    inputs,
    get now() {
      return world.clock.now()
    },
    get tasks() {
      return world.clock.tasks
    },
    onEvent: null,
    command(name, args) {
      const checked = checkCommand(name, args)
      return checked.ok ? carryOut(checked.name, checked.args, args) : checked.failure
    },
    arrival: (name, args) => carryOut(name, args as never, args),
    step: (limitMs = CLOCK_END_MS) => world.clock.step(limitMs),
    runUntil: (atMs) => void world.clock.runUntil(atMs),
    replay(input) {
      while (world.clock.tasks < input.task && world.clock.step(input.at));
      world.clock.advance(input.at)
      return lab.command(input.do, input.with)
    },
    rows: (kind) => rowsOf(world, kind),
    track(on) {
      tracking = on
      dirty.clear()
      devicesToLookAt = 0
      reachTold.clear()
      findingsSent = new Set(on ? rowsOf(world, 'finding').map((row) => row.id) : [])
    },
    get unsettled() {
      return devicesToLookAt > 0
    },
    collect() {
      lookAtDevices()
      for (const ids of dirty.values()) if (ids.size > TOO_MANY_CHANGES) return null
      const upsert: Row[] = []
      const remove: RowKey[] = []
      for (const [kind, ids] of dirty) {
        if (kind === 'finding') {
          if (ids.size > 0) collectFindings(upsert, remove)
          ids.clear()
          continue
        }
        for (const id of ids) {
          if (upsert.length >= ROWS_AT_ONCE) return { upsert, remove }
          ids.delete(id)
          const row = rowOf(world, kind, id)
          if (row) upsert.push(row)
          else remove.push({ kind, id })
        }
      }
      return { upsert, remove }
    },
  }

  function carryOut(name: LabCommandName, args: never, given: unknown): Reply {
    pending = { at: world.clock.now(), task: world.clock.tasks, do: name, with: given }
    try {
      const reply = execute(world, name, args)
      if (reply.ok) acceptInput()
      // Thousands of real clients come, speak and go: that is traffic, and changes nothing of how the lab is set up.
      if (TRAFFIC.has(name)) return reply
      touch('finding', '*')
      touch('lab', 'lab')
      if (tracking) devicesToLookAt = world.devices.size
      if (reply.ok) mark('command', labCommands[name].title, flowOf(reply))
      return reply
    } finally {
      pending = null // a refused command that did nothing leaves no trace in the run
    }
  }

  function lookAtDevices(): void {
    for (let n = Math.min(devicesToLookAt, DEVICES_AT_ONCE); n > 0; n--) {
      devicesToLookAt--
      if (deviceIds.length === 0) deviceIds = [...world.devices.keys()]
      const id = deviceIds.pop()
      if (id === undefined) continue
      const row = rowOf(world, 'device', id)
      if (row?.kind !== 'device') continue
      const reach = `${row.state}\n${row.reach.text}\n${row.messageReach.text}`
      if (reachTold.get(id) === reach) continue
      reachTold.set(id, reach)
      touch('device', id)
    }
  }

  /** Findings have no change of their own to follow: they are drawn from the whole configuration. */
  function collectFindings(upsert: Row[], remove: RowKey[]): void {
    const before = findingsSent
    findingsSent = new Set()
    for (const row of rowsOf(world, 'finding')) {
      findingsSent.add(row.id)
      upsert.push(row)
    }
    for (const id of before) if (!findingsSent.has(id)) remove.push({ kind: 'finding', id })
  }

  /** The input is written before the first event that it causes. */
  function acceptInput(): void {
    if (!pending) return
    inputs.push(pending)
    journal?.line(inputLine(pending))
    pending = null
  }

  world.log.readers.push((event) => {
    acceptInput()
    journal?.event(event)
    touch('lab', 'lab')
    lab.onEvent?.(event)
  })
  world.alarms.onRaise = (alarm) => mark('alarm', `${alarm.name} on ${alarm.node}`, 0)
  world.onFault = (fault, gone) => {
    touch('fault', fault.id)
    touch('finding', '*')
    if (!gone && fault.hits === 0 && !fault.hidden) mark('fault', `${fault.fault.on} ${faultTitle(fault.fault)}`, 0)
  }

  scheduleScenario(lab, options.rehearse ?? false)
  return lab
}

const flowOf = (reply: Reply): number => {
  const value = reply.ok ? (reply.value as { flow?: unknown }) : {}
  return typeof value.flow === 'number' ? value.flow : 0
}

/** Faults and commands of the scenario are part of it, not inputs: a replay gives them again by itself. */
function scheduleScenario(lab: Lab, rehearse: boolean): void {
  const { world, scenario } = lab
  for (const { at, fault } of scenario.faults) {
    // Before the timers of its instant: a fault from the start is there before the services first try.
    world.clock.schedule(at, () => void execute(world, 'fault.add', { fault }), `fault on ${fault.on}`, 'arrival')
  }
  if (scenario.commandsRun === 'headless' && !rehearse) return
  for (const timed of scenario.commands) {
    const checked = checkCommand(timed.do, timed.with)
    if (!checked.ok) continue // the loader has refused such a file before
    world.clock.schedule(
      timed.at,
      () => {
        const reply = execute(world, checked.name, checked.args)
        world.touch('finding', '*')
        if (!reply.ok) world.scheduledFailed(checked.name, reply.message)
      },
      timed.do,
    )
  }
}

type Checked = { ok: true; name: LabCommandName; args: never } | { ok: false; failure: Reply }

/** Whether a request is a command of the lab with proper arguments; every fault in them is named. */
export function checkCommand(name: string, args: unknown): Checked {
  if (!Object.hasOwn(labCommands, name)) {
    return {
      ok: false,
      failure: failure('unknown-command', `"${name.slice(0, 60)}" is not a command of the lab`, [
        { path: 'name', message: 'unknown command', fix: 'see the list of commands (Ctrl K)' },
      ]),
    }
  }
  const known = name as LabCommandName
  const parsed = labCommands[known].args.safeParse(args, { error: plainWords })
  if (parsed.success) return { ok: true, name: known, args: parsed.data as never }
  const issues = parsed.error.issues.slice(0, 20).map((issue): Issue => ({ path: issue.path.join('.'), message: issue.message }))
  const first = issues[0]
  return {
    ok: false,
    failure: failure(
      'bad-request',
      `${name}: ${first && first.path !== '' ? `${first.path}: ` : ''}${first?.message ?? 'bad arguments'}`,
      issues,
    ),
  }
}
