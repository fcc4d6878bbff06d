/**
 * `npm run lab -- <command>`: the lab without a window of its own. Plain JavaScript that starts the bundle of
 * the commands, which is made when a source has changed. Exit code 2 means: not understood.
 */
import './needsNode.mjs'
import { pathToFileURL } from 'node:url'
import { buildWhenStale, labBundle, ROOT } from './build.mjs'

const [name = '', ...args] = process.argv.slice(2)
/** @type {string | null} */
const bundle = await built().catch((error) => {
  console.error(`Push Lab could not be built. ${error instanceof Error ? error.message : error}`)
  process.exitCode = 2
  return null
})
if (bundle !== null) {
  const { main } = await import(pathToFileURL(bundle).href)
  process.exitCode = await main(ROOT, name, args)
}

async function built() {
  if (name === 'serve') await buildWhenStale()
  return await labBundle()
}
