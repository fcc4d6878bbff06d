/**
 * The lab behind its door: one run, paced by the wall clock, with its files and its windows. Electron's main
 * process, the browser host and tests all use this one. Here its parts are put together; each has a file of its own.
 */
import { mkdirSync } from 'node:fs'
import type { Batch } from '../contract/batch.ts'
import { hostCommands } from '../contract/commands.ts'
import type { LabDoor } from '../contract/door.ts'
import { Pacer } from '../engine/pacer.ts'
import { Attachment, type WireHost } from './attachment.ts'
import { Batcher } from './batcher.ts'
import { clockState } from './clockState.ts'
import { createClouds } from './clouds.ts'
import { dispatch } from './dispatch.ts'
import { CANCELLED, type Current } from './host.ts'
import { CertificateStore } from './lpns/certificateStore.ts'
import { firstRun, storedRun } from './openedRuns.ts'
import { RunFile } from './runFile.ts'
import { SettingsFile } from './settingsFile.ts'
import { seek } from './timeCommands.ts'
import { Turns } from './turns.ts'
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

const HOST_COMMANDS = Object.keys(hostCommands)

export function createLabHost(options: LabHostOptions): LabHost {
  const { dataDir, scenariosDir, log = () => undefined } = options
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = dataDir === null ? null : new RunFile(dataDir, log)
  const pacer = new Pacer()
  let current = firstRun(scenariosDir, log)
  let jumps = 0

  const host: WireHost = {
    get current() {
      return current
    },
    get job() {
      return turns.job
    },
    pacer,
    adopt,
    jumped,
    keepRun,
    fromStored: (stored) => storedRun(scenariosDir, stored),
    begin: (work) => turns.begin(work),
    stopJob: (why) => turns.stopJob(why),
    wake: () => turns.wake(),
    log,
    catchUp: () => turns.catchUp(),
    settle: () => turns.settle(),
    keepLater: (line) => file?.appendLater(line),
  }
  const attachment = new Attachment(host, options.maxInputs)
  const certificates = new CertificateStore(dataDir)
  const wire = createWire(host, attachment, certificates)
  const clouds = createClouds(host, attachment, certificates)
  const batcher = new Batcher(current.run.lab, () => clockState(host, jumps), besides, host.wake)
  const turns = new Turns({
    current: () => current,
    pacer,
    file,
    batcher,
    attachment,
    sockets(spent) {
      const more = wire.afterTurn(spent)
      clouds.afterTurn()
      return more
    },
    written: () => wire.written,
    log,
  })
  const door = { host, attachment, wire, clouds, settings: new SettingsFile(dataDir), file, scenariosDir }
  watch()
  resume()

  /** Takes up the run of last time, on its way to where it stood. */
  function resume(): void {
    const stored = file?.resume()
    if (stored) {
      adopt(host.fromStored(stored.run))
      seek(host, stored.at, () => undefined)
      turns.keepPosition() // killed on the way, it is to come back to the same moment
    } else keepRun()
  }

  function adopt(next: Current): void {
    turns.stopJob(CANCELLED)
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
    const { seed, file: name, rehearsed, scenario, run } = current
    file?.begin({ seed, file: name, rehearsed, scenario }, run.inputs())
    turns.keepPosition()
  }

  function besides(): Pick<Batch, 'wire' | 'clouds' | 'pinned' | 'notKept'> {
    return { wire: wire.state(), clouds: clouds.state(), pinned: pinned(), notKept: file?.notKept ?? '' }
  }

  /** Asked of those who refuse, so that the window need not know a list of its own. */
  function pinned(): Batch['pinned'] {
    if (!attachment.open) return null
    const refused = HOST_COMMANDS.flatMap((name) => {
      const refusal = attachment.refusal(name)
      return refusal ? [{ name, refusal }] : []
    })
    return { commands: refused.map(({ name }) => name), reason: refused[0]?.refusal.message ?? '' }
  }

  return {
    dispatch: (request) => dispatch(door, request),
    subscribe: (listener) => batcher.add(listener),
    async close() {
      await Promise.all([wire.close('Push Lab is closing'), clouds.close('Push Lab is closing')])
      turns.keepPosition()
      turns.end()
      turns.stopJob(CANCELLED)
      await file?.close()
    },
  }
}
