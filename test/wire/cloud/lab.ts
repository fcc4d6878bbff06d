/** The whole lab with its clouds open on real sockets, for tests with real clients. */
import { request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import type { CloudName, CloudServer, CloudsState, WireFault } from '../../../core/contract/clouds.ts'
import type { Results } from '../../../core/contract/results.ts'
import type { DeviceRow } from '../../../core/contract/rows.ts'
import { eventually } from '../eventually.ts'
import { wireLab, type WireLab } from '../lpns/lab.ts'

/** An iPhone, an Android phone and an iPhone that is off the net; one cluster that is onboarded. */
export const SCENARIO = `pushlab: 1
title: Real clouds
cluster:
  release: 15SU2
  nodes: [{ id: ucm-pub }]
users:
  - { id: ana, number: "1000" }
  - { id: bob, number: "2000" }
  - { id: eve, number: "3000" }
devices:
  - { id: desk, owner: ana, client: deskphone, os: desktop }
  - { id: phone, owner: bob, client: jabber, os: ios, app: off screen, locked: true }
  - { id: droid, owner: eve, client: jabber, os: android, app: off screen, locked: true }
`

export type CloudLab = WireLab & {
  state(): CloudsState
  server(cloud: CloudName): CloudServer
  port(cloud: CloudName): number
  kit(cloud: CloudName, device?: string): Promise<Kit>
  fault(cloud: CloudName, fault: WireFault, times?: number): Promise<void>
  log(asked?: object): Promise<Results['clouds.log']>
  device(id: string): Promise<DeviceRow>
}

export type Kit = { files: Record<string, string>; env: Record<string, string>; example: string }

const open: CloudLab[] = []
export async function closeLabs(): Promise<void> {
  await Promise.all(open.splice(0).map((lab) => lab.close()))
}

export async function cloudLab(
  o: { dataDir?: string | null; scenario?: string; open?: boolean; maxInputs?: number } = {},
): Promise<CloudLab> {
  const wire = await wireLab({ scenario: SCENARIO, ...o, open: false })
  const rows = new Map<string, DeviceRow>()
  wire.host.subscribe((batch) => {
    for (const row of batch.upsert) if (row.kind === 'device') rows.set(row.id, row)
    for (const patch of batch.patch) if (patch.kind === 'device') rows.set(patch.id, { ...rows.get(patch.id)!, ...patch.fields })
  })
  const lab: CloudLab = {
    ...wire,
    state() {
      const { clouds } = wire.last()
      if (!clouds) throw new Error('the clouds are closed')
      return clouds
    },
    server: (cloud) => lab.state().servers.find((each) => each.cloud === cloud)!,
    port: (cloud) => lab.server(cloud).port,
    async kit(cloud, device) {
      const kit = await wire.do<Results['clouds.provider']>('clouds.provider', { cloud, ...(device === undefined ? {} : { device }) })
      return {
        files: Object.fromEntries(kit.files.map(({ name, text }) => [name, text])),
        env: Object.fromEntries(kit.environment),
        example: kit.example,
      }
    },
    fault: async (cloud, fault, times = 1) => void (await wire.do('clouds.fault', { cloud, fault, times })),
    log: (asked = {}) => wire.do<Results['clouds.log']>('clouds.log', asked),
    async device(id) {
      await eventually(() => rows.has(id), `the row of ${id}`)
      return rows.get(id)!
    },
  }
  open.push(lab)
  if (o.open !== false) {
    await lab.do('clouds.open', { port: 0 })
    await eventually(() => wire.last().clouds !== null, 'the state of the clouds')
  }
  return lab
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string }
export type Ask = { method?: string; path: string; headers?: Record<string, string>; body?: string; name?: string; ca?: string }

/** One HTTPS/1.1 request on a connection of its own; rejects as Node's client does. */
export function ask(lab: CloudLab, cloud: CloudName, { method = 'POST', path, headers = {}, body = '', name, ca }: Ask): Promise<Answer> {
  const { port, names } = lab.server(cloud)
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      {
        host: '127.0.0.1',
        port,
        servername: name ?? names[0],
        ca: ca ?? lab.ca,
        method,
        path,
        agent: false,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => (text += part))
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

export const asPush = (env: Record<string, string>, change: object = {}): Ask => ({
  path: '/v1/push',
  headers: { authorization: `Bearer ${env['TOKEN']}`, 'content-type': 'application/json', TrackingID: env['TRACKING']! },
  body: JSON.stringify({ version: 1, service: env['SERVICE'], type: 'voip', target: env['TARGET'], payload: env['PAYLOAD'], ...change }),
})

export const asToken = (env: Record<string, string>, change: Record<string, string> = {}): Ask => ({
  path: '/idb/oauth2/v1/access_token',
  headers: {
    authorization: `Basic ${Buffer.from(`${env['ACCOUNT']}:${env['SECRET']}`).toString('base64')}`,
    'content-type': 'application/x-www-form-urlencoded',
  },
  body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: env['REFRESH']!, ...change }).toString(),
})
