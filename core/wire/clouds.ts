/** The clouds of the lab in view on real sockets: opens and closes them, and answers what the window asks of them. */
import { CLOUD_NAMES, cloudCommands, type CloudCommand, type CloudName, type CloudsState } from '../contract/clouds.ts'
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { CloudPort } from '../cloud/real.ts'
import { isLoopback } from './addresses.ts'
import type { Attachment } from './attachment.ts'
import { Asking } from './cloud/asking.ts'
import { notOfApns } from './cloud/apnsSite.ts'
import { answersAt } from '../edge/proxy.ts'
import { Flows } from './cloud/flows.ts'
import { basicOf } from './cloud/identity.ts'
import { createPlatformKeys, fcmAuthorization, type PlatformKeys } from './cloud/keys.ts'
import { kitOf } from './cloud/kitOf.ts'
import type { NewPush } from './cloud/platformInput.ts'
import { SecretTable } from './cloud/secrets.ts'
import { openServers, type Servers } from './cloud/servers.ts'
import { cloudOf, type Lines, type Secrets } from './cloud/site.ts'
import { WireLog, type NewExchange } from './cloud/wireLog.ts'
import { createLines } from './cloudLines/lines.ts'
import { busy, type Host } from './host.ts'
import type { CertificateStore } from './lpns/certificateStore.ts'
import { isOfThisMachine, notOfThisMachine } from './lpns/interfaces.ts'

export type Clouds = {
  readonly open: boolean
  state(): CloudsState | null
  command(name: CloudCommand, args: unknown): Reply | Promise<Reply>
  /** After each turn of the lab. */
  afterTurn(): void
  /** The run in view is another one. */
  jumped(): void
  close(reason: string): Promise<void>
}

export const isCloudCommand = (name: string): name is CloudCommand => Object.hasOwn(cloudCommands, name)

/** A window hears of counters this often at most. */
const CHANGED_EVERY_MS = 100

const NOT_OPEN = failure('refused', 'the clouds are not open on real sockets: open them first (clouds.open)')

type Opened = { servers: Servers; lines: Lines; asking: Asking; keys: PlatformKeys; address: string; ca: string; real: CloudName[] }

export function createClouds(host: Host, attachment: Attachment, certificates: CertificateStore): Clouds {
  const secrets = new SecretTable()
  const log = new WireLog()
  const flows = new Flows(() => world())
  let keys: Promise<PlatformKeys> | null = null
  let opened: Opened | null = null
  let opening = false
  let closing: Promise<void> | null = null
  let exchanges = 1
  let telling: NodeJS.Timeout | null = null

  const world = () => host.current.run.lab.world

  function changed(): void {
    telling ??= setTimeout(() => {
      telling = null
      host.wake()
    }, CHANGED_EVERY_MS).unref()
  }

  /** A platform has answered a provider; what it accepts the lab has to take. Of what it refused the lab hears as much as it may. */
  function push(made: NewPush, accepted: boolean): void {
    if (!accepted && opened?.asking.mayTellRefusal() !== true) return
    const before = world().log.total
    const reply = opened ? attachment.input('wire.push', { exchange: exchanges++, ...made }) : NOT_OPEN
    if (reply.ok) flows.note(made.id, before)
    else if (accepted) throw new Error(reply.message)
  }

  function exchanged(made: Omit<NewExchange, 'flow' | 'at'> & { at?: number }): void {
    const at = made.at ?? Math.max(0, Math.round(host.current.run.now - made.ms))
    log.add({ ...made, at, flow: made.tracking === null ? null : flows.of(made.tracking) })
  }

  async function open({ address, port }: HostCommandArgs<'clouds.open'>): Promise<Reply> {
    if (host.job) return busy(host.job)
    if (opened || opening || closing) return failure('refused', 'the clouds are open already: close them first (clouds.close)')
    const elsewhere = notOfThisMachine(address)
    if (elsewhere !== null) return failure('refused', elsewhere)
    opening = true
    attachment.attach('clouds', (reason) => void close(reason))
    try {
      keys ??= createPlatformKeys()
      const made = await openAll(await keys, address, port)
      opened = made
      world().real.port = portTo(made)
      attachment.follow()
      const reply = attachment.input('wire.clouds', { open: true, address, real: [] })
      if (!reply.ok) await close(reply.message)
      return reply.ok ? ok({}) : reply
    } catch (error) {
      attachment.detach('clouds')
      return failure('io', error instanceof Error ? error.message : String(error))
    } finally {
      opening = false
    }
  }

  async function openAll(platformKeys: PlatformKeys, address: string, port: number): Promise<Opened> {
    const authority = await certificates.authority()
    exchanges = nextExchange(host.current.run.lab.inputs)
    const asking = new Asking(
      (request) => (opened ? attachment.input('wire.request', request) : NOT_OPEN),
      () => exchanges++,
    )
    const servers = await openServers({
      address,
      port,
      authority,
      secrets,
      asking,
      apnsKeys: platformKeys.apnsKeys,
      serviceAccounts: [platformKeys.fcm.account],
      world,
      now: () => host.current.run.now,
      push,
      exchanged: (made) => exchanged(made),
      keylog: (line) => log.key(line),
      changed,
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
      secrets: secretsFor(servers, platformKeys),
      told: (ask, told) => void (opened && attachment.input('wire.told', { ask, told })),
      now: () => host.current.run.now,
      exchanged: (made) => exchanged({ ...made, side: 'client' }),
      keylog: (line) => log.key(line),
      log: host.log,
    })
    return { servers, lines, asking, keys: platformKeys, address, ca, real: [] }
  }

  function secretsFor(servers: Servers, platformKeys: PlatformKeys): Secrets {
    const fcm = fcmAuthorization(() => servers.fcmToken(platformKeys.fcm.account.project))
    return {
      textOf: (id) => secrets.textOf(id),
      idOf: (text) => secrets.idOf(text),
      password: (name) => secrets.password(name),
      authorization(cloud, refresh = null) {
        if (cloud === 'apns') return platformKeys.apnsAuthorization()
        if (cloud === 'fcm') return fcm()
        return cloud === 'ci' ? basicOf(accountWith(refresh), secrets) : null
      },
    }
  }

  /** Whose refresh token this is; one of nobody's is sent under the account of the cluster. */
  function accountWith(refresh: string | null): string {
    for (const account of world().ci.accounts.values()) if (account.refresh === refresh) return account.id
    return world().admin.machine.pkid
  }

  /** The lab speaks to sockets through this; what comes of it are inputs. */
  const portTo = ({ lines, asking }: Opened): CloudPort => ({
    ask: (number, what) => lines.ask(number, what),
    drop: (number) => lines.drop(number),
    hangUp: (line) => lines.hangUp(line),
    answer: (exchange, answer) => asking.answer(exchange, answer),
  })

  /** The lab lets go first, so that what is under way fails there and is told; then the doors close. */
  function close(reason: string): Promise<void> {
    if (closing) return closing
    if (!opened) return Promise.resolve()
    const { servers, lines, asking, address } = opened
    opened = null // first: what follows is an input too
    attachment.detach('clouds')
    attachment.input('wire.clouds', { open: false, address, real: [] })
    world().real.port = null
    asking.close()
    host.log(`the clouds on real sockets are closed: ${reason}`)
    closing = Promise.all([servers.close(), lines.close()])
      .then(() => undefined)
      .finally(() => {
        closing = null
        host.wake()
      })
    return closing
  }

  function legs({ real }: HostCommandArgs<'clouds.legs'>): Reply {
    if (!opened) return NOT_OPEN
    const chosen = CLOUD_NAMES.filter((cloud) => real.includes(cloud))
    const reply = attachment.input('wire.clouds', { open: true, address: opened.address, real: chosen })
    if (reply.ok) opened.real = chosen
    return reply.ok ? ok({}) : reply
  }

  async function fault({ cloud, fault: wanted, times }: HostCommandArgs<'clouds.fault'>): Promise<Reply> {
    if (!opened) return NOT_OPEN
    const { servers } = opened
    const faults = servers.faultsOf(cloud)
    if (faults === null) return failure('refused', 'this lab has no proxy: open one whose file has edge.proxy')
    if (cloud === 'proxy' && wanted.kind === 'slow-body')
      return failure('refused', 'a proxy passes on bytes: it has no body to be slow with')
    if (wanted.kind === 'goaway' && cloud !== 'apns') return failure('refused', 'GOAWAY is of HTTP/2 with APNs: no other cloud sends it')
    if (wanted.kind === 'answer' && (wanted.status < 200 || BODILESS.has(wanted.status)))
      return failure('refused', `an answer of ${wanted.status} has no body and ends no request: choose another status`)
    if (wanted.kind === 'slow-body' && wanted.ms > SLOWEST_MS)
      return failure('refused', `an answer lasts ${SLOWEST_MS / 1_000} s at most: nobody waits longer`)
    const never = cloud === 'apns' ? notOfApns(wanted) : null
    if (never !== null) return failure('refused', never)
    if (wanted.kind === 'certificate') await servers.prepareWrong(cloud, wanted.wrong)
    if (!faults.add(wanted, times)) return failure('refused', 'too many faults wait already: mend some first (clouds.mend)')
    host.wake()
    return ok({})
  }

  function mend({ cloud }: HostCommandArgs<'clouds.mend'>): Reply {
    if (!opened) return NOT_OPEN
    for (const each of cloud === undefined ? [...CLOUD_NAMES, 'proxy' as const] : [cloud]) opened.servers.faultsOf(each)?.clear()
    host.wake()
    return ok({})
  }

  function command(name: CloudCommand, args: unknown): Reply | Promise<Reply> {
    switch (name) {
      case 'clouds.open':
        return open(args as HostCommandArgs<'clouds.open'>)
      case 'clouds.close':
        return opened ? close('closed by hand').then(() => ok({})) : NOT_OPEN
      case 'clouds.legs':
        return legs(args as HostCommandArgs<'clouds.legs'>)
      case 'clouds.secret': {
        const { name: secret, value } = args as HostCommandArgs<'clouds.secret'>
        host.wake()
        return secrets.setPassword(secret, value) ? ok({}) : failure('refused', 'too many passwords are kept already')
      }
      case 'clouds.fault':
        return fault(args as HostCommandArgs<'clouds.fault'>)
      case 'clouds.mend':
        return mend(args as HostCommandArgs<'clouds.mend'>)
      case 'clouds.provider': {
        const { cloud, device } = args as HostCommandArgs<'clouds.provider'>
        return opened ? kitOf({ ...opened, world: world(), secrets }, cloud, device) : NOT_OPEN
      }
      case 'clouds.log':
        return ok(log.query(args as HostCommandArgs<'clouds.log'>, (tracking) => flows.of(tracking)))
      case 'clouds.keylog':
        return ok({ name: 'push-lab-keys.log', mediaType: 'text/plain', text: log.keylog() })
    }
  }

  return {
    get open() {
      return opened !== null
    },
    state() {
      if (!opened) return null
      const { servers, address, real } = opened
      return {
        address,
        exposed: !isLoopback(address),
        servers: servers.rows(),
        dns: { port: servers.dns.port, queries: servers.dns.queries },
        proxy: servers.proxy,
        real,
        secrets: secrets.passwordNames,
      }
    },
    command,
    afterTurn() {
      const { pacer, job } = host
      if (opened) {
        if (!job && pacer.mode !== 'running') void close('the lab stopped')
        return
      }
      // The record of a run that was killed ends while they were open. It goes on without them.
      const { run } = host.current
      if (!opening && !job && world().real.open && run.ahead.length === 0 && pacer.mode !== 'paused') attachment.endLeftOpen()
    },
    jumped() {
      secrets.clearTokens()
      flows.clear()
      log.clear()
    },
    close,
  }
}

/** As long as an answer that never comes is held. */
const SLOWEST_MS = 120_000

/** HTTP allows no body with these. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304])

/** Exchanges of the run have had the numbers up to this one. */
function nextExchange(inputs: readonly { do: string; with: unknown }[]): number {
  let next = 1
  for (const { do: name, with: args } of inputs)
    if (name === 'wire.request' || name === 'wire.push') next = Math.max(next, (args as { exchange: number }).exchange + 1)
  return next
}
