import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scenarioSchema, type ScenarioInput } from '../../../core/contract/scenario.ts'
import { createLab, type Lab } from '../../../core/lab.ts'
import { parseScenario } from '../../../core/scenario/parse.ts'
import { nodeSealer } from '../../../core/wire/nodeSealer.ts'
import { Broken, keepLedger, type Ledger } from './ledger.ts'
import { randomLab } from './randomLab.ts'

/** Runs to the end; throws at the first event after which a book is not right. */
function play(input: ScenarioInput, before: (lab: Lab) => void = () => undefined): { lab: Lab; ledger: Ledger } {
  const scenario = scenarioSchema.parse(input)
  const lab = createLab(scenario, { sealer: nodeSealer, rehearse: true, eventsKept: 1_000 })
  const ledger = keepLedger(lab)
  before(lab)
  while (lab.step(scenario.until)) ledger.afterStep()
  lab.runUntil(scenario.until)
  ledger.atEnd()
  return { lab, ledger }
}

/** The shortest run that fast-check found, as a file that `lab run` takes. */
function keepFile(input: ScenarioInput): string {
  const file = join(mkdtempSync(join(tmpdir(), 'pushlab-')), 'broken.yaml')
  writeFileSync(file, `${JSON.stringify(input, null, 2)}\n`)
  return file
}

function assertConserved(runs: number, seed: number): { pushes: number; stanzas: number; refused: number; commands: number } {
  const seen = { pushes: 0, stanzas: 0, refused: 0, commands: 0 }
  const result = fc.check(
    fc.property(randomLab, (input) => {
      const { lab, ledger } = play(input)
      seen.pushes += ledger.pushes.size
      seen.stanzas += ledger.stanzas.size
      seen.commands += input.commands?.length ?? 0
      for (const event of lab.world.log.since(0)) if (event.why === 'SCN-15' && event.outcome.startsWith('refused:')) seen.refused++
    }),
    { numRuns: runs, seed, endOnFailure: false },
  )
  if (result.failed) {
    const [input] = result.counterexample ?? []
    const file = input === undefined ? 'none' : keepFile(input as ScenarioInput)
    const why =
      result.errorInstance instanceof Error ? (result.errorInstance.stack ?? result.errorInstance.message) : String(result.errorInstance)
    throw new Error(
      `after ${result.numRuns} runs and ${result.numShrinks} steps of making it shorter (seed ${result.seed}): ${why}\n  npm run lab -- run ${file}`,
    )
  }
  return seen
}

const RUNS = 500

describe('conservation, after every event of random runs', { timeout: 120_000 }, () => {
  // Four parts, each from a seed of its own: the same 2,000 runs everywhere, and a new seed is one number away.
  it.each([1, 2, 3, 4])('[DEC-33][MSG-02] every push and every stanza is in one state, and none ends without a line (part %i)', (part) => {
    const seen = assertConserved(RUNS, part)
    // A property over runs in which nothing happens would prove little.
    expect(seen.pushes).toBeGreaterThan(RUNS)
    expect(seen.stanzas).toBeGreaterThan(RUNS)
    expect(seen.refused / seen.commands).toBeLessThan(0.5)
  })

  it('and what breaks a book is found at once, made short, and kept as a file that runs', () => {
    const result = fc.check(
      fc.property(randomLab, (input) => {
        play(input, (lab) => {
          // A lab that loses a push when somebody answers.
          const { pushes } = lab.world
          const move = pushes.move.bind(pushes)
          pushes.move = (push, state, reason) => {
            move(push, state, reason)
            if (state === 'shown') pushes.counts.shown--
          }
        })
      }),
      { numRuns: RUNS, seed: 1 },
    )
    expect(result.failed).toBe(true)
    expect(result.errorInstance).toBeInstanceOf(Broken)
    const [input] = (result.counterexample ?? []) as [ScenarioInput]
    expect(input.commands?.length).toBeLessThanOrEqual(3)
    const text = JSON.stringify(input)
    expect(parseScenario(text, 'broken.yaml')).toMatchObject({ ok: true })
    expect(() => play(input)).not.toThrow()
  })
})
