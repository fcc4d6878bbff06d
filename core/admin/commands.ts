/** Commands of the administrator's tools, carried out on the lab; and the same lines where they only read. */
import type { AdminInput, CliCompletion, CliReply } from '../contract/admin.ts'
import type { LabCommandArgs } from '../contract/commands.ts'
import { failure, ok, type Failure, type Reply } from '../contract/door.ts'
import { printable } from '../ladder/words.ts'
import { missing, refused } from '../replies.ts'
import type { Steps } from '../steps.ts'
import { spareNode } from '../upgrade/state.ts'
import { note, type LabNode, type World } from '../world.ts'
import { setOptions } from './agent.ts'
import { completeLine } from './cli/complete.ts'
import { changes, lineSteps, runLine } from './cli/reader.ts'
import { setTraceLevel } from './traceLevel.ts'

function nodeNamed(world: World, id: string): LabNode | Failure {
  const node = world.cluster.nodes.get(id) ?? world.presence?.nodes.get(id) ?? spareNode(world, id)
  return node ?? missing('node', id, [...world.cluster.nodes.keys(), ...(world.presence?.nodes.keys() ?? [])])
}

const isFailure = (found: LabNode | Failure): found is Failure => 'ok' in found

/** The node whose CLI answers; one that is down does not. */
function terminal(world: World, id: string): LabNode | Failure {
  const node = nodeNamed(world, id)
  if (isFailure(node) || node.state === 'up' || node.state === 'off network') return node
  return failure('refused', `${id} does not answer: it is ${node.state}`)
}

/** Tokens stand in the journal as typed, and nowhere else in words. */
const withoutTokens = (text: string): string => text.replace(/(lab-rt-[0-9a-f]{4})[0-9a-f-]*/g, '$1…')

export const adminHandlers: { [N in AdminInput]: (world: World, args: LabCommandArgs<N>) => Reply } = {
  'cli.run': (world, { node: id, line }) => {
    const node = terminal(world, id)
    if (isFailure(node)) return node
    const changed = changes({ world, node }, line)
    const answer = runLine({ world, node }, line)
    // A real token that was typed by mistake must not come into the journal: a refused command does not.
    if (answer.failed && changed) return failure('refused', answer.output)
    const said = withoutTokens(printable(`admin: ${line.trim()}`))
    note(
      world,
      { flow: 0, place: `${id}/CLI`, carrier: 'admin' },
      said,
      withoutTokens(answer.summary),
      answer.failed ? 'warn' : 'info',
      'TRB-06',
    )
    const reply: CliReply = { node: id, line, output: answer.output, failed: answer.failed }
    return ok(reply)
  },
  'trace.level': (world, { node: id, service, level }) => {
    const node = nodeNamed(world, id)
    return isFailure(node) ? node : refused(setTraceLevel(world, node, service, level))
  },
  'agent.options': (world, options) => refused(setOptions(world, options)),
}

/**
 * A line that only reads is answered without becoming an input of the run: so that looking at a past moment does not drop what
 * was recorded after it. Null when it does change something, and is to be given as a command.
 */
export function readCli(world: World, args: { node: string; line: string }): Steps<Reply<CliReply>> | null {
  const node = terminal(world, args.node)
  if (!isFailure(node) && changes({ world, node }, args.line)) return null
  return (function* () {
    if (isFailure(node)) return node
    const { output, failed } = yield* lineSteps({ world, node }, args.line)
    return ok({ ...args, output, failed })
  })()
}

export function completeCli(world: World, args: { node: string; line: string }): Reply<CliCompletion> {
  const node = terminal(world, args.node)
  return isFailure(node) ? node : ok(completeLine({ world, node }, args.line))
}
