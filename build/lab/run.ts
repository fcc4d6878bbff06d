/**
 * `lab run FILE`: a scenario without a window. Exit 0 when its expectations hold, 1 when not,
 * 2 when it is bad, 130 when it was interrupted.
 */
import type { HopEvent } from '../../core/contract/event.ts'
import type { AlarmRow, FlowRow, RowKind } from '../../core/contract/rows.ts'
import type { Scenario } from '../../core/contract/scenario.ts'
import { eventLine } from '../../core/engine/journal.ts'
import { createLab } from '../../core/lab.ts'
import { printable, spanText } from '../../core/ladder/words.ts'
import { createJudge } from '../../core/scenario/judge.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { drive, INTERRUPTED_EXIT, NO_PROGRESS, progressOn } from './drive.ts'
import { issueLines } from './issueText.ts'
import type { Output } from './output.ts'
import { CLOSED_PIPE_EXIT, createOutput } from './output.ts'
import { readText } from './readText.ts'
import { RUN_USAGE, readRunOptions, type RunOptions } from './runOptions.ts'
import { report } from './runReport.ts'
import { alarmText, flowText, hopText, verdictLines } from './runText.ts'

/** Rows of one kind that the readable log lists at its end; a large lab has thousands. */
const LISTED = 20

export async function run(args: string[]): Promise<number> {
  const output = createOutput(process.stdout)
  const read = readRunOptions(args)
  if (!read.ok) {
    if (read.help) {
      output.line(RUN_USAGE)
      await output.settle()
      return 0
    }
    process.stderr.write(`${read.message}\n${RUN_USAGE}\n`)
    return 2
  }
  const { file, json } = read.options
  const source = await readText(file, process.stdin)
  if (!source.ok) {
    process.stderr.write(`${source.message}\n`)
    return 2
  }
  const parsed = parseScenario(source.text, file)
  if (!parsed.ok) {
    process.stderr.write(`${issueLines(file, parsed.issues).join('\n')}\n`)
    if (json) {
      output.line(JSON.stringify({ type: 'bad-scenario', file, issues: parsed.issues }))
      await output.settle()
    }
    return 2
  }
  return await runScenario(parsed.scenario, read.options, output)
}

async function runScenario(scenario: Scenario, options: RunOptions, output: Output): Promise<number> {
  const { file, json, quiet } = options
  const untilMs = options.untilMs ?? scenario.until
  const seed = options.seed ?? scenario.seed
  const judge = createJudge(scenario)
  const lab = createLab(scenario, { sealer: nodeSealer, file, seed, rehearse: true })
  lab.onEvent = (event: HopEvent) => {
    judge.onEvent(event)
    if (!quiet) output.line(json ? `{"type":"event",${eventLine(event).slice(1)}` : hopText(event))
  }
  if (!json) {
    output.line(`${printable(scenario.title)} (${printable(file)}), seed ${seed}, ${spanText(untilMs)} of virtual time`)
    if (!quiet) output.line('')
  }
  // Where the hops scroll by, they are the progress.
  const scrolling = process.stdout.isTTY && !quiet
  const wanted = options.progress || (process.stderr.isTTY && !scrolling)
  const ended = await drive(lab, untilMs, output, wanted ? progressOn(process.stderr) : NO_PROGRESS)
  if (ended === 'closed') return CLOSED_PIPE_EXIT
  const interrupted = ended === 'interrupted'
  const rows = (kind: RowKind) => lab.rows(kind)
  const verdict = judge.verdict({ rows, now: lab.now })
  if (json) {
    const events = lab.world.log.total
    const ran = interrupted ? { interruptedAtMs: lab.now } : {}
    output.line(JSON.stringify({ ...report({ file, scenario, seed, untilMs, events, verdict, rows }), ...ran }))
  } else {
    list(output, 'Flows', (lab.rows('flow') as readonly FlowRow[]).map(flowText))
    list(output, 'Alarms', (lab.rows('alarm') as readonly AlarmRow[]).map(alarmText))
    output.line('')
    if (quiet) output.line(`${lab.world.log.total} events`)
    if (interrupted) output.line(`Stopped at ${spanText(lab.now)} of ${spanText(untilMs)}: what stands here is of this part.`)
    for (const line of verdictLines(verdict)) output.line(line)
  }
  await output.settle()
  if (output.closed) return CLOSED_PIPE_EXIT
  if (interrupted) return INTERRUPTED_EXIT
  return verdict.met ? 0 : 1
}

function list(output: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  output.line('')
  output.line(`${title}:`)
  for (const line of lines.slice(0, LISTED)) output.line(line)
  if (lines.length > LISTED) output.line(`  and ${lines.length - LISTED} more (--json has them all)`)
}
