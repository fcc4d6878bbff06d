/** The examples of docs/fcm.md, as they stand there, against an opened lab. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { FCM_ERRORS } from '../../core/cloud/fcm/errors.ts'
import { closeLabs, cloudLab } from '../wire/cloud/lab.ts'
import { inFolder, removeFolders, shell } from '../wire/cloud/shell.ts'

afterEach(async () => {
  removeFolders()
  await closeLabs()
})

const text = readFileSync(new URL('../../docs/fcm.md', import.meta.url), 'utf8')
const EXAMPLES = [...text.matchAll(/```sh\n([^`]+)```\n\n```json\n([^`]+)```/g)].map((match, index) => ({
  index,
  command: match[1]!,
  printed: match[2]!,
}))

const hasCurl = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout?.includes('HTTP2') === true

/** A message's number is another one each time. */
const withoutId = (answer: string): string => answer.replace(/\/messages\/0:\d+%[0-9a-f]{16}/, '/messages/…')

describe('docs/fcm.md', () => {
  it('has examples of a success, a dry run and both shapes of errors', () => {
    expect(EXAMPLES).toHaveLength(4)
    expect(text.match(/```sh/g)).toHaveLength(4)
  })

  it.each(EXAMPLES)('[FCM-01] [FCM-03] example $index works as printed', async ({ command, printed }) => {
    if (!hasCurl) return expect(process.env['CI'], 'under CI curl with HTTP/2 has to be there').not.toBe('true')
    const lab = await cloudLab()
    expect(withoutId(await shell(command, inFolder(await lab.kit('fcm', 'droid'))))).toBe(withoutId(printed))
    const [entry] = (await lab.log({ cloud: 'fcm' })).exchanges
    expect(entry?.protocol).toBe(command.includes('--http2') ? 'HTTP/2' : 'HTTP/1.1')
  })

  it.each(Object.entries(FCM_ERRORS))('[FCM-04] %s stands in the table with its status', (code, { status, canonical }) => {
    expect(text).toContain(`| \`${code}\` | ${status} | \`${canonical}\` |`)
  })
})
