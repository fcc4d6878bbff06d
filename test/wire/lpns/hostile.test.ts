/** Hostile clients in a process of their own, and one good client that must not notice. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, it } from 'vitest'
import { dial, portOf } from './stranger.ts'
import { SCENARIO, wireLab } from './lab.ts'
import { after, eventually } from '../eventually.ts'

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})

const EVILS = Array.from({ length: 8 }, (_, n) => `evil${n + 1}`)
const DEVICES = EVILS.map(
  (id, n) => `  - { id: ${id}, owner: eve, client: jabber, os: ios, app: off screen, locked: true, pool: office, lines: ["310${n}"] }`,
)

/** What is held after everything that can be freed was: the least of some looks, as each of them finds frames under way, of megabytes. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  let least = Infinity
  for (let look = 0; look < 10; look++) {
    gc()
    const { heapUsed, external } = process.memoryUsage()
    least = Math.min(least, heapUsed + external)
    await after(100)
  }
  return least
}

const MEGABYTE = 1024 * 1024

it('[LPNS-05] hostile clients leave memory flat and others served', { timeout: 60_000 }, async () => {
  const lab = await wireLab({ scenario: `${SCENARIO}${DEVICES.join('\n')}\n` })
  ending.push(() => lab.close())
  const { token } = await lab.token('phone')
  const tokens: string[] = []
  for (const device of EVILS) tokens.push((await lab.token(device)).token)
  const good = dial(lab.url(), { ca: lab.ca, token })
  await good.next()

  const script = new URL('hostile.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, [script, String(portOf(lab.url()))], {
    env: { ...process.env, CA: lab.ca, TOKENS: JSON.stringify(tokens) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ending.push(() => child.kill('SIGKILL'))
  let done: Record<string, number> = {}
  createInterface({ input: child.stdout }).on('line', (line) => (done = JSON.parse(line) as Record<string, number>))

  /** One keepalive and its acknowledgement. */
  let seq = 0
  async function roundTrip(): Promise<number> {
    const started = performance.now()
    good.socket.send(JSON.stringify({ v: 1, type: 'keepalive', seq: ++seq, token }))
    for (;;) {
      const frame = JSON.parse(await good.next()) as { type: string; seq?: number }
      if (frame.type === 'keepalive-ack' && frame.seq === seq) return performance.now() - started
    }
  }
  async function served(seconds: number): Promise<number> {
    let slowest = 0
    for (let i = 0; i < seconds; i++) {
      await after(1_000)
      slowest = Math.max(slowest, await roundTrip())
    }
    return slowest
  }

  await served(4) // everything is compiled, and every kind has been turned away once
  const before = await heldBytes()
  const rssBefore = process.memoryUsage().rss
  const slowest = await served(8)
  const grown = (await heldBytes()) - before
  const rssGrown = process.memoryUsage().rss - rssBefore

  await lab.do('call.place', { from: 'desk', to: '2000' })
  const push = JSON.parse(await good.next()) as { type: string; id: string }
  expect(push.type).toBe('push')
  good.socket.send(JSON.stringify({ v: 1, type: 'ack', id: push.id }))
  await lab.hop({ from: 'phone', message: 'local push acknowledged', outcome: 'acknowledged' })

  child.kill('SIGKILL')
  await eventually(() => lab.wire()!.sessions === 1, 'the end of the hostile sessions')
  expect(slowest).toBeLessThan(500)
  // The run keeps what it was told: events and inputs, bounded by the limits of the endpoint.
  expect(grown).toBeLessThan(6 * MEGABYTE)
  expect(rssGrown).toBeLessThan(96 * MEGABYTE)
  expect(good.socket.readyState).toBe(1)
  for (const kind of [
    'bad frames: closed 4400',
    '16 MB: closed 1009',
    'noise: closed 4400',
    'another user: HTTP 403',
    'flood: closed 4429',
    'pings: closed 4429',
    'sub-protocol: HTTP 400',
    'made up: HTTP 401',
  ])
    expect(Object.keys(done), JSON.stringify(done)).toContain(kind)
})
