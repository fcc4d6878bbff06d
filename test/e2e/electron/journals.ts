/** Runs every scenario of a folder and prints what its whole journal comes to. Bundled, then run by the Node of each program. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLab } from '../../../core/lab.ts'
import { parseScenario } from '../../../core/scenario/parse.ts'
import { nodeSealer } from '../../../core/wire/nodeSealer.ts'

/** `sha256` is over all lines, `otherSeed` the same for the next seed. */
export type Journal = { file: string; lines: number; sha256: string; otherSeed: string }

const [folder = ''] = process.argv.slice(2)
const journals = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .toSorted()
  .map((file): Journal => {
    const parsed = parseScenario(readFileSync(join(folder, file), 'utf8'), file)
    if (!parsed.ok) throw new Error(`${file}: ${parsed.issues[0]?.message ?? ''}`)
    const { scenario } = parsed
    const run = (seed: number): { lines: number; sha256: string } => {
      const hash = createHash('sha256')
      let lines = 0
      const journal = (line: string): void => {
        hash.update(`${line}\n`)
        lines += 1
      }
      createLab(scenario, { sealer: nodeSealer, file, seed, rehearse: true, journal }).runUntil(scenario.until)
      return { lines, sha256: hash.digest('hex') }
    }
    return { file, ...run(scenario.seed), otherSeed: run(scenario.seed + 1).sha256 }
  })
console.log(JSON.stringify({ node: process.versions.node, v8: process.versions.v8, journals }))
