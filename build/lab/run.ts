/**
 * `lab run FILE`: a scenario without a window, held against its expectations, or a recorded run, held against its
 * record. Exit 0 when all is as it should be, 1 when not, 2 when the file is bad, 130 when it was interrupted.
 */
import type { HopEvent } from '../../core/contract/event.ts'
import type { Verdict } from '../../core/contract/results.ts'
import type { AlarmRow, FlowRow, RowKind } from '../../core/contract/rows.ts'
import type { Scenario } from '../../core/contract/scenario.ts'
import { eventLine } from '../../core/engine/journal.ts'
import { createLab, type Lab } from '../../core/lab.ts'
import { printable, spanText } from '../../core/ladder/words.ts'
import { Run } from '../../core/run.ts'
import { createJudge } from '../../core/scenario/judge.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { againstRecord, endOfRecord } from '../../core/wire/recorded.ts'
import type { StoredRun } from '../../core/wire/runFile.ts'
import { complain } from './complain.ts'
import { drive, INTERRUPTED_EXIT, NO_PROGRESS, progressOn, type Driveable } from './drive.ts'
import { issueLines } from './issueText.ts'
import { openLab } from './openLab.ts'
import type { Output } from './output.ts'
import { createOutput } from './output.ts'
import { RUN_USAGE, readRunOptions, type RunOptions } from './runOptions.ts'
import { report, type Recorded } from './runReport.ts'
import { alarmText, flowText, hopText, verdictLines } from './runText.ts'

/** Rows of one kind that the readable log lists at its end; a large lab has thousands. */
const LISTED = 20

export async function run(args: string[]): Promise<number> {
  const output = createOutput(process.stdout)
  const read = readRunOptions(args)
  if (!read.ok) {
    if (!read.help) return complain(read.message, RUN_USAGE, 'run')
    output.line(RUN_USAGE)
    await output.settle()
    return 0
  }
  const { file, json, seed } = read.options
  const opened = await openLab(file, process.stdin)
  if (opened.kind === 'scenario') return await runLab(ofScenario(opened.scenario, read.options), read.options, output)
  if (opened.kind === 'run') {
    if (seed !== null) return complain('A recorded run has its own seed: leave --seed out.', RUN_USAGE, 'run')
    return await runLab(ofRecord(opened.stored, read.options), read.options, output)
  }
  process.stderr.write(`${opened.lines.join('\n')}\n`)
  if (json && opened.issues !== null) {
    output.line(JSON.stringify({ type: 'bad-scenario', file, issues: opened.issues }))
    await output.settle()
  }
  return 2
}

/** What is run: how far, and what it is held against. */
type Subject = {
  scenario: Scenario
  seed: number
  untilMs: number
  lab: Lab
  drive: Driveable
  onEvent: (event: HopEvent) => void
  verdict: (rows: (kind: RowKind) => ReturnType<Lab['rows']>) => Verdict
  /** Of a recorded run: whether it came out as recorded. */
  recorded: (() => Recorded) | null
}

function ofScenario(scenario: Scenario, options: RunOptions): Subject {
  const seed = options.seed ?? scenario.seed
  const judge = createJudge(scenario)
  const lab = createLab(scenario, { sealer: nodeSealer, file: options.file, seed, rehearse: true })
  return {
    scenario,
    seed,
    untilMs: options.untilMs ?? scenario.until,
    lab,
    drive: driveable(lab, (at) => lab.runUntil(at)),
    onEvent: (event) => judge.onEvent(event),
    verdict: (rows) => judge.verdict({ rows, now: lab.now }),
    recorded: null,
  }
}

/** Its commands are those of a person, so the expectations of its scenario say nothing about it. */
function ofRecord(stored: StoredRun, options: RunOptions): Subject {
  const { scenario, seed, file, rehearsed, inputs, events } = stored
  const again = new Run(scenario, { sealer: nodeSealer, file, seed, rehearse: rehearsed }, inputs)
  const record = againstRecord(stored)
  const end = endOfRecord(stored)
  const untilMs = options.untilMs ?? end.at
  const step = (at: number): void => {
    while (!again.goTowards(at, at === end.at ? end.task : null, () => false));
  }
  const recorded = (): Recorded => {
    const issue = record.issue(again, again.now === end.at)
    return { events: events.length, same: issue === null, issue }
  }
  const verdict = (): Verdict => ({ met: recorded().same, results: [] })
  return {
    scenario,
    seed,
    untilMs,
    lab: again.lab,
    drive: driveable(again.lab, step),
    onEvent: (event) => record.onEvent(event),
    verdict,
    recorded,
  }
}

const driveable = (lab: Lab, runUntil: (at: number) => void): Driveable => ({
  get now() {
    return lab.now
  },
  get events() {
    return lab.world.log.total
  },
  runUntil,
})

async function runLab(subject: Subject, options: RunOptions, output: Output): Promise<number> {
  const { file, json, quiet } = options
  const { scenario, seed, untilMs, lab } = subject
  lab.onEvent = (event: HopEvent) => {
    subject.onEvent(event)
    if (!quiet) output.line(json ? `{"type":"event",${eventLine(event).slice(1)}` : hopText(event))
  }
  if (!json) {
    const what = subject.recorded === null ? '' : ', a recorded run'
    output.line(`${printable(scenario.title)} (${printable(file)}), seed ${seed}, ${spanText(untilMs)} of virtual time${what}`)
    if (!quiet) output.line('')
  }
  // Where the hops scroll by, they are the progress.
  const scrolling = process.stdout.isTTY && !quiet
  const wanted = options.progress || (process.stderr.isTTY && !scrolling)
  const ended = await drive(subject.drive, untilMs, output, wanted ? progressOn(process.stderr) : NO_PROGRESS)
  if (ended === 'closed') return output.closedExit
  const interrupted = ended === 'interrupted'
  const rows = (kind: RowKind) => lab.rows(kind)
  const verdict = subject.verdict(rows)
  const recorded = subject.recorded?.() ?? null
  if (json) {
    const events = lab.world.log.total
    const ran = { ...(interrupted ? { interruptedAtMs: lab.now } : {}), ...(recorded === null ? {} : { recorded }) }
    output.line(JSON.stringify({ ...report({ file, scenario, seed, untilMs, events, verdict, rows }), ...ran }))
  } else {
    list(output, 'Flows', (lab.rows('flow') as readonly FlowRow[]).map(flowText))
    list(output, 'Alarms', (lab.rows('alarm') as readonly AlarmRow[]).map(alarmText))
    output.line('')
    if (quiet) output.line(`${lab.world.log.total} events`)
    if (interrupted) output.line(`Stopped at ${spanText(lab.now)} of ${spanText(untilMs)}: what stands here is of this part.`)
    for (const line of recorded === null ? verdictLines(verdict) : recordLines(file, recorded)) output.line(line)
  }
  await output.settle()
  if (output.closed) return output.closedExit
  if (interrupted) return INTERRUPTED_EXIT
  return verdict.met ? 0 : 1
}

function recordLines(file: string, { events, issue }: Recorded): string[] {
  if (issue !== null) return issueLines(file, [issue])
  return [
    events === 0 ? 'Every command was carried out; the file holds no events to compare with.' : 'It came out as recorded, event by event.',
  ]
}

function list(output: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  output.line('')
  output.line(`${title}:`)
  for (const line of lines.slice(0, LISTED)) output.line(line)
  if (lines.length > LISTED) output.line(`  and ${lines.length - LISTED} more (--json has them all)`)
}
