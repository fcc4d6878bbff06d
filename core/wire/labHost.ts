/**
 * The lab behind its door: one run, paced by the wall clock, with its files and its windows. Electron's main
 * process, the browser host and tests all use this one.
 */
import { mkdirSync } from 'node:fs'
import { z } from 'zod'
import { readCli } from '../admin/commands.ts'
import { adminSteps, isAdminQuery } from '../admin/queries.ts'
import { commandList } from '../commandList.ts'
import type { Batch, ClockState } from '../contract/batch.ts'
import { hostCommands, labCommands, WIRE_INPUTS, type HostCommandArgs, type HostCommandName } from '../contract/commands.ts'
import { failure, ok, type Failure, type LabDoor, type Reply } from '../contract/door.ts'
import type { Scenario } from '../contract/scenario.ts'
import { proxyCapacity, proxyView } from '../edge/proxyPage.ts'
import { upgradeView } from '../upgrade/view.ts'
import { mraView, oauthView } from '../oauth/view.ts'
import { onboardingView } from '../onboarding/view.ts'
import { releaseMatrix } from '../release/matrixQuery.ts'
import { reloginQuery } from '../presence/reloginQuery.ts'
import type { TimedInput } from '../engine/journal.ts'
import { Pacer } from '../engine/pacer.ts'
import { RULES } from '../explain/rules.ts'
import { configOf } from '../lpns/jabberConfig.ts'
import { eventDetail, exportFlow, ladderOf, queryEvents, searchTracking } from '../queries.ts'
import { Run, RUN_END_MS } from '../run.ts'
import { asWritten } from '../scenario/generate.ts'
import { parseScenario } from '../scenario/parse.ts'
import type { Steps } from '../steps.ts'
import { Attachment, type WireHost } from './attachment.ts'
import { Batcher } from './batcher.ts'
import { createClouds } from './clouds.ts'
import { busy, CANCELLED, type Current, type Job } from './host.ts'
import { CertificateStore } from './lpns/certificateStore.ts'
import { nodeSealer } from './nodeSealer.ts'
import { compareFork, exportJournal, importJournal, verdict } from './runAgain.ts'
import { RunFile, type StoredRun } from './runFile.ts'
import { DEFAULT_SCENARIO, listScenarios, readScenarioFile } from './scenarioFiles.ts'
import { SettingsFile } from './settingsFile.ts'
import { isTimeCommand, seek, timeCommand } from './timeCommands.ts'
import { createWire } from './wireCommands.ts'

export type LabHostOptions = {
  /** Where the run and the settings are kept; null keeps nothing. */
  dataDir: string | null
  scenariosDir: string
  log?: (line: string) => void
  /** Inputs that a run may have before its real clients are let go. */
  maxInputs?: number
}

export type LabHost = LabDoor & { close(): Promise<void> }

/** One turn of work before windows and sockets get theirs. */
const TURN_MS = 8
const FRAME_MS = 16
/** In express and while seeking a window is told less often: drawing must not cost the run its time. */
const FAST_FRAME_MS = 100
const POSITION_EVERY_MS = 2_000
/** What real clients send is written together; a crash costs no more than this of it. */
const WRITE_EVERY_MS = 500
/** Without a window, and with nothing due, the lab still looks at the clock this often. */
const IDLE_MS = 1_000

const HOST_COMMANDS = Object.keys(hostCommands)

const RUN_OVER = `A run ends after ${RUN_END_MS / 86_400_000} days: go back in time, or start the lab again.`

const requestSchema = z.object({ name: z.string().max(60), args: z.unknown() })

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
  let lastWrite = 0
  let keptAt = -1
  /** When the next turn comes by itself, in wall time. */
  let turnAt = 0
  const settings = new SettingsFile(options.dataDir)

  let current = openInitial()
  const host: WireHost = {
    get current() {
      return current
    },
    get job() {
      return job
    },
    pacer,
    adopt,
    jumped,
    keepRun,
    fromStored,
    begin,
    stopJob,
    wake,
    log,
    catchUp,
    settle,
    keepLater: (line) => file?.appendLater(line),
  }
  const attachment = new Attachment(host, options.maxInputs)
  const certificates = new CertificateStore(options.dataDir)
  const wire = createWire(host, attachment, certificates)
  const clouds = createClouds(host, attachment, certificates)
  const batcher = new Batcher(current.run.lab, clockState, onSockets, wake)
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
      seek(host, stored.at, () => undefined)
      keepPosition() // killed on the way, it is to come back to the same moment
    } else keepRun()
  }

  function fromStored(stored: StoredRun): Current {
    const named = readScenarioFile(options.scenariosDir, stored.file === '' ? DEFAULT_SCENARIO : stored.file)
    const source = named.ok ? named.value : { name: stored.file, text: JSON.stringify(asWritten(stored.scenario), null, 2) }
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
    wire.jumped()
    clouds.jumped()
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
    const more = wire.afterTurn(spent)
    clouds.afterTurn()
    if (startedAt - lastWrite >= WRITE_EVERY_MS || !attachment.open) {
      file?.flush()
      lastWrite = startedAt
    }
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
    if (restMs === 0 || more) wake()
    else if (pacer.mode === 'running') turnIn(untilNextTurn(restMs ?? IDLE_MS))
    else if (batcher.wanted && (sinceFlush < frameMs || current.run.lab.unsettled)) turnIn(frameMs)
  }

  function turnIn(ms: number): void {
    turnAt = performance.now() + ms
    timer = setTimeout(turn, ms)
  }

  /** Something real came in: a turn is needed for what is due before the next one, and for nothing else. */
  function settle(): void {
    const { run } = current
    const restMs = (run.nextAt() ?? Infinity) - run.now
    if (performance.now() + restMs < turnAt) wake()
  }

  /** A window is told of the time once per frame; what goes to a real client leaves at its moment. */
  function untilNextTurn(restMs: number): number {
    if (attachment.open) return Math.min(restMs, batcher.idle ? IDLE_MS : FRAME_MS)
    return batcher.idle ? Math.min(restMs, IDLE_MS) : FRAME_MS
  }

  /** One turn of the job or of the run. Whatever goes wrong in there stops the lab, not the program. */
  function work(wallNow: number, spent: () => boolean): number | null {
    try {
      if (job) {
        // Real clients do not wait while a journal is written.
        if (attachment.open) pacer.pump(current.run, wallNow, spent)
        return stepJob(job, spent)
      }
      const moving = pacer.mode !== 'paused'
      const restMs = pacer.pump(current.run, wallNow, spent)
      if (moving) sayWhenOver()
      return restMs
    } catch (error) {
      stopped(error)
      return null
    }
  }

  function stopped(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    log(`the lab stopped: ${error instanceof Error ? (error.stack ?? text) : text}`)
    stopJob(failure('internal', `stopped inside the lab: ${text}`))
    pacer.pause(`The lab stopped: ${text}. Go back in time, or start it again.`)
  }

  /** Brings the run to this moment of the wall clock, before something real enters it. */
  function catchUp(): boolean {
    try {
      const startedAt = performance.now()
      pacer.pump(current.run, startedAt, () => performance.now() - startedAt > TURN_MS)
      return true
    } catch (error) {
      stopped(error)
      return false
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

  function onSockets(): Pick<Batch, 'wire' | 'clouds' | 'pinned'> {
    return { wire: wire.state(), clouds: clouds.state(), pinned: pinned() }
  }

  /** Asked of those who refuse, so that the window need not know a list of its own. */
  function pinned(): Batch['pinned'] {
    if (!attachment.open) return null
    let reason = ''
    const commands = HOST_COMMANDS.filter((name) => {
      const refused = refusalOf(name)
      if (refused && reason === '') reason = refused.message
      return refused !== null
    })
    return { commands, reason }
  }

  const refusalOf = (name: string): Failure | null => attachment.refusal(name)

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
      if (WIRE_INPUTS.has(name))
        return failure('refused', `${name} is what a real client does: only the endpoint tells it (wire.open, then attach a client)`)
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
    const read = readOnly(name, args)
    if (read) return read
    const dropped = current.run.ahead.length
    const reply = current.run.command(name, args)
    if (!reply.ok) return reply
    if (dropped > 0) {
      keepRun()
      pacer.stoppedBecause = `Forked here: ${dropped} later command${dropped === 1 ? '' : 's'} of the old run dropped.`
    } else {
      const input = current.run.lab.inputs.at(-1)
      // With its line the run stands at least here: no need to write the position too.
      if (input) file?.append(input)
    }
    return reply
  }

  /** Of all commands one may only read: then it is no input of the run, and nothing recorded ahead is dropped. */
  function readOnly(name: string, args: unknown): Reply | null {
    if (name !== 'cli.run') return null
    const checked = labCommands[name].args.safeParse(args)
    return checked.success ? readCli(current.run.lab.world, checked.data) : null
  }

  /** Long answers are made in turns, as the run is: neither it nor its windows wait for them. */
  async function inTurns<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      const began = performance.now()
      let step = steps.next()
      while (step.done !== true && performance.now() - began < TURN_MS) step = steps.next()
      if (step.done === true) return step.value
      await new Promise((resolve) => setImmediate(resolve))
    }
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
    const refusal = refusalOf(name)
    if (refusal) return refusal
    if (isTimeCommand(name)) return timeCommand(host, name, args)
    const { world } = current.run.lab
    if (isAdminQuery(name)) return inTurns(adminSteps(world, name, args))
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
      case 'runs.compare':
        return compareFork(host)
      case 'lab.verdict':
        return verdict(host)
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
        return exportJournal(host)
      case 'journal.import':
        return importJournal(host, (args as HostCommandArgs<'journal.import'>).text)
      case 'rules.list':
        return ok({ rules: Object.entries(RULES).map(([id, rule]) => ({ id, ...rule })) })
      case 'commands.list':
        return ok({ commands: commandList() })
      case 'device.config':
        return deviceConfig((args as HostCommandArgs<'device.config'>).device)
      case 'presence.relogin':
        return reloginQuery(current.run.lab.world, args as HostCommandArgs<'presence.relogin'>)
      case 'onboarding.show':
        return ok(onboardingView(world))
      case 'release.matrix':
        return releaseMatrix(world, args as HostCommandArgs<'release.matrix'>)
      case 'oauth.show':
        return ok(oauthView(world))
      case 'upgrade.show':
        return ok(upgradeView(world))
      case 'mra.show':
        return ok(mraView(world))
      case 'proxy.show':
        return ok({ proxy: proxyView(world) })
      case 'proxy.capacity':
        return proxyCapacity(world, args)
      case 'wire.interfaces':
      case 'wire.open':
      case 'wire.close':
      case 'wire.token':
      case 'wire.ca':
      case 'wire.importCertificate':
      case 'wire.labCertificate':
        return wire.command(name, args)
      case 'clouds.open':
      case 'clouds.close':
      case 'clouds.legs':
      case 'clouds.secret':
      case 'clouds.fault':
      case 'clouds.mend':
      case 'clouds.provider':
      case 'clouds.log':
      case 'clouds.keylog':
        return clouds.command(name, args)
      case 'settings.get':
        return ok({ settings: settings.values })
      case 'settings.set':
        return settings.set((args as HostCommandArgs<'settings.set'>).settings)
    }
  }

  function deviceConfig(id: string): Reply {
    const { world } = current.run.lab
    const device = world.devices.get(id)
    return device ? ok(configOf(world, device)) : failure('not-found', `there is no device "${id}"`)
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

  return {
    dispatch,
    subscribe: (listener) => batcher.add(listener),
    async close() {
      await Promise.all([wire.close('Push Lab is closing'), clouds.close('Push Lab is closing')])
      keepPosition()
      closed = true
      stopJob(CANCELLED)
      if (timer) clearTimeout(timer)
      if (immediate) clearImmediate(immediate)
      await file?.close()
    },
  }
}
