/** The lab's own proxy on a real socket: where no squid is at hand, a call still goes through a proxy, and its faults show. */
import { connect } from 'node:net'
import { describe, expect, it, type TestContext } from 'vitest'
import type { CloudsState } from '../../../core/contract/clouds.ts'
import type { HopEvent } from '../../../core/contract/event.ts'
import { eventually } from '../eventually.ts'
import { proxyLab, type ProxyLab } from '../../interop/proxyLab.ts'

const RINGS = { from: 'phone', message: 'REGISTER' }
/** An address that this machine does not have: the lab stands in for it. */
const ADDRESS = '10.20.30.40'

const texts = (hops: readonly HopEvent[]): string[] => hops.map(({ message, outcome }) => `${message}: ${outcome}`)

type Own = { lab: ProxyLab; proxy: () => NonNullable<CloudsState['proxy']> }

/** A lab of its own for each test: they mostly wait for a service to start, so they wait side by side. */
async function opened({ onTestFinished }: TestContext): Promise<Own> {
  const lab = await proxyLab({ addresses: [ADDRESS] })
  onTestFinished(() => lab.close())
  return {
    lab,
    proxy() {
      const { proxy } = lab.clouds()
      if (!proxy) throw new Error('the lab has no proxy')
      return proxy
    },
  }
}

describe.concurrent('the lab stands in for its own proxy', { timeout: 60_000 }, () => {
  it.for(['Basic', 'Digest'])('[PROXY-01] [PROXY-02] a call passes with %s', async (authentication, context) => {
    const { lab, proxy } = await opened(context)
    await lab.do('proxy.login', { asks: authentication, user: 'cucm', secret: 'right' })
    await lab.set({ server: ADDRESS, authentication, user: 'cucm' })
    const started = await lab.restart()
    expect(texts(started).join('\n')).toContain(`CONNECT idbroker.webex.com:443, ${authentication} login`)
    const hops = await lab.call(RINGS)
    expect(texts(hops).join('\n')).toContain('200 Connection established')
    // CONNECT without a login, then with it for each of two clouds: the challenge is remembered.
    await eventually(() => proxy().requests >= 3, 'three CONNECTs')
    const { exchanges } = await lab.do<{ exchanges: { connection: string; request: { method: string; headers: [string, string][] } }[] }>(
      'clouds.log',
    )
    const asked = exchanges.filter(({ connection }) => connection.startsWith('proxy '))
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(JSON.stringify(exchanges)).not.toContain('correct horse')
  })

  it('[PROXY-02] [ALM-06] [SCN-06] a wrong password is 407, and no push leaves', async (context) => {
    const { lab, proxy } = await opened(context)
    await lab.do('proxy.login', { asks: 'Digest', user: 'cucm', secret: 'right' })
    await lab.set({ server: ADDRESS, authentication: 'Digest', user: 'cucm', secret: 'wrong' })
    await lab.restart({ from: 'proxy', message: '407', status: 'fail' })
    const failed = await lab.call({ message: 'dropped' })
    expect(texts(failed).join('\n')).not.toContain('POST push')
    await eventually(() => proxy().refused > 1, 'two refusals')
  })

  it('[SCN-06] [SCN-15] 407, a captive portal page, a reset and a hang-up are set on its real socket, and mended', async (context) => {
    const { lab } = await opened(context)
    await lab.set({ server: ADDRESS, authentication: 'none' })
    for (const [fault, symptom] of [
      [
        { kind: 'answer', status: 407 },
        { from: 'proxy', message: '407' },
      ],
      [{ kind: 'page' }, { outcome: 'a web page in place of a tunnel', status: 'fail' }],
      [{ kind: 'reset' }, { outcome: 'reset', status: 'fail' }],
      [{ kind: 'half-close' }, { status: 'fail', outcome: 'proxy' }],
    ] as const) {
      await lab.do('clouds.fault', { cloud: 'proxy', fault, times: 100 })
      expect(await lab.restart(symptom), fault.kind).not.toEqual([])
      await lab.do('clouds.mend', { cloud: 'proxy' })
    }
    await lab.restart()
    await lab.call(RINGS)
    expect((await lab.try('clouds.fault', { cloud: 'proxy', fault: { kind: 'slow-body' } })).ok).toBe(false)
  })

  it('[SEC-03] leads to the clouds of the lab only, and speaks nothing but CONNECT', async (context) => {
    const { proxy } = await opened(context)
    const say = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let all = ''
        const socket = connect(proxy().port, '127.0.0.1', () => socket.write(text))
        socket.on('data', (chunk: Buffer) => (all += chunk.toString('latin1')))
        socket.once('close', () => resolve(all))
        socket.once('error', reject)
      })
    expect(await say('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n')).toMatch(/^HTTP\/1\.1 403 /)
    expect(await say('GET http://push.webexconnect.com/ HTTP/1.1\r\nhost: push.webexconnect.com\r\n\r\n')).toMatch(/^HTTP\/1\.1 405 /)
    expect(await say(`GET / ${'x'.repeat(20_000)}\r\n\r\n`)).not.toMatch(/ 200 /)
    await eventually(() => proxy().refused >= 3, 'three refusals')
  })
})
