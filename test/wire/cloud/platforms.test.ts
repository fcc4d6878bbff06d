/** APNs and FCM of an opened lab: `@parse/node-apn` and `firebase-admin` as they come from npm, and the phones of the lab behind them. */
import { Agent } from 'node:https'
import type { Socket } from 'node:net'
import { createRequire } from 'node:module'
import { deleteApp, initializeApp } from 'firebase-admin/app'
import { getMessaging, type Messaging } from 'firebase-admin/messaging'
import { afterEach, describe, expect, it } from 'vitest'
import type { Notification as ApnNotification, Provider as ApnProvider } from '@parse/node-apn'
import { REFUSALS_TOLD } from '../../../core/wire/cloud/limits.ts'
import { ask, closeLabs, cloudLab, type CloudLab } from './lab.ts'
import { eventually } from '../eventually.ts'

const apn = createRequire(import.meta.url)('@parse/node-apn') as {
  Provider: new (options: object) => ApnProvider
  Notification: new () => ApnNotification
}

const ending: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
  await closeLabs()
})

type Env = Record<string, string>

async function apnsProvider(lab: CloudLab, device = 'phone'): Promise<{ provider: ApnProvider; env: Env }> {
  const { files, env } = await lab.kit('apns', device)
  const provider = new apn.Provider({
    token: { key: files['AuthKey.p8'], keyId: env['KEY_ID'], teamId: env['TEAM_ID'] },
    address: env['HOST'],
    port: Number(env['PORT']),
    ca: [files['push-lab-ca.pem']],
    connectionRetryLimit: 0,
  })
  ending.push(() => provider.shutdown())
  return { provider, env }
}

/** The library's types do not have it. */
const idOf = (sent: unknown): string => (sent as { 'apns-id': string })['apns-id']

const call = ({ BUNDLE }: Env, change: Partial<ApnNotification> = {}): ApnNotification =>
  Object.assign(
    new apn.Notification(),
    { topic: `${BUNDLE}.voip`, pushType: 'voip', priority: 10, expiry: 0, payload: { call: '7' } },
    change,
  )

async function fcmSender(lab: CloudLab, device = 'droid'): Promise<{ to: Messaging; env: Env }> {
  const { files, env } = await lab.kit('fcm', device)
  const httpAgent = new Agent({ ca: files['push-lab-ca.pem']!, keepAlive: true })
  const connect = httpAgent.createConnection.bind(httpAgent)
  httpAgent.createConnection = ((options: object, done: (error: Error | null, socket: Socket) => void) =>
    connect({ ...options, host: env['HOST'], port: Number(env['PORT']) } as never, done as never)) as typeof httpAgent.createConnection
  const credential = { getAccessToken: () => Promise.resolve({ access_token: env['TOKEN']!, expires_in: 3_600 }) }
  const app = initializeApp({ projectId: env['PROJECT']!, credential, httpAgent }, `lab-${performance.now()}`)
  ending.push(() => (httpAgent.destroy(), deleteApp(app)))
  return { to: getMessaging(app), env }
}

describe('APNs of the lab', () => {
  it('[APNS-12] [APNS-10] a push of node-apn is accepted, and wakes the phone', async () => {
    const lab = await cloudLab()
    const { provider, env } = await apnsProvider(lab)
    const { sent, failed } = await provider.send(call(env), env['DEVICE']!)
    expect(failed).toEqual([])
    expect(sent).toHaveLength(1)
    await lab.hop({ to: 'apns', outcome: 'accepted by APNs, not yet delivered' })
    await lab.hop({ from: 'apns', to: 'phone' })
    const [entry] = (await lab.log({ cloud: 'apns' })).exchanges
    expect(entry).toMatchObject({ side: 'server', protocol: 'HTTP/2', response: { status: 200 }, tracking: idOf(sent[0]) })
    expect(entry?.flow).toBeGreaterThan(0)
  })

  it('[APNS-05] after the phone got another token the old one is 410, with the time in ms', async () => {
    const lab = await cloudLab()
    const { provider, env } = await apnsProvider(lab)
    await lab.do('device.rotateToken', { device: 'phone' })
    const rotatedAt = Date.now()
    const { failed } = await provider.send(call(env), env['DEVICE']!)
    expect(failed).toMatchObject([{ status: 410, response: { reason: 'Unregistered' } }])
    const { timestamp } = failed[0]!.response as unknown as { timestamp: number }
    expect(Math.abs(timestamp - rotatedAt)).toBeLessThan(5_000)
    await lab.hop({ to: 'apns', outcome: 'refused: 410 Unregistered' })
  })

  it('[APNS-02] a key that the lab has not made is 403', async () => {
    const lab = await cloudLab()
    const { files, env } = await lab.kit('apns', 'phone')
    const other = await cloudLab()
    const stranger = (await other.kit('apns', 'phone')).files['AuthKey.p8']
    expect(stranger).not.toBe(files['AuthKey.p8'])
    const provider = new apn.Provider({
      token: { key: stranger, keyId: env['KEY_ID'], teamId: env['TEAM_ID'] },
      address: env['HOST'],
      port: Number(env['PORT']),
      ca: [files['push-lab-ca.pem']],
      connectionRetryLimit: 0,
    })
    ending.push(() => provider.shutdown())
    const { failed } = await provider.send(call(env), env['DEVICE']!)
    expect(failed).toMatchObject([{ status: 403, response: { reason: 'InvalidProviderToken' } }])
  })

  it('[APNS-09] of two messages for a phone that is off the net one waits, the newer', async () => {
    const lab = await cloudLab()
    const { provider, env } = await apnsProvider(lab)
    await lab.do('device.network', { device: 'phone', wifi: null, cellular: false, internet: false })
    const message = (): ApnNotification =>
      call(env, { topic: env['BUNDLE']!, pushType: 'alert', expiry: Math.floor(Date.now() / 1_000) + 600 })
    const ids: string[] = []
    for (let i = 0; i < 2; i++) ids.push(idOf((await provider.send(message(), env['DEVICE']!)).sent[0]))
    const states = (): Promise<{ pushes: { state: string }[] }[]> =>
      Promise.all(ids.map((id) => lab.do<never>('search.tracking', { id: `APNS_${id}` })))
    expect((await states()).map(({ pushes }) => pushes[0]?.state)).toEqual(['superseded', 'accepted'])
    await lab.do('device.network', { device: 'phone', cellular: true, internet: true })
    await lab.hop({ from: 'apns', to: 'phone' })
  })

  it('[APNS-04] [SEC-04] what a provider writes stands in no event, journal or log', async () => {
    const lab = await cloudLab()
    const { provider, env } = await apnsProvider(lab)
    await provider.send(
      call(env, { topic: env['BUNDLE']!, pushType: 'alert', aps: { alert: { title: 'Ana Ruiz', body: 'meet me at nine' } } as never }),
      env['DEVICE']!,
    )
    await lab.hop({ to: 'apns', outcome: 'accepted' })
    // Words in the place of a token: refused, and told without them.
    await provider.send(call(env), 'xxxxxxxx-meet-me-at-ten')
    await lab.hop({ to: 'apns', outcome: 'BadDeviceToken' })
    const fcm = await lab.kit('fcm')
    await ask(lab, 'fcm', {
      path: '/v1/projects/push-lab/messages:send',
      headers: { authorization: `Bearer ${fcm.env['TOKEN']}` },
      body: JSON.stringify({ message: { token: 'xxxxxxxx meet me at ten\u001b[2J' } }),
    })
    await lab.hop({ to: 'fcm', outcome: 'INVALID_ARGUMENT' })
    const everywhere = JSON.stringify([lab.events, await lab.log(), lab.logged])
    for (const secret of ['Ana Ru', 'meet', env['DEVICE']!]) expect(everywhere).not.toContain(secret)
    await lab.do('clouds.close')
    const { text } = await lab.do<{ text: string }>('journal.export')
    for (const secret of ['Ana Ru', 'meet']) expect(text).not.toContain(secret)
  })
})

describe('FCM of the lab', () => {
  it('[FCM-06] [FCM-01] a message of firebase-admin is taken over, and wakes the phone', async () => {
    const lab = await cloudLab()
    const { to, env } = await fcmSender(lab)
    const name = await to.send({ token: env['DEVICE']!, data: { call: '7' }, android: { priority: 'high', ttl: 0 } })
    expect(name).toMatch(/^projects\/push-lab\/messages\//)
    await lab.hop({ to: 'fcm', outcome: 'accepted by FCM, not yet delivered' })
    await lab.hop({ from: 'fcm', to: 'droid' })
    const [entry] = (await lab.log({ cloud: 'fcm' })).exchanges
    expect(entry).toMatchObject({ side: 'server', protocol: 'HTTP/1.1', response: { status: 200 }, tracking: name })
    expect(entry?.flow).toBeGreaterThan(0)
  })

  it('[FCM-04] after the phone got another token the old one is UNREGISTERED', async () => {
    const lab = await cloudLab()
    const { to, env } = await fcmSender(lab)
    await lab.do('device.rotateToken', { device: 'droid' })
    await expect(to.send({ token: env['DEVICE']!, data: { call: '7' } })).rejects.toMatchObject({
      code: 'messaging/registration-token-not-registered',
    })
    await lab.hop({ to: 'fcm', outcome: 'refused: 404 UNREGISTERED' })
  })

  it('[FCM-05] the 21st collapsible message at once is over quota', async () => {
    const lab = await cloudLab()
    const { to, env } = await fcmSender(lab)
    const message = { token: env['DEVICE']!, data: { n: '1' }, android: { collapseKey: 'c', priority: 'normal' as const } }
    for (let i = 0; i < 20; i++) await to.send(message)
    await expect(to.send(message)).rejects.toMatchObject({ code: 'messaging/message-rate-exceeded' })
  })
})

describe('a flood', () => {
  it('[APNS-08] of refused pushes is told to the lab in part, and counted whole; the journal stays small', async () => {
    const lab = await cloudLab()
    const { provider, env } = await apnsProvider(lab)
    await lab.do('device.rotateToken', { device: 'phone' })
    const { failed } = await provider.send(call(env), Array<string>(1_000).fill(env['DEVICE']!))
    expect(failed).toHaveLength(1_000)
    await eventually(() => lab.server('apns').requests >= 1_000, 'the counter')
    await lab.do('clouds.close')
    const { text } = await lab.do<{ text: string }>('journal.export')
    const inputs = text.split('\n').filter((line) => line.includes('"do":"wire.push"'))
    expect(inputs.length).toBeGreaterThanOrEqual(REFUSALS_TOLD.burst)
    expect(inputs.length).toBeLessThan(REFUSALS_TOLD.burst + 60)
    expect((await lab.log({ cloud: 'apns', limit: 500 })).more).toBe(true)
  })
})
