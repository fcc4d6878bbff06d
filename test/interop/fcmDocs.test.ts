/** The examples of docs/fcm.md, as they stand there. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FCM_ERRORS } from '../../core/cloud/fcm/errors.ts'
import { PROJECT, TOKENS } from '../cloud/fcm/fake.ts'
import { atEnd, closeAll, door } from '../wire/fcm/door.ts'

afterAll(closeAll)

const text = readFileSync(new URL('../../docs/fcm.md', import.meta.url), 'utf8')
const EXAMPLES = [...text.matchAll(/```sh\n([^`]+)```\n\n```json\n([^`]+)```/g)].map((match, index) => ({
  index,
  command: match[1]!,
  printed: match[2]!,
}))

const hasCurl = spawnSync('curl', ['--version'], { encoding: 'utf8' }).stdout?.includes('HTTP2') === true

function shell(command: string, env: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-ec', command], { env, timeout: 10_000 }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr || error.message)) : resolve(stdout),
    )
  })
}

/** A message's number is another one each time. */
const withoutId = (answer: string): string => answer.replace(/\/messages\/0:\d+%[0-9a-f]{16}/, '/messages/…')

describe('docs/fcm.md', () => {
  it('has examples of a success, a dry run and both shapes of errors', () => {
    expect(EXAMPLES).toHaveLength(4)
    expect(text.match(/```sh/g)).toHaveLength(4)
  })

  it.each(EXAMPLES)('[FCM-01] [FCM-03] example $index works as printed', async ({ command, printed }) => {
    if (!hasCurl) return expect(process.env['CI'], 'under CI curl with HTTP/2 has to be there').not.toBe('true')
    const at = await door()
    const dir = mkdtempSync(join(tmpdir(), 'push-lab-fcm-'))
    atEnd(() => rmSync(dir, { recursive: true, force: true }))
    const CA = join(dir, 'ca.pem')
    writeFileSync(CA, at.ca)
    // No proxy of this machine stands between a client and its server on loopback.
    const env = {
      PATH: process.env['PATH'] ?? '',
      NO_PROXY: '*',
      PORT: String(at.port),
      CA,
      TOKEN: at.fcm.accessToken(PROJECT),
      DEVICE: TOKENS.alive,
    }
    expect(withoutId(await shell(command, env))).toBe(withoutId(printed))
    expect(at.exchanges[0]?.protocol).toBe(command.includes('--http2') ? 'HTTP/2' : 'HTTP/1.1')
  })

  it.each(Object.entries(FCM_ERRORS))('[FCM-04] %s stands in the table with its status', (code, { status, canonical }) => {
    expect(text).toContain(`| \`${code}\` | ${status} | \`${canonical}\` |`)
  })
})
