/** docs/lpns-protocol.md says what the code does. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  CLOSE,
  GRACE_DEFAULT_MS,
  GRACE_MAX_MS,
  MAX_FRAME_BYTES,
  readClientFrame,
  RESPONSE_DEFAULT_MS,
  RESPONSE_MAX_MS,
  RESPONSE_MIN_MS,
  SUBPROTOCOL,
} from '../../../core/lpns/protocol.ts'
import { ENDPOINT_LIMITS } from '../../../core/wire/lpns/limits.ts'
import { MAX_INPUTS } from '../../../core/wire/runFile.ts'

const text = readFileSync(new URL('../../../docs/lpns-protocol.md', import.meta.url), 'utf8')
const thousands = (value: number): string => String(value).replace(/(\d)(\d{3})$/, '$1,$2')

describe('[DEC-34] the document of the protocol', () => {
  it('says that it is modelled, and names the sub-protocol', () => {
    expect(text).toContain('**Modelled.** Cisco publishes no wire format')
    expect(text).toContain(SUBPROTOCOL)
  })

  it('shows frames that the server understands', () => {
    const frames = [...text.matchAll(/^\{"v":1,"type":"(keepalive|ack|error)",(?!"code":401)(?!"seq":1\}$).*\}$/gm)].map(([frame]) => frame)
    expect(frames.length).toBeGreaterThanOrEqual(3)
    for (const frame of frames) expect(readClientFrame(frame), frame).toMatchObject({ ok: true })
  })

  it('lists every close code that the server uses', () => {
    const missing = Object.entries(CLOSE).filter(([name, code]) => name !== 'normal' && !text.includes(`| ${code} |`))
    expect(missing).toEqual([])
  })

  it('[DEC-01] lists every status that an upgrade is refused with, and the closes of the WebSocket library', () => {
    for (const status of [400, 401, 403, 404, 426, 429, 431, 503]) expect(text).toContain(`| ${status} |`)
    for (const row of ['| 1002, 1007 |', '| 1008 |', '| 1009 |']) expect(text).toContain(row)
  })

  it('[DEC-02] tells grace, response time and the numbers of fields as they are', () => {
    expect(text).toContain(`${GRACE_DEFAULT_MS / 1_000} s by default, 0 to ${GRACE_MAX_MS / 1_000} s`)
    expect(text).toContain(
      `within ${RESPONSE_DEFAULT_MS / 1_000} s of a push (${RESPONSE_MIN_MS / 1_000} to ${RESPONSE_MAX_MS / 1_000} s settable)`,
    )
    expect(readClientFrame('{"v":1,"type":"keepalive","seq":2147483648}').ok).toBe(true)
    expect(readClientFrame('{"v":1,"type":"keepalive","seq":2147483649}').ok).toBe(false)
    expect(text).toContain('up to 2147483648')
  })

  it('tells the limits as they are', () => {
    const l = ENDPOINT_LIMITS
    for (const row of [
      `| Frame | ${thousands(MAX_FRAME_BYTES)} bytes, in at most ${l.fragments} fragments |`,
      `| Frames and pings of a session | ${l.frameBurst} at once, ${l.framesPerSecond} per second |`,
      `| Upgrades with one token | ${l.connectBurst} at once, ${l.connectsPerSecond} per second |`,
      `| TLS and upgrade | ${l.handshakeMs / 1_000} s |`,
      `| Half-open handshakes | ${l.halfOpen};`,
      `| Headers of the upgrade | ${l.headerBytes / 1_024} KiB |`,
      `| Unread bytes of a client | ${l.unreadBytes / 1_024} KiB,`,
      `| Sessions | ${thousands(l.sessions)} in all, ${l.sessionsPerUser} of one user, 1 of a device |`,
      `| Between a close and the end of the connection | ${l.closeMs / 1_000} s |`,
      `| Inputs of a run | ${thousands(MAX_INPUTS)} or 48 MiB;`,
    ])
      expect(text).toContain(row)
  })
})
