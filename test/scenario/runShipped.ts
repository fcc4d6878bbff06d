/** Shipped scenario files, and a headless run of one as `lab run` does it. */
import { readFileSync, readdirSync } from 'node:fs'
import type { HopEvent } from '../../core/contract/event.ts'
import type { Verdict } from '../../core/contract/results.ts'
import type { Scenario } from '../../core/contract/scenario.ts'
import { createLab, type Lab } from '../../core/lab.ts'
import { createJudge } from '../../core/scenario/judge.ts'
import { parseScenario } from '../../core/scenario/parse.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'

const folder = new URL('../../scenarios/', import.meta.url)

export type Shipped = { file: string; text: string; scenario: Scenario }

export function shipped(): Shipped[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const text = readFileSync(new URL(file, folder), 'utf8')
      const parsed = parseScenario(text, file)
      if (!parsed.ok) throw new Error(`${file}: ${JSON.stringify(parsed.issues, null, 2)}`)
      return { file, text, scenario: parsed.scenario }
    })
}

/** Labs of thousands are run as often as they have to be, and no oftener. */
export const small = (files: readonly Shipped[]): Shipped[] => files.filter(({ scenario }) => scenario.written === undefined)

export type HeadlessRun = { lab: Lab; verdict: Verdict; journal: string[] }

export function runHeadless(scenario: Scenario, onEvent: (event: HopEvent, lab: Lab) => void = () => undefined): HeadlessRun {
  const journal: string[] = []
  const judge = createJudge(scenario)
  const lab = createLab(scenario, { sealer: nodeSealer, rehearse: true, journal: (line) => void journal.push(line) })
  lab.onEvent = (event) => {
    judge.onEvent(event)
    onEvent(event, lab)
  }
  lab.runUntil(scenario.until)
  return { lab, verdict: judge.verdict({ rows: (kind) => lab.rows(kind), now: lab.now }), journal }
}
