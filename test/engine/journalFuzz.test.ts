import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scenarioSchema } from '../../core/contract/scenario.ts'
import { endLine } from '../../core/engine/journal.ts'
import { createLab } from '../../core/lab.ts'
import { Run } from '../../core/run.ts'
import { nodeSealer } from '../../core/wire/nodeSealer.ts'
import { againstRecord, endOfRecord } from '../../core/wire/recorded.ts'
import { readJournal } from '../../core/wire/runFile.ts'
import { twoPhones } from '../lab/bench.ts'

const LINES = ((): string[] => {
  const lines: string[] = []
  const scenario = scenarioSchema.parse(twoPhones({}, { until: '20s' }))
  const lab = createLab(scenario, { sealer: nodeSealer, file: 'a.yaml', journal: (line) => void lines.push(line) })
  lab.runUntil(1_000)
  lab.command('call.place', { from: 'desk', to: '5001' })
  lab.runUntil(4_000)
  lab.command('device.lock', { device: 'phone' })
  lab.runUntil(20_000)
  lines.push(endLine(lab.now, lab.tasks, lab.world.log.total))
  return lines
})()
const TEXT = `${LINES.join('\n')}\n`

const POISON = [
  '\u0000',
  '\uFFFD',
  '\r',
  '{"__proto__":{"polluted":true}}\n',
  '{"input":null}\n',
  '{"input":{"at":1e308,"task":-1,"do":"__proto__","with":{}}}\n',
  '{"end":{"at":0,"task":0,"events":0}}\n',
  '{"journal":1}\n',
  '{"seq":',
  '['.repeat(10_000),
  '1e999',
  '-',
  'null',
  '"',
  '\n',
]

/** Anywhere in the text alike; doubles would come close to its start nearly always. */
const at = fc.nat(999_999).map((millionth) => millionth / 1_000_000)
const mutation: fc.Arbitrary<(text: string) => string> = fc.oneof(
  at.map((where) => (text: string) => text.slice(0, Math.floor(where * text.length))),
  fc.tuple(at, fc.constantFrom(...POISON)).map(([where, bad]) => (text: string) => {
    const from = Math.floor(where * text.length)
    return text.slice(0, from) + bad + text.slice(from)
  }),
  fc.tuple(at, fc.nat(80)).map(([where, length]) => (text: string) => {
    const from = Math.floor(where * text.length)
    return text.slice(0, from) + text.slice(from + length)
  }),
  // Whole lines left out, doubled, or in another order.
  fc.tuple(at, at).map(([one, other]) => (text: string) => {
    const lines = text.split('\n')
    const [a, b] = [Math.floor(one * lines.length), Math.floor(other * lines.length)]
    const [moved = ''] = lines.splice(a, 1)
    lines.splice(b, 0, ...(a % 3 === 0 ? [] : a % 3 === 1 ? [moved] : [moved, moved]))
    return lines.join('\n')
  }),
  fc.tuple(at, fc.oneof(fc.double().map(String), fc.bigInt().map(String))).map(([where, number]) => (text: string) => {
    const from = Math.floor(where * text.length)
    return text.slice(0, from) + text.slice(from).replace(/\d+/, number)
  }),
)

describe('[DEC-35] damaged journals', () => {
  it('are read or refused with line, reason and fix, never by a throw; what is read is given again or says where it differs', () => {
    let refused = 0
    let differs = 0
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 3 }), (mutations) => {
        const text = mutations.reduce((broken, mutate) => mutate(broken), TEXT)
        const lines = text.split('\n').length
        const read = readJournal(text)
        const clear = ({ message, fix = '', line = 0 }: { message: string; fix?: string; line?: number }): boolean =>
          message !== '' && fix !== '' && line >= 1 && line <= lines && !/Invalid input|expected .* received|undefined|zod/.test(message)
        if (!read.ok) {
          refused += 1
          expect(read.issues.length).toBeGreaterThan(0)
          expect(read.issues.filter((issue) => !clear(issue))).toEqual([])
          return
        }
        const { run: stored } = read
        const end = endOfRecord(stored)
        if (end.at > 60_000) return // a run of hours takes its time
        const run = new Run(stored.scenario, { sealer: nodeSealer, seed: stored.seed, rehearse: stored.rehearsed }, stored.inputs)
        const record = againstRecord(stored)
        run.lab.onEvent = (event) => record.onEvent(event)
        run.goTowards(end.at, end.task, () => false)
        const issue = record.issue(run)
        if (issue === null) return
        differs += 1
        expect(clear(issue), JSON.stringify(issue)).toBe(true)
      }),
      { numRuns: 400, seed: 20_261_122 },
    )
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(refused).toBeGreaterThan(100)
    expect(differs).toBeGreaterThan(50)
  })
})
