/** `npm run build`: the window, the preload and the main bundle into dist/. Plain JavaScript, so that `npm start` starts fast. */
import './needsNode.mjs'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeNotices } from './thirdParty.mjs'

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
  writeNotices(CONFIGS)
  writeFileSync(STAMP, before)
}

/** What the commands of `npm run lab` are made of. */
const LAB_SOURCES = ['core', 'build', 'package-lock.json']

/** Path of the bundle behind `npm run lab`, made first when a source changed. */
export async function labBundle() {
  const folder = join(ROOT, 'dist/lab')
  const bundle = join(folder, 'commands.js')
  const stamp = join(folder, '.stamp')
  const now = fingerprint(LAB_SOURCES)
  if (existsSync(stamp) && existsSync(bundle) && readFileSync(stamp, 'utf8') === now) return bundle
  // Beside the present one and then in its place: another `npm run lab` may be reading that.
  const made = join(folder, `.made-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const { build } = await import('vite')
    await build({ configFile: join(ROOT, 'build/vite.lab.config.ts'), configLoader: 'runner', logLevel: 'warn', build: { outDir: made } })
    for (const name of readdirSync(made)) renameSync(join(made, name), join(folder, name))
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
  writeFileSync(stamp, now)
  return bundle
}

/** Names, sizes and times of all sources: cheap, and enough to see an edit. */
function fingerprint(sources = SOURCES) {
  const hash = createHash('sha256')
  /** @param {string} path relative to the root, a file or a folder */
  const visit = (path) => {
    const stat = statSync(join(ROOT, path), { throwIfNoEntry: false })
    if (stat === undefined) return
    if (!stat.isDirectory()) return void hash.update(`${path} ${stat.size} ${stat.mtimeMs}\n`)
    for (const name of readdirSync(join(ROOT, path)).toSorted()) visit(`${path}/${name}`)
  }
  sources.forEach(visit)
  return hash.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildAll()
