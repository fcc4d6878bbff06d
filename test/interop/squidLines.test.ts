/** The lines of the lab through a real squid: both logins, both kinds, and what it says when it says no. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ProxyLogin } from '../../core/cloud/real.ts'
import { json, linesBench, PASSWORDS, PUSH, request, tlsServer, type LinesBench } from '../wire/cloudLines/bench.ts'
import { NO_SQUID, openSquid, squidIsThere, USER, type Squid, type SquidOptions } from './squid.ts'

it('squid is there under CI', (context) => {
  if (squidIsThere) return
  expect(process.env['CI'], 'under CI squid has to be there').not.toBe('true')
  context.skip(NO_SQUID)
})

it.skipIf(!squidIsThere)('the configuration in docs/proxy.md is one that squid takes', () => {
  const docs = readFileSync(new URL('../../docs/proxy.md', import.meta.url), 'utf8')
  const [, config = ''] = /```\n( +http_port[^`]*)```/.exec(docs) ?? []
  expect(config).toContain('digest_file_auth')
  const dir = mkdtempSync(join(tmpdir(), 'push-lab-squid-docs-'))
  try {
    const path = join(dir, 'squid.conf')
    writeFileSync(path, config.replace('/etc/squid/lab-digest', '/dev/null'))
    const { status, stderr } = spawnSync('/usr/sbin/squid', ['-k', 'parse', '-f', path], { encoding: 'utf8' })
    expect(stderr).not.toMatch(/FATAL|ERROR|Bungled/)
    expect(status).toBe(0)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

describe.skipIf(!squidIsThere)('squid', { timeout: 30_000 }, () => {
  let b: LinesBench
  let squid: Squid
  beforeEach(async () => {
    b = await linesBench()
    await tlsServer(b, (socket) => socket.on('data', () => socket.write(json(200, { reason: 'OK' }))))
  })
  afterEach(() => b.close())

  async function open(o: Partial<SquidOptions>): Promise<void> {
    squid = await openSquid({ asks: 'none', hosts: { [PUSH]: '127.0.0.1' }, ports: [b.ports.get(PUSH) as number], ...o })
    b.closing.push(() => squid.close())
  }
  async function dial(tls: string | null = null): Promise<number> {
    const dialled = b.ask({ do: 'dial', node: 'ucm-pub', target: { address: squid.address, port: squid.port, tls } })
    const line = b.last
    expect(await dialled).toEqual({ is: 'line' })
    return line
  }
  const tunnel = (line: number, login: ProxyLogin | null = null) => b.ask({ do: 'tunnel', line, name: PUSH, login })
  /** Asks without a login first, as the machine does; over a new line when squid hangs up. */
  async function loggedIn(login: (challenge: string) => ProxyLogin): Promise<{ line: number; told: Awaited<ReturnType<typeof tunnel>> }> {
    let line = await dial()
    const asked = await tunnel(line)
    if (asked.is !== 'tunnel') throw new Error(JSON.stringify(asked))
    expect(asked).toMatchObject({ status: 407, challenges: [expect.stringMatching(/^(Basic|Digest) /)] })
    if (asked.closes) line = await dial()
    return { line, told: await tunnel(line, login(asked.challenges[0] as string)) }
  }
  const pushes = async (line: number): Promise<void> => {
    expect(await b.ask({ do: 'secure', line, name: PUSH })).toEqual({ is: 'secured' })
    expect(await b.ask({ do: 'exchange', line, request: request() })).toEqual({ is: 'answer', status: 200, text: 'OK' })
  }
  const basic = (secret: string) => (): ProxyLogin => ({ scheme: 'Basic', user: USER, secret })
  const digest =
    (secret: string) =>
    (challenge: string): ProxyLogin => ({ scheme: 'Digest', user: USER, secret, challenge, uses: 1, cnonce: 'c0ffee' })

  it('[PROXY-01] [DEC-26] an HTTP proxy without a login carries CONNECT, TLS and pushes', async () => {
    await open({})
    const line = await dial()
    expect(await tunnel(line)).toMatchObject({ is: 'tunnel', status: 200 })
    await pushes(line)
  })

  it.each([
    ['Basic', basic],
    ['Digest', digest],
  ] as const)('[PROXY-02] %s: the right password opens a tunnel that carries pushes, a wrong one is 407', async (asks, login) => {
    await open({ asks })
    const { line, told } = await loggedIn(login('good'))
    expect(told).toMatchObject({ is: 'tunnel', status: 200 })
    await pushes(line)
    const wrong = await loggedIn(login('bad'))
    expect(wrong.told).toMatchObject({ is: 'tunnel', status: 407, text: 'Proxy Authentication Required' })
    expect(JSON.stringify(b.exchanges)).not.toContain(PASSWORDS['good'])
  })

  it('[PROXY-01] [DEC-26] an HTTPS proxy: TLS with it by its own name, TLS with the cloud inside', async () => {
    await open({ tls: await b.authority.issue(['proxy.clinic.example']) })
    const line = await dial('proxy.clinic.example')
    expect(await tunnel(line)).toMatchObject({ is: 'tunnel', status: 200 })
    await pushes(line)
    expect(
      await b.ask({ do: 'dial', node: 'ucm-pub', target: { address: squid.address, port: squid.port, tls: 'proxy.other.example' } }),
    ).toMatchObject({
      is: 'failed',
      stage: 'tls',
    })
    expect(await tunnel(await dial())).toMatchObject({ is: 'failed', stage: 'proxy', text: expect.stringContaining('HTTPS proxy') })
  })

  it('[PROXY-01] an HTTP proxy of which TLS is wanted is told as such', async () => {
    await open({})
    expect(
      await b.ask({ do: 'dial', node: 'ucm-pub', target: { address: squid.address, port: squid.port, tls: 'proxy.clinic.example' } }),
    ).toMatchObject({
      is: 'failed',
      stage: 'proxy',
      text: expect.stringContaining('this is an HTTP proxy, and HTTPS is set'),
    })
  })

  it('[PROXY-01] a port or a name that its rules forbid is 403; a cloud that it does not reach is 503', async () => {
    await open({ ports: [1] })
    expect(await tunnel(await dial())).toMatchObject({ is: 'tunnel', status: 403, text: 'Forbidden' })
    await squid.close()
    await open({ blocked: [PUSH] })
    expect(await tunnel(await dial())).toMatchObject({ is: 'tunnel', status: 403 })
    await squid.close()
    b.ports.set(PUSH, 1)
    await open({ ports: [1] })
    expect(await tunnel(await dial())).toMatchObject({ is: 'tunnel', status: 503 })
  })
})
