/** What a person does with the kit of a provider: files into a folder, variables into a shell, and lines as printed. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kit } from './lab.ts'

const made: string[] = []
export function removeFolders(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true })
}

export type Folder = { cwd: string; env: Record<string, string> }

export function inFolder({ files, env }: Kit): Folder {
  const cwd = mkdtempSync(join(tmpdir(), 'push-lab-kit-'))
  made.push(cwd)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  // No .curlrc and no proxy of this user stand between a client and its server on loopback.
  return { cwd, env: { ...env, PATH: process.env['PATH'] ?? '', HOME: cwd, NO_PROXY: '*' } }
}

/** What it printed; errors of its own go to the test's output. */
export function shell(script: string, { cwd, env }: Folder): Promise<string> {
  const child = spawn('bash', ['-u', '-o', 'pipefail', '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (printed += part))
  return new Promise((resolve) => child.on('close', () => resolve(printed)))
}
