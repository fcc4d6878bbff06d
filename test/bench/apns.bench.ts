/**
 * `npm run bench -- apns`: the APNs stand-in beside a bare Node `http2` server that answers 200 to everything and reads
 * nothing. Both are loaded by h2load with the same requests, in turns; each server is alone in its process. Exit code 1
 * when a target is missed. Needs h2load (Debian: apt-get install nghttp2-client).
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { randomUUID, sign } from 'node:crypto'
import { createSecureServer } from 'node:http2'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createApns, type Notification } from '../../core/cloud/apns/machine.ts'
import { createAuthority } from '../../core/wire/certificates.ts'
import type { Exchange } from '../../core/wire/apns/exchange.ts'
import { createProviderKey, verifierFor } from '../../core/wire/apns/providerKeys.ts'
import { openApns } from '../../core/wire/apns/server.ts'

/** Targets of issue 4: of the bare server's requests per second, and of its 99th percentile. */
const TARGET = { rate: 0.6, p99: 2 } as const

const CONNECTIONS = 4
const STREAMS_AT_ONCE = 25
const ROUNDS = 7
/** Requests that are not counted: the code is compiled. */
const WARM_UP = 30_000
/** Exchanges and notifications that the stand-in keeps while it is loaded, as a lab would. */
const KEPT = 200

const BUNDLE = 'com.example.dialer'
const DEVICE = 'ab'.repeat(32)
const PAYLOAD = JSON.stringify({ aps: {}, sealed: 'x'.repeat(600) })

type Ready = { port: number; jwt: string }

/** The part of a child process. */
async function serve(role: string): Promise<Ready> {
  const issued = await (await createAuthority()).issue(['localhost', '127.0.0.1'])
  const key = createProviderKey()
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signedText = `${part({ alg: 'ES256', kid: key.keyId })}.${part({ iss: key.teamId, iat: Math.floor(Date.now() / 1_000) })}`
  const signature = sign('sha256', Buffer.from(signedText), { key: key.p8, dsaEncoding: 'ieee-p1363' })
  const jwt = `${signedText}.${signature.toString('base64url')}`
  if (role === 'bare') {
    const server = createSecureServer({ cert: issued.certificate, key: issued.privateKey })
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 }, { endStream: true })
      stream.resume()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: (server.address() as AddressInfo).port, jwt }
  }
  const kept: (Notification | Exchange)[] = []
  const keep = (each: Notification | Exchange): void => {
    if (kept.push(each) > KEPT) kept.splice(0, KEPT / 2)
  }
  const server = await openApns({
    ...issued,
    apns: createApns({
      tokenOf: (hex) => (hex === DEVICE ? { topic: BUNDLE, environment: 'production', state: 'live', sinceMs: 0 } : null),
      verify: verifierFor([key]),
      uuid: randomUUID,
    }),
    deliver: keep,
    onExchange: keep,
  })
  return { port: server.port, jwt }
}

function start(role: string): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = spawn(process.execPath, [process.argv[1]!, '--role', role], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.once('message', (ready) => resolve({ child, ready: ready as Ready }))
    child.once('exit', (code) => reject(new Error(`the ${role} server ended with ${code}`)))
  })
}

type Measured = { rate: number; p99Ms: number }

function load({ port, jwt }: Ready, requests: number, dir: string): Measured {
  const log = join(dir, 'requests.log')
  const body = join(dir, 'body.json')
  writeFileSync(body, PAYLOAD)
  rmSync(log, { force: true })
  const headers = { authorization: `bearer ${jwt}`, 'apns-topic': `${BUNDLE}.voip`, 'apns-push-type': 'voip', 'apns-expiration': '0' }
  const { stdout, status } = spawnSync(
    'h2load',
    [
      `--requests=${requests}`,
      `--clients=${CONNECTIONS}`,
      `--max-concurrent-streams=${STREAMS_AT_ONCE}`,
      `--data=${body}`,
      `--log-file=${log}`,
      ...Object.entries(headers).map(([name, value]) => `--header=${name}: ${value}`),
      `https://127.0.0.1:${port}/3/device/${DEVICE}`,
    ],
    { encoding: 'utf8' },
  )
  const rate = Number(/finished in .*?, ([\d.]+) req\/s/.exec(stdout)?.[1])
  const good = Number(/status codes: (\d+) 2xx/.exec(stdout)?.[1])
  if (status !== 0 || good !== requests) throw new Error(`h2load: ${good} of ${requests} requests got 200\n${stdout}`)
  // Of each request: when it began, its status, and how long it took in µs.
  const tookUs = readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => line.split('\t')[2] ?? [])
    .map(Number)
  return { rate, p99Ms: quantile(tookUs, 0.99) / 1_000 }
}

const quantile = (values: readonly number[], q: number): number =>
  Float64Array.from(values).toSorted()[Math.min(values.length - 1, Math.floor(values.length * q))] ?? NaN

export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { role: { type: 'string' }, requests: { type: 'string', default: '20000' } } })
  if (values.role !== undefined) {
    process.send?.(await serve(values.role))
    process.once('disconnect', () => process.exit())
    return await new Promise(() => undefined)
  }
  const requests = Number(values.requests)
  if (!Number.isInteger(requests) || requests < 1_000 || requests > 1_000_000) {
    console.error('--requests needs a whole number from 1000 to 1000000')
    return 2
  }
  if (spawnSync('h2load', ['--version']).error) {
    console.error('h2load is not installed here (Debian: apt-get install nghttp2-client)')
    return 2
  }
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-bench-'))
  const [bare, lab] = await Promise.all([start('bare'), start('lab')])
  const measured: { bare: Measured[]; lab: Measured[] } = { bare: [], lab: [] }
  try {
    for (const { ready } of [bare, lab]) load(ready, WARM_UP, dir)
    // In turns: a slow moment of the machine hits both.
    for (let round = 0; round < ROUNDS; round++) {
      const both = { bare: load(bare.ready, requests, dir), lab: load(lab.ready, requests, dir) }
      measured.bare.push(both.bare)
      measured.lab.push(both.lab)
    }
  } finally {
    for (const { child } of [bare, lab]) {
      child.removeAllListeners('exit')
      child.kill()
    }
    rmSync(dir, { recursive: true, force: true })
  }
  const middle = (role: 'bare' | 'lab', of: keyof Measured): number =>
    quantile(
      measured[role].map((each) => each[of]),
      0.5,
    )
  const rate = middle('lab', 'rate') / middle('bare', 'rate')
  const p99 = middle('lab', 'p99Ms') / middle('bare', 'p99Ms')
  const line = (name: string, value: string, ratio: number, target: string, pass: boolean): string =>
    `${name.padEnd(28)}${value.padStart(16)}${ratio.toFixed(2).padStart(8)}   ${target.padEnd(14)} ${pass ? 'met' : 'MISSED'}`
  const cpu = cpus()
  console.log(
    `APNs beside a bare http2 server: ${ROUNDS} rounds of ${requests} requests in turns, ${CONNECTIONS} connections, ${STREAMS_AT_ONCE} streams each`,
  )
  console.log(`${cpu.length} x ${cpu[0]?.model.trim()}, Node ${process.version}\n`)
  console.log(`${'bare, requests/s'.padEnd(28)}${Math.round(middle('bare', 'rate')).toString().padStart(16)}`)
  console.log(line('APNs, requests/s', Math.round(middle('lab', 'rate')).toString(), rate, `at least ${TARGET.rate}`, rate >= TARGET.rate))
  console.log(`${'bare, p99'.padEnd(28)}${`${middle('bare', 'p99Ms').toFixed(1)} ms`.padStart(16)}`)
  console.log(line('APNs, p99', `${middle('lab', 'p99Ms').toFixed(1)} ms`, p99, `at most ${TARGET.p99}`, p99 <= TARGET.p99))
  return rate >= TARGET.rate && p99 <= TARGET.p99 ? 0 : 1
}
