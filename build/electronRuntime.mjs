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
  const { status } = spawnSync(process.execPath, [join(PACKAGE, 'install.js')], { stdio: ['ignore', 'inherit', 'pipe'] })
  const fetched = status === 0 ? installedElectron() : null
  return fetched === null ? { why: "Electron's runtime could not be fetched" } : { path: fetched }
}

/** The executable that `electron` would run, when it is on the disk; never downloads. */
export function installedElectron() {
  const note = join(PACKAGE, 'path.txt')
  const name = existsSync(note) ? readFileSync(note, 'utf8') : process.platform === 'win32' ? 'electron.exe' : 'electron'
  const path = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(PACKAGE, 'dist'), name)
  return existsSync(path) ? path : null
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
