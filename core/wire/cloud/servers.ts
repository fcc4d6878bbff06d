/** The five servers of the clouds and their DNS, opened and closed together: all of them, or none. */
import { randomBytes } from 'node:crypto'
import { CLOUD_NAMES, type CloudName, type CloudServer, type ProxyServer } from '../../contract/clouds.ts'
import type { World } from '../../world.ts'
import type { Authority } from '../certificates.ts'
import type { ServiceAccount } from '../fcm/oauth.ts'
import { MAX_PUSH_BYTES, NO_TOKEN, NOT_SEALED, pushAnswer, readPush } from '../pushRest.ts'
import { openApnsSite, type ApnsKey } from './apnsSite.ts'
import type { Asking } from './asking.ts'
import { issueWrong, type Certificates } from './certificates.ts'
import { openDns, type Dns } from './dns.ts'
import { openDoor, type Door } from './door.ts'
import type { Asked, HttpAnswer, ServerExchange } from './http.ts'
import { openProxyDoor, type ProxyDoor } from './proxyDoor.ts'
import { openFcmSite, type FcmSite } from './fcmSite.ts'
import { WireFaults, type WrongCertificate } from './faults.ts'
import { answerToken, MAX_FORM_BYTES, oauthError } from './identity.ts'
import { answerSubscribe, fosRefusal, MAX_SUBSCRIPTION_BYTES } from './onboarding.ts'
import type { NewPush } from './platformInput.ts'
import type { SecretTable } from './secrets.ts'
import { CLOUD_HOSTS, cloudOf } from './site.ts'

export type ServersOptions = {
  address: string
  /** Of FOS; the others follow in the order of CLOUD_NAMES, then DNS. 0 takes free ones. */
  port: number
  authority: Authority
  secrets: SecretTable
  asking: Asking
  apnsKeys: readonly ApnsKey[]
  serviceAccounts: readonly ServiceAccount[]
  world(): World
  /** ms of the run. */
  now(): number
  /** Throws when the lab does not take what was accepted. */
  push(push: NewPush, accepted: boolean): void
  exchanged(exchange: ServerExchange): void
  keylog(line: string): void
  changed(): void
}

type Running = {
  server: Pick<Door, 'port' | 'connections' | 'requests' | 'refused' | 'close'>
  faults: WireFaults
  certificates: Certificates
}

/** What a fault can be set on: a cloud, or the lab's own proxy. */
export type Breakable = CloudName | 'proxy'

export type Servers = {
  readonly dns: Dns
  portOf(cloud: CloudName): number
  rows(): CloudServer[]
  readonly proxy: ProxyServer | null
  /** Null when the lab had no proxy as they opened. */
  faultsOf(cloud: Breakable): WireFaults | null
  /** Makes the certificate that this fault shows. */
  prepareWrong(cloud: Breakable, wrong: WrongCertificate): Promise<void>
  /** An access token of Google's for the lab's project. */
  fcmToken(project: string, lifetimeS?: number): string
  close(): Promise<void>
}

/** A certificate names the documented names, and where it is when somebody dials it without one. */
const namesOf = (cloud: CloudName, address: string): [string, ...string[]] => [
  ...CLOUD_HOSTS[cloud],
  ...new Set(['localhost', '127.0.0.1', address]),
]

/** Rejects with a sentence when a port cannot be had; then nothing is open. */
export async function openServers(o: ServersOptions): Promise<Servers> {
  const running = new Map<CloudName, Running>()
  /** Requests that got no answer, or a refusal; handshakes are counted by each server. */
  const refused = new Map<CloudName, number>()
  let fcm: FcmSite | null = null
  const exchanged = (exchange: ServerExchange): void => {
    const { cloud, response } = exchange
    if (response === null || response.status >= 400) refused.set(cloud, (refused.get(cloud) ?? 0) + 1)
    o.exchanged(exchange)
  }
  let dns: Dns | null = null
  let proxy: { door: ProxyDoor; faults: WireFaults; certificates: Certificates; names: [string, ...string[]] } | null = null
  const closeAll = async (): Promise<void> => {
    await Promise.all([...[...running.values()].map(({ server }) => server.close()), dns?.close(), proxy?.door.close()])
  }

  async function open(cloud: CloudName, port: number): Promise<void> {
    const faults = new WireFaults()
    const certificates: Certificates = { good: await o.authority.issue(namesOf(cloud, o.address)), wrong: {} }
    const common = { certificates, faults, address: o.address, port, exchanged, keylog: o.keylog, changed: o.changed }
    const { world, push } = o
    switch (cloud) {
      case 'apns':
        running.set(cloud, { server: await openApnsSite({ ...common, keys: o.apnsKeys, world, push }), faults, certificates })
        return
      case 'fcm':
        fcm = await openFcmSite({ ...common, accounts: o.serviceAccounts, world, push })
        running.set(cloud, { server: fcm, faults, certificates })
        return
      case 'fos':
      case 'ci':
      case 'push-rest':
        running.set(cloud, { server: await openDoor({ ...common, ...doorOf(cloud, o) }), faults, certificates })
    }
  }

  /** In front of the five: its clients are the servers of the lab, and whoever else is told of it. */
  async function openProxy(port: number): Promise<typeof proxy> {
    const made = o.world().proxy
    if (!made) return null
    const names: [string, ...string[]] = [
      'localhost',
      ...new Set(['127.0.0.1', o.address, ...made.addresses, ...(made.fqdn === null ? [] : [made.fqdn])]),
    ]
    const faults = new WireFaults()
    const certificates: Certificates = { good: await o.authority.issue(names), wrong: {} }
    const door = await openProxyDoor({
      proxy: () => o.world().proxy ?? made,
      now: o.now,
      newNonce: () => randomBytes(16).toString('hex'),
      password: (name) => o.secrets.password(name),
      portOf: (cloud) => (running.get(cloud) as Running).server.port,
      certificates,
      faults,
      exchanged,
      keylog: o.keylog,
      changed: o.changed,
      address: o.address,
      port,
    })
    return { door, faults, certificates, names }
  }

  try {
    let port = o.port
    for (const cloud of CLOUD_NAMES) {
      await open(cloud, port)
      if (port !== 0) port++
    }
    dns = await openDns({
      address: o.address,
      port,
      changed: o.changed,
      lookUp: (name) => (cloudOf(name) === null ? addressesOfProxy(o.world(), name) : [o.address]),
    })
    if (port !== 0) port++
    proxy = await openProxy(port)
  } catch (error) {
    await closeAll()
    throw error
  }

  const named = dns as Dns
  const of = (cloud: CloudName): Running => running.get(cloud) as Running
  const behind = proxy as typeof proxy
  const partOf = (cloud: Breakable) => (cloud === 'proxy' ? behind : { ...of(cloud), names: namesOf(cloud, o.address) })
  return {
    dns: named,
    portOf: (cloud) => of(cloud).server.port,
    rows: () =>
      [...running].map(([cloud, { server, faults }]) => ({
        cloud,
        names: [...CLOUD_HOSTS[cloud]],
        port: server.port,
        connections: server.connections,
        requests: server.requests,
        refused: server.refused + (refused.get(cloud) ?? 0),
        faults: faults.rows(),
      })),
    get proxy() {
      return behind?.door.row() ?? null
    },
    faultsOf: (cloud) => partOf(cloud)?.faults ?? null,
    async prepareWrong(cloud, wrong) {
      const part = partOf(cloud)
      if (part) part.certificates.wrong[wrong] ??= await issueWrong(wrong, o.authority, part.names)
    },
    fcmToken: (project, lifetimeS) => (fcm as FcmSite).accessToken(project, lifetimeS),
    close: closeAll,
  }
}

type DoorParts = Pick<Parameters<typeof openDoor>[0], 'cloud' | 'maxBytes' | 'answer' | 'forced'>

function doorOf(cloud: 'fos' | 'ci' | 'push-rest', { secrets, asking }: ServersOptions): DoorParts {
  switch (cloud) {
    case 'fos':
      return {
        cloud,
        maxBytes: MAX_SUBSCRIPTION_BYTES,
        answer: (asked) => answerSubscribe(asked, secrets, asking),
        forced: (status, reason) => fosRefusal(status, reason ?? 'answer set by a fault'),
      }
    case 'ci':
      return {
        cloud,
        maxBytes: MAX_FORM_BYTES,
        answer: (asked) => answerToken(asked, secrets, asking),
        forced: (status, reason) => oauthError(status, reason ?? 'answer set by a fault'),
      }
    case 'push-rest':
      return {
        cloud,
        maxBytes: MAX_PUSH_BYTES,
        answer: (asked) => answerPush(asked, secrets, asking),
        forced: (status, reason) => pushAnswer({ status, reason: reason ?? 'answer set by a fault' }),
      }
  }
}

/** What is unsealed, and who has no token, the lab refuses too: there it is an event (SEC-02). */
async function answerPush(asked: Asked, secrets: SecretTable, asking: Asking): Promise<HttpAnswer> {
  const read = await readPush(asked, () => true)
  if (!read.ok) return pushAnswer(read.answer)
  const { push, sealed } = read
  const token = secrets.find(read.token)
  if ((token === null || !sealed) && !asking.mayTellRefusal()) return pushAnswer(token === null ? NO_TOKEN : NOT_SEALED)
  const { service, type, target } = push
  const { status, text } = await asking.ask(asked, 'push-rest', {
    what: 'push',
    token,
    service,
    type,
    target,
    payload: sealed ? push.payload : null,
  })
  return pushAnswer({ status, reason: text })
}

/** The proxy's name leads to its addresses in the lab, or wherever proxy.address has put it. */
function addressesOfProxy({ proxy }: World, name: string): readonly string[] | null {
  return proxy?.fqdn?.toLowerCase() === name ? proxy.addresses : null
}
