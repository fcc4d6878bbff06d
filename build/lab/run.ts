/** `lab run FILE`: a scenario without a window. Exit 0 when its expectations hold, 1 when not, 2 when it is bad. */
import type { HopEvent } from '../../core/contract/event.ts'
import type { AlarmRow, FlowRow } from '../../core/contract/rows.ts'
import type { Scenario } from '../../core/contract/scenario.ts'
import { createLab } from '../../core/lab.ts'
import { printable, spanText } from '../../core/ladder/words.ts'
import { createJudge } from '../../core/scenario/judge.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { issueLines } from './issueText.ts'
import type { Output } from './output.ts'
import { CLOSED_PIPE_EXIT, createOutput } from './output.ts'
import { readText } from './readText.ts'
import { RUN_USAGE, readRunOptions } from './runOptions.ts'
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
  const { file, json, untilMs, seed } = read.options
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
  const scenario: Scenario = seed === null ? parsed.scenario : { ...parsed.scenario, seed }
  return await runScenario(file, scenario, untilMs ?? scenario.until, json, output)
}

async function runScenario(file: string, scenario: Scenario, untilMs: number, json: boolean, output: Output): Promise<number> {
  const judge = createJudge(scenario)
  const lab = createLab(scenario, { sealer: nodeSealer, file, rehearse: true })
  let events = 0
  lab.onEvent = (event: HopEvent) => {
    events += 1
    judge.onEvent(event)
    output.line(json ? JSON.stringify({ type: 'event', ...event }) : hopText(event))
  }
  if (!json) {
    output.line(`${printable(scenario.title)} (${printable(file)}), seed ${scenario.seed}, ${spanText(untilMs)} of virtual time`)
    output.line('')
  }
  // In slices that yield about as many events as the pipe can take at once; empty hours pass in a few steps.
  let sliceMs = 1_000
  for (let at = 0; at < untilMs && !output.closed;) {
    at = Math.min(untilMs, at + sliceMs)
    const before = events
    lab.runUntil(at)
    await output.settle()
    if (events - before > 2_000) sliceMs = Math.max(1, sliceMs >> 1)
    else if (events - before < 500) sliceMs = Math.min(86_400_000, sliceMs * 2)
  }
  if (untilMs === 0) lab.runUntil(0)
  if (output.closed) return CLOSED_PIPE_EXIT

  const verdict = judge.verdict({ rows: (kind) => lab.rows(kind), now: lab.now })
  const flows = lab.rows('flow') as readonly FlowRow[]
  const alarms = lab.rows('alarm') as readonly AlarmRow[]
  if (json) {
    output.line(JSON.stringify(report({ file, scenario, untilMs, events, verdict, rows: (kind) => lab.rows(kind) })))
  } else {
    list(output, 'Flows', flows.map(flowText))
    list(output, 'Alarms', alarms.map(alarmText))
    output.line('')
    for (const line of verdictLines(verdict)) output.line(line)
  }
  await output.settle()
  if (output.closed) return CLOSED_PIPE_EXIT
  return verdict.met ? 0 : 1
}

function list(output: Output, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return
  output.line('')
  output.line(`${title}:`)
  for (const line of lines.slice(0, LISTED)) output.line(line)
  if (lines.length > LISTED) output.line(`  and ${lines.length - LISTED} more (--json has them all)`)
}
