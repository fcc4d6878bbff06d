/** The examples of docs/apns.md, run as printed by bash and curl, in their order, against the stand-in. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BUNDLE, LIVE, standIn } from '../wire/apns/provider.ts'

const curl = spawnSync('curl', ['--version'], { encoding: 'utf8' })
const bash = spawnSync('bash', ['--version'])
const missing =
  curl.error || !/\bHTTP2\b/.test(curl.stdout) ? 'curl with HTTP/2 (Debian: apt-get install curl)' : bash.error ? 'bash' : null

type Example = { commands: string; prints: string }

/** Each block of commands, with the block of output that follows it. */
function examplesOf(markdown: string): Example[] {
  const examples: Example[] = []
  for (const [, language, text = ''] of markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (language === 'sh') examples.push({ commands: text, prints: '' })
    else if (language === 'text') examples.at(-1)!.prints = text
  }
  return examples
}

function run(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn('bash', ['-u', '-o', 'pipefail', '-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => (printed += part))
  return new Promise((resolve) => child.on('close', () => resolve(printed)))
}

it(
  '[APNS-01] [APNS-02] [APNS-03] [APNS-04] [APNS-05] the examples of docs/apns.md print what they say',
  { timeout: 60_000 },
  async (context) => {
    if (missing !== null) {
      expect(process.env['CI'], `under CI there has to be ${missing}`).not.toBe('true')
      return context.skip(`there is no ${missing}`)
    }
    const examples = examplesOf(readFileSync(new URL('../../docs/apns.md', import.meta.url), 'utf8'))
    expect(examples.filter(({ prints }) => prints !== '')).toHaveLength(7)
    const apns = await standIn()
    const dir = mkdtempSync(join(tmpdir(), 'push-lab-docs-'))
    try {
      writeFileSync(join(dir, 'push-lab-ca.pem'), apns.ca)
      writeFileSync(join(dir, 'AuthKey.p8'), apns.key.p8)
      const env = {
        PATH: process.env['PATH'],
        HOME: dir, // no .curlrc of this user
        NO_PROXY: '*',
        PORT: String(apns.server.port),
        KEY_ID: apns.key.keyId,
        TEAM_ID: apns.key.teamId,
        BUNDLE,
        DEVICE: LIVE,
      }
      const printed = await run(examples.map(({ commands }) => `${commands}\necho '=== next'\n`).join(''), dir, env)
      expect(printed.replaceAll('\r', '').split('=== next\n').slice(0, -1)).toEqual(examples.map(({ prints }) => prints))
      expect(apns.delivered.map(({ pushType }) => pushType)).toEqual(['voip', 'alert', 'voip'])
    } finally {
      rmSync(dir, { recursive: true, force: true })
      await apns.close()
    }
  },
)
