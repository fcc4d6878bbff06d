/**
 * The lab behind its door: one run, paced by the wall clock, with its files and its windows. Electron's main
 * process, the browser host and tests all use this one.
 */
import { mkdirSync } from 'node:fs'
import { z } from 'zod'
import { commandList } from '../commandList.ts'
import type { ClockState } from '../contract/batch.ts'
import { hostCommands, labCommands, type HostCommandArgs, type HostCommandName } from '../contract/commands.ts'
import { failure, ok, type Failure, type LabDoor, type Reply } from '../contract/door.ts'
import type { Scenario } from '../contract/scenario.ts'
import { endLine, eventLine, type TimedInput } from '../engine/journal.ts'
import { Pacer } from '../engine/pacer.ts'
import { RULES } from '../explain/rules.ts'
import { goalOf } from '../goals.ts'
import { eventDetail, exportFlow, ladderOf, queryEvents, searchTracking } from '../queries.ts'
import { Run, RUN_END_MS } from '../run.ts'
import { createJudge } from '../scenario/judge.ts'
import { parseScenario } from '../scenario/parse.ts'
import { Batcher } from './batcher.ts'
import { nodeSealer } from './nodeSealer.ts'
import { readJournal, RunFile, type StoredRun } from './runFile.ts'
import { DEFAULT_SCENARIO, listScenarios, readScenarioFile } from './scenarioFiles.ts'
import { SettingsFile } from './settingsFile.ts'

export type LabHostOptions = {
  /** Where the run and the settings are kept; null keeps nothing. */
  dataDir: string | null
  scenariosDir: string
  log?: (line: string) => void
}

export type LabHost = LabDoor & { close(): Promise<void> }

/** One turn of work before windows and sockets get theirs. */
const TURN_MS = 8
const FRAME_MS = 16
/** In express and while seeking a window is told less often: drawing must not cost the run its time. */
const FAST_FRAME_MS = 100
const POSITION_EVERY_MS = 2_000

/** A long piece of work that can be cancelled: a seek, an import, an export. */
type Job = {
  text: string
  at: number
  progress: () => number
  step: (spent: () => boolean) => boolean
  done: () => void
  /** It ends before it is done: the lab stays as it was, and who waits is told why. */
  stopped: (why: Failure) => void
}

const busy = (job: Job): Failure => failure('busy', `the lab is busy (${job.text}): wait or cancel first`)
const CANCELLED = failure('cancelled', 'cancelled: the lab stays where it was')
const RUN_OVER = `A run ends after ${RUN_END_MS / 86_400_000} days: go back in time, or start the lab again.`

const requestSchema = z.object({ name: z.string().max(60), args: z.unknown() })

type Current = { scenario: Scenario; source: { name: string; text: string }; seed: number; file: string; rehearsed: boolean; run: Run }

const EMPTY_SCENARIO = `pushlab: 1
title: Empty lab
cluster: { nodes: [{ id: ucm-pub }] }
users: [{ id: user, number: "1000" }]
devices: [{ id: phone, owner: user }]
`

export function createLabHost(options: LabHostOptions): LabHost {
  const log = options.log ?? (() => undefined)
  const pacer = new Pacer()
  if (options.dataDir !== null) mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
  const file = options.dataDir === null ? null : new RunFile(options.dataDir, log)
  let job: Job | null = null
  let jumps = 0
  let timer: NodeJS.Timeout | null = null
  let immediate: NodeJS.Immediate | null = null
  let closed = false
  let lastFlush = 0
  let lastPosition = 0
  let keptAt = -1
  const settings = new SettingsFile(options.dataDir)

  let current = openInitial()
  const batcher = new Batcher(current.run.lab, clockState, () => null, wake)
  watch()
  resume()

  // --- the run ------------------------------------------------------------------------------------

  function start(
    scenario: Scenario,
    source: { name: string; text: string },
    recorded: readonly TimedInput[] = [],
    seed = scenario.seed,
    rehearsed = false,
  ): Current {
    const run = new Run(scenario, { sealer: nodeSealer, file: source.name, seed, rehearse: rehearsed }, recorded)
    // What happens at the first instant has happened when a lab opens: before it no node has even asked for a
    // token, and every phone would look unreachable. A recorded run is brought to its own moment instead.
    if (recorded.length === 0) while (run.stepOnce(0));
    return { scenario, source, seed, file: source.name, rehearsed, run }
  }

  function openInitial(): Current {
    const found = readScenarioFile(options.scenariosDir, DEFAULT_SCENARIO)
    if (found.ok) {
      const parsed = parseScenario(found.value.text, found.value.name)
      if (parsed.ok) return start(parsed.scenario, found.value)
      log(`${DEFAULT_SCENARIO}: ${parsed.issues[0]?.message ?? 'cannot be read'}`)
    }
    const parsed = parseScenario(EMPTY_SCENARIO, 'empty.yaml')
    if (!parsed.ok) throw new Error('the built-in lab does not parse')
    return start(parsed.scenario, { name: 'empty.yaml', text: EMPTY_SCENARIO })
  }

  /** Takes up the run of last time, on its way to where it stood. */
  function resume(): void {
    const stored = file?.resume()
    if (stored) {
      adopt(fromStored(stored.run))
      seek(stored.at, () => undefined)
      keepPosition() // killed on the way, it is to come back to the same moment
    } else keepRun()
  }

  function fromStored(stored: StoredRun): Current {
    const named = readScenarioFile(options.scenariosDir, stored.file === '' ? DEFAULT_SCENARIO : stored.file)
    const source = named.ok ? named.value : { name: stored.file, text: JSON.stringify(stored.scenario, null, 2) }
    return { ...start(stored.scenario, source, stored.inputs, stored.seed, stored.rehearsed) }
  }

  function adopt(next: Current): void {
    stopJob(CANCELLED)
    pacer.pause()
    current = next
    jumped()
  }

  /** The lab in view is another one now, or stands at another moment. */
  function jumped(): void {
    jumps++
    watch()
    batcher.reset(current.run.lab)
    keepRun()
  }

  function watch(): void {
    current.run.lab.onEvent = (event) => batcher.event(event)
  }

  function keepRun(): void {
    file?.begin({ seed: current.seed, file: current.file, rehearsed: current.rehearsed, scenario: current.scenario }, current.run.inputs())
    keepPosition()
  }

  // --- turns --------------------------------------------------------------------------------------

  function wake(): void {
    if (closed || immediate !== null) return
    immediate = setImmediate(turn)
  }

  function turn(): void {
    immediate = null
    if (timer) clearTimeout(timer)
    timer = null
    if (closed) return
    const startedAt = performance.now()
    const spent = (): boolean => performance.now() - startedAt > TURN_MS
    const restMs = work(startedAt, spent)
    current.run.end = Math.max(current.run.end, current.run.now)
    const fast = job !== null || pacer.mode === 'express' || pacer.mode === 'until'
    const frameMs = fast ? FAST_FRAME_MS : FRAME_MS
    const sinceFlush = performance.now() - lastFlush
    if (sinceFlush >= frameMs || restMs === null) {
      batcher.flush()
      lastFlush = performance.now()
    }
    const resting = restMs === null || pacer.mode === 'paused'
    if (!job && current.run.now !== keptAt && (resting || startedAt - lastPosition >= POSITION_EVERY_MS)) keepPosition()
    if (restMs === 0) wake()
    else if (pacer.mode === 'running') timer = setTimeout(turn, batcher.idle ? Math.min(restMs ?? 1_000, 1_000) : FRAME_MS)
    else if (batcher.wanted && (sinceFlush < frameMs || current.run.lab.unsettled)) timer = setTimeout(turn, frameMs)
  }

  /** One turn of the job or of the run. Whatever goes wrong in there stops the lab, not the program. */
  function work(wallNow: number, spent: () => boolean): number | null {
    try {
      if (job) return stepJob(job, spent)
      const moving = pacer.mode !== 'paused'
      const restMs = pacer.pump(current.run, wallNow, spent)
      if (moving) sayWhenOver()
      return restMs
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error)
      log(`the lab stopped: ${error instanceof Error ? (error.stack ?? text) : text}`)
      stopJob(failure('internal', `stopped inside the lab: ${text}`))
      pacer.pause(`The lab stopped: ${text}. Go back in time, or start it again.`)
      return null
    }
  }

  /** Something is scheduled still, but beyond the end that every run has. */
  function sayWhenOver(): void {
    const { run } = current
    const over = run.nextAt() === null && run.lab.world.clock.next() !== null
    if (over && (pacer.mode === 'paused' || run.now >= RUN_END_MS)) pacer.pause(RUN_OVER)
  }

  /** Where the run stands, or where it is being brought to. */
  function keepPosition(): void {
    lastPosition = performance.now()
    keptAt = job?.at ?? current.run.now
    file?.position(keptAt)
  }

  function stepJob(running: Job, spent: () => boolean): number | null {
    if (!running.step(spent)) return 0
    job = null
    pacer.pause()
    running.done()
    return 0
  }

  function stopJob(why: Failure): boolean {
    const running = job
    job = null
    running?.stopped(why)
    return running !== null
  }

  function clockState(): ClockState {
    const { run } = current
    const next = run.lab.world.clock.next()
    const goal = job
      ? { text: job.text, at: job.at, progress: job.progress() }
      : pacer.goal
        ? { text: pacer.goal.text, at: pacer.goal.at, progress: pacer.progress(run) }
        : null
    return {
      now: run.now,
      mode: job ? 'seeking' : pacer.mode,
      speed: pacer.speed,
      next,
      goal,
      end: Math.max(run.end, run.now),
      stoppedBecause: pacer.stoppedBecause,
      tasks: run.lab.tasks,
      jumps,
    }
  }

  // --- commands -----------------------------------------------------------------------------------

  async function dispatch(request: unknown): Promise<Reply> {
    let name = 'the request'
    try {
      const parsed = requestSchema.safeParse(request)
      if (!parsed.success) {
        return failure('bad-request', 'a request is { name, args }', [
          { path: 'name', message: 'missing or not a text', fix: 'send {"name":"time.run","args":{}}' },
        ])
      }
      name = parsed.data.name
      const args = parsed.data.args ?? {}
      if (Object.hasOwn(labCommands, name)) return labCommand(name, args)
      if (Object.hasOwn(hostCommands, name)) return await hostCommand(name as HostCommandName, args)
      return failure('unknown-command', `there is no command "${name}"`, [
        { path: 'name', message: 'unknown command', fix: 'Ctrl K lists all commands' },
      ])
    } catch (error) {
      // What is nested without end cannot even be checked.
      if (error instanceof RangeError && error.message.includes('call stack')) return failure('bad-request', `${name}: nested too deeply`)
      log(`${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      return failure('internal', `${name} failed inside the lab: ${error instanceof Error ? error.message : 'unknown error'}`)
    } finally {
      wake()
    }
  }

  function labCommand(name: string, args: unknown): Reply {
    if (job) return busy(job)
    const dropped = current.run.ahead.length
    const reply = current.run.command(name, args)
    if (!reply.ok) return reply
    if (dropped > 0) {
      keepRun()
      pacer.stoppedBecause = `Forked here: ${dropped} later command${dropped === 1 ? '' : 's'} of the old run dropped.`
    } else {
      const input = current.run.lab.inputs.at(-1)
      if (input) file?.append(input)
    }
    keepPosition()
    return reply
  }

  async function hostCommand(name: HostCommandName, raw: unknown): Promise<Reply> {
    const checked = hostCommands[name].args.safeParse(raw)
    if (!checked.success) {
      const issues = checked.error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
      const first = issues[0]
      return failure(
        'bad-request',
        `${name}: ${first && first.path !== '' ? `${first.path}: ` : ''}${first?.message ?? 'bad arguments'}`,
        issues,
      )
    }
    const args = checked.data as never
    const { world } = current.run.lab
    switch (name) {
      case 'lab.scenarios':
        return ok({ labs: listScenarios(options.scenariosDir) })
      case 'lab.open':
        return openLab(args)
      case 'lab.restart':
        adopt(start(current.scenario, current.source, [], current.seed, current.rehearsed))
        return ok({})
      case 'lab.source':
        return ok(current.source)
      case 'lab.verdict':
        return verdict()
      case 'time.run':
        return pace(() => pacer.run(performance.now(), current.run))
      case 'time.pause':
        return pace(() => pacer.pause())
      case 'time.step':
        return pace(step)
      case 'time.speed':
        return pace(() => pacer.setSpeed((args as HostCommandArgs<'time.speed'>).speed, performance.now(), current.run))
      case 'time.express':
        return pace(() => pacer.express())
      case 'time.until':
        return until(args)
      case 'time.seek':
        return new Promise((resolve) => seek((args as HostCommandArgs<'time.seek'>).at, resolve))
      case 'time.fork': {
        if (job) return busy(job)
        const dropped = current.run.fork()
        keepRun()
        return ok({ dropped })
      }
      case 'time.cancel':
        if (!stopJob(CANCELLED)) pacer.pause('Stopped.')
        return ok({})
      case 'events.query':
        return queryEvents(world, args)
      case 'event.detail':
        return eventDetail(world, (args as HostCommandArgs<'event.detail'>).seq)
      case 'flow.ladder':
        return ladderOf(world, (args as HostCommandArgs<'flow.ladder'>).flow)
      case 'flow.export':
        return exportFlow(world, args)
      case 'search.tracking':
        return searchTracking(world, (args as HostCommandArgs<'search.tracking'>).id)
      case 'journal.export':
        return exportJournal()
      case 'journal.import':
        return importJournal((args as HostCommandArgs<'journal.import'>).text)
      case 'rules.list':
        return ok({ rules: Object.entries(RULES).map(([id, rule]) => ({ id, ...rule })) })
      case 'commands.list':
        return ok({ commands: commandList() })
      case 'device.config':
      case 'wire.interfaces':
      case 'wire.open':
      case 'wire.close':
      case 'wire.token':
      case 'wire.ca':
      case 'wire.importCertificate':
      case 'wire.labCertificate':
        return failure('internal', 'not built yet')
      case 'settings.get':
        return ok({ settings: settings.values })
      case 'settings.set':
        return settings.set((args as HostCommandArgs<'settings.set'>).settings)
    }
  }

  function pace(act: () => void): Reply {
    if (job) return busy(job)
    act()
    return ok({})
  }

  /** One step is one hop: what happens silently between two hops is no step for a person. */
  function step(): void {
    pacer.pause()
    const before = current.run.lab.world.log.total
    const { run } = current
    let tasks = 0
    while (run.lab.world.log.total === before && tasks++ < 100_000) {
      if (!run.stepOnce(Number.MAX_SAFE_INTEGER)) {
        pacer.pause('Nothing more is scheduled.')
        return
      }
    }
  }

  function until(goal: HostCommandArgs<'time.until'>): Reply {
    if (job) return busy(job)
    const made = goalOf(current.run.lab.world, goal)
    if (typeof made === 'string') return failure('refused', made)
    pacer.until(made, current.run)
    return ok({})
  }

  function seek(atMs: number, done: (reply: Reply) => void): void {
    if (job) return done(busy(job))
    pacer.pause()
    const seeking = current.run.seek(atMs)
    begin({
      text: 'going to a moment',
      at: atMs,
      progress: seeking.progress,
      step: seeking.stepSome,
      done: () => {
        seeking.finish()
        jumped()
        done(ok({}))
      },
      stopped: done,
    })
  }

  /** A window hears of the work before it starts: a short one would be over before the next frame. */
  function begin(work: Job): void {
    job = work
    batcher.flush()
    wake()
  }

  function openLab(args: HostCommandArgs<'lab.open'>): Reply {
    const found = 'file' in args ? readScenarioFile(options.scenariosDir, args.file) : ok({ name: args.name, text: args.text })
    if (!found.ok) return found
    const parsed = parseScenario(found.value.text, found.value.name)
    if (!parsed.ok)
      return failure('bad-scenario', `${found.value.name} cannot be opened: ${parsed.issues[0]?.message ?? ''}`, parsed.issues)
    adopt(start(parsed.scenario, found.value))
    return ok({ title: parsed.scenario.title })
  }

  /** The expectations need every event of the run, so the run is given again beside the one in view. */
  function verdict(): Promise<Reply> {
    if (job) return Promise.resolve(busy(job))
    const { run } = current
    const judge = createJudge(current.scenario)
    const again = new Run(current.scenario, { sealer: nodeSealer, seed: current.seed, rehearse: current.rehearsed }, run.lab.inputs)
    again.lab.onEvent = (event) => judge.onEvent(event)
    return beside('checking the expectations', again, { at: run.now, task: run.lab.tasks }, () =>
      ok(judge.verdict({ rows: (kind) => again.lab.rows(kind), now: again.now })),
    )
  }

  function exportJournal(): Promise<Reply> {
    if (job) return Promise.resolve(busy(job))
    const lines: string[] = []
    const { run } = current
    const again = new Run(
      current.scenario,
      { sealer: nodeSealer, file: current.file, seed: current.seed, rehearse: current.rehearsed, journal: (line) => lines.push(line) },
      run.lab.inputs,
    )
    return beside('writing the journal', again, { at: run.now, task: run.lab.tasks }, () => {
      lines.push(endLine(again.now, again.lab.tasks, again.lab.world.log.total))
      const name = `${current.file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '')}-run.jsonl`
      return ok({ name, mediaType: 'application/x-ndjson', text: `${lines.join('\n')}\n` })
    })
  }

  /** Runs a second run up to a moment, in turns, with progress and cancel; the one in view stays as it is. */
  function beside(text: string, again: Run, goal: { at: number; task: number | null }, result: () => Reply): Promise<Reply> {
    const { mode } = pacer
    return new Promise((resolve) => {
      begin({
        text,
        at: goal.at,
        progress: () => (goal.at === 0 ? 1 : Math.min(1, again.now / goal.at)),
        step: (spent) => again.goTowards(goal.at, goal.task, spent),
        done: () => {
          if (mode === 'running') pacer.run(performance.now(), current.run)
          resolve(result())
        },
        stopped: resolve,
      })
    })
  }

  /** Opens a journal: gives its run again beside the present one, then takes it, and says whether it came out the same. */
  function importJournal(text: string): Promise<Reply> {
    const read = readJournal(text)
    if (!read.ok) return Promise.resolve(failure('bad-journal', read.issues[0]?.message ?? 'the journal cannot be read', read.issues))
    const { run: stored } = read
    const goal = { at: stored.end?.at ?? stored.inputs.at(-1)?.at ?? 0, task: stored.end?.task ?? null }
    stopJob(CANCELLED)
    pacer.pause()
    const next = fromStored(stored)
    let index = 0
    let differs = -1
    next.run.lab.onEvent = (event) => {
      if (differs < 0 && index < stored.events.length && eventLine(event) !== stored.events[index]) differs = index
      index++
    }
    return beside('giving the run again', next.run, goal, () => {
      adopt(next)
      const { refused } = next.run
      if (refused) {
        return failure(
          'bad-journal',
          `the run was opened, but its command ${refused.input.do} at ${refused.input.at} ms was refused: ${refused.message}`,
        )
      }
      if (differs < 0 && index < stored.events.length) differs = index
      if (differs >= 0) {
        return failure(
          'bad-journal',
          `the run was opened, but event ${differs} came out differently than recorded: the journal was made by another version or was changed`,
        )
      }
      return ok({ events: index, compared: stored.events.length })
    })
  }

  return {
    dispatch,
    subscribe: (listener) => batcher.add(listener),
    async close() {
      keepPosition()
      closed = true
      stopJob(CANCELLED)
      if (timer) clearTimeout(timer)
      if (immediate) clearImmediate(immediate)
    },
  }
}
