/** Questions to the administrator's tools. They change nothing. */
import type { AdminResults, AgentView, TraceView } from '../contract/admin.ts'
import type { HostCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Reply } from '../contract/door.ts'
import { CMAS, isRunning } from '../cluster/nodes.ts'
import { traceBundle } from '../serviceability/traceBundle.ts'
import { traceFiles } from '../serviceability/traceFiles.ts'
import { openTrace, searchTraces } from '../serviceability/traceLog.ts'
import { tracedOn } from '../serviceability/traceServices.ts'
import { atOnce, type Steps } from '../steps.ts'
import type { World } from '../world.ts'
import { missing } from '../replies.ts'
import { waiting } from './agent.ts'
import { completeCli } from './commands.ts'
import { supportAlarms, supportTracking } from './support.ts'
import type { AdminCommand } from '../contract/admin.ts'

const nodesOf = (world: World) => [...world.cluster.nodes.values(), ...(world.presence?.nodes.values() ?? [])]

function noNode(world: World, id: string | undefined): Reply<never> | null {
  if (id === undefined || nodesOf(world).some((node) => node.id === id)) return null
  return missing(
    'node',
    id,
    nodesOf(world).map((node) => node.id),
  )
}

function* listTraces(world: World, only: string | undefined): Steps<Reply<TraceView>> {
  const files = yield* traceFiles(world, only)
  const nodes = nodesOf(world).filter((node) => only === undefined || node.id === only)
  return ok({
    files,
    levels: nodes.flatMap((node) =>
      tracedOn(node).map((service) => ({ node: node.id, service, level: world.traceLevels.now(node.id, service) })),
    ),
    oldestEvent: world.log.oldest,
  })
}

function* readTrace(world: World, args: HostCommandArgs<'traces.read'>): Steps<Reply<AdminResults['traces.read']>> {
  const node = nodesOf(world).find((each) => each.id === args.node)
  const open = node && (yield* openTrace(world, node, args.path))
  if (!open)
    return failure('not-found', `${args.node} has no trace file ${args.path}`, [
      { path: 'path', message: 'no such file', fix: 'traces.list names them' },
    ])
  const { lines, file } = open
  const from = args.from ?? Math.max(1, lines.length - args.limit + 1)
  const shown = lines.slice(from - 1, from - 1 + args.limit)
  return ok({
    path: args.path,
    from,
    lines: shown.map(({ text }) => text),
    seqs: shown.map(({ seq }) => seq),
    total: lines.length,
    cut: file.cut,
  })
}

function showAgent(world: World): Reply<AgentView> {
  const { agent } = world.admin
  const { publisher } = world.cluster
  const { raises, below, lost } = waiting(world)
  return ok({
    node: publisher.id,
    running: isRunning(publisher, CMAS),
    send: agent.send,
    encryptPii: agent.encryptPii,
    frequencyMinutes: agent.frequencyMinutes,
    minPushLevel: agent.minPushLevel,
    clusterId: agent.clusterId,
    supportToken: agent.supportToken,
    nextAt: agent.timer?.at ?? null,
    waiting: raises.length,
    below: agent.below + below,
    lost: agent.lost + lost,
    uploads: agent.uploads.toReversed().map((upload) => ({ ...upload })),
  })
}

function* findInTraces(world: World, { text, node, limit }: HostCommandArgs<'traces.search'>): Steps<Reply<AdminResults['traces.search']>> {
  const found = yield* searchTraces(world, text, node, limit)
  return ok({ ...found, oldestEvent: world.log.oldest })
}

function* exportTraces(world: World, only: string | undefined): Steps<Reply<AdminResults['traces.export']>> {
  return ok(yield* traceBundle(world, only))
}

/** The files of a path are counted before they are offered: that may take its time. */
function* completeLater(world: World, args: HostCommandArgs<'cli.complete'>): Steps<Reply<AdminResults['cli.complete']>> {
  if (NAMES_FILES.test(args.line)) yield* traceFiles(world)
  return completeCli(world, args)
}
/** `file`, as far as it may be shortened. */
const NAMES_FILES = /^\s*(help\s+)?f/i

/** What goes through all kept hops is answered in steps. */
type Answer<N extends AdminCommand> = Reply<AdminResults[N]> | Steps<Reply<AdminResults[N]>>
type Queries = { [N in AdminCommand]: (world: World, args: HostCommandArgs<N>) => Answer<N> }

const queries: Queries = {
  'cli.complete': completeLater,
  'traces.list': (world, { node }) => noNode(world, node) ?? listTraces(world, node),
  'traces.read': (world, args) => noNode(world, args.node) ?? readTrace(world, args),
  'traces.search': (world, args) => noNode(world, args.node) ?? findInTraces(world, args),
  'traces.export': (world, { node }) => noNode(world, node) ?? exportTraces(world, node),
  'agent.show': showAgent,
  'support.alarms': supportAlarms,
  'support.tracking': (world, { id }) => supportTracking(world, id),
}

export const isAdminQuery = (name: string): name is AdminCommand => Object.hasOwn(queries, name)

/** The answer in steps: between two of them the lab and its windows may have their turn. */
export function* adminSteps<N extends AdminCommand>(world: World, name: N, args: HostCommandArgs<N>): Steps<Reply<AdminResults[N]>> {
  const answer = queries[name](world, args)
  return 'next' in answer ? yield* answer : answer
}

export const adminQuery = <N extends AdminCommand>(world: World, name: N, args: HostCommandArgs<N>): Reply<AdminResults[N]> =>
  atOnce(adminSteps(world, name, args))
