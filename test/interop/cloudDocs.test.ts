/** The examples of docs/clouds.md, run as printed by bash and curl against an opened lab, and its numbers. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { CLOUD_NAMES, type CloudName } from '../../core/contract/clouds.ts'
import { DOOR_LIMITS, REFUSALS_TOLD } from '../../core/wire/cloud/limits.ts'
import { CLOUD_HOSTS } from '../../core/wire/cloud/site.ts'
import { MAX_EXCHANGES, MAX_KEYLOG_BYTES } from '../../core/wire/cloud/wireLog.ts'
import { MAX_INPUTS } from '../../core/wire/runFile.ts'
import { MAX_PUSH_BYTES } from '../../core/wire/pushRest.ts'
import { closeLabs, cloudLab } from '../wire/cloud/lab.ts'
import { inFolder, removeFolders, shell } from '../wire/cloud/shell.ts'

afterEach(async () => {
  removeFolders()
  await closeLabs()
})

const text = readFileSync(new URL('../../docs/clouds.md', import.meta.url), 'utf8')
const EXAMPLES = [...text.matchAll(/^```sh ([\w-]+)\n([^`]+)^```\n\n^```json\n([^`]+)^```$/gm)].map((found) => ({
  cloud: found[1] as CloudName,
  command: found[2]!,
  printed: found[3]!.trim(),
}))
const hasCurl = spawnSync('curl', ['--version']).status === 0

/** Secrets and names are others each time. */
const alike = (answer: string): string =>
  answer
    .trim()
    .replace(/plc_[\w-]+/g, 'plc_…')
    .replace(/"machine_account":"[^"]+"/, '"machine_account":"…"')

describe('docs/clouds.md', () => {
  it('has an example of each cloud that it describes itself', () => {
    expect(EXAMPLES.map(({ cloud }) => cloud)).toEqual(['fos', 'ci', 'ci', 'push-rest', 'push-rest'])
    expect(text.match(/^```sh/gm)).toHaveLength(EXAMPLES.length)
  })

  it.each(EXAMPLES)('[NET-02] [SEC-02] $printed comes back from $cloud', async ({ cloud, command, printed }) => {
    if (!hasCurl) return expect(process.env['CI'], 'under CI there has to be curl').not.toBe('true')
    const lab = await cloudLab()
    const kit = await lab.kit(cloud, cloud === 'push-rest' ? 'phone' : undefined)
    const folder = inFolder(kit)
    expect(alike(await shell(command, folder))).toBe(printed)
  })

  it.each(CLOUD_NAMES)('the example line of clouds.provider for %s works in a shell', async (cloud) => {
    if (!hasCurl) return expect(process.env['CI'], 'under CI there has to be curl').not.toBe('true')
    const lab = await cloudLab()
    const kit = await lab.kit(cloud)
    const printed = await shell(`${kit.example} --silent --write-out '\\n%{http_code}'`, inFolder(kit))
    expect(printed.trimEnd().split('\n').at(-1)).toBe('200')
  })

  it('names the hosts and numbers as they are', () => {
    for (const name of Object.values(CLOUD_HOSTS).flat()) expect(text).toContain(`\`${name}\``)
    const l = DOOR_LIMITS
    for (const said of [
      `${l.connections} connections`,
      `${l.handshakeMs / 1_000} s for a handshake and for headers, ${l.exchangeMs / 1_000} s for a request`,
      `${l.headerBytes / 1_024} KiB of headers`,
      `${REFUSALS_TOLD.burst} refusals at once and ${REFUSALS_TOLD.perSecond} more a second`,
      `the newest ${MAX_EXCHANGES / 1_000},000 requests`,
      `up to ${MAX_KEYLOG_BYTES / 1_048_576} MiB`,
      `more than ${MAX_PUSH_BYTES / 1_024} KiB`,
      `${MAX_INPUTS / 1_000},000 inputs`,
    ])
      expect(text).toContain(said)
  })
})
