/** Every listener on IPv6 loopback, dialled there: addresses in brackets where an address has a port, AAAA where DNS is asked. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Resolver } from 'node:dns/promises'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { CLOUD_NAMES } from '../../core/contract/clouds.ts'
import { CLOUD_HOSTS } from '../../core/wire/cloud/site.ts'
import { textFile } from '../../core/wire/http/appFiles.ts'
import { openBrowserHost } from '../../core/wire/http/browserHost.ts'
import { recordingDoor } from '../doubles/door.ts'
import { closeLabs, cloudLab, SCENARIO, type CloudLab } from './cloud/lab.ts'
import { wireLab } from './lpns/lab.ts'
import { dial } from './lpns/stranger.ts'
import { eventually } from './eventually.ts'

const HERE = '::1'
const hasIpv6 = Object.values(networkInterfaces()).some((addresses = []) => addresses.some(({ address }) => address === HERE))

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
  await closeLabs()
})

async function opened(scenario = SCENARIO): Promise<CloudLab> {
  const lab = await cloudLab({ scenario, open: false })
  await lab.do('clouds.open', { address: HERE, port: 0 })
  await eventually(() => lab.last().clouds !== null, 'the state of the clouds')
  return lab
}

describe.skipIf(!hasIpv6)('on ::1', { timeout: 20_000 }, () => {
  it('[LPNS-05] a real client of local push has a session, and is pushed', async () => {
    const lab = await wireLab({ open: false })
    ending.push(() => lab.close())
    await lab.do('wire.open', { address: HERE, port: 0 })
    await eventually(() => Boolean(lab.last().wire), 'the state of the endpoint')
    expect(lab.wire()).toMatchObject({ address: HERE, exposed: false })
    const { token, url, example } = await lab.token()
    expect(url).toMatch(/^wss:\/\/\[::1\]:\d+\/lpns\?device=phone$/)
    expect(example).toContain(url)
    const client = dial(lab.url(), { ca: lab.ca, token })
    expect(JSON.parse(await client.next())).toMatchObject({ type: 'welcome' })
    await lab.do('call.place', { from: 'desk', to: '2000' })
    expect(JSON.parse(await client.next())).toMatchObject({ type: 'push', purpose: 'incoming call' })
  })

  it('[NET-09] DNS has an IPv6 address for the documented names, and none of version 4', async () => {
    const lab = await opened()
    const resolver = new Resolver({ timeout: 1_000, tries: 1 })
    resolver.setServers([`[${HERE}]:${lab.state().dns.port}`])
    for (const name of Object.values(CLOUD_HOSTS).flat()) expect(await resolver.resolve6(name), name).toEqual([HERE])
    await expect(resolver.resolve4(CLOUD_HOSTS.ci[0])).rejects.toMatchObject({ code: 'ENODATA' })
  })

  it('[NET-02] [APNS-01] [FCM-01] with every way real calls wake an iPhone and an Android phone', async () => {
    const lab = await opened()
    expect(lab.state()).toMatchObject({ address: HERE, exposed: false })
    await lab.do('clouds.legs', { real: [...CLOUD_NAMES] })
    const { flow } = await lab.do<{ flow: number }>('call.place', { from: 'desk', to: '2000' })
    await lab.hop({ from: 'phone', message: 'REGISTER' })
    await lab.do('call.hangUp', { flow })
    await lab.do('call.place', { from: 'desk', to: '3000' })
    await lab.hop({ from: 'droid', message: 'REGISTER' })
    const { exchanges } = await lab.log({ limit: 100 })
    expect(new Set(exchanges.map(({ cloud, side }) => `${cloud} ${side}`))).toEqual(
      new Set(['push-rest', 'apns', 'fcm'].flatMap((cloud) => [`${cloud} client`, `${cloud} server`])),
    )
    for (const { peer } of exchanges) expect(peer).toMatch(/^\[::1\]:\d+$/)
  })

  it('[PROXY-01] the lab’s own proxy stands in there for its address', async () => {
    const lab = await opened(`${SCENARIO}edge:
  proxy: { fqdn: proxy.clinic.example, addresses: [10.20.30.40], settings: { enabled: true, server: 10.20.30.40 } }
`)
    await lab.do('clouds.legs', { real: ['ci', 'push-rest'] })
    await lab.do('call.place', { from: 'desk', to: '2000' })
    await lab.hop({ from: 'phone', message: 'REGISTER' })
    expect(lab.state().proxy?.requests).toBeGreaterThan(0)
  })

  it.each(['push-rest', 'apns'] as const)('the example line of clouds.provider for %s works in a shell', async (cloud) => {
    const lab = await opened()
    const kit = await lab.kit(cloud)
    const dir = mkdtempSync(join(tmpdir(), 'push-lab-v6-'))
    ending.push(() => rmSync(dir, { recursive: true, force: true }))
    for (const [name, text] of Object.entries(kit.files)) writeFileSync(join(dir, name), text)
    const { stdout } = await promisify(execFile)(
      'sh',
      ['-c', `${kit.example} --silent --output answer --write-out '%{http_code} %{remote_ip}'`],
      {
        cwd: dir,
        env: { PATH: process.env['PATH'], ...kit.env },
      },
    )
    expect(stdout).toBe(`200 ${HERE}`)
  })

  it('the console is served there, and its door opens to its own page alone', async () => {
    const host = await openBrowserHost({ door: recordingDoor(), files: async () => textFile(200, 'the page'), host: HERE, port: 0 })
    ending.push(() => host.close())
    const here = `[${HERE}]:${host.port}`
    expect(host.url).toContain(`http://${here}/#token=`)
    const asked = (name: string): Promise<number> =>
      new Promise((resolve, reject) =>
        httpRequest({ host: HERE, port: host.port, headers: { host: name } }, (answer) => resolve(answer.resume().statusCode ?? 0))
          .on('error', reject)
          .end(),
      )
    expect(await asked(here)).toBe(200)
    expect(await asked(`evil.example:${host.port}`)).toBe(403)
    const token = new URL(host.url).hash.replace('#token=', '')
    const door = (origin: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${here}/door`, ['push-lab', token], { headers: { origin } })
        ending.push(() => socket.terminate())
        socket.on('error', () => undefined)
        socket.on('open', () => resolve('open'))
        socket.on('unexpected-response', (_request, answer) => resolve(String(answer.statusCode)))
      })
    expect([await door(`http://${here}`), await door(`http://[::2]:${host.port}`)]).toEqual(['open', '403'])
  })
})

it('there is IPv6 loopback under CI', (context) => {
  if (hasIpv6) return
  expect(process.env['CI'], 'under CI ::1 has to be there').not.toBe('true')
  context.skip('this machine has no ::1')
})
