/** `npm run build`: the window, the preload and the main bundle into dist/. Plain JavaScript, so that `npm start` starts fast. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const STAMP = join(ROOT, 'dist/.stamp')
const SOURCES = ['core', 'electron', 'renderer', 'build', 'package-lock.json', 'tsconfig.base.json']
const CONFIGS = ['renderer', 'preload', 'main', 'serve']

/** Builds what is not built yet; quick to answer when nothing changed. */
export async function buildWhenStale({ say = console.error } = {}) {
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint()) return
  say('Building Push Lab (only after a change) ...')
  await buildAll()
}

export async function buildAll() {
  const before = fingerprint()
  const { build } = await import('vite')
  for (const name of CONFIGS)
    await build({ configFile: join(ROOT, `build/vite.${name}.config.ts`), configLoader: 'runner', logLevel: 'warn' })
  writeFileSync(STAMP, before)
}

/** Names, sizes and times of all sources: cheap, and enough to see an edit. */
function fingerprint() {
  const hash = createHash('sha256')
  /** @param {string} path relative to the root, a file or a folder */
  const visit = (path) => {
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false })
    if (stat === undefined) return
    if (!stat.isDirectory()) return void hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
    for (const name of readdirSync(join(ROOT, path)).toSorted()) visit(`${path}/${name}`)
  }
  SOURCES.forEach(visit)
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll()
