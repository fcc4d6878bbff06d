/** A real squid between a lab's nodes and its clouds: a call still wakes the phone, and each proxy fault shows its symptom. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, type TestContext } from 'vitest'
import type { HopEvent } from '../../core/contract/event.ts'
import type { Results } from '../../core/contract/results.ts'
import type { FindingRow } from '../../core/contract/rows.ts'
import { blackHole } from '../wire/cloudLines/bench.ts'
import { eventually } from '../wire/eventually.ts'
import { proxyLab, PROXY_NAME, type ProxyLab } from './proxyLab.ts'
import { freePort, NO_SQUID, squidIsThere } from './squid.ts'

const PUSH = 'push.webexconnect.com'
const RINGS = { from: 'phone', message: 'REGISTER' }
const ACCEPTED = { from: 'push-rest', message: '200 OK' }

/** A lab of its own for each test: they mostly wait for a service to start, so they wait side by side. */
async function opened({ onTestFinished }: TestContext, o: Parameters<typeof proxyLab>[0] = {}): Promise<ProxyLab> {
  const lab = await proxyLab(o)
  onTestFinished(() => lab.close())
  return lab
}

const seen = (hops: readonly HopEvent[], text: string): HopEvent[] =>
  hops.filter(({ message, outcome }) => `${message}: ${outcome}`.includes(text))
const one = (hops: readonly HopEvent[], text: string): HopEvent => {
  const [hop] = seen(hops, text)
  if (!hop) throw new Error(`no hop with "${text}":\n${hops.map(({ message, outcome }) => `${message}: ${outcome}`).join('\n')}`)
  return hop
}

it('squid is there under CI', ({ skip }) => {
  if (squidIsThere) return
  expect(process.env['CI'], 'under CI squid has to be there').not.toBe('true')
  skip(NO_SQUID)
})

const raised = (lab: ProxyLab, id: string): boolean =>
  [...lab.alarms.values()].some((alarm) => alarm.id.includes(id) && alarm.clearedAt === null)

describe.skipIf(!squidIsThere).concurrent('a lab behind squid', { timeout: 60_000 }, () => {
  it.for(['Basic', 'Digest'])(
    '[PROXY-01] [PROXY-02] [NET-02] with %s a call wakes the suspended phone',
    async (authentication, context) => {
      const lab = await opened(context)
      const squid = await lab.squid({ asks: authentication as 'Basic' | 'Digest' })
      await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication })
      const started = await lab.restart()
      expect(one(started, 'asks for').outcome).toContain(`asks for ${authentication}, over a real socket`)
      expect(one(started, `CONNECT idbroker.webex.com:443, ${authentication} login`).to).toBe('proxy')
      const hops = await lab.call(RINGS)
      for (const text of [
        `CONNECT ${PUSH}:443, ${authentication} login`,
        '200 Connection established',
        'TLS inside the tunnel',
        'POST push',
        '200 OK',
      ])
        expect(seen(hops, text), text).not.toEqual([])
      // What squid itself has seen, by the ports that stand for 443 here.
      const { servers } = lab.clouds()
      const port = (cloud: string): number | undefined => servers.find((server) => server.cloud === cloud)?.port
      expect(raised(lab, 'HttpClientPoolCreationError')).toBe(false)
      await lab.do('clouds.close')
      for (const line of [
        `TCP_TUNNEL 200 CONNECT ${PUSH}:${port('push-rest')} cucm`,
        `TCP_TUNNEL 200 CONNECT idbroker.webex.com:${port('ci')} cucm`,
      ])
        await eventually(() => squid.log().includes(line), line)
    },
  )

  it('[PROXY-02] [SCN-06] [ALM-06] a wrong password is 407 and the alarm; mended on the page, it is in use from the restart on (ONB-15)', async (context) => {
    const lab = await opened(context)
    const squid = await lab.squid({ asks: 'Digest' })
    await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication: 'Digest', secret: 'wrong' })
    const started = await lab.restart({ from: 'proxy', message: '407', status: 'fail' })
    expect(seen(started, '407 Proxy Authentication Required')).toHaveLength(2)
    await eventually(() => raised(lab, 'HttpClientPoolCreationError'), 'the alarm')
    const failed = await lab.call({ message: 'dropped' })
    expect(seen(failed, 'POST push')).toEqual([])
    await lab.set({ secret: 'right' })
    await lab.restart()
    await lab.call(RINGS)
    expect(raised(lab, 'HttpClientPoolCreationError')).toBe(false)
    expect(squid.log().filter((line) => line.startsWith('TCP_DENIED 407')).length).toBeGreaterThan(1)
    expect(JSON.stringify([lab.events, await lab.do('clouds.log', {})])).not.toMatch(/correct horse|of another one/)
  })

  it('[PROXY-01] a rule of squid that forbids the host is 403, and the proxy is blamed', async (context) => {
    const lab = await opened(context)
    const squid = await lab.squid({ blocked: [PUSH] })
    await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication: 'none' })
    await lab.restart()
    const hops = await lab.call({ from: 'proxy', message: '403' })
    expect(one(hops, '403 Forbidden')).toMatchObject({ from: 'proxy', why: 'PROXY-01', status: 'fail' })
    expect(seen(hops, 'POST push')).toEqual([])
  })

  it('[PROXY-05] a cloud that squid does not reach is 503 of the proxy', async (context) => {
    const lab = await opened(context)
    const squid = await lab.squid({ hosts: { 'idbroker.webex.com': '127.0.0.1', [PUSH]: '127.0.0.77' } })
    await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication: 'none' })
    await lab.restart()
    const hops = await lab.call({ from: 'proxy', message: '503' })
    expect(one(hops, '503 Service Unavailable').from).toBe('proxy')
    expect(seen(hops, 'POST push')).toEqual([])
  })

  it('[NET-03] [SEC-03] a cloud with a certificate of nobody’s: the handshake fails inside the tunnel, and no push leaves', async (context) => {
    const lab = await opened(context)
    const squid = await lab.squid()
    await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication: 'none' })
    await lab.restart()
    await lab.do('clouds.fault', { cloud: 'push-rest', fault: { kind: 'certificate', wrong: 'authority' } })
    const hops = await lab.call({ to: 'push-rest', status: 'fail' })
    expect(one(hops, "not the cloud's own")).toMatchObject({ why: 'NET-03', status: 'fail' })
    expect(seen(hops, 'POST push')).toEqual([])
  })

  it('[NET-07] a reset on the tunnel that is in use fails its push once; the next one opens a new tunnel', async (context) => {
    const lab = await opened(context)
    const squid = await lab.squid()
    await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication: 'none' })
    await lab.restart()
    const [first] = await lab.call(RINGS)
    await lab.do('clouds.fault', { cloud: 'push-rest', fault: { kind: 'reset' } })
    await lab.do('call.hangUp', { flow: first?.flow })
    await lab.next({ to: 'push-rest', message: 'missed call', status: 'fail' })
    const tunnels = (): number => seen(lab.events, `CONNECT ${PUSH}:443`).length
    expect({ tunnels: tunnels(), failed: lab.events.filter(({ why, status }) => why === 'NET-07' && status === 'fail').length }).toEqual({
      tunnels: 1,
      failed: 1,
    })
    const again = await lab.call(ACCEPTED)
    expect(seen(again, `CONNECT ${PUSH}:443`)).toHaveLength(1)
    await eventually(() => lab.clouds().servers.find(({ cloud }) => cloud === 'push-rest')?.requests === 3, 'three requests')
  })
})

describe.skipIf(!squidIsThere).concurrent('a squid with several addresses', { timeout: 60_000 }, () => {
  /** A lab with two addresses of its proxy, and a port that is free at the second one. */
  const both = async (context: TestContext): Promise<{ lab: ProxyLab; port: number }> => ({
    lab: await opened(context, { addresses: ['127.0.0.21', '127.0.0.22'] }),
    port: await freePort('127.0.0.22'),
  })
  const page = (lab: ProxyLab, port: number): Promise<void> => lab.set({ server: PROXY_NAME, port, kind: 'HTTP', authentication: 'none' })

  it('[PROXY-03] [SCN-06] a dead first address: 2 s, then the second one; the wait is charged to the 13 s', async (context) => {
    const { lab, port } = await both(context)
    const hole = await blackHole('127.0.0.21', port)
    context.onTestFinished(async () => void (await hole.close()))
    await lab.squid({ address: '127.0.0.22', port })
    await page(lab, port)
    await lab.restart()
    const hops = await lab.call(RINGS)
    const given = one(hops, `no connection to the proxy at 127.0.0.21 within 2 s: next address, 127.0.0.22`)
    expect(given).toMatchObject({ why: 'PROXY-03', status: 'warn' })
    expect(given.at - given.sentAt).toBeGreaterThanOrEqual(2_000)
    expect(given.at - given.sentAt).toBeLessThan(2_300)
    expect(one(hops, `connect 127.0.0.22:${port}`).sentAt).toBeGreaterThanOrEqual(given.at)
    expect(one(hops, 'REGISTER').at - (hops[0]?.at ?? 0)).toBeLessThan(13_000)
  })

  it('[PROXY-03] an address that refuses costs no wait at all', async (context) => {
    const { lab, port } = await both(context)
    await lab.squid({ address: '127.0.0.22', port })
    await page(lab, port)
    await lab.restart()
    const hops = await lab.call(RINGS)
    const refused = one(hops, `port ${port} refused at 127.0.0.21`)
    expect(one(hops, `connect 127.0.0.22:${port}`).sentAt - refused.sentAt).toBeLessThan(500)
  })

  it('[PROXY-04] [DEC-15] no confirmation for 5 s: sent again through the next address with the same tracking ID, and the phone rings once', async (context) => {
    const { lab, port } = await both(context)
    await lab.squid({ address: '127.0.0.21', port })
    await lab.squid({ address: '127.0.0.22', port })
    await page(lab, port)
    await lab.restart()
    await lab.do('clouds.fault', { cloud: 'push-rest', fault: { kind: 'stall' } })
    const hops = await lab.call(RINGS)
    const silent = one(hops, 'no answer from push.webexconnect.com within 5 s')
    expect(silent).toMatchObject({ why: 'PROXY-04', status: 'warn' })
    expect(silent.at - silent.sentAt).toBeGreaterThanOrEqual(5_000)
    expect(silent.at - silent.sentAt).toBeLessThan(5_300)
    expect(one(hops, `connect 127.0.0.22:${port}`).sentAt).toBeGreaterThanOrEqual(silent.at)
    const { exchanges } = await lab.do<{
      exchanges: { side: string; cloud: string; tracking: string | null; request: { method: string } }[]
    }>('clouds.log', {})
    const pushes = exchanges.filter(({ side, cloud, request }) => side === 'client' && cloud === 'push-rest' && request.method === 'POST')
    expect(pushes).toHaveLength(2)
    expect(pushes[0]?.tracking).toBe(pushes[1]?.tracking)
    expect(seen(hops, 'REGISTER')).toHaveLength(1)
  })

  it('[PROXY-07] [SCN-06] a proxy that has moved: the old addresses are kept, until the cache is flushed', async (context) => {
    const { lab, port } = await both(context)
    const squid = await lab.squid({ address: '127.0.0.21', port })
    await page(lab, port)
    await lab.restart()
    const [first] = await lab.call(RINGS)
    await squid.close()
    await lab.next({ message: 'connection ends' })
    await lab.do('call.hangUp', { flow: first?.flow })
    await lab.squid({ address: '127.0.0.23', port })
    await lab.do('proxy.address', { addresses: ['127.0.0.23'] })
    const stale = await lab.call({ message: `connect 127.0.0.21:${port}`, status: 'fail' })
    expect(one(stale, `port ${port} refused at 127.0.0.21`)).toMatchObject({ status: 'fail', why: 'PROXY-03' })
    expect(seen(stale, '127.0.0.23')).toEqual([])
    await lab.do('call.hangUp', { flow: stale[0]?.flow })
    await lab.do('proxy.flush', {})
    await lab.call(ACCEPTED)
    const found = await lab.next({ message: `look up ${PROXY_NAME}`, outcome: '127.0.0.23; kept for 3600 s' })
    expect(found.why).toBe('PROXY-07')
  })
})

describe.skipIf(!squidIsThere).concurrent('what is said of a proxy, and what squid sees', { timeout: 60_000 }, () => {
  it('[PROXY-06] a WSA whose name leads past its virtual address: the finding says so before a call does, and squid serves it once mended', async () => {
    const lab = await proxyLab({ addresses: ['127.0.0.32'], product: ', product: Cisco WSA, virtualAddress: 127.0.0.31' })
    try {
      const findings = new Map<string, FindingRow>()
      const subscription = lab.host.subscribe((batch) => {
        for (const row of batch.upsert) if (row.kind === 'finding') findings.set(row.id, row)
        queueMicrotask(() => subscription.ack(batch.seq))
      })
      const squid = await lab.squid({ address: '127.0.0.31' })
      await lab.set({ server: PROXY_NAME, port: squid.port, kind: 'HTTP', authentication: 'none' })
      await lab.restart({ message: `connect 127.0.0.32:${squid.port}`, status: 'fail' })
      await eventually(() => findings.get('proxy:virtual')?.level === 'Fail', 'the finding')
      expect(findings.get('proxy:virtual')).toMatchObject({ why: 'PROXY-06', fix: 'Let DNS map it to 127.0.0.31 alone.' })
      expect(squid.log().filter((line) => line.includes('CONNECT'))).toEqual([])
      await lab.do('proxy.address', { addresses: ['127.0.0.31'] })
      await lab.do('proxy.flush', {})
      await eventually(() => findings.get('proxy:virtual')?.level === 'Pass', 'the finding mended')
      await lab.restart()
      const hops = await lab.call(RINGS)
      expect(one(hops, `connect 127.0.0.31:${squid.port}`).status).toBe('ok')
    } finally {
      await lab.close()
    }
  })

  it('[PROXY-08] the calculator counts each transaction that went through squid, once; squid itself sees the tunnels only', async () => {
    const lab = await proxyLab()
    try {
      const squid = await lab.squid()
      await lab.set({ server: squid.address, port: squid.port, kind: 'HTTP', authentication: 'none' })
      type Counted = Results['proxy.capacity']['counted']
      const counted = async (): Promise<Counted> => (await lab.do<Results['proxy.capacity']>('proxy.capacity', {})).counted
      await lab.restart()
      const before = await counted()
      const asked = (): number => lab.clouds().servers.reduce((sum, { requests }) => sum + requests, 0)
      const requests = asked()
      for (let calls = 0; calls < 3; calls++) {
        const [first] = await lab.call(RINGS)
        await lab.do('call.hangUp', { flow: first?.flow })
        // The second push of each call: it was missed.
        await eventually(() => asked() === requests + 2 * (calls + 1), 'two pushes at the cloud')
      }
      const after = await counted()
      expect({ calls: after.calls - before.calls, total: after.total - before.total }).toEqual({ calls: 6, total: 6 })
      await lab.do('clouds.close')
      await eventually(() => squid.log().some((line) => line.includes(`CONNECT ${PUSH}`)), 'the tunnels')
      // One tunnel to each of the two clouds carried all of it: what the proxy must sustain is not what its log counts.
      expect(squid.log().filter((line) => line.startsWith('TCP_TUNNEL 200'))).toHaveLength(2)
    } finally {
      await lab.close()
    }
  })
})

describe.skipIf(!squidIsThere).concurrent('an HTTPS squid', { timeout: 60_000 }, () => {
  it('[PROXY-01] [DEC-26] with a certificate of the lab’s authority a call wakes the phone; spoken to in the clear it does not', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'push-lab-https-'))
    const lab = await proxyLab({ dataDir })
    try {
      const { CertificateStore } = await import('../../core/wire/lpns/certificateStore.ts')
      const tls = await new CertificateStore(dataDir).presented('127.0.0.1', [PROXY_NAME])
      const squid = await lab.squid({ tls })
      await lab.set({ server: PROXY_NAME, port: squid.port, kind: 'HTTPS', authentication: 'none' })
      const started = await lab.restart()
      expect(one(started, ', TLS: connected, TLS with the proxy, over a real socket').why).toBe('PROXY-01')
      await lab.call(RINGS)
      await lab.set({ kind: 'HTTP' })
      await lab.restart({ status: 'fail', message: 'CONNECT' })
    } finally {
      await lab.close()
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})
