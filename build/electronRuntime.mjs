/** Whether Electron can show a window here, and if not, why, in half a sentence that fits after "because". */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './build.mjs'

const PACKAGE = join(ROOT, 'node_modules/electron')
/** How Electron is told to run the tree: -r, because the scheme must be registered before `ready`. */
export const APP_ARGUMENTS = ['-r', join(ROOT, 'dist/main/main.cjs'), ROOT]

const REACH_LIMIT_MS = 4_000

/**
 * @param {{ download: boolean }} o `download` fetches the runtime when it is missing (about 120 MB, once).
 * @returns {Promise<{ path: string } | { why: string }>}
 */
export async function findElectron({ download }) {
  const display = whyNoWindow()
  if (display !== null) return { why: display }
  const here = installedElectron()
  if (here !== null) return { path: here }
  if (!download) return { why: "Electron's runtime is not here" }

  const site =
    process.env.npm_config_electron_mirror ?? process.env.ELECTRON_MIRROR ?? 'https://github.com/electron/electron/releases/download/'
  if (!(await reachable(site))) return { why: `Electron's runtime is not here and ${new URL(site).host} cannot be reached` }
  console.error("Fetching Electron's runtime, once ...")
  const { stderr } = spawnSync(process.execPath, [join(PACKAGE, 'install.js')], { stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8' })
  const fetched = installedElectron()
  return fetched === null ? { why: `Electron's runtime could not be fetched (${stderr.trim().split('\n')[0]})` } : { path: fetched }
}

/** The executable that `electron` would run, when it is whole and of this version on the disk; never downloads. */
export function installedElectron() {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH
  const name = read('path.txt') ?? (process.platform === 'win32' ? 'electron.exe' : 'electron')
  // Its installer writes path.txt last, so without it the folder is not whole.
  const whole =
    given !== undefined || (read('path.txt') !== null && read('dist/version') === JSON.parse(read('package.json') ?? '{}').version)
  const path = join(given ?? join(PACKAGE, 'dist'), name)
  return whole && existsSync(path) ? path : null
}

/** @param {string} file of the electron package */
function read(file) {
  const path = join(PACKAGE, file)
  return existsSync(path)
    ? readFileSync(path, 'utf8')
        .trim()
        .replace(/^v(?=\d)/, '')
    : null
}

function whyNoWindow() {
  if (process.platform !== 'linux') return null
  if (!process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display'
  if (process.getuid?.() === 0) return "Electron's sandbox does not run as root"
  return null
}

/**
 * A quick look before a long download: offline machines must not wait for time-outs.
 *
 * @param {string} site
 */
async function reachable(site) {
  try {
    await fetch(site, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(REACH_LIMIT_MS) })
    return true
  } catch {
    return false
  }
}
