/** The examples of docs/apns.md, run as printed by bash and curl, in their order, against an opened lab. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, expect, it } from 'vitest'
import { closeLabs, cloudLab } from '../wire/cloud/lab.ts'
import { inFolder, removeFolders, shell } from '../wire/cloud/shell.ts'

afterEach(async () => {
  removeFolders()
  await closeLabs()
})

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
    const lab = await cloudLab()
    const printed = await shell(
      examples.map(({ commands }) => `${commands}\necho '=== next'\n`).join(''),
      inFolder(await lab.kit('apns', 'phone')),
    )
    expect(printed.replaceAll('\r', '').split('=== next\n').slice(0, -1)).toEqual(examples.map(({ prints }) => prints))
    const accepted = lab.events.filter(({ to, outcome }) => to === 'apns' && outcome.startsWith('accepted by APNs'))
    expect(accepted.map(({ message }) => message.split(', ')[1])).toEqual(['voip', 'alert', 'voip'])
  },
)
