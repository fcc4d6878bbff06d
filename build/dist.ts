/** `npm run dist -- --dir`: builds the app and packs it with electron-builder. Further arguments are electron-builder's. */
import './needsNode.mjs'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildWhenStale, ROOT } from './build.mjs'

export const PRODUCT = 'build/electron-builder.yml'
export const UNDER_TEST = 'build/electron-builder.test.yml'

/** Exit code of electron-builder. Its own download of the runtime is spared where one is given by ELECTRON_OVERRIDE_DIST_PATH. */
export async function pack(config: string, args: string[]): Promise<number> {
  await buildWhenStale()
  const cli = join(ROOT, 'node_modules/electron-builder/cli.js')
  const { status } = spawnSync(process.execPath, [cli, '--config', config, '--publish', 'never', ...givenRuntime(), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return status ?? 1
}

function givenRuntime(): string[] {
  const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  if (dist === undefined) return []
  const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '')
  return [`-c.electronDist=${dist}`, `-c.electronVersion=${version}`]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await pack(PRODUCT, process.argv.slice(2))
