/** utils service list, start, stop, restart. */
import { serviceNamed } from '../../cluster/nodes.ts'
import { CRASHED, SERVICE_START_MS, setService } from '../../cluster/operations.ts'
import type { ServiceState } from '../../contract/rows.ts'
import { printable } from '../../ladder/words.ts'
import { ANYWHERE, CHANGES, READS, refused, said, type CliAnswer, type CliCommand, type CliContext } from './command.ts'
import { byWord, whole } from './offers.ts'

const STATE: Record<ServiceState, string> = {
  running: '[STARTED]',
  stopped: '[STOPPED]',
  starting: '[STARTING]',
  failed: '[STOPPED]  Internal fault: see its trace',
}

/** The product's words for one that a person stopped, and for one that ended by itself: tools that read the list look for them. */
const COMMANDED = 'Commanded Out of Service'
const NOT_RUNNING = 'Component is not running'

const stateText = ({ state, note }: { state: ServiceState; note: string }): string =>
  state === 'stopped' ? `${STATE.stopped}  ${note === CRASHED ? NOT_RUNNING : COMMANDED}` : STATE[state]

/**
 * The product asks its Service Manager first, lists dozens of services, and ends with whether this is the first node. Here
 * stand those that the lab has, and the header says so.
 */
function list({ node }: CliContext, rest: string): CliAnswer {
  if (!/^\s*(page\s*)?$/i.test(rest))
    return refused(`"${printable(rest.trim())}" is not known here`, 'Right form: utils service list [page]')
  const lines = [...node.services].map(([name, service]) => `${name}${stateText(service)}`).toSorted()
  const stopped = lines.filter((line) => !line.endsWith('[STARTED]'))
  return said(
    [`Services of ${node.id} that take part in this lab; the product lists more:`, ...lines, `Primary Node =${node.role === 'publisher'}`],
    stopped.length === 0 ? 'all services started' : stopped.join(', '),
  )
}

function control({ world, node }: CliContext, rest: string, action: 'start' | 'stop' | 'restart'): CliAnswer {
  const wanted = rest.trim().replace(/^"(.*)"$/, '$1')
  if (wanted === '') return refused('a service name is needed', `Right form: utils service ${action} Cisco Tomcat`)
  const name = serviceNamed(node, wanted)
  if (!name) return refused(`Invalid service name "${wanted}"`, `Services of ${node.id}: ${[...node.services.keys()].join(', ')}`)
  const before = node.services.get(name)?.state
  const refusal = setService(world, node, name, action)
  if (refusal !== null) return refused(refusal)
  const lines: string[] = []
  if (action !== 'start' && before === 'running') lines.push(`Stopping ${name}... [STOPPED]`)
  if (action !== 'stop')
    lines.push(`Starting ${name}... [STARTING]`, `It is up after ${SERVICE_START_MS / 1_000} s of lab time: utils service list tells.`)
  if (lines.length === 0) lines.push(`${name}[STOPPED]`)
  return said(lines)
}

const offers = whole(({ node }) => [...node.services].map(([word, { state }]) => ({ word, help: state })).toSorted(byWord))

const TAKES = '<service name>'

export const SERVICE_COMMANDS: readonly CliCommand[] = [
  {
    words: ['utils', 'service', 'list'],
    takes: '[page]',
    help: 'services of this node and their state',
    on: ANYWHERE,
    changes: READS,
    offers: whole(() => [{ word: 'page', help: 'page by page: here output is scrolled' }]),
    run: list,
  },
  {
    words: ['utils', 'service', 'start'],
    takes: TAKES,
    help: 'start a service',
    on: ANYWHERE,
    changes: CHANGES,
    offers,
    run: (context, rest) => control(context, rest, 'start'),
  },
  {
    words: ['utils', 'service', 'stop'],
    takes: TAKES,
    help: 'stop a service',
    on: ANYWHERE,
    changes: CHANGES,
    offers,
    run: (context, rest) => control(context, rest, 'stop'),
  },
  {
    words: ['utils', 'service', 'restart'],
    takes: TAKES,
    help: 'restart a service',
    on: ANYWHERE,
    changes: CHANGES,
    offers,
    run: (context, rest) => control(context, rest, 'restart'),
  },
]
