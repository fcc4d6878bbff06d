/** `npm run bench -- <name>`: runs test/bench/<name>.bench.ts, which exports `main(args)` and prints its own table. */
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../test/bench/', import.meta.url)
const names = (existsSync(folder) ? readdirSync(fileURLToPath(folder)) : []).flatMap(
  (file) => /^([\w-]+)\.bench\.ts$/.exec(file)?.[1] ?? [],
)

const [name = '', ...args] = process.argv.slice(2)
if (!names.includes(name)) {
  console.error(`Usage: npm run bench -- ${names.join(' | ') || '<name>'}`)
  process.exitCode = 2
} else {
  const { main } = (await import(new URL(`${name}.bench.ts`, folder).href)) as { main: (args: string[]) => number | Promise<number> }
  process.exitCode = await main(args)
}
