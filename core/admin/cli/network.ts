/** utils network and utils dbreplication: what the model of the network can say for sure, without sending anything. */
import { HOST_NAME } from '../../cloud/connection.ts'
import type { Link, Route } from '../../engine/network.ts'
import { routeBetween, type World } from '../../world.ts'
import { ANYWHERE, column, ON_UCM, READS, refused, said, splitArgs, type CliAnswer, type CliCommand, type CliContext } from './command.ts'
import { inOrder, type CliWord } from './offers.ts'

const PINGS_MAX = 100
/** An echo request has no port. */
const NO_PORT = 0

const CLOUD_BY_NAME = new Map<string, string>(Object.entries(HOST_NAME).map(([host, name]) => [name, host]))

type Target = { host: string; name: string; external: boolean }

/** A host by its name; those of the cloud by their documented names. */
function targetNamed(world: World, text: string): Target | null {
  const name = text.toLowerCase()
  const cloud = CLOUD_BY_NAME.get(name)
  if (cloud !== undefined) return { host: cloud, name, external: true }
  for (const id of [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])])
    if (id.toLowerCase() === name) return { host: id, name: id, external: false }
  const { proxy } = world
  if (proxy && (proxy.id.toLowerCase() === name || proxy.fqdn?.toLowerCase() === name || proxy.addresses.includes(name)))
    return { host: proxy.id, name, external: false }
  return null
}

const namesOf = (world: World): CliWord[] => [
  ...[...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])].map((word) => ({ word, help: 'node' })),
  ...(world.proxy ? [{ word: world.proxy.fqdn ?? world.proxy.id, help: 'proxy' }] : []),
  ...[...CLOUD_BY_NAME].map(([word, host]) => ({ word, help: host })),
]

/** Whether a name resolves on this node, and to what. */
function find({ world, node }: CliContext, text: string): Target | CliAnswer {
  const target = targetNamed(world, text)
  if (!target)
    return refused(
      `${text}: unknown host`,
      `Hosts of this lab: ${namesOf(world)
        .map(({ word }) => word)
        .join(', ')}`,
    )
  const silent =
    target.external &&
    (!node.dns || world.faults.certain(node.id, 'dns-fail', { port: 443 }) || world.faults.certain(target.host, 'dns-fail', { port: 443 }))
  if (silent)
    return refused(
      `${text} cannot be resolved on ${node.id}`,
      'See that DNS is configured on this node and resolves external names (NET-09).',
    )
  return target
}

const isAnswer = (found: Target | CliAnswer): found is CliAnswer => 'output' in found

const roundTripMs = (route: Route): number => 2 * route.legs.reduce((sum: number, { link }: { link: Link }) => sum + link.latencyMs, 0)

function ping(context: CliContext, rest: string): CliAnswer {
  const { world, node } = context
  const [name = '', times = '4'] = splitArgs(rest)
  if (name === '') return refused('a host is needed', 'Right form: utils network ping <host> [<count>]')
  const count = /^\d{1,3}$/.test(times) ? Number(times) : 0
  if (count < 1 || count > PINGS_MAX) return refused(`"${times}" is not a count from 1 to ${PINGS_MAX}`)
  const found = find(context, name)
  if (isAnswer(found)) return found
  const route = routeBetween(world, node.id, found.host)
  const obstacle = world.network.obstacle(route, { port: NO_PORT })
  const lines = [`PING ${found.name} 56(84) bytes of data.`]
  if (obstacle) {
    lines.push(`From ${node.id}: ${obstacle.text}`)
  } else {
    for (let seq = 1; seq <= count; seq++) lines.push(`64 bytes from ${found.name}: icmp_seq=${seq} time=${roundTripMs(route)} ms`)
  }
  const received = obstacle ? 0 : count
  lines.push('', `--- ${found.name} ping statistics ---`)
  lines.push(`${count} packets transmitted, ${received} received, ${obstacle ? 100 : 0}% packet loss`)
  lines.push('(forecast of the model: usual latency, and obstacles that are there for sure)')
  return { ...said(lines, `${received} of ${count} received`), failed: obstacle !== null }
}

function lookUp(context: CliContext, rest: string): CliAnswer {
  const [name = ''] = splitArgs(rest)
  if (name === '') return refused('a host name is needed', 'Right form: utils network host <name>')
  const found = find(context, name)
  if (isAnswer(found)) return found
  const { proxy } = context.world
  if (proxy && found.host === proxy.id) return said(proxy.addresses.map((address) => `${name} has address ${address}`))
  return said(`${name} resolves (addresses of nodes and of the cloud are not modelled)`)
}

function connectivity(context: CliContext, rest: string): CliAnswer {
  const { world, node } = context
  const [name = '', text = ''] = splitArgs(rest)
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (name === '' || port < 1 || port > 65_535)
    return refused('a host and a port from 1 to 65535 are needed', 'Right form: utils network connectivity push.webexconnect.com 443')
  const found = find(context, name)
  if (isAnswer(found)) return found
  const obstacle = world.network.obstacle(routeBetween(world, node.id, found.host), { port })
  if (obstacle) return refused(`${found.name} port ${port} cannot be reached: ${obstacle.text}`)
  const note = world.proxy?.settings.enabled === true && found.external ? ' (the direct way; cloud traffic takes the proxy)' : ''
  return said(`Service accessible at ${found.name} port ${port}${note}`)
}

function runtimeState({ world }: CliContext): CliAnswer {
  const { publisher } = world.cluster
  const lines = [
    `Cluster Replication State: ${publisher.id} is the publisher`,
    '',
    `${column('SERVER-NAME', 24)}${column('REACHABLE', 10)}REPLICATION SETUP`,
  ]
  let bad = 0
  for (const node of world.cluster.nodes.values()) {
    const obstacle = node === publisher ? null : world.network.obstacle(routeBetween(world, publisher.id, node.id), { port: NO_PORT })
    const up = node.state === 'up' && publisher.state === 'up' && obstacle === null
    if (!up) bad++
    lines.push(
      `${column(node.id, 24)}${column(up ? 'Yes' : 'No', 10)}${up ? '(2) Setup Completed' : `(4) ${node.state === 'up' ? (obstacle?.text ?? publisher.state) : node.state}`}`,
    )
  }
  return said(lines, bad === 0 ? 'all nodes (2) Setup Completed' : `${bad} node${bad === 1 ? '' : 's'} not in (2)`)
}

const hosts = inOrder(({ world }) => namesOf(world))

/** Ports that the guide names (NET-01, NET-04, LPNS-04). */
const PORTS: readonly CliWord[] = [
  { word: '443', help: 'Cisco cloud, HTTPS' },
  { word: '9560', help: 'Cisco Local Push Notification Service' },
  { word: '9966', help: 'Cisco Push Notification Service' },
]

export const NETWORK_COMMANDS: readonly CliCommand[] = [
  {
    words: ['utils', 'network', 'ping'],
    takes: '<host> [<count>]',
    help: 'whether a host answers',
    on: ANYWHERE,
    changes: READS,
    offers: hosts,
    run: ping,
  },
  {
    words: ['utils', 'network', 'host'],
    takes: '<name>',
    help: 'what DNS says to a name',
    on: ANYWHERE,
    changes: READS,
    offers: hosts,
    run: lookUp,
  },
  {
    words: ['utils', 'network', 'connectivity'],
    takes: '<host> <port>',
    help: 'whether a TCP port can be reached',
    on: ANYWHERE,
    changes: READS,
    offers: inOrder(
      ({ world }) => namesOf(world),
      () => PORTS,
    ),
    run: connectivity,
  },
  {
    words: ['utils', 'dbreplication', 'runtimestate'],
    takes: '',
    help: 'state of database replication per node',
    on: ON_UCM,
    changes: READS,
    run: runtimeState,
  },
]
