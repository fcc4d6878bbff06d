/** set trace and show trace: the level of each service that writes traces (TRB-09). */
import type { TraceLevel, TraceService } from '../../contract/admin.ts'
import { DEFAULT_TRACE_LEVEL, TRACE_LEVELS, TRACE_SERVICES, tracedOn } from '../../serviceability/traceServices.ts'
import type { LabNode } from '../../world.ts'
import { setTraceLevel } from '../traceLevel.ts'
import { ANYWHERE, CHANGES, column, READS, refused, said, type CliAnswer, type CliCommand, type CliContext } from './command.ts'
import { whole, wordThenName, type CliWord } from './offers.ts'

function serviceIn(node: LabNode, text: string): TraceService | undefined {
  const wanted = text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .toLowerCase()
  return tracedOn(node).find((name) => name.toLowerCase() === wanted || TRACE_SERVICES[name].place.toLowerCase() === wanted)
}

const unknown = (node: LabNode, text: string): CliAnswer =>
  refused(`no service "${text.trim()}" writes traces on ${node.id}`, `Services: ${tracedOn(node).join(', ')}`)

function set({ world, node }: CliContext, text: string, level: TraceLevel): CliAnswer {
  const service = serviceIn(node, text)
  if (!service) return unknown(node, text)
  const refusal = setTraceLevel(world, node, service, level)
  return refusal === null ? said(`Trace level of ${service} set to ${level}, from the next line on`) : refused(refusal)
}

function enable(context: CliContext, rest: string): CliAnswer {
  const [word = '', ...others] = rest.trim().split(/\s+/)
  const level = TRACE_LEVELS.find((each) => each.toLowerCase() === word.toLowerCase())
  if (!level) return refused(`"${word}" is no trace level`, `Right form: set trace enable <${TRACE_LEVELS.join('|')}> <service name>`)
  return set(context, others.join(' '), level)
}

function show({ world, node }: CliContext, rest: string): CliAnswer {
  const wanted = rest.trim()
  const service = wanted === '' ? null : serviceIn(node, wanted)
  if (service === undefined) return unknown(node, wanted)
  const lines = (service === null ? tracedOn(node) : [service]).map((name) => {
    const level = world.traceLevels.now(node.id, name)
    return `${column(name, 40)}${column(level, 6)}${level === DEFAULT_TRACE_LEVEL ? 'default' : ''}`.trimEnd()
  })
  return said(lines)
}

const services = ({ node }: CliContext): CliWord[] => tracedOn(node).map((word) => ({ word, help: TRACE_SERVICES[word].folder }))

export const TRACE_COMMANDS: readonly CliCommand[] = [
  {
    words: ['set', 'trace', 'enable'],
    takes: '<level> <service name>',
    help: 'write lines of this level and above',
    on: ANYWHERE,
    changes: CHANGES,
    offers: wordThenName(
      TRACE_LEVELS.map((word) => ({ word, help: word === DEFAULT_TRACE_LEVEL ? 'default' : '' })),
      services,
    ),
    run: enable,
  },
  {
    words: ['set', 'trace', 'default'],
    takes: '<service name>',
    help: `back to ${DEFAULT_TRACE_LEVEL}`,
    on: ANYWHERE,
    changes: CHANGES,
    offers: whole(services),
    run: (context, rest) => set(context, rest, DEFAULT_TRACE_LEVEL),
  },
  {
    words: ['show', 'trace'],
    takes: '[<service name>]',
    help: 'trace levels',
    on: ANYWHERE,
    changes: READS,
    offers: whole(services),
    run: show,
  },
]
