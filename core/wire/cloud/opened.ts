/** Both halves of the real clouds, opened together: the servers of the site, and the lab's own clients that dial them. */
import type { CloudName } from '../../contract/clouds.ts'
import type { CloudPort } from '../../cloud/real.ts'
import { answersAt } from '../../edge/proxy.ts'
import type { World } from '../../world.ts'
import type { Attachment } from '../attachment.ts'
import type { Authority } from '../certificates.ts'
import { createLines } from '../cloudLines/lines.ts'
import { isOfThisMachine } from '../lpns/interfaces.ts'
import { Asking } from './asking.ts'
import type { PlatformKeys } from './keys.ts'
import type { SecretTable } from './secrets.ts'
import { openServers, type Servers, type ServersOptions } from './servers.ts'
import { cloudOf, type Lines, type LinesOptions } from './site.ts'
import type { NewExchange } from './wireLog.ts'
import { wireSecrets } from './wireSecrets.ts'

export type Opened = {
  readonly servers: Servers
  readonly lines: Lines
  readonly asking: Asking
  readonly keys: PlatformKeys
  readonly address: string
  /** PEM. */
  readonly ca: string
  /** Legs that are real. */
  real: CloudName[]
}

export type OpeningOptions = Pick<ServersOptions, 'address' | 'port' | 'push' | 'keylog' | 'changed'> &
  Pick<LinesOptions, 'log'> & {
    authority: Authority
    keys: PlatformKeys
    secrets: SecretTable
    world(): World
    /** ms of the run. */
    now(): number
    /** Fails once the clouds are closed. */
    input: Attachment['input']
    nextExchange(): number
    exchanged(exchange: Omit<NewExchange, 'flow' | 'at'> & { at?: number }): void
  }

/** Rejects with a sentence when a port cannot be had; then nothing is open. */
export async function openClouds(o: OpeningOptions): Promise<Opened> {
  const { address, keys, secrets, world, now, keylog, authority } = o
  const asking = new Asking((request) => o.input('wire.request', request), o.nextExchange)
  const servers = await openServers({
    address,
    port: o.port,
    authority,
    secrets,
    asking,
    apnsKeys: keys.apnsKeys,
    serviceAccounts: [keys.fcm.account],
    world,
    now,
    push: o.push,
    exchanged: (made) => o.exchanged(made),
    keylog,
    changed: o.changed,
  })
  const ca = authority.certificate
  const lines = createLines({
    site: {
      address,
      dns: { address, port: servers.dns.port },
      ca,
      portOf(name) {
        const cloud = cloudOf(name)
        return cloud === null ? null : servers.portOf(cloud)
      },
      proxyAt(proxyAddress, proxyPort) {
        // A real proxy at an address of this machine is not the lab's, whatever the lab calls its own.
        const { proxy } = world()
        const own = proxy !== null && proxy.port === proxyPort && answersAt(proxy, proxyAddress) && !isOfThisMachine(proxyAddress)
        return own ? (servers.proxy?.port ?? null) : null
      },
    },
    secrets: wireSecrets(world, secrets, servers, keys),
    told: (ask, told) => void o.input('wire.told', { ask, told }),
    now,
    exchanged: (made) => o.exchanged({ ...made, side: 'client' }),
    keylog,
    log: o.log,
  })
  return { servers, lines, asking, keys, address, ca, real: [] }
}

/** The lab speaks to sockets through this; what comes of it are inputs. */
export const portTo = ({ lines, asking }: Opened): CloudPort => ({
  ask: (number, what) => lines.ask(number, what),
  drop: (number) => lines.drop(number),
  hangUp: (line) => lines.hangUp(line),
  answer: (exchange, answer) => asking.answer(exchange, answer),
})
