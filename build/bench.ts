/**
 * `npm run bench -- <name>`: builds test/bench/<name>.bench.ts as the product is built and runs its `main(args)`
 * in a process of its own. Each prints its own table and exits with 1 when a target is missed.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { ROOT } from './build.mjs'

const folder = join(ROOT, 'test/bench')
const names = (existsSync(folder) ? readdirSync(folder) : []).flatMap((file) => /^([\w-]+)\.bench\.ts$/.exec(file)?.[1] ?? [])

/** A young generation large enough for the calls in flight: most of a call is garbage once it is over. */
const NODE_FLAGS = ['--max-semi-space-size=128', '--min-semi-space-size=128']

const [name = '', ...args] = process.argv.slice(2)
if (!names.includes(name)) {
  console.error(`Usage: npm run bench -- ${names.join(' | ') || '<name>'}`)
  process.exitCode = 2
} else {
  await build({
    configFile: fileURLToPath(new URL('vite.bench.config.ts', import.meta.url)),
    configLoader: 'runner',
    logLevel: 'warn',
    build: { rolldownOptions: { input: { [name]: join(folder, `${name}.bench.ts`) } } },
  })
  const entry = join(ROOT, `dist/bench/${name}.run.js`)
  writeFileSync(entry, `import { main } from './${name}.js'\nprocess.exitCode = await main(process.argv.slice(2))\n`)
  const { status } = spawnSync(process.execPath, [...NODE_FLAGS, entry, ...args], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
