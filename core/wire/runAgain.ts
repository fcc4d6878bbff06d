/** What needs the run a second time, beside the one in view: its verdict, its journal, and a journal from elsewhere. */
import { failure, ok, type Reply } from '../contract/door.ts'
import { endLine } from '../engine/journal.ts'
import { comparedRun, compare } from '../compare.ts'
import { Run } from '../run.ts'
import { createJudge } from '../scenario/judge.ts'
import { busy, CANCELLED, type Host } from './host.ts'
import { nodeSealer } from './nodeSealer.ts'
import { againstRecord, endOfRecord } from './recorded.ts'
import { readJournal } from './runFile.ts'

/** The expectations need every event of the run. */
export function verdict(host: Host): Promise<Reply> {
  if (host.job) return Promise.resolve(busy(host.job))
  const { scenario, seed, rehearsed, run } = host.current
  const judge = createJudge(scenario)
  const again = new Run(scenario, { sealer: nodeSealer, seed, rehearse: rehearsed }, run.lab.inputs)
  again.lab.onEvent = (event) => judge.onEvent(event)
  return beside(host, 'checking the expectations', again, { at: run.now, task: run.lab.tasks }, () =>
    ok(judge.verdict({ rows: (kind) => again.lab.rows(kind), now: again.now })),
  )
}

/** Virtual time that both runs of a comparison go on at once. */
const COMPARED_AT_ONCE_MS = 1_000

/** The run as it was before the newest fork beside the present one, each to the end of the longer. */
export function compareFork(host: Host): Promise<Reply> {
  if (host.job) return Promise.resolve(busy(host.job))
  const { scenario, seed, rehearsed, run } = host.current
  const { before } = run
  if (before === null) {
    const text = 'there is no run from before a fork: go back in time, do something else there, and compare'
    return Promise.resolve(failure('refused', text))
  }
  const again = (inputs: Run['ahead']): Run => new Run(scenario, { sealer: nodeSealer, seed, rehearse: rehearsed }, inputs)
  const untilMs = Math.max(before.end, run.end)
  const comparison = compare(comparedRun(again(before.inputs)), comparedRun(again(run.inputs())))
  const { mode } = host.pacer
  let at = 0
  return new Promise((resolve) => {
    host.begin({
      text: 'comparing the two runs',
      at: untilMs,
      progress: () => (untilMs === 0 ? 1 : at / untilMs),
      step(spent) {
        do {
          at = Math.min(untilMs, at + COMPARED_AT_ONCE_MS)
          comparison.goTo(at)
        } while (at < untilMs && !spent())
        return at >= untilMs
      },
      done() {
        if (mode === 'running') host.pacer.run(performance.now(), host.current.run)
        resolve(ok({ ...comparison.result(), forkedAt: before.forkedAt }))
      },
      stopped: resolve,
    })
  })
}

export function exportJournal(host: Host): Promise<Reply> {
  if (host.job) return Promise.resolve(busy(host.job))
  const lines: string[] = []
  const { scenario, seed, file, rehearsed, run } = host.current
  const options = { sealer: nodeSealer, file, seed, rehearse: rehearsed, journal: (line: string) => void lines.push(line) }
  const again = new Run(scenario, options, run.lab.inputs)
  return beside(host, 'writing the journal', again, { at: run.now, task: run.lab.tasks }, () => {
    lines.push(endLine(again.now, again.lab.tasks, again.lab.world.log.total))
    const name = `${file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '')}-run.jsonl`
    return ok({ name, mediaType: 'application/x-ndjson', text: `${lines.join('\n')}\n` })
  })
}

/** Runs a second run up to a moment, in turns, with progress and cancel; the one in view stays as it is. */
function beside(host: Host, text: string, again: Run, goal: { at: number; task: number | null }, result: () => Reply): Promise<Reply> {
  const { mode } = host.pacer
  return new Promise((resolve) => {
    host.begin({
      text,
      at: goal.at,
      progress: () => (goal.at === 0 ? 1 : Math.min(1, again.now / goal.at)),
      step: (spent) => again.goTowards(goal.at, goal.task, spent),
      done: () => {
        if (mode === 'running') host.pacer.run(performance.now(), host.current.run)
        resolve(result())
      },
      stopped: resolve,
    })
  })
}

/** Opens a journal: gives its run again beside the present one, then takes it, and says whether it came out the same. */
export function importJournal(host: Host, text: string): Promise<Reply> {
  const read = readJournal(text)
  if (!read.ok) return Promise.resolve(failure('bad-journal', read.issues[0]?.message ?? 'the journal cannot be read', read.issues))
  const { run: stored } = read
  host.stopJob(CANCELLED)
  host.pacer.pause()
  const next = host.fromStored(stored)
  const record = againstRecord(stored)
  next.run.lab.onEvent = (event) => record.onEvent(event)
  return beside(host, 'giving the run again', next.run, endOfRecord(stored), () => {
    host.adopt(next)
    const issue = record.issue(next.run)
    if (issue) return failure('bad-journal', `the run was opened, but ${issue.message} (line ${issue.line})`, [issue])
    return ok({ events: record.events, compared: stored.events.length })
  })
}
