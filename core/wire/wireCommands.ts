/** Real clients of the lab in view: opens and closes the endpoint, and makes tokens. What arrives goes through the attachment. */
import type { WireState } from '../contract/batch.ts'
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { groupOf, LPNS } from '../cluster/nodes.ts'
import type { TimedInput } from '../engine/journal.ts'
import { LPNS_PATH, SUBPROTOCOL } from '../lpns/protocol.ts'
import { isLoopback } from './addresses.ts'
import type { Attachment } from './attachment.ts'
import { busy, type Host } from './host.ts'
import type { CertificateStore, Presented } from './lpns/certificateStore.ts'
import { openEndpoint, type Endpoint } from './lpns/endpoint.ts'
import { listInterfaces, notOfThisMachine } from './lpns/interfaces.ts'
import { ENDPOINT_LIMITS } from './lpns/limits.ts'
import type { NodeState } from './lpns/nodeListener.ts'
import { TokenTable } from './lpns/tokens.ts'

const NOT_OPEN = failure('refused', 'the real sockets are closed: open them first (wire.open)')

export type Wire = {
  readonly open: boolean
  /** Frames written to real clients so far. */
  readonly written: number
  state(): WireState | null
  command(name: WireCommandName, args: unknown): Reply | Promise<Reply>
  /** After each turn of the lab: ports follow their services, and a lab that stopped lets its clients go. True: another turn is needed. */
  afterTurn(spent: () => boolean): boolean
  /** The run in view is another one: its tokens are not good any more. */
  jumped(): void
  close(reason: string): Promise<void>
}

const WIRE_COMMANDS = [
  'wire.interfaces',
  'wire.open',
  'wire.close',
  'wire.token',
  'wire.ca',
  'wire.importCertificate',
  'wire.labCertificate',
] as const
export type WireCommandName = (typeof WIRE_COMMANDS)[number]

export const isWireCommand = (name: string): name is WireCommandName => (WIRE_COMMANDS as readonly string[]).includes(name)

type Attached = { endpoint: Endpoint; address: string; presented: Presented }

export function createWire(host: Host, attachment: Attachment, certificates: CertificateStore): Wire {
  const tokens = new TokenTable(ENDPOINT_LIMITS.connectBurst)
  let attached: Attached | null = null
  let opening = false
  let closing: Promise<void> | null = null

  const world = () => host.current.run.lab.world

  /** Unified CM nodes with the service, in their order; an unplugged one is silent, any other is gone. */
  function nodes(): { node: string; state: NodeState }[] {
    const found: { node: string; state: NodeState }[] = []
    for (const { id, state, services } of world().cluster.nodes.values()) {
      const service = services.get(LPNS)
      if (!service) continue
      const runs = service.state === 'running'
      found.push({ node: id, state: runs && state === 'up' ? 'running' : runs && state === 'off network' ? 'silent' : 'down' })
    }
    return found
  }

  const input: Attachment['input'] = (name, args) => attachment.input(name, args)

  async function open({ address, port }: HostCommandArgs<'wire.open'>): Promise<Reply> {
    if (host.job) return busy(host.job)
    if (attached || opening || closing) return failure('refused', 'the real sockets are open already: close them first (wire.close)')
    const elsewhere = notOfThisMachine(address)
    if (elsewhere !== null) return failure('refused', elsewhere)
    if (nodes().length === 0) return failure('refused', 'no node of this lab has LPNS: open a lab with Unified CM 14SU3 or later')
    opening = true
    attachment.attach('wire', (reason) => void close(reason))
    try {
      const presented = await certificates.presented(
        address,
        nodes().map(({ node }) => node),
      )
      const endpoint = await openEndpoint({
        address,
        port,
        credentials: presented,
        tokens,
        firstSession: nextSession(host.current.run.lab.inputs),
        nodes,
        input,
        silenceMs: (session) => (world().wireSessions.get(session)?.deadlineAt ?? Infinity) - host.current.run.now,
        late: () => host.pacer.late(host.current.run, performance.now()),
        ownerOf: (device) => world().devices.get(device)?.owner ?? null,
        changed: host.wake,
        log: host.log,
      })
      attached = { endpoint, address, presented }
      world().wire = endpoint.wire
      attachment.follow()
      input('wire.endpoint', { open: true, address })
      return ok({})
    } catch (error) {
      attachment.detach('wire')
      return failure('io', error instanceof Error ? error.message : String(error))
    } finally {
      opening = false
    }
  }

  /** The door closes at once; clients have a moment to say goodbye. */
  function close(reason: string): Promise<void> {
    if (closing) return closing
    if (!attached) return Promise.resolve()
    const { endpoint, address } = attached
    attached = null // first: what follows is an input too
    attachment.detach('wire')
    world().wire = null
    const ending = endpoint.close(reason)
    input('wire.endpoint', { open: false, address })
    host.log(`the real sockets are closed: ${reason}`)
    closing = ending.finally(() => {
      closing = null
      host.wake()
    })
    return closing
  }

  function token({ device: id, minutes }: HostCommandArgs<'wire.token'>): Reply {
    if (!attached) return NOT_OPEN
    const device = world().devices.get(id)
    if (!device) return failure('not-found', `there is no device "${id}"`)
    const issued = tokens.issue(id)
    const reply = input('wire.tokenIssued', { id: issued.id, device: id, minutes })
    if (!reply.ok) return reply
    const url = `${urlFor(groupOf(world(), device))}${LPNS_PATH}?device=${id}`
    return ok({
      token: issued.token,
      device: id,
      endsAt: host.current.run.now + minutes * 60_000,
      url,
      example: `wscat --ca push-lab-ca.pem --subprotocol ${SUBPROTOCOL} --header "Authorization: Bearer ${issued.token}" --connect "${url}"`,
    })
  }

  /** Where the client is to go first: its nodes by priority, as far as they listen. */
  function urlFor(group: readonly string[]): string {
    const open = attached?.endpoint.nodes() ?? []
    const first = group.flatMap((id) => open.filter(({ node, listening }) => node === id && listening))[0]
    return (first ?? open.find(({ listening }) => listening) ?? open[0])?.url ?? ''
  }

  /** Shown from the next handshake on. */
  async function present(): Promise<Reply> {
    if (!attached) return ok({})
    const { endpoint, address } = attached
    const presented = await certificates.presented(
      address,
      nodes().map(({ node }) => node),
    )
    endpoint.useCertificate(presented)
    attached = { endpoint, address, presented }
    return ok({})
  }

  async function importCertificate(pair: HostCommandArgs<'wire.importCertificate'>): Promise<Reply> {
    const fault = certificates.import({ certificate: pair.certificate, privateKey: pair.privateKey, ca: pair.ca ?? null })
    return fault === null ? present() : failure('refused', fault)
  }

  function command(name: WireCommandName, args: unknown): Reply | Promise<Reply> {
    switch (name) {
      case 'wire.interfaces':
        return ok({ interfaces: listInterfaces() })
      case 'wire.open':
        return open(args as HostCommandArgs<'wire.open'>)
      case 'wire.close':
        return attached ? close('closed by hand').then(() => ok({})) : NOT_OPEN
      case 'wire.token':
        return token(args as HostCommandArgs<'wire.token'>)
      case 'wire.ca':
        return certificates.caCertificate().then((text) => ok({ name: 'push-lab-ca.pem', mediaType: 'application/x-pem-file', text }))
      case 'wire.importCertificate':
        return importCertificate(args as HostCommandArgs<'wire.importCertificate'>)
      case 'wire.labCertificate':
        certificates.useLab()
        return present()
    }
  }

  return {
    get open() {
      return attached !== null
    },
    get written() {
      return attached?.endpoint.written ?? 0
    },
    state() {
      if (!attached) return null
      const { endpoint, address, presented } = attached
      return {
        address,
        exposed: !isLoopback(address),
        nodes: endpoint.nodes(),
        sessions: endpoint.sessions,
        refused: endpoint.refused,
        certificate: presented.about,
      }
    },
    command,
    afterTurn(spent) {
      if (!attached) return false
      attached.endpoint.sync()
      const more = attached.endpoint.tellResponses(spent)
      if (!host.job && host.pacer.mode !== 'running') void close('the lab stopped')
      return more
    },
    jumped: () => tokens.clear(),
    close,
  }
}

/** Sessions of the run have had the numbers up to this one. */
function nextSession(inputs: readonly TimedInput[]): number {
  let next = 1
  for (const { do: name, with: args } of inputs)
    if (name === 'wire.connected') next = Math.max(next, (args as { session: number }).session + 1)
  return next
}
