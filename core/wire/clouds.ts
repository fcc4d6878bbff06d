/** The clouds of the lab in view on real sockets: when they open and close, and what the window asks of them. */
import { CLOUD_NAMES, cloudCommands, type CloudCommand, type CloudsState } from '../contract/clouds.ts'
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import type { TimedInput } from '../engine/journal.ts'
import { isLoopback } from './addresses.ts'
import type { Attachment } from './attachment.ts'
import { breakServer, mendServers } from './cloud/breaking.ts'
import { Flows } from './cloud/flows.ts'
import { createPlatformKeys, type PlatformKeys } from './cloud/keys.ts'
import { kitOf } from './cloud/kitOf.ts'
import { openClouds, portTo, type Opened, type OpeningOptions } from './cloud/opened.ts'
import type { NewPush } from './cloud/platformInput.ts'
import { SecretTable } from './cloud/secrets.ts'
import { WireLog } from './cloud/wireLog.ts'
import { busy, type Host } from './host.ts'
import type { CertificateStore } from './lpns/certificateStore.ts'
import { notOfThisMachine } from './lpns/interfaces.ts'

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
  const input: Attachment['input'] = (name, args) => (opened ? attachment.input(name, args) : NOT_OPEN)

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
    const reply = input('wire.push', { exchange: exchanges++, ...made })
    if (reply.ok) flows.note(made.id, before)
    else if (accepted) throw new Error(reply.message)
  }

  const exchanged: OpeningOptions['exchanged'] = (made) => {
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
      exchanges = nextExchange(host.current.run.lab.inputs)
      opened = await openClouds({
        address,
        port,
        keys: await (keys ??= createPlatformKeys()),
        authority: await certificates.authority(),
        secrets,
        world,
        now: () => host.current.run.now,
        input,
        nextExchange: () => exchanges++,
        push,
        exchanged,
        keylog: (line) => log.key(line),
        changed,
        log: host.log,
      })
      world().real.port = portTo(opened)
      attachment.follow()
      const reply = input('wire.clouds', { open: true, address, real: [] })
      if (!reply.ok) await close(reply.message)
      return reply.ok ? ok({}) : reply
    } catch (error) {
      attachment.detach('clouds')
      return failure('io', error instanceof Error ? error.message : String(error))
    } finally {
      opening = false
    }
  }

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

  const commands: { [N in CloudCommand]: (args: HostCommandArgs<N>) => Reply | Promise<Reply> } = {
    'clouds.open': open,
    'clouds.close': () => (opened ? close('closed by hand').then(() => ok({})) : NOT_OPEN),
    'clouds.legs'({ real }) {
      if (!opened) return NOT_OPEN
      const chosen = CLOUD_NAMES.filter((cloud) => real.includes(cloud))
      const reply = input('wire.clouds', { open: true, address: opened.address, real: chosen })
      if (!reply.ok) return reply
      opened.real = chosen
      return ok({})
    },
    'clouds.secret': ({ name, value }) =>
      secrets.setPassword(name, value) ? ok({}) : failure('refused', 'too many passwords are kept already'),
    'clouds.fault': (args) => (opened ? breakServer(opened.servers, args) : NOT_OPEN),
    'clouds.mend': (args) => (opened ? mendServers(opened.servers, args) : NOT_OPEN),
    'clouds.provider': ({ cloud, device }) => (opened ? kitOf({ ...opened, world: world(), secrets }, cloud, device) : NOT_OPEN),
    'clouds.log': (args) => ok(log.query(args, (tracking) => flows.of(tracking))),
    'clouds.keylog': () => ok({ name: 'push-lab-keys.log', mediaType: 'text/plain', text: log.keylog() }),
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
    command: (name, args) => (commands[name] as (args: unknown) => Reply | Promise<Reply>)(args),
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

/** Exchanges of the run have had the numbers up to this one. */
function nextExchange(inputs: readonly TimedInput[]): number {
  let next = 1
  for (const { do: name, with: args } of inputs)
    if (name === 'wire.request' || name === 'wire.push') next = Math.max(next, (args as { exchange: number }).exchange + 1)
  return next
}
