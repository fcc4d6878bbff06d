/**
 * `npm run typecheck`: every room with the globals that exist there, so some files are read in several rooms. Two
 * rooms are checked at once where there are two cores; the longest goes first.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createRequire } from 'node:module'
import { ROOT } from './build.mjs'

const TSC = 'typescript/bin/tsc'
const VUE_TSC = 'vue-tsc/bin/vue-tsc.js'
const ROOMS = [
  { checker: VUE_TSC, project: 'test' },
  { checker: VUE_TSC, project: 'renderer' },
  { checker: TSC, project: '.' },
  { checker: TSC, project: 'core' },
]
/** More of them would need more memory than a small machine has: one takes up to 1.6 GB. */
const AT_ONCE = Math.min(2, availableParallelism())

const { resolve } = createRequire(import.meta.url)
const waiting = ROOMS.values()

/**
 * What it found is written in one piece.
 *
 * @param {{ checker: string; project: string }} room
 * @returns {Promise<void>}
 */
function check({ checker, project }) {
  const pretty = process.stdout.isTTY ? ['--pretty'] : []
  const child = spawn(process.execPath, [resolve(checker), '-p', project, ...pretty], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('close', (code) => {
      process.stdout.write(said)
      if (code !== 0) process.exitCode = 1
      done()
    })
  })
}

await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const room of waiting) await check(room)
  }),
)
